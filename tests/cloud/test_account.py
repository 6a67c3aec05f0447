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


def test_the_user_id_is_shown_to_nobody_who_does_not_ask_for_secrets(cloud, log_in, tmp_path):
    """It is half of the MQTT login."""
    user_id = cloud.login(ANNE)[0].removeprefix("eufy_")
    told = [log_in(ANNE, PASSWORD)]
    assert run("accounts", "1", "--show-secrets", HOME=tmp_path).stdout.count(user_id) == 2
    told += [run(*words, HOME=tmp_path) for words in (["accounts"], ["accounts", "1"], ["accounts", "--json"], ["logout", "1"])]
    assert [result.returncode for result in told] == [DONE] * len(told)
    for result in told:
        assert user_id not in result.stdout + result.stderr
        assert user_id[:8] in result.stdout + result.stderr
