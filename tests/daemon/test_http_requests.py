# SPDX-License-Identifier: MIT
"""Requests, routes, rights and what is no request, asked over real sockets."""

import contextlib
import http.client
import os
import signal
import socket
import ssl
import stat

import pytest

from http_server import KEY, TIMEOUT_S, Server, curl, head, make_certificate

GET = head("GET", "/hello")


@pytest.mark.parametrize("tls", [False, True])
def test_a_request_is_answered(server, tls):
    status, headers, body = server.ask("GET", "/hello", tls=tls)
    assert (status, body, headers["content-length"]) == (200, b"hello", "5")
    assert headers["date"].endswith(" GMT")
    assert server.ask("GET", "/show/a%20b%2Fc?x=1&q=%C3%A9+y", tls=tls)[2].decode() == f"GET /show/a b/c a b/c é y 127.0.0.1 {'tls' if tls else 'plain'}"


def test_a_unix_socket(server):
    assert curl("--unix-socket", server.unix, "http://localhost/show/x") == b"GET /show/x x  unix plain"
    assert stat.S_IMODE(os.stat(server.unix).st_mode) == 0o600


def test_a_unix_socket_that_nobody_serves_is_replaced_and_no_other(folder, start):
    path = folder / "left"
    left = socket.socket(socket.AF_UNIX)
    left.bind(str(path))
    left.close()
    first = start(f"unix={path}")
    assert curl("--unix-socket", path, "http://localhost/hello") == b"hello"
    with pytest.raises(AssertionError):
        Server(f"unix={path}")
    assert curl("--unix-socket", path, "http://localhost/hello") == b"hello"
    first.stop()
    assert not path.exists()
    (folder / "file").write_text("mine")
    with pytest.raises(AssertionError):
        Server(f"unix={folder}/file")
    assert (folder / "file").read_text() == "mine"


def test_a_connection_has_many_requests(server):
    with server.connect() as connection:
        for _ in range(50):
            assert connection.ask(GET)[2] == b"hello"


def test_requests_that_are_sent_ahead_are_answered_in_order(server):
    with server.connect(tls=True) as connection:
        connection.send(head("POST", "/echo", "Content-Length: 3") + "abc" + GET + head("POST", "/echo", "Transfer-Encoding: chunked") +
                        "3\r\nxyz\r\n0\r\n\r\n" + head("GET", "/later?ms=20") + GET)
        assert [connection.answer()[2] for _ in range(5)] == [b"abc", b"hello", b"xyz", b"later", b"hello"]


def test_a_request_in_single_bytes(server):
    with server.connect() as connection:
        connection.send(*(GET + head("POST", "/echo", "Content-Length: 2") + "ok"))
        assert [connection.answer()[2] for _ in range(2)] == [b"hello", b"ok"]


def test_head_has_the_headers_of_get_and_no_body(server):
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    connection.request("HEAD", "/hello")
    answer = connection.getresponse()
    assert (answer.status, answer.getheader("content-length"), answer.read()) == (200, "5", b"")
    connection.request("GET", "/hello")
    assert connection.getresponse().read() == b"hello"
    connection.close()


def test_http_1_0_ends_with_its_answer_unless_asked(server):
    with server.connect() as connection:
        assert connection.ask("GET /hello HTTP/1.0\r\n\r\n")[1]["connection"] == "close"
        assert connection.rest() == b""
    with server.connect() as connection:
        for _ in range(2):
            assert connection.ask("GET /hello HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")[2] == b"hello"


@pytest.mark.parametrize("method, path, status, allowed", [
    ("GET", "/nothing", 404, None), ("GET", "/", 404, None), ("POST", "/hello", 405, "GET, HEAD"), ("PURGE", "/hello", 405, "GET, HEAD"),
    ("OPTIONS", "/echo", 405, "GET, HEAD, POST, PUT, DELETE"), ("GET", "/show/", 404, None), ("GET", "/show/a/b", 404, None),
    ("GET", "/show/..", 400, None), ("GET", "/file/a/%2e%2e/b", 400, None), ("GET", "/file/a%2f..%2fb", 400, None), ("GET", "/%00", 400, None)])
