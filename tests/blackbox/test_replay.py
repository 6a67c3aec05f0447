# SPDX-License-Identifier: MIT
"""flagship replay: a recording becomes events and a state."""

import json

import pytest

from program import DONE, FAILED, ROOT, USAGE, lines, run

CAPTURE = ROOT.parent / "shared" / "captures" / "m5c-print.jsonl"
needs_capture = pytest.mark.skipif(not CAPTURE.exists(), reason=f"no {CAPTURE}")

NOTHING_HEARD = {
    "serial": None,
    "name": None,
    "model": None,
    "online": False,
    "seen_at": None,
    "job": {
        "state": None,
        "name": None,
        "progress_percent": None,
        "elapsed_s": None,
        "remaining_s": None,
        "remaining_estimated": None,
        "finish_at": None,
        "layer": None,
        "layers": None,
        "speed_mm_s": None,
        "filament_estimated": None,
        "filament_used": None,
        "filament_unit": None,
        "task_id": None,
    },
    "nozzle": {"current_c": None, "target_c": None},
    "bed": {"current_c": None, "target_c": None},
    "fan_percent": None,
    "speed_mm_s": None,
    "max_speed_mm_s": None,
    "z_offset_mm": None,
    "levelled": None,
    "filament": None,
    "error": None,
    "alert": None,
    "activity": None,
    "ink": None,
    "waste": None,
    "accessory": None,
    "purifier": None,
    "age_s": {"job": None, "nozzle": None, "bed": None},
}


def state(value, t=None):
    """One line: message 1000 of a job's state."""
    message = {"commandType": 1000, "subType": 1, "value": value}
    if t is not None:
        message["_t"] = t
    return json.dumps(message)


def replay(*recording, options=()):
    return run("replay", "--events", *options, "-", stdin="\n".join(recording) + "\n")


def events(result):
    return [(event["event"], event["t"]) for event in lines(result)[:-1]]


def capture_lines():
    return CAPTURE.read_text(encoding="utf-8").splitlines()


def told_by_capture(recorded):
    """Each event of the capture with its time, from the recorded objects alone."""
    told = [("online", 1.938)]
    percent = layer = 0
    previous = None
    for message in map(json.loads, recorded):
        kind, t = message.get("commandType"), message.get("_t")
        if kind == 1000 and message["value"] != previous:
            told.append(({8: "job_preparing", 1: "job_started"}[message["value"]], t))
            previous = message["value"]
        if kind == 1001 and message["progress"] // 100 > percent:
            percent = message["progress"] // 100
            told.append(("progress", t))
        if kind == 1052 and message["real_print_layer"] > layer:
            layer = message["real_print_layer"]
            told.append(("layer", t))
    return told


@needs_capture
def test_capture():
    result = run("replay", "--model", "m5c", "--events", CAPTURE)
    assert result.returncode == DONE
    assert result.stderr == ""
    assert events(result) == told_by_capture(capture_lines())
    assert events(result)[1:3] == [("job_preparing", 64.972), ("job_started", 188.108)]
    last = lines(result)[-1]
    assert list(last) == list(NOTHING_HEARD)
    assert list(last["job"]) == list(NOTHING_HEARD["job"])
    assert last["model"] == "M5C"
    assert last["online"] is True
    assert last["seen_at"] is None
    assert 250 < last["job"].pop("remaining_s") < 310
    assert last["job"] == {
        "state": "printing",
        "name": "example_model_0.2mm_PLA_Anker_M5C.gcode",
        "progress_percent": 69.15,
        "elapsed_s": 628,
        "remaining_estimated": True,
        "finish_at": None,
        "layer": 29,
        "layers": 43,
        "speed_mm_s": 300,
        "filament_estimated": None,
        "filament_used": None,
        "filament_unit": "mm",
        "task_id": "<redacted-job-uuid>",
    }
    assert last["nozzle"] == {"current_c": 220.0, "target_c": 220.0}
    assert last["bed"] == {"current_c": 59.9, "target_c": 60.0}
    assert (last["fan_percent"], last["speed_mm_s"]) == (99, 60)
    assert last["age_s"] == {"job": 0.0, "nozzle": 3.0, "bed": 3.0}


@needs_capture
def test_capture_with_everything_twice():
    twice = [line for line in capture_lines() for _ in range(2)]
    result = replay(*twice, options=("--model", "m5c"))
    assert events(result) == told_by_capture(capture_lines())


