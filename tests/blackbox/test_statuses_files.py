# SPDX-License-Identifier: MIT
"""Statuses of /api/v1 that are about files and the queue."""

import contextlib
import shutil

from statuses import GCODE, PRINTED, Other, announce, cases_of, happens, in_another, of_printer, plain, served, without_history

FORM = {"Content-Type": "multipart/form-data; boundary=statuses"}


@contextlib.contextmanager
def without(served, is_broken, loop=True):
    """Folders of its files are gone, and where they were is nothing, or a way in a circle."""
    with Other(served, "broken") as other:
        for name in ("a.gcode", "folder/b.gcode"):
            assert other.ask("PUT", f"/files/{name}", GCODE).status == 201
        for path in (other.folder / "gateway").iterdir():
            if path.is_dir() and is_broken(path.name):
                shutil.rmtree(path)
                if loop:
                    path.symlink_to(path)
        yield other


def without_area(served):
    return without(served, lambda name: name == "files")


def without_uploads(served):
    return without(served, lambda name: name != "files")


def with_nothing(served):
    return without(served, lambda name: name != "files", loop=False)


def full(served):
    return Other(served, "full", "--files-max", "1")


def a_file(served, name="a.gcode"):
    assert served.ask("PUT", f"/files/statuses/{name}", GCODE).status == 201
    return f"/files/statuses/{name}"


def of_file(method, body=None, **headers):
    return lambda served: served.ask(method, a_file(served), body, **headers)


def not_modified(served):
    path = a_file(served)
    return served.ask("GET", path, **{"If-None-Match": served.ask("GET", path).headers["ETag"]})


def onto_another(served):
    a_file(served, "b.gcode")
    return served.ask("POST", a_file(served), {"action": "copy", "to": "statuses/b.gcode"})


def copy_beyond_room(served):
    with full(served) as other:
        assert other.ask("PUT", "/files/a.gcode", GCODE + "G1 X1\n" * 100000).status == 201
        return other.ask("POST", "/files/a.gcode", {"action": "copy", "to": "b.gcode"})


def queue_form(text=GCODE, name="statuses-queue.gcode", **fields):
    parts = [f'--statuses\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n' for key, value in fields.items()]
    return "".join(parts) + f'--statuses\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n{text}\r\n--statuses--\r\n'


def send_to(path, *arguments, **fields):
    return lambda served: served.ask("POST", path, queue_form(*arguments, **fields), **FORM)


def of_entry(method, suffix="", body=None, cancelled=False):
    """An entry of the queue that waits, or was cancelled."""

    def case(served):
        identity = send_to("/printers/Idle/queue", hold="true")(served).json["id"]
        if cancelled:
            assert served.ask("DELETE", f"/queue/{identity}").status == 200
        return served.ask(method, f"/queue/{identity}{suffix}", body)

    return case


def without_queue(served, **more):
    return Other(served, "no-queue", **more, spoil=lambda folder: (folder / "queue.db").mkdir())


def of_printer_without_queue(path, body, **headers):
    def case(served):
        with without_queue(served, printers=True) as other:
            return other.ask("POST", path, body, **headers)

    return case


def reprint(served):
    job = next(job for job in served.ask("GET", "/jobs").json if job["file"] == PRINTED)
    return served.ask("POST", f"/jobs/{job['id']}/reprint", {})


def reprint_of_nothing(served):
    assert served.ask("DELETE", f"/files/{PRINTED}").status == 204
    try:
        return reprint(served)
    finally:
        assert served.ask("PUT", f"/files/{PRINTED}", GCODE + "; printed\n").status == 201


