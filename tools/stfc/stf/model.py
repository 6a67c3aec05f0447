"""What a .stf file says, once it is read."""

from dataclasses import dataclass, field
from typing import Optional


class StfError(Exception):
    """A mistake in a .stf file: where it is and what is wrong."""

    def __init__(self, line: int, column: int, message: str):
        super().__init__(message)
        self.line = line
        self.column = column
        self.message = message


@dataclass
class EnumValue:
    name: str
    value: int
    description: str


@dataclass
class Enum:
    name: str
    type: Optional[str]
    description: str
    values: list = field(default_factory=list)


@dataclass
class StructField:
    name: str
    type: str
    size: Optional[int]
    offset: Optional[int]
    magic: Optional[int]
    description: str


@dataclass
class Struct:
    name: str
    description: str
    size: Optional[int] = 0
    fields: list = field(default_factory=list)


@dataclass
class MessageField:
    name: str
    c_name: str
    kind: str
    unit: str
    directions: list
    required: bool
    range: Optional[tuple]
    description: str


@dataclass
class Message:
    id: int
    name: str
    vendor_name: str
    description: str
    directions: list = field(default_factory=list)
    grade: str = ""
    fields: list = field(default_factory=list)


@dataclass
class Specification:
    introduction: str
    enums: list
    structs: list
    messages: list

    def enum(self, name: str):
        return next((e for e in self.enums if e.name == name), None)

    def struct(self, name: str):
        return next((s for s in self.structs if s.name == name), None)
