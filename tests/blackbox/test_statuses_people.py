# SPDX-License-Identifier: MIT
"""Statuses of /api/v1 that are about people, keys, and the gateway itself."""

import contextlib
import json
import re
import threading

import statuses_push
from guarded import PASSWORD
from process import DEADLINE_S
from statuses import JSON, SERIALS, Other, Reply, cases_of, happens, in_another, plain, served


@contextlib.contextmanager
def busy_with(gateway, method, path, make_body, key="admin"):
    """Passwords are being hashed, as many as may wait: ends once one more was refused for it."""
    refused = threading.Event()
    statuses = []

    def flood(number):
        with contextlib.suppress(OSError):
            reply = gateway.ask(method, path, make_body(number), key)
            statuses.append(reply.status)
            if reply.status == 503:
                refused.set()

    threads = [threading.Thread(target=flood, args=(number,), daemon=True) for number in range(24)]
    for thread in threads:
        thread.start()
    assert refused.wait(DEADLINE_S), statuses
    yield
    for thread in threads:
        thread.join(DEADLINE_S)


def new_user(number):
    return {"name": f"u{number}", "role": "viewer", "password": "a good password"}


def while_busy(method, path, body, flood=("POST", "/users", new_user)):
    def case(served):
        with Other(served, "busy") as other, busy_with(other, *flood):
            return other.ask(method, path, body)

    return case


def login_body(number):
    return {"name": f"stranger{number}", "password": "a good password"}


def throttled(served, method="POST", path="/login", body=None, **headers):
    with Other(served, "throttled") as other:
        body = body or {"name": "admin", "password": "wrong password"}
        for _ in range(12):
            reply = other.ask(method, path, body, key=None, **headers)
            if reply.status == 429:
                break
        return reply


def throttled_change(served):
    with Other(served, "throttled") as other:
        session = other.login()
        for _ in range(12):
            reply = other.ask("POST", "/session/password", {"old": "wrong password", "password": "a good password"}, key=None, **session)
            if reply.status == 429:
                break
        return reply


def in_session(method, path, body, name="operator"):
    return lambda served: served.ask(method, path, body, key=None, **served.login(name))


def without_page_settings(served):
    """Its file cannot be written."""
    return Other(served, "no-page-settings", users=False, spoil=lambda folder: (folder / "page.json.new").mkdir())


def too_many_settings(served):
    """Of one user, by two requests that are small enough each."""
    serials = [f"{number:032}" for number in range(1000)]
    session = served.login("admin")
    assert served.ask("PATCH", "/session/page", {"fleet_order": serials}, key=None, **session).status == 200
    return served.ask("PATCH", "/session/page", {"fleet_hidden": serials}, key=None, **session)


def setup_body(other, password="a good password"):
    link = (other.folder / "gateway" / "setup-link").read_text()
    return {"token": re.search(r"[A-Za-z0-9_-]{32,}\s*$", link).group().strip(), "name": "ann", "password": password}


def set_up(served, **body):
    with Other(served, "new", users=False) as other:
        return other.ask("POST", "/setup", setup_body(other, **body))


def set_up_beside_another(served):
    """Somebody else becomes the first user while the password is hashed."""
    for _ in range(20):
        with Other(served, "new", users=False) as other:
            first, second = (other.gateway.connection() for _ in range(2))
            first.request("POST", "/api/v1/users", json.dumps({"name": "ann", "role": "admin", "password": "a good password"}), JSON)
            second.request("POST", "/api/v1/setup", json.dumps(setup_body(other)), JSON)
            replies = [Reply(connection) for connection in (first, second)]
            if replies[1].status != 201:
                break
    return replies[1]


def user(served, method, **body):
    served.ask("POST", "/users", {"name": "temporary", "role": "viewer", "password": "a good password"})
    return served.ask(method, "/users/temporary", body or None)


def removed_key(served):
    made = served.ask("POST", "/keys", {"name": "temporary", "role": "viewer"}).json
    return served.ask("DELETE", f"/keys/{made['id']}")


def app_key(served, app, **body):
    connection = served.gateway.connection()
    connection.request("POST", f"/octoprint/{SERIALS['Left']}/plugin/appkeys/request", json.dumps({"app": app}), JSON)
    assert connection.getresponse().status == 201
    identity = next(asked["id"] for asked in served.ask("GET", "/app-keys").json if asked["app"] == app)
    return served.ask("POST", f"/app-keys/{identity}", body)


def last_admin(method, body=None):
    return lambda served: served.ask(method, "/users/admin", body)


def fill_keys(folder):
    """As many as there may be."""
    access = json.loads((folder / "access.json").read_text())
    more = [{**access["keys"][0], "id": f"{number:012x}", "name": f"k{number}", "hash": f"{number:064x}"} for number in range(256)]
    access["keys"] = (access["keys"] + more)[:256]
    (folder / "access.json").write_text(json.dumps(access))


