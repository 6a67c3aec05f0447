# SPDX-License-Identifier: MIT
"""Attacks on flagship serve over real sockets: every route for whoever may not, other sites, and malformed requests."""

import http.client
import json
import os
import re
import socket
import struct

import pytest

from guarded import FILTERS, MANAGE, OPERATE, OTHER, PASSWORD, SERIAL, UNSAFE, VIEW, Guarded, concrete, port_routes, routes
from process import DEADLINE_S

# What everybody may ask. Whoever adds a public route adds it here, and says why: these show nothing of any printer.
PUBLIC = {
    ("GET", "/api/v1/health"),  # for supervisors: how many printers there are
    ("POST", "/api/v1/login"),
    # The page: without a session it holds no printer, and shows where to log in (tests/page/test_login.py).
    *(("GET", path) for path in ("/", "/setup", "/login", "/wall", "/files", "/queue", "/history", "/timelapses", "/cameras", "/settings", "/doctor", "/cloud", "/assets/{name}", "/push-worker.js")),
    *(("GET", f"/{path}/{{path...}}") for path in ("p", "files", "history", "settings", "doctor", "cloud")),
    ("POST", "/api/v1/setup"),  # goes by its own token
    ("GET", "/octoprint/{printer}/plugin/appkeys/probe"),  # whether keys can be asked for: as OctoPrint, before any key
    ("POST", "/octoprint/{printer}/plugin/appkeys/request"),
    ("GET", "/octoprint/{printer}/plugin/appkeys/request/{token}"),  # goes by its own token, and gives nothing before an admin decided
    ("GET", "/moonraker/{printer}/access/info"),  # how to log in
    ("POST", "/moonraker/{printer}/access/login"),
    ("POST", "/moonraker/{printer}/access/refresh_jwt"),  # goes by its own token
    ("GET", "/octoprint/{printer}/sockjs/websocket"),  # shows nothing before its "auth" frame
}
GUARDED = [(method, path, rights) for method, path, rights in routes() if rights]
OPERATING = [(method, path, rights) for method, path, rights in GUARDED if rights & OPERATE]
MANAGING = [(method, path, rights) for method, path, rights in GUARDED if rights & MANAGE]
OF_A_PRINTER = [(method, path, rights) for method, path, rights in GUARDED if "{printer}" in path]
OF_ALL = [(method, path, rights) for method, path, rights in GUARDED if "{printer}" not in path and not rights & FILTERS]
WRITES = [(method, path, rights) for method, path, rights in GUARDED if method in UNSAFE]


def each(table):
    return pytest.mark.parametrize("method, path, rights", table, ids=[f"{method} {path}" for method, path, _ in table])


@pytest.fixture(scope="module")
def guarded(tmp_path_factory):
    with Guarded(tmp_path_factory.mktemp("attacked"), printers=[SERIAL, OTHER]) as running:
        yield running
        holds_no_secret(running, running.log)


def holds_no_secret(gateway, text):
    kept = json.loads((gateway.folder / "access.json").read_text())
    hidden = [PASSWORD, kept["secret"], *gateway.keys.values(), *(user["password"] for user in kept["users"]),
              *(key["hash"] for key in kept["keys"]), *(key["ha1"] for key in kept["keys"] if "ha1" in key)]
    assert [secret for secret in hidden if secret in text] == []


def ask(gateway, method, path, headers=None, printer=SERIAL):
    body = "{}" if method in UNSAFE else None
    return gateway.send(method, concrete(path, printer), body, headers, root="")


# --- every route ---


def test_public_routes_are_those_that_are_meant():
    assert {(method, path) for method, path, rights in routes() if not rights} <= PUBLIC
    assert len(GUARDED) > 20


@each(GUARDED)
def test_nobody_gets_in_without_anything(guarded, method, path, rights):
    answer = ask(guarded, method, path)
    assert answer.status == 401 and answer.headers["WWW-Authenticate"], answer.text


@each(GUARDED)
@pytest.mark.parametrize("headers", [{"X-Api-Key": "0" * 48}, {"Authorization": "Bearer " + "f" * 48}, {"Cookie": "flagship=" + "0" * 64}],
                         ids=["key", "bearer", "cookie"])
