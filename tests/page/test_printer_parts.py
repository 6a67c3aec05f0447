# SPDX-License-Identifier: MIT
"""The parts of one printer's view that show: the chart, the bed, the console, its files and messages; and who sees them."""

import json

import pytest

from axe import violations
from conftest import Shop
from one_printer import PIXELS, button, done, is_now, panel, show  # noqa: F401: a fixture


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    """One is ready, one an E1, and one levels quickly."""
    running = Shop(tmp_path_factory.mktemp("parts"))
    try:
        running.open({"PAGEIDLE": ("Middle", "m5"), "PAGEINK": ("Ink", "e1"), "PAGEQUICK": ("Quick", "m5")})
        running.simulate("PAGEIDLE", "m5")
        running.simulate("PAGEINK", "e1")
        running.simulate("PAGEQUICK", "m5", "--speed", "40")
        running.gateway.await_get("/printers/PAGEIDLE", lambda printer: printer["nozzle"]["current_c"] is not None)
        running.gateway.await_get("/printers/PAGEINK", lambda printer: printer["ink"])
        yield running
    finally:
        running.close()


def show_login(shop, show, name):
    page = show("PAGEIDLE", panel=False)
    page.getByRole("textbox", {"name": "Name"}).fill(name)
    page.getByLabel("Password").fill("a good password")
    button(page, "Log in").click()
    page.until("document.querySelector('.panel')")
    page.reload()
    page.until("document.querySelector('.chart canvas')")
    return page


# --- the chart ---


def test_the_chart_grows_and_is_a_table_too(show):
    page = show("PAGEIDLE")
    page.until("document.querySelector('.chart canvas')")
    page.getByText("As a table").click()
    page.until("document.querySelectorAll('.more tbody tr').length > 0")
    assert "°C" in page.locator(".more tbody tr").first().innerText()


def test_what_the_chart_shows_is_in_its_address(show):
    page = show("PAGEIDLE")
    button(panel(page, "Temperature over time"), "1 day").click()
    page.until("new URLSearchParams(location.search).get('span') === '86400'")
    page.locator(".chart").press("+")
    page.until("new URLSearchParams(location.search).get('span') === '43200'")
    page.locator(".chart").press("ArrowLeft")
    page.until("new URLSearchParams(location.search).has('until')")
    button(panel(page, "Temperature over time"), "Now").click()
    page.until("!new URLSearchParams(location.search).has('until')")


def test_what_is_dragged_over_fills_the_chart(show):
    page = show("PAGEIDLE")
    button(panel(page, "Temperature over time"), "1 day").click()
    page.until("new URLSearchParams(location.search).get('span') === '86400' && document.querySelector('.chart .u-over')?.clientWidth > 100")
    page.locator(".chart").scrollIntoViewIfNeeded()
    left, top, width = page.js("(({ left, top, width, height }) => [left, top + height / 2, width])(document.querySelector('.chart .u-over').getBoundingClientRect())")
    page.mouse.move(left + width / 4, top)
    page.mouse.down()
    page.mouse.move(left + width / 2, top)
    page.mouse.move(left + width * 3 / 4, top)
    page.mouse.up()
    page.until("new URLSearchParams(location.search).has('until')")
    span, before = page.js("((query) => [Number(query.get('span')), Date.now() / 1000 - Number(query.get('until'))])(new URLSearchParams(location.search))")
    assert abs(span - 43200) < 1800 and abs(before - 21600) < 1800
    page.js("document.querySelector('.chart .u-over').dispatchEvent(new MouseEvent('dblclick', { bubbles: true }))")
    page.until("!new URLSearchParams(location.search).has('until')")


COLOURED = f"""(() => {{ const data = {PIXELS}(0, 0);
    for (let at = 0; at < data.length; at += 4) {{ if (data[at + 3] === 255 && data[at] !== data[at + 2]) return true; }} return false; }})()"""


def test_the_chart_is_drawn_in_more_than_one_of_the_systems_colours(show):
    page = show("PAGEIDLE", forcedColors="active")
    page.until(f"document.querySelector('.chart canvas') && {COLOURED}")
    lines = page.js("['nozzle', 'bed'].map((part) => getComputedStyle(document.querySelector(`.legend-${part}`), '::before').backgroundColor)")
    assert len(set(lines)) == 2 and "rgba(0, 0, 0, 0)" not in lines


# --- bed, console, files, messages ---


def test_the_bed_is_read_and_turned(show):
    page = show("PAGEIDLE/level")
    button(panel(page, "Level of the bed"), "Read the heights").click()
    done(page, "Read the heights")
    page.until("document.querySelectorAll('.bed-table td').length === 49 && !document.querySelector('.bed-table .is-unknown')")
    before = page.js("document.querySelector('.surface canvas').toDataURL()")
    page.locator(".surface").press("ArrowRight")
    page.until(f"document.querySelector('.surface canvas').toDataURL() !== {json.dumps(before)}")


