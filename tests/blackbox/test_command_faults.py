# SPDX-License-Identifier: MIT
"""Commands to printers that lose replies, send them late or wrong, do nothing, refuse, or are not there."""

import itertools
import time

import pytest

from program import DONE, NO_ANSWER, NOT_CONFIRMED, REFUSED, lines

NUMBERS = itertools.count()
PRINTING = ("--scenario", "print", "--at", "20", "--speed", "5")

# So that what never shows need not be waited for long; what comes takes seconds on a slow machine.
SOON_S = 5
SOON = ("--timeout", str(SOON_S))
IMPATIENT = "".join(f"[{model}]\nconfirm_ms = {SOON_S * 1000}\n" for model in ("m5", "m5c"))


@pytest.fixture
def serial():
    return f"TROUBLE{next(NUMBERS)}"


@pytest.fixture
def options(serial, connection):
    return connection(serial)


@pytest.fixture
def faulty(options, simulate):
    """Starts a printer with these faults: faulty("refuse", model="m5c")."""

    def start(*faults, model="m5", scenario=PRINTING):
        return simulate(*options, "--model", model, *scenario, *(w for fault in faults for w in ("--fault", fault)))

    return start


@pytest.fixture
def command(options, home):
    """Runs a command with --json, and returns the exit status and its only line."""
    home.settings(IMPATIENT)

    def run(*words, more=()):
        result = home.run(*words, "--json", *options, *more)
        (line,) = lines(result)
        return result.returncode, line

    return run


@pytest.mark.parametrize("model", ["m5", "m5c"])
@pytest.mark.parametrize("word", ["pause", "stop"])
def test_acknowledged_but_without_effect(faulty, command, model, word):
    faulty("ack-no-effect", model=model)
    status, line = command(word)
    assert (status, line["outcome"], line["reply"]) == (NOT_CONFIRMED, "accepted", 0)
    assert "still printing" in line["detail"]


def test_a_value_without_effect(faulty, command):
    faulty("ack-no-effect")
    status, line = command("speed", "77", more=SOON)
    assert (status, line["outcome"]) == (NOT_CONFIRMED, "accepted")


@pytest.mark.parametrize("model", ["m5", "m5c"])
def test_every_reply_is_lost_but_the_state_shows_it(faulty, command, model):
    faulty("drop-replies=1", model=model)
    status, line = command("pause")
    assert (status, line["outcome"], line["reply"]) == (DONE, "confirmed", None), line


def test_the_reply_is_lost_and_nothing_shows_it(faulty, command):
    simulated = faulty("drop-replies=1", scenario=())
    status, line = command("send", "1034", "devName=Other", more=SOON)
    assert (status, line["outcome"]) == (NO_ANSWER, "unanswered")
    assert simulated.counts()["executed"]["1034"] == line["attempts"]


def test_what_must_not_be_repeated_is_not(faulty, command):
    simulated = faulty("drop-replies=1", scenario=())
    before = simulated.counts()["executed"].get("1043", 0)
    status, line = command("send", "1043", "cmdData=G4 P1", "cmdLen=5", more=SOON)
    assert (status, line["outcome"], line["attempts"]) == (NO_ANSWER, "unanswered", 1)
    assert simulated.counts()["executed"]["1043"] == before + 1


def test_a_reply_comes_late(faulty, command):
    faulty("late-replies=0.6")
    started = time.monotonic()
    status, line = command("rename", "Late")
    assert (status, line["outcome"], line["reply"]) == (DONE, "accepted", 0), line
    assert time.monotonic() - started > 0.6


def test_replies_carry_another_type(faulty, command):
    faulty("other-type-replies")
    status, line = command("pause")
    assert (status, line["outcome"]) == (DONE, "confirmed"), line


@pytest.mark.parametrize("words", [("pause",), ("speed", "100"), ("temp", "bed", "50"), ("rename", "Other")])
def test_the_printer_refuses(faulty, command, words):
    simulated = faulty("refuse")
    status, line = command(*words)
    assert (status, line["outcome"], line["reply"]) == (REFUSED, "refused", 1)
    assert simulated.counts()["executed"] == {} or set(simulated.counts()["executed"]) == {"1027"}


def test_a_silent_printer(faulty, command, serial):
    faulty("silent")
    status, line = command("pause", more=SOON)
    assert (status, line["outcome"], line["attempts"]) == (NO_ANSWER, "unanswered", 0)


def test_a_printer_that_is_off(command):
    status, line = command("stop", more=SOON)
    assert (status, line["outcome"]) == (NO_ANSWER, "unanswered")


def test_damaged_messages_change_nothing_but_the_time_it_takes(faulty, command):
    faulty("malformed=0.3", "drop-replies=0.3")
    for word in ("pause", "resume", "pause"):
        # Long enough to ask for a state that was damaged on its way.
        status, line = command(word, more=("--timeout", "9"))
        assert (status, line["outcome"]) == (DONE, "confirmed"), line


def test_half_of_the_replies_are_lost(faulty, command):
    simulated = faulty("drop-replies=0.5")
    for value in range(100, 105):
        status, line = command("speed", value)
        assert (status, line["outcome"]) == (DONE, "confirmed"), line
    assert simulated.counts()["executed"]["1006"] >= 5
