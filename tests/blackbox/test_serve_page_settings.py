# SPDX-License-Identifier: MIT
"""How a user wants the page to be: the gateway keeps it, and tells the user's other pages, and nobody else."""

import json

import pytest

from accounts_home import Home
from gateway import Gateway
from guarded import Browser, Guarded
from program import DONE, run
from websocket_client import WebSocket

PAGE = "/session/page"
ORDER = {"fleet_order": ["B", "A"], "fleet_size": "l"}


@pytest.fixture(scope="module")
def guarded(tmp_path_factory):
    with Guarded(tmp_path_factory.mktemp("guarded")) as running:
        yield running


def events(guarded, browser, after=""):
    origin = f"http://127.0.0.1:{guarded.port}"
    return WebSocket(guarded.port, f"/api/v1/events?after={after}", Cookie=f"{browser.name}={browser.token}", Origin=origin)


def until_page(socket):
    """What is heard until settings come."""
    while True:
        message = socket.json()
        if message["type"] == "page":
            return message["page"]


def test_each_user_has_his_own_and_each_of_his_pages_hears_of_it(guarded):
    at_desk, at_phone, other = guarded.browser("operator"), guarded.browser("operator"), guarded.browser("viewer")
    with events(guarded, at_phone) as phone, events(guarded, other) as stranger:
        answer = at_desk.send("PATCH", PAGE, ORDER)
        assert (answer.status, answer.json) == (200, ORDER), answer.text
        assert until_page(phone) == ORDER
        assert at_phone.send("GET", PAGE).json == ORDER and other.send("GET", PAGE).json == {}
        # The stranger hears of his own alone: had the other one come, it would have come before.
        assert other.send("PATCH", PAGE, {"theme": "dark"}).status == 200
        assert until_page(stranger) == {"theme": "dark"}
    assert at_desk.send("PATCH", PAGE, {"fleet_size": None, "theme": "light"}).json == {"fleet_order": ["B", "A"], "theme": "light"}


def test_who_comes_back_gets_his_own_that_he_missed(guarded):
    desk, other = guarded.browser("operator"), guarded.browser("viewer")
    with events(guarded, desk) as first:
        snapshot = first.json()
    assert other.send("PATCH", PAGE, {"theme": "light"}).status == 200
    assert desk.send("PATCH", PAGE, {"theme": "dark"}).status == 200
    with events(guarded, desk, f"{snapshot['stream']}-{snapshot['seq']}") as again:
        assert again.json()["page"] == {"theme": "dark"}


@pytest.mark.parametrize("changes", [
    {"theme": "pink"}, {"theme": "AUTO"}, {"theme": "auto light"}, {"theme": ""}, {"theme": 1}, {"fleet_order": "A"}, {"fleet_order": [1]}, {"fleet_order": ["x" * 257]},
    {"fleet_groups": ["A"]}, {"fleet_groups": {"A": 1}}, {"presets": [{"name": "PLA", "nozzle_c": 210}]}, {"presets": [{"name": "PLA", "nozzle_c": -1, "bed_c": 1}]},
    {"presets": {}}, {"move_step": "x"}, {"move_step": 1001}, {"unknown": 1}])
def test_what_no_page_shows_is_not_kept(guarded, changes):
    browser = guarded.browser("admin")
    before = browser.send("GET", PAGE).json
    assert browser.send("PATCH", PAGE, {"fleet_size": "s", **changes}).status == 400
    assert browser.send("GET", PAGE).json == before


def test_keys_have_none(guarded):
    assert guarded.by_key("admin", "GET", PAGE).status == 409
    assert guarded.by_key("admin", "PATCH", PAGE, {"theme": "dark"}).status == 409


def test_a_screen_that_logged_in_by_a_key_is_shown_those_of_who_made_it(guarded):
    maker, other = guarded.browser("admin"), guarded.browser("viewer")
    key = maker.send("POST", "/keys", {"name": "wall", "role": "viewer"}).json["key"]
    assert maker.send("PATCH", PAGE, ORDER).status == 200
    wall = Browser(guarded, guarded.send("POST", "/login", {"key": key}))
    assert wall.send("GET", PAGE).json == ORDER and wall.send("PATCH", PAGE, {"theme": "dark"}).status == 409
    with events(guarded, wall) as screen:
        assert other.send("PATCH", PAGE, {"fleet_hidden": ["A"]}).status == 200
        assert maker.send("PATCH", PAGE, {"fleet_hidden": ["B"]}).status == 200
        assert until_page(screen) == {"fleet_hidden": ["B"]}
    assert guarded.send("GET", PAGE, headers={"X-Api-Key": key}).status == 409
    assert maker.send("PATCH", PAGE, {name: None for name in (*ORDER, "fleet_hidden")}).json == {}


