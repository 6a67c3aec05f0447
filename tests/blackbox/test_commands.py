# SPDX-License-Identifier: MIT
"""The commands that make a printer do something, on printers that behave."""

import itertools
import json
import shlex
import subprocess

import pytest

from program import CANNOT_CONNECT, DONE, FAILED, FLAGSHIP, REFUSED, USAGE, environment, lines, run
from terminal import Terminal

NUMBERS = itertools.count()
PRINTING = ("--scenario", "print", "--at", "20", "--speed", "5")
VASE = "vase_0.3mm_PETG.gcode"
ON_BOARD = f"/usr/data/local/model/{VASE}"
ON_USB = "/tmp/udisk/udisk1/Gehäuse Deckel.gcode"


@pytest.fixture
def serial():
    return f"COMMAND{next(NUMBERS)}"


@pytest.fixture
def options(serial, connection):
    return connection(serial)


@pytest.fixture
def printer(options, simulate):
    """Starts the printer: printer("m5c", "--scenario", "print")."""
    return lambda model="m5", *more: simulate(*options, "--model", model, "--speed", "20", *more)


def command(options, *words):
    """Runs it with --json, and returns the exit status and its only line."""
    result = run(*words, "--json", *options)
    (line,) = lines(result)
    return result.returncode, line


def confirmed(options, serial, *words):
    status, line = command(options, *words)
    assert (status, line["outcome"]) == (DONE, "confirmed"), line
    assert line["printer"] == serial and line["command"] == words[0] and line["name"] is None
    assert line["attempts"] >= 1 and line["elapsed_ms"] >= 0 and line["detail"]
    return line


def state(options):
    return json.loads(run("status", "--json", *options).stdout)


@pytest.mark.parametrize("model", ["m5", "m5c"])
def test_pause_resume_stop(printer, options, serial, model):
    simulated = printer(model, *PRINTING)
    confirmed(options, serial, "pause")
    assert state(options)["job"]["state"] == "paused"
    confirmed(options, serial, "resume")
    assert state(options)["job"]["state"] == "printing"
    line = confirmed(options, serial, "stop")
    assert line["reply"] == 0
    assert state(options)["job"]["state"] in ("stopped", "idle")
    assert simulated.counts()["executed"]["1008"] == 3


def test_what_people_see(printer, options, serial):
    printer("m5", *PRINTING)
    result = run("pause", *options)
    assert (result.returncode, result.stderr) == (DONE, "")
    assert result.stdout.startswith(f"{serial}: ") and "paused" in result.stdout
    assert result.stdout.count("\n") == 1


@pytest.mark.parametrize("model", ["m5", "m5c"])
@pytest.mark.parametrize(("part", "type_"), [("nozzle", "1003"), ("bed", "1004")])
def test_temperature_by_message_and_by_gcode(printer, options, serial, model, part, type_):
    simulated = printer(model)
    confirmed(options, serial, "temp", part, "60")
    assert state(options)[part]["target_c"] == 60.0
    counts = simulated.counts()["executed"]
    assert counts[type_] == 1 and counts["1043"] == 1
    confirmed(options, serial, "temp", part, "off")
    assert state(options)[part]["target_c"] == 0.0


def test_cooldown(printer, options, serial):
    printer()
    confirmed(options, serial, "temp", "nozzle", "100")
    confirmed(options, serial, "temp", "bed", "50")
    confirmed(options, serial, "cooldown")
    assert [state(options)[part]["target_c"] for part in ("nozzle", "bed")] == [0.0, 0.0]


def test_waits_for_the_temperature(printer, options):
    printer("m5", "--speed", "200")
    result = run("temp", "nozzle", "60", "--wait", *options)
    assert result.returncode == DONE, result.stderr
    assert "reached its target" in result.stdout and result.stderr == ""
    assert abs(state(options)["nozzle"]["current_c"] - 60) < 4


def test_shows_the_heating_on_a_terminal(printer, options):
    printer("m5", "--speed", "30")
    with Terminal("temp", "nozzle", "150", "--wait", *options) as terminal:
        terminal.await_text("nozzle [")
        terminal.await_text("#")
        seen, status = terminal.await_end()
        assert status == DONE and "has reached its target" in seen
        assert "of 150 °C" in seen


def test_the_target_changes_while_it_waits(printer, options):
    printer("m5", "--speed", "2")
    with Terminal("temp", "nozzle", "250", "--wait", *options) as terminal:
        terminal.await_text("nozzle [")
        assert run("temp", "nozzle", "off", *options).returncode == DONE
        seen, status = terminal.await_end()
        assert status == 8 and "another target" in seen


@pytest.mark.parametrize("model", ["m5", "m5c"])
def test_values(printer, options, serial, model):
    printer(model)
    confirmed(options, serial, "speed", "120")
    assert state(options)["speed_mm_s"] == 120


