# SPDX-License-Identifier: MIT
"""The header: enums, layout constants, and a struct for each message."""

from . import c_names
from .c_text import comment
from .model import KINDS, direction_names

TOP = """\
/* SPDX-License-Identifier: MIT */
/* Made by tools/stfc from {stem}.stf; do not edit. */
#ifndef {guard}
#define {guard}

#include <flagship/field.h>
#include <flagship/text.h>

#include <stdint.h>

#ifdef __cplusplus
extern "C" {{
#endif
"""

BOTTOM = """
#ifdef __cplusplus
}
#endif

#endif
"""


def emit(specification, stem):
    """stem is the name of the file, without what follows the dot."""
    parts = [TOP.format(stem=stem, guard=f"FLAGSHIP_{stem.upper()}_H")]
    parts += [emit_enum(enum) for enum in specification.enums]
    parts += [emit_layout(struct) for struct in specification.structs]
    if specification.messages:
        parts.append(emit_messages(specification.messages))
    parts.append(BOTTOM)
    return "".join(parts)


def emit_enum(enum):
    lines = ["\n", comment(enum.doc), f"enum {c_names.tag(enum)} {{\n"]
    for value in enum.values:
        lines.append(comment(value.doc, 1))
        lines.append(f"\t{c_names.constant(enum.name, value.name)} = {value.number.text},\n")
    lines.append("};\n\n")
    lines.append(comment(["the name in the specification, or NULL for a number without one"]))
    lines.append(f"const char *{c_names.name_function(enum)}(int value);\n")
    return "".join(lines)


def emit_layout(struct):
    constants = list(c_names.layout_constants(struct))
    width = max((len(name) for name, _value, _source in constants), default=0)
    lines = ["\n", comment(struct.doc)]
    lines += [f"#define {name:<{width}} {value}\n" for name, value, _source in constants]
    return "".join(lines)


def emit_messages(messages):
    with_fields = [message for message in messages if message.fields]
    parts = [emit_message_types(messages)]
    parts += [emit_message(message) for message in with_fields]
    parts.append(emit_union(with_fields))
    return "".join(parts)


def emit_message_types(messages):
    lines = ["\n", comment(["what `commandType` says an object is about"])]
    lines.append("enum flagship_message_type {\n")
    for message in messages:
        lines.append(f"\t{c_names.message_constant(message)} = {message.id.text},\n")
    lines.append("};\n")
    return "".join(lines)


def emit_message(message):
    doc = [f"{message.id.text}: {message.doc[0]}"] + message.doc[1:]
    lines = ["\n", comment(doc), f"struct {c_names.tag(message)} {{\n"]
    lines.append(f"\tuint32_t present; /* {c_names.presence_prefix(message)}… */\n")
    for field in message.fields:
        lines.append(comment([describe(message, field)], 1))
        lines.append(f"\t{KINDS[field.kind.text]} {c_names.member(field)};\n")
    lines.append("};\n\n")
    bits = [c_names.presence_bit(message, field) for field in message.fields]
    width = max(len(bit) for bit in bits)
    for index, bit in enumerate(bits):
        lines.append(f"#define {bit:<{width}} (UINT32_C(1) << {index})\n")
    return "".join(lines)


def describe(message, field):
    parts = [f"`{field.name.text}`"]
    if field.unit:
        parts.append(f"in {field.unit}")
    if field.directions and len(field.directions) < len(message.directions):
        parts.append(f"{' and '.join(direction_names(field.directions))} only")
    return f"{', '.join(parts)}: {' '.join(field.doc)}"


def emit_union(messages):
    lines = ["\n", comment(["the fields of any message; `present` is the same place in each"])]
    lines.append("union flagship_message_fields {\n\tuint32_t present;\n")
    for message in messages:
        lines.append(f"\tstruct {c_names.tag(message)} {message.name.text};\n")
    lines.append("};\n")
    return "".join(lines)
