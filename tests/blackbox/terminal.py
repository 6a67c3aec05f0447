# SPDX-License-Identifier: MIT
"""A program on a pseudo-terminal."""

import fcntl
import os
import pathlib
import pty
import re
import select
import signal
import subprocess
import termios
import time

from process import DEADLINE_S
from program import FLAGSHIP, environment


def take_terminal():
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    # A run in the background may have been told to ignore Ctrl-C.
    signal.signal(signal.SIGINT, signal.SIG_DFL)


class Terminal:
    """`flagship` with these arguments, or a line of the shell; what it writes collects in .text."""

    def __init__(self, *arguments, shell=None, **changes):
        self.master, slave = pty.openpty()
        self.text = ""
        self.child = subprocess.Popen(
            ["sh", "-c", shell] if shell else [str(FLAGSHIP), *map(str, arguments)],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env=environment(**{"TERM": "xterm", **changes}),
            start_new_session=True,
            preexec_fn=take_terminal,
        )
        os.close(slave)

    def _read(self, seconds):
        """False at the end of the output, or where nothing came in time."""
        if not select.select([self.master], [], [], max(seconds, 0))[0]:
            return False
        try:
            piece = os.read(self.master, 65536)
        except OSError:
            piece = b""
        self.text += piece.decode(errors="replace").replace("\r\n", "\n")
        return bool(piece)

    def await_text(self, text):
        """Waits for text after what was awaited before, and returns all up to its end."""
        end = time.monotonic() + DEADLINE_S
        while text not in self.text:
            assert self._read(end - time.monotonic()), f"waited for {text!r} in vain; there was:\n{self.text}"
        position = self.text.index(text) + len(text)
        seen, self.text = self.text[:position], self.text[position:]
        return seen

    def write(self, text):
        os.write(self.master, text.encode())

    def is_blocking(self):
        """What is made non-blocking for its input is so for its output, too, which then drops what does not fit at once."""
        flags = pathlib.Path(f"/proc/{self.child.pid}/fdinfo/1").read_text(encoding="ascii")
        return not int(re.search(r"flags:\s+([0-7]+)", flags).group(1), 8) & os.O_NONBLOCK

    def await_end(self):
        """The rest of the output, and the exit status."""
        end = time.monotonic() + DEADLINE_S
        while self._read(end - time.monotonic()):
            pass
        return self.text, self.child.wait(timeout=DEADLINE_S)

    def stop(self):
        if self.child.poll() is None:
            self.child.kill()
        self.child.wait()
        os.close(self.master)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()
