# SPDX-License-Identifier: MIT
"""The board of the queue, and what is printed from the page, with simulated printers that take files over the local network."""

import json
import pathlib

import pytest

from farm import open_farm, simulate
from lan import gcode
from models import sliced

UNDER_WAY = ("checking", "uploading", "starting")
PRINTERS = {"PAGELEFT": ("Left", "m5"), "PAGEMIDDLE": ("Middle", "m5c")}


@pytest.fixture(scope="module")
def shop(make_shop):
    shop = open_farm(make_shop, PRINTERS)
    simulate(shop, "PAGELEFT", "m5")
    simulate(shop, "PAGEMIDDLE", "m5c")
    return shop


def keep(shop, name, content=None):
    _, _, answer = shop.gateway.ask("PUT", f"/files/{name}", content or gcode())
    assert answer["path"] == name, answer


def add(shop, name, path="/printers/PAGELEFT/queue", content=None, **fields):
    keep(shop, name, content)
    status, entry = shop.gateway.status("POST", path, {"path": name, **fields})
    assert status == 201, entry
    return entry["id"]


def test_what_is_not_known_of_a_plate_yet_has_its_room(shop, visit):
    board = visit("about:blank")
    board.route("**/api/v1/printers/*/queue", {"$function": "() => {}"})
    board.open(shop.url + "/queue")
    board.until("document.querySelectorAll('[data-serial] .plate-state').length === 2")
    empty = board.js("document.querySelector('[data-serial] .plate').clientHeight")
    board.unrouteAll({"behavior": "ignoreErrors"})
    board.open(shop.url + "/queue")
    board.until("document.querySelector('[data-serial] .plate').innerText.includes('not confirmed')")
    assert board.js("document.querySelector('[data-serial] .plate-state').clientHeight") == empty


@pytest.fixture(autouse=True)
def nothing_is_queued(shop):
    """Each test begins with an empty queue, and plates that nobody confirmed."""
    yield
    for serial in PRINTERS:
        queue = shop.gateway.await_get(f"/printers/{serial}/queue", lambda queue: not any(entry["state"] in UNDER_WAY for entry in queue["entries"]))
        if any(entry["state"] == "printing" for entry in queue["entries"]):
            assert shop.gateway.submit(serial, {"command": "stop"})[0] == 200
            shop.gateway.await_get(f"/printers/{serial}/queue", lambda queue: not any(entry["state"] == "printing" for entry in queue["entries"]))
        assert shop.gateway.status("POST", f"/printers/{serial}/plate", {"clear": False, "material": None})[0] == 200
    for _ in range(2):
        for entry in shop.gateway.get("/queue"):
            shop.gateway.status("DELETE", f"/queue/{entry['id']}")
    assert shop.gateway.get("/queue") == []


def entry_of(identity):
    return f"document.querySelector('[data-entry=\"{identity}\"]')"


def line(serial):
    return f"[...document.querySelectorAll('.column[data-serial=\"{serial}\"] ol .queue-name')].map((one) => one.textContent).join(' ')"


def names(shop):
    return [entry["name"] for entry in shop.gateway.get("/queue")]


@pytest.fixture
def board(shop, visit):
    page = visit(shop.url + "/queue")
    page.until("document.querySelectorAll('.column').length === 3")
    yield page
    assert page.faults() == []


def test_entries_stand_in_their_columns_and_say_why_they_wait(shop, board):
    first = add(shop, "first.gcode", material="PLA", copies=3)
    any_one = add(shop, "any.gcode", "/queue", model="M5C", hold=True)
    later = add(shop, "later.gcode", not_before="2099-01-01T12:00:00Z")
    board.until(f"{line('PAGELEFT')} === 'first.gcode later.gcode' && {line('')} === 'any.gcode'")
    board.until(f"{entry_of(first)}.textContent.includes('The plate of Left is to be confirmed as clear')")
    text = board.js(f"{entry_of(first)}.innerText")
    assert "Waiting" in text and "1 of 3" in text and "PLA" in text
    assert "On hold" in board.js(f"{entry_of(any_one)}.innerText") and "Any M5C" in board.js(f"{entry_of(any_one)}.innerText")
    assert "Not before 1 Jan 2099" in board.js(f"{entry_of(later)}.innerText")


def test_a_column_says_what_comes_to_it(shop, board):
    board.until("document.querySelectorAll('.column-none').length === 3")
    add(shop, "any.gcode", "/queue")
    board.until("document.querySelectorAll('.plate-wants').length === 2 && !document.querySelector('.column-none')")


PLATE = {
    "de-DE": "Die Platte von Left ist noch als frei zu bestätigen",
    "zh-CN": "需要确认 Left 的打印板已清空",
}
ODD = "(route) => route.fulfill({ json: { verdict: 'never', reason: 'what nobody has a text for' } })"


