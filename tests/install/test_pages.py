# SPDX-License-Identifier: MIT
"""The manual pages and shell completions tell what the installed program tells of itself."""

import json
import os
import re
import shutil

import pytest
from conftest import ROOT, run

PAGES = sorted((ROOT / "man").glob("*.[13]"))
COMMANDS = [page.stem.removeprefix("flagship-") for page in PAGES if page.stem.startswith("flagship-") and page.stem != "flagship-cloud"]


def rendered(page):
    text = run("man", "-P", "cat", "-l", page, LC_ALL="C.UTF-8", MANWIDTH="100", MAN_KEEP_FORMATTING="").stdout
    return re.sub(r"\x1b\[[0-9;]*m|.\x08", "", text)


def options_of(installation, command):
    lines = run(installation.program, "help", "--complete", command).stdout.splitlines()
    return [line.split("\t") for line in lines]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_page_has_no_mistakes(page):
    result = run("man", "--warnings", "-P", "cat", "-l", page, LC_ALL="C.UTF-8")
    assert result.stderr == ""
    assert "NAME" in result.stdout


@pytest.mark.parametrize("command", COMMANDS)
def test_page_has_the_options_of_the_command(installation, command):
    common = rendered(ROOT / "man" / "flagship.1")
    text = rendered(ROOT / "man" / f"flagship-{command}.1")
    real = {fields[1] for fields in options_of(installation, command)}
    told = set(re.findall(r"(?<![\w-])--[a-z][a-z0-9-]*", text))
    assert real - told - set(re.findall(r"--[a-z][a-z0-9-]*", common)) == set()
    own_heading = text[text.index("OPTIONS"):text.index("EXIT STATUS")]
    assert set(re.findall(r"(?m)^ +(?:-\w, )?(--[a-z][a-z0-9-]*)", own_heading)) <= real


def test_page_of_the_cloud_has_all_its_commands(installation):
    text = rendered(ROOT / "man" / "flagship-cloud.1")
    rows = options_of(installation, "cloud")
    assert len(rows) > 10
    for row in rows:
        assert f"flagship cloud {row[1]}" in text
        for line in run(installation.program, "cloud", row[1], "--complete").stdout.splitlines():
            option = line.split("\t")[1]
            assert option == "--help" or re.search(rf"(?m)^ +{option}\b", text), (row[1], option)


def other_pages(page):
    """Whom a page points to, in order, and whom it names before."""
    text, _, end = page.read_text(encoding="utf-8").partition("\n.Sh SEE ALSO\n")
    named = set(re.findall(r"(?m)^\.Xr (flagship-[a-z-]+) 1", text)) | {f"flagship-{word}" for word in re.findall(r"flagship ([a-z][a-z-]*)", text)}
    return re.findall(r"(?m)^\.Xr (\S+) [13]", end.partition("\n.Sh ")[0]), named & {page.stem for page in PAGES}


def test_the_first_page_points_to_all_others():
    assert other_pages(ROOT / "man" / "flagship.1")[0] == [page.stem for page in PAGES if page.stem != "flagship"]


@pytest.mark.parametrize("page", [page for page in PAGES if page.stem.startswith("flagship-")], ids=lambda page: page.name)
def test_page_points_to_whom_it_names_and_who_points_to_it(page):
    pointed, named = other_pages(page)
    back = {other.stem for other in PAGES if other.stem not in ("flagship", "libflagship") and page.stem in other_pages(other)[0]}
    assert pointed == ["flagship", *sorted((back | named) - {page.stem})]


def bash_completes(installation, *words, home="/nonexistent"):
    script = """
        source "$1"; shift
        COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
        _flagship "$1" "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
        printf '%s\\n' "${COMPREPLY[@]}"
    """
    completion = installation.prefix / "share" / "bash-completion" / "completions" / "flagship"
    result = run("bash", "-c", script, "bash", completion, installation.program, *words, HOME=home)
    return result.stdout.splitlines() if result.stdout.strip() else []


def fish_completes(installation, *words, home="/nonexistent"):
    completion = installation.prefix / "share" / "fish" / "vendor_completions.d" / "flagship.fish"
    line = " ".join(("flagship", *words))
    result = run("fish", "--no-config", "-c", f'source "{completion}"; complete -C "{line}"',
                 PATH=f"{installation.program.parent}:{os.environ['PATH']}", HOME=home)
    return [one.split("\t")[0] for one in result.stdout.splitlines()]


SHELLS = [pytest.param(bash_completes, id="bash"), pytest.param(fish_completes, id="fish")]


@pytest.mark.parametrize("completes", SHELLS)
def test_completes_commands(installation, completes):
    assert completes(installation, "deco") == ["decode"]
    assert completes(installation, "help", "mon") == ["monitor"]


