# SPDX-License-Identifier: MIT
"""flagship decode: frames in, one JSON object a frame out."""

import base64
import gzip
import hashlib
import json
import os
import pty
import stat
import subprocess

import pytest

from process import DEADLINE_S
from program import DONE, FAILED, FLAGSHIP, USAGE, environment, lines, run, vectors

PACKET_TYPES = {0xC0: "single", 0xC1: "begin", 0xC2: "append", 0xC3: "finish"}
FRAMES = vectors("frames.json")
GCM = vectors("gcm_payloads.json")
SHORT_FRAMES = [vector for vector in FRAMES if "frame" in vector]
FIRST = SHORT_FRAMES[0]
KEY = FIRST["key"]
FRAME = bytes.fromhex(FIRST["frame"])
OTHER_KEY = "00" * 32

HEADER_SIZE = 64
CHECKSUM_OFFSET = len(FRAME) - 1


def frame_of(vector):
    if "frame" in vector:
        return bytes.fromhex(vector["frame"])
    return gzip.decompress(base64.b64decode(vector["frame_gz_b64"]))


def damaged(offset, value):
    frame = bytearray(FRAME)
    frame[offset] = value
    return bytes(frame)


def with_checksum(frame):
    frame = bytearray(frame)
    frame[-1] = 0
    checksum = 0
    for byte in frame:
        checksum ^= byte
    frame[-1] = checksum
    return bytes(frame)


def encode(message, *options, key=KEY):
    result = run("encode", *options, "-", stdin=message, FLAGSHIP_KEY=key)
    assert result.returncode == DONE, result.stderr
    return result.stdout.strip()


@pytest.mark.parametrize("vector", FRAMES, ids=lambda vector: vector["name"])
def test_vectors(vector):
    frame = frame_of(vector)
    result = run("decode", stdin=frame, FLAGSHIP_KEY=vector["key"])
    assert result.returncode == DONE
    assert result.stderr == ""
    (record,) = lines(result)
    assert record["signature"] == ("MB" if vector.get("long") else "MA")
    assert record["format"] == vector["format"]
    assert record["device_type"] == {1: "M5C", 2: "M5", 6: "E1"}[vector["format"]]
    assert record["size"] == len(frame)
    assert record["packet_type"] == PACKET_TYPES[vector["packet_type"]]
    assert record["packet_number"] == vector["packet_num"]
    assert record["time"] == vector.get("time")
    assert record["device_guid"] == vector.get("guid")
    assert record.get("opaque") == vector.get("opaque")
    assert record["checksum"] == "ok"
    text = result.stdout.split('"payload":', 1)[1][:-2]
    if "plaintext" in vector:
        assert text == vector["plaintext"]
    else:
        assert hashlib.sha256(text.encode()).hexdigest() == vector["plaintext_sha256"]


@pytest.mark.parametrize("vector", GCM)
def test_gcm_vectors(vector):
    for stdin in (vector["payload"], bytes.fromhex(vector["payload"])):
        result = run("decode", "--gcm", stdin=stdin, FLAGSHIP_KEY=vector["key"])
        assert result.returncode == DONE
        (record,) = lines(result)
        assert record["format"] == "gcm"
        assert record["device_type"] is None
        assert record["size"] == len(vector["payload"]) // 2
        assert record["checksum"] == "ok"
        assert record["payload"] == json.loads(vector["plaintext"])


def test_gcm_with_the_wrong_key():
    result = run("decode", "--gcm", stdin=GCM[0]["payload"], FLAGSHIP_KEY=OTHER_KEY)
    assert result.returncode == FAILED
    (record,) = lines(result)
    assert "wrong key" in record["error"]
    assert record["checksum"] == "bad"
    assert "payload" not in record


def test_gcm_without_a_key():
    result = run("decode", "--gcm", stdin=GCM[0]["payload"])
    assert result.returncode == DONE
    (record,) = lines(result)
    assert record["payload"] is None
    assert record["checksum"] is None


