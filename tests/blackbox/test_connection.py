# SPDX-License-Identifier: MIT
"""How a command connects, and what it says where it cannot."""

import contextlib
import json
import re
import signal
import socket
import subprocess
import threading

import pytest

from broker import Broker, fingerprint, free_port
from conftest import KEY, SERIAL
from process import Process
from program import CANNOT_CONNECT, DONE, FAILED, FLAGSHIP, NOT_CONFIGURED, USAGE, environment, run

NOT_ALLOWED = 5
OTHER_PIN = "00" * 32


def status(*options, **environment_changes):
    return run("status", "--json", "--timeout", "10", *options, **environment_changes)


@pytest.fixture(scope="module", autouse=True)
def printer(connection):
    """One idle printer for the whole file."""
    process = Process(FLAGSHIP, "simulate", *connection(), "--model", "m5", "--scenario", "idle", env=environment())
    process.await_text("publishing")
    yield process
    assert process.stop() == DONE


@pytest.fixture
def without_trust(broker, key_file):
    return ["--broker", broker.url, "--serial", SERIAL, "--key-file", key_file]


def test_trusts_a_ca_file(connection):
    result = status(*connection())
    assert result.returncode == DONE, result.stderr
    assert f'"serial":"{SERIAL}"' in result.stdout


def test_options_may_stand_before_the_command_s_arguments_or_after(connection):
    before = run("gcode", *connection(), "M105")
    after = run("gcode", "M105", *connection())
    assert before.returncode == after.returncode == DONE, before.stderr + after.stderr


def test_speaks_mqtt_5(connection):
    result = status(*connection(), "--mqtt5")
    assert result.returncode == DONE, result.stderr


def test_trusts_a_pinned_certificate(without_trust, certificate):
    for pin in (fingerprint(certificate[0]), fingerprint(certificate[0]).replace(":", "").lower()):
        result = status(*without_trust, "--pin", pin)
        assert result.returncode == DONE, result.stderr


def test_a_wrong_pin_shows_both_fingerprints(without_trust, certificate):
    result = status(*without_trust, "--pin", OTHER_PIN)
    assert result.returncode == CANNOT_CONNECT
    assert OTHER_PIN in result.stderr
    assert fingerprint(certificate[0]).replace(":", "").lower() in result.stderr


def test_the_system_store_does_not_know_the_broker(without_trust):
    result = status(*without_trust)
    assert result.returncode == CANNOT_CONNECT
    assert "not trusted" in result.stderr and "--ca" in result.stderr


def test_insecure_connects_and_warns(without_trust):
    result = status(*without_trust, "--insecure")
    assert result.returncode == DONE
    assert "warning" in result.stderr and "not checked" in result.stderr


def test_another_host_name_is_refused(tmp_path, authority, connection):
    other = authority.issue("other", san="DNS:other.example")
    with Broker(tmp_path, *other) as broker:
        result = status(*connection(url=broker.url))
    assert result.returncode == CANNOT_CONNECT
    assert "hostname mismatch" in result.stderr.lower()
    assert fingerprint(other[0]).replace(":", "").lower() in result.stderr


def test_an_expired_certificate_is_refused(tmp_path, authority, connection):
    expired = authority.issue("expired", days=-1)
    with Broker(tmp_path, *expired) as broker:
        result = status(*connection(url=broker.url))
    assert result.returncode == CANNOT_CONNECT
    assert "expired" in result.stderr


def test_an_address_is_checked_as_an_address(connection, broker):
    result = status(*connection(url=f"mqtts://127.0.0.1:{broker.port}"))
    assert result.returncode == DONE, result.stderr


@pytest.fixture
def guarded(tmp_path, certificate):
    """A broker that knows one login, which may follow nothing."""
    passwords, rules = tmp_path / "passwords", tmp_path / "acl"
    subprocess.run(["mosquitto_passwd", "-b", "-c", str(passwords), "owner", "right"], check=True, capture_output=True)
    rules.write_text("user owner\ntopic read nothing\n")
    passwords.chmod(0o644)
    settings = ("allow_anonymous false", f"password_file {passwords}", f"acl_file {rules}")
    with Broker(tmp_path, *certificate, settings=settings) as broker:
        yield broker


def password_file(tmp_path, password):
    path = tmp_path / "password"
    path.write_text(password + "\n")
    path.chmod(0o600)
    return path


