# SPDX-License-Identifier: MIT
"""The examples, built against the installed copy with what pkg-config says and nothing else."""

import json
import shlex
import subprocess

import pytest
from broker import Broker, free_port
from conftest import ROOT, environment, run

COMPILER = ("cc", "-std=c17", "-Wall", "-Wextra", "-Wconversion", "-Wshadow", "-Werror")
DEADLINE_S = 60


def vectors():
    found = json.loads((ROOT / "tests" / "vectors" / "frames.json").read_text(encoding="utf-8"))
    return [vector for vector in found if vector["packet_type"] == 0xC0 and "frame" in vector]


@pytest.fixture(scope="module")
def decode(installation, tmp_path_factory):
    program = tmp_path_factory.mktemp("decode") / "decode"
    run(*COMPILER, ROOT / "examples" / "decode.c", "-o", program, *installation.pkg_config("--cflags", "--libs"))
    return program


@pytest.fixture(scope="module")
def parameter(tmp_path_factory):
    program = tmp_path_factory.mktemp("parameter") / "parameter"
    flags = run("pkg-config", "--cflags", "--libs", "libmosquitto").stdout.split()
    run(*COMPILER, ROOT / "examples" / "parameter.c", "-o", program, *flags)
    return program


@pytest.fixture
def broker(tmp_path):
    with Broker(tmp_path, None, None, plain=True) as running:
        yield running


@pytest.mark.parametrize("name", ["decode.c", "parameter.c"])
def test_examples_are_short(name):
    assert len((ROOT / "examples" / name).read_text(encoding="utf-8").splitlines()) < 100


def test_the_example_of_two_libraries_is_short_too():
    assert len((ROOT / "examples" / "follow.c").read_text(encoding="utf-8").splitlines()) < 150


def objects_of(output):
    return [json.loads(line[line.index("{"):]) for line in output.splitlines() if "{" in line]


def expected_objects(vector):
    payload = json.loads(vector["plaintext"])
    return payload if isinstance(payload, list) else [payload]


def test_decode_opens_every_vector(installation, decode):
    assert vectors()
    for vector in vectors():
        result = installation.run(decode, vector["key"], vector["frame"])
        assert objects_of(result.stdout) == expected_objects(vector)


def test_decode_reads_frames_from_its_input(installation, decode):
    key = vectors()[0]["key"]
    ours = [vector for vector in vectors() if vector["key"] == key]
    result = installation.run(decode, key, stdin="".join(vector["frame"] + "\n" for vector in ours))
    assert objects_of(result.stdout) == [one for vector in ours for one in expected_objects(vector)]


def test_decode_refuses_a_wrong_key_and_a_damaged_frame(installation, decode):
    vector = vectors()[0]
    wrong = installation.run(decode, "00" * (len(vector["key"]) // 2), vector["frame"], check=False)
    damaged = installation.run(decode, vector["key"], vector["frame"][:-2] + "xx", check=False)
    for result in (wrong, damaged):
        assert (result.returncode, result.stdout) == (1, "")
        assert result.stderr.startswith("decode: ")


def test_decode_can_be_linked_statically_with_the_library(installation, tmp_path):
    program = tmp_path / "decode"
    flags = installation.pkg_config("--cflags")
    run(*COMPILER, ROOT / "examples" / "decode.c", "-o", program, *flags,
        installation.libraries / "libflagship.a", *shlex.split(run("pkg-config", "--libs", "libcrypto").stdout))
    vector = vectors()[0]
    assert objects_of(run(program, vector["key"], vector["frame"]).stdout) == expected_objects(vector)


def test_client_b_follows_what_client_a_publishes(parameter, broker):
    client_b = subprocess.Popen([parameter, "localhost", str(broker.port), "follow", "2"], env=environment(),
                                stdout=subprocess.PIPE, text=True)
    try:
        # Client B may be there before or after the first value, which the broker keeps for it.
        run(parameter, "localhost", broker.port, "publish", "21.5")
        assert client_b.stdout.readline() == "21.5\n"
        run(parameter, "localhost", broker.port, "publish", "größer 🖨")
        assert client_b.communicate(timeout=DEADLINE_S)[0] == "größer 🖨\n"
        assert client_b.returncode == 0
    finally:
        client_b.kill()
        client_b.wait()


def test_parameter_tells_where_there_is_no_broker(parameter):
    result = run(parameter, "localhost", free_port(), "publish", "1", check=False)
    assert result.returncode == 1
    assert result.stderr.startswith("parameter: ")


@pytest.fixture(scope="module")
def follow(installation, tmp_path_factory):
    program = tmp_path_factory.mktemp("follow") / "follow"
    run(*COMPILER, ROOT / "examples" / "follow.c", "-o", program, *installation.pkg_config("--cflags", "--libs"),
        *run("pkg-config", "--cflags", "--libs", "libmosquitto").stdout.split())
    return program


def test_follow_receives_what_a_printer_reports(installation, follow, broker):
    serial, key = "AK7ABC0123456789", "ab" * 32
    simulator = subprocess.Popen([installation.program, "simulate", "--broker", broker.url, "--serial", serial, "--model", "m5c"],
                                 env=environment(FLAGSHIP_KEY=key), stderr=subprocess.PIPE, text=True)
    try:
        for line in simulator.stderr:
            if "publishing" in line:
                break
        result = installation.run(follow, "localhost", broker.port, "-", serial, "5", FLAGSHIP_KEY=key)
        assert len(objects_of(result.stdout)) == 5
        assert any(object["commandType"] == 1003 for object in objects_of(result.stdout)), result.stdout
    finally:
        simulator.terminate()
        simulator.wait()
        simulator.stderr.close()


def test_follow_tells_what_it_cannot_do(installation, follow, broker):
    nobody = installation.run(follow, "localhost", free_port(), "-", "AK7ABC0123456789", check=False, FLAGSHIP_KEY="ab" * 32)
    assert nobody.returncode == 1 and nobody.stderr.startswith("follow: localhost:")
    assert installation.run(follow, check=False).returncode == 2
