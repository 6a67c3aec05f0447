# SPDX-License-Identifier: MIT
"""Maps of a bed: turned by pointer, finger and keys, and two of them beside each other with what changed in between."""

import json

import pytest

from axe import violations

SIDE = 7
# The lowest corner is the front left one, and each later map is higher by a step in the back right corner alone.
FIRST = [[round((x + y) * 0.01 - 0.06, 3) for x in range(SIDE)] for y in range(SIDE)]
HOUR_MS = 3600 * 1000
TITLES = "[...document.querySelectorAll('.bed-map h2')].map((one) => one.innerText)"
CELLS = "((at) => [...document.querySelectorAll('.bed-map')[at].querySelectorAll('tbody tr')].map((row) => [...row.querySelectorAll('td')].map((cell) => cell.innerText)))"
PICTURES = "[...document.querySelectorAll('.surface canvas')].map((one) => one.toDataURL())"
# A canvas that nothing was drawn on is a picture, too.
DRAWN = "[...document.querySelectorAll('.surface canvas')].every((one) => one.toDataURL() !== Object.assign(document.createElement('canvas'), { width: one.width, height: one.height }).toDataURL())"
FACTS = "((at) => [...document.querySelectorAll('.bed-map')[at].querySelectorAll('.bed-facts dd')].map((one) => one.innerText))"


def raised(by):
    heights = [list(row) for row in FIRST]
    heights[-1][-1] = None if by is None else round(heights[-1][-1] + by, 3)
    return heights


# The newest first, as a browser keeps them.
MAPS = [{"at": 1764000000000 - number * HOUR_MS, "heights": raised(by)} for number, by in enumerate((0.5, 0.2, 0))]


def shown_rows(heights):
    """As people see it who stand before the printer: the back at the top."""
    return [["?" if height is None else f"{height:.2f}".replace("-0.00", "0.00") for height in row] for row in reversed(heights)]


@pytest.fixture(scope="module")
def shop(make_shop):
    shop = make_shop({"PAGEBED": ("Bed", "m5")})
    shop.simulate("PAGEBED", "m5")
    shop.gateway.await_get("/printers/PAGEBED", lambda printer: printer["online"])
    return shop


@pytest.fixture
def open_maps(shop, visit):
    def start(maps, size="desktop", **options):
        page = visit(f"{shop.url}/p/PAGEBED/level", size, **options)
        page.until("document.querySelector('.panel')")
        page.js(f"localStorage.setItem('flagship.bed_maps', {json.dumps(json.dumps({'PAGEBED': maps}))})")
        page.reload()
        page.until(f"document.querySelectorAll('.surface canvas').length === {3 if len(maps) > 1 else 1} && {DRAWN}")
        return page

    return start


@pytest.fixture
def page(open_maps):
    page = open_maps(MAPS)
    yield page
    assert page.faults() == []


def until_turned(page, before):
    """All of them, as one looks at them from the same side."""
    page.until(f"{PICTURES}.every((one, at) => one !== {json.dumps(before)}[at])")
    return page.js(PICTURES)


def test_it_is_turned_by_keys(page):
    first = last = page.js(PICTURES)
    surface = page.locator(".surface").first()
    for key in ("ArrowRight", "ArrowUp", "ArrowLeft", "ArrowDown"):
        surface.press(key)
        last = until_turned(page, last)
    page.until(f"JSON.stringify({PICTURES}) === {json.dumps(json.dumps(first, separators=(',', ':')))}")  # there and back
    surface.press("ArrowRight")
    until_turned(page, first)
    surface.press("0")
    page.until(f"JSON.stringify({PICTURES}) === {json.dumps(json.dumps(first, separators=(',', ':')))}")


def test_it_is_turned_by_a_pointer(page):
    first = page.js(PICTURES)
    page.locator(".surface").first().scrollIntoViewIfNeeded()
    left, top = page.js("(({ left, top, width, height }) => [left + width / 2, top + height / 2])(document.querySelector('.surface canvas').getBoundingClientRect())")
    page.mouse.move(left, top)
    page.mouse.move(left + 40, top)
    assert page.js(PICTURES) == first
    page.mouse.move(left, top)
    page.mouse.down()
    page.mouse.move(left + 60, top)
    turned = until_turned(page, first)
    page.mouse.move(left + 60, top + 40)
    tilted = until_turned(page, turned)
    page.mouse.up()
    page.mouse.move(left, top)
    page.js("new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))")
    assert page.js(PICTURES) == tilted


