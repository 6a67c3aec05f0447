# SPDX-License-Identifier: MIT
"""flagship --help, --version, help, completions, unknown words, and commands that are programs."""

import os
import pathlib
import pty
import re
import shutil
import subprocess

import pytest

from process import DEADLINE_S
from program import DONE, FAILED, FLAGSHIP, ROOT, USAGE, environment, run

COMMANDS = ["monitor", "status", "gcode", "accounts", "logout", "config", "decode", "encode", "types", "replay", "help"]


def script(directory, name, text):
    path = pathlib.Path(directory) / name
    path.write_text("#!/bin/sh\n" + text)
    path.chmod(0o755)
    return path


def on_a_terminal(arguments, **changes):
    """What the program writes to a terminal, and its exit status."""
    master, slave = pty.openpty()
    with subprocess.Popen(
        [str(FLAGSHIP), *arguments],
        stdin=slave,
        stdout=slave,
        stderr=slave,
        env=environment(TERM="xterm", **changes),
    ) as process:
        os.close(slave)
        output = b""
        while True:
            try:
                piece = os.read(master, 65536)
            except OSError:
                piece = b""
            if not piece:
                break
            output += piece
        os.close(master)
        status = process.wait(timeout=DEADLINE_S)
    return output.decode().replace("\r\n", "\n"), status


def test_help_lists_the_commands():
    for arguments in (["--help"], ["-h"], ["help"]):
        result = run(*arguments)
        assert result.returncode == DONE
        assert result.stderr == ""
        for command in COMMANDS:
            assert re.search(rf"^  {command} +\S", result.stdout, re.MULTILINE)
        assert "\nFrames and messages\n" in result.stdout


def test_nothing_is_a_usage_error():
    result = run()
    assert result.returncode == USAGE
    assert result.stdout == ""
    assert "Usage: flagship COMMAND" in result.stderr


def test_version():
    version = re.search(r"version: '([^']+)'", (ROOT / "meson.build").read_text()).group(1)
    for option in ("--version", "-V"):
        result = run(option)
        assert result.returncode == DONE
        assert result.stdout == f"flagship {version}\n"


@pytest.mark.parametrize("command", COMMANDS)
def test_help_of_a_command(command):
    texts = {run(command, "--help").stdout, run(command, "-h").stdout, run("help", command).stdout}
    assert len(texts) == 1
    text = texts.pop()
    assert text.startswith(f"Usage: flagship {command} [OPTIONS]")
    assert "-h, --help" in text
    assert max(len(line) for line in text.splitlines()) <= 100


@pytest.mark.parametrize("command", COMMANDS)
def test_help_works_among_other_arguments(command):
    assert run(command, "--help", "x", "y").returncode == DONE


@pytest.mark.parametrize(
    "word,nearest",
    [("stauts", "status"), ("mon", "monitor"), ("decod", "decode"), ("tpyes", "types"), ("simulat", "simulate")],
)
def test_unknown_commands_suggest_the_nearest(tmp_path, word, nearest):
    script(tmp_path, "flagship-simulate", "exit 0\n")
    for arguments in ([word], ["help", word]):
        result = run(*arguments, FLAGSHIP_EXEC_PATH=tmp_path)
        assert result.returncode == USAGE
        assert result.stderr == f"flagship: there is no command '{word}'; did you mean {nearest}?\n"


@pytest.mark.parametrize("word,program", [("login", "flagship-account"), ("cloud", "flagship-cloud")])
def test_commands_whose_program_is_missing_say_which(tmp_path, word, program):
    alone = shutil.copy(FLAGSHIP, tmp_path)
    result = subprocess.run([alone, word], capture_output=True, text=True, check=False, env=environment())
    assert (result.returncode, result.stdout) == (FAILED, "")
    assert result.stderr == f"flagship: '{word}' is done by the program {program}, which is not installed here\n"


def test_unknown_commands_without_a_guess():
    for word in ("frobnicate", "../../x", "", "x" * 300):
        result = run(word)
        assert result.returncode == USAGE
        assert "flagship --help lists them" in result.stderr


def test_unknown_options_before_the_command():
    result = run("--versoin")
    assert result.returncode == USAGE
    assert "did you mean --version?" in result.stderr
    result = run("--broker", "x", "status")
    assert result.returncode == USAGE
    assert "flagship COMMAND --broker" in result.stderr


def test_completions_list_commands():
    rows = [line.split("\t") for line in run("help", "--complete").stdout.splitlines()]
    assert {"command"} == {row[0] for row in rows}
    assert set(COMMANDS) <= {row[1] for row in rows}
    assert all(len(row) == 3 for row in rows)


@pytest.mark.parametrize("command", COMMANDS)
def test_completions_agree_with_help(command):
    result = run("help", "--complete", command)
    if command != "help":
        assert result.stdout == run(command, "--complete").stdout
    rows = [line.split("\t") for line in result.stdout.splitlines()]
    assert all(row[0] == "option" and len(row) == 5 for row in rows)
    assert set(row[3] for row in rows) <= {"flag", "text", "file", "integer", "real", "duration", "choice"}
    in_help = set(re.findall(r"^  (?:-\w, )?(--[a-z0-9-]+)", run(command, "--help").stdout, re.MULTILINE))
    assert {row[1] for row in rows} == in_help


