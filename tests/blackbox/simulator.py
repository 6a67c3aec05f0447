# SPDX-License-Identifier: MIT
"""A simulated printer as a child process."""

import json
import signal

from process import DEADLINE_S, Process, looks
from program import FLAGSHIP, environment


class Simulator(Process):
    """`flagship simulate` with these options, from when it publishes until stop()."""

    def __init__(self, *options, deadline_s=DEADLINE_S):
        super().__init__(FLAGSHIP, "simulate", *options, env=environment(), output="both")
        try:
            self.await_text("publishing", deadline_s)
        except AssertionError:
            self.stop()
            raise

    def counts(self):
        """What it has done so far: {"received": 3, "executed": {"1003": 2}, …} (flagship-simulate(1))."""

        def told(lines):
            return [line for line in lines if line.startswith("{")]

        before = len(told(self.lines))
        self.signal(signal.SIGUSR1)
        return json.loads(told(self.await_lines(lambda lines: len(told(lines)) > before))[before])

    def await_counts(self, condition):
        """Asks for the counts until condition(counts) holds, and returns them."""
        for _ in looks():
            if condition(counts := self.counts()):
                return counts
        raise AssertionError(f"waited in vain for other counts than {counts}")