def test_nobody_gets_in_with_a_wrong_credential(guarded, method, path, rights, headers):
    assert ask(guarded, method, path, headers).status == 401


@each(OPERATING)
def test_a_viewer_does_nothing(guarded, method, path, rights):
    assert ask(guarded, method, path, {"X-Api-Key": guarded.keys["viewer"]}).status == 403


@each(MANAGING)
def test_an_operator_manages_nothing(guarded, method, path, rights):
    assert ask(guarded, method, path, {"X-Api-Key": guarded.keys["operator"]}).status == 403


@each(OF_A_PRINTER)
def test_a_printer_of_others_is_not_there(guarded, method, path, rights):
    """The same answer as for one that does not exist."""
    headers = {"X-Api-Key": guarded.keys["admin-of-one"]}
    answers = {(answer.status, answer.text.replace(OTHER, "X").replace("NOTTHERE", "X"))
               for answer in (ask(guarded, method, path, headers, name) for name in (OTHER, "NOTTHERE"))}
    assert len(answers) == 1 and {status for status, _ in answers} == {404}


@each(OF_ALL)
def test_who_has_one_printer_does_not_use_what_is_of_all(guarded, method, path, rights):
    assert ask(guarded, method, path, {"X-Api-Key": guarded.keys["admin-of-one"]}).status == 403


@each(GUARDED)
def test_a_name_that_leads_here_gets_nothing(guarded, method, path, rights):
    """DNS rebinding: the browser of somebody who is let in asks by the name of another site."""
    for key in ("admin", None):
        headers = {"Host": f"rebound.example:{guarded.port}", **({"X-Api-Key": guarded.keys[key]} if key else {})}
        assert ask(guarded, method, path, headers).status == 403


@each(GUARDED)
def test_a_page_of_another_site_gets_nothing(guarded, method, path, rights):
    for origin in ("https://evil.example", "null", f"http://localhost:{guarded.port}"):
        assert ask(guarded, method, path, {"X-Api-Key": guarded.keys["admin"], "Origin": origin}).status == 403


@each(WRITES)
def test_a_session_writes_nothing_without_its_token(guarded, browser, method, path, rights):
    for csrf in ({}, {"X-CSRF-Token": ""}, {"X-CSRF-Token": "0" * 64}, {"X-CSRF-Token": browser.csrf[:-1]}):
        assert ask(guarded, method, path, {"Cookie": f"flagship={browser.token}", **csrf}).status == 403


@pytest.fixture(scope="module")
def browser(guarded):
    return guarded.browser("admin")


# --- every route of a printer's own port ---

PORT_PUBLIC = {("GET", "/plugin/appkeys/probe"), ("POST", "/plugin/appkeys/request"), ("GET", "/plugin/appkeys/request/{token}"),
               ("GET", "/sockjs/websocket"), ("GET", "/access/info"), ("POST", "/access/login"),  # of Moonraker: how to log in
               ("POST", "/access/refresh_jwt")}
PORT_GUARDED = [(method, path, rights) for method, path, rights in port_routes() if rights]
PORT_OPERATING = [(method, path, rights) for method, path, rights in PORT_GUARDED if rights & OPERATE]


def ask_port(gateway, method, path, headers=None, port=0, body="{}"):
    connection = http.client.HTTPConnection("127.0.0.1", gateway.base + port, timeout=DEADLINE_S)
    return gateway.send(method, concrete(path), body if method in UNSAFE else None, headers, connection=connection, root="")


def test_public_routes_of_a_port_are_those_that_are_meant():
    assert {(method, path) for method, path, rights in port_routes() if not rights} <= PORT_PUBLIC
    assert len(PORT_GUARDED) > 20


@each(PORT_GUARDED)
def test_nobody_uses_a_port_without_a_key(guarded, method, path, rights):
    wrong = [{}, {"X-Api-Key": "0" * 48}, {"Authorization": "Bearer " + "f" * 48}, {"Cookie": "flagship=" + "0" * 64}]
    assert [ask_port(guarded, method, path, headers).status for headers in wrong] == [401] * 4
    assert ask_port(guarded, method, path + "?apikey=" + "0" * 48).status == 401


@each(PORT_OPERATING)
def test_a_viewer_does_nothing_on_a_port(guarded, method, path, rights):
    assert ask_port(guarded, method, path, {"X-Api-Key": guarded.keys["viewer"]}).status == 403


