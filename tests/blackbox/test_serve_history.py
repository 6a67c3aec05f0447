# SPDX-License-Identifier: MIT
"""What flagship serve remembers: jobs, events, commands, temperatures."""

import contextlib
import csv
import datetime
import io
import json
import pathlib
import random
import signal
import sqlite3
import stat
import subprocess
import time

import pytest

import small_disk
from accounts_home import Home
from gateway import Gateway
from json_style import check
from process import DEADLINE_S, Process
from program import DONE, FAILED, FLAGSHIP, NOT_CONFIGURED, USAGE, environment
from small_disk import SmallDisk
from test_serve import keep_printers

DRIVER = FLAGSHIP.parent / "tests/unit/gateway/history/history_writer"

SERIAL = "HISTORY1"
NEARLY_DONE = ("--model", "m5", "--scenario", "print", "--at", "97", "--speed", "10")
HALF_DONE = ("--model", "m5", "--scenario", "print", "--at", "40")


@pytest.fixture
def one(home, broker, authority):
    """A home with one printer, whose name is Left."""
    keep_printers(home, broker, authority, {"Left": SERIAL})
    return home


def database_of(home):
    return home.folder / ".local/state/flagship/serve/history.db"


def await_job(gateway, outcome):
    return gateway.await_get("/jobs", lambda jobs: any(job["outcome"] == outcome for job in jobs))[0]


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
        events = gateway.await_get("/history?printer=Left&type=event", lambda entries: "job_finished" in [entry["kind"] for entry in entries])
        assert {entry["job"] for entry in events if entry["kind"] == "job_finished"} == {job["id"]}


def test_who_saw_a_job_end_finds_it_ended(one, connection, simulate):
    with Gateway(one) as gateway:
        simulate(*connection(SERIAL), *NEARLY_DONE)
        for state in ("printing", "finished"):
            gateway.await_get("/printers", lambda printers, state=state: printers[0]["job"] and printers[0]["job"]["state"] == state)
        assert [job["outcome"] for job in gateway.get("/jobs")] == ["finished"]


def test_a_job_that_is_stopped_here(one, connection, simulate):
    with Gateway(one) as gateway:
        simulate(*connection(SERIAL), *HALF_DONE)
        going_on = await_job(gateway, "going_on")
        assert going_on["ended_at"] is None
        assert gateway.submit("Left", {"command": "stop"})[0] == 200
        job = await_job(gateway, "cancelled")
        assert (job["id"], job["reason"]) == (going_on["id"], "stopped by api") and 40 <= job["progress_percent"] < 100


def test_a_job_that_is_stopped_by_a_shell(one, connection, simulate):
    with Gateway(one) as gateway:
        simulate(*connection(SERIAL), *HALF_DONE)
        await_job(gateway, "going_on")
        stopped = one.run("stop", "-p", "Left")
        assert stopped.returncode == DONE, stopped.stderr
        assert await_job(gateway, "cancelled")["reason"] == "stopped by cli"


def test_a_job_that_failed(one, connection, simulate):
    with Gateway(one) as gateway:
        # So that it is seen to print before it is in error.
        gateway.await_text("printers: connected")
        simulate(*connection(SERIAL), "--model", "m5", "--scenario", "error", "--at", "25", "--speed", "20")
        gateway.await_get("/history", lambda entries: any(entry["kind"] == "job_paused" for entry in entries))
        # Past the gateway: what it has stopped itself is cancelled, whatever was wrong before.
        stopped = one.run("stop", "-p", "Left", "--direct")
        assert stopped.returncode == DONE, stopped.stderr
        job = await_job(gateway, "failed")
        assert "ilament" in job["reason"]


def test_a_restart_goes_on_with_the_same_job(one, connection, simulate):
    simulate(*connection(SERIAL), *HALF_DONE)
    with Gateway(one) as gateway:
        before = gateway.await_get("/jobs", lambda jobs: jobs and jobs[0]["file"] and jobs[0]["progress_percent"])[0]
    with Gateway(one) as gateway:
        gateway.await_text("a job goes on")
        assert gateway.submit("Left", {"command": "stop"})[0] == 200
        after = await_job(gateway, "cancelled")
        assert after["id"] == before["id"] and after["begun_at"] == before["begun_at"]
        assert len(gateway.get("/jobs")) == 1


