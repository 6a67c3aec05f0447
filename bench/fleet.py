#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What a simulated printer costs where many are in one process, over TLS to a real broker. FLEET sets how many."""

import os
import re
import sys
import tempfile
import time
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests" / "blackbox"))

from broker import Authority, Broker  # noqa: E402
from conftest import KEY  # noqa: E402
from simulator import Simulator  # noqa: E402

FLEET = int(os.environ.get("FLEET", "2000"))
CONNECT_DEADLINE_S = 120
NOTICES = 3  # that each has published when it is measured


def report(name, number, unit):
    print(f"BENCH {name} {number:.3f} {unit}", flush=True)


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
        settings = ("allow_anonymous true", "connection_messages false")
        with Broker(folder, *authority.issue("broker"), settings=settings, log="information") as broker:
            measure(broker, ["--broker", broker.url, "--ca", str(authority.certificate), "--key-file", str(key),
                             "--model", "m5c"])


if __name__ == "__main__":
    main()
