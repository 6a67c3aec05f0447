# SPDX-License-Identifier: MIT
"""flagship doctor on the local network: each link of that way broken once, and what it means for the exit status."""

import json
import socket
import struct
import threading

import pytest

from accounts_home import Home
from json_style import check
from lan import DUID, lan_address
from process import DEADLINE_S
from program import CANNOT_CONNECT, DONE, FAILED, USAGE
from simulator import Simulator
from test_doctor import Report
from test_serve import keep_printers

LINKS = ["lan_address", "lan_search", "lan_duid", "lan_slot", "lan_handshake"]
SERIAL = "DOCTORLAN1"
OTHER_DUID = "EUPRAKM-000777-QWERT"
NOWHERE = "mqtts://127.0.0.1:1"  # refused at once: the other way is no part of the test then
SOON = ["--timeout", "1"]  # where no answer comes
LATER = ["--timeout", "5"]  # where one comes before that of which none does
PORT = 32108


class Owner:
    """Somebody whose account has Left, and Right, which is another printer."""

    def __init__(self, folder, broker, authority, url=NOWHERE, **left):
        self.home = Home(folder)
        self.home.folder.mkdir()
        keep_printers(self.home, broker, authority, {"Left": SERIAL, "Right": "DOCTORLAN2"})
        stored = json.loads(self.home.store.read_text())
        (account,) = stored["accounts"]
        account["broker"] = url
        account["printers"][0].update({"p2p_did": DUID} | left)
        account["printers"][1]["p2p_did"] = OTHER_DUID
        self.home.store.write_text(json.dumps(stored))

    def run(self, *arguments):
        return self.home.run("doctor", "-p", "Left", *arguments)

    def look(self, *arguments):
        result = self.run("--json", *arguments)
        assert result.stderr == ""
        assert check("doctor", result.stdout) == 1
        return Report(result)


@pytest.fixture
def owner(tmp_path, broker, authority):
    return lambda **left: Owner(tmp_path / "home", broker, authority, **left)


@pytest.fixture(scope="module")
def address(connection):
    """Where a printer is that is well."""
    found = lan_address()
    printer = Simulator(*connection(SERIAL), "--model", "m5", "--lan", "--lan-address", found, "--lan-duid", DUID)
    yield found
    printer.stop()


def broken(report, name, index):
    """The links before this one are well, and those after it skipped; returns it."""
    assert [link["name"] for link in report.lan] == LINKS
    assert [link["ok"] for link in report.lan] == [True] * index + [False] + [None] * (len(LINKS) - index - 1), report.text
    assert all(link["skipped"] for link in report.lan[index + 1:])
    assert report.whole["lan_ok"] is False
    assert report[name]["detail"] and report[name]["advice"]
    return report[name]


def test_both_ways_are_well(owner, broker, address):
    report = owner(url=broker.url, address=address).look("--timeout", DEADLINE_S)
    assert (report.status, report.whole["ok"], report.whole["lan_ok"]) == (DONE, True, True), report.text
    assert [(link["name"], link["ok"], link["advice"]) for link in report.lan] == [(name, True, None) for name in LINKS]
    assert (report["lan_address"]["address"], report["lan_address"]["duid"]) == (address, DUID)
    assert report["lan_search"]["answers"] == [{"duid": DUID, "address": address}]
    assert report["lan_slot"]["holder"] == "free"


def test_another_printer_has_the_address(owner, broker, connection, simulate):
    """The way by the broker is well nevertheless, and so is the command, unless the local network is what is asked for."""
    taken = lan_address()
    simulate(*connection(SERIAL), "--model", "m5", "--lan", "--lan-address", taken, "--lan-duid", OTHER_DUID)
    someone = owner(url=broker.url, address=taken)
    report = someone.look("--timeout", DEADLINE_S)
    assert (report.status, report.whole["ok"]) == (DONE, True), report.text
    link = broken(report, "lan_duid", 2)
    assert f"{OTHER_DUID} (Right)" in link["detail"] and "lan search --save" in link["advice"]
    asked = someone.look("--lan", "--timeout", DEADLINE_S)
    assert (asked.status, asked.whole["ok"], asked.whole["lan_ok"]) == (FAILED, False, False)
    people = someone.run("--timeout", DEADLINE_S)
    assert people.returncode == DONE
    assert people.stdout.splitlines()[-1].startswith("The way by the broker is well. That over the local network is broken")


