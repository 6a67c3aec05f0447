#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Compiles a .stf specification to C, to a reference page, or only checks it.

Exit codes: 0 done, 1 the specification is wrong or a file cannot be read or written, 2 usage.
"""

import argparse
import os
import sys

sys.dont_write_bytecode = True  # leaves nothing in the source tree

# Below the line that has to hold for them too.
from stf import emit_header, emit_markdown, emit_tables  # noqa: E402
from stf.check import check  # noqa: E402
from stf.error import SpecificationError  # noqa: E402
from stf.lexer import decode, read_lines  # noqa: E402
from stf.parser import parse  # noqa: E402

EMITTERS = {
    "header": emit_header.emit,
    "tables": emit_tables.emit,
    "markdown": emit_markdown.emit,
}
HELP = {
    "header": "write the C header",
    "tables": "write the C tables",
    "markdown": "write the reference page",
    "check": "write nothing, only say what is wrong",
}


def compile_specification(data):
    """The checked specification in these bytes, or a SpecificationError."""
    specification = parse(read_lines(decode(data)))
    check(specification)
    return specification


def read_arguments(arguments):
    parser = argparse.ArgumentParser(prog="stfc", description="Compiles a .stf specification.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, text in HELP.items():
        command = commands.add_parser(name, help=text, description=text)
        command.add_argument("input", metavar="IN", help="the specification")
        if name in EMITTERS:
            command.add_argument("-o", "--output", metavar="OUT", help="else standard output")
    return parser.parse_args(arguments)


def read_input(path):
    with open(path, "rb") as file:
        return file.read()


def write_output(path, text):
    data = text.encode("utf-8")
    if path:
        with open(path, "wb") as file:
            file.write(data)
        return
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()


def run(options):
    data = read_input(options.input)
    try:
        specification = compile_specification(data)
    except SpecificationError as error:
        sys.stderr.write(error.render(options.input, data.decode("utf-8", "replace")))
        return 1
    if options.command in EMITTERS:
        source = os.path.basename(options.input)
        write_output(options.output, EMITTERS[options.command](specification, source))
    return 0


def main(arguments):
    options = read_arguments(arguments)
    try:
        return run(options)
    except OSError as error:
        sys.stderr.write(f"stfc: {error.filename or 'output'}: {error.strerror}\n")
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
