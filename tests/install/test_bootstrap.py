# SPDX-License-Identifier: MIT
"""scripts/bootstrap, with other programs in the place of apt and dpkg."""

import os
import shutil
import subprocess

import pytest
from conftest import ROOT, environment

TOOLS = ("bash", "env", "awk", "grep", "cat", "mktemp", "rm", "tr", "echo", "printf")
DPKG_QUERY = """#!/bin/sh
for word; do
    case " $MISSING -W " in *" $word "*) ;; *) echo "ii  $word" ;; esac
done
"""


class System:
    """A PATH with the tools the script needs, and nothing else until it is added."""

    def __init__(self, folder):
        self.folder = folder / "bin"
        self.folder.mkdir()
        self.log = folder / "log"
        for tool in TOOLS:
            (self.folder / tool).symlink_to(shutil.which(tool))

    def add(self, name, script):
        path = self.folder / name
        path.write_text(script, encoding="utf-8")
        path.chmod(0o755)

    def add_apt(self, user=0, result=0):
        self.add("dpkg-query", DPKG_QUERY)
        self.add("id", f"#!/bin/sh\necho {user}\n")
        self.add("apt-get", f'#!/bin/sh\necho "apt-get $*" >>"{self.log}"\necho "from apt"\nexit {result}\n')

    def bootstrap(self, *arguments, missing=""):
        values = environment(PATH=self.folder, MISSING=missing)
        return subprocess.run([str(ROOT / "scripts" / "bootstrap"), *arguments], env=values,
                              capture_output=True, text=True, check=False)

    def calls(self):
        """What was asked of apt-get, without its -o options."""
        if not self.log.exists():
            return []
        lines = self.log.read_text(encoding="utf-8").splitlines()
        return [" ".join(word for word in line.split() if word != "-o" and "::" not in word) for line in lines]


@pytest.fixture
def system(tmp_path):
    return System(tmp_path)


@pytest.mark.parametrize("kind", ["build", "demo", "test", "check"])
def test_says_and_does_nothing_where_nothing_is_missing(system, kind):
    system.add_apt()
    result = system.bootstrap(kind)
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")
    assert system.calls() == []


def test_installs_what_is_missing_and_says_so(system):
    system.add_apt()
    result = system.bootstrap("build", missing="libuv1-dev meson")
    assert result.returncode == 0, result.stderr
    assert "meson" in result.stdout and "libuv1-dev" in result.stdout and "libssl-dev" not in result.stdout
    assert system.calls()[0] == "apt-get update"
    assert len(system.calls()) == 2
    assert sorted(system.calls()[1].split()) == sorted(
        "apt-get install -y --no-install-recommends libuv1-dev meson".split())


def test_uses_sudo_where_not_root(system):
    system.add_apt(user=1000)
    system.add("sudo", f'#!/bin/sh\necho "sudo" >>"{system.log}"\nexec "$@"\n')
    assert system.bootstrap("build", missing="meson").returncode == 0
    assert [call.split()[0] for call in system.calls()] == ["sudo", "apt-get"] * 2


def test_tells_the_command_where_there_is_neither_root_nor_sudo(system):
    system.add_apt(user=1000)
    result = system.bootstrap("build", missing="meson")
    assert result.returncode == 1
    assert "apt-get install meson" in result.stderr
    assert system.calls() == []


def test_shows_what_apt_said_where_it_fails(system):
    system.add_apt(result=100)
    result = system.bootstrap("build", missing="meson")
    assert result.returncode == 1
    assert "from apt" in result.stderr
    assert "apt-get update failed" in result.stderr


def test_lists_what_is_needed_where_there_is_no_apt(system):
    result = system.bootstrap("test")
    assert result.returncode == 1
    assert "no apt" in result.stderr
    for package in ("libssl-dev", "mosquitto", "libcmocka-dev"):
        assert package in result.stderr.split()


def test_can_be_told_that_everything_is_there(system):
    values = environment(PATH=system.folder)
    values["FLAGSHIP_SKIP_BOOTSTRAP"] = "1"
    result = subprocess.run([str(ROOT / "scripts" / "bootstrap"), "test"], env=values, capture_output=True, check=False)
    assert result.returncode == 0


def test_refuses_what_it_does_not_know(system):
    result = system.bootstrap("everything")
    assert result.returncode == 2
    assert "usage" in result.stderr


def test_the_real_one_does_nothing_either(tmp_path):
    if not shutil.which("apt-get"):
        pytest.skip("no apt here")
    result = subprocess.run([str(ROOT / "scripts" / "bootstrap"), "test"], env=dict(os.environ),
                            capture_output=True, check=False)
    assert (result.returncode, result.stdout, result.stderr) == (0, b"", b"")
