# SPDX-License-Identifier: MIT
"""flagship config: where settings are, what they are, and how they change."""

import json
import re

import pytest

from program import DONE, FAILED, USAGE

KEYS = ["printer.default", "broker.url", "broker.ca", "broker.pin", "cli.timeout", "cli.colour", "api.timeout",
        "api.retries", "account.user_id", "account.user_name", "m5.control", "m5c.control", "e1.bed_max_c"]


@pytest.fixture
def file(home):
    return home.folder / ".config" / "flagship" / "flagship.conf"


def script(path, text):
    path.write_text("#!/bin/sh\n" + text)
    path.chmod(0o755)
    return path


def test_the_path_follows_xdg(home, tmp_path):
    assert home.run("config", "path").stdout == f"{home.folder}/.config/flagship/flagship.conf\n"
    result = home.run("config", "path", XDG_CONFIG_HOME=tmp_path / "other")
    assert result.stdout == f"{tmp_path}/other/flagship/flagship.conf\n"
    for useless in ("", "relative/path"):
        result = home.run("config", "path", XDG_CONFIG_HOME=useless)
        assert result.stdout == f"{home.folder}/.config/flagship/flagship.conf\n"


def test_show_lists_every_setting(home, file):
    shown = json.loads(home.run("config", "show", "--json").stdout)
    assert set(KEYS) <= {setting["key"] for setting in shown}
    for setting in shown:
        assert setting["value"] == setting["default"]
        assert setting["set"] is False
        assert setting["help"]
    assert not file.exists()

    home.settings("[cli]\ntimeout = 3\n")
    heading, *rows = home.run("config").stdout.splitlines()
    assert heading.split() == ["SETTING", "VALUE", "FROM"]
    rows = {row.split()[0]: row.split()[1:] for row in rows}
    assert rows["cli.timeout"] == ["3", "file"]
    assert rows["cli.colour"] == ["auto", "default"]
    assert rows["broker.url"] == ["-", "default"]
    timeout = {setting["key"]: setting for setting in json.loads(home.run("config", "--json").stdout)}["cli.timeout"]
    assert (timeout["value"], timeout["default"], timeout["set"]) == ("3", "10", True)


def test_set_get_and_unset(home, file):
    assert home.run("config", "get", "cli.timeout").stdout == "10\n"
    result = home.run("config", "set", "cli.timeout", "2m")
    assert (result.returncode, result.stdout, result.stderr) == (DONE, "", "")
    assert home.run("config", "get", "cli.timeout").stdout == "2m\n"
    assert home.run("config", "set", "printer.default", "Left ü").returncode == DONE
    assert home.run("config", "get", "printer.default").stdout == "Left ü\n"
    text = file.read_text()
    for key in KEYS:
        assert re.search(rf"^#{key.split('.')[1]} =", text, re.MULTILINE)
    assert [line for line in text.splitlines() if line and line[0] not in "#["] == ["default = Left ü", "timeout = 2m"]

    assert home.run("config", "unset", "cli.timeout").returncode == DONE
    assert home.run("config", "get", "cli.timeout").stdout == "10\n"
    assert file.read_text() == text.replace("\ntimeout = 2m\n", "\n")


def test_set_keeps_what_people_wrote(home, file):
    home.settings("; mine\n[api]\nretries=1\n\n[cli]\n# slow line\ntimeout = 60 ; really\n")
    file.chmod(0o640)
    assert home.run("config", "set", "cli.timeout", "30").returncode == DONE
    assert home.run("config", "set", "broker.url", "mqtts://home:8789").returncode == DONE
    assert file.read_text() == (
        "; mine\n[api]\nretries=1\n\n[cli]\n# slow line\ntimeout = 30 ; really\n\n[broker]\nurl = mqtts://home:8789\n"
    )
    assert file.stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize("words,told", [
    (["get", "cli.timeot"], "did you mean cli.timeout?"),
    (["set", "timeout", "3"], "there is no setting 'timeout'"),
    (["unset", "cli.frobnicate.x"], "flagship config show lists them"),
    (["set", "cli.timeout", "soon"], "a time above 0"),
    (["set", "broker.url", "http://x"], "mqtts://HOST:PORT"),
    (["set", "printer.default", "a\nb = c"], "control characters"),
    (["get"], "flagship config get KEY"),
    (["get", "cli.timeout", "x"], "flagship config get KEY"),
    (["set", "cli.timeout"], "flagship config set KEY VALUE"),
    (["path", "x"], "flagship config path"),
    (["shwo"], "did you mean show?"),
    (["frobnicate"], "flagship config --help"),
    (["set", "cli.timeout", "1", "2"], "what is '2' for?"),
])
def test_mistakes(home, file, words, told):
    result = home.run("config", *words)
    assert result.returncode == USAGE
    assert told in result.stderr
    assert result.stdout == ""
    assert not file.exists()


