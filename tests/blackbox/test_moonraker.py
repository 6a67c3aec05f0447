# SPDX-License-Identifier: MIT
"""The API of Moonraker: what Mainsail, Fluidd, phones and slicers ask of a printer with Klipper as they begin and look on."""

import concurrent.futures
import contextlib
import json
import pathlib
import stat

import pytest
import websocket

from moonraker_client import Client, Pipe, PipeClient
from moonraker_served import SERIALS, ask, client, gateway, left, served, subscribe
from process import until
from simulator import Simulator

RECORDING = pathlib.Path(__file__).resolve().parents[1] / "recordings/mainsail-start.jsonl"


# --- the start of Mainsail ---


def check_info(answer):
    assert answer["klippy_connected"] is True and answer["klippy_state"] == "ready"
    version = [int(part) for part in answer["moonraker_version"].removeprefix("v").split("-")[0].split(".")]
    assert version >= [0, 8, 0] and {"file_manager", "history", "database"} <= set(answer["components"])
    assert answer["registered_directories"] == ["gcodes"] and answer["failed_components"] == []


def check_printer(answer):
    assert answer["state"] == "ready" and answer["software_version"].startswith("v0.12.0-flagship")
    assert answer["hostname"] == "Left"


def check_objects(answer):
    assert {"webhooks", "print_stats", "virtual_sdcard", "display_status", "toolhead", "gcode_move", "extruder", "heater_bed", "heaters",
            "idle_timeout", "pause_resume", "configfile", "system_stats"} <= set(answer["objects"])


def check_subscription(answer):
    status = answer["status"]
    assert isinstance(answer["eventtime"], float)
    assert status["webhooks"] == {"state": "ready", "state_message": "Printer is ready"}
    assert status["print_stats"]["state"] == "printing" and status["print_stats"]["filename"]
    assert set(status["print_stats"]["info"]) == {"total_layer", "current_layer"}
    assert 0 <= status["virtual_sdcard"]["progress"] <= 1 and status["virtual_sdcard"]["is_active"] is True
    assert status["extruder"]["temperature"] > 0 and status["heater_bed"]["target"] >= 0
    settings = status["configfile"]["settings"]
    assert settings["printer"]["kinematics"] == "cartesian" and settings["extruder"]["max_temp"] == 260
    assert settings["heater_bed"]["max_temp"] == 100 and settings["stepper_x"]["position_max"] == 235
    assert status["toolhead"]["axis_maximum"][:3] == [235, 248, 250]


CHECKS = {
    "server.connection.identify": lambda answer: isinstance(answer["connection_id"], int),
    "server.info": check_info,
    "server.config": lambda answer: "server" in answer["config"],
    "machine.system_info": lambda answer: answer["system_info"]["cpu_info"]["cpu_count"] >= 1,
    "machine.proc_stats": lambda answer: answer["moonraker_stats"][0]["mem_units"] == "kB",
    "server.database.list": lambda answer: isinstance(answer["namespaces"], list),
    "server.files.get_directory": lambda answer: {"dirs", "files", "disk_usage", "root_info"} <= set(answer),
    "server.webcams.list": lambda answer: [webcam["service"] for webcam in answer["webcams"]] == ["mjpegstreamer"],
    "server.database.post_item": lambda answer: answer["value"] == {"name": "MAINTENANCE_INIT"},
    "printer.objects.query": lambda answer: "PAUSE" in answer["status"]["gcode"]["commands"],
    "printer.info": check_printer,
    "server.gcode_store": lambda answer: isinstance(answer["gcode_store"], list),
    "printer.objects.list": check_objects,
    "printer.objects.subscribe": check_subscription,
    "server.temperature_store": lambda answer: {"extruder", "heater_bed"} <= set(answer),
    "server.history.list": lambda answer: isinstance(answer["jobs"], list) and answer["count"] >= len(answer["jobs"]),
    "server.history.totals": lambda answer: "total_jobs" in answer["job_totals"],
}
# What is not there yet, at the first start of a page: it goes on.
MISSING = {"server.database.get_item": "Namespace 'mainsail' not found", "server.files.metadata": "Metadata not available for <benchy.gcode>"}


