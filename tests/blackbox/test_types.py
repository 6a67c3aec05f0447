# SPDX-License-Identifier: MIT
"""flagship types: the table of messages."""

import json
import re

import pytest

from program import DONE, FAILED, ROOT, USAGE, run

STF = (ROOT / "specifications" / "mqtt.stf").read_text(encoding="utf-8")
SPECIFIED = {
    int(number): (name, None if vendor == "-" else vendor)
    for number, name, vendor in re.findall(r"^message (\d+) (\S+) (\S+)$", STF, re.MULTILINE)
}


def test_the_table_lists_what_is_specified():
    result = run("types")
    assert result.returncode == DONE
    heading, *rows = result.stdout.splitlines()
    assert heading.split() == ["ID", "NAME", "VENDOR", "NAME", "DIRECTIONS", "GRADE", "DESCRIPTION"]
    listed = {int(row.split()[0]): row.split()[1:3] for row in rows}
    assert listed == {k: [name, vendor or "-"] for k, (name, vendor) in SPECIFIED.items()}
    assert "\033" not in result.stdout


def test_json_of_all():
    result = run("types", "--json")
    assert result.returncode == DONE
    types = json.loads(result.stdout)
    assert {t["id"]: (t["name"], t["vendor_name"]) for t in types} == SPECIFIED
    assert [t["id"] for t in types] == sorted(SPECIFIED)
    for t in types:
        assert t["grade"] in "ABC"
        assert t["description"]
        assert set(t["directions"]) <= {"notice", "command", "query", "reply"}
        for field in t["fields"]:
            assert field["kind"] in ("int", "real", "text", "json")


@pytest.mark.parametrize(
    "word",
    ["1003", "nozzle_temp", "NOZZLE_TEMP", "ZZ_MQTT_CMD_NOZZLE_TEMP", "zz_mqtt_cmd_nozzle_temp"],
)
def test_one_by_any_name(word):
    result = run("types", word)
    assert result.returncode == DONE
    assert result.stdout.startswith("1003 nozzle_temp  ZZ_MQTT_CMD_NOZZLE_TEMP\n")
    assert re.search(r"^currentTemp +int +0\.01 °C +- +notice +measured$", result.stdout, re.MULTILINE)
    assert re.search(r"^value +int +0\.01 °C +0\.\.31000 +command +wanted$", result.stdout, re.MULTILINE)

    one = json.loads(run("types", "--json", word).stdout)
    assert one["id"] == 1003
    assert one["directions"] == ["notice", "command"]
    value = {field["name"]: field for field in one["fields"]}["value"]
    assert (value["minimum"], value["maximum"], value["required"]) == (0, 31000, True)
    assert value["unit"] == "0.01 °C"


def test_a_type_without_fields():
    result = run("types", "3000")
    assert result.returncode == DONE
    assert "No field of it is known." in result.stdout
    assert json.loads(run("types", "3000", "--json").stdout)["fields"] == []


@pytest.mark.parametrize("word,nearest", [("nozle_temp", "nozzle_temp"), ("PRINT_SCHEDUL", "print_schedule")])
def test_unknown_names_suggest_the_nearest(word, nearest):
    result = run("types", word)
    assert result.returncode == FAILED
    assert result.stdout == ""
    assert f"did you mean {nearest}?" in result.stderr.replace("PRINT_SCHEDULE", "print_schedule")


@pytest.mark.parametrize("word", ["1", "-1", "99999", "frobnicate", ""])
def test_unknown_without_a_guess(word):
    result = run("types", "--", word)
    assert result.returncode == FAILED
    assert "flagship types lists them" in result.stderr


def test_usage():
    assert run("types", "1000", "1001").returncode == USAGE
    result = run("types", "--jsn")
    assert result.returncode == USAGE
    assert "did you mean --json?" in result.stderr
