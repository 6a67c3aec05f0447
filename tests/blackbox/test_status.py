# SPDX-License-Identifier: MIT
"""flagship status: the state of a printer right now."""

import datetime
import itertools
import json
import re
import signal
import socket
import subprocess
import time

import pytest

from broker import Broker
from conftest import KEY
from fake_printer import FakePrinter
from process import Process
from program import CANNOT_CONNECT, DONE, FAILED, FLAGSHIP, NO_ANSWER, NOT_CONFIGURED, USAGE, environment, lines, run
from screen import Screen
from terminal import Terminal

ENTER, LEAVE = "\033[?1049h\033[?25l", "\033[?7h\033[?25h\033[?1049l"
TOO_LONG = "3600"  # seconds: run() gives up long before
NUMBERS = itertools.count()

IDLE = {"commandType": 1000, "subType": 1, "value": 0}
PRINTING = {"commandType": 1000, "subType": 1, "value": 1}
NOZZLE = {"commandType": 1003, "currentTemp": 22000, "targetTemp": 22000}
BED = {"commandType": 1004, "currentTemp": 6006, "targetTemp": 0}
JOB = {"commandType": 1001, "time": 336, "totalTime": 363, "progress": 3971, "realSpeed": 124, "name": "b\033oat.gcode"}
LAYER = {"commandType": 1052, "real_print_layer": 17, "total_layer": 43}
REST = [
    {"commandType": 1005, "value": 99},
    {"commandType": 1006, "value": 60},
    {"commandType": 1021, "value": -5},
    {"commandType": 1055, "max_print_speed": 250},
    {"commandType": 1072, "isLeveled": 1},
    {"commandType": 1098, "filamentType": ["PLA", "PETG"]},
]


@pytest.fixture
def serial():
    return f"STATUS{next(NUMBERS)}"


@pytest.fixture
def printer(serial, broker, authority):
    fake = FakePrinter(serial, broker.port, authority.certificate, KEY)
    yield fake
    fake.stop()


@pytest.fixture
def options(serial, connection):
    return connection(serial)


def says(*payloads):
    def answer(printer, message):
        if message["commandType"] == 1027:
            for payload in payloads:
                printer.publish(payload, "query/reply")

    return answer


def status(*arguments, **changes):
    started = time.monotonic()
    result = run("status", *arguments, **changes)
    result.took = time.monotonic() - started
    return result


def test_json_is_the_one_shape_of_the_state(printer, options, serial):
    printer.answer = says([PRINTING, JOB, LAYER, NOZZLE, BED, *REST])
    result = status("--json", *options)
    assert result.returncode == DONE
    assert result.stderr == ""
    (state,) = lines(result)
    seen = state.pop("seen_at")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", seen)
    finish = datetime.datetime.fromisoformat(state["job"].pop("finish_at").rstrip("Z"))
    assert abs((finish - datetime.datetime.fromisoformat(seen.rstrip("Z"))).total_seconds() - 336) <= 1
    assert state == {
        "serial": serial,
        "name": None,
        "model": "M5",
        "online": True,
        "job": {
            "state": "printing",
            "name": "b\033oat.gcode",
            "progress_percent": 39.71,
            "elapsed_s": 363,
            "remaining_s": 336,
            "remaining_estimated": False,
            "layer": 17,
            "layers": 43,
            "speed_mm_s": 124,
            "filament_estimated": None,
            "filament_used": None,
            "filament_unit": None,
            "task_id": None,
        },
        "nozzle": {"current_c": 220.0, "target_c": 220.0},
        "bed": {"current_c": 60.06, "target_c": 0.0},
        "fan_percent": 99,
        "speed_mm_s": 60,
        "max_speed_mm_s": 250,
        "z_offset_mm": -0.05,
        "levelled": True,
        "filament": ["PLA", "PETG"],
        "error": None,
        "alert": None,
        "activity": None,
        "ink": None,
        "waste": None,
        "accessory": None,
        "purifier": None,
        "age_s": {"job": 0.0, "nozzle": 0.0, "bed": 0.0},
    }
    assert printer.received == [{"commandType": 1027, "value": 0}]


def test_page(printer, options, serial):
    printer.answer = says([PRINTING, JOB, LAYER, NOZZLE, BED, *REST, {"commandType": 1085, "errorCode": "0xFF01030001", "errorLevel": "P0"}])
    result = status(*options)
    assert result.returncode == DONE
    page, count = re.subn(r"(?m), done at (\w{3} )?[\d:]{5}$", "", result.stdout)
    assert count == 1
    assert page.splitlines() == [
        f"{serial}  M5  online  (now)",
        "Error     0xFF01030001  filament broken  (P0, serious)",
        "Job       printing  b\ufffdoat.gcode  (now)",
        "          [############--------------------] 39.71 %  layer 17 of 43",
        "          6 min 3 s so far  5 min 36 s to go",
        "Nozzle    220.0 °C, wanted 220.0 °C  (now)",
        "Bed       60.06 °C, off  (now)",
        "Fan       99 %",
        "Speed     124 mm/s now, 60 mm/s set, 250 mm/s at most",
        "Z offset  -0.05 mm",
        "Levelled  yes",
        "Filament  PLA, PETG",
    ]


