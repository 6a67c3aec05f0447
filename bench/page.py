#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What the page costs a browser: bench/page.py [PRINTERS [SECONDS]]

Simulated printers print in front of a gateway, and Chromium shows all of them. Printed are the time until the first view can be
used with a processor that is slowed down four times, the milliseconds of script a second, frames a second while it is
scrolled, and the heap at the beginning and the end."""

import pathlib
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.dont_write_bytecode = True
sys.path[:0] = [str(ROOT / "tests/page"), str(ROOT / "tests/blackbox")]

from browser import Browser  # noqa: E402
from conftest import Shop  # noqa: E402

SLOWED = 4
SETTLE_S = 3
SCROLL_S = 3
FRAMES = """new Promise((resolve) => {
    const begun = performance.now();
    let count = 0;
    function step(at) {
        count++;
        scrollTo(0, ((at - begun) %% 2000) * (document.documentElement.scrollHeight - innerHeight) / 2000);
        if (at - begun < %d) requestAnimationFrame(step); else resolve(count / ((at - begun) / 1000));
    }
    requestAnimationFrame(step);
})"""
USABLE = "performance.getEntriesByName('usable')[0]?.startTime ?? null"


def metrics(page):
    told = page.browser.run(f"{page.name}-cdp", [["send", "Performance.getMetrics"]])
    return {one["name"]: one["value"] for one in told["metrics"]}


def watch(page):
    page.browser.run(page.context, [["newCDPSession", {"$object": page.name}]], f"{page.name}-cdp")
    page.browser.run(f"{page.name}-cdp", [["send", "Performance.enable"]])


def run(count, seconds):
    with tempfile.TemporaryDirectory() as folder, Browser("--js-flags=--expose-gc") as browser:
        shop = Shop(pathlib.Path(folder))
        try:
            shop.open({f"PAGEBENCH{number:05}": (f"Printer {number}", "m5") for number in range(1, count + 1)})
            shop.simulate_many("PAGEBENCH", count, "--model", "m5", "--scenario", "print", "--at", "5")
            shop.gateway.await_get("/printers", lambda printers: all(printer["job"]["state"] == "printing" for printer in printers))
            page = browser.page()
            watch(page)
            browser.run(f"{page.name}-cdp", [["send", "Emulation.setCPUThrottlingRate", {"rate": SLOWED}]])
            page.open(shop.url)
            page.until("document.querySelector('.card')")
            print(f"{count} printers: usable after {page.js(USABLE):.0f} ms with a processor {SLOWED} times slower")
            browser.run(f"{page.name}-cdp", [["send", "Emulation.setCPUThrottlingRate", {"rate": 1}]])
            time.sleep(SETTLE_S)
            page.js("gc()")
            before = metrics(page)
            time.sleep(seconds)
            after = metrics(page)
            page.js("gc()")
            heap = metrics(page)["JSHeapUsedSize"]
            spent = {name: 1000 * (after[name] - before[name]) / seconds for name in ("ScriptDuration", "LayoutDuration", "RecalcStyleDuration", "TaskDuration")}
            print(f"each second: {spent['ScriptDuration']:.2f} ms of script, {spent['RecalcStyleDuration'] + spent['LayoutDuration']:.2f} ms of style and layout, {spent['TaskDuration']:.2f} ms in all")
            print(f"scrolling: {page.js(FRAMES % (SCROLL_S * 1000)):.0f} frames a second")
            print(f"heap: {before['JSHeapUsedSize'] / 1e6:.1f} MB, after {seconds} s {heap / 1e6:.1f} MB")
        finally:
            shop.close()


if __name__ == "__main__":
    run(*[int(word) for word in (sys.argv[1:] + ["50", "20"][len(sys.argv) - 1:])])
