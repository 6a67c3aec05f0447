# SPDX-License-Identifier: MIT
"""The simulated printer on a real broker, heard by a client that shares no code with it."""

import json
import re
import signal

import pytest

from broker import Broker
from conftest import KEY, SERIAL
from program import CANNOT_CONNECT, DONE, FAILED, NOT_CONFIGURED, ROOT, USAGE, run
from wire import Client, unseal

CAPTURE = ROOT.parent / "shared" / "captures" / "m5c-print.jsonl"
MODELS = {"m5": 2, "m5c": 1, "e1": 6}
BURST = {1000, 1005, 1006, 1021, 1023, 1037, 1039, 1052, 1055, 1067, 1072, 1093, 1097, 1098}


@pytest.fixture
def hear(broker, authority):
    """A client of the printer: with hear() as client."""

    def client(serial=SERIAL, **options):
        return Client(broker.port, authority.certificate, serial, KEY, **options)

    return client


def states(client):
    """`value` of 1000 as it changed."""
    heard = [o["value"] for o in client.of("notice", 1000)]
    return [value for i, value in enumerate(heard) if i == 0 or heard[i - 1] != value]


def test_says_one_line_when_it_publishes(broker, connection, simulate):
    printer = simulate(*connection(), "--model", "m5c", "--for", "5")
    assert printer.await_end() == DONE
    assert printer.log == f"simulate: M5C {SERIAL} connected to localhost:{broker.port}, publishing"


@pytest.mark.parametrize("model, client_id", [("m5", "device_linux_V8111_direct_"), ("m5c", "dev_fdm_"), ("e1", "dev_fdm_")])
def test_presents_itself_as_real_printers_do(broker, connection, simulate, model, client_id):
    """Name, client id, keep-alive of 40 s, a clean session, and the four subscriptions."""
    serial = f"SIMPRESENTS{model.upper()}"

    def asked(lines):
        return {topic for line in lines for topic in re.findall(rf"(/\S*{serial}/\S*) \(QoS", line)}

    simulate(*connection(serial), "--model", model)
    # The broker's log is read by another thread, which may be a little behind.
    lines = broker.process.await_lines(lambda lines: len(asked(lines)) >= 4)
    assert asked(lines) == {f"/{who}/maker/{serial}/{what}" for who, what in (
        ("device", "command"), ("device", "query"), ("smart", "command"), ("server", "command"))}
    connect = next(line for line in lines if "New client connected" in line and serial in line)
    assert re.search(rf"as {client_id}[0-9a-f]{{12}}_{serial} \(p2, c1, k40, u'eufy_fdm_{serial}'\)", connect), connect


def test_what_comes_for_voice_assistants_is_left_alone(hear, connection, simulate):
    printer = simulate(*connection("SIMSMART"), "-v")
    with hear("SIMSMART") as client:
        client.mqtt.publish("/server/maker/SIMSMART/command", b"whatever", qos=1)
        printer.await_text("left a message of the vendor's cloud alone")
        assert 1000 in client.query()
    assert printer.counts()["malformed"] == 0


def test_1027_is_answered_on_the_command_topic_too(hear, connection, simulate):
    simulate(*connection("SIMCOMMAND"))
    with hear("SIMCOMMAND") as client:
        client.send("command", {"commandType": 1027, "value": 0})
        client.wait_for("notice", 1098)


@pytest.mark.parametrize("model", MODELS)
def test_sends_the_frames_of_its_model(hear, connection, simulate, model):
    with hear() as client:
        simulate(*connection(), "--model", model, "--scenario", "print", "--speed", "50")
        client.wait(lambda: len(client.messages) >= 5, "five messages")
    frames = [unseal(m.raw, client.key) for m in client.messages]
    assert {f.format for f in frames} == {MODELS[model]}
    assert {(f.packet_type, f.packet_number) for f in frames} == {(0xC0, 1)}
    if model == "m5":
        assert len({f.guid for f in frames}) == 1 and len(frames[0].guid) == 36
        assert all(f.time > 1_700_000_000 for f in frames)
    else:
        assert len({f.details[:6] for f in frames}) == len(frames)
        assert {f.details[6:] for f in frames} == {bytes(6)}


