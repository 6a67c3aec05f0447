# SPDX-License-Identifier: MIT
"""Bytes to lines of tokens.

The language is made of lines. An item begins at the margin, its members are indented by one tab.
`#` begins a comment, which is kept: comments are the documentation.
"""

import re
from dataclasses import dataclass
from typing import List, Optional

from .error import SpecificationError

DIGITS_MAX = 20  # more than any 64-bit number takes
NAME_LENGTH_MAX = 48

WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
NUMBER_LIKE = re.compile(r"-?[0-9][A-Za-z0-9_]*")
NUMBER = re.compile(r"(0|-?[1-9][0-9]*|0x[0-9a-fA-F]+)\Z")
SYMBOL = re.compile(r"\.\.|[:=<>,|-]")


@dataclass(frozen=True)
class Token:
    kind: str  # "word", "number", "string", or the symbol itself
    text: str  # of a string: what stands between the quotes
    line: int
    column: int

    @property
    def value(self):
        return int(self.text, 0)

    def describe(self):
        return f'"{self.text}"'


@dataclass(frozen=True)
class Line:
    line: int
    column: int  # behind the last token, for what is missing there
    indented: bool
    tokens: List[Token]
    comment: Optional[Token]


def decode(data):
    """The text of a file, or an error that points at the first byte that is not UTF-8."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        before = data[: error.start]
        line_start = before.rfind(b"\n") + 1
        column = len(before[line_start:].decode("utf-8")) + 1
        byte = data[error.start]
        raise SpecificationError(
            before.count(b"\n") + 1, column, f"byte 0x{byte:02x} is not valid UTF-8"
        ) from None


def read_indentation(text, number):
    blank = text[: len(text) - len(text.lstrip(" \t"))]
    if " " in blank and "\t" in blank:
        raise SpecificationError(number, 1, "the indentation mixes tabs and spaces")
    if " " in blank:
        raise SpecificationError(number, 1, "indented with spaces; use one tab")
    if len(blank) > 1:
        raise SpecificationError(number, 2, "indented too far; members take one tab")
    return bool(blank)


def read_number(text, number, column):
    if not NUMBER.match(text):
        raise SpecificationError(number, column, f'bad number "{text}"')
    if len(text) > DIGITS_MAX:
        raise SpecificationError(number, column, "the number is too long")
    return Token("number", text, number, column)


def refuse_comment_marks(text, start, end, number):
    """What goes into the comments of C must not begin or end one."""
    for mark in ("/*", "*/"):
        place = text.find(mark, start, end)
        if place >= 0:
            raise SpecificationError(number, place + 1, f'"{mark}" is not allowed here')


def read_string(text, start, number):
    end = text.find('"', start + 1)
    if end < 0:
        raise SpecificationError(number, start + 1, "the string does not end on this line")
    if end == start + 1:
        raise SpecificationError(number, start + 1, "the string is empty")
    refuse_comment_marks(text, start, end, number)
    return Token("string", text[start + 1 : end], number, start + 1), end + 1


def read_word(text, number, column):
    if len(text) > NAME_LENGTH_MAX:
        raise SpecificationError(
            number, column, f"the name has {len(text)} characters; {NAME_LENGTH_MAX} are allowed"
        )
    return Token("word", text, number, column)


def read_token(text, start, number):
    """One token and where it ends."""
    match = WORD.match(text, start)
    if match:
        return read_word(match.group(), number, start + 1), match.end()
    match = NUMBER_LIKE.match(text, start)
    if match:
        return read_number(match.group(), number, start + 1), match.end()
    if text[start] == '"':
        return read_string(text, start, number)
    match = SYMBOL.match(text, start)
    if match:
        return Token(match.group(), match.group(), number, start + 1), match.end()
    raise SpecificationError(number, start + 1, f'unexpected character "{text[start]}"')


def read_comment(text, start, number):
    refuse_comment_marks(text, start, len(text), number)
    return Token("comment", text[start + 1 :].strip(), number, start + 1)


def check_characters(text, number):
    for index, character in enumerate(text):
        if not character.isprintable() and character != "\t":
            what = "carriage return; end lines with a line feed alone"
            if character != "\r":
                what = f"unprintable character U+{ord(character):04X}"
            raise SpecificationError(number, index + 1, what)


def read_line(text, number):
    check_characters(text, number)
    indented = bool(text.strip()) and read_indentation(text, number)
    tokens = []
    comment = None
    position = 0
    end = 0
    while position < len(text):
        if text[position] in " \t":
            position += 1
        elif text[position] == "#":
            comment = read_comment(text, position, number)
            break
        else:
            token, position = read_token(text, position, number)
            tokens.append(token)
            end = position
    return Line(number, end + 1, indented, tokens, comment)


def read_lines(text):
    return [read_line(line, number) for number, line in enumerate(text.split("\n"), 1)]
