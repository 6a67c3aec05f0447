# SPDX-License-Identifier: MIT
"""Cameras of flagship serve, with simulated printers on the local network."""

import itertools
import json
import shutil
import subprocess

import pytest

from guarded import keep_people
from process import until
from program import BUILD
from test_camera import decode, time_in
from test_picture import size_of
from test_serve_print import Farm
from websocket_client import WebSocket

KEYS = itertools.count()
SNAPSHOT = "/printers/Left/camera/snapshot.jpg"
LIGHT = "/printers/Left/camera/light"
QUALITY = "/printers/Left/camera/quality"


class Cameras(Farm):
    def fetch(self, path=SNAPSHOT, **headers):
        connection = self.gateway.connection()
        connection.request("GET", "/api/v1" + path, headers=headers)
        response = connection.getresponse()
        body = response.read()
        connection.close()
        return response.status, response.headers, body

    def change_store(self, **values):
        self.gateway.stop()
        stored = json.loads(self.home.store.read_text())
        stored["accounts"][0]["printers"][0].update(values)
        self.home.store.write_text(json.dumps(stored))
        self.serve()

    def problem(self, path=SNAPSHOT):
        return self.gateway.status("GET", path)


@pytest.fixture
def farm(tmp_path, broker, authority, connection):
    farm = Cameras(tmp_path, broker, authority, connection)
    yield farm
    farm.gateway.stop()
    for printer in farm.printers.values():
        printer.stop()


def luma(jpeg, tmp_path):
    path = tmp_path / f"{next(KEYS)}.jpg"
    path.write_bytes(jpeg)
    result = subprocess.run(["ffmpeg", "-v", "error", "-i", path, "-f", "rawvideo", "-pix_fmt", "gray", "-"], capture_output=True, check=True)
    return result.stdout


def test_a_snapshot_is_a_jpeg_that_nobody_keeps(farm):
    farm.simulate()
    status, headers, body = farm.fetch()
    assert (status, headers["Content-Type"], headers["Cache-Control"]) == (200, "image/jpeg", "no-store")
    assert size_of(body) == (1280, 720)


def test_snapshots_show_how_time_goes_by(farm, tmp_path):
    farm.simulate()
    first = time_in(luma(farm.fetch()[2], tmp_path), 1280, 720)
    until(lambda: time_in(luma(farm.fetch()[2], tmp_path), 1280, 720) > first)


def test_the_light_is_switched_and_seen(farm, tmp_path):
    farm.simulate()
    dark = luma(farm.fetch()[2], tmp_path)[0]
    assert farm.gateway.status("POST", LIGHT, {"on": True}) == (200, {"on": True})
    farm.gateway.await_lines(lambda lines: any("camera light on" in line and "accepted" in line for line in lines))
    until(lambda: luma(farm.fetch()[2], tmp_path)[0] > dark)
    assert farm.gateway.status("POST", LIGHT, {"on": False}) == (200, {"on": False})
    until(lambda: luma(farm.fetch()[2], tmp_path)[0] == dark)


@pytest.mark.parametrize("body", [{}, {"on": 1}, {"on": None}, {"off": True}, "[]"], ids=str)
def test_a_light_that_is_neither_on_nor_off(farm, body):
    assert farm.gateway.status("POST", LIGHT, body)[0] == 400


def test_pictures_are_as_large_as_wanted(farm):
    farm.simulate()
    film = Film(farm)
    assert film.until_text("head")["width"] == 1280
    assert farm.gateway.status("POST", QUALITY, {"quality": "sd"}) == (200, {"quality": "sd"})
    assert film.until_text("head")["width"] == 848
    until(lambda: size_of(farm.fetch()[2]) == (848, 480))
    film.socket.close()
    # The next session begins so, too.
    farm.plate(clear=True)
    farm.until_state(farm.add(), "printing")
    film = Film(farm)
    assert film.until_text("head")["width"] == 848
    assert farm.gateway.status("POST", QUALITY, {"quality": "hd"}) == (200, {"quality": "hd"})
    assert film.until_text("head")["width"] == 1280
    film.socket.close()


@pytest.mark.parametrize("body", [{}, {"quality": 1}, {"quality": "4k"}, {"size": "sd"}, "[]"], ids=str)
def test_a_quality_that_is_none(farm, body):
    assert farm.gateway.status("POST", QUALITY, body)[0] == 400


def test_a_printer_without_a_camera_says_so(farm):
    farm.change_store(model="V8110")
    assert farm.problem() == (404, {"type": "about:blank", "title": "Not Found", "status": 404, "detail": "an M5C has no camera",
                                    "detail_code": "camera-not-of-model", "detail_arguments": {"model": "M5C"}})
    assert farm.gateway.status("POST", LIGHT, {"on": True})[0] == 404


def test_a_printer_that_is_not_there_is_told(farm):
    status, problem = farm.problem()
    assert status == 503 and "does not answer on the local network" in problem["detail"]


def test_a_session_that_is_taken_is_told(farm):
    farm.simulate("--fault", "lan-busy")
    status, problem = farm.problem()
    assert status == 409 and "another program has its only one" in problem["detail"]


