# SPDX-License-Identifier: MIT
"""Settings: accounts by file and by login, users, keys, programs that ask, and the doctor."""

import json

import pytest

from axe import violations
from conftest import ACCOUNT, KEY

PASSWORD = "correct horse battery"
AGAIN_MS = 5000
HOSTILE_APP = "<img src=x onerror=alert(1)>"


@pytest.fixture(scope="module")
def shop(make_shop):
    return make_shop({"PAGELEFT": ("Left", "m5"), "PAGEOFF": ("Off", "m5")})


@pytest.fixture
def page(shop, visit):
    return visit(shop.url + "/settings")


def go(page, name):
    page.locator(".settings-nav").getByRole("link", {"name": name}).click()


def test_accounts_are_shown_without_secrets(page):
    page.until("document.querySelector('.entry')?.textContent.includes('a***@example.com') && document.body.innerText.includes('Connected')")
    assert "a@example.com" not in page.text()


def test_a_section_that_is_not_there_is_the_first(visit, shop):
    page = visit(shop.url + "/settings/nothing-of-this-name")
    page.until("document.querySelector('.settings-body h2')?.textContent === 'Accounts'")


def test_a_file_that_is_no_login_is_refused_in_words(page):
    page.until("document.querySelector('.way')")
    page.js(
        """(() => { const data = new DataTransfer(); data.items.add(new File(['{"no": "login"}'], 'login.json'));
        document.querySelector('.way:has([accept*=json])').dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true })); })()""")
    page.until("document.querySelector('.way:has([accept*=json]) .fault')?.textContent.length > 10")


def test_a_login_file_is_dropped_and_its_printers_are_here(make_shop, visit):
    """Where printers' keys stand in the file no service is asked."""
    shop = make_shop({"PAGELEFT": ("Left", "m5")})
    printer = {"id": "9", "sn": "PAGEDROPPED", "name": "<b>Dropped", "model": "V8111", "mqtt_key": KEY, "ip_addr": "", "__type__": "Printer"}
    account = {**ACCOUNT, "user_id": "9876543210", "email": "dropped@example.com"}
    page = visit(shop.url + "/settings/accounts")
    page.until("document.querySelector('.way')")
    text = json.dumps({"account": account, "printers": [printer], "__type__": "Config"})
    page.js(f"""(() => {{ const data = new DataTransfer(); data.items.add(new File([{json.dumps(text)}], 'default.json'));
        document.querySelector('.way:has([accept*=json])').dispatchEvent(new DragEvent('drop', {{ dataTransfer: data, bubbles: true, cancelable: true }})); }})()""")
    page.until("document.querySelectorAll('.entry').length === 2 && document.querySelector('.way:has([accept*=json]) .good')")
    assert sorted(one["serial"] for one in shop.gateway.get("/printers")) == ["PAGEDROPPED", "PAGELEFT"]
    assert KEY not in page.js("document.documentElement.outerHTML + JSON.stringify(localStorage)")
    page.open(shop.url)
    page.until("[...document.querySelectorAll('.card h3')].some((one) => one.textContent === '<b>Dropped')")


def test_a_key_is_shown_once(page, shop):
    go(page, "Programs")
    page.getByRole("button", {"name": "Make a key"}).click()
    page.getByLabel("Name").fill("orca")
    page.getByRole("button", {"name": "Make it"}).click()
    page.until("document.querySelector('dialog .copied-text')")
    secret = page.js("document.querySelector('dialog .copied-text').textContent")
    assert [key["name"] for key in shop.gateway.get("/keys")] == ["orca"] and len(secret) >= 32
    page.getByRole("button", {"name": "QR code: Key"}).click()
    page.until("document.querySelector('dialog .code svg path')?.getAttribute('d').length > 100")
    assert violations(page) == []
    page.getByRole("button", {"name": "I have it"}).click()
    page.until("!document.querySelector('dialog') && document.querySelector('.entry')?.textContent.includes('orca')")
    assert secret not in page.js("document.documentElement.outerHTML + JSON.stringify(localStorage) + JSON.stringify(sessionStorage) + location.href")
    page.getByRole("button", {"name": "Remove orca"}).click()
    page.locator("dialog").getByRole("button", {"name": "Remove", "exact": True}).click()
    page.until("!document.querySelector('dialog') && !document.querySelector('.entry')")
    assert shop.gateway.get("/keys") == []


def test_a_program_asks_for_a_key(page, shop):
    go(page, "Programs")
    connection = shop.gateway.connection()
    connection.request("POST", "/octoprint/Left/plugin/appkeys/request", json.dumps({"app": HOSTILE_APP}), {"Content-Type": "application/json"})
    assert connection.getresponse().status == 201
    connection.close()
    page.until("document.querySelector('.entry')?.textContent.includes('<img src=x')")
    page.getByRole("button", {"name": "Deny"}).click()
    page.until("document.body.innerText.includes('Denied.') && !document.querySelector('.entry')")