@pytest.mark.parametrize("model", MODELS)
def test_answers_1027_with_all_it_knows(hear, connection, simulate, model):
    simulate(*connection(), "--model", model)
    with hear() as client:
        burst = client.query()
        if model == "e1":
            assert set(burst) == {1000, 1100}
            assert burst[1000] == {"commandType": 1000, "status": {"state": 0, "step": 0}}
            assert burst[1100]["wasteInk"]["leftInk"] == [9200]
            return
        assert BURST <= set(burst)
        assert ({1003, 1004} <= set(burst)) == (model != "e1")
        assert burst[1000] == {"commandType": 1000, "subType": 1, "value": 0}
        client.wait_for("notice", 1098)


def test_an_idle_m5_is_silent_and_an_m5c_keeps_its_rhythm(hear, connection, simulate):
    with hear("SIMM5") as m5, hear("SIMM5C") as m5c:
        simulate(*connection("SIMM5"), "--model", "m5", "--speed", "30")
        simulate(*connection("SIMM5C"), "--model", "m5c", "--speed", "30")
        m5c.wait(lambda: len(m5c.messages) >= 20, "20 notices")
        assert m5.messages == []
    assert all([o["commandType"] for o in m.objects] == [1003, 1004] for m in m5c.messages)


def test_heats_up(hear, connection, simulate):
    simulate(*connection(), "--model", "m5", "--speed", "50")
    with hear() as client:
        assert client.command(1003, value=20000) == {"commandType": 1003, "reply": 0}
        client.wait(lambda: any(o["currentTemp"] >= 19900 for o in client.of("notice", 1003)), "200 °C")
        heard = client.of("notice", 1003)
    temperatures = [o["currentTemp"] for o in heard]
    there = next(i for i, temperature in enumerate(temperatures) if temperature >= 19900)  # around which it is held from then on
    assert temperatures[:there + 1] == sorted(temperatures[:there + 1])
    assert len(temperatures) > 20 and temperatures[0] < 3500
    assert {o["targetTemp"] for o in heard} == {20000}


@pytest.mark.parametrize("model, expected, layers", [
    ("m5", [8, 5, 9, 1, 4, 0], 120), ("m5c", [8, 1, 4, 0], 43)])
def test_runs_a_whole_job(hear, connection, simulate, model, expected, layers):
    with hear() as client:
        simulate(*connection(), "--model", model, "--scenario", "print", "--speed", "1000")
        client.wait_for("notice", 1000, value=4)
        if model == "m5c":
            # It says that it is idle only when asked, and sums up nothing.
            assert client.query()[1000]["value"] == 0
        else:
            assert client.wait_for("notice", 1068)["trigger"] == 2
        client.wait_for("notice", 1000, value=0)
    assert states(client) == expected
    assert (client.of("notice", 1068) == []) == (model == "m5c")
    schedules = client.of("notice", 1001)
    assert max(o.get("progress", 0) for o in schedules) == 10000
    assert ("progress" in schedules[-1]) == (model != "m5c")
    counted = [o["real_print_layer"] for o in client.of("notice", 1052) if o["total_layer"]]
    assert counted == sorted(counted) and counted[-1] == layers
    remaining = max(o.get("time", 0) for o in schedules)
    assert (remaining > 100_000) == (model == "m5c")


# Of nozzle, bed, fan, speed, levelling, z offset, filament, axes, layers, errors of filament.
NOT_OF_AN_E1 = {1003, 1004, 1005, 1006, 1007, 1021, 1023, 1026, 1037, 1039, 1052, 1055, 1072, 1085, 1086, 1093, 1098}


@pytest.mark.parametrize("scenario, expected", [("print", [(2, 4), (0, 0)]), ("error", [(2, 4), (2, 3), (2, 4), (0, 0)])])
def test_an_e1_runs_a_whole_job(hear, connection, simulate, scenario, expected):
    with hear() as client:
        simulate(*connection(), "--model", "e1", "--scenario", scenario, "--speed", "1000")
        if scenario == "error":
            client.wait_for("notice", 1000, status={"state": 2, "step": 3})
            assert client.control(3) == {"commandType": 1008, "reply": 0}
        assert client.wait_for("notice", 1068)["trigger"] == 2
        client.wait_for("notice", 1000, status={"state": 0, "step": 0})
        told = client.of("notice", 1000)
        assert all(set(o) == {"commandType", "status"} for o in told)
        pairs = [(o["status"]["state"], o["status"]["step"]) for o in told]
        assert [pair for i, pair in enumerate(pairs) if i == 0 or pairs[i - 1] != pair] == expected
        assert {o["commandType"] for o in client.of("notice")} & NOT_OF_AN_E1 == set()
        schedules, (summary,) = client.of("notice", 1001), client.of("notice", 1068)
    assert max(o["progress"] for o in schedules) == 10000 and max(o["time"] for o in schedules) < 1000
    assert all("realSpeed" not in o and not any("filament" in name for name in o) for o in [*schedules, summary])
    assert summary["name"] == "flagship_phone_case.eufy" and summary["totalTime"] > 300


