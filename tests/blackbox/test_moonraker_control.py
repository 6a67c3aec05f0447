# SPDX-License-Identifier: MIT
"""The API of Moonraker: commands, files, and what clients keep."""

import json
import urllib.parse

import pytest
import websocket

from broker import free_row
from gateway import Gateway
from moonraker_client import Client
from moonraker_served import BENCHY, SERIALS, ask, client, gateway, left, served, subscribe, upload
from simulator import Simulator


# --- commands ---


def test_pause_and_resume_are_confirmed(served, left):
    with Client(served.base) as one, Client(served.base) as two:
        subscribe(two, "print_stats", "pause_resume")
        assert one.call("printer.print.pause") == "ok"
        two.until("notify_status_update", lambda status, _: status.get("print_stats", {}).get("state") == "paused")
        assert one.call("printer.objects.query", objects={"pause_resume": None})["status"]["pause_resume"]["is_paused"] is True
        assert one.call("printer.gcode.script", script="RESUME") == "ok"
        two.until("notify_status_update", lambda status, _: status.get("print_stats", {}).get("state") == "printing")


def test_a_resume_right_behind_its_pause_is_shown_at_once(served, client, left, gateway):
    """Though a state that comes so soon after another may be an old one that was overtaken."""
    for _ in range(3):
        assert client.call("printer.print.pause") == "ok"
        assert client.call("printer.print.resume") == "ok"
        shown = client.call("printer.objects.query", objects={"print_stats": ["state"]})["status"]["print_stats"]["state"]
        assert (shown, gateway.get("/printers/Left")["job"]["state"], ask(served.base, "GET", "/api/job")[1]["state"]) == ("printing", "printing", "Printing")


def test_what_was_answered_is_in_the_history(client, left, gateway):
    """Of those that were refused, too; and at once, since a page that asks then has to find it."""
    for bed in (71, 72, 73):
        assert client.call("printer.gcode.script", script=f"M140 S{bed}") == "ok"
        newest = gateway.get("/history?printer=Left&type=command&limit=1")[0]
        assert newest["asker"].startswith("moonraker: ") and (newest["outcome"], newest["value"]) == ("confirmed", f"{bed} °C")
    client.refusal("printer.gcode.script", script="G28")
    assert gateway.get("/history?printer=Left&type=command&limit=1")[0]["outcome"] == "refused"


@pytest.mark.parametrize("script, words", [
    ("G28", "a job is running"), ("SET_HEATER_TEMPERATURE HEATER=extruder TARGET=480", "260"), ("SET_HEATER_TEMPERATURE HEATER=chamber TARGET=1", "no heater"),
    ("FIRMWARE_RESTART", "switch it off and on"), ("DANCE", "Unknown command"), ("M104 S480", ""), ("M303 E0 S200", ""), ("G1 X1,M104 S300", ""),
    ("M117 hi\nG28\nM104 S200", "a job is running"), ("M106 S300", ""), ("\n" * 70, "lines"), ("G1 " + "X" * 300, "characters")])
def test_refusals_are_in_words(client, left, script, words):
    before = left.counts()["received"]
    refused = client.refusal("printer.gcode.script", script=script)
    assert refused.code == 400 and words in refused.message, refused.message
    assert left.counts()["received"] - before <= 1
    if "\n" * 5 not in script:
        store = client.call("server.gcode_store", count=1)["gcode_store"]
        assert store[0]["type"] == "response" and store[0]["message"].startswith("!! ")


def test_codes_of_pages(client, left):
    subscribe(client, "extruder", "heater_bed", "fan", "gcode_move", "display_status")
    assert client.call("printer.gcode.script", script="M140 S61 ; warm\n\nM117 Hello") == "ok"
    status = client.call("printer.objects.query", objects={"heater_bed": ["target"], "display_status": ["message"]})["status"]
    assert status == {"heater_bed": {"target": 61}, "display_status": {"message": "Hello"}}
    assert client.call("printer.gcode.script", script="M114") == "ok"
    messages = [line["message"] for line in client.call("server.gcode_store", count=20)["gcode_store"]]
    assert "M114" in messages and any("X:" in message for message in messages)
    client.until("notify_gcode_response", lambda text: "X:" in text)
    assert client.call("printer.gcode.script", script="SAVE_GCODE_STATE NAME=a\nG91\nRESTORE_GCODE_STATE NAME=a") == "ok"
    assert "PAUSE" in client.call("printer.gcode.help")
    assert client.call("printer.gcode.script", script="HELP") == "ok"
    listed = client.until("notify_gcode_response", lambda text: text.startswith("// Available extended commands:"))[0].splitlines()
    assert [line.split(":")[0].removeprefix("// ").strip() for line in listed[1:]] == list(client.call("printer.gcode.help"))


