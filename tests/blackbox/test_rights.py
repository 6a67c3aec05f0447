# SPDX-License-Identifier: MIT
"""Printers that are shared: what the service says that the account may do is shown, and obeyed."""

import itertools
import json

import pytest

from api_server import printer
from conftest import KEY
from program import DONE, FLAGSHIP, REFUSED, lines
from screen import Screen
from terminal import Terminal

NUMBERS = itertools.count()
CONTROL = [("pause",), ("resume",), ("stop",), ("cooldown",), ("temp", "nozzle", "50"), ("fan", "10"), ("speed", "50"), ("home", "x"),
           ("move", "1", "-", "-"), ("extrude", "1"), ("retract", "1"), ("z-offset", "0.1"), ("level",), ("rename", "Ours"), ("files",),
           ("start", "a.gcode"), ("send", "1006", "value=100")]
NOT_TO_CONTROL = "without the right to control it"
NOT_TO_ASK = "without the right to ask it"


@pytest.fixture
def shared(home, broker, authority, connection, simulate):
    """shared(**rights): a printer of the store with these rights, and a simulated one that it is; None for no printer."""

    def make(*options, simulated=True, **rights):
        serial = f"SHARED{next(NUMBERS):05}"
        home.store.parent.mkdir(parents=True, exist_ok=True)
        home.store.write_text(json.dumps({"version": 1, "accounts": [{
            "user_id": "guest", "email": "guest@example.org", "broker": broker.url, "ca_file": str(authority.certificate),
            "printers": [{"serial": serial, "name": "Theirs", "model": "M5", "key": KEY, **rights}]}]}))
        home.store.chmod(0o600)
        return simulate(*connection(serial), "--model", "m5", "--speed", "20", *options) if simulated else None

    return make


def touched(simulated):
    counts = simulated.counts()
    return bool(set(counts["executed"]) - {"1027"}) or bool(counts["refused"])


def test_no_control_without_the_right(home, shared):
    simulated = shared(may_command="no")
    for words in CONTROL:
        result = home.run(*words, "--json")
        (line,) = lines(result)
        assert (result.returncode, line["outcome"], line["attempts"]) == (REFUSED, "refused", 0), words
        assert NOT_TO_CONTROL in line["detail"]
    result = home.run("stop")
    assert result.returncode == REFUSED
    assert "Theirs" in result.stderr and NOT_TO_CONTROL in result.stderr and "owner" in result.stderr and "--force" in result.stderr
    assert not touched(simulated)


def test_no_g_code_without_the_right(home, shared):
    simulated = shared(may_command="no")
    for words, stdin in ((("gcode", "M105"), None), (("gcode",), "M105\nM114\n"), (("level", "--map"), None)):
        result = home.run(*words, **({"stdin": stdin} if stdin else {}))
        assert result.returncode == REFUSED, result.stderr
        assert NOT_TO_CONTROL in result.stderr
    with Terminal("gcode", HOME=home.folder) as terminal:
        terminal.await_text("> ")
        terminal.write("M105\n")
        terminal.await_text(NOT_TO_CONTROL)
        terminal.await_text("> ")
        terminal.write("\x04")
        terminal.await_end()
    assert not touched(simulated)


def test_it_is_refused_though_the_printer_is_silent(home, shared):
    shared(simulated=False, may_command="no")
    result = home.run("pause")
    assert result.returncode == REFUSED
    assert NOT_TO_CONTROL in result.stderr


def test_top_obeys(home, shared):
    simulated = shared("--scenario", "print", "--at", "20", may_command="no")
    with Screen(FLAGSHIP, "top", LANG="C.UTF-8", HOME=home.folder) as top:
        top.await_line("Theirs", "printing")
        top.press("p")
        top.await_line("Theirs", "pause refused", NOT_TO_CONTROL)
    assert not touched(simulated)


def test_force_sends_it_all_the_same(home, shared):
    simulated = shared(may_command="no")
    assert home.run("fan", "10", "--force").returncode == DONE
    assert home.run("gcode", "M105", "--force").returncode == DONE
    assert simulated.counts()["executed"]["1043"] == 2


