# SPDX-License-Identifier: MIT
"""`flagship queue`: the print queue of the gateway that runs here, by its socket."""

import datetime
import json
import stat
import time

import pytest

from accounts_home import Home
from gateway import Gateway
from json_style import check
from program import CANNOT_CONNECT, DONE, FAILED, REFUSED, USAGE, run
from test_files import gcode
from test_serve import keep_printers

SERIALS = {"Left": "QUEUELEFT", "Right": "QUEUERIGHT"}


class Queue:
    def __init__(self, home, folder, gateway):
        self.home = home
        self.folder = folder
        self.gateway = gateway

    def run(self, *words):
        return run("queue", "--dir", self.folder, *words)

    def done(self, *words):
        result = self.run(*words)
        assert (result.returncode, result.stderr) == (DONE, ""), result.stderr
        return result.stdout

    def json(self, *words):
        return json.loads(self.done(*words, "--json"))

    def entries(self, *words):
        """Each as docs/json.md has it."""
        text = self.done(*words, "--json")
        check("queue", text)
        return json.loads(text)

    def refused(self, *words):
        result = self.run(*words)
        assert (result.returncode, result.stdout) == (REFUSED, "")
        return result.stderr

    def ids(self, *words):
        return [entry["id"] for entry in self.entries("list", *words)]


@pytest.fixture
def home(tmp_path, broker, authority):
    home = Home(tmp_path)
    keep_printers(home, broker, authority, SERIALS)
    return home


@pytest.fixture
def queue(home):
    folder = home.folder / "gateway"
    with Gateway(home, "--dir", folder) as gateway:
        yield Queue(home, folder, gateway)


@pytest.fixture
def cube(tmp_path):
    file = tmp_path / "cube.gcode"
    file.write_bytes(gcode())
    return file


def test_a_file_is_added_listed_held_released_and_removed(queue, cube):
    assert queue.run().stderr == "nothing waits\n"
    added = queue.entries("add", cube, "-p", "Left", "--copies", "3", "--hold")
    assert (added["printer"], added["path"], added["copies"], added["hold"], added["force"]) == ("QUEUELEFT", "cube.gcode", 3, True, False)
    assert queue.gateway.get("/queue") == queue.entries()
    heading, line = queue.done("list").splitlines()
    assert heading.split() == ["ID", "FILE", "FOR", "COPIES", "STATE", "WHY"]
    assert line.split(maxsplit=7)[:7] == ["1", "cube.gcode", "Left", "0", "of", "3", "waiting"]
    assert queue.entries("release", "1")["hold"] is False
    assert queue.entries("hold", "1")["hold"] is True
    assert queue.done("remove", "1") == "cube.gcode for Left (1) is cancelled: it was taken out of the queue\n"
    assert queue.run().stderr == "nothing waits\n"
    assert [entry["state"] for entry in queue.entries("list", "--all")] == ["cancelled"]
    assert queue.done("remove", "1") == "1 is out of the queue\n"
    assert queue.entries("list", "--all") == []


def test_entries_are_moved_and_shown_of_one_printer(queue, cube):
    for words in (("-p", "Left"), ("--any", "m5c"), ("-p", "Right"), ("-p", "Left", "--front")):
        queue.done("add", cube, *words, "--hold")
    assert queue.ids() == [4, 1, 2, 3]
    assert queue.entries("list")[2]["model"] == "M5C" and "any M5C" in queue.done("list")
    queue.done("move", "4", "3")
    assert queue.ids() == [1, 2, 4, 3]
    queue.done("move", "3", "1")
    assert queue.ids() == [3, 1, 2, 4]
    queue.done("move", "3", "99")
    assert queue.ids() == [1, 2, 4, 3]
    assert queue.ids("-p", "Right") == [3]


def test_what_waits_for_a_moment_or_a_filament_says_so(queue, cube):
    added = queue.entries("add", cube, "-p", "Left", "--material", "PETG", "--not-before", "2100-01-01T06:00:00Z")
    assert (added["material"], added["not_before"]) == ("PETG", "2100-01-01T06:00:00Z")
    before = time.time()
    added = queue.entries("add", cube, "-p", "Left", "--hold", "--not-before", "2h")
    assert before + 7199 <= datetime.datetime.fromisoformat(added["not_before"]).timestamp() <= time.time() + 7200
    result = queue.run("add", cube, "-p", "Left", "--hold", "--not-before", "2020-01-01")
    assert result.returncode == DONE and "--not-before 2020-01-01 is over" in result.stderr


def test_plates_are_cleared(queue):
    assert queue.done("clear", "Left") == "the plate of Left counts as clear\n"
    assert queue.json("clear", "Right")["clear"] is True
    assert queue.gateway.get("/printers/Left/queue")["plate"]["clear"] is True


def test_what_the_gateway_refuses_is_told_with_its_reason(queue, cube):
    assert queue.refused("hold", "99") == "flagship: there is no such entry in the queue\n"
    assert "Nobody" in queue.refused("clear", "Nobody")
    queue.done("add", cube, "-p", "Left", "--hold")
    assert queue.refused("retry", "1").startswith("flagship: ")


@pytest.mark.parametrize(("words", "said"), [
    (("foo",), "queue has no 'foo'"), (("add",), "it is flagship queue add FILE"), (("move", "1"), "it is flagship queue move ID PLACE"),
    (("hold", "x"), "'x' is no id of an entry"), (("move", "1", "0"), "'0' is no place"), (("add", "f"), "who is to print it?"),
    (("add", "f", "-p", "Left", "--any", "m5"), "who is to print it?"), (("add", "f", "-p", "Left", "--copies", "0"), "--copies"),
    (("add", "f", "-p", "Left", "--not-before", "tomorrow"), "--not-before: 'tomorrow' is no time such as"), (("list", "more"), "it is flagship queue list"), (("list", "--not-before", "5"), "--not-before is for flagship queue add"),
    (("hold", "1", "--material", "PLA"), "--material is for flagship queue add"), (("retry", "1", "--any", "m5"), "--any is for flagship queue add"),
    (("move", "1", "2", "--front"), "--front is for flagship queue add")])
def test_mistakes_are_told(tmp_path, words, said):
    result = run("queue", "--dir", tmp_path, *words)
    assert (result.returncode, result.stdout) == (USAGE, "") and said in result.stderr


def test_a_file_that_is_not_there(tmp_path):
    result = run("queue", "--dir", tmp_path, "add", tmp_path / "none", "-p", "Left")
    assert result.returncode == FAILED and "cannot be read" in result.stderr


def test_where_no_gateway_runs(queue, tmp_path):
    result = run("queue", "--dir", tmp_path)
    assert (result.returncode, result.stdout) == (CANNOT_CONNECT, "")
    assert "no gateway runs here" in result.stderr


def test_the_socket_is_its_users_alone_and_may_have_a_long_path(home):
    folder = home.folder / ("long" * 30)
    with Gateway(home, "--dir", folder) as gateway:
        assert stat.S_IMODE((folder / "api.sock").stat().st_mode) == 0o600
        assert Queue(home, folder, gateway).json() == []
    assert not (folder / "api.sock").exists()
