# SPDX-License-Identifier: MIT
"""Time-lapses of flagship serve: films of jobs of simulated printers, whose camera shows a clock."""

import json
import subprocess
import time

import pytest

import small_disk
from gateway import Gateway
from process import Process, until
from program import DONE, FLAGSHIP, environment
from small_disk import SmallDisk
from test_camera import decode, time_in
from test_picture import size_of
from test_serve_camera import Cameras, luma

PRINTING = ("--model", "m5", "--scenario", "print", "--speed", "60", "--at")


class Lapses(Cameras):
    def film(self, **values):
        status, settings = self.gateway.status("PATCH", "/timelapse", values)
        assert status == 200, settings

    def until_film(self, condition):
        return self.gateway.await_get("/timelapses", lambda films: films and condition(films[0]))[0]

    def pictures(self, film, tmp_path):
        """Luma of each picture of a film that ffprobe reads frame by frame."""
        status, headers, body = self.fetch(f"/timelapses/{film['id']}/film.mp4")
        assert (status, headers["Content-Type"]) == (200, "video/mp4")
        path = tmp_path / "film.mp4"
        path.write_bytes(body)
        assert frames_of(path) == [round(number * 1000 / 30) for number in range(film["frames"])]
        return decode(path, 1280, 720)


def frames_of(path):
    """When each picture is shown, in thousandths of a second."""
    result = subprocess.run(["ffprobe", "-v", "error", "-show_entries", "frame=pts_time,pict_type", "-of", "csv=p=0", path],
                            capture_output=True, text=True, check=True)
    assert result.stderr == ""
    rows = [line.split(",") for line in result.stdout.splitlines()]
    assert all(row[1] == "I" for row in rows)
    return [round(float(row[0]) * 1000) for row in rows]


@pytest.fixture(scope="module")
def filmed(tmp_path_factory, broker, authority, connection):
    """A job that was printed to its end, and its film."""
    farm = Lapses(tmp_path_factory.mktemp("lapses"), broker, authority, connection)
    assert farm.gateway.get("/timelapse") == {"mode": "off", "interval_s": 10, "light": False, "keep_days": 365, "keep_mib": 4096, "disk_full": False}
    farm.film(mode="interval", interval_s=1)
    farm.simulate(*PRINTING, "90")
    farm.done = farm.until_film(lambda film: film["done"])
    yield farm
    farm.gateway.stop()
    for printer in farm.printers.values():
        printer.stop()


@pytest.fixture
def farm(tmp_path, broker, authority, connection):
    farm = Lapses(tmp_path, broker, authority, connection)
    yield farm
    farm.gateway.stop()
    for printer in farm.printers.values():
        printer.stop()


def test_a_job_becomes_a_film(filmed, tmp_path):
    film = filmed.done
    assert (film["printer_name"], film["outcome"], film["missed"]) == ("Left", "finished", 0)
    assert (film["width"], film["height"], film["duration_s"]) == (1280, 720, int(film["frames"] * 1000 / 30) / 1000)
    assert filmed.gateway.get(f"/jobs/{film['job']}")["file"] == film["file"]
    times = [time_in(picture, 1280, 720) for picture in filmed.pictures(film, tmp_path)]
    assert len(times) >= 2 and times == sorted(set(times))


def test_it_is_listed_by_what_it_is_of(filmed):
    film = filmed.done
    assert filmed.gateway.get(f"/timelapses/{film['id']}") == film
    for path in ("/printers/Left/timelapses", "/timelapses?printer=Left", f"/timelapses?job={film['job']}"):
        assert filmed.gateway.get(path) == [film], path
    for path in ("/timelapses?printer=None", f"/timelapses?job={film['job'] + 1}", f"/timelapses?before={film['id']}"):
        assert filmed.gateway.get(path) == [], path


def test_its_poster_is_the_last_picture_and_kept(filmed, tmp_path):
    path = f"/timelapses/{filmed.done['id']}/poster.jpg"
    status, headers, body = filmed.fetch(path)
    assert (status, headers["Content-Type"], size_of(body)) == (200, "image/jpeg", (1280, 720))
    last = time_in(filmed.pictures(filmed.done, tmp_path)[-1], 1280, 720)
    assert time_in(luma(body, tmp_path), 1280, 720) == last
    until(lambda: "ETag" in filmed.fetch(path)[1])
    assert filmed.fetch(path)[2] == body


def test_pieces_of_it_are_served(filmed):
    path = f"/timelapses/{filmed.done['id']}/film.mp4"
    status, headers, whole = filmed.fetch(path)
    assert status == 200 and headers["Accept-Ranges"] == "bytes" and "Content-Disposition" not in headers
    status, piece, body = filmed.fetch(path, Range="bytes=100-199")
    assert (status, piece["Content-Range"], body) == (206, f"bytes 100-199/{len(whole)}", whole[100:200])
    assert filmed.fetch(path, Range=f"bytes={len(whole)}-")[0] == 416
    assert filmed.fetch(path, **{"Range": "bytes=0-9", "If-Range": headers["ETag"]})[0] == 206
    assert filmed.fetch(path, **{"Range": "bytes=0-9", "If-Range": '"other"'})[0] == 200
    name = filmed.fetch(path + "?download=1")[1]["Content-Disposition"]
    assert f"flagship_benchy_0.2mm_PLA_Anker_M5%20{filmed.done['begun_at'][:10]}.mp4" in name


