# SPDX-License-Identifier: MIT
"""Strangers at the socket of a gateway, which say what no command of ours says, or do not listen."""

import json
import struct
import threading

import pytest

from attached import (ASK, CLAIM, COMMAND, DECIDE, DONE_FRAME, ECHO, FOLLOW, GCODE, HELLO, IDLE, KEYS, PAYLOAD, Attached, fake, frame,  # noqa: F401  fixtures
                      gateway, logins, own_broker, printers, say_echo, served, text)
from process import DEADLINE_S
from program import DONE


def test_a_guard_of_the_gateway_holds_whatever_the_client_thinks(served, gateway, own_broker, fake):
    """A client that asks for what is refused, as one with no guards of its own would."""
    with Attached.greeted(served) as client:
        assert client.follow(ECHO, own_broker)
        client.command(0, 7, GCODE, "M997")
        place, id_, _, kind, outcome, _, guarded = struct.unpack("=QQQBBBB", client.await_kind(DONE_FRAME)[:28])
        assert (place, id_, kind, outcome, guarded) == (0, 7, GCODE, 2, 1)
        client.command(0, 8, GCODE, "M105")
        place, id_, _, kind, outcome = struct.unpack("=QQQBB", client.await_kind(DONE_FRAME)[:26])
        assert (place, id_, kind, outcome) == (0, 8, GCODE, 1)
    assert not any(message and message.get("cmdData") == "M997" for message in fake.received)


def test_what_waits_for_another_command_is_not_sent_for_who_is_gone(served, gateway, own_broker, fake):
    """The end of the one that was under way is not the beginning of the next."""
    with Attached.greeted(served) as neighbour:
        assert neighbour.follow(ECHO, own_broker)
        with Attached.greeted(served) as client:
            assert client.follow(ECHO, own_broker)
            client.command(0, 1, GCODE, "M118 held")
            for id_ in range(2, 6):
                client.command(0, id_, GCODE, "M118 after", no_wait=True)
            client.command(0, 6, GCODE, "M997")
            assert struct.unpack("=QQ", client.await_kind(DONE_FRAME)[:16]) == (0, 6)
        gateway.await_text('"text":"M118 held"')
        say_echo(fake, "M118 held")  # late: nobody is to wait for it from now on
        assert neighbour.is_served()
    words = [message.get("cmdData") for message in fake.received if message]
    assert "M118 held" in words and "M118 after" not in words
    assert gateway.get("/health")["status"] == "ok"


@pytest.mark.parametrize("serial, port", [("NOBODY", 0), (IDLE, 1), ("Idle", 0)], ids=["serial", "broker", "name"])
def test_what_it_does_not_have_is_left_to_the_client(served, gateway, own_broker, serial, port):
    class Other:
        pass

    other = Other()
    other.port = own_broker.port + port
    with Attached.greeted(served) as client:
        assert not client.follow(serial, other)