@pytest.mark.parametrize("model", ["m5", "m5c"])
def test_the_fan_is_seen(printer, options, serial, model):
    """The notice follows the typed command; a raw M106, which it does not follow, comes after it for printers that ignore that."""
    simulated = printer(model)
    for value, percent in (("40", 40), ("off", 0), ("off", 0)):
        confirmed(options, serial, "fan", value)
        assert state(options)["fan_percent"] == percent
    executed = simulated.counts()["executed"]
    assert executed["1005"] == 3
    confirmed(options, serial, "fan", "60")
    assert command(options, "gcode", "M106 S255")[0] == DONE
    assert state(options)["fan_percent"] == 60


@pytest.mark.parametrize("model", ["m5", "m5c"])
def test_z_offset(printer, options, serial, model):
    printer(model)
    confirmed(options, serial, "z-offset", "-0.12")
    assert state(options)["z_offset_mm"] == -0.12
    confirmed(options, serial, "z-offset", "--relative", "0.05")
    assert state(options)["z_offset_mm"] == -0.07


@pytest.mark.parametrize("words", [("home",), ("home", "x"), ("home", "x", "y"), ("move", "50", "60", "10"),
                                   ("move", "--relative", "--feed", "20", "-", "-", "5"), ("extrude", "3"),
                                   ("retract", "--feed", "5", "2.5")])
def test_motion(printer, options, words):
    simulated = printer("m5", "--speed", "200")
    before = 0
    if words[0] in ("extrude", "retract"):
        assert run("temp", "nozzle", "200", "--wait", *options).returncode == DONE
        before = simulated.counts()["executed"]["1043"]
    if words[0] == "move":
        assert run("home", *options).returncode == DONE
    status, line = command(options, *words)
    assert status == DONE, line
    by_its_own = words in (("home",), ("home", "x", "y"))  # what has a message of its own, others are G-code
    assert line["outcome"] == ("confirmed" if by_its_own else "accepted")
    counts = simulated.counts()["executed"]
    assert (counts["1026"] if by_its_own else counts["1043"] - before) > 0


def test_level(printer, options):
    simulated = printer()
    status, line = command(options, "level")
    assert status == DONE, line
    assert simulated.counts()["executed"]["1007"] == 1


def test_rename(printer, options):
    simulated = printer()
    status, line = command(options, "rename", "Küche \"2\"")
    assert status == DONE, line
    assert simulated.counts()["executed"]["1034"] == 1


def test_light(printer, options):
    simulated = printer("m5c")
    for count, word in enumerate(("on", "off"), 1):
        status, line = command(options, "light", word)
        assert (status, line["outcome"]) == (DONE, "accepted"), line
        assert simulated.counts()["executed"]["1043"] == count


@pytest.mark.parametrize("force", [(), ("--force",)])
def test_the_light_of_an_m5_is_not_within_reach(printer, options, force):
    simulated = printer("m5")
    status, line = command(options, "light", "on", *force)
    assert (status, line["outcome"]) == (REFUSED, "refused") and "local network" in line["detail"]
    assert "--force" not in run("light", "on", *force, *options).stderr
    assert "1043" not in simulated.counts()["executed"]


@pytest.mark.parametrize("text", [(), ("--list-as-text",)])
def test_files(printer, options, serial, text):
    printer("m5", *text)
    result = run("files", *options)
    assert result.returncode == DONE and result.stderr == ""
    heading, *rows = result.stdout.splitlines()
    assert heading.split() == ["MODIFIED", "NAME", "PATH"] and len(rows) == 2
    assert rows[1].split()[2:] == [VASE, ON_BOARD]
    usb = run("files", "--usb", *options)
    assert ON_USB in usb.stdout and ON_BOARD not in usb.stdout
    benchy, vase = lines(run("files", "--json", *options))
    assert vase == {"printer": None, "serial": serial, "name": VASE, "path": ON_BOARD, "storage": "onboard", "modified": "2023-07-22T04:26:40Z"}
    assert {line["storage"] for line in lines(run("files", "--usb", "--json", *options))} == {"usb"}


@pytest.mark.parametrize("file", [VASE, ON_BOARD, ON_USB])
def test_start(printer, options, serial, file):
    simulated = printer()
    confirmed(options, serial, "start", file)
    assert state(options)["job"]["name"] == file.rsplit("/", 1)[-1]
    counts = simulated.counts()["executed"]
    assert (counts["1009"], counts["1010"], counts["1008"]) == (1, 1, 1)
    status, line = command(options, "start", file)
    assert (status, line["outcome"]) == (REFUSED, "refused") and "a job is running" in line["detail"]
    confirmed(options, serial, "stop")


@pytest.mark.parametrize("word", ["start", "delete"])
@pytest.mark.parametrize("file", ["nothing.gcode", "/usr/data/local/model/nothing.gcode", "/tmp/udisk/udisk1/nothing.gcode", "Vase"])
def test_no_such_file(printer, options, word, file):
    yes = ("--yes",) if word == "delete" else ()
    simulated = printer()
    status, line = command(options, word, file, *yes)
    assert (status, line["outcome"]) == (REFUSED, "refused")
    assert f"there is no file {file} on the printer" in line["detail"] and "flagship files" in line["detail"]
    assert not {"1008", "1010", "1032"} & set(simulated.counts()["executed"])
    result = run(word, file, *yes, *options)
    assert result.returncode == REFUSED and "--force does it" not in result.stderr


