# SPDX-License-Identifier: MIT
"""The programs that work on accounts for flagship serve: one at a time, behind which others wait, bounded, and gone with who asked."""

import json
import os
import pathlib
import signal
import socket
import threading

import pytest

from accounts_served import assert_hidden, companions, credentials, service  # noqa: F401  fixtures
from companions import Companions
from gateway import Gateway
from process import DEADLINE_S, await_gone, opened, until
from program import BUILD
from test_import import login_json


# --- children ---


@pytest.fixture
def hanging(home, companions):  # noqa: F811
    """A gateway whose programs never end, and start one of their own that does not either."""
    # Without a substitution of commands, whose pipe would be open for a moment.
    companions.write("flagship-account", f'sleep 3600 & echo $! > "{companions.folder}/grandchild"; trap "" TERM; wait')
    companions.write("flagship", f'sleep 3600 & echo $! > "{companions.folder}/grandchild"; wait')
    with Gateway(home, **companions.environment) as running:
        yield running


def later(gateway, *request):
    """Asks in a thread; the answer is in the list once it was joined."""
    answers = []
    thread = threading.Thread(target=lambda: answers.append(gateway.status(*request)), daemon=True)
    thread.start()
    return thread, answers


def test_a_child_that_hangs_is_bounded(home, companions, credentials):  # noqa: F811
    companions.write("flagship-account", f'sleep 3600 & echo $! > "{companions.folder}/grandchild"; wait')
    with Gateway(home, "--child-timeout", "2", **companions.environment) as gateway:
        status, problem = gateway.status("POST", "/accounts/login", credentials)
        assert status == 504 and "took too long" in problem["detail"]
        await_gone(companions.await_pid())
        await_gone(int((companions.folder / "grandchild").read_text()))


def test_secrets_are_no_arguments(hanging, companions, credentials, account):  # noqa: F811
    thread, answers = later(hanging, "POST", "/accounts/login", credentials)
    pid = companions.await_pid()
    process = pathlib.Path(f"/proc/{pid}")
    words = (process / "cmdline").read_text().split("\0")
    assert "--dialog" in words
    assert_hidden(account, *words, (process / "environ").read_text(errors="replace"))
    # Nothing is open in it but its pipes: no socket, no database.
    descriptors = opened(pid)
    pipes = {name for name in descriptors if name.startswith("socket:")}
    own = {"/dev/null", str(companions.folder / "flagship-account"), str(companions.folder / "started"), str(companions.folder / "grandchild")}
    assert len(pipes) <= 3 and descriptors - pipes <= own, descriptors
    hanging.stop()
    thread.join(DEADLINE_S)
    assert answers[0][0] == 503 and "the gateway ends" in answers[0][1]["detail"]
    await_gone(pid)


# --- who waits for the child ---


def assert_told_to_come_again(answer):
    status, headers, problem = answer
    assert (status, headers["Retry-After"]) == (503, "5") and problem["detail_code"] == "account-busy"


def begun(gateway, path, body):
    """A connection whose request the gateway has, without its answer."""
    connection = gateway.connection()
    connection.request("POST", "/api/v1" + path, json.dumps(body), {"Content-Type": "application/json"})
    gateway.get("/accounts")  # which needs no child, and comes behind it
    return connection


def ended(connection):
    response = connection.getresponse()
    return response.status, json.loads(response.read())


@pytest.fixture
def held(tmp_path, companions):  # noqa: F811
    """Calls of flagship-account with this word wait until the returned function is called; all of them are written down."""
    go = tmp_path / "go"
    os.mkfifo(go)

    def hold(word, then, otherwise):
        companions.write("flagship-account", f'echo "$1" >> "{tmp_path}/calls"\nif [ "$1" = {word} ]; then read -r line < "{go}"; {then}; fi\n{otherwise}')
        return lambda: go.write_text("go\n"), lambda: (tmp_path / "calls").read_text().split()

    return hold


def test_a_login_waits_for_a_refresh_that_goes_on(home, companions, held, account, service, credentials):  # noqa: F811
    home.settings("[api]\nrefresh = 1s\n")
    go_on, calls = held("refresh", ":", f'exec "{BUILD}/flagship-account" "$@"')
    with Gateway(home, **companions.environment) as gateway:
        assert gateway.status("POST", "/accounts", {"file": login_json(account), **service})[0] == 201
        until(lambda: calls() == ["import", "refresh"], calls)
        waiting = begun(gateway, "/accounts/login", credentials)
        assert calls() == ["import", "refresh"]
        go_on()
        status, kept = ended(waiting)
        assert (status, kept["source"]) == (200, "login")
        assert calls()[:3] == ["import", "refresh", "login"]
        go_on()  # of the next refresh, if it is there


