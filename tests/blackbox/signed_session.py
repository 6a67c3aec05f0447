# SPDX-License-Identifier: MIT
"""The signed session of the HTTPS API, both sides of it, shared with no code of flagship: HMAC of Python, AES of the
openssl program, curve of p256.py. As a program it prints tests/vectors/signed_session.json."""

import base64
import hashlib
import hmac
import json
import secrets
import subprocess
import sys
import time

from p256 import KeyPair

FIXED = "c4a8f67abb862469c51d054339d999f5"
EXCHANGE = "/v3/pc/oauth/key_exchange"
IV_SIZE = 16


def aes(key_hex, iv, data, *options):
    return subprocess.run(["openssl", "enc", "-aes-128-cbc", "-K", key_hex, "-iv", iv.hex(), *options], input=data, capture_output=True,
                          check=True).stdout


def seal(key_hex, text, iv=None):
    iv = iv or secrets.token_bytes(IV_SIZE)
    return base64.b64encode(iv + aes(key_hex, iv, text.encode())).decode()


def unseal(key_hex, sealed):
    raw = base64.b64decode(sealed)
    return aes(key_hex, raw[:IV_SIZE], raw[IV_SIZE:], "-d").decode()


def sign(key_hex, timestamp, once, body):
    return hmac.new(key_hex.encode(), f"{timestamp}+{once}+{body}".encode(), hashlib.sha256).hexdigest()


def key_of(own, public):
    """What both derive: 32 hex digits."""
    return own.shared(public).hex()[:32]


class Client:
    """What a client sends, and reads. `headers` may be changed before they are used."""

    def __init__(self):
        self.own = KeyPair()
        self.ident = secrets.token_hex(16)
        self.key = None

    def headers(self, body, key=None, timestamp=None, once=None):
        timestamp, once = str(int(time.time()) if timestamp is None else timestamp), once or secrets.token_hex(16)
        return {"X-Key-Ident": self.ident, "X-Request-Ts": timestamp, "X-Request-Once": once, "X-Encryption-Info": "algo_ecdh",
                "X-Signature": sign(key or self.key, timestamp, once, body)}

    def exchange(self, **more):
        """Body and headers of the key exchange."""
        sealed = seal(FIXED, self.own.public)
        headers = {"App_name": "anker_make", "Model-Type": "WEB", **self.headers(sealed, FIXED, **more)}
        return {"client_public_key": sealed}, headers

    def take(self, data):
        self.key = key_of(self.own, unseal(FIXED, data["server_public_key"]))

    def request(self, message, **more):
        """Body and headers of a call."""
        body = seal(self.key, json.dumps(message))
        return body, {"X-Replay-Info": "replay", **self.headers(body, **more)}

    def read(self, data):
        return json.loads(unseal(self.key, data)) if isinstance(data, str) else data


class Service:
    """The other side: which sessions there are, and what came of a request."""

    def __init__(self):
        self.keys = {}
        self.seen = set()
        self.complaints = []

    def _check(self, key, headers, body):
        once = headers.get("X-Request-Once")
        wrong = [name for name in ("X-Key-Ident", "X-Request-Ts", "X-Request-Once", "X-Signature") if not headers.get(name)]
        if headers.get("X-Encryption-Info") != "algo_ecdh":
            wrong.append("X-Encryption-Info")
        if not wrong and headers["X-Signature"] != sign(key, headers["X-Request-Ts"], once, body):
            wrong.append("signature")
        if not wrong and abs(int(headers["X-Request-Ts"]) - time.time()) > 60:
            wrong.append("time")
        if once in self.seen:
            wrong.append("replayed")
        self.seen.add(once)
        self.complaints += wrong
        return not wrong

    def exchange(self, headers, body):
        """The data of the answer, or None."""
        sealed = json.loads(body)["client_public_key"]
        if not self._check(FIXED, headers, sealed) or headers.get("Model-Type") != "WEB" or headers.get("App_name") != "anker_make":
            return None
        own = KeyPair()
        self.keys[headers["X-Key-Ident"]] = key_of(own, unseal(FIXED, sealed))
        return {"server_public_key": seal(FIXED, own.public)}

    def open(self, headers, body):
        """Key and text of a request, or None."""
        key = self.keys.get(headers.get("X-Key-Ident"))
        if key is None or not self._check(key, headers, body):
            return None
        if headers.get("X-Replay-Info") != "replay" or headers.get("Model_type") != "PC":
            self.complaints.append("headers")
            return None
        return key, unseal(key, body) if body else ""


def vectors():
    client, service = KeyPair(), KeyPair()
    for pair, private in ((client, 0x1D2C3B4A5968778695A4B3C2D1E0F00F1E2D3C4B5A69788796A5B4C3D2E1F001),
                          (service, 0x0F1E2D3C4B5A69788796A5B4C3D2E1F00112233445566778899AABBCCDDEEFF1)):
        pair.__init__(private)
    key = key_of(client, service.public)
    assert key == key_of(service, client.public)
    iv = bytes(range(IV_SIZE))
    texts = ["", "{}", '{"email":"a@b.c","n":1}', '{"name":"Küche 厨房"}', "x" * 15, "x" * 16, "x" * 17]
    exchange = seal(FIXED, client.public, iv)
    return {
        "client_private": f"{client.private:064x}", "client_public": client.public,
        "service_private": f"{service.private:064x}", "service_public": service.public, "key": key, "iv": iv.hex(),
        "exchange": {"sealed": exchange, "timestamp": "1764340000", "once": "00112233445566778899aabbccddeeff",
                     "signature": sign(FIXED, "1764340000", "00112233445566778899aabbccddeeff", exchange)},
        "texts": [{"text": text, "sealed": seal(key, text, iv), "signature": sign(key, "1764340001", "ff" * 16, seal(key, text, iv))}
                  for text in texts],
        "timestamp": "1764340001", "once": "ff" * 16,
    }


if __name__ == "__main__":
    json.dump(vectors(), sys.stdout, indent=1, ensure_ascii=False)
    print()
