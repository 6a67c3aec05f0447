# SPDX-License-Identifier: MIT
"""flagship top: all printers on the whole terminal."""

import itertools
import json
import pathlib
import re
import signal
import subprocess

import pytest

from conftest import KEY
from fake_printer import FakePrinter
from program import CANNOT_CONNECT, DONE, FAILED, FLAGSHIP, SANITIZED, USAGE, environment, lines, run
from screen import Screen
from terminal import Terminal

NUMBERS = itertools.count()
PRINTING = ("--model", "m5", "--scenario", "print", "--at", "20")
MEMORY_KIB = (60 if SANITIZED else 15) * 1024


@pytest.fixture
def serial():
    return f"TOP{next(NUMBERS)}"


@pytest.fixture
def options(serial, connection):
    return connection(serial)


@pytest.fixture
def farm(home, broker, authority, tmp_path):
    """An account with two printers, Left and Right, in the store."""
    home.serials = [f"TOPL{next(NUMBERS)}", f"TOPR{next(NUMBERS)}"]
    profile = tmp_path / "default.json"
    account = {"auth_token": "t", "region": "eu", "user_id": "0123456789", "email": "a@example.com", "__type__": "Account"}
    printers = [
        {"id": str(i), "sn": serial, "name": name, "model": "V8111", "mqtt_key": KEY, "ip_addr": "", "__type__": "Printer"}
        for i, (serial, name) in enumerate(zip(home.serials, ["Left", "Right"]))
    ]
    profile.write_text(json.dumps({"account": account, "printers": printers, "__type__": "Config"}))
    imported = home.run("import", profile, "--broker", broker.url, "--ca", authority.certificate, "--offline")
    assert imported.returncode == DONE, imported.stderr
    return home


def screen(*arguments, home=None, **more):
    if home is not None:
        more["HOME"] = home.folder
    return Screen(FLAGSHIP, "top", *arguments, LANG="C.UTF-8", **more)


def peak_kib(pid):
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"VmHWM:\s+(\d+) kB", status).group(1))


def once(*arguments, **more):
    return run("top", "--once", *arguments, **more)


# --- once ---


def test_once(simulate, options, serial):
    simulate(*options, *PRINTING)
    result = once(*options)
    assert (result.returncode, result.stderr) == (DONE, "")
    headings, row = result.stdout.splitlines()
    assert headings.split() == ["NAME", "STATE", "PROGRESS", "NOZZLE", "BED", "LEFT", "DONE", "AT", "AGE"]
    assert row.split()[:2] == [serial, "printing"]
    assert row.split()[2] == "#" * 4 + "-" * 16 and row.split()[3] == "20%"
    assert row.split()[-1] == "now"
    assert "\033" not in result.stdout


def test_once_of_several(simulate, farm, connection):
    simulate(*connection(farm.serials[0]), *PRINTING)
    result = farm.run("top", "--once")
    assert result.returncode == DONE, result.stderr
    rows = [line.split() for line in result.stdout.splitlines()[1:]]
    assert [row[0] for row in rows] == ["Left", "Right"]
    assert rows[0][1] == "printing" and rows[1][1:] == ["no", "answer"]
    one = farm.run("top", "--once", "-p", "left")
    assert len(one.stdout.splitlines()) == 2


def test_once_as_json(simulate, options, serial):
    simulate(*options, *PRINTING)
    result = run("top", "--json", *options)
    (state,) = lines(result)
    assert (result.returncode, state["serial"], state["job"]["state"]) == (DONE, serial, "printing")


def test_once_without_a_broker(serial, key_file, authority):
    result = once("--broker", "mqtts://localhost:1", "--ca", authority.certificate, "--serial", serial, "--key-file", key_file)
    assert (result.returncode, result.stdout) == (CANNOT_CONNECT, "")
    assert "cannot connect to the broker" in result.stderr


def test_once_on_a_terminal_keeps_to_its_width(simulate, options):
    simulate(*options, *PRINTING)
    arguments = " ".join(f"'{word}'" for word in [FLAGSHIP, "top", "--once", *options])
    with Terminal(shell=f"stty cols 50; {arguments}") as terminal:
        text, status = terminal.await_end()
    assert status == DONE
    assert "printing" in text and "PROGRESS" not in text


def test_a_full_disk_is_reported(simulate, options):
    simulate(*options, *PRINTING)
    with open("/dev/full", "wb") as full:
        command = [str(FLAGSHIP), "top", "--once", *map(str, options)]
        result = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, env=environment(), check=False)
    assert result.returncode == FAILED


