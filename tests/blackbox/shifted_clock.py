# SPDX-License-Identifier: MIT
"""Clocks of the programs that are started with `environment`, which a test sets while they run: the one on the wall is put
forward or back, or the machine sleeps, which is to say that all but the clock that stands still meanwhile have gone on."""

import pathlib
import struct
import subprocess

HERE = pathlib.Path(__file__).resolve().parent
NS_PER_S = 1_000_000_000
HOUR_S = 3600


class ShiftedClock:
    def __init__(self, folder):
        self.stepped_s = self.slept_s = self.passed_s = 0
        self.file = pathlib.Path(folder) / "clock_shift"
        self.library = self.file.with_suffix(".so")
        self.file.write_bytes(bytes(24))
        subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-o", self.library, HERE / "clock_shift.c"], check=True)

    @property
    def environment(self):
        return {"LD_PRELOAD": str(self.library), "CLOCK_SHIFT": str(self.file),
                "ASAN_OPTIONS": "verify_asan_link_order=0"}

    def step(self, seconds):
        """The clock on the wall is put forward, or back."""
        self.stepped_s += seconds
        self._write()

    def sleep(self, seconds):
        self.slept_s += seconds
        self._write()

    def go_on(self, seconds):
        """So much time passes at once; who waits for an event wakes by it, and sees how late it is."""
        self.passed_s += seconds
        self._write()

    def _write(self):
        # In place, for the programs have it in their memory.
        with self.file.open("r+b", buffering=0) as file:
            file.write(struct.pack("=qqq", self.stepped_s * NS_PER_S, self.slept_s * NS_PER_S, self.passed_s * NS_PER_S))
