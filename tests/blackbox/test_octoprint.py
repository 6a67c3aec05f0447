# SPDX-License-Identifier: MIT
"""OctoPrint's interface of flagship serve, as slicers, Cura's plugin and FDM Monster use it."""

import json
import re
import subprocess
from unittest.mock import ANY

import pytest

from gateway import Gateway
from process import until as until_it_is
from test_files import gcode, thumbnail  # noqa: F401
from test_serve import SERIALS, keep_printers, left, served  # noqa: F401  fixtures
from websocket_client import WebSocket

BOUNDARY = "----flagship"


class Client:
    """Of one printer."""

    def __init__(self, gateway, printer="Left"):
        self.gateway = gateway
        self.base = f"http://127.0.0.1:{gateway.port}/octoprint/{printer}"
        self.printer = printer

    def ask(self, method, path, body=None, headers=None):
        connection = self.gateway.connection()
        text = json.dumps(body) if isinstance(body, dict) else body
        sent = {"Content-Type": "application/json"} if isinstance(body, dict) else {}
        try:
            connection.request(method, f"/octoprint/{self.printer}{path}", text, {**sent, **(headers or {})})
            response = connection.getresponse()
            return response.status, response.headers, response.read()
        finally:
            connection.close()

    def get(self, path, **more):
        status, headers, body = self.ask("GET", path, **more)
        assert (status, headers["Content-Type"]) == (200, "application/json"), body
        return json.loads(body)

    def post(self, path, **body):
        status, headers, text = self.ask("POST", path, body)
        if status >= 400:
            assert headers["Content-Type"] == "text/plain; charset=utf-8"
        return status, text.decode()

    def upload(self, parts, **more):
        return self.ask("POST", "/api/files/local", form(parts), {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}, **more)

    def names(self):
        return sorted(entry["path"] for entry in self.get("/api/files")["files"])

    def delete(self, path):
        return self.ask("DELETE", f"/api/files/local/{path}")[0]


def form(parts):
    """[(name, value)], a file as (name, (file name as it stands in the header, content))."""
    text = b""
    for name, value in parts:
        disposition = f'form-data; name="{name}"'.encode()
        if isinstance(value, tuple):
            disposition += b'; filename="' + value[0].encode() + b'"\r\nContent-Type: application/octet-stream'
            value = value[1]
        text += f"--{BOUNDARY}\r\n".encode() + b"Content-Disposition: " + disposition + b"\r\n\r\n" + (value if isinstance(value, bytes) else value.encode()) + b"\r\n"
    return text + f"--{BOUNDARY}--\r\n".encode()


@pytest.fixture(scope="module")
def gateway(served):  # noqa: F811
    with Gateway(served, "--unix", served.socket, "--files-max", "1024") as running:
        yield running


@pytest.fixture
def client(gateway):
    return Client(gateway)


@pytest.fixture
def printing(client, left):  # noqa: F811
    """Its printer prints: what an earlier test paused goes on."""
    if client.get("/api/job")["state"] == "Paused":
        client.post("/api/job", command="pause", action="resume")
    await_state(client, "Printing")
    return left


def await_state(client, state):
    until_it_is(lambda: client.get("/api/job")["state"] == state, lambda: client.get("/api/job"))


# --- who answers ---


@pytest.mark.parametrize("headers", [{}, {"X-Api-Key": ""}, {"X-Api-Key": "any"}, {"Host": "localhost"}])
def test_version(client, headers):
    version = client.get("/api/version", headers=headers)
    assert version["api"] == "0.1" and version["text"].startswith("OctoPrint") and version["capabilities"] == {"upload-by-put": True}


def test_version_as_newer_and_other_clients_ask(client):
    assert "api" not in client.get("/api/version", headers={"X-OctoPrint-Api-Version": "2.0.0"})
    assert client.get("/api/version", headers={"Authorization": 'Digest username="maker"'})["text"].startswith("PrusaLink")


