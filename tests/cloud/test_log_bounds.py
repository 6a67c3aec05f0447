# SPDX-License-Identifier: MIT
"""Whoever is denied something as fast as it can ask fills no disk."""

import http.client
import ssl

import pytest

from conftest import ANNE, BOB
from raw_mqtt import login, packet, publish, receive, subscribe

FEW = 60  # lines, of an attack that could cause many thousand
FILTERS = 2000


def lines_since(cloud, before):
    with cloud.process.changed:
        return cloud.process.lines[before:]


def ping(connection, answers=b""):
    connection.sendall(packet(0xC0, b""))
    while not answers.endswith(packet(0xD0, b"")):
        part = connection.recv(65536)
        assert part
        answers += part


@pytest.fixture
def before(cloud):
    return len(cloud.process.lines)


def test_a_member_subscribes_to_what_it_may_not(cloud, before):
    """40,000 in a packet, 29 MB of log a second."""
    connection, answer = login(cloud, "bobs-1", cloud.login(BOB))
    assert answer == 0
    denied = cloud.status()["counts"]["denied_subscribe"]
    for number in range(5):
        connection.sendall(subscribe(*(f"/phone/maker/ANNESPRINTER1/{number}-{i}" for i in range(FILTERS))))
        receive(connection, FILTERS + 5)
    assert cloud.status()["counts"]["denied_subscribe"] == denied + 5 * FILTERS
    assert 1 <= len(lines_since(cloud, before)) < FEW


@pytest.mark.parametrize("topic", ["/phone/maker/ANNESPRINTER1/notice", "/device/maker/BOBSPRINTER1/command"])
def test_a_member_publishes_what_it_may_not(cloud, before, topic):
    """On another's topic, and what is no frame on its own."""
    connection, answer = login(cloud, "bobs-2", cloud.login(BOB))
    assert answer == 0
    for _ in range(20):
        connection.sendall(publish(topic, b"no frame") * 500)
    ping(connection)
    assert len(lines_since(cloud, before)) < FEW


def test_a_stranger_logs_in_in_vain(cloud, before):
    for _ in range(150):
        connection, answer = login(cloud, "guesses", (cloud.login(ANNE)[0], "wrong"))
        assert answer == 5
        connection.close()
    lines = lines_since(cloud, before)
    assert len(lines) < FEW
    assert any("wrong password" in line for line in lines)


def test_requests_without_end(cloud, before):
    connection = http.client.HTTPSConnection("localhost", cloud.api_port, context=ssl.create_default_context(cafile=str(cloud.ca)),
                                             source_address=("127.0.0.9", 0))
    for i in range(150):
        connection.request("GET", f"/nothing/{i}")
        connection.getresponse().read()
    connection.close()
    assert 1 <= len([line for line in lines_since(cloud, before) if "127.0.0.9" in line]) <= 10
