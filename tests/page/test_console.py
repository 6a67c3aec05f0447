# SPDX-License-Identifier: MIT
"""The console: replies that the printer cut are marked, what was sent comes back by arrows, and known commands are completed and explained."""

import pytest

from axe import violations

LINE = "document.querySelector('.console-input').value"
OFFERS = "[...document.querySelectorAll('[role=option]')].map((one) => one.innerText.replace(/\\s+/g, ' '))"
SENT = "[...document.querySelectorAll('.line-sent code')].map((one) => one.textContent)"
# Nor is it taken as drawn after half a second, as a tab is that nobody sees.
NEVER_DRAWN = "window.requestAnimationFrame = () => 0; const wait = window.setTimeout; window.setTimeout = (run, ms, ...words) => (ms >= 500 ? 0 : wait(run, ms, ...words));"
SETTLED = "document.querySelectorAll('.line').length === {count} && !document.querySelector('.line-running')"


@pytest.fixture(scope="module")
def shop(make_shop):
    shop = make_shop({"PAGEIDLE": ("Middle", "m5")})
    shop.simulate("PAGEIDLE", "m5")
    shop.gateway.await_get("/printers/PAGEIDLE", lambda printer: printer["nozzle"]["current_c"] is not None)
    return shop


@pytest.fixture
def page(shop, visit):
    """By a browser that has sent nothing yet."""
    page = visit(f"{shop.url}/p/PAGEIDLE/console")
    page.until("document.querySelector('.console-input')")
    yield page
    assert [fault for fault in page.faults() if "409 (Conflict)" not in fault] == []


def line(page):
    return page.getByRole("combobox", {"name": "A line of G-code"})


def send(page, *commands):
    for command in commands:
        count = page.js("document.querySelectorAll('.line').length")
        line(page).fill(command)
        line(page).press("Escape")
        line(page).press("Enter")
        page.until(SETTLED.format(count=count + 1))


# --- replies ---


def test_a_reply_that_the_printer_cut_is_marked(page, shop):
    send(page, "M503")
    told = shop.gateway.submit("PAGEIDLE", {"command": "gcode", "line": "M503"})[1]
    assert told["complete"] is False
    assert page.js("document.querySelector('.line-cut').innerText.trim()") == "The reply is incomplete: the printer cut it."
    assert page.js("document.querySelector('.line-text').textContent.length") > 100
    assert violations(page) == []


def test_one_that_is_whole_is_not(page):
    send(page, "M105")
    assert "T:" in page.js("document.querySelector('.line-text').textContent") and page.locator(".line-cut").count() == 0


def test_what_was_answered_is_there_after_another_view(page):
    send(page, "M115")
    page.locator(".tab").filter({"hasText": "Overview"}).click()
    page.until("document.querySelector('.chart canvas')")
    page.goBack()
    page.until(f"{SENT}.join() === 'M115'")
    page.getByRole("button", {"name": "Clear"}).click()
    page.until(f"{SENT}.length === 0")


# --- what was sent ---


def test_arrows_go_through_what_was_sent(page):
    send(page, "M105", "M114", "M105", "M115")
    for expected in ("M115", "M105", "M114", "M114"):
        line(page).press("ArrowUp")
        page.until(f"{LINE} === '{expected}'")
    for expected in ("M105", "M115"):
        line(page).press("ArrowDown")
        page.until(f"{LINE} === '{expected}'")
    assert page.js(f"{OFFERS}.length") == 0


def test_a_line_that_was_begun_is_not_lost_by_looking_back(page):
    send(page, "M105")
    line(page).fill("G1 X10 ")
    line(page).press("ArrowUp")
    page.until(f"{LINE} === 'M105'")
    line(page).press("ArrowDown")
    page.until(f"{LINE} === 'G1 X10 '")


def test_what_was_sent_is_there_after_a_reload(page):
    send(page, "M105", "M114")
    page.reload()
    page.until("document.querySelector('.console-input')")
    for expected in ("M114", "M105"):
        line(page).press("ArrowUp")
        page.until(f"{LINE} === '{expected}'")
    line(page).press("Enter")
    page.until(f"{SENT}.join() === 'M105'")


def test_it_is_there_before_the_page_was_drawn(page):
    """What is sent at once is kept beside it. A busy machine draws late."""
    send(page, "M105")
    page.addInitScript(NEVER_DRAWN)
    page.reload()
    page.until("document.querySelector('.console-input')")
    line(page).press("ArrowUp")
    page.until(f"{LINE} === 'M105'")
    line(page).fill("M114")
    line(page).press("Escape")
    line(page).press("Enter")
    page.until("localStorage.getItem('flagship.gcode_history') === '[\"M105\",\"M114\"]'")


# --- what is known ---


def test_known_commands_are_offered_with_what_they_do(page):
    line(page).pressSequentially("m10")
    page.until(f"{OFFERS}.length === 5")
    assert page.js(OFFERS) == ["M104 Nozzle temperature", "M105 Tell temperatures", "M106 Fan on", "M107 Fan off", "M109 Nozzle temperature, and wait"]
    assert page.js("document.querySelector('.console-input').getAttribute('aria-expanded')") == "true"
    for at in (0, 1):
        line(page).press("ArrowDown")
        page.until(f"document.querySelectorAll('[role=option]')[{at}].getAttribute('aria-selected') === 'true' && document.activeElement.getAttribute('aria-activedescendant') === document.querySelectorAll('[role=option]')[{at}].id")
    assert violations(page) == []
    line(page).press("Escape")
    page.until(f"{OFFERS}.length === 0 && {LINE} === 'm10'")


@pytest.mark.parametrize("way", ["Tab", "Enter", "pointer"])
def test_one_is_taken(page, way):
    line(page).pressSequentially("g2")
    page.until(f"{OFFERS}.map((one) => one.split(' ')[0]).join() === 'G28,G29'")
    if way == "pointer":
        page.locator("[role=option]").nth(1).click()
    else:
        line(page).press("ArrowDown")
        line(page).press("ArrowDown")
        line(page).press(way)
    page.until(f"{LINE} === 'G29 ' && {OFFERS}.length === 0 && document.activeElement === document.querySelector('.console-input')")
    assert page.js("document.querySelector('.console-hint').textContent.startsWith('G29 ')") and page.js(f"{SENT}.length") == 0


@pytest.mark.parametrize("language", ["de", "fr", "es", "zh"])
def test_they_are_explained_in_the_readers_language(shop, visit, language):
    page = visit(f"{shop.url}/p/PAGEIDLE/console", locale=language)
    page.until("document.querySelector('.console-input')")
    page.locator(".console-input").pressSequentially("m105")
    page.until(f"{OFFERS}.length === 1")
    assert page.js(f"{OFFERS}[0].startsWith('M105 ') && {OFFERS}[0].length > 'M105 '.length && !{OFFERS}[0].includes('temperatures')")
