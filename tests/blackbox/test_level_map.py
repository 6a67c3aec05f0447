# SPDX-License-Identifier: MIT
"""flagship level --map: the heights of the bed, through replies of which parts are missing."""

import itertools
import json
import subprocess

import pytest

from conftest import KEY
from fake_printer import FakePrinter
from json_style import check
from program import DONE, FAILED, FLAGSHIP, NO_ANSWER, REFUSED, USAGE, environment, lines, run

NUMBERS = itertools.count()
SIZE = 7
LIMIT = 512
HEIGHTS = [[round((y * 41 + x * 7 - 150 + x * y % 5 * 100) / 1000, 3) for x in range(SIZE)] for y in range(SIZE)]
TABLE = (
    "Bilinear Leveling Grid:\n"
    + "".join(f"{x:7}" for x in range(SIZE))
    + "\n"
    + "".join(f"{y:2}" + "".join(f" {z:+.3f}" for z in row) + "\n" for y, row in enumerate(HEIGHTS))
    + "\necho:Bed Leveling ON\necho:Fade Height 10.00\n+ringbuf:0,512,1\nok\n"
)
POINTS = (
    "echo:; Auto Bed Leveling:\n"
    + "".join(f"echo:  G29 W I{x} J{y} Z{z:.5f}\n" for y, row in enumerate(HEIGHTS) for x, z in enumerate(row))
    + "echo:; Endstop adjustment:\necho:  M666 Z0.00\n+ringbuf:0,512,1\nok\n"
)
POSITION = "X:0.00 Y:0.00 Z:0.00 E:0.00\n+ringbuf:0,512,1\nok\n"


@pytest.fixture
def serial():
    return f"LEVEL{next(NUMBERS)}"


@pytest.fixture
def options(serial, connection):
    return connection(serial)


@pytest.fixture
def printer(serial, broker, authority):
    """printer(table, points): starts one; each is what it answers, time after time, the last for ever."""
    running = []

    def start(table, points=("ok\n",), position=(POSITION,), reply=0):
        answers = {"M420 V": list(table), "M503": list(points), "M114": list(position)}

        def answer(fake, message):
            texts = answers.get(message.get("cmdData"))
            if not texts:
                return
            said = texts.pop(0) if len(texts) > 1 else texts[0]
            for text in [said] if isinstance(said, str) else said:
                fake.reply(commandType=1043, reply=reply, resCode=0, resLen=len(text), resData=text)

        running.append(FakePrinter(serial, broker.port, authority.certificate, KEY, answer))
        return running[-1]

    yield start
    for fake in running:
        fake.stop()


def level_map(options, *more, **changes):
    return run("level", "--map", *more, *options, **changes)


def asked(fake):
    return [message["cmdData"] for message in fake.received if message.get("commandType") == 1043]


def spliced(text, start, gap):
    return (text[:start] + text[start + gap :])[:LIMIT]


@pytest.mark.parametrize("model", ["m5", "m5c"])
def test_simulated(simulate, options, serial, model):
    simulated = simulate(*options, "--model", model)
    result = level_map(options, "--json")
    assert (result.returncode, result.stderr) == (DONE, "")
    (line,) = lines(result)
    assert (line["printer"], line["name"], line["complete"], line["unknown"]) == (serial, None, True, [])
    heights = line["heights_mm"]
    assert [len(row) for row in heights] == [SIZE] * SIZE
    flat = [height for row in heights for height in row]
    assert (line["lowest_mm"], line["highest_mm"]) == (min(flat), max(flat))
    assert abs(line["mean_mm"] - sum(flat) / len(flat)) < 0.001
    # Nothing has moved, and nothing was asked that changes anything.
    assert set(simulated.counts()["executed"]) <= {"1043", "1027"}
    csv = level_map(options, "--csv")
    assert csv.returncode == DONE
    assert [[float(cell) for cell in row.split(",")] for row in csv.stdout.splitlines()] == heights


def test_page(printer, options, serial):
    fake = printer([TABLE])
    result = level_map(options)
    assert (result.returncode, result.stderr) == (DONE, "")
    page = result.stdout.splitlines()
    assert page[0] == f"{serial}: heights of the bed in mm"
    # As one stands before it: the back at the top.
    assert page[1].split() == ["back", "6"] + [f"{z:+.3f}" for z in HEIGHTS[6]]
    assert page[7].split() == ["front", "0"] + [f"{z:+.3f}" for z in HEIGHTS[0]]
    assert page[8].split() == [str(x) for x in range(SIZE)]
    assert page[9].startswith("lowest -0.150 mm, highest +0.524 mm, mean ")
    assert "\033" not in result.stdout
    assert asked(fake) == ["M420 V"]


