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
        "layer": None,
        "layers": None,
        "speed_mm_s": None,
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
    assert last["job"] == {
        "state": "printing",
        "name": "example_model_0.2mm_PLA_Anker_M5C.gcode",
        "progress_percent": 69.15,
        "elapsed_s": 628,
        "remaining_s": 389,
        "layer": 29,
        "layers": 43,
        "speed_mm_s": 300,
        "filament_used": 0,
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
def test_nothing_heard(recording):
    result = run("replay", "-", stdin=recording)
    assert result.returncode == DONE
    assert lines(result) == [NOTHING_HEARD]


def test_serial_name_and_model():
    result = run("replay", "--serial", "AK1", "--name", 'Left "one"', "--model", "e1", "-")
    last = lines(result)[0]
    assert (last["serial"], last["name"], last["model"]) == ("AK1", 'Left "one"', "E1")


@pytest.mark.parametrize(
    "model, remaining", [("m5", 90000), ("m5c", 90), ("e1", 90000), (None, 90000)]
)
def test_times_by_model(model, remaining):
    options = ("--model", model) if model else ()
    result = run("replay", *options, "-", stdin='{"commandType":1001,"time":90000}')
    assert lines(result)[0]["job"]["remaining_s"] == remaining


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
    finished = replay(state(8, 3), state(1, 9), progress % 10000, state(4, 23))
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


def test_damaged_lines_are_told_and_the_rest_is_read(tmp_path):
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
