# SPDX-License-Identifier: MIT
"""What a terminal shows: as much of an xterm as ncurses makes use of."""

import fcntl
import re
import struct
import termios
import time

from process import DEADLINE_S
from terminal import Terminal

SEQUENCE = re.compile(r"\033(?:\[([?>]?)([\d;]*)([@-~])|[()][A-Za-z0-9]|[=>78MDEHc])|([\r\n\b\t\x07\x0e\x0f])|([^\033])", re.S)


class Screen:
    """`flagship` with these arguments on a terminal of this size; .lines() is what is to be seen."""

    def __init__(self, *arguments, width=100, height=24, **changes):
        self.width, self.height = width, height
        self.rest = ""
        self.cleared = 0
        self.written = 0
        self._clear()
        quoted = " ".join("'" + str(word).replace("'", "'\\''") + "'" for word in arguments)
        self.terminal = Terminal(shell=f"stty cols {width} rows {height}; exec {quoted}", **changes)

    def _clear(self):
        self.cells = [[" "] * self.width for _ in range(self.height)]
        self.x = self.y = 0

    def _put(self, character):
        # What was drawn for another size may still be on its way.
        if self.x < self.width and self.y < self.height:
            self.cells[self.y][self.x] = character
        self.last = character
        self.x += 1

    def _erase(self, y, start, end):
        for x in range(max(start, 0), min(end, self.width) if y < self.height else 0):
            self.cells[y][x] = " "

    def _sequence(self, private, numbers, final):
        values = [int(n) for n in numbers.split(";") if n]
        count = values[0] if values else 1
        if private:
            return
        if final == "H":
            self.y, self.x = (values + [1, 1])[0] - 1, (values + [1, 1])[1] - 1 if len(values) > 1 else 0
        elif final in "ABCD":
            dx, dy = {"A": (0, -1), "B": (0, 1), "C": (1, 0), "D": (-1, 0)}[final]
            self.x, self.y = self.x + dx * count, self.y + dy * count
        elif final == "G":
            self.x = count - 1
        elif final == "d":
            self.y = count - 1
        elif final == "K":
            start, end = {0: (self.x, self.width), 1: (0, self.x + 1), 2: (0, self.width)}[values[0] if values else 0]
            self._erase(self.y, start, end)
        elif final == "X":
            self._erase(self.y, self.x, self.x + count)
        elif final == "J":
            self.cleared += 1
            self._erase(self.y, self.x, self.width)
            for y in range(self.y + 1, self.height):
                self._erase(y, 0, self.width)
        elif final == "b":
            for _ in range(count):
                self._put(self.last)
        elif final == "P":
            row = self.cells[self.y]
            row[self.x :] = (row[self.x + count :] + [" "] * self.width)[: self.width - self.x]
        elif final == "@":
            row = self.cells[self.y]
            row[self.x :] = ([" "] * count + row[self.x :])[: self.width - self.x]
        elif final == "L":
            self.cells[self.y :] = ([[" "] * self.width for _ in range(count)] + self.cells[self.y :])[: self.height - self.y]
        elif final == "M":
            below = self.cells[self.y + count :] + [[" "] * self.width for _ in range(count)]
            self.cells[self.y :] = below[: self.height - self.y]
        else:
            assert final in "mrhltc", f"unknown sequence: {numbers}{final}"

    def _feed(self, text):
        self.written += len(text)
        text = self.rest + text
        position = 0
        while match := SEQUENCE.match(text, position):
            position = match.end()
            _private, _numbers, final, control, character = match.groups()
            if final:
                self._sequence(*match.groups()[:3])
            elif control:
                self.x = {"\r": 0, "\n": 0, "\b": self.x - 1}.get(control, self.x)
                self.y += control == "\n"
            elif character:
                self._put(character)
        self.rest = text[position:]

    def read(self, seconds):
        """False where nothing came in time."""
        self.terminal.text = ""
        came = self.terminal._read(seconds)
        self._feed(self.terminal.text)
        self.terminal.text = ""
        return came

    def lines(self):
        return ["".join(row).rstrip() for row in self.cells]

    def line_with(self, text):
        found = [line for line in self.lines() if text in line]
        return found[0] if found else ""

    def await_screen(self, condition, wanted):
        """Waits until condition(lines) holds, and returns what it returned."""
        end = time.monotonic() + DEADLINE_S
        while not (found := condition(self.lines())):
            came = self.read(end - time.monotonic())
            assert came, f"waited for {wanted} in vain; there was:\n" + "\n".join(self.lines())
        return found

    def await_line(self, *texts):
        """Waits for a line that holds all the texts, and returns it."""
        return self.await_screen(lambda lines: next((line for line in lines if all(text in line for text in texts)), None), texts)

    def await_gone(self, text):
        self.await_screen(lambda lines: not any(text in line for line in lines), f"no {text}")

    def press(self, keys):
        self.terminal.write(keys)

    def resize(self, width, height):
        self.width, self.height = width, height
        self._clear()
        fcntl.ioctl(self.terminal.master, termios.TIOCSWINSZ, struct.pack("HHHH", height, width, 0, 0))

    def await_end(self):
        while self.read(DEADLINE_S):
            pass
        return self.terminal.child.wait(timeout=DEADLINE_S)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.terminal.stop()
