# SPDX-License-Identifier: MIT
"""Text that commands a terminal, and what must be left of it."""

import json
import re

# A title, a cleared screen, a line of its own; C1; marks of direction; separators.
CONTROLS = "\x1b]0;owned\x07\x1b[2;5;31m\x7f\t\r\nINJECTED\x9b31m\x9d\u202e\u2066\u2069\u200f\u061c\u2028\u2029"
HOSTILE = "A" + CONTROLS + "Z"

# As bytes: C1 that is no UTF-8, an ESC written too long, a character that is cut.
RAW = b"A\x1b[2J\x9b31m\xc0\x9b\xff\r\nINJECTED\xe2\x82"

# As an argument of a program it can hold no NUL.
ARGUMENT = RAW.decode(errors="surrogateescape")

FORBIDDEN = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]")


def faults(output, tabs=False, lines=False):
    """What of it would command a terminal; tabs: between columns that programs read; lines: it may have some of its own."""
    try:
        text = output.decode()
    except UnicodeDecodeError as error:
        return [f"no UTF-8: {error.object[max(error.start - 20, 0):error.end + 20]}"]
    found = [repr(text[max(match.start() - 30, 0):match.end() + 10]) for match in FORBIDDEN.finditer(text)
             if not (tabs and match.group() == "\t")]
    return found if lines else found + [line for line in text.splitlines() if line.startswith("INJECTED")]


# What the programs and their libraries themselves say to a terminal.
OWN = re.compile("\x1b\\[[0-9;?]*[A-Za-z]|\x1b[()][A-Z0-9]|\x1b[=>78M]|[\r\x0f\x08]")
FOREIGN = "\x1b[2;5;31m"


def faults_of_terminal(text):
    """Of a session on a terminal, which has colours of its own."""
    return [FOREIGN] * text.count(FOREIGN) + faults(OWN.sub("", text).encode(), lines=True)


def is_json(output):
    """One value for each line, or one for all of it."""
    try:
        for line in output.decode().split("\n"):
            if line:
                json.loads(line)
    except ValueError:
        return False
    return True