def test_the_start_of_mainsail(served, left):
    """As recorded, with everything under way at once, as a page does it."""
    lines = [json.loads(line) for line in RECORDING.read_text().splitlines()]
    path = lines.pop(0)["upgrade"]
    with Client(served.base, path) as client:
        requests = [{"jsonrpc": "2.0", "id": number, **line} for number, line in enumerate(lines)]
        for request in requests:
            client.socket.send(json.dumps(request))
        for request in requests:
            answer = client.answer(request["id"])
            method = request["method"]
            if method in MISSING:
                assert (answer["error"]["code"], answer["error"]["message"]) == (404, MISSING[method])
            else:
                assert "error" not in answer, (method, answer)
                assert CHECKS[method](answer["result"]) is not False, (method, answer)
        assert client.call("server.database.get_item", namespace="maintenance")["value"]
        assert client.until("notify_proc_stat_update")[0]["websocket_connections"] >= 1


def test_the_start_of_fluidd(served, left):
    """As recorded: none of it is answered with what it shows as an error (400 to 499), but for what nothing keeps yet."""
    lines = [json.loads(line) for line in (RECORDING.parent / "fluidd-start.jsonl").read_text().splitlines()]
    refused = {}
    with Client(served.base, lines.pop(0)["upgrade"]) as client:
        for number, request in enumerate(lines):
            client.socket.send(json.dumps({"jsonrpc": "2.0", "id": number, **request}))
        for number, request in enumerate(lines):
            answer = client.answer(number)
            if "error" in answer:
                refused[request["method"]] = answer["error"]["code"]
        assert client.call("server.files.list", root="config") == client.call("server.files.list", root="logs") == []
    # The file that is printed lies on the printer alone; keys are shown once.
    assert refused == {"access.get_api_key": 501, "server.files.metadata": 501}


def test_a_page_begins_without_panels_of_what_is_not_there(served, left):
    """What Mainsail reads at its first start, by the names that it has in its own settings."""
    status, settings = ask(served.base, "GET", "/server/files/config/.theme/default.json?time=1")
    assert status == 200 and settings["view"]["toolhead"] == {"showPosition": False, "showCoordinates": False, "showSpeedFactor": False}
    assert settings["view"]["extruder"] == {"showExtrusionFactor": False, "showPressureAdvance": False, "showFirmwareRetraction": False}
    assert set(settings["dashboard"]) == {"mobileLayout", "tabletLayout1", "desktopLayout1", "widescreenLayout2"}
    for layout in settings["dashboard"].values():
        assert {panel["name"]: panel["visible"] for panel in layout}["machine-settings"] is False
        assert [panel["name"] for panel in layout if panel["visible"] and panel["name"] == "temperature"] or len(layout) > 2
    assert settings["navigation"]["entries"] == [{"type": "route", "title": "Machine", "visible": False, "position": 90}]
    assert "uiSettings" not in settings  # what is uploaded can be printed, too
    assert ask(served.base, "GET", "/server/files/config/.theme/maintenance.json") == (200, {"entries": []})
    assert ask(served.base, "GET", "/server/files/config/.theme/custom.css")[0] == 404


# --- JSON-RPC ---


@pytest.mark.parametrize("identity", [0, 7, -1, 1.5, "text", "", None, True, [1, "x"], {"a": [None]}, 12345678901234567890, "ü\u2028\"\\"])
def test_an_id_comes_back_as_it_came(client, identity):
    answer = client.raw(json.dumps({"jsonrpc": "2.0", "method": "server.websocket.id", "id": identity}), identity)
    assert answer["id"] == identity and type(answer["id"]) is type(identity) and answer["result"]["websocket_id"] > 0


@pytest.mark.parametrize("text, code", [
    ("", -32700), ("{", -32700), ("nonsense", -32700), ("[" * 5000, -32700), ('{"a":' * 40 + "1" + "}" * 40, -32700), ("[]", -32600),
    ("1", -32600), ("null", -32600), ('"x"', -32600), ("{}", -32600), ('{"jsonrpc":"1.0","method":"server.info","id":null}', -32600),
    ('{"jsonrpc":"2.0","method":1,"id":null}', -32600), ('{"jsonrpc":"2.0","method":"no.such","id":null}', -32601),
    ('{"jsonrpc":"2.0","method":"' + "x" * 100 + '","id":null}', -32601), ('{"jsonrpc":"2.0","method":"server.info","params":[1],"id":null}', -32602),
    ('{"jsonrpc":"2.0","method":"server.info","id":"' + "x" * 600 + '"}', -32600), ("[" + ",".join(["1"] * 65) + "]", -32600)])
