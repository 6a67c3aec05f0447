#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What the program costs against a simulated printer on a real broker: start-up, start to printed state, and memory."""

import json
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
from limits import report  # noqa: E402
from process import Process  # noqa: E402
from program import BUILD, FLAGSHIP, environment  # noqa: E402
from simulator import Simulator  # noqa: E402

RUNS = 15
STORED_PRINTERS = 10
MONITORED_LINES = 20


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


def fill_store(folder):
    """A home with an account and its printers. Returns the environment that leads there."""
    home = Path(folder) / "home"
    home.mkdir()
    source = Path(folder) / "default.json"
    source.write_text(json.dumps({
        "__type__": "Config",
        "account": {"__type__": "Account", "auth_token": "token", "region": "eu", "user_id": "0123", "email": "owner@example.com"},
        "printers": [{"__type__": "Printer", "id": "1", "sn": f"AK7{i:013d}", "name": f"Printer {i}", "model": "V8111", "mqtt_key": KEY}
                     for i in range(STORED_PRINTERS)]}), encoding="ascii")
    variables = environment(HOME=home)
    subprocess.run([FLAGSHIP, "import", source], check=True, capture_output=True, env=variables)
    return variables


def start_ms(variables):
    start = time.perf_counter()
    subprocess.run([FLAGSHIP, "printers", "--offline", "--json"], check=True, stdout=subprocess.DEVNULL, env=variables)
    return (time.perf_counter() - start) * 1000


def oneshot_kib(options, variables):
    """The most that any of these takes, of one after the other."""
    commands = [["printers", "--offline"], ["printers", *options], ["status", *options], ["pause", *options], ["resume", *options],
                ["gcode", "M105", *options], ["files", "--force", *options], ["query", "app_query_status", *options], ["doctor", *options]]
    return max(int(subprocess.run([BUILD / "bench" / "peak", FLAGSHIP, *map(str, command)], check=True, capture_output=True, env=variables).stdout)
               for command in commands)


def main():
    with tempfile.TemporaryDirectory() as folder:
        authority = Authority(Path(folder))
        key = Path(folder) / "key"
        key.write_text(KEY, encoding="ascii")
        key.chmod(0o600)
        with Broker(folder, *authority.issue("broker")) as broker:
            options = ["--broker", broker.url, "--ca", str(authority.certificate), "--serial", SERIAL, "--key-file",
                       str(key)]
            printer = Simulator(*options, "--model", "m5c", "--scenario", "print", "--at", "20", "--speed", "5")
            try:
                report("status_ms", statistics.median(status_ms(options) for _ in range(RUNS)), "ms")
                report("monitor_peak_kib", monitor_kib(options), "KiB")
                variables = fill_store(folder)
                report("cli_start_ms", statistics.median(start_ms(variables) for _ in range(RUNS)), "ms")
                report("oneshot_rss_kib", oneshot_kib(options, variables), "KiB")
            finally:
                printer.stop()


if __name__ == "__main__":
    main()
