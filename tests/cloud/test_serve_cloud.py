# SPDX-License-Identifier: MIT
"""flagship serve makes the cloud of its machine, and shows it: from nothing to a printer, by the API alone."""

import contextlib
import json
import os
from urllib.parse import quote

import pytest

from accounts_home import Home
from broker import free_port
from companions import Companions
from gateway import Gateway
from local_cloud import Cloud
from simulator import Simulator

EMAIL, PASSWORD = "owner@example.org", "a good password"
KNOWN, STRANGER = "MADEKNOWN", "MADESTRANGER"
KEY = "5a" * 32


@pytest.fixture(scope="module")
def gateway(tmp_path_factory):
    home = Home(tmp_path_factory.mktemp("made-cloud"))
    with Gateway(home, "--cloud", home.folder / "D") as running:
        running.folder = home.folder
        yield running


@pytest.fixture(scope="module")
def cloud(gateway):
    """Made by the gateway, run by the machine's owner."""
    assert gateway.get("/cloud")["state"] == "none"
    cloud = Cloud(gateway.folder)
    cloud.steps = None  # all is done by the gateway
    cloud.mqtt_port, cloud.api_port = free_port(), free_port()
    change(gateway, "", {"bind": ["127.0.0.1"], "hosts": ["localhost"], "mqtt_port": cloud.mqtt_port, "api_port": cloud.api_port})
    change(gateway, "/accounts", {"email": EMAIL, "password": PASSWORD, "name": "Owner"})
    with cloud:
        yield cloud


def change(gateway, path, body):
    assert gateway.status("POST", f"/cloud{path}", body) == (204, None)


@contextlib.contextmanager
def simulate(cloud, serial, key, *options):
    file = cloud.folder / f"{serial}.key"
    file.write_text(key + "\n")
    file.chmod(0o600)
    printer = Simulator("--broker", cloud.broker, "--ca", cloud.ca, "--serial", serial, "--key-file", file, *options)
    try:
        yield
    finally:
        printer.stop()


def shown(serial):
    return lambda cloud: any(printer["serial"] == serial and printer["connected"] for printer in cloud["status"]["printers"])


def test_from_nothing_to_a_printer(gateway, cloud):
    made = gateway.get("/cloud")
    assert made["state"] == "stopped" and made["folder"] == str(cloud.folder)
    assert made["start"] == [f"flagship cloud run --dir '{cloud.folder}'"]
    assert made["status"]["accounts"] == [EMAIL] and len(made["status"]["ca_sha256"]) == 64
    cloud.start()
    gateway.await_get("/cloud", lambda answer: answer["state"] == "running")
    change(gateway, "/printers", {"serial": KNOWN, "account": EMAIL, "name": "Known", "model": "m5c", "key": KEY})
    with simulate(cloud, KNOWN, KEY):
        gateway.await_get("/cloud", shown(KNOWN))
        (printer,) = gateway.await_get("/printers", lambda printers: printers and printers[0]["online"])
        assert (printer["serial"], printer["name"], printer["model"]) == (KNOWN, "Known", "M5C")
    for secret in (PASSWORD, KEY):
        assert secret not in gateway.log
        assert secret not in str(gateway.get("/cloud"))


def test_a_printer_that_the_cloud_alone_has_keeps_its_name_there(gateway, cloud):
    serial = "NAMEDTHERE"
    if cloud.process is None:
        cloud.start()
    change(gateway, "/printers", {"serial": serial, "account": EMAIL, "name": "Before", "model": "m5c", "key": KEY})

    def rename(name):
        status, answer = gateway.submit(serial, {"command": "rename", "name": name})
        assert (status, answer["outcome"]) == (200, "accepted"), answer
        return answer

    def named():
        return next(printer["name"] for printer in gateway.get("/cloud/list")["printers"] if printer["serial"] == serial)

    with simulate(cloud, serial, KEY):
        gateway.await_get("/printers", lambda printers: any(printer["serial"] == serial and printer["online"] for printer in printers))
        assert rename("-Küche-")["warning"] is None
        assert named() == gateway.get(f"/printers/{serial}")["name"] == "-Küche-"
        registry, aside = cloud.folder / "registry.sqlite", cloud.folder / "aside"
        registry.rename(aside)
        answer = rename("Lost")
        aside.rename(registry)
        assert answer["warning_code"] == "command-name-cloud" and "rename it again" in answer["warning"], answer
        assert named() == "-Küche-"
    change_back = gateway.status("DELETE", f"/cloud/printers/{serial}")
    assert change_back == (204, None)


