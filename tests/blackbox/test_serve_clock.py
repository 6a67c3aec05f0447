# SPDX-License-Identifier: MIT
"""flagship serve runs on while the clock on the wall is put forward or back by an hour, or its machine sleeps for one. Ages
and limits stay true, what waits goes on, and what happened is dated by the clock as it is then."""

import itertools
import time

import pytest

from accounts_home import Home
from fake_printer import FakePrinter
from conftest import KEY
from gateway import Gateway
from guarded import Guarded
from process import until
from shifted_clock import HOUR_S, ShiftedClock
from test_clock import NEAR_S, PRINTING, STEPS, is_dated, unix_s
from test_serve import keep_printers
from test_serve_stream_ends import STREAMS
from test_status import BED, IDLE, NOZZLE, says

NUMBERS = itertools.count()
JUMPS = pytest.mark.parametrize(("change", "seconds"), [("step", HOUR_S), ("step", -HOUR_S), ("sleep", HOUR_S)], ids=["forward", "back", "asleep"])
HALF_AN_HOUR_S = 1800


@pytest.fixture
def clock(tmp_path):
    return ShiftedClock(tmp_path)


@pytest.fixture
def serial():
    return f"SERVECLOCK{next(NUMBERS)}"


@pytest.fixture
def gateway(tmp_path, broker, authority, clock, serial):
    home = Home(tmp_path)
    keep_printers(home, broker, authority, {"Left": serial, "Right": serial + "R"})
    with Gateway(home, **clock.environment) as running:
        yield running


@pytest.fixture
def left(gateway, simulate, connection, serial):
    """It prints, and the gateway shows it."""
    printer = simulate(*connection(serial), *PRINTING, "--speed", "10")
    gateway.await_get("/printers/Left", lambda shown: shown["online"] and shown["job"] and shown["job"]["state"] == "printing")
    gateway.await_get("/jobs", lambda jobs: jobs)
    return printer


@pytest.fixture
def slow(gateway, simulate, connection, serial):
    """It answers after two seconds."""
    printer = simulate(*connection(serial), *PRINTING, "--fault", "late-replies=2")
    gateway.await_get("/printers/Left", lambda shown: shown["online"] and shown["job"] and shown["job"]["state"] == "printing")
    return printer


def jump(clock, change, seconds):
    getattr(clock, change)(seconds)


def events_of(gateway):
    return [entry["kind"] for entry in gateway.get("/history") if entry["type"] == "event"]


# --- what there is ---


@JUMPS
def test_ages_stay_true_and_nobody_is_offline(gateway, left, clock, change, seconds):
    jump(clock, change, seconds)
    # What was not said again since a sleep is as old as that; what the printer says as it prints, it says again.
    shown = gateway.await_get("/printers/Left", lambda shown: is_dated(shown["seen_at"], clock) and shown["age_s"]["nozzle"] < NEAR_S)
    assert shown["online"] and min(age for age in shown["age_s"].values() if age is not None) >= 0
    left_s = unix_s(shown["job"]["finish_at"]) - unix_s(shown["seen_at"])
    assert abs(left_s - shown["job"]["remaining_s"]) < NEAR_S
    assert "offline" not in events_of(gateway)


def test_a_sleep_is_part_of_an_age(gateway, clock, serial, broker, authority):
    printer = FakePrinter(serial, broker.port, authority.certificate, KEY)
    try:
        printer.answer = says([IDLE, NOZZLE, BED])
        gateway.await_get("/printers/Left", lambda shown: shown["online"])
        printer.answer = None
        clock.sleep(HOUR_S)
        gateway.await_get("/printers/Left", lambda shown: not shown["online"] and HOUR_S <= shown["age_s"]["nozzle"] < HOUR_S + NEAR_S)
    finally:
        printer.stop()


# --- what waits ---


