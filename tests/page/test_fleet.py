# SPDX-License-Identifier: MIT
"""All printers, and one of them: what is shown, and what can be done."""

import pathlib
import re
import signal

import pytest

from process import until

ROOT = pathlib.Path(__file__).resolve().parents[2]
DEAD_MS = 10000  # what web/live.js waits for a word
GONE_MS = 2000


@pytest.fixture(scope="module")
def page(shop, open_page):
    page = open_page(shop.url)
    page.until("document.querySelectorAll('.card').length === 3")
    yield page
    assert page.faults() == []


def card(page, serial):
    return page.locator(f".card[data-serial={serial}]")


def test_a_card_says_how_its_printer_is(page, shop):
    told = shop.gateway.get("/printers/PAGELEFT")
    text = card(page, "PAGELEFT").innerText()
    assert "Left" in text and "Printing" in text and told["job"]["name"] in text and f"/ {told['job']['layers']}" in text
    page.until(f"document.querySelector('[data-serial=PAGELEFT] .ring-text').textContent >= '{int(told['job']['progress_percent'])}'")
    assert "Ready" in card(page, "PAGEMIDDLE").innerText() and "Off" in card(page, "PAGEOFF").innerText()


def test_who_is_off_leads_to_what_finds_out_why(page, shop, visit):
    off = card(page, "PAGEOFF")
    assert "Nothing is heard from it." in off.innerText() and "Find out why" not in card(page, "PAGEMIDDLE").innerText()
    off.getByRole("link", {"name": "Find out why"}).click()
    page.until("location.pathname === '/doctor/PAGEOFF'")
    page.goBack()
    page.until("document.querySelectorAll('.card').length === 3")
    alone = visit(f"{shop.url}/p/PAGEOFF")
    alone.getByRole("link", {"name": "Find out why"}).click()
    alone.until("location.pathname === '/doctor/PAGEOFF'")


def test_a_command_shows_what_came_of_it_where_it_was_given(page, shop):
    card(page, "PAGELEFT").getByRole("button", {"name": "Pause"}).click()
    page.until("document.querySelector('[data-serial=PAGELEFT] .outcome-confirmed')?.textContent.includes('Pause: done')")
    assert shop.gateway.get("/printers/PAGELEFT")["job"]["state"] == "paused"
    card(page, "PAGELEFT").getByRole("button", {"name": "Resume"}).click()
    page.until("document.querySelector('[data-serial=PAGELEFT] .state').textContent === 'Printing'")
    page.getByRole("button", {"name": "Activity"}).click()
    page.until("document.querySelectorAll('.activity li').length === 2")
    page.keyboard.press("Escape")
    page.until("!document.querySelector('dialog')")


def test_what_cannot_be_undone_wants_more_than_a_click(page, shop):
    stop = card(page, "PAGELEFT").getByRole("button", {"name": "Stop"})
    stop.click()
    page.until("document.querySelector('[data-serial=PAGELEFT] .is-asking')")
    assert shop.gateway.get("/printers/PAGELEFT/commands")[0]["command"] != "stop"
    page.until("!document.querySelector('[data-serial=PAGELEFT] .is-asking')")


def test_the_tab_tells_how_far_it_is(page):
    page.until("/^\\d+% · .* · Left$/.test(document.title)")
    page.until("document.querySelector('link[rel=icon]').href.startsWith('data:image/svg+xml')")


def test_a_printer_has_an_address_and_back_works(page, shop):
    page.getByRole("link", {"name": "Left"}).click()
    page.until("location.pathname === '/p/PAGELEFT' && document.querySelector('h1')?.textContent === 'Left'")
    page.goBack()
    page.until("location.pathname === '/' && document.querySelectorAll('.card').length === 3")


def test_keys_have_a_map(page):
    page.keyboard.press("?")
    page.until("location.search === '?dialog=keys' && document.querySelector('dialog')?.open")
    page.goBack()
    page.until("!document.querySelector('dialog')")
    page.keyboard.press("/")
    page.until("document.activeElement.id === 'fleet-search'")


def test_search_and_filter(page):
    page.getByRole("searchbox").fill("midd")
    page.until("document.querySelectorAll('.card').length === 1")
    page.getByRole("searchbox").fill("")
    page.getByRole("button", {"name": "Off 1"}).click()
    page.until("document.querySelectorAll('.card').length === 1 && document.querySelector('.card').dataset.serial === 'PAGEOFF'")
    page.getByRole("button", {"name": "All 3"}).click()
    page.until("document.querySelectorAll('.card').length === 3")


def test_silence_is_shown_after_two_seconds_at_most():
    """By the page's own clock: a busy machine may take longer to draw it."""
    (silence,) = re.findall(r"^const SILENCE_MS = (\d+);", (ROOT / "web" / "live.js").read_text(), re.M)
    assert int(silence) <= GONE_MS


def test_silence_is_shown_and_ends_by_itself(page, shop):
    page.until("!document.querySelector('.is-stale')")
    page.js("window.loadedOnce = true")
    shop.gateway.signal(signal.SIGSTOP)
    try:
        page.until("document.querySelector('.is-stale') && document.querySelector('.connection')")
    finally:
        shop.gateway.signal(signal.SIGCONT)
    page.until("!document.querySelector('.is-stale')")
    assert page.js("window.loadedOnce") is True


def test_a_socket_that_opens_slowly_is_waited_for(shop, visit):
    """As long as one that says nothing is: where each takes some seconds to open, the next one would be given up like the last."""
    page = visit("about:blank")
    page.clock.install()
    page.open(shop.url)
    page.until("document.querySelector('.card') && !document.querySelector('.is-stale')")
    until(lambda: page.notes("socket"), page.text)
    before = len(page.notes("socket"))
    shop.gateway.signal(signal.SIGSTOP)
    try:
        page.clock.runFor(4 * DEAD_MS)
        page.until("document.querySelector('.is-stale')")
    finally:
        shop.gateway.signal(signal.SIGCONT)
    assert 2 <= len(page.notes("socket")) - before <= 4
