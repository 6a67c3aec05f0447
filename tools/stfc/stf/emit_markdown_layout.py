# SPDX-License-Identifier: MIT
"""The part of the reference page about structs: pictures, and tables of offsets."""

from . import c_names
from .layout import header_size, rows, variants
from .markdown_text import code, link, phrase, prose, table


def emit(specification):
    return "".join(emit_struct(struct) for struct in outermost(specification))


def outermost(specification):
    """The structs that are part of no other; they are shown with all they contain."""
    inner = {
        type_.name
        for struct in specification.structs
        for field in struct.fields
        for type_ in field.types
    }
    return [struct for struct in specification.structs if struct.name.text not in inner]


def emit_struct(struct):
    lines = [f"\n### {struct.name.text}\n\n{prose(struct.doc)}\n"]
    found = variants(struct)
    lines.append("```text\n" + "\n".join(picture(one) for one in found) + "```\n")
    if any(type_.struct for field in struct.fields for type_ in field.types):
        lines.append("\n" + emit_parts(struct))
    lines.append("\n" + emit_offsets(struct, found))
    return "".join(lines)


def picture(found):
    """Boxes in a row, with the offset of each above it."""
    boxes = [part.type.name if part.type.struct else part.field.name.text for part in found.parts]
    places = [part.place.spell() for part in found.parts]
    widths = [max(len(box) + 2, len(place) + 1) for box, place in zip(boxes, places)]
    lines = [
        "".join(place.ljust(width + 1) for place, width in zip(places, widths)).rstrip(),
        "┌" + "┬".join("─" * width for width in widths) + "┐",
        "│" + "│".join(box.center(width) for box, width in zip(boxes, widths)) + "│",
        "└" + "┴".join("─" * width for width in widths) + "┘",
    ]
    return "\n".join(lines) + "\n"


def emit_parts(struct):
    parts = []
    for field in struct.fields:
        for type_ in field.types:
            doc = type_.struct.doc if type_.struct else field.doc
            name = code(type_.name if type_.struct else field.name.text)
            size = "any" if type_.size is None else type_.size
            remark = phrase(field.doc) if type_.struct else ""
            parts.append([name, size, phrase(doc), remark])
    return table(["part", "bytes", "what it is", "remark"], parts)


def spell_type(type_):
    if type_.enum:
        return f"{code(type_.enum.base.name)}, {link(type_.name, type_.name)}"
    return code(type_.spell())


def emit_offsets(struct, found):
    heads = [f"offset, {one.title}" if one.title else "offset" for one in found]
    heads += ["bytes", "type", "field", "meaning"]
    cells = []
    for row in rows(struct):
        type_ = row.field.types[0]
        line = [row.places[i].spell() if i in row.places else "–" for i in range(len(found))]
        line.append("any" if type_.size is None else type_.size)
        line += [spell_type(type_), code(row.field.name.text), phrase(row.field.doc)]
        cells.append(line)
    return table(heads, cells) + emit_sizes(struct, found)


def emit_sizes(struct, found):
    constants = f"In C: `{c_names.constant(struct.name)}_…`."
    sizes = [header_size(one) for one in found]
    if struct.size is not None:
        return f"\n{struct.size} bytes in all. {constants}\n"
    if None in sizes:
        return f"\n{constants}\n"
    *rest, last = sorted(set(sizes))
    headers = f"{', '.join(map(str, rest))} or {last}" if rest else last
    tail = next(field.name.text for field in struct.fields if field.types[0].name == "tail")
    return f"\n{headers} bytes stand before {code(tail)}. {constants}\n"
