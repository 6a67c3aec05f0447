# SPDX-License-Identifier: MIT
"""flagship-cloud as a service of the system, with its broker."""

import os
import pathlib
import signal
import ssl
import urllib.error
import urllib.request

from conftest import SERIAL
from machine import AS_SERVICE, CLOUD, WATCHDOG_S, answers, attempt, entries, run, user_of
from process import await_gone, until


def broker(serve):
    """Process of mosquitto, the one child."""
    pid = serve.pid(CLOUD)
    return int(pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii"))


def answer_of_api(cloud):
    """Whether the cloud's API answers, and is the one of its CA."""
    context = ssl.create_default_context(cadata=(cloud / "ca.pem").read_text(encoding="ascii"))
    try:
        with urllib.request.urlopen("https://localhost:8443/", context=context):
            return True
    except urllib.error.HTTPError:
        return True
    except urllib.error.URLError:
        return False


def status_is_well():
    return attempt(*AS_SERVICE, "cloud", "status", "--json").returncode == 0


def test_it_is_active_when_broker_and_api_answer(serve, cloud):
    serve("stop", CLOUD)
    assert not answer_of_api(cloud)
    serve("start", CLOUD)
    assert answer_of_api(cloud) and status_is_well()
    assert "active (running)" in serve("status", "--no-pager", CLOUD)
    assert {user_of(serve.pid(CLOUD)), user_of(broker(serve))} == {"flagship"}
    answers("/printers", lambda printers: [(p["serial"], p["online"]) for p in printers] == [(SERIAL, True)])


def test_it_ends_with_its_broker(serve):
    child = broker(serve)
    serve.ends_well(CLOUD)
    await_gone(child)


def test_reload(serve):
    pid, child = serve.pid(CLOUD), broker(serve)
    serve("reload", CLOUD)
    until(lambda: any("was read again" in entry["MESSAGE"] for entry in serve.said(CLOUD)))
    assert (serve.pid(CLOUD), broker(serve)) == (pid, child)


def test_it_comes_back_after_a_kill_with_its_printers(serve):
    pid, child = serve.pid(CLOUD), broker(serve)
    before = run(*AS_SERVICE, "cloud", "list", "--json")
    os.kill(pid, signal.SIGKILL)
    await_gone(child)
    until(lambda: serve.pid(CLOUD) not in (0, pid) and serve.show(CLOUD, "ActiveState") == "active")
    assert run(*AS_SERVICE, "cloud", "list", "--json") == before
    answers("/printers", lambda printers: [(p["serial"], p["online"]) for p in printers] == [(SERIAL, True)])


def test_the_watchdog_ends_one_that_hangs(serve):
    serve("stop", CLOUD)
    serve.drop_in(CLOUD, f"WatchdogSec={WATCHDOG_S}")
    serve("start", CLOUD)
    pid = serve.pid(CLOUD)
    os.kill(pid, signal.SIGSTOP)
    until(lambda: serve.pid(CLOUD) not in (0, pid) and serve.show(CLOUD, "ActiveState") == "active")
    assert any("Watchdog timeout" in entry["MESSAGE"] for entry in entries("-u", CLOUD))


def test_one_that_is_not_set_up_says_so_and_is_not_tried_forever(serve, cloud):
    serve("stop", CLOUD)
    cloud.rename(cloud.with_name("away"))
    try:
        assert serve.attempt("start", CLOUD).returncode == 1
        assert [serve.show(CLOUD, name) for name in ("ActiveState", "ExecMainStatus")] == ["failed", "3"]
        assert any("flagship cloud init" in entry["MESSAGE"] for entry in serve.said(CLOUD))
    finally:
        cloud.with_name("away").rename(cloud)
        serve("reset-failed", CLOUD)
