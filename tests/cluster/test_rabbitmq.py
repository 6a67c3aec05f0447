# SPDX-License-Identifier: MIT
"""The vendor's rules on a cluster: printers on one node, clients on another, and a node that dies."""

import json

import pytest

from accounts_home import Home
from conftest import ANNE, PRINTER_PASSWORD
from local_cloud import Client
from program import DONE, FLAGSHIP, environment
from process import Process, until
from simulator import Simulator

MINE, SECOND, OTHERS = "ANNESPRINTER1", "ANNESPRINTER2", "BOBSPRINTER1"


class At:
    """What a client needs to know of a node."""

    host = "localhost"

    def __init__(self, cloud, node):
        self.mqtt_port, self.ca = node.mqtt_port, cloud.ca
        self.url = f"mqtts://{self.host}:{node.mqtt_port}"


@pytest.fixture(scope="module")
def printer_login(tmp_path_factory):
    path = tmp_path_factory.mktemp("printer") / "password"
    path.write_text(PRINTER_PASSWORD + "\n")
    path.chmod(0o600)
    return path


def simulate(cloud, node, serial, password_file, *options):
    return Simulator("--broker", At(cloud, node).url, "--ca", cloud.ca, "--serial", serial, "--key-file", cloud.key_file(serial),
                     "--username", f"login-{serial}", "--password-file", password_file, "--model", "m5", *options)


@pytest.fixture(scope="module")
def home(cloud, cluster, tmp_path_factory):
    """Anne's, whose broker is the second node."""
    folder = tmp_path_factory.mktemp("home")
    login = folder / "login.json"
    login.write_text(cloud.command("export-login", ANNE))
    owner = Home(folder)
    imported = owner.run("import", "--api", cloud.api, "--broker", At(cloud, cluster.nodes[1]).url, "--ca", cloud.ca, login)
    assert imported.returncode == DONE, imported.stderr
    return owner


def test_logins(cloud, cluster):
    user, password = cloud.login(ANNE)
    for node, login, taken in ((0, (user, password), True), (1, (user, password), True), (2, (user, "wrong"), False), (0, ("eufy_0", password), False),
                               (1, (f"login-{MINE}", PRINTER_PASSWORD), True), (2, (f"login-{MINE}", "wrong"), False), (0, ("guest", "guest"), False)):
        client = Client(At(cloud, cluster.nodes[node]), login)
        assert (client.result == 0) == taken, login[0]
        client.close()


@pytest.mark.parametrize("topic", [f"/phone/maker/{OTHERS}/notice", "/phone/maker/+/notice", "#", f"/device/maker/{OTHERS}/command", f"/smart/maker/{MINE}/command", f"/phone/maker/{MINE}/#"])
def test_denied_subscriptions(cloud, cluster, topic):
    client = Client(At(cloud, cluster.nodes[2]), cloud.login(ANNE))
    lost = []
    client.on_disconnect = lambda *arguments: lost.append(arguments)
    client.subscribe(topic, 1)
    # RabbitMQ hangs up on who asks for what is not theirs; no grant comes.
    with client.changed:
        client.changed.wait_for(lambda: lost or client.granted, 10)
    assert not any(granted[0] < 128 for granted in client.granted.values())
    client.close()


def test_denied_publications(cloud, cluster, printer_login):
    listener = Client(At(cloud, cluster.nodes[0]), (f"login-{OTHERS}", PRINTER_PASSWORD))
    assert listener.try_subscribe(f"/device/maker/{OTHERS}/command") < 128
    intruder = Client(At(cloud, cluster.nodes[1]), cloud.login(ANNE))
    intruder.publish(f"/device/maker/{OTHERS}/command", b"x", qos=1)
    owner = Client(At(cloud, cluster.nodes[2]), cloud.login("bob@example.org"))
    owner.publish(f"/device/maker/{OTHERS}/command", b"the owner's", qos=1)
    listener.await_heard(lambda _, payload: payload == b"the owner's")
    assert [payload for _, payload in listener.heard] == [b"the owner's"]
    for client in (listener, intruder, owner):
        client.close()


def test_a_session_is_of_the_account_that_began_it(cloud, cluster, printer_login):
    node = At(cloud, cluster.nodes[0])
    topic = f"/phone/maker/{MINE}/notice"
    app = Client(node, cloud.login(ANNE), "annes-app", clean_session=False)
    assert app.try_subscribe(topic) < 128
    app.close()
    printer = Client(node, (f"login-{MINE}", PRINTER_PASSWORD))
    printer.publish(topic, b"for Anne", qos=1).wait_for_publish()
    thief = Client(node, cloud.login("bob@example.org"), "annes-app", clean_session=False)
    assert thief.result != 0
    thief.close()
    app = Client(node, cloud.login(ANNE), "annes-app", clean_session=False)
    app.await_heard(lambda _, payload: payload == b"for Anne")
    for client in (app, printer):
        client.close()


def test_notices_and_commands_across_nodes_and_the_death_of_one(cloud, cluster, home, printer_login):
    first = simulate(cloud, cluster.nodes[0], MINE, printer_login, "--scenario", "print", "--at", "20")
    second = simulate(cloud, cluster.nodes[2], SECOND, printer_login, "--scenario", "print", "--at", "20")
    monitor = None
    try:
        until(lambda: all(printer["online"] for printer in json.loads(home.run("printers", "--json").stdout)))
        for command in ("pause", "resume"):
            result = home.run(command, "-p", "all", "--json")
            assert result.returncode == DONE, result.stderr
            assert [json.loads(line)["outcome"] for line in result.stdout.splitlines()] == ["confirmed", "confirmed"]
        monitor = Process(FLAGSHIP, "monitor", "-p", "all", "--json", env=environment(HOME=home.folder), output="both")
        monitor.await_lines(lambda lines: {MINE, SECOND} <= {json.loads(line)["serial"] for line in lines if line.startswith("{")})

        cluster.nodes[2].kill()
        # The printer of the dead node asks again; as its address it keeps what failed, so that it waits for the node.
        result = home.run("pause", "-p", MINE, "--json")
        assert result.returncode == DONE and json.loads(result.stdout)["outcome"] == "confirmed", result.stderr
        cluster.nodes[2].start()
        cluster.nodes[2].await_started()
        second.await_lines(lambda lines: sum("publishing" in line for line in lines) >= 2, 90)
        result = home.run("pause", "-p", SECOND, "--json")
        assert result.returncode == DONE and json.loads(result.stdout)["outcome"] == "confirmed", result.stderr
        # What was confirmed before is still so.
        states = [json.loads(line)["job"]["state"] for line in home.run("status", "-p", "all", "--json").stdout.splitlines()]
        assert states == ["paused", "paused"]
    finally:
        for process in (monitor, first, second):
            if process is not None:
                process.stop()
