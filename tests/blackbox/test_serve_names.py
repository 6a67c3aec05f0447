# SPDX-License-Identifier: MIT
"""A printer that is renamed through flagship serve: the name is kept, and shown to all at once."""

import fcntl
import json
import signal
import time

import pytest

from accounts_home import Home
from conftest import KEY
from fake_printer import FakePrinter
from gateway import Gateway
from process import until
from program import DONE
from simulator import Simulator
from test_serve import keep_printers

SERIAL = "NAMESLEFT"
RENAME = 1034
JSON = {"Content-Type": "application/json"}
KEPT_FOR_S = 0.9  # of the second that names which are being kept hold up an end


@pytest.fixture
def home(tmp_path, broker, authority):
    home = Home(tmp_path)
    keep_printers(home, broker, authority, {"Left": SERIAL})
    return home


@pytest.fixture
def printer(connection):
    printer = Simulator(*connection(SERIAL), "--model", "m5c")
    yield printer
    printer.stop()


def stored(home):
    (account,) = home.accounts().values()
    return [printer["name"] for printer in account["printers"]]


def rename(gateway, name, **more):
    gateway.await_get(f"/printers/{SERIAL}", lambda printer: printer["online"])
    return gateway.submit(SERIAL, {"command": "rename", "name": name, **more})


def test_a_new_name_is_shown_at_once_and_kept(home, printer):
    with Gateway(home) as gateway:
        stream = gateway.events(f"?printer={SERIAL}")
        assert stream.next()[1]["printers"][0]["name"] == "Left"
        status, answer = rename(gateway, "Küche \"2\"")
        assert (status, answer["outcome"], answer["warning"]) == (200, "accepted", None), answer
        assert gateway.get(f"/printers/{SERIAL}")["name"] == "Küche \"2\""
        stream.until(lambda message: message["type"] == "patch" and message["patch"].get("name") == "Küche \"2\"")
        stream.close()
        connection = gateway.connection()
        connection.request("GET", "/metrics")
        metrics = connection.getresponse().read().decode()
        connection.close()
        assert "K\u00fcche \\\"2\\\"" in metrics and '"Left"' not in metrics
        gateway.await_text("a printer has a new name")
    assert stored(home) == ["Küche \"2\""]
    with Gateway(home) as gateway:
        assert gateway.get(f"/printers/{SERIAL}")["name"] == "Küche \"2\""


def test_a_name_that_is_kept_while_the_gateway_ends(home, printer):
    """The gateway waits for what it began."""
    with Gateway(home) as gateway:
        assert rename(gateway, "Last")[0] == 200
    assert stored(home) == ["Last"]


def test_printers_stay_while_a_name_is_being_kept(home, printer, broker):
    """Others look at them while the gateway ends: they are not gone before that, which is given a second."""
    with Gateway(home) as gateway, open(home.store.with_name(".accounts.json.lock"), "w", encoding="utf-8") as lock:
        gateway.await_get(f"/printers/{SERIAL}", lambda printer: printer["online"])
        client = [line for line in broker.process.log.splitlines() if "Sending PUBLISH to" in line and f"/phone/maker/{SERIAL}/" in line][-1].split()[4]
        fcntl.flock(lock, fcntl.LOCK_EX)
        connection = gateway.connection()
        connection.request("POST", f"/api/v1/printers/{SERIAL}/commands", json.dumps({"command": "rename", "name": "Last"}), JSON)
        gateway.await_get(f"/printers/{SERIAL}", lambda printer: printer["name"] == "Last")
        begun = time.monotonic()
        gateway.signal(signal.SIGTERM)
        broker.process.await_text(f"Client {client} disconnected")
        assert time.monotonic() - begun > KEPT_FOR_S
        assert connection.getresponse().status == 503
        connection.close()


def test_what_holds_the_file_does_not_keep_the_history_from_its_end(home, printer):
    with Gateway(home) as gateway, open(home.store.with_name(".accounts.json.lock"), "w", encoding="utf-8") as lock:
        gateway.await_get(f"/printers/{SERIAL}", lambda printer: printer["online"])
        fcntl.flock(lock, fcntl.LOCK_EX)
        connection = gateway.connection()
        connection.request("POST", f"/api/v1/printers/{SERIAL}/commands", json.dumps({"command": "rename", "name": "Last"}), JSON)
        gateway.await_get(f"/printers/{SERIAL}", lambda printer: printer["name"] == "Last")
        gateway.signal(signal.SIGTERM)
        assert connection.getresponse().status == 503
        connection.close()
        assert gateway.await_end() == 0 and "did not end in time" not in gateway.log, gateway.log
    assert stored(home) == ["Left"]


def test_the_last_of_several_names_stays(home, printer):
    with Gateway(home) as gateway:
        for number in range(5):
            assert rename(gateway, f"Name {number}")[0] == 200
    assert stored(home) == ["Name 4"]


