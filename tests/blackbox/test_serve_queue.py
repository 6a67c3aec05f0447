# SPDX-License-Identifier: MIT
"""The print queue of flagship serve, as its clients see it."""

import hashlib
import http.client
import json
import re

import pytest

from accounts_home import Home
from gateway import Gateway
from process import until
from program import ROOT
from test_files import gcode
from test_serve import keep_printers

SERIALS = {"Left": "QUEUELEFT", "Right": "QUEUERIGHT"}
BOUNDARY = "queue-boundary"
NO_LAN = "Left: it is not known in the local network (its DUID): import or log in again, or run 'flagship lan search --save'"


def form(content, name="cube.gcode", **fields):
    parts = [f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'.encode() for key, value in fields.items()]
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'.encode()
    return b"".join((*parts, head, content, f"\r\n--{BOUNDARY}--\r\n".encode()))


class Queue:
    def __init__(self, home, *options):
        self.gateway = Gateway(home, "--dir", home.folder / "gateway", *options)

    def send(self, path, content=None, name="cube.gcode", **fields):
        status, _, entry = self.gateway.ask("POST", path, form(content or gcode(), name, **fields),
                                            {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"})
        return status, entry

    def ids(self, path="/queue"):
        answer = self.gateway.get(path)
        return [entry["id"] for entry in (answer if path == "/queue" else answer["entries"])]


@pytest.fixture
def home(tmp_path, broker, authority):
    home = Home(tmp_path)
    keep_printers(home, broker, authority, SERIALS)
    return home


@pytest.fixture
def queue(home):
    queue = Queue(home)
    yield queue
    assert queue.gateway.stop() == 0, queue.gateway.log


def test_a_file_that_comes_along_waits_with_its_reason(queue):
    status, entry = queue.send("/printers/Left/queue", copies=2, hold="true", material="PETG")
    assert status == 201
    assert (entry["state"], entry["printer"], entry["copies"], entry["hold"], entry["material"]) == ("waiting", "QUEUELEFT", 2, True, "PETG")
    assert queue.gateway.get("/files")["files"][0]["sha256"] == entry["hash"]
    waiting = queue.gateway.await_get(f"/queue/{entry['id']}", lambda shown: shown["reason"])
    assert waiting["reason"] == "it is held"
    assert queue.gateway.status("PATCH", f"/queue/{entry['id']}", {"hold": False})[0] == 200
    assert queue.gateway.await_get(f"/queue/{entry['id']}", lambda shown: shown["reason"] != "it is held")["reason"] == NO_LAN
    assert queue.gateway.get("/printers/Left/queue")["cannot_send"] == NO_LAN.removeprefix("Left: ")
    assert queue.ids("/printers/Right/queue") == []


def test_any_printer_and_files_that_are_kept(queue):
    assert queue.gateway.ask("PUT", "/files/parts/leg.gcode", gcode())[0] == 201
    status, entry = queue.gateway.status("POST", "/queue", {"path": "parts/leg.gcode", "model": "M5C", "material": None})
    assert status == 201 and entry["printer"] is None and entry["model"] == "M5C" and entry["name"] == "leg.gcode"
    assert queue.gateway.await_get(f"/queue/{entry['id']}", lambda shown: shown["reason"])["reason"] == "the gateway has no M5C"
    status, problem = queue.gateway.status("POST", "/queue", {"path": "parts/arm.gcode"})
    assert status == 404 and problem["detail"] == "there is no such file in the file area"


def test_what_is_deleted_is_kept_while_it_waits_and_then_as_far_as_there_is_room(home):
    queue = Queue(home, "--printed-max", "1")
    printed = home.folder / "gateway" / "printed"
    hashes = {}

    def send(name):
        content = gcode(33_000, f"; {name}\n")  # 0.4 MB
        hashes[name] = hashlib.sha256(content).hexdigest()
        assert queue.send("/queue", content, f"{name}.gcode")[0] == 201
        until(lambda: any(file.name.startswith(hashes[name]) for file in printed.iterdir()))

    def kept():
        return {file.name.partition("-")[0] for file in printed.iterdir()}

    for name in "abc":
        send(name)
    for name in "abc":
        assert queue.gateway.status("DELETE", f"/files/{name}.gcode") == (204, None)
    for identity in (1, 2):
        assert queue.gateway.status("DELETE", f"/queue/{identity}")[1]["state"] == "cancelled"
    assert queue.gateway.status("POST", "/queue/2/retry", {})[0] == 200
    send("d")
    until(lambda: kept() == {hashes[name] for name in "bcd"})
    assert queue.gateway.status("POST", "/queue/1/retry", {})[0] == 409
    queue.gateway.child.kill()
    queue.gateway.child.wait()
    assert Queue(home, "--printed-max", "0").gateway.stop() == 0
    assert kept() == set()


@pytest.mark.parametrize("body, word", [({}, "path"), ({"path": "a.gcode", "copies": 0}, "copies"), ({"path": "a.gcode", "copies": 1.5}, "copies"),
                                        ({"path": "a.gcode", "hold": "maybe"}, "hold"), ({"path": "a.gcode", "not_before": "soon"}, "not_before"),
                                        ({"path": "a.gcode", "model": "E1"}, "model"), ({"path": "a.gcode", "material": "P\n"}, "material"),
                                        ({"path": "a.gcode", "colour": "red"}, "members"), ("[]", "JSON object"), ('{"path":"a\\u0000"}', "NUL")])
def test_what_is_wrong_is_said(queue, body, word):
    status, problem = queue.gateway.status("POST", "/queue", body)
    assert status == 400 and word in problem["detail"]


def test_what_is_no_gcode_is_refused_and_a_wrong_value_before_it_is_kept(queue):
    assert queue.send("/queue", b"PK\x03\x04", "a.gcode")[0] == 415
    assert queue.send("/queue", name="a.stl")[0] == 415
    status, problem = queue.send("/queue", copies="many")
    assert status == 400 and "copies" in problem["detail"]
    assert queue.gateway.get("/files")["files"] == [] and queue.ids() == []
    assert queue.gateway.status("POST", "/queue", "x", **{"Content-Type": "text/plain"})[0] == 415


def test_it_outlasts_the_gateway_and_keeps_its_order(home):
    queue = Queue(home)
    ids = [queue.send("/printers/Left/queue", name=f"{number}.gcode")[1]["id"] for number in range(3)]
    assert queue.gateway.status("POST", f"/queue/{ids[2]}/move", {"to": "front"})[0] == 200
    assert queue.gateway.status("POST", f"/queue/{ids[1]}/move", {"before": ids[0]})[0] == 200
    assert queue.gateway.status("POST", f"/queue/{ids[1]}/move", {"to": "moon"})[0] == 400
    front = queue.send("/printers/Left/queue", name="now.gcode", front="true")[1]["id"]
    assert queue.gateway.status("POST", "/printers/Left/plate", {"clear": True, "auto_clear": True, "material": "PLA"}) == \
        (200, {"clear": True, "auto_clear": True, "material": "PLA"})
    queue.gateway.child.kill()
    queue.gateway.child.wait()
    again = Queue(home)
    assert again.ids() == [front, ids[2], ids[1], ids[0]]
    assert again.gateway.get("/printers/Left/queue")["plate"] == {"clear": True, "auto_clear": True, "material": "PLA"}
    assert again.gateway.status("POST", "/printers/Left/plate", {"material": None})[1]["material"] is None
    assert again.gateway.stop() == 0, again.gateway.log


def test_it_is_taken_out_and_comes_back(queue):
    entry = queue.send("/printers/Left/queue")[1]
    path = f"/queue/{entry['id']}"
    assert queue.gateway.status("POST", path + "/retry", {})[0] == 409
    status, entry = queue.gateway.status("DELETE", path)
    assert status == 200 and entry["state"] == "cancelled" and entry["reason"] == "it was taken out of the queue"
    assert queue.gateway.status("PATCH", path, {"copies": 2})[0] == 409
    assert queue.gateway.status("POST", path + "/retry", {})[1]["state"] == "waiting"
    assert queue.gateway.status("DELETE", path)[0] == 200
    assert queue.gateway.status("DELETE", path) == (204, None)
    assert queue.gateway.status("GET", path)[0] == 404


def test_readers_see_it_change(queue):
    stream = queue.gateway.events()
    stream.until(lambda message: message["type"] == "snapshot")
    entry = queue.send("/printers/Left/queue")[1]
    _, message = stream.until(lambda message: message["type"] == "queue" and message["queue"]["reason"])
    assert (message["printer"], message["queue"]["id"], message["queue"]["reason"]) == ("QUEUELEFT", entry["id"], NO_LAN)
    queue.gateway.status("DELETE", f"/queue/{entry['id']}")
    queue.gateway.status("DELETE", f"/queue/{entry['id']}")
    stream.until(lambda message: message["type"] == "queue" and message["queue"]["state"] is None)
    stream.close()


def test_home_assistant_confirms_a_plate_as_the_document_says(queue):
    text = (ROOT / "docs" / "slicers.md").read_text(encoding="utf-8").partition("```yaml\n")[2].partition("```")[0]
    path, plate = re.findall(r'"http://HOST:7180/api/v1(.+)"', text)
    method, content_type, payload = (re.search(pattern, text)[1] for pattern in ("method: (.+)", 'content_type: "(.+)"', "payload: '(.+)'"))
    assert re.search("value_template: .+value_json.plate.clear", text)
    assert queue.gateway.get(plate)["plate"]["clear"] is False
    assert queue.gateway.ask(method.upper(), path, payload.encode(), {"Content-Type": content_type})[0] == 200
    assert queue.gateway.get(plate)["plate"]["clear"] is True


def test_the_log_says_who_asked(queue):
    entry = queue.send("/printers/Left/queue")[1]
    queue.gateway.await_text("a print was queued")
    queue.gateway.status("DELETE", f"/queue/{entry['id']}")
    queue.gateway.await_text("action=remove")


def test_a_damaged_queue_is_said_and_nothing_else_ends(home):
    (home.folder / "gateway").mkdir(mode=0o700)
    (home.folder / "gateway" / "queue.db").write_bytes(b"no database" * 100)
    queue = Queue(home)
    status, problem = queue.send("/printers/Left/queue")
    assert status == 503 and "move it away" in problem["detail"]
    assert [state["name"] for state in queue.gateway.get("/printers")] == ["Left", "Right"]
    assert queue.gateway.stop() == 0, queue.gateway.log


def test_a_body_without_an_end_is_bounded(queue):
    connection = queue.gateway.connection()
    connection.request("POST", "/api/v1/queue", (b"x" * 65536 for _ in range(3)), {"Content-Type": "application/json"}, encode_chunked=True)
    response = connection.getresponse()
    assert response.status == 413 and json.loads(response.read())["detail"] == "the body is too large"
    connection.close()


def test_a_client_that_goes_changes_nothing(queue):
    connection = queue.gateway.connection()
    connection.putrequest("POST", "/api/v1/queue")
    for name, value in {"Content-Type": "application/json", "Content-Length": "100"}.items():
        connection.putheader(name, value)
    connection.endheaders()
    connection.send(b'{"path": ')
    connection.close()
    assert isinstance(connection, http.client.HTTPConnection) and queue.ids() == []
