# SPDX-License-Identifier: MIT
"""What strangers and members can make the broker keep: each attack of docs/security.md, as it was made."""

import pathlib
import resource
import ssl
import struct

import pytest

from conftest import ANNE, PASSWORD
from local_cloud import Cloud
from raw_mqtt import CONNECT, is_closed, packet, peak_memory, text, tls

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
