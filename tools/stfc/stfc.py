#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Compiles a .stf specification to C, to a reference page, or only checks it.

Exit codes: 0 done, 1 the specification is wrong or a file cannot be read or written, 2 usage.
"""

import argparse
import sys

sys.dont_write_bytecode = True  # leaves nothing in the source tree

# Below the line that has to hold for them too.
from stf.compiler import EMITTERS, compile_specification, stem_of  # noqa: E402
from stf.error import SpecificationError  # noqa: E402

HELP = {
    "header": "write the C header",
    "tables": "write the C tables",
    "markdown": "write the reference page",
    "check": "write nothing, only say what is wrong",
}


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
    place = path or sys.stdout.fileno()
    with open(place, "wb", closefd=bool(path)) as file:
        file.write(text.encode("utf-8"))


def run(options):
    data = read_input(options.input)
    try:
        specification = compile_specification(data)
    except SpecificationError as error:
        sys.stderr.write(error.render(options.input, data.decode("utf-8", "replace")))
        return 1
    if options.command in EMITTERS:
        emit = EMITTERS[options.command]
        write_output(options.output, emit(specification, stem_of(options.input)))
    return 0


def main(arguments):
    options = read_arguments(arguments)
    try:
        return run(options)
    except OSError as error:
        path = error.filename if isinstance(error.filename, str) else "standard output"
        sys.stderr.write(f"stfc: {path}: {error.strerror}\n")
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
