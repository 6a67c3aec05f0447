# SPDX-License-Identifier: MIT
"""Programs of others that log in (Moonraker's tokens), and that ask for a key of their own (OctoPrint's)."""

import base64
import json
import re
import subprocess
import time

import pytest
import websocket

from guarded import OTHER, PASSWORD, SERIAL, Browser, Guarded
from moonraker_client import Client
from program import CANNOT_CONNECT, DONE, FAILED, FLAGSHIP, USAGE, environment
from shifted_clock import ShiftedClock


@pytest.fixture(scope="module")
def guarded(tmp_path_factory):
    with Guarded(tmp_path_factory.mktemp("programs"), printers=[SERIAL, OTHER]) as running:
        yield running


def moonraker(gateway, method, path, body=None, token=None, printer=SERIAL, **headers):
    if token:
        headers["Authorization"] = f"Bearer {token}"
    return gateway.send(method, f"/moonraker/{printer}{path}", body, headers, root="")


def log_in(gateway, name="operator", password=PASSWORD):
    answer = moonraker(gateway, "POST", "/access/login", {"username": name, "password": password, "source": "moonraker"})
    assert answer.status == 200, answer.text
    return answer.json["result"]


def claims(token):
    part = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


# --- Moonraker's logins ---


def test_a_program_logs_in_and_out(guarded):
    login = log_in(guarded)
    assert (login["username"], login["source"], login["action"]) == ("operator", "moonraker", "user_logged_in")
    shown = claims(login["token"])
    assert shown["token_type"] == "auth" and 3500 < shown["exp"] - time.time() < 3700 and claims(login["refresh_token"])["token_type"] == "refresh"
    user = moonraker(guarded, "GET", "/access/user", token=login["token"]).json["result"]
    assert user == {"username": "operator", "source": "moonraker", "created_on": 1}
    assert moonraker(guarded, "GET", "/server/info", token=login["token"]).status == 200
    assert "Set-Cookie" not in moonraker(guarded, "GET", "/access/user", token=login["token"]).headers
    refreshed = moonraker(guarded, "POST", "/access/refresh_jwt", {"refresh_token": login["refresh_token"]}).json["result"]
    assert set(refreshed) == {"username", "token", "source", "action"} and refreshed["action"] == "user_jwt_refresh"
    assert moonraker(guarded, "GET", "/access/user", token=refreshed["token"]).status == 200
    out = moonraker(guarded, "POST", "/access/logout", {}, token=refreshed["token"])
    assert out.json["result"] == {"username": "operator", "action": "user_logged_out"}
    # Both tokens name the session that is over.
    for token in (login["token"], refreshed["token"]):
        assert moonraker(guarded, "GET", "/access/user", token=token).status == 401
    assert moonraker(guarded, "POST", "/access/refresh_jwt", {"refresh_token": login["refresh_token"]}).status == 401


def test_a_token_has_the_rights_of_its_user(guarded):
    viewer, admin = log_in(guarded, "viewer")["token"], log_in(guarded, "admin")["token"]
    assert moonraker(guarded, "POST", "/printer/print/pause", {}, token=viewer).status == 403
    assert moonraker(guarded, "POST", "/printer/print/pause", {}, token=admin).status == 503
    assert moonraker(guarded, "GET", "/access/users/list", token=viewer).json["result"]["users"] == [
        {"username": "viewer", "source": "moonraker", "created_on": 1}]
    assert {user["username"] for user in moonraker(guarded, "GET", "/access/users/list", token=admin).json["result"]["users"]} == {"viewer", "operator", "admin"}
    # Only for interfaces of other programs: the gateway's own has cookies, and what goes with them.
    assert guarded.send("GET", "/printers", headers={"Authorization": f"Bearer {admin}"}).status == 401
    assert guarded.send("GET", f"/octoprint/{SERIAL}/api/version", headers={"Authorization": f"Bearer {admin}"}, root="").status == 200


