# SPDX-License-Identifier: MIT
"""One printer: what can be done with it is done, and shows what came of it where it was done."""

import json

import pytest

from conftest import Shop
from models import sliced
from past import remember

SAYS_NO = "409 (Conflict)"
JOB = "flagship_benchy_0.2mm_PLA_Anker_M5.gcode"  # that a simulated printer prints


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    """One prints, one is ready, one is an E1."""
    running = Shop(tmp_path_factory.mktemp("printer"))
    try:
        running.open({"PAGEJOB": ("Left", "m5"), "PAGEIDLE": ("Middle", "m5"), "PAGEINK": ("Ink", "e1"), "PAGEQUICK": ("Quick", "m5"), "PAGEHALT": ("Halt", "m5")})
        assert running.gateway.ask("PUT", f"/files/{JOB}", sliced("stand"))[0] == 201
        remember(running.folder / "state", [{"printer": "PAGEHALT", "name": "Halt", "file": JOB, "path": JOB, "thumbnail": 0, "outcome": "finished", "hours_ago": 3}])
        running.simulate("PAGEJOB", "m5", "--scenario", "print", "--at", "34")
        running.simulate("PAGEHALT", "m5", "--scenario", "print", "--at", "34")
        running.simulate("PAGEIDLE", "m5")
        running.simulate("PAGEINK", "e1")
        running.simulate("PAGEQUICK", "m5", "--speed", "40")
        running.gateway.await_get("/printers/PAGEJOB", lambda printer: printer["job"]["state"] == "printing")
        running.gateway.await_get("/printers/PAGEIDLE", lambda printer: printer["nozzle"]["current_c"] is not None)
        running.gateway.await_get("/printers/PAGEINK", lambda printer: printer["ink"])
        yield running
    finally:
        running.close()


@pytest.fixture
def show(shop, open_page):
    """Opens a part of a printer; what the gateway refuses is told in the console of a browser, and nothing else may be."""
    shown = []

    def start(path, size="desktop", panel=True, **options):
        page = open_page(f"{shop.url}/p/{path}", size, **options)
        page.until(f"document.querySelector('{'.panel' if panel else 'form'}')")
        shown.append(page)
        return page

    yield start
    for page in shown:
        assert [fault for fault in page.faults() if SAYS_NO not in fault] == []


def show_login(shop, show, name):
    page = show("PAGEIDLE", panel=False)
    page.getByRole("textbox", {"name": "Name"}).fill(name)
    page.getByLabel("Password").fill("a good password")
    button(page, "Log in").click()
    page.until("document.querySelector('.panel')")
    page.reload()
    page.until("document.querySelector('.chart canvas')")
    return page


def panel(page, title):
    return page.getByRole("region", {"name": title, "exact": True})


def button(where, name, exact=True):
    return where.getByRole("button", {"name": name, "exact": exact})


def done(page, what, outcome="done"):
    page.until(f"[...document.querySelectorAll('.panel .outcome')].some((one) => one.textContent.includes({json.dumps(f'{what}: {outcome}')}))")


def is_now(shop, serial, condition):
    return shop.gateway.await_get(f"/printers/{serial}", condition)


# --- the job ---


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
    for _ in range(3):
        slider.press("ArrowRight")
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
    page.until("[...document.querySelectorAll('.row-even .button')].every((one) => !one.disabled)")
    for name in ("Feed in", "Pull out"):
        button(filament, name).click()
        page.until("[...document.querySelectorAll('.outcome')].some((one) => one.textContent.includes('Feed filament') && !one.classList.contains('outcome-running'))")
    assert [one["command"] for one in shop.gateway.get("/printers/PAGEIDLE/commands")].count("extrude") == 2


# --- the chart ---


def test_the_chart_grows_and_is_a_table_too(show):
    page = show("PAGEIDLE")
    page.until("document.querySelector('.chart canvas')")
    page.getByText("As a table").click()
    page.until("document.querySelectorAll('.more tbody tr').length > 0")
    assert "°C" in page.locator(".more tbody tr").first().innerText()


def test_what_the_chart_shows_is_in_its_address(show):
    page = show("PAGEIDLE")
    button(panel(page, "Temperature over time"), "1 day").click()
    page.until("new URLSearchParams(location.search).get('span') === '86400'")
    page.locator(".chart").press("+")
    page.until("new URLSearchParams(location.search).get('span') === '43200'")
    page.locator(".chart").press("ArrowLeft")
    page.until("new URLSearchParams(location.search).has('until')")
    button(panel(page, "Temperature over time"), "Now").click()
    page.until("!new URLSearchParams(location.search).has('until')")


def test_what_is_dragged_over_fills_the_chart(show):
    page = show("PAGEIDLE")
    button(panel(page, "Temperature over time"), "1 day").click()
    page.until("new URLSearchParams(location.search).get('span') === '86400' && document.querySelector('.chart .u-over')?.clientWidth > 100")
    page.locator(".chart").scrollIntoViewIfNeeded()
    left, top, width = page.js("(({ left, top, width, height }) => [left, top + height / 2, width])(document.querySelector('.chart .u-over').getBoundingClientRect())")
    page.mouse.move(left + width / 4, top)
    page.mouse.down()
    page.mouse.move(left + width / 2, top)
    page.mouse.move(left + width * 3 / 4, top)
    page.mouse.up()
    page.until("new URLSearchParams(location.search).has('until')")
    span, before = page.js("((query) => [Number(query.get('span')), Date.now() / 1000 - Number(query.get('until'))])(new URLSearchParams(location.search))")
    assert abs(span - 43200) < 1800 and abs(before - 21600) < 1800
    page.js("document.querySelector('.chart .u-over').dispatchEvent(new MouseEvent('dblclick', { bubbles: true }))")
    page.until("!new URLSearchParams(location.search).has('until')")


