# SPDX-License-Identifier: MIT
"""Printers whose MQTT login nobody knows: proven by their key, or approved by the owner."""

import json

import pytest

from answering_printer import Printer, speak
from conftest import ANNE
from local_cloud import Client, Cloud, Witness
from process import until
from program import run
from wire import seal

PRINTER, OTHER = "ANNESPRINTER1", "ANNESPRINTER2"
QUERY = b'{"commandType":1027,"value":0}'
NOTICE = b'[{"commandType":1003,"currentTemp":2000,"targetTemp":0}]'


@pytest.fixture
def home(tmp_path):
    with Cloud(tmp_path) as cloud:
        cloud.add_account(ANNE, "secret")
        cloud.add_account("admin@example.org", "secret", "--administrator")
        cloud.add_printer(PRINTER, ANNE)
        cloud.start()
        yield cloud


@pytest.fixture
def owner(home):
    client = Client(home, home.login(ANNE))
    yield client
    client.close()


def key_of(cloud, serial):
    return bytes.fromhex(next(p["key"] for p in cloud.registry()["printers"] if p["serial"] == serial))


def bound(cloud, serial):
    return next(p["login_known"] for p in cloud.registry()["printers"] if p["serial"] == serial)


def test_the_right_key_proves_a_printer_and_binds_its_login(home, owner):
    topic = f"/phone/maker/{PRINTER}/notice"
    owner.try_subscribe(topic)
    frame = seal(NOTICE, key_of(home, PRINTER))
    speak(home, ("printer", "its secret"), PRINTER, frame)
    owner.await_heard(lambda t, payload: (t, payload) == (topic, frame))
    home.process.await_text("bound to it now")
    assert bound(home, PRINTER)
    # Another login is refused now, although it has the key; the bound one is known at once.
    refused = speak(home, ("printer", "another secret"), PRINTER, frame)
    assert refused.returncode != 0
    owner.heard.clear()
    speak(home, ("printer", "its secret"), PRINTER, frame)
    owner.await_heard(lambda t, payload: payload == frame)


def test_the_wrong_key_is_received_by_administrators_alone(home, owner):
    witness = Witness(home, "admin@example.org")
    owner.try_subscribe(f"/phone/maker/{PRINTER}/notice")
    forged = seal(NOTICE, bytes(32))
    speak(home, ("printer", "guess"), PRINTER, forged, proves=False)
    assert witness.heard_until_now() == [(f"/flagship/quarantine/{PRINTER}", forged)]
    assert owner.heard == [] and not bound(home, PRINTER)
    assert home.status()["counts"]["quarantined"] == 1
    witness.close()


def test_without_a_login_a_printer_proves_itself_each_time(home, owner):
    topic = f"/phone/maker/{PRINTER}/notice"
    owner.try_subscribe(topic)
    frame = seal(NOTICE, key_of(home, PRINTER))
    for client_id in ("dev_fdm_1000", "dev_fdm_2000"):
        owner.heard.clear()
        speak(home, None, PRINTER, frame, client_id)
        owner.await_heard(lambda t, payload: payload == frame)
    assert not bound(home, PRINTER)


def test_another_printers_topics_stay_closed(home, owner):
    home.add_printer(OTHER, ANNE)
    printer = Client(home, ("printer", "secret"), "printer")
    try:
        assert printer.try_subscribe(f"/device/maker/{PRINTER}/command") < 128
        assert printer.try_subscribe(f"/device/maker/{PRINTER}/query") < 128
        assert printer.try_subscribe(f"/device/maker/{OTHER}/command") >= 128
        assert printer.try_subscribe(f"/phone/maker/{PRINTER}/notice") >= 128
    finally:
        printer.close()


def test_a_printer_without_a_known_key_waits_for_approval(home, owner):
    serial = "UNKNOWNPRINTER1"
    login = ("unknown", "secret")
    frame = seal(NOTICE, bytes(range(32)))
    # All printers that are known have logins now, and the window is shut.
    speak(home, ("printer", "its secret"), PRINTER, seal(NOTICE, key_of(home, PRINTER)))
    home.process.await_text("bound to it now")
    assert speak(home, login, serial, frame).returncode != 0
    home.command("pair", "open")
    speak(home, login, serial, frame)
    home.process.await_text("waits for approval")
    assert serial in home.command("pair", "list") and '"state":"waiting"' in home.command("pair", "list", "--json")
    home.command("pair", "approve", serial)
    home.command("pair", "close")
    home.command("share", serial, ANNE)
    assert bound(home, serial)
    owner.try_subscribe(f"/phone/maker/{serial}/notice")
    speak(home, login, serial, frame)
    owner.await_heard(lambda t, payload: payload == frame)