@pytest.mark.parametrize("rights", [{}, {"may_command": "yes"}, {"may_camera": "no"}, {"may_command": "perhaps"}], ids=str)
def test_what_is_not_withheld_is_done(home, shared, rights):
    shared(**rights)
    result = home.run("gcode", "M105")
    assert result.returncode == DONE, result.stderr


def test_nothing_is_asked_without_the_right(home, shared):
    """A printing one tells its state by itself."""
    simulated = shared("--scenario", "print", "--at", "20", may_query="no")
    result = home.run("status", "--json")
    assert result.returncode == DONE, result.stderr
    assert NOT_TO_ASK in result.stderr and "Theirs" in result.stderr
    result = home.run("query", "1027", "--json")
    assert result.returncode == REFUSED and NOT_TO_ASK in lines(result)[0]["detail"]
    assert simulated.counts()["received"] == 0
    # To control it is another right.
    assert home.run("gcode", "M105").returncode == DONE
    assert set(simulated.counts()["executed"]) == {"1043"}
    assert home.run("query", "1027", "--force").returncode == DONE
    assert "1027" in simulated.counts()["executed"]


def test_doctor_asks_nothing_without_the_right(home, shared):
    simulated = shared("--scenario", "print", "--at", "20", may_query="no")
    result = home.run("doctor", "--timeout", "12")
    assert result.returncode == DONE, result.stdout
    assert "nothing is asked" in result.stdout
    assert simulated.counts()["received"] == 0


def test_rights_are_shown(home, shared):
    shared(simulated=False, may_query="yes", may_command="no")
    rights = {"query": True, "command": False, "camera": None}
    (listed,) = lines(home.run("printers", "--offline", "--json"))[0]
    assert listed["rights"] == rights
    assert json.loads(home.run("accounts", "1", "--json").stdout)["printers"][0]["rights"] == rights
    table = home.run("accounts", "1").stdout
    assert "RIGHTS" in table and "query, camera" in table


@pytest.mark.parametrize(("rights", "text"), [({"may_query": "no", "may_command": "no", "may_camera": "no"}, "none"),
                                              ({"may_query": "yes"}, "all")])
def test_rights_in_words(home, shared, rights, text):
    shared(simulated=False, **rights)
    assert text in home.run("accounts", "1").stdout.split()


VALUES = [(0, "no"), (1, "yes"), ("0", "no"), ("1", "yes"), (False, "no"), (True, "yes"), (2, None), ("", None), (None, None), ([], None)]


@pytest.mark.parametrize(("value", "right"), VALUES)
def test_rights_come_with_the_list(home, api, authority, account, value, right):
    account.printers = [printer("AK7ABC0123456789", is_command=value, is_query=1, is_camera=0, member_type=2, p2p_license="LIC")]
    log_in = ("login", "--email", account.email, "--api", api.url, "--ca", authority.certificate, "--service-key", api.key.public)
    assert home.run(*log_in, stdin=account.password + "\n").returncode == DONE
    (stored,) = home.accounts()[account.user_id]["printers"]
    assert stored.get("may_command") == right
    assert (stored["may_query"], stored["may_camera"], stored["member_type"], stored["p2p_license"]) == ("yes", "no", "2", "LIC")
    # The owner gave it, or took it back.
    account.printers[0]["is_command"] = 1
    assert home.run("refresh").returncode == DONE
    assert home.accounts()[account.user_id]["printers"][0]["may_command"] == "yes"


def test_a_fleet_obeys_for_each_printer(home, shared, broker, authority, connection, simulate):
    theirs = shared(may_command="no")
    accounts = json.loads(home.store.read_text())
    accounts["accounts"][0]["printers"].append({"serial": "OURS1", "name": "Ours", "model": "M5", "key": KEY})
    home.store.write_text(json.dumps(accounts))
    ours = simulate(*connection("OURS1"), "--model", "m5", "--speed", "20")
    result = home.run("fan", "30", "-p", "all", "--json")
    outcomes = {line["name"]: line["outcome"] for line in lines(result)}
    assert outcomes["Theirs"] == "refused" and outcomes["Ours"] == "confirmed"
    assert result.returncode == REFUSED
    assert not touched(theirs) and touched(ours)