def test_doctor_leaves_the_camera_its_session(farm):
    farm.simulate()
    assert farm.fetch()[0] == 200
    report = farm.gateway.get("/printers/Left/doctor")
    slot = next(link for link in report["links"] if link["name"] == "lan_slot")
    assert (slot["ok"], slot["holder"], report["lan_ok"]) == (True, "here", True), report
    assert "looks at its camera" in slot["detail"]
    assert farm.gateway.status("POST", LIGHT, {"on": True}) == (200, {"on": True})


def test_a_printer_whose_name_in_the_network_is_not_known(farm):
    farm.change_store(p2p_did="")
    status, problem = farm.problem()
    assert status == 503 and "flagship lan search --save" in problem["detail"]


def test_a_file_goes_first_and_the_camera_comes_back(farm):
    farm.simulate()
    assert farm.fetch()[0] == 200
    farm.plate(clear=True)
    identity = farm.add()
    farm.until_state(identity, "printing")
    until(lambda: farm.fetch()[0] == 200)


class Film:
    """Who follows a camera."""

    def __init__(self, farm):
        self.socket = WebSocket(farm.gateway.port, "/api/v1/printers/Left/camera/stream")

    def next(self):
        """A text as JSON, or the bytes of a piece of MP4."""
        name, payload = self.socket.frame()
        if name == "ping":
            self.socket.send_frame("pong", payload)
            return self.next()
        assert name in ("text", "binary"), (name, payload)
        return json.loads(payload) if name == "text" else payload

    def until_text(self, kind):
        while not isinstance(found := self.next(), dict) or found["type"] != kind:
            pass
        return found

    def read(self, fragments):
        """From a head on."""
        head = self.until_text("head")
        pieces = [self.next() for _ in range(fragments + 1)]
        assert pieces[0][4:8] == b"ftyp" and all(piece[4:8] == b"moof" for piece in pieces[1:])
        return head, b"".join(pieces)


def test_a_film_is_followed_by_all_who_look(farm, tmp_path):
    farm.simulate()
    films = [Film(farm), Film(farm)]
    for film in films:
        head, mp4 = film.read(30)
        assert head["mime"].startswith('video/mp4; codecs="avc1.') and (head["width"], head["height"]) == (1280, 720)
        (tmp_path / "film.mp4").write_bytes(mp4)
        times = [time_in(luma, 1280, 720) for luma in decode(tmp_path / "film.mp4", 1280, 720)]
        assert len(times) == 30 and times == sorted(times)
        film.socket.close()


def test_who_follows_is_told_of_a_file_and_sees_on_after_it(farm):
    farm.simulate()
    farm.plate(clear=True)
    film = Film(farm)
    film.read(1)
    farm.add()
    assert film.until_text("pause") == {"type": "pause", "status": 409, "detail": "a file is being sent to the printer", "detail_code": "camera-file-sent"}
    film.read(1)
    film.socket.close()


def test_who_follows_one_that_is_replaced_is_told_and_let_go(farm):
    farm.simulate()
    film = Film(farm)
    film.read(1)
    assert farm.gateway.status("PUT", "/printers/Left/camera", {"url": "http://127.0.0.1:1/"})[0] == 200
    assert film.until_text("pause")["detail"] == "the camera is another one from now on"
    assert film.socket.frame() == ("close", b"\x03\xe9the camera is another one from now on")
    film.socket.close()


def test_viewers_look_and_operators_light(farm):
    farm.gateway.stop()
    shutil.rmtree(farm.home.folder / "gateway")
    keys = keep_people(farm.home.folder / "gateway")
    farm.serve()
    for name in ("viewer", "operator", "admin"):
        assert farm.gateway.status("POST", LIGHT, {}, **{"X-Api-Key": keys[name]})[0] == (403 if name == "viewer" else 400)
    assert farm.gateway.status("GET", SNAPSHOT)[0] == 401
    assert farm.gateway.status("GET", SNAPSHOT, **{"X-Api-Key": keys["viewer-of-one"]})[0] == 404
    assert farm.gateway.status("GET", SNAPSHOT, **{"X-Api-Key": keys["viewer"]})[0] == 503


def test_the_gateway_ends_while_somebody_waits(farm):
    connection = farm.gateway.connection()
    connection.request("GET", "/api/v1" + SNAPSHOT)
    assert farm.gateway.status("GET", "/health")[0] == 200
    farm.gateway.signal(15)
    response = connection.getresponse()
    assert response.status == 503 and b"the gateway ends" in response.read()
    assert farm.gateway.stop() == 0


def test_the_gateway_links_no_decoder():
    linked = subprocess.run(["ldd", BUILD / "flagship-serve"], capture_output=True, text=True, check=True).stdout
    assert "openh264" not in linked and "jpeg" not in linked and "libav" not in linked


def test_the_gateway_ends_while_somebody_follows(farm):
    farm.simulate()
    film = Film(farm)
    film.read(1)
    assert farm.fetch()[0] == 200
    assert farm.gateway.stop() == 0, farm.gateway.log
    film.socket.close()
