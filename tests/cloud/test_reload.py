# SPDX-License-Identifier: MIT
"""SIGHUP: certificates are read again, and nobody is thrown out."""

import signal
import socket
import ssl

import pytest

from local_cloud import Cloud, Witness
from process import DEADLINE_S
from simulator import Simulator

ANNE = "anne@example.org"
LOOKS = 200


@pytest.fixture
def made(tmp_path):
    with Cloud(tmp_path) as cloud:
        yield cloud


def certificates(cloud):
    return [ssl.get_server_certificate((cloud.host, port)) for port in (cloud.api_port, cloud.mqtt_port)]


def await_certificates(cloud, wanted):
    """The broker takes the signal in one of its next turns, and each look is one."""
    assert any(wanted(certificates(cloud)) for _ in range(LOOKS)), "a port shows the old certificate"


def hold_tls(cloud, port):
    """A connection to a port, whose certificate is the old one for as long as it lives."""
    context = ssl.create_default_context(cafile=str(cloud.ca))
    return context.wrap_socket(socket.create_connection((cloud.host, port), timeout=DEADLINE_S), server_hostname=cloud.host)


def ask(held):
    held.sendall(b"GET /v1/nothing HTTP/1.1\r\nHost: api\r\n\r\n")
    return held.recv(4096)


def test_a_hangup_shows_the_new_certificate_at_both_ports_and_sessions_live_on(made):
    made.add_account(ANNE, "secret", "--administrator")
    made.start()
    broker, before = made.broker_pid, certificates(made)
    session = Witness(made, ANNE)
    held = hold_tls(made, made.api_port)
    made.command("init", "--host", "printers.example.org")
    assert certificates(made) == before
    made.process.signal(signal.SIGHUP)
    made.process.await_text("the certificate was read again, for API and broker")
    await_certificates(made, lambda now: all(new != old for new, old in zip(now, before)) and now[0] == now[1])
    assert b"HTTP/1.1" in ask(held)
    session.heard_until_now()
    Witness(made, ANNE).close()
    assert made.broker_pid == broker and "the broker died" not in made.process.log
    assert session.sessions == 1
    session.close()
    held.close()


def test_a_hangup_leaves_printers_proven(made):
    """The broker asks for all logins again: what a printer says later arrives as before."""
    made.add_account(ANNE, "secret", "--administrator")
    made.add_printer("PRINTER1", ANNE)
    made.start()
    printer = Simulator("--broker", made.broker, "--ca", made.ca, "--serial", "PRINTER1", "--key-file", made.key_file("PRINTER1"), "--scenario", "print")
    session = Witness(made, ANNE)
    try:
        session.await_heard(lambda topic, _: "PRINTER1" in topic)
        made.process.signal(signal.SIGHUP)
        made.process.await_text("Reloading config")
        session.heard_until_now()
        session.await_heard(lambda topic, _: "PRINTER1" in topic)
    finally:
        session.close()
        printer.stop()


def test_a_hangup_with_a_damaged_certificate_changes_nothing(made):
    made.start()
    before, broker = certificates(made), made.broker_pid
    (made.dir / "server.pem").write_text("no certificate", encoding="ascii")
    made.process.signal(signal.SIGHUP)
    made.process.await_text("API and broker keep their certificate")
    assert certificates(made) == before and made.broker_pid == broker


def test_hangups_in_a_row_end_nothing(made):
    made.start()
    broker = made.broker_pid
    for _ in range(20):
        made.process.signal(signal.SIGHUP)
    made.process.await_text("the certificate was read again")
    await_certificates(made, lambda now: now[0] == now[1])
    assert made.broker_pid == broker and "the broker died" not in made.process.log
