# SPDX-License-Identifier: MIT
"""A broker upstream that sends without an end: the cloud's own clients and printers notice nothing of it."""

from broker import Authority
from conftest import ANNE
from hostile import PIECE, HostileBroker, peak_kib, varint
from local_cloud import Client, Cloud

HUGE = 268435455
PEAK_MAX_MIB = 100


def announced(send):
    topic = b"/device/maker/ANNESPRINTER1/command"
    send(b"\x30" + varint(HUGE) + len(topic).to_bytes(2, "big") + topic)
    for _ in range(HUGE // len(PIECE)):
        send(PIECE)


def test_a_packet_of_256_mb(tmp_path):
    authority = Authority(tmp_path / "authority")
    with Cloud(tmp_path) as home, HostileBroker(announced, authority.issue("upstream")) as upstream:
        home.add_account(ANNE, "secret")
        home.add_printer("ANNESPRINTER1", ANNE)
        home.start("--mirror", "--mirror-broker", f"localhost:{upstream.port}", "--mirror-ca", authority.certificate)
        home.process.await_text("announces a packet")
        assert upstream.sent < HUGE / 4 and peak_kib(home.process.pid) // 1024 < PEAK_MAX_MIB
        client = Client(home, home.login(ANNE))
        assert client.result == 0
        client.close()