def test_what_is_no_route(server, method, path, status, allowed):
    got, headers, _ = server.ask(method, path)
    assert (got, headers["allow"]) == (status, allowed)


# A text, the status of its refusal. The connection ends with each.
NO_REQUESTS = [
    ("nonsense\r\n\r\n", 400), ("GET /hello HTTP/2.0\r\nHost: x\r\n\r\n", 505), ("GET /hello HTTP/1.1\r\n\r\n", 400),
    (head("GET", "/hello", "Host: y"), 400), (head("GET", "/hello", "A : b"), 400), (head("GET", "/hello", " folded: x"), 400),
    ("GET /hello HTTP/1.1\nHost: x\n\r\n\r\n", 400), ("CONNECT x:443 HTTP/1.1\r\nHost: x\r\n\r\n", 400),
    ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400), (head("POST", "/echo", "Content-Length: x"), 400),
    (head("POST", "/echo", "Content-Length: 1", "Content-Length: 1"), 400), (head("POST", "/echo", "Transfer-Encoding: gzip"), 400),
    (head("POST", "/echo", "Transfer-Encoding: chunked", "Content-Length: 4") + "0\r\n\r\n", 400),
    (head("POST", "/echo", "Transfer-Encoding: chunked") + "zz\r\n", 400), (head("GET", "/hello", "Expect: money"), 417),
    (head("GET", "/hello", "X: " + "y" * 9000), 431), (head("GET", "/hello", *["X: y"] * 70), 431), ("GET /" + "y" * 9000, 431)]


@pytest.mark.parametrize("text, status", NO_REQUESTS, ids=range(len(NO_REQUESTS)))
def test_what_is_no_request_is_refused_and_the_connection_with_it(server, text, status):
    """What follows is never taken for another request."""
    with server.connect() as connection:
        got, headers, _ = connection.ask(text + GET)
        assert (got, headers["connection"]) == (status, "close")
        assert connection.rest() == b""


def test_an_answer_has_no_headers_of_strangers(server):
    status, headers, body = server.ask("GET", "/reflect?q=a%0d%0aSet-Cookie:%20b")
    assert (status, headers["set-cookie"], body) == (500, None, b"")
    assert server.ask("GET", "/reflect?q=fine")[1]["x-reflected"] == "fine"


def test_rights_come_before_the_body(server):
    assert server.ask("GET", "/secret")[0] == 401
    assert server.ask("GET", "/secret", headers={"X-Api-Key": "wrong"})[0] == 401
    assert server.ask("GET", "/secret", headers={"x-api-KEY": KEY})[2] == b"secret"
    server.process.await_text("GET /secret ali 200 0 6")
    with server.connect() as connection:
        # No word of 100 Continue to who may not.
        status, headers, _ = connection.ask(head("PUT", "/small", "Content-Length: 500", "Expect: 100-continue"))
        assert (status, headers["connection"]) == (401, "close")
    with server.connect() as connection:
        # A small body costs less than a new connection.
        assert connection.ask(head("PUT", "/small", "Content-Length: 500") + "x" * 500)[0] == 401
        assert connection.ask(GET)[2] == b"hello"


def test_an_answer_may_come_later_and_who_went_is_reported(server):
    before = server.status()["gone"]
    assert server.ask("GET", "/later?ms=30")[2] == b"later"
    connection = server.connect(tls=True)
    connection.send(head("GET", "/later?ms=60000"))
    server.await_status(lambda status: status["connections"] >= 2)
    connection.close()
    assert server.await_status(lambda status: status["gone"] > before)["gone"] == before + 1


def test_the_access_log(server):
    server.ask("POST", "/echo?token=no", body=b"four")
    server.process.await_text("access 127.0.0.1 POST /echo - 200 4 4")
    server.ask("GET", "/no%20where")
    server.process.await_text("access 127.0.0.1 GET /no where - 404 0 9")
    assert "token" not in server.process.log and "/status" not in server.process.log


# --- certificates ---


def served_certificate(server):
    with server.connect(tls=True) as connection:
        return connection.socket.getpeercert(binary_form=True)


