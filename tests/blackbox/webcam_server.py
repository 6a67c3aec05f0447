# SPDX-License-Identifier: MIT
"""A camera that has a URL, as others make them."""

import http.server
import itertools
import threading

# As short as what begins as a JPEG may be; nobody decodes it. So many that none comes again while a slow reader skips some.
JPEGS = [b"\xff\xd8" + bytes([ord("a") + number // 26, ord("a") + number % 26]) * 100 + b"\xff\xd9" for number in range(26 * 26)]


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.server.asked.append((self.path, self.headers.get("Authorization")))
        handle = getattr(self, "get_" + self.path.partition("?")[0].strip("/"), None)
        if handle:
            handle()
        else:
            self.send_error(404)

    def send(self, content_type, body, status=200):
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def get_snapshot(self):
        self.send("image/jpeg", next(self.server.pictures))

    def get_page(self):
        self.send("text/html; charset=utf-8", b"<html>")

    def get_lie(self):
        self.send("image/jpeg", b"<html>")

    def get_elsewhere(self):
        self.send_response(302)
        self.send_header("Location", "/snapshot")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def get_locked(self):
        if self.headers.get("Authorization"):
            self.get_snapshot()
        else:
            self.send_response(401)
            self.send_header("WWW-Authenticate", 'Basic realm="camera"')
            self.send_header("Content-Length", "0")
            self.end_headers()

    def get_stream(self):
        self.send_response(200)
        self.send_header("Content-Type", "multipart/x-mixed-replace;boundary=boundarydonotcross")
        self.end_headers()
        try:
            while not self.server.ended.wait(0.02):
                jpeg = next(self.server.pictures)
                self.wfile.write(b"--boundarydonotcross\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n%s\r\n" % (len(jpeg), jpeg))
        except OSError:
            self.server.left.set()
        self.close_connection = True

    def log_message(self, *_):
        pass


class WebcamServer(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked = []
        self.pictures = itertools.cycle(JPEGS)
        self.ended, self.left = threading.Event(), threading.Event()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def url(self, path, who=""):
        return f"http://{who}127.0.0.1:{self.server_port}/{path}"

    def end(self):
        self.ended.set()
        self.shutdown()
        self.server_close()
