# SPDX-License-Identifier: MIT
"""flagship login where the account has a second factor: a code that the service mails."""

import json
import subprocess

import pytest

import signed_session
from api_server import DSK_KEYS, LOGIN, PRINTERS, PROFILE, SEND_CODE, TEMPORARY, Fault
from json_style import check
from process import Process
from program import CANNOT_CONNECT, DONE, FLAGSHIP, NOT_ALLOWED, USAGE, environment
from terminal import Terminal

NEWER_SEND_CODE = "/v3/sms/send/verify_code"


@pytest.fixture
def options(api, authority):
    return ["--api", api.url, "--ca", authority.certificate, "--service-key", api.key.public]


class Person:
    """At a terminal. The password is typed once something is awaited: until then a test says what the service does."""

    def __init__(self, terminal, account):
        self.terminal, self.account, self.is_known = terminal, account, False

    def _log_in(self):
        if not self.is_known:
            self.is_known = True
            self.terminal.await_text("Password: ")
            self.tell(self.account.password)

    def await_question(self, note="second factor"):
        self._log_in()
        self.terminal.await_text(note)
        return self.terminal.await_text("Code that the vendor sent to o***@example.org: ")

    def await_end(self):
        self._log_in()
        return self.terminal.await_end()

    def tell(self, text):
        self.terminal.write(text + "\n")


@pytest.fixture
def person(home, account, options):
    with Terminal("login", "--email", account.email, *options, HOME=home.folder) as terminal:
        yield Person(terminal, account)


@pytest.mark.parametrize("factor", ["code", "step"])
def test_the_code_is_asked_for_on_a_terminal(home, api, account, person, factor):
    api.factor = factor
    person.await_question()
    person.tell(api.mailed[0])
    text, status = person.await_end()
    assert status == DONE, text
    assert home.accounts()[account.user_id]["auth_token"] == account.token
    assert api.paths()[:3] == [LOGIN, SEND_CODE, LOGIN] and api.passwords == [account.password] * 2
    assert api.mailed[0] not in text and TEMPORARY not in text


def test_a_token_without_a_user_is_enough(home, api, account, person):
    api.factor, api.factor_user = "code", False
    person.await_question()
    person.tell(api.mailed[0])
    assert person.await_end()[1] == DONE
    assert account.user_id in home.accounts()


def test_a_wrong_code_is_asked_for_again(home, api, account, person):
    api.factor = "code"
    person.await_question()
    person.tell("nonsense")
    person.await_question("that was not the code")
    person.tell(f" {api.mailed[0][:3]} {api.mailed[0][3:]} ")
    text, status = person.await_end()
    assert status == DONE, text
    assert len(api.mailed) == 1 and account.user_id in home.accounts()


def test_a_code_that_came_too_late_is_sent_anew(home, api, account, person):
    api.factor = "code"
    person.await_question()
    late = api.mailed[0]
    api.mailed.append("none of these")
    person.tell(late)
    person.await_question("came too late")
    assert len(api.mailed) == 3
    person.tell(api.mailed[-1])
    assert person.await_end()[1] == DONE
    assert account.user_id in home.accounts()


def test_wrong_codes_end(home, api, person):
    api.factor = "code"
    person.await_question()
    for _ in range(2):
        person.tell("nonsense")
        person.await_question("that was not the code")
    person.tell("nonsense")
    text, status = person.await_end()
    assert status == NOT_ALLOWED
    assert "wrong, 3 times" in text and "flagship import" in text
    assert home.accounts() == {} and len(api.mailed) == 1


@pytest.mark.parametrize("typed", ["", "   "])
def test_who_has_no_code_gives_it_up(home, api, person, typed):
    api.factor = "code"
    person.await_question()
    person.tell(typed)
    text, status = person.await_end()
    assert status == USAGE and "no code was given" in text
    assert home.accounts() == {} and api.paths() == [LOGIN, SEND_CODE]


def test_a_code_that_is_too_long(home, api, person):
    api.factor = "code"
    person.await_question()
    person.tell("7" * 80)
    text, status = person.await_end()
    assert status != DONE and "cannot read the code" in text and "777" not in text
    assert home.accounts() == {} and api.paths() == [LOGIN, SEND_CODE]


def test_a_wish_that_is_repeated_is_a_wrong_code(home, api, account, person):
    """Some services ask as they did before; the token may be another one."""
    api.factor = "code"
    person.await_question()
    api.faults[LOGIN] = [Fault.code(26052, "need validate code", {"auth_token": TEMPORARY, "user_id": account.user_id})]
    person.tell("nonsense")
    person.await_question("that was not the code")
    person.tell(api.mailed[0])
    assert person.await_end()[1] == DONE
    assert len(api.mailed) == 1 and account.user_id in home.accounts()


def test_without_a_terminal_no_code_is_sent_for(home, api, account, options):
    api.factor = "code"
    result = home.run("login", "--email", account.email, *options, stdin=account.password + "\n")
    assert result.returncode == NOT_ALLOWED
    assert "second factor" in result.stderr and "run flagship login in a terminal" in result.stderr and "flagship import" in result.stderr
    assert home.accounts() == {} and api.paths() == [LOGIN]


# --- what cannot be right ---

HALVES = [{}, {"auth_token": ""}, {"auth_token": 7}, {"auth_token": "x" * 300}, {"auth_token": "a\r\nHost: elsewhere"}, [], None]


