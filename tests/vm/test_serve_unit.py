# SPDX-License-Identifier: MIT
"""flagship-serve as a service of the system: begins, reads again, ends, and comes back."""

import json
import os
import re
import signal
import socket
import stat

import pytest

from conftest import EMAIL, SERIAL
from machine import AS_SERVICE, CLOUD, FLAGSHIP, PORT, SERVE, SETTINGS, STATE, WATCHDOG_S, answers, ask, attempt, entries, health, run, user_of
from process import until

WORST = 1.5  # of 10, as docs/security.md says
DAEMON_UNITS = (SERVE, CLOUD)


@pytest.mark.parametrize("unit", DAEMON_UNITS)
def test_the_unit_has_no_faults(unit):
    result = attempt("systemd-analyze", "verify", "--man=no", unit)
    assert (result.returncode, result.stderr) == (0, "")


@pytest.mark.parametrize("unit", DAEMON_UNITS)
def test_exposure_as_it_runs(serve, unit):
    said = run("systemd-analyze", "security", "--no-pager", unit)
    assert float(re.search(r"Overall exposure level for \S+: ([0-9.]+)", said).group(1)) <= WORST


def test_it_is_active_when_it_answers(serve):
    serve("stop", SERVE)
    assert health() is None
    serve("start", SERVE)  # returns when the service said that it is ready
    assert health() == 200
    assert (serve.show(SERVE, "ActiveState"), serve.show(SERVE, "SubState"), serve.show(SERVE, "Type")) == ("active", "running", "notify")


def test_it_is_not_active_where_it_cannot_answer(serve):
    """And comes as soon as it can."""
    serve("stop", SERVE)
    with socket.create_server(("127.0.0.1", PORT)):
        assert serve.attempt("start", SERVE).returncode == 1
        assert serve.show(SERVE, "ExecMainStatus") == "1"
        assert any("Address already in use" in entry["MESSAGE"] for entry in entries("-u", SERVE))
    until(lambda: serve.show(SERVE, "ActiveState") == "active")
    assert health() == 200


def test_status_says_what_it_is_doing(serve):
    said = serve("status", "--no-pager", SERVE)
    assert "active (running)" in said and re.search(r'Status: "printers are held, and the API answers"', said), said
    assert "Docs: man:flagship-serve(1)" in said


def test_whose_it_is_and_what_it_keeps(serve):
    assert user_of(serve.pid()) == "flagship"
    for folder in (STATE, STATE / "serve", STATE / "cloud"):
        assert (stat.S_IMODE(folder.stat().st_mode), folder.owner(), folder.group()) == (0o700, "flagship", "flagship"), folder
    for path in STATE.rglob("*"):
        is_public = path.suffix == ".pem" and "key" not in path.name  # certificates
        assert path.owner() == "flagship" and stat.S_IMODE(path.lstat().st_mode) & (0o022 if is_public else 0o077) == 0, path
    assert (SETTINGS.parent.owner(), stat.S_IMODE(SETTINGS.parent.stat().st_mode)) == ("root", 0o755)


def test_reload_reads_settings_again(serve):
    pid = serve.pid()
    SETTINGS.write_text("[api]\nrefresh = never\n", encoding="ascii")
    serve("reload", SERVE)
    until(lambda: any("settings and accounts were read again" in entry["MESSAGE"] for entry in serve.said()))
    SETTINGS.write_text("[api]\nrefresh = whenever\n", encoding="ascii")
    serve("reload", SERVE)
    bad = until(lambda: [entry for entry in serve.said() if "settings and accounts stay as they were" in entry["MESSAGE"]])
    assert {entry["PRIORITY"] for entry in bad} == {"3"}
    assert (serve.show(SERVE, "ActiveState"), serve.pid(), health()) == ("active", pid, 200)


