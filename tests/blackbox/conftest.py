# SPDX-License-Identifier: MIT
import pytest

from accounts_home import Home
from api_server import Account, ApiServer, printer
from broker import Authority, Broker
from simulator import Simulator

SERIAL = "AK7ABC0123456789"
KEY = "00112233445566778899aabbccddeeff0123456789abcdef0123456789abcdef"


@pytest.fixture(scope="session")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="session")
def certificate(authority):
    return authority.issue("broker")


@pytest.fixture(scope="session")
def broker(tmp_path_factory, certificate):
    with Broker(tmp_path_factory.mktemp("broker"), *certificate) as running:
        yield running


@pytest.fixture(scope="session")
def key_file(tmp_path_factory):
    path = tmp_path_factory.mktemp("key") / "key"
    path.write_text(KEY + "\n")
    path.chmod(0o600)
    return path


@pytest.fixture(scope="session")
def connection(broker, authority, key_file):
    """The options that reach a printer: connection(serial) for another than SERIAL."""

    def options(serial=SERIAL, url=broker.url, ca=authority.certificate):
        return ["--broker", url, "--ca", ca, "--serial", serial, "--key-file", key_file]

    return options


@pytest.fixture
def simulate():
    """Starts simulated printers and stops them at the end of the test: simulate(options...)."""
    running = []

    def start(*options, **more):
        printer = Simulator(*options, **more)
        running.append(printer)
        return printer

    yield start
    for printer in running:
        printer.stop()


@pytest.fixture
def home(tmp_path):
    folder = tmp_path / "home"
    folder.mkdir()
    return Home(folder)


@pytest.fixture(scope="session")
def api_certificate(authority):
    names = "DNS:localhost,IP:127.0.0.1,DNS:make-app.ankermake.com,DNS:make-app-eu.ankermake.com"
    return authority.issue("api", san=names)


@pytest.fixture
def account():
    return Account(printers=[printer("AK7ABC0123456789"), printer("AK7DEF0123456789", "Kitchen", "V8110", "cd" * 32)])


@pytest.fixture
def api(api_certificate, account):
    with ApiServer(*api_certificate, accounts=[account]) as server:
        yield server


@pytest.fixture
def log_in(home, api, authority, account):
    """login at the test's service with the right password on standard input, unless told otherwise."""

    def start(*options, url=None, stdin=None, **changes):
        return home.run("login", "--email", account.email, "--api", url or api.url, "--ca", authority.certificate,
                        "--service-key", api.key.public, *options,
                        stdin=account.password + "\n" if stdin is None else stdin, **changes)

    return start
