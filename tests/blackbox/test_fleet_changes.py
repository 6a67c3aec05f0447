# SPDX-License-Identifier: MIT
"""Printers come and go, and a login changes, while a fleet runs at a real broker that refuses single topics."""

import base64
import hashlib
import json
import pathlib
import subprocess

import pytest
from broker import Broker
from conftest import KEY
from program import BUILD, environment

TIMEOUT_S = 60
PROGRAM = BUILD / "tests" / "fleet" / "fleet_changes"
USERS = {"first": ("LIVEA", "LIVEB", "LIVEC"), "second": ("LIVEB",), "printer": ("LIVEC",)}
SALT, ITERATIONS = b"twelve bytes", 101
PLUGIN = next(pathlib.Path("/usr/lib").glob("**/mosquitto_dynamic_security.so"), None)

pytestmark = pytest.mark.skipif(PLUGIN is None, reason="mosquitto has no dynamic security plugin here")


def client(name):
    digest = hashlib.pbkdf2_hmac("sha512", b"secret", SALT, ITERATIONS)
    return {"username": name, "password": base64.b64encode(digest).decode(), "salt": base64.b64encode(SALT).decode(),
            "iterations": ITERATIONS, "roles": [{"rolename": name}]}


def role(name, serials):
    return {"rolename": name, "acls": [{"acltype": "subscribePattern", "topic": f"/{side}/maker/{serial}/#", "allow": True}
                                       for serial in serials for side in ("phone", "device", "smart", "server")]}


@pytest.fixture
def strict_broker(tmp_path, certificate):
    """Where each user may subscribe to its own printers, and to no others."""
    rules = tmp_path / "rules.json"
    rules.write_text(json.dumps({
        "defaultACLAccess": {"publishClientSend": True, "publishClientReceive": True, "subscribe": False, "unsubscribe": True},
        "clients": [client(name) for name in USERS], "roles": [role(*user) for user in USERS.items()]}))
    settings = ("allow_anonymous false", f"plugin {PLUGIN}", f"plugin_opt_config_file {rules}")
    with Broker(tmp_path, *certificate, settings=settings) as broker:
        yield broker


@pytest.fixture
def login(tmp_path):
    path = tmp_path / "password"
    path.write_text("secret\n")
    path.chmod(0o600)
    return ["--username", "printer", "--password-file", path]


def test_printers_and_logins_change(strict_broker, authority, connection, simulate, login):
    simulate(*connection("LIVEC", strict_broker.url), *login, "--model", "m5c")
    result = subprocess.run([PROGRAM, str(strict_broker.port), authority.certificate, KEY], capture_output=True, text=True,
                            timeout=TIMEOUT_S, env=environment(), check=False)
    said = result.stdout.splitlines()
    assert result.returncode == 0, said
    assert "overdue" not in said
    assert said[:3] == ["add LIVEA 0", "add LIVEB 0", "start 0"]
    assert sorted(said[3:5]) == ["ready LIVEA", "ready LIVEB"]
    assert said[5:7] == ["add LIVEC 0", "add DENIED 0"]
    # Only what the broker refuses is missing.
    assert sorted(said[7:9]) == ["ready LIVEC", "refused DENIED"]
    assert said[9] == "online LIVEC"
    # Removed inside of a callback, they are freed once it is over.
    assert said[10:14] == ["changed", "change 0", "removed LIVEA", "removed DENIED"]
    # The other login sees one of the two that are left.
    assert sorted(said[14:]) == ["ready LIVEB", "refused LIVEC"]
