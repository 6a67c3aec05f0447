# SPDX-License-Identifier: MIT
"""The list of printers: of the store alone, and of all printers at once."""

import json
import re
import threading

import pytest

from broker import Authority
from conftest import KEY
from fake_printer import FakePrinter
from process import DEADLINE_S, Process
from program import CANNOT_CONNECT, DONE, FLAGSHIP, NO_ANSWER, NOT_CONFIGURED, SANITIZED, USAGE, environment, lines

LEFT, RIGHT, OTHER = "AK7LEFT000000001", "AK7RIGHT00000002", "AK8OTHER00000003"
HOUR = "3600"  # run() gives up long before
# For those that are there to answer beside one that is not; of a slow machine, and a program with sanitizers on it takes longer.
SOON = ("--timeout", "15" if SANITIZED else "5")
IDLE = [{"commandType": 1000, "subType": 1, "value": 0}, {"commandType": 1003, "currentTemp": 2200, "targetTemp": 0},
        {"commandType": 1004, "currentTemp": 2200, "targetTemp": 0}]


def ankerctl(path, user_id, region, printers):
    path.write_text(json.dumps({
        "__type__": "Config",
        "account": {"__type__": "Account", "auth_token": "token", "region": region, "user_id": user_id, "email": f"{user_id}@example.com"},
        "printers": [{"__type__": "Printer", "id": "1", "sn": serial, "name": name, "model": model, "ip_addr": "192.0.2.7", "mqtt_key": KEY}
                     for serial, name, model in printers]}))
    return path


@pytest.fixture
def store(home, broker, authority, tmp_path):
    """Two accounts: one with two printers in the EU, one with one in the US."""
    assert home.run("import", ankerctl(tmp_path / "a.json", "anne", "eu", [(LEFT, "Left", "V8111"), (RIGHT, "Right", "V8110")])).returncode == DONE
    assert home.run("import", ankerctl(tmp_path / "b.json", "bob", "us", [(OTHER, "", "V8111")])).returncode == DONE
    home.settings(f"[broker]\nurl = {broker.url}\nca = {authority.certificate}\n")
    return home


def listed(store, *options, status=DONE):
    result = store.run("printers", "--json", *options)
    assert result.returncode == status, result.stderr
    return {p["serial"]: p for p in lines(result)[0]}


def test_offline_needs_nobody(store):
    printers = listed(store, "--offline")
    assert [(p["name"], p["model"], p["region"], p["number"]) for p in printers.values()] == [
        ("Left", "M5", "eu", 1), ("Right", "M5C", "eu", 2), (None, "M5", "us", 3)]
    assert printers[LEFT]["address"] == "192.0.2.7" and "online" not in printers[LEFT]
    table = store.run("printers", "--offline").stdout
    assert LEFT in table and "Right" in table and KEY not in table


def test_nothing_is_known(home):
    result = home.run("printers", "--offline")
    assert result.returncode == NOT_CONFIGURED and "flagship import" in result.stderr
    assert home.run("printers", "--offline", "--json").stdout == "[]\n"
    assert home.run("printers").returncode == NOT_CONFIGURED


def test_all_are_asked_before_any_has_answered(store, broker, authority):
    """Nobody answers until each was asked; who has answered is not waited for, with an hour to wait."""
    asked = threading.Barrier(3)

    def answer(printer, message):
        if message["commandType"] == 1027:
            asked.wait(DEADLINE_S)
            printer.publish(IDLE, "query/reply")

    fakes = [FakePrinter(serial, broker.port, authority.certificate, KEY, answer) for serial in (LEFT, RIGHT, OTHER)]
    try:
        assert all(p["online"] and p["job"]["state"] == "idle" for p in listed(store, "--timeout", HOUR).values())
        assert [fake.received for fake in fakes] == [[{"commandType": 1027, "value": 0}]] * 3
    finally:
        for fake in fakes:
            fake.stop()


def test_nobody_is_waited_for_without_an_end(store):
    assert not any(p["online"] for p in listed(store).values())


