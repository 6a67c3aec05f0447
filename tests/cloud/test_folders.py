# SPDX-License-Identifier: MIT
"""Folders that others may change, links that others laid, and the modes of files that hold secrets."""

import os
import pwd
import stat
import subprocess

import pytest

from conftest import ANNE, PASSWORD
from local_cloud import Cloud
from program import DONE, FAILED, FLAGSHIP, NOT_ALLOWED, NOT_CONFIGURED, environment, run

OTHER = "daemon"
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")

READERS = [("list",), ("status",), ("export",), ("tokens", "list"), ("pair", "list"), ("export-login", ANNE), ("backup", "FILE"),
           ("add-printer",), ("run",), ("init",), ("takeover", "--print", "dnsmasq"), ("cluster", "--print", "rabbitmq")]


@pytest.fixture
def made(tmp_path):
    cloud = Cloud(tmp_path)
    cloud.add_account(ANNE, PASSWORD)
    return cloud


def mode_of(path):
    return stat.S_IMODE(path.stat().st_mode)


def without_umask(*arguments):
    return subprocess.run(["sh", "-c", 'umask 0; exec "$@"', "sh", FLAGSHIP, *map(str, arguments)], env=environment(),
                          capture_output=True, stdin=subprocess.DEVNULL, check=False)


# --- a cloud's folder ---


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    cloud = Cloud(tmp_path_factory.mktemp("shared"))
    cloud.add_account(ANNE, PASSWORD)
    return cloud


@pytest.mark.parametrize("words", READERS, ids=lambda words: words[0])
def test_a_folder_that_others_may_write(shared, tmp_path, words):
    try:
        for mode in (0o777, 0o1777, 0o702):
            shared.dir.chmod(mode)
            result = shared.attempt(*[str(tmp_path / "copy") if word == "FILE" else word for word in words])
            assert result.returncode == NOT_ALLOWED and "chmod go-w" in result.stderr, result.stderr
            assert not (tmp_path / "copy").exists()
    finally:
        shared.dir.chmod(0o700)
    assert shared.attempt("list").returncode == DONE


def test_a_folder_above_that_others_may_write(made, tmp_path):
    """Who may write there moves the whole cloud away and lays another in its place."""
    assert made.dir.is_dir()
    tmp_path.chmod(0o777)
    assert made.attempt("list").returncode == NOT_ALLOWED
    # As in /tmp: what belongs to others cannot be moved.
    tmp_path.chmod(0o1777)
    assert made.attempt("list").returncode == DONE


@as_root
def test_a_folder_of_another(made):
    user = pwd.getpwnam(OTHER)
    os.chown(made.dir, user.pw_uid, user.pw_gid)
    result = made.attempt("list")
    assert result.returncode == NOT_ALLOWED and f"belongs to user {OTHER}" in result.stderr
    assert made.attempt("restore", "/dev/null").returncode != DONE


@as_root
def test_a_group_that_others_are_in(made):
    os.chown(made.dir, 0, pwd.getpwnam(OTHER).pw_gid)
    made.dir.chmod(0o770)
    assert made.attempt("list").returncode == NOT_ALLOWED
    os.chown(made.dir, 0, 0)
    assert made.attempt("list").returncode == DONE, "root's own group"


@as_root
def test_a_new_cloud_in_a_folder_of_another(tmp_path):
    folder = tmp_path / "theirs"
    folder.mkdir()
    user = pwd.getpwnam(OTHER)
    os.chown(folder, user.pw_uid, user.pw_gid)
    result = run("cloud", "init", "--dir", folder / "D")
    assert result.returncode == NOT_ALLOWED
    assert list((folder / "D").iterdir()) == []


# --- settings and accounts ---


@pytest.mark.parametrize("name,words", [(".config/flagship", ["config", "show"]), (".local/state/flagship", ["accounts"]),
                                        (".config/flagship", ["config", "set", "broker.url", "mqtts://x:1"])])