def test_gcm_too_short():
    for key in (None, KEY):
        result = run("decode", "--gcm", stdin="00000000", FLAGSHIP_KEY=key)
        assert result.returncode == FAILED
        assert "too short" in lines(result)[0]["error"]


def test_without_a_key_the_payload_is_null():
    result = run("decode", "-", stdin=FRAME)
    assert result.returncode == DONE
    (record,) = lines(result)
    assert list(record) == [
        "signature",
        "format",
        "device_type",
        "size",
        "packet_type",
        "packet_number",
        "time",
        "device_guid",
        "checksum",
        "payload",
    ]
    assert record["payload"] is None
    assert record["checksum"] == "ok"


def test_a_v7111_has_the_long_header():
    frame = encode('{"a":1}', "--device-type", "3", "--time", "7")
    assert frame[12:14] == "03" and len(frame) == 2 * (64 + 16 + 1)
    (record,) = lines(run("decode", stdin=frame, FLAGSHIP_KEY=KEY))
    assert (record["format"], record["device_type"], record["time"]) == (3, "V7111", 7)
    assert record["payload"] == {"a": 1}


@pytest.mark.parametrize("known, time", [("2", 7), ("1", None)])
def test_an_unknown_device_type_is_read_by_the_header_that_fits(known, time):
    options = ["--time", "7"] if time else []
    frame = bytearray.fromhex(encode('{"a":1}', "--device-type", known, *options))
    frame[6] = 77
    result = run("decode", stdin=with_checksum(frame), FLAGSHIP_KEY=KEY)
    assert result.returncode == DONE
    (record,) = lines(result)
    assert (record["format"], record["device_type"], record["time"]) == (77, None, time)
    assert record["payload"] == {"a": 1}


def spellings():
    plain = FRAME.hex()
    pairs = [plain[i : i + 2] for i in range(0, len(plain), 2)]
    yield "plain", plain
    yield "newline", plain + "\n"
    yield "upper", plain.upper() + "\r\n"
    yield "spaces", "  " + " ".join(pairs) + "  \n"
    yield "colons", ":".join(pairs)
    yield "c", ", ".join("0x" + pair for pair in pairs) + ",\n"
    yield "prefix", "0x" + plain
    yield "blank-lines", "\n\n  \n" + plain + "\n\n"


@pytest.mark.parametrize("text", [text for _, text in spellings()], ids=[name for name, _ in spellings()])
def test_spellings_of_hex(text):
    result = run("decode", stdin=text, FLAGSHIP_KEY=KEY)
    assert result.returncode == DONE
    assert lines(result)[0]["payload"] == json.loads(FIRST["plaintext"])


def test_files_and_standard_input_in_order(tmp_path):
    hexadecimal = tmp_path / "a.hex"
    binary = tmp_path / "b.bin"
    hexadecimal.write_text(encode('{"a":1}') + "\n" + encode('{"a":2}') + "\n")
    binary.write_bytes(bytes.fromhex(encode('{"a":3}') + encode('{"a":4}', "--device-type", "1")))
    key_file = tmp_path / "key"
    key_file.write_text(KEY + "\n")
    key_file.chmod(0o600)
    result = run("decode", hexadecimal, "-", "--key-file", key_file, binary, stdin=encode('{"a":9}'))
    assert result.returncode == DONE
    assert result.stderr == ""
    assert [record["payload"]["a"] for record in lines(result)] == [1, 2, 9, 3, 4]


