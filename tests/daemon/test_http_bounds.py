# SPDX-License-Identifier: MIT
"""Limits: of connections, addresses, time, requests; and that nothing is left behind."""

import contextlib
import time

import pytest

from http_server import SANITIZED, head

GET = head("GET", "/hello")


def count_open(connections):
    """Those that the server has not ended."""
    count = 0
    for connection in connections:
        connection.socket.settimeout(0.01)
        with contextlib.suppress(ConnectionError):
            try:
                count += connection.socket.recv(100) != b""
            except TimeoutError:
                count += 1
    return count


def await_open(connections, count):
    end = time.monotonic() + 60
    while count_open(connections) > count:
        assert time.monotonic() < end
    return count_open(connections)


def test_an_address_has_its_share_and_the_idlest_go(start):
    server = start("connections_of_address=5")
    with contextlib.ExitStack() as stack:
        held = [stack.enter_context(server.connect(source="127.0.0.2")) for _ in range(12)]
        assert await_open(held, 5) == 5
        assert count_open(held[:7]) == 0
        # Others are none the wiser, and who comes again is let in.
        assert server.ask("GET", "/hello")[0] == 200
        assert server.ask("GET", "/hello", source="127.0.0.2")[0] == 200


def test_all_together(start):
    server = start("connections=8")
    with contextlib.ExitStack() as stack:
        held = [stack.enter_context(server.connect(source=f"127.0.0.{10 + number}")) for number in range(20)]
        assert server.ask("GET", "/hello")[0] == 200
        assert await_open(held, 8) <= 8
    server.process.await_text("too many connections")


def test_who_is_trusted_has_more(start):
    server = start("connections_of_address=3")
    with contextlib.ExitStack() as stack:
        held = [stack.enter_context(server.connect(source="127.0.0.3"))]
        assert held[0].ask(head("GET", "/trust"))[2] == b"new"
        held += [stack.enter_context(server.connect(source="127.0.0.3")) for _ in range(12)]
        assert held[1].ask(GET)[2] == b"hello"
        assert count_open(held) == 13


# What is sent first, then every tenth of a second.
HELD = {
    "nothing": ("", ""),
    "headers": ("GET /hello HTTP/1.1\r\nHost: x\r\n", "X: y\r\n"),
    "empty lines": ("\r\n", "\r\n"),
    "a body": (head("POST", "/echo", "Content-Length: 60000"), "x"),
    "chunks": (head("POST", "/echo", "Transfer-Encoding: chunked"), "1\r\nx\r\n"),
    "a stream": (head("PUT", "/bytes", "Content-Length: 60000"), "x"),
}


def test_each_step_has_an_end_however_much_drips(start):
    server = start("step_ms=2000", "stream_rate=1000")
    with contextlib.ExitStack() as stack:
        connections = {name: stack.enter_context(server.connect()) for name in HELD}
        for name, connection in connections.items():
            connection.send(HELD[name][0])
        slow = stack.enter_context(server.connect())
        slow.send(head("PUT", "/bytes", "Content-Length: 30000"))
        end = time.monotonic() + 60
        sent = 0
        while connections and time.monotonic() < end:
            for name, connection in list(connections.items()):
                if not count_open([connection]):
                    del connections[name]
                    continue
                with contextlib.suppress(OSError):
                    connection.send(HELD[name][1])
            if sent < 30000:
                # Slow, and faster than a stream has to be: it takes longer than a step, and arrives.
                slow.send(b"x" * 500)
                sent += 500
            time.sleep(0.1)
        assert not connections
        while sent < 30000:
            slow.send(b"x" * 500)
            sent += 500
        assert slow.answer()[2] == b"30000"


def test_a_reader_that_takes_nothing_is_ended(start):
    server = start("step_ms=1500")
    with server.connect() as connection:
        connection.send(head("GET", "/pattern?bytes=900000000"))
        server.await_status(lambda status: status["closed"] == 1)


def test_a_connection_has_so_many_requests(start):
    server = start("requests=3")
    with server.connect() as connection:
        assert [connection.ask(GET)[1]["connection"] for _ in range(3)] == [None, None, "close"]
        assert connection.rest() == b""


def test_an_address_has_so_many_requests_a_second(start):
    server = start("requests_per_s=2")
    statuses = [server.ask("GET", "/hello", source="127.0.0.4")[0] for _ in range(30)]
    assert statuses[:8] == [200] * 8 and 429 in statuses
    assert server.ask("GET", "/hello", source="127.0.0.5")[0] == 200
    assert server.ask("GET", "/hello", source="127.0.0.4")[1]["retry-after"] == "1"


def test_headers_have_a_size(start):
    server = start("header_bytes=1000")
    assert server.ask("GET", "/hello", headers={"X": "y" * 800})[0] == 200
    assert server.ask("GET", "/hello", headers={"X": "y" * 1000})[0] == 431


@pytest.mark.parametrize("tls", [False, True])
def test_nothing_is_left_behind(server, tls):
    def use():
        for number in range(40):
            with server.connect(tls) as connection:
                connection.send((GET, head("GET", "/pattern?bytes=9000000"), head("GET", "/later?ms=60000"), head("PUT", "/bytes", "Content-Length: 9"),
                                 head("GET", "/file/large"))[number % 5])
        return server.await_status(lambda status: status["connections"] == 1)

    use()
    descriptors, memory = server.descriptors(), server.memory_kib("VmRSS")
    for _ in range(5):
        use()
    assert server.descriptors() <= descriptors + 2
    if not SANITIZED:
        assert server.memory_kib("VmRSS") - memory < 4096
