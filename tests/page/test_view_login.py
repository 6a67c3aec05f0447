# SPDX-License-Identifier: MIT
"""The first user by the one-time link, logging in and out: nothing of a printer is shown to who is not known."""

import json

import pytest

from conftest import Shop
from push_service import Device
from renewal import renew
from test_served import Served

PASSWORD = "correct horse battery"


@pytest.fixture(scope="module")
def closed(tmp_path_factory):
    """One printer, and no user yet."""
    running = Shop(tmp_path_factory.mktemp("closed"))
    try:
        running.open({"PAGELEFT": ("Left", "m5")})
        yield running
    finally:
        running.close()


def test_the_link_makes_the_first_user(closed, visit):
    link = (closed.folder / "state/setup-link").read_text().strip()
    page = visit(link)
    page.getByLabel("Name").fill("ann")
    page.getByLabel("Password").fill(PASSWORD)
    page.getByRole("button", {"name": "Create user"}).click()
    page.until("location.pathname === '/' && location.hash === '' && document.querySelector('.card')")
    assert closed.gateway.status("GET", "/printers")[0] == 401
    page.reload()
    page.until("document.querySelector('.card')")
    assert page.faults() == []


# The answer that makes the first user is held, and sockets that have heard something are counted.
HELD = """window.heard = new Set();
    window.WebSocket = class extends WebSocket { constructor(address) { super(address); this.addEventListener('message', () => window.heard.add(this)); } };
    const ask = window.fetch;
    window.fetch = async (address, ...words) => { const answer = await ask(address, ...words); if (address.endsWith('/setup')) { await new Promise((resolve) => (window.letGo = resolve)); } return answer; };"""


def test_printers_are_there_when_the_answer_comes_behind_another_socket(make_shop, visit):
    """The gateway ends the socket of who was nobody yet, and the next one is already that of the user."""
    shop = make_shop({"PAGELEFT": ("Left", "m5")})
    page = visit("about:blank")
    page.addInitScript(HELD)
    page.open((shop.folder / "state/setup-link").read_text().strip())
    page.until("window.heard.size === 1")
    page.getByLabel("Name").fill("ann")
    page.getByLabel("Password").fill(PASSWORD)
    page.getByRole("button", {"name": "Create user"}).click()
    page.until("window.letGo && window.heard.size > 1")
    page.js("window.letGo()")
    page.until("location.pathname === '/' && document.querySelector('.card')")


def test_nobody_is_shown_the_login_alone(closed, visit):
    for path in ("/", "/p/PAGELEFT"):
        served = Served(closed.gateway.port, path)
        assert served.start == {"version": served.start["version"], "session": None, "setup": False, "snapshot": None, "next": None, "page": None} and b"PAGELEFT" not in served.body
    page = visit(closed.url + "/p/PAGELEFT")
    page.getByLabel("Name").fill("ann")
    page.getByLabel("Password").fill("wrong horse battery")
    page.getByRole("button", {"name": "Log in"}).click()
    page.until("document.querySelector('.fault').textContent === 'Name or password is wrong.'")
    assert all("401" in fault for fault in page.faults())
    page.getByLabel("Password").fill(PASSWORD)
    page.getByRole("button", {"name": "Log in"}).click()
    page.until("location.pathname === '/p/PAGELEFT' && document.querySelector('h1').textContent === 'Left'")
    page.getByRole("button", {"name": "Log out"}).click()
    page.until("document.querySelector('.door') && !document.body.textContent.includes('PAGELEFT\\n')")


# The page's own policy, where the part of it that makes it is loaded already.
KEEP_POLICY = """(() => {
	const make = trustedTypes.createPolicy.bind(trustedTypes);
	trustedTypes.createPolicy = (...words) => { window.made = make(...words); return window.made; };
})()"""
REGISTER = """navigator.serviceWorker.register((window.made ?? trustedTypes.createPolicy('flagship-worker', { createScriptURL: (one) => one })).createScriptURL('/push-worker.js'))
	.then(() => navigator.serviceWorker.ready).then(() => true)"""


