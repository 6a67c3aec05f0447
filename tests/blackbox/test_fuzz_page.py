# SPDX-License-Identifier: MIT
"""docs/security.md names each fuzz target, and each has seeds."""

import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parents[2]
SECTION = "## What is fuzzed"


def test_each_target_stands_on_the_page_and_has_seeds():
    targets = {path.stem.removeprefix("fuzz_") for path in (ROOT / "fuzz").glob("fuzz_*.c")} | {"stf_compiler"}
    section = (ROOT / "docs/security.md").read_text(encoding="utf-8").split(SECTION)[1].split("\n## ")[0]
    assert set(re.findall(r"`([a-z0-9_]+)`", "\n".join(line for line in section.splitlines() if line.startswith("|")))) == targets
    assert [name for name in sorted(targets) if not any((ROOT / "fuzz/corpus" / name).iterdir())] == []
