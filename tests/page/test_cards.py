# SPDX-License-Identifier: MIT
"""What a card shows beside its state, in which order cards stand, and what is held, forced, said aloud and reached by keys."""

import pytest

from models import sliced
from past import remember, remember_heat
from process import until

JOB = "flagship_benchy_0.2mm_PLA_Anker_M5.gcode"  # that a simulated printer prints
ORDER = "[...document.querySelectorAll('.card')].map((card) => card.dataset.serial).join(' ')"
MINUTE_MS = 60000
WARM, TARGET = 14200, 22000  # hundredths of a degree, that nothing else shows


@pytest.fixture(scope="module")
def shop(make_shop):
    """Two print, one far and one near its end; one is scripted, one off."""
    shop = make_shop({"CARDB": ("Beta 10", "m5"), "CARDA": ("beta 9", "m5"), "CARDC": ("Ähre", "m5"), "CARDOFF": ("Zeta", "m5")})
    assert shop.gateway.ask("PUT", f"/files/{JOB}", sliced("stand"))[0] == 201
    remember(shop.folder / "state", [{"printer": "CARDB", "name": "Beta 10", "file": JOB, "path": JOB, "thumbnail": 0, "outcome": "finished", "hours_ago": 3}])
    heat = [(60 * ago, 200 + ago, 220, 50 + ago, 60) for ago in range(1, 9)]
    until(lambda: remember_heat(shop.folder / "state", "CARDB", heat) or len(shop.gateway.get("/printers/CARDB/temperatures?from=600s&step=10")["points"]) >= len(heat))
    shop.simulate("CARDB", "m5", "--scenario", "print", "--at", "30")
    shop.simulate("CARDA", "m5", "--scenario", "print", "--at", "60")
    shop.gateway.await_get("/printers", lambda printers: sum(printer["job"]["state"] == "printing" for printer in printers) == 2)
    shop.scripted = shop.script("CARDC", {"commandType": 1003, "currentTemp": WARM, "targetTemp": TARGET})
    yield shop
    shop.scripted.stop()


@pytest.fixture
def unset(shop):
    """A gateway that has no settings: what the test before set in a page is there where that page had the time to send it."""
    kept = shop.gateway.get("/session/page")
    assert shop.gateway.status("PATCH", "/session/page", dict.fromkeys(kept)) == (200, {})
    return shop


@pytest.fixture
def page(unset, visit):
    page = visit(unset.url)
    page.until("document.querySelectorAll('.card').length === 4")
    return page


def hold(page, button):
    button.hover()
    page.mouse.down()
    page.until("document.querySelector('.is-held')")


def state(shop, serial):
    return shop.gateway.get(f"/printers/{serial}")["job"]["state"]


# --- what is shown ---


def test_a_card_has_the_picture_of_its_job_and_curves(page):
    page.until("document.querySelector('[data-serial=CARDB] .card-picture')?.naturalWidth === 96")
    page.until("[...document.querySelectorAll('[data-serial=CARDB] .heaters .sparkline path')].filter((path) => path.getAttribute('d')?.length > 10).length === 2")
    page.getByRole("button", {"name": "Small cards"}).click()
    page.until("!document.querySelector('.card-picture, .sparkline')")


def test_what_is_old_says_how_old_it_is(unset, browser):
    page = browser.page()
    page.clock.install()
    page.open(unset.url)

    def is_shown():
        """It is off once a slow machine has taken half a minute."""
        unset.scripted.publish({"commandType": 1003, "currentTemp": WARM, "targetTemp": TARGET})
        return page.js("Boolean(document.querySelector('[data-serial=CARDC] .heaters')?.innerText.includes('142 → 220 °C'))")

    until(is_shown, lambda: (page.text(), page.faults(), unset.gateway.get("/printers/CARDC")))
    assert page.js("document.querySelector('[data-serial=CARDC] .card-age').textContent") == ""
    page.clock.runFor(3 * MINUTE_MS)
    page.until("document.querySelector('[data-serial=CARDC] .card-age').textContent === '3 min old'")
    page.end()


@pytest.mark.parametrize("locale, shape", [("en-US", r"^(\w+,? )?\d+:\d\d\s[AP]M$"), ("en-GB", r"^(\w+,? )?\d\d?:\d\d$"), ("de-DE", r"^(\w+\., )?\d\d?:\d\d$")])
def test_times_of_day_are_those_of_the_readers_place(unset, visit, locale, shape):
    page = visit(unset.url, locale=locale)
    page.until(f"/{shape}/u.test(document.querySelector('[data-serial=CARDB] .facts div:last-child dd')?.textContent)")


