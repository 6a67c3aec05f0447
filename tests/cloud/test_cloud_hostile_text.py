# SPDX-License-Identifier: MIT
"""Every command of the cloud, and its log, with names, clients, requests, files and folders that command a terminal."""

import concurrent.futures
import contextlib
import json
import os
import sqlite3
import socket
import ssl
import subprocess
import time

import pytest

from conftest import ANNE, PASSWORD
from hostile_text import ARGUMENT, CONTROLS, HOSTILE, RAW, faults, is_json
from local_cloud import Cloud
from program import DONE, FLAGSHIP, TIMEOUT_S, USAGE, environment, run
import raw_mqtt

SERIAL = "HOSTILE1"
LINES = CONTROLS.replace("\t", "").replace("\r\n", "")

# command: its arguments; FILE names a file whose name and content are hostile, CSV and BACKUP good ones so named
WAYS = {
    "init": [[], ["--host", ARGUMENT], ["--bind", ARGUMENT], ["--mqtt-port", ARGUMENT]],
    "run": [["--bind", ARGUMENT], [ARGUMENT]],
    "status": [[], ["--json"]],
    "takeover": [[], ["--print", "hosts"], ["--address", ARGUMENT], ["--check", "--json"]],
    "cluster": [[ARGUMENT], ["rabbitmq"]],
    "add-account": [["--email", ARGUMENT + "@x"], ["--email", "x@example.org", "--name", ARGUMENT], ["--email", "a@b", "--country", ARGUMENT]],
    "set-account": [["--email", ARGUMENT], ["--email", ANNE, "--name", HOSTILE]],
    "remove-account": [[ARGUMENT]],
    "add-printer": [["--serial", ARGUMENT], ["--name", ARGUMENT], ["--mac", ARGUMENT], ["--address", ARGUMENT], ["--duid", ARGUMENT],
                    ["--csv", ARGUMENT], ["--csv", "FILE"], ["--csv", "CSV"], ["--key-file", "FILE"], ["--account", ARGUMENT]],
    "set-printer": [[SERIAL, "--name", HOSTILE], [ARGUMENT, "--name", "x"], [SERIAL, "--model", "m5c"]],
    "remove-printer": [[ARGUMENT]],
    "share": [[SERIAL, ARGUMENT], [ARGUMENT, ANNE]],
    "unshare": [[SERIAL, ARGUMENT]],
    "adopt": [[], ["--email", ARGUMENT]],
    "pair": [["list"], ["list", "--json"], [ARGUMENT], ["approve", ARGUMENT], ["reject", ARGUMENT], ["forget", ARGUMENT]],
    "tokens": [["list"], ["list", "--json"], ["revoke", ARGUMENT], [ARGUMENT]],
    "list": [[], ["--json"], ["--json", "--show-secrets"]],
    "export": [[], [ARGUMENT]],
    "export-login": [[ARGUMENT], [ANNE], [ANNE, "--output", "NEW"]],
    "backup": [["NEW2"], ["/nowhere/" + ARGUMENT]],
    "restore": [["FILE"], [ARGUMENT]],
}


def fill(cloud):
    """As an older cloud may have let it in."""
    now = int(time.time())
    cloud.command("pair", "open", "--for", "1h")
    with sqlite3.connect(cloud.dir / "registry.sqlite") as registry:
        registry.execute("UPDATE account SET nick_name = ?", (HOSTILE,))
        registry.execute("UPDATE printer SET name = ?, model = ?, address = ?, firmware = ?, p2p_did = ?", (HOSTILE,) * 5)
        registry.execute("UPDATE token SET label = ?", (HOSTILE,))
        registry.execute("INSERT INTO pairing (serial, credential, client_id, username, address, state, first_seen, last_seen)"
                         " VALUES ('HOSTILE2', x'00', ?, ?, ?, 0, ?, ?)", (HOSTILE, HOSTILE, HOSTILE, now, now))
    registry.close()


@pytest.fixture(scope="module")
def cloud(tmp_path_factory):
    with Cloud(tmp_path_factory.mktemp("A\u202e\u061cZ")) as running:
        running.add_account(ANNE, PASSWORD)
        running.add_printer(SERIAL, ANNE)
        running.start()
        fill(running)
        yield running