# --- bed, console, files, messages ---


def test_the_bed_is_read_and_turned(show):
    page = show("PAGEIDLE/level")
    button(panel(page, "Level of the bed"), "Read the heights").click()
    done(page, "Read the heights")
    page.until("document.querySelectorAll('.bed-table td').length === 49 && !document.querySelector('.bed-table .is-unknown')")
    before = page.js("document.querySelector('.surface canvas').toDataURL()")
    page.locator(".surface").press("ArrowRight")
    page.until(f"document.querySelector('.surface canvas').toDataURL() !== {json.dumps(before)}")


def test_the_bed_is_read_by_itself_after_it_was_levelled(shop, show):
    """Levelling takes minutes: heating first, then fifty places."""
    page = show("PAGEQUICK/level")
    button(panel(page, "Level of the bed"), "Level the bed").click()
    page.until("document.querySelector('.bed-map')")
    page.until("document.querySelectorAll('.bed-map').length === 3")
    asked = [one["command"] for one in shop.gateway.get("/printers/PAGEQUICK/commands")]
    assert asked.count("level") == 1


def test_the_console_completes_remembers_and_shows_replies(show):
    page = show("PAGEIDLE/console")
    line = page.getByRole("combobox", {"name": "A line of G-code"})
    line.pressSequentially("m11")
    page.until("document.querySelectorAll('[role=option]').length === 3")
    line.press("ArrowDown")
    line.press("ArrowDown")
    line.press("Enter")
    page.until("document.querySelector('.console-input').value === 'M115 '")
    assert "firmware" in page.locator(".console-hint").innerText()
    line.press("Enter")
    page.until("document.querySelector('.line-text')?.textContent.includes('FIRMWARE_NAME')")
    line.press("ArrowUp")
    page.until("document.querySelector('.console-input').value === 'M115'")
    line.fill("M112")
    line.press("Enter")
    page.until("document.querySelector('.line-refused')?.textContent.includes('Do it anyway')")


def test_files_are_listed_and_started_and_deleted(show, shop):
    page = show("PAGEIDLE/files")
    files = panel(page, "Files on the printer")
    button(files, "Ask the printer").click()
    page.until("document.querySelectorAll('.row-item').length === 2")
    gone = page.locator(".row-item").filter({"hasText": "vase"})
    for _ in range(2):
        gone.getByRole("button", {"name": "Delete", "exact": False}).press("Enter")
    page.until("document.querySelectorAll('.row-item').length === 1")
    for _ in range(2):
        page.locator(".row-item").getByRole("button", {"name": "Print", "exact": False}).press("Enter")
    is_now(shop, "PAGEIDLE", lambda printer: printer["job"]["state"] in ("preparing", "heating", "printing", "levelling"))


def test_messages_come_with_what_they_mean(show):
    page = show("PAGEINK/messages")
    page.until("document.querySelectorAll('.message').length > 1")
    button(panel(page, "Messages of the printer"), "Hold").click()
    page.locator(".message-head").first().click()
    page.until("document.querySelector('.members')?.textContent.includes('commandType')")
    kinds = page.locator(".messages-filter option").allTextContents()
    assert len(kinds) > 1 and kinds[0].startswith("All")


def test_an_e1_has_inks_and_no_axes(show):
    page = show("PAGEINK")
    page.until("document.querySelectorAll('[role=meter]').length === 6")
    assert "cyan" in page.text().lower() and "Motion" not in page.text() and page.locator(".tab").allInnerTexts() == ["Overview", "History", "Messages"]


def test_what_a_printer_replies_is_text(show):
    """Whatever is sent and comes back."""
    page = show("PAGEIDLE/console")
    line = page.getByRole("combobox", {"name": "A line of G-code"})
    line.fill("M118 <img src=x onerror=alert(1)>")
    line.press("Enter")
    page.until("document.querySelector('.line') && !document.querySelector('.line-running')")
    assert page.js("document.querySelector('.line-sent code').textContent") == "M118 <img src=x onerror=alert(1)>"
    assert page.js("document.querySelectorAll('.console-log img').length") == 0


def test_a_viewer_sees_and_does_nothing(shop, show):
    """The last of all: from here on the gateway wants a login."""
    assert shop.gateway.ask("POST", "/users", {"name": "ann", "role": "admin", "password": "a good password"})[0] == 201
    page = show_login(shop, show, "ann")
    assert page.js("document.querySelectorAll('.tab').length") == 6
    assert page.js("fetch('/api/v1/users', {method: 'POST', headers: {'Content-Type': 'application/json', 'X-CSRF-Token': JSON.parse(document.getElementById('start').textContent).session.csrf}, body: JSON.stringify({name: 'bob', role: 'viewer', password: 'a good password'})}).then((answer) => answer.status)") == 201
    page = show_login(shop, show, "bob")
    assert page.locator(".tab").allInnerTexts() == ["Overview", "History"] and page.locator(".halt").count() == 0
    assert page.js("document.querySelectorAll('.panel :is(.job-actions, .preset, .pad-key, input[type=range], .heat-form input)').length") == 0
