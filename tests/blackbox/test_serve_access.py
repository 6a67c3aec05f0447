# SPDX-License-Identifier: MIT
"""Who may use flagship serve: users, roles, keys, sessions, the first user, TLS and proxies, as they are meant."""

import base64
import fcntl
import json
import os
import pathlib
import re
import signal
import ssl
import stat
import subprocess

import pytest

from guarded import OTHER, PASSWORD, ROLES, SERIAL, Browser, Guarded
from process import until
from program import DONE, FAILED, FLAGSHIP, USAGE, environment


@pytest.fixture(scope="module")
def guarded(tmp_path_factory):
    with Guarded(tmp_path_factory.mktemp("guarded")) as running:
        yield running


@pytest.fixture
def fresh(tmp_path):
    """Without users."""
    with Guarded(tmp_path, with_users=False) as running:
        yield running


def serve(folder, *arguments, text=""):
    return subprocess.run([FLAGSHIP, "serve", *arguments, "--dir", folder], input=text, env=environment(HOME=folder.parent),
                          capture_output=True, text=True, check=False)


# --- what is presented ---


def basic(name, password):
    return {"Authorization": "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()}


@pytest.mark.parametrize("role", ROLES)
def test_a_key_is_taken_in_every_form(guarded, role):
    key = guarded.keys[role]
    for headers in ({"X-Api-Key": key}, {"Authorization": f"Bearer {key}"}, basic("whoever", key), {"X-Api-Key": key, "Cookie": "flagship=0"}):
        answer = guarded.send("GET", "/session", headers=headers)
        assert (answer.status, answer.json["user"], answer.json["role"], answer.json["by"]) == (200, role, role, "key")


@pytest.mark.parametrize("role", ROLES)
def test_a_password_is_taken_by_basic_and_hashed_once(guarded, role):
    assert guarded.send("GET", "/session", headers=basic(role, PASSWORD)).json["by"] == "password"
    before = guarded.hashed()
    for _ in range(3):
        assert guarded.send("GET", "/session", headers=basic(role, PASSWORD)).status == 200
    assert guarded.hashed() == before


def test_a_body_waits_for_the_password(tmp_path):
    """The request is put off while the hash is made, and then goes on to its route with its body."""
    with Guarded(tmp_path) as gateway:
        answer = gateway.send("POST", "/keys", {"name": "made", "role": "viewer"}, basic("admin", PASSWORD))
        assert (answer.status, gateway.hashed()) == (201, 1), answer.text


def test_session_tells_who_asks(guarded):
    browser = guarded.browser("operator")
    answer = browser.send("GET", "/session")
    assert answer.json == {"user": "operator", "by": "session", "role": "operator", "printers": None, "csrf": browser.csrf}
    assert guarded.owner("GET", "/session").json["by"] == "unix"


def test_writes_of_a_session_send_its_token(guarded):
    assert guarded.browser().send("POST", "/keys", {"name": "page", "role": "viewer"}).status == 201


def test_logout(guarded):
    one, other = guarded.browser(), guarded.browser()
    assert one.send("POST", "/logout", {}).status == 204
    assert (one.send("GET", "/session").status, other.send("GET", "/session").status) == (401, 200)
    third = guarded.browser()
    assert third.send("POST", "/logout", {"everywhere": True}).status == 204
    assert (other.send("GET", "/session").status, third.send("GET", "/session").status) == (401, 401)


def test_own_password_is_changed_with_the_old_one(tmp_path):
    with Guarded(tmp_path) as gateway:
        browser, other = gateway.browser("viewer"), gateway.browser("viewer")
        assert browser.send("POST", "/session/password", {"old": "wrong", "password": "another password"}).status == 401
        changed = browser.send("POST", "/session/password", {"old": PASSWORD, "password": "another password"})
        assert changed.status == 200 and changed.cookie("flagship") != browser.token
        assert [b.send("GET", "/session").status for b in (browser, other)] == [401, 401]
        assert (gateway.login("viewer").status, gateway.login("viewer", "another password").status) == (401, 200)


# --- sessions by a key ---


def test_a_browser_logs_in_by_a_key(guarded):
    answer = guarded.send("POST", "/login", {"key": guarded.keys["viewer-of-one"]})
    assert (answer.status, answer.json["by"], answer.json["role"], answer.json["printers"]) == (200, "session", "viewer", [SERIAL])
    browser = Browser(guarded, answer)
    assert browser.send("GET", "/users").status == 403
    # It has no password, not even where a user has the key's name.
    browser = Browser(guarded, guarded.send("POST", "/login", {"key": guarded.keys["viewer"]}))
    assert browser.send("POST", "/session/password", {"old": PASSWORD, "password": "a good password"}).status == 409
    assert browser.send("POST", "/logout", {"everywhere": "true"}).status == 400
    assert browser.send("POST", "/logout", {"everywhere": True}).status == 204 and guarded.browser("viewer").send("GET", "/session").status == 200


@pytest.mark.parametrize("key", ["0" * 40, "x", ":" + "0" * 12])
def test_no_session_by_what_is_no_key(guarded, key):
    assert guarded.send("POST", "/login", {"key": key}).status == 401


def test_keys_say_how_long_they_last(tmp_path):
    folder = tmp_path / "gateway"
    assert serve(folder, "key", "add", "wall", "--role", "viewer", "--expires", "30d").returncode == DONE
    assert serve(folder, "key", "add", "program", "--role", "viewer").returncode == DONE
    wall, program = serve(folder, "key", "list").stdout.splitlines()
    assert ", until 20" in wall and "until" not in program
    kept = json.loads((folder / "access.json").read_text())
    assert kept["keys"][0]["expires_at"] == kept["keys"][0]["created_at"] + 30 * 86400 and "expires_at" not in kept["keys"][1]
    kept["keys"][0]["expires_at"] = 1
    (folder / "access.json").write_text(json.dumps(kept))
    assert serve(folder, "key", "list").stdout.splitlines()[0].endswith(", expired")
    # What cannot be read would make it last for ever.
    kept["keys"][0]["expires_at"] = "never"
    (folder / "access.json").write_text(json.dumps(kept))
    assert serve(folder, "key", "list").returncode == FAILED


@pytest.mark.parametrize("seconds", [0, 59, -1, "60", 1e12, None, 60.5])
def test_a_key_lasts_a_time_that_makes_sense(guarded, seconds):
    assert guarded.by_key("admin", "POST", "/keys", {"name": "k", "role": "viewer", "expires_in_s": seconds}).status == 400


# --- users and keys ---


def test_users_and_keys_are_listed_without_secrets(guarded):
    users = guarded.by_key("admin", "GET", "/users").json
    assert {user["name"]: user["role"] for user in users} == {role: role for role in ROLES}
    assert all(set(user) == {"name", "role", "printers", "created_at"} for user in users)
    keys = guarded.by_key("admin", "GET", "/keys").json
    assert all(set(key) == {"id", "name", "role", "printers", "digest", "created_at", "expires_at"} for key in keys)
    assert [key["printers"] for key in keys if key["name"] == "viewer-of-one"] == [[SERIAL]]


def test_users_come_change_and_go(tmp_path):
    with Guarded(tmp_path) as gateway:
        def users():
            return {user["name"]: (user["role"], user["printers"]) for user in gateway.owner("GET", "/users").json}

        assert gateway.owner("POST", "/users", {"name": "kid", "password": PASSWORD, "role": "viewer", "printers": [SERIAL, OTHER]}).status == 201
        assert users()["kid"] == ("viewer", [SERIAL, OTHER])
        assert gateway.owner("PATCH", "/users/kid", {"role": "operator", "printers": None}).status == 200
        assert users()["kid"] == ("operator", None)
        assert gateway.owner("PATCH", "/users/kid", {"password": "a longer one"}).status == 200
        assert (gateway.login("kid").status, gateway.login("kid", "a longer one").status) == (401, 200)
        assert gateway.owner("DELETE", "/users/kid").status == 204
        assert "kid" not in users() and gateway.login("kid", "a longer one").status == 401
        assert gateway.owner("DELETE", "/users/kid").status == 404


def test_who_changes_the_file_is_not_waited_for(tmp_path):
    """Since all printers, pages and programs would wait with whom it is."""
    with Guarded(tmp_path) as gateway:
        assert gateway.owner("POST", "/keys", {"name": "first", "role": "viewer"}).status == 201
        (lock,) = gateway.folder.glob(".access.json*lock")
        with lock.open("r+b") as held:
            fcntl.flock(held, fcntl.LOCK_EX)
            answer = gateway.owner("POST", "/keys", {"name": "second", "role": "viewer"})
            assert (answer.status, "try again" in answer.text) == (500, True)
        assert gateway.owner("POST", "/keys", {"name": "second", "role": "viewer"}).status == 201


def test_a_key_that_is_removed_opens_nothing(tmp_path):
    with Guarded(tmp_path) as gateway:
        (key,) = [key for key in gateway.owner("GET", "/keys").json if key["name"] == "viewer"]
        assert gateway.by_key("viewer", "GET", "/session").status == 200
        assert gateway.owner("DELETE", f"/keys/{key['id']}").status == 204
        assert gateway.by_key("viewer", "GET", "/session").status == 401


def test_everything_outlasts_a_restart_but_sessions(tmp_path):
    with Guarded(tmp_path) as gateway:
        keys, token = gateway.keys, gateway.browser().token
    with Guarded(tmp_path, with_users=False) as gateway:
        gateway.keys = keys
        assert gateway.by_key("operator", "GET", "/session").json["role"] == "operator"
        assert gateway.login("viewer").status == 200
        assert gateway.send("GET", "/session", headers={"Cookie": f"flagship={token}"}).status == 401


def test_settings(tmp_path):
    with Guarded(tmp_path) as gateway:
        settings = gateway.by_key("admin", "GET", "/settings").json
        assert (settings["trusted_networks"], settings["cors_origins"]) == ("", "")
        changed = gateway.by_key("admin", "PATCH", "/settings", {"names": "printers.example", "session_idle_s": 3600})
        assert changed.json == settings | {"names": "printers.example", "session_idle_s": 3600}
        assert gateway.by_key("viewer", "GET", "/session", Host="printers.example:80").status == 200
        for wrong in ({"trusted_networks": "everybody"}, {"session_max_s": 1}, {"names": "a/b"}, {"more": 1}, {"session_idle_s": "x"}):
            assert gateway.by_key("admin", "PATCH", "/settings", wrong).status in (400, 409), wrong


# --- the first user ---


def test_without_users_this_machine_may_do_everything(fresh):
    assert fresh.send("GET", "/session").json == {"user": None, "by": "open", "role": "admin", "printers": None, "csrf": None}
    assert fresh.send("GET", "/printers").json == []


def test_the_first_user_closes_the_gateway(fresh):
    link = fresh.folder / "setup-link"
    assert link.exists()
    assert fresh.send("POST", "/users", {"name": "ann", "password": PASSWORD, "role": "viewer"}).status == 409
    assert fresh.send("POST", "/users", {"name": "ann", "password": PASSWORD, "role": "admin"}).status == 201
    assert fresh.send("GET", "/printers").status == 401
    assert not link.exists()


def setup_token(gateway):
    text = (gateway.folder / "setup-link").read_text().strip()
    assert text.startswith(f"http{'s' if gateway.tls else ''}://127.0.0.1:{gateway.port}/setup#")
    return text.partition("#")[2]


def test_setup_link(fresh):
    link = fresh.folder / "setup-link"
    assert stat.S_IMODE(link.stat().st_mode) == 0o600
    made = fresh.send("POST", "/setup", {"token": setup_token(fresh), "name": "ann", "password": PASSWORD})
    assert (made.status, made.json["user"], made.json["role"], made.json["by"]) == (201, "ann", "admin", "session")
    assert fresh.send("GET", "/session", headers={"Cookie": f"flagship={made.cookie('flagship')}"}).json["user"] == "ann"
    assert not link.exists()


def test_setup_link_is_new_after_a_restart(tmp_path):
    with Guarded(tmp_path, with_users=False) as gateway:
        token = setup_token(gateway)
        link = gateway.folder / "setup-link"
    assert not link.exists()
    with Guarded(tmp_path, with_users=False) as gateway:
        assert setup_token(gateway) != token
        assert gateway.send("POST", "/setup", {"token": token, "name": "eve", "password": PASSWORD}).status == 403


# --- the command line ---


def test_the_shell_changes_a_gateway_that_runs(tmp_path):
    with Guarded(tmp_path, with_users=False) as gateway:
        assert serve(gateway.folder, "user", "add", "ann", "--role", "admin", text=PASSWORD + "\n").returncode == DONE
        made = serve(gateway.folder, "key", "add", "orca", "--role", "operator", "--printer", SERIAL)
        gateway.keys["orca"] = made.stdout.strip()
        # Until it has taken over the first user, everybody may ask.
        until(lambda: gateway.by_key("orca", "GET", "/session").json.get("user") == "orca")
        assert gateway.by_key("orca", "GET", "/session").json["printers"] == [SERIAL]
        assert "orca" in serve(gateway.folder, "key", "list").stdout and "ann" in serve(gateway.folder, "user", "list").stdout
        assert serve(gateway.folder, "key", "remove", "orca").returncode == DONE
        until(lambda: gateway.by_key("orca", "GET", "/session").status == 401)


@pytest.mark.parametrize("arguments, text, status", [
    (("user", "add", "ann", "--role", "viewer"), PASSWORD, FAILED), (("user", "add", "ann"), PASSWORD, USAGE),
    (("user", "add", "a b", "--role", "admin"), PASSWORD, USAGE), (("user", "add", "ann", "--role", "admin"), "short", USAGE),
    (("user", "add", "ann", "--role", "root"), PASSWORD, USAGE), (("user", "remove", "ann"), "", FAILED), (("user",), "", USAGE),
    (("user", "add"), "", USAGE), (("user", "fly", "ann"), "", USAGE), (("key", "add", "k"), "", USAGE), (("key", "remove", "k"), "", FAILED),
    (("key", "add", "k", "--role", "viewer", "--expires", "soon"), "", USAGE), (("key", "add", "k", "--role", "viewer", "--expires", "11w1"), "", USAGE),
    (("key", "add", "k", "--role", "viewer", "--expires", "999w"), "", USAGE),
    (("key", "add", "k", "--role", "viewer", "--printer", "no serial"), "", USAGE), (("user", "add", "ann", "--role", "admin"), "", USAGE)])
def test_what_the_shell_refuses(tmp_path, arguments, text, status):
    result = serve(tmp_path / "gateway", *arguments, text=text and text + "\n")
    assert result.returncode == status and result.stderr
    assert not (tmp_path / "gateway" / "access.json").exists()


def test_the_file_is_for_its_owner(tmp_path):
    folder = tmp_path / "gateway"
    assert serve(folder, "user", "add", "ann", "--role", "admin", text=PASSWORD + "\n").returncode == DONE
    file = folder / "access.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert PASSWORD not in file.read_text()
    file.chmod(0o644)
    result = serve(folder, "user", "list")
    assert (result.returncode, "chmod 600" in result.stderr) == (FAILED, True)


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"version":2,"users":[],"keys":[]}', '{"version":1,"secret":"0","users":[],"keys":[]}'])
def test_a_damaged_file_lets_nobody_in(tmp_path, content):
    folder = tmp_path / "gateway"
    folder.mkdir(mode=0o700)
    (folder / "access.json").write_text(content)
    (folder / "access.json").chmod(0o600)
    result = subprocess.run([FLAGSHIP, "serve", "--port", "0", "--dir", folder], env=environment(HOME=tmp_path), capture_output=True, text=True, check=False)
    assert (result.returncode, "access.json" in result.stderr) == (FAILED, True)


