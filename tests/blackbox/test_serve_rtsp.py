# SPDX-License-Identifier: MIT
"""Cameras of flagship serve that have a URL of RTSP: what they send is shown as a printer's own film is."""

import json
import pathlib
import shutil

import pytest

import gateway
from process import DEADLINE_S
from program import BUILD, FLAGSHIP
from rtsp_server import RtspFake, RtspReal, needs_program, needs_server
from test_camera import decode
from test_picture import size_of
from test_serve_camera import Film
from test_serve_camera_url import CAMERA, admin, fetch, guests, put, watch  # noqa: F401: a fixture
from websocket_client import WebSocket

pytestmark = needs_program
SIZE = (160, 120)
INSTALLED = pathlib.Path("/usr/local/libexec/flagship/flagship-rtsp")


@pytest.fixture(scope="module")
def server():
    server = RtspFake()
    yield server
    server.end()


class Followed(Film):
    def __init__(self, guests, printer="Right"):
        self.socket = WebSocket(guests.gateway.port, f"/api/v1/printers/{printer}/camera/stream", **guests.viewer())


@needs_server
def test_a_printer_without_a_camera_gets_a_film(guests, tmp_path):
    real = RtspReal()
    assert put(guests, real.url()) == (200, {"source": "url", "url": real.url(), "film": True, "quality": None})
    assert guests.gateway.status("GET", CAMERA, **guests.viewer()) == (200, {"source": "url", "url": None, "film": True, "quality": None})
    films = [Followed(guests), Followed(guests)]
    for film in films:
        head, mp4 = film.read(20)
        assert (head["width"], head["height"]) == SIZE
        (tmp_path / "film.mp4").write_bytes(mp4)
        assert len(decode(tmp_path / "film.mp4", *SIZE)) == 20
    status, jpeg = fetch(guests)
    assert status == 200 and size_of(jpeg) == SIZE
    watcher = watch(guests)
    assert [size_of(watcher.next()) for _ in range(3)] == [SIZE] * 3
    watcher.close()
    (entry,) = guests.ask("/server/webcams/list", guests.base + 1)["result"]["webcams"]
    assert size_of(guests.load(entry["snapshot_url"])[1]) == SIZE
    assert guests.ask("/api/settings", guests.base + 1)["webcam"]["webcamEnabled"] is True
    for path, body in (("light", {"on": True}), ("quality", {"quality": "sd"})):
        status, problem = guests.gateway.status("POST", f"{CAMERA}/{path}", body, **admin(guests))
        assert status == 404 and "not the printer's own" in problem["detail"]
    # A printer that has a camera shows this one instead, and its own again.
    assert put(guests, real.url(), "Left")[0] == 200
    film = Followed(guests, "Left")
    assert film.read(1)[0]["width"] == SIZE[0]
    assert put(guests, None, "Left")[0] == 200
    assert film.until_text("pause")["detail"] == "the camera is another one from now on"
    assert put(guests, None)[0] == 200
    assert "hunter2" not in guests.gateway.log
    real.stop()
    for film in (*films, film):
        film.socket.close()


def test_a_film_goes_on_once_the_camera_does(guests, server):
    assert put(guests, server.url("flaky"))[0] == 200
    film = Followed(guests)
    film.read(5)
    assert film.until_text("pause") == {"type": "pause", "status": 503, "detail": "the camera ended its pictures", "detail_code": "camera-url-over"}
    film.read(20)
    film.socket.close()
    assert put(guests, None)[0] == 200
    assert server.left.acquire(timeout=DEADLINE_S) and server.left.acquire(timeout=DEADLINE_S), "nobody is left who fetches"


@pytest.mark.parametrize("path, said", [("hevc", "sends H.265 / HEVC"), ("locked", "the status 401")])
def test_what_keeps_a_film_away_is_told(guests, server, path, said):
    assert put(guests, server.url(path))[0] == 200
    status, problem = fetch(guests)
    assert status == 503 and said in problem and "127.0.0.1" not in problem
    assert put(guests, None)[0] == 200


def test_jpegs_are_no_film(guests):
    assert put(guests, "http://127.0.0.1:1/")[1]["film"] is False
    connection = guests.gateway.connection()
    connection.request("GET", f"/api/v1{CAMERA}/stream", headers={**guests.viewer(), "Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13",
                                                                 "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA=="})
    response = connection.getresponse()
    assert response.status == 404 and "gives JPEGs" in json.loads(response.read())["detail"]
    assert put(guests, None)[0] == 200


@pytest.mark.skipif(INSTALLED.exists(), reason="flagship-rtsp is installed on this machine, and would be found")
def test_without_its_program_it_is_refused(guests, tmp_path, monkeypatch):
    """As where libavformat is missing."""
    for name in ("flagship", "flagship-serve"):
        shutil.copy(BUILD / name, tmp_path)
    monkeypatch.setattr(gateway, "FLAGSHIP", tmp_path / FLAGSHIP.name)
    assert guests.gateway.stop() == 0
    try:
        guests.serve()
        status, problem = put(guests, "rtsp://camera/1")
        assert status == 400 and "libavformat-dev" in problem["detail"]
        assert put(guests, "http://127.0.0.1:1/")[0] == 200
        assert guests.gateway.stop() == 0
    finally:
        monkeypatch.undo()
        guests.serve()
