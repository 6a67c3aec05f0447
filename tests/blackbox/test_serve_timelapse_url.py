# SPDX-License-Identifier: MIT
"""Time-lapses of flagship serve of a printer that has no camera of its own, by a URL."""

import itertools
import subprocess

import pytest

from process import DEADLINE_S
from rtsp_server import RtspFake, needs_program
from test_camera import decode
from test_serve_timelapse import Lapses, frames_of
from webcam_server import WebcamServer

PRINTING = ("--model", "m5c", "--scenario", "print", "--speed", "60", "--at", "85")
WIDTH, HEIGHT = 640, 480
GREYS = [40, 80, 120, 160, 200]  # of one picture after the other
NEAR = 3


def picture(grey):
    colour = f"color=0x{3 * f'{grey:02x}'}:s={WIDTH}x{HEIGHT}"
    return subprocess.run(["ffmpeg", "-v", "error", "-f", "lavfi", "-i", colour, "-frames:v", "1", "-f", "image2pipe", "-c:v", "mjpeg", "-"],
                          capture_output=True, check=True).stdout


@pytest.fixture(scope="module")
def farm(tmp_path_factory, broker, authority, connection):
    farm = Lapses(tmp_path_factory.mktemp("lapses"), broker, authority, connection, names=("Left", "Right"))
    server = WebcamServer()
    server.pictures = itertools.cycle(list(map(picture, GREYS)))
    assert farm.gateway.status("PUT", "/printers/Left/camera", {"url": server.url("stream")})[0] == 200
    farm.server = server
    yield farm
    farm.gateway.stop()
    server.end()
    for printer in farm.printers.values():
        printer.stop()


def test_a_job_becomes_a_film(farm, tmp_path):
    farm.film(mode="interval", interval_s=1)
    farm.simulate(*PRINTING)
    film = farm.until_film(lambda film: film["done"])
    assert (film["printer_name"], film["outcome"], film["width"], film["height"]) == ("Left", "finished", WIDTH, HEIGHT)
    status, headers, body = farm.fetch(f"/timelapses/{film['id']}/film.mp4")
    assert (status, headers["Content-Type"]) == (200, "video/mp4")
    path = tmp_path / "film.mp4"
    path.write_bytes(body)
    assert len(frames_of(path)) == film["frames"] >= 2
    shown = [luma[0] for luma in decode(path, WIDTH, HEIGHT)]
    assert len(shown) == film["frames"] and all(min(abs(grey - one) for one in GREYS) <= NEAR for grey in shown), shown
    # Its camera is left once nothing is printed.
    assert farm.server.left.wait(DEADLINE_S), "somebody goes on fetching"


@needs_program
def test_so_does_one_of_a_camera_that_sends_a_film(farm, tmp_path):
    """Its key pictures as they come."""
    server = RtspFake()
    assert farm.gateway.status("PUT", "/printers/Right/camera", {"url": server.url("camera")})[0] == 200
    farm.film(mode="interval", interval_s=1)
    farm.simulate(*PRINTING, name="Right")
    film = farm.until_film(lambda film: film["done"] and film["printer_name"] == "Right")
    assert (film["outcome"], film["width"], film["height"]) == ("finished", 160, 120)
    path = tmp_path / "film.mp4"
    path.write_bytes(farm.fetch(f"/timelapses/{film['id']}/film.mp4")[2])
    assert len(frames_of(path)) == len(decode(path, 160, 120)) == film["frames"] >= 2
    server.end()