@pytest.mark.parametrize("extra", [[], ["--mqtt5"]])
def test_a_refused_login_says_so_at_once(tmp_path, guarded, connection, extra):
    options = ["--username", "owner", "--password-file", password_file(tmp_path, "wrong")]
    result = status(*connection(url=guarded.url), *options, *extra)
    assert result.returncode == CANNOT_CONNECT
    assert "refused the login" in result.stderr
    assert "wrong" not in result.stderr


def test_no_login_where_one_is_wanted(guarded, connection):
    result = status(*connection(url=guarded.url))
    assert result.returncode == CANNOT_CONNECT
    assert "refused the login" in result.stderr


def test_logs_in(tmp_path, certificate, connection, simulate):
    passwords = tmp_path / "passwords"
    subprocess.run(["mosquitto_passwd", "-b", "-c", str(passwords), "owner", "right"], check=True, capture_output=True)
    passwords.chmod(0o644)
    settings = ("allow_anonymous false", f"password_file {passwords}")
    login = ["--username", "owner", "--password-file", password_file(tmp_path, "right")]
    with Broker(tmp_path, *certificate, settings=settings) as broker:
        simulate(*connection(url=broker.url), *login)
        result = status(*connection(url=broker.url), *login)
    assert result.returncode == DONE, result.stderr


def test_a_password_needs_a_user_name(tmp_path, connection):
    result = status(*connection(), "--password-file", password_file(tmp_path, "right"))
    assert result.returncode == NOT_CONFIGURED
    assert "--username" in result.stderr


def test_works_without_tls(tmp_path, key_file, simulate):
    with Broker(tmp_path, None, None, plain=True) as broker:
        options = ["--broker", broker.url, "--serial", SERIAL, "--key-file", key_file]
        simulate(*options)
        result = status(*options)
    assert result.returncode == DONE, result.stderr


def test_a_closed_port_names_the_broker(connection):
    port = free_port()
    result = status(*connection(url=f"mqtts://localhost:{port}"))
    assert result.returncode == CANNOT_CONNECT
    assert f"localhost:{port}" in result.stderr and "refused" in result.stderr and SERIAL in result.stderr


def test_an_unknown_name_is_reported_as_such(connection):
    result = status(*connection(url="mqtts://broker.invalid:8789"))
    assert result.returncode == CANNOT_CONNECT
    assert "broker.invalid" in result.stderr


def test_a_port_without_tls_is_reported_as_such(tmp_path, connection):
    with Broker(tmp_path, None, None, plain=True) as broker:
        result = status(*connection(url=f"mqtts://localhost:{broker.port}"))
    assert result.returncode == CANNOT_CONNECT
    assert f"localhost:{broker.port}" in result.stderr
    assert "TLS failed" in result.stderr and "check that this port is the broker's for TLS" in result.stderr


def test_a_port_with_tls_is_reported_as_such(broker, key_file):
    url = f"mqtt://localhost:{broker.port}"
    result = status("--broker", url, "--serial", SERIAL, "--key-file", key_file)
    assert result.returncode == CANNOT_CONNECT
    assert "use mqtts:// if this port wants TLS" in result.stderr


def test_a_broker_that_never_answers_is_given_up(connection):
    with contextlib.closing(socket.socket()) as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        result = status(*connection(url=f"mqtts://127.0.0.1:{silent.getsockname()[1]}"), "--timeout", "2")
    assert result.returncode == CANNOT_CONNECT
    assert "no connection" in result.stderr


@pytest.mark.parametrize("missing", ["--broker", "--serial", "--key-file"])
def test_says_which_option_is_missing(connection, missing):
    options = connection()
    place = options.index(missing)
    result = status(*options[:place], *options[place + 2:])
    assert result.returncode == NOT_CONFIGURED
    assert missing in result.stderr


@pytest.mark.parametrize("url", ["http://x", "mqtts://", "mqtts://:1", "mqtts://h:0", "mqtts://h:65536", "mqtts://h:x",
                                 "mqtts://[::1", "mqtts://h/x"])
def test_refuses_what_is_no_broker(connection, url):
    result = status(*connection(url=url))
    assert result.returncode == USAGE
    assert url in result.stderr


@pytest.mark.parametrize("url", ["mqtts://user@h", "mqtts://user:secret@h"])
def test_a_login_in_the_broker_is_refused_and_not_repeated(connection, url):
    result = status(*connection(url=url))
    assert result.returncode == USAGE
    assert "mqtts://…@h" in result.stderr and "user@" not in result.stderr and "secret" not in result.stderr


