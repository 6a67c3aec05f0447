# SPDX-License-Identifier: MIT
"""flagship login --dialog: a program in the place of a person."""

import base64
import json
import subprocess

import pytest

from json_style import check
from process import Process
from program import DONE, FAILED, FLAGSHIP, USAGE, environment


def dialog(home, api, authority, *options):
    return Process(FLAGSHIP, "login", "--dialog", "--api", api.url, "--ca", authority.certificate, "--service-key", api.key.public, *options,
                   env=environment(HOME=home.folder), stdin=subprocess.PIPE, output="stdout")


def say(child, **line):
    child.child.stdin.write(json.dumps(line).encode() + b"\n")
    child.child.stdin.flush()


def test_a_dialog_needs_no_secret_among_the_arguments(home, api, authority, account):
    account.password = 'with "quotes", \\ and \t tab: ü'
    api.captchas = 2
    child = dialog(home, api, authority)
    say(child, email=account.email, password=account.password)
    for seen, answer in enumerate((lambda: "wrong", lambda: api.captcha[1]), start=1):
        line = child.await_lines(lambda lines, seen=seen: len(lines) >= seen)[-1]
        captcha = json.loads(line)["captcha"]
        assert captcha["media_type"] == "image/png"
        assert base64.b64decode(captcha["data"]) == b"\x89PNG\r\n\x1a\n" + api.captcha[1].encode()
        say(child, answer=answer())
    assert child.await_end() == DONE
    assert json.loads(child.lines[-1])["account"] == account.user_id[:8] + "…"
    assert api.passwords[-1] == account.password
    assert account.user_id in home.accounts()
    check("login", child.lines[-1])


@pytest.mark.parametrize("line", ["", "x", "[]", "{}", '{"email": "a@b.c"}', '{"email": "a@b.c", "password": ""}', '{"email": 1, "password": "x"}',
                                  '{"email": "a@b.c", "password": "x\\u0000y"}', '{"email": "nobody", "password": "x"}',
                                  '{"email": "a@b.c", "password": "' + "x" * 5000 + '"}'], ids=range(10))
def test_a_dialog_that_makes_no_sense(home, api, authority, line):
    result = home.run("login", "--dialog", "--api", api.url, "--ca", authority.certificate, stdin=line + "\n")
    assert result.returncode == USAGE
    assert "xxxx" not in result.stderr and result.stdout == ""
    assert api.requests == []


def test_a_line_of_a_dialog_without_an_end(home, api, authority):
    result = home.run("login", "--dialog", "--api", api.url, "--ca", authority.certificate, stdin='{"email": "' + "x" * 50000)
    assert result.returncode == FAILED and "cannot read the e-mail address and password" in result.stderr
    assert "xxxx" not in result.stderr and api.requests == []


def test_the_address_of_a_dialog_is_no_argument(home, api, account):
    result = home.run("login", "--dialog", "--email", account.email, "--api", api.url, stdin="{}\n")
    assert result.returncode == USAGE and "standard input, too" in result.stderr


def test_a_dialog_that_ends_at_the_captcha(home, api, authority, account):
    api.captchas = 1
    result = home.run("login", "--dialog", "--api", api.url, "--ca", authority.certificate, "--service-key", api.key.public,
                      stdin=json.dumps({"email": account.email, "password": account.password}) + "\n")
    assert result.returncode == USAGE and "no answer to the captcha was given" in result.stderr
    assert home.accounts() == {}
