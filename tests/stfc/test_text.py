# SPDX-License-Identifier: MIT
"""Descriptions and units with every awkward character arrive whole in C and in Markdown."""

import subprocess

import pytest
from compiler import ROOT

from stf import markdown_text
from stf.c_text import comment, literal, sentence
from stf.compiler import EMITTERS, compile_specification

AWKWARD = r'`a|b` \n "q" *s* ??/ ???= 100% °C 😀 [x] <y> %d \x41 C:\temp'
SPECIFICATION = f"""\
# {AWKWARD}
#
# second paragraph
message 0x10 awkward -
	direction command
	grade B
	# above,
	value: int unit "??) \\ %s" range -9223372036854775808..0x7fffffffffffffff	# behind
"""
PROGRAM = """
#include <flagship/mqtt.h>

#include <inttypes.h>
#include <stdio.h>

int main(void)
{
	const struct flagship_message_info *info = flagship_message_info(16);

	printf("%s\\n%s\\n%s\\n", info->description, info->fields->unit, info->fields->description);
	printf("%" PRId64 " %" PRId64 "\\n", info->fields->minimum, info->fields->maximum);
	return 0;
}
"""


def test_text_arrives_whole_in_c(tmp_path):
    specification = compile_specification(SPECIFICATION.encode("utf-8"))
    (tmp_path / "flagship").mkdir()
    header = EMITTERS["header"](specification, "mqtt")
    (tmp_path / "flagship" / "mqtt.h").write_text(header, encoding="utf-8")
    program = EMITTERS["tables"](specification, "mqtt") + PROGRAM
    (tmp_path / "program.c").write_text(program, encoding="utf-8")
    include = [f"-I{tmp_path}", f"-I{ROOT / 'include'}"]
    # -std=c17 turns trigraphs on.
    command = ["gcc", "-std=c17", "-Wall", "-Wextra", "-Werror", *include, "program.c", "-o", "program"]
    subprocess.run(command, cwd=tmp_path, check=True)
    result = subprocess.run([tmp_path / "program"], capture_output=True, check=True)
    assert result.stdout.decode("utf-8").splitlines() == [
        f"{AWKWARD} second paragraph",
        r"??) \ %s",
        "above, behind",
        "-9223372036854775808 9223372036854775807",
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('a"b', r'"a\"b"'),
        (r"a\b", r'"a\\b"'),
        ("a??/b", r'"a?\?/b"'),
        ("a???b", r'"a?\?\?b"'),
        ("a?b", '"a?b"'),
    ],
)
def test_literal(text, expected):
    assert literal(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("wanted", "Wanted."),
        ("wanted, always", "Wanted, always."),
        ("is it?", "Is it?"),
        ("leftInk holds it", "leftInk holds it."),
        ("`value` holds it", "`value` holds it."),
        ("1 = on", "1 = on."),
    ],
)
def test_sentence(text, expected):
    assert sentence(text) == expected


def test_short_comments_take_one_line():
    assert comment(["on or off"]) == "/* On or off. */\n"
    assert comment(["on or off"], indent=1) == "\t/* On or off. */\n"


def test_long_comments_are_wrapped_within_the_margin():
    text = comment([" ".join(["word"] * 60), "more"], indent=1)
    lines = text.splitlines()
    assert lines[0] == "\t/*"
    assert lines[-3:] == ["\t *", "\t * More.", "\t */"]
    assert all(len(line.expandtabs(8)) <= 100 for line in lines)
    assert text.lower().count("word") == 60


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("*a* [b] <c>", r"\*a\* \[b\] \<c>"),
        ("`*a*` *b*", r"`*a*` \*b\*"),
        ("one ` alone *", "one ` alone \\*"),
        ("back\\slash", "back\\\\slash"),
    ],
)
def test_markdown_escapes_outside_code(text, expected):
    assert markdown_text.escape(text) == expected


def test_tables_drop_empty_columns_and_escape_bars():
    assert markdown_text.table(["a", "b", "c"], [["1", "", "x|y"], ["2", "", ""]]) == (
        "| a | c |\n| --- | --- |\n| 1 | x\\|y |\n| 2 |  |\n"
    )
