# SPDX-License-Identifier: MIT
"""What was printed: table, calendar, sums, and files of it."""

import datetime
import json
import zoneinfo

import pytest

from axe import violations
from past import remember

HOSTILE = "<img src=x onerror=alert(1)>\u202e 😀 " + "x" * 200 + ".gcode"
JOBS = [
    {"printer": "PAGELEFT", "name": "Left", "file": "benchy.gcode", "outcome": "finished", "hours_ago": 24 * 60, "hours": 2},
    {"printer": "PAGELEFT", "name": "Left", "file": "benchy.gcode", "outcome": "finished", "hours_ago": 30, "hours": 2},
    {"printer": "PAGEMIDDLE", "name": "Middle", "file": HOSTILE, "outcome": "failed", "hours_ago": 20, "reason": "Filament ran out"},
    {"printer": "PAGELEFT", "name": "Left", "file": "cube.gcode", "outcome": "finished", "hours_ago": 3, "hours": 1},
    {"printer": "PAGEOFF", "name": "Off", "file": "=cmd|' /C calc'!A0", "outcome": "cancelled", "hours_ago": 2, "reason": "stopped by ann"},
]
ROWS = "document.querySelectorAll('.jobs tbody tr').length"


@pytest.fixture(scope="module")
def shop(make_shop):
    running = make_shop({"PAGELEFT": ("Left", "m5"), "PAGEMIDDLE": ("Middle", "m5c"), "PAGEOFF": ("Off", "m5")})
    remember(running.folder / "state", JOBS)
    return running


@pytest.fixture(scope="module")
def page(shop, open_page):
    page = open_page(shop.url + "/history")
    page.until(f"{ROWS} === 4")
    yield page
    assert page.faults() == []


def tiles(page):
    return page.js("[...document.querySelectorAll('.tile-value')].map((tile) => tile.textContent)")


def test_the_last_month_is_shown_and_added_up(page):
    assert tiles(page) == ["4", "50%", "5 h 00 min", "40 m"]
    names = page.js("[...document.querySelectorAll('.jobs .cell-open')].map((cell) => cell.textContent)")
    assert names == [JOBS[at]["file"] for at in (4, 3, 2, 1)]
    assert page.js("document.querySelectorAll('main img, main script').length") == 0


def test_a_printer_and_a_period_are_of_the_address(page):
    page.getByRole("combobox", {"name": "Printer"}).selectOption("Left")
    page.until(f"location.search === '?printer=PAGELEFT' && {ROWS} === 2")
    page.getByLabel("Period").selectOption("Everything")
    page.until(f"{ROWS} === 3")
    page.reload()
    page.until(f"{ROWS} === 3 && document.querySelector('.tile-value').textContent === '3'")
    page.getByRole("combobox", {"name": "Printer"}).selectOption("All printers")
    page.until(f"{ROWS} === 5")


def test_a_job_has_an_address(page):
    page.locator(".jobs .cell-open").nth(2).click()
    page.until("document.querySelector('dialog')?.open && /dialog=job%3A\\d/.test(location.search)")
    text = page.js("document.querySelector('dialog').innerText")
    assert HOSTILE in text and "Filament ran out" in text and "Middle" in text
    assert violations(page) == []
    page.goBack()
    page.until("!document.querySelector('dialog')")


# What is handed out, to be looked at.
KEEP_SAVED = """(() => { window.saved = []; const make = URL.createObjectURL; URL.createObjectURL = (blob) => { blob.text().then((text) => window.saved.push(text)); return make(blob); }; })()"""


def test_it_is_given_to_other_programs(page, shop):
    page.js(KEEP_SAVED)
    page.getByRole("button", {"name": "CSV"}).click()
    page.until("window.saved.length === 1")
    connection = shop.gateway.connection()
    connection.request("GET", "/api/v1/jobs?format=csv")
    assert page.js("window.saved[0]") == connection.getresponse().read().decode()
    connection.close()
    page.getByRole("button", {"name": "JSON"}).click()
    page.until("window.saved.length === 2 && JSON.parse(window.saved[1]).length === 5")


BERLIN = zoneinfo.ZoneInfo("Europe/Berlin")  # where the browser is


