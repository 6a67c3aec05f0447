# SPDX-License-Identifier: MIT
"""Printers as they really log in (protocol.md 1): eufy_fdm_<SN>, 40 s, a clean session, four subscriptions."""

import json

import pytest

from answering_printer import Printer as AnsweringPrinter
from answering_printer import topics as subscriptions
from conftest import ANNE
from local_cloud import Client, Cloud, Witness, tool
from program import FAILED, run
from wire import seal

M5, M5C, OTHER = "AK7LEFT000000001", "AK5RIGHT00000001", "AK7OTHER00000001"
CLIENT_IDS = {M5: f"device_linux_V8111_direct_0a1b2c3d4e5f_{M5}", M5C: f"dev_fdm_0a1b2c3d4e5f_{M5C}"}
KEEPALIVE_S = 40
NOTICE = b'[{"commandType":1003,"currentTemp":2000,"targetTemp":0}]'
REFUSED = 128
PASSWORD = "only the printer knows"

both_models = pytest.mark.parametrize("serial", [M5, M5C], ids=["M5", "M5C"])


class Printer(AnsweringPrinter):
    def __init__(self, cloud, serial, password=PASSWORD, client_id=None, answers=True):
        known = [p["key"] for p in cloud.registry()["printers"] if p["serial"] == serial]
        super().__init__(cloud, serial, bytes.fromhex(known[0]) if known else bytes(32), (f"eufy_fdm_{serial}", password),
                         client_id or CLIENT_IDS.get(serial, f"dev_fdm_{serial}"), answers)

    def connect(self, host, port, **options):
        return super().connect(host, port, keepalive=KEEPALIVE_S, **options)


@pytest.fixture
def home(tmp_path):
    with Cloud(tmp_path) as cloud:
        cloud.add_account(ANNE, "secret")
        cloud.add_account("admin@example.org", "secret", "--administrator")
        cloud.command("add-printer", "--account", ANNE, "--serial", M5, "--model", "m5")
        cloud.command("add-printer", "--account", ANNE, "--serial", M5C, "--model", "m5c")
        cloud.start()
        yield cloud


@pytest.fixture
def owner(home):
    client = Client(home, home.login(ANNE))
    yield client
    client.close()


@pytest.fixture
def printers():
    made = []

    def make(*arguments, **options):
        made.append(Printer(*arguments, **options))
        return made[-1]

    yield make
    for printer in made:
        printer.close()


def key_of(cloud, serial):
    return bytes.fromhex(next(p["key"] for p in cloud.registry()["printers"] if p["serial"] == serial))


def bound(cloud, serial):
    return next(p["login_known"] for p in cloud.registry()["printers"] if p["serial"] == serial)


@both_models
def test_all_four_subscriptions_are_granted_and_the_key_proves_it(home, owner, printers, serial):
    topic, frame = f"/phone/maker/{serial}/notice", seal(NOTICE, key_of(home, serial))
    owner.try_subscribe(topic)
    printer = printers(home, serial, answers=False)
    assert [printer.try_subscribe(wanted) < REFUSED for wanted in subscriptions(serial)] == [True] * 4
    assert not bound(home, serial)
    printer.prove_itself(home, serial)
    home.process.await_text("bound to it now")
    printer.publish(topic, frame, qos=1)
    owner.await_heard(lambda t, payload: (t, payload) == (topic, frame))
    assert bound(home, serial)
    home.process.await_text(f"k{KEEPALIVE_S}")
    command = seal(b'{"commandType":1006,"value":250}', key_of(home, serial))
    owner.publish(f"/device/maker/{serial}/command", command, qos=1)
    printer.await_heard(lambda t, payload: payload == command)


def test_what_it_retains_is_received_and_not_kept(home, owner, printers):
    topic, frame = f"/phone/maker/{M5C}/notice", seal(NOTICE, key_of(home, M5C))
    owner.try_subscribe(topic)
    printer = printers(home, M5C)
    printer.publish(topic, frame, qos=1, retain=True)
    printer.prove()
    home.process.await_text("bound to it now")
    printer.publish(topic, frame, qos=1, retain=True)
    owner.await_heard(lambda t, payload: (t, payload) == (topic, frame))
    printer.publish(topic, frame, qos=1, retain=True).wait_for_publish()
    late = tool("mosquitto_sub", home, home.login(ANNE), "-t", topic, "-W", 1)
    assert late.stdout == b""


@both_models
def test_the_serial_number_of_its_name_must_match_every_topic(home, owner, printers, serial):
    other = M5C if serial == M5 else M5
    printer = printers(home, serial, answers=False)
    witness = Witness(home, "admin@example.org")
    assert [printer.try_subscribe(wanted) >= REFUSED for wanted in subscriptions(other)] == [True] * 4
    printer.publish(f"/phone/maker/{other}/notice", seal(NOTICE, key_of(home, other)), qos=1).wait_for_publish()
    assert witness.heard_until_now() == [] and not bound(home, other)
    # It is still known by its own name.
    assert printer.try_subscribe(f"/device/maker/{serial}/query") < REFUSED
    witness.close()


