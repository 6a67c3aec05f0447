# SPDX-License-Identifier: MIT
"""A gateway that has users and keys, and clients that are not what they should be."""

import functools
import hashlib
import http.client
import json
import re
import secrets
import socket
import ssl
import tempfile

from accounts_home import Home
from broker import free_row
from conftest import KEY
from gateway import Gateway, UnixConnection
from process import DEADLINE_S, Process
from program import FLAGSHIP, environment

PASSWORD = "correct horse battery"
SERIAL = "GUARDEDONE"
OTHER = "GUARDEDTWO"
ROLES = ("viewer", "operator", "admin")
VIEW, OPERATE, MANAGE, FILTERS = 1, 2, 4, 8
UNSAFE = ("POST", "PUT", "PATCH", "DELETE")
JSON = {"Content-Type": "application/json"}


def routes():
    """All that is served: (method, path, rights), as the gateway lists them itself."""
    return sorted({(match[1], match[2], int(match[3])) for match in listed() if not match[4]})


def port_routes():
    """Likewise on the port of a printer."""
    return sorted({(match[1], match[2], int(match[3])) for match in listed() if match[4]})


@functools.cache
def listed():
    with tempfile.TemporaryDirectory() as home:
        process = Process(FLAGSHIP, "serve", "--port", "0", "--moonraker-base-port", str(free_row()), "--log-level", "info,http=debug", env=environment(HOME=home))
        try:
            lines = process.await_text("ready:")
        finally:
            process.stop()
    found = [re.search(r"route (\w+) (\S+) rights (\d+)( of a printer's port)?", line) for line in lines]
    return [match for match in found if match]


def concrete(path, printer=SERIAL):
    return re.sub(r"\{[^}]*\}", "1", path.replace("{printer}", printer))


def hash_password(password):
    """With parameters that cost nothing: what is tested is who gets in, and what is hashed when."""
    salt = secrets.token_bytes(16)
    made = hashlib.scrypt(password.encode(), salt=salt, n=2, r=1, p=1, dklen=32)
    return f"scrypt$1$1$1${salt.hex()}${made.hex()}"


def keep_people(folder):
    """Users and keys in the gateway's file, as it keeps them. Returns the keys by name."""
    folder.mkdir(mode=0o700)
    keys = {name: secrets.token_hex(24) for name in [*ROLES, *(role + "-of-one" for role in ROLES)]}
    kept = {"version": 1, "secret": secrets.token_hex(32), "settings": {},
            "users": [{"name": role, "role": role, "password": hash_password(PASSWORD), "created_at": 1} for role in ROLES],
            "keys": [{"id": secrets.token_hex(6), "name": name, "role": name.partition("-")[0], "created_at": 1,
                      "hash": hashlib.sha256(key.encode()).hexdigest(),
                      **({"printers": SERIAL} if "-of-one" in name else {"ha1": hashlib.md5(f"maker:flagship:{key}".encode()).hexdigest()})}
                     for name, key in keys.items()]}
    (folder / "access.json").write_text(json.dumps(kept))
    (folder / "access.json").chmod(0o600)
    return keys


class Answer:
    def __init__(self, response):
        self.status = response.status
        self.headers = response.headers
        self.cookies = response.headers.get_all("Set-Cookie") or []
        self.text = response.read().decode(errors="replace")

    @property
    def json(self):
        return json.loads(self.text)

    def cookie(self, name):
        for cookie in self.cookies:
            if cookie.startswith(name + "="):
                return cookie.split(";")[0].partition("=")[2]
        return None