@each(PORT_GUARDED)
def test_a_key_of_another_printer_opens_no_port(guarded, method, path, rights):
    assert ask_port(guarded, method, path, {"X-Api-Key": guarded.keys["admin-of-one"]}, port=1).status == 404


@pytest.mark.parametrize("path", ["/server/info", "/api/version", "/api/v1/info"], ids=["moonraker", "octoprint", "prusalink"])
@pytest.mark.parametrize("role", ["viewer-of-one", "operator-of-one", "admin-of-one"])
def test_a_key_opens_the_port_of_its_printer_alone(guarded, path, role):
    """By each of the three APIs, which answer side by side there."""
    assert ("GET", path) in {(method, of_port) for method, of_port, _ in PORT_GUARDED}
    answers = [ask_port(guarded, "GET", path, {"X-Api-Key": guarded.keys[role]}, port=port) for port in (0, 1)]
    assert [answer.status for answer in answers] == [200, 404]
    assert OTHER not in answers[1].text and OTHER.lower() not in answers[1].text


@each(PORT_GUARDED)
def test_no_other_site_uses_a_port(guarded, method, path, rights):
    key = {"X-Api-Key": guarded.keys["admin"]}
    assert ask_port(guarded, method, path, {**key, "Host": "rebound.example"}).status == 403
    assert ask_port(guarded, method, path, {**key, "Origin": "https://evil.example"}).status == 403


# --- by other names, from other sites ---


@pytest.mark.parametrize("host", ["", "evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "evil.example:80", "localhost:", "localhost:x",
                                  "localhost@evil.example", "[::1", "[::1]x", "127.0.0.1:80:80", "192.168.1.5", "localhost evil", "LOCALHOST.", "0.0.0.0",
                                  "127.0.0.1/", "::1", "2130706433"])
def test_hosts_that_are_not_ours(guarded, host):
    statuses = guarded.statuses(f"GET /api/v1/printers HTTP/1.1\r\nHost: {host}\r\nX-Api-Key: {guarded.keys['admin']}\r\n\r\n".encode())
    assert statuses in ([403], [400])


@pytest.mark.parametrize("host", ["localhost", "LocalHost", "127.0.0.1", "[::1]", "localhost:1", "[::1]:7180"])
def test_hosts_that_are_ours(guarded, host):
    assert guarded.by_key("viewer", "GET", "/printers", Host=host).status == 200


def test_a_cross_site_post_without_an_origin(guarded):
    assert guarded.by_key("admin", "POST", "/keys", {"name": "a", "role": "viewer"}, **{"Sec-Fetch-Site": "cross-site"}).status == 403


@pytest.mark.parametrize("content_type", [None, "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/jsonx"])
@pytest.mark.parametrize("path", ["/login", "/setup", "/keys", "/users", "/logout"])
def test_a_form_posts_nothing(guarded, content_type, path):
    headers = {"X-Api-Key": guarded.keys["admin"], "Content-Type": content_type or ""}
    assert guarded.send("POST", path, "{}", headers).status == 415


@pytest.mark.parametrize("method", ["OPTIONS", "TRACE", "CONNECT", "PROPFIND"])
def test_browsers_are_told_nothing_of_other_origins(guarded, method):
    answer = guarded.send(method, "/printers", headers={"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"})
    assert answer.status in (400, 405)
    assert not [name for name in answer.headers if name.lower().startswith("access-control")]


def test_settings_let_no_page_use_our_own_interface(tmp_path):
    """cors_origins is for interfaces of other programs."""
    with Guarded(tmp_path) as gateway:
        assert gateway.by_key("admin", "PATCH", "/settings", {"cors_origins": "https://page.example", "trusted_networks": "127.0.0.1"}).status == 200
        answer = gateway.by_key("admin", "GET", "/printers", Origin="https://page.example")
        assert (answer.status, answer.headers["Access-Control-Allow-Origin"]) == (403, None)
        assert gateway.send("GET", "/printers").status == 401
        assert gateway.send("GET", f"/printers?apikey={gateway.keys['admin']}").status == 401


PAGE = "https://page.example"
OCTOPRINT = "/octoprint/TRUSTED1/api"
UNKNOWN = 401


