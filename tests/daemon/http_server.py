# SPDX-License-Identifier: MIT
"""The test program of daemon/http as a child process, and ways to ask it."""

import contextlib
import http.client
import json
import os
import pathlib
import signal
import socket
import ssl
import subprocess
import time

from process import Process
from program import BUILD

TIMEOUT_S = 60
KEY = "sesame"
SANITIZED = "asan" in BUILD.name or bool(os.environ.get("FLAGSHIP_SANITIZED"))


def make_certificate(folder, name, kind="ec", common_name="localhost"):
    """NAME.pem and NAME.key; returns what the certificate is known by."""
    key = ["-newkey", "rsa:2048"] if kind == "rsa" else ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
    subprocess.run(["openssl", "req", "-x509", *key, "-nodes", "-days", "30", "-subj", f"/CN={common_name}", "-addext",
                    "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", folder / f"{name}.key", "-out", folder / f"{name}.pem"],
                   check=True, capture_output=True)
    return ssl.PEM_cert_to_DER_cert((folder / f"{name}.pem").read_text())


class Server:
    def __init__(self, *arguments):
        self.process = Process(BUILD / "tests/daemon/http_server", *arguments, output="both")
        lines = self.process.await_lines(lambda lines: "ready" in lines)
        ports = dict(line.split() for line in lines[:lines.index("ready")])
        self.port, self.tls_port = int(ports["plain"]), int(ports.get("tls", 0))
        self.ca = next((a.split("=", 1)[1] for a in arguments if a.startswith("certificate=")), None)
        self.unix = next((a.split("=", 1)[1] for a in arguments if a.startswith("unix=")), None)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        if self.process.child.poll() is None:
            self.process.signal(signal.SIGTERM)
        assert self.process.await_end() == 0, self.process.log[-4000:]

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    @property
    def tls_url(self):
        return f"https://localhost:{self.tls_port}"

    def context(self):
        return ssl.create_default_context(cafile=self.ca)

    def ask(self, method, path, body=None, headers=None, tls=False, source=None):
        """Status, headers and body."""
        kind = http.client.HTTPSConnection if tls else http.client.HTTPConnection
        options = {"context": self.context()} if tls else {}
        if source:
            options["source_address"] = (source, 0)
        connection = kind("localhost" if tls else "127.0.0.1", self.tls_port if tls else self.port, timeout=TIMEOUT_S, **options)
        with contextlib.closing(connection):
            connection.request(method, path, body=body, headers=headers or {})
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()

    def status(self):
        return json.loads(self.ask("GET", "/status")[2])

    def await_status(self, condition, deadline_s=60):
        """Waits until what the server counts is so."""
        end = time.monotonic() + deadline_s
        while not condition(status := self.status()):
            assert time.monotonic() < end, status
            time.sleep(0.02)
        return status

    def connect(self, tls=False, source="127.0.0.1"):
        return Raw(self, tls, source)

    def memory_kib(self, name="VmHWM"):
        lines = pathlib.Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii").splitlines()
        return int(next(line for line in lines if line.startswith(name + ":")).split()[1])

    def descriptors(self):
        return len(list(pathlib.Path(f"/proc/{self.process.pid}/fd").iterdir()))


class Raw:
    """Bytes as they are."""

    def __init__(self, server, tls=False, source="127.0.0.1"):
        self.socket = socket.create_connection(("127.0.0.1", server.tls_port if tls else server.port), TIMEOUT_S, source_address=(source, 0))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if tls:
            self.socket = server.context().wrap_socket(self.socket, server_hostname="localhost")
        self.stream = self.socket.makefile("rb")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.stream.close()
        self.socket.close()

    def send(self, *pieces):
        for piece in pieces:
            self.socket.sendall(piece if isinstance(piece, bytes) else piece.encode())

    def answer(self):
        """Status, headers and body of the next answer."""
        line = self.stream.readline()
        assert line.startswith(b"HTTP/1.1 "), line
        status = int(line.split()[1])
        headers = http.client.parse_headers(self.stream)
        length = int(headers.get("content-length") or 0)
        return status, headers, self.stream.read(length)

    def ask(self, *pieces):
        self.send(*pieces)
        return self.answer()

    def rest(self):
        """What comes until the server hangs up."""
        with contextlib.suppress(ConnectionResetError):
            return self.stream.read()
        return b""


def head(method, path, *lines):
    return "".join(line + "\r\n" for line in (f"{method} {path} HTTP/1.1", "Host: x", *lines, ""))


def curl(*arguments, data=None):
    """What it printed."""
    result = subprocess.run(["curl", "-sS", "--max-time", "60", *map(str, arguments)], input=data, capture_output=True, check=True)
    return result.stdout