def test_a_start_that_has_no_effect_is_reported(printer, options):
    """How an M5C starts a file is not known: nothing else is started in its place."""
    simulated = printer("m5c")
    status, line = command(options, "start", VASE, "--timeout", "10")
    assert (status, line["outcome"]) == (8, "accepted") and "still idle" in line["detail"]
    assert simulated.counts()["executed"]["1008"] == 1
    assert state(options)["job"]["state"] == "idle"


def test_start_of_an_m5c_by_the_vendors_form(printer, options, serial):
    printer("m5c", "--control", "vendor")
    confirmed(options, serial, "start", VASE)


def test_delete(printer, options, serial):
    simulated = printer()
    status, line = command(options, "delete", VASE, "--yes")
    assert status == DONE, line
    assert VASE not in run("files", *options).stdout
    assert simulated.counts()["executed"]["1032"] == 1


def test_asks_before_it_deletes(printer, options):
    simulated = printer()
    result = run("delete", ON_BOARD, *options)
    assert result.returncode == REFUSED and "--force" in result.stderr
    for answer, executed in (("n", None), ("", None), ("y", 1)):
        with Terminal("delete", ON_BOARD, *options) as terminal:
            terminal.await_text(f"Delete {ON_BOARD} from")
            terminal.await_text("[y/N] ")
            terminal.write(answer + "\n")
            _, status = terminal.await_end()
        assert status == (DONE if executed else REFUSED)
        assert simulated.counts()["executed"].get("1032") == executed


def test_no_wait(printer, options, serial):
    simulated = printer("m5c", *PRINTING)
    status, line = command(options, "pause", "--no-wait")
    assert status == DONE
    assert line == {"serial": serial, "printer": serial, "name": None, "command": "pause", "outcome": None, "effect": None, "sent": True}
    simulated.await_counts(lambda counts: counts["executed"].get("1008") == 1)
    status, line = command(options, "stop", "--no-wait")
    assert (status, line["sent"]) == (DONE, True)
    simulated.await_counts(lambda counts: counts["executed"].get("1043", 0) >= 1)
    assert state(options)["job"]["state"] in ("stopped", "idle")


@pytest.mark.parametrize("words", [
    ("temp",), ("temp", "nozzle"), ("temp", "chamber", "20"), ("temp", "nozzle", "hot"), ("temp", "bed", "-1"),
    ("temp", "nozzle", "501"), ("temp", "nozzle", "nan"), ("temp", "bed", "50", "--wait", "--no-wait"),
    ("fan",), ("fan", "101"), ("fan", "0x10"), ("speed",), ("speed", "0"), ("home", "w"), ("move", "1", "2"),
    ("move", "-", "-", "-"), ("move", "1", "2", "up"), ("move", "1", "2", "3", "4"), ("extrude",), ("extrude", "-5"),
    ("extrude", "0"), ("retract", "1000"), ("z-offset",), ("z-offset", "11"), ("rename",), ("rename", ""),
    ("rename", "x" * 65), ("delete",), ("start",), ("start", ""), ("light",), ("light", "dim"), ("pause", "now"),
    ("files", "x"), ("level", "x"),
])
def test_usage(options, words):
    result = run(*words, *options)
    assert result.returncode == USAGE
    assert result.stderr.startswith("flagship: ") and result.stdout == ""


def test_no_broker(connection):
    status, line = command(connection("NOBODY", url="mqtts://localhost:1"), "pause")
    assert status == CANNOT_CONNECT
    assert line["outcome"] == "failed" and line["attempts"] == 0


@pytest.mark.parametrize("closed, printed, status", [("<&-", True, DONE), ("2>&-", True, DONE), ("<&- 2>&-", True, DONE), (">&-", False, FAILED)])
def test_streams_that_are_closed_get_no_socket(printer, options, closed, printed, status):
    """A program that opens one in their place writes its messages into it, or libuv gives up."""
    printer("m5")
    words = " ".join(shlex.quote(str(word)) for word in (FLAGSHIP, "rename", "Ada", *options))
    result = subprocess.run(["sh", "-c", f"exec {words} {closed}"], capture_output=True, text=True, check=False, env=environment())
    assert result.returncode == status, result.stderr
    assert ("the printer took" in result.stdout) == printed


def test_an_offset_into_the_plate_is_refused_however_it_is_sent(printer, options, serial):
    printer("m5")
    status, line = command(options, "send", "1021", "value=-900")
    assert (status, line["outcome"]) == (REFUSED, "refused") and "into the plate" in line["detail"]
    assert command(options, "send", "1021", "value=-10")[0] == DONE
    assert command(options, "z-offset", "-4")[0] == REFUSED
    assert command(options, "z-offset", "-0.9")[0] == DONE
    assert command(options, "z-offset", "--relative", "-0.9")[0] == DONE
    for words in (("z-offset", "--relative", "-0.9"), ("send", "1043", "cmdData=M290 Z-0.9", "cmdLen=9")):
        status, line = command(options, *words)
        assert (status, line["outcome"]) == (REFUSED, "refused"), line
    assert run("gcode", "M290 Z-0.9", *options).returncode == REFUSED