def test_another_job_after_a_restart(one, connection, simulate):
    printer = simulate(*connection(SERIAL), *HALF_DONE)
    with Gateway(one) as gateway:
        before = gateway.await_get("/jobs", lambda jobs: jobs and jobs[0]["file"] and jobs[0]["progress_percent"])[0]
    printer.stop()
    simulate(*connection(SERIAL), "--model", "m5", "--scenario", "print", "--at", "10", "--seed", "7")
    with Gateway(one) as gateway:
        jobs = gateway.await_get("/jobs", lambda jobs: len(jobs) == 2)
        assert [job["outcome"] for job in jobs] == ["going_on", "unknown"] and jobs[1]["id"] == before["id"]
        assert "no gateway ran" in jobs[1]["reason"]


# --- lists ---


def test_pages_and_filters(one, connection, simulate):
    simulate(*connection(SERIAL), "--model", "m5")
    with Gateway(one) as gateway:
        gateway.await_get("/printers", lambda printers: printers[0]["online"])
        for target in range(40, 45):
            assert gateway.submit("Left", {"command": "bed", "target_c": target})[0] == 200
        everything = gateway.get("/history?type=command")
        assert [entry["value"] for entry in everything] == [f"{target} °C" for target in range(44, 39, -1)]
        assert {(entry["kind"], entry["asker"], entry["outcome"]) for entry in everything} == {("bed", "api", "confirmed")}
        pages, path = [], "/history?type=command&limit=2&printer=Left"
        while path:
            _, headers, page = gateway.ask("GET", path)
            pages += page
            path = headers["Link"] and headers["Link"].partition(">")[0].removeprefix("</api/v1")
        assert pages == everything
        assert gateway.get("/history?type=command&limit=1&offset=4") == everything[4:]
        assert gateway.get("/history?printer=UNKNOWN") == [] and gateway.get("/history?until=2020-01-01") == []
        # Two may have come in the same thousandth of a second.
        newest = everything[0]["t"]
        assert gateway.get(f"/history?type=command&since={newest}") == [entry for entry in everything if entry["t"] == newest]


@pytest.mark.parametrize("path", ["/jobs?limit=0", "/jobs?limit=1001", "/jobs?since=yesterday", "/history?before=0", "/history?type=thought",
                                  "/history?offset=-1", "/jobs?format=xml", "/printers/Left/temperatures?step=0",
                                  "/printers/Left/temperatures?from=2026-02-30", "/history?since=2026-11-28T25:00"])
def test_queries_that_are_refused(one, path):
    with Gateway(one) as gateway:
        status, _, answer = gateway.ask("GET", path)
        assert status == 400 and answer["detail"]


def test_a_job_that_is_not_there(one):
    with Gateway(one) as gateway:
        assert [gateway.ask("GET", f"/jobs/{word}")[0] for word in ("1", "0", "x", "-1")] == [404] * 4


def test_csv(one, connection, simulate):
    simulate(*connection(SERIAL), *HALF_DONE)
    with Gateway(one) as gateway:
        await_job(gateway, "going_on")
        gateway.await_get("/printers/Left/temperatures", lambda series: series["points"])
        for path in ("/jobs?format=csv", "/history?format=csv", "/printers/Left/temperatures?format=csv"):
            line = gateway.connection()
            line.request("GET", "/api/v1" + path)
            response = line.getresponse()
            assert response.headers["Content-Type"].startswith("text/csv"), path
            table = list(csv.DictReader(io.StringIO(response.read().decode())))
            line.close()
            assert table and None not in table[0], path


def export(gateway, path):
    """As a program saves it: type, and what can be read of it."""
    line = gateway.connection()
    line.request("GET", "/api/v1" + path, headers={"Accept": "text/csv" if path.endswith("csv") else "application/json"})
    response = line.getresponse()
    body = response.read().decode()
    line.close()
    return response.headers["Content-Type"], list(csv.DictReader(io.StringIO(body))) if path.endswith("csv") else json.loads(body)


def as_cell(value):
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


@pytest.mark.parametrize("path", ["/jobs", "/history"])
def test_json_is_what_csv_is(one, connection, simulate, path):
    """Each row and each value of it, with nothing left out; texts, which CSV guards, as they are."""
    with Gateway(one) as gateway:
        simulate(*connection(SERIAL), *HALF_DONE)
        await_job(gateway, "going_on")
        assert gateway.submit("Left", {"command": "stop"})[0] == 200
        await_job(gateway, "cancelled")
        kind, rows = export(gateway, path + "?format=json")
        assert kind == "application/json" and rows
        assert {row["printer"] for row in rows} == {SERIAL}
        cells = export(gateway, path + "?format=csv")[1]
        # Beside a sentence, JSON names it for who speaks another language.
        codes = {name for row in rows for name in row if name.endswith(("_code", "_arguments"))}
        assert [[name for name in row if name not in codes] for row in rows] == [list(row) for row in cells]
        exact = [name for name in cells[0] if not isinstance(rows[0][name], float)]
        assert [[as_cell(row[name]) for name in exact] for row in rows] == [[row[name] for name in exact] for row in cells]