def key_too_many(served):
    with Other(served, "keys", spoil=fill_keys) as other:
        return other.ask("POST", "/keys", {"name": "k", "role": "viewer"})


def key_for_an_app_too_many(served):
    with Other(served, "keys", printers=True, spoil=fill_keys) as other:
        return app_key(other, "Cura", decision="accept")


def user_added(served):
    return served.ask("POST", "/users", {"name": "temporary", "role": "viewer", "password": "a good password"})


def setup_while_busy(served):
    with Other(served, "new", users=False) as other:
        body = setup_body(other)
        with busy_with(other, "POST", "/users", new_user):
            return other.ask("POST", "/setup", body)


def password_while_busy(served):
    """Of one name few wait at once."""
    with Other(served, "busy") as other:
        right = {"name": "ann", "password": "a good password"}
        assert other.ask("POST", "/users", {**right, "role": "viewer"}).status == 201
        session = other.login(**right)
        with busy_with(other, "POST", "/login", lambda _: right, key=None):
            return other.ask("POST", "/session/password", {"old": right["password"], "password": "a better password"}, key=None, **session)


CASES = {
    "describe": {200: plain("GET", "/openapi.json")},
    "getHealth": {200: plain("GET", "/health")},
    "getVersion": {200: plain("GET", "/version")},
    "listTypes": {200: plain("GET", "/types")},
    "login": {200: plain("POST", "/login", {"name": "viewer", "password": PASSWORD}, key=None), 400: plain("POST", "/login", "[]", key=None),
              401: plain("POST", "/login", {"name": "nobody", "password": "wrong password"}, key=None), 429: throttled,
              503: while_busy("POST", "/login", {"name": "stranger", "password": "a good password"}, flood=("POST", "/login", login_body, None))},
    "setup": {201: set_up, 400: lambda served: set_up(served, password="short"), 409: set_up_beside_another, 503: setup_while_busy},
    "logout": {204: in_session("POST", "/logout", {}), 400: plain("POST", "/logout", "[]")},
    "getSession": {200: plain("GET", "/session")},
    "changePassword": {200: in_session("POST", "/session/password", {"old": PASSWORD, "password": PASSWORD}), 400: in_session("POST", "/session/password", {"old": PASSWORD, "password": "x"}),
                       401: plain("POST", "/session/password", {}, key=None),
                       409: plain("POST", "/session/password", {"old": PASSWORD, "password": "a good password"}), 429: throttled_change, 503: password_while_busy},
    "listUsers": {200: plain("GET", "/users")},
    "addUser": {201: lambda served: (served.ask("DELETE", "/users/temporary"), user_added(served))[1], 400: plain("POST", "/users", {"name": "a b", "role": "viewer", "password": PASSWORD}),
                409: plain("POST", "/users", {"name": "admin", "role": "admin", "password": PASSWORD}), 503: while_busy("POST", "/users", new_user(99))},
    "changeUser": {200: lambda served: user(served, "PATCH", role="operator"), 400: plain("PATCH", "/users/viewer", {"role": "king"}),
                   404: plain("PATCH", "/users/none", {"role": "viewer"}), 409: last_admin("PATCH", {"role": "viewer"}),
                   503: while_busy("PATCH", "/users/viewer", {"password": "a good password"})},
    "removeUser": {204: lambda served: user(served, "DELETE"), 404: plain("DELETE", "/users/none"), 409: last_admin("DELETE")},
    "listKeys": {200: plain("GET", "/keys")},
    "addKey": {201: plain("POST", "/keys", {"name": "k", "role": "viewer"}), 400: plain("POST", "/keys", {"name": "k", "role": "king"}),
               409: key_too_many},
    "removeKey": {204: removed_key, 404: plain("DELETE", "/keys/none")},
    "listAppKeys": {200: plain("GET", "/app-keys")},
    "decideAppKey": {200: lambda served: app_key(served, "Cura", decision="deny"), 400: lambda served: app_key(served, "Other", decision="perhaps"),
                     404: plain("POST", "/app-keys/none", {"decision": "accept"}), 409: key_for_an_app_too_many},
    "listActivity": {200: plain("GET", "/activity")},
    "getPageSettings": {200: in_session("GET", "/session/page", None), 409: plain("GET", "/session/page")},
    "changePageSettings": {
        200: in_session("PATCH", "/session/page", {"theme": "dark"}), 400: in_session("PATCH", "/session/page", {"theme": "pink"}),
        409: plain("PATCH", "/session/page", {}), 413: too_many_settings,
        500: in_another(without_page_settings, "PATCH", "/session/page", {}, key=None)},
    "getSettings": {200: plain("GET", "/settings")},
    "changeSettings": {200: plain("PATCH", "/settings", {"session_idle_s": 604800}), 400: plain("PATCH", "/settings", {"session_idle_s": "x"}),
                       409: plain("PATCH", "/settings", {"names": "not a name!"})},
    **statuses_push.CASES,
}


@cases_of(CASES)
def test_it_happens_and_is_as_described(served, name, status):
    happens(served, CASES, name, status)
