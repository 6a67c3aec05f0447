# SPDX-License-Identifier: MIT
"""Only src/base/clock.c reads a clock, so that each place says by the name of what it calls which of them it means:
ages and deadlines by one that no correction moves, the one on the wall where a time is shown or stored. See
docs/internals/time.md. What does not is named here, with the reason."""
import pathlib
import re

import pytest

SOURCE = pathlib.Path(__file__).parents[2] / "src"

CALL = re.compile(r"(?<![\w.>])(time|clock_gettime|clock_settime|gettimeofday|timespec_get|ftime|clock|uv_gettimeofday|"
                  r"uv_clock_gettime|X509_cmp_current_time|X509_gmtime_adj)\(|"
                  r"\bCLOCK_(REALTIME|TAI|MONOTONIC|BOOTTIME|UPTIME)\w*|"
                  r"\bCURRENT_TIME(STAMP)?\b|\bCURRENT_DATE\b|unixepoch\(|'now'")

ALLOWED = {
    "base/clock.c": "the one place itself",
}


def code(path):
    """Without comments; strings stay, for SQL has clocks, too."""
    return re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.DOTALL)


def calls():
    for path in sorted(path for pattern in ("*.c", "*.h") for path in SOURCE.rglob(pattern)):
        name = str(path.relative_to(SOURCE))
        for match in CALL.finditer(code(path)):
            yield name, match[0]


def test_all_ask_the_one_place():
    assert [f"{name}: {call}" for name, call in calls() if name not in ALLOWED] == []
    assert {name for name, _ in calls()} == set(ALLOWED), "what reads no clock any more need not be allowed to"


@pytest.mark.parametrize("line", [
    "now = time(NULL);", "now = time(&now);", "gettimeofday(&now, NULL);", "clock_gettime(CLOCK_MONOTONIC, &now);",
    "uv_clock_gettime(UV_CLOCK_REALTIME, &now);", "\"VALUES (strftime('%s', 'now'))\"", "\"DEFAULT CURRENT_TIMESTAMP\"",
])
def test_the_rule_sees(line):
    assert CALL.search(line)


@pytest.mark.parametrize("line", ["read_time(now)", "job->time(now)", "clock_unix_s()", "mosquitto_time(x)", "CLOCK_STEP_MS"])
def test_the_rule_does_not_see(line):
    assert not CALL.search(line)