def test_page_of_an_idle_printer(printer, options, serial):
    printer.answer = says([IDLE, NOZZLE, BED, {"commandType": 1098, "filamentType": []}])
    assert status(*options).stdout.splitlines() == [
        f"{serial}  M5  online  (now)",
        "Job       idle  (now)",
        "Nozzle    220.0 °C, wanted 220.0 °C  (now)",
        "Bed       60.06 °C, off  (now)",
        "Filament  none",
    ]


def test_colour_on_a_terminal(printer, options):
    printer.answer = says([PRINTING, JOB, LAYER, NOZZLE, BED, *REST])
    with Terminal("status", *options) as terminal:
        text, code = terminal.await_end()
    assert code == DONE
    assert "\033[32mprinting\033[0m" in text


@pytest.mark.parametrize("format_,model,remaining", [(1, "M5C", 551), (2, "M5", 36000), (6, "E1", 36000)])
def test_the_model_shows_in_the_frames(printer, options, format_, model, remaining):
    printer.format = format_
    printer.answer = says([PRINTING, dict(JOB, time=36000), NOZZLE, BED])
    (state,) = lines(status("--json", *options))
    assert state["model"] == model
    assert state["job"]["remaining_s"] == remaining


INK = {"commandType": 1100, "ink": {"count": 6, "leftInk": [9200, 8500, None, 900, 6400, 5700], "distanceExpiration": [300, -4, None, 12, 200, 0],
                                    "expired": [0, 1, None, 0, 0, 0]},
       "wasteInk": {"leftInk": [6200], "distanceExpiration": 88, "expired": 0}}


def test_an_e1_for_people(printer, options, serial):
    """Ink and the room for waste, what is attached; nothing of nozzle and bed, of which it has none."""
    printer.format = 6
    printer.answer = says([{"commandType": 1000, "status": {"state": 2, "step": 4}}, dict(JOB, name="case.eufy"), INK,
                           {"commandType": 1600, "mode": 1, "delay": 180}, {"commandType": 1118, "plateType": 2},
                           {"commandType": 1153, "version": "1.0", "attType": 1}])
    result = status("--model", "e1", *options)
    assert result.returncode == DONE, result.stderr
    text = {line.split()[0]: " ".join(line.split()[1:]) for line in result.stdout.splitlines()[1:]}
    assert text["Job"] == "printing case.eufy (now)"
    assert text["Ink"] == ("cyan 92 %, magenta 85 % (expired 4 days ago), yellow ? %, black 9 % (12 days), white 64 %, gloss 57 % (0 days)")
    assert text["Waste"] == "room for 62 % more"
    assert text["Accessory"] == "standard flat bed, plate standard flat bed"
    assert text["Purifier"] == "silent, runs on for 180 s"
    assert not {"Nozzle", "Bed", "Fan", "Filament", "Layer"} & set(text)


@pytest.mark.parametrize("state, step, told", [(5, 7, "cleaning itself"), (8, 0, "taking a photo"),
                                               (2, 6, "something that is not known: state 2, step 6")])
def test_what_an_e1_does_apart_from_jobs(printer, options, state, step, told):
    printer.format = 6
    printer.answer = says([{"commandType": 1000, "status": {"state": state, "step": step}}, INK])
    result = status("--model", "e1", *options)
    assert result.returncode == DONE, result.stderr
    assert re.search(rf"^Doing +{re.escape(told)}$", result.stdout, re.M), result.stdout


def test_a_simulated_e1_for_people(simulate, options):
    simulate(*options, "--model", "e1")
    result = status("--model", "e1", *options)
    assert result.returncode == DONE and result.stderr == ""
    for line in (r"Job +idle", r"Ink +cyan 92 %.*, magenta 85 %.*, yellow 78 %.*, black 71 %.*, white 64 %.*, gloss 57 %",
                 r"Waste +room for 92 % more", r"Accessory +\S"):
        assert re.search(rf"^{line}", result.stdout, re.M), result.stdout
    assert not re.search(r"^(Nozzle|Bed|Fan|Filament|Speed|Z offset)", result.stdout, re.M)


def test_model_by_option(printer, options):
    printer.answer = says([PRINTING, dict(JOB, time=36000), NOZZLE, BED])
    (state,) = lines(status("--json", "--model", "m5c", *options))
    assert (state["model"], state["job"]["remaining_s"]) == ("M5C", 551)


