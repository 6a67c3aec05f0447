# SPDX-License-Identifier: MIT
"""What the services of the system may do and see, tried from inside (probe.py, before the service itself)."""

import json
import pathlib

import pytest

from machine import CLOUD, SERVE, STATE, run, status_of

PROBE = pathlib.Path(__file__).with_name("probe.py")
RESULT = STATE / "probe.json"
WANTED = {
    "write /usr": "EROFS", "write /etc/flagship": "EROFS", "write /var/tmp/..": "EROFS", "write state": "done",
    "home": "EACCES", "tmp": [], "list /root": "EACCES", "devices": [], "others": [], "/proc/sys": "ENOENT", "/proc/kmsg": "ENOENT",
    "packet socket": "EAFNOSUPPORT", "netlink socket": "EAFNOSUPPORT", "internet socket": "done", "signal to init": "EPERM",
    "setuid": "EPERM", "clock": "EPERM", "host name": "EPERM", "mount": "EPERM", "namespace": "EPERM", "code in memory": "EPERM",
    "set-user-id": "EPERM", "priority": "EPERM", "umask": 0o077,
}


@pytest.mark.parametrize("unit", [SERVE, CLOUD])
def test_from_inside(serve, unit):
    run("useradd", "-m", "-K", "HOME_MODE=0755", f"seen-by-{unit.split('.')[0].split('-')[1]}")
    pathlib.Path("/tmp/seen").write_text("by root", encoding="ascii")
    serve("stop", unit)
    serve.drop_in(unit, f"ExecStartPre=/usr/bin/python3 -B {PROBE} {RESULT}")
    serve("start", unit)
    found = json.loads(RESULT.read_text(encoding="ascii"))
    RESULT.unlink()
    assert found == WANTED


@pytest.mark.parametrize("unit", [SERVE, CLOUD])
def test_what_the_kernel_says_of_it(serve, unit):
    said = status_of(serve.pid(unit))
    assert [int(said[name], 16) for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")] == [0] * 5
    assert (said["NoNewPrivs"], said["Seccomp"], said["Umask"]) == ("1", "2", "0077")
    limits = pathlib.Path(f"/proc/{serve.pid(unit)}/limits").read_text(encoding="ascii")
    assert next(line for line in limits.splitlines() if line.startswith("Max open files")).split()[3:5] == ["65536", "65536"]
