#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""How long G-code takes the page to be read and to be drawn: bench/preview.py [THOUSANDS OF SEGMENTS]"""

import math
import os
import pathlib
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.dont_write_bytecode = True
sys.path[:0] = [str(ROOT / "tests/page"), str(ROOT / "tests/blackbox")]

from browser import Browser  # noqa: E402
from conftest import Shop  # noqa: E402

LOADS = 5
FEATURES = ("External perimeter", "Perimeter", "Internal infill", "Solid infill")
# All of it again, until it is done: a pixel is read only behind all that was drawn.
REDRAWN = """new Promise((resolve) => {
    const canvas = document.querySelector('.preview canvas');
    const gl = canvas.getContext('webgl2');
    const begun = performance.now();
    const end = () => { gl.readPixels(0, 0, 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, new Uint8Array(4)); resolve(performance.now() - begun); };
    const look = () => canvas.dataset.drawn ? end() : requestAnimationFrame(look);
    document.querySelector('.preview-views button').click();
    requestAnimationFrame(() => requestAnimationFrame(look));
})"""


def turns(thousands):
    """G-code of so many thousand segments: four features a layer, each a thousand segments."""
    lines = ["G28", "G90", "M83"]
    for number in range(thousands):
        layer, feature = divmod(number, len(FEATURES))
        if not feature:
            lines.append(f";LAYER_CHANGE\nG1 Z{0.2 * (layer + 1):.2f} F600")
        radius = 60 - 8 * feature
        lines.append(f";TYPE:{FEATURES[feature]}\nG0 X{110 + radius} Y110 F15000")
        for at in range(1, 1001):
            angle = 6 * math.pi * at / 1000
            r = radius + 6 * math.sin(9 * angle + layer / 5)
            lines.append(f"G1 X{110 + r * math.cos(angle):.3f} Y{110 + r * math.sin(angle):.3f} E0.03120 F{3000 * (feature + 1)}")
    return "\n".join(lines).encode() + b"\n"


def draw(thousands):
    with tempfile.TemporaryDirectory() as folder, Browser() as browser:
        shop = Shop(pathlib.Path(folder))
        try:
            shop.open({"PAGEBENCH": ("Left", "m5")})
            shop.gateway.ask("PUT", "/files/turns.gcode", turns(thousands))
            page = browser.page()
            page.open(shop.url + "/files/turns.gcode")
            page.until("document.querySelector('.preview canvas')?.dataset.drawn > 0")
            took = [page.js(REDRAWN) for _ in range(LOADS)]
            print(f"{thousands * 1000:,} segments: read in {page.js('document.querySelector(`.preview canvas`).dataset.readMs')} ms, drawn in {min(took):.0f} to {max(took):.0f} ms; load {os.getloadavg()[0]:.1f}")
        finally:
            shop.close()


if __name__ == "__main__":
    draw(*[int(word) for word in (sys.argv[1:] or ["1000"])])
