# SPDX-License-Identifier: MIT
"""Every command, with a printer, a service, files and arguments whose every text commands a terminal."""

import concurrent.futures
import json
import os
import subprocess

import pytest

from accounts_home import Home
from api_server import LOGIN, PRINTERS, PROFILE, Account, ApiServer, Fault, printer as entry
from broker import Broker
from conftest import KEY, SERIAL
from fake_printer import FakePrinter
from hostile_text import ARGUMENT, CONTROLS, HOSTILE, RAW, faults, faults_of_terminal, is_json
from program import FAILED, FLAGSHIP, REFUSED, SANITIZED, TIMEOUT_S, USAGE, environment, run
from terminal import Terminal
from test_printers import ankerctl

HIM = SERIAL
SOON = "8" if SANITIZED else "3"  # eight at once have to connect, which takes seconds on a slow machine
NAMED = ["-p", HIM, "--timeout", SOON]
PATIENT = ["-p", HIM, "--timeout", "60"]  # where an answer has to come

# All that a message may have as a text, on every type.
TEXTS = {name: HOSTILE for name in (
    "resData", "name", "filePath", "fileName", "gcode_name", "gcodeName", "file_name", "path", "img", "errorCode", "errorLevel",
    "error_code", "code", "msg", "message", "deviceName", "machineName", "version", "firmware", "ip", "ssid", "userName", "unknown")}
RENAME = 1034  # is refused: the name stays
STATES = [1000, 1001, 1003, 1004, 1052, 1068, 1085, 1086, 1087]


def answer(printer, message):
    """With the type of what was asked, with lists of files, and with notices of the rest."""
    kind = message["commandType"]
    replies = json.dumps([{"name": HOSTILE, "path": "/usr/data/local/model/" + HOSTILE, "timestamp": 1}])
    printer.reply(commandType=kind, reply=1 if kind == RENAME else 0, fileLists=replies, resLen=len(HOSTILE.encode()), **TEXTS)
    if kind == 1027:
        printer.publish([dict(TEXTS, commandType=state, subType=1, value=1, currentTemp=2000, targetTemp=2100) for state in STATES],
                        "query/reply")

# What G-code is answered has lines of its own, and goes to standard output alone.
REPLIES = ["gcode", "temp", "light", "fan", "speed", "cooldown", "home", "move", "extrude", "retract", "z-offset", "level", "send", "pause", "resume", "stop", "start"]

