#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What sending a file over the local network costs: beside raw UDP over loopback, in memory, and beside a sender that stops and waits
where datagrams are lost."""

import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests" / "blackbox"))

from broker import Authority, Broker  # noqa: E402
from conftest import KEY  # noqa: E402
from lan import DUID, lan_address  # noqa: E402
from simulator import Simulator  # noqa: E402

BUILD = Path(os.environ["FLAGSHIP_BUILD"])
FILE_MIB = int(os.environ.get("LAN_MIB", "200"))
RUNS = 5
SERIAL = "BENCH00001"
LINE = b"G1 X10.125 Y10.250 E1.03125 F1200\n"


def report(name, number, unit):
    print(f"BENCH {name} {number:.3f} {unit}", flush=True)


def number_of(*words):
    """What a program of the bench prints."""
    result = subprocess.run([str(word) for word in words], stdout=subprocess.PIPE, check=True)
    return float(result.stdout)


def write_file(path, mib):
    """G-code, as long as it is to be."""
    body = LINE * (1024 * 1024 // len(LINE))
    with path.open("wb") as out:
        out.write(b";TIME:5400\n;LAYER_COUNT:77\nG28\n")
        for _ in range(mib):
            out.write(body)


def measure_rate(address, file):
    """Turn by turn, so that both see the same machine."""
    raw, upload = [], []
    for _ in range(RUNS):
        raw.append(number_of(BUILD / "bench/lan_raw", FILE_MIB))
        upload.append(number_of(BUILD / "bench/lan_upload", address, file))
    report("lan_raw_udp", statistics.median(raw), "MB/s")
    report("lan_upload", statistics.median(upload), "MB/s")
    report("lan_upload_ratio", statistics.median(mine / bare for mine, bare in zip(upload, raw)), "ratio")


def measure_memory(address, file, options):
    kib = number_of(BUILD / "bench/peak", BUILD / "flagship", "print", file, "--address", address, "--rate", 0, "--no-start", "--json", *options)
    report("lan_print_resident_mib", kib / 1024, "MiB")


def main():
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        authority = Authority(folder)
        key = folder / "key"
        key.write_text(KEY, encoding="ascii")
        key.chmod(0o600)
        file = folder / "large.gcode"
        write_file(file, FILE_MIB)
        with Broker(folder, *authority.issue("broker")) as broker:
            options = ("--broker", broker.url, "--ca", authority.certificate, "--key-file", key, "--serial", SERIAL)
            address = lan_address()
            printer = Simulator(*options, "--lan", "--lan-address", address, "--lan-duid", DUID)
            try:
                measure_rate(address, file)
                measure_memory(address, file, options)
            finally:
                printer.stop()


if __name__ == "__main__":
    main()
