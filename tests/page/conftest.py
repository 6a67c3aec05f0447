# SPDX-License-Identifier: MIT
"""The page of flagship serve in real Chromium, in front of a real gateway, broker and simulated printers."""

import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "blackbox"))

import pytest  # noqa: E402

pytest.register_assert_rewrite("axe")  # so that it says what was found

import tools  # noqa: E402
from accounts_home import Home  # noqa: E402
from broker import Authority, Broker  # noqa: E402
from browser import Browser  # noqa: E402
from fake_printer import FakePrinter  # noqa: E402
from gateway import Gateway  # noqa: E402
from process import until  # noqa: E402
from program import DONE  # noqa: E402
from simulator import Simulator  # noqa: E402

KEY = "00112233445566778899aabbccddeeff0123456789abcdef0123456789abcdef"
ACCOUNT = {"auth_token": "t", "region": "eu", "user_id": "0123456789", "email": "a@example.com", "__type__": "Account"}
MODELS = {"m5": "V8111", "m5c": "V8110", "e1": "V8260"}
LACKING = tools.why_no_browser()


def pytest_collection_modifyitems(items):
    """Pages that need no browser say so by a mark."""
    if LACKING:
        for item in items:
            if not item.get_closest_marker("without_browser"):
                item.add_marker(pytest.mark.skip(reason=f"the page cannot be tried: {LACKING}"))


def pytest_configure(config):
    config.addinivalue_line("markers", "without_browser: needs neither node nor chromium")


@pytest.fixture(scope="session")
def browser():
    with Browser(whole=False) as running:
        yield running


@pytest.fixture(scope="module")
def whole_browser():
    with Browser() as running:
        yield running


@pytest.fixture(scope="module")
def open_page(browser):
    """Opens an address in a browser of its own, until the end of the file."""
    opened = []
    yield opening(browser.page, opened)
    for page in opened:
        page.end()


@pytest.fixture
def visit(browser):
    """The same, until the end of the test."""
    opened = []
    yield opening(browser.lend, opened)
    for page in opened:
        browser.give_back(page)


def opening(make, opened):
    def start(url, size="desktop", **options):
        opened.append(make(size, **options))
        return opened[-1].open(url)

    return start


class Shop:
    """A gateway with printers; `names` by serial number."""

    def __init__(self, folder):
        self.folder = folder
        self.authority = Authority(folder)
        self.home = Home(folder)
        (folder / "key").write_text(KEY + "\n")
        (folder / "key").chmod(0o600)
        self.simulators = []
        self.broker = None
        self.gateway = None

    def open(self, printers, *options, before=None, environment=None):
        """printers: {serial: (name, model)}; before: is called with the shop before its gateway runs; environment: of the gateway."""
        listed = [{"id": str(number), "sn": serial, "name": name, "model": MODELS[model], "mqtt_key": KEY, "ip_addr": "", "__type__": "Printer"}
                  for number, (serial, (name, model)) in enumerate(printers.items())]
        (self.folder / "default.json").write_text(json.dumps({"account": ACCOUNT, "printers": listed, "__type__": "Config"}))
        (self.folder / "broker").mkdir()
        self.broker = Broker(self.folder / "broker", *self.authority.issue("broker"))
        self.broker.__enter__()
        assert self.home.run("import", self.folder / "default.json", "--broker", self.broker.url, "--ca", self.authority.certificate, "--offline").returncode == DONE
        if before:
            before(self)
        self.environment = environment or {}
        self.gateway = Gateway(self.home, "--dir", self.folder / "state", *options, **self.environment)
        return self

    def go_away(self):
        self.gateway.stop()

    def come_back(self):
        """At the same port: browsers that are open find it again."""
        self.gateway = Gateway(self.home, "--dir", self.folder / "state", "--port", str(self.gateway.port), **self.environment)

    @property
    def url(self):
        return f"http://127.0.0.1:{self.gateway.port}"

    def simulate(self, serial, model="m5", *options):
        return self.run_simulator("--serial", serial, "--model", model, *options)

    def script(self, serial, message):
        """A printer whose every word is told by the test; from when the gateway has heard this one of it."""
        printer = FakePrinter(serial, self.broker.port, self.authority.certificate, KEY)
        until(lambda: printer.publish(message) or self.gateway.get(f"/printers/{serial}")["online"])
        return printer

    def simulate_many(self, prefix, count, *options):
        """PREFIX00001 and so on."""
        return self.run_simulator("--prefix", prefix, "--count", str(count), *options)

    def run_simulator(self, *options):
        self.simulators.append(Simulator("--broker", self.broker.url, "--ca", self.authority.certificate, "--key-file", self.folder / "key", *options))
        return self.simulators[-1]

    def close(self):
        for printer in self.simulators:
            printer.stop()
        if self.gateway:
            self.gateway.stop()
        if self.broker:
            self.broker.__exit__(None, None, None)


@pytest.fixture(scope="module")
def make_shop(tmp_path_factory):
    """Opens a shop of these printers: nothing of them is simulated yet."""
    opened = []

    def start(printers, *options, **more):
        opened.append(Shop(tmp_path_factory.mktemp("shop")))
        return opened[-1].open(printers, *options, **more)

    yield start
    for running in opened:
        running.close()


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    """Of three printers: one prints, one is ready, one is off."""
    yield from three_printers(tmp_path_factory)


def three_printers(tmp_path_factory, before=None):
    running = Shop(tmp_path_factory.mktemp("shop"))
    try:
        running.open({"PAGELEFT": ("Left", "m5"), "PAGEMIDDLE": ("Middle", "m5c"), "PAGEOFF": ("Off", "m5")}, before=before)
        running.simulate("PAGELEFT", "m5", "--scenario", "print", "--at", "34")
        running.simulate("PAGEMIDDLE", "m5c")
        running.gateway.await_get("/printers/PAGELEFT", lambda printer: printer["job"]["state"] == "printing")
        running.gateway.await_get("/printers/PAGEMIDDLE", lambda printer: printer["online"])
        yield running
    finally:
        running.close()