@needs_capture
def test_capture_with_neighbours_swapped():
    swapped = capture_lines()
    for i in range(1, len(swapped) - 1, 2):
        swapped[i], swapped[i + 1] = swapped[i + 1], swapped[i]
    names = [event for event, _ in events(replay(*swapped, options=("--model", "m5c")))]
    for once in ("online", "job_preparing", "job_started"):
        assert names.count(once) == 1
    told = [event for event, _ in told_by_capture(capture_lines())]
    assert sorted(names) == sorted(told)


@needs_capture
def test_capture_from_the_middle():
    result = replay(*capture_lines()[1000:], options=("--model", "m5c"))
    names = {event for event, _ in events(result)}
    assert names == {"online", "progress", "layer"}


def test_without_events_only_the_state():
    result = run("replay", "-", stdin=state(1, 3) + "\n")
    assert result.returncode == DONE
    assert len(result.stdout.splitlines()) == 1
    assert lines(result)[0]["job"]["state"] == "printing"


@pytest.mark.parametrize("recording", ["", "\n\n", '{"_event":"connected","t":0.1}\n', "[]\n"])
def test_nothing_received(recording):
    result = run("replay", "-", stdin=recording)
    assert result.returncode == DONE
    assert lines(result) == [NOTHING_HEARD]


def test_serial_name_and_model():
    result = run("replay", "--serial", "AK1", "--name", 'Left "one"', "--model", "e1", "-")
    last = lines(result)[0]
    assert (last["serial"], last["name"], last["model"]) == ("AK1", 'Left "one"', "E1")


@pytest.mark.parametrize(
    "model, remaining", [("m5", 90000), ("m5c", None), ("e1", 90000), (None, 90000)]
)
def test_times_by_model(model, remaining):
    options = ("--model", model) if model else ()
    result = run("replay", *options, "-", stdin='{"commandType":1001,"time":90000}')
    assert lines(result)[0]["job"]["remaining_s"] == remaining


def test_finish_as_a_time():
    notice = '[{"commandType":1001,"time":3600,"_t":1785253573},{"commandType":1000,"subType":1,"value":1}]'
    (job,) = [line["job"] for line in lines(run("replay", "--model", "m5", "-", stdin=notice))]
    assert (job["remaining_s"], job["remaining_estimated"]) == (3600, False)
    assert job["finish_at"] == "2026-07-28T16:46:13Z"


def schedule(t, **fields):
    return json.dumps({"commandType": 1001, **fields, "_t": t})


def jobs(result):
    return [event for event, _ in events(result) if event.startswith("job_")]


WHOLE = ["job_preparing", "job_started", "job_finished"]
BROKEN_OFF = ["job_preparing", "job_started", "job_stopped"]