def test_login_and_user(client):
    status, text = client.post("/api/login", passive=True)
    login = json.loads(text)
    assert status == 200 and login["needs"]["group"] == ["users"] and re.fullmatch(r"[0-9a-f]{32}", login["session"])
    assert login["name"] == client.get("/api/currentuser")["name"] != "_api"
    assert json.loads(client.post("/api/login", passive=True)[1])["session"] != login["session"]
    assert client.post("/api/logout")[0] == 204


def test_settings_and_profile(client, left):  # noqa: F811
    settings = client.get("/api/settings")
    assert settings["appearance"]["name"] == "Left" and settings["webcam"]["streamUrl"].endswith("/webcam/?action=stream") and settings["feature"]["sdSupport"] is False
    profile = client.get("/api/printerprofiles")["profiles"]["_default"]
    assert (profile["model"], profile["volume"]["width"], profile["extruder"]["count"]) == ("M5", 235, 1)
    assert client.get("/api/server") == {"version": client.get("/api/version")["server"], "safemode": None}


def test_connection(client, printing):
    assert client.get("/api/connection")["current"]["state"] == "Printing"
    assert client.post("/api/connection", command="connect")[0] == 204
    assert client.post("/api/connection", command="disconnect") == (409, "the gateway keeps its printers connected")
    assert client.post("/api/connection", command="explode")[0] == 400


def test_other_printers(gateway):
    status, headers, body = Client(gateway, "Middle").ask("GET", "/api/version")
    assert (status, headers["Content-Type"]) == (404, "text/plain; charset=utf-8") and b"no printer 'Middle'" in body
    assert Client(gateway, "SERVERIGHT").get("/api/settings")["appearance"]["name"] == "Right"


# --- how it is ---


def test_printing(client, printing):
    shown = client.get("/api/printer?history=true")
    assert shown["state"]["text"] == "Printing"
    assert {name for name, value in shown["state"]["flags"].items() if value} == {"operational", "printing"}
    assert shown["temperature"]["tool0"]["actual"] > 150 and shown["temperature"]["bed"]["target"] > 0
    last = shown["temperature"]["history"][-1]
    assert last["tool0"] == {name: shown["temperature"]["tool0"][name] for name in ("actual", "target")} and set(last) == {"time", "tool0", "bed"}
    assert client.get("/api/printer?history=true&limit=1")["temperature"]["history"] == [last | {"time": ANY}]
    assert client.get("/api/printer/tool")["tool0"]["target"] == shown["temperature"]["tool0"]["target"]
    assert client.get("/api/printer/bed")["bed"]["target"] == shown["temperature"]["bed"]["target"]
    job = client.get("/api/job")
    assert job["state"] == "Printing" and job["job"]["file"]["name"].endswith(".gcode") and job["job"]["file"]["origin"] == "local"
    assert 0 < job["progress"]["completion"] < 100 and job["progress"]["printTime"] > 0 and job["progress"]["printTimeLeft"] > 0


def test_history_of_temperatures(client, printing):
    """A moment of every five seconds, the oldest first, and how it is now."""
    shown = until_it_is(lambda: len(history := client.get("/api/printer?history=1")["temperature"]["history"]) >= 3 and history)
    times = [moment["time"] for moment in shown]
    assert times == sorted(times) and all(moment["bed"]["actual"] > 0 for moment in shown)
    assert len(client.get("/api/printer?history=true&limit=2")["temperature"]["history"]) == 2
    assert set(client.get("/api/printer/tool?history=true")["history"][0]) == {"time", "tool0"}
    assert set(client.get("/api/printer/bed?history=true&limit=1")["history"][0]) == {"time", "bed"}
    assert "history" not in client.get("/api/printer/bed?limit=1")


def test_offline(gateway):
    right = Client(gateway, "Right")
    status, headers, body = right.ask("GET", "/api/printer")
    assert (status, headers["Content-Type"], body) == (409, "text/plain; charset=utf-8", b"Printer is not operational: Right is offline")
    job = right.get("/api/job")
    assert job["state"] == "Offline" and job["job"]["file"]["name"] is None and job["progress"]["completion"] is None
    assert right.post("/api/job", command="pause") == (409, "Right prints nothing")


