# SPDX-License-Identifier: MIT
"""The tables: what every message and field is, as data."""

from . import c_names
from .c_text import literal
from .model import direction_names

TOP = """\
/* SPDX-License-Identifier: MIT */
/* Made by tools/stfc from {stem}.stf; do not edit. */
#include <flagship/{stem}.h>

#include <stddef.h>
"""


def emit(specification, stem):
    """stem is the name of the file, without what follows the dot."""
    messages = specification.messages
    parts = [TOP.format(stem=stem)]
    parts += [emit_enum_name(enum) for enum in specification.enums]
    parts += [emit_fields(message) for message in messages if message.fields]
    if messages:
        parts.append(emit_messages(messages))
    return "".join(parts)


def emit_enum_name(enum):
    lines = [f"\nconst char *{c_names.name_function(enum)}(int value)\n{{\n\tswitch (value) {{\n"]
    for value in enum.values:
        lines.append(f"\tcase {c_names.constant(enum.name, value.name)}:\n")
        lines.append(f"\t\treturn {literal(value.name.text)};\n")
    lines.append("\tdefault:\n\t\treturn NULL;\n\t}\n}\n")
    return "".join(lines)


def directions(names):
    return " | ".join(f"FLAGSHIP_DIRECTION_{name.upper()}" for name in direction_names(names))


def initializer(members):
    lines = [f"\t\t.{name} = {value},\n" for name, value in members if value is not None]
    return "\t{\n" + "".join(lines) + "\t},\n"


def emit_fields(message):
    array = c_names.fields_array(message)
    lines = [f"\nstatic const struct flagship_field_info {array}[] = {{\n"]
    for field in message.fields:
        ranged = field.minimum is not None
        lines.append(
            initializer(
                [
                    ("name", literal(field.name.text)),
                    ("name_length", len(field.name.text)),
                    ("key", literal(f'"{field.name.text}":')),
                    ("kind", f"FLAGSHIP_FIELD_{field.kind.text.upper()}"),
                    ("offset", f"offsetof(struct {c_names.tag(message)}, {c_names.member(field)})"),
                    ("directions", directions(field.directions or message.directions)),
                    ("required", "true" if field.required else None),
                    ("has_range", "true" if ranged else None),
                    ("minimum", int64(field.minimum.value) if ranged else None),
                    ("maximum", int64(field.maximum.value) if ranged else None),
                    ("unit", literal(field.unit or "")),
                    ("description", literal(" ".join(field.doc))),
                ]
            )
        )
    lines.append("};\n")
    return "".join(lines)


def int64(value):
    """The least int64_t has no literal of its own."""
    return "INT64_MIN" if value == -(2**63) else f"INT64_C({value})"


def emit_messages(messages):
    lines = ["\nstatic const struct flagship_message_info messages[] = {\n"]
    lines += [emit_message(message) for message in messages]
    lines.append("};\n")
    lines.append("\nconst struct flagship_message_info *flagship_message_info(int64_t id)\n{\n")
    lines.append("\tswitch (id) {\n")
    for index, message in enumerate(messages):
        lines.append(f"\tcase {c_names.message_constant(message)}:\n")
        lines.append(f"\t\treturn &messages[{index}];\n")
    lines.append("\tdefault:\n\t\treturn NULL;\n\t}\n}\n")
    lines.append(MESSAGE_INFOS)
    return "".join(lines)


def emit_message(message):
    vendor_name = message.vendor_name.text if message.vendor_name else ""
    return initializer(
        [
            ("id", c_names.message_constant(message)),
            ("name", literal(message.name.text)),
            ("vendor_name", literal(vendor_name)),
            ("directions", directions(message.directions)),
            ("grade", f"'{message.grade.text}'"),
            ("field_count", len(message.fields) or None),
            ("fields", c_names.fields_array(message) if message.fields else None),
            ("description", literal(" ".join(message.doc))),
        ]
    )


MESSAGE_INFOS = """
const struct flagship_message_info *flagship_message_infos(size_t *count)
{
	*count = sizeof(messages) / sizeof(messages[0]);
	return messages;
}
"""
