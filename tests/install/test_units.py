# SPDX-License-Identifier: MIT
"""The units of systemd, as installed: hardened, by systemd's own measure."""

import re
import shutil
import subprocess

import pytest

UNITS = [f"{kind}/flagship-{server}.service" for kind in ("user", "system") for server in ("cloud", "serve")]
THRESHOLD = 15  # tenths: 1.5 of 10
WANTED = {"UMask": "0077", "LimitNOFILE": "65536", "NoNewPrivileges": "yes", "ProtectSystem": "strict", "CapabilityBoundingSet": "",
          "MemoryDenyWriteExecute": "yes", "RestrictAddressFamilies": "AF_UNIX AF_INET AF_INET6",
          "Type": "notify", "WatchdogSec": "60", "RestartPreventExitStatus": "2 3"}
COMMANDS = {"cloud": ["cloud", "run"], "serve": ["serve"]}


@pytest.fixture(params=UNITS)
def unit(request, installation):
    return installation.prefix / "lib" / "systemd" / request.param


def settings_of(unit):
    return dict(line.split("=", 1) for line in unit.read_text(encoding="utf-8").splitlines() if re.match(r"\w+=", line))


def measure(path):
    if shutil.which("systemd-analyze") is None:
        pytest.skip("no systemd-analyze")
    result = subprocess.run(["systemd-analyze", "security", "--offline=true", f"--threshold={THRESHOLD}", "--no-pager", path],
                            capture_output=True, text=True, check=False)
    if "unrecognized option" in result.stderr:
        pytest.skip(f"an older systemd: {result.stderr.strip()}")
    return result


def test_a_unit_is_hardened(unit):
    settings = settings_of(unit)
    assert {name: settings.get(name) for name in WANTED} == WANTED
    result = measure(unit)
    assert result.returncode == 0, result.stdout[-400:] + result.stderr


def test_the_measure_measures(unit, tmp_path):
    """Without what hardens it, it is refused."""
    path = tmp_path / unit.name
    path.write_text(re.sub(r"(?m)^(Protect|Restrict|SystemCall|Private)\w+=.*\n", "", unit.read_text(encoding="utf-8")), encoding="utf-8")
    assert measure(path).returncode != 0


def test_it_runs_the_installed_program(unit, installation):
    start = settings_of(unit)["ExecStart"].split()
    assert start[0] == str(installation.program)
    assert start[1:] == COMMANDS[unit.stem.removeprefix("flagship-")]
    assert "@" not in re.sub(r"@(?:system|pri|res|mount|deb|cpu|obs|raw|reb|swap|mod|clock)", "", unit.read_text(encoding="utf-8"))


def test_services_of_the_system_run_as_their_own_user(installation):
    library = installation.prefix / "lib"
    for server in COMMANDS:
        settings = settings_of(library / "systemd" / "system" / f"flagship-{server}.service")
        assert (settings["User"], settings["StateDirectory"], settings["ProtectHome"]) == ("flagship", "flagship", "yes")


def test_a_unit_of_a_user_makes_its_folder_before_it_is_shut_in(installation):
    """Without it a user who never ran flagship has none, and may not make one in there."""
    for server in COMMANDS:
        settings = settings_of(installation.prefix / "lib" / "systemd" / "user" / f"flagship-{server}.service")
        folder = settings["ReadWritePaths"]
        assert settings["ExecStartPre"] == f"+/bin/mkdir -p {folder}" and folder == "%h/.local/state/flagship"


def test_user_and_folders_are_made(installation, tmp_path):
    """In a root of its own, by systemd's own programs."""
    if shutil.which("systemd-sysusers") is None or shutil.which("systemd-tmpfiles") is None:
        pytest.skip("no systemd")
    library = installation.prefix / "lib"
    (tmp_path / "etc").mkdir()
    for program, folder, options in (("systemd-sysusers", "sysusers.d", ()), ("systemd-tmpfiles", "tmpfiles.d", ("--create",))):
        made = subprocess.run([program, *options, f"--root={tmp_path}", library / folder / "flagship.conf"], capture_output=True,
                              text=True, check=False)
        assert made.returncode == 0, made.stderr
    assert re.search(r"^flagship:.*:/var/lib/flagship:", (tmp_path / "etc/passwd").read_text(encoding="utf-8"), re.M)
    assert (tmp_path / "var/lib/flagship").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "etc/flagship").stat().st_mode & 0o777 == 0o755
