# SPDX-License-Identifier: MIT
"""Who goes through a view by Tab reaches all of it, and sees what he has reached: nothing that stays in sight lies over it."""

import pytest

from axe import until_shown

PLACES = ["/", "/p/PAGELEFT", "/p/PAGEMIDDLE", "/p/PAGEMIDDLE/console", "/settings/accounts", "/settings/programs", "/cloud/make"]
STEPS_MAX = 300
REACHED = """[...document.querySelectorAll('a[href], button:not(:disabled), input:not(:disabled, [type=radio]), select:not(:disabled), textarea, summary, [tabindex="0"]')]
    .filter((one) => one.checkVisibility({ visibilityProperty: true }) && one.tabIndex >= 0)"""
BEGIN = f"window.wanted = {REACHED}; window.reached = new Set(); 0"
# Some place of it is not below another thing; a box that is not seen itself is where its label is. "": the browser's own, or what had the focus is no more.
SEEN = """(() => { const one = document.activeElement, { left, top, width, height } = one.getBoundingClientRect(), right = Math.min(left + width, innerWidth);
    const of = (hit) => hit && (one.contains(hit) || [...(one.labels ?? [])].some((label) => label.contains(hit)) || one.matches('.card-link') && hit.closest('.card')?.contains(one));
    const isSeen = [0.05, 0.25, 0.5, 0.75, 0.95].some((across) => [0.1, 0.5, 0.9].some((down) => of(document.elementFromPoint(left + (right - left) * across, top + height * down))));
    if (one === document.body) return '';
    window.reached.add(one);
    return `${isSeen ? 'seen' : 'covered'} ${one.tagName} ${one.getAttribute('aria-label') ?? one.textContent.slice(0, 40)}`; })()"""
IS_ROUND = "window.reached.size > 1 && document.activeElement === [...window.reached][0]"
# What moved after it had the focus, as what is above it grew, is not what is asked here.
AGAIN = "(() => { const one = document.activeElement; one.blur(); one.focus(); })()"
# Of what was there all the time.
MISSED = f"{REACHED}.filter((one) => window.wanted.includes(one) && !window.reached.has(one)).map((one) => one.outerHTML)"


def go_through(page):
    """What got the focus, in its order."""
    page.js(BEGIN)
    found = []
    for _ in range(STEPS_MAX):
        page.keyboard.press("Tab")
        if page.js(IS_ROUND):
            break
        found.append(page.js(SEEN))
        if found[-1].startswith("covered"):
            page.js(AGAIN)
            found[-1] = page.js(SEEN)
    assert len(found) < STEPS_MAX and page.js(MISSED) == []
    return found


@pytest.mark.parametrize("size", ["phone", "desktop"])
@pytest.mark.parametrize("place", PLACES)
def test_what_has_the_focus_is_seen(shop, visit, place, size):
    page = visit(shop.url + place, size, reducedMotion="reduce")
    until_shown(page)
    page.waitForLoadState("networkidle")
    assert [one for one in go_through(page) if one.startswith("covered")] == []


def test_it_is_seen_beside_what_several_are_done_with(shop, visit):
    page = visit(shop.url, "phone", reducedMotion="reduce")
    page.until("document.querySelectorAll('.card').length === 3")
    page.keyboard.press("s")
    page.until("document.querySelector('.bulk')")
    assert [one for one in go_through(page) if one.startswith("covered")] == []
