# SPDX-License-Identifier: MIT
"""flagship print where the local network, or the printer in it, is not as it should be."""

import pytest

from lan import address, options, serial  # noqa: F401: fixtures
from program import CANNOT_CONNECT, DONE, NO_ANSWER, REFUSED
from test_print import file, printer, send, status_of  # noqa: F401: fixtures


def test_a_network_that_loses_datagrams(printer, options, address, file):
    printer("--fault", "lan-loss=0.1")
    code, line = send(options, address, file)
    assert (code, line["outcome"]) == (DONE, "confirmed"), line


def test_late_answers_are_waited_for(printer, options, address, file):
    printer("--fault", "lan-late=0.3")
    code, line = send(options, address, file)
    assert (code, line["outcome"], line["attempts"]) == (DONE, "confirmed", 1), line


def test_a_printer_that_dies_in_the_middle_prints_nothing(printer, options, address, file):
    printer("--fault", "lan-crash")
    code, line = send(options, address, file)
    assert (code, line["outcome"], line["result"], line["attempts"]) == (NO_ANSWER, "unanswered", None, 3), line
    assert "silent" in line["detail"]
    assert status_of(options)["job"]["state"] == "idle"


def test_a_printer_that_answers_no_upload(printer, options, address, file):
    printer("--fault", "lan-silent")
    code, line = send(options, address, file)
    assert (code, line["outcome"], line["attempts"]) == (NO_ANSWER, "unanswered", 1), line
    assert "only session" in line["detail"]


@pytest.mark.parametrize(("number", "words"), [
    (255, "busy"), (254, "MD5"), (253, "--rate"), (252, "without saying what"), (251, "storage"), (100, "nobody knows")])
def test_what_the_printer_answers_is_told_in_words(printer, options, address, file, number, words):
    printer("--fault", f"lan-result={number}")
    code, line = send(options, address, file)
    assert (code, line["outcome"], line["result"]) == (REFUSED, "refused", number), line
    assert words in line["detail"]
    assert line["attempts"] == (3 if number in (254, 253) else 1)


def test_a_printer_whose_only_session_is_taken(printer, options, address, file):
    printer("--fault", "lan-busy")
    code, line = send(options, address, file)
    assert (code, line["outcome"]) == (CANNOT_CONNECT, "failed"), line
    assert "another program" in line["detail"]


def test_a_printer_that_is_not_on_the_network(simulate, options, address, file):
    simulate(*options, "--speed", "20")
    code, line = send(options, address, file)
    assert (code, line["outcome"], line["duid"]) == (CANNOT_CONNECT, "failed", None), line
    assert "32108" in line["detail"]


def test_another_printer_at_the_address_is_not_taken(printer, options, address, file):
    printer()
    code, line = send(options, address, file, "--duid", "EUPRAKM-012346-ABCDE")
    assert (code, line["outcome"]) == (CANNOT_CONNECT, "failed"), line