def test_file_of_the_job_is_known(client, printing):
    name = client.get("/api/job")["job"]["file"]["name"]
    assert client.upload([("file", (name, gcode()))])[0] == 201
    job = client.get("/api/job")["job"]
    assert (job["estimatedPrintTime"], job["file"]["size"], job["filament"]["tool0"]["length"]) == (3723, len(gcode()), 1234.5)
    assert client.delete(name) == 204


# --- what it does ---


def test_paused_and_resumed(client, printing):
    assert client.post("/api/job", command="pause", action="pause") == (204, "")
    await_state(client, "Paused")
    assert {name for name, value in client.get("/api/printer")["state"]["flags"].items() if value} == {"operational", "paused"}
    assert client.post("/api/job", command="pause", action="pause") == (204, "")
    assert client.post("/api/job", command="pause") == (204, "")
    await_state(client, "Printing")
    assert client.post("/api/job", command="pause", action="resume") == (204, "")


def test_targets(client, printing):
    assert client.post("/api/printer/bed", command="target", target=66.5) == (204, "")
    assert client.get("/api/printer/bed")["bed"]["target"] == 66.5
    assert client.post("/api/printer/tool", command="target", targets={"tool0": 215}) == (204, "")
    assert client.get("/api/printer/tool")["tool0"]["target"] == 215
    assert client.post("/api/printer/tool", command="select", tool="tool0") == (204, "")


def test_what_was_answered_is_in_the_history(client, printing, gateway):
    for bed in (61, 62, 63):
        assert client.post("/api/printer/bed", command="target", target=bed) == (204, "")
        newest = gateway.get("/history?printer=Left&type=command&limit=1")[0]
        assert newest["asker"].startswith("octoprint") and (newest["outcome"], newest["value"]) == ("confirmed", f"{bed} °C")
    assert client.post("/api/printer/command", command="G28")[0] == 409
    assert gateway.get("/history?printer=Left&type=command&limit=1")[0]["outcome"] == "refused"


@pytest.mark.parametrize("path, body", [
    ("/api/printer/printhead", {"command": "home", "axes": ["x", "y", "z"]}), ("/api/printer/printhead", {"command": "jog", "z": 5, "speed": 600}),
    ("/api/printer/tool", {"command": "extrude", "amount": 5}), ("/api/printer/command", {"command": "G28"}),
    ("/api/printer/command", {"commands": ["G28", "M104 S0"]}), ("/api/printer/tool", {"command": "target", "targets": {"tool0": 480}}),
])
def test_guards_refuse_in_words(client, printing, path, body):
    status, headers, text = client.ask("POST", path, body)
    assert (status, headers["Content-Type"]) == (409, "text/plain; charset=utf-8") and text.decode().startswith("Left: "), text
    assert len(text.decode().splitlines()) == 1


def test_gcode_lines(client, printing):
    assert client.post("/api/printer/command", commands=["M105", "M115"])[0] == 204
    assert client.post("/api/printer/command", command="M105")[0] == 204


@pytest.mark.parametrize("path, body", [
    ("/api/job", {"command": "explode"}), ("/api/job", {}), ("/api/job", {"command": "pause", "action": "perhaps"}), ("/api/printer/tool", {"command": "target"}),
    ("/api/printer/tool", {"command": "target", "targets": {"tool1": 200}}), ("/api/printer/tool", {"command": "target", "targets": {"tool0": "hot"}}),
    ("/api/printer/tool", {"command": "target", "targets": {"tool0": -1}}), ("/api/printer/bed", {"command": "target", "target": None}),
    ("/api/printer/bed", {"command": "offset", "offset": 1}), ("/api/printer/printhead", {"command": "home"}),
    ("/api/printer/printhead", {"command": "home", "axes": ["e"]}), ("/api/printer/printhead", {"command": "jog"}), ("/api/printer/command", {}),
    ("/api/printer/command", {"commands": []}), ("/api/printer/command", {"commands": [1]}), ("/api/printer/command", {"commands": ["M105"] * 65}),
    ("/api/printer/tool", {"command": "extrude", "amount": 0}),
])
def test_malformed_orders(client, printing, path, body):
    assert client.post(path, **body)[0] == 400
    assert client.ask("POST", path, "[", {"Content-Type": "application/json"})[0] == 400


