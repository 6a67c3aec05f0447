# SPDX-License-Identifier: MIT
"""A printer whose every word is scripted: for what the simulated one would never say."""

import json
import queue
import ssl
import struct
import threading

import paho.mqtt.client as mqtt

from broker import HOST
from process import DEADLINE_S
from program import run
from wire import seal, unseal, unseal_gcm

PLAINTEXT_MAX = 60000  # of one frame with the short size


def opened(data, key):
    """The message of a frame, or None."""
    try:
        return json.loads(unseal(data, key).payload if data.startswith(b"M") else unseal_gcm(data, key))
    except (AssertionError, struct.error, ValueError):
        return None


class FakePrinter:
    """Calls answer(printer, message) for each message that it can decrypt, in the background.

    Frames are opened and made here, and answers given by a thread of their own: while paho's loop is in a callback it sends
    nothing, and it reads as many messages as it has publications under way before it looks after those. On a busy machine a
    printer that many ask at once was silent for more than a minute."""

    def __init__(self, serial, port, ca, key, answer=None, format_=2):
        self.serial = serial
        self.key = key
        self.answer = answer
        self.format = format_
        self.received = []
        self.changed = threading.Condition()
        self.frames = queue.SimpleQueue()
        threading.Thread(target=self._answer, daemon=True).start()
        subscribed = threading.Event()
        self.client = mqtt.Client(client_id=f"printer-{serial}")
        self.client.tls_set(ca_certs=str(ca), tls_version=ssl.PROTOCOL_TLS_CLIENT)
        self.client.on_connect = lambda client, *_: client.subscribe(f"/device/maker/{serial}/#")
        self.client.on_subscribe = lambda *_: subscribed.set()
        self.client.on_message = lambda _client, _data, message: self.frames.put(message.payload)
        self.client.connect(HOST, port)
        self.client.loop_start()
        assert subscribed.wait(DEADLINE_S)

    def _answer(self):
        while (frame := self.frames.get()) is not None:
            payload = opened(frame, bytes.fromhex(self.key))
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
        self.publish_bytes(self._frame(text, key or self.key, options), topic, retain)

    def _frame(self, text, key, options):
        plaintext = text if isinstance(text, bytes) else text.encode()
        if not options and len(plaintext) <= PLAINTEXT_MAX:
            return seal(plaintext, bytes.fromhex(key), self.format, packet_number=1)
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
            FLAGSHIP_KEY=key,
        )
        assert made.returncode == 0, made.stderr
        return made.raw

    def publish_bytes(self, payload, topic="notice", retain=False):
        sent = self.client.publish(f"/phone/maker/{self.serial}/{topic}", payload, qos=1, retain=retain)
        # Where its broker is gone, it is sent once there is one again.
        if sent.rc != mqtt.MQTT_ERR_NO_CONN:
            sent.wait_for_publish(DEADLINE_S)

    def reply(self, **fields):
        self.publish(fields, "command/reply")

    def stop(self):
        self.frames.put(None)
        self.client.disconnect()
        self.client.loop_stop()
