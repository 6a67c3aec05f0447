# SPDX-License-Identifier: MIT
"""What a secret leaves in the memory of a cloud that runs: nothing, once it was used."""

import os

import pytest

from conftest import ANNE
from exchange import login_body
from local_cloud import Cloud
from test_cloud_api import authorised, curl, log_in

PASSWORD = "a password of its own 4711-0815-4712"

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can look into a process that forbids it")


def find(pid, secret):
    """Addresses of the secret in what the process can write."""
    found = []
    with open(f"/proc/{pid}/maps", encoding="ascii") as maps, open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:
        for line in maps:
            place, rights, *_rest = line.split()
            if "w" not in rights or line.rstrip().endswith(("[vvar]", "[vsyscall]")):
                continue
            first, last = (int(number, 16) for number in place.split("-"))
            memory.seek(first)
            try:
                piece = memory.read(last - first)
            except OSError:
                continue
            at = piece.find(secret)
            while at >= 0:
                found.append(hex(first + at))
                at = piece.find(secret, at + 1)
    return found


@pytest.fixture
def cloud(tmp_path):
    with Cloud(tmp_path) as running:
        running.add_account(ANNE, PASSWORD)
        running.add_printer("ANNESPRINTER1", ANNE)
        running.start()
        yield running


@as_root
def test_a_password_and_what_was_answered_is_gone(cloud):
    service = curl(cloud, "/v1/flagship/service")[2]["data"]["public_key"]
    # Keys of printers are in pages of the registry, which SQLite keeps.
    key = next(printer["key"] for printer in cloud.registry()["printers"])
    secrets = {"password": PASSWORD}
    for number in range(3):
        _, _, answer = log_in(cloud, service, ANNE, PASSWORD)
        secrets[f"token {number}"] = answer["data"]["auth_token"]
        printers = curl(cloud, "/v1/app/query_fdm_list", *authorised(cloud, secrets["token 0"]), body={})[2]
        assert key in str(printers)
    # The buffers that every request goes through hold the last one.
    for _ in range(3):
        curl(cloud, "/v1/app/query_fdm_list", "-H", "X-Padding: " + "x" * 3000, body={"padding": "x" * 3000})
    left = {name: find(cloud.process.pid, secret.encode()) for name, secret in secrets.items()}
    assert left == {name: [] for name in left}