# command: its arguments, each a way that brings foreign text out
WAYS = {
    "printers": [["--offline"], ["--offline", "--json"], ["--timeout", SOON], ["--json", "--timeout", SOON]],
    "status": [NAMED, [*NAMED, "--json"]],
    "monitor": [[*NAMED, "--count", "3"], [*NAMED, "--count", "3", "--json"], [*NAMED, "--events", "--count", "1", "--exec", "env"]],
    "wait": [["finished", *NAMED], ["finished", *NAMED, "--json"], [ARGUMENT]],
    "doctor": [NAMED, [*NAMED, "--json"], ["--broker", "mqtts://" + ARGUMENT, *NAMED]],
    "top": [["--once"], ["--once", "--json"]],
    "pause": [NAMED, [*NAMED, "--json"]],
    "resume": [NAMED],
    "stop": [[*NAMED, "--yes"]],
    "start": [[ARGUMENT, *NAMED], ["A", *NAMED, "--json"]],
    "temp": [["nozzle", "200", *NAMED], [ARGUMENT, "1", *NAMED]],
    "cooldown": [NAMED],
    "fan": [["50", *NAMED], [ARGUMENT, *NAMED]],
    "speed": [["50", *NAMED]],
    "home": [NAMED, [ARGUMENT, *NAMED]],
    "move": [["z", "1", *NAMED]],
    "extrude": [["1", *NAMED]],
    "retract": [["1", *NAMED]],
    "z-offset": [["+0.01", *NAMED]],
    "level": [["--map", *NAMED], ["--map", *NAMED, "--json"]],
    "light": [["on", *NAMED]],
    "rename": [["plain", *NAMED], [ARGUMENT, *NAMED]],
    "files": [NAMED, [*NAMED, "--json"], [*NAMED, "--force"]],
    "delete": [[ARGUMENT, "--yes", *NAMED]],
    "gcode": [["M115", *PATIENT], ["M115", *PATIENT, "--json"], [ARGUMENT, *NAMED]],
    "send": [["1043", "cmdData=" + ARGUMENT, *NAMED], ["1043", "cmdData=M115", "cmdLen=4", *NAMED, "--json"], [ARGUMENT, *NAMED]],
    "query": [["1027", *NAMED], ["1027", *NAMED, "--json"], [ARGUMENT]],
    "print": [["RAW", *NAMED], [ARGUMENT, *NAMED], ["RAW", "--name", ARGUMENT, *NAMED]],
    "camera": [["snapshot", "-", *NAMED], [ARGUMENT], ["light", ARGUMENT], ["record", "/" + ARGUMENT + "/film.mp4", *NAMED]],
    "lan": [[ARGUMENT], ["search", "--address", ARGUMENT]],
    "accounts": [[], ["--json"], ["1"], ["1", "--json"], [ARGUMENT]],
    "logout": [[ARGUMENT], ["-p", ARGUMENT]],
    "config": [["show"], ["show", "--json"], ["get", "broker.url"], ["get", ARGUMENT], ["set", "printers." + ARGUMENT, "x"],
               ["set", "broker.url", ARGUMENT], ["path"]],
    "import": [[ARGUMENT], ["RECORDING"], []],
    "login": [["--email", ARGUMENT, "--api", "API", "--ca", "CA"],
              ["--email", "owner@example.org", "--api", "API", "--ca", "CA", "--service-key", "SERVICE_KEY"],
              ["--email", "a@b.c", "--api", "https://" + ARGUMENT]],
    "refresh": [["--timeout", ARGUMENT], [ARGUMENT]],
    "decode": [["FRAME", "--key-file", "KEY"], ["FRAME", "--key-file", "KEY", "--json"], [ARGUMENT], ["RAW"], ["--key", ARGUMENT, "RAW"]],
    "encode": [["RAW", "--key-file", "KEY"], [ARGUMENT]],
    "types": [[], ["1043"], ["1043", "--json"], [ARGUMENT]],
    "replay": [["RECORDING"], ["--events", "RECORDING"], [ARGUMENT], ["RAW"]],
    "cloud": [[ARGUMENT], ["status", "--dir", ARGUMENT], ["list", "--dir", ARGUMENT, "--json"]],
    "serve": [[ARGUMENT], ["--bind", ARGUMENT], ["--log-level", ARGUMENT], ["--port", ARGUMENT],
              ["--name", ARGUMENT], ["--behind-proxy", ARGUMENT], ["--tls-cert", ARGUMENT, "--tls-key", ARGUMENT], ["user", ARGUMENT],
              ["user", "add", ARGUMENT, "--role", "admin"], ["user", "remove", ARGUMENT], ["key", "add", ARGUMENT, "--role", "viewer"],
              ["key", "remove", ARGUMENT], ["key", "accept", ARGUMENT], ["key", "refuse", ARGUMENT], ["key", "add", "k", "--role", "viewer", "--printer", ARGUMENT]],
    "history": [[ARGUMENT], ["--dir", ARGUMENT], ["--since", ARGUMENT], ["--type", ARGUMENT]],
    "jobs": [[ARGUMENT], ["--dir", ARGUMENT, "--json"], ["--until", ARGUMENT]],
    "queue": [[ARGUMENT], ["--dir", ARGUMENT, "--json"], ["--dir", ARGUMENT, "clear", ARGUMENT], ["add", ARGUMENT, "-p", ARGUMENT], ["hold", ARGUMENT],
              ["move", "1", ARGUMENT]],
    "push": [[ARGUMENT], ["--dir", ARGUMENT, "--json"], ["test", ARGUMENT], ["remove", ARGUMENT]],
    "api": [[ARGUMENT], [ARGUMENT, "/printers"], ["--dir", ARGUMENT, "/printers"], ["POST", "/users", "--upload", ARGUMENT], ["/printers", "--save", "/" + ARGUMENT]],
    "timelapse": [[ARGUMENT], ["--dir", ARGUMENT, "--json"], ["get", ARGUMENT], ["set", ARGUMENT], ["list", "-p", ARGUMENT]],
    "demo": [[ARGUMENT], ["--" + ARGUMENT]],
    "simulate": [["--name", ARGUMENT, "--for", SOON, "--serial", "AK7SIMULATED0001", "--key-file", "KEY", "--verbose",
                  "--broker", "BROKER", "--ca", "CA"], ["--replay", ARGUMENT], ["--fault", ARGUMENT]],
    "help": [[ARGUMENT], ["--complete", ARGUMENT], ["--printers"]],
}


@pytest.fixture(scope="module")
def broker(authority, tmp_path_factory):
    """Its certificate names itself so that it would command a terminal."""
    with Broker(tmp_path_factory.mktemp("hostile"), *authority.issue("hostile", subject=HOSTILE)) as running:
        yield running


