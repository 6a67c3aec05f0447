# SPDX-License-Identifier: MIT
"""Commands that go by a gateway that runs (flagship serve), in place of a login of their own."""

import contextlib
import itertools
import json
import os
import re
import signal
import socket
import ssl
import stat
import struct
import subprocess
import sys
import threading

import paho.mqtt.client as mqtt
import pytest

from accounts_home import Home
from broker import Broker
from conftest import KEY
from fake_printer import FakePrinter
from gateway import Gateway
from process import DEADLINE_S, Process
from program import DONE, FLAGSHIP, NO_ANSWER, environment
from simulator import Simulator
from terminal import Terminal
from test_serve import keep_printers

IDLE, BUSY, ECHO = "ATTACHIDLE", "ATTACHBUSY", "ATTACHECHO"
SERIALS = {"Idle": IDLE, "Busy": BUSY, "Echo": ECHO, "Absent": "ATTACHABSENT"}
MARKERS = itertools.count()
SOCKET = ".local/state/flagship/serve/attach.sock"
HELLO, FOLLOW, ASK, COMMAND, FOLLOWED, PAYLOAD, DONE_FRAME, KEYS, DECIDE = 1, 2, 3, 4, 6, 8, 13, 15, 16  # of enum attach_kind


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
        text = f"echo:{message['cmdData']}\n+ringbuf:1,512,0\nok\n"
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

    running = [Simulator(*options(IDLE, "--model", "m5", "--scenario", "idle")),
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


VOLATILE = re.compile(r'"(?:elapsed_ms|elapsed_s|remaining_s|finish_at|t|received_at|seen_at|ended_at|current_c|progress_percent|layer|speed_mm_s'
                      r'|filament_used[a-z_]*|age_s|[a-z]+_age_s)": ?(?:"[^"]*"|\{[^}]*\}|-?[0-9.e+-]+|null)')
NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)?")


def steady(text):
    """What of an output does not change from second to second."""
    return NUMBER.sub("N", VOLATILE.sub("", text))


# --- the same answers, and no second login ---

WAYS = {
    "status": ("status", "-p", "Idle"),
    "status-json": ("status", "-p", "Idle", "--json"),
    "status-of-two": ("status", "-p", "Idle,Echo"),
    "printers": ("printers",),
    "wait": ("wait", "idle", "-p", "Idle", "--json"),
    "wait-impossible": ("wait", "finished", "-p", "Idle", "--timeout", "2"),
    "monitor": ("monitor", "-p", "Echo", "--count", "3"),
    "gcode": ("gcode", "-p", "Echo", "M105", "M114"),
    "gcode-json": ("gcode", "-p", "Idle", "--json", "M105"),
    "gcode-refused": ("gcode", "-p", "Idle", "M997", "M105"),
    "gcode-during-a-job": ("gcode", "-p", "Busy", "--json", "G1 X10"),
    "temp": ("temp", "nozzle", "30", "-p", "Idle", "--json"),
    "cooldown": ("cooldown", "-p", "Idle"),
    "fan": ("fan", "40", "-p", "Idle"),
    "light-of-an-m5": ("light", "on", "-p", "Idle", "--json"),
    "files": ("files", "-p", "Idle"),
    "files-json": ("files", "-p", "Idle", "--json"),
    "move-during-a-job": ("move", "1", "-", "-", "-p", "Busy"),
    "pause-without-a-job": ("pause", "-p", "Idle", "--json"),
    "no-wait": ("fan", "0", "-p", "Idle", "--no-wait"),
    "no-wait-json": ("fan", "0", "-p", "Idle", "--no-wait", "--json"),
    "send": ("send", "1006", "value=250", "-p", "Idle"),
    "send-refused": ("send", "1043", "cmdData=M997", "-p", "Idle", "--json"),
    "query": ("query", "1027", "-p", "Idle"),
    "query-json": ("query", "1027", "-p", "Echo", "--json"),
    "start-of-no-file": ("start", "nothing.gcode", "-p", "Idle", "--yes"),
    "map": ("level", "--map", "-p", "Idle", "--csv"),
    "map-json": ("level", "--map", "-p", "Idle", "--json"),
    "z-offset": ("z-offset", "0.1", "-p", "Idle"),
    "home": ("home", "-p", "Idle", "--yes"),
    "nobody-is-there": ("status", "-p", "Absent", "--timeout", "1"),
    "command-where-nobody-is": ("pause", "-p", "Absent", "--timeout", "1", "--json"),
    "insisting-where-nobody-is": ("fan", "0", "-p", "Absent", "--timeout", "1", "--force"),
}


