# SPDX-License-Identifier: MIT
"""What is left where a process is killed, and where several make a cloud at once."""

import collections
import concurrent.futures
import json
import os
import pathlib
import re
import shutil
import signal
import ssl
import subprocess

import pytest

from local_cloud import Cloud
from program import BUILD, DONE, FAILED, FLAGSHIP, environment, run

ANNE, BOB = "anne@example.org", "bob@example.org"
# openat is left out: what it changes shows at the next one of these.
CHANGING = ("write", "pwrite64", "writev", "rename", "renameat", "renameat2", "unlink", "unlinkat", "mkdir", "rmdir", "link", "linkat",
            "ftruncate", "fsync", "fdatasync", "fchmod", "fallocate")
DECIDING = {"rename", "renameat", "renameat2", "unlink", "unlinkat", "mkdir", "rmdir", "link", "linkat"}
AT_ONCE = 4


def strace(*options, command):
    return subprocess.run(["strace", "-qq", *options, "--", *map(str, command)], capture_output=True, text=True, check=False,
                          timeout=60, env=environment())


def why_not_traced():
    try:
        attempt = strace("-e", "trace=none", command=["true"])
    except FileNotFoundError:
        return "no strace"
    return None if attempt.returncode == 0 else f"no tracing: {attempt.stderr.strip()}"


def restore_command(folder, backup):
    return [BUILD / "flagship-cloud", "restore", "--dir", folder, backup]


def files_fit(folder):
    """Whether certificates, keys and the registry are of one cloud, and nothing is left beside them."""
    authority = (folder / "ca.pem").read_text()
    for name in ("server", "server-rsa"):
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(folder / f"{name}.pem", folder / f"{name}.key")
        assert (folder / f"{name}.pem").read_text().endswith(authority)
    assert "/restor" not in (folder / "mosquitto.conf").read_text()
    assert not [path.name for path in folder.iterdir() if path.is_dir() or path.name.endswith(".new")]
    assert not (folder / "registry.sqlite-wal").exists()


def content(folder):
    """By the next command; then the files that a backup decides on."""
    listed = run("cloud", "list", "--dir", folder, "--json", "--show-secrets")
    assert listed.returncode == DONE, listed.stderr
    files_fit(folder)
    return (listed.stdout, *((folder / name).read_bytes() for name in ("ca.pem", "ca.key", "service.key")))


@pytest.fixture
def two(tmp_path):
    """A cloud, and a backup of another one."""
    (tmp_path / "other").mkdir()
    other = Cloud(tmp_path / "other")
    other.add_account(BOB, "secret")
    other.add_printer("BOBSPRINTER1", BOB)
    other.command("backup", tmp_path / "backup")
    cloud = Cloud(tmp_path)
    cloud.add_account(ANNE, "secret")
    cloud.add_printer("ANNESPRINTER1", ANNE)
    return cloud.dir, tmp_path / "backup", other.dir


def points_of(log):
    """The calls of a trace that change something: each with which of its name it is. Of what only writes, each third is
    enough to know; CRASH_POINTS=all takes them all."""
    counts = collections.Counter(re.findall(r"^(?:\d+ +)?(\w+)\(", log, re.MULTILINE))
    step = {name: 1 if name in DECIDING or os.environ.get("CRASH_POINTS") == "all" else 3 for name in counts}
    return [(name, number) for name, count in counts.items() for number in range(1, count + 1, step[name])]


def test_a_restore_that_is_killed_anywhere_leaves_the_old_or_the_new_cloud(two, tmp_path):
    """The attack: 5 of 109 such points left the registry of one cloud with the keys of the other."""
    reason = why_not_traced()
    if reason:
        pytest.skip(reason)
    source, backup, other = two
    old, new = content(source), content(other)
    trace = ["-e", "trace=" + ",".join(f"?{name}" for name in CHANGING)]
    shutil.copytree(source, tmp_path / "traced")
    assert strace(*trace, "-o", tmp_path / "log", command=restore_command(tmp_path / "traced", backup)).returncode == 0
    assert content(tmp_path / "traced") == new
    points = points_of((tmp_path / "log").read_text())
    assert len(points) > 40 and {"rename", "unlink", "rmdir", "mkdir"} <= {name for name, _ in points}

    def try_point(point):
        name, number = point
        folder = tmp_path / f"{name}-{number}"
        shutil.copytree(source, folder)
        killed = strace("-o", "/dev/null", "-e", f"trace={name}", "-e", f"inject={name}:signal=KILL:when={number}",
                        command=restore_command(folder, backup))
        assert killed.returncode == -signal.SIGKILL, (point, killed)
        left = content(folder)
        assert left in (old, new), point
        shutil.rmtree(folder)
        return left == new

    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        outcomes = list(pool.map(try_point, points))
    assert any(outcomes) and not all(outcomes)


