# SPDX-License-Identifier: MIT
"""How things are called in C, and which names are taken."""

import re

from .model import Enum, Struct

# Words that cannot name a member: of C, of C++ (which reads the header too), macros of the standard
# headers, macros that compilers define, and what every generated struct has.
C_WORDS = frozenset(
    """
    auto break case char const continue default do double else enum extern float for goto if inline
    int long register restrict return short signed sizeof static struct switch typedef union
    unsigned void volatile while
    alignas alignof and and_eq asm bitand bitor bool catch char16_t char32_t char8_t class co_await
    co_return co_yield compl concept const_cast consteval constexpr constinit decltype delete
    dynamic_cast explicit export false friend mutable namespace new noexcept not not_eq nullptr
    operator or or_eq private protected public reinterpret_cast requires static_assert static_cast
    template this thread_local throw true try typeid typename typeof using virtual wchar_t xor
    xor_eq
    errno linux stderr stdin stdout unix
    present
    """.split()
)

# Tags, constants and functions of the headers that are written by hand.
TAKEN = (
    "flagship_account flagship_error flagship_field_info flagship_field_kind flagship_frame "
    "flagship_gcode_reply flagship_json flagship_key flagship_message flagship_message_fields "
    "flagship_message_info flagship_message_info_by_name flagship_message_infos "
    "flagship_message_type flagship_model flagship_payload "
    "flagship_reassembler flagship_region flagship_text flagship_topic flagship_topic_kind "
    "FLAGSHIP_DIRECTION_NOTICE FLAGSHIP_DIRECTION_COMMAND FLAGSHIP_DIRECTION_QUERY "
    "FLAGSHIP_DIRECTION_REPLY FLAGSHIP_FIELD_INT FLAGSHIP_FIELD_REAL FLAGSHIP_FIELD_TEXT "
    "FLAGSHIP_FIELD_JSON FLAGSHIP_MESSAGE_UNTYPED FLAGSHIP_MQTT_H"
).split()


def snake_case(name):
    """currentTemp, AISwitch and task_id as current_temp, ai_switch and task_id."""
    name = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", name)
    return re.sub(r"([A-Z])([A-Z][a-z])", r"\1_\2", name).lower()


def member(field):
    """What a message's field is called in its struct."""
    return field.member.text if field.member else snake_case(field.name.text)


def tag(item):
    return f"flagship_{item.name.text}"


def constant(*names):
    return "_".join(("FLAGSHIP",) + tuple(name.text.upper() for name in names))


def message_constant(message):
    return f"FLAGSHIP_MESSAGE_{message.name.text.upper()}"


def name_function(enum):
    return f"{tag(enum)}_name"


def presence_prefix(message):
    return f"{constant(message.name)}_HAS_"


def presence_bit(message, field):
    return presence_prefix(message) + member(field).upper()


def fields_array(message):
    return f"{message.name.text}_fields"


def layout_constants(struct):
    """Each constant of a struct's layout: its name, its value in C and the name it comes from."""
    for field in struct.fields:
        base = constant(struct.name, field.name)
        if field.offset is not None:
            yield f"{base}_OFFSET", str(field.offset), field.name
        if field.size is not None:
            yield f"{base}_SIZE", str(field.size), field.name
        if field.types[0].name == "magic":
            yield f"{base}_MAGIC", field.types[0].arguments[1].text, field.name
    if struct.size is not None:
        yield f"{constant(struct.name)}_SIZE", str(struct.size), struct.name


def names_of_enum(enum):
    yield tag(enum), enum.name
    yield name_function(enum), enum.name
    for value in enum.values:
        yield constant(enum.name, value.name), value.name


def names_of_struct(struct):
    for name, _value, source in layout_constants(struct):
        yield name, source


def names_of_message(message):
    yield message_constant(message), message.name
    if message.fields:
        yield tag(message), message.name
    for field in message.fields:
        yield presence_bit(message, field), field.member or field.name


def global_names(item):
    """Every global C name an item makes, with the name in the specification it comes from."""
    if isinstance(item, Enum):
        return names_of_enum(item)
    if isinstance(item, Struct):
        return names_of_struct(item)
    return names_of_message(item)
