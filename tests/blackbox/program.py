# SPDX-License-Identifier: MIT
"""Runs the built `flagship`. The build folder comes from FLAGSHIP_BUILD, else it is ../../build."""

import atexit
import json
import os
import pathlib
import shutil
import subprocess
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("FLAGSHIP_BUILD", ROOT / "build")).resolve()
FLAGSHIP = BUILD / "flagship"
SANITIZED = bool(os.environ.get("FLAGSHIP_SANITIZED"))
VECTORS = ROOT / "tests" / "vectors"

DONE = 0
FAILED = 1
USAGE = 2
NOT_CONFIGURED = 3
CANNOT_CONNECT = 4
NOT_ALLOWED = 5
NO_ANSWER = 6
REFUSED = 7
NOT_CONFIRMED = 8

TIMEOUT_S = 90  # longer than what commands are told to wait

# Nothing of the developer's is read or written, and nothing that a test stores outlasts the run.
HOME = pathlib.Path(tempfile.mkdtemp(prefix="flagship-test-home-"))
atexit.register(shutil.rmtree, HOME, ignore_errors=True)


def environment(**changes):
    """The environment without what a developer may have set for flagship; None removes. HOME is an empty folder."""
    values = {k: v for k, v in os.environ.items() if not k.startswith(("FLAGSHIP_", "XDG_"))}
    for name in ("NO_COLOR", "WINEPREFIX", "WSL_DISTRO_NAME"):
        values.pop(name, None)
    values["HOME"] = str(HOME)
    # Where the developer's locale is another one, signs would be spelt in ASCII.
    for name in ("LC_CTYPE", "LANG"):
        values.pop(name, None)
    values["LC_ALL"] = "C.UTF-8"
    for name, value in changes.items():
        if value is None:
            values.pop(name, None)
        else:
            values[name] = str(value)
    return values


def run(*arguments, stdin=None, env=None, **changes):
    """Runs a command to its end. stdin: bytes or text. Returns the result with bytes decoded."""
    if isinstance(stdin, str):
        stdin = stdin.encode()
    result = subprocess.run(
        [str(FLAGSHIP), *map(str, arguments)],
        input=b"" if stdin is None else stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        timeout=TIMEOUT_S,
        env=environment(**changes) if env is None else env,
        check=False,
    )
    result.raw = result.stdout
    result.stdout = result.stdout.decode(errors="replace")
    result.stderr = result.stderr.decode(errors="replace")
    return result


def lines(result):
    """The JSON objects of the output, one a line."""
    return [json.loads(line) for line in result.stdout.splitlines()]


def vectors(name):
    return json.loads((VECTORS / name).read_text(encoding="utf-8"))
