# SPDX-License-Identifier: MIT
"""Commands that go by a gateway that runs (flagship serve), in place of a login of their own."""

import json
import os
import re
import stat
import subprocess
import sys
import threading

import pytest

from attached import ECHO, SOCKET, fake, gateway, logins, own_broker, printers, questions, served  # noqa: F401  fixtures
from process import DEADLINE_S
from program import DONE
from terminal import Terminal

# A notice that comes before the printer's reply confirms, too: then there is none.
VOLATILE = re.compile(r'"(?:reply|elapsed_ms|elapsed_s|remaining_s|finish_at|t|received_at|seen_at|ended_at|current_c|progress_percent|layer|speed_mm_s'
                      r'|filament_used[a-z_]*|age_s|[a-z]+_age_s)": ?(?:"[^"]*"|\{[^}]*\}|-?[0-9.e+-]+|null)')
AGE = re.compile(r"\((?:now|[0-9]+ \w+ ago)\)")
NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)?")


def steady(text):
    """What of an output does not change from second to second."""
    return NUMBER.sub("N", AGE.sub("(age)", VOLATILE.sub("", text)))


# --- the same answers, and no second login ---

SOON = ("--timeout", "4")  # of what never comes: to connect takes seconds on a slow machine

WAYS = {
    "status": ("status", "-p", "Idle"),
    "status-json": ("status", "-p", "Idle", "--json"),
    "status-of-two": ("status", "-p", "Idle,Echo"),
    "printers": ("printers",),
    "wait": ("wait", "idle", "-p", "Idle", "--json"),
    "wait-impossible": ("wait", "finished", "-p", "Idle", *SOON),
    "monitor": ("monitor", "-p", "Echo", "--count", "3"),
    "gcode": ("gcode", "-p", "Echo", "M105", "M114"),
    "gcode-json": ("gcode", "-p", "Idle", "--json", "M105"),
    "gcode-refused": ("gcode", "-p", "Idle", "M997", "M105"),
    "gcode-during-a-job": ("gcode", "-p", "Busy", "--json", "G1 X10"),
    "temp": ("temp", "nozzle", "30", "-p", "Idle", "--json"),
    "cooldown": ("cooldown", "-p", "Idle"),
    "fan": ("fan", "40", "-p", "Idle"),
    "light-of-an-m5": ("light", "on", "-p", "Idle", "--json"),
    "files": ("files", "-p", "Idle"),
    "files-json": ("files", "-p", "Idle", "--json"),
    "move-during-a-job": ("move", "1", "-", "-", "-p", "Busy"),
    "pause-without-a-job": ("pause", "-p", "Idle", "--json"),
    "no-wait": ("fan", "0", "-p", "Idle", "--no-wait"),
    "no-wait-json": ("fan", "0", "-p", "Idle", "--no-wait", "--json"),
    "send": ("send", "1006", "value=250", "-p", "Idle"),
    "send-refused": ("send", "1043", "cmdData=M997", "-p", "Idle", "--json"),
    "query": ("query", "1027", "-p", "Idle"),
    "query-json": ("query", "1027", "-p", "Echo", "--json"),
    "start-of-no-file": ("start", "nothing.gcode", "-p", "Idle", "--yes"),
    "map": ("level", "--map", "-p", "Idle", "--csv"),
    "map-json": ("level", "--map", "-p", "Idle", "--json"),
    "z-offset": ("z-offset", "0.1", "-p", "Idle"),
    "home": ("home", "-p", "Idle", "--yes"),
    "nobody-is-there": ("status", "-p", "Absent", *SOON),
    "command-where-nobody-is": ("pause", "-p", "Absent", *SOON, "--json"),
    "insisting-where-nobody-is": ("fan", "0", "-p", "Absent", *SOON, "--force"),
}


@pytest.mark.parametrize("way", WAYS)
def test_the_same_as_without_it(served, gateway, own_broker, way):
    directly = served.run(*WAYS[way], "--direct")
    before = logins(own_broker)
    by_gateway = served.run(*WAYS[way])
    assert logins(own_broker) == before, by_gateway.stderr
    assert by_gateway.returncode == directly.returncode, by_gateway.stderr
    assert steady(by_gateway.stdout) == steady(directly.stdout)
    assert steady(by_gateway.stderr) == steady(directly.stderr)
    assert served.run(*WAYS[way], "--direct").returncode == directly.returncode
    assert logins(own_broker) > before


def test_a_live_state_is_answered_without_the_printer(served, gateway, own_broker):
    before = questions(own_broker, ECHO)
    # It is asked by the gateway where it was silent for 10 s: then there is one message, and none of ours.
    seen = [served.run("status", "-p", "Echo", "--json") for _ in range(8)]
    assert {result.returncode for result in seen} == {DONE}
    assert json.loads(seen[0].stdout)["nozzle"]["current_c"] == 24.0
    assert questions(own_broker, ECHO) - before < len(seen) / 2


