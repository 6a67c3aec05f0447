# SPDX-License-Identifier: MIT
"""Statuses of /api/v1/cloud: the cloud of the gateway's machine."""

import contextlib
import fcntl
import types

import pytest

from companions import Companions
from process import until
from program import BUILD
from statuses import PASSWORD, Other, cases_of, happens, plain
from test_statuses_companions import CRASH, HANG, hold, with_program


class Machine:
    """A gateway with a cloud, and two more: without one, and with programs that are not waited for long."""

    ask = Other.ask

    def __init__(self, folder, ends):
        self.companions = Companions(folder / "companions")
        self.run_real()
        place = types.SimpleNamespace(folder=folder, account=None)
        self.cloud = folder / "D"
        self.bare = ends.enter_context(Other(place, "bare"))
        assert self.bare.home.run("cloud", "init", "--dir", self.cloud).returncode == 0
        own = ends.enter_context(Other(place, "own", "--cloud", self.cloud, "--child-timeout", "60", **self.companions.environment))
        self.gateway, self.keys = own.gateway, own.keys
        self.hasty = ends.enter_context(Other(place, "hasty", "--cloud", self.cloud, "--child-timeout", "1", **self.companions.environment))
        self.described = self.ask("GET", "/openapi.json").json

    def run_real(self):
        self.companions.write("flagship", f'exec "{BUILD}/flagship" "$@"')


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    with contextlib.ExitStack() as ends:
        yield Machine(tmp_path_factory.mktemp("statuses-cloud"), ends)


def while_busy(method, path, body=None):
    """As many of its commands as may be at once hang."""

    def case(served):
        served.companions.drain()
        served.companions.write("flagship", HANG)
        connections = [hold(served, "GET", "/cloud/pairing") for _ in range(4)]
        try:
            return served.ask(method, path, body)
        finally:
            for connection in connections:
                connection.close()
            served.run_real()
            until(lambda: served.ask("GET", "/cloud/pairing").status == 200)

    return case


def hanging(method, path, body=None):
    def case(served):
        served.companions.write("flagship", HANG)
        try:
            return served.hasty.ask(method, path, body)
        finally:
            served.run_real()

    return case


def in_bare(method, path, body=None):
    return lambda served: served.bare.ask(method, path, body)


def of_command(method, path, body=None):
    """What each of its commands may come to: its program crashes, hangs, or has no room."""
    return {500: with_program(CRASH, method, path, body, name="flagship"), 503: while_busy(method, path, body), 504: hanging(method, path, body)}


def beside_an_init(served):
    with open(served.cloud / "init.lock", "w", encoding="ascii") as lock:
        fcntl.lockf(lock, fcntl.LOCK_EX)
        return served.ask("POST", "/cloud", {})


ACCOUNT = {"email": "new@example.org", "password": PASSWORD}
PRINTER = {"serial": "CLOUDPRINTER"}
CLOSE = {"action": "close"}
HOSTS = "/cloud/takeover/hosts"
OWNER, OWNED = "/cloud/accounts/owner@example.org", "/cloud/printers/OWNEDPRINTER"
SHARE = f"{OWNED}/accounts/owner@example.org"


def owned(method, path, body=None):
    """Once there is an account, and a printer that it reaches."""

    def case(served):
        served.ask("POST", "/cloud/accounts", {**ACCOUNT, "email": "owner@example.org"})
        assert served.ask("POST", "/cloud/printers", {"serial": "OWNEDPRINTER", "account": "owner@example.org"}).status == 204
        return served.ask(method, path, body)

    return case


def changing(method, path, body=None):
    """A change of what there is, of what there is not, and of what cannot be."""
    return {204: owned(method, path, body), 400: plain(method, path.replace("owner@example.org", "nobody") if "@" in path else "/cloud/printers/--csv", body),
            409: in_bare(method, path, body), **of_command(method, path, body)}


def revoke(served):
    served.companions.write("flagship", "exit 0")
    try:
        return served.ask("DELETE", "/cloud/tokens/0123456789ab")
    finally:
        served.run_real()


def with_copy(path, **headers):
    def case(served):
        assert served.ask("POST", "/cloud/backups", {}).status == 204
        reply = served.ask("GET", path, **headers)
        if "If-None-Match" in headers:
            reply = served.ask("GET", path, **{"If-None-Match": served.ask("GET", path).headers["ETag"]})
        return reply

    return case