@pytest.mark.parametrize("serial", ["", "a/b", "#", "+", "x" * 33, "a b"])
def test_refuses_what_is_no_serial_number(connection, serial):
    result = status(*connection(serial=serial))
    assert result.returncode == USAGE
    assert "serial" in result.stderr


@pytest.mark.parametrize("options", [["--pin", "12"], ["--pin", OTHER_PIN + "0"], ["--pin", OTHER_PIN, "--insecure"]])
def test_refuses_trust_that_makes_no_sense(without_trust, options):
    assert status(*without_trust, *options).returncode == USAGE


def test_a_ca_file_that_is_none(connection, tmp_path):
    empty = tmp_path / "empty.pem"
    empty.write_text("")
    result = status(*connection(ca=empty))
    assert result.returncode == NOT_CONFIGURED
    assert str(empty) in result.stderr


def test_the_key_may_come_from_the_environment_or_with_a_warning_from_the_command_line(connection):
    options = connection()[:-2]
    assert status(*options, FLAGSHIP_KEY=KEY).returncode == DONE
    result = status(*options, "--key", KEY)
    assert result.returncode == DONE
    assert "warning" in result.stderr and KEY not in result.stderr


def test_a_key_file_that_others_can_read_is_warned_of(connection, tmp_path):
    key = tmp_path / "key"
    key.write_text(KEY)
    key.chmod(0o644)
    result = status(*connection()[:-1], key)
    assert result.returncode == DONE
    assert "chmod 600" in result.stderr


def test_the_wrong_key_is_reported_as_such(connection, simulate, tmp_path):
    serial = "AK7WRONGKEY"
    simulate(*connection(serial), "--model", "m5c", "--scenario", "print", "--speed", "20")
    key = tmp_path / "key"
    key.write_text("ff" * 32)
    key.chmod(0o600)
    result = status(*connection(serial)[:-1], key, "--timeout", "3")
    assert result.returncode == FAILED
    assert "wrong key" in result.stderr
    assert json.loads(result.stdout)["online"] is False


def test_comes_back_after_the_broker_was_restarted(tmp_path, authority, certificate, connection):
    with Broker(tmp_path, *certificate) as broker:
        options = connection(url=broker.url)
        printer = Process(FLAGSHIP, "simulate", *options, "--model", "m5c", "--scenario", "print", "--speed", "20",
                          env=environment())
        printer.await_text("publishing")
        monitor = Process(FLAGSHIP, "monitor", "--json", *options, output="stdout", env=environment())
        monitor.await_lines(lambda lines: len(lines) > 3)
        broker.stop()
        broker.start()
        seen = len(monitor.lines)
        monitor.await_lines(lambda lines: len(lines) > seen + 3, deadline_s=30)
        monitor.signal(signal.SIGINT)
        assert monitor.await_end() == DONE
        assert printer.stop() == DONE


class FickleBroker(threading.Thread):
    """Takes every login and hangs up at once."""

    def __init__(self):
        super().__init__(daemon=True)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.logins = 0

    def run(self):
        with contextlib.suppress(OSError):
            while True:
                with self.listener.accept()[0] as client:
                    if client.recv(1024):
                        self.logins += 1
                        client.sendall(b"\x20\x02\0\0")

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.join()
        self.listener.close()


def test_a_broker_that_takes_the_login_and_drops_it_is_left_in_peace(key_file):
    with FickleBroker() as fickle:
        process = Process(FLAGSHIP, "monitor", "--broker", f"mqtt://127.0.0.1:{fickle.port}", "--serial", SERIAL,
                          "--key-file", key_file, env=environment())
        told = process.await_lines(lambda lines: "\n".join(lines).count("trying again in") == 2)
        pauses = [float(pause) for pause in re.findall(r"trying again in ([0-9.]+) s", "\n".join(told))]
        assert fickle.logins == 2
        assert 1 <= pauses[0] <= 2 <= pauses[1] <= 4
        assert process.stop() == DONE


def test_a_ca_file_with_a_byte_order_mark(connection, authority, tmp_path):
    path = tmp_path / "ca.pem"
    path.write_bytes(b"\xef\xbb\xbf" + authority.certificate.read_bytes())
    result = status(*connection(ca=path))
    assert result.returncode == DONE, result.stderr