def altered(token):
    """Tokens that are none: of other types, of another user, unsigned, cut, and stretched."""
    header, payload, signature = token.split(".")
    shown = claims(token)

    def encode(value):
        return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")

    other = encode({**shown, "username": "admin"})
    none = encode({"alg": "none", "typ": "JWT"})
    last = "A" if signature[-1] != "A" else "B"
    return [f"{header}.{other}.{signature}", f"{none}.{payload}.", f"{none}.{payload}.{signature}", f"{header}.{payload}.{signature[:-1]}{last}",
            f"{header}.{payload}.", f"{header}.{payload}", f"{header}..{signature}", f"{header}.", header, f"{header}.{payload}.{signature}=",
            f"{header}.{payload}.{signature}.{signature}", f"{header}.{payload}.{'A' * 43}", f"{header}." + "A" * 420 + f".{signature}"[:90]]


def test_what_is_no_token_lets_nobody_in(guarded):
    login = log_in(guarded)
    wrong = [*altered(login["token"]), login["refresh_token"]]
    assert [moonraker(guarded, "GET", "/server/info", token=token).status for token in wrong] == [401] * len(wrong)
    wrong = [*altered(login["refresh_token"]), login["token"], "", None, 5, {"a": 1}]
    assert [moonraker(guarded, "POST", "/access/refresh_jwt", {"refresh_token": token}).status for token in wrong] == [401] * len(wrong)
    # Not as what an address or a cookie may hold.
    assert moonraker(guarded, "GET", f"/server/info?apikey={login['token']}").status == 401
    assert moonraker(guarded, "GET", f"/server/info?token={login['token']}").status == 401
    session = claims(login["token"])["sid"]
    assert moonraker(guarded, "GET", "/server/info", Cookie=f"flagship={session}").status == 401
    assert moonraker(guarded, "GET", "/server/info", token=login["token"]).status == 200


def test_wrong_passwords(guarded):
    answers = [moonraker(guarded, "POST", "/access/login", body) for body in (
        {"username": "operator", "password": "wrong"}, {"username": "nobody", "password": PASSWORD}, {"username": "operator"}, {}, {"username": 1, "password": []},
        {"username": "x" * 100, "password": PASSWORD}, {"username": "operator", "password": "x" * 5000})]
    assert {answer.status for answer in answers} == {401}
    assert {answer.json["error"]["message"] for answer in answers} == {"wrong name or password"}
    guarded.await_text("login of operator: wrong")


def test_wrong_passwords_are_throttled(tmp_path):
    with Guarded(tmp_path, printers=[SERIAL]) as gateway:
        wrong = {"username": "operator", "password": "wrong"}
        statuses = [moonraker(gateway, "POST", "/access/login", wrong).status for _ in range(20)]
        assert statuses[0] == 401 and statuses[-1] == 429
        answer = moonraker(gateway, "POST", "/access/login", wrong)
        assert int(answer.headers["Retry-After"]) >= 1 and "wait" in answer.json["error"]["message"]


def test_a_login_ends_with_its_user_and_password(tmp_path):
    with Guarded(tmp_path, printers=[SERIAL]) as gateway:
        tokens = {name: log_in(gateway, name)["token"] for name in ("viewer", "operator")}
        gateway.owner("PATCH", "/users/viewer", {"password": "another horse battery"}, 200)
        gateway.owner("DELETE", "/users/operator", expected=204)
        for token in tokens.values():
            assert moonraker(gateway, "GET", "/server/info", token=token).status == 401


def test_sockets_of_a_login(guarded):
    login = log_in(guarded)
    with pytest.raises(websocket.WebSocketBadStatusException):
        Client(guarded.base, header=["Authorization: Bearer " + login["refresh_token"]])
    oneshot = moonraker(guarded, "GET", "/access/oneshot_token", token=login["token"]).json["result"]
    with Client(guarded.base, f"/websocket?token={oneshot}") as client:
        assert client.call("access.get_user")["username"] == "operator"
        assert client.call("access.info") == {"default_source": "moonraker", "available_sources": ["moonraker"], "login_required": True, "trusted": True}
        assert [user["username"] for user in client.call("access.users.list")["users"]] == ["operator"]
        fresh = client.call("access.refresh_jwt", refresh_token=login["refresh_token"])["token"]
        assert client.refusal("access.refresh_jwt", refresh_token="x").code == 401
        refused = client.refusal("access.login", username="admin", password=PASSWORD)
        assert refused.code == 400 and "POST /access/login" in refused.message
        assert moonraker(guarded, "POST", "/access/logout", {}, token=fresh).status == 200
        # Whoever logs out is seen no more by what he opened.
        with pytest.raises((websocket.WebSocketException, OSError)):
            while True:
                client.receive()


