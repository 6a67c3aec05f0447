# SPDX-License-Identifier: MIT
"""Pieces of C: comments and string literals."""

import re
import textwrap

TAB = 8
WIDTH = 100


def comment(paragraphs, indent=0):
    """A block comment, on one line where it fits. A trigraph in it could join two lines."""
    margin = "\t" * indent
    width = WIDTH - indent * TAB
    text = [sentence(paragraph).replace("??/", "?? /") for paragraph in paragraphs]
    one_line = f"/* {' '.join(text)} */"
    if len(text) == 1 and len(one_line) <= width:
        return f"{margin}{one_line}\n"
    lines = [f"{margin}/*"]
    for number, paragraph in enumerate(text):
        if number > 0:
            lines.append(f"{margin} *")
        wrapped = textwrap.wrap(paragraph, width - 3, break_long_words=False)
        lines.extend(f"{margin} * {line}" for line in wrapped)
    lines.append(f"{margin} */")
    return "\n".join(lines) + "\n"


def sentence(text):
    """Begins with a capital, unless the first word is a name, and ends with a full stop."""
    first = text.split(" ", 1)[0].rstrip(",.;:")
    if first.isalpha() and first.islower():
        text = text[0].upper() + text[1:]
    return text if text[-1] in ".!?:" else text + "."


def literal(text):
    """A C string; a ? behind another one is escaped, or they could begin a trigraph."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    escaped = re.sub(r"(?<=\?)\?", r"\\?", escaped)
    return f'"{escaped}"'
