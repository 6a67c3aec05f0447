# SPDX-License-Identifier: MIT
"""Cameras of somebody else, by their URLs, in place of a printer's own or where it has none."""

import shutil
import stat
import time

import pytest

from process import DEADLINE_S, until
from test_serve_mjpeg import Pictures
from test_serve_webcam import Guests
from webcam_server import JPEGS, WebcamServer

CAMERA = "/printers/Right/camera"
RETRY_S = 5  # after a first failure


@pytest.fixture(scope="module")
def guests(tmp_path_factory, broker, authority, connection):
    farm = Guests(tmp_path_factory.mktemp("cameras"), broker, authority, connection)
    yield farm
    assert farm.gateway.stop() == 0, farm.gateway.log


@pytest.fixture(scope="module")
def server():
    server = WebcamServer()
    yield server
    server.end()


def admin(guests):
    return {"X-Api-Key": guests.keys["admin"]}


def put(guests, url, printer="Right", role="admin"):
    return guests.gateway.status("PUT", f"/printers/{printer}/camera", {"url": url}, **{"X-Api-Key": guests.keys[role]})


def fetch(guests, path="/snapshot.jpg", printer="Right"):
    """Status, and the body of a picture or the words of a problem."""
    connection = guests.gateway.connection()
    connection.request("GET", f"/api/v1/printers/{printer}/camera{path}", headers=admin(guests))
    response = connection.getresponse()
    body = response.read()
    connection.close()
    return response.status, body if response.headers["Content-Type"] == "image/jpeg" else body.decode()


def watch(guests, printer="Right"):
    return Pictures(guests.gateway.connection(), f"/api/v1/printers/{printer}/camera/stream.mjpg?fps=25", **admin(guests))


def test_a_printer_without_a_camera_gets_one(guests, server):
    assert guests.gateway.status("GET", CAMERA, **admin(guests)) == (200, {"source": None, "url": None, "film": False, "quality": None})
    assert fetch(guests)[0] == 404
    assert put(guests, server.url("snapshot")) == (200, {"source": "url", "url": server.url("snapshot"), "film": False, "quality": None})
    status, jpeg = fetch(guests)
    assert status == 200 and jpeg in JPEGS
    (entry,) = guests.ask("/server/webcams/list", guests.base + 1)["result"]["webcams"]
    assert guests.load(entry["snapshot_url"])[0] == 200
    assert guests.ask("/api/settings", guests.base + 1)["webcam"]["webcamEnabled"] is True
    for path, body in (("light", {"on": True}), ("quality", {"quality": "sd"})):
        status, problem = guests.gateway.status("POST", f"{CAMERA}/{path}", body, **admin(guests))
        assert status == 404 and "not the printer's own" in problem["detail"]
    # Who watches sees the other camera from now on.
    watcher = watch(guests)
    assert watcher.next() in JPEGS
    assert put(guests, server.url("stream"))[0] == 200
    seen = [watcher.next() for _ in range(10)]
    assert len(set(seen)) == 10 and set(seen) <= set(JPEGS)
    watcher.close()
    assert put(guests, None) == (200, {"source": None, "url": None, "film": False, "quality": None})
    assert fetch(guests)[0] == 404
    assert server.left.wait(DEADLINE_S), "nobody is left who fetches"


def test_who_goes_away_in_the_middle_keeps_nobody_waiting(guests, server):
    assert put(guests, server.url("snapshot"))[0] == 200
    assert fetch(guests)[1] in JPEGS
    for method in ("HEAD", "GET", "GET"):
        connection = guests.gateway.connection()
        connection.request(method, f"/api/v1{CAMERA}/snapshot.jpg", headers=admin(guests))
        response = connection.getresponse()
        assert response.status == 200 and int(response.headers["Content-Length"]) in map(len, JPEGS)
        connection.close()
        assert fetch(guests)[1] in JPEGS
    assert put(guests, None)[0] == 200


def test_it_goes_before_the_printers_own(guests, server):
    assert guests.gateway.status("GET", "/printers/Left/camera", **admin(guests))[1] == {"source": "printer", "url": None, "film": True, "quality": "hd"}
    assert put(guests, server.url("snapshot"), "Left")[0] == 200
    assert fetch(guests, printer="Left")[1] in JPEGS
    assert put(guests, None, "Left")[1] == {"source": "printer", "url": None, "film": True, "quality": "hd"}
    assert "does not answer on the local network" in fetch(guests, printer="Left")[1]


@pytest.mark.parametrize("path, said", [("page", "no JPEG and no MJPEG, but text/html"), ("none", "the status 404")])
def test_what_keeps_pictures_away_is_told(guests, server, path, said):
    assert put(guests, server.url(path))[0] == 200
    status, problem = fetch(guests)
    assert status == 503 and said in problem


def test_what_failed_is_not_asked_again_at_once(guests, server):
    assert put(guests, server.url("none"))[0] == 200
    before, started = len(server.asked), time.monotonic()
    assert fetch(guests) == fetch(guests)
    asked = [path for path, _ in server.asked[before:]]
    assert set(asked) == {"/none"} and len(asked) <= 1 + (time.monotonic() - started) // RETRY_S


def test_a_camera_that_is_not_there_is_told(guests):
    assert put(guests, "http://127.0.0.1:1/")[0] == 200
    status, problem = fetch(guests)
    assert status == 503 and "cannot be reached" in problem and "127.0.0.1" not in problem


@pytest.mark.parametrize("url, said", [
    ("rtsps://camera/1", "takes any certificate"), ("file:///etc/passwd", "http://, https:// or rtsp://"), ("camera.local", "http://, https:// or rtsp://"), ("http://", "no host"),
    ("http:///a", "no host"), ("http://a/ b", "no blanks"), ("http://a/\u00e4", "no blanks"), ("http://a/\n", "no blanks"), ("http://a/" + "b" * 1020, "too long"),
    ("", "http://, https:// or rtsp://"), (7, "a text, or null")], ids=str)
def test_urls_that_no_camera_has(guests, url, said):
    status, problem = put(guests, url)
    assert status == 400 and said in problem["detail"]


def test_admins_set_it_and_nobody_else_reads_it(guests, server):
    secret = server.url("locked", "anna:hunter2@")
    for role in ("viewer", "operator"):
        assert put(guests, secret, role=role)[0] == 403
    assert put(guests, secret)[1]["url"] == secret
    for role in ("viewer", "operator"):
        assert guests.gateway.status("GET", CAMERA, **{"X-Api-Key": guests.keys[role]}) == (200, {"source": "url", "url": None, "film": False, "quality": None})
    assert fetch(guests)[1] in JPEGS
    kept = guests.home.folder / "gateway" / "cameras.json"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert guests.gateway.stop() == 0
    assert "hunter2" not in "".join(guests.gateway.log)
    guests.serve()
    assert guests.gateway.status("GET", CAMERA, **admin(guests))[1]["url"] == secret
    assert fetch(guests)[1] in JPEGS


def test_a_damaged_list_is_told_and_kept(guests):
    kept = guests.home.folder / "gateway" / "cameras.json"
    assert guests.gateway.stop() == 0
    shutil.copy(kept, kept.with_suffix(".good"))
    kept.write_text("{")
    failed = guests.home.run("serve", "--port", "0", "--moonraker-base-port", "0", "--dir", guests.home.folder / "gateway")
    assert failed.returncode == 1 and "cameras.json is no list of cameras" in failed.stderr and kept.read_text() == "{"
    kept.with_suffix(".good").replace(kept)
    guests.serve()
    until(lambda: fetch(guests)[0] == 200)
