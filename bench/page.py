#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What the page costs a browser: bench/page.py [PRINTERS [SECONDS]], or bench/page.py memory [PRINTERS [MINUTES]]

Simulated printers print in front of a gateway, and Chromium shows all of them. Printed are the time until the first view can be
used with a processor that is slowed down four times, the milliseconds of script a second, frames a second while it is
scrolled, and the heap at the beginning and the end. With `memory`, the heap and the nodes of the document from the third
minute on, each nine minutes."""

import contextlib
import os
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
LOADS = 5
SETTLE_S = 3
MEMORY_FIRST_MIN = 3
MEMORY_STEP_MIN = 9
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
    # The processor's time, which other programs of the machine do not lengthen.
    page.browser.run(f"{page.name}-cdp", [["send", "Performance.enable", {"timeDomain": "threadTicks"}]])


@contextlib.contextmanager
def printing(count):
    """A browser, and the address of a gateway with so many printers that print."""
    with tempfile.TemporaryDirectory() as folder, Browser("--js-flags=--expose-gc") as browser:
        shop = Shop(pathlib.Path(folder))
        try:
            shop.open({f"PAGEBENCH{number:05}": (f"Printer {number}", "m5") for number in range(1, count + 1)})
            shop.simulate_many("PAGEBENCH", count, "--model", "m5", "--scenario", "print", "--at", "5")
            shop.gateway.await_get("/printers", lambda printers: all(printer["job"]["state"] == "printing" for printer in printers))
            yield browser, shop.url
        finally:
            shop.close()


def slow_down(page, rate):
    page.browser.run(f"{page.name}-cdp", [["send", "Emulation.setCPUThrottlingRate", {"rate": rate}]])


def await_usable(browser, url):
    """The best of some loads, as of a machine that does nothing else; a browser that knows nothing each time."""
    took = []
    for _ in range(LOADS):
        page = browser.page()
        watch(page)
        slow_down(page, SLOWED)
        page.open(url)
        page.until("document.querySelector('.card')")
        took.append(page.js(USABLE))
        slow_down(page, 1)
        if len(took) < LOADS:
            page.end()
    return page, took


def run(count, seconds):
    with printing(count) as (browser, url):
        page, took = await_usable(browser, url)
        print(f"{count} printers: usable after {min(took):.0f} to {max(took):.0f} ms with a processor {SLOWED} times slower; load {os.getloadavg()[0]:.1f}")
        time.sleep(SETTLE_S)
        page.js("gc()")
        before = metrics(page)
        time.sleep(seconds)
        after = metrics(page)
        page.js("gc()")
        heap = metrics(page)["JSHeapUsedSize"]
        spent = {name: 1000 * (after[name] - before[name]) / seconds for name in ("ScriptDuration", "LayoutDuration", "RecalcStyleDuration", "TaskDuration")}
        print(f"each second: {spent['ScriptDuration']:.2f} ms of script, {spent['RecalcStyleDuration'] + spent['LayoutDuration']:.2f} ms of style and layout, {spent['TaskDuration']:.2f} ms in all; load {os.getloadavg()[0]:.1f}")
        print(f"scrolling: {page.js(FRAMES % (SCROLL_S * 1000)):.0f} frames a second")
        print(f"heap: {before['JSHeapUsedSize'] / 1e6:.1f} MB, after {seconds} s {heap / 1e6:.1f} MB")


def remember(count, minutes):
    with printing(count) as (browser, url):
        page = browser.page()
        watch(page)
        page.open(url)
        begun = time.monotonic()
        for minute in range(MEMORY_FIRST_MIN, minutes + 1, MEMORY_STEP_MIN):
            time.sleep(max(0, begun + 60 * minute - time.monotonic()))
            for _ in range(2):
                page.js("gc()")
            found = metrics(page)
            print(f"after {minute} min: heap {found['JSHeapUsedSize'] / 1e6:.2f} MB, {found['Nodes']:.0f} nodes, {found['JSEventListeners']:.0f} listeners; load {os.getloadavg()[0]:.1f}", flush=True)


def main(words):
    measure, defaults = (remember, ["50", "30"]) if words[:1] == ["memory"] else (run, ["50", "20"])
    given = words[1:] if measure is remember else words
    measure(*[int(word) for word in given + defaults[len(given):]])


if __name__ == "__main__":
    main(sys.argv[1:])