def test_a_socket_logs_out(guarded):
    login = log_in(guarded)
    with Client(guarded.base, header=["Authorization: Bearer " + login["token"]]) as client:
        client.send("access.logout")
        with pytest.raises((websocket.WebSocketException, OSError)):
            while True:
                client.receive()
    assert moonraker(guarded, "GET", "/server/info", token=login["token"]).status == 401


def test_who_a_key_is(guarded):
    key = {"X-Api-Key": guarded.keys["operator"]}
    assert guarded.send("GET", f"/moonraker/{SERIAL}/access/user", headers=key, root="").json["result"]["username"] == "_API_KEY_USER_"
    answer = guarded.send("POST", f"/moonraker/{SERIAL}/access/logout", {}, key, root="")
    assert answer.status == 400 and "did not log in" in answer.text
    # Neither is a browser that logged in by it the user of the same name.
    browser = Browser(guarded, guarded.send("POST", "/login", {"key": guarded.keys["operator"]}))
    cookie = {"Cookie": f"{browser.name}={browser.token}"}
    assert guarded.send("GET", f"/moonraker/{SERIAL}/access/user", headers=cookie, root="").json["result"]["username"] == "_API_KEY_USER_"


# --- OctoPrint's keys of programs ---


class Program:
    """One that asks for a key, as Cura's plugin does."""

    def __init__(self, gateway, app="Cura", printer=SERIAL):
        self.gateway = gateway
        self.root = f"/octoprint/{printer}"
        self.answer = gateway.send("POST", f"{self.root}/plugin/appkeys/request", {"app": app}, root="")

    @property
    def path(self):
        return self.answer.headers["Location"].partition("/octoprint/")[2]

    def poll(self, root="/octoprint/"):
        return self.gateway.send("GET", root + self.path, root="")


def waiting(gateway):
    return {entry["app"]: entry for entry in gateway.owner("GET", "/app-keys", expected=200).json}


def keys_called(gateway, name):
    return [entry for entry in gateway.owner("GET", "/keys", expected=200).json if entry["name"] == name]


def decide(gateway, app, **body):
    return gateway.owner("POST", f"/app-keys/{waiting(gateway)[app]['id']}", body)


def test_an_admin_grants_a_key(guarded):
    assert guarded.send("GET", f"/octoprint/{SERIAL}/plugin/appkeys/probe", root="").status == 204
    program = Program(guarded, "OctoPrint Connection (Cura)")
    assert program.answer.status == 201 and re.fullmatch(r"[0-9a-f]{64}", token := program.answer.json["app_token"])
    assert program.answer.headers["Location"] == f"http://127.0.0.1:{guarded.port}/octoprint/{SERIAL}/plugin/appkeys/request/{token}"
    assert program.poll().status == 202
    entry = waiting(guarded)["OctoPrint Connection (Cura)"]
    assert (entry["name"], entry["printer"], entry["address"], entry["decision"]) == ("OctoPrint-Connection-Cura-", SERIAL, "127.0.0.1", None)
    assert token not in json.dumps(entry)
    decided = decide(guarded, "OctoPrint Connection (Cura)", decision="accept").json
    assert decided["decision"] == "accept" and "OctoPrint Connection (Cura)" not in waiting(guarded)
    # There is none before it is fetched: so none is left of a program that does not come.
    assert keys_called(guarded, "OctoPrint-Connection-Cura-") == []
    granted = program.poll()
    key = {"X-Api-Key": granted.json["api_key"]}
    assert granted.status == 200 and guarded.send("GET", f"/octoprint/{SERIAL}/api/version", headers=key, root="").status == 200
    # For this printer, as an operator, and it is fetched once.
    assert guarded.send("GET", f"/octoprint/{OTHER}/api/version", headers=key, root="").status == 404
    assert guarded.send("GET", "/keys", headers=key).status == 403
    assert program.poll().status == 404
    (listed,) = keys_called(guarded, "OctoPrint-Connection-Cura-")
    assert (listed["role"], listed["printers"]) == ("operator", [SERIAL])
    guarded.hashed()
    assert token not in guarded.log and granted.json["api_key"] not in guarded.log


