# SPDX-License-Identifier: MIT
"""flagship doctor: every link of the chain broken once, and all of them well."""

import contextlib
import datetime
import json
import os
import re
import socket
import subprocess
import threading
import time

import pytest

from broker import Authority, Broker, fingerprint, free_port
from conftest import KEY, SERIAL
from fake_printer import FakePrinter
from process import DEADLINE_S
from program import CANNOT_CONNECT, DONE, FAILED, NO_ANSWER, NOT_ALLOWED, NOT_CONFIGURED, USAGE, run
from test_subscriptions import PLUGIN, closed_broker

__all__ = ["closed_broker"]

OTHER_KEY = "ab" * 32
DAY_S = 86400
SOON = ["--timeout", "1.5"]  # where no answer comes
PATIENT = ["--timeout", DEADLINE_S]  # where one does
BEFORE = ["config", "clock", "dns", "tcp", "tls", "login"]
SUBSCRIPTIONS = ["subscription"] * 4
AFTER = ["query", "reply", "checksum", "decryption", "age"]
CHAIN = BEFORE + SUBSCRIPTIONS + AFTER
OVER_LAN = "lan_"  # what the links of the way over the local network begin with: test_doctor_lan.py


class Report:
    def __init__(self, result):
        self.status = result.returncode
        self.stderr = result.stderr
        self.text = result.stdout
        self.whole = json.loads(result.stdout)
        self.links = [link for link in self.whole["links"] if not link["name"].startswith(OVER_LAN)]
        self.lan = self.whole["links"][len(self.links):]

    def __getitem__(self, name):
        return next(link for link in self.whole["links"] if link["name"] == name)

    def names(self):
        return [link["name"] for link in self.links]


def unix(text):
    return datetime.datetime.fromisoformat(text).timestamp()


def doctor(*arguments, runner=run, **changes):
    return Report(runner("doctor", "--json", *arguments, **changes))


def broken(report, name, status, *, index=None):
    """All links before this one are well and all after it skipped; returns it."""
    index = report.names().index(name) if index is None else index
    assert report.status == status, report.text
    assert report.stderr == ""
    assert report.whole["ok"] is False
    assert [link["ok"] for link in report.links] == [True] * index + [False] + [None] * (len(report.links) - index - 1)
    assert all(link == {"name": link["name"], "ok": None, "skipped": True} | {k: v for k, v in link.items() if k == "topic"}
               for link in report.links[index + 1:])
    link = report.links[index]
    assert link["detail"] and link["advice"]
    return link


@pytest.fixture
def answering(broker, authority):
    """A printer that answers the query for all it knows."""
    def answer(printer, message):
        printer.publish({"commandType": message["commandType"], "reply": 0}, "query/reply")

    fake = FakePrinter(SERIAL, broker.port, authority.certificate, KEY, answer=answer)
    yield fake
    fake.stop()


def key_at(path, key):
    path.write_text(key + "\n")
    path.chmod(0o600)
    return path


def remember(home, tmp_path, *printers):
    """Stores an account with these printers: (serial, name, key)."""
    path = tmp_path / "default.json"
    path.write_text(json.dumps({
        "__type__": "Config",
        "account": {"__type__": "Account", "auth_token": "token", "region": "eu", "user_id": "0123", "email": "owner@example.com"},
        "printers": [{"__type__": "Printer", "id": "1", "sn": serial, "name": name, "model": "V8111", "mqtt_key": key}
                     for serial, name, key in printers]}))
    result = home.run("import", path)
    assert result.returncode == DONE, result.stderr


# --- all is well ---


