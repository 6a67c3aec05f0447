#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Fuzzes the compiler of .stf files: libFuzzer does not apply to Python.

Mutates the seeds by bytes, tokens and lines, and compiles the results to everything there is. A
finding is an exception other than the compiler's own error, an error that points outside the file,
output that differs from run to run, or, every so often, C that a C compiler refuses. It is saved,
and the exit code is 1. The same --seed makes the same inputs.
"""

import argparse
import hashlib
import random
import re
import subprocess
import sys
import tempfile
import time
import traceback
from pathlib import Path

sys.dont_write_bytecode = True

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tools" / "stfc"))

from stf.compiler import EMITTERS, compile_specification  # noqa: E402
from stf.error import SpecificationError  # noqa: E402

TOKEN = re.compile(rb'"[^"\n]*"|[A-Za-z0-9_]+|\.\.|[^\sA-Za-z0-9_]|\n\t*')
PIECES = (
    b"enum struct message direction grade notice command query reply A B C int real text json as"
    b" unit required range tail magic bytes string u8 u16le u16be u32le u32be u64le u64be .. - -1 0"
    b" 0x 0x4d41 1 2 32 33 255 256 65535 65536 2147483647 2147483648 9223372036854775807"
    b" -9223372036854775808 99999999999999999999 default present < > | , : = # /* */ ??/ # ``` \\"
    b' " "" "*/" "/*" "??/" "\\" \xff \xc2 \xe2\x82\xac \xef\xbb\xbf \x00 \r'
).split(b" ") + [b" ", b"\t", b"\n", b"\n\t", b"\n\n", b""]
MUTATIONS_MAX = 6
SIZE_MAX = 64 * 1024
C_FLAGS = ["-std=c17", "-Wall", "-Wextra", "-Wshadow", "-Wconversion", "-Wmissing-prototypes"]


def mutate_bytes(data, random_):
    place = random_.randrange(len(data) + 1)
    end = min(len(data), place + random_.choice((0, 1, 1, 2, 8)))
    return data[:place] + random_.randbytes(random_.choice((0, 1, 1, 3))) + data[end:]


def mutate_tokens(data, random_):
    """Replaces, drops, doubles or swaps a token."""
    tokens = list(TOKEN.finditer(data))
    if not tokens:
        return data
    one, other = random_.choice(tokens), random_.choice(tokens)
    text = random_.choice(
        (random_.choice(PIECES), other.group(), b"", one.group() * 2, one.group() + b" ")
    )
    return data[: one.start()] + text + data[one.end() :]


def mutate_lines(data, random_):
    """Drops, doubles, moves, indents, or brings in a line."""
    lines = data.split(b"\n")
    place = random_.randrange(len(lines))
    line = lines[place]
    action = random_.randrange(5)
    if action == 0:
        del lines[place]
    elif action == 1:
        lines[place:place] = [line] * random_.choice((1, 1, 2, 40))
    elif action == 2:
        lines.insert(random_.randrange(len(lines)), lines.pop(place))
    elif action == 3:
        lines[place] = random_.choice((b"\t" + line, line.lstrip(), b" " + line))
    else:
        lines.insert(place, b"\t" + b" ".join(random_.choices(PIECES, k=random_.randrange(8))))
    return b"\n".join(lines)


def mutate_items(data, other, random_):
    """Takes some items, those of another seed among them."""
    items = data.split(b"\n\n")
    items += random_.sample(other.split(b"\n\n"), 1)
    kept = random_.sample(items, random_.randrange(1, min(len(items), 8) + 1))
    return b"\n\n".join(sorted(kept, key=items.index))


def make_input(seeds, random_):
    data = random_.choice(seeds)
    if random_.random() < 0.7:
        data = mutate_items(data, random_.choice(seeds), random_)
    for _ in range(random_.randrange(1, MUTATIONS_MAX + 1)):
        mutate = random_.choice((mutate_bytes, mutate_tokens, mutate_tokens, mutate_lines))
        data = mutate(data, random_)
    return data[:SIZE_MAX]


def check_error(error, data):
    """An error has to point into the file, and has to be printable."""
    lines = data.decode("utf-8", "replace").split("\n")
    if not 1 <= error.line <= len(lines):
        raise AssertionError(f"line {error.line} of {len(lines)}")
    if not 1 <= error.column <= len(lines[error.line - 1]) + 1:
        raise AssertionError(f"column {error.column} of line {error.line}")
    error.render("input", data.decode("utf-8", "replace"))


def run_one(data):
    """What is made of the input, or None where the compiler refused it."""
    try:
        specification = compile_specification(data)
    except SpecificationError as error:
        check_error(error, data)
        return None
    made = {name: emit(specification, "mqtt") for name, emit in EMITTERS.items()}
    again = compile_specification(data)
    for name, emit in EMITTERS.items():
        if emit(again, "mqtt") != made[name]:
            raise AssertionError(f"{name} differs from run to run")
    return made


def compile_c(made, folder):
    """The header and the tables have to compile without a warning."""
    (folder / "flagship").mkdir(exist_ok=True)
    (folder / "flagship" / "mqtt.h").write_text(made["header"], encoding="utf-8")
    (folder / "mqtt_tables.c").write_text(made["tables"], encoding="utf-8")
    include = [f"-I{folder}", f"-I{ROOT / 'include'}"]
    command = ["cc", *C_FLAGS, "-Werror", *include, "-fsyntax-only", str(folder / "mqtt_tables.c")]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode != 0:
        raise AssertionError(f"the C does not compile:\n{result.stderr}")


def read_seeds(folders):
    paths = [ROOT / "specifications" / "mqtt.stf"]
    for folder in folders:
        paths += sorted(path for path in Path(folder).iterdir() if path.is_file())
    return [path.read_bytes() for path in paths]


def report(data, folder):
    path = Path(folder) / f"crash-{hashlib.sha1(data).hexdigest()}"
    path.write_bytes(data)
    traceback.print_exc()
    print(f"stf_compiler: finding saved as {path}", file=sys.stderr)


def fuzz(options):
    random_ = random.Random(options.seed)
    seeds = read_seeds(options.corpus)
    deadline = time.monotonic() + options.seconds
    runs = accepted = compiled = 0
    inputs = iter(seeds)  # first the seeds as they are
    with tempfile.TemporaryDirectory() as folder:
        while time.monotonic() < deadline and runs != options.runs:
            data = next(inputs, None)
            if data is None:
                data = make_input(seeds, random_)
            runs += 1
            try:
                made = run_one(data)
                accepted += made is not None
                if made and (accepted - 1) % options.compile_every == 0:
                    compile_c(made, Path(folder))
                    compiled += 1
            except Exception:  # whatever it is, it is a finding
                report(data, options.artifacts)
                return 1
    print(f"{runs} inputs, {accepted} accepted, {compiled} compiled as C, no finding")
    return 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--runs", type=int, default=-1, help="stop after so many, too")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--corpus", action="append", default=[], metavar="DIR")
    parser.add_argument("--artifacts", default=".", metavar="DIR", help="where findings go")
    parser.add_argument("--compile-every", type=int, default=50, metavar="N")
    return fuzz(parser.parse_args())


if __name__ == "__main__":
    sys.exit(main())