def test_a_key_that_is_not_fetched_is_not_made(tmp_path):
    """The machine sleeps for a minute, and the program is gone by then."""
    clock = ShiftedClock(tmp_path)
    with Guarded(tmp_path, printers=[SERIAL], clock=clock) as gateway:
        program = Program(gateway, "Gone")
        assert decide(gateway, "Gone", decision="accept").status == 200
        clock.sleep(60)
        assert program.poll().status == 404
        assert keys_called(gateway, "Gone") == []


def test_a_key_that_cannot_be_made_is_tried_again(guarded):
    program = Program(guarded, "Late")
    assert decide(guarded, "Late", decision="accept").status == 200
    book = guarded.folder / "access.json"
    kept = book.read_bytes()
    book.write_bytes(b"{")
    answer = program.poll()
    assert answer.status == 500 and len(answer.text.splitlines()) == 1
    guarded.await_text("a key that was granted cannot be made")
    book.write_bytes(kept)
    assert program.poll().status == 200
    assert len(keys_called(guarded, "Late")) == 1


def test_an_admin_denies_one(guarded):
    program = Program(guarded, "Nosy")
    assert decide(guarded, "Nosy", decision="perhaps").status == 400
    assert decide(guarded, "Nosy", decision="accept", role="king").status == 400
    assert decide(guarded, "Nosy", decision="deny").json["decision"] == "deny"
    answer = program.poll()
    assert answer.status == 404 and len(answer.text.splitlines()) == 1
    assert guarded.owner("POST", "/app-keys/000000000000", {"decision": "accept"}).status == 404


def test_a_grant_as_the_admin_wants_it(guarded):
    program = Program(guarded, "Farm")
    assert decide(guarded, "Farm", decision="accept", role="viewer", printers=None).status == 200
    key = {"X-Api-Key": program.poll().json["api_key"]}
    assert guarded.send("GET", f"/octoprint/{OTHER}/api/version", headers=key, root="").status == 200
    assert guarded.send("POST", f"/octoprint/{OTHER}/api/job", {"command": "pause"}, key, root="").status == 403


def test_nobody_grants_himself_a_key(guarded):
    program = Program(guarded, "Sly")
    identity = waiting(guarded)["Sly"]["id"]
    for role in ("viewer", "operator"):
        assert guarded.by_key(role, "GET", "/app-keys").status == 403
        assert guarded.by_key(role, "POST", f"/app-keys/{identity}", {"decision": "accept"}).status == 403
    assert guarded.send("POST", f"/app-keys/{identity}", {"decision": "accept"}).status == 401
    # The token that the program has is not the id that an admin goes by, and holds for its printer alone.
    token = program.answer.json["app_token"]
    assert guarded.owner("POST", f"/app-keys/{token}", {"decision": "accept"}).status == 404
    for path in (f"/octoprint/{OTHER}/plugin/appkeys/request/{token}", f"/octoprint/{SERIAL}/plugin/appkeys/request/{identity}",
                 f"/octoprint/{SERIAL}/plugin/appkeys/request/{'0' * 64}"):
        assert guarded.send("GET", path, root="").status == 404
    assert guarded.send("GET", f"/octoprint/{SERIAL}/api/version", headers={"X-Api-Key": token}, root="").status == 401
    decide(guarded, "Sly", decision="deny")
    program.poll()


# --- the same on the command line ---


def serve_key(folder, *arguments):
    return subprocess.run([FLAGSHIP, "serve", "key", *arguments, "--dir", folder], env=environment(HOME=folder.parent), capture_output=True,
                          text=True, check=False)


def asking(folder):
    """Of each program that asks: its id, and the line."""
    lines = serve_key(folder, "list").stdout.splitlines()
    return {line.split()[0]: line for line in lines if " asks " in line}