def test_a_screen_for_some_printers_hears_of_no_others(guarded):
    maker = guarded.browser("admin")
    kept = {"fleet_order": ["B", "A"], "fleet_hidden": ["A", "B"], "fleet_groups": {"A": "Ours", "B": "Theirs"}, "theme": "dark"}
    key = maker.send("POST", "/keys", {"name": "some", "role": "viewer", "printers": ["A"]}).json["key"]
    assert maker.send("PATCH", PAGE, kept).json == kept
    wall = Browser(guarded, guarded.send("POST", "/login", {"key": key}))
    assert wall.send("GET", PAGE).json == {"fleet_order": ["A"], "fleet_hidden": ["A"], "fleet_groups": {"A": "Ours"}, "theme": "dark"}
    with events(guarded, wall) as screen:
        snapshot = screen.json()
        assert maker.send("PATCH", PAGE, {"fleet_groups": {"B": "Others'"}}).status == 200
    with events(guarded, wall, f"{snapshot['stream']}-{snapshot['seq']}") as again:
        again.ping()
        heard = list(iter(again.frame, ("pong", b"")))
        assert not any(b"fleet_groups" in payload for _, payload in heard), heard
    assert guarded.browser("admin").send("PATCH", PAGE, {name: None for name in kept}).json == {}


def test_a_screen_for_some_printers_is_not_ended_by_what_a_hand_wrote(tmp_path):
    with Guarded(tmp_path) as running:
        maker = running.browser("admin")
        key = maker.send("POST", "/keys", {"name": "some", "role": "viewer", "printers": ["A"]}).json["key"]
        assert maker.send("PATCH", PAGE, ORDER).status == 200
        kept = running.folder / "page.json"
    text = json.loads(kept.read_text())
    text["users"]["admin"]["settings"]["fleet_order"] = [1, "A"]
    kept.write_text(json.dumps(text))
    with Gateway(Home(tmp_path), "--dir", kept.parent) as gateway:
        _, headers, _ = gateway.ask("POST", "/login", {"key": key})
        shown = gateway.get(PAGE, headers={"Cookie": headers["Set-Cookie"].partition(";")[0]})
        assert shown["fleet_order"] == ["A"]


def test_they_outlast_the_gateway_and_end_with_the_user(tmp_path):
    with Guarded(tmp_path) as running:
        assert running.browser("viewer").send("PATCH", PAGE, ORDER).status == 200
        kept = json.loads((running.folder / "page.json").read_text())
        assert kept["users"]["viewer"]["settings"] == ORDER and (running.folder / "page.json").stat().st_mode & 0o777 == 0o600
        running.owner("DELETE", "/users/viewer", expected=204)
        running.owner("POST", "/users", {"name": "viewer", "password": "correct horse battery", "role": "viewer"}, expected=201)
        assert running.browser("viewer").send("GET", PAGE).json == {}
        assert running.browser("operator").send("PATCH", PAGE, ORDER).status == 200
        assert list(json.loads((running.folder / "page.json").read_text())["users"]) == ["operator"]
    with Guarded(tmp_path / "again", with_users=False) as open_to_all:
        assert open_to_all.send("PATCH", PAGE, ORDER).json == ORDER
        folder = open_to_all.folder
    (folder / "page.json").write_text("[")
    result = run("serve", "--port", "0", "--dir", folder, "--moonraker-base-port", "0")
    assert result.returncode != DONE and "page.json is damaged" in result.stderr


def test_what_cannot_be_written_does_not_count(tmp_path):
    with Guarded(tmp_path) as running:
        browser = running.browser("viewer")
        assert browser.send("PATCH", PAGE, {"theme": "dark"}).status == 200
        in_the_way = running.folder / "page.json.new"
        in_the_way.mkdir()
        answer = browser.send("PATCH", PAGE, {"theme": "light"})
        assert answer.status == 500 and "page.json" in answer.json["detail"]
        assert browser.send("GET", PAGE).json == {"theme": "dark"}
        in_the_way.rmdir()
        assert browser.send("PATCH", PAGE, {"theme": "light"}).json == {"theme": "light"}
