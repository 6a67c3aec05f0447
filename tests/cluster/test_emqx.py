# SPDX-License-Identifier: MIT
"""Requests of the shapes that EMQX documents for HTTP authentication and authorisation."""

import json
import subprocess

import pytest

from conftest import ANNE, PRINTER_PASSWORD
from program import USAGE

MINE, OTHERS = "ANNESPRINTER1", "BOBSPRINTER1"


@pytest.fixture(scope="session")
def base(cloud):
    line = next(line for line in cloud.command("cluster", "--print", "emqx").splitlines() if "/emqx/authn" in line)
    return line.split('"')[1].removesuffix("/authn")


def ask(cloud, url, body, content_type="application/json"):
    result = subprocess.run(["curl", "-sS", "-i", "--cacert", cloud.ca, "-H", f"content-type: {content_type}", "--data-binary", "@-", url],
                            input=body if isinstance(body, bytes) else json.dumps(body).encode(), capture_output=True, check=True, timeout=60)
    head, _, rest = result.stdout.partition(b"\r\n\r\n")
    return int(head.split()[1]), dict(line.lower().split(": ", 1) for line in head.decode().splitlines()[1:]), rest


def test_authentication(cloud, base):
    user, password = cloud.login(ANNE)
    for username, given, result in ((user, password, "allow"), (user, "wrong", "deny"), ("nobody", password, "deny"), ("", "", "deny"),
                                    (f"login-{MINE}", PRINTER_PASSWORD, "allow"), (f"login-{MINE}", "wrong", "deny")):
        status, headers, body = ask(cloud, base + "/authn", {"username": username, "password": given, "clientid": "c"})
        # Anything but 200 would make EMQX ask somebody else.
        assert status == 200 and headers["content-type"] == "application/json"
        assert json.loads(body) == {"result": result, "is_superuser": False}


@pytest.mark.parametrize("action, topic, retain, result", [
    ("subscribe", f"/phone/maker/{MINE}/notice", "false", "allow"),
    ("publish", f"/device/maker/{MINE}/command", "false", "allow"),
    ("publish", f"/device/maker/{MINE}/command", "true", "deny"),
    ("publish", f"/device/maker/{OTHERS}/command", "false", "deny"),
    ("subscribe", f"/phone/maker/{OTHERS}/notice", "false", "deny"),
    ("subscribe", "#", "false", "deny"),
    ("subscribe", "$SYS/#", "false", "deny"),
    ("dance", f"/phone/maker/{MINE}/notice", "false", "deny"),
])
def test_authorisation_of_an_account(cloud, base, action, topic, retain, result):
    body = {"username": cloud.login(ANNE)[0], "topic": topic, "action": action, "retain": retain}
    assert json.loads(ask(cloud, base + "/authz", body)[2]) == {"result": result}


def test_authorisation_of_a_printer(cloud, base):
    ask(cloud, base + "/authn", {"username": f"login-{MINE}", "password": PRINTER_PASSWORD})
    for action, topic, result in (("publish", f"/phone/maker/{MINE}/notice", "allow"), ("subscribe", f"/device/maker/{MINE}/command", "allow"),
                                  ("publish", f"/phone/maker/{OTHERS}/notice", "deny"), ("subscribe", f"/phone/maker/{MINE}/notice", "deny")):
        body = {"username": f"login-{MINE}", "topic": topic, "action": action, "retain": False}
        assert json.loads(ask(cloud, base + "/authz", body)[2]) == {"result": result}


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"username=x", b"\xff" * 100], ids=["empty", "half", "array", "form", "binary"])
def test_what_cannot_be_read_is_denied(cloud, base, body):
    for call in ("/authn", "/authz"):
        status, _, answer = ask(cloud, base + call, body)
        assert status == 200 and json.loads(answer)["result"] == "deny"


def test_without_the_secret_there_is_nothing(cloud, base):
    wrong = base.replace(base.split("/")[-2], "0" * 40)
    assert ask(cloud, wrong + "/authn", {})[0] == 404
    assert ask(cloud, base.rsplit("/", 2)[0] + "/emqx/authn", {})[0] == 404
    assert ask(cloud, base + "/nothing", {})[0] == 404


def test_the_command_explains_itself(cloud):
    assert cloud.attempt("cluster").returncode == USAGE
    assert cloud.attempt("cluster", "--print", "emqx", "--url", "http://x").returncode == USAGE
    assert "https://cloud.lan:8443/cluster/" in cloud.command("cluster", "--print", "rabbitmq", "--url", "https://cloud.lan:8443")
