# SPDX-License-Identifier: MIT
"""Files: uploaded by choice and by drop, put into folders, renamed, deleted, and looked at line by line."""

import gzip
import pathlib
import re
import urllib.parse

import pytest

from axe import violations
from lan import archived
from past import remember
from process import until
from test_served import Served

VECTOR = pathlib.Path(__file__).resolve().parents[1] / "vectors/gcode/prusaslicer-2.5.0.gcode"
HOSTILE = '<img src=x onerror="alert(1)"> 😀 سلام ' + "x" * 150 + ".gcode"
PREVIEW_MAX = 12 * 1024
NAMES = "[...document.querySelectorAll('.file-table .cell-open .name')].map((name) => name.textContent)"


@pytest.fixture(scope="module")
def shop(make_shop):
    return make_shop({"PAGELEFT": ("Left", "m5")})


@pytest.fixture(scope="module")
def page(shop, open_page):
    page = open_page(shop.url + "/files")
    page.until("document.querySelector('.nothing')")
    yield page
    assert [fault for fault in page.faults() if "Failed to load resource" not in fault and "GL Driver Message" not in fault] == []


def paths(shop):
    return sorted(file["path"] for file in shop.gateway.get("/files")["files"])


def drop(page, name, text):
    page.js(f"""(() => {{ const data = new DataTransfer(); data.items.add(new File([{text!r}], {name!r}));
        document.body.dispatchEvent(new DragEvent('drop', {{ dataTransfer: data, bubbles: true, cancelable: true }})); }})()""")


def test_a_file_is_chosen(page, shop):
    page.locator("input[type=file]").setInputFiles(str(VECTOR))
    page.until("document.querySelector('.upload-done') && document.querySelectorAll('.file-table tbody tr').length === 1")
    assert paths(shop) == [VECTOR.name] and "PLA" in page.text()


def test_a_file_that_is_there_is_replaced_when_somebody_says_so(page, shop):
    drop(page, VECTOR.name, "G28\nG1 X1 Y1 E1\n")
    page.until("document.querySelector('.upload-exists')")
    page.getByRole("button", {"name": "Replace it"}).click()
    page.until("document.querySelectorAll('.upload-done').length === 2")
    assert shop.gateway.get(f"/metadata/{VECTOR.name}")["size"] == len("G28\nG1 X1 Y1 E1\n")


def test_what_is_no_gcode_is_refused_in_words(page, shop):
    drop(page, "picture.png", "no")
    page.until("document.querySelector('.upload-failed')?.textContent.includes('gcode')")
    assert paths(shop) == [VECTOR.name]


def test_a_hostile_name_stays_a_name(page, shop):
    drop(page, HOSTILE, "G28\nG1 X1 Y1 E1\n")
    page.until(f"{NAMES}.length === 2")
    assert HOSTILE in page.js(NAMES) and page.js("document.querySelectorAll('main img').length") == 0


def test_folders_and_names(page, shop):
    page.getByRole("button", {"name": "New folder"}).click()
    page.getByLabel("Name of the folder").fill("parts")
    page.getByRole("button", {"name": "Make it"}).click()
    page.until(f"!document.querySelector('dialog') && {NAMES}[0] === 'parts'")
    page.getByRole("button", {"name": f"More about {VECTOR.name}"}).click()
    page.getByRole("menuitem", {"name": "Rename"}).click()
    assert violations(page) == []
    page.getByLabel("New name").fill("parts/cube.gcode")
    page.getByRole("button", {"name": "Rename", "exact": True}).click()
    page.until(f"!document.querySelector('dialog') && {NAMES}.length === 2")
    assert paths(shop) == sorted([HOSTILE, "parts", "parts/cube.gcode"])
    page.getByRole("link", {"name": "parts"}).click()
    page.until(f"location.pathname === '/files/parts' && {NAMES}[0] === 'cube.gcode'")
    page.goBack()
    page.until("location.pathname === '/files'")


