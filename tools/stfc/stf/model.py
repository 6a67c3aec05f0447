# SPDX-License-Identifier: MIT
"""A specification as values. The parser makes it, check.py completes and judges it.

Everything has the line and column where it stands in the file, for messages.
"""

from dataclasses import dataclass, field
from typing import List, Optional

# In the order in which they are listed everywhere.
DIRECTIONS = ("notice", "command", "query", "reply")
GRADES = {
    "A": "seen on the wire by several people, or proven by a capture",
    "B": "one careful source",
    "C": "one source, or a guess",
}
# The kinds of a message's field, and the C types that hold them.
KINDS = {
    "int": "int64_t",
    "real": "double",
    "text": "struct flagship_text",
    "json": "struct flagship_json",
}
INTEGER_SIZES = {
    "u8": 1,
    "u16le": 2,
    "u16be": 2,
    "u32le": 4,
    "u32be": 4,
    "u64le": 8,
    "u64be": 8,
}


@dataclass
class Name:
    text: str
    line: int
    column: int


@dataclass
class Number:
    value: int
    text: str  # as it was spelled
    line: int
    column: int


@dataclass
class Type:
    """What a struct's field is made of: a built-in type, a struct or an enum."""

    name: str
    arguments: List[Number]
    line: int
    column: int
    size: Optional[int] = None  # bytes; None = not fixed
    struct: Optional["Struct"] = None
    enum: Optional["Enum"] = None

    @property
    def text(self):
        return self.name

    def spell(self):
        if not self.arguments:
            return self.name
        return f"{self.name}<{', '.join(argument.text for argument in self.arguments)}>"


@dataclass
class Value:
    name: Name
    number: Number
    doc: List[str]


@dataclass
class Enum:
    name: Name
    base: Optional[Type]
    doc: List[str]
    values: List[Value] = field(default_factory=list)

    def become_type(self, type_):
        type_.enum = self
        type_.size = self.base.size if self.base else None


@dataclass
class StructField:
    name: Name
    types: List[Type]  # more than one: alternatives
    doc: List[str]
    offset: Optional[int] = None  # bytes; None = depends on what stands before
    size: Optional[int] = None


@dataclass
class Struct:
    name: Name
    doc: List[str]
    fields: List[StructField] = field(default_factory=list)
    size: Optional[int] = None

    def become_type(self, type_):
        type_.struct = self
        type_.size = self.size


@dataclass
class MessageField:
    name: Name  # in the JSON
    kind: Name
    doc: List[str]
    member: Optional[Name] = None  # in C
    unit: Optional[str] = None
    directions: List[Name] = field(default_factory=list)
    required: Optional[Name] = None
    minimum: Optional[Number] = None
    maximum: Optional[Number] = None


@dataclass
class Message:
    id: Number
    name: Name
    vendor_name: Optional[Name]
    doc: List[str]
    directions: List[Name] = field(default_factory=list)
    grade: Optional[Name] = None
    fields: List[MessageField] = field(default_factory=list)


@dataclass
class Specification:
    doc: List[str]
    items: list

    def of(self, kind):
        return [item for item in self.items if isinstance(item, kind)]

    @property
    def enums(self):
        return self.of(Enum)

    @property
    def structs(self):
        return self.of(Struct)

    @property
    def messages(self):
        """In the order of their ids."""
        return sorted(self.of(Message), key=lambda message: message.id.value)


def direction_names(directions):
    """The given ones, in the usual order."""
    given = {direction.text for direction in directions}
    return [name for name in DIRECTIONS if name in given]