@pytest.mark.parametrize("locale", PLATE)
def test_what_the_gateway_says_is_in_the_language_of_the_reader(shop, visit, locale):
    """Where a sentence has no text, it is the gateway's English, which is marked as that."""
    identity = add(shop, "said.gcode")
    page = visit(shop.url + "/queue", locale=locale)
    page.until(f"{entry_of(identity)}?.querySelector('.queue-reason')?.innerText === '{PLATE[locale]}'")
    page.route("**/api/v1/printers/*/guard", {"$function": ODD})
    page.open(shop.url + "/p/PAGELEFT")
    page.until("document.querySelector('.barrier [lang=en]')?.innerText === 'what nobody has a text for'")
    page.unrouteAll({"behavior": "ignoreErrors"})
    assert page.faults() == []


def test_held_and_released(shop, board):
    identity = add(shop, "held.gcode")
    board.getByRole("button", {"name": "Hold", "exact": True}).click()
    shop.gateway.await_get(f"/queue/{identity}", lambda entry: entry["hold"])
    board.until(f"{entry_of(identity)}.innerText.includes('On hold')")
    board.getByRole("button", {"name": "Release"}).click()
    shop.gateway.await_get(f"/queue/{identity}", lambda entry: not entry["hold"])
    board.until(f"{entry_of(identity)}.innerText.includes('Waiting')")
    board.keyboard.press("a")
    board.until("['Hold: done', 'Release: done', 'Left'].every((text) => document.querySelector('dialog')?.innerText.includes(text))")


def test_moved_by_keys(shop, board):
    for name in ("one.gcode", "two.gcode", "three.gcode"):
        add(shop, name)
    add(shop, "between.gcode", "/queue", hold=True)
    board.until(f"{line('PAGELEFT')} === 'one.gcode two.gcode three.gcode'")
    board.getByRole("button", {"name": "Move three.gcode up"}).focus()
    board.keyboard.press("Enter")
    board.until(f"{line('PAGELEFT')} === 'one.gcode three.gcode two.gcode'")
    board.until("document.activeElement.getAttribute('aria-label') === 'Move three.gcode up'")
    board.keyboard.press("Enter")
    board.until(f"{line('PAGELEFT')} === 'three.gcode one.gcode two.gcode'")
    board.getByRole("button", {"name": "Move one.gcode down"}).click()
    board.until(f"{line('PAGELEFT')} === 'three.gcode two.gcode one.gcode'")
    assert [name for name in names(shop) if name != "between.gcode"] == ["three.gcode", "two.gcode", "one.gcode"]


def test_moved_by_drag(shop, board):
    ids = [add(shop, name) for name in ("one.gcode", "two.gcode", "three.gcode")]
    board.until(f"{line('PAGELEFT')} === 'one.gcode two.gcode three.gcode'")
    board.js("window.at = (id, part) => { const box = document.querySelector(`[data-entry=\"${id}\"]`).getBoundingClientRect(); return [box.left + box.width / 2, box.top + box.height * part]; }; 0")
    board.mouse.move(*board.js(f"at({ids[2]}, 0.12)"))
    board.mouse.down()
    board.mouse.move(*board.js(f"at({ids[1]}, 0.12)"))
    board.mouse.move(*board.js(f"at({ids[0]}, 0.12)"))
    board.mouse.move(*board.js(f"at({ids[0]}, 0.1)"))
    board.until("document.querySelector('.drop-before')")
    board.mouse.up()
    board.until(f"{line('PAGELEFT')} === 'three.gcode one.gcode two.gcode'")
    assert names(shop) == ["three.gcode", "one.gcode", "two.gcode"]


def test_dropped_after_a_second_press(shop, board):
    identity = add(shop, "drop.gcode")
    board.getByRole("button", {"name": "Take it out"}).focus()
    board.keyboard.press("Enter")
    board.until("document.activeElement.textContent.includes('press again')")
    assert shop.gateway.get(f"/queue/{identity}")["state"] == "waiting"
    board.keyboard.press("Enter")
    shop.gateway.await_get(f"/queue/{identity}", lambda entry: entry["state"] == "cancelled")
    board.until(f"{entry_of(identity)}.closest('.column-past') && {entry_of(identity)}.innerText.includes('Cancelled')")
    board.getByRole("button", {"name": "Try again"}).click()
    shop.gateway.await_get(f"/queue/{identity}", lambda entry: entry["state"] == "waiting")


