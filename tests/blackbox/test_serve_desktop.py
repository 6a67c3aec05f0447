# SPDX-License-Identifier: MIT
"""flagship serve as somebody at a desktop starts it: settings of their choice, and the page in their browser."""

import os
import pathlib
import re
import signal
import stat

import pytest

from accounts_home import Home
from gateway import Gateway
from process import until
from program import NOT_CONFIGURED, run

MARK = "FLAGSHIP_TEST_OPENER"


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
    yield {"PATH": f"{folder}:{os.environ['PATH']}", "DISPLAY": ":7", MARK: str(tmp_path)}
    for pid in openers(tmp_path):
        os.kill(pid, signal.SIGKILL)


def openers(mark):
    """Those that a gateway began, be it that they have not come to note anything."""
    found = set()
    for process in pathlib.Path("/proc").iterdir():
        try:
            if f"{MARK}={mark}".encode() in (process / "environ").read_bytes().split(b"\0") and not os.readlink(process / "exe").endswith("/flagship-serve"):
                found.add(int(process.name))
        except (OSError, ValueError):
            pass  # none, not ours, or just gone
    return found


def await_opened(tmp_path):
    """Who opened a page, alone, and which."""
    opened = tmp_path / "opened"
    pid, url = until(lambda: opened.exists() and opened.read_text()).split()
    # The shell that begins it ends after it has.
    until(lambda: openers(tmp_path) == {int(pid)}, lambda: openers(tmp_path))
    return {int(pid)}, url


def test_the_page_is_opened_once(home, desktop, tmp_path):
    with Gateway(home, "--open", **desktop) as gateway:
        assert await_opened(tmp_path)[1] == f"http://127.0.0.1:{gateway.port}/"


def test_it_is_not_opened_again_where_the_gateway_begins_anew(home, desktop, tmp_path):
    """The page that is open connects again. A gateway opens before it answers, so that who asks it afterwards has seen all."""
    with Gateway(home, "--open", **desktop) as gateway:
        pids, _ = await_opened(tmp_path)
        connection = gateway.connection()
        connection.request("GET", "/api/v1/backup")
        archive = connection.getresponse().read()
        gateway.signal(signal.SIGHUP)
        assert gateway.get("/health")["status"] == "ok"
        assert gateway.status("POST", "/restore", archive, **{"Content-Type": "application/x-tar"})[0] == 200
        lines = gateway.await_lines(lambda lines: sum("ready:" in line for line in lines) == 2)
        gateway.port = int(re.findall(r"ready:.* http://[^/]*:(\d+)/", "\n".join(lines))[-1])
        assert gateway.get("/health")["status"] == "ok"
        assert openers(tmp_path) == pids


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


def test_settings_behind_a_link_that_is_replaced(home, tmp_path):
    """As Kubernetes changes what it mounts: the link leads to another folder, and the old one goes."""
    link = tmp_path / "current"
    for name, timeout in (("one", "9"), ("two", "soon")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.conf").write_text(f"[cli]\ntimeout = {timeout}\n")
    link.symlink_to("one")
    with Gateway(home, "--config", link / "a.conf") as gateway:
        (tmp_path / "next").symlink_to("two")
        (tmp_path / "next").rename(link)
        gateway.signal(signal.SIGHUP)
        gateway.await_text("soon")
