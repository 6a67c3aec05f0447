# SPDX-License-Identifier: MIT
"""Where less motion is wished for nothing moves: not while views change, nor while things are pressed, come and go."""

import pytest

# Each transition and animation that begins from now on.
WATCH = """(() => { window.moved = []; const note = (event) => window.moved.push(`${event.type} ${event.propertyName ?? event.animationName} ${event.target.className}`);
    ['transitionrun', 'animationstart'].forEach((type) => document.addEventListener(type, note, true));
    const animate = Element.prototype.animate; Element.prototype.animate = function (...words) { window.moved.push(`animate ${this.className}`); return animate.apply(this, words); };
    window.atOnce = []; const look = () => { window.atOnce.push(...document.getAnimations().map((one) => one.transitionProperty ?? one.animationName ?? 'animate')); requestAnimationFrame(look); }; look(); })()"""
FRAMES = "new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => requestAnimationFrame(resolve))))"
MOVED = "[...new Set([...window.moved, ...window.atOnce])]"


@pytest.fixture
def watched(shop, browser):
    opened = []

    def start(place, motion="reduce"):
        page = browser.page(reducedMotion=motion)
        opened.append(page)
        browser.run(page.context, [["addInitScript", f"addEventListener('DOMContentLoaded', () => {WATCH})"]])
        return page.open(shop.url + place)

    yield start
    for page in opened:
        page.end()


def hover_all(page):
    """Buttons and cards, one by one, each with a moment in which it may begin to move."""
    for name in (".card", ".button:not(:disabled)", ".button-hold", ".tab", ".panel"):
        if page.locator(name).count() and page.locator(name).first().isVisible():
            page.locator(name).first().hover({"force": True})
            page.js(FRAMES)


def use_fleet(page):
    page.until("document.querySelectorAll('.card').length === 3")
    hover_all(page)
    page.getByRole("button", {"name": "More about Left"}).click()
    page.keyboard.press("Escape")
    page.getByRole("button", {"name": "Small cards"}).click()
    page.getByRole("button", {"name": "Select", "exact": True}).click()
    page.locator(".card-check").first().check()
    page.getByRole("button", {"name": "Activity"}).click()
    page.until("document.querySelector('dialog')?.open")
    page.keyboard.press("Escape")


def use_printer(page):
    page.until("document.querySelector('.chart canvas')")
    hover_all(page)
    page.locator(".chart").press("+")
    page.locator(".job .button-hold").hover()
    page.mouse.down()
    page.until("document.querySelector('.is-held')")
    page.js(FRAMES)
    page.mouse.move(0, 0)
    page.mouse.up()
    page.js("scrollTo(0, document.body.scrollHeight)")
    page.until("document.querySelector('.is-held') === null")


def use_history(page):
    page.until("document.querySelector('h1')?.textContent === 'History' && !document.querySelector('.loading')")
    hover_all(page)
    page.getByRole("button", {"name": "Calendar"}).click()
    page.until("document.querySelector('.calendar')")


VIEWS = {"/": use_fleet, "/p/PAGELEFT": use_printer, "/history": use_history}


@pytest.mark.parametrize("place", VIEWS)
def test_nothing_moves(watched, place):
    page = watched(place)
    VIEWS[place](page)
    page.js(FRAMES)
    assert page.js(MOVED) == []
    assert page.js("document.getAnimations().length") == 0 and page.faults() == []


def test_what_is_seen_here_moves_otherwise(watched):
    """So the above would tell."""
    page = watched("/p/PAGELEFT", "no-preference")
    use_printer(page)
    page.until("window.moved.some((one) => one.startsWith('transitionrun transform'))")
    assert "transform" in page.js("window.atOnce")
