# SPDX-License-Identifier: MIT
"""flagship serve: what a printer knows of its bed and says, for pages: heights, messages, their types, and guards as data."""

import json

import pytest

from accounts_home import Home
from gateway import Gateway
from simulator import Simulator
from test_serve import keep_printers

SERIAL = "SAIDMIDDLE"
SIZE = 7


@pytest.fixture(scope="module")
def gateway(tmp_path_factory, broker, authority, connection):
    home = Home(tmp_path_factory.mktemp("said"))
    keep_printers(home, broker, authority, {"Middle": SERIAL, "Silent": "SAIDSILENT"})
    with Gateway(home) as running:
        printer = Simulator(*connection(SERIAL), "--model", "m5")
        try:
            running.await_get(f"/printers/{SERIAL}", lambda told: told["nozzle"]["current_c"] is not None)
            yield running
        finally:
            printer.stop()


def test_a_bed_is_told_whole(gateway):
    bed = gateway.get("/printers/Middle/bed-map")
    heights = [height for row in bed["heights_mm"] for height in row]
    assert len(bed["heights_mm"]) == SIZE and len(heights) == SIZE * SIZE and None not in heights
    assert bed["complete"] and (bed["lowest_mm"], bed["highest_mm"]) == (min(heights), max(heights))


def test_one_at_a_time_reads_a_bed(gateway):
    """The first waits for a printer that is off."""
    first = gateway.connection()
    first.request("GET", "/api/v1/printers/Silent/bed-map")
    gateway.await_get("/printers/Silent/commands", lambda commands: len(commands) == 1)
    status, told = gateway.status("GET", "/printers/Silent/bed-map")
    first.close()
    assert status == 503 and "somebody else" in told["detail"]


def test_who_goes_while_a_bed_is_read_disturbs_nobody(gateway):
    connection = gateway.connection()
    connection.request("GET", "/api/v1/printers/Middle/bed-map")
    connection.sock.close()
    connection.close()
    gateway.await_get("/printers/Middle/commands", lambda commands: all(command["outcome"] for command in commands))
    assert gateway.get("/printers/Middle/bed-map")["complete"]


def test_messages_come_untouched(gateway):
    connection = gateway.connection()
    connection.request("GET", "/api/v1/printers/Middle/messages")
    response = connection.getresponse()
    gateway.submit("Middle", "status")
    while not (line := response.readline().decode()).startswith("data:"):
        pass
    told = json.loads(line[len("data:"):])
    connection.close()
    assert told["topic"] in ("notice", "query_reply", "command_reply") and told["message"]["commandType"] == told["type"]
    known = {kind["id"]: kind for kind in gateway.get("/types")}
    assert known[told["type"]]["name"] == told["name"]


def test_a_guard_is_asked_and_nothing_is_done(gateway):
    before = gateway.get("/printers/Middle/commands")
    hot = gateway.ask("POST", "/printers/Middle/guard", {"command": "nozzle", "target_c": 315})
    warm = gateway.ask("POST", "/printers/Middle/guard", {"command": "nozzle", "target_c": 215})
    never = gateway.ask("POST", "/printers/Middle/guard", {"command": "gcode", "line": "M117 a,b"})
    told = [reply[2] for reply in (hot, warm, never)]
    assert [one["verdict"] for one in told] == ["needs force", "allowed", "never"]
    assert told[0]["reason"] and told[1]["reason"] is None
    assert gateway.get("/printers/Middle/commands") == before
