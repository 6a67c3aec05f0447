# SPDX-License-Identifier: MIT
"""flagship serve: every printer of every account, over HTTP on this machine."""

import base64
import http.client
import json
import os
import pathlib
import signal
import stat
import time
import types

import pytest

from accounts_home import Home
from broker import free_port
from conftest import KEY
from fake_printer import FakePrinter
from gateway import Gateway, UnixConnection
from process import DEADLINE_S, Process, opened, until
from program import DONE, FAILED, FLAGSHIP, USAGE, environment

SERIALS = {"Left": "SERVELEFT", "Right": "SERVERIGHT"}
PRINTING = ("--model", "m5", "--scenario", "print", "--at", "20")
ACCOUNT = {"auth_token": "t", "region": "eu", "user_id": "0123456789", "email": "a@example.com", "__type__": "Account"}


def keep_printers(home, broker, authority, serials):
    """An account with these printers, by name, in the store of the home."""
    profile = home.folder / "default.json"
    printers = [{"id": str(i), "sn": serial, "name": name, "model": "V8111", "mqtt_key": KEY, "ip_addr": "", "__type__": "Printer"}
                for i, (name, serial) in enumerate(serials.items())]
    profile.write_text(json.dumps({"account": ACCOUNT, "printers": printers, "__type__": "Config"}))
    imported = home.run("import", profile, "--broker", broker.url, "--ca", authority.certificate, "--offline")
    assert imported.returncode == DONE, imported.stderr


@pytest.fixture(scope="module")
def served(tmp_path_factory, broker, authority):
    folder = tmp_path_factory.mktemp("served")
    home = Home(folder)
    keep_printers(home, broker, authority, SERIALS)
    home.socket = folder / "socket"
    return home


@pytest.fixture(scope="module")
def gateway(served):
    with Gateway(served, "--unix", served.socket) as running:
        yield running


@pytest.fixture(scope="module")
def left(gateway, connection):
    """A printer that prints, and that the gateway has received."""
    from simulator import Simulator

    printer = Simulator(*connection(SERIALS["Left"]), *PRINTING)
    try:
        stream = gateway.events(f"?printer={SERIALS['Left']}")
        shown = stream.next()[1]["printers"][0]
        while not (shown["online"] and shown["job"] and shown["job"]["state"] == "printing"):
            message = stream.until(lambda message: message["type"] == "patch")[1]
            shown.update(message["patch"])
        stream.close()
        yield printer
    finally:
        printer.stop()


# --- what there is ---


def test_health_and_version(gateway):
    health = gateway.get("/health")
    assert (health["status"], health["printers"]) == ("ok", len(SERIALS))
    stream = gateway.events()
    assert health["start"] == stream.until(lambda message: message["type"] == "snapshot")[1]["stream"]
    stream.close()
    assert gateway.get("/version")["program"] == "flagship"


def test_printers(gateway, left):
    shown = {printer["name"]: printer for printer in gateway.get("/printers")}
    assert {name: printer["serial"] for name, printer in shown.items()} == SERIALS
    assert (shown["Left"]["online"], shown["Right"]["online"]) == (True, False)
    assert shown["Left"]["job"]["state"] == "printing"
    assert shown["Right"]["nozzle"]["current_c"] is None


@pytest.mark.parametrize("word", ["SERVELEFT", "Left", "lEFT"])
def test_printer(gateway, word):
    assert gateway.get(f"/printers/{word}")["serial"] == SERIALS["Left"]


@pytest.mark.parametrize("path", ["/printers/Middle", "/commands/7777", "/commands/x", "/commands/-1", "/commands/99999999999999999999", "/nothing"])
def test_what_is_not_there(gateway, path):
    status, headers, answer = gateway.ask("GET", path)
    assert (status, answer["status"], headers["Content-Type"]) == (404, 404, "application/problem+json")
    assert answer["detail"] and answer["title"] == "Not Found"


# --- commands ---


