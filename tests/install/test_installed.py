# SPDX-License-Identifier: MIT
"""What `make install` puts where, and what the library shows to others."""

import re

from conftest import BUILD, PREFIX, ROOT, run

MAN_PAGES = sorted(page.name for page in (ROOT / "man").glob("*.[13]"))
COMMANDS = sorted(page.removesuffix(".1").removeprefix("flagship-") for page in MAN_PAGES if page.startswith("flagship-"))
PROGRAMS = {"flagship-account", "flagship-api", "flagship-camera", "flagship-cloud", "flagship-demo", "flagship-picture", "flagship-push", "flagship-queue", "flagship-records", "flagship-serve", "flagship-simulate", "flagship-timelapse", "flagship-top", "flagship-webcam", "flagship-webpush", "flagship_broker.so"}
if run("pkg-config", "--exists", "libavformat", "libavcodec", "libavutil", check=False).returncode == 0:
    PROGRAMS.add("flagship-rtsp")  # as src/rtsp/meson.build has it


def names(folder, pattern="*"):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob(pattern) if not path.is_dir())


def test_programs(installation):
    assert set(names(installation.prefix / "libexec" / "flagship")) == PROGRAMS
    assert names(installation.prefix / "bin") == ["flagship"]
    assert re.fullmatch(r"flagship \d+\.\d+\.\d+\n", run(installation.program, "--version").stdout)


def test_every_command_has_a_page_and_every_program_is_found(installation):
    listed = run(installation.program, "help", "--complete").stdout
    assert sorted(line.split("\t")[1] for line in listed.splitlines()) == sorted((*COMMANDS, "help"))
    for command in ("simulate", "login", "cloud"):
        assert run(installation.program, command, "--help").stdout.startswith(f"Usage: flagship {command}")


def test_headers_are_complete(installation):
    source = {path.name for path in (ROOT / "include" / "flagship").glob("*.h")}
    assert set(names(installation.headers)) == source | {"mqtt.h", "pppp.h"}


def test_libraries(installation):
    installed = {path.name for path in installation.libraries.glob("libflagship*")}
    version = run(installation.program, "--version").stdout.split()[1]
    assert installed == {"libflagship.a", "libflagship.so", "libflagship.so.0", f"libflagship.so.{version}"}
    assert "soname: [libflagship.so.0]" in run("readelf", "-d", installation.shared).stdout


def exported(installation):
    lines = run("nm", "-D", "--defined-only", installation.shared).stdout.splitlines()
    return {line.split()[-1].split("@")[0] for line in lines}


def test_only_our_symbols_are_exported(installation):
    assert [name for name in exported(installation) if not name.startswith("flagship_")] == []


def test_every_declared_function_is_exported(installation):
    declared = set()
    for header in installation.headers.glob("*.h"):
        text = re.sub(r"/\*.*?\*/|^#.*?$", "", header.read_text(encoding="utf-8"), flags=re.S | re.M)
        declared |= set(re.findall(r"\b(flagship_\w+)\(", text))
    assert len(declared) > 30
    assert declared <= exported(installation)


def test_pages_and_completions(installation):
    share = installation.prefix / "share"
    assert names(share / "man") == sorted(f"man{page[-1]}/{page}" for page in MAN_PAGES)
    assert (share / "bash-completion" / "completions" / "flagship").exists()
    assert (share / "zsh" / "site-functions" / "_flagship").exists()
    assert (share / "fish" / "vendor_completions.d" / "flagship.fish").exists()


def test_destdir_stands_before_the_prefix(installation, tmp_path):
    run("make", "install", f"BUILD={BUILD.name}", f"prefix={PREFIX}", f"DESTDIR={tmp_path}")
    staged = tmp_path / PREFIX.relative_to("/")
    assert names(staged) == names(installation.prefix)
    assert names(tmp_path) == [str(staged.relative_to(tmp_path) / name) for name in names(staged)]
