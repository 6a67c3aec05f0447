# SPDX-License-Identifier: MIT
"""Nothing that axe-core finds, in any view, theme and size, with each dialog; and what else helps people who see or move less."""

import json

import pytest

import films
import tools
from conftest import three_printers

AXE = tools.FOLDER / "node_modules/axe-core/axe.min.js"
TAGS = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
COLOURS = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}  # of what is tagged so, all that a theme changes
# Each view with what is open in it. Whoever adds a view or dialog adds it here.
PLACES = ["/", "/?dialog=keys", "/?dialog=activity", "/?dialog=appearance", "/?dialog=group:PAGELEFT", "/p/PAGELEFT", "/p/PAGELEFT?dialog=presets", *(f"/p/PAGEMIDDLE/{part}" for part in ("level", "console", "files", "history", "messages")), "/p/NOBODY", *(f"/settings/{part}" for part in ("start", "accounts", "users", "programs", "gateway", "backup", "appearance", "about")),
          "/settings/users?dialog=user", "/settings/programs?dialog=key", "/settings/programs?dialog=wall", "/settings/backup?dialog=restore", "/settings/notices", "/files", "/files?dialog=folder", "/files/none", "/queue", "/?dialog=print", "/?dialog=print:none.gcode", "/history", "/history?view=calendar", "/timelapses", "/timelapses?dialog=film:1", "/doctor/PAGEMIDDLE", "/wall", "/cameras", *(f"/cloud/{step}" for step in ("make", "account", "start", "printers", "network", "arrive")), "/setup", "/nothing-of-this-name"]
SERVED = [place for place in PLACES if place != "/nothing-of-this-name"]


def until_shown(page):
    page.until("document.querySelector('h1') && !document.querySelector('.loading')")


# Between two colours there is a moment in which one of them is there already; and what inherits one changes after its parent.
AT_REST = """(async () => {
    const moving = () => document.getAnimations().filter((one) => one.playState === 'running' && one.effect?.getComputedTiming().iterations !== Infinity);
    for (let some = moving(); some.length; some = moving()) {
        await Promise.all(some.map((one) => one.finished.catch(() => {})));
    }
})()"""


def violations(page, rules=TAGS):
    """Runs in the page's world, in which its policy holds: the script is given to the browser, not to the page."""
    if not page.js("window.axe !== undefined"):
        page.evaluate(AXE.read_text(encoding="utf-8") + "; undefined")
    return page.js(f"{AT_REST}.then(() => axe.run(document, {{runOnly: {json.dumps(rules)}, resultTypes: ['violations']}})).then((result) => result.violations.map((one) => one.id + ': ' + one.nodes.map((node) => node.html.slice(0, 200) + ' ' + node.failureSummary).join(' | ')))")


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    """One of its jobs was filmed."""
    yield from three_printers(tmp_path_factory, before=lambda shop: films.keep(shop.folder / "state", "PAGELEFT", ["cube.gcode"]))


@pytest.fixture(scope="module")
def pages(shop, open_page):
    """A page for each size and theme, which goes from place to place."""
    opened = {}

    def at(place, size, theme="light"):
        if (size, theme) not in opened:
            opened[size, theme] = open_page(shop.url, size, colorScheme=theme, reducedMotion="reduce")
        page = opened[size, theme]
        page.open(shop.url + place)
        until_shown(page)
        return page

    return at


@pytest.mark.parametrize("place", SERVED)
@pytest.mark.parametrize("size", ["phone", "tablet", "desktop"])
def test_axe_finds_nothing(pages, place, size):
    """A theme is of colours alone: nothing else is looked at again in the other one."""
    page = pages(place, size)
    if "?dialog=" in place:
        page.until("document.querySelector('dialog')?.open")
    assert violations(page) == []
    page.emulateMedia({"colorScheme": "dark"})
    try:
        assert violations(page, COLOURS) == []
    finally:
        page.emulateMedia({"colorScheme": "light"})


@pytest.mark.parametrize("size_of_cards", ["s", "m", "l"])
def test_axe_finds_nothing_in_cards_of_any_size_and_while_selecting(pages, size_of_cards):
    page = pages("/", "desktop", "light")
    page.getByRole("button", {"name": {"s": "Small", "m": "Medium", "l": "Large"}[size_of_cards] + " cards"}).click()
    page.getByRole("button", {"name": "Select", "exact": True}).click()
    page.until("document.querySelector('.bulk')")
    assert violations(page) == []


def test_axe_finds_nothing_in_an_open_menu(pages):
    page = pages("/", "desktop", "dark")
    page.getByRole("button", {"name": "More about Left"}).click()
    page.until("document.querySelector('.menu-list:popover-open')")
    assert violations(page) == []
    page.keyboard.press("Escape")


def test_targets_are_large_enough(pages):
    page = pages("/", "phone", "light")
    small = page.js("[...document.querySelectorAll('button, input, select, a[href]:not(.skip, .card-link)')].filter((one) => one.checkVisibility()).filter((one) => { const { width, height } = one.getBoundingClientRect(); return width && (width < 24 || height < 24); }).map((one) => one.outerHTML.slice(0, 120))")
    assert small == []


def test_all_is_done_by_keys_alone(shop, visit):
    page = visit(shop.url)
    page.until("document.querySelectorAll('.card').length === 3")
    page.keyboard.press("j")
    page.until("document.activeElement.classList.contains('card-link')")
    first = page.js("document.activeElement.textContent")
    page.keyboard.press("j")
    assert page.js("document.activeElement.textContent") != first
    page.js("document.querySelector('[data-serial=PAGELEFT] .card-link').focus()")
    page.keyboard.press("Tab")
    page.until("document.activeElement.getAttribute('aria-haspopup') === 'menu'")
    page.keyboard.press("Enter")
    page.until("document.activeElement.getAttribute('role') === 'menuitem'")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Escape")
    page.until("document.activeElement.getAttribute('aria-haspopup') === 'menu'")
    page.keyboard.press("Tab")
    page.until("document.activeElement.textContent.includes('Pause')")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.until("document.activeElement.textContent.includes('press again')")
    assert page.faults() == []


def test_less_motion_is_less_motion(pages):
    page = pages("/", "desktop", "light")
    assert page.js("[...document.querySelectorAll('*')].every((one) => parseFloat(getComputedStyle(one).transitionDuration) <= 0.001)")
