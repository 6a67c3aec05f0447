# SPDX-License-Identifier: MIT
"""Several printers are cooled at once: those that can be, and each says what came of it."""

import pytest

HEATED = {"PAGEWARM": (200, 60), "PAGEHOT": (150, 45)}
PICKED = ["Warm", "Hot", "Busy", "Ink", "Off"]
OUTCOMES = "Object.fromEntries([...document.querySelectorAll('.card')].map((card) => [card.dataset.serial, card.querySelector('.outcome')?.innerText.replace(/\\s+/g, ' ').trim() ?? '']))"
TARGETS = "((serial) => [...document.querySelectorAll(`[data-serial=${serial}] .heaters dd`)].map((one) => one.innerText.replace(/\\s+/g, ' ')))"


@pytest.fixture(scope="module")
def shop(make_shop):
    """Two are heated, one prints, one has no heaters, one is off."""
    shop = make_shop({"PAGEWARM": ("Warm", "m5"), "PAGEHOT": ("Hot", "m5c"), "PAGEBUSY": ("Busy", "m5"), "PAGEINK": ("Ink", "e1"), "PAGEOFF": ("Off", "m5")})
    shop.simulate("PAGEWARM", "m5")
    shop.simulate("PAGEHOT", "m5c")
    shop.simulate("PAGEINK", "e1")
    shop.simulate("PAGEBUSY", "m5", "--scenario", "print", "--at", "30")
    shop.gateway.await_get("/printers/PAGEBUSY", lambda printer: printer["job"]["state"] == "printing")
    shop.gateway.await_get("/printers", lambda printers: sum(printer["online"] for printer in printers) == 4)
    return shop


@pytest.fixture
def page(shop, visit):
    """Of printers that are heated, and all of them selected."""
    for serial, (nozzle, bed) in HEATED.items():
        for part, target in (("nozzle", nozzle), ("bed", bed)):
            assert shop.gateway.submit(serial, {"command": part, "target_c": target})[0] == 200
        shop.gateway.await_get(f"/printers/{serial}", lambda printer, targets=(nozzle, bed): (printer["nozzle"]["target_c"], printer["bed"]["target_c"]) == targets)
    page = visit(shop.url)
    page.until("document.querySelectorAll('.card').length === 5")
    page.getByRole("button", {"name": "Select", "exact": True}).click()
    for name in PICKED:
        page.getByRole("checkbox", {"name": f"Select {name}"}).check()
    page.until("document.querySelector('.bulk p').textContent === '5 printers'")
    return page


def cool(page):
    page.locator(".bulk").getByRole("button", {"name": "Cool down"}).click()


def is_cold(printer):
    return (printer["nozzle"]["target_c"], printer["bed"]["target_c"]) == (0, 0)


def test_several_are_cooled_and_each_says_what_came_of_it(page, shop):
    for serial, (nozzle, bed) in HEATED.items():
        page.until(f"{TARGETS}('{serial}').every((text, at) => text.endsWith(`→ ${{[{nozzle}, {bed}][at]}} °C`))")
    # What is done is shown for some seconds: it is kept as it comes.
    page.js(f"window.told = {{}}; new MutationObserver(() => Object.entries({OUTCOMES}).forEach(([serial, text]) => {{ window.told[serial] = text || window.told[serial]; }})).observe(document.body, {{ childList: true, subtree: true, characterData: true }}); 0")
    cool(page)
    page.until("['PAGEWARM', 'PAGEHOT'].every((serial) => window.told[serial]?.includes('Cool down: done'))")
    page.until("window.told.PAGEBUSY?.includes('Cool down: refused') && document.querySelector('[data-serial=PAGEBUSY] .outcome button')?.innerText === 'Do it anyway'")
    assert page.js("[window.told.PAGEINK ?? '', window.told.PAGEOFF ?? '']") == ["", ""]
    for serial in HEATED:
        assert is_cold(shop.gateway.get(f"/printers/{serial}"))
        page.until(f"{TARGETS}('{serial}').every((text) => !text.includes('→'))")
    assert shop.gateway.get("/printers/PAGEBUSY")["nozzle"]["target_c"] > 0
    page.getByRole("button", {"name": "Activity"}).click()
    page.until("document.querySelectorAll('.activity > li').length === 3")
    assert page.js("[...document.querySelectorAll('.activity > li .outcome')].filter((one) => one.innerText.includes('Cool down: done')).length") == 2


def test_they_are_asked_once_each(page, shop):
    def count(serial):
        return [one["command"] for one in shop.gateway.get(f"/printers/{serial}/commands")].count("cooldown")

    before = {serial: count(serial) for serial in ("PAGEWARM", "PAGEHOT", "PAGEBUSY", "PAGEINK", "PAGEOFF")}
    cool(page)
    for serial in HEATED:
        shop.gateway.await_get(f"/printers/{serial}", is_cold)
    page.until("document.querySelector('[data-serial=PAGEBUSY] .outcome-refused')")
    assert {serial: count(serial) - before[serial] for serial in before} == {"PAGEWARM": 1, "PAGEHOT": 1, "PAGEBUSY": 1, "PAGEINK": 0, "PAGEOFF": 0}
    page.until("document.querySelectorAll('.outcome-running').length === 0")


def test_what_was_refused_is_done_nevertheless_where_somebody_says_so(page, shop):
    """The last of all: it spoils a job."""
    cool(page)
    busy = page.locator("[data-serial=PAGEBUSY]")
    busy.getByRole("button", {"name": "Do it anyway"}).click()
    shop.gateway.await_get("/printers/PAGEBUSY", is_cold)
    shop.gateway.await_get("/printers/PAGEBUSY/commands", lambda commands: any((one["command"], one["outcome"]) == ("cooldown", "confirmed") for one in commands))
