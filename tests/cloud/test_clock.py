# SPDX-License-Identifier: MIT
"""A clock on the wall that is put right by a year, as whoever has no battery for it knows."""

import contextlib
import sqlite3
import time

import pytest

from local_cloud import Client, Cloud

YEAR_S = 31536000
PRINTER = ("eufy_fdm_STRANGER1", "x")


@pytest.fixture
def running(tmp_path):
    with Cloud(tmp_path) as cloud:
        cloud.start()
        yield cloud


def is_let_in(cloud):
    client = Client(cloud, PRINTER)
    client.close()
    return client.result == 0


@pytest.mark.parametrize("back_s", [YEAR_S, -YEAR_S], ids=["back", "forward"])
def test_a_pairing_window_ends_when_it_was_to(running, back_s):
    """Seen from a clock that was put back, what was noted before lies a year ahead."""
    assert not is_let_in(running)
    running.command("pair", "open", "--for", "2s")
    with contextlib.closing(sqlite3.connect(running.dir / "registry.sqlite")) as registry, registry:
        until, *rest = registry.execute("SELECT value FROM setting WHERE name = 'pairing_until'").fetchone()[0].split(" ")
        registry.execute("UPDATE setting SET value = ? WHERE name = 'pairing_until'",
                         [" ".join([str(int(until) + back_s), *rest])])
    deadline = time.monotonic() + 15
    while is_let_in(running):
        assert time.monotonic() < deadline, "the window stays open"
