# SPDX-License-Identifier: MIT
"""The bridge to another cloud: what printers say goes up, what its clients want comes down, and nothing goes round."""

import json
import signal
import socket
import ssl
import subprocess
import threading

import pytest

from broker import Broker
from conftest import ADMINISTRATOR, ANNE, BOB
from local_cloud import Client, Cloud, Witness
from network import SILENT, Network, why_not
from process import until
from program import FLAGSHIP, USAGE
from test_learning import NOTICE, key_of, speak
from wire import seal

PRINTER = "ANNESPRINTER1"
NOTICE_TOPIC = f"/phone/maker/{PRINTER}/notice"
COMMAND_TOPIC = f"/device/maker/{PRINTER}/command"
BOTH_ENDS = ("connected upstream", "hears its printers")
SILENT_SERVER = f"""
import socket
server = socket.socket(type=socket.SOCK_DGRAM)
server.bind(("{SILENT}", 53))
print("listens")
while server.recv(512):
    print("asked")
"""
QUERY = b'{"commandType":1027,"value":0}'


@pytest.fixture
def home(tmp_path):
    with Cloud(tmp_path) as cloud:
        cloud.add_account(ANNE, "secret")
        cloud.add_account("admin@example.org", "secret", "--administrator")
        cloud.add_printer(PRINTER, ANNE)
        yield cloud


@pytest.fixture
def upstream(tmp_path, home):
    """A broker that lets anybody in, as the vendor's would let the account."""
    folder = tmp_path / "upstream"
    folder.mkdir()
    with Broker(folder, home.dir / "server.pem", home.dir / "server.key") as broker:
        yield broker


class Upstream(Client):
    host = "localhost"

    def __init__(self, home, broker):
        self.mqtt_port, self.ca = broker.port, home.ca
        super().__init__(self, None)


def start_mirror(home, port):
    home.start("--mirror", "--mirror-broker", f"localhost:{port}", "--mirror-ca", home.ca)


def await_said(home, text, who=ANNE, times=1):
    home.process.await_lines(lambda lines: sum(f"mirror: {who}: {text}" in line for line in lines) >= times)


def await_both_ends(home, who=ANNE, times=1):
    for text in BOTH_ENDS:
        await_said(home, text, who, times)


def await_mirror(home, who, state):
    """What `cloud status` says of the accounts, once this one is so."""
    def look():
        accounts = (json.loads(home.command("status", "--json"))["mirror"] or {"accounts": []})["accounts"]
        return accounts if (who, state) in [(one["account"], one["state"]) for one in accounts] else None

    return until(look)


def test_both_ways(home, upstream):
    app = Upstream(home, upstream)
    app.try_subscribe("/phone/#")
    start_mirror(home, upstream.port)
    await_both_ends(home)
    (shown,) = await_mirror(home, ANNE, "passes")
    assert (shown["printers"], shown["problem"]) == (1, None) and f"mirror of {ANNE}: passes" in home.command("status")
    frame = seal(NOTICE, key_of(home, PRINTER))
    speak(home, ("printer", "secret"), PRINTER, frame)
    assert app.await_heard(lambda topic, _: topic == NOTICE_TOPIC) == [(NOTICE_TOPIC, frame)]
    printer = Client(home, ("printer", "secret"), "listening")
    assert printer.try_subscribe(COMMAND_TOPIC) < 128
    command = seal(QUERY, key_of(home, PRINTER))
    app.publish(COMMAND_TOPIC, command, qos=1)
    printer.await_heard(lambda topic, payload: (topic, payload) == (COMMAND_TOPIC, command))
    # The command went up again nowhere, and the notice did not come back.
    assert app.heard == [(NOTICE_TOPIC, frame)]
    app.close()
    printer.close()
    assert home.stop() == 0
    assert "mirror@" not in home.command("list") and not (home.dir / "mirror.json").exists()


