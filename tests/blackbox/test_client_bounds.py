# SPDX-License-Identifier: MIT
"""Brokers and services that send without an end: every client ends in an error, with bounded memory."""

import gzip
import itertools
import json
import time

import pytest

from conftest import SERIAL
from hostile import PIECE, HostileBroker, Measured, Server, publish, varint
from program import DONE, SANITIZED

# A well-behaved session needs some 15 MiB; unbounded ones came to 765 MiB and 1.9 GB.
PEAK_MAX_MIB = 400 if SANITIZED else 100
HUGE = 268435455
TOPIC = f"/phone/maker/{SERIAL}/notice"
LONG_S = 60  # a slow machine takes some seconds for 20 MB
ENOUGH = 300 * 1024 * 1024  # an attack ends there, whether it worked or not


def endless(send, make, limit=ENOUGH):
    sent = 0
    for number in itertools.count():
        data = make(number)
        send(data)
        sent += len(data)
        if sent > limit:
            return


def announced(kind, topic=TOPIC):
    def attack(send):
        send(bytes([kind]) + varint(HUGE) + len(topic).to_bytes(2, "big") + topic.encode())
        endless(send, lambda _: PIECE, HUGE - 100)
    return attack


def kept_messages(send):
    """Of QoS 2, which is kept until its last part comes."""
    endless(send, lambda number: publish(TOPIC, PIECE * 2, 2, number % 65535 + 1))


def acknowledged(send):
    """Of QoS 1: each is answered, and nobody reads the answers."""
    endless(send, lambda number: publish(TOPIC, b"x", 1, number % 65535 + 1) * 1000, 60 * 1024 * 1024)


def other_topics(send):
    endless(send, lambda number: b"".join(publish(f"/phone/maker/AK7{number:06}{i:07}/notice", b"x" * 100) for i in range(500)),
            40 * 1024 * 1024)


ATTACKS = {"message": announced(0x30), "subscription": announced(0x90), "ping": announced(0xD0), "kept": kept_messages,
           "acknowledged": acknowledged, "topics": other_topics}


@pytest.fixture
def reach(authority, key_file):
    def options(broker):
        trust = [] if broker.context is None else ["--ca", authority.certificate]
        return ["--broker", broker.url, *trust, "--serial", SERIAL, "--key-file", key_file]
    return options


@pytest.mark.parametrize("attack,tls", [*((name, False) for name in ATTACKS), ("message", True), ("kept", True)])
def test_a_broker_that_sends_without_an_end(attack, tls, certificate, reach):
    with HostileBroker(ATTACKS[attack], certificate if tls else None) as broker:
        result = Measured("status", *reach(broker), "--timeout", "2")
    assert result.ended and result.returncode != DONE, result.stderr
    assert result.peak_mib < PEAK_MAX_MIB, (result.peak_mib, broker.sent >> 20)
    if attack in ("message", "subscription", "ping"):
        # It ends with the header: what fits into sockets on the way is all that was sent.
        assert "announces a packet" in result.stderr and broker.sent < HUGE / 4, result.stderr


@pytest.mark.parametrize("command", [["monitor"], ["doctor", "--timeout", "2"], ["simulate"]], ids=lambda words: words[0])
@pytest.mark.parametrize("early", [False, True], ids=["subscribed", "greeted"])
def test_every_client_of_a_broker(command, early, certificate, reach):
    with HostileBroker(announced(0x30), certificate, early) as broker:
        result = Measured(command[0], *reach(broker), *command[1:], enough=lambda: broker.rounds >= 2)
    assert result.peak_mib < PEAK_MAX_MIB, (result.peak_mib, result.stderr)
    assert broker.sent < HUGE / 4


def test_messages_as_large_as_may_be_are_taken(reach):
    """The bound is far from what printers send, and what comes before it is read to its end."""
    taken = []

    def attack(send):
        for _ in range(20):
            send(publish(TOPIC, b"x" * 1000000))
        taken.append(20)
    with HostileBroker(attack) as broker:
        result = Measured("status", *reach(broker), "--timeout", str(LONG_S), enough=lambda: taken)
    # No system keeps 20 MB on their way: they were read.
    assert "announces" not in result.stderr and taken and result.peak_mib < PEAK_MAX_MIB


# --- services ---

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"


def trailers(send):
    send(CHUNKED + b"2\r\n{}\r\n0\r\n")
    endless(send, lambda number: b"".join(b"X-%d-%d: " % (number, i) + b"y" * 60 + b"\r\n" for i in range(900)))


def headers(send):
    send(HEAD)
    endless(send, lambda number: b"".join(b"X-%d-%d: " % (number, i) + b"y" * 60 + b"\r\n" for i in range(900)))


def one_header(send):
    send(HEAD + b"X: ")
    endless(send, lambda _: b"y" * 65536)


def interim_answers(send):
    endless(send, lambda _: b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" * 1000)


def endless_body(send):
    send(HEAD + b"\r\n")
    endless(send, lambda _: PIECE)


def endless_chunks(send):
    send(CHUNKED)
    endless(send, lambda _: b"10000\r\n" + PIECE + b"\r\n")


def packed(send):
    """What would become 100 MB, were it unpacked."""
    body = gzip.compress(bytes(100 * 1024 * 1024))
    send(HEAD + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(body) + body)


def nothing_of_json(send):
    """Within the bound: two million values."""
    body = b'{"code":0,"data":[' + b"0," * 2000000 + b"0]}"
    send(HEAD + b"Content-Length: %d\r\n\r\n" % len(body) + body)


def elsewhere(send):
    send(b"HTTP/1.1 302 Found\r\nLocation: /v1/passport/profile\r\nContent-Length: 0\r\n\r\n")


def drip(send):
    send(HEAD + b"\r\n")
    for _ in range(600):
        send(b" ")
        time.sleep(0.1)


ANSWERS = [trailers, headers, one_header, interim_answers, endless_body, endless_chunks, packed, nothing_of_json, elsewhere, drip]


class HostileService(Server):
    def __init__(self, attack, certificate):
        self.attack, self.asked = attack, 0
        super().__init__(certificate)

    def serve(self, connection):
        data = b""
        while b"\r\n\r\n" not in data:
            piece = connection.recv(65536)
            if not piece:
                return
            data += piece
        self.asked += 1
        assert b"accept-encoding" not in data.lower()
        self.attack(lambda piece: self.send(connection, piece))


@pytest.mark.parametrize("attack", ANSWERS, ids=lambda attack: attack.__name__)
def test_a_service_that_sends_without_an_end(attack, certificate, authority, tmp_path):
    with HostileService(attack, certificate) as service:
        result = Measured("login", "--email", "owner@example.org", "--api", f"https://localhost:{service.port}", "--ca",
                          authority.certificate, "--timeout", "2", stdin=b"secret\n", HOME=tmp_path)
    assert result.ended and result.returncode != DONE, result.stderr
    assert service.asked >= 1 and result.peak_mib < PEAK_MAX_MIB, (result.peak_mib, result.stderr)
    assert result.stderr and "Traceback" not in result.stderr
    if attack in (trailers, headers, interim_answers):
        assert "headers without an end" in result.stderr and service.sent < ENOUGH / 4, result.stderr


def test_the_error_is_reported_to_programs_as_well(certificate, authority, tmp_path):
    with HostileService(trailers, certificate) as service:
        result = Measured("login", "--json", "--email", "owner@example.org", "--api", f"https://localhost:{service.port}", "--ca",
                          authority.certificate, "--timeout", "2", stdin=b"secret\n", HOME=tmp_path)
    for line in result.stdout.splitlines():
        json.loads(line)
    assert result.returncode != DONE
