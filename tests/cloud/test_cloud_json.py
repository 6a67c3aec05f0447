# SPDX-License-Identifier: MIT
"""What the commands of the cloud print with --json is what docs/json.md says."""

import json

import pytest
from json_style import TIME, check

ANNE = "anne@example.org"


def test_of_a_running_cloud(cloud):
    assert check("cloud status", cloud.command("status", "--json")) == 1
    (text,) = cloud.command("list", "--json").splitlines()
    assert check("cloud list", text) == 1
    for account in json.loads(text)["accounts"]:
        assert TIME.fullmatch(account["created_at"])


@pytest.mark.parametrize("command", ["tokens", "pair"])
def test_lists(cloud, command):
    text = cloud.command(command, *(["list"] if command == "pair" else []), "--json")
    assert len(text.splitlines()) == 1
    check(f"cloud {command}", text)
