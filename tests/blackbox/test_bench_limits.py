# SPDX-License-Identifier: MIT
"""A figure of `make bench` that misses what it is held to is told, and the bench ends with 1 once all figures are there."""

import os
import subprocess

import pytest

from program import DONE, FAILED, ROOT, environment

PROGRAM = """#!/usr/bin/python3
import sys
sys.dont_write_bytecode = True
sys.path.insert(0, {folder!r})
from limits import end, report
{lines}
end()
"""


@pytest.fixture
def bench(tmp_path):
    """Runs scripts/bench with programs of these lines."""

    def run(*programs):
        paths = []
        for number, lines in enumerate(programs):
            paths.append(tmp_path / f"program{number}")
            paths[-1].write_text(PROGRAM.format(folder=str(ROOT / "bench"), lines=lines))
            paths[-1].chmod(0o755)
        return subprocess.run([ROOT / "scripts" / "bench", *paths], capture_output=True, text=True, check=False, env=environment(PATH=os.environ["PATH"]))

    return run


@pytest.mark.parametrize("figure", ['report("share", 2, "%", most=2)', 'report("ratio", 0.6, "ratio", least=0.6)', 'report("rate", 17, "MB/s")'])
def test_what_is_within_its_limit(bench, figure):
    result = bench(figure)
    assert (result.returncode, result.stderr) == (DONE, "")
    assert result.stdout.startswith("BENCH ")


@pytest.mark.parametrize(("figure", "told"), [
    ('report("share", 2.1, "%", most=2)', "share: 2.100 %, and at most 2 are wanted"),
    ('report("ratio", 0.59, "ratio", least=0.6)', "ratio: 0.590 ratio, and at least 0.6 are wanted"),
    ('report("late", float("nan"), "ms", most=300)', "late: nan ms, and at most 300 are wanted")])
def test_what_misses_it(bench, figure, told):
    result = bench(figure + "; report('next', 1, 'ms')", 'report("last", 1, "ms")')
    assert (result.returncode, result.stderr) == (FAILED, f"bench: a limit is missed: {told}\n")
    assert [line for line in result.stdout.splitlines() if line.startswith("MISSED")] == [f"MISSED {told}"]
    assert result.stdout.endswith("BENCH next 1.000 ms\nBENCH last 1.000 ms\n")


def test_a_program_that_fails_is_named_once_the_others_have_run(bench):
    result = bench("sys.exit(1)", 'report("last", 1, "ms")')
    assert result.returncode == FAILED and "bench: failed:" in result.stderr and "program0" in result.stderr
    assert result.stdout == "BENCH last 1.000 ms\n"