def test_a_printer_whose_key_is_not_known_is_let_in(gateway, cloud):
    if cloud.process is None:
        cloud.start()
    change(gateway, "/pairing", {"action": "open", "for_s": 600, "serials": [STRANGER]})
    assert gateway.get("/cloud")["status"]["pairing_open"] is True
    password = cloud.folder / "password"
    password.write_text("its secret\n")
    password.chmod(0o600)
    with simulate(cloud, STRANGER, "77" * 32, "--username", "stranger", "--password-file", password, "--scenario", "print", "--at", "50"):
        cloud.process.await_text("waits for approval")
        (claim,) = gateway.get("/cloud/pairing")
        assert (claim["serial"], claim["state"]) == (STRANGER, "waiting")
        change(gateway, "/pairing", {"action": "approve", "serial": STRANGER, "claim": claim["claim"]})
    assert gateway.get("/cloud/pairing") == []
    change(gateway, "/pairing", {"action": "close"})
    status, problem = gateway.status("POST", "/cloud/pairing", {"action": "approve", "serial": "NOBODY"})
    assert status == 409 and "NOBODY" in problem["detail"]


def test_what_is_kept_is_looked_after(gateway, cloud):
    """Names, sharing, tokens, copies, and the end of each: by the API alone, and in the log with who did it."""
    other, serial = "oth/er@example.org", "KEPTPRINTER"
    escaped = quote(other, safe="")
    change(gateway, "/accounts", {"email": other, "password": PASSWORD})
    change(gateway, "/printers", {"serial": serial, "account": EMAIL, "key": KEY})

    def reaches():
        listed = gateway.get("/cloud/list")
        (shown,) = [printer for printer in listed["printers"] if printer["serial"] == serial]
        assert KEY not in str(listed) and shown["key"] == "(hidden)"
        return shown["name"], shown["accounts"]

    def does(method, path, body=None):
        assert gateway.status(method, f"/cloud{path}", body) == (204, None)

    does("PATCH", f"/printers/{serial}", {"name": "Kept <b>", "model": "m5c"})
    does("PUT", f"/printers/{serial}/accounts/{escaped}")
    assert reaches() == ("Kept <b>", [other, EMAIL])
    does("DELETE", f"/printers/{serial}/accounts/{escaped}")
    assert reaches() == ("Kept <b>", [EMAIL])

    before = gateway.get("/cloud/backups")
    change(gateway, "/backups", {})
    made = gateway.get("/cloud/backups")
    assert len(made) == len(before) + 1 and made[0]["name"] == "cloud.sqlite" and made[0]["size"] > 0
    connection = gateway.connection()
    connection.request("GET", "/api/v1/cloud/backups/cloud.sqlite")
    answer = connection.getresponse()
    assert answer.headers["Content-Disposition"].startswith("attachment") and answer.read().startswith(b"SQLite format 3")
    assert gateway.status("GET", "/cloud/backups/ca.key")[0] == 404

    does("PATCH", f"/accounts/{escaped}", {"name": "Other", "password": "another password"})
    (account,) = [account for account in gateway.get("/cloud/list")["accounts"] if account["email"] == other]
    assert (account["name"], account["has_password"]) == ("Other", True)
    does("DELETE", f"/printers/{serial}")
    does("DELETE", f"/accounts/{escaped}")
    listed = gateway.get("/cloud/list")
    assert serial not in [printer["serial"] for printer in listed["printers"]] and other not in [account["email"] for account in listed["accounts"]]
    assert gateway.status("DELETE", f"/cloud/printers/{serial}")[0] == 409
    for said in (f"remove a printer of the cloud who=- by=open from=127.0.0.1 of={serial} outcome=done", "remove an account of the cloud who=- by=open from=127.0.0.1 of=o***@example.org outcome=done"):
        gateway.await_text(said)
    assert "another password" not in gateway.log and other not in gateway.log


