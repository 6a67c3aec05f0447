# SPDX-License-Identifier: MIT
"""ankerctl of other people, as it is. Neither Debian nor the npm registry has it: FLAGSHIP_ANKERCTL is the command that runs it, such as
"python3 /src/ankerctl.py"."""

import os
import pathlib
import shlex
import subprocess

import pytest

from process import Process
from program import environment

COMMAND = shlex.split(os.environ.get("FLAGSHIP_ANKERCTL", ""))
DEADLINE_S = 60

is_here = pytest.mark.skipif(not COMMAND, reason="ankerctl is not here: FLAGSHIP_ANKERCTL would be the command that runs it")


def source():
    """The folder that it is run from, with the certificate that it trusts."""
    return next(path.parent for path in map(pathlib.Path, COMMAND) if path.name == "ankerctl.py")


def _cannot_send():
    """Version 1.0.1 ends with a TypeError of its own before it has sent anything by MQTT: it makes a frame without the padding that the frame wants."""
    return bool(COMMAND) and ": bytes # padding" in (source() / "libflagship" / "mqtt.py").read_text() and "padding" not in (source() / "libflagship" / "mqttapi.py").read_text()


can_send = pytest.mark.skipif(_cannot_send(), reason="this version of ankerctl makes no frame of MQTT (it forgets the padding): 1.0.0 does")


def begin(folder, *words, inside=(), **changes):
    """It runs on."""
    return Process(*inside, *COMMAND, *words, env=environment(HOME=folder, PYTHONUNBUFFERED="1", **changes), output="both")


def attempt(folder, *words, inside=(), stdin="", **changes):
    """What it says, and its exit status. folder: its home; inside: the words that lead into another network."""
    return subprocess.run([*inside, *COMMAND, *map(str, words)], env=environment(HOME=folder, **changes), input=stdin, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, timeout=DEADLINE_S, check=False)


def ankerctl(folder, *words, **more):
    result = attempt(folder, *words, **more)
    assert result.returncode == 0, result.stdout
    return result.stdout
