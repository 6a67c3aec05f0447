# SPDX-License-Identifier: MIT
"""Streams of flagship serve (WebSockets, Server-Sent Events) end with the session or the key that they were opened with."""

import struct
import subprocess

import pytest

from gateway import EventStream
from guarded import OTHER, PASSWORD, SERIAL, Browser, Guarded
from program import DONE, FLAGSHIP, environment
from shifted_clock import ShiftedClock
from websocket_client import WebSocket

POLICY = 1008
WEEK_S = 7 * 24 * 3600


@pytest.fixture
def guarded(tmp_path):
    with Guarded(tmp_path, printers=[SERIAL, OTHER]) as running:
        yield running


# --- the streams, each opened with these headers ---


class Socket:
    """A WebSocket."""

    def __init__(self, gateway, path, headers, port=None):
        port = port or gateway.port
        self.socket = WebSocket(port, path, Origin=f"http://127.0.0.1:{port}", **headers)

    def is_open(self):
        """All that was sent before has been read, and is answered."""
        self.socket.ping()
        while (name := self.socket.frame()[0]) != "pong":
            assert name != "close"
        return True

    def await_end(self):
        while (frame := self.socket.frame())[0] != "close":
            pass
        payload = frame[1]
        assert struct.unpack(">H", payload[:2])[0] == POLICY and payload[2:] == b"the login or the key of this stream is over"
        # Whatever is sent now is taken no more.
        self.socket.send({"jsonrpc": "2.0", "method": "server.info", "id": 7})
        self.socket.send_frame("close", payload[:2])
        assert self.socket.stream.read() == b""
        self.socket.close()


class Events:
    """Server-Sent Events."""

    def __init__(self, gateway, headers):
        self.stream = EventStream(gateway, "", headers)
        assert self.stream.next()[1]["type"] == "snapshot"

    def is_open(self):
        return not self.stream.response.isclosed()

    def await_end(self):
        # The answer ends as it should, and is not cut.
        while self.stream.response.readline():
            pass
        self.stream.close()


def octoprint(gateway, headers, root):
    answer = gateway.send("POST", f"{root}/api/login", {"passive": True}, headers, root="")
    assert answer.status == 200, answer.text
    socket = Socket(gateway, f"{root}/sockjs/websocket", {})
    assert "connected" in socket.socket.json()
    socket.socket.send({"auth": f"{answer.json['name']}:{answer.json['session']}"})
    assert "history" in socket.socket.json()
    return socket


STREAMS = {
    "websocket": lambda gateway, headers: Socket(gateway, "/api/v1/events", headers),
    "events": Events,
    "moonraker": lambda gateway, headers: Socket(gateway, f"/moonraker/{SERIAL}/websocket", headers),
    "moonraker-port": lambda gateway, headers: Socket(gateway, "/websocket", headers, port=gateway.base),
    "octoprint": lambda gateway, headers: octoprint(gateway, headers, f"/octoprint/{SERIAL}"),
}


def open_all(gateway, headers):
    return [make(gateway, headers) for make in STREAMS.values()]


def cookie(browser):
    return {"Cookie": f"{browser.name}={browser.token}", "X-CSRF-Token": browser.csrf}


def run(gateway, *arguments, text=""):
    done = subprocess.run([FLAGSHIP, "serve", *arguments, "--dir", gateway.folder], input=text, env=environment(HOME=gateway.folder.parent),
                          capture_output=True, text=True, check=False)
    assert done.returncode == DONE, done.stderr


# --- keys ---


def key_id(gateway, name):
    return next(entry["id"] for entry in gateway.owner("GET", "/keys").json if entry["name"] == name)


def by_rest(gateway, name):
    gateway.owner("DELETE", f"/keys/{key_id(gateway, name)}", expected=204)


def by_shell(gateway, name):
    run(gateway, "key", "remove", name)


@pytest.mark.parametrize("remove", [by_rest, by_shell])
def test_a_key_takes_its_streams_with_it(guarded, remove):
    operator, viewer = {"X-Api-Key": guarded.keys["operator"]}, {"X-Api-Key": guarded.keys["viewer"]}
    ending, staying = open_all(guarded, operator), open_all(guarded, viewer)
    remove(guarded, "operator")
    for stream in ending:
        stream.await_end()
    assert all(stream.is_open() for stream in staying)


def test_a_login_of_octoprint_is_worth_no_more_than_its_key(guarded):
    root = f"/octoprint/{SERIAL}"
    login = guarded.send("POST", f"{root}/api/login", {"passive": True}, {"X-Api-Key": guarded.keys["operator"]}, root="").json
    by_rest(guarded, "operator")
    socket = Socket(guarded, f"{root}/sockjs/websocket", {})
    assert "connected" in socket.socket.json()
    socket.socket.send({"auth": f"{login['name']}:{login['session']}"})
    socket.socket.ping()
    assert socket.socket.frame()[0] == "pong"


def test_a_key_that_expires_takes_its_streams_with_it(tmp_path):
    """And the sessions that browsers began by it."""
    clock = ShiftedClock(tmp_path)
    with Guarded(tmp_path, printers=[SERIAL, OTHER], clock=clock) as gateway:
        key = gateway.owner("POST", "/keys", {"name": "wall", "role": "viewer", "expires_in_s": 3600}, expected=201).json["key"]
        browser = Browser(gateway, gateway.send("POST", "/login", {"key": key}))
        streams = [*open_all(gateway, {"X-Api-Key": key}), *open_all(gateway, cookie(browser))]
        staying = open_all(gateway, {"X-Api-Key": gateway.keys["viewer"]})
        clock.sleep(3500)
        assert all(stream.is_open() for stream in streams) and browser.send("GET", "/session").status == 200
        # Nobody asks for anything any more.
        clock.sleep(3601)
        for stream in streams:
            stream.await_end()
        assert all(stream.is_open() for stream in staying)
        refused = gateway.send("GET", "/session", headers={"X-Api-Key": key})
        assert refused.status == 401 and "has expired" in refused.json["detail"]
        assert browser.send("GET", "/session").status == 401 and gateway.send("POST", "/login", {"key": key}).status == 401