def test_a_file_that_becomes_damaged_changes_nothing(tmp_path):
    with Guarded(tmp_path) as gateway:
        (gateway.folder / "access.json").write_text("{")
        gateway.signal(signal.SIGHUP)
        gateway.await_text("stay as they were")
        assert gateway.by_key("viewer", "GET", "/session").status == 200
        assert gateway.send("GET", "/session").status == 401


# --- TLS and proxies ---


@pytest.fixture(scope="module")
def tls(certificate):
    return certificate


def test_tls_for_all_addresses(tmp_path, tls):
    with Guarded(tmp_path, "--bind", "0.0.0.0", tls=tls, with_users=False) as gateway:
        assert gateway.send("GET", "/health").status == 200
        assert gateway.send("GET", "/session").status == 401
        token = (gateway.folder / "setup-link").read_text().strip()
        assert token.startswith("https://")
        made = gateway.send("POST", "/setup", {"token": token.partition("#")[2], "name": "ann", "password": PASSWORD})
        assert made.status == 201
        cookies = {cookie.partition("=")[0]: cookie for cookie in made.cookies}
        assert set(cookies) == {"__Host-flagship", "flagship_device"}
        assert all(cookie.endswith("; Secure") and "; Path=/; HttpOnly; SameSite=Strict;" in cookie for cookie in made.cookies)


