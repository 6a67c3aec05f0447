# SPDX-License-Identifier: MIT
"""`flagship push`: devices that the gateway that runs here tells what happens, by its socket."""

import json

import pytest

from accounts_home import Home
from gateway import Gateway
from json_style import check
from program import CANNOT_CONNECT, DONE, REFUSED, USAGE, run
from push_service import Device, service  # noqa: F401: a fixture

NOBODY = "0" * 16


@pytest.fixture(scope="module")
def gateway(tmp_path_factory, service):
    home = Home(tmp_path_factory.mktemp("push"))
    home.settings(f"[push]\nca = {service.authority.certificate}\nloopback = true\n")
    with Gateway(home, "--dir", home.folder / "gateway") as running:
        running.folder = home.folder / "gateway"
        yield running


def push(gateway, *words):
    return run("push", "--dir", gateway.folder, *words)


def test_devices_are_listed_tested_and_removed(gateway, service):
    device = Device(service)
    nothing = push(gateway)
    assert (nothing.returncode, nothing.stdout) == (DONE, "") and "no device" in nothing.stderr
    assert gateway.status("POST", "/push", device.subscription("finished", "plate", name="Tablet"))[0] == 201
    listed = push(gateway, "list", "--json")
    check("push", listed.stdout)
    assert json.loads(listed.stdout) == gateway.get("/push?all=true")["subscriptions"]
    table = push(gateway).stdout
    assert device.id in table and "finished plate" in table and "localhost" in table and device.path not in table
    tested = push(gateway, "test", device.id)
    assert (tested.returncode, tested.stdout) == (DONE, f"the push service has the test of {device.id}\n")
    service.will_answer(device, (403, {}, "BadJwtToken"), (403, {}, "BadJwtToken"))
    refused = push(gateway, "test", device.id)
    assert refused.returncode == REFUSED and "does not take" in refused.stderr and "(403): BadJwtToken" in refused.stderr
    told = push(gateway, "test", device.id, "--json")
    assert (told.returncode, json.loads(told.stdout)) == (REFUSED, {"outcome": "refused", "status": 403, "detail": "BadJwtToken"})
    assert push(gateway, "remove", device.id).returncode == DONE
    assert gateway.get("/push")["subscriptions"] == []
    assert push(gateway, "remove", device.id).returncode == REFUSED


@pytest.mark.parametrize("words", [["everything"], ["test"], ["remove", "x"], ["test", NOBODY + "0"], ["list", NOBODY], ["remove", "../health00000000"]])
def test_what_is_no_call_of_it_is_said(gateway, words):
    result = push(gateway, *words)
    assert result.returncode == USAGE and result.stderr.startswith("flagship: ")


def test_without_a_gateway_it_says_so(tmp_path):
    assert run("push", "--dir", tmp_path).returncode == CANNOT_CONNECT