class Guarded(Gateway):
    """Its users are named after their roles; of keys there is one each, and one for SERIAL alone."""

    def __init__(self, folder, *options, with_users=True, tls=None, printers=(), clock=None):
        self.home = Home(folder)
        self.base = free_row() if printers else 0
        if printers:
            self.adopt(printers)
        self.folder = folder / "gateway"
        self.socket = folder / "socket"
        self.tls = tls
        self.marks = 0
        if tls:
            options = (*options, "--tls-cert", tls[0], "--tls-key", tls[1])
        self.keys = keep_people(self.folder) if with_users else {}
        Process.__init__(self, FLAGSHIP, "serve", "--port", "0", "--dir", self.folder, "--unix", self.socket, "--moonraker-base-port", str(self.base),
                         "--log-level", "info,access=debug,http=debug", *options, env=environment(HOME=folder, **(clock.environment if clock else {})))
        ready = next(line for line in self.await_text("ready:") if "ready:" in line)
        self.port = int(re.search(r"https?://.*:(\d+)/", ready).group(1))

    def adopt(self, serials):
        """Printers of an account, whose broker is nowhere."""
        profile = self.home.folder / "default.json"
        printers = [{"id": str(i), "sn": serial, "name": serial.lower(), "model": "V8111", "mqtt_key": KEY, "ip_addr": "", "__type__": "Printer"}
                    for i, serial in enumerate(serials)]
        account = {"auth_token": "t", "region": "eu", "user_id": "0123456789", "email": "a@example.com", "__type__": "Account"}
        profile.write_text(json.dumps({"account": account, "printers": printers, "__type__": "Config"}))
        imported = self.home.run("import", profile, "--broker", "mqtts://127.0.0.1:1", "--offline")
        assert imported.returncode == 0, imported.stderr

    def connection(self):
        if self.tls:
            context = ssl.create_default_context(cafile=None)
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
            return http.client.HTTPSConnection("127.0.0.1", self.port, timeout=DEADLINE_S, context=context)
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=DEADLINE_S)

    def send(self, method, path, body=None, headers=None, connection=None, root="/api/v1"):
        connection = connection or self.connection()
        text = None if body is None else body if isinstance(body, (str, bytes)) else json.dumps(body)
        try:
            connection.request(method, root + path, text, {**({} if body is None else JSON), **(headers or {})})
            return Answer(connection.getresponse())
        finally:
            connection.close()

    def owner(self, method, path, body=None, expected=None):
        answer = self.send(method, path, body, connection=UnixConnection(self.socket))
        assert expected in (None, answer.status), answer.text
        return answer

    def by_key(self, role, method, path, body=None, root="/api/v1", **headers):
        return self.send(method, path, body, {"X-Api-Key": self.keys[role], **headers}, root=root)

    def login(self, name="admin", password=PASSWORD, **headers):
        return self.send("POST", "/login", {"name": name, "password": password}, headers)

    def browser(self, name="admin"):
        answer = self.login(name)
        assert answer.status == 200, answer.text
        return Browser(self, answer)

    def raw(self, data, timeout=DEADLINE_S):
        """All that comes back, until the gateway closes or says nothing more of a whole answer."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=timeout) as connection:
            connection.sendall(data)
            connection.shutdown(socket.SHUT_WR)
            received = b""
            try:
                while piece := connection.recv(65536):
                    received += piece
            except ConnectionResetError:
                pass
            return received

    def statuses(self, data):
        return [int(status) for status in re.findall(rb"HTTP/1\.1 (\d{3}) ", self.raw(data))]

    def hashed(self):
        """How often so far: what is logged by now was read once a line that follows it was."""
        self.marks += 1
        self.send("GET", f"/mark-{self.marks}-", root="")
        self.await_text(f"/mark-{self.marks}-")
        return self.log.count("a password was hashed")


class Browser:
    """Keeps the cookie of a session, and sends its token with writes."""

    def __init__(self, gateway, answer):
        self.gateway = gateway
        self.name = "__Host-flagship" if gateway.tls else "flagship"
        self.token = answer.cookie(self.name)
        self.device = answer.cookie("flagship_device")
        self.csrf = answer.json["csrf"]

    def send(self, method, path, body=None, csrf=True, **headers):
        headers = {"Cookie": f"{self.name}={self.token}", **headers}
        if csrf:
            headers["X-CSRF-Token"] = self.csrf
        return self.gateway.send(method, path, body, headers)
