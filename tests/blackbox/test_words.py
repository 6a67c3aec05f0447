# SPDX-License-Identifier: MIT
"""Small things of daily use: help of every level, suggestions, ASCII, the prompt, a printer's new name."""

import itertools
import json

import pytest

from conftest import KEY, SERIAL
from fake_printer import FakePrinter
from program import DONE, FLAGSHIP, USAGE, run
from screen import Screen
from terminal import Terminal
from test_printers import ankerctl

NUMBERS = itertools.count()


# --- help and suggestions ---


@pytest.mark.parametrize("words,usage", [(["cloud", "init"], "flagship cloud init"), (["cloud", "pair"], "flagship cloud pair"),
                                         (["config", "set"], "flagship config"), (["top"], "flagship top")])
def test_help_of_every_level(words, usage):
    result = run("help", *words)
    assert result.returncode == DONE, result.stderr
    assert result.stdout.startswith(f"Usage: {usage}")


@pytest.mark.parametrize("words,nearest", [
    (["help", "cloud", "ini"], "init"), (["cloud", "ini"], "init"), (["cloud", "tokens", "revok"], "revoke"),
    (["temp", "nozle", "200", "--serial", SERIAL], "nozzle"), (["light", "onn", "--serial", SERIAL], "on"),
    (["cloud", "statsu"], "status"), (["help", "clod"], "cloud"), (["config", "shwo"], "show"),
    (["cloud", "init", "--mqtt-prt", "1"], "--mqtt-port")])
def test_suggestions_of_every_level(words, nearest):
    result = run(*words)
    assert result.returncode == USAGE, result.stderr
    assert f"did you mean {nearest}?" in result.stderr


def test_a_command_without_such_a_word():
    result = run("help", "status", "frob")
    assert result.returncode == USAGE and "'status frob'" in result.stderr


# --- ASCII ---


ASCII = [{"LC_ALL": "C"}, {"LC_ALL": None, "LANG": "C"}, {"LC_ALL": "POSIX"}, {"LC_ALL": "de_DE.ISO-8859-1"}]


@pytest.mark.parametrize("changes", ASCII)
@pytest.mark.parametrize("words", [["status"], ["doctor"], ["monitor", "--count", "12"], ["temp", "nozzle", "400"]])
def test_ascii_where_the_locale_knows_no_more(simulate, connection, changes, words):
    simulate(*connection(), "--model", "m5c", "--scenario", "print")
    result = run(*words, *connection(), **changes)
    assert (result.stdout + result.stderr).isascii(), result.stdout + result.stderr
    whole = run(*words, *connection())
    assert not (whole.stdout + whole.stderr).isascii(), "the same has signs elsewhere"


def test_ascii_of_what_is_stored(home, tmp_path):
    file = ankerctl(tmp_path / "a.json", "ab" * 20, "eu", [(SERIAL, "Küche", "V8111")])
    imported = home.run("import", file, LC_ALL="C")
    assert imported.returncode == DONE and (imported.stdout + imported.stderr).isascii()
    assert "K?che" in home.run("printers", "--offline", LC_ALL="C").stdout
    assert home.run("accounts", LC_ALL="C").stdout.isascii()
    assert home.run("import", LC_ALL="C").stderr.isascii()
    # What programs read stays what it is.
    assert json.loads(home.run("printers", "--offline", "--json", LC_ALL="C").stdout)[0]["name"] == "Küche"


def test_ascii_on_a_dumb_terminal(simulate, connection):
    simulate(*connection(), "--model", "m5c", "--scenario", "print")
    words = " ".join(map(str, connection()))
    for command in ("doctor", "status"):
        with Terminal(shell=f"TERM=dumb exec {FLAGSHIP} {command} {words}") as terminal:
            text, status = terminal.await_end()
        assert status == DONE and text.isascii(), text


# --- the prompt of gcode ---


@pytest.fixture
def prompt(broker, authority, connection, tmp_path):
    serial = f"PROMPT{next(NUMBERS):03}"
    printer = FakePrinter(serial, broker.port, authority.certificate, KEY, lambda printer, message: printer.reply(
        commandType=1043, reply=0, resData="ok T:25.0\n", resLen=10) if message["commandType"] == 1043 else None)
    with Terminal("gcode", *connection(serial), XDG_STATE_HOME=tmp_path) as terminal:
        terminal.await_text(f"{serial}> ")
        yield terminal, printer, serial
    printer.stop()


def sent(printer):
    return [message.get("cmdData") for message in printer.received if message["commandType"] == 1043]


def test_the_prompt_helps(prompt):
    terminal, printer, serial = prompt
    terminal.write("help\r")
    text = terminal.await_text(f"{serial}> ")
    assert "quit, exit" in text and "Ctrl-C" in text
    terminal.write("quit\r")
    assert terminal.await_end()[1] == DONE
    assert sent(printer) == []


@pytest.mark.parametrize("word", ["quit", "exit", "EXIT"])
def test_the_prompt_ends(prompt, word):
    terminal, printer, _ = prompt
    terminal.write(word + "\r")
    assert terminal.await_end()[1] == DONE
    assert sent(printer) == []


def test_ctrl_c_keeps_the_line(prompt):
    terminal, printer, serial = prompt
    terminal.write("M10")
    terminal.await_text("M10")
    terminal.write("\x03")
    terminal.await_text("the line is kept")
    terminal.await_text("M10")
    terminal.write("5\r")
    terminal.await_text("T:25.0")
    assert sent(printer) == ["M105"]
    terminal.await_text(f"{serial}> ")
    terminal.write("\x03")
    assert terminal.await_end()[1] == DONE


# --- a new name ---


def test_rename_changes_what_is_stored(home, tmp_path, broker, authority, simulate, connection):
    simulate(*connection(), "--model", "m5c")
    file = ankerctl(tmp_path / "a.json", "anne", "eu", [(SERIAL, "Left", "V8110")])
    assert home.run("import", file, "--broker", broker.url, "--ca", authority.certificate).returncode == DONE
    result = home.run("rename", "-p", "Left", "Kitchen")
    assert result.returncode == DONE, result.stderr
    assert home.accounts()["anne"]["printers"][0]["name"] == "Kitchen"
    assert "Kitchen" in home.run("printers", "--offline").stdout
    assert home.run("status", "-p", "Kitchen").returncode == DONE


def test_a_rename_that_is_refused_changes_nothing(home, tmp_path, broker, authority, simulate, connection):
    simulate(*connection(), "--model", "m5c", "--fault", "refuse")
    file = ankerctl(tmp_path / "a.json", "anne", "eu", [(SERIAL, "Left", "V8110")])
    assert home.run("import", file, "--broker", broker.url, "--ca", authority.certificate).returncode == DONE
    assert home.run("rename", "-p", "Left", "Kitchen").returncode != DONE
    assert home.accounts()["anne"]["printers"][0]["name"] == "Left"


# --- a wide top ---


def test_a_wide_top_shows_file_layer_and_speed(simulate, connection):
    simulate(*connection(), "--model", "m5c", "--scenario", "print", "--at", "20")
    for width, shown in ((160, True), (100, False)):
        with Screen(FLAGSHIP, "top", *connection(), width=width, LC_ALL="C.UTF-8") as screen:
            screen.await_line("printing")
            heading = screen.line_with("NAME")
            assert all((word in heading) == shown for word in ("FILE", "LAYER", "SPEED")), heading
            if shown:
                screen.await_line("mm/s", ".gcode", "/")
