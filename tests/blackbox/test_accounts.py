# SPDX-License-Identifier: MIT
"""flagship accounts and flagship logout: what is stored, with secrets hidden."""

import json
import stat
import time

import pytest

from program import DONE, FAILED, NOT_CONFIGURED, REFUSED, USAGE
from terminal import Terminal

DAY_S = 24 * 60 * 60
NOW_S = int(time.time())

LEFT = {
    "serial": "AK7ABC0123456789", "name": "Left", "model": "M5", "model_code": "V8111", "key": "ab" * 32,
    "dsk_key": "dskdskdskdskdskdsk20", "p2p_did": "EUPRAKM-012345-ABCDE", "address": "192.168.1.20",
    "firmware": "V3.0.1", "wifi_mac": "5a92bc951772",
}
FIRST = {
    "user_id": "0123abcd", "email": "someone@example.com", "auth_token": "first-token",
    # However long after the tests were collected one of them is reached.
    "token_expires_at": NOW_S + 12 * DAY_S + 20 * 60, "country": "DE", "region": "eu", "source": "login",
    "refreshed_at": NOW_S - 2 * DAY_S, "printers": [LEFT, {"serial": "AK8DEF0123456789", "model_code": "V8110"}],
}
SECOND = {
    "user_id": "0123ffff", "email": "local@home.example", "auth_token": "second-token",
    "token_expires_at": NOW_S - 3 * 60 * 60, "region": "us", "api": "https://localhost:8443",
    "broker": "mqtts://localhost:8789", "mqtt_username": "workshop", "mqtt_password": "hunter2-hunter2",
    "printers": [],
}
SECRETS = ["someone@example.com", "local@home.example", "first-token", "second-token", "ab" * 32,
           "dskdskdskdskdskdsk20", "hunter2-hunter2"]


@pytest.fixture
def stored(home):
    """Writes accounts.json: stored(accounts...), or stored(text="...")."""

    def write(*accounts, text=None, mode=0o600):
        home.store.parent.mkdir(parents=True, exist_ok=True)
        home.store.write_text(text or json.dumps({"version": 1, "accounts": accounts}, indent=1))
        home.store.chmod(mode)
        return home

    return write


def test_nothing_stored(home):
    result = home.run("accounts")
    assert (result.returncode, result.stdout) == (DONE, "")
    assert "flagship login" in result.stderr and "flagship import" in result.stderr
    assert home.run("accounts", "--json").stdout == "[]\n"
    assert home.run("accounts", "1").returncode == NOT_CONFIGURED
    assert home.run("logout").returncode == NOT_CONFIGURED
    assert not home.store.exists()


def test_the_list(stored):
    home = stored(FIRST, SECOND)
    result = home.run("accounts")
    assert (result.returncode, result.stderr) == (DONE, "")
    heading, first, second = result.stdout.splitlines()
    assert heading.split() == ["#", "USER", "ID", "E-MAIL", "SERVICE", "PRINTERS", "TOKEN", "REFRESHED", "SOURCE"]
    assert first.split() == ["1", "0123abcd", "s***@example.com", "eu", "2", "valid", "for", "12", "d", "0", "h", "2",
                             "days", "ago", "login"]
    assert second.split() == ["2", "0123ffff", "l***@home.example", "https://localhost:8443", "0", "expired", "3", "h",
                              "ago", "never", "-"]


def test_json(stored):
    home = stored(FIRST, SECOND)
    first, second = json.loads(home.run("accounts", "--json").stdout)
    assert first["user_id"] == "0123abcd"
    assert first["email"] == "s***@example.com"
    assert first["broker"] == "mqtts://make-mqtt-eu.ankermake.com:8789"
    assert first["api"] == "https://make-app-eu.ankermake.com"
    assert first["mqtt_username"] == "eufy_0123abcd"
    assert first["token_expired"] is False
    assert [p["serial"] for p in first["printers"]] == ["AK7ABC0123456789", "AK8DEF0123456789"]
    assert [p["model"] for p in first["printers"]] == ["M5", "M5C"]
    assert first["printers"][0]["key"] == first["printers"][0]["dsk_key"] == first["auth_token"] == "(hidden)"
    assert first["printers"][1]["key"] is None
    assert second["token_expired"] is True
    assert (second["broker"], second["mqtt_username"]) == ("mqtts://localhost:8789", "workshop")
    assert second["refreshed_at"] is None
    assert json.loads(home.run("accounts", "2", "--json").stdout) == second


def test_one_account(stored):
    home = stored(FIRST, SECOND)
    result = home.run("accounts", "0123abcd")
    assert result.returncode == DONE
    lines = result.stdout.splitlines()
    assert lines[0] == "0123abcd"
    assert "  Broker         mqtts://make-mqtt-eu.ankermake.com:8789" in lines
    assert "  Token          (hidden)" in lines
    assert lines[-2].split() == ["AK7ABC0123456789", "Left", "M5", "-", "192.168.1.20", "V3.0.1", "(hidden)", "(hidden)"]
    assert "flagship refresh" in home.run("accounts", "2").stdout


