# SPDX-License-Identifier: MIT
"""An installation in a folder of its own, made by `make install prefix=…`."""

import os
import pathlib
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = ROOT / "build-install"
PREFIX = BUILD / "prefix"
sys.path.insert(0, str(ROOT / "tests" / "blackbox"))


def environment(**changes):
    """Without the jobs and variables of a make that runs these tests, and without FLAGSHIP_… ."""
    dropped = ("MAKEFLAGS", "MAKELEVEL", "MFLAGS", "DESTDIR", "BUILD", "PREFIX", "prefix")
    values = {k: v for k, v in os.environ.items() if k not in dropped and not k.startswith("FLAGSHIP_")}
    return {**values, **{name: str(value) for name, value in changes.items()}}


def run(*command, stdin="", check=True, **changes):
    result = subprocess.run(
        [str(word) for word in command],
        cwd=ROOT,
        env=environment(**changes),
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
    )
    if check:
        assert result.returncode == 0, f"{' '.join(map(str, command))}\n{result.stdout}{result.stderr}"
    return result


class Installation:
    """What stands under a prefix."""

    def __init__(self, prefix):
        self.prefix = prefix
        self.program = prefix / "bin" / "flagship"
        self.headers = prefix / "include" / "flagship"
        self.shared = next(prefix.glob("lib/**/libflagship.so.0"))
        self.libraries = self.shared.parent

    def pkg_config(self, *arguments):
        return run("pkg-config", *arguments, "flagship",
                   PKG_CONFIG_PATH=self.libraries / "pkgconfig").stdout.split()

    def run(self, *command, **options):
        """Runs a program that is linked with the shared library."""
        return run(*command, LD_LIBRARY_PATH=self.libraries, **options)


@pytest.fixture(scope="session")
def installation():
    run("scripts/build", "-Dbench=false", BUILD=BUILD.name, PREFIX=PREFIX)
    run("make", "install", f"BUILD={BUILD.name}", f"prefix={PREFIX}")
    return Installation(PREFIX)
