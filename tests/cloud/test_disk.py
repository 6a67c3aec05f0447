# SPDX-License-Identifier: MIT
"""A disk that is full, one that can only be read, and files that somebody else cuts short."""

import json
import os
import shutil
import signal
import types

import pytest

import small_disk
from broker import free_port
from local_cloud import Client, Cloud
from process import Process
from program import FAILED, FLAGSHIP, environment, run
from small_disk import SmallDisk

ANNE = "anne@example.org"
FULL, READ_ONLY = "No space left on device", "Read-only file system"


@pytest.fixture
def disk(tmp_path):
    reason = small_disk.why_not()
    if reason:
        pytest.skip(reason)
    small = SmallDisk(tmp_path / "disk")
    yield small
    small.close()


@pytest.fixture
def made(disk):
    """A cloud on it."""
    disk.ports = free_port(), free_port()
    made = disk.cloud("init", "--mqtt-port", disk.ports[0], "--api-port", disk.ports[1])
    assert made.returncode == 0, made.stderr
    assert disk.cloud("add-account", "--email", ANNE, "--password-stdin", stdin="secret\n").returncode == 0
    return disk


def start(disk):
    process = Process(*disk.inside(FLAGSHIP, "cloud", "run", "--dir", disk.folder / "D"), env=environment(**small_disk.PATHS))
    process.await_text("ready:")
    return process


def assert_told(result, words):
    assert result.returncode == FAILED and words in result.stderr, (result.args, result.returncode, result.stderr)
    assert len(result.stderr.splitlines()) <= 2, result.stderr


WRITING = [("add-account", "--email", "bob@example.org"), ("set-account", "--email", ANNE, "--name", "Anne"), ("remove-account", ANNE),
           ("add-printer", "--account", ANNE, "--serial", "PRINTER1", "--model", "m5"), ("pair", "open"), ("export-login", ANNE),
           ("init", "--host", "another.example"), ("run", "--pairing", "1m")]


@pytest.mark.parametrize("words", [FULL, READ_ONLY])
def test_every_command_that_writes_says_why_it_cannot(made, tmp_path, words):
    backup = tmp_path / "backup"
    assert made.cloud("backup", backup).returncode == 0
    before = json.loads(made.cloud("list", "--json", "--show-secrets").stdout)
    if words == FULL:
        made.fill()
    else:
        made.make_read_only()
    for name, *arguments in WRITING:
        assert_told(made.cloud(name, *arguments), words)
    assert_told(made.cloud("backup", made.folder / "backup"), words)
    restored = made.cloud("restore", backup)
    assert restored.returncode == FAILED and words in restored.stderr, restored.stderr
    assert json.loads(made.cloud("list", "--json", "--show-secrets").stdout) == before


@pytest.mark.parametrize("words", [FULL, READ_ONLY])
def test_what_only_reads_goes_on(made, words):
    if words == FULL:
        made.fill()
    else:
        made.make_read_only()
    listed = made.cloud("list", "--json")
    assert listed.returncode == 0 and json.loads(listed.stdout)["accounts"][0]["email"] == ANNE, listed.stderr
    for name in (("export",), ("tokens",), ("pair", "list"), ("takeover", "--print", "hosts", "--address", "192.0.2.1")):
        assert made.cloud(*name).returncode == 0, name
    status = made.cloud("status")
    assert status.returncode == FAILED and "does not run" in status.stderr
    # A name that SQLite would take apart, were it not spelt for it.
    strange = made.folder / "a#b%20?c"
    if words == FULL:
        made.empty()
        shutil.copytree(made.seen / "D", made.seen / strange.name)
        made.make_read_only()
        assert made.run(FLAGSHIP, "cloud", "list", "--dir", strange).stdout == made.cloud("list").stdout


def test_a_log_that_cannot_be_read_without_writing_is_reported(made):
    shutil.copytree(made.seen / "D", made.seen / "copy")
    (made.seen / "copy" / "registry.sqlite-wal").write_bytes(b"x" * 100)
    made.make_read_only()
    assert_told(made.run(FLAGSHIP, "cloud", "list", "--dir", made.folder / "copy"), "copy the folder")


def test_the_broker_runs_and_is_heard_of_when_the_disk_fills_up(made):
    """The attack: every page of a file that is mapped and has no room on the disk is a SIGBUS. A printer takes a new one."""
    login = ("eufy_fdm_PRINTER1", "secret")
    assert made.cloud("add-printer", "--account", ANNE, "--serial", "PRINTER1", "--model", "m5", "--username", login[0],
                      "--password-stdin", stdin=login[1] + "\n").returncode == 0
    process = start(made)
    try:
        made.fill()
        printer = Client(types.SimpleNamespace(host="localhost", mqtt_port=made.ports[0], ca=made.seen / "D" / "ca.pem"), login)
        assert printer.result == 0
        status = json.loads(made.cloud("status", "--json").stdout)
        assert [(p["serial"], p["connected"]) for p in status["printers"]] == [("PRINTER1", True)]
        printer.close()
        for _ in range(2):
            status = json.loads(made.cloud("status", "--json").stdout)
            assert status["running"] and status["broker_pid"] > 0
        assert process.child.poll() is None and "died" not in process.log
    finally:
        process.stop()


