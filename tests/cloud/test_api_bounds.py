# SPDX-License-Identifier: MIT
"""Attacks on the API from one address and from many: while each runs, an owner logs in."""

import concurrent.futures
import contextlib
import http.client
import json
import pathlib
import re
import time
import urllib.request

import pytest

from attack import SHARE, Holders, Repeated, address, context_of, log_in, plain, secure
from conftest import ANNE, BOB, PASSWORD
from exchange import login_body
from local_cloud import Cloud
from program import ROOT

OWNER, ELSEWHERE = "127.0.0.1", "127.0.30.1"
MANY = 600  # more than there may be
SEVERAL = 4 * SHARE
ALL = 512
PEAK_MAX_MIB = 150
HOST = b"Host: localhost\r\n"
GET = b"GET /v1/flagship/service HTTP/1.1\r\n" + HOST
POST = b"POST /v2/passport/login HTTP/1.1\r\n" + HOST
WEBSOCKET = GET + (b"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                   b"Sec-WebSocket-Version: 13\r\n\r\n")
H2C = GET + b"Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n\r\n"
OTHER = GET + b"Upgrade: flagship/9\r\nConnection: Upgrade\r\n\r\n"
CONNECT = b"CONNECT example.org:443 HTTP/1.1\r\nHost: example.org:443\r\n\r\n"
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes.fromhex("000000040000000000")


@pytest.fixture(scope="module")
def target(tmp_path_factory):
    """A cloud whose owner has logged in from home, and his login."""
    with Cloud(tmp_path_factory.mktemp("target")) as cloud:
        cloud.add_account(ANNE, PASSWORD)
        cloud.add_account(BOB, PASSWORD)
        cloud.start()
        cloud.service = json.loads(urllib.request.urlopen(f"{cloud.api}/v1/flagship/service", context=context_of(cloud)).read())
        cloud.owner = login_body(ANNE, PASSWORD, cloud.service["data"]["public_key"])
        cloud.stranger = login_body("nobody@example.org", "wrong", cloud.service["data"]["public_key"])
        check_owner(cloud)
        yield cloud
        assert peak_mib(cloud) < PEAK_MAX_MIB


def peak_mib(cloud):
    lines = pathlib.Path(f"/proc/{cloud.process.pid}/status").read_text(encoding="ascii").splitlines()
    return int(next(line for line in lines if line.startswith("VmHWM:")).split()[1]) // 1024


def check_owner(cloud, source=OWNER, body=None):
    """He is let in, and does not wait until the attack is over. How soon is told by bench/attacked.py."""
    status, _, answer, _ = log_in(cloud, body or cloud.owner, source)
    assert (status, answer["code"]) == (200, 0), answer


# What a connection sends first, and then every fifth of a second; and whether over TLS.
HELD = {
    "no byte": (b"", b"", False),
    "no end of the handshake": (bytes.fromhex("1603010200010001fc0303"), b"\0", False),
    "no request": (b"", b"", True),
    "headers": (GET, b"X-A: b\r\n", True),
    "one header": (GET + b"X-A: ", b"b", True),
    "body": (POST + b"Content-Length: 60000\r\n\r\n", b" ", True),
    "chunks": (POST + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n", True),
    "trailers": (POST + b"Transfer-Encoding: chunked\r\n\r\n0\r\n", b"X: y\r\n", True),
    "requests": (GET + b"\r\n", GET + b"\r\n", True),
}


@pytest.mark.parametrize("name", HELD)
def test_connections_that_are_held(target, name):
    first, drip, tls = HELD[name]
    with Holders(target, SEVERAL if drip else MANY, first, drip, tls) as holders:
        check_owner(target)
        # From an address that holds as many as it may, too.
        check_owner(target, address(0))
        assert holders.await_open(ALL) <= ALL
    check_owner(target)


@pytest.mark.parametrize("request_line", [WEBSOCKET, H2C, OTHER, CONNECT, PREFACE], ids=["websocket", "h2c", "other", "connect", "h2"])
def test_a_connection_becomes_nothing_else(target, request_line):
    with Holders(target, MANY if request_line == WEBSOCKET else SHARE, request_line) as holders:
        check_owner(target)
        assert holders.await_open(0) == 0
    with secure(target, ELSEWHERE, context_of(target)) as connection:
        connection.sendall(request_line)
        said = b""
        with contextlib.suppress(OSError):
            while piece := connection.recv(65536):
                said += piece
        assert said.startswith(b"HTTP/1.1 400 "), said


def test_http_2_is_not_spoken(target):
    context = context_of(target)
    context.set_alpn_protocols(["h2", "http/1.1"])
    with secure(target, ELSEWHERE, context) as connection:
        assert connection.selected_alpn_protocol() == "http/1.1"


@pytest.mark.parametrize("tls", [False, True])
def test_an_address_has_its_share(target, tls):
    with Holders(target, 2 * SHARE, tls=tls, source=ELSEWHERE) as early, Holders(target, 1, source=address(9)) as other:
        assert 0 < early.await_open(SHARE) <= SHARE
        # Who comes last is let in, in the place of those who came first.
        with Holders(target, SHARE // 2, tls=tls, source=ELSEWHERE) as late:
            assert 0 < early.await_open(SHARE // 2) <= SHARE // 2
            assert late.count_open() == SHARE // 2
        assert other.count_open() == 1
    target.process.await_text("too many connections")


def test_connections_that_come_and_go(target):
    def act(number):
        plain(target, address(number % 40)).close()

    with Repeated(act, 4) as attack:
        for _ in range(3):
            check_owner(target)
    assert attack.count > 100


def test_each_step_has_an_end_however_much_is_sent(target):
    """All of them at once, since each takes as long as a step may."""
    with contextlib.ExitStack() as stack:
        all_held = {name: stack.enter_context(Holders(target, 2, *HELD[name], source=address(number)))
                    for number, name in enumerate(HELD) if name != "requests"}
        early = time.monotonic()
        assert all(holders.count_open() == 2 for holders in all_held.values())
        for name, holders in all_held.items():
            assert holders.await_open(0, 40) == 0, name
        assert time.monotonic() - early > 5


def test_a_connection_has_so_many_requests(target):
    connection = http.client.HTTPSConnection("127.0.0.1", target.api_port, context=context_of(target))
    with contextlib.closing(connection):
        for number in range(1100):
            connection.request("GET", "/v1/flagship/service")
            answer = connection.getresponse()
            assert answer.status == 200 and answer.read()
            if answer.getheader("connection") == "close":
                break
    assert number == 999


# --- a cluster of brokers ---


def test_a_cluster_has_as_many_as_it_needs(target):
    url = next(word for word in target.command("cluster", "--print", "emqx").split() if "/cluster/" in word).strip('",')
    path = "/cluster/" + url.split("/cluster/", 1)[1]
    body = json.dumps({"username": "x", "password": "y", "clientid": "z"}).encode()

    def ask(connection):
        connection.request("POST", path, body=body, headers={"Content-Type": "application/json"})
        answer = connection.getresponse()
        return answer.status, answer.read()

    brokers = [http.client.HTTPSConnection("127.0.0.1", target.api_port, context=context_of(target), source_address=("127.0.34.1", 0))
               for _ in range(3 * SHARE)]
    with contextlib.ExitStack() as stack, Holders(target, SEVERAL):
        for broker in brokers:
            stack.enter_context(contextlib.closing(broker))
        known = ask(brokers[0])
        assert known[0] == 200
        with concurrent.futures.ThreadPoolExecutor(16) as pool:
            assert set(pool.map(ask, brokers)) == {known}
            sockets = [broker.sock for broker in brokers]
            assert set(pool.map(ask, brokers)) == {known}
        assert sockets == [broker.sock for broker in brokers]
    # They come back all at once after a start.
    target.stop()
    target.start()
    again = Holders(target, 3 * SHARE, source="127.0.34.1", tls=False)
    with again:
        assert again.count_open() == 3 * SHARE


# --- what the page says ---


def test_the_page_says_what_the_code_does():
    page = " ".join((ROOT / "docs/security.md").read_text(encoding="utf-8").split())
    values = {}
    for name in ("cloud/api/api.h", "daemon/http/peers.h", "daemon/login/familiar.h", "cloud/api/work.h", "daemon/login/throttle.h", "transport/mqtt/gate.h"):
        text = (ROOT / "src" / name).read_text(encoding="utf-8")
        values |= {key: int(value) for key, value in re.findall(r"#define (\w+)\s+(?:INT64_C\()?(\d+)", text)}
    for words in (
        "{API_CONNECTIONS_MAX}, of an address {API_CONNECTIONS_OF_ADDRESS_MAX} |",
        "may have {API_CONNECTIONS_OF_CLUSTER_MAX} others, and is remembered ({HTTP_TRUSTED_MAX} of them)",
        "{API_REQUESTS_MAX} requests",
        "({FAMILIAR_MAX} pairs, {FAMILIAR_OF_ACCOUNT_MAX} of an account)",
        "{API_WORK_RUNNING_MAX}, of which {API_WORK_STRANGERS_MAX} is",
        "{API_WORK_WAITING_MAX} of each kind below, {API_WORK_OF_SAME_MAX} of one address or account",
        "{THROTTLE_FREE_TRIES} of an address, {THROTTLE_FREE_TRIES} of an account from one address",
        "429: {THROTTLE_WAIT_FIRST_S} s, twice as long each time, {THROTTLE_WAIT_MAX_S} s at most",
        "| {MQTT_GATE_UNREAD_MAX} |",
    ):
        assert words.format(**values) in page, words.format(**values)
    assert f"{values['API_STEP_MS'] // 1000} s each" in page
    assert f"{values['API_LIFETIME_MS'] // 60000} minutes" in page
    assert f"{values['API_HEADERS_MAX'] // 1024} KiB, 64 KiB, also in chunks" in page
