# SPDX-License-Identifier: MIT
"""ankerctl of other people, as it is, uploads to the simulated printer and captures its camera.

Neither Debian nor the npm registry has it: FLAGSHIP_ANKERCTL is the command that runs it, such as "python3 /src/ankerctl.py".
"""

import json
import os
import re
import shlex
import subprocess

import pytest
from lan import gcode
from process import until
from program import DONE, environment

COMMAND = shlex.split(os.environ.get("FLAGSHIP_ANKERCTL", ""))
DEADLINE_S = 60

pytestmark = pytest.mark.skipif(not COMMAND, reason="ankerctl is not here: FLAGSHIP_ANKERCTL would be the command that runs it")


def ankerctl(home, *words):
    result = subprocess.run([*COMMAND, *map(str, words)], env=environment(HOME=home.folder), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                            timeout=DEADLINE_S, check=False)
    assert result.returncode == 0, result.stdout
    return result.stdout


def job(home):
    result = home.run("status", "--json")
    return json.loads(result.stdout)["job"]["name"] if result.returncode == DONE else None


def test_it_prints_a_file(lan_home, tmp_path):
    file = tmp_path / "cube.gcode"
    file.write_bytes(gcode())
    assert "Successfully sent print job" in ankerctl(lan_home, "pppp", "print-file", file)
    until(lambda: job(lan_home) == "cube.gcode")


def test_it_captures_the_camera(lan_home, tmp_path):
    film = tmp_path / "film.h264"
    assert "Successfully captured" in ankerctl(lan_home, "pppp", "capture-video", "-m", "100kb", film)
    shown = subprocess.run(["ffprobe", "-v", "error", "-show_entries", "stream=codec_name,width,height", film], capture_output=True, text=True, check=True).stdout
    assert re.findall(r"=(\w+)", shown) == ["h264", "1280", "720"]