def test_temperatures_in_json_are_those_in_csv(one, connection, simulate):
    with Gateway(one) as gateway:
        simulate(*connection(SERIAL), *HALF_DONE)
        gateway.await_get("/printers/Left/temperatures", lambda series: len(series["points"]) >= 2)
        kind, series = export(gateway, "/printers/Left/temperatures?format=json")
        # Later points come behind: those that were read are the same.
        cells = export(gateway, "/printers/Left/temperatures?format=csv")[1][:len(series["points"]) - 1]
        assert kind == "application/json" and len(cells) == len(series["points"]) - 1
        for point, row in zip(series["points"], cells):
            assert datetime.datetime.fromisoformat(row.pop("t").replace("Z", "+00:00")).timestamp() == point["t"]
            assert {f"{heater}_{name}": value for heater in ("nozzle", "bed") for name, value in point[heater].items()} == {
                name: float(value) for name, value in row.items()}


def test_temperatures(one, connection, simulate):
    with Gateway(one) as gateway:
        assert gateway.get("/printers/Left/temperatures")["points"] == []
        simulate(*connection(SERIAL), *HALF_DONE)
        series = gateway.await_get("/printers/Left/temperatures?from=60s", lambda series: len(series["points"]) >= 2)
        assert series["step_s"] == 5 and series["printer"] == SERIAL
        first, second = series["points"][:2]
        assert first["t"] % 5 == 0 and second["t"] > first["t"]
        assert 150 < second["nozzle"]["mean_c"] < 300 and second["nozzle"]["min_c"] == second["nozzle"]["max_c"]
        assert gateway.get("/printers/Left/temperatures?from=50w")["step_s"] >= 1512


# --- the command line ---


def test_command_line(one, connection, simulate):
    nothing = one.run("jobs")
    assert nothing.returncode == NOT_CONFIGURED and "flagship serve" in nothing.stderr
    simulate(*connection(SERIAL), *HALF_DONE)
    with Gateway(one) as gateway:
        await_job(gateway, "going_on")
        assert gateway.submit("Left", {"command": "stop"})[0] == 200
        job = await_job(gateway, "cancelled")
        beside = json.loads(one.run("jobs", "--json", "-p", "Left").stdout)
        assert beside == [job]
    shown = one.run("jobs")
    assert shown.returncode == DONE and job["file"] in shown.stdout and "stopped by api" in shown.stdout and "cancelled at 4" in shown.stdout
    assert check("jobs", one.run("jobs", "--json").stdout) == 1
    history = one.run("history", "--json", "-n", "0")
    assert check("history", history.stdout) == len(json.loads(history.stdout)) > 1
    (stop,) = json.loads(one.run("history", "--json", "--type", "command").stdout)
    assert (stop["kind"], stop["asker"], stop["outcome"]) == ("stop", "api", "confirmed")
    table = list(csv.DictReader(io.StringIO(one.run("history", "--csv").stdout)))
    assert {"command", "event"} == {row["type"] for row in table}
    assert one.run("history", "-p", "Nobody").returncode == FAILED and one.run("jobs", "--since", "soon").returncode == USAGE
    assert json.loads(one.run("jobs", "--json", "--until", "2020-01-01").stdout) == []


@pytest.mark.parametrize("words", ["samples", "samples=0d", "days=1d", "jobs=soon"])
def test_keep_is_checked(one, words):
    refused = one.run("serve", "--port", "0", "--keep", words)
    assert refused.returncode == USAGE and "--keep" in refused.stderr


# --- what goes wrong ---


def test_the_file_is_the_owners_alone(one):
    with Gateway(one):
        assert stat.S_IMODE(database_of(one).stat().st_mode) == 0o600


FIRST_LAYOUT = pathlib.Path(__file__).with_name("history_layout_1.sql")
TABLES = ("printers", "jobs", "entries", "samples", "minutes", "hours")


def keep_first_layout(path):
    path.parent.mkdir(parents=True, mode=0o700)
    with contextlib.closing(sqlite3.connect(path)) as database:
        database.executescript("PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL;" + FIRST_LAYOUT.read_text(encoding="utf-8"))
    path.chmod(0o600)


