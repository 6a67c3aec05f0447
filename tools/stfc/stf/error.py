# SPDX-License-Identifier: MIT
"""What the compiler says about a faulty specification."""


class SpecificationError(Exception):
    """Something is wrong at a line and column, both counted from 1, in characters."""

    def __init__(self, line, column, message):
        super().__init__(message)
        self.line = line
        self.column = column
        self.message = message

    def render(self, path, text):
        """The message as compilers print it: the place, the line itself and a caret below it."""
        lines = text.split("\n")
        shown = lines[self.line - 1] if self.line <= len(lines) else ""
        shown = "".join(c if c.isprintable() or c == "\t" else "\ufffd" for c in shown)
        margin = "".join("\t" if c == "\t" else " " for c in shown[: self.column - 1])
        return f"{path}:{self.line}:{self.column}: error: {self.message}\n{shown}\n{margin}^\n"


def fail(place, message):
    """place is anything with a line and a column."""
    raise SpecificationError(place.line, place.column, message)
