# SPDX-License-Identifier: MIT
"""A cluster of three RabbitMQ nodes on loopback, that asks `flagship cloud` who may do what."""

import os
import pathlib
import signal
import subprocess

from broker import free_port
from process import Process, until

NODES = 3
START_DEADLINE_S = 90
STOP_DEADLINE_S = 20
PROGRAMS = "/usr/lib/rabbitmq/bin"


def find_server():
    """The scripts themselves: what is on the PATH would become another user."""
    path = pathlib.Path(PROGRAMS) / "rabbitmq-server"
    return path if path.exists() else None


class Node:
    def __init__(self, cluster, number):
        self.folder = cluster.folder / f"node{number}"
        self.folder.mkdir()
        self.name = f"flagship{number}@localhost"
        self.mqtt_port = free_port()
        self.process = None
        self.cluster = cluster
        names = [f"flagship{i}@localhost" for i in range(1, NODES + 1)]
        printed = cluster.cloud.command("cluster", "--print", "rabbitmq")
        lines = [line.replace("8789", f"127.0.0.1:{self.mqtt_port}") if "mqtt.listeners.ssl" in line else line
                 for line in printed.splitlines()]
        lines += ["log.console = true", "log.console.level = info", "log.file = false",
                  "cluster_formation.peer_discovery_backend = classic_config",
                  *(f"cluster_formation.classic_config.nodes.{i} = {name}" for i, name in enumerate(names, 1))]
        if number == 1:
            # It is the first, so that it need not look for the others for long.
            lines += ["cluster_formation.discovery_retry_limit = 1", "cluster_formation.discovery_retry_interval = 100"]
        (self.folder / "rabbitmq.conf").write_text("\n".join(lines) + "\n")
        (self.folder / "advanced.config").write_text(cluster.cloud.command("cluster", "--print", "rabbitmq-advanced"))
        (self.folder / "enabled_plugins").write_text("[rabbitmq_mqtt,rabbitmq_auth_backend_http].\n")

    @property
    def environment(self):
        folder = self.folder
        return {
            "PATH": os.environ["PATH"], "HOME": str(self.cluster.folder), "LANG": "C.UTF-8",
            "RABBITMQ_NODENAME": self.name, "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_DIST_PORT": str(self.cluster.dist_ports[self.name]),
            "RABBITMQ_MNESIA_BASE": str(folder / "mnesia"), "RABBITMQ_LOG_BASE": str(folder / "log"),
            "RABBITMQ_CONFIG_FILE": str(folder / "rabbitmq"), "RABBITMQ_ADVANCED_CONFIG_FILE": str(folder / "advanced.config"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "enabled_plugins"), "RABBITMQ_GENERATED_CONFIG_DIR": str(folder / "generated"),
            "RABBITMQ_PID_FILE": str(folder / "pid"), "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "+S 1:1 +sbwt none",
            "ERL_EPMD_PORT": str(self.cluster.epmd_port), "ERL_EPMD_ADDRESS": "127.0.0.1",
        }

    def start(self):
        self.process = Process(find_server(), env=self.environment, output="stdout")

    def await_started(self):
        self.process.await_text("Server startup complete", START_DEADLINE_S)

    @property
    def pid(self):
        """Of the Erlang machine itself: the script becomes it, or waits for it."""
        return int((self.folder / "pid").read_text())

    def kill(self):
        os.kill(self.pid, signal.SIGKILL)
        self.process.await_end(STOP_DEADLINE_S)
        self.process = None

    def stop(self):
        if self.process is None:
            return
        try:
            os.kill(self.pid, signal.SIGTERM)
        except (ProcessLookupError, FileNotFoundError):
            self.process.child.terminate()
        self.process.await_end(STOP_DEADLINE_S)
        self.process = None


class Cluster:
    def __init__(self, folder, cloud):
        self.folder, self.cloud = pathlib.Path(folder), cloud
        self.epmd_port = free_port()
        self.dist_ports = {f"flagship{i}@localhost": free_port() for i in range(1, NODES + 1)}
        cookie = self.folder / ".erlang.cookie"
        cookie.write_text("flagship-test")
        cookie.chmod(0o400)
        self.epmd = None
        self.nodes = [Node(self, i) for i in range(1, NODES + 1)]

    def __enter__(self):
        # Our own, so that it can be stopped by its PID; a node would leave one behind.
        self.epmd = subprocess.Popen(["epmd", "-port", str(self.epmd_port), "-address", "127.0.0.1"],
                                     stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            # The others find the first one there, and join it.
            for nodes in (self.nodes[:1], self.nodes[1:]):
                for node in nodes:
                    node.start()
                for node in nodes:
                    node.await_started()
            self.await_size(NODES)
        except BaseException:
            self.__exit__()
            raise
        return self

    def await_size(self, size):
        said = []

        def is_so():
            said.append(subprocess.run([f"{PROGRAMS}/rabbitmqctl", "--node", self.nodes[0].name, "eval", "length(rabbit_nodes:all_running())."],
                                       env=self.nodes[0].environment, capture_output=True, text=True, timeout=60, check=False))
            return said[-1].stdout.strip() == str(size)

        until(is_so, lambda: said[-1].stdout + said[-1].stderr)

    def __exit__(self, *_):
        for node in reversed(self.nodes):
            node.stop()
        if self.epmd is not None:
            self.epmd.kill()
            self.epmd.wait()