def test_settings_are_kept(page, shop):
    go(page, "Gateway")
    page.getByLabel("Names of this gateway").fill("workshop.example")
    page.getByRole("button", {"name": "Save"}).click()
    page.until("document.querySelector('.good')?.textContent.includes('Saved')")
    assert shop.gateway.get("/settings")["names"] == "workshop.example"
    page.getByLabel("Trusted networks").fill("everywhere")
    page.getByRole("button", {"name": "Save"}).click()
    page.until("document.querySelector('.came .fault')")


def test_what_two_browsers_change_is_both_kept(page, shop, visit):
    other = visit(shop.url + "/settings/gateway")
    go(page, "Gateway")
    for one in (page, other):
        one.until("document.querySelector('.settings-body form input')")
    page.getByLabel("Names of this gateway").fill("first.example")
    page.getByRole("button", {"name": "Save"}).click()
    page.until("document.querySelector('.good')?.textContent.includes('Saved')")
    other.getByLabel("Trusted networks").fill("10.0.0.0/8")
    other.getByRole("button", {"name": "Save"}).click()
    other.until("document.querySelector('.good')?.textContent.includes('Saved')")
    kept = shop.gateway.get("/settings")
    assert (kept["names"], kept["trusted_networks"]) == ("first.example", "10.0.0.0/8")


def test_the_doctor_names_the_broken_link(page):
    page.getByRole("link", {"name": "Doctor"}).click()
    page.getByRole("combobox", {"name": "Printer"}).selectOption("Off")
    page.until("location.pathname === '/doctor/PAGEOFF' && document.querySelector('.link-bad .advice')")
    assert "Broken at:" in page.text() and "Every link holds" not in page.text()


REFRESHED = {"id": "0123", "name": "ann", "email": None, "region": "eu", "api": None, "source": None, "login": "valid", "login_expires_at": None, "connected": True, "local": False,
             "printers": 1, "refreshed_at": None, "refresh_problem": "api.example.com did not answer in time; check the network, and that names of the vendor are not blocked",
             "refresh_problem_code": "vendor-network", "refresh_problem_arguments": {"why": {"text": "api.example.com did not answer in time", "code": "vendor-late", "arguments": {"host": "api.example.com"}}}}


def test_why_an_account_was_not_refreshed_is_said_in_the_language_of_the_reader(shop, visit):
    page = visit("about:blank", locale="de")
    page.route("**/api/v1/accounts", {"$function": f"(route) => route.fulfill({{ json: {json.dumps([REFRESHED])} }})"})
    page.open(shop.url + "/settings/accounts")
    page.until("document.querySelector('.entry .fault')?.textContent === 'api.example.com antwortete nicht rechtzeitig; prüfen Sie das Netz, und ob Namen des Herstellers gesperrt sind'")
    assert page.js("document.querySelector('.entry .fault [lang]')") is None


def test_one_printer_is_forgotten(make_shop, open_page):
    shop = make_shop({"PAGELEFT": ("Left", "m5"), "PAGESOLD": ("<b>Sold", "m5c")})
    page = open_page(shop.url + "/settings/accounts")
    page.getByText("Show 2 printers").click()
    page.getByRole("button", {"name": "Forget <b>Sold"}).click()
    page.until("document.querySelector('dialog')?.open")
    assert violations(page) == []
    # Its account was given a token, so that it might come again.
    page.locator("dialog").getByRole("button", {"name": "Forget", "exact": True}).click()
    page.until("document.querySelector('dialog .fault')?.textContent.includes('brings it again')")
    page.locator("dialog").getByRole("button", {"name": "Forget it nevertheless"}).click()
    page.until("!document.querySelector('dialog') && document.querySelector('.singles')?.textContent.includes('1 printer')")
    assert [printer["serial"] for printer in shop.gateway.get("/printers")] == ["PAGELEFT"] and "Sold" not in page.js("document.querySelector('.singles').textContent")


BUSY = {"status": 503, "detail": "another account is worked on: try again in a moment", "detail_code": "account-busy"}