def test_prints_need_a_lan_connection(client, printing):
    for body in ({"command": "start"}, {"command": "restart"}):
        status, text = client.post("/api/job", **body)
        assert status == 409 and "Left has no LAN connection" in text


# --- files ---


PARTS = [("print", "false"), ("path", ""), ("file", ("box.gcode", gcode()))]
ORDERS = {"prusa": [0, 1, 2], "cura": [1, 2, 0], "file first": [2, 0, 1], "alone": [2]}


@pytest.mark.parametrize("order", ORDERS.values(), ids=ORDERS)
def test_upload(client, order):
    status, headers, body = client.upload([PARTS[i] for i in order])
    assert (status, headers["Location"]) == (201, f"{Client(client.gateway, SERIALS['Left']).base}/api/files/local/box.gcode"), body
    answer = json.loads(body)
    assert answer["done"] is True and answer["files"]["local"]["name"] == "box.gcode" and answer["effectivePrint"] is False
    connection = client.gateway.connection()
    connection.request("GET", headers["Location"].removeprefix(f"http://127.0.0.1:{client.gateway.port}"))
    shown = json.loads(connection.getresponse().read())
    connection.close()
    assert shown["size"] == len(gcode()) and shown["gcodeAnalysis"]["estimatedPrintTime"] == 3723
    assert client.ask("GET", "/downloads/files/local/box.gcode")[2] == gcode()
    assert client.names() == ["box.gcode"] and client.delete("box.gcode") == 204 and client.delete("box.gcode") == 404


@pytest.mark.parametrize("order", [[0, 1], [1, 0]], ids=["flag first", "file first"])
def test_print_is_refused_and_the_file_kept(client, order):
    parts = [("print", "true"), ("file", ("p.gcode", gcode()))]
    status, headers, body = client.upload([parts[i] for i in order])
    assert (status, headers["Content-Type"]) == (409, "text/plain; charset=utf-8")
    assert body.decode() == "p.gcode is kept, but not printed: Left has no LAN connection, by which the gateway could send it files"
    status, text = client.post("/api/files/local/p.gcode", command="select", print=True)
    assert status == 409 and "no LAN connection" in text
    assert client.post("/api/files/local/p.gcode", command="select") == (204, "")
    assert client.names() == ["p.gcode"] and client.delete("p.gcode") == 204


@pytest.mark.parametrize("sent, name, url", [
    ("with space.gcode", "with space.gcode", "with%20space.gcode"), ("Größe.gcode", "Größe.gcode", "Gr%C3%B6%C3%9Fe.gcode"),
    ("a%22quote%22.gcode", 'a"quote".gcode', "a%22quote%22.gcode"), (r"a\"quote\".gcode", 'a"quote".gcode', "a%22quote%22.gcode"),
    ("it's.gcode", "it's.gcode", "it%27s.gcode"), ("n" * 249 + ".gcode", "n" * 249 + ".gcode", "n" * 249 + ".gcode"), ("B.GCODE", "B.GCODE", "B.GCODE"),
])
def test_names(client, sent, name, url):
    status, headers, _ = client.upload([("file", (sent, gcode()))])
    assert status == 201 and headers["Location"].endswith("/api/files/local/" + url)
    assert client.names() == [name] and client.delete(url) == 204


