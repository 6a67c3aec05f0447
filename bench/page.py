#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What the page costs a browser: bench/page.py [PRINTERS [SECONDS]], bench/page.py memory [PRINTERS [MINUTES]], or bench/page.py
camera [SECONDS]

Simulated printers print in front of a gateway, and Chromium shows all of them. Printed are the time until the first view can be
used, and until it is seen, with a processor that is slowed down four times, of a browser that knows nothing and of one that was
there before, and the same of a page with one word in it, which is what Chromium itself takes on this machine; the milliseconds of
script a second, frames a second while it is scrolled, and the heap at the beginning and the end. With `memory`, the heap and the
nodes of the document from the third minute on, each nine minutes. With `camera`, how many pictures of a camera a second are
shown, how many are dropped, and how late the clock in them is; and how many are dropped of the same film as a file, meanwhile and
in the same page: by Chromium itself."""

import base64
import contextlib
import http.server
import os
import pathlib
import statistics
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.dont_write_bytecode = True
sys.path[:0] = [str(ROOT / "tests/page"), str(ROOT / "tests/blackbox")]

from browser import Browser  # noqa: E402
from conftest import Shop  # noqa: E402
from farm import open_farm, simulate  # noqa: E402
from limits import end, report  # noqa: E402
from program import DONE  # noqa: E402

SLOWED = 4
LOADS = 15
KNOWN_AFTER = 4  # loads; V8 keeps what it compiled from the second or third on
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
VIDEO = ".camera video"
PLAIN = "video.plain"
SHOW_PLAIN = """(() => { const video = Object.assign(document.createElement('video'), {className: 'plain', muted: true, loop: true});
    video.src = URL.createObjectURL(new Blob([Uint8Array.from(atob('%s'), (sign) => sign.charCodeAt(0))], {type: 'video/mp4'}));
    video.style = 'position: fixed; right: 0; bottom: 0; width: 640px'; document.body.append(video); video.play(); })()"""
QUALITY = """((quality) => ({total: quality.totalVideoFrames, dropped: quality.droppedVideoFrames, at: performance.now()}))(document.querySelector('%s').getVideoPlaybackQuality())"""
RATE_LEAST, DROPPED_MOST, LATE_MOST_MS = 24.9, 0, 300  # of 25 a second; rounded, as the first and the last are not whole
# The row of bits of the test card (src/simulator/camera/test_card.h): its first block, its row, how many, and a block's samples.
TEST_CARD = "{left: 1, row: 43, bits: 41, block: 16}"
LATENESS = """new Promise((resolve) => {
    const card = %s, video = document.querySelector('.camera video'), late = [], begun = performance.now();
    const canvas = document.createElement('canvas'), context = canvas.getContext('2d', {willReadFrequently: true});
    canvas.width = card.bits; canvas.height = 1;
    function step() {
        context.drawImage(video, card.left * card.block, card.row * card.block, card.bits * card.block, card.block, 0, 0, card.bits, 1);
        const data = context.getImageData(0, 0, card.bits, 1).data;
        let taken = 0;
        for (let bit = 0; bit < card.bits; bit++) taken = 2 * taken + (data[4 * bit] > 128 ? 1 : 0);
        late.push(Date.now() - taken);
        if (performance.now() - begun < %d) setTimeout(step, 500); else resolve(late);
    }
    step();
})"""
ONE_WORD = {
    "/": ("text/html", "<!doctype html><title>One word</title><link rel=stylesheet href=/style.css><script type=module src=/script.js blocking=render></script><body>"),
    "/style.css": ("text/css", "body { color: #222 }"),
    "/script.js": ("text/javascript", "document.body.textContent = 'Here'; performance.mark('usable');"),
}
USABLE = "performance.getEntriesByName('usable')[0]?.startTime ?? null"
PAINTED = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? null"


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


@contextlib.contextmanager
def one_word():
    """The address of a page with one word, which a script writes, and a style sheet: what any page takes."""
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            kind, text = ONE_WORD.get(self.path, ("text/plain", ""))
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", len(text))
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *words):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/"
        finally:
            server.shutdown()


def await_usable(browser, *urls):
    """Of some loads of each in turn, a browser that knows nothing each time; the first is not counted, as in it Chromium itself starts. Leaves a page of the first."""
    took = {url: ([], []) for url in urls}
    for load in range(LOADS + 1):
        for url in urls:
            page = browser.page()
            watch(page)
            slow_down(page, SLOWED)
            page.open(url)
            page.until(f"({USABLE}) !== null && ({PAINTED}) !== null")
            if load:
                took[url][0].append(page.js(USABLE))
                took[url][1].append(page.js(PAINTED))
            slow_down(page, 1)
            if load < LOADS or url != urls[0]:
                page.end()
            else:
                left = page
    return left, list(took.values())


def await_usable_again(browser, url):
    """The same of a browser that was there before: it has the parts that have their hash in their name, and what it compiled of them."""
    page, took = browser.page(), ([], [])
    watch(page)
    slow_down(page, SLOWED)
    for load in range(KNOWN_AFTER + LOADS):
        page.open(url)
        page.until(f"({USABLE}) !== null && ({PAINTED}) !== null")
        if load >= KNOWN_AFTER:
            took[0].append(page.js(USABLE))
            took[1].append(page.js(PAINTED))
    page.end()
    return took


def spread(values):
    """The usual one, and the best and the worst."""
    return f"{statistics.median(values):.0f} ({min(values):.0f} to {max(values):.0f})"


def run(count, seconds):
    with printing(count) as (browser, url):
        with one_word() as plain:
            page, loads = await_usable(browser, url, plain)
            loads += [await_usable_again(browser, one) for one in (url, plain)]
        for what, (took, painted) in zip((f"{count} printers", "one word", f"{count} printers again", "one word again"), loads):
            print(f"{what}: usable after {spread(took)} ms, seen after {spread(painted)} ms, with a processor {SLOWED} times slower; load {os.getloadavg()[0]:.1f}")
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


def watch_camera(seconds):
    with tempfile.TemporaryDirectory() as folder, Browser() as browser:
        shops = []

        def make_shop(printers, **more):
            shops.append(Shop(pathlib.Path(folder)))
            return shops[-1].open(printers, **more)

        try:
            shop = open_farm(make_shop, {"PAGECAMERA": ("Left", "m5")})
            simulate(shop, "PAGECAMERA", "m5")
            film = pathlib.Path(folder) / "film.mp4"
            assert shop.home.run("camera", "record", film, "--seconds", seconds, "-p", "Left").returncode == DONE
            page = browser.page().open(f"{shop.url}/p/PAGECAMERA")
            page.getByRole("button", {"name": "Show", "exact": True}).click()
            page.js(SHOW_PLAIN % base64.b64encode(film.read_bytes()).decode())
            for video in (VIDEO, PLAIN):
                page.until(f"document.querySelector('{video}')?.getVideoPlaybackQuality().totalVideoFrames > 50")
            before = [page.js(QUALITY % video) for video in (VIDEO, PLAIN)]
            late = page.js(LATENESS % (TEST_CARD, seconds * 1000))
            after = [page.js(QUALITY % video) for video in (VIDEO, PLAIN)]
        finally:
            for shop in shops:
                shop.close()
    rate = 1000 * (after[0]["total"] - before[0]["total"]) / (after[0]["at"] - before[0]["at"])
    dropped, by_itself = [last["dropped"] - first["dropped"] for first, last in zip(before, after)]
    report("page_camera_pictures_per_second", rate, "pictures/s", least=RATE_LEAST)
    report("page_plain_dropped", by_itself, "pictures")
    report("page_camera_dropped", dropped, "pictures", most=DROPPED_MOST)
    report("page_camera_late_ms", statistics.median(late), "ms")
    report("page_camera_late_worst_ms", max(late), "ms", most=LATE_MOST_MS)


def main(words):
    if words[:1] == ["camera"]:
        watch_camera(int((words[1:] or ["60"])[0]))
        end()
    measure, defaults = (remember, ["50", "30"]) if words[:1] == ["memory"] else (run, ["50", "20"])
    given = words[1:] if measure is remember else words
    measure(*[int(word) for word in given + defaults[len(given):]])


if __name__ == "__main__":
    main(sys.argv[1:])
