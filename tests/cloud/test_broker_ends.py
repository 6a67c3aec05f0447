# SPDX-License-Identifier: MIT
"""What mosquitto itself bounds: how long a session lasts that nobody comes back for, and how much memory there is."""

import contextlib
import pathlib
import socket
import ssl
import struct

import pytest

from conftest import ANNE, BOB, PASSWORD
from local_cloud import Client, Cloud
from other_broker import OtherBroker
from process import DEADLINE_S
from raw_mqtt import CONNECT, is_closed, login, packet, publish, receive, subscribe, text, tls
from simulator import Simulator

HOUR_S = 3600
ANNES, BOBS = "ANNESPRINTER1", "BOBSPRINTER1"
COMMAND = f"/device/maker/{ANNES}/command"
LOW = 4 * 1024 * 1024  # of memory, in place of 256 MB
PACKET = 130000
BEGINNING = text("MQTT") + bytes([4, 0x84]) + struct.pack("!H", 60)  # of a CONNECT: a user name and a will follow


@pytest.fixture
def home(tmp_path):
    with Cloud(tmp_path) as cloud:
        for email, serial in ((ANNE, ANNES), (BOB, BOBS)):
            cloud.add_account(email, PASSWORD)
            cloud.add_printer(serial, email)
        yield cloud


def leave_session(home, client_id):
    """Of a member, who subscribed and is gone. Whether there was one before."""
    connection = tls(home)
    connection.sendall(connect_lasting(home, client_id))
    answer = receive(connection, 4)
    assert answer[3] == 0, answer
    connection.sendall(subscribe(COMMAND, qos=1))
    assert receive(connection, 5)[4] == 1
    connection.sendall(packet(0xE0, b""))
    assert is_closed(connection)
    return answer[2] == 1


def connect_lasting(home, client_id):
    user, password = home.login(ANNE)
    return packet(CONNECT, text("MQTT") + bytes([4, 0xC0]) + struct.pack("!H", 60) + text(client_id) + text(user) + text(password))


def gcm(size):
    """What has the shape of a payload, and no key opens."""
    return struct.pack("!I", size - 20) + bytes(size - 4)


def is_in(home, client_id):
    """Whether the broker still has the session, which this does not prolong: it says so as somebody looks."""
    connection = tls(home)
    connection.sendall(connect_lasting(home, client_id))
    answer = receive(connection, 4)
    connection.sendall(packet(0xE0, b""))
    assert is_closed(connection)
    assert answer[3] == 0, answer
    return answer[2] == 1


def await_left(home, client_id, times):
    """The broker dates a session by the end of its connection, which it may see after the client does."""
    home.process.await_lines(lambda lines: sum(f"Client {client_id} disconnected" in line for line in lines) >= times)


def test_a_session_that_lasts_ends_an_hour_after_its_client_left(home, tmp_path):
    broker = OtherBroker(home, tmp_path)
    assert broker.setting("persistent_client_expiration") == "1h"
    assert not leave_session(home, "annes")
    await_left(home, "annes", 1)
    broker.put_forward(HOUR_S - 120)
    assert leave_session(home, "annes"), "it lasts, and the hour begins anew"
    await_left(home, "annes", 2)
    broker.put_forward(2 * HOUR_S - 240)
    assert is_in(home, "annes")
    await_left(home, "annes", 3)
    broker.put_forward(3 * HOUR_S - 120)
    # mosquitto looks once in a while; whoever comes back before begins the hour anew.
    home.process.await_text("annes due to timeout")
    assert not is_in(home, "annes")


def memory(pid, name="VmRSS"):
    status = pathlib.Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return int(next(line for line in status.splitlines() if line.startswith(name + ":")).split()[1]) * 1024


def serve_honest(home, name):
    """Another member's printer comes, and the member hears what it says."""
    member = Client(home, home.login(BOB), client_id=f"bobs-{name}")
    assert member.result == 0 and member.try_subscribe(f"/phone/maker/{BOBS}/notice") < 128
    printer = Simulator("--broker", home.broker, "--ca", home.ca, "--serial", BOBS, "--key-file", home.key_file(BOBS),
                        "--model", "m5", "--scenario", "print")
    try:
        member.await_heard(lambda topic, payload: topic == f"/phone/maker/{BOBS}/notice")
    finally:
        printer.stop()
        member.close()


def half_sent_login(home):
    """The broker takes memory for all of it as the header comes."""
    connection = tls(home)
    with contextlib.suppress(ConnectionError, ssl.SSLError):
        connection.sendall(packet(CONNECT, BEGINNING + bytes(PACKET - 100), claimed=PACKET))
    return connection


def leave(connection):
    """Until the broker has seen it, and has its memory back."""
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_WR)
    connection.settimeout(DEADLINE_S)
    assert is_closed(connection)
    connection.close()


def is_held(connection):
    connection.settimeout(0)
    try:
        return connection.recv(1) != b""
    except (ssl.SSLWantReadError, BlockingIOError):
        return True
    except OSError:
        return False


def test_no_login_takes_more_memory_than_there_is(home, tmp_path):
    OtherBroker(home, tmp_path, memory_limit=LOW)
    before = memory(home.broker_pid)
    connections = [half_sent_login(home) for _ in range(150)]  # fewer than one address may have
    serve_honest(home, "meanwhile")  # the broker has come to the last of them
    held = [connection for connection in connections if is_held(connection)]
    assert 0 < len(held) <= LOW // PACKET
    assert memory(home.broker_pid, "VmHWM") - before < 4 * LOW, "150 of them would be 20 MB, and TLS"
    for connection in connections:
        leave(connection)
    serve_honest(home, "afterwards")


def fill_with_sessions(home, count):
    """Each leaves a session that lasts, for which two large messages wait of its own. How many of these the broker took."""
    taken = 0
    for number in range(count):
        with contextlib.suppress(ConnectionError, ssl.SSLError, AssertionError, IndexError):
            leave_session(home, f"annes-{number}")
        sender, answer = login(home, "annes-sender", home.login(ANNE))
        if answer != 0:
            continue
        with contextlib.suppress(ConnectionError, ssl.SSLError):
            for mid in (1, 2):
                sender.sendall(publish(COMMAND, gcm(PACKET), qos=1, mid=mid))
                taken += len(receive(sender, 4)) == 4
        sender.close()
    return taken


def test_no_queue_takes_more_memory_than_there_is_until_its_session_ends(home, tmp_path):
    broker = OtherBroker(home, tmp_path, memory_limit=LOW)
    before = memory(home.broker_pid)
    taken = fill_with_sessions(home, 40)
    assert 0 < taken <= LOW // PACKET < 80
    assert memory(home.broker_pid, "VmHWM") - before < 4 * LOW
    serve_honest(home, "meanwhile")
    broker.put_forward(2 * HOUR_S)  # the last of them left long after the first where the machine is busy
    home.process.await_text("annes-0 due to timeout")
    again = fill_with_sessions(home, 2)
    assert again == 4, "there is room again"
    serve_honest(home, "afterwards")
