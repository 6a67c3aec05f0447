# SPDX-License-Identifier: MIT
"""An E1: inks, the room for waste, accessory, plate and purifier, as it tells them; what it does, in words; and nothing of heaters and axes."""

import pytest

from axe import violations

LEFT = [9012, 8000, 7350, 1200, 0, 10000]  # hundredths of a percent: cyan, magenta, yellow, black, white, gloss
TANKS = "[...document.querySelectorAll('.tank')].map((one) => one.querySelector('.tank-what').innerText.replace(/\\s+/g, ' '))"
METERS = "[...document.querySelectorAll('.tank [role=meter]')].map((one) => [one.getAttribute('aria-label'), Number(one.getAttribute('aria-valuenow'))])"
PAIRS = "Object.fromEntries([...document.querySelectorAll('.pairs > div')].map((one) => [one.querySelector('dt').innerText, one.querySelector('dd').innerText]))"
NAMES = ["Cyan", "Magenta", "Yellow", "Black", "White", "Gloss"]


def ink(left):
    count = len(left)
    return {"commandType": 1100, "ink": {"count": count, "colorSort": list(range(count)), "leftInk": left, "distanceExpiration": [200, 1, None, 30, -3, 12], "expired": [0, 0, 0, 0, 1, 0]},
            "wasteInk": {"count": 1, "leftInk": [640], "distanceExpiration": 90, "expired": 0}}


@pytest.fixture(scope="module")
def shop(make_shop):
    return make_shop({"PAGEINK": ("Ink", "e1"), "PAGEIDLE": ("Idle", "m5")})


@pytest.fixture(scope="module")
def printer(shop):
    """Every word of which is told here."""
    printer = shop.script("PAGEINK", ink(LEFT))
    printer.publish({"commandType": 1153, "version": "1.0.2", "attType": 4})
    printer.publish({"commandType": 1118, "plateType": 3})
    printer.publish({"commandType": 1600, "mode": 1, "delay": 60})
    shop.gateway.await_get("/printers/PAGEINK", lambda told: told["online"] and told["ink"] and told["purifier"])
    yield printer
    printer.stop()


@pytest.fixture
def page(shop, printer, visit):
    page = visit(f"{shop.url}/p/PAGEINK")
    page.until(f"{TANKS}.length === 6 && Boolean(document.querySelector('.pairs'))")
    yield page
    assert page.faults() == []


def test_inks_are_as_it_told_them(page):
    assert page.js(METERS) == [list(one) for one in zip(NAMES, [left / 100 for left in LEFT])]
    assert page.js(TANKS) == ["Cyan 90% 200 days left", "Magenta 80% 1 day left", "Yellow 73%", "Black 12% 30 days left", "White 0% expired", "Gloss 100% 12 days left"]
    heights = page.js("[...document.querySelectorAll('.tank')].map((one) => { const [room, level] = ['.tank-room', '.tank-level'].map((part) => one.querySelector(part).getBoundingClientRect().height); return Math.round(100 * level / room); })")
    assert all(abs(height - left / 100) <= 4 for height, left in zip(heights, LEFT)), heights
    assert page.js("[...document.querySelectorAll('.tank.is-expired')].map((one) => one.querySelector('strong').innerText)") == ["White"]


def test_the_room_for_waste_is_shown(page):
    assert page.js("document.querySelector('.waste').innerText.replace(/\\s+/g, ' ')") == "Waste ink 6% of the room left · 90 days left"
    assert page.js("document.querySelector('.waste meter').value") == 6.4


def test_what_is_attached_is_named(page, printer):
    assert page.js(PAIRS) == {"Doing": "–", "Accessory": "rotary", "Plate": "rotary", "Version of the accessory": "1.0.2", "Air purifier": "Silent · mode 1"}
    assert violations(page) == []


def test_what_it_tells_is_shown_as_it_comes(page, printer, shop):
    printer.publish(ink([100, *LEFT[1:]]))
    page.until(f"{METERS}[0][1] === 1")
    printer.publish({"commandType": 1118, "plateType": 1})
    printer.publish({"commandType": 1600, "mode": 4, "delay": 60})
    page.until(f"{PAIRS}.Plate === 'none' && {PAIRS}['Air purifier'] === 'Automatic · mode 4'")
    printer.publish(ink(LEFT))
    page.until(f"{METERS}[0][1] === {LEFT[0] / 100}")


@pytest.mark.parametrize("language, cleaning", [("en", "Cleaning itself"), ("de", "Reinigt sich"), ("fr", "Se nettoie"), ("es", "Limpiándose"), ("zh", "自清洁中")])
def test_a_card_says_what_it_does_in_the_readers_language(shop, printer, visit, language, cleaning):
    printer.publish({"commandType": 1000, "status": {"state": 5, "step": 7}})
    shop.gateway.await_get("/printers/PAGEINK", lambda told: (told["activity"] or {}).get("name") == "cleaning itself")
    page = visit(shop.url, locale=language)
    page.until(f"document.querySelector('[data-serial=PAGEINK] .state')?.textContent === '{cleaning}'")
    assert page.js("document.querySelectorAll('[data-serial=PAGEINK] .ink').length") == 6
    printer.publish({"commandType": 1000, "status": {"state": 0, "step": 0}})
    shop.gateway.await_get("/printers/PAGEINK", lambda told: told["activity"]["name"] == "idle")


def test_nothing_is_offered_that_it_cannot_do(page, shop, visit):
    """It has no heaters to be cooled, no axes, no bed and no G-code."""
    assert page.locator(".tab").allInnerTexts() == ["Overview", "History", "Messages"]
    assert page.js("[...document.querySelectorAll('.panel h2')].map((one) => one.innerText)") == ["Job", "Inks", "Camera", "Attached"]
    fleet = visit(shop.url)
    fleet.getByRole("button", {"name": "More about Ink"}).click()
    fleet.until("document.querySelector('.menu-list:popover-open')")
    assert "Cool down" not in fleet.js("document.querySelector('.menu-list:popover-open').innerText")
    fleet.keyboard.press("Escape")
    fleet.getByRole("button", {"name": "Select", "exact": True}).click()
    fleet.getByRole("checkbox", {"name": "Select Ink"}).check()
    fleet.until("document.querySelector('.bulk p').textContent === '1 printer'")
    assert fleet.locator(".bulk").getByRole("button", {"name": "Cool down"}).isDisabled()