def test_one_is_deleted_after_a_question(page, shop):
    page.getByRole("button", {"name": "More about parts"}).click()
    page.getByRole("menuitem", {"name": "Delete"}).click()
    page.until("document.querySelector('dialog')?.innerText.includes('the file in it')")
    assert violations(page) == []
    page.locator("dialog").getByRole("button", {"name": "Delete"}).click()
    page.until(f"!document.querySelector('dialog') && {NAMES}.length === 1")
    assert paths(shop) == [HOSTILE]


def test_a_file_is_looked_at(shop, visit):
    connection = shop.gateway.connection()
    connection.request("PUT", "/api/v1/files/look.gcode", VECTOR.read_bytes())
    assert connection.getresponse().status == 201
    page = visit(shop.url + "/files/look.gcode")
    page.until("document.querySelector('canvas')?.dataset.readMs !== undefined")
    if not page.js("Boolean(document.createElement('canvas').getContext('webgl2'))"):
        page.until("document.querySelector('.preview-note')?.textContent.includes('WebGL')")
        return
    page.until("document.querySelector('canvas').dataset.drawn > 0")
    layers = VECTOR.read_text().count(";LAYER_CHANGE")
    assert f"Layer {layers} of {layers}" in page.text() and "Outer wall" in page.text()
    whole = page.js("Number(document.querySelector('canvas').dataset.drawn)")
    page.getByLabel("Only this layer").check()
    page.until(f"document.querySelector('canvas').dataset.drawn < {whole}")
    page.getByLabel("Colour by speed").check()
    page.until("document.querySelector('.preview-speeds')?.textContent.includes('mm/s')")
    for name in ("Closer", "Turn left", "From higher up", "As at first"):
        page.getByRole("button", {"name": name}).click()
    page.until("document.querySelector('canvas').dataset.drawn > 0")
    assert shop.gateway.ask("PUT", "/files/archived.acode", archived(VECTOR.read_bytes()))[0] == 201
    page.goto(shop.url + "/files/archived.acode")
    page.until(f"Number(document.querySelector('canvas')?.dataset.drawn) === {whole}")


def test_fingers_turn_bring_closer_and_scroll_a_preview(shop, visit):
    """One across turns what is seen, two bring it closer, one upwards scrolls the page and leaves it as it is."""
    assert shop.gateway.ask("PUT", "/files/turned.gcode", VECTOR.read_bytes())[0] == 201
    page = visit(shop.url + "/files/turned.gcode", "phone", hasTouch=True, isMobile=True)
    page.until("document.querySelector('canvas')?.dataset.drawn > 0")
    page.locator("canvas").first().scrollIntoViewIfNeeded()
    page.browser.run(page.context, [["newCDPSession", {"$object": page.name}]], "fingers")
    middle = "(({ left, top, width, height }) => [left + width / 2, top + height / 2])(document.querySelector('canvas').getBoundingClientRect())"
    x, y = page.js(middle)

    def fingers(*ways):
        """Each goes along its way, all at once."""
        for kind, points in zip(("touchStart", *("touchMove" for _ in ways[0][1:]), "touchEnd"), (*zip(*ways), ())):
            touched = [{"x": x + right, "y": y + down, "id": number} for number, (right, down) in enumerate(points)]
            page.browser.run("fingers", [["send", "Input.dispatchTouchEvent", {"type": kind, "touchPoints": touched}]])

    def seen():
        return page.locator("canvas").first().screenshot()

    first = seen()
    fingers([(0, 0), (30, 0), (60, 0), (60, 20)])
    turned = until(lambda: (now := seen()) != first and now)
    fingers([(-20, 0), (-40, 0), (-60, 0)], [(20, 0), (40, 0), (60, 0)])
    closer = until(lambda: (now := seen()) != turned and now)
    page.getByRole("button", {"name": "As at first"}).dispatchEvent("click")  # without the ring of what has the keyboard, before the canvas
    until(lambda: seen() == first)
    assert closer != first
    before = page.js("scrollY")
    x, y = page.js(middle)
    fingers([(0, -20 * step) for step in range(8)])
    page.until(f"scrollY > {before} + 50")
    page.locator("canvas").first().scrollIntoViewIfNeeded()
    page.js(f"scrollTo(0, {before})")
    until(lambda: seen() == first)


