# SPDX-License-Identifier: MIT
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "blackbox"))

from local_cloud import Cloud, Witness  # noqa: E402
from simulator import Simulator  # noqa: E402

ANNE, BOB, ADMINISTRATOR = "anne@example.org", "bob@example.org", "admin@example.org"
PASSWORD = "correct horse battery staple"


@pytest.fixture(scope="module")
def cloud(tmp_path_factory):
    """Two accounts with a printer each, one with both, and an administrator."""
    with Cloud(tmp_path_factory.mktemp("cloud")) as running:
        running.add_account(ANNE, PASSWORD)
        running.add_account(BOB, PASSWORD)
        running.add_account(ADMINISTRATOR, PASSWORD, "--administrator")
        running.add_printer("ANNESPRINTER1", ANNE)
        running.add_printer("BOBSPRINTER1", BOB)
        running.start()
        yield running


@pytest.fixture
def witness(cloud):
    """An administrator who hears everything."""
    listener = Witness(cloud, ADMINISTRATOR)
    yield listener
    listener.close()


@pytest.fixture
def simulate(cloud):
    running = []

    def start(serial, *options):
        printer = Simulator("--broker", cloud.broker, "--ca", cloud.ca, "--serial", serial, "--key-file",
                            cloud.key_file(serial), *options)
        running.append(printer)
        return printer

    yield start
    for printer in running:
        printer.stop()
