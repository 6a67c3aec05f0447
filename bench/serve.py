#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What `flagship serve` costs: alone, with many printers, with many readers, a request, and from a printer's word to a reader.

SERVE_FLEETS says with how many printers."""

import gzip
import http.client
import json
import os
import re
import selectors
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests" / "blackbox"))

from accounts_home import Home  # noqa: E402
from broker import Authority, Broker  # noqa: E402
from conftest import KEY  # noqa: E402
from fake_printer import FakePrinter  # noqa: E402
from gateway import Gateway  # noqa: E402
from limits import end, report  # noqa: E402
from process import Process  # noqa: E402
from simulator import Simulator  # noqa: E402
from test_serve import keep_printers  # noqa: E402

FLEETS = [int(word) for word in os.environ.get("SERVE_FLEETS", "1000 5000").split()]
FLEET_DEADLINE_S = 300
IDLE_S = 20
FLEET_S = 20
READERS_S = 10
READERS = 200
REQUESTS = 3000
NOTICES, NOTICE_PAUSE_S = 100, 0.25  # slower than what is coalesced
START_RUNS = 9
READY_MOST_MS, IDLE_MOST_PERCENT, IDLE_MOST_MIB, OBJECTS_MOST = 50, 0.1, 10, 16
READERS_MOST, REQUESTS_LEAST, DELIVERY_MOST_MS = 2, 0.6, 0.3
SCRAPES, SCRAPED, SCRAPE_MOST_MS = 50, 1000, 50
# As Prometheus asks.
SCRAPE_HEADERS = {"Accept": "application/openmetrics-text; version=1.0.0,text/plain;version=0.0.4;q=0.5", "Accept-Encoding": "gzip"}
FLEETS_MOST = {1000: (10, 64), 5000: (50, 200)}  # % of a core and MiB
READER = """
import sys, time, socket
connection = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
connection.sendall(b"GET /api/v1/events?printer=" + sys.argv[2].encode() + b" HTTP/1.1\\r\\nHost: localhost\\r\\nConnection: Upgrade\\r\\n"
                   b"Upgrade: websocket\\r\\nSec-WebSocket-Version: 13\\r\\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\\r\\n\\r\\n")
while data := connection.recv(1 << 20):
    now = time.time_ns()
    if b'"target_c":' in data:
        print(now, data[data.index(b'"bed"'):][:80] if b'"bed"' in data else b"", flush=True)
