#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""`flagship serve` with fifty printers at twenty times their speed, a broker that comes and goes, and readers that do so too.

Checks that a reader who resumes gets every event exactly once, that commands end, that nothing grows and no descriptor is
left behind. SOAK_SECONDS says for how long. One line a check: `ok NAME` or `not ok NAME: what is wrong`.
"""

import collections
import contextlib
import json
import os
import random
import sys
import tempfile
import threading
import time
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "blackbox"))

from accounts_home import Home  # noqa: E402
from broker import Authority, Broker  # noqa: E402
from conftest import KEY  # noqa: E402
from gateway import Gateway  # noqa: E402
from process import DEADLINE_S, looks, until  # noqa: E402
from run import Check  # noqa: E402
from simulator import Simulator  # noqa: E402
from test_serve import keep_printers  # noqa: E402

SECONDS = int(os.environ.get("SOAK_SECONDS", "180"))
PRINTERS = 50
SPEED = 20
RESUMING = 3  # readers
STAYS_S = (3, 15)  # a connection of theirs
KEPT = 2048  # messages, for who comes back
PASSING = 8  # readers who come, look and go, at a time
PRINTERS_RESTART = 4  # so many times that the broker went
BROKER_RUNS_S, BROKER_AWAY_S = (10, 70), (0.5, 4)  # longer than a minute: then a session tries again soon
WARM_S = min(300, SECONDS / 2)  # until memory is looked at: by then every buffer has had its size
GROWTH = 0.02
GROWTH_KIB = 512  # of allocators and stacks, with little memory in all
OUTCOMES = {"confirmed", "accepted", "refused", "unanswered", "failed"}
CAUSES = {200, 409, 503, 504}


def resident_kib(pid):
    """By what it is: the heap of the loop, other memory (arenas and stacks of threads), and pages of files."""
    found, kind = collections.Counter(), ""
    for line in Path(f"/proc/{pid}/smaps").read_text(encoding="utf-8").splitlines():
        words = line.split()
        if "-" in words[0]:
            kind = "heap" if words[-1] == "[heap]" else "other" if len(words) < 6 or words[-1].startswith("[") else "files"
        elif words[0] == "Rss:":
            found[kind] += int(words[1])
    return found


def history_kib(pid):
    """The file, of which connections keep pages."""
    found = (path for path in Path(f"/proc/{pid}/fd").iterdir() if os.readlink(path).endswith("history.db"))
    return next(found).stat().st_size // 1024


def sockets():
    """What each socket of this machine is, by its inode."""
    found = {}
    for kind in ("tcp", "tcp6", "udp", "udp6"):
        for line in Path(f"/proc/net/{kind}").read_text(encoding="ascii").splitlines()[1:]:
            _, local, remote, state, *_ = line.split()
            found[line.split()[9]] = f"{kind} {local} {remote} {state}"
    for line in Path("/proc/net/unix").read_text(encoding="utf-8").splitlines()[1:]:
        words = line.split()
        found[words[6]] = " ".join(["unix", *words[7:]])
    return found


def descriptors(pid):
    """What is open, in words."""
    folder = Path(f"/proc/{pid}/fd")
    known = sockets()
    found = []
    for name in os.listdir(folder):
        with contextlib.suppress(FileNotFoundError):  # closed since
            link = os.readlink(folder / name)
            found.append(known.get(link.removeprefix("socket:[").removesuffix("]"), link))
    return sorted(found)


class Resuming(threading.Thread):
    """Reads events, hangs up in the midst, and comes back with the last id that it saw."""

    def __init__(self, gateway, end, seed):
        super().__init__(daemon=True)
        self.gateway, self.end, self.random = gateway, end, random.Random(seed)
        self.last = None
        self.faults = []
        self.read = self.resumed = self.put_out = self.late = 0

    def run(self):
        try:
            while not self.end.is_set():
                self.connect(time.monotonic() + self.random.uniform(*STAYS_S))
        except Exception as fault:  # a thread's end is no test's failure by itself
            self.faults.append(repr(fault))

    def connect(self, leaves):
        headers = {"Last-Event-ID": self.last} if self.last else {}
        stream = self.gateway.events(**headers)
        first = True
        while time.monotonic() < leaves and not self.end.is_set():
            identity, message = stream.next()
            if identity is None:  # who reads too slowly is told, and comes back
                self.put_out += 1
                break
            name, sequence = identity.rsplit("-", 1)
            if message["type"] == "snapshot":
                if self.last and int(sequence) - int(self.last.rsplit("-", 1)[1]) < KEPT:
                    self.faults.append(f"a snapshot, {identity}, in place of what follows {self.last}")
                self.late += self.last is not None
            elif self.last and (name, int(sequence)) != (self.last.rsplit("-", 1)[0], int(self.last.rsplit("-", 1)[1]) + 1):
                self.faults.append(f"{identity} after {self.last}")
            self.resumed += first and bool(headers)
            self.last, first = identity, False
            self.read += 1
        stream.close()


class Sampler(threading.Thread):
    """Looks at memory once every buffer has had its size, and as often again."""

    def __init__(self, gateway, end, memory):
        super().__init__(daemon=True)
        self.gateway, self.end, self.memory = gateway, end, memory

    def run(self):
        while not self.end.wait(WARM_S):
            self.memory.append(resident_kib(self.gateway.pid))


class Passing(threading.Thread):
    """Comes, reads a little of this and that, and goes without a word."""

    def __init__(self, gateway, end, seed):
        super().__init__(daemon=True)
        self.gateway, self.end, self.random = gateway, end, random.Random(seed)
        self.faults = []

    def run(self):
        try:
            while not self.end.wait(self.random.uniform(0.1, 1)):
                self.look()
        except Exception as fault:
            self.faults.append(repr(fault))

    def look(self):
        serial = f"SOAK{self.random.randrange(1, PRINTERS + 1):05}"
        path = self.random.choice(["/api/v1/printers", f"/api/v1/printers/{serial}", "/api/v1/health", "/metrics", "/api/v1/nothing",
                                   "/api/v1/events", f"/api/v1/events?printer={serial}"])
        connection = self.gateway.connection()
        connection.request("GET", path)
        if self.random.random() < 0.3:  # does not wait for the answer
            connection.close()
            return
        response = connection.getresponse()
        assert response.status == (404 if path.endswith("nothing") else 200), (path, response.status)
        if "events" in path:
            response.read1(self.random.randrange(1, 20000))
        else:
            response.read()
        connection.close()


class Commanding(threading.Thread):
    def __init__(self, gateway, end):
        super().__init__(daemon=True)
        self.gateway, self.end, self.random = gateway, end, random.Random(1)
        self.outcomes = collections.Counter()
        self.faults = []

    def run(self):
        try:
            while not self.end.wait(0.2):
                serial = f"SOAK{self.random.randrange(1, PRINTERS + 1):05}"
                body = self.random.choice([{"command": "bed", "target_c": self.random.randrange(40, 70)}, {"command": "pause"},
                                           {"command": "resume"}, {"command": "home"}, {"command": "gcode", "line": "M105"},
                                           {"command": "fan", "percent": self.random.randrange(101)}])
                status, answer = self.gateway.submit(serial, {**body, "timeout_s": 2})
                self.outcomes[answer.get("outcome")] += 1
                if status not in CAUSES or answer.get("outcome") not in OUTCOMES:
                    self.faults.append((body, status, answer))
        except Exception as fault:
            self.faults.append(repr(fault))


class Printers:
    """All of them in one process; a job takes some minutes, and is begun anew where they are started again."""

    def __init__(self, *options):
        self.options = (*options, "--prefix", "SOAK", "--count", PRINTERS, "--model", "m5", "--scenario", "print", "--at", "5", "--speed", SPEED)
        self.start()

    def start(self):
        self.process = Simulator(*self.options)

    def stop(self):
        self.process.stop()


def flap(broker, printers, end, chance):
    """Takes the broker, and now and then the printers, away again and again, until the end."""
    times = 0
    while not end.wait(chance.uniform(*BROKER_RUNS_S)):
        broker.stop()
        end.wait(chance.uniform(*BROKER_AWAY_S))
        broker.start()
        times += 1
        if times % PRINTERS_RESTART == 0:
            printers.stop()
            printers.start()
    return times


def count_connections(gateway):
    connection = gateway.connection()
    connection.request("GET", "/metrics")
    text = connection.getresponse().read().decode()
    connection.close()
    return sum(int(float(line.split()[1])) for line in text.splitlines() if line.startswith("flagship_connections{"))


def await_online(gateway):
    """How many printers are, once all are, or in vain."""
    deadline = time.monotonic() + DEADLINE_S
    stream = gateway.events()
    while (online := gateway.get("/health")["online"]) < PRINTERS and time.monotonic() < deadline:
        stream.next()
    stream.close()
    return online


def await_alone(gateway):
    """All clients have gone: the one connection is that of the question."""
    until(lambda: count_connections(gateway) <= 1, lambda: "clients that went are still counted")


def await_few(gateway, most):
    """What is open, once it is no more than that, or in vain: a connection that ends takes a moment, a leak stays."""
    for _ in looks():
        if len(found := descriptors(gateway.pid)) <= most:
            break
        await_alone(gateway)
    return found


def soak(folder):
    authority = Authority(Path(folder))
    (key := Path(folder) / "key").write_text(KEY, encoding="ascii")
    key.chmod(0o600)
    home = Home(Path(folder) / "home")
    home.folder.mkdir()
    check = Check()
    settings = ("allow_anonymous true", "connection_messages false", "max_queued_messages 0")
    with Broker(folder, *authority.issue("broker"), settings=settings, log="information") as broker:
        keep_printers(home, broker, authority, {f"Soak {i}": f"SOAK{i:05}" for i in range(1, PRINTERS + 1)})
        printers = Printers("--broker", broker.url, "--ca", authority.certificate, "--key-file", key)
        try:
            with Gateway(home) as gateway:
                run_readers(check, gateway, broker, printers)
        finally:
            printers.stop()
    return check


def run_readers(check, gateway, broker, printers):
    end = threading.Event()
    readers = [Resuming(gateway, end, seed) for seed in range(RESUMING)]
    passing = [Passing(gateway, end, seed) for seed in range(PASSING)]
    commanding = Commanding(gateway, end)
    started = time.monotonic()
    await_alone(gateway)
    before = descriptors(gateway.pid)
    for thread in (*readers, *passing, commanding):
        thread.start()
    timer = threading.Timer(SECONDS, end.set)
    timer.start()
    memory = []
    sampler = Sampler(gateway, end, memory)
    sampler.start()
    flaps = flap(broker, printers, end, random.Random(2))
    for thread in (*readers, *passing, commanding, timer, sampler):
        thread.join(DEADLINE_S)
        assert not thread.is_alive(), f"{thread} hangs"
    memory.append(resident_kib(gateway.pid))
    await_alone(gateway)
    online = await_online(gateway)
    after = await_few(gateway, len(before))
    report(check, readers, passing, commanding)
    check("the broker was away", flaps >= max(1, SECONDS // 90), f"{flaps} times")
    check("every printer is there again", online == PRINTERS, f"{online} of {PRINTERS}")
    sums = [kinds.total() for kinds in memory]
    check("memory does not grow", sums[-1] <= sums[0] * (1 + GROWTH) + GROWTH_KIB, f"{sums} KiB: {[dict(kinds) for kinds in memory]}, history {history_kib(gateway.pid)} KiB")
    # What a login and its look-up hold while the broker is away comes and goes.
    check("no descriptor is left behind", len(after) <= len(before), f"{len(before)}, {before}; now {len(after)}, {after}")
    print(f"# {time.monotonic() - started:.0f} s, {flaps} times without a broker, {sum(r.read for r in readers)} events, "
          f"{sum(r.resumed for r in readers)} times resumed, {sum(r.put_out for r in readers)} times too slow, {sum(r.late for r in readers)} times too late, commands {dict(commanding.outcomes)}, {sums} KiB ({dict(memory[0])} at first, {dict(memory[-1])} at last), "
          f"history {history_kib(gateway.pid)} KiB, {len(after)} descriptors")


def report(check, readers, passing, commanding):
    faults = [fault for reader in readers for fault in reader.faults]
    check("who resumes gets every event exactly once", not faults, faults[:3])
    check("readers resumed", all(reader.resumed >= 1 for reader in readers), [reader.resumed for reader in readers])
    check("much was read", all(reader.read > 10 * SECONDS for reader in readers), [reader.read for reader in readers])
    faults = [fault for reader in passing for fault in reader.faults]
    check("who passes by is answered", not faults, faults[:3])
    check("every command ends in one of five ways", not commanding.faults, commanding.faults[:3])
    check("commands were confirmed", commanding.outcomes["confirmed"] > SECONDS / 10, commanding.outcomes)


def main():
    with tempfile.TemporaryDirectory() as folder:
        return 1 if soak(folder).failed else 0


if __name__ == "__main__":
    sys.exit(main())
