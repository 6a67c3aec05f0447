# SPDX-License-Identifier: MIT
"""flagship lan search and flagship print, with simulated printers on the local network."""

import gzip
import hashlib
import json
import os
import re
import signal

import pytest

from accounts_home import Home
from json_style import check
from lan import DUID, address, archived, gcode, lan_address, options, serial  # noqa: F401: fixtures
from program import DONE, FAILED, NO_ANSWER, REFUSED, USAGE, lines, run
from terminal import Terminal
from test_serve import keep_printers


@pytest.fixture
def printer(options, simulate, address):
    """Starts the printer: printer("--fault", "lan-busy")."""
    return lambda *more: simulate(*options, "--speed", "20", "--lan", "--lan-address", address, "--lan-duid", DUID, *more)


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "cube 1.gcode"
    path.write_bytes(gcode())
    return path


def send(options, address, file, *more):
    result = run("print", file, "--address", address, "--rate", "0", "--json", *more, *options)
    (line,) = lines(result)
    assert check("print", result.stdout) == 1
    return result.returncode, line


def status_of(options):
    return json.loads(run("status", "--json", *options).stdout)


def test_a_search_finds_a_printer(printer, address):
    printer()
    result = run("lan", "search", "--json", "--address", address)
    assert result.returncode == DONE, result.stderr
    assert check("lan", result.stdout) == 1
    assert json.loads(result.stdout) == [{"serial": None, "name": None, "duid": DUID, "address": address}]


def test_a_search_that_finds_nobody_says_what_to_do(address):
    result = run("lan", "search", "--json", "--for", "100ms", "--address", address)
    assert (result.returncode, json.loads(result.stdout)) == (NO_ANSWER, [])
    assert "32108" in result.stderr


@pytest.mark.parametrize("words", [("lan",), ("lan", "look"), ("lan", "search", "--address", "printer.local")])
def test_wrong_use_of_a_search(words):
    assert run(*words).returncode == USAGE


def test_what_is_stored_names_a_printer_and_keeps_its_address(tmp_path, broker, authority, serial, address, printer, file):
    printer()
    home = Home(tmp_path / "home")
    home.folder.mkdir()
    keep_printers(home, broker, authority, {"Left": serial})
    accounts = json.loads(home.store.read_text())
    accounts["accounts"][0]["printers"][0]["p2p_did"] = DUID
    home.store.write_text(json.dumps(accounts))

    result = home.run("lan", "search", "--json", "--save", "--address", address)
    assert json.loads(result.stdout) == [{"serial": serial, "name": "Left", "duid": DUID, "address": address}]
    (account,) = home.accounts().values()
    assert account["printers"][0]["ip_addr" if "ip_addr" in account["printers"][0] else "address"] == address

    result = home.run("print", file, "-p", "Left", "--rate", "0", "--json")
    (line,) = lines(result)
    assert (result.returncode, line["outcome"], line["name"]) == (DONE, "confirmed", "Left"), result.stderr


def test_several_printers_print_it_at_once(tmp_path, broker, authority, connection, serial, simulate, file):
    home = Home(tmp_path / "home")
    home.folder.mkdir()
    serials = {"Left": f"{serial}L", "Right": f"{serial}R"}
    keep_printers(home, broker, authority, serials)
    accounts = json.loads(home.store.read_text())
    addresses = []
    for number, entry in enumerate(accounts["accounts"][0]["printers"]):
        entry["p2p_did"] = f"EUPRAKM-01234{number}-ABCDE"
        addresses.append(lan_address())
        simulate(*connection(entry["serial"]), "--speed", "20", "--lan", "--lan-address", addresses[-1], "--lan-duid", entry["p2p_did"])
    home.store.write_text(json.dumps(accounts))
    found = json.loads(home.run("lan", "search", "--save", "--json", "--address", addresses[0], "--address", addresses[1]).stdout)
    assert {entry["name"]: entry["address"] for entry in found} == dict(zip(("Left", "Right"), addresses))

    result = home.run("print", file, "-p", "left", "-p", "right", "--rate", "0", "--json")
    assert result.returncode == DONE, result.stderr
    assert {line["serial"]: line["outcome"] for line in lines(result)} == dict.fromkeys(serials.values(), "confirmed")
    assert home.run("print", file).returncode == USAGE
    assert home.run("print", file, "-p", "all", "--address", addresses[0]).returncode == USAGE


def test_a_file_is_sent_and_printed(printer, options, address, file, serial):
    printer()
    code, line = send(options, address, file)
    assert (code, line["outcome"]) == (DONE, "confirmed"), line
    assert (line["serial"], line["file"], line["size"]) == (serial, "cube_1.gcode", len(gcode()))
    assert line["md5"] == hashlib.md5(gcode()).hexdigest()
    assert (line["result"], line["attempts"], line["duid"]) == (0, 1, DUID)
    job = status_of(options)["job"]
    assert job["name"] == "cube_1.gcode"
    assert job["layers"] == 77


def test_what_people_see(printer, options, address, file):
    printer()
    result = run("print", file, "--address", address, "--name", "part.gcode", "--rate", "auto", *options)
    assert (result.returncode, result.stderr) == (DONE, "")
    assert "part.gcode" in result.stdout and result.stdout.count("\n") == 1


