# SPDX-License-Identifier: MIT
"""`flagship api`: whatever the API of the gateway that runs here has, by its socket."""

import json

import pytest

from accounts_home import Home
from gateway import Gateway
from program import CANNOT_CONNECT, DONE, FAILED, REFUSED, USAGE, run

GCODE = b"G28\nG1 X1 Y1 E1\n" * 20000  # of more than one piece


@pytest.fixture(scope="module")
def gateway(tmp_path_factory):
    home = Home(tmp_path_factory.mktemp("api"))
    with Gateway(home, "--dir", home.folder / "gateway") as running:
        running.folder = home.folder / "gateway"
        yield running


@pytest.fixture
def api(gateway):
    def ask(*words, **more):
        return run("api", "--dir", gateway.folder, *words, **more)

    return ask


def told(result):
    assert result.returncode == DONE, result.stderr
    return json.loads(result.stdout) if result.stdout else None


def test_what_it_answers_is_a_line_of_json(api, gateway):
    result = api("/settings")
    assert told(result) == gateway.get("/settings") and result.stdout.count("\n") == 1
    assert told(api("GET", "/version")) == gateway.get("/version")


def test_settings_are_changed(api, gateway):
    assert told(api("PATCH", "/settings", "--body", '{"names": "workshop.example"}'))["names"] == "workshop.example"
    assert told(api("PATCH", "/settings", "--body", "-", stdin='{"names": ""}'))["names"] == ""
    assert gateway.get("/settings")["names"] == ""


def test_a_file_goes_there_moves_comes_back_and_goes(api, gateway, tmp_path):
    (tmp_path / "one.gcode").write_bytes(GCODE)
    assert told(api("PUT", "/files/a%20part.gcode", "--upload", tmp_path / "one.gcode"))["path"] == "a part.gcode"
    told(api("POST", "/files/a%20part.gcode", "--body", '{"action": "move", "to": "parts/two.gcode"}'))
    assert told(api("/files/parts/two.gcode", "--save", tmp_path / "back.gcode")) is None
    assert (tmp_path / "back.gcode").read_bytes() == GCODE
    assert api("/files/parts/two.gcode", "--save", "-").stdout.encode() == GCODE
    assert told(api("DELETE", "/files/parts?recursive=true")) is None
    assert told(api("/files"))["files"] == []


def test_what_is_refused_is_told_in_the_gateways_words(api, gateway, tmp_path):
    (tmp_path / "picture.png").write_bytes(b"no")
    for words in (["/files/none.gcode"], ["DELETE", "/files/none.gcode"], ["PUT", "/files/picture.png", "--upload", tmp_path / "picture.png"], ["POST", "/keys", "--body", "{"]):
        result = api(*words)
        assert (result.returncode, result.stdout) == (REFUSED, "") and result.stderr.startswith("flagship: ")
    (tmp_path / "kept").write_bytes(b"as before")
    assert api("/files/none.gcode", "--save", tmp_path / "kept").returncode == REFUSED
    assert (tmp_path / "kept").read_bytes() == b"as before"


def test_what_is_saved_is_its_owners_alone_and_nothing_but_the_answer(api, tmp_path):
    old = tmp_path / "old"
    old.write_bytes(b"x" * 100000)
    for name in (old, tmp_path / "new"):
        assert told(api("/version", "--save", name)) is None
        assert json.loads(name.read_bytes())
    assert told(api("PUT", "/files/gone.gcode", "--upload", "-", stdin="G28\n"))["path"] == "gone.gcode"
    assert told(api("DELETE", "/files/gone.gcode", "--save", old)) is None and old.read_bytes() == b""
    assert (tmp_path / "new").stat().st_mode & 0o777 == 0o600
    assert api("/version", "--save", "/dev/null").returncode == DONE


def test_what_is_no_json_is_saved(api):
    assert api("/jobs?format=csv").returncode == FAILED
    assert api("/jobs?format=csv", "--save", "-").stdout.startswith("id,")


@pytest.mark.parametrize("words", [[], ["printers"], ["HEAD", "/printers"], ["get", "/printers"], ["/printers/a b"], ["/printers\n"], ["/printers#x"], ["GET", "/a", "/b"],
                                   ["/printers", "--body", "{}"], ["PUT", "/files/a.gcode", "--body", "{}", "--upload", "x"]], ids=str)
def test_what_is_no_call_of_it_is_said(api, words):
    result = api(*words)
    assert result.returncode == USAGE and result.stderr.startswith("flagship: ")


def test_files_that_are_not_there(api, tmp_path):
    assert api("PUT", "/files/a.gcode", "--upload", tmp_path / "none").returncode == FAILED
    assert api("/version", "--save", tmp_path / "none" / "x").returncode == FAILED


def test_without_a_gateway_it_says_so(tmp_path):
    assert run("api", "--dir", tmp_path, "/printers").returncode == CANNOT_CONNECT
