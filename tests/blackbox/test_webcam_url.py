# SPDX-License-Identifier: MIT
"""flagship-webcam: JPEGs of a camera that has a URL."""


import pytest

from fetched import Child
from process import DEADLINE_S
from program import BUILD
from webcam_server import JPEGS, WebcamServer

PROGRAM = BUILD / "flagship-webcam"


@pytest.fixture(scope="module")
def camera():
    server = WebcamServer()
    yield server
    server.end()


class Fetched(Child):
    def __init__(self, url):
        super().__init__(PROGRAM, url)


def fault(url):
    with Fetched(url) as fetched:
        said = fetched.next()
        assert isinstance(said, str) and fetched.child.stdout.read() == b"" and fetched.child.wait(DEADLINE_S) == 1
    return said


def test_moving_pictures_come_one_after_the_other(camera):
    with Fetched(camera.url("stream")) as fetched:
        pictures = [fetched.next() for _ in range(5)]
        at = JPEGS.index(pictures[0])
        assert pictures == [JPEGS[(at + i) % len(JPEGS)] for i in range(5)]
        assert fetched.end() == 0
    assert camera.left.wait(DEADLINE_S), "who looks no more is gone"


def test_single_pictures_are_asked_for_again(camera):
    with Fetched(camera.url("snapshot")) as fetched:
        assert fetched.next() in JPEGS and fetched.next() in JPEGS
        assert fetched.end() == 0


def test_a_password_goes_with_the_url(camera):
    with Fetched(camera.url("locked", "anna:secret@")) as fetched:
        assert fetched.next() in JPEGS
    assert ("/locked", "Basic YW5uYTpzZWNyZXQ=") in camera.asked


@pytest.mark.parametrize("path, said", [
    ("page", "no JPEG and no MJPEG, but text/html; charset=utf-8"), ("lie", "no JPEG, though it says so"), ("none", "the status 404"),
    ("elsewhere", "the status 302"), ("locked", "the status 401")])
def test_what_is_no_picture_is_told(camera, path, said):
    assert said in fault(camera.url(path))


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://127.0.0.1/a.jpg", "rtsp://127.0.0.1/a", "gopher://127.0.0.1:1/"])
def test_nothing_but_http_is_spoken(url):
    assert "cannot be reached" in fault(url)


def test_a_camera_that_is_not_there_is_told():
    said = [fault(url) for url in ("http://127.0.0.1:1/", "http://camera.invalid/")]
    assert all("cannot be reached" in line for line in said)
    assert "127.0.0.1" not in said[0] and "camera.invalid" not in said[1], "viewers hear it, who may not know the URL"
