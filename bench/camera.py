#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What the camera of a printer costs `flagship serve`, and how late its film and its snapshots are. The clock in the simulated
printer's picture tells when each was taken. The same film, by RTSP, is that of a camera of somebody else."""

import http.client
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests" / "blackbox"))

from broker import Authority, Broker  # noqa: E402
from conftest import KEY  # noqa: E402
from limits import end, report  # noqa: E402
from rtsp_server import RtspReal  # noqa: E402
from serve import resident_mib, share_percent  # noqa: E402
from test_camera import BITS, BLOCK  # noqa: E402
from test_serve_print import Farm  # noqa: E402
from websocket_client import WebSocket  # noqa: E402

COST_S = 30  # for each figure of the processor
FILM_S = 10
SNAPSHOTS, PAUSE_S = 20, 0.3
LATE_MOST_MS, VIEWER_MOST_PERCENT, VIEWER_MOST_MIB, SNAPSHOT_MOST_MS = 300, 2, 4, 200
ROWS = 45  # of blocks in a picture
PATH = "/api/v1/printers/Left/camera/"
LEAVES_S = 15  # the gateway leaves a camera 10 s after the last viewer


class Viewer(threading.Thread):
    """Somebody who follows the film, and keeps it with the times at which it came."""

    def __init__(self, port):
        super().__init__(daemon=True)
        self.film, self.times = b"", []
        self.begun = threading.Event()
        self.ended = False
        self.socket = WebSocket(port, PATH + "stream")
        self.start()

    def run(self):
        is_head = False
        while not self.ended:
            kind, payload = self.socket.frame()
            if kind == "text":
                is_head = b'"head"' in payload
            elif kind == "binary":
                self.film += payload
                if not is_head:
                    self.times.append(1000 * time.time())
                    self.begun.set()
                is_head = False
            elif kind == "ping":
                self.socket.send_frame("pong", payload)

    def stop(self):
        self.ended = True
        self.join()
        self.socket.close()


def clocks(film):
    """What the clock of each picture of a film or a JPEG shows, in milliseconds since 1970: of the row of bits alone."""
    crop = f"crop={BITS * BLOCK}:{BLOCK}:{BLOCK}:{(ROWS - 2) * BLOCK}"
    decoded = subprocess.run(["ffmpeg", "-v", "fatal", "-i", "-", "-fps_mode", "passthrough", "-vf", crop, "-f", "rawvideo", "-pix_fmt", "gray", "-"],
                             input=film, stdout=subprocess.PIPE, check=True).stdout
    size = BITS * BLOCK * BLOCK
    middle = BLOCK // 2 * BITS * BLOCK + BLOCK // 2
    return [int("".join("1" if decoded[at + middle + bit * BLOCK] > 128 else "0" for bit in range(BITS)), 2)
            for at in range(0, len(decoded), size)]


def measure_cost(farm):
    pid = farm.gateway.pid
    time.sleep(LEAVES_S)
    share, memory = share_percent(pid, COST_S), resident_mib(pid)
    viewer = Viewer(farm.gateway.port)
    viewer.begun.wait()
    report("camera_viewer_cpu_percent", share_percent(pid, COST_S) - share, "%", most=VIEWER_MOST_PERCENT)
    report("camera_viewer_resident_mib", resident_mib(pid) - memory, "MiB", most=VIEWER_MOST_MIB)
    viewer.stop()


def measure_lateness(farm):
    viewer = Viewer(farm.gateway.port)
    viewer.begun.wait()
    time.sleep(FILM_S)
    viewer.stop()
    farm.film = viewer.film
    shown = clocks(viewer.film)
    assert len(shown) == len(viewer.times), "each fragment is one picture"
    late = [came - taken for came, taken in zip(viewer.times, shown)]
    report("camera_film_late_ms", statistics.median(late), "ms")
    report("camera_film_late_worst_ms", max(late), "ms", most=LATE_MOST_MS)
    report("camera_pictures_per_second", (len(late) - 1) / (viewer.times[-1] - viewer.times[0]) * 1000, "pictures/s")


def snapshot_ms(port):
    connection = http.client.HTTPConnection("127.0.0.1", port)
    begun = time.perf_counter()
    connection.request("GET", PATH + "snapshot.jpg")
    response = connection.getresponse()
    body = response.read()
    took = 1000 * (time.perf_counter() - begun)
    connection.close()
    assert response.status == 200 and body[:2] == b"\xff\xd8", response.status
    return took


def measure_snapshots(farm):
    time.sleep(LEAVES_S)
    report("camera_snapshot_first_ms", snapshot_ms(farm.gateway.port), "ms", most=SNAPSHOT_MOST_MS)
    took = []
    for _ in range(SNAPSHOTS):
        time.sleep(PAUSE_S)
        took.append(snapshot_ms(farm.gateway.port))
    report("camera_snapshot_ms", statistics.median(took), "ms", most=SNAPSHOT_MOST_MS)
    report("camera_snapshot_worst_ms", max(took), "ms", most=SNAPSHOT_MOST_MS)


def measure_rtsp(farm, folder):
    """A viewer of a camera that sends what was just seen, 25 pictures a second: the gateway, and its child."""
    path = folder / "film.h264"
    subprocess.run(["ffmpeg", "-v", "error", "-i", "-", "-c", "copy", "-bsf:v", "h264_mp4toannexb,h264_metadata=aud=insert", path], input=farm.film, check=True)
    camera = RtspReal(path)
    pid = farm.gateway.pid
    time.sleep(LEAVES_S)
    share = share_percent(pid, COST_S)
    assert farm.gateway.status("PUT", "/printers/Left/camera", {"url": camera.url()})[0] == 200
    viewer = Viewer(farm.gateway.port)
    viewer.begun.wait()
    (child,) = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    report("camera_rtsp_viewer_cpu_percent", share_percent(pid, COST_S) - share, "%")
    report("camera_rtsp_child_cpu_percent", share_percent(child, COST_S), "%")
    report("camera_rtsp_child_resident_mib", resident_mib(child), "MiB")
    viewer.stop()
    report("camera_rtsp_pictures_per_second", (len(viewer.times) - 1) / (viewer.times[-1] - viewer.times[0]) * 1000, "pictures/s")
    camera.stop()


def main():
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        authority = Authority(folder)
        key = folder / "key"
        key.write_text(KEY, encoding="ascii")
        key.chmod(0o600)
        home = folder / "home"
        home.mkdir()
        with Broker(folder, *authority.issue("broker")) as broker:
            def connection(serial):
                return "--broker", broker.url, "--ca", authority.certificate, "--key-file", key, "--serial", serial

            farm = Farm(home, broker, authority, connection)
            try:
                farm.simulate()
                measure_snapshots(farm)
                measure_lateness(farm)
                measure_cost(farm)
                measure_rtsp(farm, folder)
            finally:
                farm.gateway.stop()
                for printer in farm.printers.values():
                    printer.stop()


if __name__ == "__main__":
    main()
    end()
