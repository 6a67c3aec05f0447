# SPDX-License-Identifier: MIT
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "blackbox"))

from http_server import Server, make_certificate  # noqa: E402


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Files to serve, and a certificate."""
    path = tmp_path_factory.mktemp("served")
    (path / "sub").mkdir()
    (path / "digits.txt").write_text("0123456789")
    (path / "empty.txt").write_text("")
    (path / "page.js").write_text("plain")
    (path / "page.js.gz").write_bytes(b"gzipped")
    (path / "page.js.br").write_bytes(b"brotli")
    (path / "sub/naïve name.gcode").write_text("G28")
    (path / "large").write_bytes(bytes(range(256)) * 20000)
    make_certificate(path, "server")
    return path


@pytest.fixture(scope="module")
def server(folder):
    with Server(f"dir={folder}", f"certificate={folder}/server.pem", f"key={folder}/server.key", f"unix={folder}/socket") as running:
        yield running


@pytest.fixture
def start():
    """Servers with limits of their own."""
    running = []

    def start_one(*arguments):
        running.append(Server(*arguments))
        return running[-1]

    yield start_one
    for one in running:
        one.stop()