def test_a_session_of_the_cloud_is_ended(gateway, cloud, tmp_path):
    if cloud.process is None:
        cloud.start()
    elsewhere = Home(tmp_path)
    logged_in = ("login", "--email", EMAIL, "--api", f"https://localhost:{cloud.api_port}", "--ca", cloud.ca)
    for _ in range(2):
        assert elsewhere.run(*logged_in, stdin=PASSWORD + "\n").returncode == 0
    tokens = gateway.get("/cloud/tokens")
    assert len(tokens) == 2 and {token["account"] for token in tokens} == {EMAIL}
    assert gateway.status("DELETE", f"/cloud/tokens/{tokens[0]['id']}") == (204, None)
    assert [token["id"] for token in gateway.get("/cloud/tokens")] == [tokens[1]["id"]]
    assert gateway.status("DELETE", f"/cloud/tokens/{EMAIL}") == (204, None)
    assert gateway.get("/cloud/tokens") == []


CHANGES_REFUSED = [
    ("PATCH", f"/printers/{KNOWN}", {}), ("PATCH", f"/printers/{KNOWN}", {"name": 7}), ("PATCH", f"/printers/{KNOWN}", {"name": ""}), ("PATCH", f"/printers/{KNOWN}", {"key": "/etc/passwd"}),
    ("PATCH", f"/printers/{KNOWN}", {"serial": "OTHER"}), ("PATCH", f"/printers/{KNOWN}", {"model": "m9"}), ("PATCH", f"/accounts/{EMAIL}", {"password": "a\nb"}),
    ("PATCH", f"/accounts/{EMAIL}", {"country": "Mars"}), ("PATCH", f"/accounts/{EMAIL}", {"password": None}), ("PATCH", "/accounts/nobody", {"name": "x"}),
    ("DELETE", "/printers/--help", None), ("DELETE", "/accounts/@", None), ("PUT", f"/printers/{KNOWN}/accounts/nobody", None), ("DELETE", "/tokens/--json", None), ("POST", "/backups", {"file": "/tmp/x"}),
]


def test_what_a_change_may_not_say(gateway, cloud):
    before = gateway.get("/cloud/list")
    for method, path, body in CHANGES_REFUSED:
        status, problem = gateway.status(method, f"/cloud{path}", body)
        assert status == 400 and problem["detail"], (method, path, body)
    # What looks like an option is none.
    assert gateway.status("DELETE", "/cloud/accounts/--help@example.org")[0] == 409
    assert gateway.get("/cloud/list") == before


REFUSED = [
    ("", {"dir": "/etc"}), ("", {"bind": ["192.0.2.254"]}), ("", {"hosts": ["a b"]}), ("", {"mqtt_port": 0}), ("", {"mqtt_port": 1.5}), ("", {"bind": ["::"] * 5}),
    ("/accounts", {"email": "nobody", "password": PASSWORD}), ("/accounts", {"email": EMAIL, "password": "a\nb"}), ("/accounts", {"email": "e" * 600, "password": "a"}),
    ("/printers", {"serial": "--csv=/etc/passwd"}), ("/printers", {"serial": KNOWN, "key": "/etc/passwd"}), ("/printers", {"serial": KNOWN, "model": "m9"}),
    ("/pairing", {"action": "list"}), ("/pairing", {"action": "open", "for_s": 0}), ("/pairing", {"action": "open", "serials": ["--dir=/etc"]}),
    ("/pairing", {"action": "approve", "serial": "-h"}), ("/pairing", {"action": "approve", "serial": KNOWN, "claim": "--all"}),
    ("/takeover", {"resolver": "resolver"}),
    # What is no text is not as if it were not there: that means all accounts, and whichever claim.
    ("/takeover", {"resolver": 7}), ("/takeover", {"resolver": None}), ("/adopt", {"email": 7}), ("/adopt", {"email": None}), ("/accounts", {"email": EMAIL, "password": PASSWORD, "country": 1}), ("/printers", {"serial": KNOWN, "key": 5}),
    ("/pairing", {"action": "approve", "serial": KNOWN, "claim": 12345678}), ("", {"rsa": "true"}),
]


