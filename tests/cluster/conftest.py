# SPDX-License-Identifier: MIT
import pathlib
import shutil
import sys

import pytest

TESTS = pathlib.Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS / "blackbox"), str(TESTS / "cloud")]

from local_cloud import Cloud  # noqa: E402
from rabbitmq import Cluster, find_server  # noqa: E402

ANNE, BOB = "anne@example.org", "bob@example.org"
PRINTERS = {"ANNESPRINTER1": ANNE, "ANNESPRINTER2": ANNE, "BOBSPRINTER1": BOB}
PRINTER_PASSWORD = "a printer's secret"


@pytest.fixture(scope="session")
def cloud(tmp_path_factory):
    with Cloud(tmp_path_factory.mktemp("cloud")) as running:
        for email in (ANNE, BOB):
            running.add_account(email, "secret")
        for serial, email in PRINTERS.items():
            running.command("add-printer", "--account", email, "--serial", serial, "--model", "m5", "--username", f"login-{serial}",
                            "--password-stdin", stdin=PRINTER_PASSWORD + "\n")
        running.start()
        yield running


@pytest.fixture(scope="session")
def cluster(cloud, tmp_path_factory):
    if find_server() is None:
        pytest.skip("RabbitMQ is not installed")
    folder = tmp_path_factory.mktemp("rabbitmq")
    with Cluster(folder, cloud) as running:
        yield running
    shutil.rmtree(folder, ignore_errors=True)
