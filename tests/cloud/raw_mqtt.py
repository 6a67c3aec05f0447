# SPDX-License-Identifier: MIT
"""MQTT by hand, for what no library sends."""

import contextlib
import pathlib
import socket
import ssl
import struct

from process import DEADLINE_S

ATTACKER = "127.0.0.2"  # any address of 127.0.0.0/8 is this machine

CONNECT, CONNACK, PUBLISH, SUBSCRIBE, DISCONNECT = 0x10, 0x20, 0x30, 0x82, 0xE0
CLEAN = 0x02


def length_bytes(length):
    out = bytearray()
    while True:
        length, digit = divmod(length, 128)
        out.append(digit | (0x80 if length else 0))
        if not length:
            return bytes(out)


def text(value):
    raw = value if isinstance(value, bytes) else value.encode()
    return struct.pack("!H", len(raw)) + raw


def packet(command, body, claimed=None):
    """claimed: the length that the header names, where it is another one."""
    return bytes([command]) + length_bytes(len(body) if claimed is None else claimed) + body


def connect(client_id, login=None, clean=True, will=None, keep_alive=60):
    flags, payload = (CLEAN if clean else 0), text(client_id)
    if will is not None:
        flags |= 0x04
        payload += text(will[0]) + text(will[1])
    if login is not None:
        flags |= 0x80 | (0x40 if login[1] is not None else 0)
        payload += text(login[0]) + (text(login[1]) if login[1] is not None else b"")
    return packet(CONNECT, text("MQTT") + bytes([4, flags]) + struct.pack("!H", keep_alive) + payload)


def publish(topic, payload, qos=0, mid=1):
    return packet(PUBLISH | qos << 1, text(topic) + (struct.pack("!H", mid) if qos else b"") + payload)


def subscribe(*topics, qos=0, mid=1):
    return packet(SUBSCRIBE, struct.pack("!H", mid) + b"".join(text(topic) + bytes([qos]) for topic in topics))


def tcp(cloud, source=ATTACKER, receive_buffer=None):
    raw = socket.socket()
    raw.settimeout(DEADLINE_S)
    if receive_buffer is not None:
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    raw.bind((source, 0))
    raw.connect(("127.0.0.1", cloud.mqtt_port))
    return raw


def tls(cloud, source=ATTACKER, receive_buffer=None):
    """A connection with TLS; its certificate is not looked at."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context.wrap_socket(tcp(cloud, source, receive_buffer))


def receive(connection, size):
    data = b""
    while len(data) < size:
        part = connection.recv(size - len(data))
        if not part:
            return data
        data += part
    return data


def login(cloud, client_id, credentials=None, source=ATTACKER, receive_buffer=None, **options):
    """The connection and what the broker said to the login: 0 is yes, None that it closed the connection."""
    connection = tls(cloud, source, receive_buffer)
    connection.sendall(connect(client_id, credentials, **options))
    answer = receive(connection, 4)
    return connection, answer[3] if len(answer) == 4 else None


def is_closed(connection):
    """Whether the other side closed it within the deadline; what it says before that is thrown away."""
    with contextlib.suppress(ConnectionError, ssl.SSLError, BrokenPipeError):
        try:
            while connection.recv(65536):
                pass
        except (TimeoutError, socket.timeout):
            return False
    return True


def peak_memory(pid):
    """The most memory that the process ever had, in bytes."""
    for line in pathlib.Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    raise AssertionError("no VmHWM")
