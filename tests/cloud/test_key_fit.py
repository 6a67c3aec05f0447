# SPDX-License-Identifier: MIT
"""Printers that are silent, and printers whose messages the stored key does not open."""

import json
import os
import signal

import pytest

from answering_printer import Printer
from conftest import ANNE, PASSWORD
from local_cloud import Client, Cloud
from process import until
from program import FAILED, run
from simulator import Simulator
from wire import seal

PRINTER = "AK7LEFT000000001"
NOTICE = b'[{"commandType":1003,"currentTemp":2000,"targetTemp":0}]'


@pytest.fixture
def home(tmp_path):
    with Cloud(tmp_path) as cloud:
        cloud.add_account(ANNE, PASSWORD)
        cloud.add_account("bob@example.org", PASSWORD)
        cloud.add_printer(PRINTER, ANNE, "--name", "Left")
        cloud.add_printer("AK7AWAY000000001", ANNE, "--name", "Away")
        cloud.command("share", PRINTER, "bob@example.org")
        cloud.start()
        yield cloud


@pytest.fixture
def simulate(home):
    running = []

    def start(key_file, *options):
        running.append(Simulator("--broker", home.broker, "--ca", home.ca, "--serial", PRINTER, "--key-file", key_file, *options))
        return running[-1]

    yield start
    for printer in running:
        printer.stop()


@pytest.fixture
def other_key(tmp_path):
    path = tmp_path / "other.key"
    path.write_text("cd" * 32 + "\n")
    path.chmod(0o600)
    return path


def printer_of(cloud):
    return next(p for p in cloud.status()["printers"] if p["serial"] == PRINTER)


def await_printer(cloud, condition):
    return until(lambda: condition(found := printer_of(cloud)) and found, lambda: printer_of(cloud))


def await_proven(cloud, times):
    cloud.process.await_lines(lambda lines: sum("proven by its key" in line for line in lines) >= times)


@pytest.mark.parametrize("options", [["--model", "m5"], ["--model", "m5c"], ["--model", "e1"]], ids=["M5", "M5C", "E1"])
def test_a_silent_printer_behind_a_restarted_broker_is_asked_by_the_cloud(home, simulate, options):
    """Nobody else is connected, and an idle M5 says nothing by itself."""
    if "e1" in options:
        home.command("add-printer", "--serial", PRINTER, "--model", "e1")
    simulate(home.key_file(PRINTER), *options)
    await_proven(home, 1)
    os.kill(home.broker_pid, signal.SIGKILL)
    await_proven(home, 2)
    found = await_printer(home, lambda p: p["connected"] and p["messages"] > 0)
    assert found["key_fits"] is True and found["accounts"] == [ANNE, "bob@example.org"]


def test_an_e1_that_uses_gcm_is_let_in_by_the_owner_alone(home, simulate):
    """What it says proves nothing, and it is not asked in the shape that would give its key away."""
    home.command("add-printer", "--serial", PRINTER, "--model", "e1")
    home.command("pair", "open", PRINTER)
    simulate(home.key_file(PRINTER), "--model", "e1", "--gcm", "--speed", "20", "--scenario", "print")
    home.process.await_text("waits for approval")
    assert not printer_of(home)["connected"]
    home.command("pair", "approve", PRINTER)
    await_printer(home, lambda p: p["connected"] and p["messages"] > 0)
    assert not [line for line in home.process.lines if "proven by its key" in line]


