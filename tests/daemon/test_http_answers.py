# SPDX-License-Identifier: MIT
"""What is sent: streams in constant memory, files, ranges, ETags and codings."""

import gzip
import hashlib
import time

import pytest

from http_server import SANITIZED, curl, head

MIB = 1024 * 1024
GET = head("GET", "/hello")


@pytest.mark.parametrize("tls", [False, True])
@pytest.mark.parametrize("query", ["", "&unknown"])
def test_a_stream(server, tls, query):
    for size in (0, 1, 16384, 16385, 5 * MIB):
        status, headers, body = server.ask("GET", f"/pattern?bytes={size}{query}", tls=tls)
        assert (status, len(body), set(body) <= {ord("x")}) == (200, size, True)
        assert headers["transfer-encoding"] == ("chunked" if query else None)


def test_a_stream_of_unknown_length_for_http_1_0(server):
    with server.connect() as connection:
        connection.send("GET /pattern?bytes=100000&unknown HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
        told, body = connection.rest().split(b"\r\n\r\n", 1)
        assert b"connection: close" in told and b"chunked" not in told and len(body) == 100000


def test_a_slow_reader_costs_no_memory(server):
    before, closed = server.memory_kib("VmRSS"), server.status()["closed"]
    with server.connect() as connection:
        connection.send(head("GET", f"/pattern?bytes={2000 * MIB}"))
        assert connection.stream.read(MIB)
        time.sleep(0.3)
        # Others are served meanwhile.
        assert server.ask("GET", "/hello")[2] == b"hello"
        if not SANITIZED:
            assert server.memory_kib() - before < 4096
    server.await_status(lambda status: status["closed"] == closed + 1)


def test_bytes_sent_by_who_reads_an_answer_cost_no_time(server):
    """A loop that is told of them over and over takes a whole processor."""
    with server.connect() as connection:
        connection.send(head("GET", f"/pattern?bytes={200 * MIB}") + "x" * 50000)
        time.sleep(0.2)
        spent = cpu_seconds(server)
        time.sleep(0.5)
        assert cpu_seconds(server) - spent < 0.2


def cpu_seconds(server):
    with open(f"/proc/{server.process.pid}/schedstat", encoding="ascii") as file:
        return int(file.read().split()[0]) / 1e9


def test_a_file(server, folder):
    status, headers, body = server.ask("GET", "/file/digits.txt")
    assert (status, body, headers["content-type"], headers["accept-ranges"]) == (200, b"0123456789", "text/plain; charset=utf-8", "bytes")
    assert server.ask("GET", "/file/empty.txt")[::2] == (200, b"")
    assert server.ask("GET", "/file/sub/na%C3%AFve%20name.gcode")[2] == b"G28"
    body = server.ask("GET", "/file/large", tls=True)[2]
    assert hashlib.sha256(body).digest() == hashlib.sha256((folder / "large").read_bytes()).digest()
    statuses = {path: server.ask("GET", path)[0] for path in ("/file/nothing", "/file/sub", "/file/../server.key")}
    assert statuses == {"/file/nothing": 404, "/file/sub": 404, "/file/../server.key": 400}


def test_a_file_to_be_saved(server):
    name = server.ask("GET", "/file/digits.txt?as=a%22%C3%A9%0d%0ax")[1]["content-disposition"]
    assert name is None or "\r" not in name
    assert server.ask("GET", "/file/digits.txt?as=a%22%C3%A9.txt")[1]["content-disposition"] == "attachment; filename*=UTF-8''a%22%C3%A9.txt"


@pytest.mark.parametrize("path", ["/file/digits.txt", "/asset"])
@pytest.mark.parametrize("wanted, status, got, said", [
    ("bytes=0-3", 206, b"0123", "bytes 0-3/10"), ("bytes=8-", 206, b"89", "bytes 8-9/10"), ("bytes=-3", 206, b"789", "bytes 7-9/10"),
    ("bytes=5-99", 206, b"56789", "bytes 5-9/10"), ("bytes=10-", 416, b"Range Not Satisfiable", "bytes */10"), ("bytes=3-1", 200, b"0123456789", None),
    ("bytes=0-1,4-5", 200, b"0123456789", None), ("lines=1-2", 200, b"0123456789", None)])
def test_ranges(server, path, wanted, status, got, said):
    answer = server.ask("GET", path, headers={"Range": wanted})
    assert (answer[0], answer[2], answer[1]["content-range"]) == (status, got, said)


def test_curl_goes_on_with_a_download(server, folder, tmp_path):
    whole, part = (folder / "large").read_bytes(), tmp_path / "part"
    part.write_bytes(whole[:1000001])
    curl("-C", "-", "-o", part, f"{server.url}/file/large")
    assert part.read_bytes() == whole


@pytest.mark.parametrize("path", ["/file/digits.txt", "/asset"])
def test_etags(server, path):
    etag = server.ask("GET", path)[1]["etag"]
    status, headers, body = server.ask("GET", path, headers={"If-None-Match": f'"other", W/{etag}'})
    assert (status, body, headers["etag"], headers["content-length"]) == (304, b"", etag, None)
    assert server.ask("GET", path, headers={"If-None-Match": '"other"'})[0] == 200
    assert server.ask("GET", path, headers={"If-Range": etag, "Range": "bytes=0-1"})[0] == 206
    assert server.ask("GET", path, headers={"If-Range": '"other"', "Range": "bytes=0-1"})[0] == 200
    with server.connect() as connection:
        assert connection.ask(head("GET", path, f"If-None-Match: {etag}"))[0] == 304
        assert connection.ask(GET)[2] == b"hello"


def test_the_etag_of_a_file_goes_with_it(server, folder):
    path = folder / "changing"
    path.write_text("one")
    before = server.ask("GET", "/file/changing")[1]["etag"]
    path.write_text("two")
    assert server.ask("GET", "/file/changing", headers={"If-None-Match": before})[::2] == (200, b"two")


@pytest.mark.parametrize("accepted, coding", [("gzip, deflate, br", "br"), ("gzip", "gzip"), ("br;q=0, gzip;q=0.1", "gzip"), ("deflate", None), ("", None)])
def test_what_is_packed_is_sent_as_it_is(server, accepted, coding):
    for path, bodies in (("/file/page.js", {None: b"plain", "gzip": b"gzipped", "br": b"brotli"}),
                         ("/asset", {None: b"0123456789", "gzip": b"GZIP", "br": b"BR"})):
        status, headers, body = server.ask("GET", path, headers={"Accept-Encoding": accepted})
        assert (status, headers["content-encoding"], body, headers["vary"]) == (200, coding, bodies[coding], "accept-encoding")
        # Each has an ETag of its own.
        assert server.ask("GET", path, headers={"Accept-Encoding": accepted, "If-None-Match": headers["etag"]})[0] == 304
        assert server.ask("GET", path, headers={"Accept-Encoding": "" if coding else "gzip", "If-None-Match": headers["etag"]})[0] == 200


def test_a_real_client_unpacks_it(server, folder):
    (folder / "real.css").write_text("body {}")
    (folder / "real.css.gz").write_bytes(gzip.compress(b"body {}"))
    assert curl("--compressed", f"{server.url}/file/real.css") == b"body {}"
