# SPDX-License-Identifier: MIT
"""Addresses of simulated printers on the local network, which all listen at the same port."""

import io
import itertools
import os
import tarfile

import pytest

DUID = "EUPRAKM-012345-ABCDE"
NUMBERS = itertools.count(1)


def lan_address():
    """One of this machine that no other test has, in this process or another."""
    process = os.getpid()
    return f"127.{process >> 8 & 0x7F | 0x80}.{process & 0xFF}.{next(NUMBERS) % 254 + 1}"


def gcode(lines=2000, header=";TIME:5400\n;LAYER_COUNT:77\n"):
    return (header + "G28\n" + "G1 X10 Y10 E1 F1200\n" * lines).encode()


def archived(content, name="model.gcode", kind=tarfile.USTAR_FORMAT):
    """A tar of a picture and this G-code, as the vendor's slicer makes one."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=kind) as tar:
        for member, data in (("front.akpic", b"\xa1\x13\xda\x3d" + bytes(600)), (name, content)):
            entry = tarfile.TarInfo(member)
            entry.size = len(data)
            tar.addfile(entry, io.BytesIO(data))
    return out.getvalue()


# Fixtures, for files of tests that import them: a printer that no other test has.

@pytest.fixture
def serial():
    return f"LAN{next(NUMBERS)}"


@pytest.fixture
def options(serial, connection):
    return connection(serial)


@pytest.fixture
def address():
    return lan_address()
