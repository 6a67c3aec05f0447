# SPDX-License-Identifier: MIT
"""flagship-serve.socket in the place of the service: the gateway begins with the first request."""

import pytest

from machine import PORT, SERVE, SOCKET, ask, attempt, run
from process import until


@pytest.fixture
def waiting(serve):
    serve("stop", SERVE)
    serve("start", SOCKET)
    return serve


def test_the_first_request_starts_it(waiting):
    assert (waiting.show(SERVE, "ActiveState"), waiting.show(SOCKET, "SubState")) == ("inactive", "listening")
    assert ask("GET", "/health")[0] == 200
    assert (waiting.show(SERVE, "ActiveState"), waiting.show(SOCKET, "SubState")) == ("active", "running")
    listeners = [line for line in run("ss", "-Hltn").splitlines() if f":{PORT} " in line]
    assert [line.split()[3] for line in listeners] == [f"127.0.0.1:{PORT}"]


def test_a_request_after_its_end_starts_it_again(waiting):
    assert ask("GET", "/health")[0] == 200
    pid = waiting.pid()
    # Nobody is refused meanwhile.
    waiting("stop", SERVE)
    assert ask("GET", "/health")[0] == 200
    assert waiting.pid() not in (0, pid)


def test_a_restore_by_http_ends_it_and_a_request_starts_it(waiting):
    status, backup = ask("GET", "/backup")
    assert status == 200
    pid = waiting.pid()
    assert ask("POST", "/restore", backup, kind="application/x-tar")[0] == 200
    until(lambda: waiting.pid() == 0)
    assert waiting.show(SERVE, "Result") == "success"
    assert ask("GET", "/health")[0] == 200
    assert waiting.pid() not in (0, pid)
    assert waiting.show(SERVE, "NRestarts") == "0"


def test_the_unit_has_no_faults():
    result = attempt("systemd-analyze", "verify", "--man=no", SOCKET)
    assert (result.returncode, result.stderr) == (0, "")
