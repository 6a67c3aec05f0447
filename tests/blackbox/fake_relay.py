# SPDX-License-Identifier: MIT
"""A stand-in for the vendor's relays (protocol.md 5, WAN): it tells a client its own address, and then that of a printer."""

import json
import socket
import struct
import threading

from program import VECTORS

RELAY_PORT, PRINTER_PORT = 32100, 32108
HELLO, HELLO_ACK, REQUEST_ACK, REQUEST_DSK, SEARCH, PUNCH_TO, PUNCH, REPORT = 0x00, 0x01, 0x21, 0x26, 0x30, 0x40, 0x41, 0xF9
DATAGRAM_MAX = 2048
TABLES = {name: bytes.fromhex(table) for name, table in json.loads((VECTORS / "pppp_tables.json").read_text()).items() if isinstance(table, str)}
SEED = b"SSD@cs2-network."


def packet(kind, body=b""):
    return struct.pack(">BBH", 0xF1, kind, len(body)) + body


def duid(text):
    prefix, number, letters = text.split("-")
    return struct.pack(">8sI6s2x", prefix.encode(), int(number), letters.encode())


def host(address, port):
    return struct.pack("<BBH4s8x", 0, 2, port, bytes(reversed(socket.inet_aton(address))))


def decode(data):
    """The cipher *simple*."""
    table = TABLES["simple_256"]
    mixed = 0
    for byte in SEED:
        mixed ^= byte
    key = [sum(SEED) & 255, -sum(SEED) & 255, sum(byte // 3 for byte in SEED) & 255, mixed]
    out, before = bytearray(), 0
    for byte in data:
        out.append(byte ^ table[(key[before & 3] + before) & 255])
        before = byte
    return bytes(out)


def init_string(hosts):
    """As an account tells hosts."""
    table, mixed, letters = TABLES["init_string_54"], 0, ""
    for place, byte in enumerate("".join(f"{name}," for name in hosts).encode()):
        value = byte ^ 0x39 ^ table[place % len(table)] ^ mixed
        letters += chr(ord("A") + (value >> 4)) + chr(ord("A") + (value & 15))
        mixed ^= byte
    return letters


class Relay(threading.Thread):
    """Of one printer, whose address it learns by a search when it is asked for it."""

    def __init__(self, address, printer, name, secret):
        super().__init__(daemon=True)
        self.address, self.printer, self.name, self.secret = address, printer, name, secret
        self.requests, self.reports = [], []
        self.socket = self.open(RELAY_PORT)
        self.other = self.open(0)  # by which it speaks with the printer

    def open(self, port):
        opened = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        opened.bind((self.address, port))
        return opened

    def find(self):
        """Where the printer goes on from."""
        self.other.sendto(packet(SEARCH), (self.printer, PRINTER_PORT))
        answer, sender = self.other.recvfrom(DATAGRAM_MAX)
        assert answer == packet(PUNCH, duid(self.name))
        return sender

    def take(self, kind, body, sender):
        if kind == HELLO:
            self.socket.sendto(packet(HELLO_ACK, host(*sender)), sender)
        elif kind == REPORT:
            self.reports.append(decode(body))
        elif kind == REQUEST_DSK:
            self.requests.append(body)
            if body[:20] == duid(self.name) and body[40:60] == self.secret.encode():
                self.socket.sendto(packet(REQUEST_ACK, bytes(4)), sender)
                self.socket.sendto(packet(PUNCH_TO, host(*self.find())), sender)

    def run(self):
        while True:
            data, sender = self.socket.recvfrom(DATAGRAM_MAX)
            if not data:
                return
            self.take(data[1], data[4:], sender)

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.other.sendto(b"", (self.address, RELAY_PORT))
        self.join()
        self.socket.close()
        self.other.close()
