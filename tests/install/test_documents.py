# SPDX-License-Identifier: MIT
"""The C code of the documents compiles against the installed library, and their links lead somewhere."""

import re
import subprocess

import pytest
from conftest import ROOT, run

DOCUMENTS = [ROOT / name for name in ("README.md", "CHANGELOG.md", "CONTRIBUTING.md")] + sorted(
    (ROOT / "docs").glob("*.md"))
WRAPPER = """
#include <flagship/flagship.h>
#include <stdio.h>
#include <string.h>

void example(const char *hex, uint8_t *data, size_t length);
void example(const char *hex, uint8_t *data, size_t length)
{{
{code}
}}
"""


def code_of(document):
    blocks = re.findall(r"```c\n(.*?)```", document.read_text(encoding="utf-8"), flags=re.S)
    return "\n".join(blocks).replace("#include <flagship/flagship.h>\n", "")


@pytest.mark.parametrize("name", ["README.md", "docs/library.md"])
def test_code_compiles(installation, tmp_path, name):
    code = code_of(ROOT / name)
    assert "flagship_frame_open" in code
    source = tmp_path / "example.c"
    source.write_text(WRAPPER.format(code=code), encoding="utf-8")
    run("cc", "-std=c17", "-Wall", "-Wextra", "-Werror", "-c", source, "-o", tmp_path / "example.o",
        *installation.pkg_config("--cflags"))


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere(document):
    targets = re.findall(r"\]\(([^)#]+)", document.read_text(encoding="utf-8"))
    local = [target for target in targets if "://" not in target]
    assert [target for target in local if not (document.parent / target).exists()] == []


def test_make_help_lists_every_target():
    listed = set(re.findall(r"(?m)^make (\w+)", run("make", "help").stdout))
    assert {"demo", "test", "bench", "install", "fuzz", "check", "coverage", "clean"} <= listed
    for target in listed:
        assert subprocess.run(["make", "-n", target], cwd=ROOT, capture_output=True, check=False).returncode == 0