def test_one_bad_frame_leaves_the_others(tmp_path):
    path = tmp_path / "frames.hex"
    path.write_text(f"{FRAME.hex()}\nzz\n{damaged(70, 0).hex()}\n{FRAME.hex()}\n")
    result = run("decode", path, FLAGSHIP_KEY=KEY)
    assert result.returncode == FAILED
    good, not_hex, bad, last = lines(result)
    assert "error" not in good and "error" not in last
    assert not_hex == {
        "error": "not a hex digit",
        "offset": 0,
        "file": str(path),
        "frame": 2,
        "line": 2,
    }
    assert bad["error"] == "wrong checksum"
    assert bad["offset"] == CHECKSUM_OFFSET
    assert (bad["file"], bad["frame"], bad["line"]) == (str(path), 3, 3)
    assert bad["checksum"] == "bad"
    assert bad["device_guid"] == FIRST["guid"]
    assert f"{path}: line 2" in result.stderr
    assert f"{path}: line 3" in result.stderr


def test_binary_frames_go_on_after_a_bad_one():
    result = run("decode", stdin=FRAME + damaged(70, 0) + FRAME, FLAGSHIP_KEY=KEY)
    assert result.returncode == FAILED
    first, second, third = lines(result)
    assert "error" not in first and "error" not in third
    assert second["error"] == "wrong checksum"
    assert second["frame"] == 2
    assert "line" not in second


ERRORS = [
    ("too-short", FRAME[:3], "too short for a frame", 3, ["signature"]),
    ("half-header", FRAME[:40], "too short for a frame", 40, ["signature", "size", "format"]),
    ("signature", damaged(0, 0x00), "does not begin with the signature MA or MB", 0, []),
    ("device-type", with_checksum(damaged(6, 9))[:-3], "unknown device type, and no known header fits", 6, ["format"]),
    ("size", FRAME + b"x", "the size field does not match the length", 2, ["device_guid", "time"]),
    ("cut", FRAME[:-1], "the size field does not match the length", 2, ["device_guid", "time"]),
    ("checksum", damaged(100, 0), "wrong checksum", CHECKSUM_OFFSET, ["device_guid", "checksum"]),
]


@pytest.mark.parametrize("frame,error,offset,known", [case[1:] for case in ERRORS], ids=[case[0] for case in ERRORS])
def test_errors(frame, error, offset, known):
    for stdin in (frame, frame.hex() + "\n"):
        result = run("decode", stdin=stdin, FLAGSHIP_KEY=KEY)
        assert result.returncode == FAILED
        (record,) = lines(result)
        assert record["error"] == error
        assert record["offset"] == offset
        assert record["frame"] == 1
        assert set(known) <= set(record)
        assert "payload" not in record
        assert error in result.stderr


def test_ciphertext_length():
    frame = bytearray(FRAME[:80] + b"\0")
    frame[2] = len(frame)
    frame[3] = 0
    frame = with_checksum(frame[:75] + b"\0")
    frame = bytearray(frame)
    frame[2] = len(frame)
    result = run("decode", stdin=with_checksum(frame), FLAGSHIP_KEY=KEY)
    assert result.returncode == FAILED
    (record,) = lines(result)
    assert "no multiple of 16" in record["error"]
    assert record["offset"] == HEADER_SIZE
    assert record["checksum"] == "ok"


def test_wrong_key_is_never_printer_data():
    result = run("decode", stdin=FRAME, FLAGSHIP_KEY=OTHER_KEY)
    assert result.returncode == FAILED
    (record,) = lines(result)
    assert record["error"].startswith("wrong key or damaged payload")
    assert record["checksum"] == "ok"
    assert "payload" not in record


@pytest.mark.parametrize(
    "text,error",
    [
        ("[1]", "the payload is no JSON object and no array of objects"),
        ("{}" + " " * 14 + "x", "not valid JSON"),
        ("[" + ",".join(["{}"] * 65) + "]", "too many objects"),
        ('{"a":' + "[" * 20 + "]" * 20 + "}", "nested too deeply"),
    ],
)
def test_payloads_that_are_none(text, error):
    # A piece may hold anything, so that its frame can be made; then it is called a single.
    frame = bytearray(bytes.fromhex(encode(text, "--packet-type", "append")))
    frame[9] = 0xC0
    result = run("decode", stdin=with_checksum(frame), FLAGSHIP_KEY=KEY)
    assert result.returncode == FAILED
    (record,) = lines(result)
    assert error in record["error"]
    assert HEADER_SIZE <= record["offset"] < len(frame)


