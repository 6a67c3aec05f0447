# SPDX-License-Identifier: MIT
"""ankerctl of other people finds the simulated printer, uploads to it and captures its camera."""

import json
import re
import subprocess

import pytest
from ankerctl import ankerctl, is_here
from lan import DUID, gcode
from lan_between import PRINTER, Between, why_not
from process import until
from program import DONE

NO_NETWORK = why_not()

pytestmark = is_here


def job(home):
    result = home.run("status", "--json")
    return json.loads(result.stdout)["job"]["name"] if result.returncode == DONE else None


@pytest.mark.skipif(NO_NETWORK is not None, reason=str(NO_NETWORK))
def test_it_finds_a_printer(tmp_path):
    """By a broadcast, which it sends once and whose answer it awaits for a second."""
    key = tmp_path / "key"
    key.write_text("000102030405060708090a0b0c0d0e0f")
    key.chmod(0o600)
    network = Between(tmp_path, {}, False)
    try:
        network.simulate("BETWEEN1", key, address="0.0.0.0")
        until(lambda: f"Printer [{DUID}] is online at {PRINTER}" in ankerctl(tmp_path, "pppp", "lan-search", inside=network.inside(network.client)))
    finally:
        network.close()


def test_it_prints_a_file(lan_home, tmp_path):
    file = tmp_path / "cube.gcode"
    file.write_bytes(gcode())
    assert "Successfully sent print job" in ankerctl(lan_home.folder, "pppp", "print-file", file)
    until(lambda: job(lan_home) == "cube.gcode")


def test_it_captures_the_camera(lan_home, tmp_path):
    film = tmp_path / "film.h264"
    assert "Successfully captured" in ankerctl(lan_home.folder, "pppp", "capture-video", "-m", "100kb", film)
    shown = subprocess.run(["ffprobe", "-v", "error", "-show_entries", "stream=codec_name,width,height", film], capture_output=True, text=True, check=True).stdout
    assert re.findall(r"=(\w+)", shown) == ["h264", "1280", "720"]