@pytest.mark.parametrize("model", ["m5", "m5c", "e1"])
def test_all_is_well(connection, simulate, model):
    simulate(*connection(), "--model", model)
    started = time.monotonic()
    report = doctor(*connection())
    took_ms = (time.monotonic() - started) * 1000
    assert report.status == DONE, report.text
    assert report.stderr == ""
    assert report.whole["ok"] is True
    assert report.names() == CHAIN
    for link in report.links:
        assert link["ok"] is True
        assert link["detail"]
        assert link["advice"] is None
        assert 0 <= link["elapsed_ms"] <= took_ms
    assert [link["topic"] for link in report.links if link["name"] == "subscription"] == [
        f"/phone/maker/{SERIAL}/{name}" for name in ("notice", "command/reply", "query/reply", "change_notice")]


def test_what_it_tells(connection, broker, certificate, answering):
    report = doctor(*connection())
    assert report.status == DONE, report.text
    assert f"localhost:{broker.port}" in report["config"]["detail"]
    assert report["dns"]["addresses"][0] in ("127.0.0.1", "::1")
    assert report["dns"]["looks_like"] == "local"
    assert report["dns"]["aliases"] == []
    shown = report["tls"]["certificate"]
    assert shown["sha256"] == fingerprint(certificate[0]).replace(":", "").lower()
    assert (shown["subject"], shown["issuer"], shown["pinned"]) == ("CN=broker", "CN=flagship test CA", False)
    assert unix(shown["not_before"]) <= time.time() < unix(shown["not_after"])
    assert report["tls"]["protocol"] == "TLSv1.3"
    assert [message["commandType"] for message in answering.received] == [1027]


def test_for_people(connection, answering):
    result = run("doctor", *connection())
    assert result.returncode == DONE, result.stdout
    *links, lan, last = result.stdout.splitlines()
    assert [re.fullmatch(r"✓ (\w+) +\d+ ms  \S.*", line)[1] for line in links] == CHAIN
    assert re.fullmatch(r"- lan_address +no account tells where it is; --address looks at one", lan)
    assert last == "All is well."


def test_for_people_where_it_is_broken(connection):
    result = run("doctor", *connection(url=f"mqtts://127.0.0.1:{free_port()}"))
    assert result.returncode == CANNOT_CONNECT
    assert re.search(r"^✗ tcp +\d+ ms  no connection to port \d+: 127.0.0.1: Connection refused\n +→ nothing listens there",
                     result.stdout, re.MULTILINE)
    assert len(re.findall(r"^- \w+ +skipped", result.stdout, re.MULTILINE)) == len(CHAIN) - 4


def test_an_address_needs_no_dns(connection, broker, answering):
    report = doctor(*connection(url=f"mqtts://127.0.0.1:{broker.port}"))
    assert report.status == DONE, report.text
    assert "nothing to look up" in report["dns"]["detail"]


def test_a_pinned_certificate(connection, certificate, broker, key_file, answering):
    report = doctor("--broker", broker.url, "--pin", fingerprint(certificate[0]), "--serial", SERIAL, "--key-file", key_file)
    assert report.status == DONE, report.text
    assert report["tls"]["certificate"]["pinned"] is True


def test_a_printer_that_is_stored(home, tmp_path, broker, authority, answering):
    remember(home, tmp_path, (SERIAL, "Left", KEY), ("AK7OTHER00000001", "Right", OTHER_KEY))
    home.settings(f"[broker]\nurl = {broker.url}\nca = {authority.certificate}\n")
    report = doctor("-p", "left", runner=home.run)
    assert report.status == DONE, report.text
    assert f"Left ({SERIAL})" in report["config"]["detail"]
    assert "stored key" in report["decryption"]["detail"]
    topics = [link["topic"] for link in report.links if link["name"] == "subscription"]
    assert topics[-1].startswith("/phone/user/") and len(topics) == 5
    for secret in (KEY, "owner@example.com"):
        assert secret not in report.text


def test_without_tls(tmp_path, key_file):
    with Broker(tmp_path, None, None, plain=True) as broker:
        report = doctor("--broker", broker.url, "--serial", SERIAL, "--key-file", key_file, *SOON)
    broken(report, "reply", NO_ANSWER)
    assert "in clear" in report["tls"]["detail"]


