# SPDX-License-Identifier: MIT
"""flagship monitor --events, --exec and --record: what happens, live, and kept for flagship replay."""

import json
import re
import stat

import pytest

from conftest import KEY
from fake_printer import FakePrinter
from process import Process, until
from program import DONE, FAILED, FLAGSHIP, USAGE, environment, lines, run
from test_printers import LEFT, RIGHT, store  # noqa: F401
from test_status import BED, IDLE, JOB, NOZZLE, PRINTING, says

ERROR = {"commandType": 1085, "errorCode": "0xFF01030001", "errorLevel": "P0"}
EVENTS = ("monitor", "--events")


@pytest.fixture
def printer(broker, authority):
    fake = FakePrinter(LEFT, broker.port, authority.certificate, KEY)
    fake.answer = says([IDLE, NOZZLE, BED])
    yield fake
    fake.stop()


def test_events_are_those_of_a_replay_and_say_of_whom(store, printer, tmp_path):  # noqa: F811
    recording = tmp_path / "recording"
    process = Process(FLAGSHIP, *EVENTS, "--record", recording, "-p", "left", env=environment(HOME=store.folder), output="stdout")
    process.await_lines(lambda seen: len(seen) == 1)
    for payload in ({"commandType": 1000, "subType": 1, "value": 8}, PRINTING, dict(JOB, progress=4000), dict(JOB, progress=4100), ERROR):
        printer.publish(payload)
    seen = process.await_lines(lambda seen: any('"event":"error"' in line for line in seen))
    assert process.stop() == DONE
    live = [json.loads(line) for line in seen]
    assert {"online", "job_preparing", "job_started", "progress", "error"} <= {event["event"] for event in live}
    for event in live:
        assert (event.pop("serial"), event.pop("printer_name")) == (LEFT, "Left")
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", event.pop("happened_at"))
        event.pop("t")
    replayed = [event for event in lines(run("replay", "--events", recording)) if "event" in event]
    for event in replayed:
        event.pop("t")
    assert replayed == live


def test_of_several_printers(store, connection, simulate):  # noqa: F811
    for serial in (LEFT, RIGHT):
        simulate(*connection(serial), "--model", "m5c")
    result = store.run(*EVENTS, "-p", "left,right", "--count", "2")
    assert result.returncode == DONE
    assert {(event["event"], event["printer_name"]) for event in lines(result)} == {("online", "Left"), ("online", "Right")}


def test_only_some(store, printer):  # noqa: F811
    process = Process(FLAGSHIP, *EVENTS, "--only", "error,job_paused", "--only", "job_started", "--count", "2", "-p", "left",
                      env=environment(HOME=store.folder), output="stdout")
    printer.await_received(1)
    printer.publish({"commandType": 1000, "subType": 1, "value": 8})
    printer.publish(PRINTING)
    printer.publish(ERROR)
    assert process.await_end() == DONE
    assert [json.loads(line)["event"] for line in process.lines] == ["job_started", "error"]


# --- --exec ---


def exec_on(store, printer, command, *payloads, **changes):  # noqa: F811
    """Runs the command on the events of these payloads, of which the last is an error."""
    process = Process(FLAGSHIP, *EVENTS, "--exec", command, "-p", "left", env=environment(HOME=store.folder, **changes), output="both")
    printer.await_received(1)
    for payload in payloads:
        printer.publish(payload)
    process.await_text('"event":"error"')
    return process


def test_commands_run_in_the_order_of_events(store, printer, tmp_path):  # noqa: F811
    told = tmp_path / "told"
    command = f'sleep 0.05; printf "%s|%s|%s|%s\\n" "$FLAGSHIP_EVENT" "$FLAGSHIP_PRINTER" "$FLAGSHIP_SERIAL" "$FLAGSHIP_JOB" >>{told}'
    process = exec_on(store, printer, command, {"commandType": 1000, "subType": 1, "value": 8}, PRINTING, JOB, ERROR)
    until(lambda: told.exists() and "error|" in told.read_text(), lambda: process.log)
    heard = [json.loads(line)["event"] for line in process.lines if line.startswith("{")]
    assert [line.split("|")[0] for line in told.read_text().splitlines()] == heard
    assert f"error|Left|{LEFT}|b\ufffdoat.gcode" in told.read_text()
    assert process.stop() == DONE


def test_what_printers_say_is_never_a_command(store, printer, tmp_path):  # noqa: F811
    told, hurt = tmp_path / "told", tmp_path / "hurt"
    name = f"`exit 9`$(touch {hurt})'\"; exit 9\n"
    process = exec_on(store, printer, f'printf %s "$FLAGSHIP_JOB" >{told}.$FLAGSHIP_EVENT', {"commandType": 1000, "subType": 1, "value": 8},
                      dict(JOB, name=name), ERROR)
    path = tmp_path / "told.error"
    until(lambda: path.exists() and path.read_text(), lambda: process.log)
    assert path.read_text() == name.replace("\n", "\ufffd") and not hurt.exists()
    assert process.stop() == DONE


