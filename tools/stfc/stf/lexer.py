"""Splits a .stf file into lines and lines into tokens, each with its place."""

import re
from dataclasses import dataclass

from .model import StfError

TOKEN = re.compile(
    r"""
    (?P<string>"[^"]*")
  | (?P<unterminated>"[^"]*$)
  | (?P<number>-?(?:0x[0-9a-fA-F]+|[0-9]+)(?![0-9A-Za-z_]))
  | (?P<name>[A-Za-z_][A-Za-z0-9_]*)
  | (?P<symbol>\.\.|[:=<>,-])
  | (?P<space>\ +)
  | (?P<other>.)
    """,
    re.VERBOSE,
)


@dataclass
class Token:
    kind: str
    text: str
    line: int
    column: int


@dataclass
class Line:
    number: int
    indented: bool
    tokens: list
    comment: str
    end_column: int


def _split_comment(text: str):
    """The text before and after the first # outside of quotes; the comment is None if there is none."""
    quoted = False
    for index, character in enumerate(text):
        if character == '"':
            quoted = not quoted
        elif character == "#" and not quoted:
            return text[:index], text[index + 1 :].strip()
    return text, None


def _tokens(text: str, number: int, first_column: int) -> list:
    tokens = []
    for match in TOKEN.finditer(text):
        kind = match.lastgroup
        column = first_column + match.start()
        if kind == "space":
            continue
        if kind == "unterminated":
            raise StfError(number, column, "this string has no closing quote")
        if kind == "other":
            raise StfError(number, column, f"unexpected character {match.group()!r}")
        value = match.group()[1:-1] if kind == "string" else match.group()
        tokens.append(Token(kind, value, number, column))
    return tokens


def _line(text: str, number: int) -> Line:
    code, comment = _split_comment(text)
    indent = len(code) - len(code.lstrip(" \t"))
    if code.strip() and code[:indent] not in ("", "\t"):
        raise StfError(number, 1, "indent with exactly one tab")
    body = code.rstrip()
    if comment is not None and body.strip() == "":
        return Line(number, text.startswith("\t"), [], comment, indent + 1)
    if "\t" in body[indent:]:
        raise StfError(number, body.index("\t", indent) + 1, "a tab may only stand before the line or its comment")
    tokens = _tokens(body[indent:], number, indent + 1)
    return Line(number, indent == 1, tokens, comment, len(body) + 1)


def read_lines(data: bytes) -> list:
    """Lines with tokens or a comment of their own; an empty line comes as one with neither."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        before = data[: error.start]
        line = before.count(b"\n") + 1
        column = error.start - (before.rfind(b"\n") + 1) + 1
        raise StfError(line, column, "this is not UTF-8") from None
    return [_line(line.rstrip("\r"), number) for number, line in enumerate(text.split("\n"), 1)]
