# SPDX-License-Identifier: MIT
"""Cameras that speak RTSP: a real server, and one that speaks it well or badly, as the path of the URL says."""

import base64
import importlib.util
import pathlib
import re
import socketserver
import struct
import sys
import threading

import pytest

from process import Process
from program import BUILD

HERE = pathlib.Path(__file__).parent
SAMPLE = HERE.parent / "unit/video/sample.h264"  # 10 pictures, of which two are key ones
NO_PROGRAM = None if (BUILD / "flagship-rtsp").exists() else "flagship-rtsp is not built: libavformat-dev is missing (scripts/bootstrap build)"
NO_SERVER = None if importlib.util.find_spec("gi") else "there is no real RTSP server here: python3-gi and gir1.2-gst-rtsp-server-1.0 are missing (scripts/bootstrap test)"
needs_program = pytest.mark.skipif(NO_PROGRAM is not None, reason=str(NO_PROGRAM))
needs_server = pytest.mark.skipif(NO_SERVER is not None, reason=str(NO_SERVER))
DELIMITER = 9
PARAMETERS = (7, 8)
PICTURE_TICKS = 3600  # 25 a second
PICTURE_S = 0.04


def nals_of(data):
    return [nal.rstrip(b"\0") for nal in re.split(rb"\x00\x00\x01", data)[1:]]


def pictures_of(data):
    """Of each its NAL units."""
    pictures = []
    for nal in nals_of(data):
        if nal[0] & 31 == DELIMITER:
            pictures.append([])
        pictures[-1].append(nal)
    return pictures


PICTURES = pictures_of(SAMPLE.read_bytes())
SETS = [nal for nal in PICTURES[0] if nal[0] & 31 in PARAMETERS]
B_PICTURE = [bytes([DELIMITER, 0xf0]), bytes([0x01, 0b10100000]) + bytes(8)]  # its slice begins with macroblock 0, and is of type 1


def describe(codec, *more):
    return "\r\n".join(["v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=camera", "t=0 0", f"m={codec}", *more, "a=control:track1", ""])


def describe_h264():
    sets = ",".join(base64.b64encode(one).decode() for one in SETS)
    return describe("video 0 RTP/AVP 96", "a=rtpmap:96 H264/90000", f"a=fmtp:96 packetization-mode=1;sprop-parameter-sets={sets}")


