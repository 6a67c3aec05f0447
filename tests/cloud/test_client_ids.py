# SPDX-License-Identifier: MIT
"""Who may throw out whom by presenting the same client id: attacks of many logins a second."""

import re
import time

import pytest

from conftest import ADMINISTRATOR, ANNE, BOB
from local_cloud import Client
from process import DEADLINE_S
from raw_mqtt import login
from wire import seal

PRINTER = "ANNESPRINTER1"
ATTEMPTS = 200
REFUSED = 5
QUERY = b'{"commandType":1027,"value":0}'


def client_ids_of(cloud, serial, count=0):
    """As whoever reads the broker's log knows them, once they are as many."""
    def found(lines):
        return re.findall(rf"as (dev\S*_{serial}) ", "\n".join(lines))

    return found(cloud.process.await_lines(lambda lines: len(found(lines)) >= count))


def attack(cloud, client_id, credentials, **options):
    """The answers, each once."""
    answers = set()
    for _ in range(ATTEMPTS):
        connection, answer = login(cloud, client_id, credentials, **options)
        connection.close()
        answers.add(answer)
    return answers


def await_answer(owner, cloud, serial):
    """Asks the printer until it is heard, which it is when it is proven."""
    key = bytes.fromhex(cloud.key_file(serial).read_text(encoding="ascii"))
    for topic in ("notice", "query/reply"):
        assert owner.try_subscribe(f"/phone/maker/{serial}/{topic}") < 128
    owner.heard.clear()
    deadline = time.monotonic() + DEADLINE_S
    while time.monotonic() < deadline:
        owner.publish(f"/device/maker/{serial}/query", seal(QUERY, key))
        with owner.changed:
            if owner.changed.wait_for(lambda: any(topic.startswith(f"/phone/maker/{serial}/") for topic, _ in owner.heard), 1):
                return
    raise AssertionError(f"{serial} is not heard")


@pytest.fixture
def owner(cloud):
    client = Client(cloud, cloud.login(ANNE), "annes-tool")
    yield client
    client.close()


@pytest.mark.parametrize("who", ["stranger", "stranger with a password", "member"])
def test_a_printer_is_not_thrown_out(cloud, simulate, owner, who):
    """It hears and answers on, over the connection that it has."""
    known = client_ids_of(cloud, PRINTER)
    simulate(PRINTER, "--model", "m5")
    await_answer(owner, cloud, PRINTER)
    credentials = {"stranger": (f"eufy_fdm_{PRINTER}", None), "member": cloud.login(BOB),
                   "stranger with a password": (f"eufy_fdm_{PRINTER}", "guessed")}[who]
    client_id, before = client_ids_of(cloud, PRINTER, len(known) + 1)[-1], cloud.status()
    assert attack(cloud, client_id, credentials) == {REFUSED}
    after = cloud.status()
    assert after["counts"]["logins"] == before["counts"]["logins"]
    assert after["counts"]["logins_refused"] == before["counts"]["logins_refused"] + ATTEMPTS
    await_answer(owner, cloud, PRINTER)


@pytest.mark.parametrize("clean", [False, True])
def test_a_queue_is_neither_taken_nor_destroyed(cloud, clean):
    """What waits for a member's client that is away waits on, whoever presents its client id."""
    topic = f"/device/maker/{PRINTER}/command"
    frame = seal(QUERY, bytes.fromhex(cloud.key_file(PRINTER).read_text(encoding="ascii")))
    away = Client(cloud, cloud.login(ANNE), f"annes-queue-{clean}", clean_session=False)
    assert away.try_subscribe(topic) < 128
    away.close()
    sender = Client(cloud, cloud.login(ANNE), "annes-sender")
    sender.publish(topic, frame, qos=1).wait_for_publish(DEADLINE_S)
    sender.close()
    assert attack(cloud, f"annes-queue-{clean}", cloud.login(BOB), clean=clean) == {REFUSED}
    assert attack(cloud, f"annes-queue-{clean}", (f"eufy_fdm_{PRINTER}", None), clean=clean) == {REFUSED}
    back = Client(cloud, cloud.login(ANNE), f"annes-queue-{clean}", clean_session=False)
    back.await_heard(lambda heard, payload: (heard, payload) == (topic, frame))
    back.close()


def test_an_administrator_may_and_so_may_the_same_login(cloud):
    for credentials in (cloud.login(BOB), cloud.login(BOB), cloud.login(ADMINISTRATOR), cloud.login(ADMINISTRATOR)):
        assert login(cloud, "shared-name", credentials)[1] == 0
    assert login(cloud, "shared-name", cloud.login(BOB))[1] == 0  # the connection of before is gone, and with it the session


def test_a_client_id_of_64_kilobytes_is_refused(cloud):
    """It would be copied with each message that goes to it."""
    assert login(cloud, "a" * 65535, cloud.login(ANNE))[1] == REFUSED
    assert login(cloud, "a" * 256, cloud.login(ANNE))[1] == 0
