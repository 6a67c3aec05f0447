#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A real Prometheus that scrapes a gateway with a thousand simulated printers every second.

Checks that no scrape failed, that each had all printers, and that one costs the gateway no more than a twentieth of a second of a
processor; where the machine is ours, for so many scrapes as by default, that Prometheus waits no longer for it. SCRAPES says how
many: 60 by default. One line a check: `ok NAME` or `not ok NAME: what is wrong`; what was measured is a line that begins with #.
"""

import json
import os
import statistics
import sys
import tempfile
import time
import urllib.parse
import urllib.request
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "blackbox"))

from accounts_home import Home  # noqa: E402
from broker import Authority, Broker, free_port  # noqa: E402
from conftest import KEY  # noqa: E402
from gateway import Gateway  # noqa: E402
from process import DEADLINE_S, Process  # noqa: E402
from run import Check  # noqa: E402
from simulator import Simulator  # noqa: E402
from test_serve import keep_printers  # noqa: E402

ALL_SCRAPES = 60
SCRAPES = int(os.environ.get("SCRAPES", ALL_SCRAPES))
IDLE_S = 5
ANSWERS = 20
PRINTERS = 1000
START_DEADLINE_S = 300
SCRAPE_S = 0.05
CONFIGURATION = """
global: {scrape_interval: 1s, scrape_timeout: 1s}
scrape_configs:
- job_name: flagship
  static_configs: [{targets: ["127.0.0.1:%d"]}]
"""


class Prometheus(Process):
    def __init__(self, folder, target):
        folder.mkdir()
        (folder / "prometheus.yml").write_text(CONFIGURATION % target, encoding="ascii")
        self.port = free_port()
        super().__init__("prometheus", f"--config.file={folder}/prometheus.yml", f"--storage.tsdb.path={folder}/data",
                         f"--web.listen-address=127.0.0.1:{self.port}")
        self.await_text("Server is ready to receive web requests")

    def ask(self, query):
        """The one number that answers it; None where there is none yet."""
        words = urllib.parse.urlencode({"query": query})
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/api/v1/query?{words}", timeout=DEADLINE_S) as answer:
            found = json.load(answer)["data"]["result"]
        return float(found[0]["value"][1]) if found else None


def await_value(ask, enough, deadline_s):
    deadline = time.monotonic() + deadline_s
    while not enough(value := ask()):
        assert time.monotonic() < deadline, f"waited in vain: {value}"
        time.sleep(0.2)
    return value


def cpu_s(pid):
    """Of all its threads, to the nanosecond."""
    return sum(int(path.read_text(encoding="ascii").split()[0]) for path in Path(f"/proc/{pid}/task").glob("*/schedstat")) / 1e9


def answer_s(gateway):
    """From the request to the last byte of the answer, in the median: the gateway's part of a scrape."""
    connection, times = gateway.connection(), []
    for _ in range(ANSWERS):
        started = time.monotonic()
        connection.request("GET", "/metrics")
        connection.getresponse().read()
        times.append(time.monotonic() - started)
    connection.close()
    return statistics.median(times)


def scrape(check, gateway, folder):
    before, started = cpu_s(gateway.pid), time.monotonic()
    time.sleep(IDLE_S)
    idle = (cpu_s(gateway.pid) - before) / (time.monotonic() - started)  # what its printers cost alone
    before, started = cpu_s(gateway.pid), time.monotonic()
    prometheus = Prometheus(folder / "prometheus", gateway.port)
    try:
        await_value(lambda: prometheus.ask("count_over_time(up[10m])") or 0, lambda count: count >= SCRAPES, DEADLINE_S + 3 * SCRAPES)
        reading_s = cpu_s(prometheus.pid)
        cost_s = cpu_s(gateway.pid) - before - idle * (time.monotonic() - started)
        figures = {name: prometheus.ask(query) for name, query in {
            "scrapes": "count_over_time(up[10m])", "answered": "sum_over_time(up[10m])",
            "printers": "count(flagship_printer_online)", "online": "sum(flagship_printer_online)",
            "samples": "min_over_time(scrape_samples_scraped[10m])",
            "median_s": "quantile_over_time(0.5, scrape_duration_seconds[10m])",
            "longest_s": "max_over_time(scrape_duration_seconds[10m])"}.items()}
    finally:
        prometheus.stop()
    own_s = answer_s(gateway)
    check("every scrape was answered", figures["answered"] == figures["scrapes"], figures)
    check("every printer was in them", figures["printers"] == figures["online"] == PRINTERS, figures)
    cost_s /= figures["scrapes"]
    check("a scrape costs no more than 50 ms", cost_s <= SCRAPE_S, f"{1000 * cost_s:.1f} ms")
    if SCRAPES >= ALL_SCRAPES:
        check("the gateway answers within 50 ms in the median", own_s <= SCRAPE_S, f"{1000 * own_s:.1f} ms")
        check("a scrape takes no more than 50 ms in the median", figures["median_s"] <= SCRAPE_S, figures)
    print(f"# {figures['scrapes']:.0f} scrapes of {figures['samples']:.0f} samples: {1000 * cost_s:.1f} ms of a processor each, "
          f"the last byte after {1000 * own_s:.1f} ms; with its own reading, {1000 * reading_s / figures['scrapes']:.1f} ms of a processor each, "
          f"Prometheus waited {1000 * figures['median_s']:.1f} ms in the median, "
          f"{1000 * figures['longest_s']:.1f} ms at most")


def run(folder):
    check = Check()
    authority = Authority(folder)
    (key := folder / "key").write_text(KEY, encoding="ascii")
    key.chmod(0o600)
    home = Home(folder / "home")
    home.folder.mkdir()
    with Broker(folder, *authority.issue("broker"), settings=("allow_anonymous true", "connection_messages false", "max_queued_messages 0"),
                log="information") as broker:
        keep_printers(home, broker, authority, {f"Printer {i}": f"SCRAPE{i:05}" for i in range(1, PRINTERS + 1)})
        printers = Simulator("--broker", broker.url, "--ca", authority.certificate, "--key-file", key, "--prefix", "SCRAPE", "--count", PRINTERS,
                             "--scenario", "print", "--at", "20", deadline_s=START_DEADLINE_S)
        try:
            with Gateway(home) as gateway:
                await_value(lambda: gateway.get("/health")["online"], lambda online: online == PRINTERS, START_DEADLINE_S)
                scrape(check, gateway, folder)
        finally:
            printers.stop()
    return check


def main():
    with tempfile.TemporaryDirectory(prefix="flagship-scrape-") as folder:
        return 1 if run(Path(folder)).failed else 0


if __name__ == "__main__":
    sys.exit(main())
