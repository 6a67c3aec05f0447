# SPDX-License-Identifier: MIT
"""flagship login over the signed session, where the plain one is closed."""

import pytest

import signed_session
from api_server import DSK_KEYS, LOGIN, PRINTERS, PROFILE, Fault
from program import DONE, FAILED, NOT_ALLOWED
from test_login_captcha import captcha_login

CLOSED = [Fault(404), Fault(403, b"closed"), Fault(426), Fault.code(100024, "bad headers"), Fault.code(10000, "bad parameter"),
          Fault.code(5, "use the app", status=403)]


@pytest.fixture
def signed(api):
    api.signed = signed_session.Service()
    return api.signed


@pytest.mark.parametrize("success", [0, 200])
@pytest.mark.parametrize("closed", CLOSED, ids=range(len(CLOSED)))
def test_where_the_plain_login_is_closed_it_is_signed(log_in, home, api, account, signed, closed, success):
    api.plain_is_closed, api.success = closed, success
    result = log_in()
    assert result.returncode == DONE, result.stderr
    assert api.signed_paths == [LOGIN, PRINTERS, DSK_KEYS, PROFILE]
    assert signed.complaints == [] and api.passwords[-1] == account.password
    stored = home.accounts()[account.user_id]
    assert stored["auth_token"] == account.token and len(stored["printers"]) == 2
    assert stored["printers"][0]["dsk_key"] == account.dsk_key("AK7ABC0123456789")
    login = next(r for r in api.requests if r.path == LOGIN and "X-Key-Ident" in r.headers)
    assert (login.body["login_id"], login.body["verify_code"]) == ("", "") and login.body["ab"] == login.body["ab_code"] == "US"
    # One pair of keys, for the session and for the password.
    assert len(signed.keys) == 2


def test_a_refresh_finds_the_signed_session_too(log_in, home, api, account, signed):
    assert log_in().returncode == DONE
    assert api.signed_paths == []
    api.plain_is_closed = Fault.code(100024, "bad headers")
    result = home.run("refresh")
    assert result.returncode == DONE, result.stderr
    assert api.signed_paths == [PRINTERS, DSK_KEYS, PROFILE] and signed.complaints == []


def test_the_signed_session_may_be_chosen(log_in, home, api, account, signed):
    home.settings("[api]\nsession = signed\n")
    assert log_in("--country", "NZ").returncode == DONE
    assert api.signed_paths == [LOGIN, PRINTERS, DSK_KEYS, PROFILE]
    assert [r.path for r in api.requests if "X-Encryption-Info" not in r.headers] == []
    assert next(r for r in api.requests if r.path == LOGIN).body["ab_code"] == "NZ"


def test_the_signed_session_may_be_forbidden(log_in, home, api, signed):
    home.settings("[api]\nsession = plain\n")
    api.plain_is_closed = Fault(404)
    result = log_in()
    assert result.returncode == FAILED
    assert api.signed_paths == [] and signed.keys == {}
    assert home.run("config", "set", "api.session", "both").returncode != DONE


@pytest.mark.parametrize("refusal", [Fault.code(26006, "no"), Fault.code(100027, "no"), Fault.code(100023, "no")], ids=range(3))
def test_who_is_refused_is_not_asked_twice(log_in, api, signed, refusal):
    """The form was understood: the password counts as tried."""
    api.faults[LOGIN] = [refusal]
    assert log_in().returncode == NOT_ALLOWED
    assert api.paths() == [LOGIN]


def test_where_neither_is_open_both_are_reported(log_in, home, api):
    api.plain_is_closed = Fault.code(100024, "bad headers")
    result = log_in()
    assert result.returncode == NOT_ALLOWED
    assert "code 100024" in result.stderr and "signed session" in result.stderr
    assert home.accounts() == {}


@pytest.mark.parametrize("data", [None, {}, {"server_public_key": "AAAA"}, {"server_public_key": 5}])
def test_a_key_exchange_that_is_none(log_in, home, api, signed, data):
    api.plain_is_closed = Fault(404)
    signed.exchange = lambda headers, body: data or {"other": 1}
    result = log_in()
    assert result.returncode == FAILED
    assert "key exchange" in result.stderr
    assert api.signed_paths == [] and home.accounts() == {}


def test_signed_refusals_are_reported_as_plain_ones(log_in, api, signed):
    api.plain_is_closed = Fault(404)
    result = log_in(stdin="wrong\n")
    assert result.returncode == NOT_ALLOWED
    assert "password is wrong" in result.stderr
    assert api.signed_paths == [LOGIN]


def test_a_captcha_over_the_signed_session(home, api, authority, account, signed):
    api.plain_is_closed, api.captchas = Fault(404), 1
    child, _ = captcha_login(home, api, authority, account, [lambda text: text])
    assert child.await_end() == DONE, child.log
    assert signed.complaints == [] and account.user_id in home.accounts()


def test_a_signed_call_that_is_tried_again_is_signed_anew(log_in, home, api, account, signed):
    api.plain_is_closed = Fault(404)
    api.faults[PRINTERS] = [Fault(503)]
    result = log_in()
    assert result.returncode == DONE, result.stderr
    assert signed.complaints == [] and api.signed_paths.count(PRINTERS) == 2
    assert len(home.accounts()[account.user_id]["printers"]) == 2