def test_a_renewed_certificate_is_taken(tmp_path, authority):
    def shown(gateway):
        """Of the gateway itself, and of a printer's port."""
        return [ssl.get_server_certificate(("127.0.0.1", port)) for port in (gateway.port, gateway.base)]

    files = [tmp_path / "chain.pem", tmp_path / "key.pem"]

    def install(name):
        for place, made in zip(files, authority.issue(name)):
            new = place.with_suffix(".new")
            new.write_bytes(open(made, "rb").read())
            new.chmod(0o600)
            os.replace(new, place)

    install("first")
    with Guarded(tmp_path, tls=files, printers=(SERIAL,)) as gateway:
        before = shown(gateway)
        open_before = gateway.connection()
        open_before.connect()
        install("second")
        gateway.await_text("certificates are read anew")
        until(lambda: all(new != old for new, old in zip(shown(gateway), before)))
        assert len(set(shown(gateway))) == 1
        assert gateway.send("GET", "/health", connection=open_before).status == 200
        files[0].write_text("nothing")
        gateway.signal(signal.SIGHUP)
        gateway.await_text("certificate of before")
        assert gateway.by_key("viewer", "GET", "/session").status == 200


def test_the_certificate_of_a_local_cloud_serves(tmp_path, tls):
    cloud = tmp_path / ".local/state/flagship/cloud"
    cloud.mkdir(parents=True, mode=0o700)
    for name, made in zip(("server.pem", "server.key"), tls):
        (cloud / name).write_bytes(open(made, "rb").read())
        (cloud / name).chmod(0o600)
    with Guarded(tmp_path, "--bind", "0.0.0.0", with_users=False) as gateway:
        gateway.tls = tls
        assert gateway.send("GET", "/health").status == 200


