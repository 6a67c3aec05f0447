# SPDX-License-Identifier: MIT
"""PrusaLink's interface of flagship serve, as PrusaSlicer, OrcaSlicer and Home Assistant use it."""

import json
import urllib.parse

import pytest

from test_files import PICTURE, gcode, thumbnail
from test_octoprint import Client, await_state, curl, five_megabytes, gateway  # noqa: F401  fixtures
from test_serve import SERIALS, left, served  # noqa: F401  fixtures


class Link(Client):
    def __init__(self, gateway, printer="Left"):  # noqa: F811
        super().__init__(gateway, printer)
        self.base = f"http://127.0.0.1:{gateway.port}/prusalink/{printer}"

    def ask(self, method, path, body=None, headers=None):
        connection = self.gateway.connection()
        try:
            connection.request(method, f"/prusalink/{self.printer}{path}", body, headers or {})
            response = connection.getresponse()
            return response.status, response.headers, response.read()
        finally:
            connection.close()

    def put(self, path, body, **headers):
        return self.ask("PUT", "/api/v1/files/local/" + urllib.parse.quote(path), body, {name.replace("_", "-"): value for name, value in headers.items()})

    def remove(self, path, **headers):
        return self.ask("DELETE", "/api/v1/files/local/" + urllib.parse.quote(path), headers=headers)[0]

    def children(self, path=""):
        return [entry["name"] for entry in self.get("/api/v1/files/local" + path)["children"]]


@pytest.fixture
def client(gateway):  # noqa: F811
    return Link(gateway)


@pytest.fixture
def printing(gateway, left):  # noqa: F811
    octoprint = Client(gateway)
    if octoprint.get("/api/job")["state"] == "Paused":
        octoprint.post("/api/job", command="pause", action="resume")
    await_state(octoprint, "Printing")
    return octoprint


# --- how it is ---


def test_who_answers(client, left):  # noqa: F811
    version = client.get("/api/version")
    assert version["text"].startswith("PrusaLink") and version["api"] == "2.0.0" and version["capabilities"]["upload-by-put"] is True
    info = client.get("/api/v1/info")
    assert (info["name"], info["serial"], info["nozzle_diameter"]) == ("Left", SERIALS["Left"], 0.4)


def test_status_and_job(client, printing):
    status = client.get("/api/v1/status")
    assert status["printer"]["state"] == "PRINTING" and status["printer"]["temp_nozzle"] > 150
    assert 0 < status["job"]["progress"] < 100 and status["job"]["time_printing"] > 0
    job = client.get("/api/v1/job")
    assert (job["id"], job["state"]) == (status["job"]["id"], "PRINTING") and 0 < job["id"] < 2**31
    assert job["file"]["display_name"].endswith(".gcode") and "refs" not in job["file"]
    assert client.get("/api/printer")["telemetry"]["material"] == " - "


def test_file_of_the_job(client, printing):
    name = client.get("/api/v1/job")["file"]["display_name"]
    assert client.put(name, b"; filament_type = PETG\n" + gcode())[0] == 201
    file = client.get("/api/v1/job")["file"]
    assert (file["path"], file["size"]) == ("/local", len(gcode()) + 23)
    status, headers, body = client.ask("GET", file["refs"]["thumbnail"])
    assert (status, headers["Content-Type"], body) == (200, "image/png", PICTURE)
    assert client.get("/api/printer")["telemetry"]["material"] == "PETG"
    assert client.ask("GET", file["refs"]["download"])[2].endswith(gcode())
    assert client.remove(name) == 204


def test_offline(gateway):  # noqa: F811
    right = Link(gateway, "Right")
    for path in ("/api/v1/status", "/api/v1/job", "/api/printer"):
        assert right.ask("GET", path)[::2] == (503, b"Right is offline")
    assert right.ask("DELETE", "/api/v1/job/1")[0] == 503
    assert right.get("/api/v1/info")["name"] == "Right"


def test_paused_and_resumed(client, printing):
    job = client.get("/api/v1/job")["id"]
    assert client.ask("PUT", f"/api/v1/job/{job}/resume")[0] == 409
    assert client.ask("PUT", f"/api/v1/job/{job}/pause")[0] == 204
    await_state(printing, "Paused")
    assert client.get("/api/v1/status")["printer"]["state"] == "PAUSED"
    assert client.ask("PUT", f"/api/v1/job/{job}/pause")[::2] == (409, b"the job is paused")
    assert client.ask("PUT", f"/api/v1/job/{job}/resume")[0] == 204
    await_state(printing, "Printing")


@pytest.mark.parametrize("job", ["0", "1", "x", "-1", "99999999999999999999", "1x"])
def test_other_jobs(client, printing, job):
    assert client.ask("DELETE", f"/api/v1/job/{job}")[0] == 404
    assert client.ask("PUT", f"/api/v1/job/{job}/pause")[0] == 404


# --- files ---


def test_storage(client):
    status, _, body = client.ask("GET", "/api/v1/storage", headers={"Accept-Language": "en"})
    assert status == 200 and body.startswith(b'{"storage_list":[{"path":"/local","name":"gateway"')
    (storage,) = json.loads(body)["storage_list"]
    assert storage["read_only"] is False and storage["available"] is True and storage["free_space"] > 0