def test_an_e1_answers_bare_types(hear, connection, simulate):
    """Of ink, plate, accessory and purifier; days may be null or negative, as this seed has them."""
    simulate(*connection(), "--model", "e1", "--seed", "6")
    with hear() as client:
        def ask(type_id):
            client.send("query", {"commandType": type_id})
            return client.wait_for("query/reply", type_id)

        ink = ask(1100)["ink"]
        assert (ink["count"], ink["leftInk"]) == (6, [9200, 8500, 7800, 7100, 6400, 5700])
        assert len(set(ink["sn"])) == 6
        assert [days is not None and days < 0 for days in ink["distanceExpiration"]] == [bool(flag) for flag in ink["expired"]]
        assert None in ink["distanceExpiration"] and 1 in ink["expired"]
        plate, accessory = ask(1118)["plateType"], ask(1153)["attType"]
        assert plate == {0: 0, 1: 2, 2: 1, 3: 4, 4: 3}[accessory]
        assert client.command(1600, mode=2, delay=180) == {"commandType": 1600, "reply": 0}
        assert ask(1600) == {"commandType": 1600, "mode": 2, "delay": 180}


def test_begins_in_mid_print(hear, connection, simulate):
    simulate(*connection(), "--model", "m5c", "--scenario", "print", "--at", "40")
    with hear() as client:
        burst = client.query()
    assert burst[1000]["value"] == 1
    assert 4000 <= burst[1001]["progress"] < 4200
    assert burst[1003]["targetTemp"] == 22000 and abs(burst[1003]["currentTemp"] - 22000) <= 200
    assert 15 <= burst[1052]["real_print_layer"] <= 19


def test_runs_out_of_filament(hear, connection, simulate):
    with hear() as client:
        simulate(*connection(), "--model", "m5", "--scenario", "error", "--at", "29", "--speed", "50")
        assert client.wait_for("notice", 1085)["errorCode"] == "0xFF01030001"
        client.wait_for("notice", 1000, subType=2, value=6)
        client.wait_for("notice", 1000, subType=1, value=2)
        client.control(3)
        assert client.wait_for("notice", 1086)["errorCode"] == "0xFF01030001"
        client.wait_for("notice", 1000, subType=2, value=0)
        client.wait_for("notice", 1000, subType=1, value=1)


def test_pauses_and_stops_an_m5(hear, connection, simulate):
    simulate(*connection(), "--model", "m5", "--scenario", "print", "--at", "10", "--speed", "20")
    with hear() as client:
        for value, state in ((2, 2), (3, 1), (4, 0)):
            assert client.control(value) == {"commandType": 1008, "reply": 0}
            client.wait_for("notice", 1000, value=state)
        assert client.wait_for("notice", 1068)["trigger"] == 4
        assert not {3, 4} & set(states(client))


def test_an_m5_ignores_control_of_nobody(hear, connection, simulate):
    """Without userId there is neither a reply nor an effect (protocol.md 3.2)."""
    printer = simulate(*connection(), "--model", "m5", "--scenario", "print", "--at", "10")
    with hear() as client:
        client.send("command", {"commandType": 1008, "value": 4})
        client.send("command", {"commandType": 1008, "value": 0, "filePath": ""})
        assert client.query()[1000]["value"] == 1
        assert client.of("command/reply", 1008) == []
    counts = printer.counts()
    assert counts["received"] == 3 and "1008" not in {**counts["executed"], **counts["refused"]}