def test_what_holds_the_file_holds_up_who_renames_alone(home, printer):
    with Gateway(home) as gateway, open(home.store.with_name(".accounts.json.lock"), "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        gateway.await_get(f"/printers/{SERIAL}", lambda printer: printer["online"])
        connection = gateway.connection()
        connection.request("POST", f"/api/v1/printers/{SERIAL}/commands", json.dumps({"command": "rename", "name": "Patient"}), JSON)
        gateway.await_get(f"/printers/{SERIAL}", lambda printer: printer["name"] == "Patient")
        (command,) = gateway.get(f"/printers/{SERIAL}/commands")
        assert command["outcome"] is None and stored(home) == ["Left"]
        fcntl.flock(lock, fcntl.LOCK_UN)
        answer = json.loads(connection.getresponse().read())
        connection.close()
        assert (answer["outcome"], answer["warning"]) == ("accepted", None)
        assert stored(home) == ["Patient"]


def test_a_name_that_cannot_be_kept_is_told(home, printer):
    with Gateway(home) as gateway:
        text = home.store.read_text(encoding="utf-8")
        home.store.unlink()
        home.store.mkdir()
        status, answer = rename(gateway, "Lost")
        assert (status, answer["outcome"], answer["warning_code"]) == (200, "accepted", "command-name-lost"), answer
        assert str(home.store) in answer["warning_arguments"]["why"] and "rename it again" in answer["warning"]
        assert gateway.get(f"/commands/{answer['id']}")["warning"] == answer["warning"]
        assert any("cannot be kept here" in line and SERIAL in line for line in gateway.await_text("cannot be kept here"))
        home.store.rmdir()
        home.store.write_text(text, encoding="utf-8")


@pytest.mark.parametrize("name", ["a\tb", "   ", "\x1b[31m", "left\u202eright"])
def test_a_name_that_is_no_clean_text_is_refused(home, printer, name):
    with Gateway(home) as gateway:
        status, answer = rename(gateway, name)
        assert (status, answer["outcome"]) == (409, "refused"), answer
        assert home.run("rename", "-p", SERIAL, name).returncode == 7
        assert gateway.get(f"/printers/{SERIAL}")["name"] == "Left"
    assert stored(home) == ["Left"]


def test_a_name_that_force_sent_is_not_kept(home, printer):
    with Gateway(home) as gateway:
        status, answer = rename(gateway, "a\u202eb", force=True)
        assert (status, answer["outcome"], answer["warning_code"]) == (200, "accepted", "command-name-unclean"), answer
        gateway.await_text("a name that is not kept here")
        assert gateway.get(f"/printers/{SERIAL}")["name"] == "Left"
    assert stored(home) == ["Left"]


@pytest.mark.parametrize("name, status", [("x" * 64, 200), ("x" * 65, 400), ("ü" * 33, 400)])
def test_a_name_is_as_long_as_the_command_line_takes_it(home, printer, name, status):
    with Gateway(home) as gateway:
        assert rename(gateway, name)[0] == status


def test_a_name_that_the_printer_did_not_take_changes_nothing(home, connection):
    printer = Simulator(*connection(SERIAL), "--model", "m5c", "--fault", "refuse")
    try:
        with Gateway(home) as gateway:
            status, answer = rename(gateway, "Refused")
            assert (status, answer["outcome"]) == (409, "refused"), answer
            assert gateway.get(f"/printers/{SERIAL}")["name"] == "Left"
        assert stored(home) == ["Left"]
    finally:
        printer.stop()


def test_a_name_that_nobody_waits_for_is_kept_once_it_was_taken(home, printer):
    with Gateway(home) as gateway:
        gateway.await_get(f"/printers/{SERIAL}", lambda printer: printer["online"])
        sent = home.run("rename", "--no-wait", "-p", SERIAL, "Unwaited")
        assert sent.returncode == DONE, sent.stderr
        gateway.await_text("a printer has a new name")
        assert stored(home) == ["Unwaited"] and gateway.get(f"/printers/{SERIAL}")["name"] == "Unwaited"
        status, answer = gateway.submit(SERIAL, {"command": "rename", "name": "Later"}, headers={"Prefer": "respond-async"})
        assert (status, answer["outcome"]) == (202, None), answer
        told = gateway.await_get(f"/commands/{answer['id']}", lambda command: command["outcome"])
        assert (told["outcome"], told["warning"]) == ("accepted", None) and stored(home) == ["Later"]


def test_a_name_that_is_taken_late_is_kept(home, connection, simulate):
    simulate(*connection(SERIAL), "--model", "m5c", "--fault", "late-replies=3")
    with Gateway(home) as gateway:
        status, answer = rename(gateway, "Late", timeout_s=1)
        assert (status, answer["outcome"]) == (504, "unanswered"), answer
        assert gateway.get(f"/printers/{SERIAL}")["name"] == "Left"
        gateway.await_text("a printer has a new name")
        assert stored(home) == ["Late"]


def test_a_name_that_nobody_waits_for_and_that_is_refused_changes_nothing(home, broker, authority):
    """The next one is taken: what was refused before it is no name any more."""

    def answer(printer, message):
        if message.get("commandType") == RENAME:
            printer.reply(commandType=RENAME, reply=0 if message["devName"] == "Second" else 1)

    printer = FakePrinter(SERIAL, broker.port, authority.certificate, KEY, answer)
    with Gateway(home) as gateway:
        until(lambda: printer.publish({"commandType": 1000, "subType": 1, "value": 0}) or gateway.get(f"/printers/{SERIAL}")["online"])
        for name in ("First", "Second"):
            sent = home.run("rename", "--no-wait", "--force", "-p", SERIAL, name)
            assert sent.returncode == DONE, sent.stderr
        named = next(line for line in gateway.await_text("a printer has a new name") if "a printer has a new name" in line)
        assert "Second" in named and stored(home) == ["Second"]
    printer.stop()


@pytest.mark.parametrize("way", [(), ("--direct",)])
def test_every_gateway_shows_what_the_command_line_named(home, printer, way):
    with Gateway(home) as gateway, Gateway(home, "--dir", home.folder / "second") as second:
        gateway.await_get(f"/printers/{SERIAL}", lambda printer: printer["online"])
        renamed = home.run("rename", "-p", "Left", "Workshop", *way)
        assert renamed.returncode == DONE, renamed.stderr
        assert stored(home) == ["Workshop"] and "Workshop" in home.run("printers", "--offline").stdout
        for one in (gateway, second):
            one.await_get(f"/printers/{SERIAL}", lambda printer: printer["name"] == "Workshop")