def test_starting(client, left, served):
    assert upload(served.base, "kept.gcode", BENCHY)[0] == 201
    refused = client.refusal("printer.print.start", filename="kept.gcode")
    assert refused.code == 409 and "Left has no LAN connection" in refused.message
    status, answer = upload(served.base, "kept.gcode", BENCHY, print="true")
    assert status == 409 and "is kept" in answer["error"]["message"] and "no LAN connection" in answer["error"]["message"]
    assert client.refusal("printer.print.start").code == -32602
    assert client.refusal("printer.restart").code == 400
    assert client.refusal("machine.reboot").code == 403
    assert client.refusal("server.restart").code == 403


def test_a_file_of_the_printer_is_started(served, gateway, connection):
    """By its name as it lies there, which is looked for; what came of it is told, in the printer's own words."""
    with Client(served.base + 1) as client:
        printer = Simulator(*connection(SERIALS["Right"]), "--model", "m5c")
        try:
            while client.call("server.info")["klippy_state"] != "ready":
                client.until("notify_klippy_ready")
            name = gateway.get("/printers/Right/files?storage=board")["files"][0]["name"]
            refused = client.refusal("printer.print.start", filename="nothing.gcode")
            assert refused.code == 404 and refused.message == "there is no file 'nothing.gcode', neither uploaded here nor on Right"
            assert client.call("printer.gcode.script", script=f'SDCARD_PRINT_FILE FILENAME="{name}"') == "ok"
            started = gateway.get("/history?printer=Right&type=command&limit=1")[0]
            assert started["kind"] == "start" and started["value"].endswith(name) and started["outcome"] == "accepted", started
        finally:
            printer.stop()


BROKEN = [{"commandType": 1000, "subType": 1, "value": 0}, {"commandType": 1003, "currentTemp": 2500, "targetTemp": 0},
          {"commandType": 1004, "currentTemp": 2400, "targetTemp": 0}, {"commandType": 1085, "errorCode": "0xFF01030005", "errorLevel": "S"}]


def test_a_grave_error_is_a_shutdown(served, gateway, connection, tmp_path):
    (tmp_path / "broken.jsonl").write_text("".join(json.dumps({"_t": number / 10, **message}) + "\n" for number, message in enumerate(BROKEN)))
    with Client(served.base + 1) as client:
        printer = Simulator(*connection(SERIALS["Right"]), "--model", "m5c", "--replay", tmp_path / "broken.jsonl")
        try:
            client.until("notify_klippy_shutdown")
            assert client.call("server.info")["klippy_state"] == "shutdown"
            info = client.call("printer.info")
            assert info["state"] == "shutdown" and "G-code transfer failed" in info["state_message"], info
            assert client.call("printer.objects.query", objects={"webhooks": None})["status"]["webhooks"]["state"] == "shutdown"
        finally:
            printer.stop()


# --- files ---