# --- the whole terminal ---


def percent_of(row):
    found = re.search(r"(\d+)%", row)
    return int(found.group(1)) if found else -1


def test_shows_and_follows(simulate, options, serial):
    simulate(*options, *PRINTING, "--speed", "20")
    with screen(*options) as top:
        row = top.await_line(serial, "printing", "%")
        assert row.startswith("> ")
        begun = percent_of(row)
        assert 20 <= begun < 100
        top.await_line("flagship top  1 printer, 1 printing", "by number")
        top.await_line("NAME", "STATE", "PROGRESS", "NOZZLE", "BED", "LEFT", "AGE")
        top.await_line(serial, "M5", ".gcode", "layer ")
        top.await_screen(lambda lines: any(serial in line and "printing" in line and percent_of(line) > begun for line in lines),
                         "progress")
        # The sparkline begins after some seconds.
        top.await_line(serial, "▁")
        top.press("q")
        assert top.await_end() == DONE


def test_does_not_flicker(simulate, options, serial):
    simulate(*options, *PRINTING)
    with screen(*options) as top:
        top.await_line(serial, "printing")
        # What is drawn each second, until the clock in the first line has gone on twice.
        for _ in range(3):
            clock = top.lines()[0]
            cleared, written = top.cleared, top.written
            top.await_screen(lambda lines, clock=clock: lines[0] != clock, "the next second")
            changed = top.written - written
        assert top.cleared == cleared
        # Only what changed is sent: much less than a whole screen.
        assert 0 < changed < 1000


def test_pause_resume_stop(simulate, options, serial):
    simulated = simulate(*options, *PRINTING, "--speed", "20")
    with screen(*options) as top:
        top.await_line(serial, "printing")
        top.press("p")
        top.await_line(f"{serial}: pause confirmed")
        top.await_line("> ", serial, "paused")
        top.press("r")
        top.await_line(f"{serial}: resume confirmed")
        top.press("s")
        top.await_line(f"Stop the job of {serial} for good? y/N")
        top.press("n")
        top.await_line(f"{serial}: not stopped")
        assert simulated.counts()["executed"]["1008"] == 2
        top.press("s")
        top.await_line("y/N")
        top.press("y")
        top.await_line(f"{serial}: stop confirmed")
        top.await_line("> ", serial, "idle")
        top.press("p")
        top.await_line(f"{serial}: no job is under way")
        assert simulated.counts()["executed"]["1008"] == 3


@pytest.mark.parametrize(("fault", "told"), [("refuse", "pause refused"), ("ack-no-effect", "pause accepted")])
def test_what_goes_wrong_is_shown(simulate, options, serial, fault, told):
    simulate(*options, *PRINTING, "--fault", fault)
    with screen(*options, "--timeout", "1") as top:
        top.await_line(serial, "printing")
        top.press("p")
        top.await_line(f"{serial}: {told}")
        top.await_line("> ", serial, "printing")


def test_several_printers(simulate, farm, connection):
    left, right = (simulate(*connection(serial), *PRINTING) for serial in farm.serials)
    with screen(home=farm) as top:
        top.await_line("2 printers, 2 printing")
        top.press("j")
        top.await_line("> Right")
        top.press("p")
        top.await_line("Right", "pause confirmed")
        assert "1008" in right.counts()["executed"] and "1008" not in left.counts()["executed"]
        top.press("\033OA")
        top.await_line("> Left")
        top.press("oo")
        top.await_line("by state")
        top.await_screen(lambda rows: [row[2:7].strip() for row in rows[2:4]] == ["Right", "Left"], "the other order")
        top.press("/rig")
        top.await_line("show only: rig_")
        top.await_line('1 with "rig"')
        top.press("\r")
        top.await_gone("show only")
        top.await_gone("> Left")
        top.press("\033")
        top.await_line("Left", "printing")
        top.press("?")
        top.await_line("resume it")
        top.press(" ")
        top.await_gone("resume it")
        top.press("q")
        assert top.await_end() == DONE


def test_a_slow_terminal_loses_nothing(simulate, options, serial):
    simulate(*options, *PRINTING)
    with screen(*options) as top:
        top.await_line(serial, "printing")
        assert top.terminal.is_blocking()
        top.press("q")
        assert top.await_end() == DONE