def test_who_is_silent_is_shown_with_the_others(store, connection, simulate):
    simulate(*connection(LEFT), "--model", "m5", "--scenario", "print", "--at", "50")
    simulate(*connection(RIGHT), "--model", "m5c")
    left, right, other = listed(store, *SOON).values()
    assert left["online"] and left["job"]["state"] == "printing" and left["job"]["progress_percent"] >= 50
    assert left["nozzle"]["target_c"] == 220 and left["seen_at"].startswith("20")
    assert right["online"] and right["job"]["state"] == "idle"
    assert not other["online"] and other["job"] is None and other["seen_at"] is None
    table = store.run("printers", *SOON).stdout.splitlines()
    assert re.search(r"printing 5\d %", table[1]) and "online" in table[2] and "no answer" in table[3]


def test_ink_has_a_column_where_a_printer_has_some(home, broker, authority, tmp_path, connection, simulate):
    imported = home.run("import", ankerctl(tmp_path / "a.json", "anne", "eu", [(LEFT, "Left", "V8111"), (OTHER, "Ink", "V8260")]))
    assert imported.returncode == DONE, imported.stderr
    home.settings(f"[broker]\nurl = {broker.url}\nca = {authority.certificate}\n")
    simulate(*connection(LEFT), "--model", "m5")
    assert "INK" not in home.run("printers").stdout.splitlines()[0]
    simulate(*connection(OTHER), "--model", "e1", "--scenario", "print", "--at", "50")
    head, left, ink = home.run("printers").stdout.splitlines()
    assert head.split()[-1] == "INK"
    # The one of which least is left.
    assert re.search(r"E1.* printing 5\d %.* gloss 5[67] %$", ink) and "%" not in left
    assert listed(home)[OTHER]["ink"][5]["remaining_percent"] < 57


def test_who_has_answered_is_not_waited_for(store, connection, simulate):
    for serial in (LEFT, RIGHT, OTHER):
        simulate(*connection(serial))
    assert all(p["online"] for p in listed(store, "--timeout", HOUR).values())


def test_one_of_them_by_name(store, connection, simulate):
    simulate(*connection(RIGHT), "--model", "m5c")
    assert list(listed(store, "-p", "right")) == [RIGHT]


def test_a_broker_that_is_not_there(store, authority):
    store.settings(f"[broker]\nurl = mqtts://localhost:1\nca = {authority.certificate}\n")
    result = store.run("printers")
    assert result.returncode == CANNOT_CONNECT
    assert LEFT in result.stderr and "cannot connect" in result.stderr


def test_another_ca_is_not_trusted(store, broker, tmp_path):
    stranger = Authority(tmp_path / "stranger")
    store.settings(f"[broker]\nurl = {broker.url}\nca = {stranger.certificate}\n")
    assert store.run("printers").returncode == CANNOT_CONNECT


def test_status_and_monitor_of_all(store, connection, simulate):
    for serial in (LEFT, RIGHT, OTHER):
        simulate(*connection(serial), "--scenario", "print", "--at", "10")
    result = store.run("status", "-p", "all", "--json")
    assert result.returncode == DONE, result.stderr
    assert {record["serial"] for record in lines(result)} == {LEFT, RIGHT, OTHER}
    heard = store.run("monitor", "-p", "all", "--json", "--for", "5")
    assert {record["serial"] for record in lines(heard)} == {LEFT, RIGHT, OTHER}


def test_each_is_shown_as_it_answers_and_the_silent_one_last(store, connection, simulate):
    simulate(*connection(RIGHT), "--model", "m5c")
    process = Process(FLAGSHIP, "status", "--json", *SOON, env=environment(HOME=store.folder), output="stdout")
    (line,) = process.await_lines(lambda seen: len(seen) == 1)
    assert process.child.poll() is None and json.loads(line)["serial"] == RIGHT
    assert process.await_end() == NO_ANSWER
    states = [json.loads(line) for line in process.lines]
    assert [(s["serial"], s["name"], s["online"], s["seen_at"] is None) for s in states] == [
        (RIGHT, "Right", True, False), (LEFT, "Left", False, True), (OTHER, None, False, True)]
    assert states[1]["job"]["state"] is None
    result = store.run("status", *SOON)
    assert result.returncode == NO_ANSWER
    titles = [page.splitlines()[0] for page in result.stdout.split("\n\n")]
    assert [title.split()[0] for title in titles] == ["Right", "Left", OTHER]
    assert titles[1].endswith("no answer") and "printer Left (AK7LEFT" in result.stderr


