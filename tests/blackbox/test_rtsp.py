# SPDX-License-Identifier: MIT
"""flagship-rtsp: units of H.264 of a camera that has a URL."""

import re
import struct
import subprocess

import pytest

from fetched import Child
from process import DEADLINE_S
from program import BUILD
from rtsp_server import PICTURES, SETS, RtspFake, RtspReal, needs_program, needs_server

pytestmark = needs_program

PROGRAM = BUILD / "flagship-rtsp"
LONG_MS, SHORT_MS = 60_000, 500  # for what is to come, and for what never does
KEY = 5


class Fetched(Child):
    def __init__(self, url, open_ms=LONG_MS, still_ms=LONG_MS):
        super().__init__(PROGRAM, url, "--patience", open_ms, still_ms)


def nals(unit):
    return [nal.rstrip(b"\0") for nal in re.split(rb"\x00\x00\x01", unit)[1:]]


@pytest.fixture(scope="module")
def elsewhere():
    server = RtspFake()
    yield server
    server.end()


@pytest.fixture(scope="module")
def camera(elsewhere):
    server = RtspFake(elsewhere.url("camera"))
    yield server
    server.end()


def fault(url, *patience):
    with Fetched(url, *patience) as fetched:
        return fetched.until_fault()


def test_pictures_come_whole_and_with_their_parameters(camera):
    with Fetched(camera.url("camera")) as fetched:
        units = [nals(fetched.next()) for _ in range(12)]
        assert fetched.end() == 0
    assert units[0] == SETS + [nal for nal in PICTURES[0] if nal not in SETS], "they stand in the description alone"
    assert units[1:] == [[nal for nal in PICTURES[i % 10] if nal not in SETS] for i in range(1, 12)]
    assert camera.left.acquire(timeout=DEADLINE_S), "who looks no more is gone"


@pytest.mark.parametrize("path, said", [
    ("drop", "ended its pictures"), ("junk", "ended its pictures"), ("backwards", "B pictures"), ("flood", "more than 120 pictures a second"), ("hevc", "sends H.265 / HEVC"), ("jpeg", "sends Motion JPEG"),
    ("unknown", "no film of a kind that is known"), ("deaf", "no film of a kind that is known"), ("long", "sends H.265"), ("huge", "speaks no RTSP"), ("noise", "speaks no RTSP"),
    ("none", "the status 404"), ("locked", "the status 401"), ("elsewhere", "sends us elsewhere"), ("away", "sends us elsewhere")])
def test_what_is_no_film_is_told(camera, elsewhere, path, said):
    assert said in fault(camera.url(path))[1]
    assert elsewhere.came == []


@pytest.mark.parametrize("path", ["garbage", "mute", "endless"])
def test_who_never_comes_to_the_point_is_left(camera, path):
    assert fault(camera.url(path), SHORT_MS) == (0, "the camera cannot be reached: it does not answer in time")


def test_a_film_that_stands_still_is_told(camera):
    assert fault(camera.url("still"), LONG_MS, SHORT_MS)[1] == "the camera sends nothing any more"


def test_a_camera_that_is_not_there_is_told():
    said = [fault(url)[1] for url in ("rtsp://127.0.0.1:1/", "rtsp://anna:secret@camera.invalid/")]
    assert all(line.startswith("the camera cannot be reached") for line in said)
    assert "127.0.0.1" not in said[0] and "camera.invalid" not in said[1], "viewers hear it, who may not know the URL"


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/", "file:///etc/passwd", "rtsps://127.0.0.1:1/", "concat:/etc/passwd"])
def test_nothing_but_rtsp_is_spoken(url):
    assert fault(url)[0] == 0


def test_no_length_that_is_too_long():
    for given in (b"", struct.pack(">I", 0), struct.pack(">I", 2049) + 2049 * b"a", struct.pack(">I", 20) + b"rtsp://"):
        assert subprocess.run([PROGRAM], input=given, capture_output=True, timeout=DEADLINE_S).returncode == 1


# --- a real server ---


@pytest.fixture(scope="module")
def real():
    server = RtspReal()
    yield server
    server.stop()


@needs_server
def test_a_real_server_plays(real):
    with Fetched(real.url()) as fetched:
        units = [nals(fetched.next()) for _ in range(30)]
        assert fetched.end() == 0
    assert sum(any(nal[0] & 31 == KEY for nal in unit) for unit in units) >= 5
    assert fault(real.url("anna:wrong@")) == fault(real.url("")) == (0, "the camera answers with the status 401: it wants a name and a password in its URL, or other ones")
