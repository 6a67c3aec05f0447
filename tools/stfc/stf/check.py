# SPDX-License-Identifier: MIT
"""Judges a parsed specification, item by item in the order of the file, and completes it."""

from . import c_names
from .check_message import check_message
from .check_struct import check_struct, resolve_enum_base
from .error import fail
from .model import Enum, Message, Struct
from .rules import Unique, check_documented_name, check_within

ENUM_MIN = -(2**31)  # enum constants are ints in C
ENUM_MAX = 2**31 - 1


def check_values(enum):
    low, high = ENUM_MIN, ENUM_MAX
    if enum.base:
        resolve_enum_base(enum.base)
        low, high = 0, min(ENUM_MAX, 2 ** (8 * enum.base.size) - 1)
    if not enum.values:
        fail(enum.name, f'enum "{enum.name.text}" has no values')
    names = Unique("value")
    numbers = Unique("number")
    for value in enum.values:
        check_documented_name(value.name, value.doc, "value")
        names.add_name(value.name)
        check_within(value.number, low, high)
        numbers.add_number(value.number)


class Checker:
    def __init__(self, specification):
        self.specification = specification
        self.types = {}
        self.type_names = Unique("type")
        self.ids = Unique("message id")
        self.message_names = Unique("message")
        self.vendor_names = Unique("vendor's name")
        self.c_names = {name: None for name in c_names.TAKEN}
        self.declared = {item.name.text for item in specification.enums + specification.structs}

    def run(self):
        for item in self.specification.items:
            self.check_item[type(item)](self, item)
            self.check_c_names(item)

    def check_enum(self, enum):
        check_documented_name(enum.name, enum.doc, "enum")
        self.type_names.add_name(enum.name)
        check_values(enum)
        self.types[enum.name.text] = enum

    def check_struct(self, struct):
        check_documented_name(struct.name, struct.doc, "struct")
        self.type_names.add_name(struct.name)
        check_struct(struct, self.types, self.declared)
        self.types[struct.name.text] = struct

    def check_message(self, message):
        self.ids.add_number(message.id)
        self.message_names.add_name(message.name)
        if message.vendor_name:
            self.vendor_names.add_name(message.vendor_name)
        check_message(message)

    def check_c_names(self, item):
        for name, source in c_names.global_names(item):
            if name in self.c_names:
                line = self.c_names[name]
                where = f"made in line {line}" if line else "part of another header"
                fail(source, f"its C name {name} is {where} already")
            self.c_names[name] = source.line

    check_item = {Enum: check_enum, Struct: check_struct, Message: check_message}


def check(specification):
    """Raises a SpecificationError for the first thing that is wrong."""
    Checker(specification).run()
