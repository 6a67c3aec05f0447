# SPDX-License-Identifier: MIT
"""Axe-core in each view, with each dialog: a size is a file of tests, so that they run side by side."""

import json

import pytest

import films
import tools
from conftest import three_printers

AXE = tools.FOLDER / "node_modules/axe-core/axe.min.js"
TAGS = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
COLOURS = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}  # of what is tagged so, all that a theme changes
# Each view with what is open in it. Whoever adds a view or dialog adds it here.
PLACES = ["/", "/?dialog=keys", "/?dialog=activity", "/?dialog=appearance", "/?dialog=group:PAGELEFT", "/?dialog=rename:PAGELEFT", "/p/PAGELEFT", "/p/PAGELEFT?dialog=presets", *(f"/p/PAGEMIDDLE/{part}" for part in ("level", "console", "files", "messages")), "/p/PAGELEFT/history", "/p/NOBODY", *(f"/settings/{part}" for part in ("start", "accounts", "users", "programs", "gateway", "backup", "appearance", "about")),
          "/settings/users?dialog=user", "/settings/programs?dialog=key", "/settings/programs?dialog=wall", "/settings/backup?dialog=restore", "/settings/notices", "/files", "/files?dialog=folder", "/files/none", "/queue", "/?dialog=print", "/?dialog=print:none.gcode", "/history", "/history?view=calendar", "/timelapses", "/timelapses?dialog=film:1", "/doctor/PAGEMIDDLE", "/wall", "/cameras", *(f"/cloud/{step}" for step in ("make", "account", "start", "printers", "network", "arrive")), "/setup", "/nothing-of-this-name"]
SERVED = [place for place in PLACES if place != "/nothing-of-this-name"]


def go(page, root, place):
    """As a link of the page does, but for the first time: to load all anew takes the browser five times as long."""
    if page.js("location.origin") == root:
        page.js(f"history.pushState(null, '', {json.dumps(place)}); dispatchEvent(new PopStateEvent('popstate')); 0")
    else:
        page.open(root + place)
    until_shown(page)


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
            opened[size, theme] = open_page("about:blank", size, colorScheme=theme, reducedMotion="reduce")
        page = opened[size, theme]
        go(page, shop.url, place)
        return page

    return at


def find_nothing(pages, place, size):
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
