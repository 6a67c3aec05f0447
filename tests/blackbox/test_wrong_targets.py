# SPDX-License-Identifier: MIT
"""Every kind of wrong -p says what is wrong and what to do; nothing is sent, and nobody is asked."""

import json

import pytest

from conftest import KEY
from program import DONE, NOT_CONFIGURED, USAGE

LEFT, RIGHT, OLD, TWIN, OTHER_TWIN = (
    "AK7LEFT000000001", "AK7RIGHT00000002", "AK7OLD0000000003", "AK8TWIN000000004", "AK8TWIN000000005")
PRINTERS = ((LEFT, "Left", "V8111"), (RIGHT, "Right Büro", "V8110"), (OLD, "Left, the old one", "V8111"),
            (TWIN, "Twin", "V8111"), (OTHER_TWIN, "twin", "V8111"))
ALL = [serial for serial, _, _ in PRINTERS]
LONG = "x" * 600


def account(user, printers):
    return {"__type__": "Config",
            "account": {"__type__": "Account", "auth_token": "token", "region": "eu", "user_id": user, "email": f"{user}@example.com"},
            "printers": [{"__type__": "Printer", "id": "1", "sn": serial, "name": name, "model": model, "mqtt_key": KEY}
                         for serial, name, model in printers]}


@pytest.fixture
def store(home, tmp_path):
    """Five printers of two accounts, and a broker that nobody answers at."""
    for user, printers in (("0123", PRINTERS[:3]), ("0456", PRINTERS[3:])):
        path = tmp_path / "default.json"
        path.write_text(json.dumps(account(user, printers)))
        assert home.run("import", path).returncode == DONE
    home.settings("[broker]\nurl = mqtts://localhost:1\n"
                  "[group]\nghosts = right, ghost\nouter = ghosts\nring = ring\na = b\nb = a\n"
                  "d1 = d2\nd2 = d3\nd3 = d4\nd4 = d5\nd5 = d6\nd6 = d7\nd7 = d8\nd8 = d9\nd9 = left\n")
    return home


def listed(text):
    return [line.split()[1] for line in text.splitlines() if line.startswith("  ")]


# What is given, what is said of it, and the printers that are listed then.
WRONG = {
    "empty": ("", ["'' names no printer: give a name, a serial number, the number in front, or all"], ALL),
    "blanks": (" \t ", ["names no printer"], ALL),
    "commas": (",,", ["',,' names no printer"], ALL),
    "unknown": ("nobody", ["no printer 'nobody': give a name, a serial number, the number in front, or all"], ALL),
    "unknown among others": ("left,ghost", ["no printer 'ghost'"], ALL),
    "all and an unknown one": ("all,ghost", ["no printer 'ghost'"], ALL),
    "misspelt": ("Lfet", ["no printer 'Lfet'; did you mean 'Left'?"], ALL),
    "misspelt group": ("ghosst", ["did you mean 'ghosts'?"], ALL),
    "case of letters beyond ASCII": ("RIGHT BÜRO \x08", ["control characters"], ALL),
    "part of a name": ("büro", ["no printer begins with 'büro': give the whole name, or '*büro*'"], [RIGHT]),
    "part of several": ("the", ["'*the*'"], [OLD]),
    "separated by blanks": ("left right", ["several are separated by commas: -p 'left,right'"], ALL),
    "separated by semicolons": ("left;twin*", ["-p 'left,twin*'"], ALL),
    "number beyond the last": ("9", ["no printer number 9, they go from 1 to 5"], ALL),
    "number zero": ("0", ["they go from 1 to 5"], ALL),
    "negative number": ("-1", ["they go from 1 to 5"], ALL),
    "beginning of several": ("AK7", ["'AK7' could be any of 3 printers: give more of the name or of the serial number"], ALL[:3]),
    "serial number half typed": ("ak8twin0000", ["could be any of 2 printers"], [TWIN, OTHER_TWIN]),
    "serial number mistyped": ("AK7LEFT000000011", [f"'AK7LEFT000000011' is known here; did you mean '{LEFT}'?"], ALL),
    "serial number near two": ("AK8TWIN000000006", ["is known here\n"], ALL),
    "serial number too long": (LEFT + "1", [f"did you mean '{LEFT}'?"], ALL),
    "printer of no account here": ("AK9FAR0000000009", ["no printer with the serial number 'AK9FAR0000000009' is known here",
                                                        "flagship refresh", "flagship login"], ALL),
    "namesakes": ("TWIN", ["2 printers are called 'TWIN': give the serial number, or the number in front"], [TWIN, OTHER_TWIN]),
    "account": ("0456@example.com", ["'0456@example.com' is an account, and -p names printers"], [TWIN, OTHER_TWIN]),
    "user id": ("0123", ["'0123' is an account"], ALL[:3]),
    "pattern that fits none": ("x*", ["no name and no serial number fits the pattern 'x*'"], ALL),
    "pattern without its end": ("[LR", ["the pattern '[LR' has a [ without its ]"], ALL),
    "group with a missing printer": ("ghosts", ["no printer 'ghost'", "flagship config set group.ghosts changes it"], ALL),
    "group in a group": ("outer", ["no printer 'ghost'", "in 'ghosts' of the settings"], ALL),
    "group in itself": ("ring", ["the group 'ring' of the settings is among its own members", "config set group.ring"], []),
    "groups in each other": ("a", ["the group 'a' of the settings is among its own members", "config set group.b"], []),
    "groups too deep": ("d1", ["the group 'd9' of the settings is too deep in other groups: name its printers"], []),
    "escape sequence": ("a\x1b[2Jb", ["which has control characters in it", "give the serial number"], ALL),
    "no UTF-8": (b"r\xff", ["is no UTF-8"], ALL),
    "too long": (LONG, ["xxx…' has 600 bytes, and no printer has so long a name"], ALL),
}


