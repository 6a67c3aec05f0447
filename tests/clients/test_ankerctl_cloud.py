# SPDX-License-Identifier: MIT
"""ankerctl of other people in a network in which the vendor's names lead to our cloud: it imports its printers from there, and speaks
with one of them by its broker. Its API it trusts by the system's certificates, the broker by a file of its own."""

import json

import pytest
from ankerctl import COMMAND, ankerctl, attempt, begin, can_send, is_here, source
from lan import DUID
from local_cloud import Cloud
from network import HOME_SERVER, Network, why_not
from program import FLAGSHIP

EMAIL, PASSWORD = "anne@example.org", "correct horse battery staple"
SERIAL = "AK7CLIENT0000001"
REASON = why_not()

pytestmark = [is_here, pytest.mark.skipif(REASON is not None, reason=str(REASON))]


@pytest.fixture(scope="module")
def cloud(tmp_path_factory):
    made = Cloud(tmp_path_factory.mktemp("cloud"), "--bind", HOME_SERVER)
    made.command("init", "--mqtt-port", 8789, "--api-port", 443)
    made.add_account(EMAIL, PASSWORD)
    made.add_printer(SERIAL, EMAIL, "--name", "Left", "--duid", DUID, "--address", "192.0.2.7", "--mac", "aa:bb:cc:dd:ee:ff")
    return made


@pytest.fixture(scope="module")
def network(cloud, tmp_path_factory):
    """With the cloud, a printer at its broker, and names as the cloud's own hosts file has them."""
    made = Network(tmp_path_factory.mktemp("network"))
    made.replace("/etc/hosts", "127.0.0.1 localhost\n" + cloud.command("takeover", "--print", "hosts", "--address", HOME_SERVER))
    made.start(FLAGSHIP, "cloud", "run", "--dir", cloud.dir, ready="ready:")
    made.start(FLAGSHIP, "simulate", "--broker", "mqtts://make-mqtt.ankermake.com:8789", "--ca", cloud.ca, "--serial", SERIAL, "--key-file",
               cloud.key_file(SERIAL), "--model", "m5", "--scenario", "print", ready="publishing")
    if COMMAND:
        made.replace(str(source() / "ssl" / "ankermake-mqtt.crt"), cloud.ca.read_text())
    yield made
    made.close()


@pytest.fixture(scope="module")
def run(cloud, network, tmp_path_factory):
    """Its commands, after it was given a login that was made here."""
    folder = tmp_path_factory.mktemp("home")

    def command(*words, does=ankerctl, **more):
        return does(folder, *words, inside=network.inside([]), REQUESTS_CA_BUNDLE=cloud.ca, **more)

    command.folder = folder
    login = folder / "login.json"
    login.write_text(cloud.command("export-login", EMAIL))
    command.said = command("config", "import", login)
    return command


def test_it_imports_account_and_printers(cloud, run):
    assert f"Adding printer [{SERIAL}]" in run.said and "Finished import" in run.said
    kept = json.loads((run.folder / ".config" / "ankerctl" / "default.json").read_text())
    registered = cloud.registry()
    account, printer = registered["accounts"][0], kept["printers"][0]
    assert (kept["account"]["email"], kept["account"]["user_id"], kept["account"]["region"]) == (EMAIL, account["user_id"], "us")
    assert (printer["sn"], printer["name"], printer["p2p_duid"], printer["ip_addr"]) == (SERIAL, "Left", DUID, "192.0.2.7")
    assert printer["mqtt_key"] == registered["printers"][0]["key"]
    assert SERIAL in run("config", "show")


def test_a_token_that_is_not_of_here_is_refused(cloud, run, tmp_path):
    login = tmp_path / "login.json"
    login.write_text(json.dumps({"data": {"ab_code": "US", "auth_token": "0" * 48}}))
    assert "Config import failed: API request failed: 401" in run("config", "import", login, does=attempt).stdout


def test_it_hears_what_the_printer_tells(run):
    monitor = run("mqtt", "monitor", does=begin)
    try:
        monitor.await_text("nozzle_temp")
    finally:
        monitor.stop()


@can_send
def test_it_sends_a_command(run):
    """Its answer comes back, by the broker, which says who the printer is."""
    said = run("mqtt", "send", "ZZ_MQTT_CMD_NOZZLE_TEMP", "value=20000")
    assert json.loads(said[said.index("{"):])["commandType"] == 1003


@can_send
def test_it_sends_gcode(run):
    assert "FIRMWARE_NAME" in run("mqtt", "gcode", stdin="M115\n", does=attempt).stdout