@pytest.mark.parametrize("way", WAYS)
def test_the_same_as_without_it(served, gateway, own_broker, way):
    directly = served.run(*WAYS[way], "--direct")
    before = logins(own_broker)
    by_gateway = served.run(*WAYS[way])
    assert logins(own_broker) == before, by_gateway.stderr
    assert by_gateway.returncode == directly.returncode, by_gateway.stderr
    assert steady(by_gateway.stdout) == steady(directly.stdout)
    assert steady(by_gateway.stderr) == steady(directly.stderr)
    assert served.run(*WAYS[way], "--direct").returncode == directly.returncode
    assert logins(own_broker) > before


def test_a_live_state_is_answered_without_the_printer(served, gateway, own_broker):
    before = questions(own_broker, ECHO)
    # It is asked by the gateway where it was silent for 10 s: then there is one message, and none of ours.
    seen = [served.run("status", "-p", "Echo", "--json") for _ in range(8)]
    assert {result.returncode for result in seen} == {DONE}
    assert json.loads(seen[0].stdout)["nozzle"]["current_c"] == 24.0
    assert questions(own_broker, ECHO) - before < len(seen) / 2


def test_top_watches_and_commands_by_the_gateway(served, gateway, own_broker):
    before = logins(own_broker)
    with Terminal("top", "-p", "Idle,Echo", HOME=served.folder, TERM="xterm") as terminal:
        terminal.await_text("Idle")
        terminal.await_text("24")
        terminal.write("q")
        assert terminal.await_end()[1] == DONE
    assert logins(own_broker) == before


def test_commands_of_two_shells_and_a_page_take_their_turn(served, gateway, fake):
    shells = 2
    lines = [[f"M117 shell {shell} line {i}" for i in range(12)] for shell in range(shells)]
    results = {}

    def run(shell):
        results[shell] = served.run("gcode", "-p", "Echo", *lines[shell])

    threads = [threading.Thread(target=run, args=(shell,)) for shell in range(shells)]
    for thread in threads:
        thread.start()
    pages = [gateway.submit(ECHO, {"command": "gcode", "line": f"M117 page {i}"}) for i in range(12)]
    for thread in threads:
        thread.join()
    for shell in range(shells):
        assert results[shell].returncode == DONE, results[shell].stderr
        assert results[shell].stdout.splitlines() == [f"echo:{line}" for line in lines[shell]]
    for i, (status, answer) in enumerate(pages):
        assert (status, answer["text"]) == (200, f"echo:M117 page {i}")
    sent = [message["cmdData"] for message in fake.received if message and message["commandType"] == 1043]
    assert all(sent.count(line) == 1 for shell in lines for line in shell)


def test_commands_are_in_the_log_and_the_history(served, gateway):
    assert served.run("fan", "33", "-p", "Idle").returncode == DONE
    line = next(line for line in gateway.await_text('"value":33') if '"value":33' in line)
    assert '"command":"fan"' in line and '"by":"cli"' in line


# --- what goes directly nevertheless ---


@pytest.mark.parametrize("options", [("--direct",), ("--mqtt5",), ("--model", "m5"), ("--user-id", "1"), "broker", "key"],
                         ids=["direct", "mqtt5", "model", "user-id", "broker", "key"])
