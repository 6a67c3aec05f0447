# SPDX-License-Identifier: MIT
"""flagship-picture: single pictures of a camera's stream, as JPEG."""

import pathlib
import struct
import subprocess

import pytest

from program import BUILD

PROGRAM = BUILD / "flagship-picture"
SAMPLE = (pathlib.Path(__file__).parents[1] / "unit/video/sample.h264").read_bytes()  # 10 pictures of 160×120, each behind a delimiter
DELIMITER = b"\0\0\0\1\x09"


def units():
    return [DELIMITER + part for part in SAMPLE.split(DELIMITER)[1:]]


def record(data):
    return struct.pack(">I", len(data)) + data


def run(*arguments, data=b""):
    return subprocess.run([PROGRAM, *arguments], input=data, capture_output=True, check=False)


def answers(output):
    """The pictures, one for each unit."""
    found = []
    while output:
        (length,) = struct.unpack(">I", output[:4])
        assert len(output) >= 4 + length
        found.append(output[4:4 + length])
        output = output[4 + length:]
    return found


def size_of(jpeg):
    """Width and height, of the head of its frame."""
    assert jpeg[:2] == b"\xff\xd8" and jpeg[-2:] == b"\xff\xd9"
    at = 2
    while jpeg[at + 1] != 0xC0:
        at += 2 + struct.unpack(">H", jpeg[at + 2:at + 4])[0]
    height, width = struct.unpack(">HH", jpeg[at + 5:at + 9])
    return width, height


def test_each_unit_becomes_a_picture():
    result = run(data=b"".join(record(unit) for unit in units()))
    assert (result.returncode, result.stderr) == (0, b"")
    pictures = answers(result.stdout)
    assert len(pictures) == 10
    assert {size_of(picture) for picture in pictures} == {(160, 120)}


def test_units_that_nobody_wants_to_see_are_decoded_for_the_next():
    *before, last = units()
    silent = b"".join(struct.pack(">I", len(unit) | 1 << 31) + unit for unit in before)
    (alone,) = answers(run(data=silent + record(last)).stdout)
    assert alone == answers(run(data=b"".join(record(unit) for unit in units())).stdout)[-1]


def test_quality_is_as_wanted():
    key = record(units()[0])
    sizes = [len(run("--quality", quality, data=key).stdout) for quality in ("10", "50", "95")]
    assert sizes == sorted(sizes) and sizes[0] < sizes[2] / 2


def test_what_is_no_picture_is_answered_by_nothing():
    """A unit without the one before, noise, and nothing; a good one after them is still read."""
    result = run(data=record(units()[1]) + record(b"\0\0\1\x65" + bytes(range(256)) * 16) + record(b"") + record(units()[0]))
    assert result.returncode == 0
    pictures = answers(result.stdout)
    assert pictures[:3] == [b"", b"", b""] and size_of(pictures[3]) == (160, 120)


@pytest.mark.parametrize("data", [b"\0\0", struct.pack(">I", 10) + b"short", struct.pack(">I", 2**20 + 1) + b"x", b"\xff" * 8], ids=["head", "body", "too long", "never"])
def test_what_ends_in_the_middle_is_a_failure(data):
    result = run(data=data)
    assert (result.returncode, result.stdout) == (1, b"")


@pytest.mark.parametrize("arguments", [["--quality", "0"], ["--quality", "101"], ["--quality", "high"], ["--quality"], ["--help"]], ids=" ".join)
def test_wrong_arguments_are_refused(arguments):
    result = run(*arguments)
    assert result.returncode == 2 and b"usage: flagship-picture" in result.stderr


# --- the other way: pictures of a camera that sends JPEGs, for a film ---

def decode_sizes(film):
    """Width, height, and whether it is a key picture, of each, as ffprobe reads them."""
    result = subprocess.run(["ffprobe", "-v", "error", "-f", "h264", "-show_entries", "frame=width,height,key_frame", "-of", "csv=p=0", "-"],
                            input=film, capture_output=True, check=True)
    assert result.stderr == b""
    return [tuple(map(int, line.rstrip(",").split(",")[:3])) for line in result.stdout.decode().split()]


def test_pictures_become_a_film_of_key_pictures():
    pictures = answers(run(data=b"".join(record(unit) for unit in units())).stdout)
    result = run("--film", data=b"".join(record(picture) for picture in pictures))
    assert (result.returncode, result.stderr) == (0, b"")
    encoded = answers(result.stdout)
    assert decode_sizes(b"".join(encoded)) == [(1, 160, 120)] * 10
    # The picture that came out shows what the one that went in does.
    again = answers(run(data=record(encoded[-1])).stdout)[0]
    assert abs(brightness(again) - brightness(pictures[-1])) <= 2


def brightness(jpeg):
    result = subprocess.run(["ffmpeg", "-v", "error", "-f", "mjpeg", "-i", "-", "-vf", "scale=1:1", "-f", "rawvideo", "-pix_fmt", "gray", "-"],
                            input=jpeg, capture_output=True, check=True)
    return result.stdout[0]


def test_what_is_no_picture_is_answered_with_nothing():
    good = answers(run(data=b"".join(record(unit) for unit in units())).stdout)[-1]
    bad = [b"", b"x", b"\xff\xd8\xff", good[:len(good) // 2], good[:-200], b"\xff\xd8" + 5000 * b"\0"]
    result = run("--film", data=b"".join(map(record, [*bad, good])))
    assert result.returncode == 0
    assert [len(unit) > 0 for unit in answers(result.stdout)] == [False] * len(bad) + [True]
