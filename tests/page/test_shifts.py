# SPDX-License-Identifier: MIT
"""Nothing moves of its own once it is there: each view keeps room for what the gateway tells a moment later."""

import pathlib

import pytest

import films
from axe import SERVED, until_shown
from conftest import three_printers
from farm import open_farm, simulate
from past import remember

VECTOR = pathlib.Path(__file__).resolve().parents[1] / "vectors/gcode/prusaslicer-2.5.0.gcode"
# The share of the window that moved, times how far; Chromium calls 0.1 good.
MOST = 0.01
LATENCY_MS = 60  # so that each answer comes behind a picture of what was there before
WATCH = "window.shifts = []; new PerformanceObserver((list) => window.shifts.push(...list.getEntries())).observe({ type: 'layout-shift', buffered: true })"
# A view waits half a second for what would move it, which a busy machine may take: here it waits until that comes.
PATIENCE = "window.setTimeout = ((wait) => (run, after, ...rest) => wait(run, after === 500 ? 60000 : after, ...rest))(window.setTimeout)"
NEXT_PICTURE = "new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))"
TOLD = """window.shifts.map((entry) => ({ value: entry.value, moved: entry.sources.map(({ node, previousRect, currentRect }) =>
    [node?.outerHTML?.slice(0, 120) ?? node?.textContent, ...[previousRect, currentRect].map(({ x, y, width, height }) => [x, y, width, height].map(Math.round).join(' '))].join(' | ')) }))"""
# Those of axe.py, and what shows most where something is kept of a printer.
PLACES = [*SERVED, "/p/PAGEMIDDLE", "/p/PAGEOFF", "/p/PAGEMIDDLE/history", "/files/cube.gcode", "/doctor", "/doctor/PAGEOFF"]


def fill(shop):
    """Of each list something is there."""
    assert shop.gateway.ask("PUT", "/files/cube.gcode", VECTOR.read_bytes())[0] == 201
    for path in ("/printers/PAGEOFF/queue", "/printers/PAGELEFT/queue", "/queue"):
        assert shop.gateway.status("POST", path, {"path": "cube.gcode"})[0] == 201
    remember(shop.folder / "state", [{"printer": serial, "name": name, "file": "cube.gcode", "path": "cube.gcode", "outcome": outcome, "hours_ago": hours}
                                     for serial, name in (("PAGELEFT", "Left"), ("PAGEMIDDLE", "Middle")) for outcome, hours in (("finished", 30), ("failed", 3))])


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    for running in three_printers(tmp_path_factory, before=lambda shop: films.keep(shop.folder / "state", "PAGELEFT", ["cube.gcode"])):
        fill(running)
        yield running


FORGET = "try { localStorage.clear() } catch { /* a page of nobody has none */ }"


@pytest.fixture(scope="module")
def open_slow(browser, open_page):
    """An empty page with a gateway that is a little away; wherever it goes, it knows nothing of the last place."""

    def start(size, **options):
        page = open_page("about:blank", size, **options)
        wire = f"wire of {page.name}"
        browser.run(page.context, [["newCDPSession", {"$object": page.name}]], wire)
        browser.run(wire, [["send", "Network.enable"]])
        browser.run(wire, [["send", "Network.emulateNetworkConditions", {"offline": False, "latency": LATENCY_MS, "downloadThroughput": -1, "uploadThroughput": -1}]])
        page.addInitScript(f"{FORGET}; {WATCH}; {PATIENCE}")
        return page

    return start


@pytest.fixture(scope="module")
def slow(open_slow):
    """One for each size, which goes from place to place."""
    opened = {}

    def at(size):
        if size not in opened:
            opened[size] = open_slow(size)
        return opened[size]

    return at


# A wide window has room for what a narrow one moves: there the views with the most in them.
WIDE = ["/", "/p/PAGELEFT", "/p/PAGEMIDDLE/history", "/queue", "/history", "/files", "/doctor"]


@pytest.fixture(scope="module")
def farm(make_shop):
    """Both wait for nothing but the word that their plate is clear."""
    running = open_farm(make_shop, {"PAGEUP": ("Up", "m5"), "PAGEDOWN": ("Down", "m5c")})
    simulate(running, "PAGEUP", "m5")
    simulate(running, "PAGEDOWN", "m5c")
    assert running.gateway.ask("PUT", "/files/cube.gcode", VECTOR.read_bytes())[0] == 201
    for serial in ("PAGEUP", "PAGEDOWN"):
        assert running.gateway.status("POST", f"/printers/{serial}/queue", {"path": "cube.gcode"})[0] == 201
    return running


def find_no_shift(page, url):
    page.goto(url, {"waitUntil": "networkidle"})
    until_shown(page)
    page.js(NEXT_PICTURE)
    shifts = page.js(TOLD)
    assert sum(shift["value"] for shift in shifts) < MOST, "\n".join(map(str, shifts))


@pytest.mark.parametrize("place, size", [*((place, "phone") for place in PLACES), *((place, "desktop") for place in WIDE)])
def test_nothing_shifts_while_it_loads(shop, slow, place, size):
    find_no_shift(slow(size), shop.url + place)


@pytest.mark.parametrize("place", ["/history", "/history?view=calendar", "/"])
def test_nothing_shifts_where_words_are_longer(shop, open_slow, place):
    find_no_shift(open_slow("phone", locale="de-DE"), shop.url + place)


@pytest.mark.parametrize("place, button", [("/", True), ("/wall", False), ("/p/PAGEUP", True)])
def test_what_waits_for_a_clear_plate_shifts_nothing(farm, slow, place, button):
    page = slow("phone")
    find_no_shift(page, farm.url + place)
    page.until("document.querySelector('.next-wants .next-name')?.innerText.includes('Next: cube')")
    assert page.js("document.querySelector('.next-wants button')?.innerText ?? null") == ("Plate is clear" if button else None)


def test_a_plate_is_confirmed_before_the_queue_is_there(farm, open_slow):
    """What it is done with comes a moment later than the button."""
    page = open_slow("phone")
    page.addInitScript("window.requestIdleCallback = () => 0")
    page.goto(farm.url)
    page.getByRole("button", {"name": "Plate is clear"}).first().click()
    page.until("document.querySelectorAll('.next-wants').length === 1")
    farm.gateway.await_get("/queue", lambda entries: sorted(entry["state"] == "waiting" for entry in entries) == [False, True])
