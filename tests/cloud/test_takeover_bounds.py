# SPDX-License-Identifier: MIT
"""flagship cloud takeover --check against servers that say a little, and never all of it."""

import json
import subprocess

import pytest

from local_cloud import Cloud
from network import HOME_SERVER, NAME_SERVER, Network, why_not
from program import FAILED, FLAGSHIP, environment

REASON = why_not()
ENOUGH_S = 60
HOSTS = 4  # two brokers, two services

# A record of the handshake that is announced, and comes byte by byte.
TLS_SERVER = """
import socket, sys, threading, time
def serve(connection):
    try:
        connection.recv(4096)
        connection.sendall(bytes.fromhex("1603034000"))
        while True:
            connection.sendall(b"\\0")
            time.sleep(0.2)
    except OSError:
        pass
listeners = [socket.create_server((sys.argv[1], port)) for port in (8789, 443)]
def accept(listener):
    while True:
        threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
for listener in listeners:
    threading.Thread(target=accept, args=(listener,), daemon=True).start()
print("listening", flush=True)
threading.Event().wait()
"""

# By UDP the answer is cut short, and by TCP it never ends.
NAME_SERVER_PROGRAM = """
import socket, sys, threading, time
datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
datagrams.bind((sys.argv[1], 53))
streams = socket.create_server((sys.argv[1], 53))
def serve(connection):
    try:
        connection.recv(512)
        connection.sendall(b"\\x20\\x00")
        while True:
            connection.sendall(b"\\0")
            time.sleep(0.2)
    except OSError:
        pass
def accept():
    while True:
        threading.Thread(target=serve, args=(streams.accept()[0],), daemon=True).start()
threading.Thread(target=accept, daemon=True).start()
print("listening", flush=True)
while True:
    question, source = datagrams.recvfrom(512)
    datagrams.sendto(question[:2] + b"\\x83\\x80" + question[4:], source)
"""


@pytest.fixture
def network(tmp_path):
    made = Network(tmp_path)
    yield made
    made.close()


@pytest.fixture
def cloud(tmp_path):
    made = Cloud(tmp_path, "--bind", HOME_SERVER)
    made.command("init", "--mqtt-port", 8789, "--api-port", 443)
    return made


def check(network, cloud):
    command = [FLAGSHIP, "cloud", "takeover", "--check", "--json", "--dir", cloud.dir, "--resolver", NAME_SERVER]
    result = subprocess.run(network.inside(command), capture_output=True, text=True, check=False, timeout=ENOUGH_S, env=environment())
    return result.returncode, json.loads(result.stdout)


@pytest.mark.skipif(REASON is not None, reason=str(REASON))
def test_a_handshake_byte_by_byte_ends(network, cloud):
    printed = cloud.command("takeover", "--print", "dnsmasq", "--address", HOME_SERVER)
    network.start_dnsmasq(printed)
    network.start("/usr/bin/python3", "-c", TLS_SERVER, HOME_SERVER, ready="listening", output="stdout")
    status, found = check(network, cloud)
    assert status == FAILED and json.dumps(found).count('"nothing"') == HOSTS


@pytest.mark.skipif(REASON is not None, reason=str(REASON))
def test_an_answer_of_a_name_server_byte_by_byte_ends(network, cloud):
    network.start("/usr/bin/python3", "-c", NAME_SERVER_PROGRAM, NAME_SERVER, ready="listening", output="stdout")
    status, found = check(network, cloud)
    assert status == FAILED and json.dumps(found).count('"no name"') == HOSTS
