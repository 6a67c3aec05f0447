# SPDX-License-Identifier: MIT
"""Figures of a bench, and what they are held to. A program ends with end(): by 0, or by MISSED where a limit was missed, which was
told by then. BENCH_MISSED names a file that gets each such sentence once more, for who told so many figures that they were lost."""

import os
import sys

MISSED = 3
missed = []


def miss(sentence):
    missed.append(sentence)
    print(f"MISSED {sentence}", flush=True)
    if path := os.environ.get("BENCH_MISSED"):
        with open(path, "a", encoding="utf-8") as out:
            out.write(f"{sentence}\n")


def hold(name, number, unit, most=None, least=None):
    """most, least: the figure may be this, and no further."""
    if most is not None and not number <= most:
        miss(f"{name}: {number:.3f} {unit}, and at most {most:g} are wanted")
    if least is not None and not number >= least:
        miss(f"{name}: {number:.3f} {unit}, and at least {least:g} are wanted")


def report(name, number, unit, most=None, least=None):
    print(f"BENCH {name} {number:.3f} {unit}", flush=True)
    hold(name, number, unit, most, least)


def end():
    sys.exit(MISSED if missed else 0)
