# SPDX-License-Identifier: MIT
"""Each operation of flagship serve, with each status that its description promises: none is written down that does not happen."""

import re

import test_statuses_cameras
import test_statuses_cloud
import test_statuses_companions
import test_statuses_files
import test_statuses_people
import test_statuses_printers
from statuses import announce, served, shape_of
from test_serve_openapi import fits, operations

FILES = (test_statuses_cameras, test_statuses_cloud, test_statuses_companions, test_statuses_files, test_statuses_people, test_statuses_printers)
EVERYWHERE = (401, 403, 413, 415)  # what is tried of each operation alike


def promised(described):
    return {(operation["operationId"], int(status)) for operation in operations(described).values() for status in operation["responses"]}


def test_each_status_that_is_written_down_has_a_case(served):
    driven = {(name, status) for part in FILES for name, cases in part.CASES.items() for status in cases}
    alike = {(name, status) for name, status in promised(served.described) if status in EVERYWHERE}
    assert promised(served.described) - driven - alike == set()
    assert driven - promised(served.described) == set(), "what happens is not written down"


def concrete(path):
    return re.sub(r"\{[^}]*\}", "1", path.replace("{printer}", "Left"))


def test_nobody_is_let_in_without_a_key(served):
    for (method, path), operation in operations(served.described).items():
        if operation["x-role"] != "anybody":
            assert "401" in operation["responses"], path
            reply = served.ask(method, concrete(path), {} if method != "GET" else None, key=None)
            assert reply.status == 401 and fits(served.described, shape_of(served.described, operation["operationId"], 401)[1], reply.json) == [], path


def test_who_asks_by_another_name_is_refused(served):
    for (method, path), operation in operations(served.described).items():
        assert "403" in operation["responses"], path
        reply = served.ask(method, concrete(path), {} if method != "GET" else None, Host="evil.example")
        assert reply.status == 403 and reply.json["status"] == 403, path


def test_bodies_are_bounded_and_of_one_type(served):
    for (method, path), operation in operations(served.described).items():
        body = operation.get("requestBody", {}).get("content", {})
        if "application/json" in body:
            reply = announce(method, concrete(path), 1 << 30)(served)
            assert reply.status == 413 and "413" in operation["responses"], path
        if "application/json" in body and method == "POST":
            reply = served.ask(method, concrete(path), "{}", **{"Content-Type": "text/plain"})
            assert reply.status == 415 and "415" in operation["responses"], path
