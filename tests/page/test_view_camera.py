# SPDX-License-Identifier: MIT
"""Cameras: films of simulated printers on the local network, looked at while they are seen, and words where there is none."""

import signal

import pytest

from farm import open_farm, simulate
from lan import gcode
from process import until
from program import DONE
from rtsp_server import RtspFake, needs_program
from webcam_server import WebcamServer

FAR = [f"PAGEFAR{number}" for number in range(8)]
REFUSED = "Failed to load resource"  # what a browser says of a picture that there is not
NO_SOCKET = "WebSocket connection to"  # and of a film
PLAYS = "document.querySelector('.camera video').getVideoPlaybackQuality().totalVideoFrames"
NOTE = "document.querySelector('.camera-note').innerText"
# How bright the corner of the picture is, in which the test card has nothing.
CORNER = """(() => { const canvas = document.createElement('canvas'); canvas.width = canvas.height = 8; const context = canvas.getContext('2d');
    context.drawImage(document.querySelector('.camera video'), 0, 0, 8, 8, 0, 0, 8, 8); return context.getImageData(0, 0, 1, 1).data[1]; })()"""


@pytest.fixture(scope="module")
def shop(make_shop):
    shop = open_farm(make_shop, {"PAGELEFT": ("Left", "m5"), "PAGEBUSY": ("Busy", "m5"), "PAGEMIDDLE": ("Middle", "m5c"), **{serial: (serial, "m5") for serial in FAR}})
    shop.left = simulate(shop, "PAGELEFT", "m5")
    simulate(shop, "PAGEBUSY", "m5", "--fault", "lan-busy")
    simulate(shop, "PAGEMIDDLE", "m5c")
    return shop


@pytest.fixture
def remote():
    """The URL of a camera that is no printer's."""
    server = WebcamServer()
    yield server.url("stream")
    server.end()


def streams(page, kind="socket"):
    return [text.split("/")[-3] for text in page.notes(kind) if text.endswith("/camera/stream")]


@pytest.fixture
def look(shop, visit):
    """Opens a printer, and its camera, unless it is only to be opened."""
    opened = []

    def start(serial="PAGELEFT", shows=True, **options):
        page = visit(f"{shop.url}/p/{serial}", **options)
        page.until("document.querySelector('.chart canvas')")
        if shows:
            page.getByRole("button", {"name": "Show", "exact": True}).click()
        opened.append(page)
        return page

    yield start
    for page in opened:
        assert [fault for fault in page.faults() if REFUSED not in fault and NO_SOCKET not in fault] == []


def press(page, name):
    page.getByRole("button", {"name": name, "exact": True}).click()


def take_session(shop, path):
    return shop.home.run("camera", "snapshot", path, "-p", "Left").returncode


def test_nothing_is_loaded_before_somebody_looks(look):
    page = look(shows=False)
    assert streams(page) == [] and not [text for text in page.notes("request") if "/camera/" in text]


def test_the_film_goes_on_until_the_view_is_left(shop, look, tmp_path):
    page = look()
    page.until(f"{PLAYS} > 20")
    assert page.js("document.querySelector('.camera video').videoWidth") == 1280
    seen = page.js(PLAYS)
    page.until(f"{PLAYS} > {seen + 20}")
    assert take_session(shop, tmp_path / "taken.jpg") != DONE
    page.getByRole("link", {"name": "History", "exact": True}).nth(0).click()
    page.until("!document.querySelector('.camera')")
    until(lambda: streams(page, "socket closed") == ["PAGELEFT"])
    until(lambda: take_session(shop, tmp_path / "free.jpg") == DONE)


def test_it_is_opened_again_as_it_was_left_and_closed(look):
    page = look()
    page.until(f"{PLAYS} > 0")
    page.reload()
    page.until(f"{PLAYS} > 0")
    press(page, "Hide")
    page.until("!document.querySelector('.camera')")
    until(lambda: streams(page, "socket closed"))


def test_a_tab_behind_others_looks_at_nothing(look):
    page = look()
    page.until(f"{PLAYS} > 0")
    turn = "Object.defineProperty(document, 'visibilityState', {{ value: '{}', configurable: true }}); document.dispatchEvent(new Event('visibilitychange')); 0"
    page.js(turn.format("hidden"))
    until(lambda: streams(page, "socket closed") == ["PAGELEFT"])
    page.js(turn.format("visible"))
    page.until(f"{PLAYS} > 0 && document.querySelector('.camera.is-film')")
    assert len(streams(page)) == 2


def test_the_light_is_switched_and_seen(look):
    page = look()
    page.until(f"{PLAYS} > 0")
    dark = page.js(CORNER)
    press(page, "Light")
    page.until("document.querySelector('.camera-tool[aria-pressed=true]')")
    page.until(f"{CORNER} > {dark}")
    press(page, "Light")
    page.until("document.querySelector('.camera-tool[aria-pressed=false]')")
    page.until(f"{CORNER} === {dark}")


def test_pictures_are_made_small_and_large_again(look):
    page = look()
    page.until("document.querySelector('.camera video').videoWidth === 1280")
    press(page, "Small pictures")
    page.until("document.querySelector('.camera video').videoWidth === 848 && document.querySelector('[aria-label=\"Small pictures\"][aria-pressed=true]')")
    press(page, "Small pictures")
    page.until("document.querySelector('.camera video').videoWidth === 1280")