def test_our_own_broker_may_listen_on_one_address_alone(home, upstream):
    home.host = "127.77.0.5"  # loopback too
    home.command("init", "--bind", home.host)
    app = Upstream(home, upstream)
    app.try_subscribe("/phone/#")
    start_mirror(home, upstream.port)
    await_both_ends(home)
    frame = seal(NOTICE, key_of(home, PRINTER))
    speak(home, ("printer", "secret"), PRINTER, frame)
    app.await_heard(lambda topic, payload: (topic, payload) == (NOTICE_TOPIC, frame))
    app.close()


def await_equal(client, message, count):
    with client.changed:
        assert client.changed.wait_for(lambda: client.heard.count(message) == count, 20), client.heard


def test_nothing_goes_round_where_the_upstream_is_this_very_broker(home):
    """Neither what printers say, which the broker takes of no account, nor commands, which it does."""
    start_mirror(home, home.mqtt_port)
    await_said(home, "the broker upstream is this cloud itself")
    await_mirror(home, ANNE, "loop")
    witness = Witness(home, "admin@example.org")
    frame, command = seal(NOTICE, key_of(home, PRINTER)), seal(QUERY, key_of(home, PRINTER))
    speak(home, ("printer", "secret"), PRINTER, frame)
    client = Client(home, home.login(ANNE), "app")
    client.publish(COMMAND_TOPIC, command, qos=1).wait_for_publish()
    heard = witness.heard_until_now() + witness.heard_until_now()
    assert (heard.count((NOTICE_TOPIC, frame)), heard.count((COMMAND_TOPIC, command))) == (1, 1)
    client.close()
    witness.close()


def test_what_printers_repeat_passes(home, upstream):
    """An idle one says the same each second, in the same bytes; replies to three lines of G-code are equal within milliseconds."""
    app = Upstream(home, upstream)
    app.try_subscribe("/phone/#")
    app.try_subscribe("/device/#")
    start_mirror(home, upstream.port)
    await_both_ends(home)
    frame, command = seal(NOTICE, key_of(home, PRINTER)), seal(QUERY, key_of(home, PRINTER))
    printer = Client(home, ("printer", "secret"), "listening")
    assert printer.try_subscribe(COMMAND_TOPIC) < 128
    speak(home, ("printer", "secret"), PRINTER, frame)
    for _ in range(2):
        printer.publish(NOTICE_TOPIC, frame, qos=1)
    await_equal(app, (NOTICE_TOPIC, frame), 3)
    for _ in range(3):
        app.publish(COMMAND_TOPIC, command, qos=1).wait_for_publish()
    await_equal(printer, (COMMAND_TOPIC, command), 3)
    # What our side alone is asked never gets there.
    assert not any("flagship_mirror" in str(payload) for _, payload in app.heard)
    app.close()
    printer.close()


def test_the_vendors_name_that_leads_to_us_is_not_taken_for_the_vendor(home):
    """After a takeover of the names, this machine's own resolver says that the vendor is here: its pin says that it is not."""
    home.start("--mirror", "--mirror-broker", f"localhost:{home.mqtt_port}")
    home.process.await_text("not tried again")


def test_without_a_ca_the_vendors_certificate_alone_is_good(home, upstream):
    """Also where the vendor's broker is named by its address, since its name leads here."""
    home.start("--mirror", "--mirror-broker", f"127.0.0.1:{upstream.port}")
    lines = home.process.await_text("not tried again")
    assert any("not the pinned one" in line for line in lines)


@pytest.fixture
def app(home, upstream):
    """The vendor's, at the broker upstream: it hears what the printers say."""
    client = Upstream(home, upstream)
    client.try_subscribe("/phone/#")
    yield client
    client.close()


