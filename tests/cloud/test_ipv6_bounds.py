# SPDX-License-Identifier: MIT
"""A network of IPv6, 64 bits, counts as one address, since whoever has one has them all."""

import json
import pathlib
import subprocess
import sys

import pytest

import network
from local_cloud import Cloud
from network import Network
from process import until
from program import FLAGSHIP, environment

SERVER = "fd00:5::1"
ONE, SAME, OTHER = "fd00:1::2", "fd00:1::ffff:3", "fd00:1:0:1::2"  # the last differs in the 64th bit
COUNT, PER_ADDRESS, API_SHARE = 20, 30, 32
HOLD = pathlib.Path(__file__).resolve().parent / "hold_inside.py"

reason = network.why_not()
pytestmark = pytest.mark.skipif(reason is not None, reason=reason or "")


@pytest.fixture(scope="module")
def inside(tmp_path_factory):
    """A cloud in a network of its own that has these addresses."""
    folder = tmp_path_factory.mktemp("six")
    own = Network(folder)
    cloud = Cloud(folder, "--bind", "::")
    try:
        for address in (SERVER, ONE, SAME, OTHER):
            result = own.run("ip", "-6", "address", "add", f"{address}/64", "dev", "lo", "nodad")
            assert result.returncode == 0, result.stderr
        cloud.process = own.start(FLAGSHIP, "cloud", "run", "--dir", cloud.dir, "--per-address", PER_ADDRESS, ready="ready:")
        yield own, cloud
    finally:
        own.close()


class Holder:
    """The clients inside."""

    def __init__(self, own, port):
        self.child = subprocess.Popen(own.inside([sys.executable, "-B", HOLD, SERVER, port]), stdin=subprocess.PIPE,
                                      stdout=subprocess.PIPE, text=True, env=environment())

    def ask(self, *words):
        self.child.stdin.write(" ".join(map(str, words)) + "\n")
        self.child.stdin.flush()
        return json.loads(self.child.stdout.readline())

    def await_counts(self, wanted):
        counts = []
        until(lambda: counts.append(self.ask("count")) or counts[-1] == wanted, lambda: f"{counts[-1]}, not {wanted}")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.child.stdin.close()
        self.child.wait()


@pytest.mark.parametrize("server, bound", [("broker", PER_ADDRESS), ("api", API_SHARE)])
def test_addresses_of_one_network_share_a_bound_and_another_has_its_own(inside, server, bound):
    own, cloud = inside
    with Holder(own, cloud.mqtt_port if server == "broker" else cloud.api_port) as holder:
        assert holder.ask("open", ONE, COUNT) == {ONE: COUNT}
        holder.ask("open", SAME, COUNT)
        # Those that waited longest made room for those of the neighbour.
        shared = {ONE: bound - COUNT, SAME: COUNT}
        holder.await_counts(shared)
        holder.ask("open", OTHER, COUNT)
        holder.await_counts({**shared, OTHER: COUNT})