@pytest.mark.parametrize("model", ["m5", "m5c", "e1"])
@pytest.mark.parametrize("scenario", ["idle", "print"])
def test_an_answer_has_all_that_is_waited_for(simulate, options, model, scenario):
    progress = ["--at", "50"] if scenario == "print" else []
    simulate(*options, "--model", model, "--scenario", scenario, *progress)
    result = status("--json", "--timeout", TOO_LONG, *options)
    assert result.returncode == DONE
    (state,) = lines(result)
    assert state["model"] == model.upper()
    assert state["job"]["state"] == ("printing" if scenario == "print" else "idle")
    needed = ["ink", "waste"] if model == "e1" else ["fan_percent", "speed_mm_s", "max_speed_mm_s", "z_offset_mm", "levelled", "filament"]
    assert None not in [state[name] for name in needed]
    if scenario == "print":
        assert state["job"]["progress_percent"] >= 50
        assert model == "e1" or state["job"]["layer"] is not None


@pytest.mark.parametrize("job", [[IDLE], [PRINTING, JOB, LAYER]], ids=["idle", "printing"])
def test_a_whole_answer_is_shown_before_the_next_message_is_read(printer, options, job):
    printer.answer = says([*job, NOZZLE, BED, *REST], [{"commandType": 1005, "value": 11}])
    (state,) = lines(status("--json", "--timeout", TOO_LONG, *options))
    assert state["fan_percent"] == 99


def test_a_burst_of_many_messages(printer, options):
    printer.answer = says(IDLE, NOZZLE, BED, *REST)
    result = status("--json", *options)
    (state,) = lines(result)
    assert state["filament"] == ["PLA", "PETG"]
    assert state["fan_percent"] == 99


def test_the_essential_parts_are_enough(printer, options):
    printer.answer = says(IDLE, NOZZLE, BED)
    result = status("--json", "--timeout", TOO_LONG, *options)
    assert result.returncode == DONE
    assert lines(result)[0]["fan_percent"] is None


def test_the_progress_of_a_job_is_worth_waiting_for(printer, options):
    printer.answer = says([PRINTING, NOZZLE, BED])
    process = Process(FLAGSHIP, "status", "--json", *options, env=environment(), output="stdout")
    printer.await_received(1)
    printer.publish(JOB)
    state = json.loads(process.await_lines(lambda seen: len(seen) == 1)[0])
    assert process.await_end() == DONE
    assert state["job"]["progress_percent"] == 39.71


def test_a_part_of_the_state(printer, options, serial):
    printer.answer = says(NOZZLE)
    result = status("--json", "--timeout", "2", *options)
    assert result.returncode == DONE
    assert f"printer {serial}: only a part of its state was heard" in result.stderr
    (state,) = lines(result)
    assert state["nozzle"]["current_c"] == 220.0
    assert state["bed"]["current_c"] is None
    assert state["job"]["state"] is None


def test_silence(options, serial):
    result = status("--timeout", "2", *options)
    assert result.returncode == NO_ANSWER
    assert 2 <= result.took
    assert result.stdout == f"{serial}  no answer\n"
    for hint in (f"printer {serial}: no answer within 2 s", "switched on", "same broker", serial, "key"):
        assert hint in result.stderr


def test_what_the_broker_kept_is_no_answer(printer, options, serial):
    printer.publish([PRINTING, JOB, LAYER, NOZZLE, BED, *REST], retain=True)
    try:
        result = status("--timeout", "2", *options)
        assert result.returncode == NO_ANSWER
        assert result.stdout == f"{serial}  no answer\n"
        assert "the broker kept an old message of it, which proves nothing" in result.stderr
        # The true answer is waited for, and is all that counts.
        printer.answer = says([IDLE, NOZZLE, BED, *REST])
        (state,) = lines(status("--json", *options))
        assert (state["online"], state["job"]["state"]) == (True, "idle")
    finally:
        printer.publish_bytes(b"", retain=True)


def test_the_wrong_key(printer, options, serial):
    other = "11" * 32
    printer.answer = lambda fake, _message: [fake.publish(NOZZLE, key=other) for _ in range(3)]
    result = status("--timeout", TOO_LONG, *options)
    assert result.returncode == FAILED
    assert f"printer {serial}: messages came, but the key does not fit them" in result.stderr


def test_a_broker_that_says_nothing(serial, key_file):
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        url = f"mqtts://127.0.0.1:{silent.getsockname()[1]}"
        result = status("--broker", url, "--serial", serial, "--key-file", key_file, "--timeout", "0.5")
    assert result.returncode == CANNOT_CONNECT
    assert "no connection to the broker" in result.stderr


def test_interrupted(printer, options):
    process = Process(FLAGSHIP, "status", *options, env=environment())
    printer.await_received(1)
    process.signal(signal.SIGINT)
    assert process.await_end() == FAILED


