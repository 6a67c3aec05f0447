# SPDX-License-Identifier: MIT
"""Programs that run on while the clock on the wall is put forward or back by an hour, or the machine sleeps for one. Ages
stay true, what waits goes on, and what is dated is dated by the clock as it is then."""

import datetime
import itertools
import json
import re
import time

import pytest

from fake_printer import FakePrinter
from conftest import KEY
from process import Process
from program import DONE, FLAGSHIP, environment
from screen import Screen
from shifted_clock import HOUR_S, ShiftedClock
from terminal import Terminal
from test_status import BED, IDLE, NOZZLE, says

NUMBERS = itertools.count()
PRINTING = ("--model", "m5", "--scenario", "print", "--at", "20")
STEPS = pytest.mark.parametrize("step_s", [HOUR_S, -HOUR_S], ids=["forward", "back"])
NEAR_S = 60  # of a busy machine; the clock moves by an hour


@pytest.fixture
def serial():
    return f"CLOCK{next(NUMBERS)}"


@pytest.fixture
def options(serial, connection):
    return connection(serial)


@pytest.fixture
def clock(tmp_path):
    return ShiftedClock(tmp_path)


def unix_s(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


def is_dated(text, clock):
    """By the clock on the wall as it is now."""
    return abs(unix_s(text) - (time.time() + clock.stepped_s + clock.slept_s)) < NEAR_S


def start(clock, *words, **more):
    return Process(FLAGSHIP, *words, env=environment(**clock.environment), output="stdout", **more)


def later(process, condition, done=lambda line: True):
    """The first line from now on for which the condition holds."""
    before = len(process.log.splitlines())
    seen = process.await_lines(lambda seen: any(condition(line) for line in seen[before:]))
    return next(line for line in seen[before:] if condition(line))


# --- ages ---


@STEPS
def test_status_shows_true_ages(simulate, options, clock, step_s):
    simulate(*options, *PRINTING, "--speed", "30")
    status = start(clock, "status", "--watch", "--json", *options)
    status.await_lines(lambda seen: len(seen) >= 2)
    clock.step(step_s)
    # What was read before the step may be printed after it.
    state = json.loads(later(status, lambda line: is_dated(json.loads(line)["seen_at"], clock)))
    assert state["online"]
    assert all(0 <= age < NEAR_S for age in state["age_s"].values() if age is not None)
    left_s = unix_s(state["job"]["finish_at"]) - (time.time() + step_s)
    assert abs(left_s - state["job"]["remaining_s"]) < NEAR_S
    assert status.stop() == DONE


@STEPS
def test_top_shows_true_ages(simulate, options, serial, clock, step_s):
    simulate(*options, *PRINTING)
    with Screen(FLAGSHIP, "top", *options, LANG="C.UTF-8", **clock.environment) as top:
        top.await_line(serial, "printing", "%")
        clock.step(step_s)
        hour = time.strftime("%H:", time.localtime(time.time() + step_s))

        def shows_the_hour(lines):
            return re.search(rf"\b{hour}\d\d:\d\d\b", lines[0])

        top.await_screen(shows_the_hour, "the clock that was put")
        row = next(line for line in top.lines() if serial in line and "printing" in line)
        assert re.search(r"(now|\b\d?\d s)\s*$", row), row
        top.press("q")
        assert top.await_end() == DONE


def test_a_sleep_is_part_of_an_age(options, serial, broker, authority, clock):
    """Nothing was heard in it: the age is an hour, however the machine slept."""
    printer = FakePrinter(serial, broker.port, authority.certificate, KEY)
    try:
        printer.answer = says([IDLE, NOZZLE, BED])
        with Screen(FLAGSHIP, "top", *options, LANG="C.UTF-8", **clock.environment) as top:
            top.await_line(serial, "now")
            printer.answer = None
            clock.sleep(HOUR_S)
            top.await_line(serial, "1h")
    finally:
        printer.stop()


# --- what waits ---


@pytest.mark.parametrize(("change", "seconds"), [("step", HOUR_S), ("step", -HOUR_S), ("sleep", HOUR_S)],
                         ids=["forward", "back", "asleep"])
def test_temp_goes_on(simulate, options, clock, change, seconds):
    simulate(*options, "--model", "m5", "--speed", "25")
    with Terminal("temp", "nozzle", "200", "--wait", *options, **clock.environment) as terminal:
        terminal.await_text("nozzle [")
        getattr(clock, change)(seconds)
        seen, status = terminal.await_end()
    assert status == DONE, seen
    assert "has reached its target" in seen and "not heard of" not in seen
    assert not re.search(r"\d h|[4-9]\d min", seen), "the time that is left"


@STEPS
def test_wait_goes_on(simulate, options, clock, step_s):
    simulated = simulate(*options, *PRINTING, "--speed", "20")
    wait = start(clock, "wait", "progress=30", "--json", *options)
    simulated.await_counts(lambda counts: counts["received"] > 0)
    clock.step(step_s)
    assert wait.await_end(30) == DONE, wait.log
    (end,) = [json.loads(line) for line in wait.lines]
    assert is_dated(end["ended_at"], clock) and is_dated(end["state"]["seen_at"], clock)
    assert 0 <= end["elapsed_ms"] < NEAR_S * 1000


@STEPS
def test_a_command_ends_confirmed(simulate, options, clock, step_s):
    simulated = simulate(*options, *PRINTING, "--speed", "20", "--fault", "late-replies=2")
    pause = start(clock, "pause", "--json", *options)
    simulated.await_counts(lambda counts: counts["received"] > 0)
    clock.step(step_s)
    assert pause.await_end() == DONE, pause.log
    (line,) = [json.loads(line) for line in pause.lines]
    assert line["outcome"] == "confirmed" and 0 <= line["elapsed_ms"] < NEAR_S * 1000


# --- dates ---


@STEPS
def test_monitor_dates_by_the_clock_as_it_is(simulate, options, clock, step_s):
    simulate(*options, *PRINTING, "--speed", "20")
    monitor = start(clock, "monitor", "--json", *options)
    monitor.await_lines(lambda seen: len(seen) >= 2)
    assert is_dated(json.loads(monitor.lines[0])["heard_at"], clock)
    clock.step(step_s)
    later(monitor, lambda line: is_dated(json.loads(line)["heard_at"], clock))
    assert monitor.stop() == DONE


@STEPS
def test_events_are_dated_likewise_and_none_is_made_up(simulate, options, clock, step_s):
    simulate(*options, *PRINTING, "--speed", "60")
    events = start(clock, "monitor", "--events", *options)
    events.await_lines(lambda seen: any('"progress"' in line for line in seen))
    clock.step(step_s)
    event = json.loads(later(events, lambda line: is_dated(json.loads(line)["happened_at"], clock)))
    assert abs(event["t"] - unix_s(event["happened_at"])) < 1
    assert not any(name in events.log for name in ('"offline"', '"job_stopped"', '"job_finished"'))
    assert events.stop() == DONE


def test_a_sleep_makes_nobody_offline(simulate, options, clock):
    """Who was not heard of because this machine slept gets a chance to be heard."""
    simulate(*options, *PRINTING, "--speed", "60")
    events = Process(FLAGSHIP, "monitor", "--events", *options, env=environment(**clock.environment), output="both")
    events.await_lines(lambda seen: any('"progress"' in line for line in seen))
    clock.sleep(HOUR_S)
    # The broker would have ended the connection meanwhile.
    events.await_text("connected again")
    later(events, lambda line: '"progress"' in line and is_dated(json.loads(line)["happened_at"], clock))
    assert '"offline"' not in events.log
    assert events.stop() == DONE