@pytest.mark.parametrize("name, status, words", [
    ("../x.gcode", 400, "dot"), ("a/b.gcode", 400, "slash"), ("", 400, "empty"), ("x.bgcode", 415, "binary G-code"), ("x.3mf", 415, "sliced first"), ("x.txt", 415, "not called"),
    ("n" * 250 + ".gcode", 400, "255"), (".x.gcode", 400, "dot"), (r"a\b.gcode", 400, "backslash"),
])
def test_refused_names(client, name, status, words):
    answer = client.upload([("file", (name, gcode()))])
    assert answer[0] == status and words in answer[2].decode() and len(answer[2].decode().splitlines()) == 1, answer
    assert client.names() == []


@pytest.mark.parametrize("path, kept", [("folder", "folder/f.gcode"), ("/a/b/", "a/b/f.gcode"), ("/", "f.gcode"), ("Ö", "Ö/f.gcode")])
def test_folders(client, path, kept):
    assert client.upload([("path", path), ("file", ("f.gcode", gcode()))])[0] == 201
    tree = client.get("/api/files?recursive=true")["files"]
    for part in kept.split("/")[:-1]:
        (tree,) = [entry["children"] for entry in tree if entry["name"] == part]
    assert [entry["path"] for entry in tree] == [kept]
    assert client.ask("DELETE", "/api/files/local/" + ("f.gcode" if path == "/" else kept.split("/")[0].replace("Ö", "%C3%96")))[0] == 204
    assert client.names() == []


def test_folder_move_and_copy(client):
    status, headers, body = client.upload([("foldername", "made"), ("path", "")])
    assert (status, json.loads(body)["folder"]["path"]) == (201, "made")
    assert client.upload([("file", ("m.gcode", gcode()))])[0] == 201
    assert client.post("/api/files/local/m.gcode", command="copy", destination="made")[0] == 201
    assert client.post("/api/files/local/m.gcode", command="move", destination="made/n.gcode")[0] == 201
    assert client.post("/api/files/local/made/n.gcode", command="move", destination="../n.gcode")[0] == 400
    assert client.post("/api/files/local/made/n.gcode", command="burn")[0] == 400
    assert [entry["path"] for entry in client.get("/api/files/local/made")["children"]] == ["made/m.gcode", "made/n.gcode"]
    assert client.delete("made") == 204 and client.names() == []


@pytest.mark.parametrize("parts, words", [
    ([("print", "true")], "no part 'file'"), ([("file", ("a.gcode", gcode())), ("file", ("b.gcode", gcode()))], "two"), ([("other", ("a.gcode", gcode()))], "part 'file'"),
    ([("path", "x" * 2000), ("file", ("a.gcode", gcode()))], "too long"), ([(f"f{i}", "x") for i in range(20)], "too many"),
    ([("path", "../.."), ("file", ("a.gcode", gcode()))], "dot"),
])
def test_malformed_forms(client, parts, words):
    status, _, body = client.upload(parts)
    assert status == 400 and words in body.decode(), body
    assert client.names() == []


@pytest.mark.parametrize("content, body", [("multipart/form-data", b""), ("text/plain", gcode()), (f"multipart/form-data; boundary={BOUNDARY}", b"nothing"),
                                           (f"multipart/form-data; boundary={BOUNDARY}", form(PARTS)[:-30])])
def test_broken_forms(client, content, body):
    status, headers, _ = client.ask("POST", "/api/files/local", body, {"Content-Type": content})
    assert (status, headers["Content-Type"]) == (400, "text/plain; charset=utf-8") and client.names() == []


# --- curl, whose library the slicers use ---


def curl(*arguments):
    """Status, what went to and fro, and the body."""
    result = subprocess.run(["curl", "-sSv", "--http1.1", "-w", "\n%{http_code}", *arguments], capture_output=True, check=True)
    body, _, status = result.stdout.decode().rpartition("\n")
    return int(status), result.stderr.decode(), body


@pytest.fixture
def five_megabytes(tmp_path):
    path = tmp_path / "five Ö.gcode"
    path.write_bytes(gcode(400_000))
    return path


def upload_with_curl(client, path, *options):
    return curl("-H", "X-Api-Key: key", "-F", "print=false", "-F", "path=", "-F", f"file=@{path};type=application/octet-stream", *options,
                f"{client.base}/api/files/local")