def test_what_is_no_request(client, text, code):
    answer = client.raw(text)
    assert (answer["error"]["code"], answer["id"], answer["jsonrpc"]) == (code, None, "2.0") and answer["error"]["message"]
    assert client.call("server.info")["klippy_state"] == "ready"


def test_bytes_that_are_no_text_end_the_connection(served, left):
    with Client(served.base) as client:
        client.socket.send(b"\xff\xfe{", websocket.ABNF.OPCODE_TEXT)
        with pytest.raises((websocket.WebSocketException, OSError)):
            client.receive()
    with Client(served.base) as client:
        assert client.call("server.info")


def test_a_notification_has_no_answer(client):
    client.socket.send(json.dumps({"jsonrpc": "2.0", "method": "server.info"}))
    assert client.answer(client.send("server.websocket.id"))["result"]


def test_batches(client, served):
    batch = [{"jsonrpc": "2.0", "method": "server.info", "id": 1}, {"jsonrpc": "2.0", "method": "server.info"},
             {"jsonrpc": "2.0", "method": "no.such", "id": "two"}, 3,
             {"jsonrpc": "2.0", "method": "printer.gcode.script", "params": {"script": "SET_DISPLAY_TEXT MSG=hi"}, "id": 4}]
    for answers in (client.raw(json.dumps(batch)), ask(served.base, "POST", "/server/jsonrpc", batch)[1]):
        by_id = {json.dumps(answer["id"]): answer for answer in answers}
        assert set(by_id) == {"1", '"two"', "null", "4"} and len(answers) == 4
        assert by_id["4"]["result"] == "ok" and by_id['"two"']["error"]["code"] == -32601


def test_over_http(served, left):
    status, answer = ask(served.base, "POST", "/server/jsonrpc", {"jsonrpc": "2.0", "method": "printer.info", "id": 5})
    assert (status, answer["id"], answer["result"]["state"]) == (200, 5, "ready")
    status, answer = ask(served.base, "GET", "/printer/objects/query?extruder=target,temperature&print_stats&nothing")
    assert status == 200 and set(answer["result"]["status"]) == {"extruder", "print_stats"}
    assert set(answer["result"]["status"]["extruder"]) == {"target", "temperature"}
    status, answer = ask(served.base, "POST", "/printer/objects/query", {"objects": {"fan": None}})
    assert status == 200
    assert ask(served.base, "POST", "/printer/objects/query", "nonsense")[0] == 400
    assert ask(served.base, "POST", "/printer/objects/query", {"objects": [1]})[0] == 400
    assert ask(served.base, "GET", "/server/nothing")[0] == 404
    assert ask(served.base, "GET", "/printer/objects/query?x=%zz")[0] == 400


# --- by the unix socket ---


@pytest.fixture
def path(served, left):
    return served.state / "moonraker" / f"{SERIALS['Left']}.sock"


def test_a_unix_socket_of_the_printer(path, left):
    assert stat.S_IMODE(path.stat().st_mode) == 0o600 and stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    with PipeClient(path) as pipe:
        told = pipe.call("server.connection.identify", client_name="agent", version="1", type="agent", url="http://localhost")
        assert told["connection_id"] == pipe.call("server.websocket.id")["websocket_id"]
        assert pipe.call("printer.info")["hostname"] == "Left"
        wanted = 61 if subscribe(pipe, "heater_bed")["heater_bed"]["target"] != 61 else 62
        assert pipe.call("printer.gcode.script", script=f"SET_HEATER_TEMPERATURE HEATER=heater_bed TARGET={wanted}") == "ok"
        pipe.until("notify_status_update", lambda status, _: status.get("heater_bed", {}).get("target") == wanted)
        assert pipe.refusal("no.such.method").code == -32601


