# SPDX-License-Identifier: MIT
"""flagship gcode: commands out, replies in."""

import itertools
import json
import os
import signal
import stat
import subprocess

import pytest

from conftest import KEY
from fake_printer import FakePrinter
from json_style import check
from process import DEADLINE_S, Process
from program import DONE, FAILED, FLAGSHIP, NO_ANSWER, NOT_CONFIGURED, ROOT, USAGE, environment, lines, run
from terminal import Terminal

REFUSED = 7
NUMBERS = itertools.count()
CAPTURE = ROOT.parent / "shared" / "captures" / "m5c-gcode-replies.jsonl"


@pytest.fixture
def serial():
    return f"GCODE{next(NUMBERS)}"


@pytest.fixture
def printer(serial, broker, authority):
    fake = FakePrinter(serial, broker.port, authority.certificate, KEY, echo)
    yield fake
    fake.stop()


@pytest.fixture
def options(serial, connection):
    return connection(serial)


def reply(printer, text, **fields):
    printer.reply(commandType=1043, reply=0, resCode=0, resLen=len(text.encode()), resData=text, **fields)


def echo(printer, message):
    """Answers with the command itself."""
    if message["commandType"] == 1043:
        assert message["cmdLen"] == len(message["cmdData"].encode())
        reply(printer, f"echo:{message['cmdData']}\n+ringbuf:1,512,0\nok\n")


def gcode(*arguments, stdin=None, **changes):
    return run("gcode", *arguments, stdin=stdin, **changes)


def sent(printer):
    return [message["cmdData"] for message in printer.received if message["commandType"] == 1043]


def test_without_a_printer_json_says_so_too(home):
    result = home.run("gcode", "--json", "M105")
    assert result.returncode == NOT_CONFIGURED and "no printer is known here" in result.stderr
    (line,) = lines(result)
    assert (line["command"], line["reply"], line["text"]) == (None, None, None) and "no printer is known here" in line["detail"]


def test_each_argument_is_a_command(printer, options):
    result = gcode("M105", "G1 X10 ; there", *options, " M114\n", "; nothing", "")
    assert result.returncode == DONE, result.stderr
    assert result.stdout == "echo:M105\necho:G1 X10\necho:M114\n"
    assert result.stderr == ""
    assert sent(printer) == ["M105", "G1 X10", "M114"]


def test_lines_of_a_pipe(printer, options):
    result = gcode(*options, stdin="M105\n\n; comment\r\n  G28 X ;home\r\nM117 é \"x\" \\")
    assert result.returncode == DONE, result.stderr
    assert result.stdout == 'echo:M105\necho:G28 X\necho:M117 é "x" \\\n'
    assert sent(printer) == ["M105", "G28 X", 'M117 é "x" \\']


def test_lines_of_a_file(printer, options, tmp_path):
    path = tmp_path / "lines.gcode"
    path.write_text("; a whole file\n" * 500 + "M105\n" + ";\n" * 2000 + "M114\n")
    with path.open("rb") as file:
        result = subprocess.run(
            [str(FLAGSHIP), "gcode", *map(str, options)], stdin=file, capture_output=True, env=environment(), check=False
        )
    assert result.returncode == DONE
    assert result.stdout == b"echo:M105\necho:M114\n"


@pytest.mark.parametrize("stdin", ["", "\n", "; only this"])
def test_no_commands_at_all(printer, options, stdin):
    result = gcode(*options, stdin=stdin)
    assert (result.returncode, result.stdout) == (DONE, "")
    assert sent(printer) == []


