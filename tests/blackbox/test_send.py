# SPDX-License-Identifier: MIT
"""flagship send and flagship query: any message at all."""

import itertools
import json

import pytest

from conftest import KEY
from fake_printer import FakePrinter
from program import DONE, REFUSED, USAGE, lines, run

NUMBERS = itertools.count()


@pytest.fixture
def serial():
    return f"SEND{next(NUMBERS)}"


@pytest.fixture
def options(serial, connection):
    return connection(serial)


def answer(printer, message):
    """Tells its state when asked, refuses 1022 and takes all else."""
    if message["commandType"] == 1027:
        printer.publish({"commandType": 1000, "subType": 1, "value": 0})
    elif message["commandType"] == 1153:
        printer.publish([{"commandType": 1153, "reply": 0, "file": "\x1b[31mred"}, {"commandType": 1153, "part": 2}], "query/reply")
    else:
        printer.reply(commandType=message["commandType"], reply=1 if message["commandType"] == 1022 else 0, echo=message)


@pytest.fixture
def printer(serial, broker, authority):
    fake = FakePrinter(serial, broker.port, authority.certificate, KEY, answer)
    yield fake
    fake.stop()


def sent(printer, type_):
    return [m for m in printer.received if m["commandType"] == type_]


@pytest.mark.parametrize(("words", "message"), [
    (("1006", "value=250"), {"commandType": 1006, "value": 250}),
    (("print_speed", "value=250"), {"commandType": 1006, "value": 250}),
    (("ZZ_MQTT_CMD_PRINT_SPEED", "value=250"), {"commandType": 1006, "value": 250}),
    (("1034", "devName=a b=\"ö\""), {"commandType": 1034, "devName": 'a b="ö"'}),
    (("1034", "devName=5"), {"commandType": 1034, "devName": "5"}),
    (("1006", "value=250", "more=[1,{\"a\":null}]"), {"commandType": 1006, "value": 250, "more": [1, {"a": None}]}),
    (("1006", "value=250", "more=[1,"), {"commandType": 1006, "value": 250, "more": "[1,"}),
    (("1006", "value=250", "more="), {"commandType": 1006, "value": 250, "more": ""}),
    (("7777", "a=1", "b=1.5", "c=true", "d=text"), {"commandType": 7777, "a": 1, "b": 1.5, "c": True, "d": "text"}),
    (("1006", "value=2000", "--force"), {"commandType": 1006, "value": 2000}),
    (("1006", "--force"), {"commandType": 1006}),
])
def test_builds_what_is_sent(printer, options, words, message):
    result = run("send", *words, *options)
    assert result.returncode == DONE, result.stderr
    assert sent(printer, message["commandType"]) == [message]
    assert json.loads(result.stdout) == {"commandType": message["commandType"], "reply": 0, "echo": message}


def test_answers_to_a_query(printer, options):
    result = run("query", "1153", *options)
    assert result.returncode == DONE, result.stderr
    assert [line["commandType"] for line in lines(result)] == [1153, 1153]
    assert "\x1b" not in result.stdout
    (line,) = lines(run("query", "1153", "--json", *options))
    assert [reply.get("part") for reply in line["replies"]] == [None, 2]
    assert line["outcome"] == "confirmed"


def test_what_is_no_query_is_not_asked(printer, options):
    result = run("query", "1010", "filePath=/x", *options)
    assert result.returncode == USAGE
    assert "1010" in result.stderr and "--force" in result.stderr
    assert sent(printer, 1010) == []


def test_all_that_a_printer_knows(options, simulate):
    simulate(*options, "--speed", "20")
    result = run("query", "app_query_status", *options)
    assert result.returncode == DONE, result.stderr
    assert {1000, 1003, 1004, 1006} <= {line["commandType"] for line in lines(result)}
    assert len(set(result.stdout.splitlines())) == len(result.stdout.splitlines())


def test_refused(printer, options):
    result = run("send", "1022", "value=3", *options)
    assert result.returncode == REFUSED
    assert "refuse" in result.stderr
    (line,) = lines(run("send", "1022", "value=3", "--json", *options))
    assert (line["outcome"], line["reply"], line["replies"][0]["reply"]) == ("refused", 1, 1)


@pytest.mark.parametrize(("words", "part"), [
    ((), "needs a type"), (("print_sped",), "print_speed"), (("-5",), "-5"), (("1030",), "needs printMode="),
    (("1006", "value=1", "value=2"), "twice"), (("1006", "value"), "NAME=VALUE"), (("1006", "=5"), "NAME=VALUE"),
    (("1006", "value=fast"), "whole number"), (("1006", "value=1.5"), "whole number"), (("1030", "printMode=9"), "0 to 3"),
    (("1006", "value=250", "commandType=3"), "already"), (("1027",), "not known as a command"),
])
def test_mistakes(options, words, part):
    result = run("send", *words, *options)
    assert result.returncode == USAGE
    assert part in result.stderr and result.stdout == ""


@pytest.mark.parametrize("words", [
    ("1003", "value=40000"), ("1003",), ("1004", "value=20000"), ("1006", "value=2000"), ("1006",),
    ("1008", "value=9"), ("1021", "value=-2000"), ("1034",), ("1038",), ("1043", "cmdData=M112")])
def test_what_is_dangerous_is_refused_and_no_mere_mistake(printer, options, words):
    """Out of the specification's range, or without a field: refused as the guard refuses it, with 7."""
    result = run("send", *words, *options)
    assert result.returncode == REFUSED, result.stderr
    (line,) = lines(run("send", *words, "--json", *options))
    assert (line["outcome"], line["attempts"]) == ("refused", 0)
    assert not sent(printer, int(words[0]))


def test_a_mistake_that_is_reported_late(printer, options, home):
    """What one's own settings allow is no danger any more, but a mistake still."""
    home.settings("[m5]\nnozzle_max_c = 500\n")
    result = home.run("send", "1003", "value=40000", *options)
    assert result.returncode == USAGE and "value takes 0 to 31000" in result.stderr
    assert not sent(printer, 1003)


@pytest.mark.parametrize(("word", "meant"), [
    ("app_query_statu", "app_query_status"), ("status", "app_query_status"), ("print_sped", "print_speed"), ("FIRMWARE", "firmware_version")])
def test_a_type_that_was_perhaps_meant(options, word, meant):
    result = run("query", word, *options)
    assert result.returncode == USAGE and f"did you mean {meant}?" in result.stderr


def test_a_command_is_no_query(options):
    result = run("query", "1006", "value=100", *options)
    assert result.returncode == USAGE and "not known as a query" in result.stderr
