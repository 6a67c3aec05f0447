# SPDX-License-Identifier: MIT
"""Connections of a stranger to the API: many, from many addresses, and none of them in a hurry."""

import contextlib
import http.client
import json
import multiprocessing
import os
import select
import socket
import ssl
import threading
import time

LOGIN = "/v2/passport/login"
TIMEOUT_S = 60
SHARE = 32  # connections of an address


def address(number):
    """All of 127.0.0.0/8 is this machine."""
    return f"127.0.{40 + number // 200}.{1 + number % 200}"


def context_of(cloud, **options):
    context = ssl.create_default_context(cafile=str(cloud.ca))
    for name, value in options.items():
        setattr(context, name, value)
    return context


def log_in(cloud, body, source="127.0.0.1"):
    """Status, Retry-After or None, the JSON, and how many seconds it took."""
    start = time.monotonic()
    connection = http.client.HTTPSConnection("127.0.0.1", cloud.api_port, context=context_of(cloud), timeout=TIMEOUT_S,
                                             source_address=(source, 0))
    with contextlib.closing(connection):
        connection.request("POST", LOGIN, body=json.dumps(body).encode())
        answer = connection.getresponse()
        return answer.status, answer.getheader("retry-after"), json.loads(answer.read()), time.monotonic() - start


def plain(cloud, source):
    return socket.create_connection(("127.0.0.1", cloud.api_port), timeout=TIMEOUT_S, source_address=(source, 0))


def secure(cloud, source, context):
    connection = plain(cloud, source)
    try:
        return context.wrap_socket(connection, server_hostname="localhost")
    except OSError:
        connection.close()
        raise


def is_open(connection):
    """Whether the other side still holds it; what it said is read."""
    try:
        while select.select([connection], [], [], 0)[0]:
            if not connection.recv(65536):
                return False
        return True
    except (ssl.SSLWantReadError, BlockingIOError):
        return True
    except OSError:
        return False


class Holders:
    """So many connections, held as long as they are let; each sends `first`, and then `drip` again and again."""

    def __init__(self, cloud, count, first=b"", drip=b"", tls=True, source=None):
        self.cloud, self.first, self.drip, self.tls = cloud, first, drip, tls
        self.context = context_of(cloud)
        self.held, self.stopping = [], threading.Event()
        for number in range(count):
            self.open(source or address(number // SHARE))
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def open(self, source):
        # Those that are refused in the middle of the handshake count as closed.
        with contextlib.suppress(OSError):
            connection = secure(self.cloud, source, self.context) if self.tls else plain(self.cloud, source)
            self.held.append(connection)
            if self.first:
                connection.sendall(self.first)
            connection.setblocking(False)

    def run(self):
        while self.drip and not self.stopping.wait(0.2):
            for connection in list(self.held):
                with contextlib.suppress(OSError):
                    connection.sendall(self.drip)

    def count_open(self):
        return sum(is_open(connection) for connection in self.held)

    def await_open(self, most, deadline_s=TIMEOUT_S):
        """How many there are when there are no more than so many."""
        end = time.monotonic() + deadline_s
        while len(left := [connection for connection in self.held if is_open(connection)]) > most and time.monotonic() < end:
            ends = select.poll()
            for connection in left:
                ends.register(connection, select.POLLIN)
            ends.poll(1000 * max(0, end - time.monotonic()))
        return len(left)

    def close(self):
        self.stopping.set()
        self.thread.join()
        for connection in self.held:
            connection.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class Repeated:
    """Does `act(number)` again and again, in so many threads of a process of its own."""

    def __init__(self, act, threads):
        processes = multiprocessing.get_context("fork")
        self.act, self.stopping, self.counted, self.done = act, processes.Event(), processes.Value("i", 0), processes.Semaphore(0)
        self.process = processes.Process(target=self.attack, args=(threads,), daemon=True)
        self.process.start()

    def attack(self, count):
        threads = [threading.Thread(target=self.run, args=(number, count), daemon=True) for number in range(count)]
        for thread in threads:
            thread.start()
        self.stopping.wait()
        os._exit(0)

    def run(self, number, step):
        while True:
            with contextlib.suppress(OSError, http.client.HTTPException):
                self.act(number)
            number += step
            with self.counted.get_lock():
                self.counted.value += 1
            self.done.release()

    @property
    def count(self):
        return self.counted.value

    def await_count(self, count):
        for _ in range(count):
            assert self.done.acquire(timeout=TIMEOUT_S)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stopping.set()
        self.process.join()