KINDS = ["External perimeter", "Perimeter", "Internal infill", "Solid infill", "Top solid infill", "Support material", "Bridge infill", "Skirt/Brim", "Custom"]
OF_ALL_KINDS = "; generated by PrusaSlicer 2.5.0 on 2026-11-29\nG28\nM83\n" + "".join(
    f";LAYER_CHANGE\nG1 Z{layer} F600\n" + "".join(f";TYPE:{kind}\nG1 X{10 + at} Y{10 + layer} E1 F1200\n" for at, kind in enumerate(KINDS)) for layer in (1, 2, 3))
CONTROLS = "document.querySelector('.preview-controls').getBoundingClientRect().height"


@pytest.mark.parametrize("locale", ["en-GB", "de-DE", "fr-FR", "es-ES", "zh-CN"])
def test_what_steers_a_preview_has_its_room(shop, visit, locale):
    """From before it is there, in each language, and whatever is in the file."""
    assert shop.gateway.ask("PUT", "/files/kinds.gcode", OF_ALL_KINDS.encode())[0] == 201
    page = visit("about:blank", "narrow", locale=locale)
    page.route("**/api/v1/files/kinds.gcode", {"$function": "() => {}"})
    page.open(shop.url + "/files/kinds.gcode")
    page.until("document.querySelector('.preview-note[role=status]')")
    before = page.js(CONTROLS)
    page.unrouteAll({"behavior": "ignoreErrors"})
    page.open(shop.url + "/files/kinds.gcode")
    page.until("document.querySelector('canvas')?.dataset.readMs !== undefined")
    if not page.js("Boolean(document.createElement('canvas').getContext('webgl2'))"):
        return
    page.until(f"document.querySelectorAll('.preview-steer .preview-legend li').length === {len(KINDS)}")
    assert page.js(CONTROLS) == before
    page.locator(".preview-steer .check input").last().check()
    page.until("document.querySelector('.preview-steer .preview-speeds')")
    assert page.js(CONTROLS) == before and page.js("document.querySelector('.preview-steer').clientHeight <= document.querySelector('.preview-room').clientHeight")


@pytest.mark.without_browser
def test_the_preview_is_small_and_is_not_loaded_before(shop):
    script = Served(shop.gateway.port, re.search(r'src="([^"]+)"', Served(shop.gateway.port, "/").body.decode())[1]).body.decode()
    assert "gl_Position" not in script
    address = re.search(r'"preview/preview.js":\["([^"]+)"', script) or re.search(r"preview-[0-9a-f]{12}\.js", script)
    code = Served(shop.gateway.port, address[1] if address.re.groups else f"/assets/{address[0]}").body
    assert b"gl_Position" in code and len(gzip.compress(code, 9)) <= PREVIEW_MAX


def test_a_row_says_what_became_of_it_and_prints(page, shop):
    assert shop.gateway.ask("PUT", "/files/printed.gcode", VECTOR.read_bytes())[0] == 201
    remember(shop.folder / "state", [{"printer": "PAGELEFT", "name": "Left", "file": "printed.gcode", "path": "printed.gcode", "outcome": outcome, "hours_ago": hours}
                                     for outcome, hours in (("finished", 30), ("failed", 3))])
    page.reload()
    row = page.locator(".file-table tr").filter({"hasText": "printed.gcode"})
    row.locator(".printed.outcome-is-failed").waitFor()
    row.getByRole("button", {"name": "Print printed.gcode"}).click()
    page.until("document.querySelector('dialog h2')?.textContent === 'Print printed.gcode'")
    page.keyboard.press("Escape")


def test_an_address_of_none(shop, visit):
    page = visit(shop.url + "/files/" + urllib.parse.quote("none <b>.gcode"))
    page.until("document.querySelector('h1')?.textContent === 'This file is not here'")
    assert page.faults() == [] and page.js("document.querySelector('main b')") is None
