# SPDX-License-Identifier: MIT
"""A client of a printer that shares no code with flagship: paho-mqtt, the envelope in Python, AES of libcrypto."""

import collections
import ctypes
import ctypes.util
import functools
import json
import ssl
import struct
import threading
import time

import paho.mqtt.client

from process import DEADLINE_S

IV = b"3DPrintAnkerMake"
GCM_NONCE = b"3DPrintAnker"
GCM_TAG = 16
SINGLE = 0xC0
SET_TAG, GET_TAG = 0x11, 0x10

libcrypto = ctypes.CDLL(ctypes.util.find_library("crypto"))
for name in ("EVP_CIPHER_CTX_new", "EVP_aes_256_cbc", "EVP_aes_256_gcm"):
    getattr(libcrypto, name).restype = ctypes.c_void_p

Frame = collections.namedtuple("Frame", "format size packet_type packet_number time guid details payload")
Message = collections.namedtuple("Message", "topic at raw objects")


def cipher(data, key, iv, encrypt, gcm=False, tag=None):
    """AES-256 in CBC with PKCS#7 padding, or in GCM; returns the result, with GCM's tag behind it when encrypting."""
    context = ctypes.c_void_p(libcrypto.EVP_CIPHER_CTX_new())
    algorithm = ctypes.c_void_p(libcrypto.EVP_aes_256_gcm() if gcm else libcrypto.EVP_aes_256_cbc())
    out, length, rest = ctypes.create_string_buffer(len(data) + 32), ctypes.c_int(), ctypes.c_int()
    try:
        assert libcrypto.EVP_CipherInit_ex(context, algorithm, None, key, iv, int(encrypt)) == 1
        assert libcrypto.EVP_CipherUpdate(context, out, ctypes.byref(length), data, len(data)) == 1
        if tag is not None:
            assert libcrypto.EVP_CIPHER_CTX_ctrl(context, SET_TAG, len(tag), tag) == 1
        end = ctypes.byref(out, length.value)
        assert libcrypto.EVP_CipherFinal_ex(context, end, ctypes.byref(rest)) == 1, "wrong key or damaged"
        result = out.raw[: length.value + rest.value]
        if gcm and encrypt:
            produced = ctypes.create_string_buffer(GCM_TAG)
            assert libcrypto.EVP_CIPHER_CTX_ctrl(context, GET_TAG, GCM_TAG, produced) == 1
            result += produced.raw
        return result
    finally:
        libcrypto.EVP_CIPHER_CTX_free(context)


def checksum(data):
    return functools.reduce(lambda a, b: a ^ b, data, 0)


def seal(plaintext, key, number=2, packet_number=0):
    """A frame as clients send it; printers count their packets from 1."""
    ciphertext = cipher(plaintext, key, IV, True)
    details = struct.pack("<I37s11x", 0, b"651c863a-6bfe-103b-9b47-5b549343f75a") if number == 2 else bytes(12)
    size = 12 + len(details) + len(ciphertext) + 1
    frame = struct.pack("<2sHBBBBBBH", b"MA", size, 5, 1, number, 5, ord("F"), SINGLE, packet_number) + details + ciphertext
    return frame + bytes([checksum(frame)])


def unseal(data, key):
    signature, size, m3, m4, number, m6, m7, packet_type, packet_number = struct.unpack_from("<2sHBBBBBBH", data)
    assert (signature, m3, m4, m6, m7) == (b"MA", 5, 1, 5, ord("F"))
    assert size == len(data) and checksum(data) == 0
    header = 64 if number == 2 else 24
    details, stamp, guid = data[12:header], None, None
    if number == 2:
        stamp, guid = struct.unpack_from("<I37s", details)
        guid = guid.rstrip(b"\0").decode()
    payload = cipher(data[header:-1], key, IV, False)
    return Frame(number, size, packet_type, packet_number, stamp, guid, details, payload)


def seal_gcm(plaintext, key):
    sealed = cipher(plaintext, key, GCM_NONCE, True, gcm=True)
    ciphertext, tag = sealed[:-GCM_TAG], sealed[-GCM_TAG:]
    return struct.pack(">I", len(ciphertext)) + tag + ciphertext


def unseal_gcm(data, key):
    (length,) = struct.unpack_from(">I", data)
    assert length == len(data) - 4 - GCM_TAG
    return cipher(data[4 + GCM_TAG:], key, GCM_NONCE, False, gcm=True, tag=data[4:4 + GCM_TAG])