# --- config and clock ---


def test_no_configuration(home):
    report = doctor(runner=home.run)
    link = broken(report, "config", NOT_CONFIGURED)
    assert "flagship login" in link["advice"]
    assert set(report.names()) == set(CHAIN)


@pytest.mark.parametrize(("left_out", "said"), [("--broker", "--broker"), ("--serial", "--serial"), ("--key-file", "key")])
def test_something_is_missing(home, connection, left_out, said):
    options = connection()
    place = options.index(left_out)
    report = doctor(*options[:place], *options[place + 2:], runner=home.run)
    assert said in broken(report, "config", NOT_CONFIGURED)["detail"]


def test_no_accounts_where_they_are_named(home):
    link = broken(doctor("--accounts", home.folder / "absent.json", runner=home.run), "config", NOT_CONFIGURED)
    assert link["detail"] == f"{home.folder / 'absent.json'}: No such file or directory" and "gateway.json" in link["advice"]


def test_an_unknown_printer(home, tmp_path):
    remember(home, tmp_path, (SERIAL, "Left", KEY))
    link = broken(doctor("-p", "Right", runner=home.run), "config", NOT_CONFIGURED)
    assert "'Right'" in link["detail"] and "Left" in link["detail"]


def test_no_ca_file(connection, tmp_path):
    link = broken(doctor(*connection(ca=tmp_path / "absent.pem")), "config", NOT_CONFIGURED)
    assert "absent.pem" in link["detail"]


def test_wrong_use(connection):
    result = run("doctor", *connection(), "--nonsense")
    assert result.returncode == USAGE and result.stdout == ""


def test_a_clock_that_is_behind(connection, authority, tmp_path):
    ca = tmp_path / "ca.pem"
    ca.write_bytes(authority.certificate.read_bytes())
    later = time.time() + 2 * DAY_S
    os.utime(ca, (later, later))
    link = broken(doctor(*connection(ca=ca)), "clock", FAILED)
    assert str(ca) in link["detail"] and "NTP" in link["advice"]


# --- the network ---


def test_a_name_that_is_none(connection):
    link = broken(doctor(*connection(url="mqtts://no-such-broker.invalid")), "dns", CANNOT_CONNECT)
    assert "no-such-broker.invalid" in link["detail"]


def test_a_closed_port(connection):
    link = broken(doctor(*connection(url=f"mqtts://localhost:{free_port()}")), "tcp", CANNOT_CONNECT)
    assert "refused" in link["detail"]


def test_another_ca(connection, tmp_path, certificate):
    stranger = Authority(tmp_path / "stranger", "another CA")
    link = broken(doctor(*connection(ca=stranger.certificate)), "tls", CANNOT_CONNECT)
    assert "CN=flagship test CA" in link["detail"]
    assert link["certificate"]["sha256"] == fingerprint(certificate[0]).replace(":", "").lower()


def test_another_pin(broker, certificate, key_file):
    link = broken(doctor("--broker", broker.url, "--pin", "00" * 32, "--serial", SERIAL, "--key-file", key_file), "tls", CANNOT_CONNECT)
    assert "00" * 32 in link["detail"]
    assert fingerprint(certificate[0]).replace(":", "").lower() in link["detail"]


def test_an_expired_certificate(tmp_path, authority, connection):
    with Broker(tmp_path, *authority.issue("doctor-expired", days=-1)) as expired:
        link = broken(doctor(*connection(url=expired.url)), "tls", CANNOT_CONNECT)
    assert "expired" in link["detail"]
    assert "renewed" in link["advice"] and "clock" in link["advice"]
    assert unix(link["certificate"]["not_after"]) < time.time()


def test_a_certificate_of_another_name(tmp_path, authority, connection):
    with Broker(tmp_path, *authority.issue("doctor-name", san="DNS:broker.example")) as other:
        broken(doctor(*connection(url=other.url)), "tls", CANNOT_CONNECT)


