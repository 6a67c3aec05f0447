# SPDX-License-Identifier: MIT
"""What flagship refuses to do to a printer, and does with --force (protocol.md 3.5)."""

import itertools

import pytest

from program import DONE, NOT_CONFIRMED, REFUSED, USAGE, lines, run
from terminal import Terminal

NUMBERS = itertools.count()
IDLE = ("--speed", "20")
PRINTING = ("--scenario", "print", "--at", "20", "--speed", "5")


@pytest.fixture
def serial():
    return f"GUARDED{next(NUMBERS)}"


@pytest.fixture
def options(serial, connection):
    return connection(serial)


@pytest.fixture
def printer(options, simulate):
    return lambda model, scenario: simulate(*options, "--model", model, *scenario)


def command(options, *words):
    result = run(*words, "--json", *options)
    (line,) = lines(result)
    return result.returncode, line


def touched(simulated):
    """Whether it was asked to do anything."""
    counts = simulated.counts()
    return bool(set(counts["executed"]) - {"1027"}) or bool(counts["refused"])


@pytest.mark.parametrize(("model", "scenario", "words"), [
    ("m5", PRINTING, ("home",)),
    ("m5", PRINTING, ("home", "x")),
    ("m5", PRINTING, ("move", "10", "-", "-")),
    ("m5", PRINTING, ("extrude", "5")),
    ("m5", PRINTING, ("retract", "5")),
    ("m5", PRINTING, ("level",)),
    ("m5", PRINTING, ("send", "1043", "cmdData=G29", "cmdLen=3")),
    ("m5c", IDLE, ("home",)),
    ("m5c", IDLE, ("home", "z")),
    ("m5c", IDLE, ("send", "1026", "value=2")),
    ("m5c", IDLE, ("send", "1043", "cmdData=G28 Z", "cmdLen=5")),
    ("m5c", IDLE, ("send", "1043", "cmdData=g36", "cmdLen=3")),
    ("m5", IDLE, ("send", "1043", "cmdData=M500", "cmdLen=4")),
    ("m5", IDLE, ("send", "1043", "cmdData=M112", "cmdLen=4")),
    ("m5", IDLE, ("send", "1011")),
    ("m5", IDLE, ("send", "2018")),
    ("m5", IDLE, ("temp", "nozzle", "310")),
    ("m5", IDLE, ("temp", "nozzle", "261")),
    ("m5", IDLE, ("temp", "bed", "101")),
    ("m5c", IDLE, ("temp", "nozzle", "311")),
    ("m5c", IDLE, ("send", "1003", "value=31001")),
    ("m5c", IDLE, ("send", "1043", "cmdData=M104 S311", "cmdLen=9")),
    ("m5c", IDLE, ("temp", "bed", "116")),
    ("m5", PRINTING, ("temp", "nozzle", "off")),
    ("m5", PRINTING, ("temp", "bed", "off")),
    ("m5", PRINTING, ("cooldown",)),
    ("m5c", PRINTING, ("fan", "50")),
    ("m5", PRINTING, ("send", "1009", "value=1")),
    ("m5", IDLE, ("extrude", "5")),
    ("m5c", IDLE, ("retract", "5")),
    ("m5", IDLE, ("move", "236", "-", "-")),
    ("m5c", IDLE, ("move", "-", "233", "-")),
    ("m5", IDLE, ("move", "-", "-", "251")),
    ("m5", IDLE, ("move", "--relative", "-", "-", "-0.1")),
    ("m5", IDLE, ("z-offset", "1.5")),
    ("m5", IDLE, ("z-offset", "-2.01")),
    ("m5c", IDLE, ("z-offset", "--relative", "-1.01")),
    ("m5c", IDLE, ("send", "1026", "value=1")),
    ("m5", PRINTING, ("send", "1026", "value=0")),
    ("m5", IDLE, ("send", "1008", "value=0")),
    ("m5", PRINTING, ("send", "1008", "value=1", "filePath=x.gcode")),
    ("m5", IDLE, ("send", "1021", "value=-201")),
    ("m5", IDLE, ("send", "1038", "nozzle=300")),
    ("m5", IDLE, ("send", "1034", "devName= ")),
    ("m5", IDLE, ("rename", "   ")),
    ("m5", IDLE, ("rename", "a\tb")),
    ("m5", IDLE, ("rename", "\x1b[31m")),
    ("e1", IDLE, ("temp", "nozzle", "200")),
    ("e1", IDLE, ("home", "x")),
    ("e1", IDLE, ("extrude", "5")),
    ("e1", IDLE, ("send", "1043", "cmdData=M105", "cmdLen=4")),
])
def test_refused_with_a_reason(printer, options, model, scenario, words):
    simulated = printer(model, scenario)
    status, line = command(options, *words)
    assert (status, line["outcome"], line["attempts"], line["reply"]) == (REFUSED, "refused", 0, None)
    assert len(line["detail"]) > 20
    result = run(*words, *options)
    assert result.returncode == REFUSED
    assert "--force" in result.stderr and line["detail"] in result.stderr and result.stdout == ""
    assert not touched(simulated)


