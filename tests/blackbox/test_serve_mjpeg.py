# SPDX-License-Identifier: MIT
"""Moving pictures of flagship serve's cameras as JPEGs in one answer, for whatever shows an image."""

import pathlib

import pytest

from test_camera import time_in
from test_picture import size_of
from test_serve_camera import Film, farm, luma  # noqa: F401  farm is a fixture

STREAM = "/printers/Left/camera/stream.mjpg"


class Pictures:
    """Who watches."""

    def __init__(self, connection, path, **headers):
        self.connection = connection
        self.connection.request("GET", path, headers=headers)
        self.response = self.connection.getresponse()
        assert self.response.status == 200, self.response.read()
        assert self.response.headers["Content-Type"].startswith("multipart/x-mixed-replace")
        self.boundary = b"--" + self.response.headers["Content-Type"].partition("boundary=")[2].encode()
        assert self.line() == self.boundary

    def line(self):
        line = self.response.readline()
        assert line.endswith(b"\r\n"), line
        return line[:-2]

    def next(self):
        """A JPEG, whole before the next one is there."""
        headers = dict(line.split(b": ") for line in iter(self.line, b""))
        assert headers[b"Content-Type"] == b"image/jpeg"
        jpeg = self.response.read(int(headers[b"Content-Length"]))
        assert (self.line(), self.line()) == (b"", self.boundary)
        return jpeg

    def close(self):
        self.response.close()
        self.connection.close()


def watch(farm, query=""):  # noqa: F811
    return Pictures(farm.gateway.connection(), "/api/v1" + STREAM + query)


def painters(farm):  # noqa: F811
    """Programs that the gateway runs."""
    return pathlib.Path(f"/proc/{farm.gateway.child.pid}/task/{farm.gateway.child.pid}/children").read_text().split()


def test_all_who_watch_see_time_go_by(farm, tmp_path):  # noqa: F811
    farm.simulate()
    film = Film(farm)
    film.read(1)
    assert painters(farm) == [], "nothing is decoded for who takes the film"
    watchers = [watch(farm), watch(farm, "?fps=25"), watch(farm, "?fps=1")]
    for watcher in watchers:
        pictures = [watcher.next() for _ in range(4)]
        assert {size_of(picture) for picture in pictures} == {(1280, 720)}
        times = [time_in(luma(picture, tmp_path), 1280, 720) for picture in pictures]
        assert times == sorted(times) and times[0] < times[-1]
    assert size_of(farm.fetch()[2]) == (1280, 720), "a single picture beside them"
    assert len(painters(farm)) == 1, "one decoder for all"
    for watcher in watchers:
        watcher.close()
    film.socket.close()


def test_who_watches_sees_on_after_a_file(farm):  # noqa: F811
    farm.simulate()
    farm.plate(clear=True)
    watcher = watch(farm)
    watcher.next()
    farm.until_state(farm.add(), "printing")
    # More than what was on its way before the file.
    for _ in range(30):
        watcher.next()
    watcher.close()


@pytest.mark.parametrize("fps", ["0", "26", "-1", "", "ten"])
def test_a_rate_that_is_none(farm, fps):  # noqa: F811
    status, problem = farm.problem(f"{STREAM}?fps={fps}")
    assert status == 400 and "1 to 25" in problem["detail"]


def test_what_keeps_pictures_away_is_told(farm):  # noqa: F811
    status, problem = farm.problem(STREAM)
    assert status == 503 and "does not answer on the local network" in problem["detail"]


def test_the_gateway_ends_while_somebody_watches(farm):  # noqa: F811
    farm.simulate()
    watcher = watch(farm)
    watcher.next()
    assert farm.gateway.stop() == 0, farm.gateway.log
    watcher.close()