@pytest.mark.parametrize("completes", SHELLS)
def test_completes_options_and_their_values(installation, completes):
    assert completes(installation, "encode", "--packet-t") == ["--packet-type"]
    assert completes(installation, "encode", "--packet-type", "be") == ["begin"]
    assert "--speed" in completes(installation, "simulate", "--")
    assert set(completes(installation, "simulate", "--scenario", "")) == {"idle", "print", "error"}


@pytest.mark.parametrize("completes", SHELLS)
def test_completes_files(installation, completes):
    assert completes(installation, "decode", "LICEN") == ["LICENSE"]
    assert completes(installation, "decode", "--key-file", "LICEN") == ["LICENSE"]


@pytest.fixture(scope="module")
def home(installation, tmp_path_factory):
    """A home folder with two printers in its store."""
    folder = tmp_path_factory.mktemp("home")
    path = folder / "default.json"
    path.write_text(json.dumps({
        "__type__": "Config",
        "account": {"__type__": "Account", "auth_token": "token", "region": "eu", "user_id": "0123", "email": "owner@example.com"},
        "printers": [{"__type__": "Printer", "id": "1", "sn": serial, "name": name, "model": "V8111", "mqtt_key": "ab" * 32}
                     for serial, name in (("AK7LEFT000000001", "Left"), ("AK7RIGHT00000002", "Right one"))]}))
    run(installation.program, "import", path, HOME=folder)
    return folder


@pytest.mark.parametrize("option", ["-p", "--printer"])
def test_bash_completes_printers(installation, home, option):
    assert bash_completes(installation, "pause", option, "", home=home) == ["Left", r"Right\ one", "all"]
    assert bash_completes(installation, "pause", option, "ri", home=home) == [r"Right\ one"]
    assert bash_completes(installation, "pause", option, "AK7L", home=home) == ["AK7LEFT000000001"]
    assert bash_completes(installation, "pause", option, "x", home=home) == []
    assert bash_completes(installation, "pause", option, "right,l", home=home) == [r"right\,Left"]


@pytest.mark.parametrize("option", ["-p", "--printer"])
def test_fish_completes_printers(installation, home, option):
    assert set(fish_completes(installation, "pause", option, "", home=home)) == {"Left", "Right one", "all"}


@pytest.mark.parametrize("completes", SHELLS)
def test_completes_where_no_printer_is_known(installation, tmp_path, completes):
    assert completes(installation, "pause", "-p", "", home=tmp_path) == ["all"]


@pytest.mark.parametrize("completes", SHELLS)
def test_completes_commands_of_the_cloud(installation, completes):
    assert completes(installation, "cloud", "add-p") == ["add-printer"]
    assert completes(installation, "cloud", "add-printer", "--seri") == ["--serial"]


@pytest.mark.parametrize("completes", SHELLS)
def test_completes_words_of_a_command(installation, completes):
    assert completes(installation, "temp", "noz") == ["nozzle"]


def test_bash_completes_names_of_messages(installation):
    assert bash_completes(installation, "types", "nozzle_t") == ["nozzle_temp"]


def test_zsh_gives_each_option_to_arguments(installation, home):
    # Completion itself needs a terminal; what is handed to zsh's own functions is what counts.
    script = """
        _arguments() { print -rl -- "$@" }
        _describe() { print -rl -- "${(@P)2}" }
        source "$1" 2>/dev/null; shift
        words=("$@"); CURRENT=$#
        _flagship
    """
    completion = installation.prefix / "share" / "zsh" / "site-functions" / "_flagship"
    path = f"{installation.program.parent}:{os.environ['PATH']}"

    def completes(*words):
        return run("zsh", "-f", "-c", script, "zsh", completion, "flagship", *words, PATH=path, HOME=home).stdout.splitlines()

    assert any(line.startswith("monitor:") for line in completes(""))
    given = completes("simulate", "")
    for fields in options_of(installation, "simulate"):
        assert any(re.match(r"\*?" + re.escape(fields[1]) + r"=?\[", line) for line in given), fields[1]
    assert any(line.endswith(":(idle print error)") for line in given)
    assert any(line.startswith("*-p[") and line.endswith(":_flagship_printers") for line in completes("pause", ""))
    assert any(line.startswith("--mqtt-port=[") for line in completes("cloud", "init", ""))
    printers = run("zsh", "-f", "-c", script.replace("        _flagship\n", "        _flagship_printers\n"), "zsh", completion, "flagship", "",
                   PATH=path, HOME=home).stdout.splitlines()
    assert printers[-3:] == ["Left:AK7LEFT000000001", "Right one:AK7RIGHT00000002", "all:every printer"]


def test_the_shells_are_there():
    assert all(shutil.which(shell) for shell in ("bash", "zsh", "fish", "man"))