def test_control_of_an_m5c_by_the_vendors_form(hear, connection, simulate):
    simulate(*connection(), "--model", "m5c", "--control", "vendor", "--scenario", "print", "--at", "10", "--speed", "20")
    with hear() as client:
        for value, state in ((2, 2), (3, 1), (4, 4)):
            client.control(value)
            client.wait_for("notice", 1000, value=state)


def test_lists_chooses_and_starts_a_file(hear, connection, simulate):
    simulate(*connection(), "--model", "m5", "--list-as-text", "--speed", "20")
    path = "/usr/data/local/model/vase_0.3mm_PETG.gcode"
    with hear() as client:
        client.send("command", {"commandType": 1009, "value": 1, "isFirst": 1, "index": 1, "num": 47, "userId": "u"})
        client.wait_for("command/reply", 1009, number=2)
        acknowledgement, answer = client.of("command/reply", 1009)
        assert acknowledgement == {"commandType": 1009, "reply": 0}
        assert path in [file["path"] for file in json.loads(answer["fileLists"])]
        assert client.command(1010, filePath=path, type=0, userId="u")["fileName"] == "vase_0.3mm_PETG.gcode"
        assert client.wait_for("notice", 1044)["filePath"] == path
        assert client.control(1, path)["reply"] == 0
        client.wait_for("notice", 1000, value=8)
        assert client.wait_for("notice", 1001)["name"] == "vase_0.3mm_PETG.gcode"


@pytest.mark.parametrize("line", ["M23 vase_0.3mm_PETG.gcode", "M24", "M25", "M524"])
def test_gcode_of_files_is_unknown(hear, connection, simulate, line):
    simulate(*connection())
    with hear() as client:
        assert "Unknown command" in client.gcode(line)


def test_stops_an_m5c_by_command_and_gcode_together(hear, connection, simulate):
    simulate(*connection(), "--model", "m5c", "--scenario", "print", "--at", "10", "--speed", "20")
    with hear() as client:
        name = client.query()[1001]["name"]
        client.command(1008, value=1, userName="me", filePath=name)
        client.wait_for("notice", 1000, value=2)
        client.command(1008, value=2, userName="me", filePath=name)
        client.command(1008, value=0)
        client.wait_for("notice", 1000, number=4, value=1)
        assert 4 not in states(client)
        client.gcode("M2024")
        client.wait_for("notice", 1000, value=4)


def test_levels_with_fifty_points(hear, connection, simulate):
    simulate(*connection(), "--model", "m5", "--speed", "200")
    with hear() as client:
        assert client.command(1007, value=0)["reply"] == 0
        client.wait_for("notice", 1007, number=50)
        client.wait_for("notice", 1000, value=0)
        assert [o["value"] for o in client.of("notice", 1007)] == list(range(1, 51))
        assert states(client) == [7, 5, 0]


def test_exchanges_gcode(hear, connection, simulate):
    simulate(*connection(), "--model", "m5c")
    with hear() as client:
        assert re.fullmatch(r"ok T:\d+\.\d\d /0\.00 B:.*\n", client.gcode("M105"))
        assert client.gcode("M999 X1") == 'echo:Unknown command: "M999 X1"\n+ringbuf:1,512,0\nok\n'
        assert len(client.gcode("M114")) == 64
        firmware, settings = client.gcode("M115"), client.gcode("M503")
        assert len(firmware) == len(settings) == 512
        assert firmware.startswith("FIRMWARE_NAME:Marlin V8110")
        assert not settings.startswith("echo:; Linear Units") and not settings.endswith("ok\n")
        client.gcode("M290 Z0.1")
        assert client.wait_for("notice", 1021)["value"] == 5
        client.gcode("M104 S210")
        client.wait_for("notice", 1003, targetTemp=21000)


@pytest.mark.parametrize("model", ["m5", "m5c"])
def test_intercepts_commands(hear, connection, simulate, model):
    """Their ok says that the board took note; M2021 tells the ring before it (protocol.md 3.3)."""
    simulate(*connection(), "--model", model)
    with hear() as client:
        assert client.gcode("M2021") == "+ringbuf:0,512,1\nok\n"
        for line in ["M2022", "M2023", "M2024"] + (["M2025"] if model == "m5" else []):
            assert client.gcode(line) == "ok\n"
        if model == "m5c":
            assert "Unknown command" in client.gcode("M2025")


