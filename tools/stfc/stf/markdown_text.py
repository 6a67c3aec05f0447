# SPDX-License-Identifier: MIT
"""Pieces of Markdown: text, code and tables."""

import re

from .c_text import sentence

SPECIAL = re.compile(r"([\\*<\[\]])")


def escape(text):
    """Plain text in which `code` stays code and nothing else is read as Markdown."""
    pieces = re.split(r"(`[^`]*`)", text)
    return "".join(
        piece if piece.startswith("`") and piece.endswith("`") else SPECIAL.sub(r"\\\1", piece)
        for piece in pieces
    )


def code(text):
    return f"`{text}`" if text else ""


def prose(paragraphs):
    return "\n\n".join(sentence(escape(paragraph)) for paragraph in paragraphs) + "\n"


def phrase(paragraphs):
    """A description inside a table."""
    return escape(" ".join(paragraphs))


def table(heads, rows):
    """Columns in which no row has anything are left out."""
    kept = [i for i in range(len(heads)) if any(str(row[i]) for row in rows)]
    lines = [[heads[i] for i in kept], ["---"] * len(kept)]
    lines += [[str(row[i]).replace("|", "\\|") for i in kept] for row in rows]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def anchor(heading):
    """The link target that a heading gets."""
    kept = "".join(c for c in heading.lower() if c.isalnum() or c in " -_")
    return kept.replace(" ", "-")


def link(text, heading):
    return f"[{text}](#{anchor(heading)})"
