# SPDX-License-Identifier: MIT
"""The fuzzer of the compiler: that it runs, repeats itself, and notices what is wrong."""

import importlib.util
import random
import sys

import pytest
from compiler import ROOT

from stf.error import SpecificationError

FUZZER = ROOT / "fuzz" / "stf_compiler.py"
CORPUS = ROOT / "fuzz" / "corpus" / "stf_compiler"


@pytest.fixture(name="fuzzer")
def fixture_fuzzer():
    specification = importlib.util.spec_from_file_location("fuzzer", FUZZER)
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def run(fuzzer, monkeypatch, tmp_path, *arguments):
    command = [str(FUZZER), "--corpus", str(CORPUS), "--artifacts", str(tmp_path), *arguments]
    monkeypatch.setattr(sys, "argv", command)
    return fuzzer.main()


def test_a_short_run_finds_nothing(fuzzer, monkeypatch, tmp_path, capsys):
    assert run(fuzzer, monkeypatch, tmp_path, "--seconds", "60", "--runs", "300") == 0
    assert capsys.readouterr().out.startswith("300 inputs, ")
    assert not list(tmp_path.iterdir())


def test_the_same_seed_makes_the_same_inputs(fuzzer):
    seeds = fuzzer.read_seeds([CORPUS])
    assert len(seeds) > 1

    def inputs(seed):
        random_ = random.Random(seed)
        return [fuzzer.make_input(seeds, random_) for _ in range(50)]

    assert inputs(1) == inputs(1)
    assert inputs(1) != inputs(2)


def test_a_crash_is_saved(fuzzer, monkeypatch, tmp_path, capsys):
    def crash(_specification, _stem):
        raise KeyError("broken")

    monkeypatch.setitem(fuzzer.EMITTERS, "header", crash)
    assert run(fuzzer, monkeypatch, tmp_path, "--seconds", "60") == 1
    (saved,) = tmp_path.iterdir()
    assert saved.read_bytes() == fuzzer.read_seeds([])[0]
    assert str(saved) in capsys.readouterr().err


def test_output_that_changes_is_a_finding(fuzzer, monkeypatch):
    monkeypatch.setitem(fuzzer.EMITTERS, "header", lambda *_: str(random.random()))
    with pytest.raises(AssertionError, match="differs from run to run"):
        fuzzer.run_one(b"# E\nenum e\n\ta = 1\t# A\n")


def test_c_that_does_not_compile_is_a_finding(fuzzer, tmp_path):
    with pytest.raises(AssertionError, match="does not compile"):
        fuzzer.compile_c({"header": "", "tables": "int x = ;\n"}, tmp_path)


@pytest.mark.parametrize(("line", "column"), [(0, 1), (3, 1), (1, 0), (1, 4), (2, 2)])
def test_an_error_outside_the_file_is_a_finding(fuzzer, line, column):
    with pytest.raises(AssertionError, match="line|column"):
        fuzzer.check_error(SpecificationError(line, column, "somewhere"), b"ab\n")
