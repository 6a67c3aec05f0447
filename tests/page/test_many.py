# SPDX-License-Identifier: MIT
"""Two hundred printers: the fleet stays readable, is found through, and a change of one is written into its card alone."""

import pytest

COUNT = 200
BUSY = "MANYBUSY"  # prints, while the others are ready
OFF = 20
SERIALS = [f"MANY{number:05}" for number in range(1, COUNT)]
CARDS = "document.querySelectorAll('.card').length"
NODES_A_CARD = 80
SHOWN_AT_ONCE = 48  # and some beyond the edge, which a browser makes ready for who scrolls


@pytest.fixture(scope="module")
def shop(make_shop):
    names = {serial: (f"Printer {number:03}", "m5" if number % 3 else "m5c") for number, serial in enumerate(SERIALS, 1)}
    shop = make_shop({**names, BUSY: ("Busy", "m5")})
    shop.simulate_many("MANY", COUNT - 1 - OFF)
    shop.simulate(BUSY, "m5", "--scenario", "print", "--at", "20")
    shop.gateway.await_get("/printers", lambda printers: sum(printer["online"] for printer in printers) == COUNT - OFF and any(printer["job"]["state"] == "printing" for printer in printers))
    return shop


@pytest.fixture
def page(shop, visit):
    kept = shop.gateway.get("/session/page")
    assert shop.gateway.status("PATCH", "/session/page", dict.fromkeys(kept)) == (200, {})
    page = visit(shop.url)
    page.until(f"{CARDS} === {COUNT}")
    yield page
    assert page.faults() == []


@pytest.mark.parametrize("size, width", [("Small", "desktop"), ("Medium", "desktop"), ("Large", "desktop"), ("Small", "phone"), ("Medium", "phone")])
def test_they_stay_readable(shop, visit, page, size, width):
    page.getByRole("button", {"name": f"{size} cards"}).click()
    shown = visit(shop.url, width)
    shown.until(f"{CARDS} === {COUNT} && document.querySelectorAll('.card-{size[0].lower()}').length === {COUNT}")
    assert shown.js("document.documentElement.scrollWidth <= innerWidth")
    # Nothing is cut off, nor lies over something else; a name that is long would end in dots, and none of these is.
    assert shown.js("""[...document.querySelectorAll('.card')].filter((card) => card.checkVisibility({ contentVisibilityAuto: true })).flatMap((card) => [...card.querySelectorAll('h3, .state, .heater dd, .card-model')].filter((one) => one.scrollWidth > one.clientWidth + 1 && getComputedStyle(one).display !== 'inline').map((one) => card.dataset.serial + one.className))""") == []
    assert shown.js("""(() => { const boxes = [...document.querySelectorAll('.card')].map((one) => one.getBoundingClientRect());
        return boxes.filter((one, at) => boxes.slice(at + 1).some((other) => one.left < other.right - 1 && other.left < one.right - 1 && one.top < other.bottom - 1 && other.top < one.bottom - 1)).length; })()""") == 0


def test_what_is_out_of_sight_is_not_drawn(page):
    assert page.js("document.querySelectorAll('main *').length") < COUNT * NODES_A_CARD
    page.until("[...document.querySelectorAll('.card')].some((one) => !one.querySelector('h3').checkVisibility({ contentVisibilityAuto: true }))")
    assert page.js("[...document.querySelectorAll('.card')].filter((one) => one.querySelector('h3').checkVisibility({ contentVisibilityAuto: true })).length") <= SHOWN_AT_ONCE


def test_a_change_is_written_into_one_card(page):
    """Others grow older meanwhile, which is told beside their state, and their curves go on once they are two minutes long; no more."""
    page.js("""(() => { const of = (one) => one.closest ? one : one.parentElement;
        new MutationObserver((list) => window.touched.push(...list.map((one) => of(one.target)).filter((one) => !one.closest('.card-age, .sparkline')).map((one) => one.closest('.card')?.dataset.serial ?? one.outerHTML.slice(0, 99))))
            .observe(document.querySelector('main'), { subtree: true, childList: true, characterData: true, attributes: true }, window.touched = []); })()""")
    page.until(f"window.touched.filter((one) => one === '{BUSY}').length >= 3")
    assert page.js(f"[...new Set(window.touched)].filter((one) => one !== '{BUSY}')") == []


def test_search_and_filter_find_among_them(page):
    search = page.getByRole("searchbox")
    search.fill("137")
    page.until(f"{CARDS} === 1 && document.querySelector('.card h3').innerText === 'Printer 137'")
    search.fill("printer 19")
    page.until(f"{CARDS} === 10")
    page.getByRole("button", {"name": "Off"}).click()
    page.until(f"{CARDS} === 10")
    page.getByRole("button", {"name": "Ready"}).click()
    page.until("document.querySelector('main').innerText.includes('No printer')")
    search.fill("")
    page.until(f"{CARDS} === {COUNT - OFF - 1}")
    page.getByRole("button", {"name": "Working"}).click()
    page.until(f"{CARDS} === 1 && document.querySelector('.card h3').innerText === 'Busy'")
    page.getByRole("button", {"name": "Off"}).click()
    page.until(f"{CARDS} === {OFF}")
