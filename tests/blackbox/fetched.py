# SPDX-License-Identifier: MIT
"""A program that fetches what a camera sends (flagship-webcam, flagship-rtsp), as the gateway starts it."""

import struct
import subprocess

from process import DEADLINE_S

SENTENCE = 1 << 31


class Child:
    """Is told a URL."""

    def __init__(self, program, url, *arguments):
        self.child = subprocess.Popen([program, *map(str, arguments)], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.child.stdin.write(struct.pack(">I", len(url)) + url.encode())
        self.child.stdin.flush()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.child.stdin.close()
        self.child.stdout.close()
        self.child.wait(DEADLINE_S)

    def next(self):
        """A picture or a unit as bytes, or a sentence."""
        (length,) = struct.unpack(">I", self.child.stdout.read(4))
        body = self.child.stdout.read(length & ~SENTENCE)
        return body.decode() if length & SENTENCE else body

    def until_fault(self):
        """How many of them came before, and why no more do."""
        count = 0
        while not isinstance(said := self.next(), str):
            count += 1
        assert self.child.stdout.read() == b"" and self.child.wait(DEADLINE_S) == 1
        return count, said

    def end(self):
        self.child.stdin.close()
        return self.child.wait(DEADLINE_S)