ATTACKS = {
    "no-hello": frame(ASK, bytes(9)),
    "length-0": struct.pack("=I", 0),
    "too-long": struct.pack("=I", 2**31),
    "a-little-too-long": struct.pack("=I", 2 * 2**20 + 1),
    "all-ones": b"\xff" * 64,
    "hello-without-text": frame(HELLO),
    "hello-with-a-lie": frame(HELLO, struct.pack("=I", 10**9) + b"x"),
    "long-version": frame(HELLO, text("v" * 5000)),
    "http": b"GET /api/v1/printers HTTP/1.1\r\nHost: localhost\r\n\r\n",
}
GREETED = {
    "unknown-kind": frame(200),
    "answer-of-a-gateway": frame(DONE_FRAME, bytes(60)),
    "follow-cut": frame(FOLLOW, text(IDLE)[:-2]),
    "follow-with-more": frame(FOLLOW, text(IDLE) + text("localhost") + bytes(9) + b"more"),
    "follow-long": frame(FOLLOW, text("A" * 4000) + text("localhost") + bytes(9)),
    "follow-nul": frame(FOLLOW, text("A\0B") + text("localhost") + bytes(9)),
    "ask-of-nobody": frame(ASK, struct.pack("=QB", 5, 1)),
    "ask-far": frame(ASK, struct.pack("=QB", 2**64 - 1, 1)),
    "flag": frame(FOLLOW, text(IDLE) + text("localhost") + struct.pack("=QB", 1, 7)),
    "command-of-nobody": frame(COMMAND, bytes(200)),
    "second-hello": frame(HELLO, text("again")),
    "keys-with-more": frame(KEYS, b"more"),
    "claim-cut": frame(CLAIM, text(IDLE)[:-2]),
    "claim-long": frame(CLAIM, text("A" * 4000)),
    "claim-with-more": frame(CLAIM, text(IDLE) + b"more"),
    "second-claim": 2 * frame(CLAIM, text(IDLE)),
    "decision-cut": frame(DECIDE, text("0" * 12)),
    "decision-long": frame(DECIDE, text("0" * 40) + bytes(7)),
    "decision-role": frame(DECIDE, text("0" * 12) + b"\x01\x04\x00" + text("")),
    "decision-flag": frame(DECIDE, text("0" * 12) + b"\x02\x01\x00" + text("")),
    "decision-printers": frame(DECIDE, text("0" * 12) + b"\x01\x01\x00" + text("no/serial")),
    "decision-both": frame(DECIDE, text("0" * 12) + b"\x01\x01\x01" + text(IDLE)),
}


@pytest.mark.parametrize("attack", [*ATTACKS, *GREETED])
def test_what_is_no_frame_ends_that_client_alone(served, gateway, own_broker, attack):
    with Attached.greeted(served) as neighbour:
        assert neighbour.follow(ECHO, own_broker)
        with Attached.greeted(served) if attack in GREETED else Attached(served) as client:
            client.socket.sendall({**ATTACKS, **GREETED}[attack])
            while client.take():
                pass
        assert neighbour.is_served()
    assert gateway.get("/health")["status"] == "ok"


@pytest.mark.parametrize("kind, flags", [(200, 0), (GCODE, 9)], ids=["kind", "flag"])
def test_a_command_that_is_none_ends_the_client(served, gateway, own_broker, kind, flags):
    with Attached.greeted(served) as client:
        assert client.follow(ECHO, own_broker)
        client.send(COMMAND, struct.pack("=QQBqB", 0, 1, kind, 0, 1) + text("M105") + struct.pack("=dddddq", *[0.0] * 5, 0)
                    + bytes([flags, 0, 0, 0]))
        while taken := client.take():
            assert taken[0] != DONE_FRAME


def test_who_does_not_read_is_put_out_and_nobody_waits(served, gateway, own_broker, fake):
    """8 MiB are kept for him, and then nothing more."""
    with Attached.greeted(served) as deaf, Attached.greeted(served) as neighbour:
        assert deaf.follow(ECHO, own_broker) and neighbour.follow(ECHO, own_broker)
        ballast = json.dumps([{"commandType": 1003, "currentTemp": 2400, "targetTemp": 0, "more": "x" * 50000}])
        count = 10 * 2**20 // len(ballast)
        reader = threading.Thread(target=lambda: [neighbour.await_kind(PAYLOAD) for _ in range(count)])
        reader.start()
        for _ in range(count):
            fake.publish(ballast)
        reader.join(DEADLINE_S)
        assert not reader.is_alive()
        taken = 0
        while deaf.take():
            taken += 1
        assert taken < count


def test_more_clients_than_there_is_room_for(served, gateway, own_broker):
    """Who comes then goes directly, and others are not disturbed."""
    with Attached.greeted(served) as first:
        assert first.follow(ECHO, own_broker)
        crowd = [Attached(served) for _ in range(70)]
        before = logins(own_broker)
        result = served.run("status", "-p", "Idle")
        assert (result.returncode, result.stderr) == (DONE, "")
        assert logins(own_broker) == before + 1
        assert first.is_served()
        for client in crowd:
            client.socket.close()
