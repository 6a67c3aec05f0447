# SPDX-License-Identifier: MIT
"""Gateways that are none, or end while a command goes by them."""

import json
import os
import signal
import socket
import struct
import subprocess
import threading

import pytest

from attached import HELLO, IDLE, ECHO, SOCKET, await_printers, echo, fake, frame, home_of_its_own, logins, own_broker, printers, served, short, text  # noqa: F401  fixtures
from broker import Broker
from conftest import KEY
from fake_printer import FakePrinter
from gateway import Gateway
from process import DEADLINE_S, Process
from program import DONE, FLAGSHIP, NO_ANSWER, environment
from test_serve import keep_printers


class Impostor:
    """What listens where a gateway would, and does `serve` with the first connection."""

    def __init__(self, home, serve):
        path = home.folder / SOCKET
        path.parent.mkdir(parents=True, exist_ok=True)
        self.socket = socket.socket(socket.AF_UNIX)
        with short(path) as short_path:
            self.socket.bind(short_path)
        self.socket.listen()
        threading.Thread(target=self._run, args=(serve,), daemon=True).start()

    def _run(self, serve):
        self.connection = self.socket.accept()[0]
        serve(self.connection)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()


def nothing(_):
    pass


IMPOSTORS = {
    "other-version": (lambda peer: peer.sendall(frame(HELLO, text("99.0.0/7/beef"))), "is of another version"),
    "silent": (nothing, "does not answer"),
    "gone": (lambda peer: peer.close(), None),
    "garbage": (lambda peer: peer.sendall(b"SSH-2.0-OpenSSH\r\n"), None),
    "endless": (lambda peer: peer.sendall(struct.pack("=I", 2**31 - 1)), None),
}


@pytest.mark.parametrize("impostor", IMPOSTORS)
def test_what_is_no_gateway_of_this_version_is_gone_without(home_of_its_own, own_broker, impostor):
    serve, warning = IMPOSTORS[impostor]
    before = logins(own_broker)
    with Impostor(home_of_its_own, serve):
        result = home_of_its_own.run("fan", "40", "-p", "Idle")
    assert result.returncode == DONE, result.stderr
    assert logins(own_broker) == before + 1
    lines = result.stderr.splitlines()
    assert len(lines) == (1 if warning else 0), result.stderr
    assert not warning or f"printer Idle ({IDLE})" in lines[0] and warning in lines[0]


def test_a_socket_that_nobody_serves_is_passed_over(home_of_its_own, own_broker):
    gateway = Gateway(home_of_its_own)
    gateway.signal(signal.SIGKILL)
    gateway.await_end()
    assert (home_of_its_own.folder / SOCKET).is_socket()
    before = logins(own_broker)
    result = home_of_its_own.run("status", "-p", "Idle")
    assert (result.returncode, result.stderr) == (DONE, "")
    assert logins(own_broker) == before + 1
    # The next gateway takes its place, and its end takes the socket away.
    with Gateway(home_of_its_own) as gateway:
        await_printers(gateway)
        before = logins(own_broker)
        assert home_of_its_own.run("status", "-p", "Idle").returncode == DONE
        assert logins(own_broker) == before
    assert not (home_of_its_own.folder / SOCKET).exists()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may open any socket")
def test_a_socket_that_may_not_be_opened_is_passed_over(home_of_its_own):
    with Impostor(home_of_its_own, nothing):
        (home_of_its_own.folder / SOCKET).chmod(0)
        result = home_of_its_own.run("status", "-p", "Idle")
        assert (result.returncode, result.stderr) == (DONE, "")


@pytest.mark.parametrize("number, options", [(signal.SIGKILL, ()), (signal.SIGTERM, ()), (signal.SIGKILL, ("--json",))],
                         ids=["killed", "stopped", "killed-json"])
