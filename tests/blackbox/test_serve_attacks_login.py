# SPDX-License-Identifier: MIT
"""Attacks on logins, sessions, keys and the setup link of flagship serve."""

import hashlib
import json
import socket

import pytest

from guarded import OTHER, PASSWORD, ROLES, SERIAL, Guarded
from process import DEADLINE_S, until
from test_serve_attacks import holds_no_secret, until_closed, upgrade

WRONG = "not the password"


@pytest.fixture
def guarded(tmp_path):
    with Guarded(tmp_path) as running:
        yield running
        holds_no_secret(running, running.log)


@pytest.fixture
def proxied(tmp_path):
    """So that tests come from whatever address they like."""
    with Guarded(tmp_path, "--behind-proxy", "127.0.0.1", "--name", "printers.example") as running:
        yield running
        holds_no_secret(running, running.log)


def come_from(address):
    return {"X-Forwarded-For": address, "Host": "printers.example"}


# --- guessing ---


def test_a_name_that_is_not_there_costs_as_much_as_one_that_is(guarded):
    """Counted, since a clock would be another matter: each is hashed once, and the answers are the same."""
    seen = []
    for name in ("admin", "nobody-of-this-name"):
        before = guarded.hashed()
        answer = guarded.login(name, WRONG)
        seen.append((answer.status, answer.text, sorted(answer.headers), guarded.hashed() - before))
    assert seen[0] == seen[1] and seen[0][3] == 1


def test_guesses_have_to_wait(guarded):
    statuses = [guarded.login("admin", WRONG).status for _ in range(8)]
    assert statuses == [401] * 5 + [429] * 3
    before = guarded.hashed()
    answer = guarded.login("admin", PASSWORD)
    assert (answer.status, int(answer.headers["Retry-After"]) > 0, guarded.hashed()) == (429, True, before)


def test_guesses_by_basic_have_to_wait_as_well(guarded):
    import base64

    def ask(password):
        return guarded.send("GET", "/printers", headers={"Authorization": "Basic " + base64.b64encode(f"admin:{password}".encode()).decode()})

    assert [ask(WRONG + str(i)).status for i in range(8)] == [401] * 5 + [429] * 3
    assert guarded.login("admin", WRONG).status == 429


def test_an_address_that_guesses_names_has_to_wait(proxied):
    statuses = [proxied.login(f"name-{i}", WRONG, **come_from("203.0.113.5")).status for i in range(8)]
    assert statuses == [401] * 5 + [429] * 3
    assert proxied.login("viewer", PASSWORD, **come_from("203.0.113.6")).status == 200


def test_nobody_locks_the_owner_out(proxied):
    """From four addresses all at his name, until strangers have to wait; and then from his own one."""
    known = proxied.login("admin", PASSWORD, **come_from("198.51.100.1"))
    assert known.status == 200
    for i in range(4):
        for _ in range(5):
            assert proxied.login("admin", WRONG, **come_from(f"203.0.113.{i}")).status == 401
    assert proxied.login("admin", PASSWORD, **come_from("192.0.2.1")).status == 429  # a stranger, though he knows it
    assert proxied.login("admin", PASSWORD, **come_from("198.51.100.1")).status == 200  # where he was in before
    device = {"Cookie": f"flagship_device={known.cookie('flagship_device')}"}
    assert proxied.login("admin", PASSWORD, **come_from("192.0.2.2"), **device).status == 200  # his telephone, elsewhere
    assert proxied.owner("GET", "/session").status == 200
    assert proxied.by_key("admin", "GET", "/session", **come_from("203.0.113.1")).status == 200


def test_a_neighbour_does_not_lock_the_owner_out(proxied):
    """Behind one router: the address is that of both."""
    assert proxied.login("admin", PASSWORD, **come_from("198.51.100.1")).status == 200
    for i in range(8):
        proxied.login(f"name-{i}", WRONG, **come_from("198.51.100.1"))
    assert proxied.login("someone", WRONG, **come_from("198.51.100.1")).status == 429
    assert proxied.login("admin", PASSWORD, **come_from("198.51.100.1")).status == 200


