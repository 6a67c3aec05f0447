# SPDX-License-Identifier: MIT
"""What the broker refuses: real clients, one attempt each, and a witness who would hear what slipped through."""

import socket
import ssl
import struct

import pytest

from conftest import ADMINISTRATOR, ANNE, BOB
from local_cloud import Client, tool
from process import DEADLINE_S, until
from wire import seal

MINE, OTHERS, NOBODYS = "ANNESPRINTER1", "BOBSPRINTER1", "NOSUCHPRINTER"
ANY_KEY = bytes(range(32))
FRAME = seal(b'{"commandType":1027,"value":0}', ANY_KEY)
VERSIONS = ["mqttv311", "mqttv5"]

SUBSCRIPTIONS = [
    f"/phone/maker/{OTHERS}/notice",
    f"/phone/maker/{OTHERS}/command/reply",
    f"/phone/maker/{OTHERS}/query/reply",
    f"/phone/maker/{OTHERS}/change_notice",
    f"/phone/maker/{NOBODYS}/notice",
    f"/device/maker/{OTHERS}/command",
    f"/device/maker/{OTHERS}/query",
    f"/smart/maker/{MINE}/command",
    f"/server/maker/{MINE}/command",
    "/phone/user/0000000000000000000000000000000000000000/change_notice",
    "#",
    "/#",
    "+/maker/+/notice",
    "/phone/maker/+/notice",
    f"/phone/maker/{MINE}/+",
    f"/phone/maker/{MINE}/#",
    f"/phone/+/{MINE}/notice",
    "$SYS/#",
    "$SYS/broker/version",
    f"$share/group//phone/maker/{MINE}/notice",
    f"$share/group//phone/maker/{OTHERS}/notice",
    f"phone/maker/{MINE}/notice",
    f"/phone/maker/{MINE}/notice/more",
    f"/phone/maker/{MINE.lower()}/notice",
    "/flagship/quarantine/" + OTHERS,
    "/" + "x" * 4000,
]

PUBLICATIONS = [
    f"/device/maker/{OTHERS}/command",
    f"/device/maker/{OTHERS}/query",
    f"/device/maker/{NOBODYS}/command",
    f"/phone/maker/{MINE}/notice",
    f"/phone/maker/{MINE}/command/reply",
    f"/phone/maker/{MINE}/query/reply",
    f"/phone/maker/{MINE}/change_notice",
    f"/phone/maker/{OTHERS}/notice",
    f"/device/maker/{MINE}/command/more",
    f"/smart/maker/{MINE}/command",
    f"/server/maker/{MINE}/command",
    f"device/maker/{MINE}/command",
    "$SYS/broker/version",
    "/flagship/marker",
    "/" + "x" * 4000,
]


LOGINS = {}


def cloud_login(cloud, email):
    """Asked for once: it does not change."""
    return LOGINS.setdefault((cloud.dir, email), cloud.login(email))


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("topic", SUBSCRIPTIONS, ids=lambda topic: topic[:60])
def test_an_account_may_not_subscribe(cloud, topic, version):
    result = tool("mosquitto_sub", cloud, cloud_login(cloud, ANNE), "-V", version, "-t", topic, "-E", "-W", "5")
    assert b"denied" in result.stderr, (result.returncode, result.stderr)


@pytest.mark.parametrize("qos", [0, 1, 2])
@pytest.mark.parametrize("topic", PUBLICATIONS, ids=lambda topic: topic[:60])
def test_an_account_may_not_publish(cloud, witness, topic, qos):
    tool("mosquitto_pub", cloud, cloud_login(cloud, ANNE), "-t", topic, "-q", qos, "-s", stdin=FRAME)
    assert witness.heard_until_now() == []


@pytest.mark.parametrize("topic", PUBLICATIONS[:10], ids=lambda topic: topic[:60])
def test_version_5_says_that_it_may_not(cloud, topic):
    result = tool("mosquitto_pub", cloud, cloud_login(cloud, ANNE), "-V", "mqttv5", "-t", topic, "-q", 1, "-s", stdin=FRAME)
    assert b"Not authorized" in result.stderr, result.stderr


def test_its_own_topics_are_open(cloud, witness):
    login = cloud_login(cloud, ANNE)
    result = tool("mosquitto_sub", cloud, login, "-E", "-W", "5", *(
        word for suffix in ("notice", "command/reply", "query/reply", "change_notice")
        for word in ("-t", f"/phone/maker/{MINE}/{suffix}")), "-t", f"/phone/user/{login[0][5:]}/change_notice")
    assert result.returncode == 0 and result.stderr == b"", result.stderr
    for suffix in ("command", "query"):
        tool("mosquitto_pub", cloud, login, "-t", f"/device/maker/{MINE}/{suffix}", "-q", 1, "-s", stdin=FRAME)
        assert witness.heard_until_now() == [(f"/device/maker/{MINE}/{suffix}", FRAME)]


def test_retained_messages_are_refused(cloud, witness):
    tool("mosquitto_pub", cloud, cloud_login(cloud, ANNE), "-t", f"/device/maker/{MINE}/command", "-r", "-q", 1, "-s", stdin=FRAME)
    assert witness.heard_until_now() == []


class WillingClient(Client):
    def __init__(self, cloud, login, topic):
        self.topic = topic
        super().__init__(cloud, login)

    def tls_set(self, *arguments, **options):
        self.will_set(self.topic, FRAME, qos=1)
        return super().tls_set(*arguments, **options)

    def vanish(self):
        """The connection breaks without a goodbye, so that the broker publishes the will."""
        self.loop_stop()
        self.socket().shutdown(socket.SHUT_RDWR)
        self.socket().close()


