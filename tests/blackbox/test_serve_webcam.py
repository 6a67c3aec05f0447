# SPDX-License-Identifier: MIT
"""Cameras where programs look for them that know Moonraker or OctoPrint: URLs that load as an image does, without a key."""

import base64
import http.client
import json
import urllib.parse

import pytest

from broker import free_row
from gateway import Gateway
from guarded import PASSWORD, keep_people
from moonraker_client import Client
from process import DEADLINE_S
from test_picture import size_of
from test_serve_camera import Cameras
from test_serve_mjpeg import Pictures

BASIC = {"Authorization": "Basic " + base64.b64encode(f"operator:{PASSWORD}".encode()).decode()}


class Guests(Cameras):
    """Left is an M5 with a camera, Right an M5C; each has a port, and keys are needed."""

    def __init__(self, folder, *arguments):
        self.base = free_row()
        self.keys = keep_people(folder / "gateway") if not (folder / "gateway").exists() else {}
        super().__init__(folder, *arguments, names=("Left", "Right"))

    def serve(self):
        stored = json.loads(self.home.store.read_text())
        stored["accounts"][0]["printers"][1].update(model="V8110")
        self.home.store.write_text(json.dumps(stored))
        self.gateway = Gateway(self.home, "--dir", self.home.folder / "gateway", "--moonraker-base-port", str(self.base))

    def viewer(self):
        return {"X-Api-Key": self.keys["viewer"]}

    def load(self, url, **headers):
        """As an image does."""
        parts = urllib.parse.urlsplit(url)
        connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=DEADLINE_S)
        connection.request("GET", f"{parts.path}?{parts.query}", headers=headers)
        response = connection.getresponse()
        body = response.read()
        connection.close()
        return response.status, body

    def ask(self, path, port=None, headers=None):
        status, body = self.load(f"http://127.0.0.1:{port or self.gateway.port}{path}", **(self.viewer() if headers is None else headers))
        assert status == 200, body
        return json.loads(body)

    def webcam(self, **more):
        (entry,) = self.ask("/server/webcams/list", self.base, **more)["result"]["webcams"]
        return entry


@pytest.fixture(scope="module")
def guests(tmp_path_factory, broker, authority, connection):
    farm = Guests(tmp_path_factory.mktemp("guests"), broker, authority, connection)
    farm.printers["Left"] = left = farm.start("Left")
    yield farm
    farm.gateway.stop()
    left.stop()


def moving(url):
    parts = urllib.parse.urlsplit(url)
    pictures = Pictures(http.client.HTTPConnection(parts.hostname, parts.port, timeout=DEADLINE_S), f"{parts.path}?{parts.query}")
    found = [size_of(pictures.next()) for _ in range(2)]
    pictures.close()
    return found


def test_a_page_of_moonraker_shows_the_camera(guests):
    entry = guests.webcam()
    assert (entry["service"], entry["enabled"], entry["aspect_ratio"]) == ("mjpegstreamer", True, "16:9")
    assert moving(entry["stream_url"]) == [(1280, 720)] * 2
    status, jpeg = guests.load(entry["snapshot_url"])
    assert status == 200 and size_of(jpeg) == (1280, 720)
    with Client(guests.base, header=guests.viewer()) as client:
        assert client.call("server.webcams.list") == {"webcams": [entry]}


def test_below_a_path_it_is_as_good(guests):
    (entry,) = guests.ask(f"/moonraker/{guests.serials['Left']}/server/webcams/list")["result"]["webcams"]
    assert guests.load(entry["snapshot_url"])[0] == 200
    settings = guests.ask(f"/octoprint/{guests.serials['Left']}/api/settings")["webcam"]
    assert guests.load(urllib.parse.urljoin(f"http://127.0.0.1:{guests.gateway.port}", settings["streamUrl"].replace("=stream", "=snapshot")))[0] == 200