@pytest.mark.parametrize("mark", ["", "0" * 64, "x", "admin"])
def test_a_device_that_was_made_up_is_a_stranger(proxied, mark):
    for i in range(4):
        for _ in range(5):
            proxied.login("admin", WRONG, **come_from(f"203.0.113.{i}"))
    assert proxied.login("admin", PASSWORD, **come_from("192.0.2.1"), Cookie=f"flagship_device={mark}").status == 429


def test_a_device_goes_by_its_own_guesses(proxied):
    known = proxied.login("admin", PASSWORD, **come_from("198.51.100.1"))
    device = {"Cookie": f"flagship_device={known.cookie('flagship_device')}"}
    statuses = [proxied.login("admin", WRONG, **come_from(f"203.0.113.{i}"), **device).status for i in range(7)]
    assert statuses == [401] * 5 + [429] * 2


def test_many_at_once_are_not_free(guarded):
    """Those that wait for their hash count as wrong until they are known to be right."""
    sockets = [socket.create_connection(("127.0.0.1", guarded.port), timeout=DEADLINE_S) for _ in range(30)]
    body = json.dumps({"name": "admin", "password": WRONG}).encode()
    for connection in sockets:
        connection.sendall(b"POST /api/v1/login HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\n"
                           b"Content-Length: %d\r\n\r\n" % len(body) + body)
    statuses = []
    for connection in sockets:
        received = b""
        while piece := connection.recv(65536):
            received += piece
        statuses.append(int(received.split()[1]))
        connection.close()
    assert set(statuses) <= {401, 429, 503} and statuses.count(401) <= 5, statuses
    assert guarded.hashed() == statuses.count(401)


