# SPDX-License-Identifier: MIT
"""Bodies of requests: whole, in a stream, in parts; and what is answered before they are there."""

import os
import socket
import subprocess

import pytest

from http_server import SANITIZED, curl, head

MIB = 1024 * 1024
GET = head("GET", "/hello")
BOUNDARY = "Content-Type: multipart/form-data; boundary=xx"


@pytest.fixture(scope="module")
def five(tmp_path_factory):
    path = tmp_path_factory.mktemp("upload") / "five.gcode"
    path.write_bytes(os.urandom(5 * MIB))
    return path


@pytest.mark.parametrize("size", [0, 1, 4095, 4096, 65536])
@pytest.mark.parametrize("chunked", [False, True])
def test_a_whole_body(server, size, chunked):
    body = os.urandom(size)
    assert server.ask("POST", "/echo", body=iter([body[:size // 2], body[size // 2:]]) if chunked and size > 1 else body, tls=True)[::2] == (200, body)


def test_a_body_that_is_too_large(server):
    with server.connect() as connection:
        assert connection.ask(head("POST", "/echo", "Content-Length: 65537"), b"x" * 65537)[0] == 413
        assert connection.ask(GET)[2] == b"hello"
    with server.connect() as connection:
        status, headers, _ = connection.ask(head("POST", "/echo", "Content-Length: 900000000"))
        assert (status, headers["connection"]) == (413, "close")
        assert connection.rest() == b""
    with server.connect() as connection:
        connection.send(head("POST", "/echo", "Transfer-Encoding: chunked"), "10000\r\n", b"x" * 65536, "\r\n1\r\ny\r\n")
        assert connection.answer()[0] == 413
    # Of a client that sends all before it reads, the answer arrives nevertheless.
    assert curl("-o", "/dev/null", "-w", "%{http_code}", "-H", "Expect:", "-H", "Transfer-Encoding: chunked", "--data-binary", "@-",
                f"{server.url}/echo", data=b"x" * MIB) == b"413"


@pytest.mark.parametrize("options", [(), ("-H", "Transfer-Encoding: chunked")], ids=["length", "chunks"])
def test_100_continue_costs_no_second(server, five, options):
    """libcurl waits a second for it, and says so in what it prints."""
    result = subprocess.run(["curl", "-sSv", "--cacert", server.ca, "-H", "Expect: 100-continue", *options, "-T", five, f"{server.tls_url}/bytes",
                             "-w", " %{time_total}"], capture_output=True, text=True, check=True)
    assert "< HTTP/1.1 100 Continue" in result.stderr and "Done waiting" not in result.stderr
    assert result.stdout.split()[0] == str(5 * MIB)


def test_100_continue_is_not_said_where_nobody_waits(server):
    with server.connect() as connection:
        status, _, body = connection.ask(head("POST", "/echo", "Content-Length: 2") + "ok")
        assert (status, body) == (200, b"ok")
        # With the body at its heels it is said, and the answer follows.
        connection.send(head("POST", "/echo", "Content-Length: 2", "Expect: 100-continue") + "ok")
        assert connection.answer()[0] == 100
        assert connection.answer()[::2] == (200, b"ok")


def test_an_upload_of_a_slicer(server, five):
    read = curl("--cacert", server.ca, "-F", "print=true", "-F", f"file=@{five};type=application/octet-stream", "-F", "path=",
                f"{server.tls_url}/upload")
    assert read.decode().split() == ["print=:4", f"file=five.gcode:{5 * MIB}", "path=:0"]


def test_300_mib_in_constant_memory(server):
    """By a socket of its own, as fast as it goes: the boundary may fall anywhere."""
    size = 300 * MIB
    start = b'--xx\r\nContent-Disposition: form-data; name="file"; filename="big"\r\n\r\n'
    end = b"\r\n--xx--\r\n"
    piece = (b"\r\n--x" * (MIB // 5 + 1))[:MIB]
    before = server.memory_kib("VmRSS")
    with server.connect() as connection:
        connection.send(head("POST", "/upload", BOUNDARY, f"Content-Length: {len(start) + size + len(end)}"), start)
        for _ in range(300):
            connection.send(piece)
        assert connection.ask(end)[2].decode() == f"file=big:{size} "
    if not SANITIZED:
        assert server.memory_kib() - before < 4096


@pytest.mark.parametrize("body", ["", "--xx--", "nothing", "--xx\r\nContent-Disposition: form-data\r\n\r\nx\r\n--xx--",
                                  '--xx\r\nContent-Disposition: form-data; name="a"\r\n\r\nx'])
def test_parts_that_are_none(server, body):
    with server.connect() as connection:
        status = connection.ask(head("POST", "/upload", BOUNDARY, f"Content-Length: {len(body)}") + body)[0]
        assert status == (200 if body == "--xx--" else 400)
        assert connection.ask(head("POST", "/upload", "Content-Type: text/plain", "Content-Length: 2") + "ab")[0] == 415
        assert connection.ask(GET)[2] == b"hello"


def test_who_reads_slowly_slows_the_client_down(server):
    """Back-pressure: the server keeps one piece, and the rest waits in the sockets."""
    size = 8 * MIB
    before = server.memory_kib("VmRSS")
    with server.connect() as connection:
        connection.socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 65536)
        connection.send(head("PUT", "/bytes?slow", f"Content-Length: {size}"))
        for _ in range(8):
            connection.send(b"x" * MIB)
        assert connection.answer()[2] == str(size).encode()
        assert connection.ask(GET)[2] == b"hello"
    if not SANITIZED:
        assert server.memory_kib() - before < 4096


def test_a_slow_body_in_chunks_with_another_request_behind(server):
    with server.connect(tls=True) as connection:
        connection.send(head("PUT", "/bytes?slow", "Transfer-Encoding: chunked") + "3\r\nabc\r\n" * 20 + "0\r\n\r\n" + GET)
        assert [connection.answer()[2] for _ in range(2)] == [b"60", b"hello"]


@pytest.mark.parametrize("tls", [False, True])
def test_a_body_that_was_answered_early_with_another_request_behind(server, tls):
    """Its end was no end: the server looked at the next request for ever, and at nothing else."""
    with server.connect(tls=tls) as connection:
        connection.send(head("POST", "/upload", "Content-Type: text/plain", "Content-Length: 100") + "x" * 100 + GET)
        assert [connection.answer()[0] for _ in range(2)] == [415, 200]
        connection.send(head("POST", "/upload", "Content-Type: text/plain", "Content-Length: 100"))
        assert connection.answer()[0] == 415
        connection.send("x" * 100 + GET)
        assert connection.answer()[2] == b"hello"


def test_who_goes_in_the_middle_is_reported(server):
    before = server.status()["gone"]
    with server.connect() as connection:
        connection.send(head("PUT", "/bytes", "Content-Length: 1000") + "half")
        server.await_status(lambda status: status["connections"] >= 2)
    server.await_status(lambda status: status["gone"] == before + 1)


def test_the_largest_body_of_a_route(server):
    key = "X-Api-Key: sesame"
    with server.connect() as connection:
        assert connection.ask(head("PUT", "/small", key, "Content-Length: 1000"), b"x" * 1000)[2] == b"1000"
        assert connection.ask(head("PUT", "/small", key, "Content-Length: 1001"), b"x" * 1001)[0] == 413
        assert connection.ask(head("PUT", "/small", key, "Transfer-Encoding: chunked"), "3e9\r\n", b"x" * 1001, "\r\n0\r\n\r\n")[0] == 413