@pytest.mark.parametrize(
    "model, progress, end, told",
    [
        ("m5", 10000, [4, 0], WHOLE),
        ("m5", 9900, [4, 0], WHOLE),
        ("m5", 5000, [0], BROKEN_OFF),
        ("m5c", 10000, [4], WHOLE),
        ("m5c", 10000, [4, 0], WHOLE),
        ("m5c", 10000, [], WHOLE),
        ("m5c", 5000, [4], BROKEN_OFF),
        ("m5c", 5000, [0], BROKEN_OFF),
    ],
)
@pytest.mark.parametrize("trigger", [None, 3, 4])
def test_each_job_ends_once_and_rightly(model, progress, end, told, trigger):
    recording = [state(0, 1), state(8, 3), state(1, 100), schedule(150, progress=4000, name="a", task_id="A")]
    recording += [schedule(200 + 3 * i, progress=progress, time=0, name="a", task_id="A") for i in range(15)]
    if trigger is not None:
        recording += [json.dumps({"commandType": 1068, "name": "a", "trigger": trigger, "_t": 250})]
    recording += [state(value, 251 + i) for i, value in enumerate(end)]
    # What comes late of it: state 1 without progress, and 1001 with its task.
    recording += [state(1, 300), schedule(305, progress=progress, task_id="A"), state(1, 360)]
    # The next one, which begins with the 100 % of the one before.
    recording += [state(8, 500), schedule(501, progress=10000, task_id="A"), schedule(503, progress=0, name="b", task_id="B")]
    recording += [state(1, 600), schedule(603, progress=200, name="b", task_id="B")]
    result = replay(*recording, options=("--model", model))
    assert jobs(result) == told + ["job_preparing", "job_started"]
    percents = [event["percent"] for event in lines(result)[:-1] if event["event"] == "progress"]
    assert percents == [40, progress // 100, 2]


def test_three_in_place_of_one_after_a_pause():
    recording = [state(0, 1), state(1, 9), schedule(10, progress=500, totalTime=60), state(2, 20)]
    recording += [state(3, 40), schedule(43, progress=520, totalTime=63), state(3, 46), state(4, 60)]
    assert jobs(replay(*recording, options=("--model", "m5"))) == [
        "job_started",
        "job_paused",
        "job_resumed",
        "job_finished",
    ]


def trouble(t, type_=1085, code="0xFF01030001", **fields):
    return json.dumps({"commandType": type_, "errorCode": code, **fields, "_t": t})


def test_errors_are_taken_back_by_their_code():
    result = replay(
        trouble(1, errorLevel="P1"),
        trouble(2, code="0xFF01030005", errorLevel="P0"),
        trouble(3, 1086, "0xFF0103FFFF"),
        trouble(4, 1086, "0xFF01030005"),
        trouble(5, 1086, "0xFF01030005"),
    )
    told = [(event["event"], event.get("code")) for event in lines(result)[1:-1]]
    assert told == [
        ("error", "0xFF01030001"),
        ("error", "0xFF01030005"),
        ("error_cleared", "0xFF01030005"),
    ]
    assert lines(result)[-1]["error"] == {
        "code": "0xFF01030001",
        "level": "P1",
        "text": "filament broken",
    }


def test_a_runout_is_reported_when_it_is_confirmed_and_stays():
    recording = [state(0, 1), state(1, 9), trouble(20), state(2, 25), trouble(27, 1086), state(2, 60)]
    result = replay(*recording, options=("--model", "m5"))
    assert [event for event, _ in events(result)][2:] == ["error", "job_paused", "alert", "error_cleared"]
    assert lines(result)[-1]["alert"] == {
        "source": "printer",
        "number": 6,
        "text": "the filament ran out or broke",
    }
    result = replay(*recording, state(1, 70), options=("--model", "m5"))
    assert [event for event, _ in events(result)][-2:] == ["job_resumed", "alert_cleared"]
    assert lines(result)[-1]["alert"] is None


def test_filament_is_the_share_of_an_estimate():
    notice = schedule(5, progress=2500, filamentUsed=8000, filamentUnit="mm")
    job = lines(run("replay", "-", stdin=notice))[0]["job"]
    assert (job["filament_estimated"], job["filament_used"], job["filament_unit"]) == (8000, 2000, "mm")


def test_times_of_events():
    result = replay(state(0, 1), state(8, 65.0), state(1, 188.108), state(2, "1e3"))
    assert [line for line in result.stdout.splitlines() if "job_" in line] == [
        '{"event":"job_preparing","t":65.0,"name":null,"task_id":null}',
        '{"event":"job_started","t":188.108,"name":null,"task_id":null}',
        '{"event":"job_paused","t":1000.0,"name":null,"task_id":null}',
    ]


def test_seen_at_where_times_are_unix_times():
    result = replay(state(0, 1785253573.25))
    assert lines(result)[-1]["seen_at"] == "2026-07-28T15:46:13Z"


def test_finished_and_stopped():
    progress = '{"commandType":1001,"progress":%d,"_t":20}'
    finished = replay(state(8, 3), state(1, 9), progress % 5000, progress % 10000, state(4, 23))
    assert ("job_finished", 23.0) in events(finished)
    assert lines(finished)[-1]["job"]["state"] == "finished"
    stopped = replay(state(8, 3), state(1, 9), progress % 9999, state(4, 23))
    assert ("job_stopped", 23.0) in events(stopped)
    assert lines(stopped)[-1]["job"]["state"] == "stopped"
    summary = '{"commandType":1068,"trigger":2,"_t":24}'
    summed_up = replay(state(8, 3), state(1, 9), progress % 9999, state(4, 23), summary)
    assert ("job_finished", 23.0) in events(summed_up)


def test_recording_without_times():
    result = replay(state(0), state(8), state(1), state(2), state(1), state(4))
    assert [event for event, _ in events(result)] == [
        "online",
        "job_preparing",
        "job_started",
        "job_paused",
        "job_resumed",
        "job_stopped",
    ]


def test_silence_of_an_m5c_is_offline():
    result = replay(state(0, 10), state(0, 100), options=("--model", "m5c"))
    assert events(result) == [("online", 10.0), ("offline", 40.0), ("online", 100.0)]


def test_silence_of_an_m5_says_nothing():
    for options in ((), ("--model", "m5"), ("--model", "e1")):
        assert events(replay(state(0, 10), state(0, 100), options=options)) == [("online", 10.0)]


def test_arrays_and_names_in_any_script():
    name = '立方体 "x" 🚀\\'
    notice = [
        {"commandType": 1001, "name": name, "_t": 5},
        {"commandType": 1000, "subType": 1, "value": 8},
    ]
    for ascii_only in (True, False):
        result = replay(json.dumps(notice, ensure_ascii=ascii_only))
        assert lines(result)[1]["name"] == name
        assert lines(result)[-1]["job"]["name"] == name


def test_damaged_lines_are_reported_and_the_rest_is_read(tmp_path):
    recording = tmp_path / "recording.jsonl"
    recording.write_text("\n".join([state(8, 1), '{"commandType":}', "7", state(1, 9)]))
    result = run("replay", "--events", recording)
    assert result.returncode == FAILED
    first, second = result.stderr.splitlines()
    assert f"{recording}:2:16: " in first
    assert f"{recording}:3:1: " in second
    assert [event for event, _ in events(result)] == ["online", "job_preparing", "job_started"]


def test_lines_are_bounded():
    long_line = '{"commandType":1005,"value":1,"x":"' + "x" * 1024 * 1024 + '"}'
    fitting = long_line.replace("x" * 100, "", 1)
    result = run("replay", "-", stdin=f"{long_line}\n{state(1)}\n")
    assert result.returncode == FAILED
    assert "standard input:1: a line of" in result.stderr
    last = lines(result)[0]
    assert (last["fan_percent"], last["job"]["state"]) == (None, "printing")
    result = run("replay", "-", stdin=fitting)
    assert result.returncode == DONE
    assert lines(result)[0]["fan_percent"] == 1


def test_no_such_file(tmp_path):
    missing = tmp_path / "missing.jsonl"
    result = run("replay", missing)
    assert result.returncode == FAILED
    assert str(missing) in result.stderr
    assert result.stdout == ""


def test_a_folder_is_no_recording(tmp_path):
    result = run("replay", tmp_path)
    assert result.returncode == FAILED
    assert str(tmp_path) in result.stderr


@pytest.mark.parametrize(
    "arguments",
    [(), ("a", "b"), ("--model", "m6", "-"), ("--serial", "a/b", "-"), ("--event", "-")],
)
def test_usage(arguments):
    result = run("replay", *arguments)
    assert result.returncode == USAGE
    assert result.stdout == ""
    assert result.stderr


E1_LIFE = [
    {"commandType": 1000, "status": {"state": 0, "step": 0}},
    {"commandType": 1000, "status": {"state": 2, "step": 4}},
    {"commandType": 1001, "name": "case.eufy", "progress": 2500, "time": 90, "totalTime": 30},
    {
        "commandType": 1100,
        "ink": {"leftInk": [9200, 8500, 7800, None, 6400, 5700], "distanceExpiration": [300, -4, None, 1, 2, 3]},
        "wasteInk": {"leftInk": [6200], "distanceExpiration": 88},
    },
    {"commandType": 1153, "version": "1.0", "attType": 3},
    {"commandType": 1118, "plateType": 4},
    {"commandType": 1600, "mode": 4, "delay": 60},
]


def test_an_e1_ends_with_its_state_and_ink(tmp_path):
    recording = tmp_path / "e1.jsonl"
    recording.write_text("".join(json.dumps({"_t": 10 * i, **part}) + "\n" for i, part in enumerate(E1_LIFE)))
    result = run("replay", "--events", recording)
    assert result.returncode == 0, result.stderr
    *events, last = [json.loads(line) for line in result.stdout.splitlines()]
    assert [event["event"] for event in events].count("job_started") == 1
    assert last["job"]["state"] == "printing"
    assert last["activity"] == {"name": "printing", "state": 2, "step": 4}
    assert [ink["remaining_percent"] for ink in last["ink"]] == [92.0, 85.0, 78.0, None, 64.0, 57.0]
    assert [ink["colour"] for ink in last["ink"]] == ["cyan", "magenta", "yellow", "black", "white", "gloss"]
    assert last["ink"][1]["days_left"] == -4
    assert last["waste"] == {"remaining_percent": 62.0, "days_left": 88, "expired": None}
    assert (last["accessory"]["name"], last["accessory"]["plate"]) == ("roll-to-film", "roll-to-film")
    assert last["purifier"] == {"name": "automatic", "mode": 4, "delay_s": 60}


def test_a_recording_behind_a_byte_order_mark():
    line = '{"commandType":1000,"subType":1,"value":0}\n'
    plain, marked = (run("replay", "-", stdin=mark + line) for mark in ("", "\ufeff"))
    assert plain.returncode == marked.returncode == DONE, marked.stderr
    assert lines(plain)[-1]["job"]["state"] == lines(marked)[-1]["job"]["state"] == "idle"