def test_expect_is_answered(client, five_megabytes):
    """curl waits a second for an answer to Expect, where none comes, and says so."""
    status, trace, _ = upload_with_curl(client, five_megabytes)
    assert status == 201 and client.names() == ["five Ö.gcode"]
    assert "> Expect: 100-continue" in trace and "< HTTP/1.1 100 Continue" in trace and "Done waiting" not in trace
    assert upload_with_curl(client, five_megabytes, "-H", "Expect:")[0] == 201
    assert client.delete("five%20%C3%96.gcode") == 204


def test_refusal_comes_instead_of_100(client, five_megabytes):
    status, trace, body = curl("-F", f"file=@{five_megabytes}", f"{client.base.replace('Left', 'Nobody')}/api/files/local")
    assert status == 404 and "100 Continue" not in trace and "Done waiting" not in trace and "there is no printer 'Nobody'" in body


def test_slicer_sees_the_sentence(client, tmp_path):
    path = tmp_path / "x.bgcode"
    path.write_bytes(b"GCDE" + b"\0" * 3_000_000)
    status, _, body = upload_with_curl(client, path)
    assert status == 415 and body.startswith("x.bgcode: this is binary G-code") and "\n" not in body


# --- the socket ---


@pytest.fixture
def socket(gateway, client):
    with WebSocket(gateway.port, "/octoprint/Left/sockjs/websocket") as socket:
        assert set(socket.json()) == {"connected"}
        yield socket


def admit(client, socket):
    login = json.loads(client.post("/api/login", passive=True)[1])
    socket.send({"auth": f"{login['name']}:{login['session']}"})


def until(socket, kind, condition=lambda payload: True):
    while not (kind in (frame := socket.json()) and condition(frame[kind])):
        assert len(frame) == 1
    return frame[kind]


def test_socket_reports_what_changes(client, printing, socket):
    admit(client, socket)
    history = until(socket, "history")
    assert history["state"]["text"] == "Printing" and history["job"]["file"]["name"].endswith(".gcode")
    assert set(until(socket, "current")) == set(history) >= {"state", "job", "progress", "temps", "logs", "messages"}
    client.post("/api/printer/bed", command="target", target=67)
    until(socket, "current", lambda current: current["temps"][0]["bed"]["target"] == 67)
    client.post("/api/job", command="pause", action="pause")
    until(socket, "event", lambda event: event["type"] == "PrintPaused")
    assert until(socket, "event", lambda event: event["type"] == "PrinterStateChanged")["payload"]["state_id"].startswith("PAUS")
    client.upload([("file", ("seen.gcode", gcode()))])
    assert until(socket, "event", lambda event: event["type"] == "Upload")["payload"]["path"] == "seen.gcode"
    client.delete("seen.gcode")
    until(socket, "event", lambda event: event["type"] == "FileRemoved")


@pytest.mark.parametrize("message", ['{"auth": "x:y"}', '{"auth": "x"}', '{"auth": 1}', "[", '{"auth": ":' + "0" * 32 + '"}', "", '{"throttle": -1}'])
def test_nothing_is_reported_to_who_is_not_let_in(client, printing, socket, message):
    socket.send_text(message)
    client.post("/api/printer/bed", command="target", target=64)
    client.post("/api/printer/bed", command="target", target=65)
    socket.ping()
    assert socket.frame()[0] == "pong"


def test_session_of_another_printer(gateway, client, printing, socket):
    login = json.loads(Client(gateway, "Right").post("/api/login", passive=True)[1])
    socket.send({"auth": f"{login['name']}:{login['session']}"})
    socket.ping()
    assert socket.frame()[0] == "pong"


def test_cancelled(client, printing):
    assert client.post("/api/job", command="cancel") == (204, "")
    await_state(client, "Operational")
    assert client.get("/api/printer")["state"]["flags"]["ready"] is True
    assert client.post("/api/job", command="cancel") == (409, "Left prints nothing")
