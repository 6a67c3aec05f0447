# SPDX-License-Identifier: MIT
"""`flagship timelapse`: films of the gateway that runs here, by its socket."""

import json
import time

import pytest

from accounts_home import Home
from gateway import Gateway
from json_style import check
from program import CANNOT_CONNECT, DONE, REFUSED, USAGE, run
from test_serve import keep_printers

FILM = bytes(81920 + 100)


class Films:
    def __init__(self, folder):
        self.folder = folder
        keep = folder / "timelapses"
        keep.mkdir(parents=True, mode=0o700)
        folder.chmod(0o700)
        for identity, file in ((1, "cube.gcode"), (2, "boat.gcode")):
            self.put(identity, file)

    def put(self, identity, file):
        keep = self.folder / "timelapses"
        note = {"id": identity, "job": identity, "printer": "LAPSELEFT", "printer_name": "Left", "file": file, "outcome": "finished",
                "begun_ms": int(time.time() * 1000) - 7200000, "ended_ms": int(time.time() * 1000) - 3600000, "missed": 0, "width": 1280, "height": 720, "done": True}
        (keep / f"{identity}.json").write_text(json.dumps(note))
        (keep / f"{identity}.sizes").write_bytes((100).to_bytes(4, "big"))
        with open(keep / f"{identity}.mp4", "wb") as film:
            film.truncate(len(FILM))

    def run(self, *words):
        return run("timelapse", "--dir", self.folder, *words)

    def done(self, *words):
        result = self.run(*words)
        assert result.returncode == DONE, result.stderr
        return result.stdout

    def json(self, *words):
        text = self.done(*words, "--json")
        return text, json.loads(text)


@pytest.fixture(scope="module")
def films(tmp_path_factory, broker, authority):
    home = Home(tmp_path_factory.mktemp("films"))
    keep_printers(home, broker, authority, {"Left": "LAPSELEFT"})
    films = Films(home.folder / "gateway")
    with Gateway(home, "--dir", films.folder):
        yield films


def test_they_are_listed_the_newest_first(films):
    text, found = films.json()
    check("timelapse", text)
    assert [film["file"] for film in found] == ["boat.gcode", "cube.gcode"]
    assert [line.split()[:3] for line in films.done("list", "-p", "Left").splitlines()] == [["ID", "PRINTER", "FILE"], ["2", "Left", "boat.gcode"], ["1", "Left", "cube.gcode"]]


def test_one_is_fetched(films, tmp_path):
    films.done("get", "1", tmp_path / "film.mp4")
    assert (tmp_path / "film.mp4").read_bytes() == FILM


def test_what_is_not_there_leaves_no_file(films, tmp_path):
    result = films.run("get", "9", tmp_path / "film.mp4")
    assert (result.returncode, result.stderr) == (REFUSED, "flagship: there is no time-lapse '9'\n") and list(tmp_path.iterdir()) == []


def test_a_film_that_does_not_come_costs_no_file(films, tmp_path):
    (tmp_path / "mine.mp4").write_text("mine")
    assert films.run("get", "9", tmp_path / "mine.mp4").returncode == REFUSED
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("mine.mp4", "mine")]
    films.done("get", "1", tmp_path / "mine.mp4")
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("mine.mp4", FILM)]


def test_what_cannot_be_deleted_is_there_again(films):
    path = films.folder / "timelapses" / "1.mp4"
    path.unlink()
    path.mkdir()
    result = films.run("delete", "1")
    assert result.returncode == REFUSED and "cannot be deleted" in result.stderr
    assert [film["id"] for film in films.json("list")[1]] == [2, 1]
    path.rmdir()
    path.write_bytes(FILM)


def test_one_is_deleted(films):
    films.done("delete", "2")
    assert [film["id"] for film in films.json("list")[1]] == [1]


def test_all_are_listed_however_many(tmp_path, broker, authority):
    home = Home(tmp_path)
    keep_printers(home, broker, authority, {"Right": "LAPSERIGHT"})
    films = Films(home.folder / "gateway")
    for identity in range(3, 120):
        films.put(identity, "cube.gcode")
    with Gateway(home, "--dir", films.folder):
        assert [film["id"] for film in films.json("list")[1]] == list(range(119, 0, -1))


def test_settings_of_all_and_of_a_printer(films):
    assert films.done("settings") == "all printers: no time-lapses\n"
    assert films.done("set", "layer", "--interval", "30") == "all printers: a picture a layer, and not within 30 s, with the light as it is\n"
    assert films.done("set", "interval", "--light", "on", "-p", "Left") == "Left: a picture each 30 s, with the light on\n"
    assert films.json("settings", "-p", "Left")[1] == {"mode": "interval", "interval_s": 30, "light": True, "own": True}
    assert films.done("set", "default", "-p", "Left") == "Left: a picture a layer, and not within 30 s, with the light as it is (as for all printers)\n"


@pytest.mark.parametrize("words", [["nothing"], ["get"], ["get", "x"], ["set", "fast"], ["set", "default"], ["set", "layer", "--interval", "1500ms"], ["list", "1"], ["delete", "0"]], ids=" ".join)
def test_mistakes_are_told(films, words):
    result = films.run(*words)
    assert (result.returncode, result.stdout) == (USAGE, "") and result.stderr


def test_damaged_settings_film_nothing_and_what_is_not_kept_does_not_hold(tmp_path, broker, authority):
    home = Home(tmp_path)
    keep_printers(home, broker, authority, {"Right": "LAPSERIGHT"})
    films = Films(home.folder / "gateway")
    kept = films.folder / "timelapse.json"
    kept.write_text('{"mode": "layer", "printers": [{}]}')
    with Gateway(home, "--dir", films.folder) as gateway:
        before = gateway.get("/timelapse")
        assert before["mode"] == "off"
        kept.unlink()
        kept.mkdir()
        for path in ("/timelapse", "/printers/Right/timelapse"):
            assert gateway.status("PATCH", path, {"mode": "layer", "interval_s": 30})[0] == 500
        assert gateway.get("/timelapse") == before
        assert gateway.get("/printers/Right/timelapse") == {"mode": "off", "interval_s": 10, "light": False, "own": False}


def test_without_a_gateway(tmp_path):
    assert run("timelapse", "--dir", tmp_path).returncode == CANNOT_CONNECT
