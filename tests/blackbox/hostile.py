# SPDX-License-Identifier: MIT
"""Brokers and services that send without an end, and how much memory a program had at most."""

import contextlib
import pathlib
import socket
import ssl
import subprocess
import tempfile
import threading
import time

from program import FLAGSHIP, environment

POLL_S = 0.01
DEADLINE_S = 60
PIECE = bytes(65536)
CONNACK, SUBACK_HEAD = b"\x20\x02\x00\x00", 0x90
SUBSCRIBE, CONNECT = 0x80, 0x10


def peak_kib(pid):
    """The most it had at once, as long as it lives; of a program that it became, that program's."""
    with contextlib.suppress(OSError, StopIteration):
        lines = pathlib.Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
        return int(next(line for line in lines if line.startswith("VmHWM:")).split()[1])
    return 0


class Measured:
    """A command of flagship that ran to its end, or until `enough`, and the most memory that it had."""

    def __init__(self, *arguments, enough=lambda: False, stdin=b"", **changes):
        # Files, since nobody reads while memory is looked at.
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            child = subprocess.Popen([FLAGSHIP, *map(str, arguments)], stdin=subprocess.PIPE, stdout=out, stderr=err,
                                     env=environment(**changes))
            child.stdin.write(stdin)
            child.stdin.close()
            self.peak_mib, end = 0, time.monotonic() + DEADLINE_S
            while child.poll() is None and not enough() and time.monotonic() < end:
                self.peak_mib = max(self.peak_mib, peak_kib(child.pid) // 1024)
                time.sleep(POLL_S)
            self.ended = child.poll() is not None
            if not self.ended:
                child.terminate()
            self.returncode = child.wait(DEADLINE_S)
            out.seek(0)
            err.seek(0)
            self.stdout, self.stderr = out.read().decode(errors="replace"), err.read().decode(errors="replace")


class Server:
    """Each connection gets a thread and `serve(connection)`; over TLS where there is a certificate."""

    def __init__(self, certificate=None):
        self.context = None
        if certificate is not None:
            self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.context.load_cert_chain(*map(str, certificate))
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.sent = 0
        self.rounds = 0  # connections that were attacked to their end
        self.accepting = threading.Thread(target=self._accept, daemon=True)
        self.accepting.start()

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                threading.Thread(target=self._serve, args=(self.listener.accept()[0],), daemon=True).start()

    def _serve(self, connection):
        with contextlib.suppress(OSError), connection:
            connection.settimeout(DEADLINE_S)
            if self.context is not None:
                connection = self.context.wrap_socket(connection, server_side=True)
            try:
                self.serve(connection)
            finally:
                self.rounds += 1

    def send(self, connection, data):
        connection.sendall(data)
        self.sent += len(data)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        # Ends the wait for the next one: it could go on at what another server listens to, of the same number.
        self.listener.shutdown(socket.SHUT_RDWR)
        self.accepting.join()
        self.listener.close()


def varint(number):
    out = b""
    while True:
        number, low = number >> 7, number & 0x7F
        out += bytes([low | (0x80 if number else 0)])
        if not number:
            return out


def publish(topic, payload, qos=0, mid=1):
    body = len(topic).to_bytes(2, "big") + topic.encode() + (mid.to_bytes(2, "big") if qos else b"") + payload
    return bytes([0x30 | qos << 1]) + varint(len(body)) + body


def exactly(connection, count):
    data = b""
    while len(data) < count:
        piece = connection.recv(count - len(data))
        if not piece:
            raise ConnectionError
        data += piece
    return data


def packet(connection):
    """Type and body of one."""
    first, length, shift = exactly(connection, 1)[0], 0, 0
    while True:
        byte = exactly(connection, 1)[0]
        length, shift = length | (byte & 0x7F) << shift, shift + 7
        if not byte & 0x80:
            return first & 0xF0, exactly(connection, length)


class HostileBroker(Server):
    """Takes logins and subscriptions, then calls attack(send); `early`: already in place of the CONNACK."""

    def __init__(self, attack, certificate=None, early=False):
        self.attack, self.early = attack, early
        super().__init__(certificate)

    @property
    def url(self):
        return f"{'mqtt' if self.context is None else 'mqtts'}://localhost:{self.port}"

    def serve(self, connection):
        assert packet(connection)[0] == CONNECT
        if not self.early:
            self.send(connection, CONNACK)
            kind, body = packet(connection)
            while kind != SUBSCRIBE:
                kind, body = packet(connection)
            # Each topic has a length of two bytes, and a QoS behind it.
            count, rest = 0, body[2:]
            while rest:
                count, rest = count + 1, rest[3 + int.from_bytes(rest[:2], "big"):]
            self.send(connection, bytes([SUBACK_HEAD]) + varint(2 + count) + body[:2] + b"\x01" * count)
        self.attack(lambda data: self.send(connection, data))
