# SPDX-License-Identifier: MIT
"""The cloud's own mosquitto with the cloud's own configuration, in a world that differs in one thing: a clock that can be
put forward, or less memory. `flagship cloud` finds it as it finds every other, in PATH."""

import os
import pathlib
import re
import shutil

from process import Process
from program import FLAGSHIP, environment
from shifted_clock import ShiftedClock

REAL = shutil.which("mosquitto", path=f"{os.environ['PATH']}:/usr/sbin:/usr/local/sbin")
SCRIPT = """#!/bin/sh
# mosquitto -c CONFIGURATION, with what is between the bars in place of the line of that name
sed {edits} "$2" >"{configuration}" && exec {real} -c "{configuration}"
"""


class OtherBroker:
    """`flagship cloud run` of this cloud. settings: what mosquitto reads in place of what the cloud wrote."""

    def __init__(self, cloud, folder, **settings):
        self.cloud, self.folder = cloud, pathlib.Path(folder)
        self.configuration = self.folder / "other.conf"
        self.clock = ShiftedClock(self.folder)
        program = self.folder / "bin" / "mosquitto"
        program.parent.mkdir()
        edits = " ".join(f"-e 's|^{name} .*|{name} {value}|'" for name, value in settings.items()) or "-e ''"
        program.write_text(SCRIPT.format(edits=edits, configuration=self.configuration, real=REAL), encoding="utf-8")
        program.chmod(0o755)
        cloud.process = Process(FLAGSHIP, "cloud", "run", "--dir", cloud.dir, env=environment(
            PATH=f"{program.parent}:{os.environ['PATH']}", **self.clock.environment))
        cloud.process.await_text("ready:")

    def setting(self, name):
        """As mosquitto reads it."""
        return re.search(rf"^{name} (.*)$", self.configuration.read_text(encoding="utf-8"), re.MULTILINE)[1]

    def put_forward(self, seconds):
        """The clock on the wall, of broker and cloud."""
        self.clock.step(seconds - self.clock.stepped_s)
