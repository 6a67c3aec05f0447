"""Makes docs/protocol/mqtt.md, the reference page."""

HEADERS = (
    ("64-byte header", ("prefix_short", "common", "details_m5")),
    ("24-byte header", ("prefix_short", "common", "details_m5c")),
    ("66-byte header", ("prefix_long", "common", "details_m5")),
    ("26-byte header", ("prefix_long", "common", "details_m5c")),
)
GRADES = {
    "A": "seen on the wire by several people or proven by a capture",
    "B": "one careful source",
    "C": "one source, or a guess",
}


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _table(heads, rows) -> list:
    lines = ["| " + " | ".join(heads) + " |", "|" + "---|" * len(heads)]
    return lines + ["| " + " | ".join(_cell(str(cell)) for cell in row) + " |" for row in rows] + [""]


def _envelope(specification, title: str, names) -> list:
    rows, offset = [], 0
    for name in names:
        struct = specification.struct(name)
        rows += [(offset + f.offset, f.size, f.name, f"`{f.type}`", f.description) for f in struct.fields]
        offset += struct.size
    rows.append((offset, "n", "ciphertext", "`tail`", "AES-CBC of the JSON payload with PKCS#7 padding"))
    rows.append(("size − 1", 1, "checksum", "`u8`", "makes the XOR of all bytes of the frame zero"))
    return [f"### {title}", ""] + _table(("offset", "size", "field", "type", "meaning"), rows)


def _struct(struct) -> list:
    rows = []
    for field in struct.fields:
        offset = "" if field.offset is None else field.offset
        size = "n" if field.size is None else field.size
        rows.append((offset, size, field.name, f"`{field.type}`", field.description))
    return [f"### {struct.name}", "", struct.description, ""] + _table(
        ("offset", "size", "field", "type", "meaning"), rows
    )


def _enum(enum) -> list:
    rows = [(f"{v.value:#x}" if enum.type else v.value, v.name, v.description) for v in enum.values]
    return [f"### {enum.name}", "", enum.description, ""] + _table(("value", "name", "meaning"), rows)


def _title(message) -> str:
    return f"{message.id} {message.name}"


def _anchor(message) -> str:
    return _title(message).replace(" ", "-")


def _overview(messages) -> list:
    rows = []
    for message in messages:
        link = f"[{message.name}](#{_anchor(message)})"
        vendor = f"`{message.vendor_name}`" if message.vendor_name else ""
        rows.append((message.id, link, vendor, ", ".join(message.directions), message.grade))
    return _table(("id", "name", "vendor's name", "direction", "grade"), rows)


def _range(field) -> str:
    return f"{field.range[0]} … {field.range[1]}" if field.range else ""


def _message(message) -> list:
    vendor = f"`{message.vendor_name}` · " if message.vendor_name else ""
    lines = [f"### {_title(message)}", "", message.description, ""]
    lines += [f"{vendor}{', '.join(message.directions)} · grade {message.grade}", ""]
    if not message.fields:
        return lines + ["No fields are known.", ""]
    rows = []
    for field in message.fields:
        directions = "" if field.directions == message.directions else ", ".join(field.directions)
        required = "yes" if field.required else ""
        cells = (f"`{field.name}`", field.kind, field.unit, directions, required, _range(field), field.description)
        rows.append(cells)
    return lines + _table(("field", "kind", "unit", "only in", "required", "range", "meaning"), rows)


def emit(specification) -> str:
    lines = ["<!-- Generated from specifications/mqtt.stf by tools/stfc: change it there. -->", ""]
    lines += ["# MQTT messages", "", specification.introduction.split("\n\n")[0], ""]
    lines += [f"- Grade {grade}: {meaning}." for grade, meaning in GRADES.items()]
    lines += ["", "## Envelope", "", "Integers of the frame are little-endian.", ""]
    for title, names in HEADERS:
        if all(specification.struct(name) for name in names):
            lines += _envelope(specification, title, names)
    for struct in specification.structs:
        if struct.name == "gcm_payload":
            lines += _struct(struct)
    lines += ["## Values", ""]
    for enum in specification.enums:
        lines += _enum(enum)
    lines += ["## Messages", ""] + _overview(specification.messages)
    for message in specification.messages:
        lines += _message(message)
    return "\n".join(lines).rstrip("\n") + "\n"
