# SPDX-License-Identifier: MIT
"""flagship wait: until something is so, with an exit status for each end."""

import json
import signal
import time

import pytest

from conftest import KEY
from process import Process
from program import CANNOT_CONNECT, DONE, FAILED, FLAGSHIP, NO_ANSWER, USAGE, environment, lines, run
from test_printers import LEFT, OTHER, RIGHT, store  # noqa: F401

INTERRUPTED = 130
SOON_S = 5  # of what never comes: to connect takes seconds on a slow machine
SOON = ("--timeout", str(SOON_S))
PRINTING = ("--model", "m5c", "--scenario", "print", "--at", "30")


def wait(*arguments, status=DONE, **changes):
    result = run("wait", *arguments, **changes)
    assert result.returncode == status, result.stdout + result.stderr
    return result


@pytest.fixture
def waiting(connection):
    """Starts `flagship wait` with these words and returns it once the printer was asked."""
    running = []

    def start(*words, serial=LEFT, **changes):
        process = Process(FLAGSHIP, "wait", "--json", *words, *connection(serial), env=environment(**changes), output="both")
        running.append(process)
        return process

    yield start
    for process in running:
        process.stop()


def ended(process, status):
    assert process.await_end() == status, process.log
    return json.loads(next(line for line in process.lines if line.startswith("{")))


def test_finished(simulate, connection, waiting):
    simulate(*connection(LEFT), "--model", "m5c", "--scenario", "print", "--at", "90", "--speed", "12")
    end = ended(waiting("finished"), DONE)
    assert (end["serial"], end["outcome"], end["condition"], end["detail"]) == (LEFT, "holds", "finished", None)
    assert end["state"]["serial"] == LEFT and end["ended_at"].endswith("Z") and end["elapsed_ms"] >= 0


def test_finished_after_a_stop_is_impossible(simulate, connection, waiting):
    printer = simulate(*connection(LEFT), *PRINTING)
    process = waiting("finished")
    printer.await_counts(lambda counts: counts["executed"].get("1027"))
    assert run("stop", "--force", *connection(LEFT)).returncode == DONE
    end = ended(process, FAILED)
    assert (end["outcome"], end["condition"]) == ("impossible", None) and "stopped" in end["detail"]


@pytest.mark.parametrize(("words", "detail"), [
    (["finished"], "no job is under way"), (["paused"], "no job is under way"), (["progress=50"], "no job is under way"),
    (["temperature"], "nothing is heated"), (["nozzle", "paused"], "it is not heated")])
def test_what_an_idle_printer_will_not_do(simulate, connection, words, detail):
    simulate(*connection(LEFT), "--model", "m5c")
    result = wait(*words, *connection(LEFT), status=FAILED)
    assert result.stdout == "" and f"printer {LEFT}: {detail}" in result.stderr


@pytest.mark.parametrize("words", [["idle"], ["online"], ["finished", "idle"], ["nozzle<=50"], ["bed=25", "nozzle>=10"]])
def test_what_holds_already(simulate, connection, words):
    simulate(*connection(LEFT), "--model", "m5")
    result = wait(*words, *connection(LEFT))
    assert result.stdout.startswith(f"{LEFT}: ") and result.stdout.count("\n") == 1 and result.stderr == ""


def test_paused_by_somebody_else(simulate, connection, waiting):
    printer = simulate(*connection(LEFT), *PRINTING)
    process = waiting("finished", "paused")
    printer.await_counts(lambda counts: counts["executed"].get("1027"))
    assert run("pause", *connection(LEFT)).returncode == DONE
    assert ended(process, DONE)["condition"] == "paused"


def test_error(simulate, connection, waiting):
    simulate(*connection(LEFT), "--model", "m5c", "--scenario", "error", "--at", "5", "--speed", "100")
    end = ended(waiting("error", "--timeout", "25"), DONE)
    assert end["condition"] == "error"


