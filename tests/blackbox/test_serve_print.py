# SPDX-License-Identifier: MIT
"""The print queue of flagship serve with simulated printers, which it sends files over the local network."""

import itertools
import json

import pytest

from accounts_home import Home
from gateway import Gateway
from lan import archived, gcode, lan_address
from simulator import Simulator
from test_serve import keep_printers
from test_serve_queue import BOUNDARY, form

NUMBERS = itertools.count()
DUIDS = ("EUPRAKM-012345-ABCDE", "EUPRAKM-012346-ABCDF")


class Farm:
    """A gateway, and printers that it reaches by MQTT and in the local network."""

    def __init__(self, folder, broker, authority, connection, names=("Left",)):
        self.home = Home(folder)
        self.connection = connection
        self.serials = {name: f"SERVEPRINT{next(NUMBERS):05}" for name in names}
        self.addresses = {name: lan_address() for name in names}
        self.duids = dict(zip(names, DUIDS))
        keep_printers(self.home, broker, authority, self.serials)
        stored = json.loads(self.home.store.read_text())
        for printer in stored["accounts"][0]["printers"]:
            printer.update(p2p_did=self.duids[printer["name"]], address=self.addresses[printer["name"]])
        self.home.store.write_text(json.dumps(stored))
        self.printers = {}
        self.gateway = None
        self.serve()

    def serve(self):
        self.gateway = Gateway(self.home, "--dir", self.home.folder / "gateway")

    def kill(self):
        self.gateway.child.kill()
        self.gateway.child.wait()

    def start(self, name, *options):
        return Simulator(*self.connection(self.serials[name]), "--lan", "--lan-address", self.addresses[name], "--lan-duid", self.duids[name], *options)

    def simulate(self, *options, name="Left"):
        self.printers[name] = self.start(name, *options)
        self.gateway.await_get(f"/printers/{name}", lambda state: state["online"] and state["job"]["state"])

    def add(self, path="/printers/Left/queue", content=None, name="cube.gcode", **fields):
        status, _, entry = self.gateway.ask("POST", path, form(content or gcode(), name, **fields),
                                            {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"})
        assert status == 201, entry
        return entry["id"]

    def until(self, identity, condition):
        return self.gateway.await_get(f"/queue/{identity}", condition)

    def until_state(self, identity, state):
        return self.until(identity, lambda entry: entry["state"] == state)

    def plate(self, printer="Left", **values):
        status, answer = self.gateway.status("POST", f"/printers/{printer}/plate", values)
        assert status == 200, answer

    def starts(self, name="cube.gcode"):
        """How often the history saw it begin."""
        return [job for job in self.gateway.get("/jobs") if job["file"] == name]


@pytest.fixture
def farm(tmp_path, broker, authority, connection):
    farm = Farm(tmp_path, broker, authority, connection)
    yield farm
    farm.gateway.stop()
    for printer in farm.printers.values():
        printer.stop()


def test_a_file_is_printed_once_the_plate_is_clear(farm):
    farm.simulate()
    identity = farm.add()
    farm.until(identity, lambda entry: entry["reason"] == "the plate of Left is to be confirmed as clear")
    farm.plate(clear=True)
    entry = farm.until_state(identity, "printing")
    assert entry["taken_by"] == farm.serials["Left"] and entry["begun_at"]
    assert farm.gateway.get("/printers/Left")["job"]["name"] == "cube.gcode"
    assert farm.gateway.get("/printers/Left/queue")["plate"]["clear"] is False
    status, problem = farm.gateway.status("DELETE", f"/queue/{identity}")
    assert status == 409 and "stop the job" in problem["detail"]
    waiting = farm.add(name="next.gcode")
    farm.until(waiting, lambda entry: entry["reason"] == "'cube.gcode' comes first on Left")
    assert farm.gateway.submit("Left", {"command": "stop"})[0] == 200
    assert farm.until_state(identity, "cancelled")["reason"] == "it was stopped"
    farm.until(waiting, lambda entry: entry["reason"] == "the plate of Left is to be confirmed as clear")


def test_of_an_archive_its_gcode_is_printed(farm):
    farm.simulate()
    farm.plate(clear=True)
    identity = farm.add(content=archived(gcode()), name="cube.acode")
    assert farm.until_state(identity, "printing")["name"] == "cube.gcode"
    assert farm.gateway.get("/printers/Left")["job"]["name"] == "cube.gcode"


def test_what_the_printer_refuses_is_said_and_tried_again(farm):
    farm.simulate("--fault", "lan-result=252")
    farm.plate(clear=True)
    identity = farm.add()
    entry = farm.until_state(identity, "failed")
    assert "the printer says that something went wrong" in entry["reason"]
    assert farm.gateway.get("/printers/Left/queue")["plate"]["clear"] is True


def test_what_would_harm_is_not_sent(farm):
    farm.simulate()
    farm.plate(clear=True)
    identity = farm.add(content=gcode() + b"M500\n")
    entry = farm.until_state(identity, "failed")
    assert "with force it is printed nevertheless" in entry["reason"]
    assert farm.gateway.status("POST", f"/queue/{identity}/retry", {"force": True})[1]["force"] is True
    farm.until_state(identity, "printing")


def test_killed_while_it_prints_it_goes_on(farm):
    farm.simulate()
    farm.plate(clear=True)
    identity = farm.add()
    farm.until_state(identity, "printing")
    farm.kill()
    farm.serve()
    farm.gateway.await_get("/printers/Left", lambda state: state["online"] and state["job"]["name"] == "cube.gcode")
    assert farm.gateway.get(f"/queue/{identity}")["taken_by"] == farm.serials["Left"]
    assert farm.gateway.submit("Left", {"command": "stop"})[0] == 200
    farm.until_state(identity, "cancelled")


def test_killed_while_it_is_sent_it_is_sent_again(farm):
    farm.simulate("--fault", "lan-late=1")
    farm.plate(clear=True)
    identity = farm.add(content=gcode(8000))
    farm.until(identity, lambda entry: entry["uploaded_percent"])
    farm.kill()
    farm.serve()
    assert farm.until_state(identity, "printing")["to_decide"] is False
    assert len(farm.starts()) == 1


def print_again(farm, job):
    """Queues once more what a job printed, and stops it once it is printed; the job that it was."""
    status, entry = farm.gateway.status("POST", f"/jobs/{job['id']}/reprint", {})
    assert (status, entry["hash"], entry["name"]) == (201, job["hash"], job["file"])
    farm.plate(clear=True)
    farm.until_state(entry["id"], "printing")
    newer = farm.gateway.await_get("/jobs", lambda jobs: jobs[0]["id"] > job["id"] and jobs[0]["hash"])[0]
    assert farm.gateway.get("/printers/Left")["job"]["layers"] == 77
    stop(farm, entry["id"])
    return newer


def stop(farm, identity):
    assert farm.gateway.submit("Left", {"command": "stop"})[0] == 200
    farm.until_state(identity, "cancelled")


def test_what_was_replaced_or_deleted_since_is_printed_again(farm):
    farm.simulate()
    farm.plate(clear=True)
    identity = farm.add()
    entry = farm.until_state(identity, "printing")
    job = farm.gateway.await_get("/jobs", lambda jobs: jobs and jobs[0]["hash"])[0]
    stop(farm, identity)
    assert farm.gateway.ask("PUT", "/files/cube.gcode", gcode(10, ";TIME:60\n;LAYER_COUNT:3\n"))[0] == 201
    second = print_again(farm, job)
    assert farm.gateway.status("DELETE", "/files/cube.gcode") == (204, None)
    farm.kill()
    farm.serve()
    farm.gateway.await_get("/printers/Left", lambda state: state["online"] and state["job"]["state"])
    third = print_again(farm, second)
    assert third["hash"] == second["hash"] == entry["hash"]


def test_copies_of_a_printer_that_clears_itself(farm):
    farm.simulate("--speed", "5000")
    farm.plate(auto_clear=True)
    identity = farm.add("/queue", copies=2, model="M5")
    entry = farm.until_state(identity, "finished")
    assert (entry["copies_done"], entry["taken_by"]) == (2, farm.serials["Left"])
    assert len(farm.starts()) == 2


def test_slicers_put_it_in_front(farm):
    farm.simulate()
    first = farm.add(name="first.gcode")
    connection = farm.gateway.connection()
    connection.request("POST", "/octoprint/Left/api/files/local", form(gcode(), "now.gcode", print="true"), {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"})
    response = connection.getresponse()
    answer = json.loads(response.read())
    assert response.status == 201 and answer["effectivePrint"] is True
    order = [entry["name"] for entry in farm.gateway.get("/queue")]
    assert order == ["now.gcode", "first.gcode"]
    farm.plate(clear=True)
    now = farm.gateway.get("/queue")[0]["id"]
    farm.until_state(now, "printing")
    assert farm.gateway.get(f"/queue/{first}")["state"] == "waiting"


def test_what_is_not_known_in_the_network_is_refused(tmp_path, broker, authority):
    home = Home(tmp_path)
    keep_printers(home, broker, authority, {"Left": "SERVEPRINTNODUID"})
    with Gateway(home, "--dir", home.folder / "gateway") as gateway:
        assert "flagship lan search --save" in gateway.get("/printers/Left/queue")["cannot_send"]