def test_the_plate_is_confirmed_and_it_prints(shop, board):
    identity = add(shop, "plate.gcode", "/queue", model="M5")
    board.until("document.querySelector('[data-serial=PAGELEFT] .plate-wants')")
    assert board.js("document.querySelectorAll('.plate-wants').length") == 1
    board.getByRole("button", {"name": "Plate is clear"}).click()
    shop.gateway.await_get(f"/queue/{identity}", lambda entry: entry["state"] == "printing")
    board.until(f"{line('PAGELEFT')} === 'plate.gcode' && {entry_of(identity)}.innerText.includes('Printing')")
    board.until("document.querySelector('[data-serial=PAGELEFT]').innerText.includes('not confirmed') && !document.querySelector('.plate-wants')")


def test_what_the_check_finds_is_said_and_can_be_forced(shop, board):
    shop.gateway.status("POST", "/printers/PAGELEFT/plate", {"clear": True})
    identity = add(shop, "harm.gcode", content=gcode() + b"M500\n")
    board.until(f"{entry_of(identity)}?.querySelector('.queue-bad')?.textContent.includes('M500')")
    board.getByRole("button", {"name": "Print it anyway"}).focus()
    board.keyboard.press("Enter")
    board.keyboard.press("Enter")
    shop.gateway.await_get(f"/queue/{identity}", lambda entry: entry["state"] == "printing" and entry["force"])
    board.until(f"{entry_of(identity)}.innerText.includes('Printing')")


def test_another_filament_can_be_forced(shop, board):
    shop.gateway.status("POST", "/printers/PAGELEFT/plate", {"material": "PETG"})
    identity = add(shop, "pla.gcode", material="PLA")
    board.until(f"{entry_of(identity)}?.innerText.includes('Left is loaded with PETG') && document.querySelector('[data-serial=PAGELEFT]').innerText.includes('PETG')")
    board.getByRole("button", {"name": "Print it anyway"}).click()
    board.getByRole("button", {"name": "Print it anyway: press again"}).click()
    shop.gateway.await_get(f"/queue/{identity}", lambda entry: entry["force"])
    board.until("document.querySelector('[data-serial=PAGELEFT] .plate-wants')")


# --- to be printed ---

VECTOR = pathlib.Path(__file__).resolve().parents[1] / "vectors/gcode/prusaslicer-2.5.0.gcode"


@pytest.fixture
def fleet(shop, visit):
    page = visit(shop.url)
    page.until("document.querySelectorAll('.card').length === 2")
    yield page
    assert [fault for fault in page.faults() if "Failed to load resource" not in fault] == []


def drop(page, files):
    page.js(f"""(() => {{ const data = new DataTransfer(); for (const [name, text] of {json.dumps(files)}) {{ data.items.add(new File([text], name)); }}
        document.body.dispatchEvent(new DragEvent('drop', {{ dataTransfer: data, bubbles: true, cancelable: true }})); }})()""")


def until_it_may_be_dropped(page):
    """What takes it is loaded once the first view stands."""
    page.until("performance.getEntriesByType('resource').some(({ name }) => name.includes('everywhere')) && performance.getEntriesByType('resource').some(({ name }) => name.endsWith('/queue'))")


def test_dropped_anywhere_it_is_printed_where_somebody_says(shop, fleet):
    until_it_may_be_dropped(fleet)
    drop(fleet, [["dropped.gcode", VECTOR.read_text()]])
    fleet.until("document.querySelector('dialog')?.innerText.includes('PLA')")
    assert fleet.js("document.querySelector('dialog h2').textContent") == "Print dropped.gcode"
    fleet.getByLabel("Printer").selectOption("PAGEMIDDLE")
    fleet.until("document.querySelector('#print-about').textContent === 'Ready · Plate not confirmed as clear'")
    fleet.getByLabel("Copies").fill("2")
    fleet.getByLabel("Hold it until it is released").check()
    fleet.getByRole("button", {"name": "Add to the queue"}).click()
    fleet.until("document.querySelector('dialog')?.innerText.includes('Print: done') && document.querySelector('dialog').innerText.includes('On hold')")
    [entry] = shop.gateway.get("/queue")
    assert (entry["path"], entry["printer"], entry["copies"], entry["hold"]) == ("dropped.gcode", "PAGEMIDDLE", 2, True)
    fleet.getByRole("link", {"name": "To the queue"}).click()
    fleet.until("location.pathname === '/queue' && !document.querySelector('dialog') && document.querySelector('.queue-entry')")


