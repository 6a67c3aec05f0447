"""Makes mqtt_tables.c: the tables that drive the message reader and builder and `flagship types`."""

from . import c_text


def _directions(directions) -> str:
    return " | ".join(f"FLAGSHIP_DIRECTION_{direction.upper()}" for direction in directions)


def _int64(value: int) -> str:
    return "INT64_MIN" if value == -(2**63) else f"INT64_C({value})"


def _field(message, field) -> list:
    low, high = field.range or (0, 0)
    return [
        "\t{",
        f"\t\t.name = {c_text.string(field.name)},",
        f"\t\t.name_length = {len(field.name)},",
        f"\t\t.kind = FLAGSHIP_FIELD_{field.kind.upper()},",
        f"\t\t.offset = offsetof({c_text.struct_name(message)}, {field.c_name}),",
        f"\t\t.directions = {_directions(field.directions)},",
        f"\t\t.required = {'true' if field.required else 'false'},",
        f"\t\t.has_range = {'true' if field.range else 'false'},",
        f"\t\t.minimum = {_int64(low)},",
        f"\t\t.maximum = {_int64(high)},",
        f"\t\t.unit = {c_text.string(field.unit)},",
        f"\t\t.description = {c_text.string(field.description)},",
        "\t},",
    ]


def _fields(message) -> list:
    lines = [f"static const struct flagship_field_info {message.name}_fields[] = {{"]
    for field in message.fields:
        lines += _field(message, field)
    return lines + ["};", ""]


def _info(message) -> list:
    return [
        "\t{",
        f"\t\t.id = FLAGSHIP_MESSAGE_{message.name.upper()},",
        f"\t\t.name = {c_text.string(message.name)},",
        f"\t\t.vendor_name = {c_text.string(message.vendor_name)},",
        f"\t\t.directions = {_directions(message.directions)},",
        f"\t\t.grade = '{message.grade}',",
        f"\t\t.field_count = {len(message.fields)},",
        f"\t\t.fields = {message.name + '_fields' if message.fields else 'NULL'},",
        f"\t\t.description = {c_text.string(message.description)},",
        "\t},",
    ]


def _lookup(messages) -> list:
    lines = ["const struct flagship_message_info *flagship_message_info(int64_t id)", "{", "\tswitch (id) {"]
    for index, message in enumerate(messages):
        lines += [f"\tcase FLAGSHIP_MESSAGE_{message.name.upper()}:", f"\t\treturn &infos[{index}];"]
    return lines + ["\tdefault:", "\t\treturn NULL;", "\t}", "}", ""]


def _enum_names(enum) -> list:
    lines = [f"const char *flagship_{enum.name}_name(int value)", "{", "\tswitch (value) {"]
    for value in enum.values:
        constant = f"FLAGSHIP_{enum.name.upper()}_{value.name.upper()}"
        lines += [f"\tcase {constant}:", f"\t\treturn {c_text.string(value.name)};"]
    return lines + ["\tdefault:", "\t\treturn NULL;", "\t}", "}", ""]


def emit(specification) -> str:
    messages = specification.messages
    lines = [c_text.GENERATED, "#include <flagship/mqtt.h>", "", "#include <stddef.h>", ""]
    for message in messages:
        if message.fields:
            lines += _fields(message)
    lines.append("static const struct flagship_message_info infos[] = {")
    for message in messages:
        lines += _info(message)
    lines += ["};", "", "const struct flagship_message_info *flagship_message_infos(size_t *count)", "{"]
    lines += ["\t*count = sizeof(infos) / sizeof(infos[0]);", "\treturn infos;", "}", ""]
    lines += _lookup(messages)
    for enum in specification.enums:
        lines += _enum_names(enum)
    return "\n".join(lines).rstrip("\n") + "\n"
