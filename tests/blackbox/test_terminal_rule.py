# SPDX-License-Identifier: MIT
"""Every program writes through cli/output/print.h, which lets nothing through that commands a terminal.
What does not is named here, with the reason."""
import pathlib
import re

import pytest

SOURCE = pathlib.Path(__file__).parents[2] / "src"

WRITERS = ("printf", "fprintf", "vprintf", "vfprintf", "puts", "fputs", "fputc", "putc", "putchar", "fwrite", "perror",
           "dprintf", "vdprintf", "psignal", "syslog", "addstr", "addnstr",
           "printw", "mvprintw", "waddstr", "waddnstr")
CALL = re.compile(r"(?<![\w.>])(" + "|".join(WRITERS) + r")\(")

# A literal, or a constant of this program, has nothing foreign in it.
LITERAL = re.compile(r"(puts|fputs)\((\"|[A-Z_]+[ ,)])|(fputc|putchar)\('")

ALLOWED = {
    "cli/output/print.c": "the one way itself",
    "cli/output/ascii.c": "below it",
    "cli/codec/encode.c": "the bytes of a frame, as they are where --binary asks for them, else hex digits",
    "cli/output/message.c": "the prefix",
    "cli/output/output.c": "its colours",
    "cli/watch/exec_queue.c": "a variable's name, into memory",
    "cli/kit/markdown.c": "the program's own tables",
    "cli/kit/options.c": "the program's own tables",
    "cli/watch/watch_screen.c": "a page that went through cli/output/print.h",
    "cli/setup/logout.c": "a text that went through cli/output/print.h",
    "cli/account/keep.c": "a text that went through cli/output/print.h",
    "cli/top/terminal.c": "cells that went through cell_text_fit",
    "cloud/broker/configuration.c": "a file for mosquitto; its values are checked where they are made",
    "cloud/commands/takeover/snippet.c": "a comment of the program's own",
    "store/settings/edit.c": "the settings file",
    "picture/main.c": "pictures, for another program",
    "webpush/main.c": "answers as JSON, for the gateway",
    "cli/camera/camera.c": "pictures and films, into a file or where they are wanted bare",
    "cli/doctor/report.c": "the program's own last words",
    "cli/gateway/ask.c": "a film, into a file or where it is wanted",
    "base/process/records.c": "pictures and films, for the gateway",
    "cli/camera/snapshot.c": "a picture, for flagship-picture",
}

# Words of the program's own that a condition chooses from.
CHOSEN = re.compile(r"(puts|fputs|fputc)\([\w\s=>.+-]*\?\s*((\"[^\"]*\"\s*)+|'..?')\s*:\s*[\"']")


def calls(path):
    text = re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.DOTALL)
    for match in CALL.finditer(text):
        rest = text[match.start():]
        if not LITERAL.match(rest) and not CHOSEN.match(rest):
            yield rest[:80].split("\n")[0]


def sources():
    return sorted(path for path in SOURCE.rglob("*.c"))


@pytest.mark.parametrize("path", sources(), ids=lambda path: str(path.relative_to(SOURCE)))
def test_writes_the_one_way(path):
    if str(path.relative_to(SOURCE)) in ALLOWED:
        return
    assert list(calls(path)) == []


@pytest.mark.parametrize("name", ALLOWED)
def test_each_exception_is_one(name):
    assert list(calls(SOURCE / name)) != [], "it need not be named any more"


@pytest.mark.parametrize("path", sources(), ids=lambda path: str(path.relative_to(SOURCE)))
def test_no_format_numbers_its_arguments(path):
    """cli/output/print.h takes formats apart, and knows no "%1$s"."""
    assert re.findall(r"%\d+\$", path.read_text()) == []


def test_finds_what_is_forbidden(tmp_path):
    source = tmp_path / "x.c"
    source.write_text('a();\n\tprintf("%s", name);\n\tputs(name);\n\tfputs("own", stdout);\n\tfputs(A_B, out);\n'
                      '\tsnprintf(a, 1, "b");\n\tfputs(many ? "s" : "", out);\n\tputchar(c);\n')
    assert list(calls(source)) == ['printf("%s", name);', "puts(name);", "putchar(c);"]