@pytest.fixture(scope="module")
def results(cloud, tmp_path_factory):
    folder = tmp_path_factory.mktemp("words")
    store = folder / ".local/state/flagship/accounts.json"
    store.parent.mkdir(parents=True, mode=0o700)
    store.write_text(json.dumps({"version": 1, "accounts": [
        {"user_id": "2379577c" * 5, "email": "left@example.org", "region": "eu",
         "printers": [{"serial": "AK7LEFT000000001", "name": HOSTILE, "model": "M5", "key": "ab" * 32}]}]}))
    store.chmod(0o600)
    name = os.fsdecode(RAW.replace(b"/", b""))
    words = {word: str(folder / (word + name)) for word in ("FILE", "CSV", "NEW", "NEW2")}
    contents = {"FILE": RAW, "CSV": f'serial,name\nCSVPRINTER1,"{HOSTILE}"\n'.encode()}
    for word, content in contents.items():
        with open(words[word], "wb") as file:
            file.write(content)
        os.chmod(words[word], 0o600)

    def start(job):
        command, arguments = job
        return subprocess.run([FLAGSHIP, "cloud", command, "--dir", cloud.dir, *[words.get(word, word) for word in arguments]],
                              env=environment(HOME=folder), input=b"", capture_output=True, timeout=TIMEOUT_S, check=False)

    jobs = [(command, tuple(way)) for command, all_ in WAYS.items() for way in all_]
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        return dict(zip(jobs, pool.map(start, jobs)))


@pytest.mark.parametrize("command,way", [(command, tuple(way)) for command, all_ in WAYS.items() for way in all_],
                         ids=[f"{command}-{i}" for command, all_ in WAYS.items() for i, _ in enumerate(all_)])
def test_nothing_commands_the_terminal(results, command, way):
    result = results[command, way]
    assert faults(result.stdout) == []
    assert faults(result.stderr) == []
    if "--json" in way:
        assert is_json(result.stdout), result.stdout


def test_every_command_is_tried():
    names = {line.split("\t")[1] for line in run("cloud", "--complete").stdout.splitlines()}
    assert names == set(WAYS)


def test_foreign_text_came_out_at_all(results):
    for command, way in [("list", ()), ("pair", ("list",)), ("status", ())]:
        assert "\ufffd" in results[command, way].stdout.decode(), command
    assert b"\\u202e" in results["list", ("--json",)].stdout


@pytest.mark.parametrize("arguments", [
    ("add-printer", "--name", HOSTILE), ("add-printer", "--name", ARGUMENT), ("set-printer", SERIAL, "--name", "a\u202eb"),
    ("add-account", "--email", "x@example.org", "--name", "a\x1bb"), ("add-account", "--email", "x\x7f@example.org"),
    ("set-account", "--email", ANNE, "--name", "a\u2066b")])
def test_names_are_refused_where_they_are_made(cloud, arguments):
    before = cloud.command("list", "--json")
    assert cloud.attempt(*arguments).returncode == USAGE
    assert cloud.command("list", "--json") == before


def test_a_table_with_such_a_name_changes_nothing(cloud, tmp_path):
    before = cloud.command("list", "--json")
    table = tmp_path / "table.csv"
    table.write_text(f'serial,name\nFIRST1,Plain\nSECOND1,"{HOSTILE}"\n', newline="")
    table.chmod(0o600)
    result = cloud.attempt("add-printer", "--csv", table)
    assert result.returncode != DONE and "control characters" in result.stderr
    assert cloud.command("list", "--json") == before


def test_adopt_leaves_the_name_out(results):
    result = results["adopt", ()]
    assert result.returncode == DONE, result.stderr
    assert b"the name of printer AK7LEFT000000001 holds control characters" in result.stderr


# --- the log ---


def request(cloud, text):
    context = ssl.create_default_context(cafile=str(cloud.ca))
    with socket.create_connection(("localhost", cloud.api_port)) as plain, context.wrap_socket(plain, server_hostname="localhost") as tls:
        tls.sendall(text)
        tls.settimeout(TIMEOUT_S)
        return tls.recv(65536)


def test_nothing_commands_who_reads_the_log(cloud):
    for name in (LINES, HOSTILE, "a\u202eb", "a\x9bb"):
        with contextlib.suppress(OSError):  # the broker hangs up on some
            connection, _ = raw_mqtt.login(cloud, name, ("eufy_" + name, name))
            connection.close()
    body = b'{"email":"' + HOSTILE.encode("unicode_escape").replace(b"\\x", b"\\u00") + b'@x","password":"x"}'
    for path in (b"/v2/passport/login", b"/" + RAW.replace(b"\r\n", b""), b"/v1/passport/profile"):
        request(cloud, b"POST " + path + b" HTTP/1.1\r\nHost: localhost\r\nUser-Agent: \x1b[2;5;31m\x9b\xe2\x80\xae\r\n"
                       b"X-Auth-Token: \x1b]0;owned\x07\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
    os.kill(cloud.broker_pid, 0)
    log = cloud.process.await_lines(lambda lines: len(lines) > 3)
    # Process keeps lines as text: what was no UTF-8 is U+FFFD there, as in the log itself.
    assert faults("\n".join(log).encode()) == []