@pytest.mark.parametrize("name", ["run", "status", "add-account", "restore", "init"])
def test_any_command_goes_on_with_a_restore_that_was_broken_off(two, name):
    source, backup, other = two
    new = content(other)
    shutil.copytree(other, source / "restored")
    for left in ("run.lock", "init.lock", "mosquitto.conf"):
        (source / "restored" / left).unlink(missing_ok=True)
    (source / "registry.sqlite-wal").write_bytes(b"of the old registry")
    (source / "restoring").mkdir()
    (source / "restoring" / "ca.pem").write_text("half")
    arguments = {"add-account": ["--email", "carol@example.org"], "restore": [backup], "run": ["--mirror-ca", "x", "--mirror"]}.get(name, [])
    if name == "run":
        assert run("cloud", "tokens", "--dir", source).returncode == DONE
    else:
        run("cloud", name, "--dir", source, *arguments)
    assert not (source / "restored").exists() and not (source / "restoring").exists()
    accounts = [account["email"] for account in json.loads(content(source)[0])["accounts"]]
    assert BOB in accounts and ANNE not in accounts
    assert content(source)[1:] == new[1:]


def test_a_restore_into_what_cannot_be_replaced_changes_nothing(two):
    source, backup, _ = two
    before = content(source)
    (source / "server.key").rename(source / "kept")
    (source / "server.key").mkdir()
    result = run("cloud", "restore", "--dir", source, backup)
    assert result.returncode == FAILED and "Is a directory" in result.stderr and "as it was" in result.stderr
    (source / "server.key").rmdir()
    (source / "kept").rename(source / "server.key")
    assert content(source) == before


def test_of_several_that_make_a_cloud_one_wins(tmp_path):
    """The attack: six at once mixed the keys of one with the certificates of another."""
    folder = tmp_path / "D"
    children = [subprocess.Popen([FLAGSHIP, "cloud", "init", "--dir", folder, "--mqtt-port", str(10000 + i)], env=environment(),
                                 stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) for i in range(6)]
    results = [(child.communicate(timeout=60)[1], child.returncode) for child in children]
    assert DONE in [status for _, status in results]
    for words, status in results:
        assert (status, words) == (DONE, "") or (status == FAILED and "another flagship cloud init" in words), words
    files_fit(folder)
    ports = [10000 + i for i, (_, status) in enumerate(results) if status == DONE]
    listener = int(re.search(r"^listener (\d+)", (folder / "mosquitto.conf").read_text(), re.MULTILINE)[1])
    assert listener in ports
    assert run("cloud", "init", "--dir", folder).returncode == DONE


def test_tokens_are_on_the_disk_before_they_are_handed_out(tmp_path):
    """What kill -9 does not show and a power cut does: the log of the registry is synced before the answer."""
    reason = why_not_traced()
    if reason:
        pytest.skip(reason)
    cloud = Cloud(tmp_path)
    cloud.add_account(ANNE, "secret")
    log = tmp_path / "log"
    traced = strace("-y", "-e", "trace=pwrite64,fdatasync,fsync,write", "-o", log,
                    command=[BUILD / "flagship-cloud", "export-login", "--dir", cloud.dir, ANNE])
    assert traced.returncode == 0 and len(traced.stdout) > 100
    calls = log.read_text().splitlines()
    written = [i for i, line in enumerate(calls) if "registry.sqlite-wal" in line and line.startswith("pwrite64")]
    synced = [i for i, line in enumerate(calls) if "registry.sqlite-wal" in line and line.startswith(("fdatasync", "fsync"))]
    answered = [i for i, line in enumerate(calls) if line.startswith("write(1<")]
    assert written and answered and any(written[0] < sync < answered[0] for sync in synced), "\n".join(calls)