def settings(gateway):
    status = gateway.get("/cloud")["status"]
    return {name: status[name] for name in ("bind", "hosts", "mqtt_port", "accounts", "pairing_open")}


def test_what_a_request_may_not_say(gateway, cloud):
    before = settings(gateway)
    for path, body in REFUSED:
        status, problem = gateway.status("POST", f"/cloud{path}", body)
        assert status == 400 and problem["detail"], body
    assert settings(gateway) == before


def test_the_way_that_leads_printers_here_is_checked_link_by_link(gateway, cloud):
    status, begun = gateway.status("POST", "/cloud/takeover", {"resolver": "127.0.0.1"})
    assert status == 202 and begun["resolver"] == "127.0.0.1"
    checked = gateway.await_get("/cloud/takeover", lambda check: not check["checking"])
    assert checked["reaches"] is False and checked["problem"] is None
    assert [link["host"] for link in checked["links"]] == ["make-mqtt.ankermake.com", "make-mqtt-eu.ankermake.com", "make-app.ankermake.com", "make-app-eu.ankermake.com"]
    assert {link["found"] for link in checked["links"]} == {"no name"} and all(link["advice"] for link in checked["links"])
    text = gateway.get("/cloud/takeover/dnsmasq?address=192.0.2.7")["text"]
    assert "make-mqtt.ankermake.com/192.0.2.7" in text


def test_what_the_vendors_cloud_had_is_taken_over(tmp_path):
    home = Home(tmp_path)
    stored = {"__type__": "Config", "account": {"auth_token": "t", "region": "eu", "user_id": "0123456789", "email": EMAIL, "__type__": "Account"},
              "printers": [{"id": "0", "sn": KNOWN, "name": "Known", "model": "V8111", "mqtt_key": KEY, "ip_addr": "", "__type__": "Printer"}]}
    (tmp_path / "default.json").write_text(json.dumps(stored))
    assert home.run("import", tmp_path / "default.json", "--broker", "mqtts://127.0.0.1:1", "--offline").returncode == 0
    with Gateway(home, "--cloud", tmp_path / "D") as gateway:
        change(gateway, "", {})
        change(gateway, "/adopt", {})
        status = gateway.get("/cloud")["status"]
        assert status["accounts"] == [EMAIL]
        assert [(printer["serial"], printer["accounts"]) for printer in status["printers"]] == [(KNOWN, [EMAIL])]


def test_what_goes_on_without_who_asked_is_in_the_log(tmp_path):
    companions = Companions(tmp_path / "companions")
    go = tmp_path / "go"
    os.mkfifo(go)
    (tmp_path / "D").mkdir()
    (tmp_path / "D" / "registry.sqlite").touch()
    companions.write("flagship", f'read line < "{go}"')
    with Gateway(Home(tmp_path), "--cloud", tmp_path / "D", **companions.environment) as gateway:
        asker = gateway.connection()
        asker.request("POST", "/api/v1/cloud/pairing", json.dumps({"action": "close"}), {"Content-Type": "application/json"})
        companions.await_pid()
        asker.close()
        gateway.get("/health")  # by when it has heard that he is gone
        go.write_text("on\n")
        gateway.await_text("change pairing of the cloud who=- by=open from=gone of=- outcome=done")


def test_what_was_not_made_cannot_be_looked_at(tmp_path):
    with Gateway(Home(tmp_path), "--cloud", "off") as gateway:
        assert gateway.get("/cloud") == {"state": "off", "folder": None, "address": gateway.get("/cloud")["address"], "start": [], "status": None}
        for path in ("", "/accounts", "/adopt", "/printers", "/pairing", "/takeover"):
            body = {"serial": KNOWN} if path == "/printers" else {"email": EMAIL, "password": PASSWORD} if path == "/accounts" else {"action": "close"} if path == "/pairing" else {}
            status, problem = gateway.status("POST", f"/cloud{path}", body)
            assert status == 409 and "serve.cloud" in problem["detail"]
