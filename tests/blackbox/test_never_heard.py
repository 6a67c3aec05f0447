# SPDX-License-Identifier: MIT
"""What is sent to a printer that says nothing at all, and by a broker that acknowledges nothing."""

import itertools
import pathlib

import pytest

from conftest import KEY, SERIAL
from fake_printer import FakePrinter
from hostile import HostileBroker, packet
from process import DEADLINE_S, Process
from program import DONE, FLAGSHIP, NO_ANSWER, environment, run

NUMBERS = itertools.count()
PUBLISH = 0x30
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


def naps(pid):
    """How often it has gone to sleep by itself."""
    lines = pathlib.Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    return int(next(line for line in lines if line.startswith("voluntary_ctxt_switches:")).split()[1])


def test_who_waits_sleeps_between_two_questions(mute, options):
    """It woke fifty times a second, to see whether something had come: what comes is an event."""
    waiting = Process(FLAGSHIP, "fan", "50", "--timeout", "30", *options, env=environment())
    try:
        mute.await_received(2)
        before = naps(waiting.pid)
        mute.await_received(4)
        assert naps(waiting.pid) - before < 50
    finally:
        waiting.stop()


class SilentBroker(HostileBroker):
    """Takes what is published without a word; `hangs_up`: and ends the connection."""

    def __init__(self, hangs_up):
        self.hangs_up = hangs_up
        super().__init__(lambda send: None)

    def serve(self, connection):
        super().serve(connection)
        while packet(connection)[0] != PUBLISH or not self.hangs_up:
            pass


@pytest.mark.parametrize("hangs_up,words", [(False, "the broker did not acknowledge it"), (True, "the connection was lost before")])
def test_no_wait_waits_for_the_broker(key_file, hangs_up, words):
    with SilentBroker(hangs_up) as broker:
        timeout = "30" if hangs_up else "1"
        result = run("light", "on", "--no-wait", "--timeout", timeout, "--broker", broker.url, "--serial", SERIAL, "--key-file", key_file,
                     "--model", "m5c")
    assert result.returncode == NO_ANSWER and words in result.stderr + result.stdout, result