def test_a_port_without_tls(tmp_path, connection):
    with Broker(tmp_path, None, None, plain=True) as plain:
        link = broken(doctor(*connection(url=plain.url.replace("mqtt:", "mqtts:")), *SOON), "tls", CANNOT_CONNECT)
    assert "mqtt://" in link["advice"]


# --- the broker ---


@pytest.fixture
def guarded(tmp_path, certificate):
    passwords = tmp_path / "passwords"
    subprocess.run(["mosquitto_passwd", "-b", "-c", str(passwords), "owner", "right"], check=True, capture_output=True)
    passwords.chmod(0o644)
    with Broker(tmp_path, *certificate, settings=("allow_anonymous false", f"password_file {passwords}")) as broker:
        yield broker


def test_a_refused_login(guarded, connection, tmp_path):
    options = ["--username", "owner", "--password-file", key_at(tmp_path / "password", "wrong")]
    report = doctor(*connection(url=guarded.url), *options)
    assert "refused the login" in broken(report, "login", CANNOT_CONNECT)["detail"]


def test_a_refused_login_that_is_stored(guarded, authority, home, tmp_path):
    remember(home, tmp_path, (SERIAL, "Left", KEY))
    home.settings(f"[broker]\nurl = {guarded.url}\nca = {authority.certificate}\n")
    assert "flagship refresh" in broken(doctor(runner=home.run), "login", CANNOT_CONNECT)["advice"]


@pytest.mark.skipif(PLUGIN is None, reason="mosquitto has no dynamic security plugin here")
def test_a_refused_subscription(closed_broker, connection):
    link = broken(doctor(*connection(url=closed_broker.url)), "subscription", NOT_ALLOWED)
    assert link["topic"] == f"/phone/maker/{SERIAL}/notice"
    assert "ACL" in link["advice"]


class HalfBroker(threading.Thread):
    """Takes the login; then grants what `granted` says, and acknowledges nothing; hangs up where that is None."""

    CONNACK = bytes([0x20, 2, 0, 0])

    def __init__(self, granted):
        super().__init__(daemon=True)
        self.granted = granted
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"mqtt://127.0.0.1:{self.listener.getsockname()[1]}"

    def run(self):
        # The first connection only looks whether somebody listens.
        with contextlib.suppress(OSError):
            self.listener.accept()[0].close()
            with self.listener.accept()[0] as client:
                client.recv(4096)
                client.sendall(self.CONNACK)
                packet = client.recv(4096)
                if self.granted is None:
                    return
                # All fits into one byte of length, or two.
                number = packet[3:5] if packet[1] & 0x80 else packet[2:4]
                client.sendall(bytes([0x90, 2 + len(self.granted)]) + number + bytes(self.granted))
                while client.recv(4096):
                    pass

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.listener.close()


def half(granted, key_file):
    with HalfBroker(granted) as broker:
        return doctor("--broker", broker.url, "--serial", SERIAL, "--key-file", key_file, *SOON)


@pytest.mark.parametrize("index", [0, 1, 2])
def test_each_subscription_is_reported(key_file, index):
    report = half([0x80 if i == index else 1 for i in range(4)], key_file)
    link = broken(report, "subscription", NOT_ALLOWED, index=len(BEFORE) + index)
    assert link["topic"] in link["detail"]


def test_a_broker_that_hangs_up_on_subscriptions(key_file):
    broken(half(None, key_file), "subscription", NOT_ALLOWED)


def test_a_query_that_nobody_takes(key_file):
    report = half([1, 1, 1, 0x80], key_file)
    broken(report, "query", NO_ANSWER)
    assert "nothing depends on it" in report.links[len(BEFORE) + 3]["detail"]


# --- the printer ---


