# SPDX-License-Identifier: MIT
"""The API client under everything that can go wrong, driven by flagship refresh."""

import email.utils
import hashlib
import json
import re
import subprocess
import time

import pytest

from api_server import DSK_KEYS, PRINTERS, PROFILE, Account, Fault, printer
from broker import fingerprint, free_port
from process import DEADLINE_S
from program import CANNOT_CONNECT, DONE, FAILED, FLAGSHIP, NOT_ALLOWED, NOT_CONFIGURED, USAGE, environment, lines

V3_PRINTERS = PRINTERS.replace("/v1/", "/v3/")
V3_PROFILE = PROFILE.replace("/v1/", "/v3/")
V3_DSK_KEYS = DSK_KEYS.replace("/v1/", "/v3/")


def busy(status):
    return Fault(status, b"busy", {"Retry-After": "0"})


@pytest.fixture
def refresh(home, api, authority, account):
    """refresh of an account that is stored already, with an old printer in it."""
    old = printer("AK7OLD0123456789", "Old", key="11" * 32)
    result = stored(home, account, api, authority, [old, {**account.printers[0], "station_name": "Before"}])
    assert result.returncode == DONE, result.stderr

    def start(*options, **changes):
        return home.run("refresh", *options, **changes)

    return start


def stored(home, account, api, authority, printers):
    folder = home.folder / f"studio-{account.user_id}"
    (folder / "cache/offline/user_info").mkdir(parents=True)
    (folder / "cache/offline/device_info").mkdir(parents=True)
    (folder / "cache/offline/user_info/login_info.json").write_text(json.dumps({"data": account.login()}))
    (folder / "cache/offline/device_info/device_list.json").write_text(json.dumps({"data": printers}))
    return home.run("import", folder, "--api", api.url, "--ca", authority.certificate)


def names(home, account):
    return [entry["name"] for entry in home.accounts()[account.user_id]["printers"]]


def test_the_list_is_renewed_and_the_old_forgotten(refresh, home, api, account):
    assert api.requests == []
    result = refresh("--json")
    assert result.returncode == DONE, result.stderr
    assert names(home, account) == ["Left", "Kitchen"]
    assert [entry["serial"] for entry in lines(result)[0]["printers"]] == ["AK7ABC0123456789", "AK7DEF0123456789"]
    assert home.accounts()[account.user_id]["refreshed_at"] == pytest.approx(time.time(), abs=60)


def test_what_is_sent(refresh, api, account):
    assert refresh().returncode == DONE
    listed, dsk, profile = api.requests
    assert (listed.method, listed.path, listed.body) == ("POST", PRINTERS, {})
    assert dsk.body == {"station_sns": ["AK7ABC0123456789", "AK7DEF0123456789"], "invalid_dsks": {}}
    assert (profile.method, profile.path, profile.body) == ("GET", PROFILE, None)
    for request in api.requests:
        headers = request.headers
        assert headers["X-Auth-Token"] == account.token
        assert headers["Gtoken"] == hashlib.md5(account.user_id.encode()).hexdigest()
        assert headers["App_name"] == "anker_make"
        assert headers["Model_type"] == "PC"
        assert headers["Country"] == "DE"
        assert headers["Content-Type"] == "application/json"
        assert headers["User-Agent"].startswith("flagship/")
        for name in ("App_version", "Language", "Os_type", "Os_version"):
            assert headers[name]


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_a_service_without_time_is_asked_again(refresh, home, api, account, status):
    api.faults[PRINTERS] = [busy(status), busy(status)]
    assert refresh().returncode == DONE
    assert api.paths().count(PRINTERS) == 3
    assert names(home, account) == ["Left", "Kitchen"]


def test_retry_after_in_seconds_is_waited_for(refresh, api):
    api.faults[PRINTERS] = [Fault(429, b"", {"Retry-After": "3"})]
    assert refresh().returncode == DONE
    first, second = [request.at for request in api.requests if request.path == PRINTERS]
    assert 2.95 <= second - first  # without it, it would be one second


def test_retry_after_as_a_date_is_waited_for(refresh, api):
    date_s = int(time.time()) + 3
    api.faults[PRINTERS] = [Fault(503, b"", {"Retry-After": email.utils.formatdate(date_s, usegmt=True)})]
    assert refresh().returncode == DONE
    _, second = [request.at for request in api.requests if request.path == PRINTERS]
    ago_s = time.monotonic() - second
    assert time.time() - ago_s >= date_s - 0.05


def test_without_retry_after_there_is_a_pause(refresh, api):
    api.faults[PRINTERS] = [Fault(500)]
    assert refresh().returncode == DONE
    first, second = [request.at for request in api.requests if request.path == PRINTERS]
    assert 0.95 <= second - first


def test_a_service_that_wants_an_hour_is_not_waited_for(refresh, home, api, account):
    api.faults[PRINTERS] = [Fault(429, b"", {"Retry-After": "3600"})]
    result = refresh()
    assert result.returncode == FAILED
    assert "asks to wait 3600 s" in result.stderr
    assert api.paths() == [PRINTERS]
    assert names(home, account) == ["Old", "Before"]