COPY = "/cloud/backups/cloud.sqlite"

CASES = {
    "getCloud": {200: plain("GET", "/cloud"), **of_command("GET", "/cloud")},
    "makeCloud": {204: plain("POST", "/cloud", {}), 400: plain("POST", "/cloud", {"bind": "127.0.0.1"}), 409: beside_an_init, **of_command("POST", "/cloud", {})},
    "addCloudAccount": {204: plain("POST", "/cloud/accounts", ACCOUNT), 400: plain("POST", "/cloud/accounts", {"email": "nobody"}),
                        409: in_bare("POST", "/cloud/accounts", ACCOUNT), **of_command("POST", "/cloud/accounts", ACCOUNT)},
    # Nothing is there to be taken over, but by a program that says so.
    "listCloud": {200: plain("GET", "/cloud/list"), 409: in_bare("GET", "/cloud/list"), **of_command("GET", "/cloud/list")},
    "changeCloudAccount": changing("PATCH", OWNER, {"name": "Owner"}),
    "removeCloudAccount": changing("DELETE", OWNER),
    "changeCloudPrinter": changing("PATCH", OWNED, {"name": "Owned"}),
    "removeCloudPrinter": changing("DELETE", OWNED),
    "shareCloudPrinter": changing("PUT", SHARE),
    "unshareCloudPrinter": changing("DELETE", SHARE),
    "listCloudTokens": {200: plain("GET", "/cloud/tokens"), 409: in_bare("GET", "/cloud/tokens"), **of_command("GET", "/cloud/tokens")},
    "revokeCloudToken": {204: revoke, 400: plain("DELETE", "/cloud/tokens/--all"), 409: plain("DELETE", "/cloud/tokens/0123456789ab"),
                         **of_command("DELETE", "/cloud/tokens/0123456789ab")},
    "listCloudBackups": {200: with_copy("/cloud/backups")},
    "makeCloudBackup": {204: plain("POST", "/cloud/backups", {}), 400: plain("POST", "/cloud/backups", {"file": "/etc/passwd"}), 409: in_bare("POST", "/cloud/backups", {}),
                        **of_command("POST", "/cloud/backups", {})},
    "getCloudBackup": {200: with_copy(COPY), 206: with_copy(COPY, Range="bytes=0-15"), 304: with_copy(COPY, **{"If-None-Match": "x"}), 404: in_bare("GET", COPY),
                       416: with_copy(COPY, Range="bytes=999999999-")},
    "adoptIntoCloud": {204: with_program("exit 0", "POST", "/cloud/adopt", {}, name="flagship"), 400: plain("POST", "/cloud/adopt", []),
                       409: plain("POST", "/cloud/adopt", {}), **of_command("POST", "/cloud/adopt", {})},
    "addCloudPrinter": {204: plain("POST", "/cloud/printers", PRINTER), 400: plain("POST", "/cloud/printers", {**PRINTER, "key": "x"}),
                        409: plain("POST", "/cloud/printers", {**PRINTER, "account": "nobody@example.org"}), **of_command("POST", "/cloud/printers", PRINTER)},
    "listPairing": {200: plain("GET", "/cloud/pairing"), 409: in_bare("GET", "/cloud/pairing"), **of_command("GET", "/cloud/pairing")},
    "changePairing": {204: plain("POST", "/cloud/pairing", CLOSE), 400: plain("POST", "/cloud/pairing", {"action": "forget", "serial": "--all"}),
                      409: plain("POST", "/cloud/pairing", {"action": "approve", "serial": "NOBODY"}), **of_command("POST", "/cloud/pairing", CLOSE)},
    "getTakeoverCheck": {200: plain("GET", "/cloud/takeover")},
    "checkTakeover": {202: plain("POST", "/cloud/takeover", {"resolver": "127.0.0.1"}), 400: plain("POST", "/cloud/takeover", {"resolver": "here"}),
                      409: in_bare("POST", "/cloud/takeover", {})},
    "getTakeoverSnippet": {200: plain("GET", f"{HOSTS}?address=192.0.2.7"), 400: plain("GET", f"{HOSTS}?address=x"), 404: plain("GET", "/cloud/takeover/bind9"),
                           409: in_bare("GET", HOSTS), **of_command("GET", HOSTS)},
}


@cases_of(CASES)
def test_it_happens_and_is_as_described(served, name, status):
    happens(served, CASES, name, status)