@pytest.mark.parametrize("kind", WRONG)
def test_says_what_is_wrong(store, kind):
    given, said, printers = WRONG[kind]
    given = given.decode(errors="surrogateescape") if isinstance(given, bytes) else given
    result = store.run("status", "--json", "-p", given)
    assert result.returncode == USAGE and result.stdout == ""
    for words in said:
        assert words in result.stderr
    assert listed(result.stderr) == printers
    assert LONG not in result.stderr
    # Neither a name of a printer nor what was given reaches the terminal as it is.
    assert not set("\x07\x08\x1b") & set(result.stderr)


@pytest.mark.parametrize("words", [("status",), ("monitor",), ("top", "--once"), ("printers",), ("printers", "--offline"),
                                   ("wait", "idle"), ("pause",), ("files",), ("temp", "bed", "60"), ("home",), ("level",), ("rename", "x"),
                                   ("query", "1027"), ("send", "1006", "value=100"), ("gcode", "M105")])
def test_every_command_says_it(store, words):
    result = store.run(*words, "-p", "Lfet")
    assert result.returncode == USAGE, result.stderr
    assert "did you mean 'Left'?" in result.stderr and listed(result.stderr) == ALL


def test_doctor_says_it_as_the_first_link(store):
    result = store.run("doctor", "-p", "Lfet")
    assert result.returncode == NOT_CONFIGURED and "did you mean 'Left'?" in result.stdout.splitlines()[0]


def test_two_where_one_is_wanted(store):
    result = store.run("home", "-p", f"{LEFT},{RIGHT}")
    assert result.returncode == USAGE and "for one printer at a time, and -p names 2" in result.stderr
    assert listed(result.stderr) == [LEFT, RIGHT]
    result = store.run("pause")
    assert result.returncode == USAGE and "say with -p which printer, which printers, or all" in result.stderr
    assert store.run("config", "set", "printer.default", "left,right").returncode == DONE
    result = store.run("pause")
    assert result.returncode == USAGE and "2 printers, which this command takes from -p alone" in result.stderr
    assert "printer.default" in result.stderr and listed(result.stderr) == [LEFT, RIGHT]


def test_a_wrong_setting_is_named(store):
    assert store.run("config", "set", "printer.default", "Lfet").returncode == DONE
    result = store.run("status")
    assert result.returncode == USAGE and "did you mean 'Left'?" in result.stderr
    assert "'Lfet' is the setting printer.default: flagship config set printer.default changes it" in result.stderr


def test_an_empty_group_is_refused_where_it_is_written(store):
    result = store.run("config", "set", "group.none", " , ")
    assert result.returncode == USAGE and "a group is printers, separated by commas" in result.stderr
    store.settings("[group]\nnone =\n")
    result = store.run("status", "-p", "none")
    assert result.returncode not in (DONE, USAGE) and "a group is printers" in result.stderr and "line 2" in result.stderr


def test_options_that_do_not_go_together(store):
    result = store.run("status", "-p", "left", "--serial", LEFT)
    assert result.returncode == USAGE and "give one" in result.stderr
    assert "needs a value" in store.run("status", "-p").stderr
    result = store.run("status", *["-p", "left"] * 17)
    assert result.returncode == USAGE and "16 times at most; one takes several, with commas between" in result.stderr


def test_without_any_printer(home):
    result = home.run("status", "-p", "left")
    assert result.returncode == NOT_CONFIGURED and "flagship login" in result.stderr


def test_offline_lists_those_that_are_named(store):
    result = store.run("printers", "--offline", "--json", "-p", "twin*")
    assert result.returncode == DONE
    assert [row["serial"] for row in json.loads(result.stdout)] == [TWIN, OTHER_TWIN]