@pytest.mark.parametrize("model", ["m5", "m5c"])
def test_reports_its_mesh_in_rows(hear, connection, simulate, model):
    simulate(*connection(), "--model", model)
    with hear() as client:
        first = client.gcode("M420 V")
        rows = re.findall(r"^BL-Grid-(\d)((?: -?\d+\.\d{3}){7})$", first, re.MULTILINE)
        assert [row[0] for row in rows] == [str(y) for y in range(len(rows))] and len(rows) >= 3


def test_is_busy_inside_a_long_reply(hear, connection, simulate):
    simulate(*connection(), "--model", "m5")
    with hear() as client:
        assert client.gcode("G28").startswith("echo:busy: processing\n")
        assert client.gcode("G28").endswith("ok\n")
        assert re.fullmatch(r"echo:busy: processing\nT:.*\n\+ringbuf:\d,512,0\nok\n", client.gcode("M109 S0"))


def test_takes_a_name_and_falls_over_without_one(hear, connection, simulate):
    printer = simulate(*connection(), "--model", "m5", "--speed", "20", "--name", "Old")
    with hear() as client:
        assert client.command(1034, devName="Näme \"x\" 😀")["reply"] == 0
        client.send("command", {"commandType": 1034})
        printer.await_lines(lambda lines: sum("publishing" in line for line in lines) == 2)
        assert "crashed" in printer.log
        assert client.query()[1000]["value"] == 0
        assert len(client.of("command/reply", 1034)) == 1


def test_drops_short_headers_silently_and_counts_what_is_malformed(hear, connection, simulate):
    printer = simulate(*connection(), "--model", "m5")
    with hear() as client:
        client.send("command", {"commandType": 1003, "value": 20000}, number=1)
        client.send_raw("command", b"nonsense")
        client.send("command", '[{"commandType":1003,"value":20000},')
        client.send_raw("query", bytes(100))
        assert client.command(1006, value=100)["reply"] == 0
        assert client.of("command/reply", 1003) == []
        assert client.query()[1003]["targetTemp"] == 0
    lines = printer.await_text("(3 so far)")
    assert len(lines) == 4


def test_does_not_answer_what_a_printer_does_not(hear, connection, simulate):
    simulate(*connection(), "--model", "m5")
    with hear() as client:
        client.send("command", {"commandType": 1029})
        client.send("query", {"commandType": 1003, "value": 20000})
        client.command(1006, value=100)
        assert {o["commandType"] for m in client.messages for o in m.objects} == {1006}


def test_speaks_gcm(hear, connection, simulate):
    simulate(*connection(), "--model", "e1", "--gcm")
    with hear(gcm=True) as client:
        assert set(client.query()) == {1000, 1100}


def first_frames(client, count):
    """The bytes of the first messages without what may differ: time, and with it the checksum."""
    raw = [m.raw for m in client.messages[:count]]
    return [data[:12] + data[16:-1] if data[6] == 2 else data for data in raw]


@pytest.mark.parametrize("model", MODELS)
def test_the_same_seed_gives_the_same_bytes(hear, connection, simulate, model):
    frames = []
    for seed in ("7", "7", "8"):
        with hear() as client:
            printer = simulate(*connection(), "--model", model, "--scenario", "print", "--speed", "50", "--seed", seed)
            client.wait(lambda: len(client.messages) >= 20, "20 messages")
            printer.stop()
        frames.append(first_frames(client, 20))
    assert frames[0] == frames[1]
    assert frames[0] != frames[2]


def test_replays_a_recording_with_its_timing(hear, connection, simulate, tmp_path):
    recording = tmp_path / "recording.jsonl"
    recording.write_text("\n".join(map(json.dumps, [
        {"_event": "connected", "t": 0.1},
        {"commandType": 1003, "currentTemp": 2400, "targetTemp": 5000, "_t": 10.0, "_wall": "12:00"},
        {"commandType": 1004, "currentTemp": 2500, "_t": 10.008},
        {"commandType": 1003, "currentTemp": 2600, "_t": 12.5, "new": {"é": [1]}},
    ])), encoding="utf-8")
    with hear() as client:
        simulate(*connection(), "--model", "m5c", "--replay", recording, "--speed", "5")
        client.wait(lambda: len(client.messages) == 2, "two notices")
        burst = client.query()
        assert client.of("command/reply") == []
    assert client.messages[0].objects == [{"commandType": 1003, "currentTemp": 2400, "targetTemp": 5000},
                                          {"commandType": 1004, "currentTemp": 2500}]
    assert client.messages[1].objects == [{"commandType": 1003, "currentTemp": 2600, "new": {"é": [1]}}]
    assert 0.4 < client.messages[1].at - client.messages[0].at < 1.5
    assert burst[1003] == {"commandType": 1003, "currentTemp": 2600, "targetTemp": 5000, "new": {"é": [1]}}


