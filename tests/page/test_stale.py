# SPDX-License-Identifier: MIT
"""What may be so no more is seen to be old at a glance, and read as well as ever."""

import contextlib
import signal

import pytest

from axe import COLOURS, until_shown, violations

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