def test_colours(printer, options):
    printer([TABLE])
    result = level_map(options, FLAGSHIP_COLOUR="always")
    assert "\033[38;5;16;48;5;" in result.stdout
    # Each line ends as it began.
    assert all(line.count("\033[") % 2 == 0 for line in result.stdout.splitlines())


@pytest.mark.parametrize("parts", [2, 3, 8])
def test_several_messages(printer, options, parts):
    size = len(TABLE) // parts + 1
    printer([[TABLE[i : i + size] for i in range(0, len(TABLE), size)]])
    result = level_map(options, "--json")
    assert (result.returncode, result.stderr) == (DONE, "")
    assert lines(result)[0]["heights_mm"] == HEIGHTS


def test_the_rest_comes_with_the_next_answer(printer, options):
    fake = printer([TABLE[:300]], position=["ok\n\n" + TABLE[300:]])
    result = level_map(options, "--json")
    assert (result.returncode, result.stderr) == (DONE, "")
    assert lines(result)[0]["heights_mm"] == HEIGHTS
    assert asked(fake) == ["M420 V", "M114"]


def test_splices_that_drift(printer, options):
    long = "echo:" + "x" * 40 + "\n" + TABLE
    fake = printer([spliced(long, 110, 60), spliced(long, 280, 52), spliced(long, 420, 52)])
    result = level_map(options, "--json")
    assert result.returncode == DONE, result.stderr
    assert lines(result)[0]["heights_mm"] == HEIGHTS
    assert asked(fake).count("M420 V") >= 2


def test_settings_tell_what_the_table_lost(printer, options):
    start = TABLE.index("\n 5 ") + 1
    fake = printer([TABLE[:start]], [POINTS[-LIMIT - 60 : -20], POINTS[-2 * LIMIT : -LIMIT]])
    result = level_map(options, "--json")
    assert result.returncode == DONE, result.stderr
    assert lines(result)[0]["heights_mm"] == HEIGHTS
    assert "M503" in asked(fake)


def test_what_stays_unknown_is_said(printer, options, serial):
    start = TABLE.index("\n 6 ") + 1
    fake = printer([TABLE[: start + 3 + 3 * SIZE]])
    result = level_map(options, "--json")
    assert result.returncode == FAILED
    assert f"printer {serial}: 4 of 49 heights are not known" in result.stderr
    assert "x 3, y 6; x 4, y 6; x 5, y 6; x 6, y 6; run it again" in result.stderr
    (line,) = lines(result)
    assert line["complete"] is False
    assert line["heights_mm"] == HEIGHTS[:6] + [HEIGHTS[6][:3] + [None] * 4]
    assert line["unknown"] == [{"x": x, "y": 6} for x in range(3, SIZE)]
    assert asked(fake).count("M420 V") > 2


@pytest.mark.parametrize("form", ["page", "csv"])
def test_what_stays_unknown_is_shown(printer, options, form):
    printer([TABLE[: TABLE.index("\n 6 ") + 1]])
    result = level_map(options, *(["--csv"] if form == "csv" else []))
    assert result.returncode == FAILED
    if form == "csv":
        assert result.stdout.splitlines()[5:] == [",".join(f"{z:.3f}" for z in HEIGHTS[5]), "," * (SIZE - 1)]
    else:
        assert result.stdout.splitlines()[1].split() == ["back", "6"] + ["?"] * SIZE


def test_a_height_that_was_cut_is_not_believed(printer, options):
    """Always cut after the same digits: what looks like a height is another."""
    start = TABLE.index("\n 6 ") + 1
    printer([TABLE[: start + 8]])
    (line,) = lines(level_map(options, "--json"))
    assert line["heights_mm"][6] == [None] * SIZE


def test_never_probed(printer, options, serial):
    printer(["echo:Invalid mesh.\necho:Bed Leveling OFF\n+ringbuf:0,512,1\nok\n"])
    result = level_map(options, "--json")
    assert result.returncode == FAILED
    assert f"printer {serial} answered, but told no height" in result.stderr and "flagship level" in result.stderr
    # What it said instead is shown.
    assert f"printer {serial} said: echo:Invalid mesh.\n" in result.stderr
    assert check("level map", result.stdout) == 1
    (line,) = lines(result)
    assert (line["serial"], line["complete"], line["heard"]) == (serial, False, ["echo:Invalid mesh."])
    assert "told no height" in line["detail"] and line["heights_mm"] == [[None] * SIZE] * SIZE