def test_command_is_confirmed(gateway, left):
    status, answer = gateway.submit("Left", {"command": "bed", "target_c": 61})
    assert (status, answer["outcome"], answer["serial"], answer["asker"]) == (200, "confirmed", SERIALS["Left"], "api"), answer
    assert gateway.get("/printers/Left")["bed"]["target_c"] == 61
    assert gateway.get(f"/commands/{answer['id']}")["outcome"] == "confirmed"
    assert answer["id"] in [command["id"] for command in gateway.get("/printers/Left/commands")]
    assert any("confirmed" in line and "bed" in line for line in gateway.await_text("confirmed"))


def test_guard_refuses(gateway, left):
    status, answer = gateway.submit("Left", {"command": "home"})
    assert (status, answer["outcome"], answer["forceable"], answer["status"]) == (409, "refused", True, 409), answer
    assert answer["detail"]
    status, answer = gateway.submit("Left", {"command": "nozzle", "target_c": 480})
    assert (status, answer["outcome"]) == (409, "refused")


def test_nobody_answers(gateway):
    status, answer = gateway.submit("Right", {"command": "rename", "name": "Other", "timeout_s": 0.2})
    assert (status, answer["outcome"]) == (504, "unanswered"), answer


def test_what_is_asked_for_at_once_waits_for_the_connection(served, gateway, left):
    """The gateway answers before its login is connected: what comes then is no reason to fail."""
    with Gateway(served, "--dir", served.folder / "early") as early:
        status, answer = early.submit("Left", {"command": "bed", "target_c": 58})
        assert (status, answer["outcome"]) == (200, "confirmed"), answer


def test_what_was_not_sent_has_failed(home, authority):
    """The broker is not there: nothing waits until it is."""
    keep_printers(home, types.SimpleNamespace(url=f"mqtts://127.0.0.1:{free_port()}"), authority, SERIALS)
    with Gateway(home) as alone:
        status, answer = alone.submit("Left", {"command": "pause"})
        assert (status, answer["outcome"], answer["detail_code"], answer["attempts"]) == (503, "failed", "command-not-connected", 0), answer


def test_not_waited_for(gateway, left):
    status, headers, answer = gateway.ask("POST", "/printers/Left/commands", {"command": "speed", "mm_s": 200}, {"Prefer": "respond-async"})
    assert (status, answer["outcome"], headers["Location"]) == (202, None, f"/api/v1/commands/{answer['id']}")
    ended = gateway.await_get(headers["Location"].removeprefix("/api/v1"), lambda command: command["outcome"])
    assert (ended["id"], ended["command"], ended["outcome"]) == (answer["id"], "speed", "confirmed"), ended


def test_not_waited_for_and_never_answered(gateway, left):
    """What came of it is found at the URL as well, and stays there."""
    status, headers, answer = gateway.ask("POST", "/printers/Right/commands", {"command": "rename", "name": "Other", "timeout_s": 0.2}, {"Prefer": "respond-async"})
    assert (status, answer["outcome"]) == (202, None)
    place = headers["Location"].removeprefix("/api/v1")
    ended = gateway.await_get(place, lambda command: command["outcome"])
    assert (ended["id"], ended["outcome"]) == (answer["id"], "unanswered")
    assert gateway.get(place) == ended


def test_a_job_that_is_resumed_at_once_is_shown_to_print(gateway, connection, simulate):
    """However soon after its pause: what is confirmed is shown, and stays so."""
    simulate(*connection(SERIALS["Right"]), "--model", "m5", "--scenario", "print", "--at", "20")
    gateway.await_get("/printers/Right", lambda printer: printer["online"] and printer["job"]["state"] == "printing")
    for _ in range(3):
        for command, state in (("pause", "paused"), ("resume", "printing")):
            status, answer = gateway.submit("Right", {"command": command})
            assert (status, answer["outcome"]) == (200, "confirmed"), answer
            assert gateway.get("/printers/Right")["job"]["state"] == state


def test_same_key_is_one_command(gateway, left):
    key = {"Idempotency-Key": "one"}
    first = gateway.submit("Left", {"command": "bed", "target_c": 62}, headers=key)[1]
    assert gateway.submit("Left", {"command": "bed", "target_c": 62}, headers=key)[1]["id"] == first["id"]
    status, answer = gateway.submit("Left", {"command": "bed", "target_c": 65}, headers=key)
    assert status == 409 and "key" in answer["detail"]


