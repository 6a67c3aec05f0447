# SPDX-License-Identifier: MIT
"""The real FDM Monster adds a printer as OctoPrint's and as Klipper's, shows it printing, and commands it."""

import json

import fdm_monster
import pytest
from accounts_home import Home
from broker import Authority, Broker, free_port
from fdm_monster import MOONRAKER, OCTOPRINT, FdmMonster, Refused
from gateway import Gateway
from program import DONE
from simulator import Simulator

KEY = "00112233445566778899aabbccddeeff0123456789abcdef0123456789abcdef"
SERIAL = "CLIENTFARM"
ACCOUNT = {"auth_token": "t", "region": "eu", "user_id": "0123456789", "email": "a@example.com", "__type__": "Account"}
PRINTER = {"id": "1", "sn": SERIAL, "name": "Left", "model": "V8111", "mqtt_key": KEY, "ip_addr": "", "__type__": "Printer"}
NO_KEY = "0" * 32  # it wants one for OctoPrint, also of a gateway that wants none

LACKING = fdm_monster.why_not()

pytestmark = pytest.mark.skipif(LACKING is not None, reason=f"FDM Monster cannot be run: {LACKING}")


@pytest.fixture(scope="module")
def gateway(tmp_path_factory):
    """With a printer that prints."""
    folder = tmp_path_factory.mktemp("farm")
    authority = Authority(tmp_path_factory.mktemp("authority"))
    (folder / "key").write_text(KEY + "\n")
    (folder / "key").chmod(0o600)
    home = Home(folder)
    (folder / "default.json").write_text(json.dumps({"account": ACCOUNT, "printers": [PRINTER], "__type__": "Config"}))
    base = free_port()
    with Broker(tmp_path_factory.mktemp("broker"), *authority.issue("broker")) as broker:
        assert home.run("import", folder / "default.json", "--broker", broker.url, "--ca", authority.certificate, "--offline").returncode == DONE
        with Gateway(home, "--dir", folder / "state", "--moonraker-base-port", str(base)) as running:
            running.base = base
            printer = Simulator("--broker", broker.url, "--ca", authority.certificate, "--serial", SERIAL, "--key-file", folder / "key",
                                "--model", "m5", "--scenario", "print", "--at", "20")
            try:
                yield running
            finally:
                printer.stop()


@pytest.fixture(scope="module")
def farm(tmp_path_factory):
    with FdmMonster(tmp_path_factory.mktemp("fdm")) as running:
        yield running


def flags_of(shown):
    """What its tile goes by."""
    current = ((shown or {}).get("current") or {}).get("payload") or {}
    return current.get("state", {}).get("flags", {})


@pytest.mark.parametrize("way", ["port", "path", "moonraker"])
def test_a_printer_is_added_shown_and_commanded(gateway, farm, way):
    url = f"http://127.0.0.1:{gateway.port}/octoprint/Left" if way == "path" else f"http://127.0.0.1:{gateway.base}"
    identity = farm.add(way, url, MOONRAKER, None) if way == "moonraker" else farm.add(way, url, OCTOPRINT, NO_KEY)
    # Of Klipper's changes it forgets what did not change until it asks anew, every 15 seconds: so each is awaited.
    shown = farm.until(lambda: farm.shown(identity), lambda shown: flags_of(shown).get("printing"))
    assert flags_of(shown)["operational"] and not flags_of(shown)["paused"] and not flags_of(shown)["error"], shown
    assert shown["current"]["payload"]["job"]["file"]["name"] == gateway.get(f"/printers/{SERIAL}")["job"]["name"]
    assert 0 < shown["current"]["payload"]["progress"]["completion"] < 100
    farm.ask("POST", f"/printer/{identity}/job/pause")
    farm.until(lambda: farm.shown(identity), lambda shown: flags_of(shown).get("paused"))
    assert gateway.get(f"/printers/{SERIAL}")["job"]["state"] == "paused"
    farm.ask("POST", f"/printer/{identity}/job/resume")
    farm.until(lambda: farm.shown(identity), lambda shown: flags_of(shown).get("printing"))


def test_what_is_no_printer_is_not_added(gateway, farm):
    with pytest.raises(Refused):
        farm.add("nobody", f"http://127.0.0.1:{gateway.port}/octoprint/Middle", OCTOPRINT, NO_KEY)
