# SPDX-License-Identifier: MIT
"""The cloud's own mosquitto with the cloud's own configuration, in a world that differs in one thing: a clock that can be
put forward, or less memory. `flagship cloud` finds it as it finds every other, in PATH."""

import os
import pathlib
import re
import shutil
import subprocess

from process import Process
from program import FLAGSHIP, environment

HERE = pathlib.Path(__file__).resolve().parent
REAL = shutil.which("mosquitto", path=f"{os.environ['PATH']}:/usr/sbin:/usr/local/sbin")
SCRIPT = """#!/bin/sh
# mosquitto -c CONFIGURATION, with what is between the bars in place of the line of that name
sed {edits} "$2" >"{configuration}" && exec {real} -c "{configuration}"
"""


class OtherBroker:
    """`flagship cloud run` of this cloud. settings: what mosquitto reads in place of what the cloud wrote."""

    def __init__(self, cloud, folder, **settings):
        self.cloud, self.folder = cloud, pathlib.Path(folder)
        self.ahead = self.folder / "ahead"
        self.configuration = self.folder / "other.conf"
        self.put_forward(0)
        self.clock = self.folder / "other_time.so"
        subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-o", self.clock, HERE / "other_time.c"], check=True)
        program = self.folder / "bin" / "mosquitto"
        program.parent.mkdir()
        edits = " ".join(f"-e 's|^{name} .*|{name} {value}|'" for name, value in settings.items()) or "-e ''"
        program.write_text(SCRIPT.format(edits=edits, configuration=self.configuration, real=REAL), encoding="utf-8")
        program.chmod(0o755)
        cloud.process = Process(FLAGSHIP, "cloud", "run", "--dir", cloud.dir, env=environment(
            PATH=f"{program.parent}:{os.environ['PATH']}", LD_PRELOAD=self.clock, TEST_TIME_AHEAD=self.ahead))
        cloud.process.await_text("ready:")

    def setting(self, name):
        """As mosquitto reads it."""
        return re.search(rf"^{name} (.*)$", self.configuration.read_text(encoding="utf-8"), re.MULTILINE)[1]

    def put_forward(self, seconds):
        """The clock on the wall, of broker and cloud."""
        new = self.ahead.with_suffix(".new")
        new.write_text(f"{seconds}\n", encoding="ascii")
        new.rename(self.ahead)