def test_a_temperature(simulate, connection, waiting):
    simulate(*connection(LEFT), "--model", "m5c", "--speed", "20")
    process = waiting("nozzle>=100")
    assert run("temp", "nozzle", "200", *connection(LEFT)).returncode == DONE
    end = ended(process, DONE)
    assert end["condition"] == "nozzle>=100" and end["state"]["nozzle"]["current_c"] >= 100
    assert ended(waiting("nozzle"), DONE)["state"]["nozzle"]["current_c"] >= 198


def test_progress(simulate, connection, waiting):
    simulate(*connection(LEFT), *PRINTING, "--speed", "200")
    assert ended(waiting("progress=32"), DONE)["state"]["job"]["progress_percent"] >= 32


def test_time_is_up(simulate, connection):
    simulate(*connection(LEFT), *PRINTING)
    started = time.monotonic()
    result = wait("finished", *SOON, *connection(LEFT), status=FAILED)
    assert SOON_S <= time.monotonic() - started and "did not come true in time" in result.stderr


def test_nobody_answers(connection):
    result = wait("finished", *SOON, *connection(LEFT), status=NO_ANSWER)
    assert f"no answer within {SOON_S} s" in result.stderr and result.stdout == ""
    assert wait("finished", "offline", *SOON, *connection(LEFT)).stdout == f"{LEFT}: offline\n"


def test_no_broker(connection):
    wait("idle", *connection(LEFT, url="mqtts://localhost:1"), status=CANNOT_CONNECT)


def test_a_printer_that_comes(simulate, connection, waiting):
    process = waiting("online", "--timeout", "20", TZ="UTC")
    simulate(*connection(LEFT), "--model", "m5c")
    assert ended(process, DONE)["condition"] == "online"


def test_ctrl_c(simulate, connection):
    printer = simulate(*connection(LEFT), *PRINTING)
    process = Process(FLAGSHIP, "wait", "finished", *connection(LEFT), env=environment())
    printer.await_counts(lambda counts: counts["executed"].get("1027"))
    process.signal(signal.SIGINT)
    assert process.await_end() == INTERRUPTED


def test_several(store, connection, simulate):  # noqa: F811
    simulate(*connection(LEFT), "--model", "m5c")
    simulate(*connection(RIGHT), *PRINTING)
    assert store.run("wait", "idle").returncode == USAGE
    result = store.run("wait", "idle", "--json", "-p", "left,right", *SOON)
    assert result.returncode == FAILED
    assert [(end["name"], end["outcome"]) for end in lines(result)] == [("Left", "holds"), ("Right", "timeout")]
    result = store.run("wait", "idle", "--any", "-p", "left,right")
    assert result.returncode == DONE and result.stdout == f"Left ({LEFT}): idle\n"
    assert store.run("wait", "idle", "-p", f"left,{OTHER}", *SOON).returncode == NO_ANSWER


def test_exec(simulate, connection, tmp_path):
    simulate(*connection(LEFT), *PRINTING)
    told = tmp_path / "told"
    result = wait("printing", "--exec", f'printf "%s\\n" "$FLAGSHIP_EVENT" "$FLAGSHIP_SERIAL" "$FLAGSHIP_STATE" "${{FLAGSHIP_KEY-none}}" >{told}; '
                  "echo heard", *connection(LEFT), FLAGSHIP_KEY=KEY)
    assert told.read_text().splitlines() == ["printing", LEFT, "printing", "none"]
    assert "heard" in result.stderr and "heard" not in result.stdout


@pytest.mark.parametrize(("words", "told"), [
    ([], "say what for"), (["finnished"], "did you mean finished?"), (["nozzle="], "takes a number"), (["nozzle=hot"], "takes a number"),
    (["paused=1"], "takes no value"), (["progress"], "say how much"), (["layer>=-1"], "takes a number"), (["idle", "x"], "nothing to wait for"),
    (["bed=1e9"], "takes a number"), ([""], "nothing to wait for")])
def test_usage(connection, words, told):
    result = wait(*words, *connection(LEFT), status=USAGE)
    assert told in result.stderr and result.stdout == ""
