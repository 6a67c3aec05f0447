# SPDX-License-Identifier: MIT
"""A real mosquitto on loopback, with TLS and certificates made for the occasion."""

import contextlib
import getpass
import itertools
import os
import pathlib
import random
import socket
import subprocess

from process import Process

HOST = "localhost"

# A range of its own for each worker of pytest and each suite that runs beside others (scripts/test), so that nobody takes a
# port between its choice and its use. The last of it are for who needs several in a row.
PORTS_FIRST, PORTS_OF_A_WORKER, SINGLE_PORTS, ROW_STEP = int(os.environ.get("FLAGSHIP_TEST_PORTS", "10000")), 480, 180, 10
WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
OWN_FIRST = PORTS_FIRST + WORKER * PORTS_OF_A_WORKER
OFFSETS = itertools.cycle(random.sample(range(SINGLE_PORTS), SINGLE_PORTS))
ROWS = itertools.cycle(range(SINGLE_PORTS, PORTS_OF_A_WORKER, ROW_STEP))


def openssl(*arguments):
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)


class Authority:
    """A throw-away CA, and certificates that it issues."""

    def __init__(self, folder, name="flagship test CA"):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.certificate = self.folder / "ca.pem"
        self.key = self.folder / "ca.key"
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                "-keyout", self.key, "-out", self.certificate, "-subj", f"/CN={name}")

    def issue(self, name, san="DNS:localhost,IP:127.0.0.1", days=2, subject=None):
        """Returns the paths of certificate and key. Negative days: it has expired already. subject: else the name."""
        certificate, key = self.folder / f"{name}.pem", self.folder / f"{name}.key"
        request, extensions = self.folder / f"{name}.csr", self.folder / f"{name}.ext"
        extensions.write_text(f"subjectAltName={san}\n")
        openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                "-keyout", key, "-out", request, "-utf8", "-subj", f"/CN={subject or name}")
        openssl("x509", "-req", "-in", request, "-CA", self.certificate, "-CAkey", self.key, "-CAcreateserial",
                "-days", days, "-out", certificate, "-extfile", extensions)
        key.chmod(0o644)
        return certificate, key


def fingerprint(certificate):
    output = subprocess.run(["openssl", "x509", "-in", str(certificate), "-noout", "-fingerprint", "-sha256"],
                            check=True, capture_output=True, text=True).stdout
    return output.strip().split("=")[1]


def are_free(first, count=1):
    with contextlib.ExitStack() as stack, contextlib.suppress(OSError):
        for port in range(first, first + count):
            probe = stack.enter_context(contextlib.closing(socket.socket()))
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # what was closed a moment ago is free
            probe.bind(("127.0.0.1", port))
        return True
    return False


def free_port():
    return next(OWN_FIRST + offset for offset in OFFSETS if are_free(OWN_FIRST + offset))


def free_row(count=4):
    """The first of so many ports in a row that nobody has."""
    return next(OWN_FIRST + offset for offset in ROWS if offset + count <= PORTS_OF_A_WORKER and are_free(OWN_FIRST + offset, count))


class Broker:
    """mosquitto with one TLS listener; start, stop and start again keep the port."""

    def __init__(self, folder, certificate, key, settings=("allow_anonymous true",), plain=False,
                 log="all"):
        self.port = free_port()
        self.folder = pathlib.Path(folder)
        self.process = None
        # Started by root, mosquitto would become a user who cannot read this folder.
        lines = [f"user {getpass.getuser()}", f"log_type {log}", "log_dest stderr", "set_tcp_nodelay true", f"listener {self.port} 127.0.0.1"]
        if not plain:
            lines += [f"certfile {certificate}", f"keyfile {key}"]
        self.configuration = self.folder / f"mosquitto-{self.port}.conf"
        self.configuration.write_text("\n".join([*lines, *settings]) + "\n")
        self.scheme = "mqtt" if plain else "mqtts"

    @property
    def url(self):
        return f"{self.scheme}://{HOST}:{self.port}"

    def start(self):
        self.process = Process("mosquitto", "-c", self.configuration)
        self.process.await_text("running")

    def stop(self):
        if self.process is not None:
            self.process.stop()
        self.process = None

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()
