# SPDX-License-Identifier: MIT
"""What waits for the owner: who nothing proves, and who has a printer's key and presents itself differently than before."""

import itertools
import json
import pathlib
import re

import pytest

from answering_printer import Printer, speak
from conftest import ANNE
from local_cloud import Cloud
from process import until
from wire import seal

ADMINISTRATOR = "admin@example.org"
NOTICE = b'[{"commandType":1003,"currentTemp":2000,"targetTemp":0}]'
OF_ONE_ADDRESS, OF_ALL = 4, 64
HOME, NEAR, FAR = "127.1.1.5", "127.1.1.77", "127.9.9.9"


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    with Cloud(tmp_path_factory.mktemp("cloud")) as cloud:
        cloud.add_account(ANNE, "secret")
        cloud.add_account(ADMINISTRATOR, "secret", "--administrator")
        cloud.numbers = itertools.count(1)
        cloud.start()
        yield cloud


@pytest.fixture
def serial(home):
    """Of a new printer, whose key the cloud has."""
    made = f"AK7LEFT{next(home.numbers):09}"
    home.command("add-printer", "--account", ANNE, "--serial", made, "--model", "m5", "--name", f"Left {made}")
    return made


@pytest.fixture
def connect(home):
    made = []

    def make(serial, **options):
        key = bytes.fromhex(next(p["key"] for p in home.registry()["printers"] if p["serial"] == serial))
        made.append(Printer(home, serial, key, (f"eufy_fdm_{serial}", options.pop("password", None)),
                            options.pop("client_id", f"dev_fdm_0a1b2c3d4e5f_{serial}"), **options))
        return made[-1]

    yield make
    for client in made:
        client.close()
    home.command("pair", "clear", "--all")


def claims(cloud, *options):
    return [row for row in json.loads(cloud.command("pair", "list", "--json", *options)) if row["claim"]]


def claim(home, serial, number=0, address=""):
    return speak(home, (f"stranger {number}", "x"), serial, seal(NOTICE, bytes(32)), f"stranger {number}", False, address)


def presents(cloud, serial):
    return next(p["presents"] for p in cloud.registry()["printers"] if p["serial"] == serial)


def is_connected(cloud, serial):
    return next(p["connected"] for p in cloud.status()["printers"] if p["serial"] == serial)


@pytest.mark.parametrize("header, name, sentence", [
    ("broker/plugin/proof/challenge.h", "CHALLENGE_DIGITS", "{} fresh digits"), ("broker/plugin/proof/challenge.h", "CHALLENGE_ROUNDS", "{} times in a row"),
    ("registry/registry.h", "REGISTRY_PAIRINGS_PLACE_MAX", "{} claims of one address"), ("registry/registry.h", "REGISTRY_PAIRINGS_MAX", "{} in all wait"),
])
def test_the_page_states_what_the_code_does(header, name, sentence):
    root = pathlib.Path(__file__).resolve().parents[2]
    (value,) = re.findall(rf"#define {name} +(\d+)", (root / "src/cloud" / header).read_text(encoding="utf-8"))
    page = " ".join((root / "docs/security.md").read_text(encoding="utf-8").split())
    assert sentence.format(value) in page


def test_a_flood_of_one_stranger_does_not_hide_the_printer(home, connect):
    """Before: 64 claims of one address filled the list, and the printer's was dropped without a word."""
    home.command("pair", "open")
    for number in range(OF_ONE_ADDRESS + 3):
        claim(home, f"AK7FLOOD{number:08}", number, FAR)
    home.process.await_text(f"full: the claim of {FAR}")
    assert len(claims(home)) == OF_ONE_ADDRESS
    claim(home, "AK7REAL000000001", 99, HOME)
    assert [c["serial"] for c in claims(home) if c["address"] == HOME] == ["AK7REAL000000001"]
    text = home.command("pair", "list")
    assert f"Full: further claims from {FAR} are not kept." in text and "pair clear" in text
    full = [row for row in json.loads(home.command("pair", "list", "--json")) if row["state"] == "full"]
    assert [row["address"] for row in full] == [FAR]
    # Of three, each of which claims when it begins to listen and when it speaks.
    assert home.status()["counts"]["claims_refused"] == 3
    home.command("pair", "clear")
    assert "Nobody waits" in home.command("pair", "list")


def test_a_printer_that_says_nothing_claims_too(home):
    """As one that is switched on and prints nothing: who has no key of it cannot ask it either."""
    serial = "AK7IDLE000000001"
    home.command("pair", "open")
    printer = Printer(home, serial, bytes(32), ("idle", "its secret"), answers=False)
    try:
        assert [c["serial"] for c in claims(home)] == [serial]
        home.command("pair", "approve", serial)
        until(lambda: is_connected(home, serial))
    finally:
        printer.close()
        home.command("pair", "close")


