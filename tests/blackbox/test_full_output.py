# SPDX-License-Identifier: MIT
"""Output that cannot be written is told, and ends with 1: of every command."""

import json
import subprocess

import pytest

from conftest import KEY, SERIAL
from program import DONE, FAILED, FLAGSHIP, environment, run
from test_printers import ankerctl

TIMEOUT_S = 60
SAID = "cannot write the output: "


def names():
    listed = run("help", "--complete").stdout.splitlines()
    return [line.split("\t")[1] for line in listed if line.startswith("command\t")]


def full(*arguments, **changes):
    with open("/dev/full", "wb") as stream:
        return subprocess.run([str(FLAGSHIP), *map(str, arguments)], stdout=stream, stderr=subprocess.PIPE, text=True,
                              timeout=TIMEOUT_S, stdin=subprocess.DEVNULL, env=environment(**changes), check=False)


def assert_told(result):
    assert result.returncode == FAILED, result.stderr
    # A script tells it in the words of its shell.
    assert result.stderr.count(SAID) == 1 or "write error: No space left on device" in result.stderr, result.stderr


@pytest.mark.parametrize("command", names())
def test_help_of_every_command(command):
    assert_told(full(command, "--help"))


@pytest.mark.parametrize("subcommand", ["adopt", "init", "run", "status", "list", "pair", "backup"])
def test_help_of_subcommands(subcommand):
    assert_told(full("cloud", *subcommand.split(), "--help"))


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["help"], ["help", "status"], ["help", "top"],
                                       ["help", "--complete"], ["help", "--complete", "top"], ["types"], ["types", "--json"],
                                       ["config", "show"], ["config", "show", "--json"], ["printers", "--offline", "--json"],
                                       ["accounts", "--json"]])
def test_what_needs_no_printer(arguments):
    assert_told(full(*arguments))


@pytest.mark.parametrize("program", ["account", "cloud", "records", "serve", "simulate", "top"])
def test_version_of_every_program(program):
    with open("/dev/full", "wb") as stream:
        result = subprocess.run([str(FLAGSHIP.parent / f"flagship-{program}"), "--version"], stdout=stream,
                                stderr=subprocess.PIPE, text=True, env=environment(), check=False)
    assert_told(result)


def test_codec(tmp_path):
    plain = run("encode", '{"commandType":1027}', FLAGSHIP_KEY=KEY)
    assert plain.returncode == DONE, plain.stderr
    frame = tmp_path / "frame"
    frame.write_text(plain.stdout)
    recording = tmp_path / "recording"
    recording.write_text(json.dumps({"commandType": 1000, "subType": 1, "value": 1}) + "\n")
    assert_told(full("encode", '{"commandType":1027}', FLAGSHIP_KEY=KEY))
    assert_told(full("decode", frame, FLAGSHIP_KEY=KEY))
    assert_told(full("replay", recording))
    assert_told(full("replay", "--events", recording))


@pytest.fixture
def printer(simulate, connection):
    simulate(*connection(), "--model", "m5c", "--scenario", "idle")
    return connection()


@pytest.mark.parametrize("arguments", [
    ["status"], ["status", "--json"], ["monitor", "--count", "1"], ["monitor", "--json", "--count", "1"], ["doctor"],
    ["doctor", "--json"], ["top", "--once"], ["top", "--json"], ["gcode", "M105"], ["gcode", "--json", "M105"],
    ["query", "1027"], ["send", "1006", "value=100", "--json"], ["fan", "50", "--json"], ["files", "--json"],
    ["files"], ["temp", "nozzle", "100", "--json"]])
def test_what_asks_a_printer(printer, arguments):
    assert_told(full(*arguments, *printer))


def test_printers_and_accounts(home, broker, authority, simulate, connection):
    simulate(*connection(), "--model", "m5c", "--scenario", "idle")
    path = ankerctl(home.folder / "default.json", "anne", "eu", [(SERIAL, "Left", "V8110")])
    assert home.run("import", path, "--offline", "--broker", broker.url, "--ca", authority.certificate).returncode == DONE
    assert home.run("printers", "--offline").returncode == DONE
    for words in (["printers"], ["printers", "--json"], ["printers", "--offline"], ["accounts"], ["accounts", "--json"],
                  ["status", "-p", "Left"], ["help", "--printers"]):
        assert_told(full(*words, HOME=home.folder))


def test_login(home, api, authority, account):
    with open("/dev/full", "wb") as stream:
        result = subprocess.run([str(FLAGSHIP), "login", "--api", api.url, "--ca", str(authority.certificate), "--email",
                                 account.email, "--service-key", api.key.public], input=(account.password + "\n").encode(), stdout=stream,
                                stderr=subprocess.PIPE, env=environment(HOME=home.folder), timeout=TIMEOUT_S, check=False)
    assert result.returncode == FAILED and SAID in result.stderr.decode()
    assert list(home.accounts()) == [account.user_id], "what was kept is kept"


def test_cloud(tmp_path):
    folder = tmp_path / "cloud"
    assert_told(full("cloud", "init", "--dir", folder))
    assert_told(full("cloud", "list", "--dir", folder))
    assert_told(full("cloud", "export", "--dir", folder))
