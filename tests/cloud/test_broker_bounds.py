# SPDX-License-Identifier: MIT
"""What strangers and members can make the broker keep: each attack of docs/security.md, as it was made."""

import contextlib
import pathlib
import re
import resource
import ssl
import struct

import pytest

from conftest import ADMINISTRATOR, ANNE, BOB, PASSWORD
from local_cloud import Cloud
from process import Process
from program import FLAGSHIP, ROOT, environment
from raw_mqtt import CONNECT, is_closed, login, packet, peak_memory, publish, receive, subscribe, tcp, text, tls
from wire import seal

MEMORY_MAX = 64 * 1000 * 1000  # of the broker, whatever one attacker does
PACKET_MAX = 131072
BEGINNING = text("MQTT") + bytes([4, 0x84]) + struct.pack("!H", 60)  # of a CONNECT: a user name and a will follow


@pytest.fixture
def home(tmp_path):
    """A cloud of its own, so that the memory is what this attack took."""
    with Cloud(tmp_path) as running:
        running.add_account(ANNE, PASSWORD)
        running.add_printer("ANNESPRINTER1", ANNE)
        yield running


def test_the_broker_may_have_as_many_descriptors_as_the_user(home):
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (256, before[1]))
    try:
        home.start()
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)
    for pid in (home.process.pid, home.broker_pid):
        limits = pathlib.Path(f"/proc/{pid}/limits").read_text(encoding="ascii")
        soft = next(line for line in limits.splitlines() if line.startswith("Max open files")).split()[3]
        assert int(soft) == min(before[1], 65536)


@pytest.mark.parametrize("claimed", [256 * 1024 * 1024 - 1, PACKET_MAX])
def test_a_stranger_announces_a_huge_login(home, claimed):
    """It is thrown out at the header, before any of it is kept."""
    home.start()
    for _ in range(20):
        with tls(home) as connection:
            try:
                connection.sendall(packet(CONNECT, BEGINNING + bytes(65536), claimed=claimed))
            except (ConnectionError, ssl.SSLError):
                continue
            assert is_closed(connection)
    assert peak_memory(home.broker_pid) < MEMORY_MAX


def start_with_descriptors(cloud, count):
    cloud.process = Process("prlimit", f"--nofile={count}:{count}", FLAGSHIP, "cloud", "run", "--dir", cloud.dir,
                            env=environment())
    cloud.process.await_text("ready:")


def half_sent_login(cloud):
    connection = tls(cloud)
    with contextlib.suppress(ConnectionError, ssl.SSLError):
        connection.sendall(packet(CONNECT, BEGINNING + bytes(PACKET_MAX - 100), claimed=PACKET_MAX - 8))
    return connection


def half_sent_notice(cloud, number):
    """Of a stranger who says he is a printer, with a will as large as may be."""
    topic = "/phone/maker/ANNESPRINTER1/notice"
    connection, answer = login(cloud, f"stranger-{number}", ("eufy_fdm_ANNESPRINTER1", None), will=(topic, bytes(65535)))
    if answer == 0:
        connection.sendall(packet(0x30, text(topic) + bytes(PACKET_MAX - 200), claimed=PACKET_MAX - 8))
    return connection


def test_half_sent_packets_of_one_address(home):
    """147 kB each before the login, 237 kB after it, for as long as they like."""
    home.start()
    held = [half_sent_notice(home, number) for number in range(120)] + [half_sent_login(home) for _ in range(300)]
    home.process.await_text("connections before their login")
    assert login(home, "annes", home.login(ANNE), source="127.0.0.1")[1] == 0
    assert login(home, "annes too", home.login(ANNE))[1] == 0, "who logs in at once gets in from the same address"
    assert peak_memory(home.broker_pid) < MEMORY_MAX
    for connection in held:
        connection.close()


def test_strangers_of_one_address(home):
    home.start()
    answers = []
    for number in range(230):
        connection, answer = login(home, f"stranger-{number}", ("eufy_fdm_ANNESPRINTER1", None))
        answers.append((connection, answer))
    assert [answer for _, answer in answers] == 200 * [0] + 30 * [5]
    assert login(home, "printer", ("eufy_fdm_ANNESPRINTER1", None), source="127.0.0.1")[1] == 0


def test_idle_connections_of_many_addresses_use_up_the_descriptors(home):
    """Who logs in gets in, over and over, since the one that waited longest makes room."""
    start_with_descriptors(home, 200)
    held, member = [], home.login(ANNE)
    for last in range(2, 6):
        held += [tcp(home, f"127.0.0.{last}") for _ in range(100)]
        assert login(home, f"annes-{last}", member, source="127.0.0.1")[1] == 0
    home.process.await_text("connections before their login")
    assert len([line for line in home.process.lines if "connections before their login" in line]) == 1
    for connection in held:
        connection.close()


def test_the_log_says_when_every_descriptor_is_in_use(home):
    home.add_account(BOB, PASSWORD)
    start_with_descriptors(home, 136)
    held, members = [], (home.login(ANNE), home.login(BOB))
    for i in range(120):
        try:
            held.append(login(home, f"members-{i}", members[i % 2])[0])
        except (ConnectionError, ssl.SSLError):
            break
    assert 60 < len(held) < 120
    home.process.await_text("every descriptor is in use")
    held.pop().close()
    held[0].sendall(packet(0xC0, b""))
    assert receive(held[0], 2) == packet(0xD0, b""), "those that are in stay in"


