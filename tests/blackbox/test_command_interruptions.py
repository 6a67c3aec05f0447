# SPDX-License-Identifier: MIT
"""Commands under way when something else happens: a broker restarts, Ctrl-C, another command."""

import itertools
import json
import signal
import subprocess
import threading

import pytest

from broker import Broker
from conftest import KEY
from fake_printer import FakePrinter
from process import DEADLINE_S, Process
from program import DONE, FAILED, FLAGSHIP, NO_ANSWER, environment, run

NUMBERS = itertools.count()
INTERRUPTED = 130
IDLE, PRINTING, PAUSED = 0, 1, 2


class Scripted:
    """A printer that tells its state when asked, and does nothing else by itself."""

    def __init__(self):
        self.state = PRINTING
        self.acknowledges = True
        self.control = threading.Event()

    def tell(self, printer):
        printer.publish({"commandType": 1000, "subType": 1, "value": self.state})

    def answer(self, printer, message):
        if message is None:
            return
        if message["commandType"] == 1027:
            self.tell(printer)
        elif self.acknowledges:
            printer.reply(commandType=message["commandType"], reply=0)
        if message["commandType"] == 1008:
            self.control.set()


@pytest.fixture
def serial():
    return f"WAYLAID{next(NUMBERS)}"


@pytest.fixture
def options(serial, connection):
    return connection(serial)


@pytest.fixture
def script():
    return Scripted()


@pytest.fixture
def printer(serial, broker, authority, script):
    fake = FakePrinter(serial, broker.port, authority.certificate, KEY, script.answer)
    yield fake
    fake.stop()


def start(*words, output="stdout"):
    return Process(FLAGSHIP, *words, env=environment(), output=output)


def count(printer, type_):
    return sum(m is not None and m["commandType"] == type_ for m in printer.received)


def test_the_state_comes_after_a_while(printer, script, options):
    process = start("pause", "--json", *options)
    assert script.control.wait(DEADLINE_S)
    script.state = PAUSED
    script.tell(printer)
    assert process.await_end() == DONE
    assert json.loads(process.lines[0])["outcome"] == "confirmed"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupted(printer, script, options, number):
    process = start("pause", "--json", *options)
    assert script.control.wait(DEADLINE_S)
    process.signal(number)
    assert process.await_end() == INTERRUPTED
    line = json.loads(process.lines[0])
    assert line["outcome"] == "unanswered" and "interrupted" in line["detail"]
    assert count(printer, 1008) == 1


def test_interrupted_before_anything_was_sent(printer, options):
    printer.answer = None
    process = start("pause", "--json", "--timeout", "60", *options, output="both")
    printer.await_received(1)
    process.signal(signal.SIGINT)
    assert process.await_end() == INTERRUPTED
    assert count(printer, 1008) == 0
    line = json.loads(process.log)
    assert (line["outcome"], line["attempts"]) == ("failed", 0) and "nothing was sent" in line["detail"]


def test_the_broker_restarts_in_mid_command(tmp_path, certificate, authority, connection, serial, script):
    with Broker(tmp_path, *certificate) as broker:
        options = connection(serial, url=broker.url)
        fake = FakePrinter(serial, broker.port, authority.certificate, KEY, script.answer)
        # A slow machine takes longer to start a broker than printers take to confirm.
        process = start("pause", "--json", "--timeout", str(DEADLINE_S), *options)
        assert script.control.wait(DEADLINE_S)
        broker.stop()
        fake.stop()
        script.state = PAUSED
        broker.start()
        fake = FakePrinter(serial, broker.port, authority.certificate, KEY, script.answer)
        assert process.await_end() == DONE
        line = json.loads(process.lines[0])
        assert line["outcome"] == "confirmed", line
        # It asked for the state, and did not send the command again.
        assert count(fake, 1008) == 0 and count(fake, 1027) >= 1
        fake.stop()


def test_the_broker_goes_away_for_good(tmp_path, certificate, authority, connection, serial, script):
    with Broker(tmp_path, *certificate) as broker:
        fake = FakePrinter(serial, broker.port, authority.certificate, KEY, script.answer)
        script.acknowledges = False
        process = start("rename", "Other", "--json", "--timeout", "5", *connection(serial, url=broker.url))
        fake.await_received(2)
        broker.stop()
        assert process.await_end() == NO_ANSWER
        assert json.loads(process.lines[0])["outcome"] == "unanswered"
        fake.stop()


def test_two_processes_at_once(options, simulate):
    simulated = simulate(*options, "--scenario", "print", "--at", "20", "--speed", "5")
    processes = [start(*words, "--json", *options)
                 for words in (("speed", "111"), ("temp", "bed", "55"), ("pause",), ("speed", "111"))]
    results = [(process.await_end(), json.loads(process.lines[0])) for process in processes]
    assert [status for status, _ in results] == [DONE] * 4, results
    state = json.loads(run("status", "--json", *options).stdout)
    assert (state["bed"]["target_c"], state["job"]["state"]) == (55.0, "paused")
    assert simulated.counts()["executed"]["1008"] >= 1


def test_opposite_commands_at_once(options, simulate):
    """Each ends in one way of its own, and the printer in one of the two states."""
    simulate(*options, "--scenario", "print", "--at", "20", "--speed", "5")
    assert run("pause", *options).returncode == DONE
    processes = [start(word, "--json", "--timeout", "3", *options) for word in ("resume", "stop")]
    for process in processes:
        assert process.await_end(40) in (DONE, 7, 8)
        (line,) = [json.loads(line) for line in process.lines]
        assert line["outcome"] in ("confirmed", "refused", "accepted")


def test_a_closed_pipe_is_no_crash(options, simulate):
    simulate(*options, "--scenario", "print", "--at", "20", "--speed", "5")
    with open("/dev/full", "w", encoding="utf-8") as full:
        result = subprocess.run([str(FLAGSHIP), "pause", *map(str, options)], stdout=full, stderr=subprocess.PIPE,
                                env=environment(), check=False, timeout=DEADLINE_S)
    assert result.returncode == FAILED