def test_it_is_in_quarantine_until_it_is_proven(home, owner, printers):
    printer, witness = printers(home, M5, answers=False), Witness(home, "admin@example.org")
    owner.try_subscribe(f"/phone/maker/{M5}/notice")
    command = seal(b'{"commandType":1006,"value":250}', key_of(home, M5))
    owner.publish(f"/device/maker/{M5}/command", command, qos=1).wait_for_publish()
    for name in ("smart", "server"):
        witness.publish(f"/{name}/maker/{M5}/command", command, qos=1).wait_for_publish()
    forged = seal(NOTICE, bytes(32))
    printer.publish(f"/phone/maker/{M5}/notice", forged, qos=1).wait_for_publish()
    assert (f"/flagship/quarantine/{M5}", forged) in witness.heard_until_now()
    assert [m for m in printer.heard if m[1] == command] == [] and owner.heard == []
    # Proven, it hears administrators on the two topics that nobody else may use.
    printer.prove_itself(home, M5)
    for name in ("smart", "server"):
        topic = f"/{name}/maker/{M5}/command"
        owner.publish(topic, b"from the owner", qos=1).wait_for_publish()
        assert owner.try_subscribe(topic) >= REFUSED
        witness.publish(topic, command, qos=1)
        printer.await_heard(lambda t, payload, topic=topic: (t, payload) == (topic, command))
    assert not [m for m in printer.heard if m[1] == b"from the owner"]
    witness.close()


def test_a_name_without_a_password_is_no_secret_and_proves_nothing_later(home, owner, printers):
    topic, frame = f"/phone/maker/{M5}/notice", seal(NOTICE, key_of(home, M5))
    owner.try_subscribe(topic)
    printer = printers(home, M5, password=None).prove()
    printer.publish(topic, frame, qos=1)
    owner.await_heard(lambda t, payload: payload == frame)
    assert not bound(home, M5)
    printer.close()
    stranger = printers(home, M5, password=None, client_id="stranger", answers=False)
    witness = Witness(home, "admin@example.org")
    forged = seal(NOTICE, bytes(32))
    stranger.publish(topic, forged, qos=1).wait_for_publish()
    assert witness.heard_until_now() == [(f"/flagship/quarantine/{M5}", forged)]
    witness.close()


def test_another_password_is_refused_at_once_and_named(home, owner, printers):
    first = printers(home, M5).prove()
    home.process.await_text("bound to it now")
    for password in ("another", None):
        assert printers(home, M5, password=password).result == 5
    home.process.await_text(f"as printer {M5}: this printer logged in differently before")
    home.command("pair", "forget", M5)
    first.close()
    assert printers(home, M5, password="another").result == 0


def test_a_printer_that_the_cloud_does_not_know_is_refused_and_named(home, printers):
    assert printers(home, OTHER).result == 5
    home.process.await_text(f"as printer {OTHER}: the cloud has no key of this printer")
    home.command("pair", "open", M5)
    assert printers(home, OTHER).result == 5
    home.command("pair", "open", OTHER)
    assert printers(home, OTHER).result == 0


@pytest.mark.parametrize("name", ["eufy_fdm_", "eufy_fdm_a b", "eufy_fdm_+", "eufy_fdm_" + "A" * 33])
def test_a_printers_name_without_a_serial_number_is_refused(home, name):
    assert tool("mosquitto_sub", home, (name, "x"), "-t", f"/device/maker/{M5}/query", "-E", "-W", "5").returncode != 0
    home.process.await_text("its name is that of a printer without a serial number")


def test_no_account_has_a_printers_name(home, tmp_path):
    folder = tmp_path / "home"
    source = tmp_path / "default.json"
    source.write_text(json.dumps({
        "__type__": "Config", "account": {"__type__": "Account", "auth_token": "t" * 48, "region": "eu",
                                          "user_id": f"fdm_{M5}", "email": "eve@example.org"},
        "printers": [{"__type__": "Printer", "id": "1", "sn": M5, "name": "Left", "model": "V8111", "mqtt_key": "ab" * 32}]}))
    assert run("import", source, HOME=folder).returncode == 0
    result = run("cloud", "adopt", "--dir", home.dir, HOME=folder)
    assert result.returncode == FAILED and "belong to printers" in result.stderr
    assert "eve@example.org" not in home.command("list", "--json")


def test_an_account_looks_on_at_what_is_sent_to_its_own_printers(home, owner):
    home.add_account("bob@example.org", "secret")
    other = Client(home, home.login("bob@example.org"))
    for kind in ("command", "query"):
        topic = f"/device/maker/{M5}/{kind}"
        assert owner.try_subscribe(topic) < REFUSED and other.try_subscribe(topic) >= REFUSED
        frame = seal(b'{"commandType":1006,"value":250}', key_of(home, M5))
        owner.publish(topic, frame, qos=1)
        owner.await_heard(lambda t, payload, topic=topic, frame=frame: (t, payload) == (topic, frame))
    assert other.heard == []
    other.close()