def rows_of(path):
    with contextlib.closing(sqlite3.connect(path)) as database:
        return {table: [dict(zip([column[0] for column in found.description], row)) for row in found]
                for table in TABLES for found in [database.execute(f"SELECT * FROM {table}")]}


def layout_of(path):
    """Version, tables with their columns, indices: whatever spaces or order they were written with."""
    with contextlib.closing(sqlite3.connect(path)) as database:
        version = database.execute("PRAGMA user_version").fetchone()[0]
        names = sorted(database.execute("SELECT type, name FROM sqlite_master"))
        return version, names, {name: sorted(row[1:] for row in database.execute(f"PRAGMA table_info({name})")) for _, name in names}


def test_a_file_of_the_first_layout_goes_on(one, tmp_path_factory, broker, authority):
    """Who changes the layout without a step that takes old files along fails here."""
    path = database_of(one)
    keep_first_layout(path)
    before = rows_of(path)
    assert all(before[table] for table in TABLES)
    keep_all = [word for kind in ("samples", "minutes", "hours", "entries", "jobs") for word in ("--keep", f"{kind}=forever")]
    with Gateway(one, *keep_all) as gateway:
        (job,) = gateway.get("/jobs")
        assert (job["outcome"], job["layers"], job["printer"]) == ("finished", 120, SERIAL)
        assert [entry["kind"] for entry in gateway.get("/history")] == ["bed", "job_finished", "online"]
        assert gateway.get(f"/printers/{SERIAL}/temperatures?from=1795956440&to=1795956460&step=5")["points"]
    after = rows_of(path)
    for table in TABLES:
        for row in before[table]:
            assert any(row.items() <= other.items() for other in after[table]), (table, row)

    new = Home(tmp_path_factory.mktemp("new"))
    keep_printers(new, broker, authority, {"Left": SERIAL})
    with Gateway(new):
        pass
    assert layout_of(path) == layout_of(database_of(new))


def test_a_file_of_a_newer_version_is_refused_and_left_alone(one):
    path = database_of(one)
    keep_first_layout(path)
    with contextlib.closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA user_version = 99")
    content = path.read_bytes()
    with Gateway(one) as gateway:
        gateway.await_text("it was written by a newer flagship (layout 99)")
        assert gateway.get("/printers")[0]["serial"] == SERIAL
    assert path.read_bytes() == content
    assert not list(path.parent.glob("history.db.damaged-*"))
    result = one.run("history")
    assert result.returncode == FAILED and "newer flagship (layout 99)" in result.stderr


@pytest.mark.parametrize("damage", [b"", b"this is no database, but long enough to be looked at as one. " * 40])
def test_a_damaged_file_is_set_aside(one, connection, simulate, damage):
    database = database_of(one)
    database.parent.mkdir(parents=True)
    database.write_bytes(damage)
    simulate(*connection(SERIAL), "--model", "m5")
    with Gateway(one) as gateway:
        gateway.await_text("was set aside")
        (aside,) = database.parent.glob("history.db.damaged-*")
        assert aside.read_bytes() == damage
        gateway.await_get("/printers", lambda printers: printers[0]["online"])
        assert gateway.submit("Left", {"command": "bed", "target_c": 50})[0] == 200
        assert gateway.get("/history?type=command")[0]["kind"] == "bed"


def test_a_file_that_is_damaged_while_it_is_used(one, connection, simulate):
    simulate(*connection(SERIAL), "--model", "m5")
    with Gateway(one) as gateway:
        gateway.await_get("/printers", lambda printers: printers[0]["online"])
        assert gateway.submit("Left", {"command": "bed", "target_c": 50})[0] == 200
        with sqlite3.connect(database_of(one)) as database:
            database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        with open(database_of(one), "r+b") as file:
            file.seek(4096)
            file.write(b"\xff" * 20 * 4096)
        with sqlite3.connect(database_of(one)) as database:
            database.execute("PRAGMA user_version")
        for target in range(51, 54):
            assert gateway.submit("Left", {"command": "bed", "target_c": target})[0] == 200
            gateway.ask("GET", "/history")
        gateway.await_text("was set aside")
        # What happens until the new one is open is kept for it.
        assert gateway.submit("Left", {"command": "bed", "target_c": 55})[0] == 200
        gateway.await_get("/history?type=command", lambda answer: isinstance(answer, list) and answer and answer[0]["value"] == "55 °C")