@pytest.mark.parametrize("form", ["lan-old-handshake", "lan-typed-replies"])
def test_other_firmware_is_understood(printer, options, address, file, form):
    printer("--fault", form)
    code, line = send(options, address, file)
    assert (code, line["outcome"]) == (DONE, "confirmed"), line


def test_without_a_start_nothing_is_printed(printer, options, address, file):
    printer()
    code, line = send(options, address, file, "--no-start")
    assert (code, line["outcome"]) == (DONE, "accepted"), line
    assert "its end, which starts the print, was left out" in line["detail"]
    assert status_of(options)["job"]["state"] == "idle"


def test_a_job_under_way_is_left_alone(printer, options, address, file):
    printer("--scenario", "print", "--at", "20")
    code, line = send(options, address, file)
    assert (code, line["outcome"], line["attempts"]) == (REFUSED, "refused", 0), line
    assert "a job is under way" in line["detail"]


def test_nobody_knows_where_the_printer_is(simulate, options, file):
    simulate(*options, "--speed", "20")
    result = run("print", file, "--json", *options)
    (line,) = lines(result)
    assert (result.returncode, line["outcome"]) == (FAILED, "failed")
    assert "flagship lan search --save" in line["detail"]


def test_it_waits_for_the_end_of_the_job(printer, options, address, tmp_path):
    printer("--speed", "200")
    path = tmp_path / "short.gcode"
    path.write_bytes(gcode(10, ";TIME:60\n;LAYER_COUNT:3\n"))
    code, line = send(options, address, path, "--wait")
    assert (code, line["outcome"], line["job_state"]) == (DONE, "confirmed", "finished"), line


def test_a_file_that_is_none(options, tmp_path):
    empty = tmp_path / "empty.gcode"
    empty.write_bytes(b"")
    for path, code in ((empty, FAILED), (tmp_path, FAILED), (tmp_path / "missing.gcode", FAILED)):
        assert run("print", path, *options).returncode == code
    assert run("print", *options).returncode == USAGE
    assert run("print", empty, "--name", "a/b", *options).returncode == USAGE
    assert run("print", empty, "--rate", "fast", *options).returncode == USAGE


def test_interrupted_in_the_middle_nothing_is_printed(printer, options, address, tmp_path):
    simulated = printer("--verbose")
    path = tmp_path / "large.gcode"
    path.write_bytes(gcode(100000))
    arguments = ("print", path, "--address", address, "--rate", "0.5", *options)
    with Terminal(*arguments) as printing:
        simulated.await_text("a file comes: large.gcode")
        # What is left is known once there is a rate.
        assert re.search(r"uploading \[#*-+\] \d+ %, \d+\.\d\d MB/s, .+ left", printing.await_text(" left"))
        os.kill(printing.child.pid, signal.SIGINT)
        assert printing.await_end()[1] == 130
    assert status_of(options)["job"]["state"] == "idle"


def received(address, options, path, *more):
    code, line = send(options, address, path, *more)
    return code, line["outcome"], line["detail"]


def test_a_file_that_leaves_the_printer_is_refused_before_anything_is_sent(printer, options, address, file):
    printer()
    file.write_bytes(gcode() + b"G1 X300\n")
    code, outcome, detail = received(address, options, file)
    assert (code, outcome) == (REFUSED, "refused")
    assert "X 300.00 mm" in detail and "--force" in detail
    assert status_of(options)["job"]["state"] == "idle"


def test_a_line_that_nobody_may_send_is_named(printer, options, address, file):
    printer()
    file.write_bytes(b";TIME:60\n;LAYER_COUNT:1\nG28\nM502\nG1 X10 E1\n")
    code, outcome, detail = received(address, options, file)
    assert (code, outcome) == (REFUSED, "refused")
    assert detail.startswith("line 4: M502")
    assert received(address, options, file, "--force")[1] == "confirmed"


def test_a_packed_file_is_sent_unpacked_with_what_the_printer_needs(printer, options, address, tmp_path):
    """The printer takes the time from a line that no slicer but the vendor's writes."""
    printer()
    plain = gcode(header="; estimated printing time (normal mode) = 1h 30m\n;LAYER_CHANGE\n")
    path = tmp_path / "cube.gcode.gz"
    path.write_bytes(gzip.compress(plain))
    code, line = send(options, address, path, "--name", "cube.gcode")
    assert (code, line["outcome"]) == (DONE, "confirmed")
    assert line["size"] == len(plain) + len(b";TIME:5400\n;LAYER_COUNT:1\n")


def test_of_an_archive_of_the_vendor_its_gcode_is_sent(printer, options, address, tmp_path):
    """A tar of pictures and the G-code, which the slicer saves as .acode."""
    printer()
    path = tmp_path / "cube.acode"
    path.write_bytes(archived(gcode()))
    code, line = send(options, address, path)
    assert (code, line["outcome"], line["file"], line["size"]) == (DONE, "confirmed", "cube.gcode", len(gcode()))


def test_another_machine_is_a_warning(printer, options, address, file):
    printer()
    file.write_bytes(gcode() + b"; printer_model = MK4S\n")
    result = run("print", file, "--address", address, "--rate", "0", "--model", "m5", *options)
    assert result.returncode == DONE, result.stderr
    assert "MK4S" in result.stderr
