# SPDX-License-Identifier: MIT
"""What a stranger without the key makes of messages in the GCM shape (protocol.md 2): one nonce for all of them, so that two
with known text give him the key stream, and by a polynomial the hash key. Elements of GF(2^128) are integers whose lowest
bit is the first one of the block."""

import secrets
import struct

BITS = 128
FIELD = (1 << 128) | 0x87
TAG = 16


def to_element(block):
    return int(f"{int.from_bytes(block.ljust(TAG, bytes(1)), 'big'):0128b}"[::-1], 2)


def to_block(element):
    return int(f"{element:0128b}"[::-1], 2).to_bytes(TAG, "big")


def multiply(a, b):
    product = 0
    while b:
        if b & 1:
            product ^= a
        b >>= 1
        a <<= 1
        if a >> BITS:
            a ^= FIELD
    return product


def inverse(a):
    result, power = 1, a
    for _ in range(BITS - 1):
        power = multiply(power, power)
        result = multiply(result, power)
    return result


def ghash(h, ciphertext):
    blocks = [ciphertext[i:i + TAG] for i in range(0, len(ciphertext), TAG)]
    blocks.append(struct.pack(">QQ", 0, 8 * len(ciphertext)))
    total = 0
    for block in blocks:
        total = multiply(total ^ to_element(block), h)
    return to_block(total)


def exclusive(a, b):
    return bytes(x ^ y for x, y in zip(a, b))


# --- polynomials over the field: lists of coefficients, the lowest first ---

def trim(p):
    while p and p[-1] == 0:
        p.pop()
    return p


def remainder(p, modulus):
    p, lead = list(p), inverse(modulus[-1])
    while len(p) >= len(modulus):
        factor, shift = multiply(p[-1], lead), len(p) - len(modulus)
        for i, coefficient in enumerate(modulus):
            p[shift + i] ^= multiply(factor, coefficient)
        trim(p)
    return p


def square(p, modulus):
    out = [0] * (2 * len(p))
    for i, coefficient in enumerate(p):
        out[2 * i] = multiply(coefficient, coefficient)
    return remainder(trim(out), modulus)


def add(p, q):
    size = max(len(p), len(q))
    return trim([a ^ b for a, b in zip(p + [0] * (size - len(p)), q + [0] * (size - len(q)))])


def common(p, q):
    while q:
        p, q = q, remainder(p, q)
    return p


def divide(p, q):
    p, out, lead = list(p), [0] * (len(p) - len(q) + 1), inverse(q[-1])
    while len(p) >= len(q):
        factor, shift = multiply(p[-1], lead), len(p) - len(q)
        out[shift] = factor
        for i, coefficient in enumerate(q):
            p[shift + i] ^= multiply(factor, coefficient)
        trim(p)
    return out


def roots(p):
    """All of them in the field: those of the part that divides x^(2^128) - x, split by traces."""
    power = [0, 1]
    for _ in range(BITS):
        power = square(power, p)
    return split(common(p, add(power, [0, 1])))


def split(p):
    if len(p) <= 1:
        return []
    if len(p) == 2:
        return [multiply(p[0], inverse(p[1]))]
    while True:
        term = remainder([0, secrets.randbits(BITS)], p)
        trace = term
        for _ in range(BITS - 1):
            term = square(term, p)
            trace = add(trace, term)
        part = common(p, trace) if trace else p
        if 1 < len(part) < len(p):
            return split(part) + split(divide(p, part))


# --- the attack ---

def parts(payload):
    return payload[4 + TAG:], payload[4:4 + TAG]


def forgeries(heard, known, wanted):
    """Payloads that say what is wanted, one for each hash key that explains two payloads of the same length, whose text is
    known. One of them has the right tag."""
    (first, first_tag), (second, second_tag) = parts(heard[0]), parts(heard[1])
    assert len(first) == len(second) and first != second and len(wanted) <= len(first)
    difference = exclusive(first, second)
    blocks = [to_element(difference[i:i + TAG]) for i in range(0, len(first), TAG)]
    polynomial = [to_element(exclusive(first_tag, second_tag)), 0, *reversed(blocks)]
    stream = exclusive(first, known[0])
    ciphertext = exclusive(stream, wanted)
    for h in roots(trim(polynomial)):
        mask = exclusive(first_tag, ghash(h, first))
        yield struct.pack(">I", len(ciphertext)) + exclusive(mask, ghash(h, ciphertext)) + ciphertext
