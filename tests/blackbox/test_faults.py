# SPDX-License-Identifier: MIT
"""How a simulated printer misbehaves on demand, heard by a client that shares no code with it."""

import json
import time

import pytest

from conftest import KEY
from program import USAGE, run
from wire import Client

SERIAL = "FAULTY0123456789"


@pytest.fixture
def faulty(broker, authority, connection, simulate):
    """A client of a printer with these faults: with faulty("silent") as client."""

    def start(*faults, options=("--model", "m5", "--speed", "20")):
        simulate(*connection(SERIAL), *options, *(word for fault in faults for word in ("--fault", fault)))
        return Client(broker.port, authority.certificate, SERIAL, KEY)

    return start


def heat(client, number, first=10000):
    """Sends as many targets, each another, and waits until the printer told of the last."""
    for i in range(number):
        client.send("command", {"commandType": 1003, "value": first + 100 * i})
    client.wait(lambda: any(o.get("targetTemp") == first + 100 * (number - 1) for o in client.of("notice", 1003)),
                "the last target")


def test_loses_replies_but_does_what_it_was_told(faulty):
    with faulty("drop-replies=1") as client:
        heat(client, 5)
        assert client.of("command/reply") == []
        client.send("query", {"commandType": 1027, "value": 0})
        client.wait_for("notice", 1098)
        assert client.of("query/reply") == []


def test_loses_the_same_replies_in_every_run(broker, authority, connection, simulate):
    heard = []
    for seed in ("3", "3", "4"):
        with Client(broker.port, authority.certificate, SERIAL, KEY) as client:
            printer = simulate(*connection(SERIAL), "--fault", "drop-replies=0.5", "--seed", seed)
            for i in range(40):
                client.send("command", {"commandType": 1003 + i % 2 * 3, "value": 100 + i})
            client.wait_for("notice", 1006, value=139)
            counts = printer.counts()
            printer.stop()
            assert counts["executed"] == {"1003": 20, "1006": 20}
            client.wait(lambda: len(client.of("command/reply")) == 40 - counts["replies_dropped"], "the replies")
            heard.append([o["commandType"] for o in client.of("command/reply")])
    assert heard[0] == heard[1] != heard[2]
    assert 8 <= len(heard[0]) <= 32


def test_replies_late_in_real_seconds(faulty):
    with faulty("late-replies=0.4") as client:
        started = time.monotonic()
        assert client.command(1003, value=20000)["reply"] == 0
        assert 0.39 <= time.monotonic() - started
        reply = next(m for m in client.messages if m.topic == "command/reply")
        notice = next(m for m in client.messages if m.topic == "notice" and m.objects[0].get("targetTemp") == 20000)
        assert notice.at < reply.at - 0.2


def test_late_replies_keep_their_order(faulty):
    with faulty("late-replies=0.2") as client:
        for value in (100, 110):
            client.send("command", {"commandType": 1006, "value": value})
            client.send("command", {"commandType": 1003, "value": value})
        client.wait(lambda: len(client.of("command/reply")) == 4, "four replies")
        assert [o["commandType"] for o in client.of("command/reply")] == [1006, 1003] * 2


def test_replies_with_another_type(faulty):
    with faulty("other-type-replies") as client:
        client.send("command", {"commandType": 1003, "value": 20000})
        assert client.wait_for("command/reply", 1004) == {"commandType": 1004, "reply": 0}
        client.send("command", {"commandType": 1043, "cmdData": "M105", "cmdLen": 4})
        assert "T:" in client.wait_for("command/reply", 1044)["resData"]
        client.wait_for("notice", 1003, targetTemp=20000)
        assert client.query()[1003]["targetTemp"] == 20000


def test_acknowledges_without_effect(faulty):
    with faulty("ack-no-effect", options=("--scenario", "print", "--at", "10", "--speed", "1")) as client:
        assert client.control(2) == {"commandType": 1008, "reply": 0}
        assert client.command(1006, value=77)["reply"] == 0
        assert client.gcode("M290 Z0.5").endswith("ok\n")
        burst = client.query()
        assert burst[1000]["value"] == 1 and burst[1006]["value"] != 77 and burst[1021]["value"] == -5


def test_refuses(faulty):
    with faulty("refuse", options=("--scenario", "print", "--at", "10")) as client:
        assert client.control(2) == {"commandType": 1008, "reply": 1}
        client.send("command", {"commandType": 1043, "cmdData": "M104 S100", "cmdLen": 9})
        assert client.wait_for("command/reply", 1043) == {"commandType": 1043, "reply": 1}
        burst = client.query()
        assert burst[1000]["value"] == 1 and burst[1003]["targetTemp"] == 22000


def test_is_silent(broker, authority, connection, simulate):
    with Client(broker.port, authority.certificate, SERIAL, KEY) as client:
        printer = simulate(*connection(SERIAL), "--fault", "silent", "--scenario", "print", "--speed", "50")
        client.send("command", {"commandType": 1006, "value": 100})
        client.send("query", {"commandType": 1027, "value": 0})
        counts = printer.await_counts(lambda counts: counts["received"] == 2)
        assert counts["executed"] == {} and counts["published"] == 0
        assert client.messages == []


@pytest.mark.parametrize("model", ["m5", "m5c", "e1"])
def test_damages_messages(faulty, model):
    with faulty("malformed=0.5", options=("--model", model, "--scenario", "print", "--speed", "100")) as client:
        client.wait(lambda: len(client.messages) + len(client.refused) >= 40, "40 messages")
        assert 8 <= len(client.refused) <= 32 + len(client.messages)


def test_counts_at_the_end(connection, simulate):
    printer = simulate(*connection(SERIAL), "--json", "--for", "2")
    printer.await_end()
    assert json.loads(printer.lines[-1]) == {
        "serial": SERIAL, "model": "M5", "received": 0, "malformed": 0, "executed": {}, "refused": {},
        "published": 0, "replies_dropped": 0, "damaged": 0}


def test_several_at_once(faulty):
    with faulty("ack-no-effect", "drop-replies=0.5", "late-replies=0.1") as client:
        for _ in range(20):
            client.send("command", {"commandType": 1006, "value": 99})
        client.wait(lambda: len(client.of("command/reply")) >= 3, "some replies")
        assert len(client.of("command/reply")) < 20
        assert client.of("notice", 1006) == []


@pytest.mark.parametrize("fault", ["lazy", "drop-replies", "drop-replies=1.5", "drop-replies=x", "malformed=-1",
                                   "late-replies=", "late-replies=1h", "silent=1", "=1", ""])
def test_refuses_faults_that_make_no_sense(connection, fault):
    result = run("simulate", *connection(SERIAL), "--fault", fault)
    assert result.returncode == USAGE
    assert f"--fault {fault}" in result.stderr and "drop-replies=P" in result.stderr