@pytest.fixture(scope="module")
def api(authority, tmp_path_factory):
    account = Account(printers=[entry("AK7ABC0123456789", name=HOSTILE), entry("AK7DEF0123456789", name="Plain")])
    with ApiServer(*authority.issue("hostile-api", subject=HOSTILE), [account]) as running:
        running.account = account
        yield running


@pytest.fixture(scope="module")
def him(broker, authority):
    fake = FakePrinter(HIM, broker.port, authority.certificate, KEY, answer)
    yield fake
    fake.stop()


def write_store(folder, broker, authority, name=HOSTILE):
    """As an older flagship may have kept it."""
    path = folder / ".local/state/flagship/accounts.json"
    path.parent.mkdir(parents=True, mode=0o700, exist_ok=True)
    path.write_text(json.dumps({"version": 1, "accounts": [
        {"user_id": "2379577c" * 5, "email": HOSTILE + "@example.org", "nick_name": HOSTILE, "region": "eu", "source": HOSTILE,
         "auth_token": "token",
         "broker": broker.url, "ca_file": str(authority.certificate),
         "printers": [{"serial": HIM, "name": name, "model": "M5C", "key": KEY, "firmware": HOSTILE, "address": HOSTILE}]}]}))
    path.chmod(0o600)


@pytest.fixture(scope="module")
def world(tmp_path_factory, broker, api, authority, him):
    folder = tmp_path_factory.mktemp("hostile-home")
    write_store(folder, broker, authority)
    files = {"RAW": RAW, "KEY": KEY.encode(),
             "RECORDING": b"".join(json.dumps(dict(TEXTS, _t=n, commandType=kind)).encode() + b"\n" for n, kind in enumerate(STATES))}
    made = run("encode", "--binary", "-", stdin=json.dumps(dict(TEXTS, commandType=1043), ensure_ascii=False), FLAGSHIP_KEY=KEY)
    assert made.returncode == 0, made.stderr
    files["FRAME"] = made.raw
    words = {"API": api.url, "BROKER": broker.url, "SERVICE_KEY": api.key.public, "CA": str(authority.certificate)}
    for name, content in files.items():
        path = folder / os.fsdecode(name.encode() + RAW.replace(b"/", b""))
        path.write_bytes(content)
        path.chmod(0o600)
        words[name] = str(path)
    return folder, words


def start(folder, words, command, arguments):
    # A login adds an account, in which the others would find the same printer again.
    home = folder / "login" if command == "login" else folder
    home.mkdir(exist_ok=True)
    return subprocess.run([FLAGSHIP, command, *[words.get(word, word) for word in arguments]], env=environment(HOME=home),
                          input=b"correct horse\n" if command == "login" else b"", capture_output=True, timeout=TIMEOUT_S, check=False)


@pytest.fixture(scope="module")
def results(world):
    """All at once: most of the time each waits for an answer."""
    jobs = [(name, tuple(arguments)) for name, all_ in WAYS.items() for arguments in all_]
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        return dict(zip(jobs, pool.map(lambda job: start(*world, *job), jobs)))


@pytest.mark.parametrize("name,arguments", [(name, tuple(way)) for name, all_ in WAYS.items() for way in all_],
                         ids=[f"{name}-{i}" for name, all_ in WAYS.items() for i, _ in enumerate(all_)])
def test_nothing_commands_the_terminal(results, name, arguments):
    result = results[name, arguments]
    assert faults(result.stdout, tabs="--printers" in arguments, lines=name in REPLIES) == []
    assert faults(result.stderr) == []
    assert result.stdout + result.stderr != b"", "it says something of it"
    if "--json" in arguments:
        assert is_json(result.stdout), result.stdout


def test_every_command_is_tried():
    names = {line.split("\t")[1] for line in run("help", "--complete").stdout.splitlines()}
    assert names == set(WAYS)


def test_foreign_text_came_out_at_all(results):
    """A test that shows nothing would pass as well. What the printer tells others of a job may be in the way of its files."""
    for name, way in [("printers", ("--offline",)), ("status", tuple(NAMED)), ("files", (*NAMED, "--force")), ("gcode", ("M115", *PATIENT)),
                      ("doctor", tuple(NAMED)),
                      ("accounts", ("1",))]:
        shown = (results[name, way].stdout + results[name, way].stderr).decode()
        assert "\ufffd" in shown, f"{name}: {shown}"


# --- on a terminal ---


