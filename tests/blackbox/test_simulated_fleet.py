# SPDX-License-Identifier: MIT
"""Many simulated printers in one process, heard by a client that shares no code with them."""

import re
import resource
import subprocess
import time
from pathlib import Path

import pytest

from broker import Broker
from conftest import KEY
from program import CANNOT_CONNECT, DONE, FAILED, FLAGSHIP, SANITIZED, USAGE, environment, run
from wire import Client, unseal

KIB_A_PRINTER = 40


@pytest.fixture
def fleet(broker, authority, key_file, simulate):
    """Starts so many printers: fleet(5, options...). Their serial numbers are FLEET00001 and so on."""

    def start(count, *options, url=broker.url):
        return simulate("--broker", url, "--ca", authority.certificate, "--key-file", key_file,
                        "--count", count, "--prefix", "FLEET", *options)

    return start


@pytest.fixture
def hear(broker, authority):
    def client(number, port=broker.port):
        return Client(port, authority.certificate, f"FLEET{number:05}", KEY)

    return client


def rss_kib(process):
    status = Path(f"/proc/{process.pid}/status").read_text(encoding="ascii")
    return int(re.search(r"VmRSS:\s+(\d+)", status).group(1))


def test_each_is_a_printer_of_its_own(broker, fleet, hear):
    printers = fleet(30, "--model", "m5c")
    assert printers.log.endswith(f"simulate: 30 of 30 printers are connected to localhost:{broker.port}, publishing")
    with hear(1) as first, hear(17) as one, hear(30) as last:
        for client, speed in ((first, 71), (one, 72), (last, 73)):
            assert client.command(1006, value=speed)["reply"] == 0
        assert [c.query()[1006]["value"] for c in (first, one, last)] == [71, 72, 73]
        first.wait_for("notice", 1003)
    counts = printers.counts()
    assert (counts["printers"], counts["connected"], counts["model"]) == (30, 30, "M5C")
    assert counts["executed"] == {"1006": 3, "1027": 3}


def test_printers_differ_and_are_the_same_again(fleet, hear):
    heard = []
    for _ in range(2):
        with hear(1) as first, hear(2) as second:
            printers = fleet(2, "--model", "m5c", "--scenario", "print", "--speed", "50")
            for client in (first, second):
                client.wait(lambda c=client: len(c.messages) >= 5, "five messages")
            printers.stop()
        heard.append([[m.objects for m in c.messages[:5]] for c in (first, second)])
    assert heard[0] == heard[1]
    assert heard[0][0] != heard[0][1]


def test_one_connection_and_one_open_file_for_each(fleet):
    files = [len(list(Path(f"/proc/{fleet(count).pid}/fd").iterdir())) for count in (1, 41)]
    assert files[1] - files[0] == 40


@pytest.mark.skipif(SANITIZED, reason="the sanitizers keep more for each than it does")
def test_takes_less_than_40_kib_for_each(fleet):
    printers = [fleet(count, "--model", "m5c", "--scenario", "print") for count in (50, 450)]
    with_notices = [p.await_counts(lambda c: c["published"] >= 2 * c["printers"]) for p in printers]
    assert all(counts["connected"] == counts["printers"] for counts in with_notices)
    assert rss_kib(printers[1]) - rss_kib(printers[0]) < 400 * KIB_A_PRINTER


def test_all_end_when_asked_to(fleet):
    assert fleet(100).stop() == DONE


def test_come_back_when_the_broker_does(fleet, tmp_path, certificate):
    with Broker(tmp_path, *certificate) as own:
        printers = fleet(20, url=own.url)
        own.stop()
        printers.await_counts(lambda counts: counts["connected"] == 0)
        own.start()
        printers.await_counts(lambda counts: counts["connected"] == 20)


@pytest.mark.parametrize("options", [("--churn", "0.5"), ("--fault", "churn=0.5")])
def test_churn(fleet, hear, options):
    printers = fleet(20, *options)
    printers.await_counts(lambda counts: counts["connected"] < 16)
    counts = printers.await_counts(lambda counts: counts["connected"] > 5)
    assert counts["printers"] == 20
    assert "cannot connect" not in printers.log


@pytest.mark.parametrize("options, skew", [(("--clock-skew=-86400",), -86400), (("--fault", "clock-skew=3600"), 3600)])
def test_clock_skew(fleet, hear, options, skew):
    fleet(1, "--model", "m5", *options)
    with hear(1) as client:
        before = int(time.time())
        client.query()
        stamp = unseal(client.messages[-1].raw, client.key).time
    assert before <= stamp - skew <= time.time()


def limited(files):
    def limit():
        resource.setrlimit(resource.RLIMIT_NOFILE, files)

    return limit


def simulate_limited(connection, files, count):
    """Until all are connected, or it ends by itself. Returns its exit status and its log."""
    options = connection("X")[:-4] + connection("X")[-2:]
    command = [FLAGSHIP, "simulate", *map(str, options), "--prefix", "FLEET", "--count", str(count), "--for", "60"]
    with subprocess.Popen(command, preexec_fn=limited(files), stderr=subprocess.PIPE, text=True, env=environment()) as process:
        log = ""
        for line in process.stderr:
            log += line
            if f"{count} of {count}" in line:
                process.terminate()
    return process.returncode, log


def test_raises_the_limit_of_open_files_as_far_as_it_may(connection):
    status, log = simulate_limited(connection, (64, 300), 100)
    assert status == DONE and "100 of 100" in log, log
    status, log = simulate_limited(connection, (64, 150), 100)
    assert status == FAILED
    assert "164 open files" in log and "150" in log and "ulimit -Hn" in log


def test_says_so_where_it_cannot_connect(tmp_path, certificate, authority, key_file):
    broker = Broker(tmp_path, *certificate)
    result = run("simulate", "--broker", broker.url, "--ca", authority.certificate, "--key-file", key_file, "--count", 50,
                 "--prefix", "FLEET")
    assert result.returncode == CANNOT_CONNECT
    assert result.stderr.count("cannot connect") == 1


@pytest.mark.parametrize("options, message", [
    (["--count", "2"], "--prefix"),
    (["--prefix", "A/B"], "letters and digits"),
    (["--prefix", ""], "letters and digits"),
    (["--prefix", "A" * 27], "26 letters"),
    (["--prefix", "A", "--serial", "B"], "--serial"),
    (["--prefix", "A", "--count", "0"], "--count"),
    (["--prefix", "A", "--count", "2", "--replay", "x"], "--replay"),
    (["--churn", "2"], "--churn"),
])
def test_refuses_what_makes_no_sense(broker, key_file, options, message):
    result = run("simulate", "--broker", broker.url, "--key-file", key_file, *options)
    assert result.returncode == USAGE
    assert message in result.stderr