def test_files(client, served):
    base = served.base
    status, answer = upload(base, "ben chy.gcode", BENCHY, root="gcodes", path="parts")
    assert status == 201, answer
    assert (status, answer["item"]["path"], answer["action"], answer["print_started"]) == (201, "parts/ben chy.gcode", "create_file", False)
    assert answer["result"]["item"]["path"] == "parts/ben chy.gcode" and answer["result"]["print_started"] is False
    client.until("notify_filelist_changed", lambda change: change["action"] == "create_file" and change["item"]["path"] == "parts/ben chy.gcode")
    told = client.until("notify_metadata_update", lambda metadata: metadata["filename"] == "parts/ben chy.gcode")[0]
    assert (told["estimated_time"], told["layer_count"]) == (1234, 12)
    metadata = client.call("server.files.metadata", filename="parts/ben chy.gcode")
    assert (metadata["estimated_time"], metadata["layer_count"], metadata["filament_total"], metadata["slicer"]) == (1234, 12, 321.5, "PrusaSlicer")
    assert metadata["size"] == len(BENCHY) and metadata["thumbnails"][0]["relative_path"] == ".thumbs/ben chy.gcode-16x16.png"
    picture = client.call("server.files.thumbnails", filename="parts/ben chy.gcode")[0]["thumbnail_path"]
    status, data = ask(base, "GET", "/server/files/gcodes/" + urllib.parse.quote(picture))
    assert status == 200 and data.startswith(b"\x89PNG")
    status, data = ask(base, "GET", "/server/files/gcodes/parts/ben%20chy.gcode")
    assert (status, data) == (200, BENCHY)
    assert "parts/ben chy.gcode" in [file["path"] for file in client.call("server.files.list")]
    assert client.call("server.files.get_directory", path="gcodes/parts", extended=True)["files"][0]["estimated_time"] == 1234
    assert client.call("server.files.move", source="gcodes/parts/ben chy.gcode", dest="gcodes/b.gcode")["item"]["path"] == "b.gcode"
    client.until("notify_filelist_changed", lambda change: change["action"] == "move_file" and change["source_item"]["path"] == "parts/ben chy.gcode")
    assert client.refusal("server.files.delete_directory", path="gcodes/none").code == 404
    assert client.call("server.files.delete_directory", path="gcodes/parts")
    assert ask(base, "DELETE", "/server/files/gcodes/b.gcode")[0] == 200
    client.until("notify_filelist_changed", lambda change: change["action"] == "delete_file")
    assert client.refusal("server.files.get_directory", path="config").code == 404
    assert client.refusal("server.files.delete_file", path="gcodes/../../x").code == 404
    assert ask(base, "GET", "/server/files/gcodes/..%2f..%2fports.json")[0] == 400
    assert ask(base, "GET", "/server/files/gcodes/.thumbs/none-16x16.png")[0] == 404
    assert client.call("server.files.roots")[0]["name"] == "gcodes"


# --- history ---


def test_history(client, served):
    jobs = client.call("server.history.list", limit=5)
    assert jobs["count"] >= 1 and jobs["jobs"][0]["status"] == "in_progress"
    job = jobs["jobs"][0]
    assert client.call("server.history.get_job", uid=job["job_id"])["job"]["filename"] == job["filename"]
    assert client.refusal("server.history.get_job", uid="FFFFFF").code == 404
    assert client.refusal("server.history.get_job", uid="../x").code == 404
    assert client.call("server.history.totals")["job_totals"]["total_jobs"] >= 1
    store = client.call("server.temperature_store", include_monitors=True)
    assert store["extruder"]["temperatures"][-1] > 0 and len(store["extruder"]["targets"]) <= 1200
    with Client(served.base + 1) as other:
        assert other.refusal("server.history.get_job", uid=job["job_id"]).code == 404
        assert other.refusal("server.history.delete_job", uid=job["job_id"]).code == 404


# --- what clients keep ---


def test_database(client, served):
    value = {"a": [1, {"b": None}], "ü": "x.y"}
    assert client.call("server.database.post_item", namespace="test", key="one.two", value=value)["value"] == value
    assert client.call("server.database.get_item", namespace="test")["value"] == {"one": {"two": value}}
    assert client.call("server.database.get_item", namespace="test", key=["one", "two", "ü"])["value"] == "x.y"
    assert client.call("server.database.delete_item", namespace="test", key="one.two")["value"] == value
    assert client.refusal("server.database.get_item", namespace="test", key="one.two").code == 404
    assert client.refusal("server.database.post_item", namespace="test", key="", value=1).code == -32602
    assert client.refusal("server.database.post_item", namespace="test", value=1).code == -32602
    status, answer = ask(served.base, "POST", "/server/database/item", {"namespace": "test", "key": "h", "value": 5})
    assert (status, answer["result"]["value"]) == (200, 5)
    assert ask(served.base, "GET", "/server/database/item?namespace=test&key=h")[1]["result"]["value"] == 5


