# SPDX-License-Identifier: MIT
"""`make demo`: stays at the page or gives the tour, ends by itself or when told to, and leaves nothing behind."""

import json
import os
import pathlib
import re
import signal
import subprocess
import threading
import urllib.request

import pytest
from process import until
from program import BUILD, HOME, ROOT, SANITIZED, USAGE, environment, run
from terminal import Terminal

pytestmark = pytest.mark.skipif(SANITIZED, reason="mosquitto cannot load a plugin of the fuzzers' build")

DEADLINE_S = 60
SHOWN = ("login --email", "printers", "monitor -p left", "status -p left", "status -p right --json", "pause -p left", "resume -p left", "gcode -p left",
         "doctor -p left", "print -p spare", "camera -p left snapshot", "cloud status")
ASKED = ("/api/v1/printers", "/api/v1/printers/left/commands", "/api/v1/events", "/metrics", "/")
PRINTERS = ("Left", "Right", "Ink", "Spare", "Empty", "Attic")
OPENER = "#!/bin/sh\n[ $# -eq 1 ] && echo \"$HOME $1\" >'{seen}.new' && mv '{seen}.new' '{seen}'\n"


class Demo:
    """flagship demo in a session of its own, with its temporary folder in `folder`."""

    def __init__(self, folder, *options, **changes):
        self.folder = folder
        self.seen = ""
        self.child = subprocess.Popen(
            [str(BUILD / "flagship"), "demo", *options],
            env=environment(**{"TMPDIR": folder, "DISPLAY": None, "WAYLAND_DISPLAY": None, **changes}),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
            # A run in the background may have been told to ignore Ctrl-C.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )
        self.watchdog = threading.Timer(DEADLINE_S, self.child.terminate)
        self.watchdog.start()

    def read_until(self, text):
        for line in self.child.stdout:
            self.seen += line
            if text in line:
                return
        raise AssertionError(f"the demo never said {text!r}:\n{self.seen}")

    def end(self, timeout=DEADLINE_S):
        rest, _ = self.child.communicate(timeout=timeout)
        self.seen += rest
        self.watchdog.cancel()
        return self.child.returncode

    def signal(self, number):
        """As a terminal does: to every process of the demo."""
        os.killpg(self.child.pid, number)


@pytest.fixture
def start(tmp_path):
    """Starts a demo with these options, which does not outlive the test: start("--stay", PATH=path)."""
    started = []

    def one(*options, **changes):
        started.append(Demo(tmp_path, *options, **changes))
        return started[0]

    yield one
    for demo in started:
        demo.watchdog.cancel()
        if demo.child.poll() is None:
            demo.signal(signal.SIGTERM)
            demo.child.wait(DEADLINE_S)
        demo.child.stdout.close()


@pytest.fixture
def demo(start):
    return start()


def processes_of(folder):
    """The command lines that name a file in the folder."""
    found = []
    for entry in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
        try:
            command = entry.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if str(folder) in command:
            found.append(command)
    return found


def assert_nothing_left(demo):
    assert processes_of(demo.folder) == []
    assert list(demo.folder.iterdir()) == []


def test_demo_shows_everything_and_leaves_nothing(demo):
    assert demo.end() == 0, demo.seen
    for command in SHOWN:
        assert f"flagship {command}" in demo.seen
    for path in ASKED:
        assert re.search(rf"\$ curl .*http://127.0.0.1:\d+{path}", demo.seen)
    assert '"outcome":"confirmed"' in demo.seen
    assert '"text":"OctoPrint' in demo.seen and re.search(r'"print_stats":{[^}]*"state":"printing"', demo.seen)
    assert '"type":"patch"' in demo.seen
    assert re.search(r'^flagship_printer_nozzle_temperature_celsius{.*name="Left".*} \d', demo.seen, re.M)
    assert "\033" not in demo.seen
    assert "nozzle_temp" in demo.seen
    assert 'Unknown command: "M999999"' in demo.seen
    assert "the job is paused" in demo.seen and "the job goes on" in demo.seen and "All is well." in demo.seen
    assert "Spare (AK7M5DEMO0000004): cube.gcode preparing" in demo.seen and "<title>flagship</title>" in demo.seen
    for name in PRINTERS:
        assert f"  {name}  " in demo.seen
    states = [json.loads(line) for line in demo.seen.splitlines() if line.startswith('{"serial"')]
    assert [state["job"]["state"] for state in states] == ["printing"]
    assert states[0]["model"] == "M5C"
    assert_nothing_left(demo)


@pytest.mark.parametrize("text", ["A cloud of our own", "flagship monitor", "5. "])
def test_ctrl_c_ends_the_demo_at_once(demo, text):
    demo.read_until(text)
    demo.signal(signal.SIGINT)
    assert demo.end() == 128 + signal.SIGINT, demo.seen
    assert "That was it" not in demo.seen
    assert_nothing_left(demo)


def page_of(text):
    return re.search(r"the page +(http://127.0.0.1:\d+/)\s", text).group(1)


def get(url):
    with urllib.request.urlopen(url, timeout=DEADLINE_S) as answer:
        return answer.read()


def printers_of(page):
    return {printer["name"]: printer for printer in json.loads(get(page + "api/v1/printers"))}


def test_it_stays_until_ctrl_c(start):
    demo = start("--stay")
    demo.read_until("Everything runs until Ctrl-C")
    demo.read_until("flagship status -p left")
    page = page_of(demo.seen)
    assert b"<title>" in get(page)
    assert re.search(rf"one-time link +{page}setup#[0-9a-f]+\n", demo.seen)
    until(lambda: printers_of(page)["Empty"]["job"]["state"] == "paused")
    printers = printers_of(page)
    assert sorted(printers) == sorted(PRINTERS)
    assert [name for name in PRINTERS if not printers[name]["online"]] == ["Attic"]
    assert [name for name in PRINTERS if printers[name]["job"]["state"] == "printing"] == ["Left", "Right", "Ink"]
    assert printers["Spare"]["job"]["state"] == "idle"
    demo.signal(signal.SIGINT)
    assert demo.end() == 128 + signal.SIGINT, demo.seen
    assert_nothing_left(demo)


def test_a_file_is_printed_as_soon_as_the_plate_is_clear(start):
    demo = start("--stay")
    demo.read_until("flagship status -p left")
    page = page_of(demo.seen)
    home = re.search(r"HOME=(\S+) ", demo.seen).group(1)
    assert run("queue", HOME=home).stdout.splitlines()[1].split()[:3] == ["1", "cube.gcode", "Spare"]
    assert run("queue", "clear", "Spare", HOME=home).stdout == "the plate of Spare counts as clear\n"
    until(lambda: printers_of(page)["Spare"]["job"]["name"] == "cube.gcode")
    demo.signal(signal.SIGINT)
    assert demo.end() == 128 + signal.SIGINT, demo.seen


def opener(folder):
    """The PATH with an xdg-open that tells whose it is and what it is to open."""
    seen = folder / "opened"
    (folder / "bin").mkdir()
    program = folder / "bin" / "xdg-open"
    program.write_text(OPENER.format(seen=seen))
    program.chmod(0o755)
    return f"{folder / 'bin'}:{os.environ['PATH']}", seen


def await_opened(seen, page):
    until(seen.exists)
    assert seen.read_text() == f"{HOME} {page}\n"


def test_on_a_terminal_it_stays_and_opens_the_page_on_the_display(tmp_path):
    path, seen = opener(tmp_path)
    folder = tmp_path / "demo"
    folder.mkdir()
    with Terminal("demo", TMPDIR=folder, PATH=path, DISPLAY=":99", WAYLAND_DISPLAY=None, NO_COLOR="1") as terminal:
        text = terminal.await_text("flagship status -p left")
        await_opened(seen, page_of(text))
        terminal.write("\x03")
        assert terminal.await_end()[1] == 128 + signal.SIGINT
    assert processes_of(folder) == [] and list(folder.iterdir()) == []


def test_a_terminal_without_a_display_opens_nothing_and_may_have_the_tour(tmp_path):
    path, seen = opener(tmp_path)
    with Terminal("demo", "--tour", TMPDIR=tmp_path, PATH=path, DISPLAY=None, WAYLAND_DISPLAY=None) as terminal:
        terminal.await_text("That was it")
        assert terminal.await_end()[1] == 0
    assert not seen.exists()


def test_open_stays_where_there_is_no_terminal(start, tmp_path):
    path, seen = opener(tmp_path)
    demo = start("--open", PATH=path)
    demo.read_until("flagship status -p left")
    await_opened(seen, page_of(demo.seen))
    demo.signal(signal.SIGINT)
    assert demo.end() == 128 + signal.SIGINT, demo.seen


@pytest.mark.parametrize(("word", "option"), [("tour", " --tour"), ("stay", " --stay"), ("", "")])
def test_make_hands_on_which_demo(word, option):
    made = subprocess.run(["make", "--no-print-directory", "-n", "demo", f"DEMO={word}"], cwd=ROOT, capture_output=True, text=True, timeout=DEADLINE_S, env=environment())
    assert made.stdout.splitlines()[-1].rstrip() == f"build/flagship demo{option}", made.stderr


def test_a_signal_to_the_script_alone_ends_all_of_it(demo):
    demo.read_until("flagship monitor")
    demo.child.terminate()
    assert demo.end() == 128 + signal.SIGTERM, demo.seen
    assert_nothing_left(demo)


@pytest.mark.parametrize(("words", "said"), [
    (["--hepl"], "has no option --hepl; did you mean --help?"), (["--typo"], "has no option --typo; see flagship demo --help"),
    (["--tour", "--stay"], "--stay and --tour go not together"), (["--open", "--tour"], "leaves --open nothing to open"),
    (["foo"], "what is 'foo' for? See flagship demo --help"), (["--stay", "foo"], "what is 'foo' for?")])
def test_mistakes_start_nothing(words, said):
    result = run("demo", *words)
    assert (result.returncode, result.stdout) == (USAGE, "") and said in result.stderr
