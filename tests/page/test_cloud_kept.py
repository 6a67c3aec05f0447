# SPDX-License-Identifier: MIT
"""A cloud that is in use, looked after in the page; and one on another machine, whose account is taken over."""

import json

import pytest

from accounts_home import Home
from axe import violations
from broker import free_port
from browser import SIZES
from gateway import Gateway
from process import Process
from program import DONE, FLAGSHIP, environment

OWNER, PASSWORD = "owner@example.org", "a good password"
HOSTILE = "<b>Left</b> & \u00fc"
SERIAL, KEY = "KEPTPRINTER", "5a" * 32
PARTS = ["people", "devices", "sessions", "copies", "names"]


class Place:
    """A cloud that runs, the gateway of its machine, and a gateway on another one, which has nothing."""

    def __init__(self, folder):
        self.home, self.folder = Home(folder / "home"), folder / "D"
        self.home.folder.mkdir()
        self.api_port = free_port()
        self.command("init", "--mqtt-port", str(free_port()), "--api-port", str(self.api_port))
        for email in (OWNER, "oth/er@example.org"):
            self.command("add-account", "--email", email, "--password-stdin", stdin=PASSWORD + "\n")
        self.command("add-printer", "--serial", SERIAL, "--account", OWNER, "--key-file", "-", stdin=KEY + "\n")
        self.cloud = Process(FLAGSHIP, "cloud", "run", "--dir", self.folder, env=environment(HOME=self.home.folder))
        self.cloud.await_text("ready:")
        self.gateway = Gateway(self.home, "--cloud", self.folder)
        self.elsewhere = Home(folder / "elsewhere")
        self.elsewhere.folder.mkdir()
        self.other = Gateway(self.elsewhere, "--cloud", "off")

    def command(self, name, *arguments, stdin=None):
        result = self.home.run("cloud", name, "--dir", self.folder, *arguments, stdin=stdin)
        assert result.returncode == DONE, result.stderr
        return result.stdout

    def listed(self):
        return self.gateway.get("/cloud/list")

    def close(self):
        self.other.stop()
        self.gateway.stop()
        self.cloud.stop()


def url_of(gateway):
    return f"http://127.0.0.1:{gateway.port}"


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    place = Place(tmp_path_factory.mktemp("cloud-kept"))
    yield place
    place.close()


@pytest.fixture(scope="module")
def page(place, open_page):
    return open_page(url_of(place.gateway) + "/cloud/devices")


@pytest.fixture(scope="module")
def remote(place, open_page):
    return open_page(url_of(place.other) + "/settings/accounts")


def resize(page, size):
    width, height = SIZES[size]
    page.setViewportSize({"width": width, "height": height})


def says(page, text):
    page.until(f"document.querySelector('.settings-body')?.textContent.includes({text!r})")


def hold(page, name):
    """By keys: the first press asks, the second does it."""
    button = page.locator("dialog").getByRole("button", {"name": name, "exact": True})
    button.press("Enter")
    page.until("document.querySelector('dialog .is-asking')")
    page.keyboard.press("Enter")
    page.until("!document.querySelector('dialog')")


def test_a_printer_is_renamed_and_its_name_is_text(page, place):
    page.getByRole("button", {"name": f"Change {SERIAL}"}).click()
    page.locator("dialog").getByLabel("Name").fill(HOSTILE)
    page.locator("dialog").getByRole("button", {"name": "Save"}).click()
    page.until(f"document.querySelector('.cloud-devices .row-title')?.textContent === {HOSTILE!r}")
    assert place.listed()["printers"][0]["name"] == HOSTILE


def test_it_is_shared_and_taken_back(page, place):
    page.getByRole("button", {"name": f"Share {HOSTILE}"}).click()
    box = page.locator("dialog").getByLabel("oth/er@example.org")
    box.click()
    page.until("[...document.querySelectorAll('dialog input')].every((one) => one.checked && !one.disabled)")
    assert place.listed()["printers"][0]["accounts"] == ["oth/er@example.org", OWNER]
    box.click()
    page.until("[...document.querySelectorAll('dialog input')].filter((one) => one.checked).length === 1 && ![...document.querySelectorAll('dialog input')].some((one) => one.disabled)")
    assert place.listed()["printers"][0]["accounts"] == [OWNER]
    page.keyboard.press("Escape")


def test_an_account_gets_another_name_and_password(page, place):
    page.open(url_of(place.gateway) + "/cloud/people")
    page.getByRole("button", {"name": "Change oth/er@example.org"}).click()
    page.locator("dialog").getByLabel("Name").fill("<i>Other</i>")
    page.locator("dialog").getByLabel("New password").fill("another password")
    page.locator("dialog").getByRole("button", {"name": "Save"}).click()
    says(page, "<i>Other</i>")
    assert "another password" not in place.gateway.log


def test_a_copy_is_made_and_there_to_be_had(page, place):
    page.open(url_of(place.gateway) + "/cloud/copies")
    page.getByRole("button", {"name": "Make a copy now"}).click()
    page.until("document.querySelector('.cloud-copies a[download]')")
    assert page.js("fetch(document.querySelector('.cloud-copies a[download]').href).then((answer) => answer.text()).then((text) => text.slice(0, 15))") == "SQLite format 3"
    says(page, "It is off: nothing goes to the vendor.")
    says(page, f"flagship cloud run --dir '{place.folder}' --mirror")


