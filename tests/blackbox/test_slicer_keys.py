# SPDX-License-Identifier: MIT
"""Keys in the interfaces of slicers: who has none, a wrong or a lesser one is refused in words, before the file is sent."""

import json

import pytest

from accounts_home import Home
from gateway import Gateway, UnixConnection
from test_files import gcode
from test_octoprint import Client, curl
from test_serve import keep_printers
from websocket_client import WebSocket

PATHS = {"octoprint": "/octoprint/Left/api/files/local", "prusalink": "/prusalink/Left/api/v1/files/local/big.gcode"}


class Guarded:
    """A gateway with a user, and keys by role."""

    def __init__(self, gateway, socket):
        self.gateway = gateway
        self.socket = socket
        self.submit("/users", name="anna", role="admin", password="correct horse battery")
        self.keys = {role: self.submit("/keys", name=f"a-{role}", role=role) for role in ("viewer", "operator")}
        self.digest = self.submit("/keys", name="maker", role="operator", digest=True)

    def submit(self, path, **body):
        status, _, answer = self.gateway.ask("POST", path, body, connection=UnixConnection(self.socket))
        assert status == 201, answer
        return answer.get("key")

    def url(self, interface):
        return f"http://127.0.0.1:{self.gateway.port}{PATHS[interface]}"


@pytest.fixture(scope="module")
def guarded(tmp_path_factory, broker, authority):
    home = Home(tmp_path_factory.mktemp("guarded"))
    keep_printers(home, broker, authority, {"Left": "SLICERLEFT", "Right": "SLICERRIGHT"})
    with Gateway(home, "--unix", home.folder / "socket") as gateway:
        yield Guarded(gateway, home.folder / "socket")


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    path = tmp_path_factory.mktemp("large") / "big.gcode"
    path.write_bytes(gcode(400_000))
    return path


def send(guarded, interface, large, *options):
    how = ["-F", f"file=@{large}"] if interface == "octoprint" else ["-T", str(large), "-H", "Overwrite: ?1", "-H", "Expect: 100-continue"]
    return curl(*how, *options, guarded.url(interface))


@pytest.mark.parametrize("interface", PATHS)
@pytest.mark.parametrize("header, status", [(None, 401), ("X-Api-Key: wrong", 401), ("Authorization: Bearer wrong", 401), ("Authorization: Basic !", 401)])
def test_refused_before_the_file_is_sent(guarded, large, interface, header, status):
    answer, trace, body = send(guarded, interface, large, *(["-H", header] if header else []))
    assert answer == status and "100 Continue" not in trace and "< content-type: text/plain" in trace.lower()
    assert body and "\n" not in body and "{" not in body
    assert guarded.gateway.ask("GET", "/files", connection=UnixConnection(guarded.socket))[2]["files"] == []


@pytest.mark.parametrize("interface", PATHS)
def test_viewer_looks_and_does_not_touch(guarded, large, interface):
    viewer = ["-H", f"X-Api-Key: {guarded.keys['viewer']}"]
    status, trace, body = send(guarded, interface, large, *viewer)
    assert status == 403 and "100 Continue" not in trace and "\n" not in body
    assert curl(*viewer, f"http://127.0.0.1:{guarded.gateway.port}/{interface}/Left/api/version")[0] == 200


@pytest.mark.parametrize("interface", PATHS)
def test_operator_uploads(guarded, large, interface):
    assert send(guarded, interface, large, "-H", f"X-Api-Key: {guarded.keys['operator']}")[0] == 201
    assert send(guarded, interface, large, "-H", f"Authorization: Bearer {guarded.keys['operator']}")[0] == 201


def test_digest(guarded, large):
    version = f"http://127.0.0.1:{guarded.gateway.port}/prusalink/Left/api/version"
    assert curl("--digest", "-u", f"maker:{guarded.digest}", version)[0] == 200
    assert curl("--digest", "-u", "maker:wrong", version)[0] == 401
    assert curl("--digest", "-u", f"anna:{guarded.digest}", version)[0] == 401 and curl("-u", f"anna:{guarded.digest}", version)[0] == 200
    assert send(guarded, "prusalink", large, "--digest", "-u", f"maker:{guarded.digest}")[0] == 201


def test_socket_needs_a_login(guarded):
    client = Client(guarded.gateway)
    assert client.ask("POST", "/api/login", '{"passive": true}')[0] == 401
    status, _, body = client.ask("POST", "/api/login", '{"passive": true}', {"X-Api-Key": guarded.keys["viewer"]})
    login = json.loads(body)
    assert (status, login["name"]) == (200, "a-viewer")
    with WebSocket(guarded.gateway.port, "/octoprint/Left/sockjs/websocket") as socket:
        assert "connected" in socket.json()
        socket.send({"auth": "a-viewer:" + "0" * 32})
        socket.ping()
        assert socket.frame()[0] == "pong"
        socket.send({"auth": f"a-viewer:{login['session']}"})
        assert "history" in socket.json()