def cors_of(answer):
    return {name.lower(): value for name, value in answer.headers.items() if name.lower().startswith("access-control")}


def test_pages_that_are_named_use_the_interfaces_of_other_programs(tmp_path):
    with Guarded(tmp_path, printers=("TRUSTED1",)) as gateway:
        assert gateway.by_key("admin", "PATCH", "/settings", {"cors_origins": f"{PAGE} https://other.example:8443"}).status == 200
        for origin in (PAGE, "https://other.example:8443"):
            answer = gateway.by_key("viewer", "GET", "/version", Origin=origin, root=OCTOPRINT)
            assert (answer.status, cors_of(answer)) == (200, {"access-control-allow-origin": origin})
            assert answer.headers["Vary"] == "Origin"
            asked = {"Origin": origin, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "x-api-key"}
            answer = gateway.send("OPTIONS", "/printer/command", headers=asked, root=OCTOPRINT)
            assert (answer.status, cors_of(answer)["access-control-allow-origin"]) == (204, origin)
            assert "x-api-key" in cors_of(answer)["access-control-allow-headers"].lower()
            # A page that may ask is nobody yet.
            assert gateway.send("GET", "/version", headers={"Origin": origin}, root=OCTOPRINT).status == UNKNOWN
        for origin in ("https://page.example.evil.example", "http://page.example", "https://page.example:444", "https://other.example", "null"):
            answer = gateway.by_key("viewer", "GET", "/version", Origin=origin, root=OCTOPRINT)
            assert (answer.status, cors_of(answer)) == (403, {})
            answer = gateway.send("OPTIONS", "/version", headers={"Origin": origin, "Access-Control-Request-Method": "GET"}, root=OCTOPRINT)
            assert answer.status >= 400 and cors_of(answer) == {}


def test_programs_of_a_trusted_network_are_operators_there_alone(tmp_path):
    with Guarded(tmp_path, printers=("TRUSTED1",)) as gateway:
        assert gateway.send("GET", "/version", root=OCTOPRINT).status == UNKNOWN
        assert gateway.by_key("admin", "PATCH", "/settings", {"trusted_networks": "192.0.2.0/24 127.0.0.0/8"}).status == 200
        assert gateway.send("GET", "/version", root=OCTOPRINT).status == 200
        assert gateway.send("GET", "/server/info", root="/moonraker/TRUSTED1").status == 200
        # Of an operator, and of the interfaces of other programs.
        assert gateway.send("POST", "/files/directory", {"path": "gcodes/new"}, root="/moonraker/TRUSTED1/server").status == 200
        for path in ("/printers", "/users", "/settings"):
            assert gateway.send("GET", path).status == 401
        assert gateway.by_key("admin", "PATCH", "/settings", {"trusted_networks": "192.0.2.0/24"}).status == 200
        assert gateway.send("GET", "/version", root=OCTOPRINT).status == UNKNOWN


# --- malformed requests ---

ASK = b"Host: localhost\r\n"
SECOND = b"GET /api/v1/users HTTP/1.1\r\nHost: localhost\r\n\r\n"
SMUGGLED = {
    "length beside chunks": b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "chunks beside length": b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
    "two lengths": b"Content-Length: 2\r\nContent-Length: 0\r\n\r\n{}",
    "the same length twice": b"Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}",
    "a list of lengths": b"Content-Length: 2, 0\r\n\r\n{}",
    "a signed length": b"Content-Length: +2\r\n\r\n{}",
    "a negative length": b"Content-Length: -1\r\n\r\n",
    "a length in hex": b"Content-Length: 0x2\r\n\r\n{}",
    "a length beyond numbers": b"Content-Length: 99999999999999999999\r\n\r\n",
    "a folded header": b"Content-Length: 2\r\n folded\r\n\r\n{}",
    "a header of two lines": b"X-A: b\r\n\tTransfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n{}",
    "a blank before the colon": b"Transfer-Encoding : chunked\r\nContent-Length: 2\r\n\r\n{}",
    "a blank within a name": b"Content Length: 2\r\n\r\n{}",
    "another coding": b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    "two codings": b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    "two headers of codings": b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n",
    "bare line ends": b"Content-Length: 2\n\n{}",
    "a bare carriage return": b"X-A: b\rContent-Length: 2\r\n\r\n{}",
    "a NUL": b"X-A: b\0c\r\nContent-Length: 2\r\n\r\n{}",
    "no name": b": b\r\nContent-Length: 2\r\n\r\n{}",
    "a second host": b"Host: evil.example\r\nContent-Length: 2\r\n\r\n{}",
    "a broken chunk": b"Transfer-Encoding: chunked\r\n\r\nzz\r\n\r\n",
    "a chunk that is longer than it says": b"Transfer-Encoding: chunked\r\n\r\n1\r\n{}\r\n0\r\n\r\n",
    "a chunk beyond numbers": b"Transfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n",
    "a size with a sign": b"Transfer-Encoding: chunked\r\n\r\n+2\r\n{}\r\n0\r\n\r\n",
}