def test_what_the_network_needs_is_there_to_be_copied(page, place):
    page.open(url_of(place.gateway) + "/cloud/names")
    page.getByLabel("Address of the printer").fill("192.0.2.77")
    page.until("[...document.querySelectorAll('pre.copied-text')].some((one) => one.textContent.includes('elements = { 192.0.2.77 }'))")
    page.until("[...document.querySelectorAll('pre.copied-text')].some((one) => one.textContent.includes('address=/make-mqtt.ankermake.com/'))")


# --- from another machine ---


def look(page, address, authority):
    page.getByLabel("Address of its API").fill(address)
    page.getByLabel("Its CA certificate").fill(authority)
    page.getByRole("button", {"name": "Look who answers"}).click()


def test_what_is_in_the_way_is_named(remote, place):
    look(remote, f"127.0.0.1:{free_port()}", "")
    says(remote, "Nothing listens there.")
    look(remote, f"localhost:{place.api_port}", "")
    says(remote, "Its certificate is not trusted")
    says(remote, "Certificate that it shows")
    assert remote.locator(".remote").getByLabel("E-mail").count() == 0
    look(remote, f"localhost:{place.api_port}", (place.folder / "ca.pem").read_text().replace("A", "B"))
    says(remote, "The CA certificate cannot be used")


def drop(page, text):
    page.js(f"""(() => {{ const data = new DataTransfer(); data.items.add(new File([{json.dumps(text)}], 'ca.pem'));
        document.querySelector('.remote').dispatchEvent(new DragEvent('drop', {{ dataTransfer: data, bubbles: true, cancelable: true }})); }})()""")
    page.until(f"document.querySelector('.remote textarea').value === {json.dumps(text)}")


def test_it_is_compared_before_it_is_trusted(remote, place):
    remote.getByLabel("Address of its API").fill(f"localhost:{place.api_port}")
    drop(remote, (place.folder / "ca.pem").read_text())
    remote.getByRole("button", {"name": "Look who answers"}).click()
    says(remote, "A flagship cloud answers")
    # As the page of that cloud shows it.
    assert place.gateway.get("/cloud")["status"]["ca_sha256"] in remote.text()
    assert remote.locator(".remote").getByLabel("E-mail").count() == 0
    assert violations(remote) == []
    remote.locator(".remote").getByLabel("The fingerprint of the CA").click()
    remote.locator(".remote").getByLabel("E-mail").fill(OWNER)
    remote.locator(".remote").getByLabel("Password").fill("a wrong one")
    remote.getByRole("button", {"name": "Log in, and bring its printers"}).click()
    says(remote, "password is wrong")
    remote.locator(".remote").getByLabel("Password").fill(PASSWORD)
    remote.getByRole("button", {"name": "Log in, and bring its printers"}).click()
    remote.until("document.querySelector('.rows .badge-good')")
    assert [printer["name"] for printer in place.other.get("/printers")] == [HOSTILE]
    assert PASSWORD not in place.other.log


def test_its_session_is_ended_at_the_cloud(page, place):
    page.open(url_of(place.gateway) + "/cloud/sessions")
    page.until("document.querySelector('.cloud-group .entry')")
    page.locator(".cloud-group .entry").getByRole("button").click()
    says(page, "Nobody is logged in.")
    assert place.gateway.get("/cloud/tokens") == []


DIALOGS = [f"people?dialog=person:{OWNER}", f"devices?dialog=device:{SERIAL}", f"devices?dialog=sharing:{SERIAL}", f"devices?dialog=undevice:{SERIAL}"]


@pytest.mark.parametrize("size, looked_at", [("desktop", (*PARTS, *DIALOGS)), ("phone", ("devices", "copies"))])
def test_axe_finds_nothing_in_it(page, place, size, looked_at):
    resize(page, size)
    for address in (*PARTS, "account", *DIALOGS):
        page.open(url_of(place.gateway) + "/cloud/" + address)
        page.until("document.querySelector('.settings-part') && !document.querySelector('.loading')" + (" && document.querySelector('dialog')" if "dialog" in address else ""))
        assert address not in looked_at or violations(page) == [], address
        assert page.js("document.documentElement.scrollWidth <= window.innerWidth"), address


# --- the end of something ---


def test_what_is_lost_is_said_and_held(page, place):
    resize(page, "desktop")
    page.open(url_of(place.gateway) + "/cloud/devices")
    page.getByRole("button", {"name": f"Remove {HOSTILE}"}).click()
    page.until("document.querySelector('dialog .cloud-lost')?.textContent.includes('Its key goes with it')")
    hold(page, "Remove the printer")
    says(page, "There is none yet")
    page.open(url_of(place.gateway) + "/cloud/people")
    page.getByRole("button", {"name": "Remove oth/er@example.org"}).click()
    hold(page, "Remove the account")
    page.until("document.querySelectorAll('.cloud-people .entry').length === 1")
    assert [account["email"] for account in place.listed()["accounts"]] == [OWNER] and place.listed()["printers"] == []
    assert page.faults() == []