def gcm(size):
    """What has the shape of a payload, and no key opens."""
    return struct.pack("!I", size - 20) + bytes(size - 4)


def drain(connection):
    """Waits until the broker took all of it."""
    connection.sendall(packet(0xC0, b""))
    while True:
        answer = receive(connection, 2)
        if answer in (b"", packet(0xD0, b"")):
            return


def test_copies_of_what_is_held_back(home):
    """A stranger says he is a printer, on many connections, while an administrator looks on and takes nothing."""
    home.add_account(ADMINISTRATOR, PASSWORD, "--administrator")
    home.start()
    watcher, answer = login(home, "watcher", home.login(ADMINISTRATOR), receive_buffer=4096)
    assert answer == 0
    watcher.sendall(subscribe("#"))
    topic = "/phone/maker/ANNESPRINTER1/notice"
    for i in range(60):
        stranger, answer = login(home, f"stranger-{i}", ("eufy_fdm_ANNESPRINTER1", None))
        assert answer == 0
        with contextlib.suppress(ConnectionError, ssl.SSLError):
            for _ in range(8):
                stranger.sendall(publish(topic, gcm(PACKET_MAX - 100)))
                stranger.sendall(publish(topic, gcm(1000000)))
        stranger.close()
    assert login(home, "annes", home.login(ANNE))[1] == 0
    assert peak_memory(home.broker_pid) < MEMORY_MAX


@pytest.mark.parametrize("qos", [0, 1])
def test_a_member_takes_nothing_of_what_it_subscribed(home, qos):
    """As many sessions as it may have, and messages as large as may be."""
    home.start()
    member, topic, held = home.login(ANNE), "/device/maker/ANNESPRINTER1/command", []
    for i in range(60):
        connection, answer = login(home, f"annes-{i}", member, receive_buffer=4096)
        assert answer == 0
        connection.sendall(subscribe(topic, qos=qos))
        assert receive(connection, 5)[4] == qos
        held.append(connection)
    sender, answer = login(home, "sender", member)
    assert answer == 0
    key = bytes.fromhex(home.key_file("ANNESPRINTER1").read_text(encoding="ascii"))
    small, large = seal(b'{"commandType":1027,"value":0}', key), gcm(PACKET_MAX - 100)
    for i in range(120):
        sender.sendall(publish(topic, large if i % 2 else small, qos=qos, mid=i + 1))
    drain(sender) if qos == 0 else receive(sender, 4 * 120)
    assert peak_memory(home.broker_pid) < MEMORY_MAX
    sender.close()


def test_a_member_leaves_sessions_that_last(home):
    """Each with a client id as long as may be, which is kept with each message that waits."""
    home.start()
    member, topic, taken = home.login(ANNE), "/device/maker/ANNESPRINTER1/command", 0
    for i in range(80):
        connection, answer = login(home, f"{i}".rjust(256, "x"), member, clean=False)
        if answer == 0:
            taken += 1
            connection.sendall(subscribe(topic, qos=1))
            receive(connection, 5)
        connection.close()
    assert taken == 64
    sender, answer = login(home, "0".rjust(256, "x"), member)  # one of those that it has
    assert answer == 0
    for i in range(1200):
        sender.sendall(publish(topic, gcm(1024), qos=1, mid=i + 1))
    receive(sender, 4 * 1200)
    assert peak_memory(home.broker_pid) < MEMORY_MAX


FIGURES = {
    "cloud/broker/plugin/gate.h": {"GATE_WAITING_MAX": 1024, "GATE_LOGIN_S": 30, "GATE_PER_ADDRESS": 200, "GATE_ALWAYS": 16, "GATE_OWED_MAX": 256 * 1024},
    "cloud/broker/plugin/sessions.h": {"SESSIONS_OF_ACCOUNT": 64, "SESSIONS_OF_PRINTER": 8, "SESSIONS_GRACE_S": 30},
    "cloud/broker/plugin/clients.h": {"CLIENT_ID_MAX": 256},
    "cloud/broker/plugin/learning.c": {"SHOWN_MAX": 16 * 1024, "FREE_PROOFS": 8, "PROOF_EVERY_S": 5},
    "daemon/log/limit.h": {"LOG_LIMIT_LINES": 10, "LOG_LIMIT_NAMES": 256, "LOG_LIMIT_WINDOW_S": 60},
    "daemon/run/process.h": {"DESCRIPTORS_MAX": 65536},
    "cloud/broker/configuration.c": {"PACKET_MAX": 128 * 1024, "INFLIGHT_MAX": 128 * 1024, "QUEUED_MAX": 256 * 1024,
                               "MEMORY_MAX": 256 * 1024 * 1024},
}


@pytest.mark.parametrize("file", FIGURES)
def test_the_figures_of_the_page_are_those_of_the_code(file):
    """docs/security.md, "Bounds of the broker"."""
    code = (ROOT / "src" / file).read_text(encoding="utf-8")
    for name, value in FIGURES[file].items():
        assert int(re.search(rf"#define {name}\s+\(?(\d+)", code)[1]) == value, name