def test_who_says_where_to_go_goes_there(served, gateway, own_broker, authority, key_file, options):
    if options == "broker":
        options = ("--broker", own_broker.url, "--ca", authority.certificate)
    if options == "key":
        options = ("--key-file", key_file)
    before = logins(own_broker)
    assert served.run("status", "-p", "Idle", *options).returncode == DONE
    assert logins(own_broker) == before + 1


def test_the_variable_names_another_socket_or_none(served, gateway, own_broker):
    before = logins(own_broker)
    assert served.run("status", "-p", "Idle", FLAGSHIP_GATEWAY="").returncode == DONE
    assert served.run("status", "-p", "Idle", FLAGSHIP_GATEWAY="/nowhere/attach.sock").returncode == DONE
    assert logins(own_broker) == before + 2
    assert served.run("status", "-p", "Idle", FLAGSHIP_GATEWAY=served.folder / SOCKET, XDG_STATE_HOME=None).returncode == DONE
    assert logins(own_broker) == before + 2


def test_the_doctor_looks_for_itself(served, gateway, own_broker):
    before = logins(own_broker)
    served.run("doctor", "-p", "Idle")
    assert logins(own_broker) > before


def test_the_socket_is_of_this_user_alone(served, gateway):
    status = (served.folder / SOCKET).stat()
    assert stat.S_ISSOCK(status.st_mode)
    assert stat.S_IMODE(status.st_mode) == 0o600


@pytest.mark.skipif(os.geteuid() != 0, reason="another user's programs can be started by root alone")
def test_another_user_is_sent_away(served, gateway):
    """Even where he is let at the socket."""
    path = served.folder / SOCKET
    folder = os.open(path.parent, os.O_PATH)
    mode = stat.S_IMODE(path.parent.stat().st_mode)
    try:
        path.parent.chmod(0o755)
        path.chmod(0o666)
        program = (f"import socket, struct\ns = socket.socket(socket.AF_UNIX)\ns.settimeout({DEADLINE_S})\n"
                   f"s.connect('/proc/self/fd/{folder}/attach.sock')\n\n"
                   "try:\n    s.sendall(struct.pack('=IBI', 6, 1, 1) + b'x')\n    print(s.recv(1))\nexcept ConnectionError:\n    print(b'')")
        result = subprocess.run([sys.executable, "-c", program], user=65534, group=65534, pass_fds=[folder], capture_output=True, text=True, check=False)
        assert result.stdout == "b''\n", result.stderr
        gateway.await_text("a program of another user was sent away")
    finally:
        path.chmod(0o600)
        path.parent.chmod(mode)
        os.close(folder)


# --- clients that are no flagship ---


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


GCODE = 18  # of enum command_kind


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
        neighbour.command(0, 1, GCODE, "M105")
        neighbour.await_kind(DONE_FRAME)
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
        neighbour.command(0, 1, GCODE, "M105")
        neighbour.await_kind(DONE_FRAME)
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
        first.command(0, 1, GCODE, "M105")
        first.await_kind(DONE_FRAME)
        for client in crowd:
            client.socket.close()


# --- gateways that are none, or end ---


@pytest.fixture
def home_of_its_own(tmp_path, own_broker, authority, printers):
    folder = tmp_path / "h"
    folder.mkdir()
    home = Home(folder)
    keep_printers(home, own_broker, authority, SERIALS)
    return home


class Impostor:
    """What listens where a gateway would, and does `serve` with the first connection."""

    def __init__(self, home, serve):
        path = home.folder / SOCKET
        path.parent.mkdir(parents=True, exist_ok=True)
        self.socket = socket.socket(socket.AF_UNIX)
        with short(path) as short_path:
            self.socket.bind(short_path)
        self.socket.listen()
        threading.Thread(target=self._run, args=(serve,), daemon=True).start()

    def _run(self, serve):
        self.connection = self.socket.accept()[0]
        serve(self.connection)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()


