# SPDX-License-Identifier: MIT
"""What `flagship cloud run` tells a service manager, whose socket is this test's."""

import contextlib
import pathlib
import signal
import socket
import subprocess

import pytest

from local_cloud import Cloud
from process import DEADLINE_S
from program import FLAGSHIP, environment
from test_cloud_api import SERVICE_CALL, curl

WATCHDOG_US = 400_000
API_SOCKET = "api"


class Manager:
    def __init__(self, folder):
        self.path = pathlib.Path(folder) / "notify"
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(str(self.path))
        self.socket.settimeout(DEADLINE_S)

    def hear(self):
        return self.socket.recv(4096).decode()

    def await_heard(self, wanted):
        """All that came until then."""
        heard = [self.hear()]
        while not heard[-1].startswith(wanted):
            heard.append(self.hear())
        return heard

    @property
    def environment(self):
        return {"NOTIFY_SOCKET": self.path, "WATCHDOG_USEC": WATCHDOG_US}


@pytest.fixture
def manager(tmp_path):
    manager = Manager(tmp_path)
    with contextlib.closing(manager.socket):
        yield manager


def test_it_says_when_it_is_ready_that_it_lives_and_that_it_ends(tmp_path, manager):
    with Cloud(tmp_path) as cloud:
        cloud.start(**manager.environment)
        told = manager.await_heard("READY=1")
        assert set(told[:-1]) == {"WATCHDOG=1"} and told[-1].startswith("READY=1\nSTATUS=")
        assert [manager.hear() for _ in range(3)] == ["WATCHDOG=1"] * 3
        # Whoever else has the socket could say that it is ready.
        environment = pathlib.Path(f"/proc/{cloud.broker_pid}/environ").read_bytes()
        assert b"NOTIFY_SOCKET" not in environment and b"WATCHDOG" not in environment
        assert cloud.stop() == 0
        assert manager.await_heard("STOPPING=1")


def test_a_loop_that_hangs_is_not_said_to_live(tmp_path, manager):
    with Cloud(tmp_path) as cloud:
        cloud.start(**manager.environment)
        manager.await_heard("WATCHDOG=1")
        cloud.process.signal(signal.SIGSTOP)
        manager.socket.settimeout(5 * WATCHDOG_US / 1e6)
        try:
            with pytest.raises(TimeoutError):
                while True:
                    manager.hear()
        finally:
            cloud.process.signal(signal.SIGCONT)
        manager.socket.settimeout(DEADLINE_S)
        manager.await_heard("WATCHDOG=1")


def test_the_api_takes_the_socket_that_it_is_given(tmp_path):
    """As a .socket unit opens it: it may be one that the cloud could not open itself."""
    script = f'exec 3<&"$1"; shift; LISTEN_PID=$$ LISTEN_FDS=1 LISTEN_FDNAMES={API_SOCKET} exec "$@"'
    with Cloud(tmp_path) as cloud, socket.create_server(("127.0.0.1", 0)) as given:
        port = given.getsockname()[1]
        number = str(given.fileno())
        with subprocess.Popen(["bash", "-c", script, "bash", number, FLAGSHIP, "cloud", "run", "--dir", cloud.dir],
                              pass_fds=[given.fileno()], env=environment(), stderr=subprocess.PIPE, text=True) as process:
            try:
                said = [next(iter(process.stderr), "")]
                while said[-1] and "ready:" not in said[-1]:
                    said.append(next(iter(process.stderr), ""))
                assert f"API on port {port}," in said[-1], said
                given.close()
                cloud.api_port = port
                assert curl(cloud, SERVICE_CALL)[0] == 200
            finally:
                process.terminate()
            assert process.wait(DEADLINE_S) == 0
