# SPDX-License-Identifier: MIT
"""Child processes whose output is read as it comes."""

import contextlib
import os
import pathlib
import select
import subprocess
import threading
import time

# Of what comes if all is well, however busy the machine is; one that is emulated takes longer.
DEADLINE_S = int(os.environ.get("FLAGSHIP_TEST_DEADLINE_S", "60"))
STOP_ATTEMPTS = 12
# Between two looks at what is awaited: most of it comes at once, and what takes longer takes the processor that looks would use.
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.001, 0.032


def looks():
    """Goes round as often as a condition is looked at, for as long as what comes if all is well may take."""
    deadline, pause = time.monotonic() + DEADLINE_S, FIRST_PAUSE_S
    yield
    while time.monotonic() < deadline:
        time.sleep(pause)
        pause = min(2 * pause, LONGEST_PAUSE_S)
        yield


def until(condition, told=lambda: ""):
    """What the condition gives once it is true; told: what is said of one that does not become so."""
    for _ in looks():
        if value := condition():
            return value
    raise AssertionError(f"waited in vain: {told()}")


def await_gone(pid, deadline_s=DEADLINE_S):
    """Waits for the end of a process that need not be a child of ours."""
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    try:
        assert select.select([descriptor], [], [], deadline_s)[0], f"process {pid} lives on"
    finally:
        os.close(descriptor)


class Process:
    """A command in the background. Its standard error, or with `output` "stdout" or "both", is kept."""

    stop_attempts = STOP_ATTEMPTS

    def __init__(self, *command, env=None, output="stderr", stdin=subprocess.DEVNULL):
        self.command = [str(word) for word in command]
        streams = {"stdout": (subprocess.PIPE, subprocess.DEVNULL), "stderr": (subprocess.DEVNULL, subprocess.PIPE),
                   "both": (subprocess.PIPE, subprocess.STDOUT)}[output]
        self.child = subprocess.Popen(self.command, stdin=stdin, env=env, stdout=streams[0], stderr=streams[1])
        self.lines = []
        self.ended = False
        self.changed = threading.Condition()
        self.reader = threading.Thread(target=self._read, args=(self.child.stdout or self.child.stderr,), daemon=True)
        self.reader.start()

    def _read(self, stream):
        for line in stream:
            with self.changed:
                self.lines.append(line.decode(errors="replace").rstrip("\n"))
                self.changed.notify_all()
        with self.changed:
            self.ended = True
            self.changed.notify_all()

    @property
    def pid(self):
        return self.child.pid

    @property
    def log(self):
        with self.changed:
            return "\n".join(self.lines)

    def await_lines(self, condition, deadline_s=DEADLINE_S):
        """Waits until condition(lines) holds, and returns the lines."""
        with self.changed:
            self.changed.wait_for(lambda: condition(self.lines) or self.ended, deadline_s)
            assert condition(self.lines), f"{' '.join(self.command)}\nwaited in vain; it said:\n" + "\n".join(self.lines)
            return list(self.lines)

    def await_text(self, text, deadline_s=DEADLINE_S):
        """Waits for a line that holds the text."""
        return self.await_lines(lambda lines: any(text in line for line in lines), deadline_s)

    def await_end(self, deadline_s=DEADLINE_S):
        """Returns the exit status."""
        status = self.child.wait(timeout=deadline_s)
        self.reader.join(timeout=deadline_s)
        return status

    def signal(self, number):
        self.child.send_signal(number)

    def stop(self):
        """Asks it to end where it still runs, and returns the exit status."""
        # mosquitto forgets a signal that comes just as it says that it runs: so ask again.
        for _ in range(self.stop_attempts):
            if self.child.poll() is None:
                self.child.terminate()
            try:
                return self.await_end(DEADLINE_S / self.stop_attempts)
            except subprocess.TimeoutExpired:
                continue
        self.child.kill()
        self.child.wait()
        raise AssertionError(f"{' '.join(self.command)} did not end when asked to")


def opened(pid):
    """Whatever it has open: paths, "socket:[INODE]" and the like."""
    found = set()
    for link in pathlib.Path(f"/proc/{pid}/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):  # it was closed since it was listed
            found.add(os.readlink(link))
    return found
