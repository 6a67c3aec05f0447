# SPDX-License-Identifier: MIT
"""The two shapes a payload can have: the envelope, and the GCM payload of some E1 accounts."""

import json

import pytest

from broker import Broker
from program import DONE, NO_ANSWER, run

GCM_PRINTER = ["--model", "e1", "--gcm", "--speed", "20"]


@pytest.fixture
def options(tmp_path, certificate, connection):
    """A broker of its own for each test: two printers of one serial number would talk at once."""
    with Broker(tmp_path, *certificate) as broker:
        yield connection(url=broker.url)


def status(*options):
    result = run("status", "--json", *options)
    assert result.returncode == DONE, result.stderr
    return json.loads(result.stdout)


def test_a_silent_e1_is_not_asked_in_the_gcm_shape(simulate, options):
    """Its nonce is fixed: two known queries would let others forge what the printer says. It is asked once it was heard."""
    simulate(*options, *GCM_PRINTER, "--scenario", "idle")
    assert run("status", "--json", "--model", "e1", "--timeout", "2", *options).returncode == NO_ANSWER


def test_learns_the_shape_from_what_comes(simulate, options):
    # Its job lasts for minutes, and status for its 10 s: no question of the other shape is answered.
    simulate(*options, "--model", "e1", "--gcm", "--speed", "2", "--scenario", "print")
    state = status(*options)
    assert state["model"] == "E1"
    assert state["job"]["state"] == "printing"


def test_an_e1_with_frames_answers_at_once(simulate, options):
    simulate(*options, "--model", "e1", "--scenario", "idle")
    result = run("status", "--json", "--model", "e1", *options)
    assert result.returncode == DONE
    assert json.loads(result.stdout)["model"] == "E1"
    assert result.stderr == ""
