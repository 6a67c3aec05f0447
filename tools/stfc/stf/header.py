"""Makes flagship/mqtt.h: enums, the layout of the structs on the wire, and a struct for each message."""

from . import c_text


def _enum(enum) -> list:
    lines = c_text.comment(enum.description)
    lines.append(f"enum flagship_{enum.name} {{")
    for value in enum.values:
        lines += c_text.comment(value.description, "\t")
        number = f"{value.value:#x}" if enum.type else str(value.value)
        lines.append(f"\tFLAGSHIP_{enum.name.upper()}_{value.name.upper()} = {number},")
    lines += ["};", ""]
    lines += c_text.comment("The name of a value, or NULL for a number that is none.")
    lines += [f"const char *flagship_{enum.name}_name(int value);", ""]
    return lines


def _layout(struct) -> list:
    prefix = f"FLAGSHIP_{struct.name.upper()}"
    lines = c_text.comment(struct.description)
    for field in struct.fields:
        name = f"{prefix}_{field.name.upper()}"
        if field.offset is not None:
            lines.append(f"#define {name}_OFFSET {field.offset}")
        if field.size is not None:
            lines.append(f"#define {name}_SIZE {field.size}")
        if field.magic is not None:
            lines.append(f"#define {name}_MAGIC UINT64_C({field.magic:#x})")
    if struct.size is not None:
        lines.append(f"#define {prefix}_SIZE {struct.size}")
    return lines + [""]


def _message_types(messages) -> list:
    lines = c_text.comment("commandType of every message that is known.")
    lines.append("enum flagship_message_type {")
    lines += [f"\tFLAGSHIP_MESSAGE_{message.name.upper()} = {message.id}," for message in messages]
    return lines + ["};", ""]


def _field_comment(field) -> str:
    return f"{field.name}, {field.unit}: {field.description}" if field.unit else f"{field.name}: {field.description}"


def _message(message) -> list:
    lines = []
    for index, field in enumerate(message.fields):
        lines.append(f"#define {c_text.presence_bit(message, field)} (UINT32_C(1) << {index})")
    lines += [""] + c_text.comment(f"{message.id}: {message.description}")
    lines += [f"{c_text.struct_name(message)} {{", "\tuint32_t present; /* the fields that are there */"]
    for field in message.fields:
        lines += c_text.comment(_field_comment(field), "\t")
        lines.append(f"\t{c_text.C_TYPES[field.kind]} {field.c_name};")
    return lines + ["};", ""]


def _union(messages) -> list:
    lines = c_text.comment("The fields of a message of any type; `present` is the first member of each.")
    lines += ["union flagship_message_fields {", "\tuint32_t present;"]
    lines += [f"\t{c_text.struct_name(message)} {message.name};" for message in messages]
    return lines + ["};", ""]


def emit(specification) -> str:
    with_fields = [message for message in specification.messages if message.fields]
    lines = [c_text.GENERATED, "#ifndef FLAGSHIP_MQTT_H", "#define FLAGSHIP_MQTT_H", ""]
    lines += ["#include <flagship/field.h>", "#include <flagship/text.h>", "", "#include <stdint.h>", ""]
    lines += ["#ifdef __cplusplus", 'extern "C" {', "#endif", ""]
    for enum in specification.enums:
        lines += _enum(enum)
    for struct in specification.structs:
        lines += _layout(struct)
    lines += _message_types(specification.messages)
    for message in with_fields:
        lines += _message(message)
    lines += _union(with_fields)
    lines += ["#ifdef __cplusplus", "}", "#endif", "", "#endif"]
    return "\n".join(lines) + "\n"
