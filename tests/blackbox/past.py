# SPDX-License-Identifier: MIT
"""Jobs of the past, written into a gateway's history as if it had seen them."""

import contextlib
import sqlite3
import time

OUTCOMES = {"going_on": 0, "finished": 1, "cancelled": 2, "failed": 3, "unknown": 4}
MS_PER_S, HOUR_S = 1000, 3600
MILLI_MM_AN_HOUR = 8_000_000
CENTI = 100
SAMPLE_S = 5


def remember(state, jobs):
    """jobs: {"printer", "name", "file", "outcome", and hours_ago, hours, path, reason, layers, thumbnail}, the oldest first."""
    now_ms = time.time() * MS_PER_S
    with contextlib.closing(sqlite3.connect(state / "history.db", timeout=30)) as database, database:
        for job in jobs:
            database.execute("INSERT INTO printers (serial, name) VALUES (?, ?) ON CONFLICT (serial) DO NOTHING", (job["printer"], job["name"]))
            begun, took = int(now_ms - job["hours_ago"] * HOUR_S * MS_PER_S), job.get("hours", 1) * HOUR_S
            layers = job.get("layers", 100)
            database.execute(
                "INSERT INTO jobs (printer, outcome, joined, begun_ms, started_ms, ended_ms, duration_ms, elapsed_s, progress, layer, layers, thumbnail, filament_used,"
                " filament_unit, task_id, file, hash, path, reason) SELECT id, ?, 0, ?, ?, ?, ?, ?, 10000, ?, ?, ?, ?, 'mm', '', ?, '', ?, ? FROM printers WHERE serial = ?",
                (OUTCOMES[job["outcome"]], begun, begun, begun + took * MS_PER_S, took * MS_PER_S, took, layers, layers, job.get("thumbnail"), MILLI_MM_AN_HOUR * job.get("hours", 1),
                 job["file"], job.get("path", ""), job.get("reason", ""), job["printer"]))


def remember_events(state, serial, events):
    """Of a printer that has jobs already. events: (seconds ago, kind), the oldest first."""
    now = int(time.time())
    with contextlib.closing(sqlite3.connect(state / "history.db", timeout=30)) as database, database:
        database.executemany("INSERT INTO entries (t_ms, printer, type, force, kind, asker, outcome, value, text) SELECT ?, id, 0, 0, ?, '', '', '', '' FROM printers WHERE serial = ?",
                             [((now - ago) * MS_PER_S, kind, serial) for ago, kind in events])


def remember_heat(state, serial, samples):
    """Of a printer that has jobs already. samples: (seconds ago, in steps of five, nozzle, its target, bed, its target) in °C."""
    now = int(time.time()) // SAMPLE_S * SAMPLE_S  # the gateway looks for them there
    with contextlib.closing(sqlite3.connect(state / "history.db", timeout=30)) as database, database:
        database.executemany("INSERT OR IGNORE INTO samples (t, printer, nozzle, nozzle_target, bed, bed_target) SELECT ?, id, ?, ?, ?, ? FROM printers WHERE serial = ?",
                             [(now - ago, *(round(value * CENTI) for value in values), serial) for ago, *values in samples])
