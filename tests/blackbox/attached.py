# SPDX-License-Identifier: MIT
"""A gateway that runs (flagship serve) for commands that go by it, its printers, and a client of our own at its socket.

Fixtures, for files of tests that import them."""

import contextlib
import itertools
import os
import socket
import ssl
import struct

import paho.mqtt.client as mqtt
import pytest

from accounts_home import Home
from broker import Broker
from conftest import KEY
from fake_printer import FakePrinter
from gateway import Gateway
from process import DEADLINE_S
from simulator import Simulator
from test_serve import keep_printers

IDLE, BUSY, ECHO = "ATTACHIDLE", "ATTACHBUSY", "ATTACHECHO"
SERIALS = {"Idle": IDLE, "Busy": BUSY, "Echo": ECHO, "Absent": "ATTACHABSENT"}
MARKERS = itertools.count()
SOCKET = ".local/state/flagship/serve/attach.sock"
HELLO, FOLLOW, ASK, COMMAND, FOLLOWED, PAYLOAD, DONE_FRAME, KEYS, DECIDE, CLAIM = 1, 2, 3, 4, 6, 8, 13, 15, 16, 19  # of enum attach_kind
GCODE = 18  # of enum command_kind
ACCEPTED = 1  # of enum command_outcome


@pytest.fixture(scope="module")
def own_broker(tmp_path_factory, certificate, authority):
    """Nobody else logs in here, so that logins can be counted."""
    with Broker(tmp_path_factory.mktemp("broker"), *certificate) as running:
        running.ca = authority.certificate
        yield running


@pytest.fixture(scope="module")
def served(tmp_path_factory, own_broker, authority):
    home = Home(tmp_path_factory.mktemp("attach"))
    keep_printers(home, own_broker, authority, SERIALS)
    return home


def echo(fake, message):
    """Answers for its state, and each G-code with itself, but for what is to be held."""
    if message["commandType"] == 1027:
        fake.publish([{"commandType": 1000, "subType": 1, "value": 0},
                      {"commandType": 1003, "currentTemp": 2400, "targetTemp": 0},
                      {"commandType": 1004, "currentTemp": 2300, "targetTemp": 0}])
    elif message["commandType"] == 1043 and "held" not in message["cmdData"]:
        say_echo(fake, message["cmdData"])


def say_echo(fake, line):
    text = f"echo:{line}\n+ringbuf:1,512,0\nok\n"
    fake.reply(commandType=1043, reply=0, resCode=0, resLen=len(text.encode()), resData=text)


@pytest.fixture(scope="module")
def fake(own_broker, authority):
    printer = FakePrinter(ECHO, own_broker.port, authority.certificate, KEY, echo)
    yield printer
    printer.stop()


@pytest.fixture(scope="module")
def printers(served, own_broker, authority, key_file, fake):
    """Two that are simulated, and the one that is not."""

    def options(serial, *more):
        return ["--broker", own_broker.url, "--ca", authority.certificate, "--serial", serial, "--key-file", key_file, *more]

    running = [Simulator(*options(IDLE, "--model", "m5", "--scenario", "idle", "--speed", "10")),
               Simulator(*options(BUSY, "--model", "m5", "--scenario", "print", "--at", "20"))]
    yield running
    for printer in running:
        printer.stop()


def await_printers(gateway, count=len(SERIALS) - 1):
    """They are known, with what their jobs are doing."""
    stream = gateway.events()
    known = {shown["serial"]: shown for shown in stream.next()[1]["printers"]}
    while sum(bool(shown["online"] and shown["job"] and shown["job"]["state"]) for shown in known.values()) < count:
        message = stream.next()
        if message and message[1]["type"] == "patch":
            known.setdefault(message[1]["printer"], {"online": False, "job": None}).update(message[1]["patch"])
    stream.close()


@pytest.fixture(scope="module")
def gateway(served, printers):
    with Gateway(served) as running:
        await_printers(running)
        yield running


def logins(broker):
    """So far; a client of ours shows that the log is as far."""
    name = f"marker-{next(MARKERS)}"
    marker = mqtt.Client(client_id=name)
    marker.tls_set(ca_certs=str(broker.ca), tls_version=ssl.PROTOCOL_TLS_CLIENT)
    marker.connect("localhost", broker.port)
    marker.loop_start()
    lines = broker.process.await_text(f"as {name} ")
    marker.disconnect()
    marker.loop_stop()
    return sum("New client connected" in line and "as marker-" not in line for line in lines)


def questions(broker, serial):
    """Messages to the printer, by whomever."""
    return sum("Received PUBLISH from" in line and f"/device/maker/{serial}/" in line for line in broker.process.lines)


@pytest.fixture
def home_of_its_own(tmp_path, own_broker, authority, printers):
    folder = tmp_path / "h"
    folder.mkdir()
    home = Home(folder)
    keep_printers(home, own_broker, authority, SERIALS)
    return home


def text(words):
    return struct.pack("=I", len(words)) + words.encode()


def frame(kind, body=b""):
    return struct.pack("=IB", len(body) + 1, kind) + body


@contextlib.contextmanager
def short(path):
    """That of a socket, which may be longer than its address has room for."""
    folder = os.open(path.parent, os.O_PATH)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)


class Attached:
    """A client of our own, which says what it is told to say."""

    def __init__(self, home):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(DEADLINE_S)
        with short(home.folder / SOCKET) as path:
            self.socket.connect(path)
        self.received = b""

    @classmethod
    def greeted(cls, home):
        with cls(home) as stranger:
            stranger.send(HELLO, text("other"))
            version = stranger.take()[1][4:].decode()
            assert stranger.take() is None
        client = cls(home)
        client.send(HELLO, text(version))
        assert client.take() == (HELLO, text(version))
        return client

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, kind, body=b""):
        self.socket.sendall(frame(kind, body))

    def take(self):
        """The next frame, or None at the end."""
        while len(self.received) < 4 or len(self.received) < 4 + struct.unpack("=I", self.received[:4])[0]:
            data = self.socket.recv(65536)
            if not data:
                return None
            self.received += data
        size = struct.unpack("=I", self.received[:4])[0]
        whole, self.received = self.received[4:4 + size], self.received[4 + size:]
        return whole[0], whole[1:]

    def await_kind(self, kind):
        while (taken := self.take())[0] != kind:
            pass
        return taken[1]

    def follow(self, serial, broker):
        """Returns whether the gateway has it."""
        self.send(FOLLOW, text(serial) + text("localhost") + struct.pack("=QB", broker.port, 0))
        return self.await_kind(FOLLOWED)[8] == 1

    def command(self, place, id_, kind, words, no_wait=False):
        self.send(COMMAND, struct.pack("=QQBqB", place, id_, kind, 0, 1) + text(words) + struct.pack("=dddddq", *[0.0] * 5, 0)
                  + bytes([0, 0, no_wait, 0]))

    def is_served(self):
        """Whether a line to the first printer that it follows is answered."""
        self.command(0, 1, GCODE, "M117 a neighbour")
        place, id_, _, kind, outcome = struct.unpack("=QQQBB", self.await_kind(DONE_FRAME)[:26])
        return (place, id_, kind, outcome) == (0, 1, GCODE, ACCEPTED)
