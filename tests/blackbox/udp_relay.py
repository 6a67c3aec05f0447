# SPDX-License-Identifier: MIT
"""A bad network between a client and a printer: loses, delays, repeats and reorders datagrams, by a seed.

    udp_relay.py ADDRESS PRINTER --loss 0.1 --delay 0.05 --jitter 0.05 --duplicate 0.02 --reorder 0.05 --seed 1

A client asks ADDRESS, at the port of printers. Each port from which the printer answers has one here, so that a client
that follows the source of an answer stays on this way. Used where the kernel has no netem.
"""

import argparse
import heapq
import itertools
import random
import select
import socket
import time

PORT = 32108
DATAGRAM_MAX = 2048
BUFFER = 1 << 20


def open_socket(address, port):
    opened = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER)
    opened.bind((address, port))
    opened.setblocking(False)
    return opened


class Relay:
    def __init__(self, options):
        self.options = options
        self.random = random.Random(options.seed)
        self.numbers = itertools.count()
        self.waiting = []  # heap of (when, number, send)
        self.client = None  # who asked last: there is one
        self.inner = open_socket(options.address, 0)  # speaks with the printer
        self.doors = {}  # port of the printer: the socket that speaks with the client in its place
        self.ports = {}  # the same the other way round
        self.open_door(PORT, PORT)

    def open_door(self, printers, own):
        self.doors[printers] = open_socket(self.options.address, own)
        self.ports[self.doors[printers]] = printers

    def pass_on(self, send):
        """Sooner, later, twice, or never."""
        options = self.options
        if self.random.random() < options.loss:
            return
        for _ in range(2 if self.random.random() < options.duplicate else 1):
            wait = options.delay + self.random.uniform(-options.jitter, options.jitter)
            if self.random.random() < options.reorder:
                wait = 0  # overtakes what came before
            heapq.heappush(self.waiting, (time.monotonic() + max(wait, 0), next(self.numbers), send))

    def take(self, opened):
        while True:
            try:
                data, sender = opened.recvfrom(DATAGRAM_MAX)
            except BlockingIOError:
                return
            except OSError:
                continue  # nobody listened where something was sent
            if opened is self.inner:
                port = sender[1]
                if port not in self.doors:
                    self.open_door(port, 0)
                self.pass_on(lambda data=data, port=port: self.doors[port].sendto(data, self.client))
            else:
                self.client = sender
                to = (self.options.printer, self.ports[opened])
                self.pass_on(lambda data=data, to=to: self.inner.sendto(data, to))

    def send_due(self):
        while self.waiting and self.waiting[0][0] <= time.monotonic():
            send = heapq.heappop(self.waiting)[2]
            try:
                send()
            except OSError:
                pass  # as lost as what a network has no room for

    def run(self):
        while True:
            wait = max(self.waiting[0][0] - time.monotonic(), 0) if self.waiting else None
            for opened in select.select([self.inner, *self.ports], [], [], wait)[0]:
                self.take(opened)
            self.send_due()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("address")
    parser.add_argument("printer")
    for name in ("loss", "delay", "jitter", "duplicate", "reorder"):
        parser.add_argument(f"--{name}", type=float, default=0)
    parser.add_argument("--seed", type=int, default=1)
    relay = Relay(parser.parse_args())
    print("relay ready", flush=True)
    relay.run()


if __name__ == "__main__":
    main()
