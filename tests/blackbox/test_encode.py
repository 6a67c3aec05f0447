# SPDX-License-Identifier: MIT
"""flagship encode: a message in, a frame out."""

import json
import subprocess
import uuid

import pytest

from program import DONE, FAILED, FLAGSHIP, NOT_CONFIGURED, USAGE, environment, lines, run, vectors

FRAMES = [vector for vector in vectors("frames.json") if "frame" in vector]
GCM = vectors("gcm_payloads.json")
PACKET_TYPES = {0xC0: "single", 0xC1: "begin", 0xC2: "append", 0xC3: "finish"}
KEY = FRAMES[0]["key"]
MESSAGE = '{"commandType":1027,"value":0}'


def options_of(vector):
    options = [
        "--device-type",
        vector["format"],
        "--packet-number",
        vector["packet_num"],
        "--packet-type",
        PACKET_TYPES[vector["packet_type"]],
    ]
    if "guid" in vector:
        options += ["--guid", vector["guid"], "--time", vector["time"]]
    if "opaque" in vector:
        options += ["--opaque", vector["opaque"]]
    return options


@pytest.mark.parametrize("vector", FRAMES, ids=lambda vector: vector["name"])
def test_vectors_byte_for_byte(vector):
    by_input = run("encode", *options_of(vector), "-", stdin=vector["plaintext"], FLAGSHIP_KEY=vector["key"])
    by_argument = run("encode", vector["plaintext"], *options_of(vector), FLAGSHIP_KEY=vector["key"])
    for result in (by_input, by_argument):
        assert result.returncode == DONE
        assert result.stderr == ""
        assert result.stdout == vector["frame"] + "\n"


@pytest.mark.parametrize("vector", FRAMES[:3], ids=lambda vector: vector["name"])
def test_binary(vector):
    result = run("encode", "--binary", *options_of(vector), vector["plaintext"], FLAGSHIP_KEY=vector["key"])
    assert result.raw == bytes.fromhex(vector["frame"])


@pytest.mark.parametrize("vector", GCM)
def test_gcm_vectors_byte_for_byte(vector):
    result = run("encode", "--gcm", vector["plaintext"], FLAGSHIP_KEY=vector["key"])
    assert result.returncode == DONE
    assert result.stdout == vector["payload"] + "\n"


def decoded(*options, message=MESSAGE):
    made = run("encode", *options, "-", stdin=message, FLAGSHIP_KEY=KEY)
    assert made.returncode == DONE, made.stderr
    result = run("decode", stdin=made.stdout, FLAGSHIP_KEY=KEY)
    assert result.returncode == DONE, result.stderr
    return lines(result)[0]


def test_defaults_are_those_of_a_client():
    record = decoded()
    assert record["signature"] == "MA"
    assert record["format"] == 2
    assert record["packet_type"] == "single"
    assert record["packet_number"] == 0
    assert record["time"] == 0
    assert uuid.UUID(record["device_guid"]).version == 4
    assert record["payload"] == json.loads(MESSAGE)
    assert decoded()["device_guid"] != record["device_guid"]


@pytest.mark.parametrize("format_", [1, 6])
def test_short_headers(format_):
    assert decoded("--format", format_)["opaque"] == "00" * 12
    record = decoded("--format", format_, "--opaque", "01:02:03:04:05:06 070809 0a0b0c")
    assert record["opaque"] == "0102030405060708090a0b0c"


def test_signature_mb():
    assert decoded("--signature", "mb")["signature"] == "MB"


def test_a_message_too_large_for_ma():
    text = '{"a":"' + "x" * 66000 + '"}'
    result = run("encode", "-", stdin=text, FLAGSHIP_KEY=KEY)
    assert result.returncode == FAILED
    assert "--signature mb" in result.stderr
    assert decoded("--signature", "mb", message=text)["payload"] == json.loads(text)


def test_a_message_too_large_for_anything():
    result = run("encode", "-", stdin='{"a":"' + "x" * (1 << 20) + '"}', FLAGSHIP_KEY=KEY)
    assert result.returncode == FAILED
    assert "1 MiB" in result.stderr


@pytest.mark.parametrize("ending", ["", "\n", "\r\n"])
def test_the_last_line_break_is_not_sent(ending):
    guid = "57f4a08a-6d03-72b9-ceac-0f6bc9a9669d"
    plain = run("encode", "--guid", guid, MESSAGE, FLAGSHIP_KEY=KEY).stdout
    assert run("encode", "--guid", guid, "-", stdin=MESSAGE + ending, FLAGSHIP_KEY=KEY).stdout == plain


def test_unicode():
    assert decoded(message='{"name":"船 \\u00e9 😀 \\"x\\""}')["payload"] == {"name": '船 é 😀 "x"'}