def test_what_the_gateway_is_too_busy_for_is_tried_again(shop, visit):
    page = visit("about:blank")
    page.clock.install()
    said = [[503, BUSY], [503, BUSY], [422, {"status": 422, "detail": "the service refuses the account"}]]
    page.route("**/api/v1/accounts/login", {"$function": f"""(route) => {{
        const said = {json.dumps(said)};
        globalThis.asked = (globalThis.asked ?? 0) + 1;
        const [status, body] = said[globalThis.asked - 1];
        return route.fulfill({{ status, contentType: 'application/problem+json', body: JSON.stringify(body) }});
    }}"""})
    page.open(shop.url + "/settings/accounts")
    page.until("document.querySelector('.way')")
    page.getByLabel("E-mail").first().fill("owner@example.org")
    page.getByLabel("Password").first().fill(PASSWORD)
    page.locator(".way").first().getByRole("button", {"name": "Log in"}).click()
    page.until("document.querySelector('.way .came').textContent.includes('tried again by itself')")
    page.clock.runFor(AGAIN_MS)
    page.until("document.querySelector('.way .came').textContent.includes('tried again by itself')")
    page.clock.runFor(AGAIN_MS)
    page.until("document.querySelector('.way .fault')?.textContent === 'The service refuses the account'")
    assert "tried again" not in page.text()


def test_about_says_what_this_is(page, shop):
    go(page, "About")
    version = shop.gateway.get("/version")["version"]
    page.until(f"document.querySelector('.settings-body')?.textContent.includes({version!r})")


def test_the_last_step_is_a_user_who_closes_the_door(shop, visit):
    page = visit(shop.url + "/settings/start")
    page.until("document.querySelectorAll('.entry.is-done').length >= 1")
    page.getByRole("link", {"name": "To users"}).click()
    page.getByRole("button", {"name": "Add a user"}).click()
    page.getByLabel("Name").fill("ann")
    page.getByLabel("Password", {"exact": True}).fill(PASSWORD)
    page.getByLabel("Admin").check()
    page.getByRole("button", {"name": "Save"}).click()
    page.until("document.querySelector('.door')")
    page.getByLabel("Name").fill("ann")
    page.getByLabel("Password", {"exact": True}).fill(PASSWORD)
    page.getByRole("button", {"name": "Log in"}).click()
    page.until("location.pathname === '/settings/users' && document.querySelector('.entry')?.textContent.includes('you')")
    page.getByRole("button", {"name": "Add a user"}).click()
    page.getByLabel("Name").fill("bob")
    page.getByLabel("Password", {"exact": True}).fill(PASSWORD)
    page.getByLabel("Viewer").check()
    page.getByRole("button", {"name": "Save"}).click()
    page.until("!document.querySelector('dialog') && document.querySelectorAll('.entry').length === 2")
    other = visit(shop.url + "/settings")
    other.getByLabel("Name").fill("bob")
    other.getByLabel("Password", {"exact": True}).fill(PASSWORD)
    other.getByRole("button", {"name": "Log in"}).click()
    other.until("document.querySelector('.settings-nav')")
    assert other.js("[...document.querySelectorAll('.settings-nav a')].map((link) => link.textContent)") == ["Notices", "Appearance", "About"]
    page.getByRole("button", {"name": "Remove bob"}).click()
    page.until("document.querySelector('dialog')?.open")
    assert violations(page) == []
    page.locator("dialog").getByRole("button", {"name": "Remove", "exact": True}).click()
    page.until("!document.querySelector('dialog') && document.querySelectorAll('.entry').length === 1")


def answer(page, pattern, status, body):
    """What the gateway is made to say: no service of the vendor's is asked from here."""
    page.route(pattern, {"$function": f"(route) => route.fulfill({{status: {status}, contentType: 'application/problem+json', body: {json.dumps(json.dumps(body))}}})"})


def test_a_login_asks_for_a_captcha_and_a_second_factor(make_shop, visit):
    page = visit(make_shop({"PAGELEFT": ("Left", "m5")}).url + "/settings/accounts")
    page.until("document.querySelector('.way')")
    answer(page, "**/api/v1/accounts/login", 409, {"status": 409, "login": "one", "kind": "captcha", "captcha": {"media_type": "image/svg+xml", "data": "PHN2Zy8+"}})
    answer(page, "**/api/v1/accounts/login/one", 409, {"status": 409, "login": "two", "kind": "second_factor", "second_factor": {"sent_to": "<b>o***@example.org", "reason": "sent"}})
    answer(page, "**/api/v1/accounts/login/two", 422, {"status": 422, "detail": "the service refuses the account"})
    page.getByLabel("E-mail").fill("owner@example.org")
    page.getByLabel("Password").fill(PASSWORD)
    page.locator(".way").getByRole("button", {"name": "Log in"}).click()
    page.until("document.querySelector('.way')?.innerText.includes('a picture that cannot be shown') && !document.querySelector('.captcha')")
    page.getByLabel("What the picture says").fill("abcd")
    page.getByRole("button", {"name": "Go on"}).click()
    page.until("document.querySelector('.way').innerText.includes('mailed a code to <b>o***@example.org')")
    page.getByLabel("Code").fill("123456")
    page.getByRole("button", {"name": "Go on"}).click()
    page.until("document.querySelector('.way .fault')?.textContent === 'The service refuses the account'")