def test_fluidd_begins_without_panels_of_what_is_not_there(client):
    """It adds the others to a layout that lacks them, and keeps what people choose."""
    cards = client.call("server.database.get_item", namespace="fluidd", key="layout.layouts.dashboard.container1")["value"]
    assert {card["id"]: card["enabled"] for card in cards} == {"toolhead-card": False, "printer-limits-card": False}
    client.call("server.database.post_item", namespace="fluidd", key="uiSettings.general", value={"locale": "de"})
    kept = client.call("server.database.get_item", namespace="fluidd")["value"]
    assert kept == {"layout": {"layouts": {"dashboard": {"container1": cards}}}, "uiSettings": {"general": {"locale": "de"}}}
    client.call("server.database.post_item", namespace="fluidd", key="layout.layouts.dashboard.container1", value=[])
    assert client.call("server.database.get_item", namespace="fluidd", key="layout.layouts.dashboard.container1")["value"] == []



def test_the_database_has_an_end(client):
    text = "x" * 200_000
    refused = None
    for number in range(40):
        try:
            client.call("server.database.post_item", namespace="flood", key=f"k{number}", value=text)
        except Exception as error:
            refused = error
            break
    assert refused and "full" in refused.message and number >= 10
    client.call("server.database.delete_item", namespace="flood", key="k0")
    for number in range(1, number):
        client.call("server.database.delete_item", namespace="flood", key=f"k{number}")
    for number in range(80):
        try:
            client.call("server.database.post_item", namespace=f"space{number}", key="k", value=1)
        except Exception as error:
            assert "namespaces" in error.message and number >= 50
            break
    else:
        raise AssertionError("namespaces without end")


def test_the_database_outlasts_a_restart(served, broker, authority, tmp_path):
    state = tmp_path / "again"
    base = free_row(2)
    for turn in range(2):
        with Gateway(served, "--moonraker-base-port", str(base), "--dir", str(state)), Client(base) as client:
            if turn == 0:
                client.call("server.database.post_item", namespace="mainsail", key="uiSettings.dark", value=True)
            else:
                assert client.call("server.database.get_item", namespace="mainsail", key="uiSettings.dark")["value"] is True
    assert (state / "moonraker.json").stat().st_mode & 0o777 == 0o600


# --- the end: what stops everything comes last ---


def test_access(client, served):
    info = client.call("access.info")
    assert info["login_required"] is False and info["trusted"] is True
    for token in (ask(served.base, "GET", "/access/oneshot_token")[1]["result"], client.call("access.oneshot_token")):
        with Client(served.base, f"/websocket?token={token}") as other:
            assert other.call("server.info")
    assert ask(served.base, "POST", "/access/login", {"username": "x", "password": "y"})[0] == 401
    assert client.call("access.get_user") == {"username": "_TRUSTED_USER_", "source": "moonraker", "created_on": 0}
    assert client.call("access.users.list") == {"users": []}
    assert client.refusal("access.get_api_key").code == 501


def test_a_page_of_another_site_is_refused(served, gateway):
    with pytest.raises(websocket.WebSocketBadStatusException) as refused:
        Client(served.base, origin="http://evil.example")
    assert refused.value.status_code == 403
    with pytest.raises(websocket.WebSocketBadStatusException):
        Client(served.base, host="evil.example")


def test_emergency_stop_stops_the_job_and_cools(client, left):
    subscribe(client, "print_stats", "extruder", "heater_bed")
    going_on = client.call("server.history.list", limit=1)["jobs"][0]
    assert client.call("printer.emergency_stop") == "ok"
    ended = client.until("notify_history_changed", lambda change: change["action"] == "finished")[0]["job"]
    assert (ended["job_id"], ended["status"], going_on["status"]) == (going_on["job_id"], "cancelled", "in_progress")
    status = client.call("printer.objects.query", objects={"print_stats": ["state"], "extruder": ["target"], "heater_bed": ["target"]})["status"]
    assert status["print_stats"]["state"] == "standby"
    assert (status["extruder"]["target"], status["heater_bed"]["target"]) == (0, 0)