def test_it_fills_the_screen_by_keys(look):
    page = look()
    page.getByRole("button", {"name": "Full screen", "exact": True}).press("Enter")
    page.until("document.fullscreenElement?.classList.contains('camera')")
    page.getByRole("button", {"name": "End full screen"}).press("Enter")
    page.until("!document.fullscreenElement")


def test_a_picture_that_stands_still_says_how_old_it_is(shop, look):
    page = look()
    page.until(f"{PLAYS} > 0")
    shop.left.signal(signal.SIGSTOP)
    try:
        page.until(f"/^This picture is \\d+ s old/.test({NOTE})")
    finally:
        shop.left.signal(signal.SIGCONT)
    page.until(f"{NOTE} === ''")


def test_less_motion_is_still_pictures_until_a_film_is_wanted(look):
    page = look(reducedMotion="reduce")
    page.until("document.querySelector('.camera img').naturalWidth === 1280")
    first = page.js("document.querySelector('.camera img').src")
    page.until(f"document.querySelector('.camera img').src !== '{first}' && document.querySelector('.camera img').complete")
    assert streams(page) == []
    press(page, "Moving pictures")
    page.until(f"{PLAYS} > 0 && document.querySelector('.camera.is-film')")


def test_a_browser_that_plays_no_films_shows_pictures(look):
    page = look(shows=False)
    page.js("delete window.MediaSource; delete window.ManagedMediaSource; 0")
    press(page, "Show")
    page.until("document.querySelector('.camera img').naturalWidth === 1280")


def test_why_there_is_none_is_said(shop, look):
    page = look("PAGEBUSY")
    page.until(f"{NOTE}.startsWith('Another program has the only session')")
    page = look("PAGEFAR0", shows=False)
    press(page, "Show")
    page.until(f"{NOTE}.startsWith('The printer does not answer on the local network')")


def test_a_printer_without_a_camera_is_given_one(shop, look, remote):
    page = look("PAGEMIDDLE", shows=False)
    panel = page.getByRole("region", {"name": "Camera", "exact": True})
    panel.getByText("Another camera").click()
    panel.getByLabel("Its URL").fill(remote)
    panel.getByRole("button", {"name": "Save"}).click()
    press(page, "Show")
    page.until("document.querySelector('.camera.is-picture img')?.src")
    first = page.js("document.querySelector('.camera img').src")
    page.until(f"document.querySelector('.camera img').src !== '{first}'")
    assert streams(page) == [] and not page.js("[...document.querySelectorAll('.camera-tool')].some((tool) => tool.title === 'Light')")
    panel.getByText("Another camera").click()
    panel.getByLabel("Its URL").fill("")
    panel.getByRole("button", {"name": "Save"}).click()
    page.until("!document.querySelector('.camera')")
    shop.gateway.await_get("/printers/PAGEMIDDLE/camera", lambda camera: camera["source"] is None)


@needs_program
def test_a_camera_by_rtsp_shows_its_film(shop, look):
    camera = RtspFake()
    assert shop.gateway.status("PUT", "/printers/PAGEMIDDLE/camera", {"url": camera.url("camera")})[0] == 200
    page = look("PAGEMIDDLE")
    page.until(f"{PLAYS} > 0 && document.querySelector('.camera.is-film video').videoWidth === 160")
    assert not page.js("[...document.querySelectorAll('.camera-tool')].some((tool) => tool.title === 'Light')")
    assert shop.gateway.status("PUT", "/printers/PAGEMIDDLE/camera", {"url": None})[0] == 200
    camera.end()


def test_a_file_that_is_sent_goes_first_and_the_film_comes_back(shop, look):
    page = look()
    page.until(f"{PLAYS} > 0")
    page.js("window.told = []; new MutationObserver(() => told.push(document.querySelector('.camera-note').innerText)).observe(document.querySelector('.camera-note'), { childList: true, subtree: true, characterData: true }); 0")
    assert shop.gateway.status("POST", "/printers/PAGELEFT/plate", {"clear": True})[0] == 200
    assert shop.gateway.ask("PUT", "/files/cube.gcode", gcode())[2]["path"] == "cube.gcode"
    assert shop.gateway.status("POST", "/printers/PAGELEFT/queue", {"path": "cube.gcode"})[0] == 201
    page.until("told.some((text) => text.startsWith('A file is being sent'))")
    page.until(f"{NOTE} === '' && document.querySelector('.camera.is-film')")


def test_the_wall_looks_at_what_is_in_sight(shop, visit):
    page = visit(shop.url, "phone")
    page.until("document.querySelectorAll('.card').length === 11")
    page.getByRole("link", {"name": "All cameras"}).click()
    page.until("document.querySelectorAll('.camera').length === 10 && document.querySelector('[data-serial=PAGELEFT].is-film')")
    assert "Without a camera: Middle" in page.text()
    assert FAR[-1] not in streams(page)
    page.js(f"document.querySelector('[data-serial={FAR[-1]}]').scrollIntoView(); 0")
    until(lambda: FAR[-1] in streams(page) and "PAGELEFT" in streams(page, "socket closed"))
    assert page.faults() == []
