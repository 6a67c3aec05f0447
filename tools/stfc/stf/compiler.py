# SPDX-License-Identifier: MIT
"""The whole way: the bytes of a file to a specification, a specification to what is made of it."""

import re
from pathlib import Path

from . import emit_header, emit_markdown, emit_tables
from .check import check
from .lexer import decode, read_lines
from .parser import parse

# Each takes a specification and the stem of its file's name, and returns text.
EMITTERS = {
    "header": emit_header.emit,
    "tables": emit_tables.emit,
    "markdown": emit_markdown.emit,
}


def compile_specification(data):
    """The checked specification in these bytes, or a SpecificationError."""
    specification = parse(read_lines(decode(data)))
    check(specification)
    return specification


def stem_of(path):
    """What the file is about, as a word: mqtt for specifications/mqtt.stf."""
    return re.sub(r"[^a-z0-9]", "_", Path(path).stem.lower())
