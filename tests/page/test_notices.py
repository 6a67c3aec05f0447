# SPDX-License-Identifier: MIT
"""This device is told what happens: the switch in the settings, and the service worker, which a real Chromium runs.

What a push service of the net does is done here by what stands in its place: the page's subscription is one that the test
makes, and messages are handed to the worker by Chromium itself.
"""

import json

import pytest

from push_service import Device, service  # noqa: F401: a fixture
from renewal import renew

SUBSCRIBE = """(() => {
	const given = %s;
	const bytes = (text) => Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (one) => one.charCodeAt(0));
	const made = (options) => ({ endpoint: given.endpoint, options, toJSON: () => given, unsubscribe: async () => { sessionStorage.removeItem('subscribed'); return true; } });
	PushManager.prototype.subscribe = async (options) => {
		window.askedWith = { visible: options.userVisibleOnly, key: options.applicationServerKey.length };
		sessionStorage.setItem('subscribed', JSON.stringify([...options.applicationServerKey]));
		return made({ applicationServerKey: options.applicationServerKey.buffer });
	};
	PushManager.prototype.getSubscription = async () => {
		const key = JSON.parse(sessionStorage.getItem('subscribed') ?? 'null');
		return key && made({ applicationServerKey: Uint8Array.from(key).buffer });
	};
})()"""
STATE = "document.querySelector('.notices-state')?.textContent"
SHOWN = "navigator.serviceWorker.ready.then((one) => one.getNotifications()).then((all) => all.map((one) => [one.title, one.body, one.tag, one.data.url]))"


@pytest.fixture(scope="module")
def browser(whole_browser):
    """What shows pages alone has no messages to show."""
    return whole_browser


@pytest.fixture(scope="module")
def shop(make_shop, service):
    return make_shop({"PAGELEFT": ("Left", "m5"), "PAGEOFF": ("Off", "m5")},
                     before=lambda shop: shop.home.settings(f"[push]\nca = {service.authority.certificate}\nloopback = true\n"))


@pytest.fixture(scope="module")
def device(service):
    return Device(service)


@pytest.fixture(scope="module")
def page(shop, browser, device):
    page = browser.page()
    browser.run(page.context, [["grantPermissions", ["notifications"]]])
    given = {key: value for key, value in device.subscription().items() if key in ("endpoint", "keys")}
    browser.run(page.context, [["addInitScript", SUBSCRIBE % json.dumps(given)]])
    browser.run(page.context, [["newCDPSession", {"$object": page.name}]], "cdp")
    browser.run("cdp", [["on", "ServiceWorker.workerRegistrationUpdated", {"$function": "(event) => { globalThis.registrations = event.registrations; }"}]])
    browser.run("cdp", [["send", "ServiceWorker.enable"]])
    page.open(shop.url + "/settings/notices")
    yield page
    assert page.faults() == []
    page.end()


def deliver(browser, page, shop, message):
    (registration,) = browser.run("node", [["registrations"]])
    browser.run("cdp", [["send", "ServiceWorker.deliverPushMessage", {"origin": shop.url, "registrationId": registration["registrationId"], "data": json.dumps(message)}]])


def test_it_is_switched_on(page, shop, device):
    page.until(f"{STATE} === 'This device is not told anything.'")
    page.getByLabel("a printer goes offline").check()
    page.getByRole("button", {"name": "Tell this device"}).click()
    page.until(f"{STATE} === 'This device is told.'")
    assert page.js("window.askedWith") == {"visible": True, "key": 65}
    (kept,) = shop.gateway.get("/push")["subscriptions"]
    assert (kept["id"], kept["events"], kept["printers"], kept["language"], kept["name"]) == (device.id, ["finished", "failed", "paused", "offline"], None, "en", "Chrome, Linux")


def test_it_is_known_again_and_changed(page, shop):
    page.reload()
    page.until(f"{STATE} === 'This device is told.'")
    assert page.getByLabel("a printer goes offline").isChecked()
    page.getByLabel("All printers").uncheck()
    assert page.getByRole("button", {"name": "Save"}).isDisabled()
    page.getByLabel("Left").check()
    page.getByRole("button", {"name": "Save"}).click()
    shop.gateway.await_get("/push", lambda answer: answer["subscriptions"][0]["printers"] == ["PAGELEFT"])


def test_a_test_tells_what_came_of_it(page, service, device):
    service.will_answer(device, (403, {}, "BadJwtToken"))
    page.getByRole("button", {"name": "Send a test"}).click()
    page.until("document.querySelector('.came .fault')?.textContent === 'The push service does not take it: 403 BadJwtToken'")
    page.getByRole("button", {"name": "Send a test"}).click()
    page.until("document.querySelector('.came .good')?.textContent.includes('The push service has the test')")
    assert device.notices()[-1]["type"] == "test"