def test_tries_come_to_an_end(refresh, home, api, account):
    api.faults[PRINTERS] = [busy(503)] * 9
    result = refresh()
    assert result.returncode == FAILED
    assert "HTTP status 503" in result.stderr and "4 times" in result.stderr
    assert api.paths() == [PRINTERS] * 4
    assert names(home, account) == ["Old", "Before"]


def test_the_settings_say_how_often(refresh, home, api):
    home.settings("[api]\nretries = 0\n")
    api.faults[PRINTERS] = [busy(503)]
    assert refresh().returncode == FAILED
    assert api.paths() == [PRINTERS]


NO_ANSWERS = [b'{"code": 0, "msg": "Succeed.", "data": [{"station_sn": "AK7', b"", b"<html>login</html>", b"[]", b'{"data": []}', b'{"code": 0}',
              b'{"code": 0, "data": {"a": 1}}', b'{"code": 0, "data": [1]}', b"{" * 5000]


@pytest.mark.parametrize("body", NO_ANSWERS, ids=range(len(NO_ANSWERS)))
def test_an_answer_that_is_none_changes_nothing(refresh, home, api, account, body):
    api.faults[PRINTERS] = [Fault(200, body)]
    result = refresh()
    assert result.returncode == FAILED
    assert "answered 'printers' with" in result.stderr
    assert names(home, account) == ["Old", "Before"]


def test_an_answer_that_broke_off_is_asked_for_again(refresh, home, api, account):
    api.faults[PRINTERS] = [Fault(200, b'{"code": 0, "data": [', promise=1000)]
    assert refresh().returncode == DONE
    assert api.paths().count(PRINTERS) == 2
    assert names(home, account) == ["Left", "Kitchen"]


def test_an_answer_that_always_breaks_off(refresh, home, api):
    home.settings("[api]\nretries = 1\n")
    api.faults[PRINTERS] = [Fault(200, b"{", promise=1000)] * 2
    result = refresh()
    assert result.returncode == CANNOT_CONNECT
    assert "broke off" in result.stderr


def test_an_answer_beyond_all_bounds(refresh, home, api, account):
    api.faults[PRINTERS] = [Fault(200, b" " * 5_000_000)]
    result = refresh()
    assert result.returncode == FAILED
    assert "larger than" in result.stderr
    assert names(home, account) == ["Old", "Before"]


def test_an_error_of_the_service_is_reported_in_its_words(refresh, home, api, account):
    api.faults[PRINTERS] = [Fault.code(4711, "the \x1b[31mstars\n are wrong", status=200)]
    result = refresh()
    assert result.returncode == NOT_ALLOWED
    assert "stars" in result.stderr and "code 4711" in result.stderr
    assert "\x1b" not in result.stderr and len(result.stderr.splitlines()) == 1
    assert names(home, account) == ["Old", "Before"]


@pytest.mark.parametrize("fault", [Fault(401, b""), Fault.code(401, "unauthorised"), Fault.code(26084, "kicked out"),
                                   Fault.code(9, "Your TOKEN has expired.")])
def test_an_expired_token_is_said_as_such(refresh, home, api, account, fault):
    api.faults[PRINTERS] = [fault]
    result = refresh()
    assert result.returncode == NOT_ALLOWED
    assert "does not take the token any more" in result.stderr
    assert "flagship login" in result.stderr and "flagship import" in result.stderr
    assert api.paths() == [PRINTERS]
    assert names(home, account) == ["Old", "Before"]


def test_a_token_of_somebody_else(refresh, api, account):
    account.token = "another one"
    result = refresh()
    assert result.returncode == NOT_ALLOWED
    assert "does not take the token" in result.stderr


def test_newer_paths_where_the_old_ones_are_gone(refresh, home, api, account):
    api.unknown_paths = {PRINTERS, DSK_KEYS, PROFILE}
    result = refresh()
    assert result.returncode == DONE, result.stderr
    assert api.paths() == [PRINTERS, V3_PRINTERS, DSK_KEYS, V3_DSK_KEYS, PROFILE, V3_PROFILE]
    assert names(home, account) == ["Left", "Kitchen"]
    assert home.accounts()[account.user_id]["printers"][0]["dsk_key"] == account.dsk_key("AK7ABC0123456789")


def test_a_service_that_is_no_api(refresh, api):
    api.unknown_paths = {PRINTERS, V3_PRINTERS}
    result = refresh()
    assert result.returncode == FAILED
    assert "is it the API?" in result.stderr


def test_redirections_are_not_followed(refresh, api):
    api.faults[PRINTERS] = [Fault(302, b"", {"Location": f"{api.url}{V3_PRINTERS}"})]
    result = refresh()
    assert result.returncode == FAILED
    assert "HTTP status 302" in result.stderr
    assert api.paths() == [PRINTERS]


