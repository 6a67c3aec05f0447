#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Very many commands to printers that lose replies, through a broker that is restarted again and again.

Checks that every command ended in exactly one of the five ways, that nothing was done twice that must not be (by the
printers' own logs), and that memory does not grow. SOAK_COMMANDS says how many commands. One line a check:
`ok NAME` or `not ok NAME: what is wrong`.
"""

import collections
import json
import os
import re
import sys
import tempfile
import time
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "blackbox"))

from broker import Authority, Broker  # noqa: E402
from conftest import KEY  # noqa: E402
from process import Process  # noqa: E402
from program import BUILD, environment  # noqa: E402
from simulator import Simulator  # noqa: E402

COMMANDS = int(os.environ.get("SOAK_COMMANDS", "10000"))
RESTART_EVERY = 250  # commands that have ended
DEADLINE_S = 60 + COMMANDS / 5
GROWTH_KIB = 1024  # beyond what there was after a quarter of the commands; allocators vary by less
OUTCOMES = {"confirmed", "accepted", "refused", "unanswered", "failed"}
ONCE = {"gcode", "extrude", "move", "start"}  # kinds that must never be sent twice
TAKEN = re.compile(r"simulate: \S+ (\S+): took (.*)")
MARK = re.compile(r'"(?:M118 soak|send|name)-\d+"|G1 [EX][\d.]+')
PRINTERS = 8  # of each
FLEET = {  # prefix of the serial numbers: model and options
    "IDLEA": ("m5", "--speed", "10"),
    "PRINTA": ("m5", "--scenario", "print", "--at", "10", "--fault", "late-replies=0.1"),
    "IDLEB": ("m5c", "--speed", "10", "--fault", "malformed=0.02"),
    "PRINTB": ("m5c", "--scenario", "print", "--at", "10"),
    "INK": ("e1", "--speed", "10"),
}


class Check:
    def __init__(self):
        self.failed = False

    def __call__(self, name, holds, detail):
        print(f"ok {name}" if holds else f"not ok {name}: {detail}", flush=True)
        self.failed |= not holds


def start_printers(options):
    return [Simulator(*options, "--prefix", prefix, "--count", PRINTERS, "--model", *model, "--fault", "drop-replies=0.2",
                      "--verbose") for prefix, model in FLEET.items()]


def targets():
    return [f"{prefix}{i + 1:05}:{model[0]}" for prefix, model in FLEET.items() for i in range(PRINTERS)]


def restart_until_done(broker, client):
    """Restarts the broker again and again while commands end. Returns how often."""
    restarts = 0
    end = time.monotonic() + DEADLINE_S
    while not client.ended:
        wanted = len(client.lines) + RESTART_EVERY
        with client.changed:
            client.changed.wait_for(lambda wanted=wanted: client.ended or len(client.lines) >= wanted, max(end - time.monotonic(), 0))
        if not client.ended:
            assert time.monotonic() < end, f"not done after {DEADLINE_S} s: {client.lines[-3:]}"
            broker.stop()
            broker.start()
            restarts += 1
    return restarts


def executions(printers):
    """How often each printer says that it carried out each command that can be told apart."""
    counts = collections.Counter()
    for printer in printers:
        for line in printer.lines:
            if taken := TAKEN.match(line):
                counts.update((taken[1], mark) for mark in MARK.findall(taken[2]))
    return counts


def check_accounts(check, reports, sums):
    numbers = collections.Counter(r["number"] for r in reports)
    wrong = [n for n in range(COMMANDS) if numbers[n] != 1]
    check("every command is reported once", not wrong and len(reports) == sums["reported"] == COMMANDS,
          f"{len(reports)} reports, and other than one of {wrong[:10]}")
    unknown = {r["outcome"] for r in reports} - OUTCOMES
    check("every command ends in one of five ways", not unknown, unknown)
    seen = {r["outcome"] for r in reports}
    check("every way was gone", seen == OUTCOMES, f"none ended as {OUTCOMES - seen}")


def check_repetition(check, reports, done):
    twice = [r for r in reports if r["kind"] in ONCE and r["attempts"] > 1]
    check("nothing was sent twice that must not be", not twice, twice[:3])
    marked = [r for r in reports if r["mark"]]
    often = [(r, done[r["serial"], r["mark"]]) for r in marked
             if done[r["serial"], r["mark"]] > (1 if r["kind"] in ONCE else r["attempts"])]
    check("nothing was done twice that must not be", not often, often[:3])
    failed = [r for r in marked if r["outcome"] == "failed" and done[r["serial"], r["mark"]]]
    check("nothing was done that failed", not failed, failed[:3])
    missing = [r for r in marked if r["outcome"] in ("confirmed", "accepted") and not done[r["serial"], r["mark"]]]
    check("what was taken was done", not missing, missing[:3])
    check("enough could be told apart", sum(r["outcome"] in ("confirmed", "accepted") for r in marked) > COMMANDS / 25,
          len(marked))


def check_trouble(check, reports, sums, restarts):
    check("the broker was away", restarts >= 2 and sums["lost"] >= 2, f"{restarts} restarts, lost {sums['lost']} times")
    repeated = sum(r["attempts"] > 1 for r in reports)
    check("replies were lost", repeated > COMMANDS / 50, f"only {repeated} commands were sent again")
    check("memory does not grow", sums["end_kib"] <= sums["warm_kib"] + GROWTH_KIB, sums)


def soak(folder):
    authority = Authority(Path(folder))
    key = Path(folder) / "key"
    key.write_text(KEY, encoding="ascii")
    key.chmod(0o600)
    settings = ("allow_anonymous true", "connection_messages false")
    check = Check()
    with Broker(folder, *authority.issue("broker"), settings=settings, log="information") as broker:
        printers = start_printers(["--broker", broker.url, "--ca", authority.certificate, "--key-file", key])
        try:
            started = time.monotonic()
            client = Process(BUILD / "tests" / "soak" / "soak", broker.port, authority.certificate, KEY, COMMANDS,
                             *targets(), env=environment(), output="both")
            restarts = restart_until_done(broker, client)
            status = client.await_end()
        finally:
            for printer in printers:
                printer.stop()
    check("it came to its end", status == 0, f"status {status}: {client.lines[-3:]}")
    if status != 0:
        return check
    *reports, sums = [json.loads(line) for line in client.lines]
    check_accounts(check, reports, sums)
    check_repetition(check, reports, executions(printers))
    check_trouble(check, reports, sums, restarts)
    ways = collections.Counter(r["outcome"] for r in reports)
    print(f"# {COMMANDS} commands in {time.monotonic() - started:.0f} s, {restarts} restarts: {dict(ways)}; {sums}")
    return check


def main():
    with tempfile.TemporaryDirectory() as folder:
        return 1 if soak(folder).failed else 0


if __name__ == "__main__":
    sys.exit(main())