def test_a_line_goes_out_after_the_reply_to_the_one_before(printer, options):
    printer.answer = None
    with subprocess.Popen(
        [str(FLAGSHIP), "gcode", *map(str, options)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment()
    ) as process:
        process.stdin.write(b"M105\nM114\n")
        process.stdin.flush()
        assert [m["cmdData"] for m in printer.await_received(1)] == ["M105"]
        reply(printer, "first\nok\n")
        assert process.stdout.readline() == b"first\n"
        assert [m["cmdData"] for m in printer.await_received(2)] == ["M105", "M114"]
        reply(printer, "second\nok\n")
        assert process.stdout.readline() == b"second\n"
        # The pipe is still open: what comes later is sent too.
        process.stdin.write(b"M115\n")
        process.stdin.close()
        printer.await_received(3)
        reply(printer, "third\nok\n")
        assert process.stdout.read() == b"third\n"
        assert process.wait(timeout=DEADLINE_S) == DONE


def test_an_acknowledgement_alone(printer, options):
    printer.answer = lambda fake, _: reply(fake, "ok\n")
    assert gcode("M104 S200", *options).stdout == "ok\n"
    printer.answer = lambda fake, _: fake.reply(commandType=1043, reply=0)
    assert gcode("M104 S200", *options).stdout == "ok\n"


def test_json(printer, options):
    result = gcode("--json", "M105", *options)
    assert lines(result) == [
        {
            "command": "M105",
            "reply": 0,
            "complete": True,
            "text": "echo:M105\n+ringbuf:1,512,0\nok\n",
            "body": "echo:M105",
            "queued": 1,
        }
    ]
    printer.answer = lambda fake, _: reply(fake, "x\nok\n")
    assert lines(gcode("--json", "M105", *options))[0]["queued"] is None


@pytest.mark.parametrize("text,body", [("ok\n\n+ringbuf:1,512,0\necho: M92 X", "echo: M92 X"), ("half a li", "half a li")])
def test_a_cut_reply_is_marked(printer, options, text, body):
    printer.answer = lambda fake, _: reply(fake, text)
    result = gcode("M92", *options)
    assert result.returncode == DONE
    assert result.stdout == body + "\n"
    assert result.stderr == f"[reply cut after {len(text)} bytes]\n"
    assert lines(gcode("--json", "M92", *options))[0]["complete"] is False


def test_a_reply_of_512_bytes_may_lack_its_middle(printer, options):
    printer.answer = lambda fake, _: reply(fake, "x" * 508 + "\nok\n")
    result = gcode("M503", *options)
    assert result.stdout == "x" * 508 + "\n"
    assert "512 bytes" in result.stderr and "middle" in result.stderr


def test_several_messages_for_one_command(printer, options):
    def answer(fake, _message):
        reply(fake, "ok\n")
        reply(fake, "one\n")
        reply(fake, "two\n+ringbuf:0,512,1\nok\n")

    printer.answer = answer
    result = gcode("M503", "--json", *options)
    assert result.stderr == ""
    (record,) = lines(result)
    assert record["body"] == "one\ntwo"
    assert record["complete"] is True


def test_other_messages_are_no_replies(printer, options):
    def answer(fake, message):
        fake.reply(commandType=1003, reply=0)
        fake.publish({"commandType": 1043, "resData": "notice\nok\n"})
        fake.reply(commandType=1043, cmdData="M105", cmdLen=4)
        echo(fake, message)

    printer.answer = answer
    assert gcode("M105", *options).stdout == "echo:M105\n"


def test_a_reply_among_other_objects(printer, options):
    printer.answer = lambda fake, _: fake.publish(
        [{"commandType": 1003, "reply": 0}, {"commandType": 1043, "reply": 0, "resData": "yes\nok\n"}], "command/reply"
    )
    assert gcode("M105", *options).stdout == "yes\n"


def test_no_answer(options, serial):
    result = gcode("M105", "M114", "--timeout", "2", *options)
    assert result.returncode == NO_ANSWER
    assert result.stdout == ""
    assert f"printer {serial}: no answer within 2 s" in result.stderr
    (line,) = lines(gcode("M105", "--json", "--timeout", "2", *options))
    assert (line["command"], line["reply"], line["detail"]) == ("M105", None, "no answer")


def test_no_answer_to_one_command(printer, options, serial):
    def answer(fake, message):
        fake.publish({"commandType": 1005, "value": 1})
        if message["cmdData"] != "M117":
            echo(fake, message)

    printer.answer = answer
    result = gcode("M105", "M117", "M114", "--timeout", "4", *options)
    assert result.returncode == NO_ANSWER
    assert result.stdout == "echo:M105\n"
    assert f"printer {serial} did not answer M117 within 4 s" in result.stderr
    assert sent(printer) == ["M105", "M117"]
    result = gcode("M105", "M117", "M114", "--json", "--timeout", "4", *options)
    assert result.returncode == NO_ANSWER
    assert check("gcode", result.stdout) == 2
    (answered, failed) = lines(result)
    assert answered["body"] == "echo:M105" and "detail" not in answered
    assert failed == {
        "command": "M117", "reply": None, "complete": False, "text": None, "body": None, "queued": None, "detail": failed["detail"],
    }  # fmt: skip
    assert f"printer {serial} did not answer M117 within 4 s" in failed["detail"]


def test_no_answer_in_a_pipe(printer, options):
    printer.answer = None
    assert gcode("--timeout", "4", *options, stdin="M105\nM114\n").returncode == NO_ANSWER
    assert sent(printer) == ["M105"]


def test_refused(printer, options, serial):
    printer.answer = lambda fake, _: fake.reply(commandType=1043, reply=3)
    result = gcode("M997", "--force", *options)
    assert result.returncode == REFUSED
    assert result.stdout == ""
    assert f"printer {serial} refused M997: reply 3" in result.stderr
    (line,) = lines(gcode("M997", "--force", "--json", *options))
    assert line["reply"] == 3


def test_what_could_harm_is_not_sent_without_force(printer, options, serial):
    result = gcode("M997", "M105", *options)
    assert result.returncode == REFUSED
    assert f"printer {serial}: M997 was not sent: " in result.stderr and "--force" in result.stderr
    (line,) = lines(gcode("M997", "M105", "--json", *options))
    assert f"printer {serial}: M997 was not sent: " in line["detail"]
    assert sent(printer) == []


def test_motion_during_a_job_is_not_sent_without_force(printer, options):
    def answer(fake, message):
        if message["commandType"] == 1027:
            fake.publish([{"commandType": 1000, "subType": 1, "value": 1}])
        else:
            echo(fake, message)

    printer.answer = answer
    assert gcode("G1 X10", *options).returncode == REFUSED
    assert gcode("G1 X10", "--force", *options).stdout == "echo:G1 X10\n"


def test_control_characters_stay_off_the_terminal(printer, options):
    printer.answer = lambda fake, _: reply(fake, "a\033[2Jb\tc\nd\nok\n")
    assert gcode("M115", *options).stdout == "a\ufffd[2Jb c\nd\n"


def test_interrupted(printer, options):
    printer.answer = None
    process = Process(FLAGSHIP, "gcode", "M105", *options, env=environment())
    printer.await_received(1)
    process.signal(signal.SIGINT)
    assert process.await_end() == FAILED


@pytest.mark.parametrize("argument", ["M105\nM114", "M105 " + "x" * 1100])
def test_an_argument_that_is_no_command(options, argument):
    result = gcode("M105", argument, *options)
    assert result.returncode == USAGE
    assert "one command of one line" in result.stderr


@pytest.mark.parametrize("line", [b"M105 " + b"x" * 1100 + b"\n", b"x" * 5000, b"M\x00105\n"], ids=["long", "endless", "nul"])
def test_a_line_that_is_no_command(printer, options, line):
    result = gcode(*options, stdin=b"M114\n" + line)
    assert result.returncode == FAILED
    assert result.stdout == "echo:M114\n"
    assert "too long for a command, or is no text" in result.stderr


def test_a_folder_as_input(printer, options, tmp_path):
    descriptor = os.open(tmp_path, os.O_RDONLY)
    result = subprocess.run(
        [str(FLAGSHIP), "gcode", *map(str, options)], stdin=descriptor, capture_output=True, env=environment(), check=False
    )
    os.close(descriptor)
    assert result.returncode == FAILED
    assert b"standard input" in result.stderr


def test_without_a_connection():
    assert gcode("M105").returncode == NOT_CONFIGURED


def test_prompt(printer, options, serial, tmp_path):
    changes = {"XDG_STATE_HOME": tmp_path / "state", "HOME": tmp_path}
    with Terminal("gcode", *options, **changes) as terminal:
        terminal.await_text(f"{serial}> ")
        assert terminal.is_blocking()
        terminal.write("M105\n")
        terminal.await_text("\necho:M105\n")
        terminal.await_text(f"{serial}> ")
        terminal.write("; nothing\n")
        terminal.await_text(f"{serial}> ")
        terminal.write("M11")
        terminal.write("5\n")
        terminal.await_text("\necho:M115\n")
        terminal.await_text(f"{serial}> ")
        terminal.write("\x04")
        assert terminal.await_end()[1] == DONE
    assert sent(printer) == ["M105", "M115"]
    history = tmp_path / "state" / "flagship" / "gcode_history"
    assert "M105" in history.read_text() and "M115" in history.read_text()
    assert stat.S_IMODE(history.parent.stat().st_mode) == 0o700

    with Terminal("gcode", *options, **changes) as terminal:
        terminal.await_text(f"{serial}> ")
        terminal.write("\x10\n")
        terminal.await_text("\necho:M115\n")
        terminal.await_text(f"{serial}> ")
        terminal.child.send_signal(signal.SIGINT)
        assert terminal.await_end()[1] == DONE


def test_history_without_xdg(printer, options, serial, tmp_path):
    with Terminal("gcode", *options, XDG_STATE_HOME=None, HOME=tmp_path) as terminal:
        terminal.await_text(f"{serial}> ")
        terminal.write("M105\n")
        terminal.await_text("\necho:M105\n")
    assert (tmp_path / ".local" / "state" / "flagship" / "gcode_history").exists()


def test_the_prompt_survives_silence_and_late_replies(printer, options, serial, tmp_path):
    def answer(fake, message):
        fake.publish({"commandType": 1005, "value": 1})
        if message["cmdData"] == "M114":
            reply(fake, "late\n+ringbuf:1,512,0\nok\n")
            echo(fake, message)

    printer.answer = answer
    with Terminal("gcode", "--timeout", "4", *options, XDG_STATE_HOME=tmp_path) as terminal:
        terminal.await_text(f"{serial}> ")
        terminal.write("M117\n")
        terminal.await_text("did not answer M117")
        terminal.await_text(f"{serial}> ")
        terminal.write("M114\n")
        seen = terminal.await_text("\necho:M114\n")
        assert "late" not in seen
        terminal.await_text(f"{serial}> ")
        terminal.write("\x04")
        assert terminal.await_end()[1] == DONE


LATE = {
    "M105": ("M117", "echo:late\n+ringbuf:1,512,0\nok\n", "ok T:24.00 /0.00\n", "T:24.00 /0.00"),
    "M114": ("M117", "echo:late\n+ringbuf:1,512,0\nok\n", "X:1.00 Y:2.00\nok\n\n+ringbuf:0,512,1\n", "X:1.00 Y:2.00"),
    "M503": ("M105", "ok T:99.00 /0.00\n", "echo:settings\n+ringbuf:1,512,0\nok\n", "echo:settings"),
    "M851": ("M114", "X:9.00\nok\n\n+ringbuf:0,512,1\n", "Probe Offset Z0.02\n+ringbuf:1,512,0\nok\n", "Probe Offset Z0.02"),
    "M2024": ("M115", "FIRMWARE_NAME:late\nok\n\n+ringbuf:0,512,1\n", "ok\n", "ok"),
}


@pytest.mark.parametrize("command", LATE)
def test_a_late_reply_of_another_class_is_dropped(printer, options, serial, tmp_path, command):
    """At the prompt: the reply to a command that was given up comes when the next is in flight."""
    unanswered, late, own, body = LATE[command]

    def answer(fake, message):
        fake.publish({"commandType": 1005, "value": 1})
        if message.get("cmdData") == command:
            reply(fake, late)
            reply(fake, own)

    printer.answer = answer
    with Terminal("gcode", "--force", "--timeout", "4", *options, XDG_STATE_HOME=tmp_path, FLAGSHIP_COLOUR="never") as terminal:
        terminal.await_text(f"{serial}> ")
        terminal.write(f"{unanswered}\n")
        terminal.await_text(f"did not answer {unanswered}")
        terminal.await_text(f"{serial}> ")
        terminal.write(f"{command}\n")
        seen = terminal.await_text(f"\n{body}\n")
        seen += terminal.await_text(f"{serial}> ")
        assert "late" not in seen and "99.00" not in seen and "X:9.00" not in seen
        terminal.write("\x04")
        assert terminal.await_end()[1] == DONE


def test_a_simulated_printer(simulate, options):
    simulate(*options, "--model", "m5c", "--scenario", "idle")
    result = gcode("M105", "M9999", *options)
    assert result.returncode == DONE
    assert "T:" in result.stdout and "Unknown command" in result.stdout


def captured():
    if not CAPTURE.exists():
        return []
    records = [json.loads(line) for line in CAPTURE.read_text().splitlines()]
    return [record for record in records if "_cmd" in record and "resData" in record]


@pytest.mark.skipif(not CAPTURE.exists(), reason="the captures are not beside the checkout")
@pytest.mark.parametrize("record", captured(), ids=lambda record: record.get("_cmd", "") if isinstance(record, dict) else "absent")
def test_captured_replies(printer, options, record):
    fields = {name: value for name, value in record.items() if not name.startswith("_")}
    printer.answer = lambda fake, _: fake.reply(**fields)
    result = gcode("--json", record["_cmd"], *options)
    assert result.returncode == DONE
    # The capture's notes did not know that the answer to M114 stands before its ok.
    whole = record["_ends_with_ok"] or record["_cmd"] == "M114"
    assert lines(result)[0]["complete"] is whole
    assert ("[reply cut after" in result.stderr) is not whole


def test_a_byte_order_mark_is_no_part_of_a_command(printer, options):
    result = gcode(*options, stdin="\ufeffM105\r\nM114\r\n")
    assert result.returncode == DONE, result.stderr
    assert sent(printer) == ["M105", "M114"]
