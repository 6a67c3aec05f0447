# SPDX-License-Identifier: MIT
"""What a printer says, as it comes: by type, held, and with what is known of its members."""

import json

import pytest

from axe import violations

ROWS = "[...document.querySelectorAll('.message')].map((one) => [one.querySelector('.message-name').innerText, one.querySelector('.message-short').innerText])"
FILTER = "document.querySelector('.messages-filter select')"
OPTIONS = f"[...{FILTER}.options].map((one) => one.textContent)"
HOSTILE = "<img src=x onerror=\"window.hacked=1\">"
NOZZLE, FAN, UNKNOWN = 1003, 1005, 9999


@pytest.fixture(scope="module")
def shop(make_shop):
    return make_shop({"PAGEIDLE": ("Middle", "m5")})


@pytest.fixture(scope="module")
def printer(shop):
    printer = shop.script("PAGEIDLE", {"commandType": NOZZLE, "currentTemp": 2500, "targetTemp": 0})
    printer.publish({"commandType": NOZZLE, "currentTemp": 2600, "targetTemp": 0})
    shop.gateway.await_get("/printers/PAGEIDLE", lambda told: told["nozzle"]["current_c"] == 26)
    yield printer
    printer.stop()


@pytest.fixture
def page(shop, printer, visit):
    """Where the messages of this test come in the order of their numbers."""
    page = visit(f"{shop.url}/p/PAGEIDLE/messages")
    page.until("document.querySelector('.messages [role=status]')?.innerText === ''")
    yield page
    assert [fault for fault in page.faults() if "WebSocket connection" not in fault and "ERR_CONNECTION_RE" not in fault] == [] and page.js("window.hacked ?? null") is None


def say(printer, *temperatures, kind=NOZZLE, **more):
    for temperature in temperatures:
        printer.publish({"commandType": kind, "currentTemp": temperature, "targetTemp": 0, **more})


def choose(page, kind):
    page.js(f"(() => {{ const select = {FILTER}; select.value = '{kind}'; select.dispatchEvent(new Event('change', {{ bubbles: true }})); }})()")


def test_they_come_as_they_are_said_the_newest_first(page, printer):
    say(printer, 2501)
    page.until(f"{ROWS}.length === 1")
    say(printer, 2502, 2503)
    page.until(f"{ROWS}.length === 3")
    assert page.js(f"{ROWS}.map(([, text]) => text)") == [f"currentTemp {number} targetTemp 0" for number in (2503, 2502, 2501)]
    assert page.js(f"{ROWS}[0][0]") == "1003 nozzle_temp" and page.js("document.querySelector('.message-topic').innerText") == "notice"


def test_what_is_held_comes_afterwards(page, printer):
    say(printer, 2501)
    page.until(f"{ROWS}.length === 1")
    page.getByRole("button", {"name": "Hold"}).click()
    # A second view, in which it is seen that they have come.
    page.js("window.heard = 0; window.other = new WebSocket(`ws://${location.host}/api/v1/printers/PAGEIDLE/messages`); window.other.onmessage = () => { window.heard++; }; new Promise((resolve) => { window.other.onopen = () => resolve(true); })")
    say(printer, 2502, 2503)
    page.until("window.heard === 2")
    assert page.js(f"{ROWS}.length") == 1
    page.getByRole("button", {"name": "Go on"}).click()
    page.until(f"{ROWS}.length === 3")
    page.js("window.other.close()")


def test_they_are_told_apart_by_type(page, printer):
    say(printer, 2501, 2502)
    printer.publish({"commandType": FAN, "value": 40})
    printer.publish({"commandType": UNKNOWN, "what": HOSTILE})
    page.until(f"{ROWS}.length === 4")
    assert page.js(OPTIONS) == ["All (4)", "1003 nozzle_temp (2)", "1005 fan_speed (1)", "9999 unknown (1)"]
    choose(page, FAN)
    page.until(f"{ROWS}.length === 1 && {ROWS}[0][0] === '1005 fan_speed'")
    say(printer, 2503)
    page.until(f"{OPTIONS}[1] === '1003 nozzle_temp (3)'")
    assert page.js(f"{ROWS}.length") == 1
    choose(page, UNKNOWN)
    page.until(f"{ROWS}.length === 1 && {ROWS}[0][1] === {json.dumps('what ' + HOSTILE)}")
    assert violations(page) == []


def test_a_type_that_was_chosen_stays_chosen_where_none_of_it_is_left(page, printer):
    say(printer, 2501)
    page.until(f"{ROWS}.length === 1")
    choose(page, NOZZLE)
    page.getByRole("button", {"name": "Clear"}).click()
    page.until(f"{ROWS}.length === 0")
    printer.publish({"commandType": FAN, "value": 40})
    page.until(f"{OPTIONS}[0] === 'All (1)'")
    assert page.js(f"{FILTER}.selectedOptions[0].textContent") == "1003 nozzle_temp (0)" and page.js(f"{ROWS}.length") == 0
    say(printer, 2502)
    page.until(f"{ROWS}.length === 1 && {FILTER}.selectedOptions[0].textContent === '1003 nozzle_temp (1)'")


def test_members_are_explained_by_the_specification(page, printer, shop):
    say(printer, 2501, new=HOSTILE)
    page.until(f"{ROWS}.length === 1")
    page.locator(".message-head").click()
    page.until("document.querySelector('.members')")
    kind = next(one for one in shop.gateway.get("/types") if one["id"] == NOZZLE)
    assert page.js("document.querySelector('.message-what').innerText").startswith(kind["description"])
    shown = page.js("[...document.querySelectorAll('.member')].map((one) => [...one.children].map((part) => part.innerText.trim()))")
    known = {field["name"]: field for field in kind["fields"]}
    values = {"commandType": "1003", "currentTemp": "2501", "targetTemp": "0", "new": HOSTILE}
    told = {"currentTemp": "2501 = 25.01 °C", "targetTemp": "0 = 0 °C"}  # hundredths, as the specification says
    assert {name for name, _, _ in shown} == set(values)
    for name, value, meaning in shown:
        assert value == told.get(name, values[name])
        assert meaning == (known.get(name, {}).get("description") or "")
    assert known["currentTemp"]["unit"] and known["currentTemp"]["description"]
    assert violations(page) == []


def test_an_open_message_stays_open_while_others_come(page, printer):
    say(printer, 2501)
    page.until(f"{ROWS}.length === 1")
    page.locator(".message-head").click()
    page.until("document.querySelector('.message.is-open .members')")
    say(printer, 2502, 2503)
    page.until(f"{ROWS}.length === 3")
    assert page.js("[...document.querySelectorAll('.message')].map((one) => one.classList.contains('is-open'))") == [False, False, True]


def test_it_says_that_nothing_comes_and_goes_on_by_itself(page, printer, shop):
    """The last of all: the gateway begins anew."""
    say(printer, 2501)
    page.until(f"{ROWS}.length === 1")
    shop.go_away()
    page.until("document.querySelector('.messages [role=status]').innerText.length > 0")
    shop.come_back()
    page.until("document.querySelector('.messages [role=status]').innerText === ''")
    say(printer, 2502)
    page.until(f"{ROWS}.some(([, text]) => text.includes('2502'))")
    assert page.js(f"{ROWS}.length") >= 2
