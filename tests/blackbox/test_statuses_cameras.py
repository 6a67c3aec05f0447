# SPDX-License-Identifier: MIT
"""Statuses of /api/v1 that are about cameras and time-lapses."""

import signal

from statuses import FILM, OLD, RECORDED, STUCK, UNSEEN, Other, cases_of, happens, in_another, of_printer, plain, served, upgrade


def of_film(method, suffix, identity=FILM, **headers):
    return plain(method, f"/timelapses/{identity}{suffix}", **headers)


def film_unchanged(suffix):
    def case(served):
        tag = of_film("GET", suffix)(served).headers["ETag"]
        return of_film("GET", suffix, **{"If-None-Match": tag})(served)

    return case


def without_lapse_settings(served, **more):
    return Other(served, "no-lapse-settings", **more, spoil=lambda folder: (folder / "timelapse.json").mkdir())


def of_printer_without_lapse_settings(served):
    with without_lapse_settings(served, printers=True) as other:
        return other.ask("PATCH", "/printers/Left/timelapse", {"mode": "off"})


def watched(served):
    """HEAD says what GET begins with; that one would not end."""
    return served.ask("HEAD", "/printers/Idle/camera/stream.mjpg")


def unheard(path, order):
    """An order to a printer that has heard one, and stands still since."""

    def case(served):
        assert served.ask("POST", path, order).status == 200
        served.blind.signal(signal.SIGSTOP)
        try:
            return served.ask("POST", path, order)
        finally:
            served.blind.signal(signal.SIGCONT)

    return case


CASES = {
    "getSnapshot": {200: plain("GET", "/printers/Idle/camera/snapshot.jpg"), 503: plain("GET", "/printers/Left/camera/snapshot.jpg"),
                    504: plain("GET", "/printers/Lost/camera/snapshot.jpg"), **of_printer("/camera/snapshot.jpg")},
    "getCamera": {200: plain("GET", "/printers/Idle/camera"), **of_printer("/camera")},
    "setCamera": {200: plain("PUT", "/printers/Idle/camera", {"url": None}), 400: plain("PUT", "/printers/Idle/camera", {"url": "rtsps://camera/1"}),
                  **of_printer("/camera", "PUT", {"url": None})},
    "watchCamera": {200: watched, 400: plain("GET", "/printers/Idle/camera/stream.mjpg?fps=0"),
                    503: plain("GET", "/printers/Left/camera/stream.mjpg"), 504: plain("GET", "/printers/Lost/camera/stream.mjpg"),
                    **of_printer("/camera/stream.mjpg")},
    "followCamera": {101: lambda served: upgrade(served, "/printers/Idle/camera/stream"), 426: plain("GET", "/printers/Idle/camera/stream"),
                     503: lambda served: upgrade(served, "/printers/Left/camera/stream"), 404: lambda served: upgrade(served, "/printers/none/camera/stream"),
                     409: lambda served: upgrade(served, "/printers/Twin/camera/stream")},
    "setCameraLight": {200: plain("POST", "/printers/Idle/camera/light", {"on": True}), 400: plain("POST", "/printers/Left/camera/light", {"on": 1}), 503: plain("POST", "/printers/Left/camera/light", {"on": True}),
                       504: unheard("/printers/Lost/camera/light", {"on": True}), **of_printer("/camera/light", "POST", {"on": True})},
    "setCameraQuality": {200: plain("POST", "/printers/Idle/camera/quality", {"quality": "hd"}), 400: plain("POST", "/printers/Left/camera/quality", {"quality": "4k"}),
                         503: plain("POST", "/printers/Left/camera/quality", {"quality": "sd"}), 504: unheard("/printers/Lost/camera/quality", {"quality": "sd"}),
                         **of_printer("/camera/quality", "POST", {"quality": "sd"})},
    "listTimelapses": {200: plain("GET", "/timelapses"), 400: plain("GET", "/timelapses?limit=0"), 404: plain("GET", "/timelapses?printer=" + 100 * "x"),
                       409: plain("GET", "/timelapses?printer=Twin")},
    "getTimelapse": {200: of_film("GET", ""), 404: plain("GET", "/timelapses/999")},
    "deleteTimelapse": {204: of_film("DELETE", "", OLD), 404: plain("DELETE", "/timelapses/999"), 409: of_film("DELETE", "", RECORDED), 500: of_film("DELETE", "", STUCK)},
    "getTimelapseFilm": {200: of_film("GET", "/film.mp4"), 206: of_film("GET", "/film.mp4", Range="bytes=0-3"), 304: film_unchanged("/film.mp4"),
                         404: plain("GET", "/timelapses/x/film.mp4"), 409: of_film("GET", "/film.mp4", RECORDED), 416: of_film("GET", "/film.mp4", Range="bytes=9999999-")},
    "getTimelapsePoster": {200: of_film("GET", "/poster.jpg"), 304: film_unchanged("/poster.jpg"), 404: plain("GET", "/timelapses/999/poster.jpg"),
                           503: of_film("GET", "/poster.jpg", UNSEEN)},
    "listPrinterTimelapses": {200: plain("GET", "/printers/Left/timelapses"), 400: plain("GET", "/printers/Left/timelapses?job=x"), **of_printer("/timelapses")},
    "getPrinterTimelapseSettings": {200: plain("GET", "/printers/Left/timelapse"), **of_printer("/timelapse")},
    "changePrinterTimelapseSettings": {200: plain("PATCH", "/printers/Left/timelapse", {"own": False}), 400: plain("PATCH", "/printers/Left/timelapse", {"mode": "x"}),
                                       500: of_printer_without_lapse_settings, **of_printer("/timelapse", "PATCH", {})},
    "getTimelapseSettings": {200: plain("GET", "/timelapse")},
    "changeTimelapseSettings": {200: plain("PATCH", "/timelapse", {"keep_days": 30}), 400: plain("PATCH", "/timelapse", {"interval_s": 0}),
                                500: in_another(without_lapse_settings, "PATCH", "/timelapse", {})},
}


@cases_of(CASES)
def test_it_happens_and_is_as_described(served, name, status):
    happens(served, CASES, name, status)