@pytest.mark.parametrize("options", [("--bind", "0.0.0.0"), ("--bind", "::"), ("--tls-cert", "x"), ("--tls-key", "x"), ("--behind-proxy", "everybody"),
                                     ("--behind-proxy", ""), ("--name", "a b"), ("--name", ""), ("--behind-proxy", "10.0.0.0/33")])
def test_options_that_are_refused(tmp_path, options):
    result = subprocess.run([FLAGSHIP, "serve", "--port", "0", *options], env=environment(HOME=tmp_path), capture_output=True, text=True, check=False)
    assert result.returncode == USAGE and result.stderr


@pytest.fixture(scope="module")
def proxied(tmp_path_factory):
    with Guarded(tmp_path_factory.mktemp("proxied"), "--behind-proxy", "127.0.0.1", "--name", "printers.example") as running:
        yield running


def test_a_proxy_is_believed(proxied):
    forwarded = {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "https", "X-Forwarded-Host": "printers.example", "Host": "127.0.0.1:1"}
    answer = proxied.login("viewer", **forwarded)
    assert answer.status == 200 and answer.cookie("__Host-flagship") and "Secure" in answer.cookies[0]
    proxied.await_text("from=203.0.113.9")


def test_a_page_behind_a_proxy_is_our_own(proxied):
    assert proxied.by_key("viewer", "GET", "/session", Host="printers.example", Origin="https://printers.example").status == 200


