# SPDX-License-Identifier: MIT
"""A broker that takes the login and refuses to be listened to."""

import base64
import hashlib
import json
import pathlib

import pytest

from broker import Broker
from conftest import SERIAL
from program import run

NOT_ALLOWED = 5
PLUGIN = next(pathlib.Path("/usr/lib").glob("**/mosquitto_dynamic_security.so"), None)

pytestmark = pytest.mark.skipif(PLUGIN is None, reason="mosquitto has no dynamic security plugin here")


@pytest.fixture
def closed_broker(tmp_path, certificate):
    rules = tmp_path / "rules.json"
    rules.write_text(json.dumps({"defaultACLAccess": {
        "publishClientSend": True, "publishClientReceive": True, "subscribe": False, "unsubscribe": True}}))
    settings = ("allow_anonymous true", f"plugin {PLUGIN}", f"plugin_opt_config_file {rules}")
    with Broker(tmp_path, *certificate, settings=settings) as broker:
        yield broker


@pytest.mark.parametrize("extra", [[], ["--mqtt5"]])
@pytest.mark.parametrize("command", [["status"], ["monitor"], ["gcode", "M105"]])
def test_a_refused_subscription_ends_the_command(closed_broker, connection, command, extra):
    result = run(*command, *connection(url=closed_broker.url), *extra)
    assert result.returncode == NOT_ALLOWED
    assert SERIAL in result.stderr
    assert f"/phone/maker/{SERIAL}/notice" in result.stderr
    assert result.stdout == (f"{SERIAL}  not reached\n" if command == ["status"] else "")


SALT, ITERATIONS = b"twelve bytes", 101


@pytest.fixture
def login(tmp_path):
    path = tmp_path / "password"
    path.write_text("secret\n")
    path.chmod(0o600)
    return ["--username", "printer", "--password-file", path]


def printers_broker(tmp_path, certificate, *patterns):
    """Lets the user `printer` subscribe to these alone."""
    rules = tmp_path / "rules.json"
    digest = hashlib.pbkdf2_hmac("sha512", b"secret", SALT, ITERATIONS)
    acls = [{"acltype": "subscribePattern", "topic": pattern, "allow": True} for pattern in patterns]
    rules.write_text(json.dumps({
        "defaultACLAccess": {"publishClientSend": True, "publishClientReceive": True, "subscribe": False, "unsubscribe": True},
        "clients": [{"username": "printer", "password": base64.b64encode(digest).decode(),
                     "salt": base64.b64encode(SALT).decode(), "iterations": ITERATIONS, "roles": [{"rolename": "printer"}]}],
        "roles": [{"rolename": "printer", "acls": acls}]}))
    settings = ("allow_anonymous false", f"plugin {PLUGIN}", f"plugin_opt_config_file {rules}")
    return Broker(tmp_path, *certificate, settings=settings)


def test_a_simulated_printer_does_without_what_older_brokers_may_refuse(tmp_path, certificate, connection, simulate, login):
    with printers_broker(tmp_path, certificate, "/device/#") as broker:
        printer = simulate(*connection(url=broker.url), *login)
        for name in ("smart", "server"):
            printer.await_text(f"real printers ask for: /{name}/maker/{SERIAL}/command")


def test_a_simulated_printer_ends_where_no_command_can_arrive(tmp_path, certificate, connection, login):
    with printers_broker(tmp_path, certificate, "/smart/#") as broker:
        result = run("simulate", *connection(url=broker.url), *login, "--for", "10")
        assert result.returncode == NOT_ALLOWED and "so that no command can arrive" in result.stderr
