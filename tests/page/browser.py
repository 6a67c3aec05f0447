# SPDX-License-Identifier: MIT
"""Real Chromium, driven by Playwright: methods have its names (https://playwright.dev/docs/api/class-page).

    page = browser.page(); page.open(url)
    page.getByRole("button", {"name": "Pause"}).click()
    page.until("document.title.includes('34 %')")
"""

import itertools
import json
import os
import pathlib
import subprocess

import tools
from process import DEADLINE_S

HERE = pathlib.Path(__file__).resolve().parent
# These give something to call more of; all others are done at once.
CHAINED = ("getBy", "locator", "filter", "nth", "first", "last", "keyboard", "mouse", "clock", "frameLocator")
SIZES = {"phone": (360, 740), "tablet": (820, 1180), "desktop": (1440, 900), "narrow": (320, 640)}


# What leaves nothing behind that the next page of the same window would meet, once its place is cleared.
TRACELESS = ("getBy", "locator", "keyboard", "mouse", "goto", "reload", "goBack", "goForward", "evaluate", "until", "screenshot", "url", "title", "content", "waitFor", "$$eval")
FREE_MAX = 3  # windows that wait for the next test

# The page does not wait for ever for a machine that is busy, and tries again.
GAVE_UP = "WebSocket is closed before the connection is established"
# Chromium's own, before it has sent a byte: seen once, on a busy machine.
NEVER_SENT = "net::ERR_SOCKET_NOT_CONNECTED"


class Fault(AssertionError):
    """What Playwright says."""


class Chain:
    def __init__(self, browser, on, calls=()):
        self.browser, self.on, self.calls = browser, on, calls

    def __getattr__(self, member):
        if member.startswith("__"):
            raise AttributeError(member)
        if member in ("keyboard", "mouse", "clock"):
            return Chain(self.browser, self.on, (*self.calls, [member]))

        def call(*words):
            calls = (*self.calls, [member, *words])
            return Chain(self.browser, self.on, calls) if member.startswith(CHAINED) else self.browser.run(self.on, calls)

        return call


class Page(Chain):
    def __init__(self, browser, name, context):
        super().__init__(browser, name)
        self.name, self.context = name, context
        self.kind = None  # of a window that is lent

    def open(self, url):
        try:
            self.goto(url, {"waitUntil": "load"})
        except Fault as fault:
            if NEVER_SENT not in str(fault):
                raise
            self.goto(url, {"waitUntil": "load"})
        return self

    def js(self, expression):
        """What an expression gives in the page."""
        return self.evaluate(expression)

    def until(self, expression):
        """Waits until it is true in the page."""
        self.browser.run(self.on, [["until", f"Boolean({expression})", DEADLINE_S * 1000]])

    def text(self):
        return self.js("document.body.innerText")

    def notes(self, *kinds):
        return [note["text"] for note in self.browser.run("notes", [[self.name]]) if note["kind"] in kinds]

    def faults(self):
        """What its console complains of."""
        return [note for note in self.notes("error", "warning", "exception") if GAVE_UP not in note]

    def picture(self, path):
        self.screenshot({"path": str(path)})

    def forget(self):
        """What it has kept of where it is: cookies, settings, workers, files."""
        origin = self.js("location.origin")
        self.goto("about:blank")
        if origin != "null":
            self.browser.run(f"{self.name} clears", [["send", "Storage.clearDataForOrigin", {"origin": origin, "storageTypes": "all"}]])

    def end(self):
        self.browser.run(self.context, [["close"]])


class Browser:
    """Whole, as people have it, or what shows pages alone, which most tests want."""

    def __init__(self, *flags, whole=True):
        self.child = subprocess.Popen(["node", HERE / "browser.mjs"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                      env={**os.environ, "PAGE_TOOLS": str(tools.FOLDER), "PAGE_BROWSER": tools.browser(whole), "PAGE_FLAGS": " ".join(flags)})
        self.numbers = itertools.count(1)
        self.changed = set()  # windows and contexts that are not as new ones any more
        self.free = []

    def __enter__(self):
        return self

    def __exit__(self, *ending):
        self.child.stdin.close()
        self.child.wait(timeout=DEADLINE_S)

    def run(self, on, chain, keep=None):
        asked = {"id": next(self.numbers), "on": on, "chain": list(chain), "keep": keep}
        if not asked["chain"][0][0].startswith(TRACELESS):
            self.changed.add(on)
        self.child.stdin.write(json.dumps(asked) + "\n")
        self.child.stdin.flush()
        answer = json.loads(self.child.stdout.readline())
        assert answer["id"] == asked["id"]
        if "error" in answer:
            raise Fault(f"{asked['chain']}: {answer['error']}")
        return answer["value"]

    def page(self, size="desktop", **options):
        """A page of a browser that knows nothing yet. Options as of Playwright's newContext: colorScheme, locale, reducedMotion, …"""
        number = next(self.numbers)
        width, height = SIZES[size]
        self.run("browser", [["newContext", {"viewport": {"width": width, "height": height}, "locale": "en-GB", "timezoneId": "Europe/Berlin", **options}]], f"context{number}")
        self.run(f"context{number}", [["setDefaultTimeout", DEADLINE_S * 1000]])
        self.run(f"context{number}", [["newPage"]], f"page{number}")
        return Page(self, f"page{number}", f"context{number}")

    def lend(self, size="desktop", **options):
        """A page as page() makes it, of a window that was given back if there is one: a new one takes a second of processor."""
        kind = (size, json.dumps(options, sort_keys=True))
        page = next((page for page in self.free if page.kind == kind), None)
        if page:
            self.free.remove(page)
            self.run("notes", [[page.name], ["splice", 0]])
            return page
        page = self.page(size, **options)
        page.kind = kind
        self.run(page.context, [["newCDPSession", {"$object": page.name}]], f"{page.name} clears")
        self.changed -= {page.name, page.context}
        return page

    def give_back(self, page):
        if self.changed & {page.name, page.context}:
            page.end()
            return
        page.forget()
        self.free.append(page)
        if len(self.free) > FREE_MAX:
            self.free.pop(0).end()