@pytest.mark.parametrize("name", SMUGGLED)
def test_smuggling(guarded, name):
    """One answer, and the connection ends: what follows is nobody's request."""
    data = b"POST /api/v1/login HTTP/1.1\r\n" + ASK + b"Content-Type: application/json\r\n" + SMUGGLED[name] + SECOND
    assert guarded.statuses(data) in ([400], [413], [501])


@pytest.mark.parametrize("line", [b"GET /api/v1/health HTTP/2.0", b"GET /api/v1/health", b"GET  /api/v1/health HTTP/1.1", b"GET /a b HTTP/1.1", b"\x16\x03\x01\x02\x00",
                                  b"GET http://evil.example/api/v1/users HTTP/1.1", b"get /api/v1/health HTTP/1.1", b"GET * HTTP/1.1",
                                  b"PRI * HTTP/2.0", b"GET /\x00 HTTP/1.1", b"GET /\xff\xfe HTTP/1.1"])
def test_lines_that_are_no_request(guarded, line):
    statuses = guarded.statuses(line + b"\r\n" + ASK + b"\r\n")
    assert statuses in ([], [400], [401], [404], [405], [505])


@pytest.mark.parametrize("path", ["/api/v1/files/../access.json", "/api/v1/files/%2e%2e/access.json", "/api/v1/files/%2e%2e%2faccess.json",
                                  "/api/v1/files/..%2faccess.json", "/api/v1/files/a/../../access.json", "/api/v1/../../etc/passwd", "/..", "/%2e%2e",
                                  "/api/v1/files/%2e/../access.json", "/api/v1/files/a%00.gcode", "/api/v1/files/%0d%0aSet-Cookie:%20a=b", "/api/v1/files/%",
                                  "/api/v1/files/%zz", "/api/v1/files/....//access.json", "/api/v1/files//etc/passwd", "/api/v1/files/%5c..%5caccess.json",
                                  "/api/v1/files/%c0%ae%c0%ae/access.json", "/api/v1/metadata/../access.json", "/api/v1/thumbnails/0/../access.json",
                                  "/api/v1/users/..%2f..%2fadmin", "/api/v1/keys/%2e%2e", "/api/v1/%75sers/../users"])
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_traversal(guarded, method, path):
    before = sorted(guarded.folder.iterdir())
    answer = guarded.send(method, path, "x" if method == "PUT" else None, {"X-Api-Key": guarded.keys["admin"]}, root="")
    assert answer.status in (400, 404, 405, 409, 415), answer.text
    assert "Set-Cookie" not in answer.headers and "root:" not in answer.text
    holds_no_secret(guarded, answer.text)
    assert sorted(guarded.folder.iterdir()) == before


@pytest.mark.parametrize("headers", [{"X-Api-Key": "k" * 9000}, {"Authorization": "Basic " + "A" * 9000}, {"Cookie": "flagship=" + "0" * 9000},
                                     {"Authorization": "Digest " + "a=b, " * 2000}, {"X-Forwarded-For": "1.1.1.1, " * 1000}])
def test_headers_without_an_end(guarded, headers):
    assert guarded.send("GET", "/printers", headers=headers).status == 431