def test_pieces_of_a_message():
    pieces = ['{"a":', '"b', 'c"}']
    frames = [
        encode(piece, "--packet-type", kind)
        for piece, kind in zip(pieces, ["begin", "append", "finish"])
    ]
    single = encode('{"z":1}')
    result = run("decode", stdin="\n".join([frames[0], single, frames[1], frames[2]]), FLAGSHIP_KEY=KEY)
    assert result.returncode == DONE
    begin, between, append, finish = lines(result)
    assert (begin["payload"], begin["payload_part"]) == (None, '{"a":')
    assert between["payload"] == {"z": 1}
    assert (append["payload"], append["payload_part"]) == (None, '"b')
    assert finish["payload"] == {"a": "bc"}
    assert "payload_part" not in finish


def test_finish_without_a_begin():
    result = run("decode", stdin=encode('c"}', "--packet-type", "finish"), FLAGSHIP_KEY=KEY)
    assert result.returncode == DONE
    (record,) = lines(result)
    assert (record["payload"], record["payload_part"]) == (None, 'c"}')


def test_unknown_packet_type():
    frame = bytearray(bytes.fromhex(encode('{"a":1}')))
    frame[9] = 0xC7
    result = run("decode", stdin=with_checksum(frame), FLAGSHIP_KEY=KEY)
    assert result.returncode == DONE
    (record,) = lines(result)
    assert record["packet_type"] == "0xc7"
    assert record["payload"] == {"a": 1}


def test_padding_of_the_header_is_not_judged():
    frame = bytearray(FRAME)
    frame[53:64] = b"\xff" * 11
    result = run("decode", stdin=with_checksum(frame), FLAGSHIP_KEY=KEY)
    assert result.returncode == DONE


def test_line_breaks_in_a_payload_stay_on_one_line():
    result = run("decode", stdin=encode('{\n"a":\r\n1}'), FLAGSHIP_KEY=KEY)
    assert result.returncode == DONE
    assert lines(result)[0]["payload"] == {"a": 1}


def test_bytes_that_are_no_utf8_give_valid_json():
    frame = bytes.fromhex(encode(b'{"a":"\xff"}'))
    result = run("decode", stdin=frame, FLAGSHIP_KEY=KEY)
    assert json.loads(result.raw.decode("utf-8"))["payload"] == {"a": "\ufffd"}


def test_nothing_to_decode(tmp_path):
    for stdin in ("", "\n \n"):
        result = run("decode", stdin=stdin)
        assert result.returncode == FAILED
        assert lines(result) == [{"error": "no frame in it", "offset": 0}]


def test_missing_file(tmp_path):
    missing = tmp_path / "missing"
    result = run("decode", missing, "-", stdin=FRAME)
    assert result.returncode == FAILED
    record, good = lines(result)
    assert record["file"] == str(missing)
    assert "No such file" in record["error"]
    assert good["signature"] == "MA"


def test_a_folder_is_no_file(tmp_path):
    result = run("decode", tmp_path)
    assert result.returncode == FAILED
    assert "directory" in lines(result)[0]["error"]


@pytest.mark.parametrize(
    "stdin, said",
    [
        (b"MB" + (1 << 30).to_bytes(4, "little") + bytes(100), "larger than 1 MiB"),
        (b"XX" + bytes(2 << 20), "larger than 1 MiB"),
        (b"4d" * (4 << 20), "too long"),
    ],
    ids=["size-field", "rest", "line"],
)
def test_too_large(stdin, said):
    result = run("decode", stdin=stdin, FLAGSHIP_KEY=KEY)
    assert result.returncode == FAILED
    (record,) = lines(result)
    assert said in record["error"]


