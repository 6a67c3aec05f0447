# SPDX-License-Identifier: MIT
"""A simulated printer as a child process."""

from process import Process
from program import FLAGSHIP, environment


class Simulator(Process):
    """`flagship simulate` with these options, from when it publishes until stop()."""

    def __init__(self, *options):
        super().__init__(FLAGSHIP, "simulate", *options, env=environment())
        self.await_text("publishing")
