# SPDX-License-Identifier: MIT
"""doctor over HTTP: each link of the chain, one run for whoever asks at the same time, and bounded."""

import http.client
import json
import re
import shutil
import threading

import pytest

from accounts_home import Home
from companions import Companions
from gateway import Gateway
from process import DEADLINE_S, Process, await_gone
from program import BUILD, DONE, environment
from simulator import Simulator
from test_serve import ACCOUNT, SERIALS, keep_printers
from test_serve_openapi import answer_of, fits


@pytest.fixture
def two(home, broker, authority):
    keep_printers(home, broker, authority, SERIALS)
    return home


@pytest.fixture
def companions(tmp_path):
    return Companions(tmp_path / "companions")


def test_every_link_to_a_printer_that_answers(two, connection):
    left = Simulator(*connection(SERIALS["Left"]), "--model", "m5")
    try:
        with Gateway(two) as gateway:
            described = gateway.get("/openapi.json")
            status, report = gateway.status("GET", "/printers/Left/doctor")
            assert status == 200 and report["ok"], report
            assert fits(described, answer_of(described, "GET", "/printers/{printer}/doctor", 200), report) == []
            assert (report["printer"], report["account"]["id"]) == (SERIALS["Left"], ACCOUNT["user_id"][:8])
            names = [link["name"] for link in report["links"]]
            assert names[:5] == ["config", "clock", "dns", "tcp", "tls"] and names[-2:] == ["age", "lan_address"]
            # Its account tells nothing of it in the local network.
            assert report["links"][-1]["applicable"] is False and report["lan_ok"] is None
            for secret in (ACCOUNT["email"], ACCOUNT["user_id"]):
                assert secret not in json.dumps(report) + gateway.log
    finally:
        left.stop()


def test_the_first_link_that_is_broken_says_what_to_do(two, home):
    stored = json.loads(home.store.read_text())
    stored["accounts"][0]["broker"] = "mqtts://127.0.0.1:1"
    stored["accounts"][0]["token_expires_at"] = 1700000000
    home.store.write_text(json.dumps(stored))
    with Gateway(two) as gateway:
        report = gateway.get("/doctor?printer=Right")
    assert not report["ok"] and report["printer"] == SERIALS["Right"]
    broken = [link for link in report["links"] if link["ok"] is False]
    assert [link["name"] for link in broken] == ["tcp"] and broken[0]["advice"]
    assert [link["ok"] for link in report["links"] if link["name"] == "age"] == [None]
    # What doctor reads in the configuration, and what the gateway knows of the account.
    assert "the token has expired" in report["links"][0]["detail"]
    assert report["account"]["login"] == "expired"


def test_which_printer_is_meant(two, tmp_path):
    with Gateway(two) as gateway:
        assert gateway.status("GET", "/doctor")[0] == 409
        assert gateway.status("GET", "/doctor?printer=none")[0] == 404
        assert gateway.status("GET", "/printers/none/doctor")[0] == 404
    empty = Home(tmp_path / "empty")
    empty.folder.mkdir()
    with Gateway(empty) as gateway:
        status, report = gateway.status("GET", "/doctor")
        assert status == 200 and not report["ok"] and report["printer"] is None
        assert "flagship login" in report["links"][0]["advice"]


def test_who_may(two):
    keys = {role: two.run("serve", "key", "add", role, "--role", role).stdout.strip() for role in ("viewer", "operator")}
    right = two.run("serve", "key", "add", "right", "--role", "operator", "--printer", SERIALS["Right"]).stdout.strip()
    assert two.run("serve", "user", "add", "ann", "--role", "admin", stdin="a good password\n").returncode == DONE
    with Gateway(two) as gateway:
        path = "/printers/Left/doctor"
        assert gateway.status("GET", path)[0] == 401
        assert gateway.status("GET", path, **{"X-Api-Key": keys["viewer"]})[0] == 403
        assert gateway.status("GET", "/doctor?printer=Left", **{"X-Api-Key": keys["operator"]})[0] == 403
        # Who has another printer does not learn of this one.
        assert gateway.status("GET", path, **{"X-Api-Key": right})[0] == 404


def ask_in_thread(gateway, path):
    answers = []
    thread = threading.Thread(target=lambda: answers.append(gateway.status("GET", path)), daemon=True)
    thread.start()
    return thread, answers


