# SPDX-License-Identifier: MIT
"""What changes elsewhere is shown without a load: by another browser, by another program, and while the gateway was away."""

import re

import pytest

from one_printer import button, panel, show  # noqa: F401: a fixture
from program import DONE

NEW = "Ünser <b>neuer</b> 3"


@pytest.fixture(scope="module")
def shop(make_shop):
    shop = make_shop({"PAGEJOB": ("Left", "m5"), "PAGEIDLE": ("Middle", "m5")})
    shop.simulate("PAGEJOB", "m5", "--scenario", "print", "--at", "10")
    shop.idle = shop.simulate("PAGEIDLE", "m5", "-v")
    shop.gateway.await_get("/printers/PAGEJOB", lambda printer: printer["job"]["state"] == "printing")
    shop.gateway.await_get("/printers/PAGEIDLE", lambda printer: printer["nozzle"]["current_c"] is not None)
    return shop


def taken(shop, pattern, count):
    """What the printer took of that kind, once it is so many."""
    shop.idle.await_lines(lambda lines: len(re.findall(pattern, "\n".join(lines))) == count)
    return re.findall(pattern, shop.idle.log)


def test_a_new_name_is_shown_in_each_browser(shop, visit):
    fleet, alone = visit(shop.url, "phone"), visit(f"{shop.url}/p/PAGEIDLE")
    fleet.until("document.querySelector('[data-serial=PAGEIDLE] h3').textContent === 'Middle'")
    alone.until("document.querySelector('h1').textContent === 'Middle' && document.title.includes('Middle')")
    for page in (fleet, alone):
        page.js("window.loadedOnce = true")
    renamed = shop.home.run("rename", NEW, "-p", "PAGEIDLE")
    assert renamed.returncode == DONE, renamed.stderr
    fleet.until(f"document.querySelector('[data-serial=PAGEIDLE] h3').textContent === '{NEW}'")
    alone.until(f"document.querySelector('h1').textContent === '{NEW}' && document.title.includes('{NEW}')")
    for page in (fleet, alone):
        assert page.js("window.loadedOnce") is True and page.faults() == []


def named(page, name):
    page.until(f"document.querySelector('[data-serial=PAGEIDLE] h3')?.textContent === '{name}'")


def test_a_printer_is_renamed_on_its_card_and_shown_so_in_each_browser(shop, visit):
    mine, other = visit(shop.url), visit(f"{shop.url}/p/PAGEIDLE", "phone")
    mine.until("document.querySelector('[data-serial=PAGEIDLE] .card-menu')")
    mine.js("document.querySelector('[data-serial=PAGEIDLE] .card-menu').focus()")
    mine.keyboard.press("Enter")
    mine.until("document.querySelector('[data-serial=PAGEIDLE] [role=menuitem]')")
    mine.getByRole("menuitem", {"name": "Rename"}).press("Enter")
    mine.until("document.activeElement.matches('dialog input') && document.querySelector('dialog').open")
    field = mine.locator("dialog input")
    field.fill("ü" * 33)
    mine.until("document.querySelector('dialog .fault').textContent.includes('too long') && document.querySelector('dialog .button-main').disabled")
    field.fill("Attic <i>9")
    field.press("Enter")
    mine.until("!document.querySelector('dialog') && document.querySelector('[data-serial=PAGEIDLE] .outcome-accepted')?.textContent.includes('Rename')")
    named(mine, "Attic <i>9")
    other.until("document.querySelector('h1').textContent === 'Attic <i>9'")
    assert shop.gateway.get("/printers/PAGEIDLE")["name"] == "Attic <i>9"
    assert mine.faults() == [] and other.faults() == []


def test_a_printer_is_renamed_in_its_own_view(shop, visit):
    page = visit(f"{shop.url}/p/PAGEIDLE", "phone")
    page.until("document.querySelector('.printer-head h1')")
    page.getByRole("button", {"name": "Rename", "exact": True}).click()
    page.until("document.activeElement.matches('dialog input') && document.querySelector('dialog').open")
    page.locator("dialog input").fill("Cellar & <i>")
    page.locator("dialog input").press("Enter")
    page.until("!document.querySelector('dialog') && document.querySelector('.printer-head .outcome-accepted')?.textContent.includes('Rename')")
    page.until("document.querySelector('.printer-head h1').textContent === 'Cellar & <i>'")
    assert shop.gateway.get("/printers/PAGEIDLE")["name"] == "Cellar & <i>" and page.faults() == []


def test_a_name_that_is_not_kept_is_told_where_it_was_given(shop, visit):
    page = visit(f"{shop.url}/?dialog=rename:PAGEIDLE")
    page.until("document.querySelector('dialog input')")
    kept = shop.home.store.read_text(encoding="utf-8")
    shop.home.store.unlink()
    shop.home.store.mkdir()
    try:
        page.locator("dialog input").fill("Fleeting")
        page.locator("dialog input").press("Enter")
        page.until("!document.querySelector('dialog') && document.querySelector('[data-serial=PAGEIDLE] .outcome-warned')")
        told = page.js("document.querySelector('[data-serial=PAGEIDLE] .outcome-text').innerText")
        assert "The printer has its new name, but here it is lost once the gateway ends: " in told and "rename it again" in told, told
    finally:
        shop.home.store.rmdir()
        shop.home.store.write_text(kept, encoding="utf-8")
        shop.home.store.chmod(0o600)
    assert page.faults() == []