def test_a_client_of_octoprint_shows_the_camera(guests):
    webcam = guests.ask("/api/settings", guests.base)["webcam"]
    assert webcam["webcamEnabled"] and webcam["streamUrl"].startswith("/webcam/?action=stream")
    stream = urllib.parse.urljoin(f"http://127.0.0.1:{guests.base}/", webcam["streamUrl"])
    assert moving(stream) == [(1280, 720)] * 2
    # As Home Assistant finds single pictures.
    for url in (webcam["snapshotUrl"], stream.replace("?action=stream", "?action=snapshot")):
        assert guests.load(url)[0] == 200


def test_keys_serve_in_place_of_a_pass(guests):
    url = f"http://127.0.0.1:{guests.base}/webcam/?action=snapshot"
    assert guests.load(url)[0] == 401
    assert guests.load(url, **guests.viewer())[0] == 200
    assert guests.load(f"{url}&apikey={guests.keys['viewer']}")[0] == 200
    assert guests.load(url, **{"X-Api-Key": guests.keys["viewer-of-one"]})[0] == 404


def test_a_printer_without_a_camera_names_none(guests):
    assert guests.ask("/server/webcams/list", guests.base + 1)["result"] == {"webcams": []}
    assert guests.ask("/api/settings", guests.base + 1)["webcam"]["webcamEnabled"] is False
    assert guests.load(f"http://127.0.0.1:{guests.base + 1}/webcam/?action=snapshot", **guests.viewer())[0] == 404


def test_clients_of_moonraker_are_told_of_another_camera(guests):
    """Of the printer that is theirs, and with the addresses that they would be given."""
    def put(printer, url):
        assert guests.gateway.status("PUT", f"/printers/{printer}/camera", {"url": url}, **{"X-Api-Key": guests.keys["admin"]})[0] == 200

    with Client(guests.base + 1, header={"X-Api-Key": guests.keys["admin"]}) as client:
        put("Left", "http://127.0.0.1:1/")
        put("Right", "http://127.0.0.1:1/")
        (told,) = client.until("notify_webcams_changed")
        assert told == client.call("server.webcams.list") and len(told["webcams"]) == 1
        put("Right", None)
        client.until("notify_webcams_changed", lambda now: now == {"webcams": []})
    put("Left", None)


@pytest.mark.parametrize("query", ["", "action=", "action=zoom"])
def test_nothing_else_is_there(guests, query):
    assert guests.load(f"http://127.0.0.1:{guests.base}/webcam/?{query}", **guests.viewer())[0] == 400


def pass_of(entry):
    return urllib.parse.parse_qs(urllib.parse.urlsplit(entry["snapshot_url"]).query)["pass"][0]


def test_a_pass_opens_nothing_but_the_picture(guests):
    right = pass_of(guests.webcam())
    port = f"http://127.0.0.1:{guests.base}"
    for path in (f"/api/settings?pass={right}", f"/server/info?pass={right}", "/webcam/?action=snapshot&pass=", f"/webcam/?action=snapshot&pass={'0' * 32}",
                 f"/webcam/?action=snapshot&token={right}"):
        assert guests.load(port + path)[0] == 401, path
    assert guests.load(f"{port.rpartition(':')[0]}:{guests.base + 1}/webcam/?action=snapshot&pass={right}")[0] == 401, "of another printer"
    assert guests.load(f"http://127.0.0.1:{guests.gateway.port}/api/v1/printers/Left/camera/snapshot.jpg?pass={right}")[0] == 401


def test_a_pass_is_the_same_after_a_restart_and_ends_with_its_key(guests):
    entry, by_password = guests.webcam(), guests.webcam(headers=BASIC)
    assert guests.gateway.stop() == 0
    guests.serve()
    assert guests.webcam() == entry and guests.webcam(headers=BASIC) == by_password
    assert pass_of(entry) != pass_of(by_password)
    admin = {"X-Api-Key": guests.keys["admin"]}
    (key,) = [key["id"] for key in guests.ask("/api/v1/keys", headers=admin) if key["name"] == "viewer"]
    assert guests.gateway.status("DELETE", f"/keys/{key}", **admin)[0] == 204
    assert guests.load(entry["snapshot_url"])[0] == 401
    assert guests.load(by_password["snapshot_url"])[0] == 200
