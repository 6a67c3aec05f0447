# SPDX-License-Identifier: MIT
"""Who has some printers only: what the page begins with, and pictures of jobs, are of these alone."""

import json
import re

import pytest

from guarded import OTHER, SERIAL, Guarded
from past import remember
from test_files import gcode

FILE = "cube.gcode"


@pytest.fixture(scope="module")
def guarded(tmp_path_factory):
    """Each of two printers has printed a file, and waits to do so again."""
    with Guarded(tmp_path_factory.mktemp("limited"), printers=[SERIAL, OTHER]) as running:
        assert running.by_key("operator", "PUT", f"/files/{FILE}", gcode()).status == 201
        remember(running.folder, [{"printer": serial, "name": serial, "file": FILE, "path": FILE, "thumbnail": 0, "outcome": "finished", "hours_ago": 2} for serial in (SERIAL, OTHER)])
        for serial in (SERIAL, OTHER):
            assert running.by_key("operator", "POST", f"/printers/{serial}/queue", {"path": FILE}).status == 201
        assert running.by_key("operator", "POST", "/queue", {"path": FILE}).status == 201
        yield running


def start_of(guarded, key):
    """What the document begins with for a browser that logged in by this key."""
    login = guarded.send("POST", "/login", {"key": guarded.keys[key]})
    document = guarded.send("GET", "/", headers={"Cookie": f"flagship={login.cookie('flagship')}"}, root="")
    return json.loads(re.search(r'id="start">(.*?)</script>', document.text, re.S)[1])


def test_the_document_tells_what_is_next_of_printers_one_may_see(guarded):
    waits = {"name": FILE, "wants_plate": False}
    assert start_of(guarded, "viewer")["next"] == {SERIAL: waits, OTHER: waits}
    assert start_of(guarded, "viewer-of-one")["next"] == {SERIAL: waits}


def test_pictures_of_jobs_are_found_by_who_names_a_printer_that_is_his(guarded):
    (job,) = guarded.by_key("viewer-of-one", "GET", f"/jobs?printer={SERIAL}").json
    assert (job["path"], job["thumbnail"]) == (FILE, 0)
    picture = guarded.by_key("viewer-of-one", "GET", f"/thumbnails/{job['thumbnail']}/{job['path']}")
    assert (picture.status, picture.headers["Content-Type"]) == (200, "image/png")
    assert guarded.by_key("viewer-of-one", "GET", "/jobs").status == 403
    assert guarded.by_key("viewer-of-one", "GET", f"/jobs?printer={OTHER}").status == 404
