# SPDX-License-Identifier: MIT
"""What did not change is not sent again: of flagship serve's own interface each GET, but those that are made anew each time."""

import pytest

import test_statuses_cloud
from process import until
from statuses import served
from test_serve_openapi import operations
from test_serve_statuses import FILES
from test_statuses_cloud import served as cloud_served

# Streams, pictures as they are now, what is looked at when it is asked for, and secrets that no browser may keep.
FRESH = {"followEvents", "followMessages", "followCamera", "watchCamera", "getSnapshot", "runDoctor", "runPrinterDoctor", "getBackup"}
CLOUD = {name: cases[200] for name, cases in test_statuses_cloud.CASES.items() if name.startswith(("get", "list"))}
OTHERS = {name: cases[200] for part in FILES if part is not test_statuses_cloud
          for name, cases in part.CASES.items() if name.startswith(("get", "list", "describe")) and name not in FRESH}


class Recorder:
    """Keeps what was asked last, to ask it once more."""

    def __init__(self, served):
        self.served = served
        self.last = None

    def __getattr__(self, name):
        return getattr(self.served, name)

    def ask(self, method, path, body=None, **more):
        self.last = (method, path, body, more)
        return self.served.ask(method, path, body, **more)

    def again(self, tag):
        method, path, body, more = self.last
        return self.served.ask(method, path, body, **{**more, "If-None-Match": tag})


def is_not_sent_again(served, case):
    """Once: a printer that prints may change between two answers."""
    asked = Recorder(served)
    first = case(asked)
    assert first.status == 200 and first.body and first.headers["ETag"], asked.last
    second = asked.again(first.headers["ETag"])
    return second.status == 304 and second.headers["ETag"] == first.headers["ETag"] and second.body == b""


def test_each_is_tried_that_promises_a_tag(served):
    gets = {operation["operationId"]: operation["responses"].get("200", {}) for (method, _), operation in operations(served.described).items() if method == "GET"}
    assert {name for name, answer in gets.items() if "ETag" not in answer.get("headers", {})} == FRESH
    assert set(gets) - FRESH == set(OTHERS) | set(CLOUD)


@pytest.mark.parametrize("name", OTHERS)
def test_what_did_not_change(served, name):
    until(lambda: is_not_sent_again(served, OTHERS[name]))


@pytest.mark.parametrize("name", CLOUD)
def test_what_did_not_change_of_the_cloud(cloud_served, name):
    until(lambda: is_not_sent_again(cloud_served, CLOUD[name]))
