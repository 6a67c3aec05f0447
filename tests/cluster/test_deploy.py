# SPDX-License-Identifier: MIT
"""What stands in deploy/ is what the program prints."""

import pathlib
import re

import pytest

DEPLOY = pathlib.Path(__file__).resolve().parents[2] / "deploy"


@pytest.mark.parametrize("kind, name", [("rabbitmq", "rabbitmq/rabbitmq.conf"), ("rabbitmq-advanced", "rabbitmq/advanced.config"),
                                        ("emqx", "emqx/emqx.conf")])
def test_the_files_are_what_the_command_prints(cloud, kind, name):
    printed = cloud.command("cluster", "--print", kind, "--url", "https://cloud.example:8443")
    printed = printed.replace(str(cloud.dir), "/etc/flagship")
    printed = re.sub(r"/cluster/[0-9a-f]{40}/", "/cluster/SECRET/", printed)
    assert (DEPLOY / name).read_text() == printed