@STEPS
def test_a_command_ends_confirmed(gateway, slow, clock, step_s):
    status, headers, asked = gateway.ask("POST", "/printers/Left/commands", {"command": "bed", "target_c": 64}, {"Prefer": "respond-async"})
    assert (status, asked["outcome"]) == (202, None)
    clock.step(step_s)
    ended = gateway.await_get(headers["Location"].removeprefix("/api/v1"), lambda command: command["outcome"])
    assert ended["outcome"] == "confirmed"


@JUMPS
def test_a_command_that_nobody_hears_ends_in_its_time(gateway, left, clock, change, seconds):
    asked = gateway.ask("POST", "/printers/Right/commands", {"command": "rename", "name": "Other", "timeout_s": 2}, {"Prefer": "respond-async"})[2]
    jump(clock, change, seconds)
    ended = gateway.await_get(f"/commands/{asked['id']}", lambda command: command["outcome"])
    assert ended["outcome"] == "unanswered"


# --- what happened ---


@STEPS
def test_history_is_dated_by_the_clock_as_it_is(gateway, left, clock, step_s):
    assert gateway.submit("Left", {"command": "bed", "target_c": 61})[1]["outcome"] == "confirmed"
    before_s = gateway.get("/jobs")[0]["duration_s"]
    clock.step(step_s)
    assert gateway.submit("Left", {"command": "stop"})[1]["outcome"] == "confirmed"
    job = gateway.await_get("/jobs", lambda jobs: jobs[0]["outcome"] == "cancelled")[0]
    assert is_dated(job["ended_at"], clock) and 0 <= job["duration_s"] - before_s < NEAR_S
    stop, bed = [entry for entry in gateway.get("/history") if entry["type"] == "command"]
    assert (stop["kind"], bed["kind"]) == ("stop", "bed"), "the newest first"
    assert is_dated(stop["t"], clock) and not is_dated(bed["t"], clock)


def is_near(unix, clock):
    return abs(unix - (time.time() + clock.stepped_s)) < NEAR_S


@STEPS
def test_temperatures_go_on(gateway, left, clock, step_s):
    gateway.await_get("/printers/Left/temperatures?from=2h", lambda series: series["points"])
    clock.step(step_s)
    gateway.await_get("/printers/Left/temperatures?from=30m", lambda series: series["points"] and is_near(series["points"][-1]["t"], clock))


# --- who may ---


@STEPS
def test_sessions_are_as_long_as_they_are(tmp_path, clock, step_s):
    with Guarded(tmp_path, clock=clock) as gateway:
        gateway.owner("PATCH", "/settings", {"session_idle_s": HALF_AN_HOUR_S, "session_max_s": HALF_AN_HOUR_S}, expected=200)
        browser = gateway.browser("operator")
        clock.step(step_s)
        assert browser.send("GET", "/session").json["user"] == "operator"
        # It has not become longer, either.
        clock.sleep(HALF_AN_HOUR_S)
        assert browser.send("GET", "/session").status == 401


def key_with_end(gateway):
    made = gateway.owner("POST", "/keys", {"name": "wall", "role": "viewer", "expires_in_s": HALF_AN_HOUR_S}, expected=201).json
    return {"X-Api-Key": made["key"]}


def test_a_key_ends_by_the_clock_on_the_wall(tmp_path, clock):
    """Its end is a date: a clock that was wrong when the key was made would let it live for years."""
    with Guarded(tmp_path, clock=clock) as gateway:
        key = key_with_end(gateway)
        stream = STREAMS["events"](gateway, key)
        assert stream.is_open()
        clock.step(HOUR_S)
        stream.await_end()
        assert gateway.send("GET", "/session", headers=key).status == 401


def test_a_key_that_goes_on_when_the_clock_is_put_back_ends_later(tmp_path, clock):
    with Guarded(tmp_path, clock=clock) as gateway:
        key = key_with_end(gateway)
        clock.step(-HOUR_S)
        assert gateway.send("GET", "/session", headers=key).status == 200
        clock.sleep(HOUR_S)
        assert gateway.send("GET", "/session", headers=key).status == 200
        clock.sleep(HALF_AN_HOUR_S)
        until(lambda: gateway.send("GET", "/session", headers=key).status == 401)
