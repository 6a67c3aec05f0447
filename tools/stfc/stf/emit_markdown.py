# SPDX-License-Identifier: MIT
"""The reference page."""

from . import c_names, emit_markdown_layout
from .markdown_text import code, escape, link, phrase, prose, table
from .model import GRADES, direction_names

TOP = """\
<!-- Made by tools/stfc from {stem}.stf; do not edit. Renew it with
tools/stfc/stfc.py markdown specifications/{stem}.stf -o docs/protocol/{stem}.md -->

# {title} reference

"""
DIRECTION_MEANINGS = (
    ("notice", "printer → clients, on the topic `notice` and inside replies to queries"),
    ("command", "clients → printer, on the topic `command`"),
    ("query", "clients → printer, on the topic `query`"),
    ("reply", "printer → clients, on the topic `command/reply` or `query/reply`"),
)
KIND_MEANINGS = (
    ("int", "a whole number", "`int64_t`"),
    ("real", "a number", "`double`"),
    ("text", "a string", "`struct flagship_text`"),
    ("json", "an array or an object, as it came", "`struct flagship_json`"),
)


def emit(specification, stem):
    """stem is the name of the file, without what follows the dot."""
    parts = [TOP.format(stem=stem, title=stem.upper())]
    if specification.doc:
        parts.append(prose(specification.doc[:1]))
    parts.append(emit_contents(specification))
    if specification.structs:
        parts.append("\n## Layout\n")
        parts.append(emit_markdown_layout.emit(specification))
    if specification.enums:
        parts.append("\n## Numbers\n")
        parts += [emit_enum(enum) for enum in specification.enums]
    if specification.messages:
        parts.append(emit_overview(specification.messages))
        parts.append("\n## Messages one by one\n")
        parts += [emit_message(message) for message in specification.messages]
    return "".join(parts)


def emit_contents(specification):
    lines = ["\n"]
    if specification.structs:
        outer = emit_markdown_layout.outermost(specification)
        names = ", ".join(link(struct.name.text, struct.name.text) for struct in outer)
        lines.append(f"- {link('Layout', 'Layout')}: {names}\n")
    if specification.enums:
        names = ", ".join(link(enum.name.text, enum.name.text) for enum in specification.enums)
        lines.append(f"- {link('Numbers', 'Numbers')}: {names}\n")
    if specification.messages:
        lines.append(f"- {link('Messages', 'Messages')}: all of them in a table\n")
        lines.append(f"- {link('Messages one by one', 'Messages one by one')}: their fields\n")
    return "".join(lines)


def emit_enum(enum):
    rows = [
        [value.number.text, code(value.name.text), phrase(value.doc)] for value in enum.values
    ]
    base = f" Sent as {code(enum.base.name)}." if enum.base else ""
    return (
        f"\n### {enum.name.text}\n\n{prose(enum.doc).rstrip()}{base}"
        f" In C: `enum {c_names.tag(enum)}`.\n\n{table(['value', 'name', 'meaning'], rows)}"
    )


def emit_overview(messages):
    rows = [
        [
            message.id.text,
            link(message.name.text, heading(message)),
            code(message.vendor_name.text if message.vendor_name else ""),
            ", ".join(direction_names(message.directions)),
            message.grade.text,
            phrase(message.doc[:1]),
        ]
        for message in messages
    ]
    grades = [[grade, meaning] for grade, meaning in GRADES.items()]
    return (
        "\n## Messages\n\n"
        "A payload is one JSON object, or an array of them. `commandType` of each object is the id"
        " of its type. Types and fields that are not listed here are passed through untouched.\n\n"
        f"{table(['direction', 'way'], DIRECTION_MEANINGS)}\n"
        f"{table(['grade', 'the source'], grades)}\n"
        f"{table(['type', 'in JSON', 'in C'], KIND_MEANINGS)}\n"
        f"{table(['id', 'name', 'name given by the vendor', 'direction', 'grade', ''], rows)}"
    )


def heading(message):
    return f"{message.id.text} {message.name.text}"


def emit_message(message):
    names = [message.vendor_name.text] if message.vendor_name else []
    names.append(c_names.message_constant(message))
    facts = [", ".join(direction_names(message.directions)), f"grade {message.grade.text}"]
    facts += [code(name) for name in names]
    lines = [f"\n### {heading(message)}\n\n{prose(message.doc)}\n{' · '.join(facts)}\n\n"]
    if message.fields:
        lines.append(emit_fields(message))
    else:
        lines.append("No fields are known.\n")
    return "".join(lines)


def emit_fields(message):
    heads = ["field", "type", "unit", "direction", "range", "required", "in C", "meaning"]
    rows = [
        [
            code(field.name.text),
            field.kind.text,
            escape(field.unit or ""),
            ", ".join(direction_names(field.directions)),
            f"{field.minimum.text} … {field.maximum.text}" if field.minimum else "",
            "yes" if field.required else "",
            code(c_names.member(field)),
            phrase(field.doc),
        ]
        for field in message.fields
    ]
    return table(heads, rows)