@pytest.mark.parametrize("word", ["0123ffff", "0123f", "2", "local@home.example", "LOCAL@HOME.example"])
def test_names_of_an_account(stored, word):
    assert json.loads(stored(FIRST, SECOND).run("accounts", "--json", word).stdout)["user_id"] == "0123ffff"


@pytest.mark.parametrize("word,told", [
    ("0123", "is the beginning of 2 accounts: 0123abcd, 0123ffff"),
    ("3", "there is no account '3'; there are: 0123abcd, 0123ffff"),
    ("0", "is the beginning of 2 accounts"),
    ("-1", "there is no account '-1'"),
    ("", "there is no account ''"),
    ("nobody@example.com", "no account has this e-mail address"),
])
def test_names_of_none_or_several(stored, word, told):
    home = stored(FIRST, SECOND)
    for command in ("accounts", "logout"):
        result = home.run(command, word)
        assert result.returncode == USAGE
        assert told in result.stderr
        assert "nobody@" not in result.stderr
        assert result.stdout == ""
    assert len(home.accounts()) == 2


def test_secrets_are_only_shown_when_asked_for(stored):
    home = stored(FIRST, SECOND)
    commands = [["accounts"], ["accounts", "1"], ["accounts", "2"], ["accounts", "--json"], ["accounts", "1", "--json"]]
    for command in commands:
        result = home.run(*command)
        for secret in SECRETS:
            assert secret not in result.stdout + result.stderr
    shown = "".join(home.run(*command, "--show-secrets").stdout for command in commands)
    for secret in SECRETS:
        assert secret in shown
    for command in (["logout", "1"], ["logout", "--all"]):
        result = home.run(*command)
        assert result.returncode == DONE
        for secret in SECRETS:
            assert secret not in result.stdout + result.stderr


def test_text_of_the_store_does_not_take_over_the_terminal(stored):
    home = stored({**FIRST, "source": "a\x1b[31mb", "printers": [{**LEFT, "name": "x\ny\x1b]0;z\x07"}]})
    for command in (["accounts"], ["accounts", "1"], ["logout"]):
        output = home.run(*command).stdout
        assert "\x1b" not in output and "x\ny" not in output


def test_a_file_that_others_can_read(stored):
    home = stored(FIRST, mode=0o644)
    result = home.run("accounts")
    assert result.returncode == DONE
    assert "0123abcd" in result.stdout
    assert f"warning: {home.store} holds secrets and can be read by others; run chmod 600" in result.stderr
    stored(FIRST, SECOND, mode=0o644)
    assert "could be read by others until now (mode 0644)" in home.run("logout", "1").stderr
    assert stat.S_IMODE(home.store.stat().st_mode) == 0o600


def test_a_damaged_file(stored):
    text = json.dumps({"version": 1, "accounts": [FIRST]}, indent=1)[:200]
    home = stored(text=text)
    for command in (["accounts"], ["accounts", "--json"], ["logout"], ["logout", "--all"]):
        result = home.run(*command)
        assert result.returncode == FAILED
        assert f"{home.store} is damaged: line {text.count(chr(10)) + 1}: " in result.stderr
        assert result.stdout == ""
    assert home.store.read_text() == text
    assert [entry.name for entry in home.store.parent.iterdir() if "damaged" in entry.name] == []


def test_the_store_follows_xdg(stored, tmp_path):
    home = stored(FIRST)
    assert home.run("accounts", "--json", XDG_STATE_HOME=tmp_path / "other").stdout == "[]\n"
    assert home.run("accounts", "--json", XDG_STATE_HOME=home.folder / ".local" / "state").stdout != "[]\n"


def test_logout_of_the_only_account(stored):
    home = stored(FIRST)
    result = home.run("logout")
    assert (result.returncode, result.stderr) == (DONE, "")
    assert result.stdout == "Forgot the account 0123abcd of s***@example.com and its 2 printers.\n"
    assert home.accounts() == {}
    assert "ab" * 32 not in home.store.read_text()


@pytest.mark.parametrize("settings, stays", [("", False), ("[broker]\nca = {}\n", True)])
def test_logout_leaves_the_ca_that_the_settings_go_by(stored, home, settings, stays):
    kept = home.store.with_name(f"ca-{'5a' * 16}.pem")
    stored({**SECOND, "ca_file": str(kept)})
    kept.write_text("a certificate\n")
    home.settings(settings.format(kept))
    assert home.run("logout", "--all").returncode == DONE
    assert (home.accounts(), kept.exists()) == ({}, stays)


