# SPDX-License-Identifier: MIT
"""What came of an action stands where it was begun and in the activity list: by printers that take orders and do nothing, and a broker that goes."""

import pytest

CARD = "document.querySelector('[data-serial=PAGEIDLY] .outcome')"
DONE = "[...document.querySelectorAll('.activity li')].map((one) => one.querySelector('.activity-head .name').textContent + ' ' + one.querySelector('.outcome-text').textContent)"


@pytest.fixture
def shop(make_shop):
    shop = make_shop({"PAGEIDLY": ("Idly", "m5")}, before=lambda shop: shop.home.settings("[m5]\nconfirm_ms = 1200\n"))
    yield shop


@pytest.fixture
def page(shop, visit):
    def show(*faults):
        shop.simulate("PAGEIDLY", "m5", "--scenario", "print", "--at", "20", *faults)
        shop.gateway.await_get("/printers/PAGEIDLY", lambda printer: printer["job"]["state"] == "printing")
        page = visit(shop.url)
        page.until("document.querySelector('.card-actions')")
        return page

    return show


def test_what_was_taken_and_not_done_is_accepted_and_no_more(page):
    shown = page("--fault", "ack-no-effect")
    shown.getByRole("button", {"name": "Pause"}).click()
    shown.until(f"{CARD}?.classList.contains('outcome-accepted')")
    told = shown.js(f"{CARD}.innerText")
    assert "Pause: accepted; nothing shows yet that it was done" in told and "The printer acknowledged but" in told
    assert shown.js("document.querySelector('[data-serial=PAGEIDLY] .state').textContent") == "Printing"
    shown.keyboard.press("a")
    shown.until(f"{DONE}.length === 1")
    assert shown.js(f"{DONE}[0]").startswith("Idly Pause: accepted; nothing shows yet") and shown.faults() == []


def test_what_was_never_sent_has_failed(page, shop):
    """It waits behind another one, whose answer comes late; then the connection goes."""
    shown = page("--fault", "late-replies=3600", "--fault", "ack-no-effect")
    shown.goto(shop.url + "/p/PAGEIDLY/console")
    for line in ("M117 first", "M117 second"):
        shown.getByRole("combobox").fill(line)
        shown.keyboard.press("Enter")
    shop.gateway.await_get("/printers/PAGEIDLY/commands", lambda commands: len(commands) == 2)
    shop.broker.stop()
    shown.until("document.querySelector('.line-failed')")
    told = shown.js("document.querySelector('.line-failed').innerText").split("\n")
    assert told[1] == "M117 second" and told[-2:] == ["not sent:", "not connected; it was not sent"], told
    shown.getByRole("button", {"name": "Activity"}).click()
    shown.until(f"{DONE}.length === 2")
    assert shown.js(f"{DONE}[0]").startswith("Idly G-code: not sent")
    assert all("Failed to load resource" in fault for fault in shown.faults())  # that the gateway had no answer