GRID = "".join(f"BL-Grid-{y} " + " ".join(f"{z:.3f}" for z in row) + "\n" for y, row in enumerate(HEIGHTS))
GRID_END = "echo:Bed Leveling ON\necho:Fade Height 10.00\nok\n\n+ringbuf:0,512,1\n"


@pytest.mark.parametrize("parts", [1, 2, 7])
def test_rows_that_name_themselves(printer, options, parts):
    text = GRID + GRID_END
    size = len(text) // parts + 1
    fake = printer([[text[i : i + size] for i in range(0, len(text), size)]])
    result = level_map(options, "--json")
    assert (result.returncode, result.stderr) == (DONE, "")
    (line,) = lines(result)
    assert (line["heights_mm"], line["heard"], line["detail"]) == (HEIGHTS, [], None)
    assert check("level map", result.stdout) == 1
    assert asked(fake) == ["M420 V"]


def test_points_that_were_never_probed(printer, options, serial):
    fake = printer([GRID.replace(f"BL-Grid-6 {HEIGHTS[6][0]:.3f}", "BL-Grid-6 nan") + GRID_END])
    result = level_map(options, "--json")
    assert result.returncode == FAILED
    assert f"printer {serial}: 1 of 49 points were never probed" in result.stderr
    (line,) = lines(result)
    assert line["heights_mm"] == HEIGHTS[:6] + [[None] + HEIGHTS[6][1:]]
    assert "never probed" in line["detail"] and line["unknown"] == [{"x": 0, "y": 6}]
    # Its answer is whole: nothing would come of asking again.
    assert asked(fake) == ["M420 V"]


def test_what_was_not_understood_is_shown(printer, options, serial):
    printer([GRID.replace("BL-Grid-3", "Grid of row 3:") + "echo:\x1b[31mred\n" + GRID_END])
    result = level_map(options)
    assert result.returncode == FAILED
    assert f"printer {serial} said: Grid of row 3: " in result.stderr
    assert "said: echo:" in result.stderr and "\x1b" not in result.stderr
    assert "BL-Grid-2" not in result.stderr


def test_another_size(printer, options):
    printer(["Bilinear Leveling Grid:\n      0      1\n 0 +0.100 +0.100\n 1 +0.100 +0.100\n\n+ringbuf:0,512,1\nok\n"])
    result = level_map(options)
    assert (result.returncode, result.stdout) == (FAILED, "")
    assert "7 by 7" in result.stderr


def test_silent(printer, options, serial):
    printer([], [], [])
    result = level_map(options, "--timeout", "1")
    assert (result.returncode, result.stdout) == (NO_ANSWER, ""), result.stderr
    assert f"printer {serial}: no answer" in result.stderr
    result = level_map(options, "--timeout", "1", "--json")
    assert result.returncode == NO_ANSWER
    assert check("level map", result.stdout) == 1
    assert lines(result)[0]["detail"] == "no answer"


def test_refused(printer, options, serial):
    printer([""], reply=1)
    result = level_map(options)
    assert (result.returncode, result.stdout) == (REFUSED, "")
    assert f"printer {serial} refused M420 V" in result.stderr
    (line,) = lines(level_map(options, "--json"))
    assert f"printer {serial} refused M420 V" in line["detail"]


def test_lost_replies(simulate, options):
    simulate(*options, "--model", "m5", "--fault", "drop-replies=0.4", "--seed", "7")
    result = level_map(options, "--json", "--timeout", "0.2")
    for line in lines(result):
        assert line["complete"] == (result.returncode == DONE)
    assert result.returncode in (DONE, FAILED, NO_ANSWER)


def test_usage(options):
    assert "--map" in run("level", "--csv", *options).stderr
    assert run("level", "--csv", *options).returncode == USAGE
    assert level_map(options, "--csv", "--json").returncode == USAGE


def test_a_full_disk_is_reported(printer, options):
    printer([TABLE])
    with open("/dev/full", "wb") as full:
        result = subprocess.run(
            [str(FLAGSHIP), "level", "--map", *map(str, options)],
            stdout=full, stderr=subprocess.PIPE, env=environment(), check=False,
        )  # fmt: skip
    assert result.returncode == FAILED and b"cannot write the output" in result.stderr