def reload(server):
    count = len([line for line in server.process.log.splitlines() if line.startswith("reload")])
    server.process.signal(signal.SIGHUP)
    lines = server.process.await_lines(lambda lines: sum(line.startswith("reload") for line in lines) > count)
    return next(line for line in reversed(lines) if line.startswith("reload"))


def test_certificates_are_read_anew_all_or_none(tmp_path, start):
    first = make_certificate(tmp_path, "server")
    server = start(f"certificate={tmp_path}/server.pem", f"key={tmp_path}/server.key")
    with server.connect(tls=True) as standing:
        assert served_certificate(server) == first
        # Of another kind, so that the old one is not kept beside it.
        second = make_certificate(tmp_path, "server", "rsa")
        assert reload(server).startswith("reload 0")
        assert served_certificate(server) == second
        make_certificate(tmp_path, "other")
        (tmp_path / "server.key").write_bytes((tmp_path / "other.key").read_bytes())
        assert "no certificate and the key that belongs to it" in reload(server)
        (tmp_path / "server.pem").unlink()
        assert "server.pem cannot be read" in reload(server)
        server.ca = str(tmp_path / "second.pem")
        (tmp_path / "second.pem").write_text(ssl.DER_cert_to_PEM_cert(second))
        assert served_certificate(server) == second
        assert standing.ask(GET)[2] == b"hello"


def test_tls_is_1_2_at_least_and_http_2_is_not_offered(server):
    context = server.context()
    context.set_alpn_protocols(["h2", "http/1.1"])
    with context.wrap_socket(socket.create_connection(("127.0.0.1", server.tls_port)), server_hostname="localhost") as connection:
        assert connection.selected_alpn_protocol() == "http/1.1" and connection.version() in ("TLSv1.2", "TLSv1.3")


def test_what_is_no_tls_is_ended(server):
    with socket.create_connection(("127.0.0.1", server.tls_port), 10) as connection:
        connection.sendall(GET.encode())
        with contextlib.suppress(ConnectionResetError):
            assert b"hello" not in connection.recv(1000)


# --- listeners that come and go ---


def test_a_listener_ends_with_its_connections(server):
    port = int(server.ask("POST", "/listen")[2])
    assert server.ask("GET", "/listener")[2] == b"first"
    before = server.descriptors()
    first, waits = server.connect(), server.connect()
    second = socket.create_connection(("127.0.0.1", port), TIMEOUT_S)
    second.sendall(b"GET /listener HTTP/1.1\r\nHost: x\r\n\r\n")
    assert second.recv(4096).endswith(b"second")
    later = socket.create_connection(("127.0.0.1", port), TIMEOUT_S)
    later.sendall(b"GET /later?ms=60000 HTTP/1.1\r\nHost: x\r\n\r\n")
    gone = server.status()["gone"]
    assert server.ask("POST", "/unlisten")[2] == b"another's"
    assert second.recv(4096) == b""
    assert later.recv(4096) == b""
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), TIMEOUT_S)
    server.await_status(lambda status: status["gone"] == gone + 1)
    assert first.ask("GET /hello HTTP/1.1\r\nHost: x\r\n\r\n")[2] == b"hello"
    for connection in (first, waits, second, later):
        connection.close()
    server.await_status(lambda _: server.descriptors() < before)


def test_a_listener_that_ends_itself(server):
    port = int(server.ask("POST", "/listen")[2])
    with socket.create_connection(("127.0.0.1", port), TIMEOUT_S) as client:
        client.sendall(b"POST /unlisten HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n")
        with contextlib.suppress(ConnectionResetError):
            client.recv(4096)
    assert server.ask("GET", "/hello")[0] == 200


def test_a_port_that_is_taken_can_be_had_later(server):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        before = server.descriptors()
        for _ in range(50):
            status, _, text = server.ask("POST", f"/listen?port={port}")
            assert status == 409 and b"Address already in use" in text
        assert server.descriptors() <= before + 2
    assert int(server.ask("POST", f"/listen?port={port}")[2]) == port
    server.ask("POST", "/unlisten")
