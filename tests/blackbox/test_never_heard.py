# SPDX-License-Identifier: MIT
"""What is sent to a printer that says nothing at all."""

import itertools

import pytest

from conftest import KEY
from fake_printer import FakePrinter
from process import DEADLINE_S
from program import DONE, NO_ANSWER, run

NUMBERS = itertools.count()
SOON = ("--timeout", "1")


@pytest.fixture
def serial():
    return f"MUTE{next(NUMBERS):04}"


@pytest.fixture
def mute(broker, authority, serial):
    printer = FakePrinter(serial, broker.port, authority.certificate, KEY)
    yield printer
    printer.stop()


@pytest.fixture
def options(connection, serial):
    return [*connection(serial), "--model", "m5c"]


def is_command(message):
    return message["commandType"] != 1027


def await_command(printer):
    with printer.changed:
        assert printer.changed.wait_for(lambda: any(map(is_command, printer.received)), DEADLINE_S), "nothing was sent"


def test_without_force_nothing_is_sent(mute, options):
    result = run("fan", "50", *SOON, *options)
    assert result.returncode == NO_ANSWER
    assert "nothing was sent; --force sends it nevertheless" in result.stderr
    # A second command passes whatever the first may have left on the way.
    assert run("query", "1027", "--no-wait", *SOON, *options).returncode == DONE
    mute.await_received(2)
    assert not any(map(is_command, mute.received))


@pytest.mark.parametrize("words", [["fan", "50"], ["home"], ["pause"]])
def test_force_sends_after_the_wait(mute, options, words):
    result = run(*words, "--force", *SOON, *options)
    assert result.returncode == NO_ANSWER
    await_command(mute)


@pytest.mark.parametrize("words", [["temp", "nozzle", "200"], ["light", "on"], ["speed", "100"]])
def test_no_wait_sends_what_no_job_forbids(mute, options, words):
    result = run(*words, "--no-wait", "--timeout", "30", *options)
    assert result.returncode == DONE, result.stderr
    await_command(mute)


@pytest.mark.parametrize("words", [["move", "5", "-", "-"], ["level"]])
def test_no_wait_does_not_send_what_a_job_forbids(mute, options, words):
    result = run(*words, "--no-wait", *SOON, *options)
    assert result.returncode == NO_ANSWER, result.stderr
    assert "--force sends it nevertheless" in result.stderr


def test_force_and_no_wait_send_at_once(mute, options):
    result = run("move", "5", "-", "-", "--no-wait", "--force", "--timeout", "30", *options)
    assert result.returncode == DONE, result.stderr
    await_command(mute)
