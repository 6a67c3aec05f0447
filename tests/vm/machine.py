# SPDX-License-Identifier: MIT
"""systemd of the machine that scripts/test-vm starts, what is installed there, and clients of it."""

import http.client
import json
import os
import pathlib
import pwd
import subprocess

from process import DEADLINE_S, until

FLAGSHIP = "/usr/local/bin/flagship"
SERVE, CLOUD = "flagship-serve.service", "flagship-cloud.service"
SOCKET = "flagship-serve.socket"
STATE = pathlib.Path("/var/lib/flagship")
SETTINGS = pathlib.Path("/etc/flagship/flagship.conf")
PORT = 7180
WATCHDOG_S = max(10, DEADLINE_S // 20)  # an emulated machine takes longer to begin
# As docs/operations.md has it.
AS_SERVICE = ("sudo", "-u", "flagship", "env", "XDG_CONFIG_HOME=/etc", "XDG_STATE_HOME=/var/lib", FLAGSHIP)


def attempt(*command, stdin=None):
    return subprocess.run([str(word) for word in command], input=stdin, capture_output=True, text=True, check=False, cwd="/",
                          stdin=subprocess.DEVNULL if stdin is None else None)


def run(*command, stdin=None):
    result = attempt(*command, stdin=stdin)
    assert result.returncode == 0, f"{' '.join(map(str, command))}: {result.returncode}\n{result.stdout}{result.stderr}"
    return result.stdout


class Manager:
    """systemctl of the system, or of a user who has a manager of his own."""

    def __init__(self, user=None):
        self.words, self.user = (), user
        self.folder = pathlib.Path("/run/systemd/system")
        if user is not None:
            entry = pwd.getpwnam(user)
            runtime = f"/run/user/{entry.pw_uid}"
            self.words = ("sudo", "-u", user, "env", f"XDG_RUNTIME_DIR={runtime}", f"HOME={entry.pw_dir}")
            self.folder = pathlib.Path(runtime, "systemd/user")

    def attempt(self, *words):
        return attempt(*self.words, "systemctl", *(["--user"] if self.user else []), *words)

    def __call__(self, *words):
        result = self.attempt(*words)
        assert result.returncode == 0, f"systemctl {' '.join(words)}: {result.stderr}"
        return result.stdout

    def show(self, unit, name):
        return self("show", "--value", "-p", name, unit).strip()

    def pid(self, unit=SERVE):
        return int(self.show(unit, "MainPID"))

    def said(self, unit=SERVE):
        """Entries of the journal of what runs now, or ran last."""
        return entries(f"_SYSTEMD_INVOCATION_ID={self.show(unit, 'InvocationID')}")

    def ends_well(self, unit):
        """Stops it: it ends by itself, in time and with exit status 0, or systemd says otherwise."""
        run_of_it = f"{'USER_' if self.user else ''}INVOCATION_ID={self.show(unit, 'InvocationID')}"
        self("stop", unit)
        told = until(lambda: [message for message in map(message_of, entries(run_of_it)) if message.startswith(f"{unit}: ")])
        # A user's manager says to debuggers alone that it went well, and next what it took; of what went wrong it says that first.
        assert told[0].startswith(f"{unit}: Consumed" if self.user else f"{unit}: Deactivated successfully."), told

    def reload(self):
        """systemctl waits for three minutes at most, which an emulated machine may take: then it asks again, behind the first time."""
        results = []

        def asked():
            results.append(self.attempt("daemon-reload"))
            return "timed out" not in results[-1].stderr

        until(asked)
        assert results[-1].returncode == 0, results[-1].stderr

    def drop_in(self, unit, text):
        folder = self.folder / f"{unit}.d"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "test.conf").write_text(f"[Service]\n{text}\n", encoding="utf-8")
        self.reload()

    def drop_in_none(self):
        for path in self.folder.glob("flagship-*.d/test.conf"):
            path.unlink()
        self.reload()


def entries(*matches):
    return [json.loads(line) for line in run("journalctl", "-q", "-o", "json", *matches).splitlines()]


def message_of(entry):
    return entry["MESSAGE"]


def ask(method, path, body=None, port=PORT, kind="application/json"):
    """Status and JSON of an answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=DEADLINE_S)
    try:
        connection.request(method, "/api/v1" + path, body, {"Content-Type": kind} if body is not None else {})
        response = connection.getresponse()
        read = response.read()
        return response.status, read if response.headers["Content-Type"] == "application/x-tar" else json.loads(read or "null")
    finally:
        connection.close()


def health(port=PORT):
    """Status of the gateway's health; None: nobody answers."""
    try:
        return ask("GET", "/health", port=port)[0]
    except OSError:
        return None


def answers(path, condition):
    """What GET path answers, once that holds of it."""

    def look():
        try:
            status, answer = ask("GET", path)
        except OSError:
            return None
        return (answer,) if status == 200 and condition(answer) else None

    return until(look)[0]


def status_of(pid):
    lines = pathlib.Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    return {name: value.strip() for name, value in (line.split(":", 1) for line in lines)}


def user_of(pid):
    return pwd.getpwuid(os.stat(f"/proc/{pid}").st_uid).pw_name
