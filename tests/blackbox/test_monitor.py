# SPDX-License-Identifier: MIT
"""flagship monitor: what a printer says, line by line."""

import itertools
import json
import pathlib
import re
import signal
import socket
import subprocess
import time

import pytest

from broker import Broker
from conftest import KEY
from fake_printer import FakePrinter
from process import Process, until
from program import CANNOT_CONNECT, DONE, FAILED, FLAGSHIP, USAGE, environment, lines, run
from terminal import Terminal

OTHER_KEY = "11" * 32
MEMORY_LIMIT_KIB = 12 * 1024
NUMBERS = itertools.count()

TEMPERATURES = [
    {"commandType": 1003, "currentTemp": 21959, "targetTemp": 22000},
    {"commandType": 1004, "currentTemp": 6006},
]


@pytest.fixture
def serial():
    """A printer of its own for each test: nothing that another left behind can be heard."""
    return f"MONITOR{next(NUMBERS)}"


@pytest.fixture
def printer(serial, broker, authority):
    fake = FakePrinter(serial, broker.port, authority.certificate, KEY)
    yield fake
    fake.stop()


@pytest.fixture
def options(serial, connection):
    return connection(serial)


def says(*payloads, **how):
    """A printer that answers the query with these payloads."""

    def answer(printer, message):
        if message["commandType"] == 1027:
            for payload in payloads:
                printer.publish(payload, **how)

    return answer


def monitor(*arguments, **changes):
    result = run("monitor", *arguments, **changes)
    assert result.returncode == DONE, result.stderr
    return result


def test_text(printer, options, serial):
    printer.answer = says(TEMPERATURES, {"commandType": 1000, "subType": 1, "value": 8})
    result = monitor(*options, "--count", 3)
    assert result.stderr == ""
    rows = result.stdout.splitlines()
    for row in rows:
        assert re.match(rf"\d\d:\d\d:\d\d  {serial}  ", row)
    assert rows[0].split("  ", 2)[2] == "nozzle_temp       current 219.59 °C  target 220.0 °C"
    assert rows[1].split("  ", 2)[2] == "hotbed_temp       current 60.06 °C"
    assert rows[2].split("  ", 2)[2] == "event_notify      job preparing"


def test_local_time(printer, options):
    printer.answer = says(TEMPERATURES[0])
    row = monitor(*options, "--count", 1, TZ="UTC").stdout
    hours = int(row[:2])
    # Five hours and three quarters east: no hour of the day is the same.
    other = int(monitor(*options, "--count", 1, TZ="NPT-05:45").stdout[:2])
    assert (other - hours) % 24 in (5, 6)


def test_json(printer, options, serial):
    printer.answer = says(TEMPERATURES, {"commandType": 1021, "value": -5}, {"commandType": 1072, "isLeveled": 1})
    before = time.time()
    nozzle, bed, offset, levelled = lines(monitor(*options, "--json", "--count", 4))
    assert before - 1 <= nozzle.pop("t") <= time.time() + 1
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", nozzle.pop("heard_at"))
    assert nozzle == {
        "serial": serial,
        "printer_name": None,
        "topic": "notice",
        "type": 1003,
        "name": "nozzle_temp",
        "current_c": 219.59,
        "target_c": 220.0,
    }
    assert bed["current_c"] == 60.06 and "target_c" not in bed
    assert (offset["name"], offset["z_offset_mm"]) == ("z_axis_recoup", -0.05)
    assert levelled["levelled"] is True


JOB = {
    "commandType": 1001,
    "time": 336000,
    "totalTime": 363,
    "progress": 3971,
    "realSpeed": 124,
    "name": '船 "\\é😀.gcode',
    "task_id": "x",
}


@pytest.mark.parametrize(
    "format_,model,remaining",
    [(1, None, None), (2, None, 336000), (6, None, 336000), (2, "m5c", None), (1, "m5", 336000)],
)
def test_units_follow_the_model(printer, options, format_, model, remaining):
    """On an M5C time is no countdown; its frames give it away where --model does not."""
    printer.format = format_
    printer.answer = says(JOB)
    extra = ["--model", model] if model else []
    (job,) = lines(monitor(*options, *extra, "--json", "--count", 1))
    assert job.get("remaining_s") == remaining
    assert job.get("time") == (336000 if remaining is None else None)
    assert job["elapsed_s"] == 363
    assert job["progress_percent"] == 39.71
    assert job["speed_mm_s"] == 124
    assert job["file"] == JOB["name"]
    assert job["name"] == "print_schedule"


def test_raw(printer, options):
    texts = ['{"commandType":1003, "currentTemp":1e4,"new":[1,{"a":null}]}', '{"commandType":9999,"x":"\\u00e9"}']
    printer.answer = says(*texts)
    assert monitor(*options, "--raw", "--count", 2).stdout.splitlines() == texts
    nozzle, unknown = lines(monitor(*options, "--raw", "--json", "--count", 2))
    assert nozzle["raw"] == json.loads(texts[0])
    assert nozzle["current_c"] == 100.0
    assert unknown["raw"] == json.loads(texts[1])


