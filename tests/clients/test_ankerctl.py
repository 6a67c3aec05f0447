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
from accounts_home import Home
from broker import Authority, Broker
from lan import DUID, gcode, lan_address
from process import until
from program import DONE, environment
from simulator import Simulator

COMMAND = shlex.split(os.environ.get("FLAGSHIP_ANKERCTL", ""))
KEY = "000102030405060708090a0b0c0d0e0f"
SERIAL = "ANKERCTL00000001"
DEADLINE_S = 60

pytestmark = pytest.mark.skipif(not COMMAND, reason="ankerctl is not here: FLAGSHIP_ANKERCTL would be the command that runs it")


def profile(address):
    printer = {"id": "1", "sn": SERIAL, "name": "Left", "model": "V8111", "create_time": 0, "update_time": 0, "wifi_mac": "", "ip_addr": address,
               "mqtt_key": KEY, "api_hosts": "", "p2p_hosts": "", "p2p_duid": DUID, "p2p_key": "", "__type__": "Printer"}
    account = {"auth_token": "t", "region": "eu", "user_id": "0123456789", "email": "a@example.com", "__type__": "Account"}
    return {"account": account, "printers": [printer], "__type__": "Config"}


@pytest.fixture
def place(tmp_path):
    """A home that ankerctl and flagship both read, and a printer on the local network."""
    authority = Authority(tmp_path / "authority")
    address = lan_address()
    home = Home(tmp_path / "home")
    folder = home.folder / ".config" / "ankerctl"
    folder.mkdir(parents=True)
    (folder / "default.json").write_text(json.dumps(profile(address)))
    key = tmp_path / "key"
    key.write_text(KEY)
    key.chmod(0o600)
    with Broker(tmp_path, *authority.issue("broker"), settings=("allow_anonymous true",)) as broker:
        assert home.run("import", folder / "default.json", "--broker", broker.url, "--ca", authority.certificate, "--offline").returncode == DONE
        printer = Simulator("--broker", broker.url, "--ca", authority.certificate, "--serial", SERIAL, "--key-file", key, "--model", "m5",
                            "--lan", "--lan-address", address, "--lan-duid", DUID)
        yield home
        printer.stop()


def ankerctl(home, *words):
    result = subprocess.run([*COMMAND, *map(str, words)], env=environment(HOME=home.folder), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                            timeout=DEADLINE_S, check=False)
    assert result.returncode == 0, result.stdout
    return result.stdout


def job(home):
    result = home.run("status", "--json")
    return json.loads(result.stdout)["job"]["name"] if result.returncode == DONE else None


def test_it_prints_a_file(place, tmp_path):
    file = tmp_path / "cube.gcode"
    file.write_bytes(gcode())
    assert "Successfully sent print job" in ankerctl(place, "pppp", "print-file", file)
    until(lambda: job(place) == "cube.gcode")


def test_it_captures_the_camera(place, tmp_path):
    film = tmp_path / "film.h264"
    assert "Successfully captured" in ankerctl(place, "pppp", "capture-video", "-m", "100kb", film)
    shown = subprocess.run(["ffprobe", "-v", "error", "-show_entries", "stream=codec_name,width,height", film], capture_output=True, text=True, check=True).stdout
    assert re.findall(r"=(\w+)", shown) == ["h264", "1280", "720"]