def test_a_rejected_claim_stays_rejected_and_a_forgotten_login_is_learned_anew(home, owner):
    home.command("pair", "open", "--for", "1m")
    forged = seal(NOTICE, bytes(32))
    speak(home, ("stranger", "x"), PRINTER, forged, proves=False)
    home.process.await_text("waits for approval")
    home.command("pair", "reject", PRINTER)
    speak(home, ("stranger", "x"), PRINTER, forged, proves=False)
    claims = json.loads(home.command("pair", "list", "--json", "--all"))
    assert [c["state"] for c in claims if c["claim"]] == ["rejected"]
    assert not [c for c in json.loads(home.command("pair", "list", "--json")) if c["claim"]]
    frame = seal(NOTICE, key_of(home, PRINTER))
    speak(home, ("printer", "old"), PRINTER, frame)
    home.process.await_text("bound to it now")
    home.command("pair", "forget", PRINTER)
    assert not bound(home, PRINTER)
    owner.try_subscribe(f"/phone/maker/{PRINTER}/notice")
    speak(home, ("printer", "new"), PRINTER, frame)
    owner.await_heard(lambda t, payload: payload == frame)
    assert home.attempt("pair", "approve", "NOBODY").returncode == 1
    assert home.attempt("pair", "dance").returncode == 2


def test_a_simulated_printer_behaves_as_through_the_vendors_cloud(home, tmp_path):
    from simulator import Simulator

    simulator = Simulator("--broker", home.broker, "--ca", home.ca, "--serial", PRINTER, "--key-file", home.key_file(PRINTER),
                          "--model", "m5", "--scenario", "print", "--at", "50")
    user, password = home.login(ANNE)
    password_file = tmp_path / "password"
    password_file.write_text(password + "\n")
    password_file.chmod(0o600)
    try:
        result = run("status", "--json", "--broker", home.broker, "--ca", home.ca, "--serial", PRINTER, "--key-file",
                     home.key_file(PRINTER), "--username", user, "--password-file", password_file)
        assert result.returncode == 0 and '"state":"printing"' in result.stdout, result.stderr
        printer = next(p for p in home.status()["printers"] if p["serial"] == PRINTER)
        assert printer["connected"] and printer["messages"] > 0
    finally:
        simulator.stop()


def test_commands_reach_proven_printers_alone(home, owner):
    command = seal(b'{"commandType":1006,"value":250}', key_of(home, PRINTER))
    printer = Printer(home, PRINTER, key_of(home, PRINTER), ("printer", "secret"), "printer", answers=False)
    owner.publish(f"/device/maker/{PRINTER}/command", command, qos=1).wait_for_publish()
    printer.await_heard(lambda topic, payload: True)
    assert command not in [payload for _, payload in printer.heard]
    printer.prove_itself(home, PRINTER)
    printer.heard.clear()
    again = seal(b'{"commandType":1006,"value":251}', key_of(home, PRINTER))
    owner.publish(f"/device/maker/{PRINTER}/command", again, qos=1)
    printer.await_heard(lambda topic, payload: payload == again)
    assert [payload for _, payload in printer.heard] == [again]
    # Nobody else listens to a printer that has a login, while another one waits for its own.
    home.add_printer(OTHER, ANNE)
    spy = Client(home, None, "spy")
    assert spy.try_subscribe(f"/device/maker/{PRINTER}/query") >= 128
    printer.close()
    spy.close()


def test_printers_may_present_the_same_login(home, owner):
    home.add_printer(OTHER, ANNE)
    login = ("printer", "the same for all")
    for serial in (PRINTER, OTHER, PRINTER, OTHER):
        topic, frame = f"/phone/maker/{serial}/notice", seal(NOTICE, key_of(home, serial))
        owner.try_subscribe(topic)
        owner.heard.clear()
        assert speak(home, login, serial, frame, serial).returncode == 0
        owner.await_heard(lambda t, payload: (t, payload) == (topic, frame))
    assert bound(home, PRINTER) and bound(home, OTHER)


def test_a_forgotten_printer_proves_itself_again(home, owner):
    topic = f"/phone/maker/{PRINTER}/notice"
    owner.try_subscribe(topic)
    printer = Printer(home, PRINTER, key_of(home, PRINTER), ("printer", "secret"), "printer").prove()
    home.process.await_text("bound to it now")
    witness = Witness(home, "admin@example.org")
    printer.answers = False
    printer.has_answered.clear()
    home.command("pair", "forget", PRINTER)
    forged = seal(NOTICE, bytes(32))
    quarantine = (f"/flagship/quarantine/{PRINTER}", forged)
    # The broker looks at the registry once a second.
    witness.await_after(lambda: printer.publish(topic, forged, qos=1), quarantine)
    owner.heard.clear()
    frame = seal(NOTICE, key_of(home, PRINTER))
    printer.publish(topic, frame, qos=1).wait_for_publish()
    assert owner.heard == []
    printer.prove_itself(home, PRINTER)
    printer.publish(topic, frame, qos=1)
    owner.await_heard(lambda t, payload: payload == frame)
    assert bound(home, PRINTER)
    printer.close()
    witness.close()