def test_top_watches_and_commands_by_the_gateway(served, gateway, own_broker):
    before = logins(own_broker)
    with Terminal("top", "-p", "Idle,Echo", HOME=served.folder, TERM="xterm") as terminal:
        terminal.await_text("Idle")
        terminal.await_text("24")
        terminal.write("q")
        assert terminal.await_end()[1] == DONE
    assert logins(own_broker) == before


def test_commands_of_two_shells_and_a_page_take_their_turn(served, gateway, fake):
    shells = 2
    lines = [[f"M117 shell {shell} line {i}" for i in range(12)] for shell in range(shells)]
    results = {}

    def run(shell):
        results[shell] = served.run("gcode", "-p", "Echo", *lines[shell])

    threads = [threading.Thread(target=run, args=(shell,)) for shell in range(shells)]
    for thread in threads:
        thread.start()
    pages = [gateway.submit(ECHO, {"command": "gcode", "line": f"M117 page {i}"}) for i in range(12)]
    for thread in threads:
        thread.join()
    for shell in range(shells):
        assert results[shell].returncode == DONE, results[shell].stderr
        assert results[shell].stdout.splitlines() == [f"echo:{line}" for line in lines[shell]]
    for i, (status, answer) in enumerate(pages):
        assert (status, answer["text"]) == (200, f"echo:M117 page {i}")
    sent = [message["cmdData"] for message in fake.received if message and message["commandType"] == 1043]
    assert all(sent.count(line) == 1 for shell in lines for line in shell)


def test_commands_are_in_the_log_and_the_history(served, gateway):
    assert served.run("fan", "33", "-p", "Idle").returncode == DONE
    line = next(line for line in gateway.await_text('"value":33') if '"value":33' in line)
    assert '"command":"fan"' in line and '"by":"cli"' in line


# --- what goes directly nevertheless ---


@pytest.mark.parametrize("options", [("--direct",), ("--mqtt5",), ("--model", "m5"), ("--user-id", "1"), "broker", "key"],
                         ids=["direct", "mqtt5", "model", "user-id", "broker", "key"])
def test_who_says_where_to_go_goes_there(served, gateway, own_broker, authority, key_file, options):
    if options == "broker":
        options = ("--broker", own_broker.url, "--ca", authority.certificate)
    if options == "key":
        options = ("--key-file", key_file)
    before = logins(own_broker)
    assert served.run("status", "-p", "Idle", *options).returncode == DONE
    assert logins(own_broker) == before + 1


def test_the_variable_names_another_socket_or_none(served, gateway, own_broker):
    before = logins(own_broker)
    assert served.run("status", "-p", "Idle", FLAGSHIP_GATEWAY="").returncode == DONE
    assert served.run("status", "-p", "Idle", FLAGSHIP_GATEWAY="/nowhere/attach.sock").returncode == DONE
    assert logins(own_broker) == before + 2
    assert served.run("status", "-p", "Idle", FLAGSHIP_GATEWAY=served.folder / SOCKET, XDG_STATE_HOME=None).returncode == DONE
    assert logins(own_broker) == before + 2


def test_the_doctor_looks_for_itself(served, gateway, own_broker):
    before = logins(own_broker)
    served.run("doctor", "-p", "Idle")
    assert logins(own_broker) > before


def test_the_socket_is_of_this_user_alone(served, gateway):
    status = (served.folder / SOCKET).stat()
    assert stat.S_ISSOCK(status.st_mode)
    assert stat.S_IMODE(status.st_mode) == 0o600


@pytest.mark.skipif(os.geteuid() != 0, reason="another user's programs can be started by root alone")
def test_another_user_is_sent_away(served, gateway):
    """Even where he is let at the socket."""
    path = served.folder / SOCKET
    folder = os.open(path.parent, os.O_PATH)
    mode = stat.S_IMODE(path.parent.stat().st_mode)
    try:
        path.parent.chmod(0o755)
        path.chmod(0o666)
        program = (f"import socket, struct\ns = socket.socket(socket.AF_UNIX)\ns.settimeout({DEADLINE_S})\n"
                   f"s.connect('/proc/self/fd/{folder}/attach.sock')\n\n"
                   "try:\n    s.sendall(struct.pack('=IBI', 6, 1, 1) + b'x')\n    print(s.recv(1))\nexcept ConnectionError:\n    print(b'')")
        result = subprocess.run([sys.executable, "-c", program], user=65534, group=65534, pass_fds=[folder], capture_output=True, text=True, check=False)
        assert result.stdout == "b''\n", result.stderr
        gateway.await_text("a program of another user was sent away")
    finally:
        path.chmod(0o600)
        path.parent.chmod(mode)
        os.close(folder)
