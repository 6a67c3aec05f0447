# SPDX-License-Identifier: MIT
"""What Moonraker's clients ask of the past, and what they keep here: all options, and what is wrong of each."""

import hashlib
import json
import os
import pathlib
import sqlite3

import pytest

from accounts_home import Home
from conftest import KEY
from broker import free_row
from gateway import Gateway
from moonraker_client import Client
from moonraker_served import BENCHY, ask, upload
from program import DONE
from test_serve import ACCOUNT

LAYOUT = pathlib.Path(__file__).with_name("history_layout_1.sql")
BEGUN_MS = 1795955286909
HASH = hashlib.sha256(BENCHY).hexdigest()
COLUMNS = ("id, printer, outcome, joined, begun_ms, ended_ms, duration_ms, elapsed_s, filament_used, filament_unit, task_id, file, hash,"
           " path, reason")
# Of the printer "Left" but for the last one: the outcome, seconds, filament with its unit, and the file.
JOBS = [
    (2, 1, 2, 100, 90, 1500, "m", "cancelled.gcode", "", ""),
    (3, 1, 3, 200, 150, 2500, "g", "failed.gcode", "", ""),
    (4, 1, 4, None, None, None, "", "unknown.gcode", "", ""),
    (5, 1, 1, 400, 350, 321500, "mm", "cube.gcode", HASH, "plates/benchy.gcode"),
    (6, 1, 1, 500, 450, 321500, "mm", "other.gcode", "0" * 64, "plates/benchy.gcode"),
    (7, 2, 1, 600, 550, 1000, "mm", "right.gcode", "", ""),
]


def fill(path):
    database = sqlite3.connect(path)
    database.executescript(LAYOUT.read_text())
    database.execute("INSERT INTO printers VALUES (2, 'HISTORY2', 'Right')")
    for number, printer, outcome, duration_s, elapsed_s, filament, unit, name, digest, place in JOBS:
        begun = BEGUN_MS + number * 1000000
        database.execute(f"INSERT INTO jobs ({COLUMNS}) VALUES ({','.join('?' * 15)})",
                         (number, printer, outcome, 0, begun, duration_s and begun + duration_s * 1000, duration_s and duration_s * 1000, elapsed_s,
                          filament, unit, "", name, digest, place, ""))
    database.commit()
    database.close()
    os.chmod(path, 0o600)


def make_home(folder, broker, authority):
    home = Home(folder)
    printers = [{"id": serial, "sn": serial, "name": name, "model": "V8111", "mqtt_key": KEY, "ip_addr": "", "__type__": "Printer"}
                for name, serial in (("Left", "HISTORY1"), ("Right", "HISTORY2"))]
    (home.folder / "default.json").write_text(json.dumps({"account": ACCOUNT, "printers": printers, "__type__": "Config"}))
    assert home.run("import", home.folder / "default.json", "--broker", broker.url, "--ca", authority.certificate, "--offline").returncode == DONE
    home.base = free_row()
    home.state = home.folder / "serve-state"
    home.state.mkdir(mode=0o700)
    return home


@pytest.fixture(scope="module")
def served(tmp_path_factory, broker, authority):
    home = make_home(tmp_path_factory.mktemp("moonraker-history"), broker, authority)
    fill(home.state / "history.db")
    with Gateway(home, "--moonraker-base-port", str(home.base), "--dir", str(home.state)) as gateway:
        home.gateway = gateway
        assert upload(home.base, "benchy.gcode", BENCHY, root="gcodes", path="plates")[0] == 201
        yield home


@pytest.fixture
def client(served):
    with Client(served.base) as opened:
        yield opened


def names(client, **options):
    return [job["filename"] for job in client.call("server.history.list", **options)["jobs"]]


# --- history ---


def test_jobs_are_told_as_they_ended(client):
    answer = client.call("server.history.list")
    jobs = {job["job_id"]: job for job in answer["jobs"]}
    assert answer["count"] == 6 and list(jobs) == ["000006", "000005", "000004", "000003", "000002", "000001"]
    assert [job["status"] for job in answer["jobs"]] == ["completed", "completed", "interrupted", "error", "cancelled", "completed"]
    # Millimetres, whatever the printer counts in; of grams nobody knows.
    assert [job["filament_used"] for job in answer["jobs"]] == [321.5, 321.5, 0, 0, 1500, 3710]
    assert (jobs["000002"]["total_duration"], jobs["000002"]["print_duration"]) == (100, 90)
    assert jobs["000002"]["end_time"] - jobs["000002"]["start_time"] == pytest.approx(100)
    unknown = jobs["000004"]
    assert (unknown["total_duration"], unknown["print_duration"], unknown["end_time"]) == (0, 0, None)


