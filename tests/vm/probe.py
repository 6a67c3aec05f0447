# SPDX-License-Identifier: MIT
"""Tries what a service must not be able to do, as one of its processes: probe.py FILE. The file gets what came of each."""

import ctypes
import errno
import json
import mmap
import os
import pathlib
import socket
import sys
import time

CLONE_NEWUSER = 0x10000000
LIBC = ctypes.CDLL(None, use_errno=True)


def call(name, *arguments):
    if getattr(LIBC, name)(*arguments) != 0:
        raise OSError(ctypes.get_errno(), name)


def outcome(action):
    try:
        action()
    except OSError as error:
        return errno.errorcode[error.errno]
    return "done"


def write(folder):
    pathlib.Path(folder, "probe").write_text("x", encoding="ascii")


def set_user_id(folder):
    path = pathlib.Path(folder, "probe")
    path.write_text("x", encoding="ascii")
    try:
        path.chmod(0o4755)
    finally:
        path.unlink()


def listing(folder):
    try:
        return sorted(os.listdir(folder))
    except OSError as error:
        return errno.errorcode[error.errno]


def others():
    """Processes that are not of this user."""
    return [name for name in os.listdir("/proc") if name.isdigit() and os.stat(f"/proc/{name}").st_uid != os.getuid()]


def devices():
    """Of the machine, beyond those that every program has."""
    known = {"char", "core", "fd", "full", "hugepages", "log", "mqueue", "null", "ptmx", "pts", "random", "shm", "stderr", "stdin", "stdout", "tty",
             "urandom", "zero"}
    return sorted(set(os.listdir("/dev")) - known)


def main(result):
    state = pathlib.Path(result).parent
    found = {
        "write /usr": outcome(lambda: write("/usr")),
        "write /etc/flagship": outcome(lambda: write("/etc/flagship")),
        "write /var/tmp/..": outcome(lambda: write("/var")),
        "write state": outcome(lambda: (write(state), (state / "probe").unlink())),
        "home": listing("/home"),
        "tmp": listing("/tmp"),
        "list /root": outcome(lambda: os.listdir("/root")),
        "devices": devices(),
        "others": others(),
        "/proc/sys": outcome(lambda: os.listdir("/proc/sys")),
        "/proc/kmsg": outcome(lambda: os.stat("/proc/kmsg")),
        "packet socket": outcome(lambda: socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM)),
        "netlink socket": outcome(lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW)),
        "internet socket": outcome(lambda: socket.socket(socket.AF_INET)),
        "signal to init": outcome(lambda: os.kill(1, 0)),
        "setuid": outcome(lambda: os.setuid(0)),
        "clock": outcome(lambda: time.clock_settime(time.CLOCK_REALTIME, time.time())),
        "host name": outcome(lambda: socket.sethostname("other")),
        "mount": outcome(lambda: call("mount", b"none", b"/mnt", b"tmpfs", 0, None)),
        "namespace": outcome(lambda: call("unshare", CLONE_NEWUSER)),
        "code in memory": outcome(lambda: mmap.mmap(-1, mmap.PAGESIZE, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)),
        "set-user-id": outcome(lambda: set_user_id(state)),
        "priority": outcome(lambda: os.setpriority(os.PRIO_PROCESS, 0, -5)),
        "umask": os.umask(0o077),
    }
    pathlib.Path(result).write_text(json.dumps(found), encoding="ascii")


if __name__ == "__main__":
    main(sys.argv[1])
