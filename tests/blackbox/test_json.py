# SPDX-License-Identifier: MIT
"""Every command with --json prints what docs/json.md says: one style, one line an object or a list."""

import json
import subprocess

import pytest

from conftest import KEY
from json_style import DOCUMENTED, check
from program import DONE, FLAGSHIP, environment, run
from test_printers import LEFT, RIGHT, ankerctl

REPORTS = {
    "pause": [], "resume": [], "stop": ["--force"], "temp": ["bed", "30"], "cooldown": ["--force"], "fan": ["50"], "speed": ["100"],
    "home": ["all"], "move": ["10", "-", "-", "--force"], "extrude": ["5", "--force"], "retract": ["5", "--force"], "z-offset": ["-0.1"],
    "light": ["on"], "rename": ["Right"], "delete": ["x.gcode", "--force"], "start": ["x.gcode"], "send": ["1006", "value=100"],
    "query": ["1027"], "level": ["--force"], "gcode": ["M105"],
}
SAMPLES = {
    "printers": ["-p", "left,right"], "status": ["-p", "left,right"], "monitor": ["--for", "1", "-p", "left"], "top": ["--once", "-p", "left"],
    "wait": ["idle", "printing", "-p", "left,right"], "doctor": ["-p", "left"], "accounts": [], "config": ["show"], "types": [], "files": ["-p", "right"],
}
# Their tests are beside those of the cloud, of the API, of the gateway, and of the local network.
ELSEWHERE = {"history", "import", "jobs", "lan", "login", "print", "push", "queue", "refresh", "simulate", "timelapse"}


@pytest.fixture(scope="module")
def store(tmp_path_factory, broker, authority, key_file):
    from accounts_home import Home
    from simulator import Simulator

    folder = tmp_path_factory.mktemp("json")
    home = Home(folder)
    path = ankerctl(folder / "a.json", "anne", "eu", [(LEFT, "Left", "V8110"), (RIGHT, "Right", "V8111")])
    assert home.run("import", path).returncode == DONE
    home.settings(f"[broker]\nurl = {broker.url}\nca = {authority.certificate}\n[group]\nboth = left, right\n")
    options = ["--broker", broker.url, "--ca", authority.certificate, "--key-file", key_file]
    printers = [Simulator(*options, "--serial", LEFT, "--model", "m5c", "--scenario", "print", "--at", "20"),
                Simulator(*options, "--serial", RIGHT, "--model", "m5", "--speed", "200")]
    yield home
    for printer in printers:
        printer.stop()


def commands_with_json():
    listed = run("help", "--complete").stdout.splitlines()
    names = [line.split("\t")[1] for line in listed if line]
    return {name for name in names if name != "cloud" and "\t--json\t" in run("help", "--complete", name).stdout}


def test_no_command_is_left_out():
    assert commands_with_json() == set(REPORTS) | set(SAMPLES) | ELSEWHERE
    assert commands_with_json() | {"replay", "decode"} <= set(DOCUMENTED)


@pytest.mark.parametrize("command", SAMPLES)
def test_what_is_shown(store, command):
    result = store.run(command, "--json", *SAMPLES[command])
    assert result.returncode == DONE, result.stderr
    assert check(command, result.stdout) > 0


@pytest.mark.parametrize("command", REPORTS)
def test_what_comes_of_a_command(store, command):
    words = REPORTS[command]
    result = store.run(command, *words, "--json", "-p", "right", "--timeout", "3")
    assert check(command, result.stdout) > 0, result.stderr


@pytest.fixture
def idle(store):
    """Levelling, which a test before this one began, is over."""
    assert store.run("wait", "idle", "-p", "right", "--timeout", "20").returncode == DONE


@pytest.mark.usefixtures("idle")
def test_others(store, home, tmp_path):
    result = store.run("printers", "--json", "--offline")
    assert check("printers", result.stdout) == 2
    assert check("pause", store.run("speed", "90", "--json", "--no-wait", "-p", "right").stdout) == 1
    assert check("monitor --events", store.run("monitor", "--events", "--count", "3", "-p", "left").stdout) == 3
    recording = tmp_path / "recording"
    assert store.run("monitor", "-p", "left", "--record", recording, "--for", "5").returncode == DONE
    *events, state = run("replay", "--events", recording).stdout.splitlines()
    assert check("replay", state) == 1 and check("replay --events", "\n".join(events)) == len(events) > 0
    assert check("types", run("types", "--json", "1003").stdout) == 1
    assert check("accounts", store.run("accounts", "--json", "anne").stdout) == 1
    assert check("import", home.run("import", "--json", ankerctl(tmp_path / "b.json", "bob", "us", [(LEFT, "", "V8111")])).stdout) == 1
    assert check("wait", store.run("wait", "finished", "--json", "-p", "right").stdout) == 1


@pytest.mark.usefixtures("idle")
def test_effect_tells_accepted_from_accepted(store):
    def effect(*words):
        (line,) = store.run(*words, "--json", "-p", "right").stdout.splitlines()
        report = json.loads(line)
        return report["outcome"], report["effect"]

    assert effect("speed", "80") == ("confirmed", "seen")
    assert effect("send", "1006", "value=70")[1] == "none"
    assert effect("pause") == ("refused", None)


def test_a_simulator_ends_with_json(connection):
    result = subprocess.run([str(FLAGSHIP), "simulate", *map(str, connection("JSONSIMULATED1")), "--json", "--for", "0.5"],
                            capture_output=True, text=True, env=environment(), timeout=60, check=False)
    assert check("simulate", "\n".join(line for line in result.stdout.splitlines() if line.startswith("{"))) == 1
    assert KEY not in result.stdout