@pytest.mark.parametrize(("model", "scenario", "words", "wanted"), [
    ("m5", PRINTING, ("move", "10", "-", "-"), DONE),
    ("m5", PRINTING, ("extrude", "5"), DONE),
    ("m5c", IDLE, ("home", "z"), DONE),
    ("m5", IDLE, ("temp", "nozzle", "310"), NOT_CONFIRMED),
    ("m5", IDLE, ("temp", "bed", "115"), NOT_CONFIRMED),
    ("m5", PRINTING, ("fan", "50"), DONE),
    ("m5", IDLE, ("send", "1043", "cmdData=M500", "cmdLen=4"), DONE),
])
def test_forced(printer, options, model, scenario, words, wanted):
    simulated = printer(model, scenario)
    status, line = command(options, *words, "--force")
    assert line["attempts"] >= 1, line
    counts = simulated.counts()
    assert counts["executed"].get("1043", 0) + counts["refused"].get("1043", 0) >= 1
    assert status == wanted


def test_home_of_other_axes_is_allowed_on_an_m5c(printer, options):
    printer("m5c", IDLE)
    status, line = command(options, "home", "x", "y")
    assert status == DONE, line


def test_files_are_not_listed_during_a_job(printer, options):
    simulated = printer("m5", PRINTING)
    for words in (("files",), ("files", "--json")):
        result = run(*words, *options)
        assert result.returncode == REFUSED, result
        assert "listing the files disturbs it" in result.stderr + result.stdout
    assert not touched(simulated)


# A line of each kind, refused by every way in that there is for lines.
LINES = [
    ("m5c", IDLE, "G28"), ("m5c", IDLE, "g 28 z"), ("m5c", IDLE, "N3G36"), ("m5", IDLE, "M104 S200 S400"),
    ("m5", IDLE, "m140s101"), ("m5", IDLE, "G2001"), ("m5", IDLE, "M2004 S1"), ("m5c", IDLE, "M2009"),
    ("m5", IDLE, "M3013 W0123456789abcdef"), ("m5", IDLE, "M211 S0"), ("m5", IDLE, "M302 P1"), ("m5", IDLE, "M65648"),
    ("m5", IDLE, "M290 Z-1.5"), ("m5", IDLE, "G1 X900"), ("m5", IDLE, "G1 E5"), ("m5", PRINTING, "M4899 T1"),
    ("m5", PRINTING, "M106 S0"), ("m5", PRINTING, "M104 S0"), ("m5", IDLE, "G1 X1 #M92 A1"), ("m5", IDLE, "M117 " + "x" * 60),
    ("m5", IDLE, "M117 a,b"), ("m5", IDLE, "M105*7"), ("m5", IDLE, "M118 a@b"), ("m5", IDLE, "^115"), ("e1", IDLE, "M105"),
]
NEVER = ("M117 a,b", "M105*7", "M118 a@b", "^115")


@pytest.mark.parametrize(("model", "scenario", "line"), LINES)
def test_a_line_is_refused_by_every_way_in(printer, options, model, scenario, line):
    simulated = printer(model, scenario)
    options = [*options, "--model", model]
    for result in (run("gcode", line, *options), run("gcode", *options, stdin=line + "\n"),
                   run("send", "1043", f"cmdData={line}", f"cmdLen={len(line)}", *options)):
        assert result.returncode == REFUSED and result.stdout == "", result
        assert ("--force" in result.stderr) == (line not in NEVER), result.stderr
    assert not touched(simulated)
    forced = run("gcode", "--force", line, *options)
    # An E1 runs no G-code, so that it is the printer that refuses it.
    assert (forced.returncode == REFUSED) == (line in NEVER or model == "e1"), forced
    assert touched(simulated) == (line not in NEVER)


def test_a_line_is_refused_at_the_prompt(printer, options, tmp_path):
    simulated = printer("m5c", IDLE)
    with Terminal("gcode", *options, XDG_STATE_HOME=tmp_path) as terminal:
        for line in ("G28", "M117 a,b", "M290 Z5"):
            terminal.await_text("> ")
            terminal.write(line + "\n")
            terminal.await_text(f"{line} was not sent")
        terminal.await_text("> ")
        terminal.write("\x04")
        assert terminal.await_end()[1] == DONE
    assert not touched(simulated)


def test_small_steps_of_the_z_offset_add_up(printer, options):
    simulated = printer("m5", IDLE)
    result = run("gcode", *options, stdin="M290 Z-0.9\n" * 5)
    assert result.returncode == REFUSED and "beyond 2 mm" in result.stderr
    assert simulated.counts()["executed"]["1043"] == 2


