# SPDX-License-Identifier: MIT
"""One printer: what can be done with it is done, and shows what came of it where it was done."""

import time

import pytest

from conftest import Shop
from models import sliced
from one_printer import PIXELS, button, done, is_now, panel, show  # noqa: F401: a fixture
from past import remember, remember_events, remember_heat

JOB = "flagship_benchy_0.2mm_PLA_Anker_M5.gcode"  # that a simulated printer prints
MINUTE_S, HOUR_S = 60, 3600


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    """Two print, one is ready."""
    running = Shop(tmp_path_factory.mktemp("printer"))
    try:
        running.open({"PAGEJOB": ("Left", "m5"), "PAGEIDLE": ("Middle", "m5"), "PAGEHALT": ("Halt", "m5")})
        assert running.gateway.ask("PUT", f"/files/{JOB}", sliced("stand"))[0] == 201
        remember(running.folder / "state", [{"printer": "PAGEHALT", "name": "Halt", "file": JOB, "path": JOB, "thumbnail": 0, "outcome": "finished", "hours_ago": 3}])
        running.simulate("PAGEJOB", "m5", "--scenario", "print", "--at", "34")
        running.simulate("PAGEHALT", "m5", "--scenario", "print", "--at", "34")
        running.simulate("PAGEIDLE", "m5", "--speed", "10")
        running.gateway.await_get("/printers/PAGEJOB", lambda printer: printer["job"]["state"] == "printing")
        running.gateway.await_get("/printers/PAGEIDLE", lambda printer: printer["nozzle"]["current_c"] is not None)
        yield running
    finally:
        running.close()


# --- the job ---


SHADED = f"""(() => {{ const over = document.querySelector('.chart .u-over'), canvas = document.querySelector('.chart canvas');
    if (!over || over.clientWidth < 100) return false;
    const [room, plot] = [canvas, over].map((one) => one.getBoundingClientRect()), by = canvas.width / room.width;
    const data = {PIXELS}((plot.right - room.left - 12) * by, (plot.top - room.top + 4) * by, 10 * by, 1);
    return data.length > 0 && data.every((part, at) => at % 4 !== 3 || part > 0); }})()"""


def test_the_chart_is_shaded_while_a_job_goes_on(show):
    page = show("PAGEJOB")
    page.until(SHADED)
    page = show("PAGEIDLE")
    page.until("document.querySelector('.chart canvas')")
    assert page.js(SHADED) is False


def test_the_chart_is_shaded_in_the_midst_of_a_print_of_days(show, shop):
    """Which began long before what is shown."""
    remember(shop.folder / "state", [{"printer": "PAGEIDLE", "name": "Middle", "file": JOB, "outcome": "finished", "hours_ago": 72, "hours": 71}])
    remember_events(shop.folder / "state", "PAGEIDLE", [(72 * HOUR_S, "job_started"), (HOUR_S, "job_finished")])
    page = show(f"PAGEIDLE?span={HOUR_S}&until={int(time.time()) - 2 * HOUR_S}")
    page.until(SHADED)


def test_what_ended_while_nobody_looked_is_shaded_no_longer_than_it_was_seen(show, shop):
    """The gateway was away, and the printer is ready by now."""
    remember_events(shop.folder / "state", "PAGEIDLE", [(50 * MINUTE_S, "job_started")])
    remember_heat(shop.folder / "state", "PAGEIDLE", [(ago, 220, 220, 60, 60) for ago in range(50 * MINUTE_S, 30 * MINUTE_S, -5)])
    page = show("PAGEIDLE")
    page.until(SHADED.replace("plot.right - room.left - 12", "plot.left + plot.width / 3 - room.left"))
    page.until(f"!{SHADED}")


def test_a_job_is_paused_and_resumed(show, shop):
    page = show("PAGEJOB")
    job = panel(page, "Job")
    button(job, "Pause").click()
    done(page, "Pause")
    assert shop.gateway.get("/printers/PAGEJOB")["job"]["state"] == "paused"
    button(job, "Resume").click()
    done(page, "Resume")
    is_now(shop, "PAGEJOB", lambda printer: printer["job"]["state"] == "printing")


def test_what_would_spoil_a_job_is_greyed_with_why_and_how_to_do_it_nevertheless(show, shop):
    page = show("PAGEJOB")
    motion = panel(page, "Motion")
    page.until("document.querySelector('.motion .barrier')?.textContent.includes('a job is running')")
    assert button(motion, "X+").isDisabled() and button(motion, "Home all axes").isDisabled()
    motion.getByRole("checkbox", {"name": "Allow it nevertheless"}).check()
    page.until("!document.querySelector('.motion .pad-e').disabled")
    motion.getByRole("checkbox", {"name": "Allow it nevertheless"}).uncheck()
    page.until("document.querySelector('.motion .pad-e').disabled")


def test_a_guard_that_refuses_is_told_and_can_be_overruled(show, shop):
    page = show("PAGEJOB")
    heat = panel(page, "Temperatures")
    heat.getByRole("spinbutton", {"name": "Target of Nozzle"}).fill("315")
    button(heat, "Set").first().click()
    done(page, "Nozzle temperature", "refused")
    assert button(heat, "Do it anyway").isVisible()


def test_speed_and_fan_are_set_by_keys_once(show, shop):
    page = show("PAGEJOB")
    tuning = panel(page, "Fine tuning")
    slider = tuning.getByRole("slider", {"name": "Print speed"})
    slider.focus()
    before = shop.gateway.get("/printers/PAGEJOB")["speed_mm_s"]
    # Within the moment that it waits for more, however slow the machine.
    page.clock.install()
    page.clock.pauseAt(page.js("Date.now() + 60000"))
    for _ in range(3):
        slider.press("ArrowRight")
    page.clock.resume()
    done(page, "Print speed")
    is_now(shop, "PAGEJOB", lambda printer: printer["speed_mm_s"] == before + 30)
    assert [one["command"] for one in shop.gateway.get("/printers/PAGEJOB/commands")].count("speed") == 1


