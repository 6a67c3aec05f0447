# SPDX-License-Identifier: MIT
"""Programs of others, as they are installed by people, against the built gateway and the simulated printer."""

import json
import pathlib
import sys

import pytest

TESTS = pathlib.Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS / "blackbox"), str(TESTS / "cloud")]

from accounts_home import Home  # noqa: E402
from broker import Authority, Broker  # noqa: E402
from lan import DUID, lan_address  # noqa: E402
from program import DONE  # noqa: E402
from simulator import Simulator  # noqa: E402

KEY = "000102030405060708090a0b0c0d0e0f"
SERIAL = "CLIENTLEFT"


def write_profile(home, address):
    """As ankerctl keeps it; flagship imports that."""
    printer = {"id": "1", "sn": SERIAL, "name": "Left", "model": "V8111", "create_time": 0, "update_time": 0, "wifi_mac": "", "ip_addr": address,
               "mqtt_key": KEY, "api_hosts": "", "p2p_hosts": "", "p2p_duid": DUID, "p2p_key": "", "__type__": "Printer"}
    account = {"auth_token": "t", "region": "eu", "user_id": "0123456789", "email": "a@example.com", "__type__": "Account"}
    folder = home.folder / ".config" / "ankerctl"
    folder.mkdir(parents=True)
    (folder / "default.json").write_text(json.dumps({"account": account, "printers": [printer], "__type__": "Config"}))
    return folder / "default.json"


@pytest.fixture
def lan_home(tmp_path):
    """A home that ankerctl and flagship both read, whose only printer is idle and on the local network."""
    authority, address, home = Authority(tmp_path / "authority"), lan_address(), Home(tmp_path / "home")
    profile = write_profile(home, address)
    key = tmp_path / "key"
    key.write_text(KEY)
    key.chmod(0o600)
    with Broker(tmp_path, *authority.issue("broker"), settings=("allow_anonymous true",)) as broker:
        assert home.run("import", profile, "--broker", broker.url, "--ca", authority.certificate, "--offline").returncode == DONE
        printer = Simulator("--broker", broker.url, "--ca", authority.certificate, "--serial", SERIAL, "--key-file", key, "--model", "m5",
                            "--lan", "--lan-address", address, "--lan-duid", DUID)
        yield home
        printer.stop()