# --- their order ---


def test_cards_are_sorted(page, shop):
    for name, order in (("name", "CARDC CARDA CARDB CARDOFF"), ("progress", "CARDA CARDB CARDC CARDOFF"), ("finish", "CARDA CARDB CARDC CARDOFF")):
        page.getByRole("combobox").selectOption(name)
        page.until(f"{ORDER} === '{order}'")


# --- what is done ---


def test_what_is_held_is_done_and_what_is_let_go_is_not(page, shop):
    stop = page.locator("[data-serial=CARDB]").getByRole("button", {"name": "Stop"})
    hold(page, stop)
    page.mouse.move(1, 1)
    page.mouse.up()
    page.until("!document.querySelector('.is-held') && !document.querySelector('.is-asking')")
    asked = [one["command"] for one in shop.gateway.get("/printers/CARDB/commands")]
    assert "stop" not in asked and state(shop, "CARDB") == "printing"
    hold(page, stop)
    shop.gateway.await_get("/printers/CARDB/commands", lambda commands: [one["command"] for one in commands].count("stop") == 1)
    page.mouse.up()
    shop.gateway.await_get("/printers/CARDB", lambda printer: printer["job"]["state"] in ("stopped", "idle"))


def test_several_are_stopped_at_once(page, shop):
    """Those that have a job."""
    page.keyboard.press("s")
    for name in ("beta 9", "Ähre", "Zeta"):
        page.getByRole("checkbox", {"name": f"Select {name}"}).check()
    page.until("document.querySelector('.bulk p').textContent === '3 printers'")
    hold(page, page.locator(".bulk").getByRole("button", {"name": "Stop"}))
    shop.gateway.await_get("/printers/CARDA/commands", lambda commands: [one["command"] for one in commands].count("stop") == 1)
    page.mouse.up()
    shop.gateway.await_get("/printers/CARDA", lambda printer: printer["job"]["state"] in ("stopped", "idle"))
    assert shop.gateway.get("/printers/CARDC/commands") == [] and shop.gateway.get("/printers/CARDOFF/commands") == []


# --- who does not see, or uses keys ---


def test_temperatures_are_never_said_aloud(page, shop):
    shop.scripted.publish({"commandType": 1003, "currentTemp": WARM + 100, "targetTemp": TARGET})
    page.until("document.querySelector('[data-serial=CARDC] .heaters').innerText.includes('143 → 220 °C')")
    assert page.js("[...document.querySelectorAll('[aria-live]:not([aria-live=off]), [role=status], [role=alert], [role=log]')].filter((one) => /°|\\d%/.test(one.textContent) || one.closest('.heaters')).map((one) => one.outerHTML)") == []


KEY_AT_ONCE = """(async () => {
    for (const [path, key] of [['/queue', ''], ['/', 's']]) {
        history.pushState(null, '', path);
        dispatchEvent(new PopStateEvent('popstate'));
        for (let turn = 0; turn < 10; turn++) await null;
        document.body.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
    }
})()"""


def test_keys_work_before_a_view_is_drawn(page):
    page.js(KEY_AT_ONCE)
    page.until("document.querySelector('.bulk')")


def test_keys_lead_to_each_view_and_work_while_a_box_is_ticked(page):
    for keys, path in (("gu", "/files"), ("gq", "/queue"), ("gh", "/history"), ("gs", "/settings"), ("gf", "/")):
        for key in keys:
            page.keyboard.press(key)
        page.until(f"location.pathname === '{path}' && document.querySelector('h1') && !document.querySelector('.loading')")
    page.keyboard.press("s")
    page.getByRole("checkbox", {"name": "Select Zeta"}).press("Space")
    page.until("document.querySelector('.bulk p').textContent === '1 printer'")
    page.keyboard.press("?")
    page.until("location.search === '?dialog=keys' && document.querySelector('dialog')?.open")
    page.keyboard.press("Escape")
    page.until("!document.querySelector('dialog')")
    page.getByRole("searchbox").pressSequentially("s?")
    page.until("document.querySelector('#fleet-search').value === 's?' && !document.querySelector('dialog')")