@pytest.mark.parametrize("headers", [{"Authorization": value} for value in
                                     ("Basic", "Basic ", "Basic !!!!", "Basic YQ==", "Basic Og==", "Basic OnB3", "Basic YTo=", "Bearer", "Bearer ", "Digest", "Digest a",
                                      'Digest username="maker"', "Negotiate abc", "Basic " + "QUFB" * 600, "bearer", "Bearer  ", "\tBearer x", "Basic YQA6Yg==")]
                         + [{"X-Api-Key": value} for value in ("", " ", "null", "undefined", "k" * 600, "../../admin", "' OR 1=1 --")]
                         + [{"Cookie": value} for value in ("flagship", "flagship=", "=x", ";;;", "flagship=a; flagship=b", "flagship=" + "0" * 64 + "; flagship=x",
                                                            "FLAGSHIP=0", "__Host-flagship=0", "flagship=\"\"", "flagship_device=0")])
def test_credentials_that_are_none(guarded, headers):
    answer = guarded.send("GET", "/printers", headers=headers)
    assert answer.status == 401, answer.text


def test_a_body_without_an_end(guarded):
    head = b"POST /api/v1/login HTTP/1.1\r\n" + ASK + b"Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    chunk = b"1000\r\n" + b" " * 4096 + b"\r\n"
    with socket.create_connection(("127.0.0.1", guarded.port), timeout=DEADLINE_S) as connection:
        connection.sendall(head)
        before = resident_kib(guarded)
        # It is answered at once, what still comes is dropped for a moment, and then the connection ends.
        with pytest.raises((ConnectionResetError, BrokenPipeError)):
            while True:
                connection.sendall(chunk)
    assert resident_kib(guarded) - before < 16 * 1024


@pytest.mark.parametrize("length", [65537, 10 ** 6, 10 ** 12])
def test_a_body_that_is_too_long_is_not_read(guarded, length):
    data = b"POST /api/v1/login HTTP/1.1\r\n" + ASK + b"Content-Type: application/json\r\nExpect: 100-continue\r\nContent-Length: %d\r\n\r\n" % length
    assert guarded.statuses(data) == [413]


def test_no_body_is_asked_for_before_it_is_known_who_sends_it(guarded):
    data = b"PUT /api/v1/files/a.gcode HTTP/1.1\r\n" + ASK + b"Expect: 100-continue\r\nContent-Length: 1000\r\n\r\n"
    assert guarded.statuses(data) == [401]


def test_others_are_served_beside_those_who_drip(guarded):
    dripping = [socket.create_connection(("127.0.0.1", guarded.port), timeout=DEADLINE_S) for _ in range(300)]
    try:
        for connection in dripping:
            connection.sendall(b"GET /api/v1/pr")
        for _ in range(5):
            assert guarded.by_key("viewer", "GET", "/session").status == 200
    finally:
        for connection in dripping:
            connection.close()


@pytest.mark.parametrize("body", ["", "[]", "null", "1", "{", "{\"name\":", "{\"name\":1,\"password\":2}", "{\"name\":null}", "[" * 5000, "{\"a\":" * 3000,
                                  "{\"name\":\"admin\",\"password\":\"x\",\"role\":\"admin\"}", "\xff\xfe", "{\"name\":\"" + "a" * 60000 + "\"}",
                                  "{\"name\":\"a\\u0000b\",\"password\":\"x\"}"])
@pytest.mark.parametrize("path", ["/login", "/setup"])
def test_bodies_that_are_none(guarded, path, body):
    assert guarded.send("POST", path, body.encode("latin-1")).status in (400, 401, 403, 429)


# --- injection ---

HOSTILE = ["ann\r\nSet-Cookie: a=b", "ann\nfake: log line", "\x1b[2Jann", "ann\u202e", "ann\0", "../../etc", "a" * 300, "<script>alert(1)</script>", "{\"a\":1}", "' OR '1'='1", ""]


