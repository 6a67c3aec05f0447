# SPDX-License-Identifier: MIT
"""The account commands of flagship against the local cloud: one side proves the other."""

import json

import pytest

from conftest import ANNE, BOB, PASSWORD
from program import DONE, NOT_ALLOWED, run


@pytest.fixture
def log_in(cloud, tmp_path):
    def start(email, password, *options):
        return run("login", "--email", email, "--api", cloud.api, "--ca", cloud.ca, *options, stdin=password + "\n", HOME=tmp_path)

    return start


def accounts(home):
    return {a["email"]: a for a in json.loads(run("accounts", "--json", "--show-secrets", HOME=home).stdout)}


def test_logging_in_gives_what_the_registry_has(cloud, log_in, tmp_path):
    result = log_in(ANNE, PASSWORD)
    assert result.returncode == DONE, result.stderr
    stored = accounts(tmp_path)[ANNE]
    assert stored["broker"] == cloud.broker
    assert (stored["mqtt_username"], stored["mqtt_password"]) == cloud.login(ANNE)
    keys = {p["serial"]: p["key"] for p in cloud.registry()["printers"]}
    assert [(p["serial"], p["key"]) for p in stored["printers"]] == [("ANNESPRINTER1", keys["ANNESPRINTER1"])]


def test_a_wrong_password_is_refused(log_in, tmp_path):
    result = log_in(BOB, "wrong")
    assert result.returncode == NOT_ALLOWED
    assert accounts(tmp_path) == {}


def test_refreshing_goes_by_the_token(cloud, log_in, tmp_path):
    assert log_in(ANNE, PASSWORD).returncode == DONE
    assert log_in(BOB, PASSWORD).returncode == DONE
    result = run("refresh", HOME=tmp_path)
    assert result.returncode == DONE, result.stderr
    assert [p["serial"] for email in (ANNE, BOB) for p in accounts(tmp_path)[email]["printers"]] == ["ANNESPRINTER1", "BOBSPRINTER1"]