@pytest.mark.parametrize("message, shown", [
    ({"type": "finished", "language": "en", "tag": "PAGELEFT", "printer": "Left", "job": "cube.gcode", "url": "/p/PAGELEFT"}, ["Left", "Print finished: cube.gcode", "PAGELEFT", "/p/PAGELEFT"]),
    ({"type": "stopped", "language": "de", "tag": "PAGELEFT", "printer": "<b>Left", "job": None, "url": "/p/PAGELEFT"}, ["<b>Left", "Druck abgebrochen", "PAGELEFT", "/p/PAGELEFT"]),
    ({"type": "error", "language": "fr", "tag": "PAGEOFF", "printer": "Off", "reason": "0xFF", "url": "/p/PAGEOFF"}, ["Off", "Erreur\u00a0: 0xFF", "PAGEOFF", "/p/PAGEOFF"]),
    ({"type": "error", "language": "de", "tag": "PAGEOFF", "printer": "Off", "reason": "the nozzle is blocked", "reason_code": "printer_7", "url": "/p/PAGEOFF"},
     ["Off", "Fehler: Die Düse ist verstopft", "PAGEOFF", "/p/PAGEOFF"]),
    ({"type": "several", "language": "es", "tag": "several", "printers": 7, "counts": {"finished": 6, "failed": 1}, "url": "/"},
     ["7 impresoras", "6 impresiones terminadas, 1 fallida", "several", "/"]),
    ({"type": "filament", "language": "zh", "tag": "PAGELEFT", "printer": "Left", "url": "/p/PAGELEFT"}, ["Left", "耗材用尽或断裂", "PAGELEFT", "/p/PAGELEFT"]),
], ids=["finished", "stopped", "error", "known error", "several", "filament"])
def test_the_worker_puts_it_into_words(page, browser, shop, message, shown):
    page.until("navigator.serviceWorker.controller")
    deliver(browser, page, shop, message)
    page.until(f"{SHOWN}.then((all) => all.some((one) => JSON.stringify(one) === {json.dumps(json.dumps(shown, ensure_ascii=False, separators=(',', ':')))}))")


def test_it_is_switched_off(page, shop):
    page.getByRole("button", {"name": "Tell it no more"}).click()
    page.until(f"{STATE} === 'This device is not told anything.'")
    assert shop.gateway.get("/push")["subscriptions"] == []


def test_another_device_is_removed_here(page, shop, service):
    other = Device(service)
    assert shop.gateway.status("POST", "/push", other.subscription(name="Tablet"))[0] == 201
    page.reload()
    page.getByRole("button", {"name": "Remove Tablet"}).click()
    shop.gateway.await_get("/push", lambda answer: answer["subscriptions"] == [])


def test_a_subscription_that_the_browser_renews_is_told(page, browser, shop, service):
    """The worker has the page's login alone; what the device is told stays as it is."""
    old, new = Device(service), Device(service)
    wanted = {"printers": ["PAGELEFT"], "name": "Tablet", "language": "fr"}
    assert shop.gateway.status("POST", "/push", old.subscription("plate", "failed", **wanted))[0] == 201
    page.until("navigator.serviceWorker.controller")
    renew(browser, page, old, new)
    (kept,) = shop.gateway.get("/push")["subscriptions"]
    assert (kept["id"], sorted(kept["events"])) == (new.id, ["failed", "plate"]) and {key: kept[key] for key in wanted} == wanted
    renew(browser, page, old, new)
    assert [one["id"] for one in shop.gateway.get("/push")["subscriptions"]] == [new.id]
    assert shop.gateway.status("POST", "/push/test", {"id": new.id})[1]["outcome"] == "delivered"
    assert shop.gateway.status("DELETE", f"/push/{new.id}")[0] == 204


def test_what_the_user_blocked_is_said(shop, visit):
    page = visit(shop.url + "/settings/notices")
    page.until(STATE)
    page.js("Object.defineProperty(Notification, 'permission', { get: () => 'denied' }); undefined")
    page.locator(".settings-nav").getByRole("link", {"name": "Appearance"}).click()
    page.locator(".settings-nav").getByRole("link", {"name": "Notices"}).click()
    page.until(f"{STATE}?.includes('blocked in this browser')")


@pytest.mark.without_browser
def test_the_worker_is_asked_for_again(shop):
    connection = shop.gateway.connection()
    connection.request("GET", "/push-worker.js")
    response = connection.getresponse()
    body = response.read().decode()
    assert response.status == 200 and response.headers["Content-Type"].startswith("text/javascript") and response.headers["Cache-Control"] == "no-cache"
    assert "notificationclick" in body and "addEventListener('fetch'" not in body and "caches" not in body