def test_raw_of_pretty_json_stays_on_one_line(printer, options):
    printer.answer = says('{\n\t"commandType": 1003,\r\n\t"currentTemp": 2\n}')
    (row,) = monitor(*options, "--raw", "--count", 1).stdout.splitlines()
    assert json.loads(row) == {"commandType": 1003, "currentTemp": 2}
    (record,) = lines(monitor(*options, "--json", "--raw", "--count", 1))
    assert record["raw"] == json.loads(row)


def test_unknown_types_show_their_json(printer, options):
    printer.answer = says('{"commandType":4711,"a":[1,2]}', '{"b":"c"}', '{"commandType":1067,"map":1}')
    rows = monitor(*options, "--count", 3).stdout.splitlines()
    assert re.search(r'  4711 +\{"commandType":4711,"a":\[1,2\]\}$', rows[0])
    assert re.search(r'  untyped +\{"b":"c"\}$', rows[1])
    assert re.search(r'  button_map +\{"commandType":1067,"map":1\}$', rows[2])
    unknown, untyped, known = lines(monitor(*options, "--json", "--count", 3))
    assert (unknown["type"], unknown["name"], unknown["raw"]) == (4711, None, {"commandType": 4711, "a": [1, 2]})
    assert (untyped["type"], untyped["name"], untyped["raw"]) == (None, None, {"b": "c"})
    assert (known["name"], known["raw"]) == ("button_map", {"commandType": 1067, "map": 1})


def test_what_is_known_altogether_is_reported_once(printer, options):
    printer.answer = says([*TEMPERATURES, {"commandType": 1021, "value": -5}, {"commandType": 1000, "subType": 1, "value": 8}])
    assert all("raw" not in line for line in lines(monitor(*options, "--json", "--count", 4)))


def test_job_states_have_names(printer, options):
    printer.answer = says([{"commandType": 1000, "subType": 1, "value": value} for value in (0, 4, 17, 99)])
    states = lines(monitor(*options, "--json", "--count", 4))
    assert [state.get("job_state") for state in states] == ["idle", "ended", "unloading", None]
    assert states[3]["value"] == 99
    printer.answer = says({"commandType": 1000, "subType": 2, "value": 1})
    (event,) = lines(monitor(*options, "--json", "--count", 1))
    assert (event["subType"], event["value"]) == (2, 1) and "job_state" not in event


def test_an_e1_keeps_what_nobody_knows_yet(printer, options):
    """Known types with members that are new, and a type that is new, whole."""
    printer.format = 6
    said = [{"commandType": 1100, "ink": {"leftInk": [9200, None], "uvHours": 12}, "wasteInk": {"leftInk": 6200, "tray": [1, None]}, "mood": -1},
            {"commandType": 1000, "status": {"state": 9, "step": 1, "why": "?"}, "extra": {"deep": [True]}},
            {"commandType": 1171, "anything": {"a": 1}},
            {"commandType": 1999, "never": "seen"}]
    printer.answer = says(said)
    heard = lines(monitor(*options, "--json", "--count", len(said)))
    assert [line["raw"] for line in heard] == said
    assert heard[0]["ink"] == said[0]["ink"] and heard[1]["status"] == said[1]["status"]


def test_texts_cannot_take_over_the_terminal(printer, options):
    printer.answer = says({"commandType": 1001, "name": "a\033[2Jb\u009bc\nd"}, '{"commandType":5,"x":"\u009b"}')
    shown = monitor(*options, "--count", 2).stdout
    assert "\033" not in shown and "\u009b" not in shown
    assert "file a\ufffd[2Jb\ufffdc\ufffdd" in shown


def test_a_very_long_name(printer, options):
    printer.answer = says({"commandType": 1001, "name": "x" * 5000})
    assert monitor(*options, "--count", 1).stdout.rstrip().endswith("xxx...")
    (record,) = lines(monitor(*options, "--json", "--count", 1))
    assert record["file"] == "x" * 5000


@pytest.mark.parametrize(
    "topic,name", [("notice", "notice"), ("command/reply", "command_reply"), ("query/reply", "query_reply"), ("change_notice", "change_notice")]
)
def test_every_topic_is_followed(printer, options, topic, name):
    printer.answer = says({"commandType": 1005, "value": 99}, topic=topic)
    (record,) = lines(monitor(*options, "--json", "--count", 1))
    assert (record["topic"], record["percent"]) == (name, 99)


def test_it_asks_once(printer, options):
    printer.answer = says(TEMPERATURES[0], TEMPERATURES[1])
    monitor(*options, "--count", 2)
    assert printer.received == [{"commandType": 1027, "value": 0}]


def test_messages_in_pieces(printer, options):
    def answer(fake, _message):
        for kind, piece in (("begin", '{"commandType":'), ("append", '1005,"va'), ("finish", 'lue":7}')):
            fake.publish(piece, options=["--packet-type", kind])

    printer.answer = answer
    (record,) = lines(monitor(*options, "--json", "--count", 1))
    assert record["percent"] == 7


