# SPDX-License-Identifier: MIT
"""Several printers at once, names of strangers, two browsers, and a gateway that ends and comes back."""

import json

import pytest

from conftest import Shop
from gateway import Gateway
from test_served import Served

HOSTILE = {
    "PAGEHTML": "<img src=x onerror=\"window.hacked=1\"><script>window.hacked=1</script>",
    "PAGEEND": "</script><!--<script>window.hacked=1</script>",
    "PAGELONG": "x" * 255,
    "PAGEWORDS": "a very long name of many words that goes on and on " * 4,
    "PAGERTL": "مرحبا بالعالم 3D",
    "PAGEEMOJI": "👩‍🏭🖨️" * 4,
    "PAGEENTITY": "&lt;b&gt; \" ' ` ${1} {name} %s",
}


@pytest.fixture(scope="module")
def many(tmp_path_factory):
    """Two that print, and those with names of strangers, which are off."""
    running = Shop(tmp_path_factory.mktemp("many"))
    try:
        running.open({"PAGEONE": ("One", "m5"), "PAGETWO": ("Two", "m5c"), **{serial: (name, "m5") for serial, name in HOSTILE.items()}})
        running.simulate("PAGEONE", "m5", "--scenario", "print", "--at", "20")
        running.simulate("PAGETWO", "m5c", "--scenario", "print", "--at", "40")
        running.gateway.await_get("/printers", lambda printers: sum(printer["job"]["state"] == "printing" for printer in printers) == 2)
        yield running
    finally:
        running.close()


COUNT = 2 + len(HOSTILE)


@pytest.fixture
def page(many, visit):
    """As a gateway shows it for which nobody has set anything."""
    kept = many.gateway.get("/session/page")
    assert many.gateway.status("PATCH", "/session/page", dict.fromkeys(kept)) == (200, {})
    page = visit(many.url)
    page.until(f"document.querySelectorAll('.card').length === {COUNT}")
    yield page
    assert page.faults() == [] and page.js("window.hacked ?? null") is None


def test_no_name_ends_the_document(many):
    served = Served(many.gateway.port, "/")
    assert HOSTILE["PAGEEND"] in {printer["name"] for printer in served.start["snapshot"]["printers"]}
    assert served.body.count(b"</script>") == 2 and b"<!--" not in served.body


def test_names_are_names(page, many):
    shown = dict(page.js("[...document.querySelectorAll('.card')].map((one) => [one.dataset.serial, one.querySelector('h3').textContent])"))
    told = {printer["serial"]: printer["name"] for printer in many.gateway.get("/printers")}
    assert shown == told and set(HOSTILE) <= set(shown)


@pytest.mark.parametrize("size", ["narrow", "desktop"])
@pytest.mark.parametrize("cards", ["Small", "Large"])
def test_names_stay_in_their_cards(many, visit, size, cards):
    page = visit(many.url, size)
    page.until(f"document.querySelectorAll('.card').length === {COUNT}")
    page.getByRole("button", {"name": f"{cards} cards"}).click()
    # Jobs that end on another day say so.
    assert page.js("[...document.querySelectorAll('.card .facts div:last-child dd')].map((one) => { one.firstChild.data = 'Wed 00:00'; }).length")
    assert page.js("document.documentElement.scrollWidth <= innerWidth")
    assert page.js("[...document.querySelectorAll('.card')].every((one) => one.scrollWidth <= one.clientWidth + 1)")


@pytest.mark.parametrize("serial", HOSTILE)
def test_a_printer_of_any_name_has_its_page(many, visit, serial):
    page = visit(f"{many.url}/p/{serial}")
    page.until("document.querySelector('h1')")
    assert page.js("document.documentElement.scrollWidth <= innerWidth") and page.js("window.hacked ?? null") is None and page.faults() == []


def test_several_are_paused_at_once(page, many):
    page.keyboard.press("s")
    page.getByRole("checkbox", {"name": "Select One"}).check()
    page.getByRole("checkbox", {"name": "Select Two"}).check()
    page.until("document.querySelector('.bulk p').textContent === '2 printers'")
    page.locator(".bulk").getByRole("button", {"name": "Pause"}).click()
    page.until("['PAGEONE', 'PAGETWO'].every((serial) => document.querySelector(`[data-serial=${serial}] .state`).textContent === 'Paused')")
    assert {many.gateway.get(f"/printers/{serial}")["job"]["state"] for serial in ("PAGEONE", "PAGETWO")} == {"paused"}
    for name in ("One", "Two"):
        page.locator(f".card[data-serial=PAGE{name.upper()}]").getByRole("button", {"name": "Resume"}).click()
    page.until("['PAGEONE', 'PAGETWO'].every((serial) => document.querySelector(`[data-serial=${serial}] .state`).textContent === 'Printing')")


