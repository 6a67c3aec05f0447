# SPDX-License-Identifier: MIT
"""`make hooks`: what is staged is checked before it is committed."""

import shutil
import subprocess

import pytest

from program import ROOT

GOOD = "int answer(void)\n{\n\treturn 42;\n}\n"
BAD_FORMAT = "int answer(void) { return 42; }\n"
BAD_LAYER = '#include "cloud/rules/access.h"\n\n' + GOOD


def git(folder, *arguments):
    return subprocess.run(["git", "-c", "user.name=a", "-c", "user.email=a@example.org", *arguments], cwd=folder,
                          capture_output=True, text=True, check=False)


@pytest.fixture
def checkout(tmp_path):
    (tmp_path / "scripts").mkdir()
    for name in ("scripts/hooks", "scripts/pre-commit", "scripts/layers", ".clang-format"):
        shutil.copy(ROOT / name, tmp_path / name)
    assert git(tmp_path, "init", "--quiet").returncode == 0
    assert subprocess.run([tmp_path / "scripts" / "hooks"], check=False, capture_output=True).returncode == 0
    (tmp_path / "src" / "base").mkdir(parents=True)
    return tmp_path


def commit(checkout, text):
    (checkout / "src" / "base" / "answer.c").write_text(text, encoding="utf-8")
    assert git(checkout, "add", "src").returncode == 0
    return git(checkout, "commit", "-m", "base: answer")


@pytest.mark.parametrize("text, complaint", [(BAD_FORMAT, "answer.c"), (BAD_LAYER, "base may not use cloud/rules/access.h")])
def test_what_is_wrong_is_not_committed(checkout, text, complaint):
    result = commit(checkout, text)
    assert result.returncode != 0
    assert complaint in result.stdout + result.stderr
    assert commit(checkout, GOOD).returncode == 0


def test_only_what_is_staged_counts(checkout):
    assert commit(checkout, GOOD).returncode == 0
    (checkout / "notes").write_text("text\n", encoding="utf-8")
    assert git(checkout, "add", "notes").returncode == 0
    (checkout / "src" / "base" / "answer.c").write_text(BAD_FORMAT, encoding="utf-8")
    assert git(checkout, "commit", "-m", "notes: begin").returncode == 0


def test_another_hook_is_left_alone(checkout):
    hook = checkout / ".git" / "hooks" / "pre-commit"
    hook.write_text("#!/bin/sh\nexit 0\n", encoding="utf-8")
    result = subprocess.run([checkout / "scripts" / "hooks"], check=False, capture_output=True, text=True)
    assert result.returncode == 1 and "is there already" in result.stderr
    assert hook.read_text(encoding="utf-8") == "#!/bin/sh\nexit 0\n"