class Both:
    """The two ends of a mirror. Each account passes on in order: what was heard of a printer of its own came behind the rest."""

    def __init__(self, home, app):
        self.home, self.app, self.number = home, app, 0
        self.witness = Witness(home, ADMINISTRATOR)

    def frame(self, serial):
        """Of bytes that never were before."""
        self.number += 1
        return seal(b'[{"commandType":1003,"currentTemp":%d}]' % self.number, key_of(self.home, serial))

    def send_down(self, serial):
        topic, frame = f"/device/maker/{serial}/command", self.frame(serial)
        self.app.publish(topic, frame, qos=1).wait_for_publish()
        return topic, frame

    def send_up(self, serial):
        topic, frame = f"/phone/maker/{serial}/notice", self.frame(serial)
        assert speak(self.home, (f"login of {serial}", "secret"), serial, frame, serial).returncode == 0
        return topic, frame

    def pass_down(self, serial):
        message = self.send_down(serial)
        self.witness.await_heard(lambda *heard: heard == message)
        return message

    def pass_up(self, serial):
        message = self.send_up(serial)
        self.app.await_heard(lambda *heard: heard == message)
        return message


@pytest.fixture
def both(home, app):
    ends = []

    def make():
        ends.append(Both(home, app))
        return ends[0]

    yield make
    for end in ends:
        end.witness.close()


def test_a_printer_of_two_accounts_is_mirrored_once(home, upstream, both):
    home.add_account(BOB, "secret")
    home.add_printer("BOBSPRINTER1", BOB)
    home.add_printer("ANNESPRINTER2", ANNE)
    home.command("share", PRINTER, BOB)
    start_mirror(home, upstream.port)
    for who in (ANNE, BOB):
        await_both_ends(home, who)
    ends = both()
    command, notice = ends.pass_down(PRINTER), ends.pass_up(PRINTER)
    for serial in ("ANNESPRINTER2", "BOBSPRINTER1"):
        ends.pass_down(serial)
        ends.pass_up(serial)
    assert ends.witness.heard.count(command) == 1
    assert ends.app.heard.count(notice) == 1


def test_what_is_changed_while_it_runs_is_followed(home, upstream, both):
    home.add_account(BOB, "secret")
    start_mirror(home, upstream.port)
    await_both_ends(home)
    ends = both()
    ends.pass_down(PRINTER)
    home.add_printer("ANNESPRINTER2", ANNE)
    await_both_ends(home, times=2)
    for serial in (PRINTER, "ANNESPRINTER2"):
        ends.pass_down(serial)
    home.command("share", PRINTER, BOB)
    home.command("unshare", PRINTER, ANNE)
    await_both_ends(home, BOB)
    await_both_ends(home, times=3)
    for serial in (PRINTER, "ANNESPRINTER2"):
        ends.pass_down(serial)
    home.command("remove-account", BOB)
    await_said(home, "ended", BOB)
    command, notice = ends.send_down(PRINTER), ends.send_up(PRINTER)
    ends.pass_down("ANNESPRINTER2")
    ends.pass_up("ANNESPRINTER2")
    assert command not in ends.witness.heard and notice not in ends.app.heard
    assert home.stop() == 0


def test_an_account_that_the_vendor_does_not_know_leaves_its_printers_to_others(home, tmp_path):
    home.add_account(BOB, "secret")
    home.command("share", PRINTER, BOB)
    passwords = tmp_path / "passwords"
    user, password = home.login(BOB)
    subprocess.run(["mosquitto_passwd", "-b", "-c", passwords, user, password], check=True, capture_output=True)
    with Broker(tmp_path, home.dir / "server.pem", home.dir / "server.key",
                settings=("allow_anonymous false", f"password_file {passwords}")) as upstream:
        start_mirror(home, upstream.port)
        await_said(home, "upstream:")
        await_both_ends(home, BOB)
        shown = {one["account"]: one for one in await_mirror(home, BOB, "passes")}
        assert shown[ANNE]["state"] == "refused" and shown[ANNE]["problem"]
        assert home.stop() == 0