def test_watch_reports_each_change_once(printer, options):
    printer.answer = says([IDLE, NOZZLE, BED, *REST])
    process = Process(FLAGSHIP, "status", "--watch", "--json", *options, env=environment(), output="stdout")
    process.await_lines(lambda seen: len(seen) == 1)
    for _ in range(2):
        printer.publish(NOZZLE)
    printer.publish(dict(NOZZLE, currentTemp=21000))
    seen = process.await_lines(lambda seen: any('"current_c":210.0' in line for line in seen))
    process.signal(signal.SIGINT)
    assert process.await_end() == DONE
    assert len(seen) == 2
    assert len(process.lines) == 2


def test_watch_pages_on_a_pipe(printer, options):
    printer.answer = says([IDLE, NOZZLE, BED, *REST])
    process = Process(FLAGSHIP, "status", "--watch", *options, env=environment(), output="stdout")
    process.await_text("Filament")
    printer.publish(dict(NOZZLE, currentTemp=21000))
    process.await_text("210.0 °C")
    assert process.stop() == DONE
    assert "\033" not in process.log
    assert process.log.count("Job       idle") == 2


def test_watch_refreshes_in_place_on_a_terminal(printer, options):
    printer.answer = says([IDLE, NOZZLE, BED, *REST])
    with Terminal("status", "--watch", *options) as terminal:
        terminal.await_text("PLA, PETG")
        printer.publish(dict(NOZZLE, currentTemp=21000))
        assert "\n" + ENTER not in "\n" + terminal.await_text("210.0 °C")
        terminal.child.send_signal(signal.SIGTERM)
        rest, code = terminal.await_end()
        assert code == DONE and rest.endswith(LEAVE)


def test_watch_leaves_no_trail_on_a_terminal(tmp_path, certificate, authority, serial, key_file):
    own = Broker(tmp_path, *certificate)
    own.start()
    connection = ["--broker", own.url, "--ca", authority.certificate, "--serial", serial, "--key-file", key_file]
    fake = FakePrinter(serial, own.port, authority.certificate, KEY)
    fake.answer = says([IDLE, NOZZLE, BED, *REST])
    try:
        with Terminal("status", "--watch", *connection) as terminal:
            assert terminal.await_text(ENTER) == ENTER
            assert "asked" in terminal.await_text("PLA, PETG")
            own.stop()
            # Trouble stands on the screen, which goes away as a whole.
            terminal.await_text("trying again in")
            terminal.child.send_signal(signal.SIGTERM)
            rest, code = terminal.await_end()
            assert code == DONE and rest.endswith(LEAVE)
    finally:
        own.stop()
        fake.stop()


def test_watch_is_cut_to_the_terminal(printer, options):
    printer.answer = says([IDLE, NOZZLE, BED, *REST])
    with Screen(FLAGSHIP, "status", "--watch", *options, width=30, height=6) as screen:
        screen.await_line("and 4 more lines")
        shown = screen.lines()
        assert shown[0].startswith("STATUS") and shown[1].startswith("Job       idle")
        assert shown[4].startswith("Fan") and shown[5].strip() == "and 4 more lines"


def test_watch_in_a_dumb_terminal(printer, options):
    printer.answer = says([IDLE, NOZZLE, BED, *REST])
    with Terminal("status", "--watch", *options, TERM="dumb") as terminal:
        assert "\033" not in terminal.await_text("PLA, PETG")


def test_watch_of_a_silent_printer_goes_on(printer, options):
    process = Process(FLAGSHIP, "status", "--watch", "--json", "--timeout", "0.3", *options, env=environment(), output="stdout")
    (line,) = process.await_lines(lambda seen: len(seen) == 1)
    assert not json.loads(line)["online"]
    printer.publish([IDLE, NOZZLE, BED, *REST])
    seen = process.await_lines(lambda seen: len(seen) == 2)
    assert json.loads(seen[1])["online"]
    assert process.stop() == DONE


@pytest.mark.parametrize("dropped", ["--broker", "--serial", "--key-file"])
def test_what_is_missing_is_reported(options, dropped):
    index = options.index(dropped)
    result = status(*options[:index], *options[index + 2 :])
    assert result.returncode == NOT_CONFIGURED
    assert dropped in result.stderr


def test_usage(options):
    assert status(*options, "word").returncode == USAGE
    assert "did you mean --watch?" in status(*options, "--wach").stderr


def test_a_full_disk_is_reported(printer, options):
    import subprocess

    printer.answer = says([IDLE, NOZZLE, BED, *REST])
    with open("/dev/full", "wb") as full:
        result = subprocess.run(
            [str(FLAGSHIP), "status", *map(str, options)], stdout=full, stderr=subprocess.PIPE, env=environment(), check=False
        )
    assert result.returncode == FAILED