def test_it_ends_in_two_seconds_with_readers(serve):
    """systemd kills it otherwise, and says so."""
    serve.drop_in(SERVE, "TimeoutStopSec=2")
    with socket.create_connection(("127.0.0.1", PORT)) as reader:
        reader.sendall(b"GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert reader.recv(15) == b"HTTP/1.1 200 OK"
        serve.ends_well(SERVE)


def finished_job(serve):
    """One that is in the history for good."""
    status, answer = ask("GET", "/jobs")
    if status == 200 and (done := [job for job in answer if job["outcome"] == "cancelled"]):
        return done[0]
    assert ask("POST", f"/printers/{SERIAL}/commands", json.dumps({"command": "stop"}))[0] == 200
    return answers("/jobs", lambda jobs: jobs and jobs[0]["outcome"] == "cancelled")[0]


@pytest.fixture
def job(serve):
    return finished_job(serve)


def comes_back(serve, pid, job):
    until(lambda: serve.pid() not in (0, pid) and serve.show(SERVE, "ActiveState") == "active")
    assert health() == 200
    assert ask("GET", f"/jobs/{job['id']}") == (200, job)


def test_it_comes_back_after_a_kill(serve, job):
    pid, restarts = serve.pid(), int(serve.show(SERVE, "NRestarts"))
    os.kill(pid, signal.SIGKILL)
    comes_back(serve, pid, job)
    assert int(serve.show(SERVE, "NRestarts")) == restarts + 1
    assert any("status=9/KILL" in entry["MESSAGE"] for entry in entries("-u", SERVE))


def test_the_watchdog_ends_one_that_hangs(serve, job):
    serve("stop", SERVE)
    serve.drop_in(SERVE, f"WatchdogSec={WATCHDOG_S}")
    serve("start", SERVE)
    pid = serve.pid()
    os.kill(pid, signal.SIGSTOP)
    comes_back(serve, pid, job)
    assert any("Watchdog timeout" in entry["MESSAGE"] for entry in entries("-u", SERVE))


def test_the_watchdog_is_fed(serve):
    serve("stop", SERVE)
    serve.drop_in(SERVE, f"WatchdogSec={WATCHDOG_S}")
    serve("start", SERVE)
    begun = int(serve.show(SERVE, "WatchdogTimestampMonotonic"))
    until(lambda: int(serve.show(SERVE, "WatchdogTimestampMonotonic")) > begun + 2_000_000 * WATCHDOG_S)
    assert serve.show(SERVE, "Result") == "success"


def test_a_restart_keeps_the_past(serve, job):
    pid = serve.pid()
    serve("restart", SERVE)
    comes_back(serve, pid, job)


def test_the_journal_has_levels_and_plain_messages(serve):
    said = [entry for entry in serve.said() if entry["_COMM"] == "flagship-serve"]
    ready = next(entry for entry in said if "ready:" in entry["MESSAGE"])
    assert (ready["PRIORITY"], ready["SYSLOG_IDENTIFIER"], ready["_SYSTEMD_UNIT"]) == ("6", "flagship", SERVE)
    # Time and level are the journal's.
    assert all(re.match(r"[a-z]+: ", entry["MESSAGE"]) for entry in said), [entry["MESSAGE"] for entry in said]


def status(*command):
    result = attempt(*command, "status", "--json")
    return result.returncode, {line["serial"] for line in map(json.loads, result.stdout.splitlines())} if result.stdout.startswith("{") else set()


def test_commands_of_its_user_go_by_it(serve):
    """Root is told to be that user; somebody else's commands may not even look."""
    run("useradd", "-m", "stranger")
    login = ("login", "--email", EMAIL, "--api", "https://localhost:8443", "--ca", STATE / "cloud/ca.pem")
    run(*AS_SERVICE, *login, stdin="a good password\n")
    there = ("XDG_CONFIG_HOME=/etc", "XDG_STATE_HOME=/var/lib", FLAGSHIP)
    assert status(*AS_SERVICE) == (0, {SERIAL})
    root = attempt("env", *there, "status", "--json")
    assert (root.returncode, "run it as that user" in root.stderr) == (1, True), root.stderr
    assert attempt("sudo", "-u", "stranger", "env", *there, "status", "--json").returncode == 1
    assert json.loads(run(*AS_SERVICE, "queue", "--json") or "[]") == []
    run(*AS_SERVICE, "gcode", "-p", "Left", "M105")
    answers(f"/history?printer={SERIAL}&type=command", lambda entries: "cli" in [entry.get("asker") for entry in entries])