def test_relative_moves_are_judged_as_such(printer, options):
    printer("m5", ("--speed", "200"))
    assert run("home", *options).returncode == DONE
    result = run("gcode", "G91", "G1 X50", "G1 X-20", "G1 Z5", "G90", *options)
    assert result.returncode == DONE, result.stderr
    assert run("gcode", "G91", "G1 Z-1", *options).returncode == REFUSED
    assert run("gcode", "G90", "G1 X-20", *options).returncode == REFUSED


def test_a_printer_moves_only_after_it_was_homed(printer, options):
    printer("m5", ("--speed", "200"))
    status, line = command(options, "move", "10", "10", "-")
    assert (status, line["outcome"]) == (REFUSED, "refused") and "homed first" in line["detail"]
    assert command(options, "home")[0] == DONE
    assert command(options, "move", "10", "10", "5")[0] == DONE


def test_a_target_that_the_firmware_cuts_is_reported_at_once(printer, options):
    printer("m5", IDLE)
    # With an hour to wait, and run() gives up long before.
    status, line = command(options, "temp", "bed", "110", "--force", "--timeout", "3600")
    assert (status, line["outcome"]) == (NOT_CONFIRMED, "accepted")
    assert "became 100" in line["detail"]
    result = run("temp", "bed", "110", "--force", "--wait", *options)
    assert result.returncode == NOT_CONFIRMED and "became 100" in result.stderr


def test_an_all_metal_hot_end_is_a_setting_of_one_printer(printer, options, serial, home):
    printer("m5", IDLE)
    assert home.run("temp", "nozzle", "280", *options).returncode == REFUSED
    assert home.run("config", "set", "printer.all_metal", f"AK7OTHER,{serial}").returncode == DONE
    # The published firmware goes no higher, whatever the hot end is.
    result = home.run("temp", "nozzle", "280", *options)
    assert result.returncode == NOT_CONFIRMED and "became 260" in result.stderr
    assert home.run("temp", "nozzle", "301", *options).returncode == REFUSED
    assert home.run("config", "set", "printer.all_metal", "AK7OTHER").returncode == DONE
    assert home.run("temp", "nozzle", "280", *options).returncode == REFUSED


def test_a_stop_asks_on_a_terminal(printer, options, serial):
    simulated = printer("m5", PRINTING)
    with Terminal("stop", *options) as terminal:
        assert serial in terminal.await_text("[y/N] ")
        terminal.write("n\n")
        assert terminal.await_end()[1] == REFUSED
    assert not touched(simulated)
    with Terminal("stop", "--yes", *options) as terminal:
        seen, status = terminal.await_end()
    assert status == DONE and "[y/N]" not in seen


def test_a_script_is_never_kept_from_a_stop(printer, options):
    printer("m5", PRINTING)
    assert run("stop", *options).returncode == DONE


def test_nothing_to_pause(printer, options):
    simulated = printer("m5", IDLE)
    for word in ("pause", "resume", "stop"):
        status, line = command(options, word)
        assert (status, line["outcome"]) == (REFUSED, "refused"), line
    assert not touched(simulated)


def test_a_name_is_needed_or_the_printer_crashes(printer, options):
    simulated = printer("m5", IDLE)
    result = run("send", "1034", *options)
    assert result.returncode == REFUSED and "devName" in result.stderr
    assert not touched(simulated)


def test_a_factory_reset_is_asked_about(printer, options, serial):
    simulated = printer("m5", IDLE)
    result = run("send", "1029", *options)
    assert result.returncode == REFUSED and "--force" in result.stderr
    for answer in ("n", "", "q"):
        with Terminal("send", "1029", *options) as terminal:
            assert serial in terminal.await_text("[y/N] ")
            terminal.write(answer + "\n")
            _, status = terminal.await_end()
        assert status == REFUSED
    assert simulated.counts()["received"] == 0
    with Terminal("send", "recover_factory", "--timeout", "5", *options) as terminal:
        terminal.await_text("Erase all settings of")
        terminal.write("yes\n")
        seen, status = terminal.await_end()
    # The simulated printer has no such command, and says nothing; but it was sent.
    assert status == 6, seen
    simulated.await_counts(lambda counts: counts["received"] >= 2)


@pytest.mark.parametrize(("model", "part", "degrees"), [("m5c", "nozzle", 310), ("m5c", "bed", 115), ("m5", "nozzle", 260), ("m5", "bed", 100)])
def test_the_ceiling_itself_is_taken(printer, options, model, part, degrees):
    """By the message and by G-code, and the printer cuts nothing off."""
    simulated = printer(model, IDLE)
    status, line = command(options, "temp", part, str(degrees))
    assert (status, line["outcome"]) == (DONE, "confirmed"), line
    assert {"1043", "1003" if part == "nozzle" else "1004"} <= set(simulated.counts()["executed"])
