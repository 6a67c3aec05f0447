# SPDX-License-Identifier: MIT
"""A cloud and a gateway as services of the system, with a simulated printer: in the machine of scripts/test-vm only."""

import os
import pathlib
import shutil
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "blackbox"))

from machine import AS_SERVICE, CLOUD, FLAGSHIP, SERVE, SETTINGS, SOCKET, STATE, Manager, answers, health, run  # noqa: E402
from process import Process  # noqa: E402

EMAIL, SERIAL, KEY = "owner@example.org", "VMPRINTER1", "5a" * 32


def pytest_configure(config):
    if not os.environ.get("FLAGSHIP_VM"):
        pytest.exit("these start and stop services of the system: scripts/test-vm runs them in a machine of their own", 2)


@pytest.fixture(scope="session")
def system():
    return Manager()


@pytest.fixture(scope="session")
def cloud(system):
    """The service of the system, with an account and a printer."""
    run(*AS_SERVICE, "cloud", "init", "--host", "localhost")
    run(*AS_SERVICE, "cloud", "add-account", "--email", EMAIL, "--password-stdin", stdin="a good password\n")
    run(*AS_SERVICE, "cloud", "add-printer", "--account", EMAIL, "--serial", SERIAL, "--name", "Left", "--key-file", "-", stdin=KEY + "\n")
    system("start", CLOUD)
    return STATE / "cloud"


@pytest.fixture(scope="session")
def printer(cloud, tmp_path_factory):
    """Prints, until it is told to stop."""
    folder = tmp_path_factory.mktemp("printer")
    key = folder / "key"
    key.write_text(KEY + "\n", encoding="ascii")
    key.chmod(0o600)
    shutil.copy(cloud / "ca.pem", folder / "ca.pem")
    process = Process(FLAGSHIP, "simulate", "--broker", "mqtts://localhost:8789", "--ca", folder / "ca.pem", "--serial", SERIAL, "--key-file", key,
                      "--model", "m5", "--scenario", "print", output="both")
    process.await_text("publishing")
    yield process
    process.stop()


@pytest.fixture
def serve(system, cloud, printer):
    """The service, running as delivered, with the printer online; what a test changes of it is taken back."""
    system("start", SERVE)
    answers("/printers", lambda printers: [p["online"] for p in printers] == [True])
    yield system
    SETTINGS.unlink(missing_ok=True)
    system.drop_in_none()
    system.attempt("stop", SOCKET, SERVE)
    system.attempt("reset-failed", SERVE)
    system("start", CLOUD)
    assert health() is None