def test_a_broker_starts_without_its_status_file(tmp_path):
    with Cloud(tmp_path) as cloud:
        (cloud.dir / "broker.status").mkdir()
        cloud.start()
        cloud.process.await_text("flagship cloud status knows nothing")
        assert "does not report how it is" in cloud.attempt("status").stderr
        (cloud.dir / "broker.status").rmdir()
        cloud.await_status(cloud.process.child)
        assert "died" not in cloud.process.log



@pytest.mark.parametrize("length", [0, 4096])
def test_a_status_file_that_is_cut_ends_nobody(tmp_path, length):
    """The attack: the broker has the file mapped, and so had flagship cloud status."""
    with Cloud(tmp_path) as cloud:
        cloud.add_account(ANNE, "secret")
        cloud.add_printer("PRINTER1", ANNE)
        cloud.start()
        broker = cloud.broker_pid
        file = cloud.dir / "broker.status"
        os.truncate(file, length)
        client = Client(cloud, cloud.login(ANNE))
        assert client.result == 0
        client.close()
        cloud.await_status(cloud.process.child)
        assert cloud.status()["broker_pid"] == broker == cloud.broker_pid
        assert "died" not in cloud.process.log


@pytest.mark.parametrize("content", [b"", b"x" * 100, bytes(1 << 21)], ids=len)
def test_another_status_file_is_not_believed(tmp_path, content):
    with Cloud(tmp_path) as cloud:
        cloud.start()
        os.kill(cloud.broker_pid, signal.SIGSTOP)
        try:
            (cloud.dir / "broker.status").unlink()
            (cloud.dir / "broker.status").write_bytes(content)
            assert "does not report how it is" in cloud.attempt("status").stderr
        finally:
            os.kill(cloud.broker_pid, signal.SIGCONT)


def test_an_empty_registry_is_damaged_and_no_new_cloud(tmp_path):
    """The attack: what a full disk or a crash left behind was taken for a cloud without accounts."""
    with Cloud(tmp_path) as cloud:
        cloud.add_account(ANNE, "secret")
        cloud.command("backup", tmp_path / "backup")
        before = cloud.registry()
        registry = cloud.dir / "registry.sqlite"
        registry.write_bytes(b"")
        for name in ("init", "list", "run", "status", "backup"):
            result = cloud.attempt(name, *([tmp_path / "other"] if name == "backup" else []))
            assert_told(result, "it is damaged; bring back a backup with flagship cloud restore")
        assert registry.read_bytes() == b"" and not (tmp_path / "other").exists()
        registry.write_bytes(b"x" * 5000)
        assert_told(cloud.attempt("list"), "bring back a backup")
        cloud.command("restore", tmp_path / "backup")
        assert cloud.registry() == before


def limited(tmp_path, limit, *arguments):
    """flagship with a limit of the shell."""
    return small_disk.subprocess.run(["bash", "-c", f'ulimit {limit}; exec "$@"', "bash", str(FLAGSHIP), *map(str, arguments)],
                                     capture_output=True, text=True, check=False, timeout=60, env=environment())


def test_a_limit_of_files_is_reported_as_a_full_disk_is(tmp_path):
    """The attack: SIGXFSZ ended whoever wrote."""
    with Cloud(tmp_path) as cloud:
        result = limited(tmp_path, "-f 1", "cloud", "backup", "--dir", cloud.dir, tmp_path / "backup")
        assert_told(result, "File too large")
        assert not [path for path in tmp_path.iterdir() if "backup" in path.name]


# Of a cloud that is made already; a run wants more than are tried.
FILES_ENOUGH = {"list": 5, "backup": 8, "init": 8, "run": 17}


@pytest.mark.parametrize("count", [5, 6, 7, 8, 10, 13, 16])
def test_few_open_files_are_reported(tmp_path, count):
    """The attack: ulimit -n 16. It aborted, or named a key as the cause."""
    with Cloud(tmp_path) as cloud:
        for arguments in (["list"], ["backup", tmp_path / "backup"], ["run"], ["init"]):
            result = limited(tmp_path, f"-n {count}", "cloud", arguments[0], "--dir", cloud.dir, *arguments[1:])
            if count >= FILES_ENOUGH[arguments[0]]:
                assert result.returncode == 0, (arguments, result.returncode, result.stderr)
            else:
                assert result.returncode == FAILED and "open" in result.stderr, (arguments, result.returncode, result.stderr)
            (tmp_path / "backup").unlink(missing_ok=True)
        assert run("cloud", "list", "--dir", cloud.dir).returncode == 0


@pytest.mark.parametrize("words", [FULL, READ_ONLY])
def test_the_clients_store_tells_it_too(disk, words):
    home = disk.folder / "home"
    (disk.seen / "home").mkdir()
    login = disk.seen / "login.json"
    login.write_text(json.dumps({"auth_token": "t" * 48, "user_id": "a" * 40, "email": ANNE, "ab_code": "US", "domain": ""}))
    if words == FULL:
        disk.fill()
    else:
        disk.make_read_only()
    for arguments in (["config", "set", "cli.timeout", "5"], ["import", disk.folder / "login.json"]):
        result = disk.run("env", f"HOME={home}", FLAGSHIP, *arguments)
        assert result.returncode == FAILED and words in result.stderr, result
