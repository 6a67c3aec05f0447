# SPDX-License-Identifier: MIT
"""A struct with everything it contains laid out, once for each choice of its alternatives."""

from dataclasses import dataclass
from itertools import product
from typing import Dict, List, Optional

from .model import Struct, StructField, Type


@dataclass
class Place:
    """Bytes from the start, or, behind a tail, from the end."""

    offset: int
    from_end: bool = False

    def spell(self):
        return f"size − {self.offset}" if self.from_end else str(self.offset)


@dataclass
class Part:
    """A field of the struct itself, in one variant."""

    field: StructField
    type: Type
    place: Place


@dataclass
class Row:
    """A field that has no fields of its own, and where it stands in each variant."""

    owner: Optional[Struct]
    field: StructField
    places: Dict[int, Place]


@dataclass
class Variant:
    choices: List[Type]  # of the fields that have alternatives
    parts: List[Part]

    @property
    def title(self):
        return " + ".join(choice.name for choice in self.choices)


def variant(struct, types):
    """types has one type for each field."""
    parts = []
    offset = 0
    for field, type_ in zip(struct.fields, types):
        parts.append(Part(field, type_, Place(offset)))
        if type_.name == "tail":
            break
        offset += type_.size
    behind = []
    offset = 0
    for field, type_ in list(zip(struct.fields, types))[len(parts) :][::-1]:
        offset += type_.size
        behind.append(Part(field, type_, Place(offset, from_end=True)))
    choices = [type_ for field, type_ in zip(struct.fields, types) if len(field.types) > 1]
    return Variant(choices, parts + behind[::-1])


def variants(struct):
    return [variant(struct, types) for types in product(*(field.types for field in struct.fields))]


def place_inside(place, offset):
    """The place of something offset bytes into what stands at place."""
    return Place(place.offset - offset if place.from_end else place.offset + offset, place.from_end)


def leaves(type_, owner, field):
    """The fields inside, down to those without fields: owner, field and offset of each."""
    if type_.struct is None:
        yield owner, field, 0
        return
    for inner in type_.struct.fields:
        for found_owner, found, offset in leaves(inner.types[0], type_.struct, inner):
            yield found_owner, found, inner.offset + offset


def rows(struct):
    """Every leaf of every variant, in the order of the file."""
    table = []
    all_variants = variants(struct)
    for index, field in enumerate(struct.fields):
        for type_ in field.types:
            for owner, leaf, offset in leaves(type_, None, field):
                places = {
                    number: place_inside(found.parts[index].place, offset)
                    for number, found in enumerate(all_variants)
                    if found.parts[index].type is type_
                }
                table.append(Row(owner, leaf, places))
    return table


def header_size(found):
    """Bytes before the tail, or None where there is no tail."""
    for part in found.parts:
        if part.type.name == "tail":
            return part.place.offset
    return None