def test_logout_of_one_of_several(stored):
    home = stored(FIRST, SECOND)
    result = home.run("logout")
    assert result.returncode == USAGE
    assert "there are 2 accounts: say which, or --all" in result.stderr
    assert home.run("logout", "1", "--all").returncode == USAGE
    assert len(home.accounts()) == 2
    assert home.run("logout", "someone@example.com").returncode == DONE
    assert list(home.accounts()) == ["0123ffff"]
    assert home.accounts()["0123ffff"]["mqtt_password"] == "hunter2-hunter2"


def test_logout_of_all(stored):
    home = stored(FIRST, SECOND)
    assert len(home.run("logout", "--all").stdout.splitlines()) == 2
    assert home.accounts() == {}


# Its key was given by hand: no service can be asked for it again.
BY_HAND = {"user_id": "0123eeee", "email": "", "auth_token": "", "region": "eu", "printers": [LEFT]}


def test_logout_where_keys_would_be_lost(stored):
    home = stored(BY_HAND)
    for words in (("logout",), ("logout", "--all"), ("logout", "0123eeee")):
        result = home.run(*words)
        assert result.returncode == REFUSED and "--yes" in result.stderr and result.stdout == ""
        assert "0123eeee" in home.accounts()
    for answer, status in (("n", REFUSED), ("", REFUSED), ("y", DONE)):
        with Terminal("logout", HOME=home.folder) as terminal:
            assert "may exist nowhere else" in terminal.await_text("[y/N] ")
            terminal.write(answer + "\n")
            assert terminal.await_end()[1] == status
        assert ("0123eeee" in home.accounts()) == (status == REFUSED)
    stored(BY_HAND)
    assert home.run("logout", "--yes").returncode == DONE


def test_logout_of_keys_that_another_account_has(stored):
    home = stored(BY_HAND, FIRST)
    assert home.run("logout", "0123eeee").returncode == DONE
    home = stored(BY_HAND, FIRST)
    assert home.run("logout", "--all").returncode == REFUSED


def forgotten(home, *words):
    return home.run("logout", "-p", "AK7ABC0123456789", *words)


def kept_printers(home):
    return [printer["serial"] for account in home.accounts().values() for printer in account["printers"]]


def test_one_printer_is_forgotten_in_every_account(stored):
    expired = {**FIRST, "token_expires_at": NOW_S - DAY_S}
    home = stored(expired, {**BY_HAND, "printers": [LEFT, {"serial": "AK9DEF0123456789", "key": "cd" * 32}]})
    refused = forgotten(home)
    assert refused.returncode == REFUSED and "--yes" in refused.stderr and len(kept_printers(home)) == 4
    with Terminal("logout", "-p", "AK7ABC0123456789", HOME=home.folder) as terminal:
        assert "may exist nowhere else" in terminal.await_text("[y/N] ")
        terminal.write("y\n")
        assert terminal.await_end()[1] == DONE
    assert kept_printers(home) == ["AK8DEF0123456789", "AK9DEF0123456789"] and "ab" * 32 not in home.store.read_text()
    gone = forgotten(home, "--yes")
    assert gone.returncode == USAGE and "AK7ABC0123456789" in gone.stderr


def test_a_printer_that_would_come_again_is_asked_about(stored):
    home = stored(FIRST)
    refused = forgotten(home)
    assert refused.returncode == REFUSED and len(kept_printers(home)) == 2
    with Terminal("logout", "-p", "AK7ABC0123456789", HOME=home.folder) as terminal:
        assert "comes again with the next list" in terminal.await_text("[y/N] ")
        terminal.write("n\n")
        assert terminal.await_end()[1] == REFUSED
    done = forgotten(home, "--yes")
    assert done.returncode == DONE and "Forgot the printer" in done.stdout and "AK7ABC0123456789" in done.stdout
    assert kept_printers(home) == ["AK8DEF0123456789"]
    # Of nothing that is known nothing is lost.
    assert home.run("logout", "-p", "AK8DEF0123456789", "--yes").returncode == DONE
    assert list(home.accounts()) == ["0123abcd"]


def test_a_printer_is_forgotten_by_itself(stored):
    home = stored(FIRST)
    for words in (["--all"], ["1"]):
        assert forgotten(home, *words).returncode == USAGE
    assert home.run("logout", "-p", "nobody").returncode == USAGE
    assert home.run("logout", "-p", "all", "--yes").returncode == USAGE
    assert len(kept_printers(home)) == 2


def test_logout_where_nothing_can_be_written(stored):
    home = stored(FIRST)
    (home.store.parent / ".accounts.json.new").mkdir()
    result = home.run("logout")
    assert result.returncode == FAILED
    assert "nothing was changed" in result.stderr
    assert result.stdout == ""
    assert len(home.accounts()) == 1
