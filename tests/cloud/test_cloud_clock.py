# SPDX-License-Identifier: MIT
"""A clock on the wall that is put right by a year, as whoever has no battery for it knows."""

import contextlib
import json
import sqlite3
import time

import pytest

from conftest import ANNE, PASSWORD
from local_cloud import Client, Cloud
from process import until
from shifted_clock import HOUR_S, ShiftedClock
from test_cloud_api import SERVICE_CALL, authorised, curl, log_in

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
        closes_at, *rest = registry.execute("SELECT value FROM setting WHERE name = 'pairing_until'").fetchone()[0].split(" ")
        registry.execute("UPDATE setting SET value = ? WHERE name = 'pairing_until'",
                         [" ".join([str(int(closes_at) + back_s), *rest])])
    until(lambda: not is_let_in(running), lambda: "the window stays open")


# --- while it runs ---


@pytest.fixture
def clock(tmp_path):
    return ShiftedClock(tmp_path)


@pytest.fixture
def stepped(tmp_path, clock):
    """A cloud with an account, whose clocks are the test's."""
    with Cloud(tmp_path) as cloud:
        cloud.add_account(ANNE, PASSWORD)
        cloud.start(**clock.environment)
        yield cloud


def service_key(cloud):
    return curl(cloud, SERVICE_CALL)[2]["data"]["public_key"]


def token_of(cloud):
    answer = log_in(cloud, service_key(cloud), ANNE, PASSWORD)[2]
    assert answer["code"] == 0, answer
    return answer["data"]["auth_token"]


def is_good(cloud, token):
    return curl(cloud, "/v1/passport/profile", *authorised(cloud, token))[2]["code"] == 0


@pytest.mark.parametrize("step_s", [HOUR_S, -HOUR_S])
def test_a_window_lasts_as_long_as_it_was_to(stepped, clock, step_s):
    stepped.command("pair", "open", "--for", "30m")
    assert is_let_in(stepped)
    clock.step(step_s)
    assert is_let_in(stepped)
    clock.sleep(HOUR_S)
    assert not is_let_in(stepped)


def test_who_is_slowed_down_stays_so(stepped, clock):
    key = service_key(stepped)
    while (status := log_in(stepped, key, ANNE, "wrong")[0]) == 200:
        pass
    assert status == 429
    clock.step(HOUR_S)
    assert log_in(stepped, key, ANNE, PASSWORD)[0] == 429
    clock.sleep(HOUR_S)
    assert log_in(stepped, key, ANNE, PASSWORD)[0] == 200


@pytest.mark.parametrize("step_s", [HOUR_S, -HOUR_S])
def test_a_token_outlasts_a_step(stepped, clock, step_s):
    token = token_of(stepped)
    clock.step(step_s)
    assert is_good(stepped, token)


def test_a_clock_that_is_ahead_for_a_while_costs_nobody_the_login(stepped, clock):
    """Also where the cloud is started meanwhile: what looks as if it had expired is refused, and kept."""
    token = token_of(stepped)
    stepped.stop()
    clock.step(YEAR_S)
    stepped.start(**clock.environment)
    assert not is_good(stepped, token)
    clock.step(-YEAR_S)
    assert is_good(stepped, token)


def test_a_token_of_an_unset_clock_lasts_once_it_is_set(stepped, clock):
    """A machine without a battery for its clock begins in 1970, and is put right some seconds on."""
    behind_s = int(time.time()) - 60
    clock.step(-behind_s)
    token = token_of(stepped)
    assert is_good(stepped, token)
    clock.step(behind_s)
    assert is_good(stepped, token)
    # That is noted behind the call's back.
    day = time.strftime("%Y-%m-%d", time.gmtime(time.time() + 90 * 86400 - HOUR_S))
    until(lambda: json.loads(stepped.command("tokens", "--json"))[0]["expires_at"][:10] >= day, lambda: "it is dated as before")
