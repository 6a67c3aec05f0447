# SPDX-License-Identifier: MIT
"""The only session that a printer has in the local network: commands of the shell, and flagship serve beside them."""

import os
import signal

import pytest

from lan import gcode
from process import Process, until
from program import CANNOT_CONNECT, DONE, FLAGSHIP, NO_ANSWER, NOT_CONFIGURED, REFUSED, environment
from test_picture import size_of
from test_serve_camera import Cameras, Film

COMMAND_SPEAKS = {"type": "pause", "status": 409, "detail": "a command on the gateway's machine speaks with the printer"}
SLOW = "[print]\nrate = 0.5\n"  # Mbit/s


class Shared(Cameras):
    def variables(self):
        return {"HOME": self.home.folder, "FLAGSHIP_GATEWAY": self.home.folder / "gateway" / "attach.sock"}

    def run(self, *words):
        return self.home.run(*words, "-p", "Left", FLAGSHIP_GATEWAY=self.variables()["FLAGSHIP_GATEWAY"])

    def record(self, path):
        return Process(FLAGSHIP, "camera", "record", path, "-p", "Left", env=environment(**self.variables()))

    def holder(self):
        report = self.gateway.get("/printers/Left/doctor")
        return next(link for link in report["links"] if link["name"] == "lan_slot")["detail"]


@pytest.fixture
def farm(tmp_path, broker, authority, connection):
    farm = Shared(tmp_path, broker, authority, connection)
    yield farm
    farm.gateway.stop()
    for printer in farm.printers.values():
        printer.stop()


def test_a_command_has_the_camera_and_who_looked_sees_on(farm, tmp_path):
    farm.simulate()
    film = Film(farm)
    film.read(1)
    result = farm.run("camera", "snapshot", tmp_path / "now.jpg")
    assert result.returncode == DONE, result.stderr
    assert size_of((tmp_path / "now.jpg").read_bytes()) == (1280, 720)
    assert film.until_text("pause") == COMMAND_SPEAKS
    film.read(1)
    film.socket.close()


def test_a_quality_is_told_the_gateway_and_holds_for_all_who_look(farm, tmp_path):
    farm.simulate()
    film = Film(farm)
    assert film.until_text("head")["width"] == 1280
    result = farm.run("camera", "quality", "sd")
    assert (result.returncode, result.stdout) == (DONE, "") and "small pictures to all who look by the gateway" in result.stderr
    assert film.until_text("head")["width"] == 848
    assert farm.run("camera", "quality").stdout == "sd\n"
    assert farm.gateway.get("/printers/Left/camera")["quality"] == "sd"
    film.socket.close()
    # Past it the printer is asked, which is told nothing.
    result = farm.run("camera", "quality", "--duid", farm.duids["Left"])
    assert (result.returncode, result.stdout) == (DONE, "hd\n"), result.stderr


def test_a_quality_that_the_gateway_refuses(farm):
    farm.change_store(model="V8110")
    result = farm.run("camera", "quality", "sd")
    assert result.returncode == NOT_CONFIGURED and "printer Left" in result.stderr and "an M5C has no camera" in result.stderr
    assert farm.run("camera", "quality").returncode == NOT_CONFIGURED
    assert farm.gateway.status("PUT", "/printers/Left/camera", {"url": "http://127.0.0.1:1/"})[0] == 200
    result = farm.run("camera", "quality", "hd")
    assert result.returncode == NOT_CONFIGURED and "not the printer's own" in result.stderr
    farm.change_store(model="V8111", p2p_did="")
    assert farm.gateway.status("PUT", "/printers/Left/camera", {"url": None})[0] == 200
    assert farm.run("camera", "quality", "hd").returncode == NO_ANSWER


def test_a_file_of_the_shell_goes_before_those_who_look(farm, tmp_path):
    farm.simulate()
    film = Film(farm)
    film.read(1)
    (tmp_path / "cube.gcode").write_bytes(gcode())
    result = farm.run("print", tmp_path / "cube.gcode", "--rate", "0")
    assert result.returncode == DONE, result.stderr
    assert film.until_text("pause") == COMMAND_SPEAKS
    film.read(1)
    film.socket.close()


def test_the_queue_waits_for_a_command_and_says_so(farm, tmp_path):
    farm.simulate()
    path = tmp_path / "film.mp4"
    recording = farm.record(path)
    until(lambda: path.exists() and path.stat().st_size > 30000)
    assert "a command of flagship on the gateway's machine" in farm.holder()
    assert "a command on the gateway's machine speaks with the printer" in farm.problem()[1]["detail"]
    farm.plate(clear=True)
    identity = farm.add()
    farm.until(identity, lambda entry: "a command of flagship on the gateway's machine has" in (entry["reason"] or ""))
    os.kill(recording.pid, signal.SIGINT)
    assert recording.await_end() == DONE
    farm.until_state(identity, "printing")


def test_a_command_that_is_killed_holds_nothing(farm, tmp_path):
    farm.simulate()
    path = tmp_path / "film.mp4"
    recording = farm.record(path)
    until(lambda: path.exists() and path.stat().st_size > 30000)
    os.kill(recording.pid, signal.SIGKILL)
    recording.await_end()
    until(lambda: farm.fetch()[0] == 200)


def test_a_file_of_the_queue_is_left_alone(farm, tmp_path):
    farm.home.settings(SLOW)
    farm.gateway.stop()
    farm.serve()
    farm.simulate()
    farm.plate(clear=True)
    identity = farm.add(content=gcode(lines=50000))
    farm.until(identity, lambda entry: entry["uploaded_percent"])
    result = farm.run("camera", "snapshot", tmp_path / "now.jpg")
    assert result.returncode == CANNOT_CONNECT and "Left" in result.stderr and "this gateway, which sends it a file" in result.stderr
    (tmp_path / "other.gcode").write_bytes(gcode())
    result = farm.run("print", tmp_path / "other.gcode")
    assert result.returncode == REFUSED and "nothing was sent" in result.stderr and "flagship queue add" in result.stderr
    assert farm.gateway.status("DELETE", f"/queue/{identity}")[0] == 200
    until(lambda: farm.run("camera", "snapshot", tmp_path / "now.jpg").returncode == DONE)
