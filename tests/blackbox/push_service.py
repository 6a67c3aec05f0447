# SPDX-License-Identifier: MIT
"""A push service on this machine, and devices that subscribe to it: they decrypt what comes, as browsers do (RFC 8291)."""

import base64
import http.server
import json
import secrets
import ssl
import threading

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from broker import Authority
from process import until


def encode(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decode(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def derive(salt, secret, info, length):
    return HKDF(hashes.SHA256(), length, salt, info).derive(secret)


def point_of(key):
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.received.append((self.path, dict(self.headers.items()), body))
        if self.path in self.server.slow:
            self.server.ends.wait()
        answers = self.server.answers.get(self.path, [])
        status, headers, text = answers.pop(0) if answers else (201, {}, "")
        self.send_response(status)
        for name, value in {**headers, "Content-Length": len(text)}.items():
            self.send_header(name, str(value))
        self.end_headers()
        self.wfile.write(text.encode())

    do_GET = do_POST

    def log_message(self, *_):
        pass


class PushService:
    def __init__(self, certificate, key):
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.server.received, self.server.answers = [], {}
        self.server.slow, self.server.ends = set(), threading.Event()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True, do_handshake_on_connect=False)
        self.origin = f"https://localhost:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def will_answer(self, device, *answers):
        """(status, headers, text) each, and 201 afterwards."""
        self.server.answers[device.path] = list(answers)

    def will_be_slow(self, device):
        """It answers no more, to the end."""
        self.server.slow.add(device.path)

    def of(self, device):
        return [(headers, body) for path, headers, body in self.server.received if path == device.path]

    def end(self):
        self.server.ends.set()
        self.server.shutdown()
        self.server.server_close()


class Device:
    """A browser."""

    def __init__(self, service, origin=None):
        self.service = service
        self.path = "/send/" + secrets.token_urlsafe(24)
        self.endpoint = (origin or service.origin) + self.path
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.auth = secrets.token_bytes(16)
        self.point = point_of(self.key.public_key())
        digest = hashes.Hash(hashes.SHA256())
        digest.update(self.endpoint.encode())
        self.id = digest.finalize().hex()[:16]

    def subscription(self, *events, **more):
        return {"endpoint": self.endpoint, "keys": {"p256dh": encode(self.point), "auth": encode(self.auth)},
                "events": list(events) or ["finished"], "language": "en", **more}

    def open(self, body):
        salt, size, length = body[:16], int.from_bytes(body[16:20], "big"), body[20]
        sender = body[21:21 + length]
        assert size >= len(body) - 21 - length
        shared = self.key.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), sender))
        secret = derive(self.auth, shared, b"WebPush: info\0" + self.point + sender, 32)
        key, nonce = derive(salt, secret, b"Content-Encoding: aes128gcm\0", 16), derive(salt, secret, b"Content-Encoding: nonce\0", 12)
        text, end, padding = AESGCM(key).decrypt(nonce, body[21 + length:], None).rpartition(b"\2")
        assert end and not padding
        return json.loads(text)

    def notices(self):
        return [self.open(body) for _, body in self.service.of(self)]

    def await_notices(self, count):
        until(lambda: len(self.service.of(self)) >= count)
        return self.notices()


def check_vapid(header, public_key, audience):
    """What it claims, once its signature was verified."""
    token, key = (part.partition("=")[2] for part in header.removeprefix("vapid ").split(", "))
    assert key == public_key
    signed, _, signature = token.rpartition(".")
    numbers = decode(signature)
    der = utils.encode_dss_signature(int.from_bytes(numbers[:32], "big"), int.from_bytes(numbers[32:], "big"))
    ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), decode(key)).verify(der, signed.encode(), ec.ECDSA(hashes.SHA256()))
    head, claims = (json.loads(decode(part)) for part in signed.split("."))
    assert head == {"typ": "JWT", "alg": "ES256"} and claims["aud"] == audience
    return claims


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    authority = Authority(tmp_path_factory.mktemp("push-ca"), name="push CA")
    service = PushService(*authority.issue("push"))
    service.authority = authority
    yield service
    service.end()
