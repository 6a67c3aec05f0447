# SPDX-License-Identifier: MIT
"""WebSockets and Server-Sent Events: with a client of others, and with bytes as they are."""

import contextlib
import os
import re
import socket
import struct
import threading

import pytest
import websocket

from http_server import SANITIZED, head

KEY = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="
UPGRADE = ("Upgrade: websocket", "Connection: keep-alive, Upgrade", KEY, "Sec-WebSocket-Version: 13")


@contextlib.contextmanager
def opened(server, query="", tls=False, **options):
    url = f"{'wss' if tls else 'ws'}://localhost:{server.tls_port if tls else server.port}/ws{query}"
    client = websocket.create_connection(url, timeout=60, sslopt={"ca_certs": server.ca}, **options)
    with contextlib.closing(client):
        yield client


def frame(first, payload=b"", mask=b"\1\2\3\4"):
    length = len(payload)
    head = bytes([first, 0x80 | (length if length < 126 else 126 if length < 65536 else 127)])
    head += b"" if length < 126 else struct.pack(">H", length) if length < 65536 else struct.pack(">Q", length)
    return head + mask + bytes(b ^ mask[i % 4] for i, b in enumerate(payload))


@pytest.mark.parametrize("tls", [False, True])
def test_messages_come_back(server, tls):
    with opened(server, tls=tls) as client:
        for size in (0, 1, 125, 126, 65535, 65536):
            text = "é" * (size // 2) + "x" * (size % 2)
            client.send(text)
            assert client.recv() == text
        client.send_binary(bytes(range(256)))
        assert client.recv() == bytes(range(256))
        client.ping("are you there")
        assert client.recv_frame().data == b"are you there"


def test_a_client_of_one_protocol(server):
    with opened(server, subprotocols=["other", "test"]) as client:
        assert client.getsubprotocol() == "test"
    with server.connect() as connection:
        assert connection.ask(head("GET", "/ws", *UPGRADE, "Sec-WebSocket-Protocol: other"))[1]["sec-websocket-protocol"] is None


@pytest.mark.parametrize("lines, status", [
    ((), 426), (UPGRADE[:3], 426), ((*UPGRADE[:3], "Sec-WebSocket-Version: 8"), 426), (UPGRADE[:2] + UPGRADE[3:], 400),
    ((*UPGRADE[:2], "Sec-WebSocket-Key: short", UPGRADE[3]), 400)])
def test_what_is_no_handshake(server, lines, status):
    with server.connect() as connection:
        got, headers, _ = connection.ask(head("GET", "/ws", *lines))
        assert got == status and (status != 426 or headers["sec-websocket-version"] == "13")
        assert connection.ask(head("GET", "/hello"))[2] == b"hello"


@contextlib.contextmanager
def raw(server, query="", tls=False):
    with server.connect(tls) as connection:
        status, headers, _ = connection.ask(head("GET", "/ws" + query, *UPGRADE))
        assert (status, headers["sec-websocket-accept"]) == (101, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
        yield connection


def read_frame(connection):
    first, length = connection.stream.read(2)
    if length == 126:
        length = struct.unpack(">H", connection.stream.read(2))[0]
    elif length == 127:
        length = struct.unpack(">Q", connection.stream.read(8))[0]
    return first, connection.stream.read(length)


def read_close(connection):
    """The code of the close frame that comes at last."""
    while True:
        first, payload = read_frame(connection)
        if first == 0x88:
            return struct.unpack(">H", payload[:2])[0] if payload else None


def test_a_message_in_single_bytes_with_a_ping_within(server):
    with raw(server) as connection:
        for byte in frame(0x01, b"he") + frame(0x89, b"p") + frame(0x00, b"l") + frame(0x80, b"lo"):
            connection.send(bytes([byte]))
        assert read_frame(connection) == (0x8a, b"p")
        assert read_frame(connection) == (0x81, b"hello")


def test_messages_behind_the_handshake(server):
    with server.connect(tls=True) as connection:
        connection.send(head("GET", "/ws", *UPGRADE).encode() + frame(0x81, b"at once"))
        assert connection.answer()[0] == 101
        assert read_frame(connection) == (0x81, b"at once")


@pytest.mark.parametrize("bytes_, code", [
    (b"\x81\x05hello", 1002), (frame(0xc1, b"x"), 1002), (frame(0x83), 1002), (frame(0x80, b"x"), 1002), (frame(0x81, b"\xff"), 1007),
    (frame(0x01, b"x") + frame(0x01, b"x"), 1002), (frame(0x09), 1002), (frame(0x88, b"\x03"), 1002), (frame(0x88, b"\x03\xed"), 1002),
    (frame(0x82, b"x" * 65537), 1009), (b"\x82\xff" + b"\xff" * 8 + b"abcd", 1009), (frame(0x02, b"x" * 65536) + frame(0x80, b"x"), 1009)])
def test_what_is_no_websocket_is_refused_and_ended(server, bytes_, code):
    with raw(server) as connection:
        connection.send(bytes_)
        assert read_close(connection) == code
        assert connection.rest() == b""


def test_both_ends_close(server):
    with raw(server) as connection:
        connection.send(frame(0x88, struct.pack(">H", 4000) + b"enough"))
        assert read_close(connection) == 4000 and connection.rest() == b""
    server.await_status(lambda status: status["code"] == 4000)
    with raw(server) as connection:
        connection.send(frame(0x81, b"close"))
        assert read_frame(connection) == (0x88, struct.pack(">H", 4001) + b"as asked")
        # What it sent before it heard of that is read still.
        connection.send(frame(0x81, b"late") + frame(0x88, struct.pack(">H", 4001)))
        assert connection.rest() == b""
    with raw(server) as connection:
        connection.send(frame(0x88))
        assert read_close(connection) is None
    server.await_status(lambda status: status["code"] == 1005)
    with raw(server):
        pass
    server.await_status(lambda status: status["code"] == 1006)


def test_pings_and_who_answers_none(start):
    server = start()
    with raw(server, "?ping") as silent, opened(server, "?ping") as client:
        assert read_frame(silent) == (0x89, b"")
        reader = threading.Thread(target=lambda: [client.recv_frame() and client.pong("") for _ in range(4)])
        reader.start()
        # Two that nobody answered, and it ends.
        assert silent.rest() in (b"", b"\x89\0", b"\x89\0\x89\0")
        reader.join()
        client.send("here still")
        while client.recv() != "here still":
            pass


def narrow(server, path):
    """One that reads nothing, with small buffers."""
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    connection.settimeout(60)
    connection.connect(("127.0.0.1", server.port))
    connection.sendall(head("GET", path, *(UPGRADE if path.startswith("/ws") else ())).encode())
    return connection


def read_all(connection):
    data = b""
    with contextlib.suppress(OSError):
        while piece := connection.recv(65536):
            data += piece
    return data


def test_a_slow_reader_is_notified_and_put_out(server):
    before, overflows = server.memory_kib("VmRSS"), server.status()["overflows"]
    with contextlib.closing(narrow(server, "/ws")) as slow, opened(server) as other:
        while server.status()["overflows"] == overflows:
            slow.sendall(frame(0x81, b"flood 10"))
        other.send("unharmed")
        assert other.recv() == "unharmed"
        data = read_all(slow)
        # What it still got is whole, and the close frame says why.
        assert data.endswith(b"\x88\x12\x03\xf5reads too slowly") and data.count(b"9 ff") >= 1
        server.await_status(lambda status: status["code"] == 1013)
    if not SANITIZED:
        assert server.memory_kib() - before < 8192


def test_a_slow_reader_that_only_loses_messages_is_notified_how_many(server):
    dropped = server.status()["dropped"]
    with contextlib.closing(narrow(server, "/ws?drop")) as slow:
        slow.sendall(frame(0x81, b"flood 2000"))
        data = b""
        while b"dropped " not in data:
            piece = slow.recv(65536)
            assert piece
            data += piece
        count = server.status()["dropped"] - dropped
        assert f"dropped {count}".encode() in data
        # The newest are there, and together it is all.
        assert b"1999 ff" in data and data.count(b" fffff") == 2000 - count


def test_a_slow_reader_that_is_given_no_more_keeps_what_it_has(server):
    dropped = server.status()["dropped"]
    with contextlib.closing(narrow(server, "/ws?refuse")) as slow:
        slow.sendall(frame(0x81, b"flood 2000"))
        data = b""
        while b"dropped " not in data:
            piece = slow.recv(65536)
            assert piece
            data += piece
        count = server.status()["dropped"] - dropped
        assert f"dropped {count}".encode() in data
        # The oldest are there, in their order and without a gap: what builds on another still can.
        assert data.count(b" fffff") == 2000 - count
        assert [int(number) for number in re.findall(rb"(\d+) f{5}", data)] == list(range(2000 - count))
        # And it goes on from what comes next.
        slow.sendall(frame(0x81, b"after"))
        assert b"after" in slow.recv(65536)


@pytest.mark.parametrize("tls", [False, True])
def test_nothing_is_read_of_who_is_paused_and_nothing_lost(server, tls):
    with opened(server, tls=tls) as client:
        client.send("pause")
        assert client.recv() == "paused"
        client.send("one")
        client.send("two")
        # What is sent to him comes all the same.
        assert server.ask("POST", "/publish", body="meanwhile")[2] == b"1"
        assert client.recv() == "meanwhile"
        server.ask("POST", "/resume")
        assert (client.recv(), client.recv()) == ("one", "two")


def test_a_slow_reader_of_events_is_notified_and_put_out(server):
    closed = server.status()["closed"]
    with contextlib.closing(narrow(server, "/events")) as slow:
        server.await_status(lambda status: status["connections"] >= 2)
        while server.ask("POST", "/publish", body=os.urandom(8).hex() * 3000)[2] == b"1":
            pass
        assert read_all(slow).endswith(b"event: overflow\ndata: {}\n\n\r\n0\r\n\r\n")
    server.await_status(lambda status: status["closed"] == closed + 1)


def read_event(connection):
    lines, data = [], b""
    while True:
        size = int(connection.stream.readline(), 16)
        data += connection.stream.read(size)
        connection.stream.readline()
        if data.endswith(b"\n\n"):
            lines = data.decode().splitlines()
            if not lines[0].startswith(":"):
                return [line for line in lines if line]
            data = b""


def test_events(server):
    with server.connect(tls=True) as connection:
        status, headers, _ = connection.ask(head("GET", "/events", "Last-Event-ID: 41"))
        assert (status, headers["content-type"], headers["cache-control"]) == (200, "text/event-stream", "no-store")
        assert read_event(connection) == ["id: 41", "event: hello", "data: one", "data: two"]
        assert server.ask("POST", "/publish", body="a\r\nb\n")[2] == b"1"
        assert read_event(connection) == ["id: 7", "data: a", "data: b", "data: "]
        # What a client sends there is nothing, and costs nothing.
        connection.send("x" * 100000)
        server.ask("POST", "/publish", body="c")
        assert read_event(connection) == ["id: 7", "data: c"]
    assert server.ask("HEAD", "/events")[::2] == (200, b"")


def test_events_are_kept_alive(start):
    """By comments that nobody answers: more of them than a WebSocket may leave without an answer."""
    with start().connect() as connection:
        connection.ask(head("GET", "/events?ping"))
        read_event(connection)
        for _ in range(5):
            assert connection.stream.readline() == b"3\r\n" and connection.stream.readline() == b":\n" and connection.stream.readline() == b"\n"
            assert connection.stream.readline() == b"\r\n"


def test_all_readers_get_the_same(server):
    with contextlib.ExitStack() as stack:
        readers = [stack.enter_context(opened(server)) for _ in range(10)]
        events = [stack.enter_context(server.connect()) for _ in range(10)]
        for connection in events:
            connection.ask(head("GET", "/events"))
            read_event(connection)
        assert server.ask("POST", "/publish", body="to all")[2] == b"20"
        assert {reader.recv() for reader in readers} == {"to all"}
        assert all(read_event(connection) == ["id: 7", "data: to all"] for connection in events)
        server.ask("POST", "/close")
        assert all(connection.stream.read() == b"0\r\n\r\n" for connection in events)


def test_the_end_of_the_server_ends_them(start):
    server = start()
    with raw(server) as connection, server.connect() as events:
        events.ask(head("GET", "/events"))
        server.stop()
        assert connection.rest() == b""
