#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What `flagship cloud` costs: its plugin beside a plain mosquitto, its API beside a static answer."""

import hashlib
import http.client
import json
import socket
import ssl
import statistics
import struct
import sys
import tempfile
import time
from pathlib import Path

sys.dont_write_bytecode = True
TESTS = Path(__file__).resolve().parent.parent / "tests"
sys.path[:0] = [str(TESTS / "cloud"), str(TESTS / "blackbox")]

from broker import Broker  # noqa: E402
from exchange import login_body  # noqa: E402
from limits import end, report  # noqa: E402
from local_cloud import Cloud  # noqa: E402
from wire import seal  # noqa: E402

EMAIL, PASSWORD, SERIAL = "owner@example.org", "secret", "AK7BENCH00000001"
NOTICE = b'{"commandType":1003,"currentTemp":22000,"targetTemp":22000}'
ROUNDS, BURST, LOGINS, CALLS, PASSWORDS = 5, 20000, 200, 1000, 5
CONNACK, PUBACK = 0x20, 0x40
DISCONNECT = b"\xe0\x00"
NS_PER_US = 1000
CALLS_RATIO_LEAST = 0.66


def text(value):
    return struct.pack(">H", len(value)) + value.encode()


def packet(first, body):
    size, length = b"", len(body)
    while True:
        size += bytes([length % 128 | (0x80 if length > 127 else 0)])
        length //= 128
        if not length:
            return bytes([first]) + size + body


def connect_packet(name, login):
    flags = 0xC2 if login else 0x02
    return packet(0x10, text("MQTT") + bytes([4, flags, 0, 60]) + text(name) + b"".join(map(text, login or ())))


def publish_packet(topic, payload, number=None):
    return packet(0x30 if number is None else 0x32, text(topic) + (b"" if number is None else struct.pack(">H", number)) + payload)


class Client:
    """A client that does nothing but what is measured."""

    def __init__(self, context, port, login):
        self.socket = context.wrap_socket(socket.create_connection(("localhost", port)), server_hostname="localhost")
        self.socket.sendall(connect_packet("bench", login))
        self.expect(CONNACK)

    def expect(self, kind):
        answer = self.socket.recv(4)
        assert answer[0] == kind, answer
        assert kind != CONNACK or answer[3] == 0, "the broker refuses the login"

    def burst(self, topic, payload):
        """The broker answers the last one when it is done with all."""
        self.socket.sendall(publish_packet(topic, payload) * BURST + publish_packet(topic, payload, 1))
        self.expect(PUBACK)

    def close(self):
        self.socket.sendall(DISCONNECT)
        self.socket.close()


def cpu_ns(pid):
    return int(Path(f"/proc/{pid}/schedstat").read_text(encoding="ascii").split()[0])


def publish_us(context, port, pid, login, payload):
    client = Client(context, port, login)
    before = cpu_ns(pid)
    client.burst(f"/device/maker/{SERIAL}/command", payload)
    spent = cpu_ns(pid) - before
    client.close()
    return spent / BURST / NS_PER_US


def logins_per_s(context, port, login):
    start = time.perf_counter()
    for _ in range(LOGINS):
        Client(context, port, login).close()
    return LOGINS / (time.perf_counter() - start)


def measure_broker(cloud, plain, context):
    """Both in turn, so that what the machine does meanwhile strikes both."""
    login, key = cloud.login(EMAIL), bytes.fromhex(next(p["key"] for p in cloud.registry()["printers"]))
    payload = seal(NOTICE, key)
    with_plugin, without = (cloud.mqtt_port, cloud.broker_pid, login), (plain.port, plain.process.pid, None)
    costs = [(publish_us(context, *with_plugin, payload), publish_us(context, *without, payload)) for _ in range(ROUNDS)]
    ours, theirs = (statistics.median(column) for column in zip(*costs))
    report("cloud_publish_us", ours, "us")
    report("plain_publish_us", theirs, "us")
    report("cloud_publish_ratio", ours / theirs, "ratio")
    rates = [(logins_per_s(context, cloud.mqtt_port, login), logins_per_s(context, plain.port, None)) for _ in range(ROUNDS)]
    ours, theirs = (statistics.median(column) for column in zip(*rates))
    report("cloud_logins_per_s", ours, "1/s")
    report("plain_logins_per_s", theirs, "1/s")
    report("cloud_logins_ratio", ours / theirs, "ratio")
    report("cloud_plugin_slowest_us", cloud.status()["slowest_us"], "us")


class Api:
    def __init__(self, cloud, context):
        self.connection = http.client.HTTPSConnection("localhost", cloud.api_port, context=context)
        self.headers = {}

    def call(self, method, path, body=None):
        self.connection.request(method, path, body=None if body is None else json.dumps(body),
                                headers={"Content-Type": "application/json", **self.headers})
        return json.loads(self.connection.getresponse().read())

    def log_in(self, body):
        answer = self.call("POST", "/v2/passport/login", body)
        assert answer["code"] == 0, answer
        data = answer["data"]
        self.headers = {"X-Auth-Token": data["auth_token"], "Gtoken": hashlib.md5(data["user_id"].encode()).hexdigest()}

    def calls_per_s(self, method, path, body=None):
        start = time.perf_counter()
        for _ in range(CALLS):
            self.call(method, path, body)
        return CALLS / (time.perf_counter() - start)


def measure_api(cloud, context):
    api = Api(cloud, context)
    body = login_body(EMAIL, PASSWORD, api.call("GET", "/v1/flagship/service")["data"]["public_key"])
    start = time.perf_counter()
    for _ in range(PASSWORDS):
        api.log_in(body)
    # Slow on purpose: the hash of the password is.
    report("api_password_logins_per_s", PASSWORDS / (time.perf_counter() - start), "1/s")
    rates = [(api.calls_per_s("POST", "/v1/app/query_fdm_list", {}), api.calls_per_s("GET", "/nothing")) for _ in range(ROUNDS)]
    ours, theirs = (statistics.median(column) for column in zip(*rates))
    report("api_calls_per_s", ours, "1/s")
    report("static_answers_per_s", theirs, "1/s")
    report("api_calls_ratio", ours / theirs, "ratio", least=CALLS_RATIO_LEAST)


def main():
    with tempfile.TemporaryDirectory() as folder, Cloud(folder) as cloud:
        cloud.add_account(EMAIL, PASSWORD)
        cloud.add_printer(SERIAL, EMAIL)
        cloud.start()
        context = ssl.create_default_context(cafile=cloud.ca)
        with Broker(folder, cloud.dir / "server.pem", cloud.dir / "server.key",
                    settings=("allow_anonymous true", "connection_messages false"), log="information") as plain:
            measure_broker(cloud, plain, context)
        measure_api(cloud, context)


if __name__ == "__main__":
    main()
    end()
