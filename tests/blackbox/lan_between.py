# SPDX-License-Identifier: MIT
"""A client and a printer in network namespaces of their own, with a network between them that may be bad.

    client ── lan: 10.77.0.0/24, what is bad ── printer
           ── mqtt: 10.77.1.0/24, always well ──

It needs no root: a user namespace holds both. What makes it bad is tc netem; where the kernel has none, a relay
beside the printer, in the same way (udp_relay.py).
"""

import pathlib
import subprocess
import sys

from lan import DUID
from process import Process
from program import FLAGSHIP, environment

CLIENT, PRINTER, RELAY, ELSEWHERE = "10.77.0.1", "10.77.0.2", "10.77.0.3", "10.77.0.9"
BROKER, BROKER_PORT = "10.77.1.1", 1883
BITS = 24
PATHS = environment(PATH="/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")
HOLDER = "ip link set lo up && echo up && exec sleep infinity"
WAYS = (("lan", CLIENT, PRINTER), ("mqtt", BROKER, "10.77.1.2"))

# A share of datagrams, and seconds.
BAD = {"loss": 0.10, "delay": 0.1, "jitter": 0.1, "duplicate": 0.02, "reorder": 0.05}
FAR = {"loss": 0.05, "delay": 0.02}


def attempt(script):
    """What the script says against it, in a network of its own; "" where it works."""
    result = subprocess.run(["unshare", "-rn", "sh", "-c", script], capture_output=True, text=True, check=False, env=PATHS)
    return "" if result.returncode == 0 else result.stderr.strip() or f"exit status {result.returncode}"


def why_not():
    """Why there can be no such network here, or None."""
    said = attempt("ip link set lo up && ip link add lan type veth peer name other")
    return f"no network namespaces: {said}" if said else None


def why_no_netem():
    """Why the kernel cannot make a network bad, or None."""
    said = attempt("tc qdisc add dev lo root netem loss 10%")
    return f"no tc netem: {said}" if said else None


def netem(loss, delay, jitter=0, duplicate=0, reorder=0):
    """The same for tc. Jitter alone reorders there; `reorder` lets datagrams overtake those that are delayed."""
    words = ["delay", f"{delay * 1000:g}ms", *([f"{jitter * 1000:g}ms"] if jitter else []), "loss", f"{loss:.0%}"]
    for name, share in (("duplicate", duplicate), ("reorder", reorder)):
        words += [name, f"{share:.0%}"] if share else []
    return [*words, "limit", "10000"]


class Between:
    """conditions: BAD, FAR, or {} for a network that is well. with_netem: else the relay makes it bad."""

    def __init__(self, folder, conditions, with_netem):
        self.folder = folder
        self.running = []
        self.client = self.hold("unshare", "-rn")
        self.printer = self.hold(*self.inside(self.client), "unshare", "-n")
        self.address = PRINTER
        for name, own, other in WAYS:
            self.must(self.client, "ip", "link", "add", name, "type", "veth", "peer", "name", name, "netns", self.printer.pid)
            self.must(self.client, "ip", "address", "add", f"{own}/{BITS}", "broadcast", "+", "dev", name)
            self.must(self.printer, "ip", "address", "add", f"{other}/{BITS}", "broadcast", "+", "dev", name)
            for side in (self.client, self.printer):
                self.must(side, "ip", "link", "set", name, "up")
        # To everybody means everybody in the network that is looked at.
        self.must(self.client, "ip", "route", "add", "default", "dev", "lan")
        if conditions and with_netem:
            for side in (self.client, self.printer):
                self.must(side, "tc", "qdisc", "add", "dev", "lan", "root", "netem", *netem(**conditions))
        elif conditions:
            self.must(self.printer, "ip", "address", "add", f"{RELAY}/{BITS}", "dev", "lan")
            options = [word for name, value in conditions.items() for word in (f"--{name}", value)]
            self.start(self.printer, "relay ready", sys.executable, pathlib.Path(__file__).with_name("udp_relay.py"), RELAY, PRINTER, *options)
            self.address = RELAY
        self.start_broker()

    def hold(self, *command):
        holder = Process(*command, "sh", "-c", HOLDER, env=PATHS, output="stdout")
        self.running.append(holder)
        holder.await_text("up")
        return holder

    @staticmethod
    def inside(side):
        return ["nsenter", "-t", str(side.pid), "-U", "-n", "--preserve-credentials"]

    def run(self, side, *command):
        return subprocess.run([*self.inside(side), *map(str, command)], capture_output=True, text=True, check=False, env=PATHS)

    def must(self, side, *command):
        result = self.run(side, *command)
        assert result.returncode == 0, f"{command}: {result.stderr}"

    def start(self, side, ready, *command):
        process = Process(*self.inside(side), *command, env=PATHS, output="both")
        self.running.append(process)
        process.await_text(ready)
        return process

    def start_broker(self):
        configuration = self.folder / "between.conf"
        configuration.write_text(f"user root\nlog_dest stderr\nlog_type all\nset_tcp_nodelay true\nallow_anonymous true\nlistener {BROKER_PORT} {BROKER}\n")
        self.start(self.client, "running", "mosquitto", "-c", configuration)

    def simulate(self, serial, key_file, *more, address=PRINTER):
        """address: "0.0.0.0" for one that hears a broadcast."""
        self.options = ["--broker", f"mqtt://{BROKER}:{BROKER_PORT}", "--serial", serial, "--key-file", key_file]
        return self.start(self.printer, "publishing", FLAGSHIP, "simulate", *self.options, "--model", "m5", "--lan", "--lan-address", address,
                          "--lan-duid", DUID, *more)

    def flagship(self, *words):
        """A command of the client's."""
        return self.run(self.client, FLAGSHIP, *words)

    def close(self):
        for process in reversed(self.running):
            process.stop()
