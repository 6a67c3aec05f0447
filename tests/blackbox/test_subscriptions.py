# SPDX-License-Identifier: MIT
"""A broker that takes the login and refuses to be listened to."""

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
    assert result.stdout == ""