@pytest.mark.parametrize("path", ["cube.gcode", "with space.gcode", "Größe ß.gcode", 'a "quote".gcode', "folder/deep er/x.gcode", "n" * 249 + ".gcode", "100%.gcode"])
def test_put(client, path):
    status, headers, body = client.put(path, gcode(), Content_Type="text/x.gcode", Overwrite="?1")
    escaped = urllib.parse.quote(path)
    assert (status, headers["Location"]) == (201, f"http://127.0.0.1:{client.gateway.port}/prusalink/{SERIALS['Left']}/api/v1/files/local/{escaped}"), body
    entry = client.get("/api/v1/files/local/" + escaped)
    assert entry == json.loads(body)
    assert (entry["name"], entry["type"], entry["meta"]["estimated_print_time"]) == (path.rpartition("/")[2], "PRINT_FILE", 3723)
    assert client.children() == [path.split("/")[0]]
    assert client.remove(path.split("/")[0], Force="?1") == 204 and client.children() == []


def test_overwrite(client):
    assert client.put("o.gcode", gcode(1))[0] == 201
    status, _, body = client.put("o.gcode", gcode(2))
    assert (status, body) == (409, b"there is a file 'o.gcode' already")
    assert client.put("o.gcode", gcode(2), Overwrite="?1")[0] == 201
    assert client.get("/api/v1/files/local/o.gcode")["size"] == len(gcode(2)) and client.remove("o.gcode") == 204


def test_print_is_refused_and_the_file_kept(client, left):  # noqa: F811
    status, headers, body = client.put("p.gcode", gcode(), Print_After_Upload="?1", Overwrite="?1")
    assert (status, headers["Content-Type"]) == (409, "text/plain; charset=utf-8")
    assert body == b"p.gcode is kept, but not printed: Left has no LAN connection, by which the gateway could send it files"
    assert client.ask("POST", "/api/v1/files/local/p.gcode")[0] == 409 and client.ask("POST", "/api/v1/files/local/q.gcode")[0] == 404
    assert client.children() == ["p.gcode"] and client.remove("p.gcode") == 204


@pytest.mark.parametrize("path, status, words", [
    ("../x.gcode", 400, ""), ("%2e%2e%2fx.gcode", 400, ""), ("x.bgcode", 415, "binary G-code"), ("x.3mf", 415, "sliced first"), (".x.gcode", 400, "dot"),
    ("n" * 250 + ".gcode", 400, "255"),
])
def test_refused(client, path, status, words):
    answer = client.ask("PUT", "/api/v1/files/local/" + path, gcode())
    assert answer[0] == status and words in answer[2].decode() and len(answer[2].decode().splitlines()) == 1
    assert client.children() == []


def test_folders(client):
    assert client.ask("PUT", "/api/v1/files/local/made", headers={"Create-Folder": "?1"})[0] == 201
    assert client.put("made/a.gcode", gcode())[0] == 201
    assert client.children("/made") == client.children("/made/") == ["a.gcode"]
    assert client.remove("made") == 409 and client.remove("made", Force="?1") == 204 and client.remove("made") == 404


def test_other_storages(client):
    for method in ("GET", "PUT", "DELETE"):
        status, headers, _ = client.ask(method, "/api/v1/files/usb/a.gcode")
        assert (status, headers["Content-Type"]) == (404, "text/plain; charset=utf-8")


def test_old_upload(client):
    """Of PrusaSlicer 2.5, and of OrcaSlicer where the printer says no upload-by-put."""
    status, headers, _ = client.upload([("print", "false"), ("path", ""), ("file", ("old.gcode", gcode()))])
    assert (status, headers["Location"]) == (201, f"http://127.0.0.1:{client.gateway.port}/prusalink/{SERIALS['Left']}/api/files/local/old.gcode")
    assert client.remove("old.gcode") == 204


def test_thumbnails_by_size(client):
    small = thumbnail().replace("1x1", "16x16", 1)
    client.put("t.gcode", small.encode() + thumbnail().replace("1x1", "300x300", 1).encode() + b"G28\n")
    refs = client.get("/api/v1/files/local/t.gcode")["refs"]
    assert client.ask("GET", refs["icon"])[0] == client.ask("GET", refs["thumbnail"])[0] == 200
    client.put("none.gcode", b"G28\n")
    assert "thumbnail" not in client.get("/api/v1/files/local/none.gcode")["refs"]
    assert client.ask("GET", "/thumb/l/local/none.gcode")[0] == 404
    assert client.remove("t.gcode") == client.remove("none.gcode") == 204


def test_curl_puts_as_slicers_do(client, five_megabytes):  # noqa: F811
    status, trace, body = curl("-H", "X-Api-Key: key", "-H", "Content-Type: text/x.gcode", "-H", "Overwrite: ?1", "-T", str(five_megabytes),
                               f"{client.base}/api/v1/files/local/{urllib.parse.quote(five_megabytes.name)}")
    assert status == 201 and json.loads(body)["size"] == five_megabytes.stat().st_size
    assert "< HTTP/1.1 100 Continue" in trace and "Done waiting" not in trace
    assert client.remove(five_megabytes.name) == 204


def test_stopped(client, printing):
    job = client.get("/api/v1/job")["id"]
    assert client.ask("DELETE", f"/api/v1/job/{job}")[0] == 204
    await_state(printing, "Operational")
    assert client.ask("GET", "/api/v1/job")[::2] == (204, b"")
    assert "job" not in client.get("/api/v1/status")
