# SPDX-License-Identifier: MIT
"""The film of a simulated printer's camera on the local network, looked at while it is seen."""

import signal

import pytest

from farm import open_farm, simulate
from one_camera import NOTE, PLAYS, look, press, streams  # noqa: F401: a fixture
from process import until
from program import DONE

# How bright the corner of the picture is, in which the test card has nothing.
CORNER = """(() => { const canvas = document.createElement('canvas'); canvas.width = canvas.height = 8; const context = canvas.getContext('2d');
    context.drawImage(document.querySelector('.camera video'), 0, 0, 8, 8, 0, 0, 8, 8); return context.getImageData(0, 0, 1, 1).data[1]; })()"""


@pytest.fixture(scope="module")
def shop(make_shop):
    shop = open_farm(make_shop, {"PAGELEFT": ("Left", "m5")})
    shop.left = simulate(shop, "PAGELEFT", "m5")
    return shop


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


def test_the_film_begins_with_pictures_in_hand(look):
    """Against those that come late: it would stand still with each of them, and drop it, if it began with the first that is there."""
    page = look(shows=False)
    page.js("document.addEventListener('play', ({ target: { buffered, currentTime } }) => { window.inHand ??= buffered.end(buffered.length - 1) - currentTime; }, true); 0")
    press(page, "Show")
    page.until(f"{PLAYS} > 0 && window.inHand !== undefined")
    assert page.js("window.inHand") > 0.15


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
