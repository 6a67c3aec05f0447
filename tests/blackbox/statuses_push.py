# SPDX-License-Identifier: MIT
"""Statuses of /api/v1/push."""

import base64
import hashlib
import json

from companions import Companions
from statuses import JSON, Other, in_another, plain

# The point that P-256 begins with.
POINT = base64.urlsafe_b64encode(bytes.fromhex("046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
                                               "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5")).rstrip(b"=").decode()


def subscription(number=1):
    return {"endpoint": f"https://push.invalid/{number}", "keys": {"p256dh": POINT, "auth": 22 * "A"}, "events": ["finished"], "language": "en"}


def identity(number=1):
    return hashlib.sha256(f"https://push.invalid/{number}".encode()).hexdigest()[:16]


def add(served, body=None, **session):
    return served.ask("POST", "/push", subscription() if body is None else body, key=None, **(session or served.login()))


def tested(served):
    assert add(served).status == 201
    return served.ask("POST", "/push/test", {"id": identity()})


def tested_twice(served):
    """The first goes on as long as flagship-webpush does."""
    companions = Companions(served.folder / "push-companions")
    companions.write("flagship-webpush", "exec sleep 60")
    with Other(served, "push-twice", **companions.environment) as other:
        assert add(other).status == 201
        first = other.gateway.connection()
        first.request("POST", "/api/v1/push/test", json.dumps({"id": identity()}), {**JSON, "X-Api-Key": other.keys["admin"]})
        companions.await_pid()
        reply = other.ask("POST", "/push/test", {"id": identity()})
        first.close()
        return reply


def too_many(served):
    with Other(served, "push-many") as other:
        session = other.login()
        for number in range(17):
            reply = add(other, subscription(number), **session)
        return reply


def removed(served):
    assert add(served).status == 201
    return served.ask("DELETE", f"/push/{identity()}")


def not_removed(served):
    with Other(served, "push-stays") as other:
        assert add(other).status == 201
        (other.folder / "gateway" / "push.json.new").mkdir()
        return other.ask("DELETE", f"/push/{identity()}")


def without_file(served):
    return Other(served, "no-push", users=False, spoil=lambda folder: (folder / "push.json.new").mkdir())


CASES = {
    "listPushDevices": {200: plain("GET", "/push"), 403: plain("GET", "/push?all=true", key="viewer"), 500: in_another(without_file, "GET", "/push")},
    "addPushDevice": {201: add, 400: lambda served: add(served, {}), 403: plain("POST", "/push", {}), 409: too_many,
                      500: in_another(without_file, "POST", "/push", subscription())},
    "testPushDevice": {200: tested, 400: plain("POST", "/push/test", {}), 404: plain("POST", "/push/test", {"id": "x"}), 409: tested_twice},
    "removePushDevice": {204: removed, 404: plain("DELETE", "/push/x"), 500: not_removed},
}