class Client:
    """Hears all that a printer says, from `with` on: `messages`, and `refused` for what is no good."""

    def __init__(self, port, ca, serial, key, gcm=False):
        self.serial, self.key, self.gcm = serial, bytes.fromhex(key), gcm
        self.messages = []
        self.refused = []
        self.changed = threading.Condition()
        self.granted = False
        self.mqtt = paho.mqtt.client.Client()
        self.mqtt.tls_set(ca_certs=str(ca), tls_version=ssl.PROTOCOL_TLS_CLIENT)
        self.mqtt.on_message = self._hear
        self.mqtt.on_subscribe = self._subscribed
        self.port = port

    def __enter__(self):
        self.mqtt.connect("localhost", self.port)
        self.mqtt.loop_start()
        self.mqtt.subscribe([(f"/phone/maker/{self.serial}/{kind}", 0)
                             for kind in ("notice", "command/reply", "query/reply")])
        with self.changed:
            assert self.changed.wait_for(lambda: self.granted, DEADLINE_S), "the broker granted no subscription"
        return self

    def __exit__(self, *_):
        self.mqtt.disconnect()
        self.mqtt.loop_stop()

    def _subscribed(self, *_):
        with self.changed:
            self.granted = True
            self.changed.notify_all()

    def _hear(self, _client, _data, message):
        at = time.monotonic()
        try:
            plaintext = unseal_gcm(message.payload, self.key) if self.gcm else unseal(message.payload, self.key).payload
            objects = json.loads(plaintext)
        except (AssertionError, struct.error, ValueError):
            with self.changed:
                self.refused.append(message.payload)
                self.changed.notify_all()
            return
        kind = message.topic.split(f"/{self.serial}/")[1]
        with self.changed:
            self.messages.append(Message(kind, at, message.payload,
                                         objects if isinstance(objects, list) else [objects]))
            self.changed.notify_all()

    def send(self, kind, payload, number=2):
        """payload: an object, or text."""
        plaintext = (payload if isinstance(payload, str) else json.dumps(payload)).encode()
        self.send_raw(kind, seal_gcm(plaintext, self.key) if self.gcm else seal(plaintext, self.key, number))

    def send_raw(self, kind, data):
        self.mqtt.publish(f"/device/maker/{self.serial}/{kind}", data, qos=1).wait_for_publish(DEADLINE_S)

    def of(self, kind, type_id=None):
        """The objects of a type heard so far on a topic, in order."""
        with self.changed:
            return [o for m in self.messages if m.topic == kind
                    for o in m.objects if type_id in (None, o.get("commandType"))]

    def wait(self, condition, what="what was expected", deadline_s=DEADLINE_S):
        """Waits until condition() holds, which is looked at after each message."""
        with self.changed:
            assert self.changed.wait_for(condition, deadline_s), \
                f"never heard {what}; the last: {[m.objects for m in self.messages[-3:]]}"

    def wait_for(self, kind, type_id, number=1, **members):
        """The number-th object of a type with these members on a topic."""

        def found():
            return [o for o in self.of(kind, type_id) if all(o.get(k) == v for k, v in members.items())]

        self.wait(lambda: len(found()) >= number, f"{number} × {type_id} {members} on {kind}")
        return found()[number - 1]

    def query(self):
        """Asks for everything, and returns the objects of the answer by type."""
        number = len([m for m in self.messages if m.topic == "query/reply"])
        self.send("query", {"commandType": 1027, "value": 0})
        self.wait(lambda: len([m for m in self.messages if m.topic == "query/reply"]) > number, "an answer to 1027")
        answer = [m for m in self.messages if m.topic == "query/reply"][number]
        return {o["commandType"]: o for o in answer.objects}

    def command(self, type_id, **members):
        """Sends a command and returns its reply."""
        number = len(self.of("command/reply", type_id)) + 1
        self.send("command", {"commandType": type_id, **members})
        return self.wait_for("command/reply", type_id, number)

    def control(self, value, path=""):
        """1008 as the vendor's app sends it."""
        return self.command(1008, value=value, printMode=1, userName="Owner", filePath=path, userId="u1")

    def gcode(self, line):
        reply = self.command(1043, cmdData=line, cmdLen=len(line))
        assert reply["resLen"] == len(reply["resData"])
        return reply["resData"]