def test_a_gateway_that_ends_in_the_middle_of_a_command(home_of_its_own, own_broker, authority, number, options):
    serial = "ATTACHMUTE"
    keep_printers(home_of_its_own, own_broker, authority, {"Mute": serial})
    mute = FakePrinter(serial, own_broker.port, authority.certificate, KEY,
                       lambda fake, message: echo(fake, message) if message["commandType"] == 1027 else None)
    gateway = Gateway(home_of_its_own)
    try:
        await_printers(gateway, 1)
        command = subprocess.Popen([str(FLAGSHIP), "fan", "40", "-p", "Mute", "--timeout", "50", *options], stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True, env=environment(HOME=home_of_its_own.folder))
        with mute.changed:
            assert mute.changed.wait_for(lambda: any(message and message["commandType"] == 1043 for message in mute.received), DEADLINE_S)
        gateway.signal(number)
        stdout, stderr = command.communicate(timeout=DEADLINE_S)
        assert command.returncode == NO_ANSWER, stderr
        if options:
            ended = json.loads(stdout)
            assert (ended["name"], ended["serial"], ended["outcome"]) == ("Mute", serial, "unanswered")
            assert "flagship status shows" in ended["detail"]
        else:
            assert f"printer Mute ({serial}): " in stderr and "may be done still; flagship status shows" in stderr
        sent = [message for message in mute.received if message and message["commandType"] == 1043]
        assert len(sent) == 1
    finally:
        mute.stop()
        gateway.child.kill()
        gateway.await_end()


def test_what_only_watches_goes_on_without_the_gateway_that_ends(home_of_its_own, own_broker, fake):
    with Gateway(home_of_its_own) as gateway:
        await_printers(gateway)
        before = logins(own_broker)
        monitor = Process(FLAGSHIP, "monitor", "-p", "Echo", env=environment(HOME=home_of_its_own.folder), output="both")
        monitor.await_lines(lambda lines: len(lines) >= 3)
        assert logins(own_broker) == before
    monitor.await_text(f"printer Echo ({ECHO}): the gateway ended; going on without it")
    monitor.await_text("connected again")
    count = len(monitor.lines)
    fake.publish({"commandType": 1003, "currentTemp": 7700, "targetTemp": 0})
    monitor.await_lines(lambda lines: any("77" in line for line in lines[count:]))
    monitor.signal(signal.SIGINT)
    assert monitor.await_end() == DONE


def test_ctrl_c_takes_the_command_back(home_of_its_own, own_broker, authority):
    """As without a gateway, what waits is not sent any more by anybody."""
    serial = "ATTACHSLOW"
    keep_printers(home_of_its_own, own_broker, authority, {"Slow": serial})
    slow = FakePrinter(serial, own_broker.port, authority.certificate, KEY,
                       lambda fake, message: echo(fake, message) if message["commandType"] == 1027 else None)
    try:
        with Gateway(home_of_its_own) as gateway:
            await_printers(gateway, 1)
            first = Process(FLAGSHIP, "gcode", "-p", "Slow", "M117 first", "--timeout", "100", env=environment(HOME=home_of_its_own.folder))
            with slow.changed:
                assert slow.changed.wait_for(lambda: any(message and message.get("cmdData") == "M117 first" for message in slow.received), DEADLINE_S)
            second = Process(FLAGSHIP, "gcode", "-p", "Slow", "M117 second", "--timeout", "100", env=environment(HOME=home_of_its_own.folder))
            gateway.await_get(f"/printers/{serial}/commands", lambda commands: len(commands) == 2)
            second.signal(signal.SIGINT)
            second.await_end()
            gateway.await_text('"text":"M117 second"')
            first.signal(signal.SIGINT)
            first.await_end()
            gateway.await_text('"text":"M117 first"')
            assert [command["outcome"] for command in gateway.get(f"/printers/{serial}/commands")] == ["unanswered", "failed"]
        assert not any(message and message.get("cmdData") == "M117 second" for message in slow.received)
    finally:
        slow.stop()


def test_a_broker_that_goes_and_comes_is_reported_as_without_it(home_of_its_own, tmp_path, certificate, authority):
    """By a gateway that has lost it, too."""
    with Broker(tmp_path, *certificate) as broker:
        keep_printers(home_of_its_own, broker, authority, {"Far": "ATTACHFAR"})
        far = FakePrinter("ATTACHFAR", broker.port, authority.certificate, KEY, echo)
        with Gateway(home_of_its_own) as gateway:
            await_printers(gateway, 1)
            monitor = Process(FLAGSHIP, "monitor", "-p", "Far", env=environment(HOME=home_of_its_own.folder), output="both")
            monitor.await_lines(lambda lines: len(lines) >= 3)
            broker.stop()
            monitor.await_text("trying again in")
            broker.start()
            monitor.await_text("connected again")
            monitor.signal(signal.SIGINT)
            assert monitor.await_end() == DONE
            broker.stop()
            gateway.await_lines(lambda lines: sum("the connection was lost" in line for line in lines) >= 2)
            result = home_of_its_own.run("status", "-p", "Far")
            assert result.returncode == 4
            assert "cannot connect to the broker" in result.stderr
            broker.start()
        far.stop()
