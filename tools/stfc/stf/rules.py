# SPDX-License-Identifier: MIT
"""Rules that hold for every kind of item."""

import re

from .error import fail

LOWER_CASE = re.compile(r"[a-z][a-z0-9_]*\Z")


class Unique:
    """Refuses what is there already."""

    def __init__(self, what):
        self.what = what
        self.lines = {}

    def add(self, key, place, shown):
        if key in self.lines:
            fail(place, f"{self.what} {shown} is there already, in line {self.lines[key]}")
        self.lines[key] = place.line

    def add_name(self, name):
        self.add(name.text, name, f'"{name.text}"')

    def add_number(self, number):
        self.add(number.value, number, number.text)


def check_lower_case(place, text):
    if not LOWER_CASE.match(text):
        fail(place, f'"{text}" must be lower case: a-z, then a-z, 0-9 and _')


def check_doc(doc, name, what):
    if not doc:
        fail(name, f'{what} "{name.text}" has no description; write one in a comment')


def check_documented_name(name, doc, what):
    check_lower_case(name, name.text)
    check_doc(doc, name, what)


def check_within(number, low, high):
    if not low <= number.value <= high:
        fail(number, f"{number.text} is outside {low}..{high}")