@pytest.mark.parametrize("topic", [f"/device/maker/{OTHERS}/command", f"/phone/maker/{MINE}/notice", "$SYS/x"])
def test_a_will_reaches_nobody_else(cloud, witness, topic):
    client = WillingClient(cloud, cloud_login(cloud, ANNE), topic)
    client.vanish()
    assert witness.heard_until_now() == []


@pytest.mark.parametrize("login", [
    ("nobody", "nothing"),
    ("eufy_0000000000000000000000000000000000000000", ANNE),
    ("eufy_", ANNE),
    (ANNE, ANNE),
], ids=["unknown", "wrong user id", "no user id", "e-mail as user"])
def test_a_stranger_is_received_by_nobody(cloud, witness, login):
    tool("mosquitto_pub", cloud, login, "-t", f"/device/maker/{MINE}/command", "-q", 1, "-s", stdin=FRAME)
    tool("mosquitto_pub", cloud, login, "-t", f"/phone/maker/{MINE}/notice", "-q", 1, "-s", stdin=FRAME)
    assert [m for m in witness.heard_until_now() if not m[0].startswith("/flagship/quarantine/")] == []


@pytest.mark.parametrize("password", [BOB, ANNE.upper(), ANNE + " ", "", "x" * 1000])
def test_a_wrong_password_is_refused(cloud, password):
    user, _ = cloud_login(cloud, ANNE)
    result = tool("mosquitto_sub", cloud, (user, password), "-t", f"/phone/maker/{MINE}/notice", "-E", "-W", "5")
    assert result.returncode == 5, result.stderr  # of MQTT 3.1.1: not authorised


@pytest.mark.parametrize("payload", [b"", b"{}", b'{"commandType":1029}', FRAME[:-1], FRAME + b"x",
                                     FRAME[:30] + bytes([FRAME[30] ^ 1]) + FRAME[31:], bytes(64), b"MA" * 100],
                         ids=["empty", "object", "plain command", "cut", "longer", "one bit", "zeros", "signature"])
def test_what_is_no_frame_is_dropped_and_counted(cloud, witness, payload):
    before = cloud.status()["counts"]["malformed"]
    tool("mosquitto_pub", cloud, cloud_login(cloud, ANNE), "-t", f"/device/maker/{MINE}/command", "-q", 1,
         *(["-s"] if payload else ["-n"]), stdin=payload)
    assert witness.heard_until_now() == []
    assert cloud.status()["counts"]["malformed"] == before + 1


def packet(kind, body):
    length, encoded = len(body), b""
    while True:
        length, digit = divmod(length, 128)
        encoded += bytes([digit | (128 if length else 0)])
        if not length:
            return bytes([kind]) + encoded + body


def text(data):
    return struct.pack(">H", len(data)) + data


@pytest.mark.parametrize("topic", [b"/device/maker/\xff\xfe/command", b"/device/maker/a\x00b/command", b"\xed\xa0\x80"],
                         ids=["not UTF-8", "NUL", "surrogate"])
def test_topics_that_are_no_text_end_the_connection(cloud, witness, topic):
    user, password = cloud_login(cloud, ANNE)
    context = ssl.create_default_context(cafile=str(cloud.ca))
    with socket.create_connection(("localhost", cloud.mqtt_port), timeout=DEADLINE_S) as plain:
        with context.wrap_socket(plain, server_hostname="localhost") as connection:
            connection.sendall(packet(0x10, text(b"MQTT") + bytes([4, 0xC2, 0, 30]) + text(b"raw") + text(user.encode()) + text(password.encode())))
            assert connection.recv(4) == bytes([0x20, 2, 0, 0])
            connection.sendall(packet(0x30, text(topic) + FRAME))
            assert connection.recv(1) == b""
    assert witness.heard_until_now() == []


def test_denials_are_logged_with_client_topic_and_reason(cloud):
    tool("mosquitto_pub", cloud, cloud_login(cloud, ANNE), "-i", "somebody", "-t", f"/device/maker/{OTHERS}/command", "-q", 1, "-s", stdin=FRAME)
    cloud.process.await_text(f"client somebody may not publish on /device/maker/{OTHERS}/command: a printer that is not of this account")
    assert cloud_login(cloud, ANNE)[0][5:] not in cloud.process.log


def test_an_administrator_reaches_everything(cloud, witness):
    tool("mosquitto_pub", cloud, cloud_login(cloud, ADMINISTRATOR), "-t", f"/device/maker/{OTHERS}/command", "-q", 1, "-s", stdin=FRAME)
    assert witness.heard_until_now() == [(f"/device/maker/{OTHERS}/command", FRAME)]


def test_what_is_taken_away_is_out_of_reach(cloud, witness):
    login = cloud_login(cloud, BOB)
    topic = f"/phone/maker/{MINE}/notice"
    cloud.command("share", MINE, BOB)
    client = Client(cloud, login)
    try:
        assert client.try_subscribe(topic) < 128
        cloud.command("unshare", MINE, BOB)
        until(lambda: client.try_subscribe(topic) >= 128, lambda: "it can still be subscribed to")
    finally:
        client.close()


def test_it_is_measured_how_long_the_broker_waits_for_the_plugin(cloud):
    assert cloud.status()["slowest_us"] > 0  # `make bench` tells how long, on a machine that does nothing else