def test_the_bed_is_read_by_itself_after_it_was_levelled(shop, show):
    """Levelling takes minutes: heating first, then fifty places."""
    page = show("PAGEQUICK/level")
    button(panel(page, "Level of the bed"), "Level the bed").click()
    page.until("document.querySelector('.bed-map')")
    page.until("document.querySelectorAll('.bed-map').length === 3")
    asked = [one["command"] for one in shop.gateway.get("/printers/PAGEQUICK/commands")]
    assert asked.count("level") == 1
    assert violations(page) == []


def test_the_console_completes_remembers_and_shows_replies(show):
    page = show("PAGEIDLE/console")
    line = page.getByRole("combobox", {"name": "A line of G-code"})
    line.pressSequentially("m11")
    page.until("document.querySelectorAll('[role=option]').length === 3")
    line.press("ArrowDown")
    line.press("ArrowDown")
    line.press("Enter")
    page.until("document.querySelector('.console-input').value === 'M115 '")
    assert "firmware" in page.locator(".console-hint").innerText()
    line.press("Enter")
    page.until("document.querySelector('.line-text')?.textContent.includes('FIRMWARE_NAME')")
    line.press("ArrowUp")
    page.until("document.querySelector('.console-input').value === 'M115'")
    line.fill("M112")
    line.press("Enter")
    page.until("document.querySelector('.line-refused')?.textContent.includes('Do it anyway')")


def test_files_are_listed_and_started_and_deleted(show, shop):
    page = show("PAGEIDLE/files")
    files = panel(page, "Files on the printer")
    button(files, "Ask the printer").click()
    page.until("document.querySelectorAll('.row-item').length === 2")
    gone = page.locator(".row-item").filter({"hasText": "vase"})
    for _ in range(2):
        gone.getByRole("button", {"name": "Delete", "exact": False}).press("Enter")
    page.until("document.querySelectorAll('.row-item').length === 1")
    for _ in range(2):
        page.locator(".row-item").getByRole("button", {"name": "Print", "exact": False}).press("Enter")
    is_now(shop, "PAGEIDLE", lambda printer: printer["job"]["state"] in ("preparing", "heating", "printing", "levelling"))


def test_messages_come_with_what_they_mean(show):
    page = show("PAGEINK/messages")
    page.until("document.querySelectorAll('.message').length > 1")
    button(panel(page, "Messages of the printer"), "Hold").click()
    page.locator(".message-head").first().click()
    page.until("document.querySelector('.members')?.textContent.includes('commandType')")
    kinds = page.locator(".messages-filter option").allTextContents()
    assert len(kinds) > 1 and kinds[0].startswith("All")


def test_an_e1_has_inks_and_no_axes(show):
    page = show("PAGEINK")
    page.until("document.querySelectorAll('[role=meter]').length === 6")
    assert "cyan" in page.text().lower() and "Motion" not in page.text() and page.locator(".tab").allInnerTexts() == ["Overview", "History", "Messages"]


def test_an_e1_tells_in_the_readers_language(show):
    page = show("PAGEINK", locale="de")
    page.until("document.querySelector('.pairs')?.innerText.includes('Drehvorrichtung')")
    assert "nichts" in page.locator(".pairs").innerText() and "idle" not in page.text()


def test_what_a_printer_replies_is_text(show):
    """Whatever is sent and comes back."""
    page = show("PAGEIDLE/console")
    line = page.getByRole("combobox", {"name": "A line of G-code"})
    line.fill("M118 <img src=x onerror=alert(1)>")
    line.press("Enter")
    page.until("document.querySelector('.line') && !document.querySelector('.line-running')")
    assert page.js("document.querySelector('.line-sent code').textContent") == "M118 <img src=x onerror=alert(1)>"
    assert page.js("document.querySelectorAll('.console-log img').length") == 0


def test_a_viewer_sees_and_does_nothing(shop, show):
    """The last of all: from here on the gateway wants a login."""
    assert shop.gateway.ask("POST", "/users", {"name": "ann", "role": "admin", "password": "a good password"})[0] == 201
    page = show_login(shop, show, "ann")
    assert page.js("document.querySelectorAll('.tab').length") == 6
    assert page.js("fetch('/api/v1/users', {method: 'POST', headers: {'Content-Type': 'application/json', 'X-CSRF-Token': JSON.parse(document.getElementById('start').textContent).session.csrf}, body: JSON.stringify({name: 'bob', role: 'viewer', password: 'a good password'})}).then((answer) => answer.status)") == 201
    page = show_login(shop, show, "bob")
    assert page.locator(".tab").allInnerTexts() == ["Overview", "History"] and page.locator(".halt").count() == 0
    assert button(page, "Rename").count() == 0
    assert page.js("document.querySelectorAll('.panel :is(.job-actions, .preset, .pad-key, input[type=range], .heat-form input)').length") == 0
