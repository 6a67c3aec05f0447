# SPDX-License-Identifier: MIT
"""Output that cannot be written is told, and ends with 1: of every subcommand of the cloud, and of the demo."""

import subprocess

import pytest

from conftest import ANNE, BOB, PASSWORD
from local_cloud import Cloud
from program import DONE, FAILED, FLAGSHIP, environment, run

SAID = "cannot write the output: "
NEW = "NEWPRINTER000001"


@pytest.fixture(scope="module")
def stocked(tmp_path_factory):
    """A cloud that runs, with something to show for every command."""
    folder = tmp_path_factory.mktemp("full")
    with Cloud(folder) as cloud:
        cloud.add_account(ANNE, PASSWORD)
        cloud.add_account(BOB, PASSWORD)
        cloud.add_printer("ANNESPRINTER1", ANNE)
        cloud.start()
        cloud.home = folder / "home"
        cloud.home.mkdir()
        login = run("login", "--api", cloud.api, "--ca", cloud.ca, "--email", ANNE, stdin=PASSWORD + "\n", HOME=cloud.home)
        assert login.returncode == DONE, login.stderr
        yield cloud


def full(cloud, name, *arguments, stdin="", folder=None):
    with open("/dev/full", "wb") as stream:
        return subprocess.run([str(FLAGSHIP), "cloud", name, "--dir", str(folder or cloud.dir), *map(str, arguments)], stdout=stream,
                              stderr=subprocess.PIPE, input=stdin, text=True, timeout=60, env=environment(HOME=cloud.home), check=False)


def assert_told(result):
    assert result.returncode == FAILED, result.stderr
    assert result.stderr.count(SAID) == 1, result.stderr


SHOWING = [
    ("status",), ("status", "--json"), ("list",), ("list", "--json"), ("list", "--json", "--show-secrets"), ("export",),
    ("tokens",), ("tokens", "list", "--json"), ("pair", "list"), ("pair", "list", "--json"), ("export-login", ANNE),
    ("takeover", "--check", "--resolver", "127.0.0.1"), ("takeover", "--check", "--resolver", "127.0.0.1", "--json"),
    *(("takeover", "--print", kind, "--address", "192.0.2.1", "--printer", "192.0.2.2")
      for kind in ("dnsmasq", "unbound", "pihole", "adguard", "openwrt", "hosts", "nftables", "chrony")),
    *(("cluster", "--print", kind) for kind in ("rabbitmq", "rabbitmq-advanced", "emqx")),
]


@pytest.mark.parametrize("arguments", SHOWING, ids=" ".join)
def test_what_shows(stocked, arguments):
    shown = stocked.attempt(*arguments)
    assert shown.stdout, "there is something to write"
    if shown.returncode == DONE:
        assert_told(full(stocked, *arguments))
    else:
        # What it found is told by its status, and that nobody can read it in words.
        result = full(stocked, *arguments)
        assert result.returncode != DONE and SAID in result.stderr


# One after the other: what is changed is changed, and only the words about it are lost. Whether there are any.
CHANGING = [
    (True, "add-account", "--email", "carl@example.org", "--password-stdin"),
    (False, "set-account", "--email", "carl@example.org", "--name", "Carl"), (True, "add-printer", "--serial", NEW, "--account", ANNE),
    (True, "set-printer", NEW, "--name", "New"), (False, "share", NEW, BOB), (False, "unshare", NEW, BOB), (True, "pair", "open"),
    (False, "pair", "close"), (False, "remove-printer", NEW), (False, "remove-account", "carl@example.org"), (True, "adopt"),
    (True, "tokens", "revoke", ANNE),
]


def test_what_changes(stocked):
    for prints, *arguments in CHANGING:
        result = full(stocked, *arguments, stdin=PASSWORD + "\n")
        if prints:
            assert_told(result)
        else:
            assert (result.returncode, result.stderr) == (DONE, ""), arguments
    assert [account["email"] for account in stocked.registry()["accounts"]] == [ANNE, BOB]


def test_folders_and_files(stocked, tmp_path):
    assert_told(full(stocked, "init", folder=tmp_path / "other"))
    assert_told(full(stocked, "backup", tmp_path / "backup"))
    assert_told(full(stocked, "restore", tmp_path / "backup", folder=tmp_path / "third"))
    assert run("cloud", "list", "--dir", tmp_path / "third").stdout == run("cloud", "list", "--dir", stocked.dir).stdout


def test_demo():
    with open("/dev/full", "wb") as stream:
        result = subprocess.run([str(FLAGSHIP), "demo"], stdout=stream, stderr=subprocess.PIPE, text=True, timeout=60,
                                env=environment(), check=False)
    assert result.returncode == FAILED
    assert "write error: No space left on device" in result.stderr


@pytest.mark.parametrize("name", run("cloud", "--complete").stdout.split("\n")[:-1])
def test_help_of_each(stocked, name):
    assert_told(full(stocked, name.split("\t")[1], "--help"))
