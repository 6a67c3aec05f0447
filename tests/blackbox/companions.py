# SPDX-License-Identifier: MIT
"""Programs in the place of those that the gateway runs: scripts that hang, flood and crash, and say who they are."""

import os
import select

from process import DEADLINE_S


class Companions:
    def __init__(self, folder):
        folder.mkdir()
        self.folder = folder
        os.mkfifo(folder / "started")
        # For reading and writing, so that it has no end.
        self.started = open(folder / "started", "r+b", buffering=0)

    def write(self, name, script):
        """`name` does this: "flagship-account", or "flagship"."""
        path = self.folder / name
        path.write_text(f'#!/bin/sh\necho $$ > "{self.folder}/started"\n{script}\n')
        path.chmod(0o755)

    def await_pid(self):
        """Of the next one that was started."""
        assert select.select([self.started], [], [], DEADLINE_S)[0], "no program was started"
        return int(self.started.readline())

    def drain(self):
        """Forgets those that were started before."""
        while select.select([self.started], [], [], 0)[0]:
            self.started.readline()

    @property
    def environment(self):
        return {"FLAGSHIP_EXEC_PATH": str(self.folder)}
