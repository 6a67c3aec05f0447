#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What a simulated printer costs where many are in one process, over TLS to a real broker. FLEET sets how many."""

import json
import os
import re
import resource
import sys
import tempfile
import time
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests" / "blackbox"))

from accounts_home import Home  # noqa: E402
from broker import Authority, Broker  # noqa: E402
from conftest import KEY  # noqa: E402
from limits import end, report  # noqa: E402
from program import DONE  # noqa: E402
from simulator import Simulator  # noqa: E402
from test_printers import ankerctl  # noqa: E402

FLEET = int(os.environ.get("FLEET", "2000"))
CONNECT_DEADLINE_S = 120
LISTED = 500
LIST_RUNS = 5
STORED = 10000
OFFLINE_MOST_MS = 60
NOTICES = 3  # that each has published when it is measured


def list_printers(authority, broker, folder, options):
    """What `flagship printers` costs for an owner of 500: of its own time, and until it has all."""
    home = Home(Path(folder) / "home")
    home.folder.mkdir()
    login = ankerctl(Path(folder) / "default.json", "owner", "eu", [(f"LIST{i:05}", f"Printer {i}", "V8110") for i in range(1, LISTED + 1)])
    assert home.run("import", login).returncode == DONE
    home.settings(f"[broker]\nurl = {broker.url}\nca = {authority.certificate}\n")
    fleet = Simulator(*options, "--prefix", "LIST", "--count", LISTED, deadline_s=CONNECT_DEADLINE_S)
    try:
        runs = [list_once(home) for _ in range(LIST_RUNS)]
    finally:
        fleet.stop()
    report("printers_500_cpu_ms", 1e3 * min(cpu for cpu, _ in runs), "ms")
    report("printers_500_wall_ms", 1e3 * min(wall for _, wall in runs), "ms")


def list_stored(folder):
    """What `flagship printers --offline` costs where very many are stored: reading them is all that it does."""
    home = Home(Path(folder) / "many")
    home.folder.mkdir()
    login = ankerctl(Path(folder) / "many.json", "owner", "eu", [("LIST00001", "Printer 1", "V8110")])
    assert home.run("import", login).returncode == DONE
    store = json.loads(home.store.read_text())
    account = store["accounts"][0]
    account["printers"] = [account["printers"][0] | {"serial": f"LIST{i:05}", "name": f"Printer {i}"} for i in range(STORED)]
    home.store.write_text(json.dumps(store, indent=1))
    costs = []
    for _ in range(LIST_RUNS):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        result = home.run("printers", "--offline", "--json")
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        assert len(json.loads(result.stdout)) == STORED, result.stderr
        costs.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    report("printers_offline_10000_ms", 1e3 * min(costs), "ms", most=OFFLINE_MOST_MS)


def list_once(home):
    """Seconds of processor and of the clock; all have answered."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    result = home.run("printers", "--json", "--timeout", "20")
    wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    assert sum(row["online"] is True for row in json.loads(result.stdout)) == LISTED, result.stderr
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, wall


def rss_kib(process):
    status = Path(f"/proc/{process.pid}/status").read_text(encoding="ascii")
    return int(re.search(r"VmRSS:\s+(\d+)", status).group(1))


def measure(broker, options):
    one = Simulator(*options, "--prefix", "ONE")
    alone, broker_alone = rss_kib(one), rss_kib(broker.process)
    one.stop()
    start = time.perf_counter()
    fleet = Simulator(*options, "--prefix", "MANY", "--count", FLEET, deadline_s=CONNECT_DEADLINE_S)
    try:
        report("simulate_connects_per_s", FLEET / (time.perf_counter() - start), "1/s")
        fleet.await_counts(lambda counts: counts["published"] >= NOTICES * FLEET)
        report("simulate_kib_per_printer", (rss_kib(fleet) - alone) / FLEET, "KiB")
        report("broker_kib_per_printer", (rss_kib(broker.process) - broker_alone) / FLEET, "KiB")
    finally:
        fleet.stop()


def main():
    with tempfile.TemporaryDirectory() as folder:
        authority = Authority(Path(folder))
        key = Path(folder) / "key"
        key.write_text(KEY, encoding="ascii")
        key.chmod(0o600)
        list_stored(folder)
        settings = ("allow_anonymous true", "connection_messages false")
        with Broker(folder, *authority.issue("broker"), settings=settings, log="information") as broker:
            options = ["--broker", broker.url, "--ca", str(authority.certificate), "--key-file", str(key), "--model", "m5c"]
            measure(broker, options)
            list_printers(authority, broker, folder, options)


if __name__ == "__main__":
    main()
    end()
