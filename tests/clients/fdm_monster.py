# SPDX-License-Identifier: MIT
"""The real FDM Monster of npm, in front of a gateway: its own HTTP interface is what its page asks."""

import fcntl
import json
import os
import pathlib
import shutil
import subprocess
import time
import urllib.error
import urllib.request

from broker import free_port
from process import DEADLINE_S, Process

VERSION = "2.1.1"
# The page that it names is not in the registry; and its database is compiled when it is installed.
PACKAGE = {"name": "clients", "private": True, "dependencies": {"@fdm-monster/server": VERSION}, "overrides": {"@fdm-monster/client-next": "2.3.3"},
           "allowScripts": {"better-sqlite3": True}}
ROOT = pathlib.Path(__file__).resolve().parents[2]
FOLDER = ROOT / os.environ.get("FLAGSHIP_BUILD", "build") / "client-programs" / f"fdm-monster-{VERSION}"
PROGRAM = FOLDER / "node_modules/@fdm-monster/server/dist/index.js"
INSTALLED = FOLDER / "installed"
INSTALL = "FLAGSHIP_INSTALL_CLIENTS"  # set by make test-clients: it takes minutes, and a compiler
NODE_MIN = 20
LOOKS_S = 0.2
OCTOPRINT, MOONRAKER = 0, 1  # as it numbers its kinds of printers
# It would listen on every address, which it has no setting for.
ON_LOOPBACK = """const net = require('net');
const listen = net.Server.prototype.listen;
net.Server.prototype.listen = function (port, ...rest) {
	const done = rest.find((one) => typeof one === 'function');
	return isNaN(port) ? listen.call(this, port, ...rest) : listen.call(this, { port: Number(port), host: '127.0.0.1' }, done);
};
"""


def install():
    """Why not; None where it is there now. Of workers side by side one does it."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with open(FOLDER / "lock", "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return None if INSTALLED.exists() else install_alone()


def install_alone():
    (FOLDER / "package.json").write_text(json.dumps(PACKAGE))
    headers = {"npm_config_nodedir": "/usr"} if pathlib.Path("/usr/include/node/node.h").exists() else {}  # else from nodejs.org
    npm = subprocess.run(["npm", "install", "--no-audit", "--no-fund"], cwd=FOLDER, capture_output=True, text=True, check=False, env={**os.environ, **headers})
    loaded = subprocess.run(["node", "-e", "new (require('better-sqlite3'))(':memory:')"], cwd=FOLDER, capture_output=True, text=True, check=False)
    if npm.returncode or loaded.returncode:
        return f"npm install @fdm-monster/server@{VERSION} failed: {(npm.stderr + loaded.stderr).strip()[-300:]}"
    INSTALLED.write_text(VERSION)
    return None


def why_not():
    """What is lacking; None where it can be run."""
    if missing := [program for program in ("node", "npm") if not shutil.which(program)]:
        return f"{', '.join(missing)}: apt install nodejs npm"
    version = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True).stdout
    if int(version.removeprefix("v").partition(".")[0]) < NODE_MIN:
        return f"node {version.strip()} is too old: {NODE_MIN} is wanted"
    if INSTALLED.exists():
        return None
    return install() if os.environ.get(INSTALL) else f"FDM Monster {VERSION} is not installed: make test-clients installs it"


class Refused(Exception):
    pass


class FdmMonster(Process):
    """Without logins, and with the kinds of printers that it has on trial."""

    def __init__(self, folder):
        (folder / "loopback.cjs").write_text(ON_LOOPBACK)
        self.port = free_port()
        environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "NODE_ENV": "production", "SERVER_PORT": str(self.port), "OVERRIDE_LOGIN_REQUIRED": "false",
                       "SENTRY_CUSTOM_DSN": "http://nobody@127.0.0.1:1/1", "DATABASE_PATH": str(folder / "database"), "MEDIA_PATH": str(folder / "media"),
                       "NODE_OPTIONS": f"--require={folder / 'loopback.cjs'}"}
        super().__init__("node", PROGRAM, env=environment, output="both")

    def __enter__(self):
        try:
            self.await_open()
            self.ask("PUT", "/settings/experimental-moonraker-support", {"enabled": True})
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *ending):
        self.stop()

    def await_open(self):
        self.until(lambda: self.ask("GET", "/auth/login-required"), lambda _: True, (urllib.error.URLError, Refused))
        self.ask("POST", "/first-time-setup/complete", {"loginRequired": False, "registration": False, "rootUsername": "farmer", "rootPassword": "correct horse"})

    def ask(self, method, path, body=None):
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}/api/v2{path}", None if body is None else json.dumps(body).encode(),
                                         {"Content-Type": "application/json"}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=DEADLINE_S) as answer:
                text = answer.read()
        except urllib.error.HTTPError as error:
            raise Refused(f"{method} {path}: {error.code} {error.read().decode(errors='replace')[:500]}") from error
        return json.loads(text) if text else None

    def until(self, look, condition, awaited=()):
        """What look() gives, once the condition holds of it."""
        found = []

        def is_so():
            try:
                found[:] = [look()]
            except awaited:
                return False
            return condition(found[0])

        poll(is_so, lambda: f"FDM Monster showed {found}, and said:\n{self.log[-3000:]}")
        return found[0]

    def add(self, name, url, kind, key=None):
        printer = {"name": name, "printerURL": url, "printerType": kind, "enabled": True, **({"apiKey": key} if key else {})}
        return self.ask("POST", "/printer", printer)["id"]

    def shown(self, identity):
        """What its tile of the printer is made of."""
        return self.ask("GET", f"/printer/{identity}/socket")


def poll(condition, describe):
    """Asks until it is so."""
    deadline = time.monotonic() + DEADLINE_S
    while not condition():
        assert time.monotonic() < deadline, describe()
        time.sleep(LOOKS_S)