def test_several_claims_are_told_apart(home):
    serial = "UNKNOWNPRINTER1"
    frame = seal(NOTICE, bytes(range(32)))
    home.command("pair", "open", serial)
    assert speak(home, ("real", "x"), serial, frame).returncode == 0
    speak(home, ("evil", "x"), serial, frame)
    speak(home, ("other", "x"), "OTHERPRINTER1", frame)
    claims = {claim["username"]: claim for claim in json.loads(home.command("pair", "list", "--json"))}
    assert {name: claim["serial"] for name, claim in claims.items()} == {"real": serial, "evil": serial}
    several = home.attempt("pair", "approve", serial)
    assert several.returncode == 1 and "several clients claim" in several.stderr
    home.command("pair", "approve", serial, claims["real"]["claim"])
    home.command("share", serial, ANNE)
    owner = Client(home, home.login(ANNE))
    owner.try_subscribe(f"/phone/maker/{serial}/notice")
    speak(home, ("real", "x"), serial, frame)
    owner.await_heard(lambda t, payload: payload == frame)
    home.command("pair", "reject", serial)
    assert not bound(home, serial)
    owner.close()


def test_an_approved_printer_without_a_login_is_known_by_its_client_id(home):
    serial = "UNKNOWNPRINTER1"
    frame = seal(NOTICE, bytes(range(32)))
    speak(home, ("printer", "its secret"), PRINTER, seal(NOTICE, key_of(home, PRINTER)))
    home.process.await_text("bound to it now")
    home.command("pair", "open")
    speak(home, None, serial, frame, "silent one")
    home.command("pair", "approve", serial)
    home.command("pair", "close")
    assert speak(home, None, serial, frame, "silent one").returncode == 0
    assert speak(home, None, serial, frame, "another one").returncode != 0
    # It is no user name and password that somebody could present.
    assert speak(home, ("client id", "silent one"), serial, frame).returncode != 0


def test_a_will_is_sent(home, owner):
    topic, frame = f"/phone/maker/{PRINTER}/notice", seal(NOTICE, key_of(home, PRINTER))
    owner.try_subscribe(topic)
    speak(home, ("printer", "secret"), PRINTER, frame)
    owner.await_heard(lambda t, payload: payload == frame)
    owner.heard.clear()
    will = seal(b'{"commandType":1000,"subType":1,"value":0}', key_of(home, PRINTER))
    printer = Client(home, ("printer", "secret"), "printer", will=(topic, will))
    assert printer.try_subscribe(f"/device/maker/{PRINTER}/query") < 128
    printer.drop()
    owner.await_heard(lambda t, payload: payload == will)


def test_a_session_that_lasts_gets_what_came_meanwhile(home):
    topic, frame = f"/phone/maker/{PRINTER}/notice", seal(NOTICE, key_of(home, PRINTER))
    owner = Client(home, home.login(ANNE), "lasting", clean_session=False)
    owner.try_subscribe(topic)
    owner.close()
    speak(home, ("printer", "secret"), PRINTER, frame)
    home.process.await_text("bound to it now")
    owner = Client(home, home.login(ANNE), "lasting", clean_session=False)
    owner.await_heard(lambda t, payload: (t, payload) == (topic, frame))
    owner.close()


def test_a_removed_administrator_receives_and_sends_nothing_more(home, owner):
    home.add_account("boss@example.org", "secret", "--administrator")
    boss = Client(home, home.login("boss@example.org"), "boss")
    assert boss.try_subscribe("#") < 128
    witness = Witness(home, "admin@example.org")
    home.command("remove-account", "boss@example.org")
    topic = f"/device/maker/{PRINTER}/command"
    frame = seal(QUERY, key_of(home, PRINTER))
    denied = home.status()["counts"]["denied_receive"]
    until(lambda: home.status()["counts"]["denied_receive"] != denied or owner.publish(topic, frame, qos=1).wait_for_publish())
    boss.heard.clear()
    owner.publish(topic, frame, qos=1).wait_for_publish()
    witness.heard_until_now()
    boss.publish(topic, frame, qos=1)
    assert boss.heard == [] and witness.heard_until_now() == []
    boss.close()
    witness.close()