def test_cancelled(gateway):
    asked = gateway.ask("POST", "/printers/Right/commands", {"command": "rename", "name": "Other"}, {"Prefer": "respond-async"})[2]
    status, _, answer = gateway.ask("DELETE", f"/commands/{asked['id']}")
    assert (status, answer.get("outcome")) == (200, "unanswered"), (asked, answer)
    assert gateway.ask("DELETE", f"/commands/{asked['id']}")[0] == 409


@pytest.mark.parametrize("body", [
    "", "{", "[]", "null", '"pause"', "{}", '{"command": 1}', '{"command": "explode"}', '{"command": "pause"} x',
    {"command": "bed"}, {"command": "bed", "target_c": "60"}, {"command": "bed", "target_c": 1e300}, {"command": "pause", "forse": True},
    {"command": "bed", "target_c": 60, "force": 1}, {"command": "fan", "percent": 1.5}, {"command": "home", "axes": "xq"},
    {"command": "home", "axes": ""}, {"command": "move"}, {"command": "extrude", "length_mm": 0}, {"command": "rename", "name": ""},
    {"command": "send", "message": "text"}, {"command": "files", "storage": "moon"}, {"command": "light", "on": "yes"},
    {"command": "pause", "timeout_s": 0}, b'{"command": "\xff"}', pytest.param('{"command": ' + "[" * 2000, id="deep"),
])
def test_body_is_refused(gateway, left, body):
    before = left.counts()["received"]
    status, answer = gateway.submit("Left", body)
    assert (status, answer["status"]) == (400, 400) and answer["detail"]
    assert before <= left.counts()["received"]


def test_too_large(gateway):
    assert gateway.submit("Left", {"command": "gcode", "line": "G" * 70000})[0] == 413


# --- who may ask ---


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example:7180", "localhost:", "localhost:80x", "192.168.1.2:7180"])
def test_other_names_are_refused(gateway, host):
    assert gateway.ask("GET", "/printers", headers={"Host": host})[0] == 403


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:7180", "127.0.0.1", "[::1]:7180"])
def test_own_names(gateway, host):
    assert gateway.ask("GET", "/printers", headers={"Host": host})[0] == 200


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://localhost.evil.example", "file://", "http://127.0.0.1:1"])
@pytest.mark.parametrize("method, path", [("POST", "/printers/Left/commands"), ("GET", "/events"), ("GET", "/printers"), ("DELETE", "/commands/1")])
def test_pages_of_others_are_refused(gateway, origin, method, path):
    body = {"command": "fan", "percent": 1} if method == "POST" else None
    assert gateway.ask(method, path, body, {"Origin": origin})[0] == 403


