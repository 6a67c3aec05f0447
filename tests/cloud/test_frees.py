# SPDX-License-Identifier: MIT
"""A cloud that ends has freed all that it took, also where its broker does not start."""

import re
import shutil
import socket
import subprocess

import pytest

from broker import free_port
from process import Process
from program import FAILED, FLAGSHIP, environment, run

CLOUD = FLAGSHIP.parent / "flagship-cloud"
VALGRIND = shutil.which("valgrind")
COMMAND = [VALGRIND, "--leak-check=full", "--show-leak-kinds=definite,indirect", "--errors-for-leak-kinds=definite,indirect", CLOUD]

pytestmark = pytest.mark.skipif(not VALGRIND, reason="no valgrind")


@pytest.fixture
def folder(tmp_path):
    ports = free_port(), free_port()
    made = run("cloud", "init", "--dir", tmp_path / "D", "--host", "localhost", "--mqtt-port", ports[0], "--api-port", ports[1])
    assert made.returncode == 0, made.stderr
    return tmp_path / "D", ports[0]


def assert_freed(text):
    assert re.search(r"ERROR SUMMARY: 0 errors", text), text
    assert "All heap blocks were freed" in text or re.search(r"definitely lost: 0 bytes", text), text


def test_where_the_broker_does_not_start(folder):
    directory, port = folder
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port))
        taken.listen()
        result = subprocess.run([str(word) for word in (*COMMAND, "run", "--dir", directory)], capture_output=True, text=True,
                                check=False, timeout=120, env=environment())
    assert result.returncode == FAILED and f"is its port {port} taken?" in result.stderr, result.stderr
    assert_freed(result.stderr)


def test_where_it_ran(folder):
    process = Process(*COMMAND, "run", "--dir", folder[0], env=environment())
    process.await_lines(lambda lines: any("ready:" in line for line in lines), 120)
    assert process.stop() == 0
    assert_freed("\n".join(process.lines))
