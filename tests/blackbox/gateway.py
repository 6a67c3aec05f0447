# SPDX-License-Identifier: MIT
"""`flagship serve` as a child process, and clients of its HTTP interface."""

import http.client
import json
import re
import socket
import time

from process import DEADLINE_S, Process, looks
from program import FLAGSHIP, environment


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost", timeout=DEADLINE_S)
        self.path = str(path)

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(DEADLINE_S)
        self.sock.connect(self.path)


class Gateway(Process):
    """Of this home, on any port that is free, from when it answers until stop()."""

    stop_attempts = 1  # one that has all but ended hears no second signal, and is ended by it

    def __init__(self, home, *options, **changes):
        # Ports of printers are for the tests that name one: others run beside them.
        ports = () if "--moonraker-base-port" in options else ("--moonraker-base-port", "0")
        super().__init__(FLAGSHIP, "serve", "--port", "0", *ports, *options, env=environment(HOME=home.folder, **changes))
        ready = next(line for line in self.await_text("ready:") if "ready:" in line)
        self.port = int(re.search(r"http://[^/]*:(\d+)/", ready).group(1))

    def __enter__(self):
        return self

    def __exit__(self, *ending):
        assert self.stop() == 0, self.log

    def connection(self):
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=DEADLINE_S)

    def ask(self, method, path, body=None, headers=None, connection=None):
        """Returns status, headers and the JSON of the answer."""
        connection = connection or self.connection()
        text = None if body is None else body if isinstance(body, (bytes, str)) else json.dumps(body)
        sent = {} if body is None else {"Content-Type": "application/json"}
        try:
            connection.request(method, "/api/v1" + path, text, {**sent, **(headers or {})})
            response = connection.getresponse()
            return response.status, response.headers, json.loads(response.read())
        finally:
            connection.close()

    def status(self, method, path, body=None, **more):
        """Status and JSON, which is None where there is no body."""
        connection = more.pop("connection", None) or self.connection()
        text = None if body is None else body if isinstance(body, (bytes, str)) else json.dumps(body)
        headers = {} if body is None else {"Content-Type": "application/json"}
        try:
            connection.request(method, "/api/v1" + path, text, {**headers, **more})
            response = connection.getresponse()
            read = response.read()
            return response.status, json.loads(read) if read else None
        finally:
            connection.close()

    def get(self, path, **more):
        return self.ask("GET", path, **more)[2]

    def await_get(self, path, condition):
        """What GET path answers, once that holds of it."""
        for _ in looks():
            if condition(answer := self.get(path)):
                return answer
        raise AssertionError(f"waited in vain: {answer}")

    def submit(self, printer, command, **more):
        status, _, answer = self.ask("POST", f"/printers/{printer}/commands", command, **more)
        return status, answer

    def events(self, query="", **headers):
        return EventStream(self, query, headers)


class EventStream:
    """Server-Sent Events, as (id, message)."""

    def __init__(self, gateway, query, headers):
        self.connection = gateway.connection()
        self.connection.request("GET", "/api/v1/events" + query, headers=headers)
        self.response = self.connection.getresponse()
        assert self.response.status == 200, self.response.read()
        assert self.response.headers["Content-Type"].startswith("text/event-stream")

    def next(self):
        identity = None
        while line := self.response.readline().decode().rstrip("\n"):
            if line.startswith("id:"):
                identity = line[3:].strip()
            elif line.startswith("data:"):
                return identity, json.loads(line[5:])
        return self.next() if identity is None else None

    def until(self, condition):
        """The first message for which the condition holds, with its id."""
        deadline = time.monotonic() + DEADLINE_S
        while not condition((read := self.next())[1]):
            assert time.monotonic() < deadline, "waited in vain for a message"
        return read

    def close(self):
        self.response.close()
        self.connection.close()