class Rogue(threading.Thread):
    """Takes one MQTT 3.1.1 client with TLS, whatever it says, and sends it what it did not ask for."""

    def __init__(self, home, messages):
        super().__init__(daemon=True)
        self.messages, self.begin = messages, threading.Event()
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(home.dir / "server.pem", home.dir / "server.key")
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.start()

    @staticmethod
    def packet(stream):
        kind, length, shift = stream.read(1)[0], 0, 0
        while True:
            byte = stream.read(1)[0]
            length |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return kind >> 4, stream.read(length)

    @staticmethod
    def publication(topic, payload):
        body = len(topic).to_bytes(2, "big") + topic.encode() + payload
        return bytes([0x30, len(body) & 0x7F | 0x80, len(body) >> 7]) + body

    def run(self):
        raw, _ = self.listener.accept()
        client = self.context.wrap_socket(raw, server_side=True)
        stream = client.makefile("rb")
        self.packet(stream)
        client.sendall(bytes([0x20, 2, 0, 0]))
        kind, body = self.packet(stream)
        assert kind == 8
        topics, rest = 0, body[2:]
        while rest:
            rest = rest[2 + int.from_bytes(rest[:2], "big") + 1:]
            topics += 1
        client.sendall(bytes([0x90, 2 + topics]) + body[:2] + bytes([1] * topics))
        self.begin.wait()
        for message in self.messages:
            client.sendall(self.publication(*message))
        stream.read()


def test_an_upstream_that_sends_other_topics_reaches_nothing(home):
    home.add_account(BOB, "secret", "--administrator")
    home.add_printer("BOBSPRINTER1", BOB)
    bad = [NOTICE_TOPIC, f"/phone/maker/{PRINTER}/command/reply", "/device/maker/BOBSPRINTER1/command",
           f"/phone/user/{home.login(ANNE)[0][5:]}/change_notice", f"/device/maker/{PRINTER}/other", "anything", "$SYS/x"]
    frame = seal(QUERY, key_of(home, PRINTER))
    rogue = Rogue(home, [(topic, frame) for topic in bad] + [(COMMAND_TOPIC, frame)])
    start_mirror(home, rogue.port)
    await_both_ends(home)
    witness = Witness(home, ADMINISTRATOR)
    rogue.begin.set()
    witness.await_heard(lambda topic, payload: (topic, payload) == (COMMAND_TOPIC, frame))
    assert {topic for topic, payload in witness.heard if payload == frame} == {COMMAND_TOPIC}
    witness.close()


def test_the_login_that_a_killed_run_left_behind_opens_nothing_in_the_next(home, upstream):
    start_mirror(home, upstream.port)
    await_both_ends(home)
    login = home.login("mirror@flagship.invalid")
    home.process.signal(signal.SIGKILL)
    home.process.await_end()
    home.start()
    assert "mirror@" not in home.command("list")
    stranger = Client(home, login)
    assert stranger.try_subscribe("#") >= 128
    stranger.close()
    assert home.stop() == 0


@pytest.mark.skipif(why_not() is not None, reason=str(why_not()))
def test_a_name_server_that_does_not_answer_does_not_keep_it_from_ending(home, tmp_path):
    network = Network(tmp_path)
    try:
        network.replace("/etc/resolv.conf", f"nameserver {SILENT}\noptions timeout:30 attempts:5\n")  # which is longer than any deadline here
        silent = network.start("/usr/bin/python3", "-uc", SILENT_SERVER, ready="listens")
        running = network.start(FLAGSHIP, "cloud", "run", "--mirror", "--dir", home.dir, ready="ready:")
        silent.await_text("asked")
        running.signal(signal.SIGTERM)
        assert running.await_end() == 0
        assert "mirror@" not in home.command("list")
    finally:
        network.close()


def test_it_is_off_by_default_and_its_options_need_it(home):
    assert home.attempt("run", "--mirror-broker", "localhost").returncode == USAGE
    (home.dir / "mirror.json").write_text('{"accounts": []}')  # of a run that was killed
    home.start()
    assert "mirror" not in home.process.log and json.loads(home.command("status", "--json"))["mirror"] is None
