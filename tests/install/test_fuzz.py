# SPDX-License-Identifier: MIT
"""`make fuzz`: what fuzzers keep in memory is gone with them, however they end."""

import os
import shutil
import signal
import subprocess

import pytest

from process import until
from program import ROOT

KEEP = '#!/bin/sh\ncp /dev/null "$FLAGSHIP_FUZZ_FOLDER/kept" || exit 3\necho "$FLAGSHIP_FUZZ_FOLDER" >"$TOLD.new" && mv "$TOLD.new" "$TOLD"\n'


@pytest.fixture
def checkout(tmp_path):
    """With a build that is done already."""
    for name in ("scripts", "fuzz/corpus/one", "build-fuzz/fuzz"):
        (tmp_path / name).mkdir(parents=True)
    shutil.copy(ROOT / "scripts" / "fuzz", tmp_path / "scripts")
    (tmp_path / "scripts" / "build").write_text("#!/bin/sh\n")
    (tmp_path / "scripts" / "build").chmod(0o755)
    return tmp_path


def fuzz(checkout, end):
    """scripts/fuzz of a target that keeps something, and then does that."""
    target = checkout / "build-fuzz" / "fuzz" / "fuzz_one"
    target.write_text(KEEP + end)
    target.chmod(0o755)
    return subprocess.Popen([checkout / "scripts" / "fuzz", "one"], env={**os.environ, "TOLD": str(checkout / "told"), "BUILD": "build"},
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


@pytest.mark.parametrize("end, status", [("exit 0\n", 0), ("kill -9 $$\n", 1)], ids=["done", "killed"])
def test_nothing_is_left_of_a_fuzzer(checkout, end, status):
    process = fuzz(checkout, end)
    told = process.communicate()[0]
    assert process.returncode == status, told
    assert not os.path.exists((checkout / "told").read_text().strip())


def test_nothing_is_left_where_it_is_ended(checkout):
    process = fuzz(checkout, "exec tail -f /dev/null\n")
    until((checkout / "told").exists, lambda: "it does not begin")
    folder = (checkout / "told").read_text().strip()
    assert os.path.exists(folder)
    process.send_signal(signal.SIGTERM)
    process.communicate()  # until its fuzzer, who has it too, lets go of the output
    assert process.returncode == 1
    assert not os.path.exists(folder)
