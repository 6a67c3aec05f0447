#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Holds connections with TLS from inside a network namespace: hold_inside.py HOST PORT. Lines of its input: "open ADDRESS COUNT"
opens so many from there, "count" counts. Each is answered by a line: how many of each address are still open."""

import contextlib
import json
import socket
import ssl
import sys

from attack import TIMEOUT_S, is_open


def main():
    host, port = sys.argv[1], int(sys.argv[2])
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    held = {}
    for line in sys.stdin:
        words = line.split()
        for _ in range(int(words[2]) if words[0] == "open" else 0):
            connection = socket.create_connection((host, port), TIMEOUT_S, (words[1], 0))
            with contextlib.suppress(OSError):
                # Shaken hands: the server has taken it, and closed whom it closes for it.
                connection = context.wrap_socket(connection)
            connection.setblocking(False)
            held.setdefault(words[1], []).append(connection)
        print(json.dumps({address: sum(map(is_open, some)) for address, some in held.items()}), flush=True)


if __name__ == "__main__":
    main()