class Handler(socketserver.StreamRequestHandler):
    def handle(self):
        self.server.came.append(self)
        try:
            while self.answer():
                pass
        except OSError:
            pass
        self.server.left.release()

    def read_request(self):
        lines = []
        while True:
            line = self.rfile.readline()
            if line[:1] == b"$":  # a report of who watches
                self.rfile.read(struct.unpack(">H", line[2:4])[0] - len(line) + 4 if len(line) >= 4 else 0)
                continue
            if not line.strip():
                return lines
            lines.append(line.decode().strip())

    def answer(self):
        request = self.read_request()
        if not request:
            return False
        self.method, url, _ = request[0].split()
        self.path = url.split("/", 3)[3].split("/")[0]
        self.number = next(line for line in request if line.startswith("CSeq"))
        self.server.asked.append((self.method, self.path))
        own = getattr(self, f"{self.path}_{self.method.lower()}", None)
        return (own or getattr(self, f"on_{self.method.lower()}"))() is not False

    def say(self, status, *headers, body=""):
        head = [f"RTSP/1.0 {status} Said", self.number, *headers, *([f"Content-Length: {len(body)}"] if body else [])]
        self.wfile.write("\r\n".join([*head, "", body]).encode())

    def on_options(self):
        self.say(200, "Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN")

    def on_describe(self):
        self.say(200, "Content-Type: application/sdp", body=describe_h264())

    def on_setup(self):
        self.say(200, "Transport: RTP/AVP/TCP;unicast;interleaved=0-1", "Session: 1")

    def on_teardown(self):
        self.say(200)
        return False

    def on_play(self, pictures=None):
        self.say(200, "Session: 1")
        self.sequence = 0
        for number, picture in enumerate(pictures or PICTURES):
            self.send_picture(number, picture)

    def send_picture(self, number, nals):
        for nal in nals:
            last = nal is nals[-1]
            packet = struct.pack(">BBHII", 0x80, 96 | last << 7, self.sequence % 65536, number * PICTURE_TICKS, 7) + nal
            self.wfile.write(struct.pack(">BBH", ord("$"), 0, len(packet)) + packet)
            self.sequence += 1

    # --- cameras, by their path ---

    def camera_play(self):
        """Without an end. Parameter sets stand in the description alone."""
        self.say(200, "Session: 1")
        self.sequence = number = 0
        while not self.server.ended.wait(PICTURE_S):
            picture = PICTURES[number % len(PICTURES)]
            self.send_picture(number, [nal for nal in picture if nal[0] & 31 not in PARAMETERS])
            number += 1
        return False

    def flood_play(self):
        """As fast as they go."""
        self.say(200, "Session: 1")
        self.sequence = number = 0
        while not self.server.ended.is_set():
            self.send_picture(number, PICTURES[0])
            number += 1
        return False

    def drop_play(self):
        self.on_play()
        return False

    def flaky_play(self):
        """Once a film has ended it goes on."""
        return self.drop_play() if self.server.asked.count(("PLAY", "flaky")) == 1 else self.camera_play()

    def still_play(self):
        self.on_play()
        self.server.ended.wait()
        return False

    def backwards_play(self):
        self.on_play([PICTURES[0], B_PICTURE, B_PICTURE])

    def junk_play(self):
        self.say(200, "Session: 1")
        self.wfile.write(b"$\0\xff\xff" + bytes(65535) + b"$\1\0\0$\0\0\4junk" + bytes(range(256)) * 40)
        return False

    def hevc_describe(self):
        self.say(200, "Content-Type: application/sdp", body=describe("video 0 RTP/AVP 96", "a=rtpmap:96 H265/90000"))

    def jpeg_describe(self):
        self.say(200, "Content-Type: application/sdp", body=describe("video 0 RTP/AVP 26"))

    def unknown_describe(self):
        self.say(200, "Content-Type: application/sdp", body=describe("video 0 RTP/AVP 96", "a=rtpmap:96 NOBODY/90000"))

    def deaf_describe(self):
        self.say(200, "Content-Type: application/sdp", body=describe("audio 0 RTP/AVP 0"))

    def noise_options(self):
        self.wfile.write(bytes(range(1, 256)))
        return False

    def garbage_options(self):
        while not self.server.ended.wait(0.001):
            self.wfile.write(bytes(range(1, 256)))
        return False

    def huge_describe(self):
        self.say(200, "Content-Type: application/sdp", "Content-Length: 2147483000")
        self.wfile.write(b"v=0\r\n" * 1000)
        return False

    def long_describe(self):
        """Ten thousand films."""
        films = [f"m=video 0 RTP/AVP 96\r\na=rtpmap:96 H265/90000\r\na=control:{'t' * 200}{i}" for i in range(10000)]
        self.say(200, "Content-Type: application/sdp", body=describe("video 0 RTP/AVP 96", *films))

    def endless_describe(self):
        self.wfile.write(f"RTSP/1.0 200 OK\r\n{self.number}\r\n".encode())
        while not self.server.ended.wait(0.001):
            self.wfile.write(b"X-More: and more\r\n" * 100)
        return False

    def mute_describe(self):
        self.server.ended.wait()
        return False

    def none_describe(self):
        self.say(404)

    def locked_describe(self):
        self.say(401, 'WWW-Authenticate: Digest realm="camera", nonce="1"')

    def elsewhere_options(self):
        self.say(302, f"Location: {self.server.other}")

    def away_describe(self):
        self.elsewhere_options()


class RtspFake(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, other=""):
        super().__init__(("127.0.0.1", 0), Handler)
        self.other = other
        self.asked, self.came = [], []
        self.ended, self.left = threading.Event(), threading.Semaphore(0)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def url(self, path, who=""):
        return f"rtsp://{who}127.0.0.1:{self.server_address[1]}/{path}"

    def handle_error(self, *_):
        pass

    def end(self):
        self.ended.set()
        self.shutdown()
        self.server_close()


class RtspReal(Process):
    """GStreamer's, whose film is for anna alone, by digest; each picture of it begins with a delimiter."""

    def __init__(self, film=SAMPLE):
        super().__init__(sys.executable, HERE / "rtsp_real.py", film, "anna", "hunter2", output="stdout")
        self.port = int(self.await_lines(bool)[0])

    def url(self, who="anna:hunter2@"):
        return f"rtsp://{who}127.0.0.1:{self.port}/camera"
