# SPDX-License-Identifier: MIT
"""Statuses of /api/v1 that are about printers, their commands and what is known of them."""

from gateway import UnixConnection
from statuses import SERIALS, cases_of, happens, in_another, of_printer, plain, served, upgrade, without_history


def submit(name, **command):
    return plain("POST", f"/printers/{name}/commands", command)


def command_of(served, name="Silent", **command):
    return served.ask("POST", f"/printers/{name}/commands", {"command": "bed", "target_c": 50, **command}, Prefer="respond-async").json["id"]


def finished_command(served):
    return served.ask("POST", "/printers/Left/commands", {"command": "bed", "target_c": 61}).json["id"]


def job_of(served):
    """The print of Left, which was seen before."""
    return served.ask("GET", f"/jobs/{served.ask('GET', '/jobs').json[0]['id']}")


def too_many_readers(served, path="/events"):
    """More than there may be, by the socket that bounds nobody."""
    held = []
    try:
        while True:
            connection = UnixConnection(served.folder / "socket")
            held.append(connection)
            connection.request("GET", f"/api/v1{path}")
            response = connection.getresponse()
            if response.status != 200:
                return served.ask("GET", path)
            assert len(held) <= 300
    finally:
        for connection in held:
            connection.close()


def temperatures_without_history(served):
    with without_history(served, printers=True) as other:
        return other.ask("GET", "/printers/Left/temperatures")


CASES = {
    "listPrinters": {200: plain("GET", "/printers")},
    "getPrinter": {200: plain("GET", "/printers/Left"), **of_printer("")},
    "submitCommand": {200: submit("Left", command="bed", target_c=62), 202: plain("POST", "/printers/Silent/commands", {"command": "bed", "target_c": 50, "timeout_s": 1}, Prefer="respond-async"),
                      400: submit("Left", command="fly"), 503: submit("Lost", command="pause"),
                      504: submit("Silent", command="bed", target_c=50, timeout_s=1), **of_printer("/commands", "POST", {"command": "pause"})},
    "listCommands": {200: plain("GET", "/printers/Left/commands"), **of_printer("/commands")},
    "getCommand": {200: lambda served: served.ask("GET", f"/commands/{finished_command(served)}"), 404: plain("GET", "/commands/999999999")},
    "cancelCommand": {200: lambda served: served.ask("DELETE", f"/commands/{command_of(served)}"), 404: plain("DELETE", "/commands/999999999"),
                      409: lambda served: served.ask("DELETE", f"/commands/{finished_command(served)}")},
    "getTemperatures": {200: plain("GET", "/printers/Left/temperatures"), 400: plain("GET", "/printers/Left/temperatures?step=x"),
                        503: temperatures_without_history, **of_printer("/temperatures")},
    "listJobs": {200: plain("GET", "/jobs"), 400: plain("GET", "/jobs?limit=0"), 404: plain("GET", "/jobs?printer=STATUSIDLE", key="viewer-of-one"),
                 409: plain("GET", "/jobs?printer=Twin"), 503: in_another(without_history, "GET", "/jobs")},
    "getJob": {200: job_of, 404: plain("GET", "/jobs/999999"), 503: in_another(without_history, "GET", "/jobs/1")},
    "listHistory": {200: plain("GET", "/history"), 400: plain("GET", "/history?since=soon"), 404: plain("GET", "/history?printer=STATUSIDLE", key="viewer-of-one"),
                    409: plain("GET", "/history?printer=Twin"), 503: in_another(without_history, "GET", "/history")},
    "listPrinterFiles": {200: plain("GET", "/printers/Idle/files"), 400: plain("GET", "/printers/Idle/files?storage=moon"),
                         503: plain("GET", "/printers/Lost/files"), 504: plain("GET", "/printers/Silent/files"), **of_printer("/files")},
    "judgeCommand": {200: plain("POST", "/printers/Left/guard", {"command": "home"}), 400: plain("POST", "/printers/Left/guard", {"command": "fly"}),
                     **of_printer("/guard", "POST", {"command": "pause"})},
    "getBedMap": {200: plain("GET", "/printers/Idle/bed-map"), 503: plain("GET", "/printers/Lost/bed-map"), 504: plain("GET", "/printers/Silent/bed-map"),
                  **of_printer("/bed-map")},
    "followMessages": {200: plain("GET", "/printers/Left/messages"), 101: lambda served: upgrade(served, "/printers/Left/messages"),
                       503: lambda served: too_many_readers(served, f"/printers/{SERIALS['Left']}/messages"), **of_printer("/messages")},
    "followEvents": {200: plain("GET", "/events"), 101: upgrade, 503: too_many_readers},
}


@cases_of(CASES)
def test_it_happens_and_is_as_described(served, name, status):
    happens(served, CASES, name, status)