@pytest.mark.parametrize("mode", [0o777, 0o1777])
def test_a_home_that_others_may_write(tmp_path, name, words, mode):
    folder = tmp_path / name
    folder.mkdir(parents=True)
    (folder / "flagship.conf").write_text("[broker]\nurl = mqtts://evil:1\n")
    (folder / "accounts.json").write_text('{"version": 1, "accounts": []}')
    folder.chmod(mode)
    result = run(*words, HOME=tmp_path)
    assert result.returncode != DONE and "chmod go-w" in result.stderr, result.stderr
    assert "evil" not in result.stdout
    folder.chmod(0o755)
    assert run(*words, HOME=tmp_path).returncode == DONE
    (folder / ("flagship.conf" if "config" in words else "accounts.json")).chmod(0o666)
    assert "can be changed by others" in run(*words, HOME=tmp_path).stderr


# --- files ---


@pytest.mark.parametrize("before", [None, 0o644, 0o666])
def test_an_exported_login_and_a_backup_are_for_their_owner(made, tmp_path, before):
    login, copy = tmp_path / "login.json", tmp_path / "copy"
    if before is not None:
        login.write_text("before")
        assert made.attempt("backup", copy).returncode == DONE
        for path in (login, copy):
            path.chmod(before)
    for words in (["export-login", ANNE, "--output", login], ["backup", copy]):
        result = without_umask("cloud", words[0], "--dir", made.dir, *words[1:])
        assert result.returncode == DONE, result.stderr
    assert mode_of(login) == mode_of(copy) == 0o600
    assert run("import", login, "--api", "https://localhost:1", HOME=tmp_path).returncode != DONE  # it is read, and there is no API
    assert "before" not in login.read_text()


def test_an_exported_login_follows_no_link(made, tmp_path):
    victim, link = tmp_path / "victim", tmp_path / "login.json"
    victim.write_text("mine")
    link.symlink_to(victim)
    (tmp_path / "login.json.new").symlink_to(victim)
    assert made.attempt("export-login", ANNE, "--output", link).returncode == DONE
    assert victim.read_text() == "mine" and not link.is_symlink() and mode_of(link) == 0o600


def test_a_backup_follows_no_link(made, tmp_path):
    victim, link = tmp_path / "victim", tmp_path / "copy"
    victim.write_text("mine")
    link.symlink_to(victim)
    assert made.attempt("backup", link).returncode == FAILED
    assert victim.read_text() == "mine" and link.is_symlink()


def test_all_that_a_cloud_writes_is_for_its_owner(tmp_path):
    cloud = Cloud(tmp_path)
    assert without_umask("cloud", "init", "--dir", tmp_path / "new" / "D", "--mqtt-port", 1, "--api-port", 2).returncode == DONE
    with cloud:
        cloud.start()
        for folder in (cloud.dir, tmp_path / "new" / "D"):
            assert mode_of(folder) == 0o700
            for path in folder.rglob("*"):
                assert mode_of(path) == (0o644 if path.suffix == ".pem" else 0o600), path


@pytest.mark.parametrize("name", ["mosquitto.conf", "broker.status", "run.lock"])
def test_links_in_the_folder_lead_nowhere(made, tmp_path, name):
    """Of a time when others could write there."""
    existing = next((path for path in made.dir.iterdir() if path.name == name), made.dir / name)
    victim = tmp_path / "victim"
    victim.write_text("mine")
    existing.unlink(missing_ok=True)
    existing.symlink_to(victim)
    with made:
        try:
            made.start()
        except AssertionError:
            pass
    assert victim.read_text() == "mine"


def test_a_restore_follows_no_link(made, tmp_path):
    copy = tmp_path / "copy"
    made.command("backup", copy)
    before = {path.name for path in made.dir.iterdir()}
    victims = {}
    for name in sorted(before | {name + ".new" for name in before} | {"registry.sqlite.new", "registry.sqlite.restored"}):
        path = made.dir / name
        victim = tmp_path / ("victim-" + name)
        victim.write_text("mine")
        if not name.startswith("registry.sqlite"):
            path.unlink(missing_ok=True)
        if not path.exists():
            path.symlink_to(victim)
            victims[victim] = path
    restored = made.attempt("restore", copy)
    assert restored.returncode == FAILED, restored.stderr
    for victim in victims:
        assert victim.read_text() == "mine", victim
