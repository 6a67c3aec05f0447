# SPDX-License-Identifier: MIT
"""Every error of the compiler: where it points and what it says."""

import ast

import pytest
from compiler import TOOL, run_stfc
from error_cases_meaning import ENUMS, MESSAGES, STRUCTS
from error_cases_syntax import LEXER, PARSER

# Behind compiler, which makes the tool's modules known.
from stf.compiler import compile_specification
from stf.error import SpecificationError

GROUPS = (LEXER, PARSER, ENUMS, STRUCTS, MESSAGES)
CASES = {title: case for group in GROUPS for title, case in group.items()}


def test_no_title_is_used_twice():
    assert len(CASES) == sum(len(group) for group in GROUPS)


def error_of(snippet):
    data = snippet if isinstance(snippet, bytes) else snippet.encode("utf-8")
    with pytest.raises(SpecificationError) as caught:
        compile_specification(data)
    return caught


@pytest.mark.parametrize(("snippet", "expected"), CASES.values(), ids=CASES.keys())
def test_error(snippet, expected):
    error = error_of(snippet).value
    assert f"{error.line}:{error.column}: {error.message}" == expected


def raising_places():
    """Module and lines of every statement that raises an error."""
    for path in sorted((TOOL / "stf").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
                continue
            if node.func.id in ("fail", "SpecificationError") and path.name != "error.py":
                yield path.name, node.lineno, node.end_lineno


def test_no_error_is_without_a_case():
    reached = set()
    for snippet, _expected in CASES.values():
        for entry in error_of(snippet).traceback:
            reached.add((entry.path.name, entry.lineno + 1))
    for module, first, last in raising_places():
        lines = {(module, line) for line in range(first, last + 1)}
        assert lines & reached, f"no case reaches {module}:{first}"


def write(tmp_path, text):
    path = tmp_path / "input.stf"
    path.write_bytes(text.encode("utf-8"))
    return path


def test_the_program_prints_place_line_and_caret(tmp_path):
    path = write(tmp_path, "# Ä.\nstruct s\n\ta: u8\t# Ä\n\tbad_one: u17le\t# über\n")
    result = run_stfc("check", path)
    assert result.returncode == 1
    assert result.stdout == b""
    assert result.stderr.decode("utf-8") == (
        f'{path}:4:11: error: unknown type "u17le"\n\tbad_one: u17le\t# über\n\t         ^\n'
    )


def test_an_error_behind_the_last_line_is_printed_too(tmp_path):
    result = run_stfc("check", write(tmp_path, ""))
    assert result.returncode == 1
    assert result.stderr.decode("utf-8").endswith(
        ":1:1: error: the file describes nothing\n\n^\n"
    )


def test_unprintable_characters_do_not_reach_the_terminal(tmp_path):
    result = run_stfc("check", write(tmp_path, "# \x1b[31m\n"))
    assert result.returncode == 1
    assert b"\x1b" not in result.stderr
    assert "unprintable character U+001B" in result.stderr.decode("utf-8")


def test_nothing_is_written_for_a_faulty_specification(tmp_path):
    output = tmp_path / "out.h"
    result = run_stfc("header", write(tmp_path, "enum"), "-o", output)
    assert result.returncode == 1
    assert not output.exists()


def test_a_missing_input_is_named(tmp_path):
    path = tmp_path / "absent.stf"
    result = run_stfc("check", path)
    assert result.returncode == 1
    assert result.stderr.decode("utf-8") == f"stfc: {path}: No such file or directory\n"


def test_an_output_that_cannot_be_written_is_named(tmp_path):
    output = tmp_path / "absent" / "out.h"
    result = run_stfc("header", write(tmp_path, "# E\nenum e\n\ta = 0\t# A\n"), "-o", output)
    assert result.returncode == 1
    assert result.stderr.decode("utf-8") == f"stfc: {output}: No such file or directory\n"


@pytest.mark.parametrize("arguments", [[], ["polish"], ["header"], ["check", "in", "-o", "out"]])
def test_wrong_usage(arguments):
    result = run_stfc(*arguments)
    assert result.returncode == 2
    assert b"usage: stfc" in result.stderr