def test_nobody_waits_for_ever(home, companions, credentials):  # noqa: F811
    companions.write("flagship-account", "trap '' TERM; sleep 3600 & wait")
    with Gateway(home, "--child-timeout", "2", **companions.environment) as gateway:
        thread, answers = later(gateway, "POST", "/accounts/login", credentials)
        companions.await_pid()
        assert_told_to_come_again(gateway.ask("POST", "/accounts", {"file": "x"}))
        thread.join(DEADLINE_S)
        assert answers[0][0] == 504


def test_as_many_wait_as_is_written_down(hanging, companions, credentials):  # noqa: F811
    first = begun(hanging, "/accounts/login", credentials)
    pid = companions.await_pid()
    waiting = [begun(hanging, "/accounts", {"file": "x"}) for _ in range(8)]
    assert_told_to_come_again(hanging.ask("POST", "/accounts", {"file": "x"}))
    # Who goes away leaves room.
    waiting.pop(3).close()
    hanging.get("/accounts")
    waiting.append(begun(hanging, "/accounts", {"file": "x"}))
    hanging.stop()
    for connection in (first, *waiting):
        status, problem = ended(connection)
        assert status == 503 and "the gateway ends" in problem["detail"]
    await_gone(pid)


def test_they_come_in_the_order_in_which_they_came(home, companions, held, credentials):  # noqa: F811
    go_on, calls = held("login", "exit 1", 'cat > /dev/null; exit 1')
    with Gateway(home, **companions.environment) as gateway:
        first = begun(gateway, "/accounts/login", credentials)
        companions.await_pid()
        waiting = [begun(gateway, "/accounts", {"file": "x"}), begun(gateway, "/accounts", {"file": "x"}), begun(gateway, "/accounts/login", credentials)]
        waiting.pop(0).close()  # and is not begun
        gateway.get("/accounts")
        go_on()
        assert ended(first)[0] == 502 and ended(waiting[0])[0] == 422
        go_on()
        assert ended(waiting[1])[0] == 502
        assert calls() == ["login", "import", "login"]


def test_a_captcha_keeps_nobody_in_the_line(home, companions, held, credentials):  # noqa: F811
    go_on, calls = held("login", """echo '{"captcha": {"media_type": "image/png", "data": ""}}'; sleep 3600""", 'cat > /dev/null; exit 1')
    with Gateway(home, **companions.environment) as gateway:
        first = begun(gateway, "/accounts/login", credentials)
        companions.await_pid()
        behind = begun(gateway, "/accounts", {"file": "x"})
        go_on()
        assert ended(first)[1]["kind"] == "captcha" and ended(behind)[0] == 422
        assert calls() == ["login", "import"]


def test_who_goes_away_leaves_no_child(hanging, companions, credentials):  # noqa: F811
    body = json.dumps(credentials).encode()
    with socket.create_connection(("127.0.0.1", hanging.port)) as client:
        client.sendall(b"POST /api/v1/accounts/login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
                       % (len(body), body))
        pid = companions.await_pid()
    await_gone(pid)
    assert hanging.status("DELETE", "/accounts/none")[0] == 404
    # What it did until then, somebody did.
    hanging.await_lines(lambda lines: any("log in to an account" in line and "127.0.0.1" in line and "begun" in line for line in lines))


@pytest.mark.parametrize("script, status, words", [
    ("cat /dev/zero", 502, "more of it than can be right"), ("kill -SEGV $$", 500, "ended all of a sudden"), ("exit 1", 502, "does not say why"),
    ("echo 'flagship: warning: no' >&2; echo 'flagship: because' >&2; exit 5", 422, "because"),
    ("head -c 100000 /dev/zero | tr '\\0' x >&2; exit 5", 422, "does not say why"), ("echo '{}'; exit 0", 500, "cannot be read again"),
    ("echo '{\"account\": 7}'; sleep 3600 & echo $! > \"${0%/*}/grandchild\"; exit 0", 500, "cannot be read again")], ids=["floods", "crashes", "silent", "reason", "long", "empty", "odd"])
def test_children_of_all_kinds(home, companions, credentials, script, status, words):  # noqa: F811
    companions.write("flagship-account", script)
    with Gateway(home, **companions.environment) as gateway:
        answered, problem = gateway.status("POST", "/accounts/login", credentials)
        assert answered == status and words in problem["detail"]
        assert gateway.get("/health")["status"] == "ok"
    if (left := companions.folder / "grandchild").exists():
        os.kill(int(left.read_text()), signal.SIGKILL)


def test_a_program_that_is_not_there(home, tmp_path, credentials):  # noqa: F811
    companions = Companions(tmp_path / "companions")
    companions.write("flagship-account", "exit 0")
    with Gateway(home, **companions.environment) as gateway:
        (companions.folder / "flagship-account").unlink()
        status, problem = gateway.status("POST", "/accounts/login", credentials)
        assert status == 500 and "cannot be started" in problem["detail"]