def test_the_owner_grants_a_key_from_the_shell(guarded):
    program = Program(guarded, "Octo (Cura)")
    ((identity, line),) = asking(guarded.folder).items()
    assert line.split("  ")[1] == "Octo (Cura)" and line.endswith(f"{SERIAL}, from 127.0.0.1")
    guarded.await_text(f"'Octo (Cura)' asks for a key: flagship serve key accept {identity}")
    # Keys that there are stand before those that are asked for.
    assert " asks " not in serve_key(guarded.folder, "list").stdout.splitlines()[0]
    done = serve_key(guarded.folder, "accept", identity)
    assert done.returncode == DONE and "Octo (Cura), which asked from 127.0.0.1" in done.stderr and done.stdout == ""
    assert asking(guarded.folder) == {}
    key = {"X-Api-Key": program.poll().json["api_key"]}
    assert guarded.send("GET", f"/octoprint/{SERIAL}/api/version", headers=key, root="").status == 200
    assert guarded.send("GET", f"/octoprint/{OTHER}/api/version", headers=key, root="").status == 404
    (listed,) = keys_called(guarded, "Octo-Cura-")
    assert (listed["role"], listed["printers"]) == ("operator", [SERIAL])
    guarded.await_text(f"grant key who=- by=unix from=cli of={identity} outcome=done")


@pytest.mark.parametrize("options, role, printers", [(["--role", "viewer"], "viewer", [SERIAL]), (["--all-printers"], "operator", None),
                                                     (["--role", "admin", "--printer", OTHER], "admin", [OTHER])], ids=["role", "all", "other"])
def test_a_grant_as_the_owner_wants_it(guarded, options, role, printers):
    app = f"Shell-{role}"
    program = Program(guarded, app)
    assert serve_key(guarded.folder, "accept", app, *options).returncode == DONE
    assert program.poll().status == 200
    (listed,) = keys_called(guarded, app)
    assert (listed["role"], listed["printers"]) == (role, printers)
    assert serve_key(guarded.folder, "remove", app).returncode == DONE


def test_the_owner_refuses_one(guarded):
    program = Program(guarded, "Nosy")
    refused = serve_key(guarded.folder, "refuse", "Nosy")
    assert refused.returncode == DONE and "gets no key" in refused.stderr
    assert program.poll().status == 404 and keys_called(guarded, "Nosy") == []
    again = serve_key(guarded.folder, "refuse", "Nosy")
    assert again.returncode == FAILED and "no program asks for a key as 'Nosy'" in again.stderr


def test_several_of_a_name_want_an_id(guarded):
    first, second = Program(guarded, "Twin"), Program(guarded, "Twin")
    ambiguous = serve_key(guarded.folder, "accept", "Twin")
    assert ambiguous.returncode == FAILED and "several programs ask as 'Twin'" in ambiguous.stderr
    for identity in asking(guarded.folder):
        assert serve_key(guarded.folder, "refuse", identity).returncode == DONE
    assert (first.poll().status, second.poll().status) == (404, 404)


def test_the_shell_says_what_makes_no_sense(guarded, tmp_path):
    assert serve_key(guarded.folder, "accept").returncode == USAGE
    assert serve_key(guarded.folder, "accept", "x", "--printer", "no serial").returncode == USAGE
    absent = serve_key(tmp_path / "nowhere", "accept", "x")
    assert absent.returncode == CANNOT_CONNECT and "no gateway runs in" in absent.stderr
    listed = serve_key(tmp_path / "nowhere", "list")
    assert (listed.returncode, listed.stdout, listed.stderr) == (DONE, "", "")


@pytest.mark.parametrize("body", ["", "[", "[]", "{}", {"app": ""}, {"app": 5}, {"app": "x" * 64}, {"app": "a\nb"}, {"app": "\x1b[31m"}, {"app": "\u202ex"}])
def test_names_of_programs(guarded, body):
    answer = guarded.send("POST", f"/octoprint/{SERIAL}/plugin/appkeys/request", body, root="")
    assert answer.status == 400 and answer.text.startswith("the body is to be") and waiting(guarded) == {}


def test_requests_are_few(tmp_path):
    with Guarded(tmp_path, printers=[SERIAL]) as gateway:
        statuses = [Program(gateway, f"Program {number}").answer.status for number in range(6)]
        assert statuses == [201] * 4 + [429] * 2 and len(waiting(gateway)) == 4


def test_without_users_an_admin_decides_as_well(tmp_path):
    """A key that was granted at once would outlast the time without users."""
    with Guarded(tmp_path, with_users=False, printers=[SERIAL]) as gateway:
        program = Program(gateway)
        assert program.poll().status == 202
        identity = gateway.send("GET", "/app-keys").json[0]["id"]
        assert gateway.send("POST", f"/app-keys/{identity}", {"decision": "accept"}).status == 200
        assert re.fullmatch(r"[0-9a-f]{40}", program.poll().json["api_key"])