def test_the_calendar_has_days(page):
    page.getByRole("button", {"name": "Calendar"}).click()
    page.until("location.search.includes('view=calendar') && document.querySelector('.calendar')")
    now = datetime.datetime.now(BERLIN)
    if (now - datetime.timedelta(hours=JOBS[-1]["hours_ago"])).month != now.month:  # on the first of a month
        page.getByRole("button", {"name": "Previous month"}).click()
    page.until("document.querySelector('.calendar-day')")
    # The days are those of the jobs that were there, until those of the month have come.
    page.until(f"[...document.querySelectorAll('.calendar-day .unseen')].reduce((sum, day) => sum + parseInt(day.textContent.split(': ')[1]), 0) === {ROWS}")
    page.locator(".calendar-day").last().click()
    page.until("document.querySelector('.calendar-day[aria-pressed=true]') && location.search.includes('day=')")
    page.getByRole("button", {"name": "Previous month"}).click()
    page.until("/month=\\d{4}-\\d\\d/.test(location.search) && !location.search.includes('day=')")
    page.goBack()
    page.until("!location.search.includes('view=calendar')")


def test_what_is_given_of_a_day_is_what_is_shown(make_shop, visit):
    """Of a day are the jobs that began on it; one that ended on it, another of the month, and one of another printer are not."""
    now = datetime.datetime.now(BERLIN)
    month = (now.replace(day=1) - datetime.timedelta(days=1)).replace(minute=0)
    began = {"over night.gcode": (9, 23), "early,\n1.gcode": (10, 9), "late.gcode": (10, 15), "next.gcode": (11, 9)}
    shop = make_shop({"PAGELEFT": ("Left", "m5"), "PAGEOFF": ("Off", "m5")})
    remember(shop.folder / "state", [{"printer": serial, "name": name, "file": file, "outcome": "finished", "hours": 2, "hours_ago": (now.timestamp() - month.replace(day=day, hour=hour).timestamp()) / 3600}
                                     for serial, name in (("PAGELEFT", "Left"), ("PAGEOFF", "Off")) for file, (day, hour) in began.items()])
    page = visit(f"{shop.url}/history?view=calendar&printer=PAGELEFT&month={month:%Y-%m}&day={month:%Y-%m}-10")
    page.until(f"{ROWS} === 2")
    page.js(KEEP_SAVED)
    page.getByRole("button", {"name": "CSV"}).click()
    page.until("window.saved.length === 1")
    connection = shop.gateway.connection()
    connection.request("GET", "/api/v1/jobs?format=csv&printer=PAGELEFT")
    head, _, late, early, early_end, _ = connection.getresponse().read().decode().splitlines(keepends=True)
    connection.close()
    assert page.js("window.saved[0]") == head + late + early + early_end and "late.gcode" in late and "early" in early
    page.getByRole("button", {"name": "JSON"}).click()
    page.until("window.saved.length === 2")
    assert [job["file"] for job in json.loads(page.js("window.saved[1]"))] == ["late.gcode", "early,\n1.gcode"]


OUTSIDE = "[...document.querySelectorAll('main .pair .grid, main .pair .grid *')].filter((one) => one.checkVisibility() && one.getBoundingClientRect().right > 321).map((one) => one.outerHTML.slice(0, 120))"


@pytest.fixture(scope="module")
def busy(make_shop):
    """One whose printer has printed for hundreds of hours."""
    running = make_shop({"PAGELEFT": ("Left", "m5")})
    remember(running.folder / "state", [{"printer": "PAGELEFT", "name": "Left", "file": "long.gcode", "outcome": "finished", "hours_ago": 600, "hours": 599}])
    return running


@pytest.mark.parametrize("language", ["en", "de", "fr", "es", "zh"])
def test_hours_of_weeks_fit_into_a_narrow_window(busy, visit, language):
    """What does not fit is cut off, which no width of the document tells."""
    page = visit(busy.url + "/history?days=all", "narrow", locale=language)
    page.until("document.querySelectorAll('main .pair .grid tbody tr').length === 2")
    assert page.js(OUTSIDE) == []