def test_a_name_that_is_refused_is_told_in_the_dialog(shop, visit):
    page = visit(f"{shop.url}/settings/accounts")
    page.getByText("Show 2 printers").click()
    page.getByRole("button", {"name": "Rename Left"}).click()
    page.until("document.querySelector('dialog')?.open")
    page.locator("dialog input").fill("a\u202eb")
    page.locator("dialog input").press("Enter")
    page.until("document.querySelector('dialog .outcome-refused')?.textContent.includes('commands terminals')")
    page.locator("dialog input").fill("Right")
    page.locator("dialog input").press("Enter")
    page.until("!document.querySelector('dialog') && document.querySelector('.singles .outcome-accepted')?.textContent.includes('Rename')")
    assert shop.gateway.get("/printers/PAGEJOB")["name"] == "Right"


def test_steps_are_how_far_it_moves_and_feeds(show, shop):
    page = show("PAGEIDLE")
    motion = panel(page, "Motion")
    button(motion, "Home all axes").click()
    page.until("document.querySelector('.motion .outcome') && !document.querySelector('.motion .outcome-running')")
    for step in ("0.1", "1", "10", "50"):
        motion.getByText(f"{step} mm", {"exact": True}).click()
        button(motion, "X+").click()
        button(motion, "Z+").click()
    # Along Z a step is ten millimetres at most.
    assert taken(shop, r'"cmdData":"G1 ([XZ][\d.]+) ', 8) == ["X0.100", "Z0.100", "X1.000", "Z1.000", "X10.000", "Z10.000", "X50.000", "Z10.000"]


def test_lengths_are_how_much_it_feeds(show, shop):
    page = show("PAGEIDLE")
    filament = panel(page, "Filament")
    page.until("document.querySelectorAll('.row-even .button:disabled').length === 2")  # as the gateway has said
    button(filament, "PLA").click()
    page.until("document.querySelectorAll('.row-even .button:enabled').length === 2")
    for length in ("5", "25", "50", "100"):
        filament.getByText(f"{length} mm", {"exact": True}).click()
        button(filament, "Feed in").click()
        button(filament, "Pull out").click()
    assert taken(shop, r'"cmdData":"G1 E([-\d.]+) ', 8) == [f"{sign}{length}.000" for length in (5, 25, 50, 100) for sign in ("", "-")]


def test_what_changed_while_the_gateway_was_away_is_shown(shop, visit):
    fleet, alone = visit(shop.url), visit(f"{shop.url}/p/PAGEJOB")
    fleet.until("document.querySelector('[data-serial=PAGEJOB] .state').textContent === 'Printing'")
    alone.until("document.querySelector('.panel')")
    for page in (fleet, alone):
        page.js("window.loadedOnce = true")
    shop.go_away()
    for page in (fleet, alone):
        page.until("document.querySelector('.is-stale')")
    paused = shop.home.run("pause", "-p", "PAGEJOB")
    assert paused.returncode == DONE, paused.stderr
    shop.idle.stop()
    shop.come_back()
    fleet.until("!document.querySelector('.is-stale') && document.querySelector('[data-serial=PAGEJOB] .state').textContent === 'Paused'")
    fleet.until("document.querySelector('[data-serial=PAGEIDLE] .state').textContent === 'Off'")
    alone.until("!document.querySelector('.is-stale') && [...document.querySelectorAll('button')].some((one) => one.textContent === 'Resume')")
    for page in (fleet, alone):
        assert page.js("window.loadedOnce") is True
        assert [fault for fault in page.faults() if "ERR_CONNECTION_RE" not in fault and "WebSocket connection" not in fault] == []


FAULT = "[...document.querySelectorAll('.notice, .fault')].some((one) => one.textContent === 'The gateway does not answer.')"


def test_what_was_asked_in_vain_is_there_when_the_gateway_is_back(shop, visit):
    """Also what of the page itself is loaded when it is wanted: the chart's lines."""
    pages = [visit(shop.url) for _ in range(4)]
    for page in pages:
        page.until("document.querySelector('.card')")
        page.waitForLoadState("networkidle")
    shop.go_away()
    for page, place in zip(pages, ("/p/PAGEJOB", "/history", "/files", "/settings/users")):
        page.js(f"history.pushState(null, '', '{place}'); dispatchEvent(new PopStateEvent('popstate'))")
    chart, *rest = pages
    chart.until("document.querySelector('.chart-panel') && document.querySelector('.is-stale')")
    for page in rest:
        page.until(FAULT)
    shop.come_back()
    chart.until("document.querySelector('.chart canvas')")
    for page in rest:
        page.until(f"!document.querySelector('.is-stale') && !{FAULT}")
    for page in pages:
        assert [fault for fault in page.faults() if "ERR_CONNECTION_RE" not in fault and "WebSocket connection" not in fault] == []
