# SPDX-License-Identifier: MIT
"""A printer whose every word is scripted: for what the simulated one would never say."""

import json
import ssl
import threading

import paho.mqtt.client as mqtt

from broker import HOST
from process import DEADLINE_S
from program import lines, run


class FakePrinter:
    """Calls answer(printer, message) for each message that it can decrypt, in the background."""

    def __init__(self, serial, port, ca, key, answer=None, format_=2):
        self.serial = serial
        self.key = key
        self.answer = answer
        self.format = format_
        self.received = []
        self.thread = None
        self.changed = threading.Condition()
        subscribed = threading.Event()
        self.client = mqtt.Client(client_id=f"printer-{serial}")
        self.client.tls_set(ca_certs=str(ca), tls_version=ssl.PROTOCOL_TLS_CLIENT)
        self.client.on_connect = lambda client, *_: client.subscribe(f"/device/maker/{serial}/#")
        self.client.on_subscribe = lambda *_: subscribed.set()
        self.client.on_message = self._receive
        self.client.connect(HOST, port)
        self.client.loop_start()
        assert subscribed.wait(DEADLINE_S)

    def _receive(self, _client, _data, message):
        self.thread = threading.get_ident()
        (record,) = lines(run("decode", stdin=message.payload, FLAGSHIP_KEY=self.key))
        payload = record.get("payload")
        with self.changed:
            self.received.append(payload)
            self.changed.notify_all()
        if self.answer is not None and payload is not None:
            self.answer(self, payload)

    def await_received(self, count):
        with self.changed:
            assert self.changed.wait_for(lambda: len(self.received) >= count, DEADLINE_S)
            return list(self.received)

    def publish(self, payload, topic="notice", key=None, options=(), retain=False):
        """payload: what json can write, or the text itself."""
        text = payload if isinstance(payload, (str, bytes)) else json.dumps(payload, ensure_ascii=False)
        made = run(
            "encode",
            "--binary",
            "--format",
            self.format,
            "--packet-number",
            1,
            *options,
            "-",
            stdin=text,
            FLAGSHIP_KEY=key or self.key,
        )
        assert made.returncode == 0, made.stderr
        self.publish_bytes(made.raw, topic, retain)

    def publish_bytes(self, payload, topic="notice", retain=False):
        sent = self.client.publish(f"/phone/maker/{self.serial}/{topic}", payload, qos=1, retain=retain)
        # The thread that answers is the one that would hear of it.
        if threading.get_ident() != self.thread:
            sent.wait_for_publish(DEADLINE_S)

    def reply(self, **fields):
        self.publish(fields, "command/reply")

    def stop(self):
        self.client.disconnect()
        self.client.loop_stop()
