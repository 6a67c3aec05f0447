# SPDX-License-Identifier: MIT
"""A WebSocket of RFC 6455, as small as tests need it."""

import base64
import json
import os
import socket
import struct

from process import DEADLINE_S

NAMES = {0x1: "text", 0x2: "binary", 0x8: "close", 0x9: "ping", 0xA: "pong"}
CODES = {name: code for code, name in NAMES.items()}


class WebSocket:
    def __init__(self, port, path, **headers):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=DEADLINE_S)
        self.stream = self.socket.makefile("rb")
        lines = [f"GET {path} HTTP/1.1", f"Host: 127.0.0.1:{port}", "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13",
                 "Sec-WebSocket-Key: " + base64.b64encode(os.urandom(16)).decode(), *(f"{name}: {value}" for name, value in headers.items())]
        self.socket.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        self.status = int(self.stream.readline().split()[1])
        while self.stream.readline() not in (b"\r\n", b""):
            pass
        assert self.status == 101, self.status

    def __enter__(self):
        return self

    def __exit__(self, *ending):
        self.close()

    def close(self):
        self.stream.close()
        self.socket.close()

    def send_frame(self, name, payload):
        mask = os.urandom(4)
        length = len(payload)
        head = bytes([0x80 | CODES[name], 0x80 | length]) if length < 126 else bytes([0x80 | CODES[name], 0x80 | 126]) + struct.pack(">H", length)
        self.socket.sendall(head + mask + bytes(byte ^ mask[i % 4] for i, byte in enumerate(payload)))

    def send_text(self, text):
        self.send_frame("text", text.encode())

    def send(self, message):
        self.send_text(json.dumps(message))

    def ping(self):
        self.send_frame("ping", b"")

    def frame(self):
        """The next one, as (name, payload)."""
        opcode, length = self.stream.read(2)
        if length == 126:
            (length,) = struct.unpack(">H", self.stream.read(2))
        elif length == 127:
            (length,) = struct.unpack(">Q", self.stream.read(8))
        return NAMES[opcode & 0xF], self.stream.read(length)

    def json(self):
        """The next message."""
        while (frame := self.frame())[0] != "text":
            assert frame[0] != "close", frame
            if frame[0] == "ping":
                self.send_frame("pong", frame[1])
        return json.loads(frame[1])