def test_so_does_one_that_was_there_at_the_start(tmp_path):
    """Where nobody has logged in, and nothing was changed."""
    clock = ShiftedClock(tmp_path)
    with Guarded(tmp_path) as gateway:
        key = gateway.owner("POST", "/keys", {"name": "wall", "role": "viewer", "expires_in_s": 3600}, expected=201).json["key"]
    with Guarded(tmp_path, with_users=False, clock=clock) as gateway:
        streams = [STREAMS[name](gateway, {"X-Api-Key": key}) for name in ("websocket", "events")]
        assert all(stream.is_open() for stream in streams)
        clock.sleep(3700)
        for stream in streams:
            stream.await_end()


# --- sessions and users ---


def log_out(guarded, browser):
    assert browser.send("POST", "/logout", {}).status == 204


def log_out_everywhere(guarded, browser):
    other = guarded.browser("operator")
    assert other.send("POST", "/logout", {"everywhere": True}).status == 204


def remove_user(guarded, browser):
    run(guarded, "user", "remove", "operator")


def lower_role(guarded, browser):
    run(guarded, "user", "set", "operator", "--role", "viewer")


def take_printers(guarded, browser):
    run(guarded, "user", "set", "operator", "--printer", OTHER)


def change_password(guarded, browser):
    run(guarded, "user", "password", "operator", text="another good password\n")


@pytest.mark.parametrize("end", [log_out, log_out_everywhere, remove_user, lower_role, take_printers, change_password])
def test_a_session_takes_its_streams_with_it(guarded, end):
    browser, admin = guarded.browser("operator"), guarded.browser("admin")
    ending, staying = open_all(guarded, cookie(browser)), open_all(guarded, cookie(admin))
    end(guarded, browser)
    for stream in ending:
        stream.await_end()
    assert all(stream.is_open() for stream in staying)


def test_a_session_whose_time_is_over_takes_its_streams_with_it(tmp_path):
    clock = ShiftedClock(tmp_path)
    with Guarded(tmp_path, printers=[SERIAL, OTHER], clock=clock) as gateway:
        streams = open_all(gateway, cookie(gateway.browser("operator")))
        clock.sleep(WEEK_S - 1)
        assert all(stream.is_open() for stream in streams)
        # Nobody asks for anything any more.
        clock.sleep(WEEK_S)
        for stream in streams:
            stream.await_end()


def test_settings_that_end_a_session_end_its_streams(tmp_path):
    clock = ShiftedClock(tmp_path)
    with Guarded(tmp_path, printers=[SERIAL, OTHER], clock=clock) as gateway:
        streams = open_all(gateway, cookie(gateway.browser("operator")))
        clock.sleep(3600)
        gateway.owner("PATCH", "/settings", {"session_idle_s": 3600}, expected=200)
        for stream in streams:
            stream.await_end()


def test_a_session_that_makes_room_for_others(guarded):
    streams = open_all(guarded, cookie(guarded.browser("operator")))
    newest = [guarded.browser("operator") for _ in range(16)]
    for stream in streams:
        stream.await_end()
    assert newest[0].send("GET", "/session").status == 200


def test_a_token_of_a_program_takes_its_sockets_with_it(guarded):
    root = f"/moonraker/{SERIAL}"
    login = guarded.send("POST", f"{root}/access/login", {"username": "operator", "password": PASSWORD, "source": "moonraker"}, root="").json["result"]
    bearer = {"Authorization": f"Bearer {login['token']}"}
    socket = Socket(guarded, f"{root}/websocket", bearer)
    assert socket.is_open()
    assert guarded.send("POST", f"{root}/access/logout", {}, bearer, root="").status == 200
    socket.await_end()


def test_who_logs_out_by_a_socket_is_put_out(guarded):
    root = f"/moonraker/{SERIAL}"
    socket = Socket(guarded, f"{root}/websocket", cookie(guarded.browser("operator")))
    socket.socket.send({"jsonrpc": "2.0", "method": "access.logout", "id": 1})
    socket.await_end()


# --- programs of trusted networks, and a client that does not read ---


def test_a_network_that_is_trusted_no_more(guarded):
    guarded.owner("PATCH", "/settings", {"trusted_networks": "127.0.0.0/8"}, expected=200)
    sockets = [Socket(guarded, f"/moonraker/{SERIAL}/websocket", {}), octoprint(guarded, {}, f"/octoprint/{SERIAL}")]
    # Who logs out elsewhere is none of their business.
    browser = guarded.browser("operator")
    log_out(guarded, browser)
    assert all(socket.is_open() for socket in sockets)
    guarded.owner("PATCH", "/settings", {"trusted_networks": ""}, expected=200)
    for socket in sockets:
        socket.await_end()


def test_who_does_not_answer_the_close_is_put_out(guarded):
    socket = Socket(guarded, "/api/v1/events", {"X-Api-Key": guarded.keys["operator"]})
    by_rest(guarded, "operator")
    while (frame := socket.socket.frame())[0] != "close":
        pass
    assert struct.unpack(">H", frame[1][:2])[0] == POLICY
    socket.socket.send({"anything": "more"})
    assert socket.socket.stream.read() == b""