def test_a_finger_turns_it(open_maps, browser):
    page = open_maps(MAPS, "phone", hasTouch=True, isMobile=True)
    first = page.js(PICTURES)
    page.locator(".surface").first().scrollIntoViewIfNeeded()
    left, top = page.js("(({ left, top, width, height }) => [left + width / 2, top + height / 2])(document.querySelector('.surface canvas').getBoundingClientRect())")
    browser.run(page.context, [["newCDPSession", {"$object": page.name}]], "touch")
    for kind, moved in (("touchStart", 0), ("touchMove", 20), ("touchMove", 60)):
        browser.run("touch", [["send", "Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": left + moved, "y": top}]}]])
    turned = until_turned(page, first)
    browser.run("touch", [["send", "Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [{"x": left + 60, "y": top - 50}]}]])
    until_turned(page, turned)
    browser.run("touch", [["send", "Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []}]])


def test_a_finger_that_goes_up_scrolls_the_page(open_maps, browser):
    """As it does beside the surface, which stays as it is."""
    page = open_maps(MAPS, "phone", hasTouch=True, isMobile=True)
    first = page.js(PICTURES)
    page.locator(".surface").first().scrollIntoViewIfNeeded()
    before = page.js("scrollY")
    left, top = page.js("(({ left, top, width, height }) => [left + width / 2, top + height / 2])(document.querySelector('.surface canvas').getBoundingClientRect())")
    browser.run(page.context, [["newCDPSession", {"$object": page.name}]], "touch")
    for kind, moved in (("touchStart", 0), *(("touchMove", 20 * step) for step in range(1, 8))):
        browser.run("touch", [["send", "Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": left, "y": top - moved}]}]])
    browser.run("touch", [["send", "Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []}]])
    page.until(f"scrollY > {before} + 50")
    assert page.js(PICTURES) == first


def test_buttons_turn_it(page):
    first = last = page.js(PICTURES)
    views = page.locator(".surface-views").first()
    for name in ("Turn left", "From higher up", "Turn right", "From lower down"):
        views.getByRole("button", {"name": name}).click()
        last = until_turned(page, last)
    page.until(f"JSON.stringify({PICTURES}) === {json.dumps(json.dumps(first, separators=(',', ':')))}")
    views.getByRole("button", {"name": "Turn left"}).click()
    until_turned(page, first)
    views.getByRole("button", {"name": "As at first"}).click()
    page.until(f"JSON.stringify({PICTURES}) === {json.dumps(json.dumps(first, separators=(',', ':')))}")


def test_the_newest_two_are_compared_and_what_changed(page):
    titles = page.js(TITLES)
    assert [title.split()[0] for title in titles] == ["Heights", "Before:", "What"], titles
    assert page.js(f"{CELLS}(0)") == shown_rows(MAPS[0]["heights"])
    assert page.js(f"{CELLS}(1)") == shown_rows(MAPS[1]["heights"])
    assert page.js(f"{CELLS}(2)") == shown_rows([[0] * SIDE] * (SIDE - 1) + [[0] * (SIDE - 1) + [0.3]])
    assert page.js(f"{FACTS}(0)") == ["0.620 mm", "-0.060 mm", "0.560 mm"]
    assert page.js(f"{FACTS}(2)") == ["0.300 mm", "0.000 mm", "0.300 mm"]
    assert violations(page) == []


def test_any_two_are_compared(page):
    page.locator(".bed-choices select").nth(1).selectOption({"index": 3})
    page.until(f"{CELLS}(1).at(0).at(-1) === '0.06'")
    assert page.js(f"{CELLS}(2)") == shown_rows([[0] * SIDE] * (SIDE - 1) + [[0] * (SIDE - 1) + [0.5]])
    page.locator(".bed-choices select").first().selectOption({"index": 1})
    page.until(f"{CELLS}(2).at(0).at(-1) === '0.20'")
    page.locator(".bed-choices select").nth(1).selectOption({"index": 0})
    page.until("document.querySelectorAll('.bed-map').length === 1")
    assert page.js(f"{CELLS}(0)") == shown_rows(MAPS[1]["heights"])


def test_a_place_that_is_not_known_stays_so(open_maps):
    page = open_maps([{"at": MAPS[0]["at"], "heights": raised(None)}, MAPS[1]])
    assert page.js(f"{CELLS}(0)[0].at(-1)") == "?" and page.js(f"{CELLS}(2)[0].at(-1)") == "?"
    assert page.js(f"{FACTS}(0)[2]") == "0.050 mm"


def test_low_is_blue_and_high_is_red(page):
    low, high = page.js("[[6, 0], [0, 6]].map(([row, column]) => getComputedStyle(document.querySelector('.bed-map').querySelectorAll('tbody tr')[row].querySelectorAll('td')[column]).backgroundColor.match(/\\d+/g).map(Number))")
    assert low[2] > low[0] and high[0] > high[2]
