# SPDX-License-Identifier: MIT
"""The password exchange of the HTTPS API as a client does it, by the openssl program."""

import base64
import subprocess
import tempfile
from pathlib import Path

# What stands before the point in a public key of P-256 (DER).
KEY_PREFIX = bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d030107034200")
POINT_SIZE = 65


def openssl(*arguments, stdin=None):
    return subprocess.run(["openssl", *map(str, arguments)], input=stdin, capture_output=True, check=True).stdout


def encrypted(password, service_hex):
    """Ciphertext (base64) and own public point (hex)."""
    with tempfile.TemporaryDirectory() as folder:
        own, peer = Path(folder) / "own.pem", Path(folder) / "peer.der"
        openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", own)
        peer.write_bytes(KEY_PREFIX + bytes.fromhex(service_hex))
        key = openssl("pkeyutl", "-derive", "-inkey", own, "-peerkey", peer, "-peerform", "DER")
        public = openssl("ec", "-in", own, "-pubout", "-outform", "DER")
    cipher = openssl("enc", "-aes-256-cbc", "-K", key.hex(), "-iv", key[:16].hex(), stdin=password.encode())
    return base64.b64encode(cipher).decode(), public[-POINT_SIZE:].hex()


def login_body(email, password, service_hex):
    cipher, public = encrypted(password, service_hex)
    return {"email": email, "password": cipher, "client_secret_info": {"public_key": public}}