def on_terminal(folder, arguments, until, keys, **changes):
    with Terminal(*arguments, HOME=folder, **changes) as terminal:
        seen = terminal.await_text(until)
        for key, after in keys:
            terminal.write(key)
            seen += terminal.await_text(after)
        terminal.write("\x04q")
        terminal.child.terminate()
        return seen + terminal.await_end()[0]


@pytest.mark.parametrize("arguments,until,keys", [
    (["top"], "owned", ()),
    (["top"], "owned", [("\r", "INJ")]),
    (["status", *PATIENT, "--watch"], "INJECTED", ()),
    (["gcode", *PATIENT], "owned", [("M115\n", "owned"), ("\x1b[A\n", "owned")]),
    (["delete", ARGUMENT, *PATIENT], "? [y/N]", [("n\n", "nothing")]),
    (["logout", "1"], "Forgot", ()),
    (["logout", "-p", "1"], "? [y/N]", [("y\n", "Forgot")]),
], ids=["top", "top-one", "status", "gcode", "delete", "logout", "logout-printer"])
def test_nothing_commands_the_terminal_of_a_session(broker, authority, him, tmp_path, arguments, until, keys):
    write_store(tmp_path, broker, authority)
    assert faults_of_terminal(on_terminal(tmp_path, arguments, until, keys)) == []


@pytest.mark.parametrize("changes", [{}, {"LC_ALL": "C"}, {"LC_ALL": None}])
def test_a_prompt_with_a_name_that_is_no_ascii(broker, authority, him, tmp_path, changes):
    """libedit ended the program over it."""
    write_store(tmp_path, broker, authority, name="Küche")
    text = on_terminal(tmp_path, ["gcode", *PATIENT], "AK7ABC0123456789)> ", [("M115\n", "owned")], **changes)
    assert ("Küche" if not changes else "K??che") in text


def test_names_are_refused_where_they_are_made(world, api, authority, tmp_path):
    for name in (ARGUMENT, "a\u202eb", "a\x9bb"):
        result = run("rename", name, *PATIENT, HOME=world[0])
        assert result.returncode == REFUSED and "the name " in result.stderr
    for value in ("mqtts://a\x1bb:1", "a\u202eb", "a\nb"):
        result = run("config", "set", "broker.url", value, HOME=world[0])
        assert result.returncode == USAGE and "control characters" in result.stderr
    # Of the service's names only those that are text are kept; the printer is reached all the same.
    home = Home(tmp_path)
    result = home.run("login", "--email", "owner@example.org", "--api", api.url, "--ca", authority.certificate,
                      "--service-key", api.key.public, stdin="correct horse\n")
    assert result.returncode == 0, result.stderr
    (account,) = home.accounts().values()
    assert [(p["serial"], p.get("name", "")) for p in account["printers"]] == [("AK7ABC0123456789", ""), ("AK7DEF0123456789", "Plain")]
    assert "the name of printer AK7ABC0123456789 holds control characters" in result.stderr


@pytest.mark.parametrize("path,fault", [
    (LOGIN, Fault.code(26006, HOSTILE)), (PRINTERS, Fault.code(99, HOSTILE)), (PROFILE, Fault(status=403, body=HOSTILE)),
    (PRINTERS, Fault(status=302, headers={"Location": "https://x/\x1b[2;5;31m\x9b"})),
    (LOGIN, Fault(body={"code": HOSTILE, "msg": {"x": HOSTILE}, "data": HOSTILE}))], ids=["login", "printers", "page", "redirect", "shapes"])
def test_what_a_service_says(api, authority, tmp_path, path, fault):
    api.faults[path] = [fault] * 8
    result = subprocess.run([FLAGSHIP, "login", "--email", "owner@example.org", "--api", api.url, "--ca", authority.certificate,
                             "--service-key", api.key.public], env=environment(HOME=tmp_path), input=b"correct horse\n",
                            capture_output=True, timeout=TIMEOUT_S, check=False)
    api.faults.clear()
    assert faults(result.stdout) == [] and faults(result.stderr) == []


def test_an_import_with_a_hostile_name(tmp_path):
    home = Home(tmp_path)
    imported = home.run("import", ankerctl(tmp_path / "a.json", "anne", "eu", [(SERIAL, HOSTILE, "V8111")]))
    assert imported.returncode == 0, imported.stderr
    assert home.accounts()["anne"]["printers"][0].get("name", "") == ""
    assert faults(imported.stderr.encode()) == []
    refused = home.run("import", ankerctl(tmp_path / "b.json", "bob" + CONTROLS, "eu", [(SERIAL, "Plain", "V8111")]))
    assert refused.returncode == FAILED and "control characters" in refused.stderr
    assert list(home.accounts()) == ["anne"]
