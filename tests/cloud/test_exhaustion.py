# SPDX-License-Identifier: MIT
"""A broker that hangs, and a program that gets no memory."""

import os
import pathlib
import re
import resource
import signal

import pytest

from exchange import login_body
from local_cloud import Client, Cloud
from test_cloud_api import curl

ANNE, PASSWORD = "anne@example.org", "correct horse"


@pytest.fixture
def running(tmp_path):
    with Cloud(tmp_path) as cloud:
        cloud.add_account(ANNE, PASSWORD)
        cloud.start()
        yield cloud


def test_a_broker_that_hangs_is_started_again(running):
    """The attack: it was alive and answered nobody, for good."""
    broker = running.broker_pid
    os.kill(broker, signal.SIGSTOP)
    running.process.await_text("the broker hangs", 60)
    running.process.await_lines(lambda lines: sum("mosquitto version" in line and "running" in line for line in lines) == 2, 30)
    assert running.broker_pid != broker
    client = Client(running, running.login(ANNE))
    assert client.result == 0
    client.close()


def data_of(pid):
    return int(re.search(r"VmData:\s+(\d+)", pathlib.Path(f"/proc/{pid}/status").read_text(encoding="ascii"))[1]) * 1024


def login(cloud, service):
    return curl(cloud, "/v2/passport/login", body=login_body(ANNE, PASSWORD, service))


def test_without_memory_a_right_password_is_not_called_wrong(running):
    """The attack: whoever fills the memory locks everybody out, who then change their passwords."""
    service = curl(running, "/v1/flagship/service")[2]["data"]["public_key"]
    cloud = running.process.pid
    before = resource.prlimit(cloud, resource.RLIMIT_DATA)
    # Hashing wants 32 MiB in one piece; the rest goes on. Before the first login, whose memory malloc would keep.
    resource.prlimit(cloud, resource.RLIMIT_DATA, (data_of(cloud) + (8 << 20), before[1]))
    for _ in range(7):  # more than there are free wrong ones
        status, headers, answer = login(running, service)
        assert (status, answer["code"]) == (503, 503) and "memory" in answer["msg"] and int(headers["retry-after"]) > 0, answer
    resource.prlimit(cloud, resource.RLIMIT_DATA, before)
    status, _, answer = login(running, service)
    assert (status, answer["code"]) == (200, 0), answer