def test_a_file_that_is_still_there_has_its_metadata(client):
    jobs = {job["job_id"]: job for job in client.call("server.history.list")["jobs"]}
    there = jobs["000005"]
    assert there["exists"] is True and there["filename"] == "plates/benchy.gcode"
    assert there["metadata"]["size"] == len(BENCHY) and there["metadata"]["estimated_time"] == 1234 and there["metadata"]["modified"] > 0
    # Another file has its name meanwhile.
    assert (jobs["000006"]["exists"], jobs["000006"]["filename"], jobs["000006"]["metadata"]) == (False, "other.gcode", {})
    assert (jobs["000002"]["exists"], jobs["000002"]["metadata"]) == (False, {})


@pytest.mark.parametrize("options, expected", [
    ({"limit": 2}, [6, 5]), ({"limit": 2, "start": 1}, [5, 4]), ({"start": 4}, [2, 1]), ({"start": 9}, []), ({"limit": 5000}, [6, 5, 4, 3, 2, 1]),
    ({"limit": 2, "order": "asc"}, [1, 2]), ({"limit": 2, "order": "desc"}, [6, 5]), ({"limit": "2"}, [6, 5]),
    # What is no number, or none that makes sense, is as if it were not there.
    ({"limit": 0}, [6, 5, 4, 3, 2, 1]), ({"limit": -1, "start": -1}, [6, 5, 4, 3, 2, 1]), ({"limit": "x", "order": 7}, [6, 5, 4, 3, 2, 1]),
    ({"since": -5, "before": "x"}, [6, 5, 4, 3, 2, 1]), ({"since": 1e300, "before": None}, [6, 5, 4, 3, 2, 1]),
    # When the fourth one ended nobody knows.
    ({"since": BEGUN_MS / 1000 + 4500}, [6, 5, 4]), ({"before": BEGUN_MS / 1000 + 2500}, [2, 1])])
def test_lists_are_narrowed(client, options, expected):
    assert [int(job["job_id"], 16) for job in client.call("server.history.list", **options)["jobs"]] == expected


@pytest.mark.parametrize("uid", ["", "0", "000007", "zz", "-1", "1 ", "../x", "7FFFFFFFFFFFFFFF", "FFFFFFFFFFFFFFFFFFF", "1" * 30, 5, None, ["5"]])
def test_no_other_id_is_a_job(client, uid):
    assert client.refusal("server.history.get_job", uid=uid).code == 404
    assert client.refusal("server.history.delete_job", uid=uid).code == 404
    assert client.refusal("server.history.delete_job", uid=uid, all=False).code == 404


def test_one_job_is_found_by_its_id(client):
    assert client.call("server.history.get_job", uid="5")["job"]["job_id"] == "000005"
    assert client.call("server.history.get_job", uid="000005")["job"]["metadata"]["size"] == len(BENCHY)


def test_totals_are_of_one_printer(client):
    totals = client.call("server.history.totals")["job_totals"]
    assert totals["total_jobs"] == 6 and totals["longest_print"] == 1195
    assert totals["total_filament_used"] == 321.5 + 321.5 + 1500 + 3710 and totals["total_print_time"] == 90 + 150 + 350 + 450 + 1195


def test_jobs_are_forgotten_one_by_one_and_all_together(tmp_path, broker, authority):
    home = make_home(tmp_path, broker, authority)
    fill(home.state / "history.db")
    with Gateway(home, "--moonraker-base-port", str(home.base), "--dir", str(home.state)), Client(home.base) as client:
        assert client.call("server.history.delete_job", uid="3") == {"deleted_jobs": ["000003"]}
        assert client.refusal("server.history.delete_job", uid="3").code == 404
        assert names(client, order="asc", limit=2) == ["flagship_benchy_0.2mm_PLA_Anker_M5.gcode", "cancelled.gcode"]
        status, answer = ask(home.base, "DELETE", "/server/history/job?uid=000002")
        assert (status, answer["result"]) == (200, {"deleted_jobs": ["000002"]})
        assert client.call("server.history.delete_job", all=True) == {"deleted_jobs": []}
        assert client.call("server.history.list")["count"] == 0
        assert client.call("server.history.delete_job", all="true") == {"deleted_jobs": []}
        with Client(home.base + 1) as other:
            assert names(other) == ["right.gcode"]


# --- database ---


def post(client, key, value, space="tree"):
    return client.call("server.database.post_item", namespace=space, key=key, value=value)["value"]


def test_namespaces_are_told(client):
    post(client, "a", 1, "first")
    post(client, "a", 1, "second")
    answer = client.call("server.database.list")
    assert {"first", "second"} <= set(answer["namespaces"]) and answer["backups"] == []
    assert client.call("server.database.delete_item", namespace="first")["value"] == {"a": 1}
    assert "first" not in client.call("server.database.list")["namespaces"]


