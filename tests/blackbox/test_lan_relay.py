# SPDX-License-Identifier: MIT
"""--relay, which is experimental: a printer that is reached from outside of its network, by a stand-in for the relays."""

import json

import pytest

from accounts_home import Home
from fake_relay import Relay, duid, host, init_string
from lan import DUID, gcode, lan_address
from program import DONE, NOT_CONFIGURED, USAGE, lines
from simulator import Simulator
from test_picture import size_of
from test_serve import keep_printers

SERIAL = "BYRELAY1"
SECRET = "SecretOf20Characters"


@pytest.fixture(scope="module")
def relay(connection):
    """Knows where a printer is."""
    address = lan_address()
    printer = Simulator(*connection(SERIAL), "--model", "m5", "--speed", "20", "--lan", "--lan-address", address, "--lan-duid", DUID)
    with Relay(lan_address(), address, DUID, SECRET) as running:
        yield running
    printer.stop()


@pytest.fixture
def owner(tmp_path, broker, authority, relay):
    """Somebody who is elsewhere, and whose account tells all that is needed but what is changed: owner(dsk_key="")."""
    def make(**changed):
        home = Home(tmp_path / "home")
        home.folder.mkdir()
        keep_printers(home, broker, authority, {"Left": SERIAL})
        stored = json.loads(home.store.read_text())
        stored["accounts"][0]["printers"][0].update({"p2p_did": DUID, "dsk_key": SECRET, "p2p_conn": init_string([relay.address])} | changed)
        home.store.write_text(json.dumps(stored))
        return home

    return make


def test_a_file_is_printed(owner, relay, tmp_path):
    path = tmp_path / "cube.gcode"
    path.write_bytes(gcode())
    result = owner().run("print", path, "-p", "Left", "--relay", f"{relay.address}:32100", "--rate", "0", "--json")
    (line,) = lines(result)
    assert (result.returncode, line["outcome"]) == (DONE, "confirmed"), result.stderr
    assert SECRET not in result.stdout + result.stderr
    (report, *_) = relay.reports
    assert report[:36] == duid(DUID) + bytes.fromhex("0000000101000001019100007e000000")
    # What this side has for an address there, what the relay saw, and the relay.
    assert report[36:52] == report[52:68] and report[68:] == host(relay.address, 32100)


def test_the_camera_by_relays_that_the_account_tells(owner, tmp_path):
    result = owner().run("camera", "snapshot", tmp_path / "now.jpg", "-p", "Left", "--relay", "stored")
    assert result.returncode == DONE, result.stderr
    assert size_of((tmp_path / "now.jpg").read_bytes()) == (1280, 720)


@pytest.mark.parametrize(("changed", "said"), [({"dsk_key": ""}, "secret of the printer"), ({"dsk_key": "short"}, "secret of the printer"), ({"p2p_conn": ""}, "tells no relays")],
                         ids=["no secret", "half a secret", "no relays"])
def test_what_the_account_does_not_tell(owner, changed, said, tmp_path):
    result = owner(**changed).run("camera", "snapshot", tmp_path / "now.jpg", "--relay", "stored")
    assert result.returncode == NOT_CONFIGURED and said in result.stderr
    assert not (tmp_path / "now.jpg").exists()


@pytest.mark.parametrize("relay_host", ["", ":32100", "relay:", "relay:0", "relay:65536", "relay:x"])
def test_what_is_no_relay(owner, relay_host, tmp_path):
    assert owner().run("camera", "snapshot", tmp_path / "now.jpg", "--relay", relay_host).returncode == USAGE
