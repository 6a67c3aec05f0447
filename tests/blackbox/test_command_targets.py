# SPDX-License-Identifier: MIT
"""Commands to printers of the store: by name, and to all of them."""

import json

import pytest

from conftest import KEY
from program import CANNOT_CONNECT, DONE, NO_ANSWER, NOT_CONFIRMED, REFUSED, USAGE, lines
from terminal import Terminal

LEFT, RIGHT = "AK7LEFT000000001", "AK7RIGHT00000002"
PRINTING = ("--scenario", "print", "--at", "20", "--speed", "5")
SOON_S = 5  # of what never comes: what does takes seconds on a slow machine


@pytest.fixture
def store(home, broker, authority, tmp_path):
    """A home with two printers behind the broker, an M5 and an M5C."""
    path = tmp_path / "default.json"
    path.write_text(json.dumps({
        "__type__": "Config",
        "account": {"__type__": "Account", "auth_token": "token", "region": "eu", "user_id": "0123", "email": "owner@example.com"},
        "printers": [{"__type__": "Printer", "id": "1", "sn": serial, "name": name, "model": model, "mqtt_key": KEY}
                     for serial, name, model in ((LEFT, "Left", "V8111"), (RIGHT, "Right", "V8110"))]}))
    assert home.run("import", path).returncode == DONE
    # As an older flagship kept it.
    home.store.write_text(home.store.read_text().replace('"Right"', '"Right \\u0007"'))
    home.settings(f"[broker]\nurl = {broker.url}\nca = {authority.certificate}\n"
                  f"[m5]\nconfirm_ms = {SOON_S * 1000}\n[m5c]\nconfirm_ms = {SOON_S * 1000}\n")
    return home


@pytest.fixture
def both(connection, simulate):
    """Starts both printers, each with its own faults: both(["refuse"], [])."""

    def start(left=(), right=()):
        return [simulate(*connection(serial), "--model", model, *PRINTING, *(w for f in faults for w in ("--fault", f)))
                for serial, model, faults in ((LEFT, "m5", left), (RIGHT, "m5c", right))]

    return start


def test_by_name(store, both):
    left, right = both()
    result = store.run("pause", "-p", "left")
    assert result.returncode == DONE, result.stderr
    assert "Left" in result.stdout and LEFT in result.stdout
    (line,) = lines(store.run("pause", "-p", "AK7R", "--json"))
    assert (line["printer"], line["name"], line["outcome"]) == (RIGHT, "Right \x07", "confirmed")
    assert left.counts()["executed"]["1008"] == right.counts()["executed"]["1008"] == 1


def test_a_stop_of_all_asks_once_for_all(store, both):
    left, right = both()
    with Terminal("stop", "-p", "all", HOME=store.folder) as terminal:
        seen = terminal.await_text("[y/N] ")
        assert "2 printers" in seen and LEFT in seen and RIGHT in seen and "\x07" not in seen
        terminal.write("n\n")
        assert terminal.await_end()[1] == REFUSED
    assert "1008" not in left.counts()["executed"] and "1008" not in right.counts()["executed"]


def test_names_are_harmless_on_a_terminal(store, both):
    both()
    result = store.run("pause", "-p", RIGHT)
    assert result.returncode == DONE and "\x07" not in result.stdout


def test_all(store, both):
    both()
    result = store.run("pause", "-p", "all", "--json")
    assert result.returncode == DONE, result.stderr
    assert {line["printer"]: line["outcome"] for line in lines(result)} == {LEFT: "confirmed", RIGHT: "confirmed"}


@pytest.mark.parametrize(("left", "right", "status"), [
    ([], ["refuse"], REFUSED),
    (["ack-no-effect"], ["refuse"], REFUSED),
    (["ack-no-effect"], [], NOT_CONFIRMED),
    (["silent"], ["refuse"], NO_ANSWER),
])
def test_the_worst_counts(store, both, left, right, status):
    both(left, right)
    result = store.run("pause", "-p", "all", "--json", "--timeout", str(SOON_S))
    assert result.returncode == status, result.stdout + result.stderr
    assert {line["printer"] for line in lines(result)} == {LEFT, RIGHT}


def test_never_all_by_accident(store, both):
    left, right = both()
    result = store.run("stop")
    assert result.returncode == USAGE
    assert "Left" in result.stderr and "-p" in result.stderr
    for words in (("delete", "x", "--force"), ("home",), ("send", "1029", "--force")):
        assert store.run(*words, "-p", "all").returncode == USAGE
    for simulated in (left, right):
        assert simulated.counts()["received"] == 0


def test_several_are_heated_and_waited_for(store, both):
    both()
    result = store.run("temp", "bed", "64", "--wait", "-p", "left,right")
    assert result.returncode == DONE, result.stderr
    assert result.stdout.count("the bed has reached its target") == 2 and "\x07" not in result.stdout


def test_a_list_is_no_accident_but_the_setting_is(store, both):
    left, right = both()
    assert store.run("config", "set", "printer.default", "left,right").returncode == DONE
    assert store.run("pause").returncode == USAGE
    result = store.run("pause", "--json", "-p", "le", "-p", "AK7R")
    assert result.returncode == DONE and len(lines(result)) == 2
    assert left.counts()["executed"]["1008"] == right.counts()["executed"]["1008"] == 1


def test_the_default_printer(store, both):
    both()
    assert store.run("config", "set", "printer.default", "AK7R").returncode == DONE
    (line,) = lines(store.run("pause", "--json"))
    assert line["printer"] == RIGHT


def test_one_of_two_brokers_is_not_there(store):
    store.settings("[broker]\nurl = mqtts://localhost:1\n")
    result = store.run("pause", "-p", "all", "--json")
    assert result.returncode == CANNOT_CONNECT
    assert {line["outcome"] for line in lines(result)} == {"failed"}


def test_one_setting_chooses_the_form_of_control(store, both):
    """An M5 neither answers the other form nor does anything, which is said."""
    both()
    assert store.run("config", "set", "m5.control", "observed").returncode == DONE
    (line,) = lines(store.run("pause", "-p", "Left", "--json", "--timeout", str(SOON_S)))
    assert (line["outcome"], line["reply"]) == ("unanswered", None)
    assert "still printing" in line["detail"]