def test_damaged_messages_are_reported_once_and_left_out(printer, options):
    def answer(fake, _message):
        fake.publish_bytes(b"MA garbage")
        fake.publish_bytes(b"MA garbage")
        fake.publish(TEMPERATURES[0])

    printer.answer = answer
    result = monitor(*options, "--json", "--count", 1)
    assert lines(result)[0]["type"] == 1003
    assert result.stderr.count("warning") == 1


def test_for_ends_it(printer, options):
    printer.answer = says(TEMPERATURES)
    started = time.monotonic()
    result = monitor(*options, "--for", "0.6")
    assert 0.6 <= time.monotonic() - started
    assert len(result.stdout.splitlines()) == 2


def test_for_with_the_wrong_key(printer, options):
    printer.key = OTHER_KEY
    # What the printer cannot read it does not answer: here it speaks by itself.
    process = Process(FLAGSHIP, "monitor", *options, "--for", "1.5", env=environment())
    until(lambda: process.child.poll() is not None or "does not fit" in process.log or printer.publish(TEMPERATURES[0]))
    assert process.await_end() == FAILED
    assert "the key does not fit" in process.log


def test_for_without_a_connection(options, key_file, serial):


    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        url = f"mqtts://127.0.0.1:{silent.getsockname()[1]}"
        result = run("monitor", "--broker", url, "--serial", serial, "--key-file", key_file, "--for", "0.3")
    assert result.returncode == CANNOT_CONNECT
    assert "no connection to the broker" in result.stderr


def test_silence_is_reported_and_waited_out(printer, options, serial):
    process = Process(FLAGSHIP, "monitor", *options, "--timeout", "2", "--count", 1, env=environment())
    process.await_text("no answer within 2 s")
    process.await_text(f"its serial number is {serial}")
    printer.publish(TEMPERATURES[0])
    assert process.await_end() == DONE


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it(printer, options, number):
    printer.answer = says(TEMPERATURES[0])
    process = Process(FLAGSHIP, "monitor", *options, env=environment(), output="stdout")
    process.await_lines(lambda seen: len(seen) >= 1)
    process.signal(number)
    assert process.await_end() == DONE


@pytest.mark.skipif(b"__asan_init" in FLAGSHIP.read_bytes(), reason="a sanitizer needs memory of its own")
def test_memory(printer, options):
    printer.answer = says(TEMPERATURES, JOB)
    process = Process(FLAGSHIP, "monitor", *options, "--json", env=environment(), output="stdout")
    process.await_lines(lambda seen: len(seen) >= 3)
    status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
    assert process.stop() == DONE
    resident = int(re.search(r"VmRSS:\s+(\d+) kB", status).group(1))
    assert resident < MEMORY_LIMIT_KIB


def test_a_reader_that_goes_away(printer, options):


    printer.answer = says(TEMPERATURES[0])
    with subprocess.Popen(
        [str(FLAGSHIP), "monitor", *map(str, options)], stdout=subprocess.PIPE, env=environment()
    ) as process:
        assert b"nozzle_temp" in process.stdout.readline()
        process.stdout.close()
        until(lambda: process.poll() is not None or printer.publish(TEMPERATURES[0]))
        assert process.returncode == FAILED


def test_losing_and_regaining_the_connection(tmp_path, authority, certificate, connection, serial):
    with Broker(tmp_path, *certificate) as own:
        printer = FakePrinter(serial, own.port, authority.certificate, KEY)
        process = Process(FLAGSHIP, "monitor", *connection(serial, own.url), env=environment())
        printer.await_received(1)
        printer.stop()
        own.stop()
        process.await_text("trying again")
        own.start()
        process.await_text("connected again")
        assert process.stop() == DONE


def test_colour_on_a_terminal(printer, options):
    printer.answer = says(TEMPERATURES[0])
    with Terminal("monitor", *options, "--count", 1) as terminal:
        text, status = terminal.await_end()
    assert status == DONE
    assert "\033[36mnozzle_temp" in text
    assert "\033[1m220.0 °C\033[0m" in text
    with Terminal("monitor", *options, "--count", 1, NO_COLOR="1") as terminal:
        assert "\033" not in terminal.await_end()[0]


@pytest.mark.parametrize("arguments", [["--count", "0"], ["--count", "x"], ["--for", "x"], ["word"], ["--jsno"]])
def test_usage(options, arguments):
    assert run("monitor", *options, *arguments).returncode == USAGE


def test_a_simulated_job(simulate, options):
    simulate(*options, "--model", "m5c", "--scenario", "print", "--at", "50", "--speed", "20")
    names = {record["name"] for record in lines(monitor(*options, "--json", "--count", 60))}
    assert {"event_notify", "print_schedule", "nozzle_temp", "hotbed_temp", "model_layer"} <= names
