# SPDX-License-Identifier: MIT
"""What flagship serve remembers: jobs, events, commands, temperatures."""

import csv
import io
import json
import os
import signal
import sqlite3
import stat
import time

import pytest

from gateway import Gateway
from process import DEADLINE_S
from program import DONE
from test_serve import keep_printers

SERIAL = "HISTORY1"
NEARLY_DONE = ("--model", "m5", "--scenario", "print", "--at", "97", "--speed", "30")
HALF_DONE = ("--model", "m5", "--scenario", "print", "--at", "40")


@pytest.fixture
def one(home, broker, authority):
    """A home with one printer, whose name is Left."""
    keep_printers(home, broker, authority, {"Left": SERIAL})
    return home


def database_of(home):
    return home.folder / ".local/state/flagship/serve/history.db"


def await_answer(gateway, path, condition):
    """What GET path answers, once that holds of it."""
    deadline = time.monotonic() + DEADLINE_S
    while not condition(answer := gateway.get(path)):
        assert time.monotonic() < deadline, f"waited in vain: {answer}"
    return answer


def await_job(gateway, outcome):
    return await_answer(gateway, "/jobs", lambda jobs: any(job["outcome"] == outcome for job in jobs))[0]


def rows(home, table):
    with sqlite3.connect(database_of(home)) as database:
        return database.execute(f"SELECT count(*) FROM {table}").fetchone()[0]


# --- jobs ---


def test_a_job_that_is_printed_to_the_end(one, connection, simulate):
    with Gateway(one) as gateway:
        assert gateway.get("/jobs") == []
        simulate(*connection(SERIAL), *NEARLY_DONE)
        job = await_job(gateway, "finished")
        assert (job["printer"], job["printer_name"], job["reason"]) == (SERIAL, "Left", None)
        assert job["file"] and job["progress_percent"] == 100 and job["ended_at"] >= job["begun_at"] and job["duration_s"] >= 0
        assert job["filament_used"] > 0 and job["filament_unit"] == "mm"
        assert gateway.get(f"/jobs/{job['id']}") == job
        kinds = [entry["kind"] for entry in gateway.get("/history?printer=Left&type=event") if entry["job"] == job["id"]]
        assert "job_finished" in await_answer(gateway, "/history", lambda entries: "job_finished" in [e["kind"] for e in entries])[0]["kind"] or kinds


def test_a_job_that_is_stopped_here(one, connection, simulate):
    with Gateway(one) as gateway:
        simulate(*connection(SERIAL), *HALF_DONE)
        going_on = await_job(gateway, "going_on")
        assert going_on["ended_at"] is None
        assert gateway.submit("Left", {"command": "stop"})[0] == 200
        job = await_job(gateway, "cancelled")
        assert (job["id"], job["reason"]) == (going_on["id"], "stopped by api") and 40 <= job["progress_percent"] < 100


def test_a_job_that_failed(one, connection, simulate):
    with Gateway(one) as gateway:
        simulate(*connection(SERIAL), "--model", "m5", "--scenario", "error", "--at", "29", "--speed", "20")
        await_answer(gateway, "/history", lambda entries: any(entry["kind"] == "job_paused" for entry in entries))
        stopped = one.run("stop", "-p", "Left")
        assert stopped.returncode == DONE, stopped.stderr
        job = await_job(gateway, "failed")
        assert "ilament" in job["reason"]


def test_a_restart_goes_on_with_the_same_job(one, connection, simulate):
    simulate(*connection(SERIAL), *HALF_DONE)
    with Gateway(one) as gateway:
        before = await_answer(gateway, "/jobs", lambda jobs: jobs and jobs[0]["file"] and jobs[0]["progress_percent"])[0]
    with Gateway(one) as gateway:
        gateway.await_text("a job goes on")
        assert gateway.submit("Left", {"command": "stop"})[0] == 200
        after = await_job(gateway, "cancelled")
        assert after["id"] == before["id"] and after["begun_at"] == before["begun_at"]
        assert len(gateway.get("/jobs")) == 1


def test_another_job_after_a_restart(one, connection, simulate):
    printer = simulate(*connection(SERIAL), *HALF_DONE)
    with Gateway(one) as gateway:
        before = await_answer(gateway, "/jobs", lambda jobs: jobs and jobs[0]["file"] and jobs[0]["progress_percent"])[0]
    printer.stop()
    simulate(*connection(SERIAL), "--model", "m5", "--scenario", "print", "--at", "10", "--seed", "7")
    with Gateway(one) as gateway:
        jobs = await_answer(gateway, "/jobs", lambda jobs: len(jobs) == 2)
        assert [job["outcome"] for job in jobs] == ["going_on", "unknown"] and jobs[1]["id"] == before["id"]
        assert "no gateway ran" in jobs[1]["reason"]