def test_a_damaged_file_is_reported_with_its_line(home, file):
    home.settings("[cli]\n\ntimeout = soon\n")
    for words in (["show"], ["get", "cli.colour"], ["set", "cli.colour", "never"], ["unset", "cli.timeout"]):
        result = home.run("config", *words)
        assert result.returncode == FAILED
        assert f"{file}, line 3: cli.timeout is 'soon'" in result.stderr
        assert result.stdout == ""
    assert file.read_text() == "[cli]\n\ntimeout = soon\n"
    assert home.run("config", "path").returncode == DONE


def test_edit_makes_the_file_and_opens_it(home, file, tmp_path):
    editor = script(tmp_path / "my editor", 'echo "$@" >"$HOME/called"; printf "[cli]\\ntimeout = 4\\n" >>"$2"\n')
    result = home.run("config", "edit", VISUAL=f"'{editor}' --wait", EDITOR="false")
    assert (result.returncode, result.stderr) == (DONE, "")
    assert (home.folder / "called").read_text() == f"--wait {file}\n"
    assert home.run("config", "get", "cli.timeout").stdout == "4\n"
    assert "#colour = auto" in file.read_text()


def test_edit_says_what_is_wrong_afterwards(home, file):
    result = home.run("config", "edit", VISUAL="", EDITOR='printf "[cli]\\nx = 1\\n" >')
    assert result.returncode == FAILED
    assert f"{file}, line 2: there is no setting cli.x" in result.stderr
    assert "flagship config edit" in result.stderr
    # And lets it be mended.
    assert home.run("config", "edit", EDITOR="sed -i s/x/timeout/").returncode == DONE
    assert home.run("config", "get", "cli.timeout").stdout == "1\n"


@pytest.mark.parametrize("editor", ["false", "/nonexistent/editor"])
def test_an_editor_that_fails(home, editor):
    result = home.run("config", "edit", VISUAL=None, EDITOR=editor)
    assert result.returncode == FAILED
    assert f"the editor {editor} ended with an error" in result.stderr


def test_a_place_that_cannot_be_written(home, file):
    (home.folder / ".config").write_text("no folder")
    result = home.run("config", "set", "cli.timeout", "3")
    assert result.returncode == FAILED
    assert str(home.folder / ".config") in result.stderr


def test_colours_follow_the_setting(home):
    assert "\033" not in home.run("config").stdout
    assert home.run("config", "set", "cli.colour", "always").returncode == DONE
    assert "\033[1mSETTING" in home.run("config").stdout
    assert "\033" not in home.run("config", NO_COLOR=1).stdout
    assert "\033" not in home.run("config", FLAGSHIP_COLOUR="never").stdout
    # A damaged file is told by those that need it, and no other command.
    home.settings("[cli]\ncolour = always\nx = 1\n")
    result = home.run("types")
    assert (result.returncode, result.stderr) == (DONE, "")
    assert "\033" not in result.stdout


def test_nothing_is_left_for_a_core_dump(home):
    limits = home.folder / "limits"
    # The editor's shell is a child of flagship.
    result = home.run("config", "edit", EDITOR=f"cat /proc/$PPID/limits >{limits}; :")
    assert result.returncode == DONE
    assert re.search(r"^Max core file size +0 +0 ", limits.read_text(), re.MULTILINE)


def test_print_control_has_two_forms(home):
    for key in ("m5.control", "m5c.control"):
        assert home.run("config", "set", key, "vendor").returncode == DONE
        assert home.run("config", "set", key, "observed").returncode == DONE
        assert home.run("config", "get", key).stdout == "observed\n"
        wrong = home.run("config", "set", key, "both")
        assert wrong.returncode == USAGE and "vendor or observed" in wrong.stderr


def test_what_was_a_setting_says_what_took_its_place(home, file):
    for words in (("set", "m5c.stop_value", "4"), ("get", "m5c.stop_value")):
        result = home.run("config", *words)
        assert result.returncode == USAGE and "control = vendor or observed" in result.stderr
    home.settings("[m5c]\nstop_value = 4\ncontrol = vendor\n")
    result = home.run("config", "get", "m5c.control")
    assert (result.returncode, result.stdout) == (DONE, "vendor\n")
    assert "line 2: m5c.stop_value is passed over" in result.stderr
    assert home.run("config", "unset", "m5c.stop_value").returncode == DONE
    assert file.read_text() == "[m5c]\ncontrol = vendor\n"
    assert home.run("config", "get", "m5c.control").stderr == ""
