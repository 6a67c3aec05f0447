# SPDX-License-Identifier: MIT
"""From a gateway that has nothing to a printer that is shown, through a cloud that was made in the page."""

import pytest

from accounts_home import Home
from broker import free_port
from gateway import Gateway
from process import Process
from program import FLAGSHIP, environment
from simulator import Simulator

EMAIL, PASSWORD = "owner@example.org", "a good password"
SERIAL, KEY = "PAGECLOUD", "5a" * 32
STRANGER = "PAGESTRANGER"


class Place:
    """A gateway without anything, and what becomes of its machine."""

    def __init__(self, folder):
        self.home = Home(folder)
        self.folder = folder / "D"
        self.mqtt_port, self.api_port = free_port(), free_port()
        self.gateway = Gateway(self.home, "--cloud", self.folder)
        self.url = f"http://127.0.0.1:{self.gateway.port}"
        self.running = []

    def run_cloud(self):
        """As its owner does, who was told the command."""
        cloud = Process(FLAGSHIP, "cloud", "run", "--dir", self.folder, env=environment(HOME=self.home.folder))
        self.running.append(cloud)
        cloud.await_text("ready:")

    def simulate(self, serial, key, *options):
        key_file = self.folder / f"{serial}.key"
        key_file.write_text(key + "\n")
        key_file.chmod(0o600)
        self.running.append(Simulator("--broker", f"mqtts://localhost:{self.mqtt_port}", "--ca", self.folder / "ca.pem", "--serial", serial, "--key-file", key_file, *options))

    def close(self):
        for process in reversed(self.running):
            process.stop()
        self.gateway.stop()


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    place = Place(tmp_path_factory.mktemp("page-cloud"))
    yield place
    place.close()


@pytest.fixture(scope="module")
def page(place, open_page):
    """One reader goes all the way, test by test."""
    return open_page(place.url + "/settings/start")


def says(page, text):
    page.until(f"document.querySelector('.settings-body')?.textContent.includes({text!r})")


def go_on(page):
    page.locator(".cloud-next").getByRole("link").click()


def test_nothing_comes_before_it_is_made(page, place):
    page.open(place.url + "/cloud/printers")
    says(page, "Make the cloud first")
    assert page.locator(".cloud-next").count() == 0
    page.getByRole("link", {"name": "Make the cloud"}).click()
    page.until("location.pathname === '/cloud/make'")
    page.open(place.url + "/settings/start")


def test_the_cloud_is_made(page, place):
    page.getByRole("link", {"name": "Make a cloud of your own"}).click()
    page.until("location.pathname === '/cloud/make'")
    page.getByLabel("Address that printers come to").fill("127.0.0.1")
    page.getByLabel("Port of the broker").fill(str(place.mqtt_port))
    page.getByLabel("Port of the API").fill(str(place.api_port))
    page.getByRole("button", {"name": "Make it"}).click()
    says(page, "There is a cloud on this machine.")
    says(page, "It listens on this machine alone")
    status = place.gateway.get("/cloud")["status"]
    assert (status["bind"], status["mqtt_port"]) == (["127.0.0.1"], place.mqtt_port)
    assert status["ca_sha256"] in page.text()


def test_it_has_an_account(page, place):
    go_on(page)
    page.getByLabel("E-mail").fill(EMAIL)
    page.getByLabel("Password").fill(PASSWORD)
    page.getByRole("button", {"name": "Add the account"}).click()
    page.until(f"document.querySelector('.entry .row-title')?.textContent === '{EMAIL}'")
    assert place.gateway.get("/cloud")["status"]["accounts"] == [EMAIL]


def test_it_is_seen_when_it_runs(page, place):
    go_on(page)
    says(page, "It does not answer yet")
    assert page.js("document.querySelector('.copied-text').textContent") == f"flagship cloud run --dir '{place.folder}'"
    place.run_cloud()
    says(page, "It runs: ")


def test_it_has_a_printer(page, place):
    go_on(page)
    page.getByLabel("Serial number").fill(SERIAL)
    page.getByLabel("Name").fill("First")
    page.getByLabel("Key", {"exact": True}).fill(KEY)
    page.getByLabel("Model").selectOption("m5c")
    page.getByRole("button", {"name": "Add a printer"}).click()
    page.until("document.querySelector('.cloud-printers .entry')?.textContent.includes('First')")
    says(page, "Never came")


def test_an_unknown_printer_is_let_in(page, place):
    page.getByRole("button", {"name": "Open it for 10 minutes"}).click()
    says(page, "The window is open")
    password = place.folder / "password"
    password.write_text("its secret\n")
    password.chmod(0o600)
    place.simulate(STRANGER, "77" * 32, "--username", "stranger", "--password-file", password, "--scenario", "print", "--at", "50")
    page.until(f"[...document.querySelectorAll('.way .entry')].some((row) => row.textContent.includes('{STRANGER}'))")
    page.getByRole("button", {"name": "Accept"}).click()
    page.until("!document.querySelector('.way .entry')")
    page.getByRole("button", {"name": "Close it"}).click()
    says(page, "The window is closed")
    says(page, "It belongs to no account yet")
    page.getByLabel("Serial number").fill(STRANGER)
    page.getByLabel("Key", {"exact": True}).fill("77" * 32)
    page.getByRole("button", {"name": "Add a printer"}).click()
    page.until("!document.querySelector('.cloud-printers').textContent.includes('It belongs to no account yet')")


def test_the_way_of_the_printers_is_checked(page, place):
    go_on(page)
    page.getByLabel("Your name server").selectOption("hosts")
    page.getByLabel("Address of this machine").fill("192.0.2.7")
    page.until("document.querySelector('pre.copied-text')?.textContent.includes('192.0.2.7 make-mqtt.ankermake.com')")
    page.getByLabel("Name server to ask").fill("127.0.0.1")
    page.getByRole("button", {"name": "Check"}).click()
    page.until("document.querySelectorAll('.link-bad .advice').length === 4")
    says(page, "does not reach this cloud yet")


def test_its_printers_show_up(page, place):
    go_on(page)
    place.simulate(SERIAL, KEY)
    says(page, "First")
    page.until("document.querySelector('.cloud-printers .badge-good') && document.querySelector('.button-main[href=\"/\"]')")
    page.getByRole("link", {"name": "See the printers"}).click()
    page.until(f"location.pathname === '/' && document.querySelector('.card')?.textContent.includes('First')")
    assert PASSWORD not in place.gateway.log and KEY not in place.gateway.log


def test_the_first_steps_lead_to_printers_that_are_seen(page, place):
    page.open(place.url + "/settings/start")
    page.locator(".entry").getByRole("link", {"name": "See the printers"}).click()
    page.until("location.pathname === '/'")
