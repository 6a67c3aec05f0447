# SPDX-License-Identifier: MIT
"""docs/cli.md is made from the tables that the program goes by."""

import difflib
import re

import pytest

from program import DONE, ROOT, run

PAGE = ROOT / "docs" / "cli.md"


@pytest.fixture(scope="module")
def made():
    result = run("help", "--markdown")
    assert result.returncode == DONE and result.stderr == ""
    return result.stdout


def test_the_page_is_not_stale(made):
    difference = "\n".join(difflib.unified_diff(PAGE.read_text(encoding="utf-8").splitlines(), made.splitlines(), lineterm="", n=0))
    assert difference == "", f"renew the page with `make docs`:\n{difference}"


def test_every_command_has_a_section(made):
    names = [line.split("\t")[1] for line in run("help", "--complete").stdout.splitlines()]
    assert len(names) > 30
    for name in names:
        assert re.search(rf"^### flagship {name}( |$)", made, re.MULTILINE), name


def test_every_option_stands_there(made):
    sections = {title: text for title, text in re.findall(r"^##+ (.+?)\n(.*?)(?=^##|\Z)", made, re.MULTILINE | re.DOTALL)}
    shared = "".join(sections[title] for title in ("Printer", "Connection", "Key"))
    for name in ("status", "pause", "doctor", "simulate", "login", "decode", "cloud init"):
        section = sections[f"flagship {name}"]
        for row in run(*name.split(), "--complete").stdout.splitlines():
            option = row.split("\t")[1]
            assert option == "--help" or f"{option}`" in section + shared or f"{option} " in section + shared, (name, option)


def test_nothing_is_taken_for_markup(made):
    text = re.sub(r"```.*?```|`[^`]*`|\\.|\]\(#[a-z-]+\)", "", made, flags=re.DOTALL)
    assert not re.search(r"[<>|*]", text)