@pytest.mark.parametrize("data", HALVES, ids=range(len(HALVES)))
def test_a_wish_without_a_token(home, api, person, data):
    api.faults[LOGIN] = [Fault.code(26052, "verify", data)]
    text, status = person.await_end()
    assert status == NOT_ALLOWED
    assert "holds no token" in text and "flagship import" in text
    assert api.paths() == [LOGIN] and home.accounts() == {}


@pytest.mark.parametrize("refusal, words", [(Fault.code(26053, "too many codes"), "too many codes"), (Fault.code(401, "no", status=401), "token"),
                                            (Fault(200, b"<html>"), "no JSON")], ids=["limit", "token", "page"])
def test_a_code_that_is_not_sent(home, api, person, refusal, words):
    api.factor, api.faults[SEND_CODE] = "code", [refusal]
    text, status = person.await_end()
    assert status == NOT_ALLOWED
    assert "its code cannot be had" in text and words in text and "flagship import" in text
    assert "flagship login" not in text and home.accounts() == {}


def test_a_service_that_does_not_know_the_call(home, api, person):
    api.factor, api.unknown_paths = "code", {SEND_CODE, NEWER_SEND_CODE}
    text, status = person.await_end()
    assert status == NOT_ALLOWED and "does not know the call" in text and "flagship import" in text
    assert api.paths() == [LOGIN, SEND_CODE, NEWER_SEND_CODE]


def test_the_newer_path_is_tried(home, api, account, person):
    api.factor, api.unknown_paths = "code", {SEND_CODE}
    person.await_question()
    person.tell(api.mailed[0])
    assert person.await_end()[1] == DONE
    assert account.user_id in home.accounts()


@pytest.fixture
def impatient(home):
    home.settings("[api]\nretries = 0\n")


def test_a_service_that_is_gone_before_the_code(impatient, home, api, person):
    api.factor, api.faults[SEND_CODE] = "code", [Fault(200, b"{", promise=9)]
    assert person.await_end()[1] == CANNOT_CONNECT
    assert home.accounts() == {}


# --- with the rest of a login ---


def test_the_code_goes_over_the_signed_session(home, api, account, person):
    api.signed, api.plain_is_closed, api.factor = signed_session.Service(), Fault.code(100024, "bad headers"), "step"
    person.await_question()
    person.tell(api.mailed[0])
    text, status = person.await_end()
    assert status == DONE, text
    assert api.signed_paths == [LOGIN, SEND_CODE, LOGIN, PRINTERS, DSK_KEYS, PROFILE] and api.signed.complaints == []
    first, second = [request.body for request in api.requests if request.path == LOGIN and "X-Key-Ident" in request.headers]
    assert (first["verify_code"], second["verify_code"]) == ("", api.mailed[0])


# --- a program in the place of a person ---


class Dialog:
    def __init__(self, home, account, options):
        self.child = Process(FLAGSHIP, "login", "--dialog", *options, env=environment(HOME=home.folder), stdin=subprocess.PIPE, output="stdout")
        self.account, self.heard = account, 0

    def say(self, **line):
        self.child.child.stdin.write(json.dumps(line).encode() + b"\n")
        self.child.child.stdin.flush()

    def hear(self):
        if self.heard == 0:
            self.say(email=self.account.email, password=self.account.password)
        self.heard += 1
        return json.loads(self.child.await_lines(lambda lines: len(lines) >= self.heard)[-1])


@pytest.fixture
def dialog(home, account, options):
    return Dialog(home, account, options)


def test_a_dialog_is_asked_for_the_code(home, api, account, dialog):
    api.factor = "code"
    asked = dialog.hear()
    assert asked == {"second_factor": {"sent_to": "o***@example.org", "reason": "sent"}}
    dialog.say(answer="nonsense")
    assert dialog.hear()["second_factor"]["reason"] == "wrong"
    late = api.mailed[0]
    api.mailed.append("none of these")
    dialog.say(answer=late)
    assert dialog.hear()["second_factor"]["reason"] == "expired"
    dialog.say(answer=api.mailed[-1])
    assert dialog.child.await_end() == DONE
    check("login", dialog.child.lines[-1])
    assert account.user_id in home.accounts()


def test_captchas_come_in_between(home, api, account, dialog):
    api.factor, api.captchas = "code", 1
    assert "captcha" in dialog.hear()
    dialog.say(answer=api.captcha[1])
    assert "second_factor" in dialog.hear()
    api.captcha, api.captchas = None, 1
    dialog.say(answer=api.mailed[0])
    assert "captcha" in dialog.hear()
    dialog.say(answer=api.captcha[1])
    assert dialog.child.await_end() == DONE
    last = [request.body for request in api.requests if request.path == LOGIN][-1]
    assert last["verify_code"] == api.mailed[0] and account.user_id in home.accounts()
    code_alone = [request.body for request in api.requests if request.path == LOGIN][-2]
    assert "captcha_id" not in code_alone


@pytest.mark.parametrize("line", ["x", "{}", '{"answer": ""}', '{"answer": 123456}', json.dumps({"answer": "7" * 80}), ""], ids=range(6))
def test_an_answer_that_makes_no_sense(home, api, account, options, line):
    api.factor = "code"
    said = json.dumps({"email": account.email, "password": account.password}) + "\n" + line
    result = home.run("login", "--dialog", *options, stdin=said)
    assert result.returncode == USAGE and "code of the second factor" in result.stderr and "777" not in result.stderr
    assert home.accounts() == {} and api.paths() == [LOGIN, SEND_CODE]