def test_a_command_knows_no_secrets_and_holds_no_connection(store, printer, tmp_path):  # noqa: F811
    told = tmp_path / "online"  # of each event another file
    command = f'{{ env; ls -l /proc/self/fd; }} >{tmp_path}/new 2>&1; mv {tmp_path}/new {tmp_path}/$FLAGSHIP_EVENT'
    process = exec_on(store, printer, command, ERROR, FLAGSHIP_KEY=KEY, FLAGSHIP_OTHER="x")
    until(told.exists, lambda: process.log)
    text = told.read_text()
    assert KEY not in text and "FLAGSHIP_OTHER" not in text and "socket:" not in text and "FLAGSHIP_EVENT=online" in text
    assert process.stop() == DONE


def test_a_failure_is_reported_and_nothing_ends(store, printer):  # noqa: F811
    process = exec_on(store, printer, "echo said; exit 3", ERROR)
    process.await_text("the command ended with exit status 3")
    assert process.stop() == DONE
    assert "said" in process.log


def test_the_command_of_the_last_event_is_still_run(store, printer, tmp_path):  # noqa: F811
    told = tmp_path / "told"
    result = store.run(*EVENTS, "--count", "1", "-p", "left", "--exec", f"sleep 0.3; touch {told}")
    assert result.returncode == DONE and told.exists()


def test_ctrl_c_ends_the_command(store, printer, tmp_path):  # noqa: F811
    begun = tmp_path / "begun"
    process = Process(FLAGSHIP, *EVENTS, "-p", "left", "--exec", f"touch {begun}; sleep 30", env=environment(HOME=store.folder), output="stdout")
    until(begun.exists, lambda: process.log)
    assert process.stop() == DONE


# --- --record ---


def record(store, path, *options, name="right"):  # noqa: F811
    return store.run("monitor", "--json", "-p", name, "--record", path, *options, "--for", "3")


def test_a_recording_is_for_its_owner_alone_and_not_overwritten(store, connection, simulate, tmp_path):  # noqa: F811
    simulate(*connection(RIGHT), "--model", "m5c", "--scenario", "print", "--at", "20")
    path = tmp_path / "recording"
    assert record(store, path).returncode == DONE
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    before = path.read_bytes()
    result = record(store, path)
    assert result.returncode == FAILED and "--overwrite" in result.stderr and path.read_bytes() == before
    path.chmod(0o644)
    assert record(store, path, "--overwrite").returncode == DONE
    assert path.read_bytes() != before and stat.S_IMODE(path.stat().st_mode) == 0o600
    # The model is in it, so that times count as an M5C's.
    head, *rest = [json.loads(line) for line in path.read_text().splitlines()]
    assert (head["_event"], head["_model"], head["_serial"], head["_name"]) == ("recording", "M5C", RIGHT, "Right")
    assert all((line[0] if isinstance(line, list) else line)["_t"] > 1.7e9 for line in rest)
    (state,) = lines(run("replay", path))
    (live,) = lines(store.run("status", "--json", "-p", "right"))
    assert state["model"] == "M5C" and state["seen_at"].startswith("20")
    assert abs(state["job"]["remaining_s"] - live["job"]["remaining_s"]) < 60


def test_a_redacted_recording(store, printer, tmp_path):  # noqa: F811
    path = tmp_path / "recording"
    process = Process(FLAGSHIP, "monitor", "--json", "-p", "left", "--record", path, "--redact", env=environment(HOME=store.folder), output="stdout")
    printer.await_received(1)
    told = {"commandType": 1044, "filePath": "/usr/data/local/model/my secret boat.gcode", "userId": 2379577, "userName": "anne", "Left": "Left",
            "ext": f"of {LEFT}", "n": "12", "filamentUnit": "mm"}
    printer.publish(told)
    printer.publish([dict(JOB, name="my secret boat.gcode"), dict(JOB, name="other boat.gcode"), dict(JOB, name="my secret boat.gcode")])
    process.await_text("other boat")
    assert process.stop() == DONE
    text = path.read_text()
    for secret in ("secret", "boat", "anne", LEFT, "Left", "2379577"):
        assert secret not in text, secret
    recorded = [json.loads(line) for line in text.splitlines()]
    assert (recorded[0]["_serial"], recorded[0]["_name"], recorded[0]["_redacted"]) == (None, None, True)
    (file,) = [line for line in recorded if isinstance(line, dict) and line.get("commandType") == 1044]
    assert (file["n"], file["filamentUnit"], file["userId"]) == ("12", "mm", "(hidden)")
    # Others of the printer's may come behind them.
    (told,) = [line for line in recorded if isinstance(line, list) and "name" in line[0]]
    names = [job["name"] for job in told]
    assert names[0] == names[2] != names[1] and all(re.fullmatch(r"text-\d+\.gcode", name) for name in names)
    assert lines(run("replay", path))[0]["job"]["name"] in names


def test_a_full_disk_ends_the_recording(store, printer):  # noqa: F811
    result = record(store, "/dev/full", "--overwrite", name="left")
    assert result.returncode == FAILED and "/dev/full" in result.stderr


@pytest.mark.parametrize(("words", "told"), [
    (["--exec", "true"], "go with --events"), (["--only", "error"], "go with --events"), (["--events", "--raw"], "give one"),
    (["--redact"], "go with --record"), (["--overwrite"], "go with --record"), (["--events", "--only", "error,jobs"], "no event 'jobs'"),
    (["--record", "x", "-p", "left,right"], "of one printer")])
def test_usage(store, words, told):  # noqa: F811
    result = store.run("monitor", *words)
    assert result.returncode == USAGE and told in result.stderr
