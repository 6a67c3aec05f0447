# SPDX-License-Identifier: MIT
"""The unit of systemd: hardened, by systemd's own measure."""

import pathlib
import re
import shutil
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
UNITS = sorted((ROOT / "deploy" / "systemd").glob("*.service.in"))
THRESHOLD = 15  # tenths: 1.5 of 10
WANTED = {"UMask": "0077", "LimitNOFILE": "65536", "NoNewPrivileges": "yes", "ProtectSystem": "strict", "CapabilityBoundingSet": "",
          "MemoryDenyWriteExecute": "yes", "RestrictAddressFamilies": "AF_UNIX AF_INET AF_INET6",
          "Type": "notify", "WatchdogSec": "60"}


def filled(unit, folder):
    path = folder / unit.name.removesuffix(".in")
    path.write_text(re.sub(r"@\w+@", "/usr/bin", unit.read_text(encoding="utf-8")), encoding="utf-8")
    return path


def test_there_is_one():
    assert [unit.name for unit in UNITS][:1] == ["flagship-cloud.service.in"]


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_a_unit_is_hardened(unit, tmp_path):
    settings = dict(line.split("=", 1) for line in unit.read_text(encoding="utf-8").splitlines() if re.match(r"\w+=", line))
    assert {name: settings.get(name) for name in WANTED} == WANTED
    if shutil.which("systemd-analyze") is None:
        pytest.skip("no systemd-analyze")
    result = subprocess.run(["systemd-analyze", "security", "--offline=true", f"--threshold={THRESHOLD}", "--no-pager",
                             filled(unit, tmp_path)], capture_output=True, text=True, check=False)
    if "unrecognized option" in result.stderr:
        pytest.skip(f"an older systemd: {result.stderr.strip()}")
    assert result.returncode == 0, result.stdout[-400:] + result.stderr


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_the_measure_measures(unit, tmp_path):
    """Without what hardens it, it is refused."""
    if shutil.which("systemd-analyze") is None:
        pytest.skip("no systemd-analyze")
    path = filled(unit, tmp_path)
    path.write_text(re.sub(r"(?m)^(Protect|Restrict|SystemCall|Private)\w+=.*\n", "", path.read_text(encoding="utf-8")), encoding="utf-8")
    result = subprocess.run(["systemd-analyze", "security", "--offline=true", f"--threshold={THRESHOLD}", "--no-pager", path],
                            capture_output=True, text=True, check=False)
    assert result.returncode != 0
