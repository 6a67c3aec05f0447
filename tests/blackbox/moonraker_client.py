# SPDX-License-Identifier: MIT
"""A client of Moonraker's API, as pages and phones are: JSON-RPC over a WebSocket."""

import itertools
import json
import socket
import time

import websocket

from process import DEADLINE_S


class Refused(Exception):
    def __init__(self, error):
        super().__init__(error["message"])
        self.code, self.message = error["code"], error["message"]


class Client:
    def __init__(self, port, path="/websocket", **options):
        self.socket = websocket.create_connection(f"ws://127.0.0.1:{port}{path}", timeout=DEADLINE_S, **options)
        self.ids = itertools.count(1)
        self.notices = []
        self.answers = []  # that came before somebody waited for them

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, method, **params):
        identity = next(self.ids)
        request = {"jsonrpc": "2.0", "method": method, "id": identity}
        self.socket.send(json.dumps({**request, "params": params} if params else request))
        return identity

    def receive(self):
        text = self.socket.recv()
        if not text:
            raise websocket.WebSocketConnectionClosedException("closed by the gateway")
        return json.loads(text)

    def answer(self, identity):
        """What came for this id; notifications that come before it are kept."""
        deadline = time.monotonic() + DEADLINE_S
        for message in self.answers:
            if message["id"] == identity:
                self.answers.remove(message)
                return message
        while time.monotonic() < deadline:
            message = self.receive()
            if isinstance(message, dict) and "id" not in message:
                self.notices.append(message)
            elif isinstance(message, list) or message["id"] == identity:
                return message
            else:
                self.answers.append(message)
        raise AssertionError(f"no answer to {identity}")

    def raw(self, text, identity=None):
        self.socket.send(text)
        return self.answer(identity)

    def call(self, method, **params):
        answer = self.answer(self.send(method, **params))
        if "error" in answer:
            raise Refused(answer["error"])
        return answer["result"]

    def refusal(self, method, **params):
        try:
            result = self.call(method, **params)
        except Refused as refused:
            return refused
        raise AssertionError(f"{method} was not refused: {result}")

    def until(self, method, condition=lambda *params: True):
        """The parameters of the first notification of this method for which the condition holds."""
        deadline = time.monotonic() + DEADLINE_S
        while time.monotonic() < deadline:
            while self.notices:
                notice = self.notices.pop(0)
                if notice["method"] == method and condition(*notice.get("params", ())):
                    return notice.get("params", [])
            message = self.receive()
            if isinstance(message, dict) and "id" not in message:
                self.notices.append(message)
        raise AssertionError(f"waited in vain for {method}")

    def await_status(self, **wanted):
        """Until changes make these members so: extruder_target=200 is extruder.target."""
        missing = dict(wanted)

        def take(status, _):
            for object_name, members in status.items():
                for member, value in members.items():
                    key = f"{object_name}__{member}"
                    if missing.get(key, None) == value:
                        del missing[key]
            return not missing

        return self.until("notify_status_update", take)


class PipeClient(Client):
    """The same by a unix socket: each message ends with ETX, as Moonraker's do there."""

    def __init__(self, path):
        self.socket = Pipe(path)
        self.ids = itertools.count(1)
        self.notices = []
        self.answers = []


class Pipe:
    """As much of a WebSocket as Client needs."""

    END = b"\x03"

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(DEADLINE_S)
        self.socket.connect(str(path))
        self.received = b""

    def send(self, text):
        self.socket.sendall(text.encode() + self.END)

    def recv(self):
        """One message; "" where the gateway closed it, be it before it had read all that was sent."""
        while self.END not in self.received:
            try:
                data = self.socket.recv(65536)
            except ConnectionResetError:
                data = b""
            if not data:
                return ""
            self.received += data
        text, _, self.received = self.received.partition(self.END)
        return text.decode()

    def close(self):
        self.socket.close()