def test_claims_end_with_the_window(home, connect):
    home.command("pair", "open", "--for", "1m")
    claim(home, "AK7REAL000000002", 1)
    assert [c["serial"] for c in claims(home)] == ["AK7REAL000000002"]
    home.command("pair", "close")
    assert claims(home) == []
    refused = home.attempt("pair", "approve", "AK7REAL000000002")
    assert refused.returncode == 1 and "no claim" in refused.stderr
    # A window that ended by itself leaves none either.
    home.command("pair", "open", "--for", "2s")
    claim(home, "AK7REAL000000003", 1)
    until(lambda: not claims(home))
    assert home.attempt("pair", "approve", "AK7REAL000000003").returncode == 1


def test_how_a_printer_presents_itself_is_shown_and_a_change_of_it_asks(home, connect, serial):
    """With its key, from another network: as of a former member who has kept it, or of a printer that was moved."""
    printer = connect(serial, address=HOME).prove()
    home.process.await_text(f"as printer {serial}: proven by its key")
    assert presents(home, serial) | {"known_at": 0} == {
        "address": HOME, "address_before": None, "username": f"eufy_fdm_{serial}", "client_form": "dev_fdm_HEX_SERIAL",
        "known_at": 0, "changed_at": None}
    assert any(serial in line and f" {HOME} " in line for line in home.command("list").splitlines())
    printer.close()
    stranger = connect(serial, address=FAR, client_id=f"dev_fdm_ffffffffffff_{serial}").prove()
    home.process.await_text(f"has the key of printer {serial} and presents itself differently: the address {FAR}")
    stranger.say(NOTICE)
    assert not is_connected(home, serial)
    (row,) = claims(home)
    assert row["serial"] == serial and row["changed"] == f"the address {FAR} instead of {HOME}" and row["address"] == FAR
    for command in ("list", "status"):
        text = home.command(*(["pair", command] if command == "list" else [command]))
        assert f"presents itself differently: the address {FAR} instead of {HOME}" in text
        assert f"flagship cloud pair approve {serial}" in text
    home.command("pair", "approve", serial)
    home.process.await_lines(lambda lines: sum(f"as printer {serial}: proven by its key" in line for line in lines) == 2)
    assert is_connected(home, serial)
    assert presents(home, serial)["address"] == FAR and presents(home, serial)["address_before"] == HOME


@pytest.mark.parametrize("change", [{"client_id": "pc_windows_another"}, {"password": "one that it had not before"}],
                         ids=["another kind of client id", "a password"])
def test_what_the_firmware_sets_may_not_change_unasked(home, connect, serial, change):
    connect(serial, address=HOME).prove().close()
    home.process.await_text(f"as printer {serial}: proven by its key")
    connect(serial, address=HOME, **change).prove()
    if "password" in change:
        # The name is the same, and what it presents now is bound.
        home.process.await_text(f"as printer {serial}: proven by its key; what it logs in with is bound to it now")
        return
    home.process.await_text(f"has the key of printer {serial} and presents itself differently: the kind of client id")
    assert not is_connected(home, serial)


def test_an_address_of_the_same_network_is_reported_and_asks_for_nothing(home, connect, serial):
    """As DHCP gives it."""
    connect(serial, address=HOME).prove().close()
    home.process.await_text(f"as printer {serial}: proven by its key")
    printer = connect(serial, address=NEAR, client_id=f"dev_fdm_ffffffffffff_{serial}").prove()
    home.process.await_text(f"printer {serial} has the address {NEAR} instead of {HOME}")
    assert is_connected(home, serial) and claims(home) == []
    # While it is here, another one of that network is not it.
    connect(serial, address=HOME, client_id=f"dev_fdm_000000000000_{serial}").prove()
    home.process.await_text(f"has the key of printer {serial} and presents itself differently")
    assert len(claims(home)) == 1
    printer.close()


def test_with_a_password_that_is_bound_all_changes_are_reported_only(home, connect, serial):
    connect(serial, address=HOME, password="its own").prove().close()
    home.process.await_text(f"as printer {serial}: proven by its key; what it logs in with is bound to it now")
    connect(serial, address=FAR, client_id="another kind", password="its own", answers=False)
    home.process.await_text(f"printer {serial} has the address {FAR} instead of {HOME}, the kind of client id another kind")
    assert is_connected(home, serial) and claims(home) == []
    home.command("pair", "forget", serial)
    assert presents(home, serial) is None


def test_a_claim_of_a_printer_that_is_bound_meanwhile_cannot_be_approved(home, connect, serial):
    home.command("pair", "open")
    claim(home, serial, 1)
    assert [c["serial"] for c in claims(home)] == [serial]
    home.command("add-printer", "--serial", serial, "--username", "printer", "--password-stdin", stdin="its own\n")
    refused = home.attempt("pair", "approve", serial)
    assert refused.returncode == 1 and "known by another login" in refused.stderr and "pair forget" in refused.stderr