@pytest.mark.parametrize(("width", "height"), [(80, 24), (40, 10), (10, 4), (200, 50)])
def test_resizes(simulate, options, serial, width, height):
    simulate(*options, *PRINTING)
    with screen(*options) as top:
        top.await_line(serial, "printing")
        top.resize(width, height)
        top.await_line("> TOP", *(["printing"] if width >= 40 else []))
        top.press("q")
        assert top.await_end() == DONE


def test_old_data_shows_its_age(options, serial, broker, authority):
    fake = FakePrinter(serial, broker.port, authority.certificate, KEY)
    fake.answer = lambda printer, _: printer.publish({"commandType": 1000, "subType": 1, "value": 0}, "query/reply")
    try:
        with screen(*options) as top:
            top.await_line(serial, "idle", "now")
            fake.answer = None
            # A busy machine may show no picture of one of the seconds.
            top.await_screen(lambda lines: [line for line in lines if serial in line and re.search(r"idle .* ([3-9]|[12]\d)s$", line)], "an age")
    finally:
        fake.stop()


def test_trouble_does_not_break_the_screen(options, serial, broker, authority):
    fake = FakePrinter(serial, broker.port, authority.certificate, KEY)
    try:
        with screen(*options) as top:
            top.await_line(serial, "no answer")
            fake.await_received(1)
            fake.publish({"commandType": 1000, "subType": 1, "value": 0}, key="11" * 32)
            top.await_line(f"warning: printer {serial}: a message of", "was refused")
            top.await_line("NAME")
            top.await_line("q quit")
    finally:
        fake.stop()


def test_a_broker_that_is_not_there(serial, key_file, authority):
    options = ["--broker", "mqtts://localhost:1", "--ca", authority.certificate, "--serial", serial, "--key-file", key_file]
    with screen(*options) as top:
        top.await_line("> ", serial, "no link")
        top.await_line("check that the broker runs")
        top.press("q")
        assert top.await_end() == DONE


def test_names_cannot_take_over_the_terminal(options, serial, broker, authority):
    fake = FakePrinter(serial, broker.port, authority.certificate, KEY)
    fake.answer = lambda printer, _: printer.publish(
        [{"commandType": 1000, "subType": 1, "value": 1}, {"commandType": 1001, "name": "a\033[2J\u009bb", "progress": 1}],
        "query/reply",
    )
    try:
        with screen(*options) as top:
            top.await_line(serial, "a\ufffd[2J\ufffdb")
            assert top.line_with("NAME")
    finally:
        fake.stop()


def test_without_utf8(simulate, options, serial):
    simulate(*options, *PRINTING)
    with Screen(FLAGSHIP, "top", *options, LANG="C", LC_ALL="C") as top:
        top.await_line(serial, "printing")
        top.await_line(serial, "printing", "_")
        assert all(line.isascii() for line in top.lines())


@pytest.mark.parametrize("key", ["q", "\003"], ids=["q", "Ctrl-C"])
def test_gives_the_terminal_back(simulate, options, key):
    simulate(*options, *PRINTING)
    command = " ".join(f"'{word}'" for word in [FLAGSHIP, "top", *options])
    shell = f"trap : INT; stty cols 100 rows 24; before=$(stty -g); {command}; [ \"$(stty -g)\" = \"$before\" ] && echo back as it was"
    with Terminal(shell=shell, LANG="C.UTF-8") as terminal:
        terminal.await_text("printing")
        terminal.write(key)
        text = terminal.await_end()[0]
        # The other screen is left, and the cursor shown.
        assert "\033[?1049l" in text and "\033[?25h" in text
        assert text.endswith("back as it was\n")


def test_ends_when_asked_to(simulate, options, serial):
    simulate(*options, *PRINTING)
    with screen(*options) as top:
        top.await_line(serial, "printing")
        assert peak_kib(top.terminal.child.pid) < MEMORY_KIB
        top.terminal.child.send_signal(signal.SIGTERM)
        assert top.await_end() == DONE


def test_usage(options):
    result = run("top", *options)
    assert result.returncode == USAGE and "--once" in result.stderr
    assert run("top", "--once", "word", *options).returncode == USAGE


def test_an_unknown_terminal(options):
    arguments = " ".join(f"'{word}'" for word in [FLAGSHIP, "top", *options])
    with Terminal(shell=f"TERM=no-such-terminal; export TERM; {arguments}") as terminal:
        text, status = terminal.await_end()
    assert status == FAILED
    assert "TERM=no-such-terminal" in text and "--once" in text