def test_z_offset_goes_by_steps(show, shop):
    page = show("PAGEJOB")
    before = shop.gateway.get("/printers/PAGEJOB")["z_offset_mm"]
    button(panel(page, "Fine tuning"), "+0.01").click()
    done(page, "Z offset")
    is_now(shop, "PAGEJOB", lambda printer: round(printer["z_offset_mm"] - before, 2) == 0.01)


def test_stop_wants_two_presses_of_a_key(show, shop):
    """The last of the printer that prints."""
    page = show("PAGEJOB/history")
    page.until("document.querySelector('.values tbody')?.textContent.includes('goes on')")
    page.locator(".tab").filter({"hasText": "Overview"}).click()
    stop = panel(page, "Job").getByRole("button", {"name": "Stop", "exact": False})
    stop.focus()
    stop.press("Enter")
    page.until("document.querySelector('.job .is-asking')")
    assert shop.gateway.get("/printers/PAGEJOB")["job"]["state"] == "printing"
    stop.press("Enter")
    is_now(shop, "PAGEJOB", lambda printer: printer["job"]["state"] in ("stopped", "idle"))
    page.locator(".tab").filter({"hasText": "History"}).click()
    page.until("document.querySelector('.values tbody')?.textContent.includes('stopped')")


def test_an_emergency_stop_is_in_sight_and_ends_job_and_heat(show, shop):
    """The job's picture is beside its progress."""
    page = show("PAGEHALT")
    page.until("document.querySelector('.job-picture')?.naturalWidth === 96")
    page.until("document.querySelector('.chart canvas')")
    page.js("scrollTo(0, document.body.scrollHeight)")
    page.until("scrollY > 0 && document.querySelector('.halt').getBoundingClientRect().top >= 0")
    stop = page.locator(".halt")
    stop.focus()
    stop.press("Enter")
    page.until("document.querySelector('.halt.is-asking')")
    assert shop.gateway.get("/printers/PAGEHALT")["job"]["state"] == "printing"
    stop.press("Enter")
    page.until("document.querySelector('.printer-head .outcome')?.innerText.includes('Emergency stop: done')")
    is_now(shop, "PAGEHALT", lambda printer: printer["job"]["state"] in ("stopped", "idle"))
    assert shop.gateway.submit("PAGEHALT", {"command": "nozzle", "target_c": 50})[0] == 200
    for _ in range(2):
        stop.press("Enter")
    is_now(shop, "PAGEHALT", lambda printer: printer["nozzle"]["target_c"] == 0)


# --- heat, motion, filament ---


def test_targets_and_presets(show, shop):
    page = show("PAGEIDLE")
    heat = panel(page, "Temperatures")
    heat.getByRole("spinbutton", {"name": "Target of Bed"}).fill("50")
    button(heat, "Set").last().click()
    done(page, "Bed temperature")
    is_now(shop, "PAGEIDLE", lambda printer: printer["bed"]["target_c"] == 50)
    button(heat, "PETG", exact=False).click()
    is_now(shop, "PAGEIDLE", lambda printer: (printer["nozzle"]["target_c"], printer["bed"]["target_c"]) == (240, 75))
    button(heat, "Cool down").click()
    is_now(shop, "PAGEIDLE", lambda printer: (printer["nozzle"]["target_c"], printer["bed"]["target_c"]) == (0, 0))


def test_own_presets_are_kept_by_the_browser(show):
    page = show("PAGEIDLE")
    button(panel(page, "Temperatures"), "Edit presets").click()
    page.until("location.search.includes('dialog=presets')")
    dialog = page.getByRole("dialog")
    button(dialog, "Add").click()
    dialog.getByRole("textbox", {"name": "Name"}).last().fill("<b>PA-CF</b>")
    button(dialog, "Save").click()
    page.until("[...document.querySelectorAll('.preset-name')].some((one) => one.textContent === '<b>PA-CF</b>')")
    page.reload()
    page.until("[...document.querySelectorAll('.preset-name')].some((one) => one.textContent === '<b>PA-CF</b>')")


def test_axes_are_homed_and_moved(show, shop):
    page = show("PAGEIDLE")
    motion = panel(page, "Motion")
    button(motion, "Home X and Y").click()
    page.until("document.querySelector('.motion .outcome') && !document.querySelector('.motion .outcome-running')")
    button(motion, "X+").click()
    page.until("document.querySelector('.motion .outcome')?.textContent.includes('Move') && !document.querySelector('.motion .outcome-running')")
    asked = [one["command"] for one in shop.gateway.get("/printers/PAGEIDLE/commands")]
    assert "home" in asked and "move" in asked


def test_filament_waits_for_a_warm_nozzle(show, shop):
    page = show("PAGEIDLE")
    filament = panel(page, "Filament")
    page.until("[...document.querySelectorAll('.barrier')].some((one) => one.textContent.includes('Feeding is off'))")
    assert button(filament, "Feed in").isDisabled()
    button(filament, "PLA").click()
    is_now(shop, "PAGEIDLE", lambda printer: printer["nozzle"]["target_c"] == 210)
    page.until("document.querySelectorAll('.row-even .button:enabled').length === 2")
    for name in ("Feed in", "Pull out"):
        button(filament, name).click()
        page.until("[...document.querySelectorAll('.outcome')].some((one) => one.textContent.includes('Feed filament') && !one.classList.contains('outcome-running'))")
    assert [one["command"] for one in shop.gateway.get("/printers/PAGEIDLE/commands")].count("extrude") == 2