def test_several_at_once_and_one_that_is_there(shop, fleet):
    keep(shop, "kept.gcode")
    until_it_may_be_dropped(fleet)
    drop(fleet, [["kept.gcode", "G28\n"], ["new.gcode", "G28\n"], ["picture.png", "no"]])
    fleet.until("document.querySelector('dialog')?.innerText.includes('There is a file of this name already.') && document.querySelector('dialog').innerText.includes('gcode')")
    fleet.until("document.querySelectorAll('dialog .queue-bad').length === 2")
    assert fleet.js("document.querySelector('dialog .button-main').disabled")
    fleet.getByRole("button", {"name": "Print the one that is here"}).click()
    fleet.getByRole("button", {"name": "Leave it out"}).click()
    fleet.getByLabel("Printer").selectOption("any:M5C")
    fleet.getByLabel("Not before").fill("2099-01-01T12:00")
    fleet.getByRole("button", {"name": "Add to the queue"}).click()
    fleet.until("document.querySelectorAll('dialog .queue-entry .queue-head').length === 2")
    assert [(entry["path"], entry["printer"], entry["model"], entry["not_before"]) for entry in shop.gateway.get("/queue")] == \
        [(name, None, "M5C", "2099-01-01T11:00:00Z") for name in ("kept.gcode", "new.gcode")]


def test_what_the_check_says_is_shown_where_it_was_asked_for(shop, visit):
    keep(shop, "harm.gcode", gcode() + b"M500\n")
    page = visit(shop.url + "/files")
    page.getByRole("button", {"name": "More about harm.gcode"}).click()
    page.getByRole("menuitem", {"name": "Print …"}).click()
    page.getByLabel("Printer").selectOption("PAGELEFT")
    page.getByRole("button", {"name": "Add to the queue"}).click()
    page.locator("dialog").getByRole("button", {"name": "Plate is clear"}).click()
    page.until("document.querySelector('dialog .queue-bad')?.textContent.includes('M500')")
    page.locator("dialog").getByRole("button", {"name": "Print it anyway"}).click()
    page.locator("dialog").getByRole("button", {"name": "Print it anyway: press again"}).click()
    page.until("document.querySelector('dialog')?.innerText.includes('Printing')")


def test_a_card_and_its_printer_ask_for_the_plate(shop, fleet):
    add(shop, "next.gcode")
    fleet.until("document.querySelector('.card[data-serial=PAGELEFT] .next-wants')?.innerText.includes('next.gcode')")
    fleet.open(shop.url + "/p/PAGELEFT")
    fleet.until("document.querySelector('.job .next-wants')?.innerText.includes('next.gcode')")
    fleet.open(shop.url)
    fleet.until("document.querySelector('.card[data-serial=PAGELEFT] .next-wants')")
    fleet.getByRole("button", {"name": "Plate is clear"}).click()
    shop.gateway.await_get("/printers/PAGELEFT/queue", lambda queue: queue["entries"][0]["state"] == "printing")
    fleet.until("!document.querySelector('.card[data-serial=PAGELEFT] .next')")


def test_the_newest_file_goes_to_the_front_by_one_press(shop, visit):
    """Of a printer that has nothing to do."""
    for entry in shop.gateway.get("/files")["files"]:
        shop.gateway.status("DELETE", f"/files/{entry['path']}?recursive=true")
    add(shop, "waits.gcode")
    keep(shop, "knob.gcode", sliced("knob"))
    page = visit(f"{shop.url}/p/PAGELEFT")
    page.until("document.querySelectorAll('.newest-file').length === 2")
    page.until("[...document.querySelectorAll('.newest-file img')].some((picture) => picture.naturalWidth === 96)")
    assert "1 h 24 min · " in page.locator(".newest-file").filter({"hasText": "knob"}).innerText()
    page.getByRole("button", {"name": "Print knob.gcode"}).click()
    page.until("document.querySelector('.job .next')?.innerText.includes('knob.gcode')")
    assert names(shop) == ["knob.gcode", "waits.gcode"]


def test_printed_again(shop, visit):
    shop.gateway.status("POST", "/printers/PAGELEFT/plate", {"clear": True})
    identity = add(shop, "again.gcode")
    shop.gateway.await_get(f"/queue/{identity}", lambda entry: entry["state"] == "printing")
    assert shop.gateway.submit("PAGELEFT", {"command": "stop"})[0] == 200
    [job] = shop.gateway.await_get("/jobs?printer=PAGELEFT&limit=1", lambda jobs: jobs[0]["file"] == "again.gcode" and jobs[0]["outcome"] == "cancelled")
    page = visit(shop.url + f"/history?dialog=job:{job['id']}")
    page.locator("dialog").getByRole("button", {"name": "Print again"}).click()
    page.until("document.querySelector('dialog')?.innerText.includes('Print again: done')")
    page.open(shop.url + "/p/PAGELEFT/history")
    page.getByRole("button", {"name": "Print again"}).first().click()
    page.until("document.querySelector('.again')?.innerText.includes('Print again: done')")
    assert [entry["name"] for entry in shop.gateway.get("/queue") if entry["state"] == "waiting"] == ["again.gcode", "again.gcode"]
