#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What the program costs against a simulated printer on a real broker: start to printed state, and memory."""

import re
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests" / "blackbox"))

from broker import Authority, Broker  # noqa: E402
from conftest import KEY, SERIAL  # noqa: E402
from process import Process  # noqa: E402
from program import FLAGSHIP, environment  # noqa: E402
from simulator import Simulator  # noqa: E402

RUNS = 15
MONITORED_LINES = 20


def report(name, number, unit):
    print(f"BENCH {name} {number:.3f} {unit}", flush=True)


def status_ms(options):
    start = time.perf_counter()
    subprocess.run([FLAGSHIP, "status", "--json", *options], check=True, stdout=subprocess.DEVNULL, env=environment())
    return (time.perf_counter() - start) * 1000


def peak_kib(process):
    status = Path(f"/proc/{process.pid}/status").read_text(encoding="ascii")
    return int(re.search(r"VmHWM:\s+(\d+)", status).group(1))


def monitor_kib(options):
    """At its peak, after a good number of messages."""
    monitor = Process(FLAGSHIP, "monitor", "--json", *options, output="stdout", env=environment())
    monitor.await_lines(lambda lines: len(lines) >= MONITORED_LINES)
    peak = peak_kib(monitor)
    monitor.stop()
    return peak


def main():
    with tempfile.TemporaryDirectory() as folder:
        authority = Authority(Path(folder))
        key = Path(folder) / "key"
        key.write_text(KEY, encoding="ascii")
        key.chmod(0o600)
        with Broker(folder, *authority.issue("broker")) as broker:
            options = ["--broker", broker.url, "--ca", str(authority.certificate), "--serial", SERIAL, "--key-file",
                       str(key)]
            printer = Simulator(*options, "--model", "m5c", "--scenario", "print", "--speed", "20")
            try:
                report("status_ms", statistics.median(status_ms(options) for _ in range(RUNS)), "ms")
                report("monitor_peak_kib", monitor_kib(options), "KiB")
            finally:
                printer.stop()


if __name__ == "__main__":
    main()
