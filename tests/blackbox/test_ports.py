# SPDX-License-Identifier: MIT
"""A port for each printer, as other programs expect it."""

import http.client
import json
import os
import signal
import socket
import stat

import pytest
import websocket

from accounts_home import Home
from broker import free_row
from gateway import Gateway
from process import DEADLINE_S, Process, opened, until
from program import DONE, FAILED, FLAGSHIP, environment
from test_serve import keep_printers

SERIALS = {"Left": "PORTLEFT", "Right": "PORTRIGHT"}


def get(port, path="/server/info"):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=DEADLINE_S)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        body = response.read()
        return response.status, json.loads(body) if body[:1] == b"{" else body
    finally:
        connection.close()


def host_of(port):
    """Whose port it is; None where nobody listens."""
    try:
        return get(port, "/access/info") and open_by(port)
    except (OSError, http.client.HTTPException, websocket.WebSocketException):
        return None


def open_by(port):
    from moonraker_client import Client

    with Client(port) as client:
        client.call("server.info")
        return client.refusal("printer.info").message.split(" is offline")[0]


def await_host(port, name):
    until(lambda: host_of(port) == name, lambda: (port, name))


def listeners(process):
    """Addresses and ports on which it listens."""
    inodes = opened(process.child.pid)
    found = set()
    for line in open("/proc/net/tcp", encoding="ascii").read().splitlines()[1:]:
        fields = line.split()
        if fields[3] == "0A" and f"socket:[{fields[9]}]" in inodes:
            address, port = fields[1].split(":")
            found.add((address, int(port, 16)))
    return found


@pytest.fixture
def kept(home, broker, authority):
    keep_printers(home, broker, authority, SERIALS)
    return home


def start(home, base, folder, *options):
    return Gateway(home, "--moonraker-base-port", str(base), "--dir", str(folder), *options)


def test_each_printer_has_a_port_on_loopback(kept, tmp_path):
    base = free_row()
    with start(kept, base, tmp_path / "serve") as gateway:
        assert (host_of(base), host_of(base + 1), host_of(base + 2)) == ("Left", "Right", None)
        sockets = listeners(gateway)
        assert {port for _, port in sockets} == {gateway.port, base, base + 1}
        assert {address for address, _ in sockets} == {"0100007F"}
        path = tmp_path / "serve/ports.json"
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert [printer["serial"] for printer in json.loads(path.read_text())["printers"]] == list(SERIALS.values())


def test_ports_are_stable_by_serial_and_come_and_go(kept, tmp_path, broker, authority):
    base = free_row()
    with start(kept, base, tmp_path / "serve"):
        assert host_of(base) == "Left"
        assert kept.run("logout", "--all").returncode == DONE
        await_host(base, None)
        await_host(base + 1, None)
        keep_printers(kept, broker, authority, {"New": "PORTNEW", "Right": SERIALS["Right"]})
        await_host(base + 2, "New")
        await_host(base + 1, "Right")
        assert host_of(base) is None
        keep_printers(kept, broker, authority, {"New": "PORTNEW", **SERIALS})
        await_host(base, "Left")
    with start(kept, base, tmp_path / "serve"):
        assert [host_of(base + i) for i in range(3)] == ["Left", "Right", "New"]


def test_off_and_of_its_own(kept, tmp_path):
    base = free_row()
    folder = tmp_path / "serve"
    with start(kept, 0, folder) as gateway:
        assert {port for _, port in listeners(gateway)} == {gateway.port}
    own = free_row(1)
    (folder / "ports.json").write_text(json.dumps({"printers": [
        {"serial": SERIALS["Left"], "port": own}, {"serial": SERIALS["Right"], "port": 0}]}))
    (folder / "ports.json").chmod(0o600)
    with start(kept, base, folder) as gateway:
        assert {port for _, port in listeners(gateway)} == {gateway.port, own}
        assert host_of(own) == "Left"
        (folder / "ports.json").write_text(json.dumps({"printers": [{"serial": SERIALS["Right"], "index": 3}]}))
        gateway.signal(signal.SIGHUP)
        await_host(base + 3, "Right")
        await_host(base, "Left")
        assert host_of(own) is None


def test_a_taken_port_is_reported_once_and_had_later(kept, tmp_path):
    base = free_row()
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", base))
        other.listen()
        gateway = start(kept, base, tmp_path / "serve")
        assert host_of(base + 1) == "Right"
        lines = gateway.await_text("Address already in use")
    await_host(base, "Left")
    lines = gateway.await_text("port is open")
    assert sum("Address already in use" in line for line in lines) == 1
    assert gateway.stop() == 0


@pytest.mark.parametrize("text", ["", "[]", '{"printers": 1}', "\0"])
def test_a_damaged_list_is_said(kept, tmp_path, text):
    folder = tmp_path / "serve"
    folder.mkdir(mode=0o700)
    (folder / "ports.json").write_text(text)
    (folder / "ports.json").chmod(0o600)
    process = Process(FLAGSHIP, "serve", "--port", "0", "--dir", folder, env=environment(HOME=kept.folder))
    assert process.await_end() == FAILED
    assert "ports.json is no list of ports" in process.log


def test_path_forms_on_the_main_port(kept, tmp_path):
    base = free_row()
    with start(kept, base, tmp_path / "serve") as gateway:
        for name in ("Left", SERIALS["Left"], "lEFT"):
            status, answer = get(gateway.port, f"/moonraker/{name}/server/info")
            assert (status, next(iter(answer)), answer["result"]["klippy_state"]) == (200, "result", "disconnected")
        assert get(gateway.port, "/moonraker/Nobody/server/info")[0] == 404
        assert get(gateway.port, "/server/info")[0] == 404
        assert get(base, "/api/v1/printers")[0] == 404


PORTS_MAX = 256


def test_a_gateway_has_so_many_ports_and_no_more(tmp_path, broker, authority):
    """Printers beyond that have none, and are held and reached all the same."""
    home = Home(tmp_path)
    serials = {f"P{i}": f"MANY{i:05}" for i in range(PORTS_MAX + 2)}
    keep_printers(home, broker, authority, serials)
    base = free_row(PORTS_MAX + 2)
    with Gateway(home, "--moonraker-base-port", str(base)) as gateway:
        assert len(gateway.get("/printers")) == PORTS_MAX + 2
        listening = [number for number in range(base, base + PORTS_MAX + 2) if is_open(number)]
        assert listening == list(range(base, base + PORTS_MAX))


def is_open(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_sockets_that_a_killed_gateway_left_are_removed(tmp_path):
    home = Home(tmp_path)
    folder = tmp_path / ".local/state/flagship/serve/moonraker"
    folder.mkdir(parents=True, mode=0o700)
    for parent in (folder, *folder.parents[:4]):
        parent.chmod(0o700)
    opened = os.open(folder, os.O_RDONLY)
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(f"/proc/self/fd/{opened}/GONE.sock")  # its path is too long
    os.close(opened)
    (folder / "note.sock").write_text("a file of somebody's")
    with Gateway(home, "--moonraker-base-port", free_row(1)):
        assert [path.name for path in folder.iterdir()] == ["note.sock"]