CASES = {
    "listFiles": {200: plain("GET", "/files"), 400: plain("GET", "/files?newest=0")},
    "getFile": {200: of_file("GET"), 206: of_file("GET", Range="bytes=0-3"), 304: not_modified, 404: plain("GET", "/files/none.gcode"),
                416: of_file("GET", Range="bytes=9999999-")},
    "putFile": {404: in_another(with_nothing, "PUT", "/files/c.gcode", GCODE), 201: plain("PUT", "/files/statuses/a.gcode", GCODE), 400: plain("PUT", "/files/.a.gcode", GCODE),
                409: of_file("PUT", GCODE, **{"If-None-Match": "*"}), 413: announce("PUT", "/files/a.gcode", 9 << 30), 415: plain("PUT", "/files/a.stl", "x"),
                500: in_another(without_uploads, "PUT", "/files/c.gcode", GCODE), 507: in_another(full, "PUT", "/files/a.gcode", GCODE + "G1 X1\n" * 300000)},
    "changeFile": {200: of_file("POST", {"action": "move", "to": "statuses/moved.gcode", "overwrite": True}),
                   201: of_file("POST", {"action": "copy", "to": "statuses/copied.gcode", "overwrite": True}), 400: of_file("POST", {}),
                   404: plain("POST", "/files/none.gcode", {"action": "copy", "to": "b.gcode"}), 409: onto_another,
                   500: in_another(without_uploads, "POST", "/files/a.gcode", {"action": "copy", "to": "c.gcode"}), 507: copy_beyond_room},
    "deleteFile": {204: of_file("DELETE"), 400: plain("DELETE", "/files/.a"), 404: plain("DELETE", "/files/none.gcode"),
                   409: lambda served: a_file(served) and served.ask("DELETE", "/files/statuses"),
                   500: in_another(without_area, "DELETE", "/files/a.gcode")},
    "getMetadata": {200: lambda served: served.ask("GET", a_file(served).replace("/files/", "/metadata/")), 404: plain("GET", "/metadata/none.gcode")},
    "getThumbnail": {200: lambda served: served.ask("GET", a_file(served).replace("/files/", "/thumbnails/0/")), 404: plain("GET", "/thumbnails/0/none.gcode")},
    "listQueue": {200: plain("GET", "/queue")},
    "addToQueue": {201: send_to("/queue"), 400: send_to("/queue", copies="0"), 404: plain("POST", "/queue", {"path": "none.gcode"}),
                   413: announce("POST", "/queue", 9 << 30, **FORM), 415: send_to("/queue", name="a.stl"),
                   500: in_another(without_uploads, "POST", "/queue", queue_form(), **FORM), 503: in_another(without_queue, "POST", "/queue", queue_form(), **FORM),
                   507: in_another(full, "POST", "/queue", queue_form(GCODE + "G1 X1\n" * 300000), **FORM)},
    "getQueueEntry": {200: of_entry("GET"), 404: plain("GET", "/queue/999999")},
    "changeQueueEntry": {200: of_entry("PATCH", body={"copies": 2}), 400: of_entry("PATCH", body={"copies": 0}), 404: plain("PATCH", "/queue/999999", {}),
                         409: of_entry("PATCH", body={"copies": 2}, cancelled=True)},
    "removeQueueEntry": {200: of_entry("DELETE"), 204: of_entry("DELETE", cancelled=True), 404: plain("DELETE", "/queue/999999")},
    "moveQueueEntry": {200: of_entry("POST", "/move", {"to": "front"}), 400: of_entry("POST", "/move", {}), 404: plain("POST", "/queue/999999/move", {}),
                       409: of_entry("POST", "/move", {"before": 999999})},
    "retryQueueEntry": {200: of_entry("POST", "/retry", {}, cancelled=True), 400: of_entry("POST", "/retry", {"force": 1}, cancelled=True), 404: plain("POST", "/queue/999999/retry", {}), 409: of_entry("POST", "/retry", {})},
    "getPrinterQueue": {200: plain("GET", "/printers/Idle/queue"), **of_printer("/queue")},
    "addToPrinterQueue": {201: send_to("/printers/Idle/queue", hold="true"), 400: send_to("/printers/Idle/queue", hold="perhaps"),
                          413: announce("POST", "/printers/Idle/queue", 9 << 30, **FORM), 415: send_to("/printers/Idle/queue", name="a.stl"),
                          503: of_printer_without_queue("/printers/Left/queue", queue_form(), **FORM), **of_printer("/queue", "POST", {})},
    "setPlate": {200: plain("POST", "/printers/Idle/plate", {"material": "PLA"}), 400: plain("POST", "/printers/Idle/plate", {"clear": 1}),
                 503: of_printer_without_queue("/printers/Left/plate", {"clear": True}), **of_printer("/plate", "POST", {})},
    "reprintJob": {201: reprint, 404: plain("POST", "/jobs/999999/reprint", {}), 409: reprint_of_nothing,
                   503: in_another(without_history, "POST", "/jobs/1/reprint", {})},
}


@cases_of(CASES)
def test_it_happens_and_is_as_described(served, name, status):
    happens(served, CASES, name, status)