@pytest.mark.parametrize("name", HOSTILE)
def test_names_in_a_login_reach_no_header_and_no_log(guarded, name):
    lines = len(guarded.log.splitlines())
    answer = guarded.login(name, "wrong")
    assert answer.status in (400, 401, 429) and not answer.cookies
    for line in guarded.log.splitlines()[lines:]:
        assert re.match(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \w+: ", line) and "\x1b" not in line


@pytest.mark.parametrize("name", [name for name in HOSTILE if name])
def test_no_user_or_key_has_such_a_name(guarded, name):
    assert guarded.by_key("admin", "POST", "/users", {"name": name, "password": PASSWORD, "role": "viewer"}).status in (400, 409)
    assert guarded.by_key("admin", "POST", "/keys", {"name": name, "role": "viewer"}).status in (400, 409)


@pytest.mark.parametrize("printers", ["all", [""], ["a b"], ["x" * 40], [1], [None], {}, ["*"], ["../x"], [[SERIAL]], ["GUARDEDONE GUARDEDTWO"]])
def test_printers_that_are_none(guarded, printers):
    assert guarded.by_key("admin", "POST", "/keys", {"name": "k", "role": "viewer", "printers": printers}).status == 400


@pytest.mark.parametrize("role", ["root", "Admin", "", 3, None, ["admin"], "nobody"])
def test_roles_that_are_none(guarded, role):
    assert guarded.by_key("admin", "POST", "/keys", {"name": "k", "role": role}).status in (400, 409)


# --- WebSockets ---


def upgrade(gateway, path="/api/v1/events", **headers):
    """Returns the socket and the status."""
    connection = socket.create_connection(("127.0.0.1", gateway.port), timeout=DEADLINE_S)
    lines = {"Host": f"127.0.0.1:{gateway.port}", "Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13",
             "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==", **headers}
    connection.sendall(f"GET {path} HTTP/1.1\r\n".encode() + "".join(f"{name}: {value}\r\n" for name, value in lines.items()).encode() + b"\r\n")
    head = b""
    while b"\r\n\r\n" not in head:
        piece = connection.recv(1)
        if not piece:
            break
        head += piece
    return connection, int(head.split()[1])


def until_closed(connection):
    try:
        while connection.recv(65536):
            pass
    except ConnectionResetError:
        pass
    connection.close()


@pytest.mark.parametrize("headers", [{}, {"Origin": "https://evil.example"}, {"Cookie": "flagship=0"}, {"X-Api-Key": "0" * 48}])
def test_no_socket_for_strangers(guarded, headers):
    connection, status = upgrade(guarded, **headers)
    connection.close()
    assert status in (401, 403)


def test_a_page_of_another_site_opens_no_socket_with_our_cookie(guarded, browser):
    cookie = {"Cookie": f"flagship={browser.token}"}
    for headers, expected in (({"Origin": "https://evil.example"}, 403), ({}, 403), ({"Origin": "null"}, 403), ({"Origin": f"http://127.0.0.1:{guarded.port}"}, 101)):
        connection, status = upgrade(guarded, **cookie, **headers)
        connection.close()
        assert status == expected, headers


def test_a_socket_of_some_printers_shows_no_other(guarded):
    connection, status = upgrade(guarded, "/api/v1/events?printer=" + OTHER, **{"X-Api-Key": guarded.keys["viewer-of-one"]})
    assert status == 101
    first = connection.recv(2)
    length = first[1] if first[1] < 126 else struct.unpack("!H", connection.recv(2))[0]
    snapshot = b""
    while len(snapshot) < length:
        snapshot += connection.recv(length - len(snapshot))
    connection.close()
    assert json.loads(snapshot)["printers"] == []


@pytest.mark.parametrize("frame", [b"\x81\x05hello", b"\x83\x80\0\0\0\0", b"\xf1\x80\0\0\0\0", b"\x81\xff" + b"\xff" * 8 + b"\0\0\0\0", b"\x89\xfe\x01\x00" + b"\0" * 4,
                                   b"\x80\x80\0\0\0\0", b"\x81\x82\0\0\0\0\xff\xfe", b"\x88\x81\0\0\0\0x"])
def test_frames_that_are_none_end_the_socket(guarded, frame):
    connection, status = upgrade(guarded, **{"X-Api-Key": guarded.keys["viewer"]})
    assert status == 101
    connection.sendall(frame)
    until_closed(connection)
    assert guarded.by_key("viewer", "GET", "/session").status == 200


def test_a_flood_of_frames_is_read_and_forgotten(guarded):
    connection, status = upgrade(guarded, **{"X-Api-Key": guarded.keys["viewer"]})
    assert status == 101
    before = resident_kib(guarded)
    frame = b"\x81\xfe\x04\x00\0\0\0\0" + b"x" * 1024
    for _ in range(200):
        connection.sendall(frame * 64)
    assert guarded.by_key("viewer", "GET", "/session").status == 200
    assert resident_kib(guarded) - before < 16 * 1024
    connection.close()


def test_a_flood_of_sockets_keeps_nobody_out(guarded):
    held = []
    try:
        for _ in range(320):
            connection, status = upgrade(guarded, **{"X-Api-Key": guarded.keys["viewer"]})
            held.append(connection)
            assert status in (101, 503)
        assert guarded.by_key("viewer", "GET", "/session").status == 200
        assert guarded.owner("GET", "/session").status == 200
    finally:
        for connection in held:
            connection.close()


def resident_kib(gateway):
    with open(f"/proc/{gateway.pid}/status", encoding="ascii") as status:
        return int(re.search(r"VmRSS:\s+(\d+)", status.read()).group(1))


# --- what it listens on, and what it says ---


def listening(pid):
    """Addresses and ports of the TCP sockets that a process listens on."""
    inodes = set()
    for name in os.listdir(f"/proc/{pid}/fd"):
        try:
            target = os.readlink(f"/proc/{pid}/fd/{name}")
        except FileNotFoundError:
            continue
        if target.startswith("socket:["):
            inodes.add(target[8:-1])
    found = set()
    for table, family in (("tcp", socket.AF_INET), ("tcp6", socket.AF_INET6)):
        with open(f"/proc/net/{table}", encoding="ascii") as lines:
            for line in list(lines)[1:]:
                fields = line.split()
                if fields[3] == "0A" and fields[9] in inodes:
                    address, _, port = fields[1].partition(":")
                    words = [bytes.fromhex(address[i:i + 8])[::-1] for i in range(0, len(address), 8)]
                    found.add((socket.inet_ntop(family, b"".join(words)), int(port, 16)))
    return found


def test_it_listens_on_this_machine_alone(guarded):
    addresses = listening(guarded.pid)
    assert ("127.0.0.1", guarded.port) in addresses
    assert {address for address, _ in addresses} <= {"127.0.0.1", "::1"}


def test_the_unix_socket_is_for_its_owner(guarded):
    assert guarded.socket.stat().st_mode & 0o777 == 0o600


def test_errors_and_metrics_hold_no_secret(guarded):
    answers = [guarded.by_key("admin", method, path, body) for method, path, body in
               (("GET", "/users", None), ("GET", "/keys", None), ("GET", "/settings", None), ("GET", "/session", None), ("GET", "/openapi.json", None),
                ("POST", "/users", {"name": "viewer", "password": PASSWORD, "role": "viewer"}), ("PATCH", "/users/viewer", {"password": "short"}),
                ("POST", "/setup", {"token": guarded.keys["admin"], "name": "a", "password": PASSWORD}))]
    answers += [guarded.send("GET", "/metrics", headers={"X-Api-Key": guarded.keys["viewer"]}, root=""), guarded.login("viewer", PASSWORD + "x"),
                guarded.send("GET", f"/nothing?apikey={guarded.keys['viewer']}"), guarded.send("GET", f"/session?token={guarded.keys['viewer']}")]
    for answer in answers:
        holds_no_secret(guarded, answer.text)


@pytest.mark.parametrize("method", ["printer.print.pause", "printer.print.cancel", "printer.gcode.script", "printer.emergency_stop", "server.files.delete_file",
                                    "server.database.post_item", "server.history.delete_job"])
def test_a_viewer_calls_no_method_that_acts(guarded, method):
    call = {"jsonrpc": "2.0", "id": 1, "method": method, "params": {}}
    answer = ask_port(guarded, "POST", "/server/jsonrpc", {"X-Api-Key": guarded.keys["viewer"], "Content-Type": "application/json"}, body=json.dumps(call))
    assert "result" not in answer.json and answer.json["error"]["message"], answer.text


def test_views_are_the_least_that_anything_needs():
    assert all(rights & (VIEW | OPERATE | MANAGE) for _, _, rights in GUARDED)
    """What a viewer posts changes what is his own alone."""
    own = ("/logout", "/session/page", "/session/password", "/login", "/push", "/push/test", "/push/{device}",
           "/server/jsonrpc", "/printer/objects/query", "/printer/objects/subscribe")  # reads; each method of JSON-RPC has rights of its own
    assert [(method, path) for method, path, rights in WRITES if not rights & (OPERATE | MANAGE) and not path.endswith(own)] == []