def test_a_printer_whose_messages_the_stored_key_does_not_open_is_named(home, simulate, other_key, tmp_path):
    simulate(other_key, "--model", "m5c", "--scenario", "print", "--at", "10")
    assert await_printer(home, lambda p: p["key_fits"] is False)["name"] == "Left"
    home.process.await_text(f"printer Left {PRINTER}: the key that the cloud has does not open what dev_fdm_")
    text = home.command("status")
    assert f"Left ({PRINTER}): the stored key does not open its messages" in text and "key does not fit" in text
    claims = json.loads(home.command("pair", "list", "--json"))
    assert [(c["serial"], c["name"], c["state"]) for c in claims] == [(PRINTER, "Left", "key does not fit")]
    assert f"Left ({PRINTER}): the stored key does not open" in home.command("pair", "list")
    # The doctor of an account hears what is held back, and tests its own key on it.
    folder = tmp_path / "home"
    folder.mkdir()
    assert run("login", "--email", ANNE, "--api", home.api, "--broker", home.broker, "--ca", home.ca, stdin=PASSWORD + "\n",
               HOME=folder).returncode == 0
    result = run("doctor", "-p", "Left", HOME=folder)
    assert result.returncode == FAILED and "the stored key does not open them" in result.stdout, result.stdout + result.stderr
    assert sum("does not open what" in line for line in home.process.lines) == 1
    # With the right key it is the printer at once, on the same connection.
    home.command("add-printer", "--serial", PRINTER, "--key-file", other_key)
    await_printer(home, lambda p: p["key_fits"] is True and p["connected"])
    assert json.loads(home.command("pair", "list", "--json")) == []
    assert "Nobody waits" in home.command("pair", "list")


def test_a_bound_printer_whose_key_is_replaced_wrongly_is_named(home, other_key):
    key = bytes.fromhex(next(p["key"] for p in home.registry()["printers"] if p["serial"] == PRINTER))
    topic = f"/phone/maker/{PRINTER}/notice"
    printer = Printer(home, PRINTER, key, (f"eufy_fdm_{PRINTER}", "its secret"), f"dev_fdm_{PRINTER}").prove()
    printer.publish(topic, seal(NOTICE, key), qos=1).wait_for_publish()
    await_printer(home, lambda p: p["key_fits"] is True)
    home.command("add-printer", "--serial", PRINTER, "--key-file", other_key)

    def is_told(found):
        printer.publish(topic, seal(NOTICE, key), qos=1).wait_for_publish()
        return found["key_fits"] is False and found["connected"]

    await_printer(home, is_told)
    printer.close()


def test_a_stranger_says_nothing_of_the_key_while_the_printer_is_here(home, simulate):
    simulate(home.key_file(PRINTER), "--model", "m5")
    await_printer(home, lambda p: p["key_fits"] is True)
    stranger = Client(home, (f"eufy_fdm_{PRINTER}", None), "stranger")
    stranger.publish(f"/phone/maker/{PRINTER}/notice", seal(NOTICE, bytes(32)), qos=1).wait_for_publish()
    assert home.status()["counts"]["quarantined"] >= 1
    assert printer_of(home)["key_fits"] is True
    stranger.close()


def test_a_doctor_says_nothing_of_a_key_that_it_could_not_test(home, tmp_path):
    folder = tmp_path / "home"
    folder.mkdir()
    assert run("login", "--email", ANNE, "--api", home.api, "--broker", home.broker, "--ca", home.ca, stdin=PASSWORD + "\n",
               HOME=folder).returncode == 0
    result = run("doctor", "-p", "Left", "--timeout", "2", HOME=folder)
    assert "could not be tested" in result.stdout and "wrong" not in result.stdout


def test_status_and_list_name_printers_and_who_may_use_them(home, simulate):
    simulate(home.key_file(PRINTER), "--model", "m5")
    await_printer(home, lambda p: p["messages"] > 0)
    home.command("add-printer", "--serial", "AK7NONAME0000001")
    rows = [line.split() for line in home.command("status").splitlines() if " AK7" in line]
    assert [row[:2] for row in rows] == [["Away", "AK7AWAY000000001"], ["Left", PRINTER], ["-", "AK7NONAME0000001"]]
    assert rows[0][2:4] == ["never", "came"] and rows[0][-1] == ANNE
    assert rows[1][2] == "connected" and rows[1][-2:] == [f"{ANNE},", "bob@example.org"] and rows[2][-1] == "-"
    listed = home.command("list")
    assert [line.split()[:2] for line in listed.splitlines() if " AK7" in line] == [row[:2] for row in rows]
    accounts = {line.split()[0]: line for line in listed.splitlines() if "@" in line and " AK7" not in line}
    assert accounts[ANNE].endswith("Away, Left") and accounts["bob@example.org"].endswith("Left")
    assert [p["name"] for p in json.loads(home.command("list", "--json"))["printers"]] == ["Away", "Left", None]