def test_what_is_deeper_takes_the_place_of_a_value(client):
    post(client, "a.b", 5)
    post(client, "a.b.c", 7)
    assert client.call("server.database.get_item", namespace="tree", key="a")["value"] == {"b": {"c": 7}}
    assert client.call("server.database.get_item", namespace="tree", key="a")["key"] == "a"
    assert client.refusal("server.database.get_item", namespace="tree", key="a.b.c.d").message == "Key 'd' in namespace 'tree' not found"
    assert post(client, ["a.b", "c"], None) is None
    assert client.call("server.database.get_item", namespace="tree")["value"] == {"a": {"b": {"c": 7}}, "a.b": {"c": None}}
    assert client.call("server.database.get_item", namespace="tree")["key"] is None


@pytest.mark.parametrize("params", [
    {}, {"namespace": ""}, {"namespace": 7}, {"namespace": "n" * 128}, {"namespace": "n", "key": 7}, {"namespace": "n", "key": ""},
    {"namespace": "n", "key": "."}, {"namespace": "n", "key": "a..b"}, {"namespace": "n", "key": "a."}, {"namespace": "n", "key": "a.b.c.d.e.f.g.h.i"},
    {"namespace": "n", "key": "k" * 1024}, {"namespace": "n", "key": []}, {"namespace": "n", "key": ["a", 1]}, {"namespace": "n", "key": ["a", ""]},
    {"namespace": "n", "key": list("abcdefghi")}, {"namespace": "n", "key": ["k" * 600, "k" * 600]}, {"namespace": "n", "key": {"a": "b"}}])
@pytest.mark.parametrize("method", ["get_item", "post_item", "delete_item"])
def test_what_names_no_place_is_refused(client, method, params):
    before = client.call("server.database.list")
    assert client.refusal(f"server.database.{method}", **params, **({"value": 1} if method == "post_item" else {})).code == -32602
    assert client.call("server.database.list") == before


def test_a_value_is_needed(client):
    assert client.refusal("server.database.post_item", namespace="n", key="a").message == "key and value are to be given"
    assert client.refusal("server.database.post_item").code == -32602
    assert client.refusal("server.database.get_item", namespace="nothing").message == "Namespace 'nothing' not found"
    assert client.refusal("server.database.delete_item", namespace="nothing", key="a").code == 404


@pytest.mark.parametrize("query, expected", [
    ("namespace=%71&key=a%2Eb&value=1", (200, "1")), ("namespace=q&key=a+b&value=x%C3%a4", (200, "xä")), ("namespace=q&key=j&value:json=[1,2]", (200, [1, 2])),
    ("namespace=q&key=j&value:json=[1", (200, "[1")), ("namespace=q&key=j&value:int=5", (200, "5")), ("namespace=q&key=j&&=5&value=%4A", (200, "J")),
    ("namespace=q&key=%", (400, None)), ("namespace=q&key=%4", (400, None)), ("namespace=q&key=%4g", (400, None)), ("namespace=q&key=%g4", (400, None)),
    ("namespace=q&key=%00", (400, None)), ("namespace=q&%zz=1", (400, None)), ("namespace=q&key=%5B%60", (400, None)),
    ("namespace=q&value=1&key=" + "k" * 5000, (400, None))])
def test_queries_are_unescaped(served, query, expected):
    status, answer = ask(served.base, "POST", "/server/database/item?" + query)
    assert (status, answer["result"]["value"] if status == 200 else None) == expected


@pytest.mark.parametrize("body", ["[1]", "{", "7", '{"a":' * 30 + "1" + "}" * 30])
def test_a_body_is_an_object(served, body):
    status, answer = ask(served.base, "POST", "/server/database/item", body)
    assert (status, answer["error"]["message"]) == (400, "the body is to be an object in JSON")


def test_a_batch_over_http(served):
    batch = [{"jsonrpc": "2.0", "method": "server.history.totals", "id": 1}, {"jsonrpc": "2.0", "method": "server.history.list", "id": 2},
             {"jsonrpc": "2.0", "method": "no.such", "id": 3}, {"jsonrpc": "2.0", "method": "server.info"}]
    status, answers = ask(served.base, "POST", "/server/jsonrpc", batch)
    assert status == 200 and sorted(answer["id"] for answer in answers) == [1, 2, 3]
    assert [answer["error"]["code"] for answer in answers if answer["id"] == 3] == [-32601]
    # Nobody wants an answer.
    assert ask(served.base, "POST", "/server/jsonrpc", [{"jsonrpc": "2.0", "method": "server.info"}]) == (200, b"")


# --- the file ---


@pytest.mark.parametrize("text", ["", "{", "[]", "7"])
def test_a_damaged_database_is_told(tmp_path, broker, authority, text):
    home = make_home(tmp_path, broker, authority)
    (home.state / "moonraker.json").write_text(text)
    (home.state / "moonraker.json").chmod(0o600)
    done = home.run("serve", "--port", "0", "--moonraker-base-port", str(home.base), "--dir", str(home.state))
    assert done.returncode != DONE and "moonraker.json is damaged: remove it, and pages of Moonraker's clients begin" in done.stderr
