# SPDX-License-Identifier: MIT
"""flagship camera, with simulated printers on the local network, whose camera shows a clock."""

import os
import signal
import subprocess
import time

import pytest

from lan import DUID, address, options, serial  # noqa: F401: fixtures
from process import Process, until
from program import CANNOT_CONNECT, DONE, FAILED, FLAGSHIP, NO_ANSWER, NOT_CONFIGURED, NOT_CONFIRMED, USAGE, environment, run
from test_picture import size_of

BLOCK = 16
BITS = 41  # of the time in the picture, from the second block of the last row but one


@pytest.fixture
def printer(options, simulate, address):
    return lambda *more: simulate(*options, "--lan", "--lan-address", address, "--lan-duid", DUID, *more)


def camera(options, address, *words):
    return run("camera", *words, "--address", address, *options)


def decode(path, width, height):
    """The luma of each picture."""
    result = subprocess.run(["ffmpeg", "-v", "fatal", "-i", path, "-fps_mode", "passthrough", "-f", "rawvideo", "-pix_fmt", "gray", "-"], capture_output=True, check=True)
    assert result.stderr == b""
    size = width * height
    assert len(result.stdout) % size == 0
    return [result.stdout[at:at + size] for at in range(0, len(result.stdout), size)]


def time_in(luma, width, height):
    """What the clock in the picture shows, in milliseconds since 1970."""
    row = (height // BLOCK - 2) * BLOCK + BLOCK // 2
    bits = ["1" if luma[row * width + (1 + bit) * BLOCK + BLOCK // 2] > 128 else "0" for bit in range(BITS)]
    return int("".join(bits), 2)


def test_a_snapshot_is_a_jpeg(printer, options, address, tmp_path):
    printer()
    result = camera(options, address, "snapshot", tmp_path / "now.jpg")
    assert result.returncode == DONE, result.stderr
    assert size_of((tmp_path / "now.jpg").read_bytes()) == (1280, 720)


def test_the_smaller_picture(printer, options, address, tmp_path):
    printer()
    result = camera(options, address, "snapshot", tmp_path / "now.jpg", "--sd")
    assert result.returncode == DONE, result.stderr
    assert size_of((tmp_path / "now.jpg").read_bytes()) == (848, 480)


def test_a_film_shows_how_time_goes_by(printer, options, address, tmp_path):
    printer()
    before = time.time() * 1000
    result = camera(options, address, "record", tmp_path / "film.mp4", "--seconds", "2")
    after = time.time() * 1000
    assert result.returncode == DONE, result.stderr
    times = [time_in(luma, 1280, 720) for luma in decode(tmp_path / "film.mp4", 1280, 720)]
    assert len(times) > 10 and times == sorted(times)
    assert before - 1 <= times[0] and times[-1] <= after


def test_losses_cost_pictures_and_not_the_film(printer, options, address, tmp_path):
    printer("--fault", "lan-loss=0.05")
    result = camera(options, address, "record", tmp_path / "film.mp4", "--seconds", "2")
    assert result.returncode == DONE, result.stderr
    times = [time_in(luma, 1280, 720) for luma in decode(tmp_path / "film.mp4", 1280, 720)]
    assert times and times == sorted(times)


def test_the_bare_stream_goes_to_standard_output(printer, options, address):
    printer()
    result = subprocess.run([FLAGSHIP, "camera", "pipe", "--seconds", "1", "--address", address, *map(str, options)], capture_output=True, env=environment(), check=False)
    assert result.returncode == DONE, result.stderr
    assert result.stdout.startswith(b"\0\0\0\1\x67")


def test_a_film_ends_at_ctrl_c(printer, options, address, tmp_path):
    printer()
    path = tmp_path / "film.mp4"
    recording = Process(FLAGSHIP, "camera", "record", path, "--address", address, *options, env=environment())
    until(lambda: path.exists() and path.stat().st_size > 30000)
    os.kill(recording.pid, signal.SIGINT)
    assert recording.await_end() == DONE
    assert path.read_bytes()[4:8] == b"ftyp"


def test_the_light_is_seen(printer, options, address, tmp_path):
    printer()

    def brightness():
        assert camera(options, address, "record", tmp_path / "film.mp4", "--seconds", "1").returncode == DONE
        return decode(tmp_path / "film.mp4", 1280, 720)[-1][0]

    dark = brightness()
    assert camera(options, address, "light", "on").returncode == DONE
    assert brightness() > dark
    assert camera(options, address, "light", "off").returncode == DONE
    assert brightness() == dark


def test_the_quality_is_told_and_seen(printer, options, address):
    printer()
    for words, size in (("sd", "848×480"), ("hd", "1280×720")):
        result = camera(options, address, "quality", words)
        assert (result.returncode, result.stdout) == (DONE, ""), result.stderr
        assert size in result.stderr and "for this session, which is over" in result.stderr
    result = camera(options, address, "quality")
    assert (result.returncode, result.stdout) == (DONE, "hd\n") and "1280×720" in result.stderr


def test_a_quality_that_the_camera_does_not_take(printer, options, address):
    printer("--fault", "lan-large")
    result = camera(options, address, "quality", "sd")
    assert (result.returncode, result.stdout) == (NOT_CONFIRMED, "") and "still shows 1280×720" in result.stderr


def test_a_model_that_has_no_camera_is_not_searched_for(options, tmp_path):
    result = run("camera", "snapshot", tmp_path / "now.jpg", *options, "--model", "m5c")
    assert result.returncode == NOT_CONFIGURED
    assert "an M5C has no camera" in result.stderr and "URL" in result.stderr
    # Nor where its address is known.
    result = run("camera", "quality", "sd", "--address", "127.0.0.1", *options, "--model", "e1")
    assert result.returncode == NOT_CONFIGURED and "an E1 has no camera" in result.stderr
    result = run("camera", "snapshot", tmp_path / "now.jpg", *options, "--model", "m5")
    assert result.returncode == NOT_CONFIGURED and "it is not known where it is" in result.stderr


def test_a_printer_without_a_camera_says_so(options, simulate, address, tmp_path):
    simulate(*options, "--model", "m5c", "--lan", "--lan-address", address, "--lan-duid", DUID)
    result = camera(options, address, "snapshot", tmp_path / "now.jpg")
    assert result.returncode == NO_ANSWER
    assert "no camera" in result.stderr
    assert not (tmp_path / "now.jpg").exists()
    # What was there before stays, be it a picture or, for root, a device.
    (tmp_path / "now.jpg").write_bytes(b"of yesterday")
    device = tmp_path / "device"
    os.mkfifo(device)
    reader = os.open(device, os.O_RDONLY | os.O_NONBLOCK)
    for path in (tmp_path / "now.jpg", device):
        assert camera(options, address, "snapshot", path).returncode == NO_ANSWER
    os.close(reader)
    assert (tmp_path / "now.jpg").read_bytes() == b"of yesterday" and device.is_fifo()


def test_a_session_that_is_taken_is_told(printer, options, address, tmp_path):
    printer("--fault", "lan-busy")
    result = camera(options, address, "snapshot", tmp_path / "now.jpg")
    assert result.returncode == CANNOT_CONNECT
    assert "another program has its only one" in result.stderr and "flagship queue add" in result.stderr


def test_a_file_that_cannot_be_written(printer, options, address, tmp_path):
    printer()
    result = camera(options, address, "snapshot", tmp_path / "none" / "now.jpg")
    assert result.returncode == FAILED and "cannot write" in result.stderr


@pytest.mark.parametrize("words", [(), ("look",), ("snapshot",), ("light",), ("light", "dim"), ("quality", "4k"), ("quality", "sd", "hd"), ("quality", "--sd"), ("pipe", "file"), ("record", "a", "b")], ids=" ".join)
def test_wrong_use_is_refused(words):
    assert run("camera", *words).returncode == USAGE