@pytest.mark.skipif(not CAPTURE.exists(), reason=f"there is no {CAPTURE}")
def test_replays_the_capture_to_the_letter(hear, connection, simulate):
    lines = [json.loads(line) for line in CAPTURE.read_text(encoding="utf-8").splitlines()]
    expected = [{k: v for k, v in line.items() if not k.startswith("_")} for line in lines if "commandType" in line]
    with hear() as client:
        simulate(*connection(), "--model", "m5c", "--replay", CAPTURE, "--speed", "500")
        client.wait(lambda: len(client.of("notice")) >= len(expected), "the whole capture")
    assert client.of("notice") == expected
    assert 300 <= len(client.messages) <= 305


@pytest.mark.parametrize("content, message", [
    ("", "holds no message"), ('{"commandType":1}\n{"commandType"', "line 2"), (None, "cannot read")])
def test_a_recording_that_is_no_good(connection, tmp_path, content, message):
    recording = tmp_path / "recording.jsonl"
    if content is not None:
        recording.write_text(content)
    result = run("simulate", *connection(), "--replay", recording)
    assert result.returncode == FAILED
    assert str(recording) in result.stderr and message in result.stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_ends_at_once_on_a_signal(connection, simulate, number):
    printer = simulate(*connection(), "--scenario", "print")
    printer.signal(number)
    assert printer.await_end() == DONE


def test_says_so_where_it_cannot_connect(connection, tmp_path, certificate):
    broker = Broker(tmp_path, *certificate)
    result = run("simulate", *connection(url=broker.url))
    assert result.returncode == CANNOT_CONNECT
    assert "cannot connect" in result.stderr


def test_connects_again_where_the_broker_comes_back(connection, simulate, tmp_path, certificate, authority):
    with Broker(tmp_path, *certificate) as broker:
        printer = simulate(*connection(url=broker.url), "--model", "m5c", "--speed", "10")
        broker.stop()
        printer.await_text("lost the connection")
        broker.start()
        printer.await_lines(lambda lines: sum("publishing" in line for line in lines) == 2)
        with Client(broker.port, authority.certificate, SERIAL, KEY) as client:
            client.wait_for("notice", 1003, number=2)
        assert printer.stop() == DONE


@pytest.mark.parametrize("options, status, message", [
    (["--speed", "0"], USAGE, "--speed"),
    (["--speed", "fast"], USAGE, "--speed"),
    (["--scenario", "prin"], USAGE, "print"),
    (["--at", "40"], USAGE, "--scenario print"),
    (["--replay", "x", "--scenario", "print"], USAGE, "--replay"),
    (["--modle", "m5"], USAGE, "--model"),
    (["extra"], USAGE, "extra"),
])
def test_refuses_what_makes_no_sense(connection, options, status, message):
    result = run("simulate", *connection(), *options)
    assert result.returncode == status
    assert message in result.stderr


def test_asks_for_what_is_missing():
    result = run("simulate", "--model", "m5")
    assert result.returncode == NOT_CONFIGURED
    assert "--broker" in result.stderr


def test_explains_itself():
    result = run("simulate", "--help")
    assert result.returncode == DONE
    for option in ("--scenario", "--replay", "--speed", "--seed", "--at", "--gcm", "--broker"):
        assert option in result.stdout


def test_tells_what_it_does_when_asked(hear, connection, simulate):
    printer = simulate(*connection(), "--model", "m5", "--verbose")
    with hear() as client:
        client.command(1006, value=100)
    printer.await_text('took {"commandType": 1006, "value": 100}')
    printer.await_text(f'/phone/maker/{SERIAL}/command/reply: {{"commandType":1006,"reply":0}}')
    assert KEY not in printer.log