def test_a_change_reaches_clients_of_both_kinds(path, client):
    with PipeClient(path) as pipe:
        text = "both kinds"
        for each in (pipe, client):
            subscribe(each, "display_status")
        client.call("printer.gcode.script", script=f"M117 {text}")
        for each in (pipe, client):
            each.until("notify_status_update", lambda status, _: status.get("display_status", {}).get("message") == text)
        client.call("printer.gcode.script", script="M117")


def test_messages_of_a_unix_socket_in_pieces_and_together(path):
    with PipeClient(path) as pipe:
        question = json.dumps({"jsonrpc": "2.0", "method": "server.info", "id": 7}).encode() + Pipe.END
        for byte in question:
            pipe.socket.socket.sendall(bytes([byte]))
        assert pipe.answer(7)["result"]["klippy_state"] == "ready"
        pipe.socket.socket.sendall(question * 3)
        assert [pipe.answer(7)["result"]["klippy_state"] for _ in range(3)] == ["ready"] * 3


@pytest.mark.parametrize("sent", [b"\xff\xfe\x03", b"x" * 300000, b"x" * 300000 + b"\x03"], ids=["no text", "no end", "too long"])
def test_what_is_no_message_ends_a_unix_socket_and_no_other(path, client, sent):
    with PipeClient(path) as pipe:
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            pipe.socket.socket.sendall(sent)
        with contextlib.suppress(ConnectionResetError):
            # What is told each second may have come before.
            assert not any("id" in json.loads(text) for text in iter(pipe.socket.recv, ""))
    assert client.call("server.info")["klippy_state"] == "ready"
    with PipeClient(path) as pipe:
        assert pipe.refusal("server.nothing").code == -32601
        assert pipe.raw("nonsense")["error"]["code"] == -32700


def test_so_many_come_by_a_unix_socket_and_no_more(path, served):
    until(lambda: ask(served.base, "GET", "/server/info")[1]["result"]["websocket_count"] == 0, lambda: "who left is there still")
    with contextlib.ExitStack() as all_of_them:
        pipes = [all_of_them.enter_context(PipeClient(path)) for _ in range(32)]
        assert {pipe.call("printer.info")["hostname"] for pipe in pipes} == {"Left"}
        with PipeClient(path) as another:
            assert another.socket.recv() == ""
        assert pipes[-1].call("printer.info")["hostname"] == "Left"


# --- objects ---


def test_only_changes_are_told(client, left):
    status = subscribe(client, "extruder", "heater_bed", "print_stats")
    wanted = 215 if status["extruder"]["target"] != 215 else 210
    assert client.call("printer.gcode.script", script=f"SET_HEATER_TEMPERATURE HEATER=extruder TARGET={wanted}") == "ok"
    change, time = client.until("notify_status_update", lambda status, _: status.get("extruder", {}).get("target") == wanted)
    assert set(change) <= {"extruder", "heater_bed", "print_stats"} and isinstance(time, float)
    left.await_counts(lambda counts: counts["executed"].get("1003", 0) >= 1)


def test_members_alone(client):
    answer = client.call("printer.objects.subscribe", objects={"extruder": ["target", "no_such"], "no_such": None})
    assert set(answer["status"]) == {"extruder"} and set(answer["status"]["extruder"]) == {"target"}
    assert client.refusal("printer.objects.subscribe", objects=[]).code == -32602
    assert client.refusal("printer.objects.query").code == -32602


def test_an_offline_printer_shows_nothing(served, left):
    with Client(served.base + 1) as client:
        info = client.call("server.info")
        assert (info["klippy_connected"], info["klippy_state"]) == (False, "disconnected")
        for method in ("printer.objects.list", "printer.info", "printer.print.pause"):
            refused = client.refusal(method)
            assert refused.code == 503 and refused.message.startswith("Right is offline")
        assert client.refusal("printer.objects.query", objects={"extruder": None}).code == 503