def test_who_goes_away_has_guessed(guarded):
    """One that is gone before it is read has not; five of these many are."""
    body = json.dumps({"name": "admin", "password": WRONG}).encode()
    for _ in range(30):
        with socket.create_connection(("127.0.0.1", guarded.port), timeout=DEADLINE_S) as connection:
            connection.sendall(b"POST /api/v1/login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
        guarded.send("GET", "/health")
    assert until(lambda: (status := guarded.login("admin", PASSWORD).status) != 503 and status) == 429


def test_keys_are_not_guessed_byte_by_byte(guarded):
    """Of a key that is nearly right nothing is answered that tells it from any other."""
    key = guarded.keys["admin"]
    answers = {guarded.send("GET", "/printers", headers={"X-Api-Key": wrong}).text for wrong in (key[:-1], key + "0", key[:-1] + "x", key.upper() + "a", "0" * 48, "x")}
    assert len(answers) == 1


# --- where one comes from ---


@pytest.mark.parametrize("header", ["X-Forwarded-For", "X-Real-IP", "Forwarded", "X-Forwarded-Host", "X-Forwarded-Proto", "True-Client-IP"])
def test_nobody_but_a_proxy_says_where_he_comes_from(guarded, header):
    """Else each guess would come from another address, or from this machine."""
    statuses = [guarded.login("admin", WRONG, **{header: f"203.0.113.{i}"}).status for i in range(7)]
    assert statuses == [401] * 5 + [429] * 2


@pytest.mark.parametrize("forwarded", ["203.0.113.{}, 198.51.100.7", "127.0.0.1, 198.51.100.7", "{0}.0.0.1,198.51.100.7 ", "x{}, 198.51.100.7", "198.51.100.7, 127.0.0.1"])
def test_what_stands_before_the_proxy_s_word_is_anybody_s(proxied, forwarded):
    for i in range(5):
        assert proxied.login(f"n{i}", WRONG, **come_from(forwarded.format(i + 1))).status == 401
    assert proxied.login("n9", WRONG, **come_from(forwarded.format(9))).status == 429
    assert proxied.login("viewer", PASSWORD, **come_from("192.0.2.9")).status == 200


def test_of_two_headers_the_proxy_s_is_the_last(proxied):
    body = json.dumps({"name": "admin", "password": WRONG}).encode()
    for i in range(5):
        data = (b"POST /api/v1/login HTTP/1.1\r\nHost: printers.example\r\nContent-Type: application/json\r\nX-Forwarded-For: 203.0.113.%d\r\n"
                b"X-Forwarded-For: 198.51.100.7\r\nContent-Length: %d\r\n\r\n" % (i, len(body)) + body)
        with socket.create_connection(("127.0.0.1", proxied.port), timeout=DEADLINE_S) as connection:
            connection.sendall(data)
            assert b" 401 " in connection.recv(4096)
    assert proxied.login("n", WRONG, **come_from("198.51.100.7")).status == 429


@pytest.mark.parametrize("headers", [{}, {"X-Forwarded-For": "127.0.0.1"}, {"X-Forwarded-For": "::1"}, {"X-Forwarded-For": ""}, {"X-Forwarded-For": "nonsense"}])
def test_behind_a_proxy_nobody_is_of_this_machine(tmp_path, headers):
    """Without users everything is open on loopback: a proxy is there, and speaks for the world."""
    with Guarded(tmp_path, "--behind-proxy", "127.0.0.1", with_users=False) as gateway:
        assert gateway.send("GET", "/printers", headers=headers).status == 401
        assert gateway.send("POST", "/users", {"name": "eve", "password": PASSWORD, "role": "admin"}, headers).status == 401


def test_a_proxy_that_is_none_is_not_believed(tmp_path):
    with Guarded(tmp_path, "--behind-proxy", "192.0.2.1") as gateway:
        for i in range(5):
            assert gateway.login("admin", WRONG, **{"X-Forwarded-For": f"203.0.113.{i}"}).status == 401
        assert gateway.login("admin", WRONG, **{"X-Forwarded-For": "203.0.113.77"}).status == 429
        assert gateway.by_key("admin", "GET", "/session", **{"X-Forwarded-Host": "localhost", "Host": "evil.example"}).status == 403


# --- sessions ---


def test_a_session_is_never_one_that_somebody_brought(guarded):
    """Fixation: neither a made-up token nor the session of before becomes that of who logs in."""
    fixed = "a" * 64
    first = guarded.login("admin", PASSWORD, Cookie=f"flagship={fixed}")
    assert first.cookie("flagship") not in (fixed, None)
    assert guarded.send("GET", "/session", headers={"Cookie": f"flagship={fixed}"}).status == 401
    second = guarded.login("viewer", PASSWORD, Cookie=f"flagship={first.cookie('flagship')}")
    assert second.cookie("flagship") != first.cookie("flagship")
    assert guarded.send("GET", "/session", headers={"Cookie": f"flagship={first.cookie('flagship')}"}).status == 401


def test_cookies_are_for_no_script_and_no_other_site(guarded):
    for cookie in guarded.login().cookies:
        assert "; Path=/; HttpOnly; SameSite=Strict; Max-Age=" in cookie and "Domain" not in cookie


def test_two_cookies_are_none(guarded):
    """A sibling name of the host can set one, too: which of them is ours cannot be told."""
    browser = guarded.browser()
    for cookies in (f"flagship={browser.token}; flagship={'0' * 64}", f"flagship={'0' * 64}; flagship={browser.token}", f"flagship={'0' * 64};flagship={browser.token}"):
        assert guarded.send("GET", "/session", headers={"Cookie": cookies}).status == 401


def test_the_cookie_of_plain_http_is_none_with_tls(tmp_path, certificate):
    with Guarded(tmp_path, tls=certificate) as gateway:
        browser = gateway.browser()
        assert browser.send("GET", "/session").status == 200
        assert gateway.send("GET", "/session", headers={"Cookie": f"flagship={browser.token}"}).status == 401


def test_a_token_of_another_session_is_none(guarded):
    one, other = guarded.browser(), guarded.browser()
    assert one.send("POST", "/keys", {"name": "k", "role": "viewer"}, csrf=False, **{"X-CSRF-Token": other.csrf}).status == 403


def test_a_session_is_no_key(guarded):
    browser = guarded.browser()
    for headers in ({"X-Api-Key": browser.token}, {"Authorization": f"Bearer {browser.token}"}, {"X-Api-Key": browser.csrf}, {"X-CSRF-Token": browser.csrf}):
        assert guarded.send("GET", "/session", headers=headers).status == 401
    assert guarded.send("GET", f"/session?token={browser.token}").status == 401


def test_a_wrong_key_is_not_made_good_by_a_session(guarded):
    browser = guarded.browser()
    assert browser.send("GET", "/session", **{"X-Api-Key": "0" * 48}).status == 401


def test_logging_out_ends_what_is_followed(guarded):
    browser = guarded.browser()
    connection, status = upgrade(guarded, Cookie=f"flagship={browser.token}", Origin=f"http://127.0.0.1:{guarded.port}")
    assert status == 101
    assert browser.send("POST", "/logout", {}).status == 204
    until_closed(connection)


@pytest.mark.parametrize("change", ["remove user", "change role", "change password", "narrow"])
def test_who_loses_rights_is_cut_off(guarded, change):
    browser = guarded.browser("operator")
    connection, status = upgrade(guarded, Cookie=f"flagship={browser.token}", Origin=f"http://127.0.0.1:{guarded.port}")
    assert status == 101
    if change == "remove user":
        guarded.owner("DELETE", "/users/operator", expected=204)
    else:
        body = {"change role": {"role": "viewer"}, "change password": {"password": "something else"}, "narrow": {"printers": [SERIAL]}}[change]
        guarded.owner("PATCH", "/users/operator", body, expected=200)
    until_closed(connection)
    answer = browser.send("GET", "/session")
    expected = {"change role": "viewer", "narrow": "operator"}.get(change)
    assert (answer.status, answer.json.get("role")) == ((200, expected) if expected else (401, None))


def test_a_key_that_is_removed_is_cut_off(guarded):
    connection, status = upgrade(guarded, **{"X-Api-Key": guarded.keys["viewer"]})
    assert status == 101
    (key,) = [key for key in guarded.owner("GET", "/keys").json if key["name"] == "viewer"]
    guarded.owner("DELETE", f"/keys/{key['id']}", expected=204)
    until_closed(connection)


def test_the_first_user_cuts_off_who_followed_without(tmp_path):
    with Guarded(tmp_path, with_users=False) as gateway:
        connection, status = upgrade(gateway)
        assert status == 101
        assert gateway.send("POST", "/users", {"name": "ann", "password": PASSWORD, "role": "admin"}).status == 201
        until_closed(connection)


def test_sessions_of_one_user_are_bounded_and_crowd_out_no_other(guarded):
    other = guarded.browser("viewer")
    browsers = [guarded.browser("admin") for _ in range(18)]
    statuses = [browser.send("GET", "/session").status for browser in browsers]
    assert statuses == [401, 401] + [200] * 16
    assert other.send("GET", "/session").status == 200


# --- more than one may ---


@pytest.mark.parametrize("role", ["viewer", "operator", "admin-of-one"])
@pytest.mark.parametrize("method, path, body", [
    ("POST", "/users", {"name": "eve", "password": PASSWORD, "role": "admin"}), ("PATCH", "/users/viewer", {"role": "admin"}), ("DELETE", "/users/admin", None),
    ("POST", "/keys", {"name": "eve", "role": "admin"}), ("GET", "/keys", None), ("PATCH", "/settings", {"trusted_networks": "0.0.0.0/0"}), ("GET", "/users", None)])
def test_nobody_raises_himself(guarded, role, method, path, body):
    assert guarded.by_key(role, method, path, body).status == 403


@pytest.mark.parametrize("body", [{"password": PASSWORD, "role": "admin"}, {"old": PASSWORD, "password": "long enough", "role": "admin"}, {"old": PASSWORD, "password": "short"},
                                  {"old": PASSWORD, "password": "viewer"}, {"old": PASSWORD, "password": "long enough", "name": "admin"}, {"old": "", "password": "long enough"}])
def test_ones_own_password_changes_nothing_else(guarded, body):
    assert guarded.browser("viewer").send("POST", "/session/password", body).status in (400, 401)
    assert {user["name"]: user["role"] for user in guarded.owner("GET", "/users").json} == {role: role for role in ROLES}
    assert guarded.login("viewer").status == 200


@pytest.mark.parametrize("method, path, body", [("DELETE", "/users/admin", None), ("PATCH", "/users/admin", {"role": "viewer"}), ("PATCH", "/users/admin", {"printers": [OTHER]})])
def test_the_last_admin_stays(guarded, method, path, body):
    assert guarded.by_key("admin", method, path, body).status == 409
    assert guarded.login("admin").json["role"] == "admin"


def test_commands_of_other_printers_are_not_there(guarded):
    for method in ("GET", "DELETE"):
        assert guarded.by_key("admin-of-one", method, "/commands/1").status == 404


# --- the setup link ---


def token_of(gateway):
    return (gateway.folder / "setup-link").read_text().strip().partition("#")[2]


def test_a_setup_link_serves_once(tmp_path):
    with Guarded(tmp_path, with_users=False) as gateway:
        token = token_of(gateway)
        assert gateway.send("POST", "/setup", {"token": token, "name": "ann", "password": PASSWORD}).status == 201
        assert gateway.send("POST", "/setup", {"token": token, "name": "eve", "password": PASSWORD}).status == 403
        assert not (gateway.folder / "setup-link").exists()
        assert token not in gateway.log


@pytest.mark.parametrize("wrong", ["", "0" * 48, "x", None, 1, "half"])
def test_no_other_link_makes_a_user(tmp_path, wrong):
    with Guarded(tmp_path, with_users=False) as gateway:
        token = token_of(gateway)[:24] if wrong == "half" else wrong
        before = gateway.hashed()
        assert gateway.send("POST", "/setup", {"token": token, "name": "eve", "password": PASSWORD}).status == 403
        assert (gateway.owner("GET", "/users").json, gateway.hashed()) == ([], before)


def test_there_is_no_link_where_there_are_users(guarded):
    assert not (guarded.folder / "setup-link").exists()
    assert guarded.send("POST", "/setup", {"token": "", "name": "eve", "password": PASSWORD}).status == 403


def test_two_who_have_the_link_do_not_both_become_admins(tmp_path):
    with Guarded(tmp_path, with_users=False) as gateway:
        sockets = []
        for name in ("ann", "eve"):
            body = json.dumps({"token": token_of(gateway), "name": name, "password": PASSWORD}).encode()
            connection = socket.create_connection(("127.0.0.1", gateway.port), timeout=DEADLINE_S)
            connection.sendall(b"POST /api/v1/setup HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
                               % len(body) + body)
            sockets.append(connection)
        answers = sorted(int(connection.recv(65536).split()[1]) for connection in sockets)
        assert answers[0] == 201 and answers[1] in (403, 409)
        assert len(gateway.owner("GET", "/users").json) == 1


# --- HTTP Digest ---


class Digest:
    def __init__(self, gateway, key="viewer", user="maker"):
        self.gateway = gateway
        self.key, self.user = gateway.keys[key], user
        self.count = 0
        self.nonce = self.challenge()

    def challenge(self):
        header = self.gateway.send("GET", "/printers", headers={"Authorization": "Digest x"}).headers["WWW-Authenticate"]
        assert header.startswith('Digest realm="flagship", nonce="')
        return header.split('nonce="')[1].split('"')[0]

    def header(self, method="GET", uri="/api/v1/session", count=None, **changed):
        self.count = count or self.count + 1
        fields = {"username": self.user, "realm": "flagship", "nonce": self.nonce, "uri": uri, "cnonce": "c", "qop": "auth", "nc": f"{self.count:08x}", **changed}
        ha1 = hashlib.md5(f"{self.user}:flagship:{self.key}".encode()).hexdigest()
        ha2 = hashlib.md5(f"{method}:{uri}".encode()).hexdigest()
        text = f"{ha1}:{fields['nonce']}:{fields['nc']}:{fields['cnonce']}:auth:{ha2}"
        fields = {"response": hashlib.md5(text.encode()).hexdigest(), **fields, **changed}
        return {"Authorization": "Digest " + ", ".join(f'{name}={value}' if name in ("nc", "qop") else f'{name}="{value}"' for name, value in fields.items())}

    def send(self, method="GET", path="/session", **changed):
        return self.gateway.send(method, path, headers=self.header(method, "/api/v1" + path, **changed))


def test_digest_lets_in_who_has_a_key_for_it(guarded):
    digest = Digest(guarded)
    for _ in range(3):
        answer = digest.send()
        assert (answer.status, answer.json["user"], answer.json["role"]) == (200, "viewer", "viewer")
    assert digest.send("GET", "/users").status == 403


def test_digest_is_not_replayed(guarded):
    digest = Digest(guarded)
    header = digest.header()
    answers = [guarded.send("GET", "/session", headers=header) for _ in range(2)]
    assert [answer.status for answer in answers] == [200, 401]
    assert "stale=true" in answers[1].headers["WWW-Authenticate"]


@pytest.mark.parametrize("changed", [{"response": "0" * 32}, {"username": "admin"}, {"realm": "other"}, {"uri": "/api/v1/printers"}, {"uri": "/api/v1/session?x=1"},
                                     {"nonce": "0" * 64}, {"nonce": ""}, {"qop": "auth-int"}, {"nc": "00000000"}, {"nc": "1"}, {"nc": "-0000001"},
                                     {"algorithm": "MD5-sess"}, {"algorithm": "SHA-256"}, {"response": ""}, {"cnonce": "other"}])
def test_digest_that_is_wrong(guarded, changed):
    digest = Digest(guarded)
    header = digest.header()["Authorization"]
    for name, value in changed.items():
        start = header.find(f"{name}=")
        if start < 0:
            header += f', {name}={value}'
        else:
            end = header.find(",", start)
            header = header[:start] + f'{name}="{value}"' + (header[end:] if end >= 0 else "")
    assert guarded.send("GET", "/session", headers={"Authorization": header}).status == 401


def test_digest_of_another_request_is_none(guarded):
    digest = Digest(guarded, "admin")
    assert guarded.send("DELETE", "/users/viewer", headers=digest.header("GET", "/api/v1/users/viewer")).status == 401
    assert guarded.send("GET", "/users", headers=digest.header("GET", "/api/v1/session")).status == 401


def test_a_key_that_was_not_made_for_digest_is_none_there(guarded):
    assert Digest(guarded, "viewer-of-one").send().status == 401


def test_a_number_of_another_gateway_is_none(guarded, tmp_path_factory):
    with Guarded(tmp_path_factory.mktemp("other")) as other:
        theirs = Digest(other).nonce
    digest = Digest(guarded)
    digest.nonce = theirs
    assert digest.send().status == 401


# --- the file ---


def test_a_password_is_in_no_argument(guarded):
    with open(f"/proc/{guarded.pid}/cmdline", "rb") as line:
        holds_no_secret(guarded, line.read().decode())


def test_the_file_keeps_hashes_alone(guarded):
    made = guarded.by_key("admin", "POST", "/keys", {"name": "new", "role": "viewer"}).json["key"]
    text = (guarded.folder / "access.json").read_text()
    assert not [secret for secret in (made, PASSWORD, *guarded.keys.values()) if secret in text]
    assert (guarded.folder / "access.json").stat().st_mode & 0o777 == 0o600


def test_a_damaged_name_in_a_path_is_no_user(guarded):
    for name in ("%00", "admin%00", "%2e%2e", "a" * 200, "ADMIN", "admin%20"):
        assert guarded.owner("DELETE", f"/users/{name}").status in (400, 404)
