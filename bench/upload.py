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
from limits import end, report  # noqa: E402
from lan import DUID, lan_address  # noqa: E402
from process import Process  # noqa: E402
from simulator import Simulator  # noqa: E402

BUILD = Path(os.environ["FLAGSHIP_BUILD"])
FILE_MIB = int(os.environ.get("LAN_MIB", "200"))
RUNS = 5
LOSSY_MIB = 2
LOSS_PERCENT, DELAY_MS, SEEDS = 5, 20, (1, 2, 3)  # in each direction
SERIAL = "BENCH00001"
RATIO_LEAST, RESIDENT_MOST_MIB, LOSSY_RATIO_LEAST = 0.6, 20, 8  # of raw UDP; for a file of any size; of one that stops and waits
LINE = b"G1 X10.125 Y10.250 E1.03125 F1200\n"


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
    report("lan_upload_ratio", statistics.median(mine / bare for mine, bare in zip(upload, raw)), "ratio", least=RATIO_LEAST)


def measure_memory(address, file, options):
    kib = number_of(BUILD / "bench/peak", BUILD / "flagship", "print", file, "--address", address, "--rate", 0, "--no-start", "--json", *options)
    report("lan_print_resident_mib", kib / 1024, "MiB", most=RESIDENT_MOST_MIB)


def measure_lossy(printer_address, file):
    """Through a relay that loses and delays by seed; each sender meets the same network."""
    waiting, upload = [], []
    for seed in SEEDS:
        for name, rates in (("lan_stop_and_wait", waiting), ("lan_upload", upload)):
            address = lan_address()
            relay = Process(BUILD / "bench/lan_relay", address, printer_address, LOSS_PERCENT, DELAY_MS, seed, output="stdout")
            try:
                relay.await_text("ready")
                rates.append(number_of(BUILD / "bench" / name, address, file))
            finally:
                relay.stop()
    report("lan_lossy_stop_and_wait", statistics.median(waiting), "MB/s")
    report("lan_lossy_upload", statistics.median(upload), "MB/s")
    report("lan_lossy_ratio", statistics.median(mine / theirs for mine, theirs in zip(upload, waiting)), "ratio", least=LOSSY_RATIO_LEAST)


def main():
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        authority = Authority(folder)
        key = folder / "key"
        key.write_text(KEY, encoding="ascii")
        key.chmod(0o600)
        file, small = folder / "large.gcode", folder / "small.gcode"
        write_file(file, FILE_MIB)
        write_file(small, LOSSY_MIB)
        with Broker(folder, *authority.issue("broker")) as broker:
            options = ("--broker", broker.url, "--ca", authority.certificate, "--key-file", key, "--serial", SERIAL)
            address = lan_address()
            printer = Simulator(*options, "--lan", "--lan-address", address, "--lan-duid", DUID)
            try:
                measure_rate(address, file)
                measure_memory(address, file, options)
                measure_lossy(address, small)
            finally:
                printer.stop()


if __name__ == "__main__":
    main()
    end()
