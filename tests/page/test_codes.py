# SPDX-License-Identifier: MIT
"""QR codes hold what is written beside them: read off the screen, as a phone's camera reads them."""

import base64
import struct
import zlib

import pytest

zbar = pytest.importorskip("zbar", reason="zbar is absent: apt install python3-zbar")

CHANNELS = {0: 1, 2: 3, 4: 2, 6: 4}  # by the colour type of a PNG
HOSTILE = "Räum <3> & Co"


def grey(png):
    """Width, height and a byte for each pixel of a PNG, as Chromium writes it: 8 bits, not interlaced."""
    at, data = 8, b""
    while at < len(png):
        (length,), kind = struct.unpack(">I", png[at:at + 4]), png[at + 4:at + 8]
        if kind == b"IHDR":
            width, height, depth, colours, _, _, interlaced = struct.unpack(">IIBBBBB", png[at + 8:at + 8 + length])
            assert depth == 8 and not interlaced
        elif kind == b"IDAT":
            data += png[at + 8:at + 8 + length]
        at += 12 + length
    step, raw, line, lines = CHANNELS[colours], zlib.decompress(data), None, []
    for row in range(height):
        begin = row * (1 + width * step)
        line = unfiltered(raw[begin], bytearray(raw[begin + 1:begin + 1 + width * step]), line or bytes(width * step), step)
        lines.append(bytes(line[::step]))
    return width, height, b"".join(lines)


def unfiltered(kind, line, above, step):
    """A line of a PNG as it was before it was filtered (its section 9)."""
    for at, value in enumerate(line):
        left, up, corner = (line[at - step] if at >= step else 0), above[at], (above[at - step] if at >= step else 0)
        near = min((abs(up - corner), 0, left), (abs(left - corner), 1, up), (abs(left + up - 2 * corner), 2, corner))[2]
        line[at] = (value + (0, left, up, (left + up) // 2, near)[kind]) % 256
    return line


def read(page, name):
    """What a code says that is shown by its button."""
    page.getByRole("button", {"name": f"QR code: {name}"}).click()
    drawn = page.getByRole("img", {"name": f"QR code: {name}"})
    drawn.waitFor()
    width, height, pixels = grey(base64.b64decode(drawn.screenshot()))
    image = zbar.Image(width, height, "Y800", pixels)
    zbar.ImageScanner().scan(image)
    (found,) = [symbol.data for symbol in image]
    return found


@pytest.fixture(scope="module")
def shop(make_shop):
    return make_shop({"PAGELEFT": (HOSTILE, "m5"), "PAGERIGHT": ("Right", "m5")})


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("program, path", [("Cura", "/octoprint/"), ("Mainsail, Fluidd", "/moonraker/")])
def test_an_address_is_what_is_written_beside_it(shop, visit, theme, program, path):
    page = visit(shop.url + "/settings/programs", colorScheme=theme)
    page.locator(".how-to select").first().selectOption({"label": program})
    address = f"{shop.url}{path}R%C3%A4um%20%3C3%3E%20%26%20Co"
    page.until(f"document.querySelector('.how-to .copied-text')?.textContent === '{address}'")
    assert read(page, "Address") == address
    assert page.faults() == []


def test_a_key_is_what_it_says_and_opens_the_gateway(shop, visit):
    page = visit(shop.url + "/settings/programs?dialog=key", "phone")
    page.getByLabel("Name").fill("orca")
    page.getByRole("button", {"name": "Make it"}).click()
    page.until("document.querySelector('dialog .copied-text')")
    dialog = page.getByRole("dialog")
    key = read(dialog, "Key")
    assert key == page.js("document.querySelector('dialog .copied-text').textContent")
    assert shop.gateway.status("POST", "/login", {"key": key})[0] == 200 and shop.gateway.status("POST", "/login", {"key": key[:-1] + "x"})[0] == 401
    dialog.locator(".how-to select").nth(1).selectOption({"label": "Right"})
    page.until("[...document.querySelectorAll('dialog .copied-text')].some((one) => one.textContent.endsWith('/Right'))")
    assert read(dialog, "Address").endswith("/octoprint/Right")


def test_a_code_follows_what_is_chosen(shop, visit):
    page = visit(shop.url + "/settings/programs")
    page.until("document.querySelector('.how-to')")
    assert read(page, "Address").endswith("/octoprint/R%C3%A4um%20%3C3%3E%20%26%20Co")
    page.locator(".how-to select").nth(1).selectOption({"label": "Right"})
    page.until("document.querySelector('.how-to .copied-text').textContent.endsWith('/Right')")
    page.getByRole("button", {"name": "QR code: Address"}).click()
    assert read(page, "Address").endswith("/octoprint/Right")


def test_the_link_of_a_wall_screen_opens_one(shop, visit):
    page = visit(shop.url + "/settings/programs?dialog=wall")
    page.locator("dialog").getByRole("button", {"name": "Make it"}).click()
    page.until("document.querySelector('dialog .copied-text')?.textContent.includes('/wall#key=')")
    link = read(page.getByRole("dialog"), "Address")
    assert link == page.js("document.querySelector('dialog .copied-text').textContent")
    wall = visit(link)
    wall.until("document.querySelectorAll('.wall .card').length === 2")
