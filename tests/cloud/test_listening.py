# SPDX-License-Identifier: MIT
"""Where the servers listen that flagship starts: on the addresses of --bind, and nowhere else."""

import contextlib
import pathlib
import socket
import sqlite3
import subprocess

import pytest

from local_cloud import Cloud
from process import DEADLINE_S, opened
from program import FAILED, USAGE, run

LISTENING = "0A"
TABLES = {"tcp": socket.AF_INET, "tcp6": socket.AF_INET6}
WORD_HEX = 8


def has_ipv6():
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_STREAM) as probe:
            probe.bind(("::1", 0))
        return True
    except OSError:
        return False


with_ipv6 = pytest.mark.skipif(not has_ipv6(), reason="this machine has no IPv6")


def to_text(family, digits):
    """The kernel writes an address as words in the order of its own bytes."""
    words = [digits[i:i + WORD_HEX] for i in range(0, len(digits), WORD_HEX)]
    return socket.inet_ntop(family, b"".join(bytes.fromhex(word)[::-1] for word in words))


def listening(pid):
    """Address and port of each socket that the process listens on."""
    inodes = {target[len("socket:["):-1] for target in opened(pid) if target.startswith("socket:[")}
    found = set()
    for table, family in TABLES.items():
        for line in pathlib.Path(f"/proc/{pid}/net/{table}").read_text(encoding="ascii").splitlines()[1:]:
            fields = line.split()
            address, port = fields[1].split(":")
            if fields[3] == LISTENING and fields[9] in inodes:
                found.add((to_text(family, address), int(port, 16)))
    return found


def reaches(cloud, address, port):
    try:
        with socket.create_connection((address, port), timeout=DEADLINE_S):
            return True
    except OSError:
        return False


CASES = [
    pytest.param([], ["127.0.0.1"], id="default"),
    pytest.param(["127.0.0.1"], ["127.0.0.1"], id="IPv4 loopback"),
    pytest.param(["127.77.0.5"], ["127.77.0.5"], id="one IPv4 address"),
    pytest.param(["0.0.0.0"], ["0.0.0.0"], id="all of IPv4"),
    pytest.param(["127.77.0.5", "127.77.0.6"], ["127.77.0.5", "127.77.0.6"], id="two IPv4 addresses"),
    pytest.param(["::1"], ["::1"], id="IPv6 loopback", marks=with_ipv6),
    pytest.param(["::"], ["::"], id="all of IPv6", marks=with_ipv6),
    pytest.param(["127.0.0.1", "::1"], ["127.0.0.1", "::1"], id="both loopbacks", marks=with_ipv6),
    pytest.param(["0.0.0.0", "::"], ["0.0.0.0", "::"], id="all of both", marks=with_ipv6),
]


@pytest.mark.parametrize("bind, addresses", CASES)
def test_servers_listen_where_bind_says_and_nowhere_else(tmp_path, bind, addresses):
    with Cloud(tmp_path, *(word for address in bind for word in ("--bind", address))) as cloud:
        cloud.start()
        # The API's server answers the calls of a cluster too.
        assert listening(cloud.process.pid) == {(address, cloud.api_port) for address in addresses}
        assert listening(cloud.broker_pid) == {(address, cloud.mqtt_port) for address in addresses}
        for family, probe in ((4, "127.0.0.1"), (6, "::1")):
            expected = any(a in (probe, "0.0.0.0" if family == 4 else "::") for a in addresses)
            for port in (cloud.mqtt_port, cloud.api_port):
                assert reaches(cloud, probe, port) == expected, (probe, port)


@with_ipv6
def test_the_api_and_the_calls_of_a_cluster_answer_on_each_address(tmp_path):
    with Cloud(tmp_path, "--bind", "127.0.0.1", "--bind", "::1") as cloud:
        secret = next(word for word in cloud.command("cluster", "--print", "rabbitmq").split() if "/rabbitmq/user" in word)
        path = secret.split(str(cloud.api_port), 1)[1]
        cloud.start()
        for address in ("127.0.0.1", "[::1]"):
            for call, text in (("/v1/flagship/service", "public_key"), (path, "deny")):
                answer = subprocess.run(["curl", "-sS", "--cacert", cloud.ca, f"https://{address}:{cloud.api_port}{call}",
                                         *(["-d", "username=x&password=y"] if call == path else [])],
                                        capture_output=True, text=True, check=False)
                assert text in answer.stdout, (address, call, answer)


@pytest.mark.parametrize("addresses, words", [
    (["192.0.2.77"], "192.0.2.77 is no address of this machine"), (["localhost"], "'localhost' is no address"),
    (["some where"], "--bind"), ([""], "--bind"), (["127.0.0.1", "127.0.0.1"], "the same"),
    (["127.0.0.1", "0.0.0.0"], "holds the other"), (["127.0.0.1"] * 5, "at most")])
def test_init_refuses_what_is_no_address_of_this_machine(tmp_path, addresses, words):
    folder = tmp_path / "D"
    result = run("cloud", "init", "--dir", folder, *(word for address in addresses for word in ("--bind", address)))
    assert result.returncode == USAGE and words in result.stderr
    assert not folder.exists()


def test_run_names_an_address_that_is_not_of_this_machine_any_more(tmp_path):
    with Cloud(tmp_path) as cloud:
        with contextlib.closing(sqlite3.connect(cloud.dir / "registry.sqlite")) as registry:
            registry.execute("UPDATE setting SET value = '192.0.2.77' WHERE name = 'bind'")
            registry.commit()
        result = cloud.attempt("run")
        assert result.returncode == FAILED and "192.0.2.77 is no address of this machine" in result.stderr
