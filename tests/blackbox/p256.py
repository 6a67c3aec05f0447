# SPDX-License-Identifier: MIT
"""Diffie-Hellman on the curve P-256, shared with no code of flagship."""

import secrets

P = 0xFFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF
N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
B = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B
G = (0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
     0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5)
SIZE = 32


def add(a, b):
    """Points of the curve; None is the point at infinity."""
    if a is None or b is None:
        return b if a is None else a
    if a[0] == b[0] and (a[1] + b[1]) % P == 0:
        return None
    if a == b:
        slope = (3 * a[0] * a[0] - 3) * pow(2 * a[1], -1, P)
    else:
        slope = (b[1] - a[1]) * pow(b[0] - a[0], -1, P)
    x = (slope * slope - a[0] - b[0]) % P
    return x, (slope * (a[0] - x) - a[1]) % P


def multiply(scalar, point):
    result = None
    while scalar:
        if scalar & 1:
            result = add(result, point)
        point, scalar = add(point, point), scalar >> 1
    return result


class KeyPair:
    def __init__(self, private=None):
        self.private = private or secrets.randbelow(N - 1) + 1
        x, y = multiply(self.private, G)
        self.public = "04" + x.to_bytes(SIZE, "big").hex() + y.to_bytes(SIZE, "big").hex()

    def shared(self, public):
        """The X coordinate of the shared point, for the other's public key in hex, uncompressed."""
        data = bytes.fromhex(public)
        assert len(data) == 1 + 2 * SIZE and data[0] == 4
        x, y = int.from_bytes(data[1:1 + SIZE], "big"), int.from_bytes(data[1 + SIZE:], "big")
        assert (y * y - (x * x * x - 3 * x + B)) % P == 0, "not on the curve"
        return multiply(self.private, (x, y))[0].to_bytes(SIZE, "big")
