# SPDX-License-Identifier: MIT
"""`make demo`: shows what it says, ends by itself or when told to, and leaves nothing behind."""

import json
import os
import pathlib
import re
import signal
import subprocess
import threading
import urllib.request

import pytest
from program import BUILD, SANITIZED, USAGE, environment, run

pytestmark = pytest.mark.skipif(SANITIZED, reason="mosquitto cannot load a plugin of the fuzzers' build")

DEADLINE_S = 60
PROMPT_S = 5
SHOWN = ("login --email", "printers", "monitor -p left", "status -p left", "status -p right --json", "pause -p left", "resume -p left", "gcode -p left",
         "doctor -p left", "cloud status")
ASKED = ("/api/v1/printers", "/api/v1/printers/left/commands", "/api/v1/events", "/metrics")


class Demo:
    """flagship demo in a session of its own, with its temporary folder in `folder`."""

    def __init__(self, folder, *options):
        self.folder = folder
        self.seen = ""
        self.child = subprocess.Popen(
            [str(BUILD / "flagship"), "demo", *options],
            env=environment(TMPDIR=folder),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
            # A run in the background may have been told to ignore Ctrl-C.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )
        self.watchdog = threading.Timer(DEADLINE_S, self.child.kill)
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
def demo(tmp_path):
    running = Demo(tmp_path)
    yield running
    running.watchdog.cancel()
    if running.child.poll() is None:
        running.signal(signal.SIGKILL)
        running.child.wait()
    running.child.stdout.close()


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
    for name in ("Left", "Right", "Ink"):
        assert f"  {name}  " in demo.seen
    states = [json.loads(line) for line in demo.seen.splitlines() if line.startswith('{"serial"')]
    assert [state["job"]["state"] for state in states] == ["printing"]
    assert states[0]["model"] == "M5C"
    assert_nothing_left(demo)


@pytest.mark.parametrize("text", ["A cloud of our own", "flagship monitor", "5. "])
def test_ctrl_c_ends_the_demo_at_once(demo, text):
    demo.read_until(text)
    demo.signal(signal.SIGINT)
    assert demo.end(PROMPT_S) == 128 + signal.SIGINT, demo.seen
    assert "That was it" not in demo.seen
    assert_nothing_left(demo)


def test_it_stays_until_ctrl_c(tmp_path):
    demo = Demo(tmp_path, "--stay")
    demo.read_until("Everything runs until Ctrl-C")
    demo.read_until("flagship status -p left")
    with urllib.request.urlopen(re.search(r"http://127.0.0.1:\d+/api/v1/printers,", demo.seen).group().rstrip(","), timeout=DEADLINE_S) as answer:
        assert len(json.load(answer)) == 3
    demo.signal(signal.SIGINT)
    assert demo.end(PROMPT_S) == 128 + signal.SIGINT, demo.seen
    assert_nothing_left(demo)


def test_a_signal_to_the_script_alone_ends_all_of_it(demo):
    demo.read_until("flagship monitor")
    demo.child.terminate()
    assert demo.end(PROMPT_S) == 128 + signal.SIGTERM, demo.seen
    assert_nothing_left(demo)


@pytest.mark.parametrize(("words", "said"), [
    (["--hepl"], "has no option --hepl; did you mean --help?"), (["--typo"], "has no option --typo; see flagship demo --help"),
    (["foo"], "what is 'foo' for? See flagship demo --help"), (["", "foo"], "what is 'foo' for?")])
def test_mistakes_start_nothing(words, said):
    result = run("demo", *words)
    assert (result.returncode, result.stdout) == (USAGE, "") and said in result.stderr