def test_every_answer_tells_browsers_what_they_may(guarded):
    for answer in (guarded.send("GET", "/health"), guarded.send("GET", "/nothing"), guarded.send("GET", "/session"), guarded.send("PURGE", "/health"),
                   guarded.by_key("viewer", "GET", "/users"), guarded.send("POST", "/login", "{"), guarded.send("POST", "/login", "x" * 100000)):
        assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'; frame-ancestors 'none'"), answer.status
        assert (answer.headers["X-Content-Type-Options"], answer.headers["Referrer-Policy"]) == ("nosniff", "no-referrer")
        assert answer.headers["Server"] is None and answer.headers["Access-Control-Allow-Origin"] is None


def test_the_page_says_what_the_code_does():
    root = pathlib.Path(__file__).resolve().parents[2]
    page = " ".join((root / "docs/security.md").read_text(encoding="utf-8").split())
    values = {}
    for name in ("gateway/access/verify.c", "gateway/access/book.h", "gateway/access/sessions.h", "gateway/web/web.h", "daemon/login/throttle.h"):
        text = (root / "src" / name).read_text(encoding="utf-8")
        values |= {key: int(value) for key, value in re.findall(r"#define (\w+)\s+(?:INT64_C\()?(\d+)", text)}
    values |= {"IDLE": values["ACCESS_SESSION_IDLE_S"] // 86400, "MOST": values["ACCESS_SESSION_MAX_S"] // 86400, "MINUTES": values["NONCE_LIFE_MS"] // 60000}
    for words in ("take {ACCESS_PASSWORD_MIN} bytes at least", "{RUNNING_MAX} at once, of which {STRANGERS_MAX} is for who", "{WAITING_MAX} of each kind wait, {OF_SAME_MAX} of one name",
                  "after {IDLE} days without use and {MOST} in all", "{SESSIONS_OF_USER_MAX} of a user, {SESSIONS_MAX} in all", "lasts {MINUTES} minutes and counts up; {NONCES_MAX} that",
                  "{THROTTLE_FREE_TRIES} wrong ones of an address", "then {THROTTLE_WAIT_FIRST_S} s, twice as long each time, {THROTTLE_WAIT_MAX_S} s at most",
                  "but for {WEB_CONNECTIONS} connections of an address"):
        assert words.format(**values) in page, words


def test_json_of_the_file_is_one_object(guarded):
    kept = json.loads((guarded.folder / "access.json").read_text())
    assert {user["password"].split("$")[0] for user in kept["users"]} == {"scrypt"}
    assert all(len(key["hash"]) == 64 for key in kept["keys"])
