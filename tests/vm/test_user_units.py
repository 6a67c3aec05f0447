# SPDX-License-Identifier: MIT
"""The services of a user, from the first day of an account: systemctl --user enable --now …"""

import pathlib
import stat

import pytest

from machine import CLOUD, FLAGSHIP, SERVE, Manager, ask, attempt, health, run, user_of
from process import until

USER = "ada"
HOME = pathlib.Path("/home", USER)


@pytest.fixture
def ada(serve):
    """Of nobody who ever ran anything; the services of the system are off."""
    serve("stop", SERVE, CLOUD)
    run("useradd", "-m", USER)
    run("loginctl", "enable-linger", USER)
    manager = Manager(USER)
    until(lambda: manager.attempt("is-system-running").stdout.strip() == "running")
    yield manager
    manager.attempt("stop", SERVE, CLOUD)
    run("loginctl", "disable-linger", USER)
    attempt("loginctl", "terminate-user", USER)  # who may be gone by then
    until(lambda: not pathlib.Path(f"/run/user/{HOME.stat().st_uid}").exists())
    run("userdel", "-r", USER)


def of_ada(*words, stdin=None):
    return run("sudo", "-u", USER, "env", f"HOME={HOME}", FLAGSHIP, *words, stdin=stdin)


def test_a_gateway_of_a_user_who_had_none(ada):
    ada("enable", "--now", SERVE)
    assert (health(), ada.show(SERVE, "ActiveState"), user_of(ada.pid())) == (200, "active", USER)
    folder = HOME / ".local/state/flagship/serve"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700 and (folder / "history.db").owner() == USER
    ada("restart", SERVE)
    assert health() == 200


def test_a_cloud_and_the_gateway_that_finds_it(ada):
    of_ada("cloud", "init", "--host", "localhost")
    of_ada("cloud", "add-account", "--email", "ada@example.org", "--password-stdin", stdin="a good password\n")
    of_ada("cloud", "add-printer", "--account", "ada@example.org", "--serial", "OFADA")
    ada("enable", "--now", CLOUD, SERVE)
    assert [printer["serial"] for printer in ask("GET", "/printers")[1]] == ["OFADA"]
    assert [entry["MESSAGE"] for entry in ada.said() if "ready:" in entry["MESSAGE"]]
    ada.ends_well(SERVE)
    ada.ends_well(CLOUD)
