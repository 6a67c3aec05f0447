# SPDX-License-Identifier: MIT
"""A printer that goes on telling its temperatures, but whose word that its job is over was lost, is asked what it does."""

from accounts_home import Home
from conftest import KEY
from fake_printer import FakePrinter
from gateway import Gateway
from process import until
from test_serve import keep_printers
from test_status import IDLE, NOZZLE, PRINTING

SERIAL = "SILENTJOB"


def test_a_job_whose_end_was_lost_ends(tmp_path, broker, authority):
    home = Home(tmp_path)
    keep_printers(home, broker, authority, {"Left": SERIAL})
    told = [PRINTING]

    def answer(printer, message):
        if message["commandType"] == 1027:
            printer.publish(told[0], "query/reply")

    printer = FakePrinter(SERIAL, broker.port, authority.certificate, KEY, answer)
    try:
        with Gateway(home) as gateway:
            gateway.await_get("/printers/Left", lambda shown: shown["online"] and shown["job"]["state"] == "printing")
            told[0] = IDLE

            def is_over():
                """It is never silent."""
                printer.publish(NOZZLE)
                return gateway.get("/printers/Left")["job"]["state"] == "idle"

            until(is_over)
            assert printer.received[-1]["commandType"] == 1027
    finally:
        printer.stop()