@pytest.mark.parametrize(
    "text,error",
    [
        ('{"a":}', "no valid JSON (byte 5)"),
        ("", "no valid JSON"),
        ("[1]", "no JSON object and no array of objects"),
        ('"a"', "no JSON object and no array of objects"),
        ("{} {}", "no valid JSON"),
        ("[" + ",".join(["{}"] * 65) + "]", "too many objects"),
        ('{"a":' + "[" * 20 + "]" * 20 + "}", "too deeply"),
    ],
)
def test_messages_that_are_none(text, error):
    for arguments in (["-"], ["--gcm", "-"]):
        result = run("encode", *arguments, stdin=text, FLAGSHIP_KEY=KEY)
        assert result.returncode == FAILED
        assert error in result.stderr
        assert result.stdout == ""


def test_an_array_of_objects_is_a_message():
    assert decoded(message='[{"a":1},{"b":2}]')["payload"] == [{"a": 1}, {"b": 2}]


def test_pieces_may_hold_anything():
    record = decoded("--packet-type", "begin", message='{"a":')
    assert record["packet_type"] == "begin"
    assert record["payload_part"] == '{"a":'


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["{}", "{}"],
        ["{}", "--device-type", "4"],
        ["{}", "--guid", "short"],
        ["{}", "--time", "-1"],
        ["{}", "--time", "4294967296"],
        ["{}", "--packet-number", "65536"],
        ["{}", "--packet-type", "double"],
        ["{}", "--signature", "mc"],
        ["{}", "--format", "1", "--opaque", "00"],
        ["{}", "--format", "1", "--opaque", "zz" * 12],
        ["{}", "--format", "1", "--opaque", "00" * 13],
        ["{}", "--binry"],
    ],
)
def test_usage(arguments):
    result = run("encode", *arguments, FLAGSHIP_KEY=KEY)
    assert result.returncode == USAGE
    assert result.stderr.startswith("flagship: ")
    assert result.stdout == ""


def test_options_without_effect_are_reported():
    result = run("encode", "--format", "1", "--time", "5", "{}", FLAGSHIP_KEY=KEY)
    assert result.returncode == DONE
    assert "device type 1 has no GUID and no time" in result.stderr
    result = run("encode", "--opaque", "00" * 12, "{}", FLAGSHIP_KEY=KEY)
    assert result.returncode == DONE
    assert "no opaque bytes" in result.stderr


def test_without_a_key():
    result = run("encode", "{}")
    assert result.returncode == NOT_CONFIGURED
    assert "--key-file" in result.stderr
    assert "FLAGSHIP_KEY" in result.stderr


def test_key_sources(tmp_path):
    guid = "57f4a08a-6d03-72b9-ceac-0f6bc9a9669d"
    key_file = tmp_path / "key"
    key_file.write_text(KEY)
    key_file.chmod(0o600)
    expected = run("encode", "--guid", guid, "{}", FLAGSHIP_KEY=KEY).stdout
    assert run("encode", "--guid", guid, "{}", "--key-file", key_file).stdout == expected
    by_option = run("encode", "--guid", guid, "{}", "--key", KEY)
    assert by_option.stdout == expected
    assert "warning" in by_option.stderr


def test_gcm_needs_a_long_key():
    result = run("encode", "--gcm", "{}", FLAGSHIP_KEY="00" * 16)
    assert result.returncode == FAILED
    assert "32" in result.stderr


def test_a_full_disk_is_reported():
    with open("/dev/full", "wb") as full:
        result = subprocess.run(
            [str(FLAGSHIP), "encode", "{}"],
            stdout=full,
            stderr=subprocess.PIPE,
            env=environment(FLAGSHIP_KEY=KEY),
            check=False,
        )
    assert result.returncode == FAILED
    assert b"cannot write the output" in result.stderr


@pytest.mark.parametrize("encode", [lambda text: b"\xef\xbb\xbf" + text.encode(), lambda text: b"\xff\xfe" + text.encode("utf-16-le"),
                                    lambda text: b"\xfe\xff" + text.encode("utf-16-be"), lambda text: text.encode("utf-16-le")],
                         ids=["mark", "utf-16", "utf-16be", "utf-16 without a mark"])
def test_a_key_file_as_windows_writes_it(tmp_path, encode):
    file = tmp_path / "key.txt"
    file.write_bytes(encode(KEY + "\r\n"))
    file.chmod(0o600)
    options = ["--guid", str(uuid.UUID(int=1)), "--time", "1"]
    made = run("encode", "--key-file", file, *options, MESSAGE)
    assert (made.returncode, made.stderr) == (DONE, "")
    assert made.stdout == run("encode", *options, MESSAGE, FLAGSHIP_KEY=KEY).stdout
