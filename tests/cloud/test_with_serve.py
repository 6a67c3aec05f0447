# SPDX-License-Identifier: MIT
"""A gateway finds the cloud of this machine by itself, and `flagship cloud run --with-serve` runs both."""

import json
import os
import pathlib
import re
import signal
import socket
import stat
import urllib.request

import pytest

from accounts_home import Home
from gateway import Gateway
from local_cloud import Cloud
from process import DEADLINE_S, Process, await_gone, until
from program import DONE, FAILED, FLAGSHIP, SANITIZED, USAGE, environment, run
from simulator import Simulator

pytestmark = pytest.mark.skipif(SANITIZED, reason="mosquitto cannot load a plugin of the fuzzers' build")

ANNE, BOB = "anne@example.org", "bob@example.org"
PASSWORD = "correct horse battery staple"
DUID, ADDRESS = "EUPRAKM-000001-ABCDE", "127.0.0.2"
LEFT, RIGHT = "AK7LEFT000000001", "AK7RIGHT00000002"
WITH_SERVE = ("--with-serve", "--serve-port", 0, "--serve-moonraker-base-port", 0)


@pytest.fixture
def home(tmp_path):
    return Home(tmp_path)


@pytest.fixture
def cloud(home):
    """Where flagship cloud keeps it by default, with an account that has a printer."""
    with Cloud(home.folder) as made:
        made.folder = home.folder / ".local" / "state" / "flagship" / "cloud"
        made.add_account(ANNE, PASSWORD)
        made.add_printer(LEFT, ANNE, "--name", "Left", "--duid", DUID, "--address", ADDRESS)
        yield made


def start_both(cloud, home, *options):
    cloud.start(*WITH_SERVE, *options, HOME=home.folder)
    cloud.process.await_text("cloud: ready:")


def address(cloud):
    return re.findall(r"http://127\.0\.0\.1:\d+", next(line for line in reversed(cloud.process.log.splitlines()) if "serve: ready:" in line))[0]