def test_settings_of_a_printer_outlast_the_gateway(filmed):
    own = {"mode": "off", "interval_s": 20, "light": True, "own": True}
    assert filmed.gateway.status("PATCH", "/printers/Left/timelapse", {"mode": "off", "interval_s": 20, "light": True}) == (200, own)
    filmed.kill()
    filmed.serve()
    assert filmed.gateway.get("/timelapses") == [filmed.done]
    assert filmed.gateway.get("/timelapse")["mode"] == "interval"
    assert filmed.gateway.get("/printers/Left/timelapse") == own
    assert filmed.gateway.status("PATCH", "/printers/Left/timelapse", {"own": False})[1] == {"mode": "interval", "interval_s": 1, "light": False, "own": False}


def test_killed_in_the_middle_it_goes_on_in_the_same_film(farm, tmp_path):
    farm.film(mode="layer", interval_s=1)
    farm.simulate(*PRINTING, "20")  # the printer notices only after a while that its session is dead
    film = farm.until_film(lambda film: film["frames"] >= 2)
    assert (film["outcome"], film["done"], film["ended_at"]) == ("going_on", False, None)
    farm.kill()
    farm.serve()
    farm.until_film(lambda now: now["frames"] > film["frames"])
    assert farm.gateway.submit("Left", {"command": "stop"})[0] == 200
    done = farm.until_film(lambda now: now["done"])
    assert (done["id"], done["job"], done["outcome"]) == (film["id"], film["job"], "cancelled")
    times = [time_in(picture, 1280, 720) for picture in farm.pictures(done, tmp_path)]
    assert times == sorted(set(times)) and len(farm.gateway.get("/timelapses")) == 1


def test_the_light_is_on_for_pictures_and_the_session_free_between(farm, tmp_path):
    farm.film(mode="interval", interval_s=3600, light=True)
    farm.simulate(*PRINTING, "80")
    farm.until_film(lambda film: film["frames"] == 1)
    shot = tmp_path / "now.jpg"
    direct = ("camera", "snapshot", shot, "-p", "Left")
    until(lambda: farm.home.run(*direct).returncode == DONE)
    dark = luma(shot.read_bytes(), tmp_path)[0]
    assert farm.gateway.submit("Left", {"command": "stop"})[0] == 200
    film = farm.until_film(lambda film: film["done"])
    assert [picture[0] > dark for picture in farm.pictures(film, tmp_path)] == [True] * film["frames"]


MEGABYTE = 1 << 20


def put_film(folder, identity, days_ago, megabytes):
    ended = int(time.time() - days_ago * 86400) * 1000
    note = {"id": identity, "job": 1000 + identity, "printer": "GONE", "printer_name": "", "file": "", "outcome": "finished", "begun_ms": ended - 1000,
            "ended_ms": ended, "missed": 0, "width": 1280, "height": 720, "done": True}
    with open(folder / f"{identity}.mp4", "wb") as film:
        film.truncate(80 * 1024 + megabytes * MEGABYTE)
    (folder / f"{identity}.sizes").write_bytes(MEGABYTE.to_bytes(4, "big") * megabytes)
    (folder / f"{identity}.json").write_text(json.dumps(note))


def test_what_is_old_or_too_much_makes_room_and_one_is_deleted(filmed):
    """The last test of this film."""
    folder = filmed.home.folder / "gateway" / "timelapses"
    filmed.kill()
    for identity, days_ago, megabytes in ((78, 400, 1), (79, 3, 2), (80, 2, 2), (81, 1, 1)):
        put_film(folder, identity, days_ago, megabytes)
    filmed.serve()
    filmed.gateway.await_get("/timelapses", lambda films: [film["id"] for film in films] == [81, 80, 79, filmed.done["id"]])
    filmed.film(keep_mib=3)  # indexes count, too: two of 2 and 1 MiB are more
    filmed.gateway.await_get("/timelapses", lambda films: [film["id"] for film in films] == [81])
    assert filmed.gateway.status("DELETE", "/timelapses/81") == (204, None)
    assert filmed.gateway.get("/timelapses") == []
    until(lambda: not list(folder.iterdir()))


@pytest.fixture
def disk(tmp_path):
    reason = small_disk.why_not()
    if reason:
        pytest.skip(reason)
    small = SmallDisk(tmp_path / "disk")
    yield small
    small.close()


class OnDisk(Gateway):
    def __init__(self, home, disk):
        serve = (FLAGSHIP, "serve", "--port", "0", "--moonraker-base-port", "0", "--dir", disk.folder / "D")
        Process.__init__(self, *disk.inside(*serve), env=environment(HOME=home.folder, **small_disk.PATHS))
        ready = next(line for line in self.await_text("ready:") if "ready:" in line)
        self.port = int(ready.rpartition(":")[2].split("/")[0])


def test_a_full_disk_stops_films_and_nothing_else(farm, disk):
    farm.gateway.stop()
    farm.gateway = OnDisk(farm.home, disk)
    farm.film(mode="interval", interval_s=1)
    farm.gateway.await_text("printers: connected")  # so that it is seen to print
    farm.simulate(*PRINTING, "85")
    farm.gateway.await_text("the disk takes no more pictures")
    assert farm.gateway.get("/timelapse")["disk_full"] is True
    farm.gateway.await_get("/jobs", lambda jobs: jobs and jobs[0]["outcome"] == "finished")
    farm.gateway.await_get("/timelapses", lambda films: films == [])
    assert sum("takes no more pictures" in line for line in farm.gateway.lines) == 1
