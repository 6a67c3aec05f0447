# SPDX-License-Identifier: MIT
"""What may be so no more is seen to be old at a glance, and read as well as ever."""

import contextlib
import signal

import pytest

from axe import COLOURS, until_shown, violations
from shifted_clock import ShiftedClock
from test_status import IDLE

STALE = "document.querySelector('.is-stale')"
# How a page that is old differs: flat, without colours, with lines of its own, pictures that fade.
LOOK = """(() => { const of = (selector) => getComputedStyle(document.querySelector(selector)), { filter, color } = of('main'), { borderTopStyle, backgroundColor } = of('.card, .panel, .sheet');
    return [filter, color, borderTopStyle, backgroundColor, ...(document.querySelector('.ring > svg') ? [of('.ring > svg').opacity] : [])]; })()"""


@contextlib.contextmanager
def silence(shop, page):
    """The gateway says nothing, and its page shows that."""
    shop.gateway.signal(signal.SIGSTOP)
    try:
        page.until(STALE)
        yield
    finally:
        shop.gateway.signal(signal.SIGCONT)


@pytest.mark.parametrize("place", ["/", "/p/PAGELEFT", "/p/PAGELEFT/history", "/wall", "/queue", "/files", "/history", "/settings/accounts"])
def test_what_is_old_is_read_as_well_as_ever(shop, visit, place):
    page = visit(shop.url + place, reducedMotion="reduce")
    until_shown(page)
    page.until(f"!{STALE}")
    with silence(shop, page):
        for theme in ("light", "dark"):
            page.emulateMedia({"colorScheme": theme})
            assert violations(page, COLOURS) == [], theme
    page.until(f"!{STALE}")


@pytest.mark.parametrize("place", ["/", "/p/PAGELEFT", "/wall", "/settings/accounts"])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_what_is_old_is_seen_at_a_glance(shop, visit, place, theme):
    page = visit(shop.url + place, colorScheme=theme, reducedMotion="reduce")
    page.until(f"document.querySelector('.card, .panel, .sheet') && !{STALE}")
    fresh = page.js(LOOK)
    with silence(shop, page):
        old = page.js(LOOK)
        assert page.js("getComputedStyle(document.querySelector('h1')).color") == old[1]
    assert [one for one, other in zip(fresh, old) if one == other] == [] and old[0] == "grayscale(1)"
    page.until(f"!{STALE}")
    assert page.js(LOOK) == fresh


NOT_LONG_S = 15  # a printer that says nothing for longer is off


def test_a_printer_that_tells_its_temperatures_alone_is_not_old(make_shop, visit, tmp_path):
    """It tells what changes: that it is ready still, it says once."""
    clock = ShiftedClock(tmp_path)
    shop = make_shop({"PAGEREADY": ("Ready", "m5")}, environment=clock.environment)
    printer = shop.script("PAGEREADY", IDLE)
    try:
        shop.gateway.await_get("/printers/PAGEREADY", lambda told: told["job"]["state"] == "idle")
        for step in range(6):
            clock.go_on(NOT_LONG_S)
            printer.publish({"commandType": 1003, "currentTemp": 2500 + step, "targetTemp": 0})
            shop.gateway.await_get("/printers/PAGEREADY", lambda told: told["nozzle"]["current_c"] == (2500 + step) / 100)
        assert shop.gateway.get("/printers/PAGEREADY")["age_s"]["job"] > 60
        page = visit(f"{shop.url}/p/PAGEREADY")
        page.until("document.querySelector('.printer-head .state')?.textContent === 'Ready'")
        assert page.js("document.querySelector('.printer-age').textContent") == ""
        fleet = visit(shop.url)
        fleet.until("document.querySelector('.card .state')?.textContent === 'Ready'")
        assert fleet.js("document.querySelector('.card-age').textContent") == ""
    finally:
        printer.stop()
