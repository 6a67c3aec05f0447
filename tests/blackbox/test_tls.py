# SPDX-License-Identifier: MIT
"""What the TLS handshake says and refuses, seen from the broker's side."""

import contextlib
import socket
import ssl
import threading

import pytest

from broker import Broker, fingerprint
from conftest import SERIAL
from program import CANNOT_CONNECT, DONE, FLAGSHIP, environment, run
from process import DEADLINE_S, Process

READ_SIZE = 64
LOOPBACK = {socket.AF_INET: "127.0.0.1", socket.AF_INET6: "::1"}


class TlsServer:
    """Takes one connection, notes what the client offered, and hangs up."""

    def __init__(self, certificate, prepare=lambda context: None, family=socket.AF_INET):
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        # First of all: what is too weak for this machine could not be loaded else.
        prepare(self.context)
        self.context.load_cert_chain(*certificate)
        self.context.sni_callback = self._note_name
        self.names = []
        self.version = None
        self.first_bytes = b""
        self.listener = socket.create_server((LOOPBACK[family], 0), family=family)
        self.listener.settimeout(DEADLINE_S)
        self.port = self.listener.getsockname()[1]
        self.thread = threading.Thread(target=self._serve, daemon=True)

    def _note_name(self, _connection, name, _context):
        self.names.append(name)

    def _serve(self):
        with contextlib.suppress(OSError), self.listener.accept()[0] as raw:
            raw.settimeout(DEADLINE_S)
            with self.context.wrap_socket(raw, server_side=True) as connection:
                self.version = connection.version()
                self.first_bytes = connection.recv(READ_SIZE)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.thread.join(DEADLINE_S)
        self.listener.close()


def status(*options):
    return run("status", "--json", "--timeout", "5", *options)


def test_the_name_goes_into_sni(certificate, connection):
    with TlsServer(certificate) as server:
        result = status(*connection(url=f"mqtts://localhost:{server.port}"))
    assert result.returncode == CANNOT_CONNECT
    assert server.names == ["localhost"]
    assert b"MQTT" in server.first_bytes


def test_an_address_does_not_go_into_sni(certificate, connection):
    with TlsServer(certificate) as server:
        status(*connection(url=f"mqtts://127.0.0.1:{server.port}"))
    assert server.names == [None]
    assert b"MQTT" in server.first_bytes


def has_ipv6():
    try:
        socket.create_server((LOOPBACK[socket.AF_INET6], 0), family=socket.AF_INET6).close()
    except OSError:
        return False
    return True


@pytest.mark.skipif(not has_ipv6(), reason="no IPv6 loopback here")
def test_an_ipv6_address_stands_in_brackets(authority, connection):
    with TlsServer(authority.issue("six", san="IP:::1"), family=socket.AF_INET6) as server:
        result = status(*connection(url=f"mqtts://[::1]:{server.port}"))
    assert server.names == [None]
    assert b"MQTT" in server.first_bytes
    assert f"the broker [::1]:{server.port}" in result.stderr


def test_nothing_is_sent_where_the_certificate_is_wrong(certificate, connection):
    with TlsServer(certificate) as server:
        result = status(*connection(url=f"mqtts://localhost:{server.port}")[:2],
                        *connection()[4:], "--pin", "00" * 32)
    assert result.returncode == CANNOT_CONNECT
    assert server.first_bytes == b""


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion")
@pytest.mark.parametrize("version,taken", [(ssl.TLSVersion.TLSv1_1, False), (ssl.TLSVersion.TLSv1_2, True),
                                           (ssl.TLSVersion.TLSv1_3, True)])
def test_speaks_tls_1_2_and_newer(certificate, connection, version, taken):
    def limit(context):
        context.set_ciphers("DEFAULT:@SECLEVEL=0")
        context.minimum_version = context.maximum_version = version

    with TlsServer(certificate, limit) as server:
        result = status(*connection(url=f"mqtts://localhost:{server.port}"))
    assert result.returncode == CANNOT_CONNECT
    assert (b"MQTT" in server.first_bytes) == taken
    assert ("TLS failed" in result.stderr) != taken


def test_a_pin_looks_at_nothing_but_the_certificate(tmp_path, authority, connection):
    """Its name, its dates and its issuer do not matter."""
    strange = authority.issue("strange", san="DNS:other.example", days=-1)
    with Broker(tmp_path, *strange) as broker:
        options = ["--broker", broker.url, *connection()[4:], "--pin", fingerprint(strange[0])]
        printer = Process(FLAGSHIP, "simulate", *options, "--model", "m5", "--scenario", "idle", env=environment())
        printer.await_text("publishing")
        result = status(*options)
        assert printer.stop() == DONE
    assert result.returncode == DONE, result.stderr
    assert f'"serial":"{SERIAL}"' in result.stdout
