# SPDX-License-Identifier: MIT
"""flagship serve as somebody at a desktop starts it: settings of their choice, and the page in their browser."""

import os
import signal
import stat

import pytest

from accounts_home import Home
from gateway import Gateway
from process import until
from program import NOT_CONFIGURED, run


@pytest.fixture
def home(tmp_path):
    return Home(tmp_path)


@pytest.fixture
def desktop(tmp_path):
    """An xdg-open that notes who it is and what it is to open, and stays as a browser does."""
    folder = tmp_path / "bin"
    folder.mkdir()
    program = folder / "xdg-open"
    program.write_text(f'#!/bin/sh\necho "$$ $@" >>{tmp_path}/opened\nexec sleep 600\n')
    program.chmod(stat.S_IRWXU)
    yield {"PATH": f"{folder}:{os.environ['PATH']}", "DISPLAY": ":7"}
    for line in (tmp_path / "opened").read_text().splitlines():
        os.kill(int(line.split()[0]), signal.SIGKILL)


def test_the_page_is_opened_once(home, desktop, tmp_path):
    opened = tmp_path / "opened"
    with Gateway(home, "--open", **desktop) as gateway:
        until(lambda: opened.exists() and opened.read_text())
        assert opened.read_text().split()[1:] == [f"http://127.0.0.1:{gateway.port}/"]


@pytest.mark.parametrize("changes", [{"DISPLAY": "", "WAYLAND_DISPLAY": ""}, {"DISPLAY": ":7", "PATH": "/nonexistent"}], ids=["no desktop", "no opener"])
def test_without_a_desktop_the_address_is_said(home, changes):
    with Gateway(home, "--open", **changes) as gateway:
        gateway.await_text("there is no desktop that could open the page")
        assert f"it is at http://127.0.0.1:{gateway.port}/" in gateway.log


def test_settings_of_another_file(home, tmp_path):
    file = tmp_path / "other.conf"
    file.write_text("[serve]\ncloud = off\n")
    home.settings("[cli]\ntimeout = soon\n")
    with Gateway(home, "--config", file):
        pass
    file.write_text("[cli]\ntimeout = soon\n")
    result = run("serve", "--port", "0", "--moonraker-base-port", "0", "--config", file, HOME=home.folder)
    assert result.returncode != 0 and str(file) in result.stderr


def test_settings_that_are_not_there(home, tmp_path):
    result = run("serve", "--config", tmp_path / "none.conf", HOME=home.folder)
    assert result.returncode == NOT_CONFIGURED and "none.conf: No such file" in result.stderr


def test_a_variable_names_them_for_every_command(home, tmp_path):
    assert home.run("config", "path", FLAGSHIP_CONFIG=tmp_path / "a.conf").stdout == f"{tmp_path}/a.conf\n"
    for useless in ("", "a.conf"):
        assert home.run("config", "path", FLAGSHIP_CONFIG=useless).stdout == f"{home.folder}/.config/flagship/flagship.conf\n"
