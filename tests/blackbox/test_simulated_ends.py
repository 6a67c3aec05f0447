# SPDX-License-Identifier: MIT
"""What simulated printers do wrong at the end of a job and after it, and what is made of it (protocol.md 3.1)."""

import json

import pytest

from conftest import SERIAL
from process import Process
from program import DONE, FLAGSHIP, NO_ANSWER, environment, run

NEAR_THE_END = ("--scenario", "print", "--at", "99", "--speed", "30")


def test_a_job_that_stays_at_its_end(simulate, connection):
    """That it counts as finished, and when, tests/unit/simulator/printer/test_jobs.c shows: it takes a while."""
    printer = simulate(*connection(), "--model", "m5", *NEAR_THE_END, "--fault", "stuck-at-end")
    assert run("wait", "progress>=100", *connection(), "--timeout", "25").returncode == DONE
    # Far longer than any other job goes on then.
    told = printer.counts()["published"]
    printer.await_counts(lambda counts: counts["published"] > told + 20)
    job = json.loads(run("status", "--json", *connection()).stdout)["job"]
    assert (job["state"], job["progress_percent"]) == ("printing", 100)
    assert run("stop", *connection()).returncode == DONE


@pytest.mark.parametrize("model", ["m5", "m5c"])
def test_state_3_after_a_pause_is_no_end(simulate, connection, model):
    simulate(*connection(), "--model", model, "--scenario", "print", "--at", "20", "--speed", "5", "--fault", "resume-as-3")
    assert run("pause", *connection()).returncode == DONE
    result = run("resume", *connection())
    assert result.returncode == DONE, result.stderr


def test_late_updates_begin_no_job(simulate, connection):
    """What would look like another job, after the end of the only one."""
    # In real time, so that it is seen to print before it ends.
    printer = simulate(*connection(), "--model", "m5c", "--scenario", "print", "--at", "99", "--fault", "late-updates=1", "-v")
    process = Process(FLAGSHIP, "monitor", "--events", "--json", *connection(), env=environment(), output="stdout")
    process.await_text('"job_finished"')
    heard = len(process.lines)
    printer.await_text('{"commandType":1000,"subType":1,"value":1}')
    # Whatever comes of it comes before what a later name does.
    assert run("rename", "Late", *connection()).returncode == DONE
    process.stop()
    events = [json.loads(line)["event"] for line in process.lines]
    assert events.count("job_finished") == 1 and "job_started" not in events[heard:], events


def test_what_is_retained_proves_nothing(simulate, connection):
    serial = "RETAINS000000001"
    printer = simulate(*connection(serial), "--model", "m5", "--scenario", "print", "--at", "20", "--speed", "5", "--fault", "retained")
    printer.await_counts(lambda counts: counts["published"] > 30)
    printer.stop()
    result = run("status", "--json", *connection(serial), "--timeout", "1.5")
    assert result.returncode == NO_ANSWER, result.stdout
    assert '"online":true' not in result.stdout