def test_comes_and_goes(served, gateway, connection):
    with Client(served.base + 1) as client:
        printer = Simulator(*connection(SERIALS["Right"]), "--model", "m5c")
        client.until("notify_klippy_ready")
        assert subscribe(client, "webhooks", "extruder", "configfile")["configfile"]["settings"]["extruder"]["max_temp"] == 310
        assert client.call("printer.gcode.script", script="M106 S128") == "ok"
        assert client.call("printer.objects.query", objects={"fan": ["speed"]})["status"]["fan"]["speed"] == 0.5
        assert client.call("printer.gcode.script", script="G28 X Y") == "ok"
        assert client.call("printer.objects.query", objects={"toolhead": ["homed_axes"]})["status"]["toolhead"]["homed_axes"] == "xy"
        assert client.call("printer.gcode.script", script="G91\nG1 X5 F3000\nG90") == "ok"
        printer.stop()
        client.until("notify_klippy_disconnected")
        assert client.refusal("printer.objects.query", objects={"extruder": None}).code == 503


def test_an_e1_promises_nothing(served, gateway, connection):
    with Client(served.base + 2) as client:
        printer = Simulator(*connection(SERIALS["Ink"]), "--model", "e1")
        try:
            while client.call("server.info")["klippy_state"] != "ready":
                client.until("notify_klippy_ready")
            objects = set(client.call("printer.objects.list")["objects"])
            assert {"webhooks", "print_stats", "configfile"} <= objects
            assert not objects & {"extruder", "heater_bed", "toolhead", "fan", "heaters", "gcode_move"}
            # No panel comes of it, and Mainsail would show "NaN mm/s" of a job without.
            assert client.call("printer.objects.query", objects={"motion_report": None})["status"] == {"motion_report": {"live_velocity": 0}}
            settings = client.call("printer.objects.query", objects={"configfile": ["settings"]})["status"]["configfile"]["settings"]
            assert settings["printer"]["kinematics"] == "none" and "extruder" not in settings
        finally:
            printer.stop()


# --- bounds ---


def test_a_message_has_a_size(served, left):
    with Client(served.base) as client:
        client.socket.send(json.dumps({"jsonrpc": "2.0", "method": "server.info", "id": 1, "params": {"x": "y" * 300_000}}))
        with pytest.raises((websocket.WebSocketException, OSError)):
            client.answer(1)
    with Client(served.base) as client:
        answer = client.raw(json.dumps({"jsonrpc": "2.0", "method": "server.info", "id": 1, "params": {"x": "y" * 200_000}}), 1)
        assert answer["result"]


def test_a_flood_is_answered_and_others_go_on(served, left):
    with Client(served.base) as flooder, Client(served.base) as other:
        ids = [flooder.send("server.websocket.id") for _ in range(600)]
        assert other.call("server.info")
        answers = [flooder.answer(identity) for identity in ids]
        assert len(answers) == 600


def test_a_change_is_written_once_for_all_clients(served, left, gateway):
    """Fifty that see the same, as many members of one object, and one that sees another."""
    clients = [Client(served.base) for _ in range(51)]
    try:
        for client in clients[:-1]:
            subscribe(client, "heater_bed")
        subscribe(clients[-1], "extruder")
        begun = len(gateway.lines)
        for target in (81, 82, 83):
            clients[0].call("printer.gcode.script", script=f"M140 S{target}")
            for client in clients[:-1]:
                client.until("notify_status_update", lambda status, _, wanted=target: status.get("heater_bed", {}).get("target") == wanted)
        written = [line for line in gateway.await_lines(lambda lines: sum("clients=50" in line for line in lines[begun:]) >= 3)[begun:] if "a change was written" in line]
        of_beds = [line for line in written if "clients=50" in line]
        assert {line.rpartition("clients=")[2].strip() for line in written} <= {"50", "1"}
        received = sum(notice["method"] == "notify_status_update" for notice in clients[0].notices)
        assert 3 <= len(of_beds) and received <= len(of_beds)
    finally:
        for client in clients:
            client.socket.close()


def test_200_clients_see_one_change(served, left):
    def open_one(_):
        client = Client(served.base)
        subscribe(client, "heater_bed")
        return client

    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        clients = list(pool.map(open_one, range(200)))
    try:
        for client in clients:
            client.notices.clear()
        target = 63 if clients[0].call("printer.objects.query", objects={"heater_bed": None})["status"]["heater_bed"]["target"] != 63 else 64
        clients[0].call("printer.gcode.script", script=f"M140 S{target}")
        for client in clients:
            client.until("notify_status_update", lambda status, _: status.get("heater_bed", {}).get("target") == target)
    finally:
        for client in clients:
            client.socket.close()
