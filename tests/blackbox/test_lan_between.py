# SPDX-License-Identifier: MIT
"""Files and pictures between two network namespaces, over networks that lose, delay, repeat and reorder."""

import hashlib
import json
import os
import signal

import pytest

from lan import DUID, gcode
from lan_between import BAD, ELSEWHERE, FAR, PRINTER, Between, why_no_netem, why_not
from process import Process, until
from program import DONE, FLAGSHIP
from test_camera import decode, time_in

SERIAL = "BETWEEN1"
NO_NETWORK = why_not()
NO_NETEM = NO_NETWORK or why_no_netem()
LINES = 12000  # 240 KB, some four windows
FILM_BYTES = 30000

pytestmark = pytest.mark.skipif(NO_NETWORK is not None, reason=str(NO_NETWORK))
MEANS = [pytest.param(True, id="netem", marks=pytest.mark.skipif(NO_NETEM is not None, reason=str(NO_NETEM))),
         pytest.param(False, id="relay", marks=pytest.mark.skipif(NO_NETEM is None, reason="netem does it here"))]
NETWORKS = [pytest.param(BAD, id="bad"), pytest.param(FAR, id="far")]


@pytest.fixture
def between(tmp_path, key_file):
    """Two that are connected so, and a printer: between(BAD, with_netem)."""
    made = []

    def connect(conditions, with_netem=False, **more):
        made.append(Between(tmp_path, conditions, with_netem))
        made[-1].simulate(SERIAL, key_file, "--speed", "20", **more)
        return made[-1]

    yield connect
    for network in made:
        network.close()


@pytest.mark.parametrize("conditions", NETWORKS)
@pytest.mark.parametrize("with_netem", MEANS)
def test_a_file_arrives_whole_and_is_printed(between, tmp_path, conditions, with_netem):
    network = between(conditions, with_netem)
    path = tmp_path / "cube.gcode"
    path.write_bytes(gcode(LINES))
    result = network.flagship("print", path, "--address", network.address, "--duid", DUID, "--rate", "0", "--json", *network.options)
    line = json.loads(result.stdout)
    assert (result.returncode, line["outcome"]) == (DONE, "confirmed"), result.stdout + result.stderr
    # The printer compares it with what came.
    assert line["md5"] == hashlib.md5(path.read_bytes()).hexdigest()
    assert (line["size"], line["result"], line["duid"]) == (path.stat().st_size, 0, DUID)


@pytest.mark.parametrize("conditions", NETWORKS)
@pytest.mark.parametrize("with_netem", MEANS)
def test_the_camera_shows_whole_pictures_in_their_order(between, tmp_path, conditions, with_netem):
    network = between(conditions, with_netem)
    film = tmp_path / "film.mp4"
    recording = Process(*network.inside(network.client), FLAGSHIP, "camera", "record", film, "--address", network.address, *network.options)
    until(lambda: film.exists() and film.stat().st_size > FILM_BYTES)
    os.kill(recording.pid, signal.SIGINT)
    assert recording.await_end() == DONE, recording.log
    times = [time_in(luma, 1280, 720) for luma in decode(film, 1280, 720)]
    assert times and times == sorted(times)


def test_a_printer_is_found_by_a_broadcast(between):
    """lan search without an address; and doctor, which was told another one."""
    network = between({}, address="0.0.0.0")
    found = network.flagship("lan", "search", "--json", "--for", "2")
    assert json.loads(found.stdout) == [{"serial": None, "name": None, "duid": DUID, "address": PRINTER}], found.stderr
    report = json.loads(network.flagship("doctor", "--json", "--address", ELSEWHERE, "--duid", DUID, *network.options).stdout)
    search = next(link for link in report["links"] if link["name"] == "lan_search")
    assert search["ok"] is True and f"at {PRINTER} now, not at {ELSEWHERE}" in search["detail"], report
    assert report["lan_ok"] is True