@pytest.mark.parametrize("content", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/jsonx"])
def test_forms_are_refused(gateway, content):
    assert gateway.ask("POST", "/printers/Left/commands", {"command": "stop"}, {"Content-Type": content})[0] == 415


@pytest.mark.parametrize("address", ["0.0.0.0", "192.168.1.2", "::", "127.0.0.1 0.0.0.0"])
def test_listens_on_this_machine_alone(home, address):
    result = home.run("serve", "--bind", address)
    assert result.returncode == USAGE and "--behind-proxy" in result.stderr


def listening_ports(pid):
    """Of the TCP sockets that the process listens on: (address in hex, port)."""
    inodes = {name[8:-1] for name in opened(pid) if name.startswith("socket:")}
    found = []
    for table in ("tcp", "tcp6"):
        for line in pathlib.Path(f"/proc/{pid}/net/{table}").read_text().splitlines()[1:]:
            words = line.split()
            if words[3] == "0A" and words[9] in inodes:
                address, port = words[1].split(":")
                found.append((address, int(port, 16)))
    return found


def test_listens_where_it_was_told(gateway, served):
    assert listening_ports(gateway.pid) == [("0100007F", gateway.port)]
    assert stat.S_IMODE(served.socket.stat().st_mode) == 0o600
    assert gateway.ask("GET", "/health", connection=UnixConnection(served.socket))[0] == 200


@pytest.mark.parametrize("options", [("--bind", "127.0.0.1", "--bind", "::1"), ("--bind", "127.0.0.1 ::1")], ids=["twice", "in quotes"])
def test_listens_on_several_addresses(home, options):
    port = free_port()
    with Gateway(home, "--port", str(port), *options) as gateway:
        assert sorted(listening_ports(gateway.pid)) == [("0" * 24 + "01000000", port), ("0100007F", port)]
        assert gateway.ask("GET", "/health", connection=http.client.HTTPConnection("::1", port, timeout=DEADLINE_S))[0] == 200


@pytest.mark.parametrize("options", [("--bind", "127.0.0.1", "--bind", ""), ("--bind", "x" * 400), tuple(["--bind", "127.0.0.1"] * 5), ("--bind", "nowhere", "--bind", "::1")],
                         ids=["nothing", "long", "five", "a name"])
def test_addresses_that_are_none(home, options):
    result = home.run("serve", "--port", "0", *options)
    assert result.returncode == USAGE and "--bind" in result.stderr


# --- events ---


def test_beats_come_to_who_wants_them_and_leave_the_numbers_alone(gateway, left):
    quiet, beating = gateway.events(), gateway.events("?beat=1")
    try:
        identity, beat = beating.until(lambda message: message["type"] == "beat")
        assert identity.rpartition("-")[2] == str(beat["seq"]) and set(beat) == {"seq", "type"}
        later = beating.until(lambda message: message["type"] == "beat")[1]
        seen = []
        quiet.until(lambda message: seen.append(message["type"]) or message["seq"] > later["seq"])
        assert later["seq"] >= beat["seq"] and "beat" not in seen
    finally:
        quiet.close()
        beating.close()


def test_events(gateway, left):
    stream = gateway.events()
    identity, snapshot = stream.next()
    assert snapshot["type"] == "snapshot" and {printer["serial"] for printer in snapshot["printers"]} == set(SERIALS.values())
    assert identity == f"{snapshot['stream']}-{snapshot['seq']}"
    gateway.submit("Left", {"command": "bed", "target_c": 63})
    read = []

    def is_changed(message):
        read.append(message["seq"])
        return message["type"] == "patch" and message["patch"].get("bed", {}).get("target_c") == 63

    message = stream.until(is_changed)[1]
    assert read == list(range(snapshot["seq"] + 1, message["seq"] + 1))
    assert message["printer"] == SERIALS["Left"] and "serial" not in message["patch"]
    stream.close()


def test_events_are_resumed(gateway, left):
    stream = gateway.events()
    seen, snapshot = stream.next()
    stream.close()
    gateway.submit("Left", {"command": "bed", "target_c": 64})
    for again in (gateway.events(f"?after={seen}"), gateway.events(**{"Last-Event-ID": seen})):
        first = again.next()[1]
        assert first["seq"] == snapshot["seq"] + 1
        again.until(lambda message: message.get("patch", {}).get("bed", {}).get("target_c") == 64)
        again.close()


@pytest.mark.parametrize("after", ["x", "00000000-0000-4000-8000-000000000000-1", "-", "1"])
def test_unknown_place_gives_a_snapshot(gateway, after):
    stream = gateway.events(f"?after={after}")
    assert stream.next()[1]["type"] == "snapshot"
    stream.close()


def test_events_of_one_printer(gateway, left):
    stream = gateway.events(f"?printer={SERIALS['Right']}")
    assert [printer["serial"] for printer in stream.next()[1]["printers"]] == [SERIALS["Right"]]
    stream.close()


def test_a_printer_that_changes_all_the_time_is_told_of_ten_times_a_second(home, broker, authority):
    """At most: what it said in between is in the next patch, and the last is never missing."""
    serial, changes = "SERVEHASTY", 400
    keep_printers(home, broker, authority, {"Hasty": serial})
    printer = FakePrinter(serial, broker.port, authority.certificate, KEY)
    with Gateway(home) as gateway:
        until(lambda: printer.publish({"commandType": 1000, "subType": 1, "value": 0}) or gateway.get("/printers/Hasty")["online"])
        stream = gateway.events(f"?printer={serial}")
        begun, patches = time.monotonic(), []
        for change in range(1, changes + 1):
            printer.publish({"commandType": 1003, "currentTemp": 20000 + change, "targetTemp": 22000})
        while not patches or patches[-1] != (20000 + changes) / 100:
            message = stream.until(lambda message: message["type"] == "patch" and "nozzle" in message["patch"])[1]
            patches.append(message["patch"]["nozzle"].get("current_c"))
        took = time.monotonic() - begun
        stream.close()
        assert len(patches) <= 2 + 10 * took and len(patches) < changes / 2, (len(patches), took)
    printer.stop()


def test_websocket(gateway):
    connection = gateway.connection()
    key = base64.b64encode(os.urandom(16)).decode()
    connection.request("GET", "/api/v1/events", headers={"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13",
                                                         "Sec-WebSocket-Key": key})
    response = connection.getresponse()
    assert response.status == 101
    stream = response.fp or connection.sock.makefile("rb")
    opcode, length = stream.read(2)
    if length == 126:
        length = int.from_bytes(stream.read(2), "big")
    assert opcode == 0x81 and json.loads(stream.read(length))["type"] == "snapshot"
    connection.close()


# --- a life ---


def test_printers_come_and_go(home, broker, authority, connection, simulate):
    keep_printers(home, broker, authority, {"Old": "SERVEOLD"})
    simulate(*connection("SERVENEW"), "--model", "m5")
    with Gateway(home) as gateway:
        stream = gateway.events()
        assert [printer["name"] for printer in stream.next()[1]["printers"]] == ["Old"]
        keep_printers(home, broker, authority, {"Old": "SERVEOLD", "New": "SERVENEW"})
        stream.until(lambda message: message.get("printer") == "SERVENEW" and message.get("patch", {}).get("online"))
        keep_printers(home, broker, authority, {"Old": "SERVEOLD", "Newer": "SERVENEW"})
        stream.until(lambda message: message.get("printer") == "SERVENEW" and message.get("patch", {}).get("name") == "Newer")
        assert home.run("logout", "--all").returncode == DONE
        removed = {stream.until(lambda message: message["type"] == "removed")[1]["printer"] for _ in range(2)}
        assert removed == {"SERVEOLD", "SERVENEW"} and gateway.get("/printers") == []
        stream.close()


def test_damaged_accounts_change_nothing(home, broker, authority):
    keep_printers(home, broker, authority, {"Old": "SERVEKEPT"})
    with Gateway(home) as gateway:
        home.store.write_text("{")
        gateway.signal(signal.SIGHUP)
        gateway.await_text("stay as they were")
        assert [printer["name"] for printer in gateway.get("/printers")] == ["Old"]


def test_without_accounts(home):
    with Gateway(home) as gateway:
        assert gateway.get("/printers") == []


def test_one_in_a_folder(home):
    with Gateway(home):
        second = home.run("serve", "--port", "0")
        assert second.returncode == FAILED and "runs already" in second.stderr


def test_taken_port(home, gateway):
    result = home.run("serve", "--port", str(gateway.port))
    assert result.returncode == FAILED and str(gateway.port) in result.stderr


def test_ends_with_a_command_under_way(home, broker, authority):
    keep_printers(home, broker, authority, {"Dead": "SERVEDEAD"})
    gateway = Gateway(home)
    connection = gateway.connection()
    connection.request("POST", "/api/v1/printers/Dead/commands", json.dumps({"command": "rename", "name": "Other"}),
                       {"Content-Type": "application/json"})
    gateway.await_get("/printers/Dead/commands", bool)
    assert gateway.stop() == 0
    connection.close()


def test_no_secret_is_logged(home, broker, authority):
    keep_printers(home, broker, authority, {"Old": "SERVESECRET"})
    process = Process(FLAGSHIP, "serve", "--port", "0", "--log-level", "debug", env=environment(HOME=home.folder))
    process.await_text("connected")
    assert process.stop() == 0
    assert KEY not in process.log and "0123456789" not in process.log