def test_several_by_list_glob_and_group(store, connection, simulate):
    for serial in (LEFT, RIGHT, OTHER):
        simulate(*connection(serial))
    with open(store.folder / ".config" / "flagship" / "flagship.conf", "a", encoding="utf-8") as settings:
        settings.write("[group]\nupstairs = right, AK8\n")
    for words, serials in ((["-p", "right,left"], [RIGHT, LEFT]), (["-p", "left", "-p", "ak8*"], [LEFT, OTHER]),
                           (["-p", "upstairs"], [RIGHT, OTHER]), (["-p", "ri"], [RIGHT]), (["-p", "*t"], [LEFT, RIGHT])):
        assert list(listed(store, *words)) == serials, words
    assert [p["number"] for p in listed(store, "-p", "upstairs").values()] == [2, 3]
    states = lines(store.run("status", "--json", "-p", "Upstairs"))
    assert {state["serial"] for state in states} == {RIGHT, OTHER}


@pytest.mark.parametrize("words", [["-p", "l,ghost"], ["-p", "x*"], ["-p", ""], ["-p", "AK7"], ["-p", "left", "-p", "ghost"]])
def test_one_wrong_word_and_nobody_is_asked(store, words):
    result = store.run("status", *words)
    assert result.returncode == USAGE and LEFT in result.stderr and result.stdout == ""


def test_a_name_with_a_comma(home, broker, authority, tmp_path, connection, simulate):
    path = ankerctl(tmp_path / "a.json", "anne", "eu", [(LEFT, "Left, big", "V8111"), (RIGHT, "Left", "V8110")])
    assert home.run("import", path).returncode == DONE
    home.settings(f"[broker]\nurl = {broker.url}\nca = {authority.certificate}\n")
    for serial in (LEFT, RIGHT):
        simulate(*connection(serial))
    assert list(listed(home, "-p", "left, big")) == [LEFT]
    assert list(listed(home, "-p", "left, left, big")) == [RIGHT, LEFT]


def test_groups_are_settings(store):
    assert store.run("config", "set", "group.upstairs", "left, right").returncode == DONE
    assert store.run("config", "get", "group.upstairs").stdout == "left, right\n"
    assert "group.upstairs" in store.run("config", "show").stdout
    (shown,) = [s for s in json.loads(store.run("config", "show", "--json").stdout) if s["key"] == "group.upstairs"]
    assert (shown["value"], shown["default"], shown["set"]) == ("left, right", None, True)
    assert "upstairs" in store.run("help", "--printers").stdout
    assert store.run("config", "unset", "group.upstairs").returncode == DONE
    assert "group.upstairs" not in store.run("config", "show").stdout
    for name, value in (("all", "left"), ("7", "left"), ("a b", "left"), ("x", " , ")):
        assert store.run("config", "set", f"group.{name}", value).returncode == USAGE


def test_a_serial_number_of_the_store_needs_no_broker(store, connection, simulate):
    simulate(*connection(LEFT))
    store.settings("")
    # The account's own broker is the vendor's: what is asked for is found in the store, and goes there.
    result = store.run("status", "--serial", LEFT, "--timeout", "1")
    assert result.returncode == CANNOT_CONNECT and "make-mqtt-eu.ankermake.com" in result.stderr


def test_five_hundred(home, broker, authority, tmp_path, key_file, simulate):
    path = ankerctl(tmp_path / "a.json", "anne", "eu", [(f"FLEET{i:05}", f"Printer {i}", "V8110") for i in range(1, 501)])
    assert home.run("import", path).returncode == DONE
    home.settings(f"[broker]\nurl = {broker.url}\nca = {authority.certificate}\n")
    simulate("--broker", broker.url, "--ca", authority.certificate, "--key-file", key_file, "--count", 500, "--prefix", "FLEET",
             "--model", "m5c", "--scenario", "print", "--at", "20", deadline_s=4 * DEADLINE_S)
    printers = listed(home, "--timeout", "80")
    assert len(printers) == 500 and all(p["online"] and p["job"]["progress_percent"] >= 20 for p in printers.values())
    assert list(listed(home, "--timeout", "80", "-p", "fleet0040*")) == [f"FLEET{i:05}" for i in range(400, 410)]