def test_commands_may_be_programs(tmp_path):
    script(tmp_path, "flagship-hello", 'echo "hello $*"; exit 5\n')
    result = run("hello", "a", "--b", FLAGSHIP_EXEC_PATH=tmp_path)
    assert (result.stdout, result.returncode) == ("hello a --b\n", 5)
    result = run("help", "hello", FLAGSHIP_EXEC_PATH=tmp_path)
    assert result.stdout == "hello --help\n"
    result = run("help", "--complete", "hello", FLAGSHIP_EXEC_PATH=tmp_path)
    assert result.stdout == "hello --complete\n"
    assert re.search(r"^  hello", run("--help", FLAGSHIP_EXEC_PATH=tmp_path).stdout, re.MULTILINE)
    assert "command\thello\t" in run("help", "--complete", FLAGSHIP_EXEC_PATH=tmp_path).stdout


def test_one_program_may_serve_several_commands(tmp_path):
    script(tmp_path, "flagship-account", 'echo "account $*"; exit 5\n')
    for command in ("import", "login", "refresh"):
        result = run(command, "a", "--b", FLAGSHIP_EXEC_PATH=tmp_path)
        assert (result.stdout, result.returncode) == (f"account {command} a --b\n", 5)
        assert run("help", command, FLAGSHIP_EXEC_PATH=tmp_path).stdout == f"account {command} --help\n"
        assert run("help", "--complete", command, FLAGSHIP_EXEC_PATH=tmp_path).stdout == f"account {command} --complete\n"


def test_such_a_program_is_no_command(tmp_path):
    script(tmp_path, "flagship-account", "exit 0\n")
    for arguments in (["account"], ["help", "account"]):
        result = run(*arguments, FLAGSHIP_EXEC_PATH=tmp_path)
        assert result.returncode == USAGE
        assert "there is no command 'account'" in result.stderr
    listed = run("--help", FLAGSHIP_EXEC_PATH=tmp_path).stdout
    assert not re.search(r"^  account ", listed, re.MULTILINE)
    accounts = listed[listed.index("\nAccounts\n"):]
    assert re.search(r"^  login +\S", accounts[:accounts.index("\n\n", 1)], re.MULTILINE)


@pytest.mark.parametrize("command", ["import", "login", "refresh"])
def test_help_of_a_served_command(command):
    text = run(command, "--help").stdout
    assert text.startswith(f"Usage: flagship {command} [OPTIONS]")
    assert max(len(line) for line in text.splitlines()) <= 100


def test_programs_are_found_beside_flagship(tmp_path):
    beside = tmp_path / "bin"
    beside.mkdir()
    shutil.copy(FLAGSHIP, beside / "flagship")
    script(beside, "flagship-hello", "echo beside\n")
    result = subprocess.run(
        [str(beside / "flagship"), "hello"], stdout=subprocess.PIPE, env=environment(), check=True
    )
    assert result.stdout == b"beside\n"

    first = tmp_path / "first"
    first.mkdir()
    script(first, "flagship-hello", "echo first\n")
    result = subprocess.run(
        [str(beside / "flagship"), "hello"],
        stdout=subprocess.PIPE,
        env=environment(FLAGSHIP_EXEC_PATH=first),
        check=True,
    )
    assert result.stdout == b"first\n"


def test_built_in_commands_come_first(tmp_path):
    script(tmp_path, "flagship-types", "echo not-this-one\n")
    result = run("types", FLAGSHIP_EXEC_PATH=tmp_path)
    assert "not-this-one" not in result.stdout
    listed = re.findall(r"^  types ", run("--help", FLAGSHIP_EXEC_PATH=tmp_path).stdout, re.MULTILINE)
    assert len(listed) == 1


def test_programs_that_cannot_run(tmp_path):
    (tmp_path / "flagship-plain").write_text("x")
    (tmp_path / "flagship-folder").mkdir()
    for name in ("plain", "folder"):
        result = run(name, FLAGSHIP_EXEC_PATH=tmp_path)
        assert result.returncode == USAGE
    broken = tmp_path / "flagship-broken"
    broken.write_text("#!/nonexistent/interpreter\n")
    broken.chmod(0o755)
    result = run("broken", FLAGSHIP_EXEC_PATH=tmp_path)
    assert result.returncode == FAILED
    assert "cannot run" in result.stderr


def test_help_opens_the_manual_page_on_a_terminal(tmp_path):
    script(
        tmp_path,
        "man",
        'if [ "$1" = -w ]; then [ "$2" = flagship-types ]; else echo "page of $1"; fi\n',
    )
    path = f"{tmp_path}:{os.environ['PATH']}"
    assert on_a_terminal(["help", "types"], PATH=path) == ("page of flagship-types\n", DONE)
    text, status = on_a_terminal(["help", "decode"], PATH=path)
    assert status == DONE
    assert text.startswith("Usage: flagship decode")
    assert run("help", "types", PATH=path).stdout.startswith("Usage: flagship types")


def test_help_without_man(tmp_path):
    text, status = on_a_terminal(["help", "types"], PATH=tmp_path)
    assert status == DONE
    assert text.startswith("Usage: flagship types")


def test_colour_only_on_a_terminal():
    text, _ = on_a_terminal(["types"])
    assert "\033[1mID\033[0m" in text
    text, _ = on_a_terminal(["types"], NO_COLOR="1")
    assert "\033" not in text
    assert "\033" not in run("types").stdout
