# SPDX-License-Identifier: MIT
"""Cameras of several printers: words where there is no film, those of others, files that go first, and all of them on the wall."""

import pytest

from farm import open_farm, simulate
from lan import gcode
from one_camera import NOTE, PLAYS, look, press, streams  # noqa: F401: a fixture
from process import until
from rtsp_server import RtspFake, needs_program
from webcam_server import WebcamServer

FAR = [f"PAGEFAR{number}" for number in range(8)]


@pytest.fixture(scope="module")
def shop(make_shop):
    shop = open_farm(make_shop, {"PAGELEFT": ("Left", "m5"), "PAGEBUSY": ("Busy", "m5"), "PAGEMIDDLE": ("Middle", "m5c"), **{serial: (serial, "m5") for serial in FAR}})
    simulate(shop, "PAGELEFT", "m5")
    simulate(shop, "PAGEBUSY", "m5", "--fault", "lan-busy")
    simulate(shop, "PAGEMIDDLE", "m5c")
    return shop


@pytest.fixture
def remote():
    """The URL of a camera that is no printer's."""
    server = WebcamServer()
    yield server.url("stream")
    server.end()


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