def nothing(_):
    pass


IMPOSTORS = {
    "other-version": (lambda peer: peer.sendall(frame(HELLO, text("99.0.0/7/beef"))), "is of another version"),
    "silent": (nothing, "does not answer"),
    "gone": (lambda peer: peer.close(), None),
    "garbage": (lambda peer: peer.sendall(b"SSH-2.0-OpenSSH\r\n"), None),
    "endless": (lambda peer: peer.sendall(struct.pack("=I", 2**31 - 1)), None),
}


@pytest.mark.parametrize("impostor", IMPOSTORS)
def test_what_is_no_gateway_of_this_version_is_gone_without(home_of_its_own, own_broker, impostor):
    serve, warning = IMPOSTORS[impostor]
    before = logins(own_broker)
    with Impostor(home_of_its_own, serve):
        result = home_of_its_own.run("fan", "40", "-p", "Idle")
    assert result.returncode == DONE, result.stderr
    assert logins(own_broker) == before + 1
    lines = result.stderr.splitlines()
    assert len(lines) == (1 if warning else 0), result.stderr
    assert not warning or f"printer Idle ({IDLE})" in lines[0] and warning in lines[0]


def test_a_socket_that_nobody_serves_is_passed_over(home_of_its_own, own_broker):
    gateway = Gateway(home_of_its_own)
    gateway.signal(signal.SIGKILL)
    gateway.await_end()
    assert (home_of_its_own.folder / SOCKET).is_socket()
    before = logins(own_broker)
    result = home_of_its_own.run("status", "-p", "Idle")
    assert (result.returncode, result.stderr) == (DONE, "")
    assert logins(own_broker) == before + 1
    # The next gateway takes its place, and its end takes the socket away.
    with Gateway(home_of_its_own) as gateway:
        await_printers(gateway)
        before = logins(own_broker)
        assert home_of_its_own.run("status", "-p", "Idle").returncode == DONE
        assert logins(own_broker) == before
    assert not (home_of_its_own.folder / SOCKET).exists()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may open any socket")
def test_a_socket_that_may_not_be_opened_is_passed_over(home_of_its_own):
    with Impostor(home_of_its_own, nothing):
        (home_of_its_own.folder / SOCKET).chmod(0)
        result = home_of_its_own.run("status", "-p", "Idle")
        assert (result.returncode, result.stderr) == (DONE, "")


@pytest.mark.parametrize("number, options", [(signal.SIGKILL, ()), (signal.SIGTERM, ()), (signal.SIGKILL, ("--json",))],
                         ids=["killed", "stopped", "killed-json"])
def test_a_gateway_that_ends_in_the_middle_of_a_command(home_of_its_own, own_broker, authority, number, options):
    serial = "ATTACHMUTE"
    keep_printers(home_of_its_own, own_broker, authority, {"Mute": serial})
    mute = FakePrinter(serial, own_broker.port, authority.certificate, KEY,
                       lambda fake, message: echo(fake, message) if message["commandType"] == 1027 else None)
    gateway = Gateway(home_of_its_own)
    try:
        await_printers(gateway, 1)
        command = subprocess.Popen([str(FLAGSHIP), "fan", "40", "-p", "Mute", "--timeout", "50", *options], stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True, env=environment(HOME=home_of_its_own.folder))
        with mute.changed:
            assert mute.changed.wait_for(lambda: any(message and message["commandType"] == 1043 for message in mute.received), DEADLINE_S)
        gateway.signal(number)
        stdout, stderr = command.communicate(timeout=DEADLINE_S)
        assert command.returncode == NO_ANSWER, stderr
        if options:
            ended = json.loads(stdout)
            assert (ended["name"], ended["serial"], ended["outcome"]) == ("Mute", serial, "unanswered")
            assert "flagship status shows" in ended["detail"]
        else:
            assert f"printer Mute ({serial}): " in stderr and "may be done still; flagship status shows" in stderr
        sent = [message for message in mute.received if message and message["commandType"] == 1043]
        assert len(sent) == 1
    finally:
        mute.stop()
        gateway.child.kill()
        gateway.await_end()


