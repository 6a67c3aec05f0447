# SPDX-License-Identifier: MIT
"""Types and layout: how large each field of a struct is and where it stands."""

from .error import fail
from .model import INTEGER_SIZES
from .rules import Unique, check_documented_name, check_within

LENGTH_MAX = 65535  # of bytes, strings and whole structs
MAGIC_LENGTH_MAX = 8


def check_arguments(type_, *expected):
    if len(type_.arguments) != len(expected):
        form = f"{type_.name}<{', '.join(expected)}>" if expected else type_.name
        fail(type_, f"this type is written {form}")


def resolve_array(type_):
    check_arguments(type_, "LENGTH")
    check_within(type_.arguments[0], 1, LENGTH_MAX)
    type_.size = type_.arguments[0].value


def resolve_magic(type_):
    check_arguments(type_, "LENGTH", "0x…")
    length, value = type_.arguments
    check_within(length, 1, MAGIC_LENGTH_MAX)
    digits = 2 * length.value
    if not value.text.startswith("0x") or len(value.text) != 2 + digits:
        message = f"a magic of {length.text} bytes is written with 0x and {digits} digits"
        fail(value, f"{message}, not {value.text}")
    type_.size = length.value


def resolve_tail(type_):
    check_arguments(type_)


def resolve_integer(type_):
    check_arguments(type_)
    type_.size = INTEGER_SIZES[type_.name]


RESOLVE = {
    "bytes": resolve_array,
    "string": resolve_array,
    "magic": resolve_magic,
    "tail": resolve_tail,
    **{name: resolve_integer for name in INTEGER_SIZES},
}


def resolve_enum_base(type_):
    if type_.name not in INTEGER_SIZES:
        fail(type_, f'an enum is made of an integer type, not of "{type_.name}"')
    resolve_integer(type_)


def resolve_declared(type_, types, later):
    """A struct or an enum of this file."""
    check_arguments(type_)
    found = types.get(type_.name)
    if found is None:
        if type_.name in later:
            fail(type_, f'"{type_.name}" must stand above the struct that uses it')
        fail(type_, f'unknown type "{type_.name}"')
    found.become_type(type_)
    if type_.size is None:
        fail(type_, f'"{type_.name}" has no fixed size and cannot be part of a struct')


def resolve(type_, struct, types, later):
    if type_.name in RESOLVE:
        RESOLVE[type_.name](type_)
    elif type_.name == struct.name.text:
        fail(type_, f'struct "{type_.name}" contains itself')
    else:
        resolve_declared(type_, types, later)


def check_alternatives(field):
    """Alternatives are told apart in another place, so each must be a struct of its own."""
    if len(field.types) == 1:
        return
    names = Unique("alternative")
    for type_ in field.types:
        if type_.struct is None:
            fail(type_, f'an alternative must be a struct, which "{type_.name}" is not')
        names.add_name(type_)


def shared_size(field):
    """The size of a field, or None where its alternatives differ."""
    sizes = {type_.size for type_ in field.types}
    return sizes.pop() if len(sizes) == 1 else None


def check_struct(struct, types, later):
    """types holds what stands above, later the names of everything in the file."""
    names = Unique("field")
    offset = 0
    least = 0
    tail = None
    if not struct.fields:
        fail(struct.name, f'struct "{struct.name.text}" has no fields')
    for field in struct.fields:
        check_documented_name(field.name, field.doc, "field")
        names.add_name(field.name)
        for type_ in field.types:
            resolve(type_, struct, types, later)
        check_alternatives(field)
        if field.types[0].name == "tail":
            if tail:
                fail(field.types[0], f'a second tail; "{tail.text}" takes all there is')
            tail = field.name
        field.offset = offset
        field.size = shared_size(field)
        offset = None if offset is None or field.size is None else offset + field.size
        least += max(type_.size or 0 for type_ in field.types)
        if least > LENGTH_MAX:
            fail(field.name, f"the struct grows past {LENGTH_MAX} bytes here")
    struct.size = offset
