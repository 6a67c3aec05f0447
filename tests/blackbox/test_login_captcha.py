# SPDX-License-Identifier: MIT
"""flagship login: captchas, which a person reads."""

import os
import pathlib
import re
import stat
import subprocess

import pytest

from api_server import LOGIN, Fault
from process import Process
from program import DONE, FAILED, FLAGSHIP, NOT_ALLOWED, environment
from terminal import Terminal


def captcha_login(home, api, authority, account, answers, **changes):
    """Solves captchas as they come: answers(captcha) is what is typed. Returns the process and the pictures."""
    child = Process(FLAGSHIP, "login", "--email", account.email, "--api", api.url, "--ca", authority.certificate,
                    "--service-key", api.key.public, env=environment(HOME=home.folder, **changes), stdin=subprocess.PIPE)
    pictures = []
    child.child.stdin.write(account.password.encode() + b"\n")
    child.child.stdin.flush()
    for answer in answers:
        seen = len(pictures) + 1
        said = child.await_lines(lambda said, seen=seen: sum("captcha" in line for line in said) >= seen)
        path = pathlib.Path([re.search(r"(/\S*flagship-captcha\S*)", line).group(1) for line in said if "captcha" in line][-1])
        pictures.append((path, path.read_bytes(), stat.S_IMODE(path.stat().st_mode)))
        child.child.stdin.write(answer(api.captcha[1]).encode() + b"\n")
        child.child.stdin.flush()
    return child, pictures


def test_a_captcha_is_shown_and_answered(home, api, authority, account):
    api.captchas = 1
    child, pictures = captcha_login(home, api, authority, account, [lambda text: text])
    assert child.await_end() == DONE, child.log
    (path, picture, mode), = pictures
    assert picture == b"\x89PNG\r\n\x1a\n" + api.captcha[1].encode()
    assert mode == 0o600
    assert path.suffix == ".png"
    assert not path.exists()
    assert account.user_id in home.accounts()


def test_a_captcha_that_was_misread_comes_again(home, api, authority, account):
    api.captchas = 2
    child, pictures = captcha_login(home, api, authority, account, [lambda text: "wrong", lambda text: text])
    assert child.await_end() == DONE, child.log
    assert pictures[0][1] != pictures[1][1]
    assert not any(path.exists() for path, _, _ in pictures)


def test_captchas_without_end_end(home, api, authority, account):
    api.captchas = 9
    child, _ = captcha_login(home, api, authority, account, [lambda text: "wrong"] * 3)
    assert child.await_end() == NOT_ALLOWED
    assert "need captcha" in child.log
    assert len(api.requests) == 4
    assert home.accounts() == {}


def test_a_captcha_without_anybody_to_read_it(log_in, api):
    api.captchas = 1
    result = log_in()
    assert result.returncode == NOT_ALLOWED
    assert "wants a captcha solved, and there is no terminal" in result.stderr
    assert "run flagship login in a terminal" in result.stderr and "flagship import" in result.stderr


@pytest.mark.parametrize("item", ["data:image/png;base64,###", "https://elsewhere.example/captcha.png", "data:image/png;base64,", None])
def test_a_captcha_that_cannot_be_shown(log_in, api, item):
    api.faults[LOGIN] = [Fault.code(100032, "need captcha", {"captcha_id": "a", "item": item})]
    result = log_in()
    assert result.returncode == NOT_ALLOWED
    assert "no picture that can be shown" in result.stderr


def test_on_a_desktop_the_captcha_opens(home, api, authority, account, tmp_path):
    opened = tmp_path / "opened"
    opener = tmp_path / "bin" / "xdg-open"
    opener.parent.mkdir()
    opener.write_text(f'#!/bin/sh\ncp "$1" "{opened}"\n')
    opener.chmod(0o755)
    api.captchas = 1
    with Terminal("login", "--email", account.email, "--api", api.url, "--ca", authority.certificate,
                  "--service-key", api.key.public, HOME=home.folder, DISPLAY=":9",
                  PATH=f"{opener.parent}:{os.environ['PATH']}") as terminal:
        terminal.await_text("Password: ")
        terminal.write(account.password + "\n")
        terminal.await_text("its picture was opened")
        terminal.await_text("What does the picture say: ")
        assert opened.read_bytes().endswith(api.captcha[1].encode())
        terminal.write(api.captcha[1] + "\n")
        assert terminal.await_end()[1] == DONE


@pytest.mark.parametrize("runtime, temporary, expected", [
    ("one", "two", "one"), ("missing", "two", "two"), ("", "two", "two"), ("relative", "two", "two")])
def test_a_captcha_is_saved_where_it_can_be(home, api, authority, account, tmp_path, runtime, temporary, expected):
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    api.captchas = 1
    child, ((path, _, _),) = captcha_login(home, api, authority, account, [lambda text: text], TMPDIR=tmp_path / temporary,
                                           XDG_RUNTIME_DIR=tmp_path / runtime if runtime not in ("", "relative") else runtime)
    assert child.await_end() == DONE, child.log
    assert path.parent == tmp_path / expected and not path.exists()


def test_a_captcha_that_cannot_be_saved(home, api, authority, account, tmp_path):
    (tmp_path / "file").touch()
    api.captchas = 1
    child, _ = captcha_login(home, api, authority, account, [], XDG_RUNTIME_DIR=tmp_path / "file")
    assert child.await_end() == FAILED
    assert f"cannot save the picture of the captcha as {tmp_path}/file/flagship-captcha-" in child.log and "Not a directory" in child.log
    assert home.accounts() == {}


@pytest.mark.parametrize("media_type, suffix", [("image/jpeg", ".jpg"), ("image/svg+xml", ".svg"), ("image/webp", ".webp"), ("image/x-odd", ".image")])
def test_a_captcha_has_the_suffix_of_its_kind(home, api, authority, account, media_type, suffix):
    api.captcha = ("a", "text")
    api.faults[LOGIN] = [Fault.code(100032, "need captcha", {"captcha_id": "a", "item": f"data:{media_type};base64,QUJD"})]
    child, ((path, picture, _),) = captcha_login(home, api, authority, account, [lambda text: "x"])
    assert (path.suffix, picture) == (suffix, b"ABC")
    assert child.await_end() == DONE and not path.exists()


@pytest.mark.parametrize("viewer", ["exit 1", "kill -9 $$", None])
def test_a_viewer_that_fails_leaves_the_path(home, api, authority, account, tmp_path, viewer):
    opener = tmp_path / "bin" / "xdg-open"
    opener.parent.mkdir()
    if viewer:
        opener.write_text(f"#!/bin/sh\n{viewer}\n")
        opener.chmod(0o755)
    api.captchas = 1
    with Terminal("login", "--email", account.email, "--api", api.url, "--ca", authority.certificate, "--service-key", api.key.public,
                  HOME=home.folder, DISPLAY="", WAYLAND_DISPLAY="wayland-9", PATH=str(opener.parent)) as terminal:
        terminal.await_text("Password: ")
        terminal.write(account.password + "\n")
        text = terminal.await_text("What does the picture say: ")
        assert "/flagship-captcha-" in text and "was opened" not in text
        terminal.write(api.captcha[1] + "\n")
        assert terminal.await_end()[1] == DONE