def test_without_keys_of_the_lan_protocol_the_rest_is_kept(refresh, home, api, account):
    api.faults[DSK_KEYS] = [Fault.code(1, "no such thing")]
    result = refresh()
    assert result.returncode == DONE
    assert "keys of the LAN protocol are missing" in result.stderr
    assert names(home, account) == ["Left", "Kitchen"]


def test_devices_that_are_no_printers_are_left_out(refresh, home, api, account):
    account.printers += [{"station_name": "a camera"}, printer("no serial!"), printer("AK7XYZ0123456789", key="zz")]
    result = refresh()
    assert result.returncode == DONE
    assert "2 of the devices" in result.stderr
    assert names(home, account) == ["Left", "Kitchen", "Left"]
    assert "missing" in result.stdout


def test_silence_ends_in_time(refresh, api):
    api.faults[PRINTERS] = [Fault(delay_s=20)]
    result = refresh("--timeout", "500ms")
    assert result.returncode == CANNOT_CONNECT
    assert "did not answer in time" in result.stderr


def test_a_service_that_is_down(refresh, home, api, account):
    api.stop()
    try:
        result = refresh()
        assert result.returncode == CANNOT_CONNECT
        assert "check the network" in result.stderr
        assert names(home, account) == ["Old", "Before"]
    finally:
        api.start()


def test_a_certificate_that_changed_is_refused(refresh, home, api, account, authority, tmp_path_factory):
    other = type(authority)(tmp_path_factory.mktemp("impostor"), "another CA")
    api.stop()
    api.certificate = other.issue("api")
    api.start()
    result = refresh()
    assert result.returncode == CANNOT_CONNECT
    assert "not trusted" in result.stderr
    assert fingerprint(api.certificate[0]).replace(":", "").lower() in result.stderr
    assert api.requests == []
    assert names(home, account) == ["Old", "Before"]


def test_a_certificate_that_expired_is_refused(refresh, api, authority):
    api.stop()
    api.certificate = authority.issue("expired-api", days=-1)
    api.start()
    result = refresh()
    assert result.returncode == CANNOT_CONNECT
    assert "expired" in result.stderr
    assert api.requests == []


def test_two_at_once_lose_nothing(refresh, home, api, authority, account):
    other = Account("other@example.org", "x", printers=[printer("AK7GHI0123456789", "Cellar")])
    api.accounts[other.email] = other
    assert stored(home, other, api, authority, other.printers).returncode == DONE
    children = [subprocess.Popen([str(FLAGSHIP), "refresh", name], env=environment(HOME=home.folder), stdout=subprocess.DEVNULL,
                                 stderr=subprocess.DEVNULL) for name in [account.user_id, other.email] * 4]
    assert [child.wait(timeout=DEADLINE_S) for child in children] == [DONE] * 8
    assert names(home, account) == ["Left", "Kitchen"]
    assert names(home, other) == ["Cellar"]


def test_one_account_that_fails_keeps_the_others_going(refresh, home, api, authority, account):
    other = Account("other@example.org", "x", printers=[printer("AK7GHI0123456789", "Cellar")])
    assert stored(home, other, api, authority, [{**other.printers[0], "station_name": "Old"}]).returncode == DONE
    result = refresh()
    assert result.returncode == NOT_ALLOWED
    assert names(home, account) == ["Left", "Kitchen"]
    assert names(home, other) == ["Old"]


def test_an_account_that_is_not_there(refresh):
    result = refresh("nobody@example.org")
    assert result.returncode == USAGE
    assert "no account has this e-mail address" in result.stderr


@pytest.mark.parametrize("word", ["the address", "the user id", "the beginning", "1"])
def test_one_account_is_chosen_by(refresh, home, account, word):
    words = {"the address": account.email.upper(), "the user id": account.user_id, "the beginning": account.user_id[:6]}
    assert refresh(words.get(word, word)).returncode == DONE
    assert names(home, account) == ["Left", "Kitchen"]


def test_no_account_at_all(home):
    result = home.run("refresh")
    assert result.returncode == NOT_CONFIGURED
    assert "flagship login" in result.stderr and "flagship import" in result.stderr


def test_secrets_stay_out_of_the_output(refresh, account):
    result = refresh()
    shown = result.stdout + result.stderr
    assert not [secret for secret in (account.token, account.email, "ab" * 32, "cd" * 32) if secret in shown]
    assert re.search(r"Kitchen +AK7DEF0123456789 +M5C +yes", result.stdout)


def test_hundreds_of_printers(refresh, home, api, account):
    account.printers = [printer(f"AK7{number:013d}", f"Printer {number}") for number in range(250)]
    assert refresh().returncode == DONE
    assert len(names(home, account)) == 250
    assert [len(request.body["station_sns"]) for request in api.requests if request.path == DSK_KEYS] == [100, 100, 50]


def test_a_proxy_that_is_down(refresh, home, api, account):
    result = refresh(https_proxy=f"http://127.0.0.1:{free_port()}")
    assert result.returncode == CANNOT_CONNECT
    assert api.requests == []