def test_the_worker_renews_a_subscription_by_the_login_of_the_page(closed, visit, browser):
    page = browser.page()
    browser.run(page.context, [["addInitScript", KEEP_POLICY]])
    page.open(closed.url)
    old, new = Device(None, "https://push.example.net"), Device(None, "https://push.example.net")
    send = f"""fetch('/api/v1/login', {{ method: 'POST', headers: {{ 'Content-Type': 'application/json' }}, body: JSON.stringify({{ name: 'ann', password: '{PASSWORD}' }}) }})
        .then((answer) => answer.json())
        .then(({{ csrf }}) => fetch('/api/v1/push', {{ method: 'POST', headers: {{ 'Content-Type': 'application/json', 'X-CSRF-Token': csrf }}, body: {json.dumps(json.dumps(old.subscription("plate")))} }}))
        .then((answer) => answer.status)"""
    assert page.js(send) == 201 and page.js(REGISTER)
    renew(browser, page, old, new)
    assert page.js("fetch('/api/v1/push').then((answer) => answer.json()).then((all) => all.subscriptions.map((one) => `${one.id} ${one.user} ${one.events}`))") == [f"{new.id} ann plate"]
    page.end()


def test_a_cookie_and_its_token_are_in_the_document(closed):
    status, _ = closed.gateway.status("POST", "/login", {"name": "ann", "password": PASSWORD})
    assert status == 200
    connection = closed.gateway.connection()
    connection.request("POST", "/api/v1/login", json.dumps({"name": "ann", "password": PASSWORD}), {"Content-Type": "application/json"})
    response = connection.getresponse()
    told, cookie = json.loads(response.read()), response.headers["Set-Cookie"].split(";")[0]
    connection.close()
    start = Served(closed.gateway.port, "/", Cookie=cookie).start
    assert start["session"] == told and [printer["serial"] for printer in start["snapshot"]["printers"]] == ["PAGELEFT"]
    assert Served(closed.gateway.port, "/", **{"X-Api-Key": "0" * 48}).start["session"] is None


def hide(page, serials):
    """As who is logged in there: the status of the answer."""
    return page.js(f"""fetch('/api/v1/session').then((answer) => answer.json()).then(({{ csrf }}) => fetch('/api/v1/session/page',
        {{ method: 'PATCH', headers: {{ 'Content-Type': 'application/json', 'X-CSRF-Token': csrf }}, body: JSON.stringify({{ fleet_hidden: {serials} }}) }})).then((answer) => answer.status)""")


def test_a_wall_screen_logs_in_by_its_link_until_the_key_goes(closed, visit):
    page = visit(closed.url + "/settings/programs?dialog=wall")
    page.getByLabel("Name").fill("ann")
    page.getByLabel("Password").fill(PASSWORD)
    page.getByRole("button", {"name": "Log in"}).click()
    page.until("document.querySelector('dialog select')?.value === '365'")
    page.locator("dialog").getByRole("button", {"name": "Make it"}).click()
    page.until("document.querySelector('dialog .copied-text')?.textContent.includes('/wall#key=')")
    link = page.js("document.querySelector('dialog .copied-text').textContent")
    page.locator("dialog").getByRole("button", {"name": "QR code: Address"}).click()
    page.until("document.querySelector('dialog .code svg path')?.getAttribute('d').length > 100")
    page.getByRole("button", {"name": "I have it"}).click()
    page.until("!document.querySelector('dialog') && document.querySelector('.entry')?.textContent.includes('until ')")
    wall = visit(link)
    wall.until("document.querySelector('.wall .card')")
    assert hide(page, ["PAGELEFT"]) == 200
    wall.until("!document.querySelector('.wall .card')")
    wall.reload()
    wall.until("document.querySelector('.wall-clock')")
    assert wall.js("document.querySelectorAll('.card').length") == 0
    assert hide(page, []) == 200
    wall.until("document.querySelector('.wall .card')")
    assert wall.js("fetch('/api/v1/session').then((answer) => answer.json()).then((who) => `${who.role} ${who.by} ${who.user}`)") == "viewer session wall"
    page.getByRole("button", {"name": "Remove wall"}).click()
    page.locator("dialog").getByRole("button", {"name": "Remove", "exact": True}).click()
    wall.until("document.querySelector('.door .fault')?.textContent.startsWith('This link is over')")
    assert wall.js("document.querySelectorAll('.card').length") == 0
