# SPDX-License-Identifier: MIT
"""Judges messages and their fields."""

from . import c_names
from .error import fail
from .model import DIRECTIONS, GRADES, KINDS
from .rules import Unique, check_doc, check_lower_case, check_within

ID_MAX = 2**31 - 1  # an enum constant in C
INT_MIN = -(2**63)
INT_MAX = 2**63 - 1
FIELDS_MAX = 32  # each has a presence bit in 32
VENDOR_PREFIX = "ZZ_MQTT_CMD_"
EVERYWHERE = ("commandType", "reply")  # every message may have them; the reader takes them itself
REFUSABLE = ("command", "query")  # built by clients, so that "required" means something


def check_member(place, text):
    check_lower_case(place, text)
    if text in c_names.C_WORDS:
        fail(place, f'"{text}" cannot be a member\'s name in C or C++')


def check_directions(directions):
    seen = Unique("direction")
    for direction in directions:
        if direction.text not in DIRECTIONS:
            known = ", ".join(DIRECTIONS)
            fail(direction, f'unknown direction "{direction.text}"; there are {known}')
        seen.add_name(direction)


def check_head(message):
    name = message.name
    check_member(name, name.text)
    check_doc(message.doc, name, "message")
    check_within(message.id, 0, ID_MAX)
    vendor_name = message.vendor_name
    if vendor_name and not vendor_name.text.startswith(VENDOR_PREFIX):
        fail(vendor_name, f"the vendor's names begin with {VENDOR_PREFIX}; \"-\" stands for none")
    if not message.directions:
        fail(name, f'message "{name.text}" has no direction')
    check_directions(message.directions)
    if not message.grade:
        fail(name, f'message "{name.text}" has no grade')
    if message.grade.text not in GRADES:
        fail(message.grade, f'unknown grade "{message.grade.text}"; there are {", ".join(GRADES)}')


def check_range(field):
    if field.minimum is None:
        return
    if field.kind.text != "int":
        fail(field.minimum, f"a range belongs to an int, not to {field.kind.text}")
    for bound in (field.minimum, field.maximum):
        check_within(bound, INT_MIN, INT_MAX)
    if field.minimum.value > field.maximum.value:
        fail(field.minimum, "the range is reversed")


def check_field_directions(message, field):
    check_directions(field.directions)
    allowed = {direction.text for direction in message.directions}
    for direction in field.directions:
        if direction.text not in allowed:
            fail(direction, f'"{direction.text}" is no direction of the message')
    seen = {direction.text for direction in field.directions} or allowed
    if field.required and not seen.intersection(REFUSABLE):
        fail(field.required, "required, but part of no command or query")


def check_field(message, field):
    if field.name.text in EVERYWHERE:
        fail(field.name, f'"{field.name.text}" is part of every message and not described')
    check_doc(field.doc, field.name, "field")
    if field.kind.text not in KINDS:
        known = ", ".join(KINDS)
        fail(field.kind, f'unknown type "{field.kind.text}"; there are {known}')
    check_member(field.member or field.name, c_names.member(field))
    check_range(field)
    check_field_directions(message, field)


def check_message(message):
    names = Unique("field")
    members = Unique("C member")
    check_head(message)
    for index, field in enumerate(message.fields):
        if index == FIELDS_MAX:
            fail(field.name, f"more than {FIELDS_MAX} fields; a message has as many presence bits")
        check_field(message, field)
        names.add_name(field.name)
        member = c_names.member(field)
        members.add(member, field.member or field.name, f'"{member}"')
