# SPDX-License-Identifier: MIT
"""What flagship refuses to do to a printer, and does with --force (protocol.md 3.5)."""

import itertools

import pytest

from program import DONE, REFUSED, USAGE, lines, run
from terminal import Terminal

NUMBERS = itertools.count()
IDLE = ("--speed", "20")
PRINTING = ("--scenario", "print", "--at", "20", "--speed", "5")


@pytest.fixture
def serial():
    return f"GUARDED{next(NUMBERS)}"


@pytest.fixture
def options(serial, connection):
    return connection(serial)


@pytest.fixture
def printer(options, simulate):
    return lambda model, scenario: simulate(*options, "--model", model, *scenario)


def command(options, *words):
    result = run(*words, "--json", *options)
    (line,) = lines(result)
    return result.returncode, line


def touched(simulated):
    """Whether it was asked to do anything."""
    counts = simulated.counts()
    return bool(set(counts["executed"]) - {"1027"}) or bool(counts["refused"])


@pytest.mark.parametrize(("model", "scenario", "words"), [
    ("m5", PRINTING, ("home",)),
    ("m5", PRINTING, ("home", "x")),
    ("m5", PRINTING, ("move", "10", "-", "-")),
    ("m5", PRINTING, ("extrude", "5")),
    ("m5", PRINTING, ("retract", "5")),
    ("m5", PRINTING, ("level",)),
    ("m5", PRINTING, ("send", "1043", "cmdData=G29", "cmdLen=3")),
    ("m5c", IDLE, ("home",)),
    ("m5c", IDLE, ("home", "z")),
    ("m5c", IDLE, ("send", "1026", "value=2")),
    ("m5c", IDLE, ("send", "1043", "cmdData=G28 Z", "cmdLen=5")),
    ("m5c", IDLE, ("send", "1043", "cmdData=g36", "cmdLen=3")),
    ("m5", IDLE, ("send", "1043", "cmdData=M500", "cmdLen=4")),
    ("m5", IDLE, ("send", "1043", "cmdData=M112", "cmdLen=4")),
    ("m5", IDLE, ("send", "1011")),
    ("m5", IDLE, ("send", "2018")),
    ("m5", IDLE, ("temp", "nozzle", "310")),
    ("m5", IDLE, ("temp", "bed", "115")),
])
def test_refused_with_a_reason(printer, options, model, scenario, words):
    simulated = printer(model, scenario)
    status, line = command(options, *words)
    assert (status, line["outcome"], line["attempts"], line["reply"]) == (REFUSED, "refused", 0, None)
    assert len(line["detail"]) > 20
    result = run(*words, *options)
    assert result.returncode == REFUSED
    assert "--force" in result.stderr and line["detail"] in result.stderr and result.stdout == ""
    assert not touched(simulated)


@pytest.mark.parametrize(("model", "scenario", "words", "type_"), [
    ("m5", PRINTING, ("move", "10", "-", "-"), "1043"),
    ("m5", PRINTING, ("extrude", "5"), "1043"),
    ("m5c", IDLE, ("home", "z"), "1043"),
    ("m5", IDLE, ("temp", "nozzle", "310"), "1043"),
    ("m5", IDLE, ("temp", "bed", "115"), "1043"),
    ("m5", IDLE, ("send", "1043", "cmdData=M500", "cmdLen=4"), "1043"),
])
def test_forced(printer, options, model, scenario, words, type_):
    simulated = printer(model, scenario)
    status, line = command(options, *words, "--force")
    assert line["attempts"] >= 1, line
    counts = simulated.counts()
    assert counts["executed"].get(type_, 0) + counts["refused"].get(type_, 0) >= 1
    assert status in (DONE, 7, 8)


def test_home_of_other_axes_is_allowed_on_an_m5c(printer, options):
    printer("m5c", IDLE)
    status, line = command(options, "home", "x", "y")
    assert status == DONE, line


def test_nothing_to_pause(printer, options):
    simulated = printer("m5", IDLE)
    for word in ("pause", "resume", "stop"):
        status, line = command(options, word)
        assert (status, line["outcome"]) == (REFUSED, "refused"), line
    assert not touched(simulated)


def test_a_name_is_needed_or_the_printer_crashes(printer, options):
    simulated = printer("m5", IDLE)
    result = run("send", "1034", *options)
    assert result.returncode == USAGE and "devName" in result.stderr
    assert not touched(simulated)


def test_a_factory_reset_is_asked_about(printer, options, serial):
    simulated = printer("m5", IDLE)
    result = run("send", "1029", *options)
    assert result.returncode == REFUSED and "--force" in result.stderr
    for answer in ("n", "", "q"):
        with Terminal("send", "1029", *options) as terminal:
            assert serial in terminal.await_text("[y/N] ")
            terminal.write(answer + "\n")
            _, status = terminal.await_end()
        assert status == REFUSED
    assert simulated.counts()["received"] == 0
    with Terminal("send", "recover_factory", "--timeout", "1", *options) as terminal:
        terminal.await_text("Erase all settings of")
        terminal.write("yes\n")
        seen, status = terminal.await_end()
    # The simulated printer has no such command, and says nothing; but it was sent.
    assert status == 6, seen
    simulated.await_counts(lambda counts: counts["received"] >= 2)
