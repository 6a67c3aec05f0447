# SPDX-License-Identifier: MIT
"""A network of its own: loopback alone, with a name server of its own on port 53."""

import os
import subprocess

from process import Process
from program import environment

# Any address of 127.0.0.0/8 is this machine: these stand for a server and a name server in a home.
HOME_SERVER = "127.77.0.5"
NAME_SERVER = "127.77.0.1"
SILENT = "127.77.0.9"
SERVERS = {"PATH": f"{os.environ['PATH']}:/usr/sbin:/sbin"}
HOLDER = "ip link set lo up && echo up && exec sleep infinity"


def why_not():
    """Why there can be no such network here, or None."""
    attempt = subprocess.run(["unshare", "-rmn", "ip", "link", "set", "lo", "up"], capture_output=True, text=True, check=False,
                             env=environment(**SERVERS))
    return None if attempt.returncode == 0 else f"no network namespace: {attempt.stderr.strip()}"


class Network:
    def __init__(self, folder):
        self.folder = folder
        self.running = []
        self.holder = Process("unshare", "-rmn", "sh", "-c", HOLDER, env=environment(**SERVERS), output="stdout")
        self.holder.await_text("up")

    def inside(self, command):
        return ["nsenter", "-t", str(self.holder.pid), "-U", "-m", "-n", "--preserve-credentials", *map(str, command)]

    def run(self, *command, stdin=None):
        return subprocess.run(self.inside(command), input=stdin, capture_output=True, text=True, check=False,
                              env=environment(**SERVERS))

    def start(self, *command, ready, output="both"):
        process = Process(*self.inside(command), env=environment(**SERVERS), output=output)
        self.running.append(process)
        process.await_text(ready)
        return process

    def replace(self, path, text):
        """Lets a file hold this, inside alone."""
        file = self.folder / path.strip("/").replace("/", "-")
        file.write_text(text, encoding="utf-8")
        result = self.run("mount", "--bind", file, path)
        assert result.returncode == 0, result.stderr

    def write(self, name, text):
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return path

    def start_dnsmasq(self, configuration="", hosts=""):
        return self.start(
            "dnsmasq", "--no-daemon", "--no-resolv", "--no-hosts", "--bind-interfaces", f"--listen-address={NAME_SERVER}",
            f"--addn-hosts={self.write('dnsmasq-hosts', hosts)}",
            f"--conf-file={self.write('dnsmasq.conf', configuration)}", ready="started")

    def start_unbound(self, configuration):
        own = (f'server:\n\tinterface: {NAME_SERVER}\n\taccess-control: 127.0.0.0/8 allow\n\tusername: ""\n\tchroot: ""\n'
               '\tdo-daemonize: no\n\tuse-syslog: no\n\tlogfile: ""\n\tpidfile: ""\n\tdo-not-query-localhost: yes\n'
               'remote-control:\n\tcontrol-enable: no\n')
        return self.start("unbound", "-d", "-c", self.write("unbound.conf", own + configuration), ready="start of service")

    def close(self):
        for process in reversed(self.running):
            process.stop()
        self.holder.stop()
