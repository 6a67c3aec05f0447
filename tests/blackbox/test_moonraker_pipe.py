# SPDX-License-Identifier: MIT
"""The API of Moonraker by unix sockets: who does not read, long paths, and printers that come and go."""

import contextlib
import json
import os

import pytest

from accounts_home import Home
from broker import free_row
from gateway import Gateway
from moonraker_client import PipeClient
from moonraker_served import SERIALS, ask, gateway, left, served  # noqa: F401  fixtures
from process import looks, until
from program import DONE
from test_serve import keep_printers

LARGE, ANSWERS = "x" * 200_000, 60  # more than the queue of a client holds


@pytest.fixture
def path(served, left):  # noqa: F811
    return served.state / "moonraker" / f"{SERIALS['Left']}.sock"


def count_clients(served):  # noqa: F811
    return ask(served.base, "GET", "/server/info")[1]["result"]["websocket_count"]


def ask_and_read_nothing(client, gateway):  # noqa: F811
    """Until the gateway has no more room for what he was answered."""
    before = len(gateway.lines)
    client.socket.socket.settimeout(None)
    for number in range(1000, 1000 + ANSWERS):
        client.socket.send(json.dumps({"jsonrpc": "2.0", "method": "server.database.get_item", "id": number, "params": {"namespace": "pipe", "key": "large"}}))
    gateway.await_lines(lambda lines: any("reads too slowly" in line for line in lines[before:]))


@pytest.fixture
def large(path):
    with PipeClient(path) as client:
        client.call("server.database.post_item", namespace="pipe", key="large", value=LARGE)
        yield client
        client.call("server.database.delete_item", namespace="pipe", key="large")


def test_who_reads_too_late_is_told_so_in_place_of_the_rest(path, large, gateway):  # noqa: F811
    with PipeClient(path) as late:
        ask_and_read_nothing(late, gateway)
        assert large.call("server.info")["klippy_state"] == "ready"
        heard = []
        while text := late.socket.recv():
            heard.append(json.loads(text))
    *others, told = heard
    answers = [said for said in others if "id" in said]  # what happens meanwhile is told in between
    assert (told["id"], told["error"]) == (None, {"code": 503, "message": "reads too slowly"})
    assert [answer["id"] for answer in answers] == list(range(1000, 1000 + len(answers))) and len(answers) < ANSWERS
    assert {answer["result"]["value"] for answer in answers} == {LARGE}


def test_who_never_reads_is_put_out_and_no_other(path, large, served, gateway):  # noqa: F811
    before = count_clients(served)
    with PipeClient(path) as never:
        ask_and_read_nothing(never, gateway)
        until(lambda: count_clients(served) == before, lambda: "who never reads is there still")
        assert large.call("server.info")["klippy_state"] == "ready"
        with pytest.raises((BrokenPipeError, ConnectionResetError)):
            for _ in looks():
                never.socket.send("{}")


@contextlib.contextmanager
def inside(folder, serial):
    """A client that is in the folder, as it were: no path is too long for it."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        with PipeClient(f"/proc/self/fd/{opened}/{serial}.sock") as client:
            yield client
    finally:
        os.close(opened)


def named_by(client):
    """The printer that he reached, which nobody has heard of yet."""
    return client.refusal("printer.info").message.partition(" is offline")[0]


def test_a_path_that_is_too_long_for_an_address(tmp_path, broker, authority):
    home = Home(tmp_path)
    keep_printers(home, broker, authority, {"Far": "PIPEFAR"})
    folder = tmp_path / ("long" * 30) / ("longer" * 20)
    with Gateway(home, "--dir", str(folder), "--moonraker-base-port", str(free_row(1))) as gateway:  # noqa: F811
        with pytest.raises(OSError, match="path too long"):
            PipeClient(folder / "moonraker" / "PIPEFAR.sock")
        with inside(folder / "moonraker", "PIPEFAR") as client:
            assert named_by(client) == "Far"
        assert "no unix socket" not in gateway.log


def test_a_printer_that_goes_ends_its_clients_and_one_that_comes_back_is_reached(tmp_path, broker, authority):
    home = Home(tmp_path)
    keep_printers(home, broker, authority, {"Goes": "PIPEGOES"})
    sockets = home.folder / ".local/state/flagship/serve/moonraker"
    with Gateway(home, "--moonraker-base-port", str(free_row(1))):
        with inside(sockets, "PIPEGOES") as gone:
            assert named_by(gone) == "Goes"
            assert home.run("logout", "--all").returncode == DONE
            until(lambda: gone.socket.recv() == "", lambda: "he is held on to")  # notices come every second
            until(lambda: list(sockets.iterdir()) == [], lambda: f"{list(sockets.iterdir())} is left")
        keep_printers(home, broker, authority, {"Came back": "PIPEGOES"})
        until((sockets / "PIPEGOES.sock").exists, lambda: "it does not come back")
        with inside(sockets, "PIPEGOES") as back:
            assert named_by(back) == "Came back"
