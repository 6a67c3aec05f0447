# SPDX-License-Identifier: MIT
"""make && sudo make install && make; make uninstall: with the real scripts, on a program of five lines."""

import os
import pathlib
import pwd
import shutil
import subprocess
import tempfile

import pytest
from conftest import BUILD, PREFIX, ROOT, environment, run

OTHER = "nobody"

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")


def names(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir() or path.is_symlink())


@pytest.fixture
def source():
    """A tree of another user's, with our Makefile and scripts around a small program."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="flagship-owner-"))
    (folder / "scripts").mkdir()
    shutil.copy(ROOT / "Makefile", folder)
    for script in ("build", "install", "uninstall"):
        shutil.copy(ROOT / "scripts" / script, folder / "scripts")
    (folder / "scripts" / "bootstrap").write_text("#!/bin/sh\n")
    (folder / "scripts" / "bootstrap").chmod(0o755)
    (folder / "meson_options.txt").write_text("option('tests', type: 'boolean', value: false)\n")
    (folder / "meson.build").write_text("project('flagship', 'c', version: '1.2.3')\n"
                                        "executable('flagship', 'main.c', install: true)\n"
                                        "shared_library('flagship', 'main.c', version: '1.2.3', soversion: '1', install: true)\n")
    (folder / "main.c").write_text("int main(void)\n{\n\treturn 0;\n}\n")
    user = pwd.getpwnam(OTHER)
    for path in (folder, *folder.rglob("*")):
        os.chown(path, user.pw_uid, user.pw_gid)
    yield folder
    shutil.rmtree(folder)


def make(source, *arguments, owner=False):
    user = pwd.getpwnam(OTHER)
    become = ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"] if owner else []
    result = subprocess.run([*become, "make", *arguments], cwd=source, env=environment(CCACHE_DISABLE=1),
                            capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr


def of_root(folder):
    return [str(path) for path in folder.rglob("*") if path.lstat().st_uid == 0]


@as_root
@pytest.mark.parametrize("built_before", [True, False])
def test_installing_as_root_leaves_the_tree_to_its_owner(source, tmp_path, built_before):
    if built_before:
        make(source, owner=True)
    make(source, "install", f"prefix={tmp_path}/usr")
    assert (tmp_path / "usr" / "bin" / "flagship").exists()
    assert of_root(source) == []
    with (source / "main.c").open("a") as program:
        program.write("/* changed */\n")
    make(source, owner=True)
    make(source, "install", f"prefix={tmp_path}/usr", "DESTDIR=" + str(tmp_path / "stage"))
    assert of_root(source) == []


@as_root
def test_what_an_earlier_installation_left_is_given_back(source, tmp_path):
    make(source, owner=True)
    log = source / "build" / "meson-logs" / "install-log.txt"
    log.write_text("")
    assert of_root(source) != []
    make(source, "install", f"prefix={tmp_path}/usr")
    assert of_root(source) == []


def test_uninstall_takes_away_what_install_brought(installation, tmp_path):
    stage = tmp_path / "stage"
    run("make", "install", f"BUILD={BUILD.name}", f"prefix={PREFIX}", f"DESTDIR={stage}")
    mine = stage / PREFIX.relative_to("/") / "bin" / "mine"
    mine.write_text("of somebody else")
    assert names(stage) != [str(mine.relative_to(stage))]
    result = run("make", "uninstall", f"BUILD={BUILD.name}", f"prefix={PREFIX}", f"DESTDIR={stage}")
    assert names(stage) == [str(mine.relative_to(stage))]
    assert not list((stage / PREFIX.relative_to("/")).rglob("flagship")), "folders of ours are gone"
    assert "removed" in result.stdout
    assert installation.program.exists(), "only the stage was meant"


def test_uninstall_without_a_build(tmp_path):
    result = run("make", "uninstall", f"BUILD={tmp_path}/none", f"prefix={tmp_path}", check=False)
    assert result.returncode != 0 and "knows of no installation" in result.stderr
