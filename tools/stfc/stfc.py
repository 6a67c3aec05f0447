#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Compiles .stf files: stfc.py header|tables|markdown IN -o OUT, or stfc.py check IN."""

import argparse
import sys
from pathlib import Path

sys.dont_write_bytecode = True

from stf import header, markdown, tables  # noqa: E402
from stf.model import StfError  # noqa: E402
from stf.parser import parse  # noqa: E402

EMITTERS = {"header": header.emit, "tables": tables.emit, "markdown": markdown.emit, "check": None}


def report(path: str, data: bytes, error: StfError):
    """The mistake, its line, and a caret below the place."""
    print(f"{path}:{error.line}:{error.column}: {error.message}", file=sys.stderr)
    lines = data.decode("utf-8", "replace").split("\n")
    if error.line <= len(lines):
        line = lines[error.line - 1]
        before = "".join("\t" if c == "\t" else " " for c in line[: error.column - 1])
        print(f"{line}\n{before}^", file=sys.stderr)


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("what", choices=EMITTERS)
    arguments.add_argument("input")
    arguments.add_argument("-o", "--output")
    options = arguments.parse_args()
    if (options.what == "check") == bool(options.output):
        arguments.error("-o OUT goes with header, tables and markdown, and only with them")
    try:
        data = Path(options.input).read_bytes()
    except OSError as error:
        print(f"{options.input}: {error.strerror}", file=sys.stderr)
        return 1
    try:
        specification = parse(data)
    except StfError as error:
        report(options.input, data, error)
        return 1
    if options.output:
        Path(options.output).write_text(EMITTERS[options.what](specification), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