def test_frame_of_one_mebibyte():
    text = '{"a":"' + "x" * ((1 << 20) - 8) + '"}'
    frame = encode(text, "--signature", "mb")
    result = run("decode", stdin=frame, FLAGSHIP_KEY=KEY)
    assert result.returncode == DONE
    assert lines(result)[0]["payload"] == json.loads(text)


def test_key_file_has_precedence(tmp_path):
    key_file = tmp_path / "key"
    key_file.write_text(KEY.upper() + "\n")
    key_file.chmod(0o600)
    result = run("decode", "--key-file", key_file, stdin=FRAME, FLAGSHIP_KEY=OTHER_KEY)
    assert result.returncode == DONE
    assert result.stderr == ""


def test_key_file_that_others_can_read(tmp_path):
    key_file = tmp_path / "key"
    key_file.write_text(KEY)
    key_file.chmod(0o644)
    result = run("decode", "--key-file", key_file, stdin=FRAME)
    assert result.returncode == DONE
    assert f"{key_file} can be read by others" in result.stderr
    assert key_file.stat().st_mode & stat.S_IRGRP


def test_key_on_the_command_line_warns():
    result = run("decode", "--key", KEY, stdin=FRAME)
    assert result.returncode == DONE
    assert "warning" in result.stderr
    assert KEY not in result.stderr


@pytest.mark.parametrize("key", ["00" * 15, "00" * 31, "zz" * 32, "hello"], ids=["15", "31", "zz", "word"])
def test_keys_that_are_none(tmp_path, key):
    key_file = tmp_path / "key"
    key_file.write_text(key)
    key_file.chmod(0o600)
    for result in (run("decode", "--key-file", key_file, stdin=FRAME), run("decode", stdin=FRAME, FLAGSHIP_KEY=key)):
        assert result.returncode == FAILED
        assert "holds no key" in result.stderr
        assert key not in result.stderr
        assert result.stdout == ""


def test_missing_key_file(tmp_path):
    result = run("decode", "--key-file", tmp_path / "missing", stdin=FRAME)
    assert result.returncode == FAILED
    assert "cannot open the key file" in result.stderr


def test_aes_128():
    key = "0123456789abcdef" * 2
    result = run("decode", stdin=encode('{"a":1}', key=key), FLAGSHIP_KEY=key)
    assert lines(result)[0]["payload"] == {"a": 1}


def test_an_option_that_is_none():
    result = run("decode", "--key-fil", "x")
    assert result.returncode == USAGE
    assert "did you mean --key-file?" in result.stderr


def test_frames_come_out_as_they_come_in():
    """A pipe that stays open, as `tail -f` is one."""
    master, slave = pty.openpty()
    with subprocess.Popen(
        [str(FLAGSHIP), "decode"],
        stdin=subprocess.PIPE,
        stdout=slave,
        env=environment(FLAGSHIP_KEY=KEY),
    ) as process:
        os.close(slave)
        with os.fdopen(master, "rb", buffering=0) as output:
            for number in (1, 2):
                process.stdin.write((encode('{"a":%d}' % number) + "\n").encode())
                process.stdin.flush()
                line = b""
                while not line.endswith(b"\n"):
                    line += output.read(1)
                assert json.loads(line)["payload"] == {"a": number}
            process.stdin.close()
            assert process.wait(timeout=DEADLINE_S) == DONE


def test_hex_behind_a_byte_order_mark(tmp_path):
    file = tmp_path / "frames.txt"
    file.write_bytes(b"\xef\xbb\xbf" + FRAME.hex().encode() + b"\r\n" + FRAME.hex().encode() + b"\r\n")
    result = run("decode", file, FLAGSHIP_KEY=KEY)
    assert (result.returncode, len(lines(result))) == (DONE, 2), result.stderr