def test_one_run_serves_all_who_wait_and_ends_with_the_last(two, companions):
    companions.write("flagship", f'echo "$@" >> "{companions.folder}/runs"; while [ ! -e "{companions.folder}/go" ]; do sleep 0.05; done\n'
                                 'echo \'{"links": [{"name": "config", "ok": true}], "ok": true}\'')
    with Gateway(two, **companions.environment) as gateway:
        first = ask_in_thread(gateway, "/printers/Left/doctor")
        pid = companions.await_pid()
        # Another printer is told to wait, who wants the same joins.
        status, headers, problem = gateway.ask("GET", "/printers/Right/doctor")
        assert (status, headers["Retry-After"]) == (503, "5") and "another printer" in problem["detail"]
        second = ask_in_thread(gateway, "/doctor?printer=Left")
        third = gateway.connection()
        third.request("GET", "/api/v1/printers/Left/doctor")
        (companions.folder / "go").touch()
        for thread, answers in (first, second):
            thread.join(DEADLINE_S)
            assert answers[0][0] == 200 and answers[0][1]["links"] == [{"name": "config", "ok": True}]
        assert third.getresponse().status == 200
        await_gone(pid)
        runs = (companions.folder / "runs").read_text().splitlines()
        # Whoever came after its end had one of their own.
        assert set(runs) == {f"doctor --json -p {SERIALS['Left']}"} and len(runs) <= 3
        # Nobody waits any more: it is ended.
        (companions.folder / "go").unlink()
        for _ in runs[1:]:
            companions.await_pid()
        gone = gateway.connection()
        gone.request("GET", "/api/v1/printers/Left/doctor")
        pid = companions.await_pid()
        gone.close()
        await_gone(pid)


@pytest.mark.parametrize("script, limit, status, words", [("sleep 3600", ("--child-timeout", "1"), 504, "took too long"), ("echo '{}'", (), 500, "without a report"),
                                                          ("echo '[1'; echo 'flagship: because' >&2; exit 1", (), 500, "because"),
                                                          ("kill -9 $$", (), 500, "without a report"), ("cat /dev/zero", (), 500, "without a report")],
                         ids=["hangs", "empty", "odd", "killed", "floods"])
def test_a_doctor_that_is_ill(two, companions, script, limit, status, words):
    companions.write("flagship", script)
    with Gateway(two, *limit, **companions.environment) as gateway:
        answered, problem = gateway.status("GET", "/printers/Left/doctor")
        assert answered == status and words in problem["detail"]
        await_gone(companions.await_pid())
        assert gateway.get("/health")["status"] == "ok"


def test_it_ends_with_the_gateway(two, companions):
    companions.write("flagship", "sleep 3600")
    gateway = Gateway(two, **companions.environment)
    thread, answers = ask_in_thread(gateway, "/printers/Left/doctor")
    pid = companions.await_pid()
    assert gateway.stop() == DONE
    thread.join(DEADLINE_S)
    assert answers[0][0] == 503
    await_gone(pid)


def test_an_installed_gateway_finds_its_programs(tmp_path):
    """In libexec, with `flagship` in bin, wherever both were put."""
    home = Home(tmp_path / "home")
    home.folder.mkdir()
    programs = tmp_path / "libexec" / "flagship"
    for folder, names in ((programs, ("flagship-serve", "flagship-account")), (tmp_path / "bin", ("flagship",))):
        folder.mkdir(parents=True)
        for name in names:
            shutil.copy(BUILD / name, folder / name)
    installed = Process(programs / "flagship-serve", "--port", "0", "--moonraker-base-port", "0", env=environment(HOME=home.folder))
    try:
        installed.port = int(re.search(r"http://[^/]*:(\d+)/", installed.await_text("ready:")[-1]).group(1))
        client = http.client.HTTPConnection("127.0.0.1", installed.port, timeout=DEADLINE_S)
        client.request("GET", "/api/v1/doctor")
        report = json.loads(client.getresponse().read())
        assert "flagship login" in report["links"][0]["advice"], report
        client.request("POST", "/api/v1/accounts", '{"file": "{}"}', {"Content-Type": "application/json"})
        assert "holds no login" in json.loads(client.getresponse().read())["detail"]
    finally:
        installed.stop()