def ask(cloud, path, body=None):
    request = urllib.request.Request(f"{address(cloud)}{path}", data=None if body is None else json.dumps(body).encode(),
                                     headers={"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=DEADLINE_S) as answer:
        return answer.read().decode()


def printers(asked):
    return {p["serial"]: p for p in asked}


def await_printers(cloud, condition):
    return until(lambda: (found := printers(json.loads(ask(cloud, "/api/v1/printers")))) is not None and condition(found) and found)


def children(pid):
    return [int(word) for word in pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()]


def serve_pid(cloud):
    return next(pid for pid in children(cloud.process.pid) if b"flagship-serve" in pathlib.Path(f"/proc/{pid}/cmdline").read_bytes())


def session_lines(metrics):
    return re.findall(r"^flagship_mqtt_sessions(?:_connected)? (\d+)", metrics, re.M)


def test_the_printers_of_the_cloud_are_there_without_configuration(cloud, home):
    start_both(cloud, home)
    file = cloud.dir / "gateway.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    handed = json.loads(file.read_text(encoding="utf-8"))["accounts"][0]["printers"][0]
    assert (handed["serial"], handed["p2p_did"], handed["address"]) == (LEFT, DUID, ADDRESS)
    simulated = Simulator("--broker", cloud.broker, "--ca", cloud.ca, "--serial", LEFT, "--key-file", cloud.key_file(LEFT))
    try:
        assert await_printers(cloud, lambda found: found[LEFT]["online"])[LEFT]["name"] == "Left"
        answer = json.loads(ask(cloud, f"/api/v1/printers/{LEFT}/commands", {"command": "bed", "target_c": 40}))
        assert answer["outcome"] == "confirmed"

        report = json.loads(ask(cloud, f"/api/v1/printers/{LEFT}/doctor"))
        assert (report["ok"], report["printer"], report["account"]["local"]) == (True, LEFT, True), report

        cloud.command("add-printer", "--account", ANNE, "--serial", RIGHT, "--model", "m5c", "--name", "Right")
        assert await_printers(cloud, lambda found: RIGHT in found)[RIGHT]["model"] == "M5C"
        cloud.command("set-printer", RIGHT, "--name", "Other")
        await_printers(cloud, lambda found: found[RIGHT]["name"] == "Other")
        cloud.command("remove-printer", RIGHT)
        await_printers(cloud, lambda found: set(found) == {LEFT})
    finally:
        simulated.stop()

    pids = children(cloud.process.pid)
    log = cloud.process
    assert len(pids) == 2
    assert cloud.stop() == DONE
    for pid in pids:
        await_gone(pid)
    # It ended before the broker that it used.
    words = [word for line in log.log.splitlines() for word in ("the gateway has ended", "terminating", "died") if word in line]
    assert words == ["the gateway has ended", "terminating"]


def test_a_paired_printer_appears_once_its_key_is_known(cloud, home):
    start_both(cloud, home)
    key = home.folder / "key"
    password = home.folder / "password"
    for path, text in ((key, "ab" * 32), (password, "its secret\n")):
        path.write_text(text)
        path.chmod(0o600)
    cloud.command("pair", "open", RIGHT)
    simulated = Simulator("--broker", cloud.broker, "--ca", cloud.ca, "--serial", RIGHT, "--key-file", key, "--scenario", "print",
                          "--username", "printer", "--password-file", password)
    try:
        until(lambda: (result := cloud.attempt("pair", "approve", RIGHT)).returncode == DONE or print(result.stderr, cloud.process.log))
        cloud.command("set-printer", RIGHT, "--key-file", key)
        cloud.command("share", RIGHT, ANNE)
        await_printers(cloud, lambda found: RIGHT in found and found[RIGHT]["online"])
    finally:
        simulated.stop()


def test_a_gateway_that_is_killed_comes_back(cloud, home):
    start_both(cloud, home)
    before = serve_pid(cloud)
    os.kill(before, signal.SIGKILL)
    cloud.process.await_text("the gateway died (signal 9); starting it again")
    cloud.process.await_text("the gateway runs again")
    assert serve_pid(cloud) != before
    assert set(await_printers(cloud, bool)) == {LEFT}
    assert cloud.stop() == DONE


def test_a_cloud_that_is_killed_takes_the_gateway_with_it(cloud, home):
    start_both(cloud, home)
    pids = children(cloud.process.pid)
    process, cloud.process = cloud.process, None
    process.signal(signal.SIGKILL)
    for pid in pids:
        await_gone(pid)
    process.await_text("the program that started this one has ended")
    start_both(cloud, home)


def test_where_the_gateway_cannot_start_nothing_stays(cloud, home):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        process = Process(FLAGSHIP, "cloud", "run", "--dir", cloud.dir, "--with-serve", "--serve-port", taken.getsockname()[1],
                          "--serve-moonraker-base-port", 0, env=environment(HOME=home.folder))
        assert process.await_end() == FAILED
    assert "the gateway does not start (exit status 1): its own words stand above" in process.log
    assert "ready: broker" not in process.log
    with Gateway(home):
        pass


def test_its_options_want_it(cloud):
    result = cloud.attempt("run", "--serve-port", 1)
    assert result.returncode == USAGE and "go with --with-serve" in result.stderr


def test_a_gateway_of_its_own_follows_the_cloud_whatever_happens_to_the_file(cloud, home):
    file = cloud.dir / "gateway.json"
    with Gateway(home) as gateway:
        assert gateway.get("/printers") == []
        cloud.start(HOME=home.folder)
        until(lambda: set(printers(gateway.get("/printers"))) == {LEFT})
        good = file.read_bytes()
        for damaged in (b"", b"[]", good[:-40], b"\0" * 100):
            before = gateway.log.count("its printers stay as they were")
            file.write_bytes(damaged)
            gateway.await_lines(lambda lines, count=before: sum("its printers stay as they were" in line for line in lines) > count)
            gateway.await_text("gateway.json is damaged")
            assert set(printers(gateway.get("/printers"))) == {LEFT}
        # What accounts.json says is taken over meanwhile.
        assert home.run("login", "--email", ANNE, "--api", cloud.api, "--ca", cloud.ca, stdin=PASSWORD + "\n").returncode == DONE
        gateway.await_text("settings and accounts were read again")
        # The cloud replaces the file with its next change.
        cloud.command("add-printer", "--account", ANNE, "--serial", RIGHT, "--model", "m5", "--name", "Right")
        until(lambda: set(printers(gateway.get("/printers"))) == {LEFT, RIGHT})
        assert cloud.stop() == DONE
        # It will be back.
        assert set(printers(gateway.get("/printers"))) == {LEFT, RIGHT}


def test_what_a_gateway_could_not_be_told_is_told_later(cloud, home):
    """Though nothing else changes meanwhile."""
    file = cloud.dir / "gateway.json"
    cloud.start(HOME=home.folder)
    file.unlink()
    file.mkdir()
    cloud.command("add-printer", "--account", ANNE, "--serial", RIGHT, "--model", "m5", "--name", "Right")
    cloud.process.await_text("a gateway on this machine does not learn what changed")
    file.rmdir()
    until(lambda: file.is_file() and RIGHT in file.read_text(encoding="utf-8"))


def test_a_login_that_is_stored_too_is_one_session(cloud, home):
    """accounts.json knows the first printer by a login, the cloud both."""
    cloud.start(HOME=home.folder)
    assert home.run("login", "--email", ANNE, "--api", cloud.api, "--ca", cloud.ca, stdin=PASSWORD + "\n").returncode == DONE
    cloud.command("add-printer", "--account", ANNE, "--serial", RIGHT, "--model", "m5", "--name", "Right")
    cloud.command("add-account", "--email", BOB, "--password-stdin", stdin=PASSWORD + "\n")
    cloud.command("share", LEFT, BOB)
    with Gateway(home) as gateway:
        assert set(printers(gateway.get("/printers"))) == {LEFT, RIGHT}
        until(lambda: "printers=3 held_as_accounts_json_says=2" in gateway.log)

        def sessions():
            connection = gateway.connection()
            connection.request("GET", "/metrics")
            text = connection.getresponse().read().decode()
            connection.close()
            return session_lines(text)

        until(lambda: sessions() == ["1", "1"])
        # With the login gone, the cloud's own is used.
        assert home.run("logout", "--all").returncode == DONE
        until(lambda: "printers=3 held_as_accounts_json_says=0" in gateway.log)
        assert set(printers(gateway.get("/printers"))) == {LEFT, RIGHT}


def test_a_file_that_others_may_change_is_left_out_and_said_once(cloud, home):
    cloud.start(HOME=home.folder)
    (cloud.dir / "gateway.json").chmod(0o666)
    with Gateway(home) as gateway:
        gateway.await_text("the printers of the cloud on this machine are left out")
        assert "gateway.json can be changed by others" in gateway.log
        assert gateway.get("/printers") == []
        gateway.signal(signal.SIGHUP)
        gateway.await_text("settings and accounts were read again")
        assert gateway.log.count("are left out") == 1 and "error" not in gateway.log
        (cloud.dir / "gateway.json").chmod(0o600)
        gateway.signal(signal.SIGHUP)
        until(lambda: set(printers(gateway.get("/printers"))) == {LEFT})


def test_it_can_be_elsewhere_or_off(cloud, home, tmp_path):
    cloud.start(HOME=home.folder)
    with Gateway(home, "--cloud", "off") as gateway:
        assert gateway.get("/printers") == []
    elsewhere = Home(tmp_path / "elsewhere")
    with Gateway(elsewhere, "--cloud", cloud.dir) as gateway:
        assert set(printers(gateway.get("/printers"))) == {LEFT}
    home.settings("[serve]\ncloud = off\n")
    with Gateway(home) as gateway:
        assert gateway.get("/printers") == []
        home.settings(f"[serve]\ncloud = {cloud.dir}\n")
        until(lambda: set(printers(gateway.get("/printers"))) == {LEFT})
        # The file that is followed now is another one.
        cloud.command("add-printer", "--account", ANNE, "--serial", RIGHT, "--model", "m5")
        until(lambda: set(printers(gateway.get("/printers"))) == {LEFT, RIGHT})
        home.settings("[serve]\ncloud = off\n")
        until(lambda: gateway.get("/printers") == [])
    result = run("serve", "--cloud", "", HOME=home.folder)
    assert result.returncode == USAGE and "--cloud: the folder of a cloud is missing" in result.stderr


def test_an_administrator_reaches_all_and_a_printer_without_a_key_is_left_out(cloud, home):
    cloud.add_account(BOB, PASSWORD, "--administrator")
    cloud.start(HOME=home.folder)
    said = {account["email"]: {p["serial"] for p in account.get("printers", [])}
            for account in json.loads((cloud.dir / "gateway.json").read_text())["accounts"]}
    assert said == {ANNE: {LEFT}, BOB: {LEFT}}
