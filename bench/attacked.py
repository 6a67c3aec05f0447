#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""How soon an owner's login is answered by the API of `flagship cloud` while strangers hold all connections that they can."""

import json
import sys
import tempfile
import urllib.request
from pathlib import Path

sys.dont_write_bytecode = True
TESTS = Path(__file__).resolve().parent.parent / "tests"
sys.path[:0] = [str(TESTS / "cloud"), str(TESTS / "blackbox")]

from attack import Holders, Repeated, address, context_of, log_in  # noqa: E402
from exchange import login_body  # noqa: E402
from limits import report  # noqa: E402
from local_cloud import Cloud  # noqa: E402
from test_api_bounds import HELD, MANY, SEVERAL  # noqa: E402

EMAIL, PASSWORD = "owner@example.org", "secret"
MS_PER_S = 1000
STRANGERS = 8


def seconds_of(cloud, owner):
    status, _, answer, seconds = log_in(cloud, owner)
    assert (status, answer["code"]) == (200, 0), answer
    return seconds


def main():
    with tempfile.TemporaryDirectory() as folder, Cloud(folder) as cloud:
        cloud.add_account(EMAIL, PASSWORD)
        cloud.start()
        service = json.loads(urllib.request.urlopen(f"{cloud.api}/v1/flagship/service", context=context_of(cloud)).read())
        key = service["data"]["public_key"]
        owner, stranger = login_body(EMAIL, PASSWORD, key), login_body("nobody@example.org", "wrong", key)
        report("api_login_ms", MS_PER_S * min(seconds_of(cloud, owner) for _ in range(3)), "ms")
        worst = 0
        for first, drip, tls in HELD.values():
            with Holders(cloud, SEVERAL if drip else MANY, first, drip, tls):
                worst = max(worst, seconds_of(cloud, owner))
        report("api_login_held_ms", MS_PER_S * worst, "ms")
        with Repeated(lambda number: log_in(cloud, stranger, address(number % 400)), STRANGERS):
            report("api_login_flooded_ms", MS_PER_S * max(seconds_of(cloud, owner) for _ in range(3)), "ms")


if __name__ == "__main__":
    main()
