# SPDX-License-Identifier: MIT
"""The real PrusaSlicer uploads as to OctoPrint and as to PrusaLink, and shows our sentence where it may not."""

import json

import prusaslicer
import pytest
from accounts_home import Home
from gateway import Gateway, UnixConnection
from prusaslicer import ERROR_WINDOW, PrusaSlicer, keep_picture
from program import DONE

KEY = "0" * 32
ACCOUNT = {"auth_token": "t", "region": "eu", "user_id": "0123456789", "email": "a@example.com", "__type__": "Account"}
PRINTER = {"id": "1", "sn": "CLIENTLEFT", "name": "Left", "model": "V8111", "mqtt_key": KEY, "ip_addr": "", "__type__": "Printer"}

pytestmark = pytest.mark.skipif(prusaslicer.why_not() is not None, reason=f"PrusaSlicer cannot be run: {prusaslicer.why_not()}")


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """With a printer that nobody reaches: a file is kept all the same."""
    home = Home(tmp_path_factory.mktemp("home"))
    profile = home.folder / "default.json"
    profile.write_text(json.dumps({"account": ACCOUNT, "printers": [PRINTER], "__type__": "Config"}))
    assert home.run("import", profile, "--broker", "mqtt://127.0.0.1:1", "--offline").returncode == DONE
    return home


@pytest.fixture
def gateway(home, tmp_path):
    with Gateway(home, "--dir", tmp_path / "D", "--unix", home.folder / "socket", "--log-level", "http=debug,info") as gateway:
        gateway.socket = home.folder / "socket"
        yield gateway


def uploaded(gateway):
    return gateway.ask("GET", "/files", connection=UnixConnection(gateway.socket))[2]["files"]


def submit(gateway, path, **body):
    status, _, answer = gateway.ask("POST", path, body, connection=UnixConnection(gateway.socket))
    assert status == 201, answer
    return answer


@pytest.mark.parametrize("host", ["octoprint", "prusalink"])
def test_uploads(gateway, tmp_path, host):
    submit(gateway, "/users", name="anna", role="admin", password="correct horse battery")
    key = submit(gateway, "/keys", name="slicer", role="operator")["key"]
    with PrusaSlicer(tmp_path, f"http://127.0.0.1:{gateway.port}/{host}/Left", key, host) as slicer:
        slicer.upload(lambda windows: ERROR_WINDOW in windows or uploaded(gateway))
        keep_picture(slicer, host)
    (entry,) = uploaded(gateway)
    metadata = entry["metadata"]
    assert (entry["path"], metadata["slicer"], metadata["slicer_version"]) == ("cube.gcode", "PrusaSlicer", "2.5.0")
    assert metadata["estimated_time_s"] > 60 and metadata["filament_mm"] > 100 and metadata["layer_count"] > 10


@pytest.mark.parametrize("host", ["octoprint", "prusalink"])
def test_prints(lan_home, tmp_path, host):
    folder = tmp_path / "slicer"
    folder.mkdir()
    with Gateway(lan_home) as gateway:
        with PrusaSlicer(folder, f"http://127.0.0.1:{gateway.port}/{host}/Left", "none", host) as slicer:
            slicer.upload_and_print(lambda windows: ERROR_WINDOW in windows or gateway.get("/queue"))
            keep_picture(slicer, f"{host}-prints")
        (entry,) = gateway.get("/queue")
        assert (entry["name"], entry["state"]) == ("cube.gcode", "waiting")
        # It starts over nothing that lies there.
        assert gateway.ask("POST", "/printers/Left/plate", {"clear": True})[0] == 200
        gateway.await_get("/printers/Left", lambda printer: printer["job"]["name"] == "cube.gcode")


def test_is_refused_with_a_wrong_key(gateway, tmp_path):
    submit(gateway, "/users", name="anna", role="admin", password="correct horse battery")
    with PrusaSlicer(tmp_path, f"http://127.0.0.1:{gateway.port}/octoprint/Left", "wrong", "octoprint") as slicer:
        slicer.upload(lambda windows: ERROR_WINDOW in windows)
        keep_picture(slicer, "wrong-key")
    assert uploaded(gateway) == []
    gateway.await_text("/octoprint/Left/api/version method=GET")
    assert "status=401" in gateway.log and "/api/files/local method=" not in gateway.log