"""


def cpu_s(pid):
    """Of all its threads, to the nanosecond; /proc/PID/stat counts by hundredths of a second."""
    return sum(int(path.read_text(encoding="ascii").split()[0]) for path in Path(f"/proc/{pid}/task").glob("*/schedstat")) / 1e9


def resident_mib(pid):
    return int(re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text(encoding="ascii")).group(1)) / 1024


def share_percent(pid, seconds):
    """Of a core, while nothing is asked of it."""
    before, start = cpu_s(pid), time.monotonic()
    time.sleep(seconds)
    return 100 * (cpu_s(pid) - before) / (time.monotonic() - start)


def shared_objects(pid):
    maps = Path(f"/proc/{pid}/maps").read_text(encoding="utf-8")
    return len(set(re.findall(r"\S+\.so\S*", maps)))


class Place:
    """A broker, and homes whose accounts have printers at it."""

    def __init__(self, folder, broker, authority):
        self.folder, self.broker, self.authority = folder, broker, authority
        self.key = folder / "key"
        self.key.write_text(KEY, encoding="ascii")
        self.key.chmod(0o600)
        self.options = ("--broker", broker.url, "--ca", authority.certificate, "--key-file", self.key)

    def home(self, name, serials):
        home = Home(self.folder / name)
        home.folder.mkdir()
        keep_printers(home, self.broker, self.authority, serials)
        return home


def await_online(gateway, count):
    deadline = time.monotonic() + FLEET_DEADLINE_S
    while gateway.get("/health")["online"] < count:
        assert time.monotonic() < deadline, "not all of them are online"
        time.sleep(0.5)


def measure_alone(place):
    home = place.home("alone", {"Alone": "ALONE00001"})
    printer = Simulator(*place.options, "--serial", "ALONE00001")
    try:
        starts = []
        for _ in range(START_RUNS):
            start = time.perf_counter()
            with Gateway(home):
                starts.append(1000 * (time.perf_counter() - start))
        report("serve_ready_ms", statistics.median(starts), "ms", most=READY_MOST_MS)
        with Gateway(home) as gateway:
            await_online(gateway, 1)
            stream = gateway.events()
            stream.next()
            report("serve_idle_cpu_percent", share_percent(gateway.pid, IDLE_S), "%", most=IDLE_MOST_PERCENT)
            report("serve_idle_resident_mib", resident_mib(gateway.pid), "MiB", most=IDLE_MOST_MIB)
            report("serve_shared_objects", shared_objects(gateway.pid), "objects", most=OBJECTS_MOST)
            stream.close()
    finally:
        printer.stop()


def measure_scrape(gateway, count):
    """From the request for /metrics to the last byte of the answer, and what it is made of."""
    connection, times = gateway.connection(), []
    for _ in range(SCRAPES):
        start = time.perf_counter()
        connection.request("GET", "/metrics", headers=SCRAPE_HEADERS)
        response = connection.getresponse()
        body = response.read()
        times.append(1000 * (time.perf_counter() - start))
        assert response.status == 200 and response.headers["Content-Encoding"] == "gzip"
    connection.close()
    text = gzip.decompress(body)
    assert text.count(b"flagship_printer_online{") == count
    report(f"serve_{count}_scrape_ms", statistics.median(times), "ms", most=SCRAPE_MOST_MS if count == SCRAPED else None)
    report(f"serve_{count}_scrape_kib", len(body) / 1024, "KiB")
    report(f"serve_{count}_scrape_plain_kib", len(text) / 1024, "KiB")


def measure_fleet(place, count):
    home = place.home(f"fleet{count}", {f"Printer {i}": f"FLEET{i:05}" for i in range(1, count + 1)})
    printers = Simulator(*place.options, "--prefix", "FLEET", "--count", count, "--scenario", "print", "--at", "20",
                         deadline_s=FLEET_DEADLINE_S)
    try:
        with Gateway(home) as gateway:
            await_online(gateway, count)
            percent, mib = FLEETS_MOST.get(count, (None, None))
            report(f"serve_{count}_cpu_percent", share_percent(gateway.pid, FLEET_S), "%", most=percent)
            report(f"serve_{count}_resident_mib", resident_mib(gateway.pid), "MiB", most=mib)
            measure_scrape(gateway, count)
    finally:
        printers.stop()


class Drain(threading.Thread):
    """So many readers of events, in one thread."""

    def __init__(self, port, serial, count):
        super().__init__(daemon=True)
        self.sockets = [socket.create_connection(("127.0.0.1", port)) for _ in range(count)]
        self.ended = False
        for one in self.sockets:
            one.sendall(f"GET /api/v1/events?printer={serial} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())

    def run(self):
        with selectors.DefaultSelector() as selector:
            for one in self.sockets:
                selector.register(one, selectors.EVENT_READ)
            while not self.ended:
                for key, _ in selector.select(0.1):
                    key.fileobj.recv(65536)

    def stop(self):
        self.ended = True
        self.join()
        for one in self.sockets:
            one.close()


def measure_readers(place):
    home = place.home("read", {"Read": "READ00001"})
    printer = Simulator(*place.options, "--serial", "READ00001", "--scenario", "print", "--at", "20", "--speed", "20")
    try:
        with Gateway(home) as gateway:
            await_online(gateway, 1)
            costs = []
            for count in (1, READERS):
                readers = Drain(gateway.port, "READ00001", count)
                readers.start()
                time.sleep(1)
                costs.append(share_percent(gateway.pid, READERS_S))
                readers.stop()
            report("serve_readers_200_ratio", costs[1] / costs[0], "ratio", most=READERS_MOST)
    finally:
        printer.stop()


def request_cost(gateway, path):
    connection = http.client.HTTPConnection("127.0.0.1", gateway.port)
    before = cpu_s(gateway.pid)
    for i in range(REQUESTS):
        if i % 500 == 0:  # a connection takes no more than a thousand
            connection.close()
        connection.request("GET", path)
        connection.getresponse().read()
    connection.close()
    return cpu_s(gateway.pid) - before


def measure_requests(place):
    home = place.home("asked", {"Asked": "ASKED00001"})
    printer = Simulator(*place.options, "--serial", "ASKED00001", "--scenario", "print", "--at", "20")
    try:
        with Gateway(home) as gateway:
            await_online(gateway, 1)
            ratios = [request_cost(gateway, "/api/v1/version") / request_cost(gateway, "/api/v1/printers/ASKED00001") for _ in range(3)]
            report("serve_requests_ratio", statistics.median(ratios), "ratio", least=REQUESTS_LEAST)
    finally:
        printer.stop()


def measure_delivery(place):
    """From the publication to a reader of the gateway, beyond what a subscriber of the broker takes."""
    serial = "LATE00001"
    home = place.home("late", {"Late": serial})
    printer = FakePrinter(serial, place.broker.port, place.authority.certificate, KEY)
    with Gateway(home) as gateway:
        subscriber = Process("stdbuf", "-oL", "mosquitto_sub", "-h", "localhost", "-p", place.broker.port, "--cafile", place.authority.certificate, "-d", "-t",
                             f"/phone/maker/{serial}/notice", "-F", "at %U", output="stdout")
        subscriber.await_text("Subscribed")
        reader = Process(sys.executable, "-c", READER, gateway.port, serial, output="stdout")
        deliveries = []
        for i in range(NOTICES):
            target = 4000 + 100 * (i % 20)
            counts = len(reader.lines), sum(line.startswith("at ") for line in subscriber.lines)
            printer.publish({"commandType": 1004, "currentTemp": 3000 + i, "targetTemp": target})
            lines = subscriber.await_lines(lambda lines, n=counts[1]: sum(line.startswith("at ") for line in lines) > n)
            received = [float(line.split()[1]) for line in lines if line.startswith("at ")][-1]
            read = int(reader.await_lines(lambda lines, n=counts[0]: len(lines) > n)[-1].split()[0]) / 1e9
            deliveries.append(1000 * (read - received))
            time.sleep(NOTICE_PAUSE_S)
        reader.child.terminate()
        subscriber.stop()
    printer.stop()
    report("serve_delivery_ms", statistics.median(deliveries), "ms", most=DELIVERY_MOST_MS)


def main():
    with tempfile.TemporaryDirectory() as folder:
        authority = Authority(Path(folder))
        with Broker(folder, *authority.issue("broker"), settings=("allow_anonymous true", "connection_messages false"),
                    log="information") as broker:
            place = Place(Path(folder), broker, authority)
            measure_alone(place)
            measure_delivery(place)
            measure_requests(place)
            measure_readers(place)
            for count in FLEETS:
                measure_fleet(place, count)


if __name__ == "__main__":
    main()
    end()