def test_what_somebody_set_is_there_again(page, many):
    page.getByRole("button", {"name": "More about Two"}).click()
    page.getByRole("menuitem", {"name": "Hide"}).click()
    page.until(f"document.querySelectorAll('.card').length === {COUNT - 1}")
    page.getByRole("button", {"name": "More about One"}).click()
    page.getByRole("menuitem", {"name": "Group"}).click()
    page.getByLabel("Name of the group").fill("Workshop <b>")
    page.getByRole("button", {"name": "Save"}).click()
    page.until("document.querySelector('.section-title')?.textContent === 'Workshop <b>'")
    page.getByRole("combobox").selectOption("finish")
    page.getByRole("button", {"name": "Small cards"}).click()
    page.reload()
    page.until("document.querySelector('.section-title')?.textContent === 'Workshop <b>'")
    page.until(f"document.querySelector('select').value === 'finish' && document.querySelectorAll('.card-s').length === {COUNT - 1}")
    page.getByRole("button", {"name": "1 hidden"}).click()
    page.until(f"document.querySelectorAll('.card').length === {COUNT}")


def test_an_own_order(page):
    names = "[...document.querySelectorAll('.card h3')].map((one) => one.textContent)"
    before = page.js(names)
    page.getByRole("button", {"name": "More about One"}).click()
    page.getByRole("menuitem", {"name": "Move back"}).click()
    moved = [*before]
    at = moved.index("One")
    moved.insert(at + 1, moved.pop(at))
    page.until(f"{names}[{at + 1}] === 'One'")
    assert page.js(names) == moved


DRAG = """(() => { const data = new DataTransfer(); const [one, other] = ['ONE', 'OTHER'].map((serial) => document.querySelector(`.card[data-serial=${serial}]`));
    const send = (card, type, more = {}) => card.querySelector('.card-link').dispatchEvent(new DragEvent(type, { dataTransfer: data, bubbles: true, cancelable: true, ...more }));
    const { left, top } = other.getBoundingClientRect();
    send(one, 'dragstart'); send(other, 'dragover', { clientX: left + 2, clientY: top + 2 });
    const marked = other.className.includes('drop-before');
    send(other, 'drop', { clientX: left + 2, clientY: top + 2 }); send(one, 'dragend');
    return marked && !document.querySelector('.is-dragged, .drop-before, .drop-behind'); })()"""


def test_an_own_order_by_dragging_and_by_keys(page):
    serials = "[...document.querySelectorAll('.card')].map((one) => one.dataset.serial)"
    before = page.js(serials)
    assert page.js(DRAG.replace("OTHER", before[0]).replace("ONE", before[2])) is True
    moved = [before[2], *before[:2], *before[3:]]
    page.until(f"JSON.stringify({serials}) === {json.dumps(json.dumps(moved, separators=(',', ':')))}")
    assert page.js("document.querySelector('select').value") == "own"
    page.js(f"document.querySelector('.card[data-serial={moved[0]}] .card-link').focus()")
    page.keyboard.press("Shift+J")
    page.until(f"{serials}[1] === '{moved[0]}' && document.activeElement.closest('.card').dataset.serial === '{moved[0]}'")
    page.keyboard.press("Shift+K")
    page.until(f"{serials}[0] === '{moved[0]}'")


def test_a_wall_screen_shows_all_and_has_nothing_to_press(many, visit):
    page = visit(many.url + "/wall")
    page.until(f"document.querySelectorAll('.wall .card').length === {COUNT}")
    assert page.js("document.querySelectorAll('main button, main input').length") == 0
    assert page.js("document.querySelector('.card').dataset.serial") == "PAGEONE"  # what prints is before what is off, and One before Two
    page.getByRole("link", {"name": "Printers"}).click()
    page.until("location.pathname === '/'")
    assert page.faults() == []


def test_two_browsers_show_the_same(many, visit, page):
    other = visit(many.url, "phone")
    other.until(f"document.querySelectorAll('.card').length === {COUNT}")
    page.locator(".card[data-serial=PAGEONE]").getByRole("button", {"name": "Pause"}).click()
    for one in (page, other):
        one.until("document.querySelector('[data-serial=PAGEONE] .state').textContent === 'Paused'")
    other.locator(".card[data-serial=PAGEONE]").getByRole("button", {"name": "Resume"}).click()
    for one in (page, other):
        one.until("document.querySelector('[data-serial=PAGEONE] .state').textContent === 'Printing'")
    assert page.js("document.querySelectorAll('.outcome-running').length") == 0


def test_a_gateway_that_is_killed_and_comes_back(many, visit):
    """Without a load: the page says so meanwhile, and goes on."""
    page = visit(many.url)
    page.until(f"document.querySelectorAll('.card').length === {COUNT}")
    page.js("window.loadedOnce = true")
    port = many.gateway.port
    many.gateway.child.kill()
    many.gateway.await_end()
    page.until("document.querySelector('.is-stale') && document.querySelector('.connection')")
    page.locator(".card[data-serial=PAGEONE]").getByRole("button", {"name": "Pause"}).click()
    page.until("document.querySelector('[data-serial=PAGEONE] .outcome-unanswered')")
    many.gateway = Gateway(many.home, "--dir", many.folder / "state", "--port", str(port))
    page.until("!document.querySelector('.is-stale')")
    page.until("document.querySelector('[data-serial=PAGEONE] .state').textContent === 'Printing'")
    assert page.js("window.loadedOnce") is True
    assert [fault for fault in page.faults() if "ERR_CONNECTION_RE" not in fault and "WebSocket connection" not in fault] == []