def test_what_only_watches_goes_on_without_the_gateway_that_ends(home_of_its_own, own_broker, fake):
    with Gateway(home_of_its_own) as gateway:
        await_printers(gateway)
        before = logins(own_broker)
        monitor = Process(FLAGSHIP, "monitor", "-p", "Echo", env=environment(HOME=home_of_its_own.folder), output="both")
        monitor.await_lines(lambda lines: len(lines) >= 3)
        assert logins(own_broker) == before
    monitor.await_text(f"printer Echo ({ECHO}): the gateway ended; going on without it")
    monitor.await_text("connected again")
    count = len(monitor.lines)
    fake.publish({"commandType": 1003, "currentTemp": 7700, "targetTemp": 0})
    monitor.await_lines(lambda lines: any("77" in line for line in lines[count:]))
    monitor.signal(signal.SIGINT)
    assert monitor.await_end() == DONE


def test_ctrl_c_takes_the_command_back(home_of_its_own, own_broker, authority):
    """As without a gateway, what waits is not sent any more by anybody."""
    serial = "ATTACHSLOW"
    keep_printers(home_of_its_own, own_broker, authority, {"Slow": serial})
    slow = FakePrinter(serial, own_broker.port, authority.certificate, KEY,
                       lambda fake, message: echo(fake, message) if message["commandType"] == 1027 else None)
    try:
        with Gateway(home_of_its_own) as gateway:
            await_printers(gateway, 1)
            first = Process(FLAGSHIP, "gcode", "-p", "Slow", "M117 first", "--timeout", "100", env=environment(HOME=home_of_its_own.folder))
            with slow.changed:
                assert slow.changed.wait_for(lambda: any(message and message.get("cmdData") == "M117 first" for message in slow.received), DEADLINE_S)
            second = Process(FLAGSHIP, "gcode", "-p", "Slow", "M117 second", "--timeout", "100", env=environment(HOME=home_of_its_own.folder))
            gateway.await_get(f"/printers/{serial}/commands", lambda commands: len(commands) == 2)
            second.signal(signal.SIGINT)
            second.await_end()
            gateway.await_text('"text":"M117 second"')
            first.signal(signal.SIGINT)
            first.await_end()
            gateway.await_text('"text":"M117 first"')
            assert [command["outcome"] for command in gateway.get(f"/printers/{serial}/commands")] == ["unanswered", "failed"]
        assert not any(message and message.get("cmdData") == "M117 second" for message in slow.received)
    finally:
        slow.stop()


def test_a_broker_that_goes_and_comes_is_reported_as_without_it(home_of_its_own, tmp_path, certificate, authority):
    """By a gateway that has lost it, too."""
    with Broker(tmp_path, *certificate) as broker:
        keep_printers(home_of_its_own, broker, authority, {"Far": "ATTACHFAR"})
        far = FakePrinter("ATTACHFAR", broker.port, authority.certificate, KEY, echo)
        with Gateway(home_of_its_own) as gateway:
            await_printers(gateway, 1)
            monitor = Process(FLAGSHIP, "monitor", "-p", "Far", env=environment(HOME=home_of_its_own.folder), output="both")
            monitor.await_lines(lambda lines: len(lines) >= 3)
            broker.stop()
            monitor.await_text("trying again in")
            broker.start()
            monitor.await_text("connected again")
            monitor.signal(signal.SIGINT)
            assert monitor.await_end() == DONE
            broker.stop()
            gateway.await_lines(lambda lines: sum("the connection was lost" in line for line in lines) >= 2)
            result = home_of_its_own.run("status", "-p", "Far")
            assert result.returncode == 4
            assert "cannot connect to the broker" in result.stderr
            broker.start()
        far.stop()
