# SPDX-License-Identifier: MIT
"""Copies of what the services of the system keep, and back, as docs/operations.md says."""

import json
import pathlib
import subprocess
import tarfile

import pytest

from conftest import SERIAL
from machine import AS_SERVICE, CLOUD, SERVE, SETTINGS, STATE, WATCHDOG_S, answers, ask, attempt, health, run
from process import until

TAR = "application/x-tar"


@pytest.fixture
def job(serve):
    status, jobs = ask("GET", "/jobs")
    assert status == 200
    if not any(job["outcome"] == "cancelled" for job in jobs):
        ask("POST", f"/printers/{SERIAL}/commands", json.dumps({"command": "stop"}))
    return answers("/jobs", lambda jobs: jobs and jobs[0]["outcome"] == "cancelled")[0]


def test_by_commands(serve, job):
    """As it runs; lost; back again."""
    archive = pathlib.Path("/var/tmp/flagship.tar")
    archive.write_bytes(subprocess.run([*AS_SERVICE, "serve", "backup", "-"], capture_output=True, check=True, cwd="/").stdout)
    with tarfile.open(archive) as opened:
        assert {"history.db", "queue.db", "ports.json"} <= set(opened.getnames())
    refused = attempt(*AS_SERVICE, "serve", "restore", archive)
    assert refused.returncode == 1 and "runs" in refused.stderr
    serve("stop", SERVE)
    for path in (STATE / "serve").glob("history.db*"):
        path.unlink()
    serve("start", SERVE)
    assert ask("GET", "/jobs") == (200, []), "the past is gone"
    serve("stop", SERVE)
    run(*AS_SERVICE, "serve", "restore", archive)
    serve("start", SERVE)
    assert ask("GET", f"/jobs/{job['id']}") == (200, job)
    assert {path.owner() for path in (STATE / "serve").iterdir()} == {"flagship"}


def test_over_http_it_begins_anew_as_the_same_process(serve, job):
    serve("stop", SERVE)
    serve.drop_in(SERVE, f"WatchdogSec={WATCHDOG_S}")
    serve("start", SERVE)
    status, archive = ask("GET", "/backup")
    assert status == 200
    pid, begun = serve.pid(), ask("GET", "/version")
    status, back = ask("POST", "/restore", archive, kind=TAR)
    assert status == 200, back
    until(lambda: sum("ready:" in entry["MESSAGE"] for entry in serve.said()) == 2)
    until(lambda: health() == 200)
    assert (serve.pid(), serve.show(SERVE, "ActiveState"), serve.show(SERVE, "NRestarts")) == (pid, "active", "0")
    assert ask("GET", f"/jobs/{job['id']}") == (200, job)
    # Its watchdog is fed as before.
    fed = int(serve.show(SERVE, "WatchdogTimestampMonotonic"))
    until(lambda: int(serve.show(SERVE, "WatchdogTimestampMonotonic")) > fed + 2_000_000 * WATCHDOG_S)
    assert (serve.pid(), ask("GET", "/version")) == (pid, begun)


def test_other_settings_are_refused_until_they_stand_there(serve):
    SETTINGS.write_text("[api]\nrefresh = never\n", encoding="ascii")
    serve("restart", SERVE)
    archive = ask("GET", "/backup")[1]
    SETTINGS.write_text("[api]\nrefresh = 1h\n", encoding="ascii")
    status, problem = ask("POST", "/restore", archive, kind=TAR)
    assert status == 422 and "flagship.conf" in problem["detail"], problem
    SETTINGS.write_text("[api]\nrefresh = never\n", encoding="ascii")
    status, problem = ask("POST", "/restore", archive, kind=TAR)
    assert status == 200, problem
    until(lambda: health() == 200)


def test_a_cloud_is_copied_as_it_runs_and_comes_back(serve):
    archive = STATE / "cloud.backup"
    run(*AS_SERVICE, "cloud", "backup", archive)
    before = run(*AS_SERVICE, "cloud", "list", "--json")
    refused = attempt(*AS_SERVICE, "cloud", "restore", archive)
    assert refused.returncode == 1 and "runs" in refused.stderr
    run(*AS_SERVICE, "cloud", "add-printer", "--serial", "TOOLATE")
    serve("stop", CLOUD)
    run(*AS_SERVICE, "cloud", "restore", archive)
    serve("start", CLOUD)
    archive.unlink()
    assert run(*AS_SERVICE, "cloud", "list", "--json") == before
    answers("/printers", lambda printers: [(p["serial"], p["online"]) for p in printers] == [(SERIAL, True)])
