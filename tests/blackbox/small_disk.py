# SPDX-License-Identifier: MIT
"""A disk of its own: a tmpfs of a few megabytes that can be filled and made read-only, in a mount namespace."""

import os
import pathlib
import subprocess

from process import Process
from program import FLAGSHIP, environment

PATHS = {"PATH": f"{os.environ['PATH']}:/usr/sbin:/sbin"}
MEGABYTE = 1 << 20


def why_not():
    """Why there can be no such disk here, or None."""
    attempt = subprocess.run(["unshare", "-rm", "mount", "-t", "tmpfs", "-o", "size=1m", "none", "/mnt"], capture_output=True,
                             text=True, check=False, env=environment(**PATHS))
    return None if attempt.returncode == 0 else f"no mount namespace: {attempt.stderr.strip()}"


class SmallDisk:
    def __init__(self, folder, megabytes=8):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir()
        self.holder = Process("unshare", "-rm", "sh", "-c", f"mount -t tmpfs -o size={megabytes}m none '{self.folder}' && echo up"
                              " && exec sleep infinity", env=environment(**PATHS), output="stdout")
        self.holder.await_text("up")

    @property
    def seen(self):
        """The disk, from outside."""
        return pathlib.Path(f"/proc/{self.holder.pid}/root{self.folder}")

    def inside(self, *command):
        return ["nsenter", "-t", str(self.holder.pid), "-U", "-m", "--preserve-credentials", *map(str, command)]

    def run(self, *command, stdin=None):
        return subprocess.run(self.inside(*command), input=stdin, capture_output=True, text=True, check=False, timeout=60,
                              env=environment(**PATHS))

    def cloud(self, name, *arguments, stdin=None):
        return self.run(FLAGSHIP, "cloud", name, "--dir", self.folder / "D", *arguments, stdin=stdin)

    def fill(self):
        """To the last byte."""
        with open(self.seen / "filler", "ab", buffering=0) as file:
            for size in (MEGABYTE, 4096, 1):
                try:
                    while file.write(b"x" * size) > 0:
                        pass
                except OSError:
                    pass
        assert os.statvfs(self.seen).f_bavail == 0

    def empty(self):
        (self.seen / "filler").unlink()

    def make_read_only(self):
        result = self.run("mount", "-o", "remount,ro", self.folder)
        assert result.returncode == 0, result.stderr

    def close(self):
        self.holder.stop()