def test_silence_names_the_port(owner):
    nobody = lan_address()
    report = owner(address=nobody).look(*SOON)
    link = broken(report, "lan_search", 1)
    assert nobody in link["detail"] and "UDP port 32108" in link["advice"]
    assert link["answers"] == []
    # The broker's chain is broken too, and comes first.
    assert report.status == CANNOT_CONNECT


def test_a_session_that_another_client_has(owner, connection, simulate):
    busy = lan_address()
    simulate(*connection(SERIAL), "--model", "m5", "--lan", "--lan-address", busy, "--lan-duid", DUID, "--fault", "lan-busy")
    link = broken(owner(address=busy).look(*LATER), "lan_slot", 3)
    assert link["holder"] == "other"
    assert "another client has its only one" in link["detail"] and "20 s" in link["advice"]


def test_a_session_that_is_held_here_is_left_alone(owner, address):
    report = owner(address=address).look("--lan-held-by", "the camera", "--timeout", DEADLINE_S)
    assert [link["ok"] for link in report.lan] == [True] * 4 + [None]
    assert (report["lan_slot"]["holder"], report["lan_handshake"]["applicable"]) == ("here", False)
    assert "the camera" in report["lan_slot"]["detail"]
    assert report.whole["lan_ok"] is True


def duid_bytes(text):
    prefix, number, letters = text.split("-")
    return struct.pack(">8sI6s2x", prefix.encode(), int(number), letters.encode())


class Fickle(threading.Thread):
    """Says who it is and that it is ready, and then closes, or says nothing more."""

    def __init__(self, closes):
        super().__init__(daemon=True)
        self.address = lan_address()
        self.closes = closes
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((self.address, PORT))

    def say(self, kind, body, to):
        self.socket.sendto(struct.pack(">BBH", 0xF1, kind, len(body)) + body, to)

    def run(self):
        while True:
            packet, sender = self.socket.recvfrom(2048)
            if packet[:2] == b"\xf1\x00":
                return
            if packet[1] == 0x30:
                self.say(0x41, duid_bytes(DUID), sender)
            elif packet[1] == 0x42:
                self.say(0x42, duid_bytes(DUID), sender)
            elif packet[1] == 0x43 and self.closes:
                self.say(0xF0, b"", sender)

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.socket.sendto(b"\xf1\x00", (self.address, PORT))
        self.join()
        self.socket.close()


@pytest.mark.parametrize(("closes", "said"), [(True, "closed the session"), (False, "fell silent")], ids=["closes", "falls silent"])
def test_a_session_that_does_not_stand(owner, closes, said):
    with Fickle(closes) as printer:
        link = broken(owner(address=printer.address).look(*LATER), "lan_handshake", 4)
    assert said in link["detail"] and "from any port" in link["advice"]


@pytest.mark.parametrize(("left", "said"), [({"model": "V8260"}, "an E1"), ({"p2p_did": ""}, "by the broker alone")], ids=["E1", "cloud only"])
def test_a_printer_that_has_no_such_way(owner, left, said):
    report = owner(**left).look("--lan", *SOON)
    (link,) = report.lan
    assert (link["name"], link["ok"], link["applicable"]) == ("lan_address", None, False)
    assert said in link["detail"]
    assert report.whole["lan_ok"] is None


def test_an_address_without_a_name(owner, address):
    report = owner(p2p_did="").look("--address", address, "--timeout", DEADLINE_S)
    assert [link["ok"] for link in report.lan] == [True] * 5, report.text
    assert DUID in report["lan_duid"]["detail"] and "nothing tells" in report["lan_duid"]["detail"]


def test_a_name_that_is_none(owner, address):
    report = owner(p2p_did="EUPRAKM", address=address).look(*SOON)
    assert "flagship refresh" in broken(report, "lan_address", 0)["advice"]


@pytest.mark.parametrize("words", [("--address", "printer.local"), ("--duid", "EUPRAKM")])
def test_wrong_use(owner, words):
    result = owner().run(*words)
    assert (result.returncode, result.stdout) == (USAGE, "")
