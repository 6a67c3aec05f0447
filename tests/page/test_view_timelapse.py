# SPDX-License-Identifier: MIT
"""Films of jobs: the gallery, one that plays, away with it, and whether there are to be any."""

import pytest

import films

HOSTILE = "<img src=x onerror=alert(1)>\u202e 😀 " + "x" * 200 + ".gcode"
FILMS = "[...document.querySelectorAll('.film-file')].map((one) => one.textContent)"


@pytest.fixture(scope="module")
def shop(make_shop):
    return make_shop({"PAGELEFT": ("Left", "m5"), "PAGEOFF": ("Off", "m5")}, before=lambda shop: films.keep(shop.folder / "state", "PAGELEFT", ["cube.gcode", HOSTILE]))


@pytest.fixture(scope="module")
def page(shop, open_page):
    page = open_page(shop.url + "/history")
    page.getByRole("link", {"name": "Time-lapses"}).click()
    page.until(f"location.pathname === '/timelapses' && {FILMS}.length === 2")
    yield page
    assert page.faults() == []


def test_the_newest_is_first_and_has_its_picture(page):
    assert page.js(FILMS) == [HOSTILE, "cube.gcode"]
    page.until("[...document.querySelectorAll('.film img')].every((one) => one.naturalWidth === 320)")
    assert "30 pictures" in page.js("document.querySelector('.film').innerText")


def test_one_plays(page):
    page.locator(".film").nth(1).click()
    page.until("document.querySelector('dialog')?.open && /dialog=film%3A1/.test(location.search)")
    page.js("document.querySelector('video').play(); undefined")
    page.until("document.querySelector('video').currentTime > 0.2 && document.querySelector('video').videoWidth === 320")
    assert page.js("document.querySelector('dialog a[download]').getAttribute('href')") == "/api/v1/timelapses/1/film.mp4?download=1"


def test_one_is_deleted_once_that_is_sure(page, shop):
    page.getByRole("button", {"name": "Delete"}).click()
    page.getByRole("button", {"name": "Delete for good"}).click()
    page.until(f"!document.querySelector('dialog') && {FILMS}.length === 1")
    assert [film["id"] for film in shop.gateway.get("/timelapses")] == [2]


def test_films_of_all_are_gone_once_a_printer_is_chosen(page):
    """Also as long as the gateway does not answer."""
    page.js("window.answered = window.fetch; window.fetch = () => new Promise(() => {}); undefined")
    page.getByRole("combobox", {"name": "Printer"}).selectOption("Left")
    page.until(f"location.search === '?printer=PAGELEFT' && {FILMS}.length === 0")
    page.js("window.fetch = window.answered; undefined")
    page.getByRole("combobox", {"name": "Printer"}).selectOption("All printers")
    page.until(f"location.search === '' && {FILMS}.length === 1")


def test_films_are_switched_on_of_all_and_of_a_printer(page, shop):
    page.getByLabel("Films of jobs").selectOption("A picture a layer")
    shop.gateway.await_get("/timelapse", lambda settings: settings["mode"] == "layer")
    page.getByRole("button", {"name": "With light"}).click()
    shop.gateway.await_get("/timelapse", lambda settings: settings["light"])
    page.getByRole("combobox", {"name": "Printer"}).selectOption("Off")
    page.until("location.search === '?printer=PAGEOFF' && document.querySelector('.nothing')")
    page.getByLabel("Films of jobs").selectOption("Off")
    shop.gateway.await_get("/printers/PAGEOFF/timelapse", lambda settings: settings["own"] and settings["mode"] == "off")
    assert shop.gateway.get("/printers/PAGELEFT/timelapse")["mode"] == "layer"