@pytest.mark.parametrize("round_", range(3))
def test_what_was_answered_is_there_after_a_crash(one, connection, simulate, round_):
    simulate(*connection(SERIAL), "--model", "m5")
    gateway = Gateway(one)
    gateway.await_get("/printers", lambda printers: printers[0]["online"])
    answered = []
    for target in range(40, 43 + round_):
        status, answer = gateway.submit("Left", {"command": "bed", "target_c": target})
        answered.append((target, status, answer["outcome"]))
    gateway.signal(signal.SIGKILL)
    gateway.await_end()
    with Gateway(one) as again:
        kept = [(int(entry["value"].split()[0]), 200, entry["outcome"]) for entry in again.get("/history?type=command")]
    assert kept[::-1] == answered


def test_what_a_shell_was_told_is_there_after_a_crash(one, connection, simulate):
    """By the gateway, as if it had asked over HTTP."""
    simulate(*connection(SERIAL), "--model", "m5")
    gateway = Gateway(one)
    gateway.await_get("/printers", lambda printers: printers[0]["online"])
    targets = [41, 42, 43, 44]
    for target in targets:
        told = one.run("temp", "bed", str(target), "-p", "Left")
        assert told.returncode == DONE, told.stderr
        (newest,) = json.loads(one.run("history", "--json", "--type", "command", "-n", "1").stdout)
        assert (newest["value"].split()[0], newest["asker"]) == (str(target), "cli")
    gateway.signal(signal.SIGKILL)
    gateway.await_end()
    kept = json.loads(one.run("history", "--json", "--type", "command").stdout)
    assert [int(entry["value"].split()[0]) for entry in kept[::-1]] == targets


def test_nothing_acknowledged_is_missing_after_200_crashes(tmp_path):
    """A writer by itself says what is on the disk, and is killed at any moment; faster than a whole gateway 200 times."""
    missing, acknowledged, empty = [], set(), 0
    chance = random.Random(12)
    for _ in range(200):
        with subprocess.Popen([DRIVER, tmp_path], stdout=subprocess.PIPE, text=True) as writer:
            lines = []
            for _ in range(chance.randrange(1, 12)):
                lines.append(writer.stdout.readline())
            writer.kill()
            lines += writer.stdout.read().splitlines(keepends=True)
        said = {int(line) for line in lines if line.endswith("\n")}
        empty += not said
        assert not said & acknowledged
        acknowledged |= said
    with sqlite3.connect(tmp_path / "history.db") as database:
        kept = {row[0] for row in database.execute("SELECT id FROM entries")}
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert database.execute("SELECT count(*) FROM samples").fetchone()[0] > 0
    assert acknowledged - kept == set() and empty == 0 and len(acknowledged) >= 200


@pytest.fixture
def disk(tmp_path):
    reason = small_disk.why_not()
    if reason:
        pytest.skip(reason)
    small = SmallDisk(tmp_path / "disk")
    yield small
    small.close()


class GatewayOnDisk(Gateway):
    def __init__(self, home, disk):
        Process.__init__(self, *disk.inside(FLAGSHIP, "serve", "--port", "0", "--dir", disk.folder / "D"),
                         env=environment(HOME=home.folder, **small_disk.PATHS))
        ready = next(line for line in self.await_text("ready:") if "ready:" in line)
        self.port = int(ready.rpartition(":")[2].split("/")[0])


def test_a_full_disk(one, disk, connection, simulate):
    """One warning, control goes on, and nothing that fits into memory is lost."""
    simulate(*connection(SERIAL), "--model", "m5")
    gateway = GatewayOnDisk(one, disk)
    gateway.await_get("/printers", lambda printers: printers[0]["online"])
    assert gateway.submit("Left", {"command": "bed", "target_c": 40})[0] == 200
    disk.fill()
    target = 41
    while not any("cannot be written" in line for line in gateway.lines):
        assert gateway.submit("Left", {"command": "bed", "target_c": target})[0] == 200
        target += 1
        assert target < 90
    for more in range(target, target + 3):
        assert gateway.submit("Left", {"command": "bed", "target_c": more})[0] == 200
    disk.empty()
    gateway.await_text("is written again")
    kept = gateway.await_get("/history?type=command", lambda entries: entries[0]["value"] == f"{target + 2} °C")
    assert [entry["value"] for entry in kept] == [f"{value} °C" for value in range(target + 2, 39, -1)]
    assert sum("cannot be written" in line for line in gateway.lines) == 1
    assert gateway.stop() == 0
