#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Runs a bench that is a C program, and holds its figures to their limits: bench/compiled.py PROGRAM"""

import subprocess
import sys

sys.dont_write_bytecode = True

from limits import end, hold  # noqa: E402

MOST = {
    "notice_to_state_ratio": 1.2,
    "job_notice_to_state_ratio": 2.6,
    "allocations_per_message": 0,
    "fleet_ready_ms_10000": 100,
    "fleet_ready_slice_ms": 5,
    "fleet_message_ratio": 1.5,
    "fleet_receive_ratio": 1.5,
}


def main(program):
    with subprocess.Popen([program], stdout=subprocess.PIPE, text=True) as running:
        for line in running.stdout:
            print(line, end="", flush=True)
            word, name, number, unit = line.split(maxsplit=3)
            assert word == "BENCH", line
            hold(name, float(number), unit.strip(), most=MOST.get(name))
    if running.returncode:
        sys.exit(running.returncode)
    end()


if __name__ == "__main__":
    main(*sys.argv[1:])
