# SPDX-License-Identifier: MIT
"""How the page is served: one document at each address, what it names by content, and how much of it there is."""

import gzip
import http.client
import json
import re
import struct
import subprocess

import pytest

import tools
from process import DEADLINE_S

pytestmark = pytest.mark.without_browser
BROTLI_MAX = 120 * 1024
GZIP_MAX = 135 * 1024
THIRD_PARTY_MAX = 40 * 1024
ADDRESSES = ["/", "/setup", "/login", "/p/PAGELEFT", "/p/PAGELEFT/files", "/p/%C3%96l%20%22%3C", "/files", "/timelapses", "/settings/users"]


class Served:
    def __init__(self, port, path, **headers):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=DEADLINE_S)
        connection.request("GET", path, headers=headers)
        response = connection.getresponse()
        self.status, self.headers, self.body = response.status, response.headers, response.read()
        connection.close()

    @property
    def start(self):
        return json.loads(re.search(r'id="start">(.*?)</script>', self.body.decode(), re.S)[1])


@pytest.fixture(scope="module")
def port(shop):
    return shop.gateway.port


def named(port):
    """What the document of "/" names, which a browser fetches before it shows anything."""
    text = Served(port, "/").body.decode()
    return re.findall(r'<(?:script type="module" src|link rel="stylesheet" href)="([^"]+)"', text)


@pytest.mark.parametrize("address", ADDRESSES)
def test_each_address_is_the_page(port, address):
    served = Served(port, address)
    assert (served.status, served.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert served.headers["Cache-Control"] == "no-cache" and served.headers["ETag"]
    assert {printer["serial"] for printer in served.start["snapshot"]["printers"]} == {"PAGELEFT", "PAGEMIDDLE", "PAGEOFF"}
    assert (served.start["session"]["by"], served.start["session"]["role"]) == ("open", "admin")


def test_no_other_address_is(port):
    for path in ("/nothing", "/p", "/index.html", "/assets/nothing.js", "/assets", "/app.js"):
        served = Served(port, path)
        assert served.status == 404 and json.loads(served.body)["detail"], path


def test_only_what_is_ours_may_run(port):
    policy = dict(part.strip().partition(" ")[::2] for part in Served(port, "/").headers["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == "'none'" and policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
    assert policy["worker-src"] == "'self'" and policy["trusted-types"] == "flagship-worker"  # the service worker, and no other script
    assert policy["require-trusted-types-for"] == "'script'" and policy["frame-ancestors"] == "'none'"
    assert not [word for word in " ".join(policy.values()).split() if "unsafe" in word or "*" in word or "http" in word]


def test_the_document_has_no_scripts_or_styles_in_it(port):
    text = Served(port, "/").body.decode()
    assert re.findall(r"<script(?![^>]*src=)([^>]*)>", text) == [' type="application/json" id="start"']
    assert "<style" not in text and " style=" not in text and not re.search(r"\son\w+=", text)


def test_what_is_named_lasts_for_ever(port):
    for path in named(port):
        served = Served(port, path, **{"Accept-Encoding": "identity"})
        assert served.status == 200 and "immutable" in served.headers["Cache-Control"] and re.search(r"-[0-9a-f]{12}\.(js|css)$", path)
        again = Served(port, path, **{"If-None-Match": served.headers["ETag"]})
        assert (again.status, again.body) == (304, b"")
        assert gzip.decompress(Served(port, path, **{"Accept-Encoding": "gzip"}).body) == served.body


def test_a_phone_that_takes_no_drawing_has_an_icon(port):
    """Apple's: without one the home screen shows a small picture of the page. It rounds the corners itself."""
    (path,) = re.findall(r'rel="apple-touch-icon" href="([^"]+)"', Served(port, "/").body.decode())
    served = Served(port, path)
    assert (served.status, served.headers["Content-Type"]) == (200, "image/png") and served.body[:8] == b"\x89PNG\r\n\x1a\n"
    assert struct.unpack(">II", served.body[16:24]) == (180, 180)
    assert path in Served(port, re.search(r'rel="manifest" href="([^"]+)"', Served(port, "/").body.decode())[1]).body.decode()


def test_the_first_view_waits_for_no_style_of_others(port):
    script, sheet = sorted((path for path in named(port)), key=lambda path: path.endswith(".css"))
    first = Served(port, sheet).body.decode()
    (later,) = set(re.findall(r'"(/assets/views-[0-9a-f]+\.css)"', Served(port, script).body.decode()))
    assert ".card-head{" in first and ".panel-head{" not in first and ".panel-head{" in Served(port, later).body.decode()


def packed(port, paths, coding):
    served = [Served(port, path, **{"Accept-Encoding": coding}) for path in paths]
    assert {one.headers["Content-Encoding"] for one in served[1:]} == {coding}
    return sum(len(one.body) for one in served)


def test_the_first_view_is_small(port):
    paths = ["/", *named(port)]
    assert len(paths) <= 3
    assert packed(port, paths, "gzip") <= GZIP_MAX
    assert packed(port, paths, "br") <= BROTLI_MAX


def test_little_of_it_is_of_others(port):
    code = Served(port, next(path for path in named(port) if path.endswith(".js"))).body.decode()
    vendored = "".join(match[0] for match in re.finditer(r'^__M\["vendor/.*?^return\{.*?$', code, re.S | re.M))
    assert "createElement" in vendored and len(gzip.compress(vendored.encode(), 9)) <= THIRD_PARTY_MAX


@pytest.mark.skipif(tools.why_no_node() is not None, reason="node is absent")
def test_it_is_one_script_that_parses(port, tmp_path):
    (tmp_path / "app.mjs").write_bytes(Served(port, next(path for path in named(port) if path.endswith(".js"))).body)
    assert subprocess.run(["node", "--check", tmp_path / "app.mjs"], check=False).returncode == 0