def test_a_silent_printer(connection):
    link = broken(doctor(*connection("DOCTORSILENT"), *SOON), "reply", NO_ANSWER)
    assert "1.5 s" in link["detail"] and "DOCTORSILENT" in link["detail"]


def test_what_the_broker_kept_is_no_answer(broker, authority, connection):
    serial = "DOCTORKEPT"
    fake = FakePrinter(serial, broker.port, authority.certificate, KEY)
    then = int(time.time()) - DAY_S
    made = run("encode", "--binary", "--time", then, '{"commandType":1000,"subType":1,"value":0}', FLAGSHIP_KEY=KEY)
    fake.client.publish(f"/phone/maker/{serial}/notice", made.raw, qos=1, retain=True).wait_for_publish(DEADLINE_S)
    fake.stop()
    link = broken(doctor(*connection(serial), *SOON), "reply", NO_ANSWER)
    assert time.strftime("%Y-%m-%d %H:%M", time.gmtime(then)) in link["detail"]


def test_damaged_messages(broker, authority, connection):
    def answer(printer, _message):
        made = run("encode", "--binary", '{"commandType":1027}', FLAGSHIP_KEY=KEY)
        printer.publish_bytes(made.raw[:-1] + bytes([made.raw[-1] ^ 1]), "query/reply")

    fake = FakePrinter("DOCTORDAMAGED", broker.port, authority.certificate, KEY, answer=answer)
    link = broken(doctor(*connection("DOCTORDAMAGED")), "checksum", FAILED)
    fake.stop()
    assert "checksum" in link["detail"]


def test_a_wrong_key(connection, simulate, tmp_path):
    simulate(*connection(), "--model", "m5c", "--scenario", "print", "--speed", "20")
    options = connection()
    options[-1] = key_at(tmp_path / "wrong", OTHER_KEY)
    link = broken(doctor(*options), "decryption", FAILED)
    assert "--key-file" in link["advice"]


def test_the_key_of_another_printer_fits(home, tmp_path, broker, authority, connection, answering):
    """The printer is silent: it cannot decrypt the query, until it comes in the other key."""
    remember(home, tmp_path, (SERIAL, "Left", OTHER_KEY), ("AK7OTHER00000001", "Right", KEY))
    home.settings(f"[broker]\nurl = {broker.url}\nca = {authority.certificate}\n")
    link = broken(doctor("-p", "Left", *PATIENT, runner=home.run), "decryption", FAILED)
    assert "Right (AK7OTHER00000001)" in link["detail"]
    assert link["fitting_key_of"] == {"printer": "AK7OTHER00000001", "name": "Right"}
    assert "refresh" in link["advice"]


def test_the_stored_key_fits_and_not_the_given_one(home, tmp_path, connection, answering):
    remember(home, tmp_path, (SERIAL, "Left", KEY))
    options = connection()
    options[-1] = key_at(tmp_path / "wrong", OTHER_KEY)
    link = broken(doctor(*options, *PATIENT, runner=home.run), "decryption", FAILED)
    assert f"Left ({SERIAL})" in link["detail"] and "-p" in link["advice"]


def test_no_stored_key_fits(home, tmp_path, connection, simulate):
    simulate(*connection(), "--model", "m5c", "--scenario", "print", "--speed", "20")
    remember(home, tmp_path, ("AK7OTHER00000001", "Right", "cd" * 32))
    options = connection()
    options[-1] = key_at(tmp_path / "wrong", OTHER_KEY)
    link = broken(doctor(*options, runner=home.run), "decryption", FAILED)
    assert "nor does any other" in link["detail"]


@pytest.mark.parametrize("skew", [-7200, 7200])
def test_a_printer_whose_clock_is_wrong(connection, simulate, skew):
    simulate(*connection(), "--model", "m5", "--fault", f"clock-skew={skew}")
    link = broken(doctor(*connection()), "age", NO_ANSWER)
    assert "NTP" in link["advice"]
