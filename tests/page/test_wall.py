# SPDX-License-Identifier: MIT
"""A screen that hangs somewhere and is touched by nobody: its link ends, its gateway is away, and it says so or comes back by itself."""

import pytest

from process import until
from shifted_clock import ShiftedClock

HOUR_S = 3600
SOME_TIME_MS = 5000
OVER = "document.querySelector('.door .fault')?.textContent.startsWith('This link is over')"
LIVE = "document.querySelector('.wall:not(.is-stale) .card')"
TRIES = 6  # of a socket, until it is tried again each few seconds
# What a page asks for, one after the other, while an hour passes.
HOUR_OF_STEPS = 60


@pytest.fixture(scope="module")
def shop(make_shop, tmp_path_factory):
    """With a user: who is not known sees nothing."""
    clock = ShiftedClock(tmp_path_factory.mktemp("clock"))
    shop = make_shop({"PAGEWALL": ("Curie", "m5")}, environment=clock.environment)
    shop.clock = clock
    shop.simulate("PAGEWALL", "m5", "--scenario", "print", "--at", "34")
    shop.gateway.await_get("/printers/PAGEWALL", lambda printer: printer["job"]["state"] == "printing")
    _, shop.key = shop.gateway.status("POST", "/keys", {"name": "keys", "role": "admin"})
    assert shop.gateway.status("POST", "/users", {"name": "ann", "role": "admin", "password": "a good password"})[0] == 201
    return shop


@pytest.fixture
def hang(shop, browser):
    """Opens a wall by a link that lasts for an hour, by a clock that only passes when it is told to: what is tried again in vain is seen."""
    opened = []

    def start(shows=LIVE, faults=None):
        status, made = shop.gateway.status("POST", "/keys", {"name": f"wall{len(opened)}", "role": "viewer", "expires_in_s": HOUR_S}, **{"X-Api-Key": shop.key["key"]})
        assert status == 201
        page = browser.page()
        opened.append(page)
        page.clock.install()
        if faults:
            faults(page)
        page.open(f"{shop.url}/wall#key={made['key']}")
        page.until(shows)
        return page

    yield start
    for page in opened:
        page.end()


def asked(page):
    """For logins, and for what happens."""
    return [note for note in page.notes("request", "socket") if note.endswith(("/login", "/session")) or "/events?" in note]


def pass_hour(page):
    for _ in range(HOUR_OF_STEPS):
        page.clock.runFor(HOUR_S * 1000 // HOUR_OF_STEPS)
        assert page.js("fetch('/api/v1/health').then((answer) => answer.status)") == 200


def test_a_link_that_runs_out_says_so_and_shows_no_printer_any_more(shop, hang):
    wall = hang()
    shop.clock.sleep(HOUR_S - 60)
    wall.until(LIVE)
    shop.clock.sleep(HOUR_S)
    wall.until(OVER)
    assert wall.js("document.querySelectorAll('.card, .wall').length") == 0
    wall.until("document.title === 'Wall screen · flagship'")
    assert "Curie" not in wall.text()
    before = asked(wall)
    pass_hour(wall)
    assert asked(wall) == before and wall.js(OVER)


def test_a_link_that_runs_out_while_the_gateway_is_away_says_so_afterwards(shop, hang):
    wall = hang()
    shop.go_away()
    wall.until("document.querySelector('.wall.is-stale [role=status]')?.textContent === 'The gateway does not answer.'")
    tried = len(wall.notes("socket"))
    until(lambda: len(wall.notes("socket")) >= tried + TRIES)
    shop.clock.sleep(2 * HOUR_S)
    shop.come_back()
    wall.until(OVER)


def test_it_comes_back_by_itself_with_the_gateway(shop, hang):
    """Which knows no session any more."""
    wall = hang()
    wall.js("window.loadedOnce = true")
    shop.go_away()
    tried = len(wall.notes("socket"))
    until(lambda: len(wall.notes("socket")) >= tried + TRIES)
    shop.come_back()
    wall.until(LIVE)
    assert wall.js("window.loadedOnce") is True


def test_a_link_that_could_not_be_judged_is_tried_again(hang):
    def refuse(page):
        page.route("**/api/v1/login", {"$function": "(route) => route.fulfill({ status: 503, contentType: 'application/problem+json', body: JSON.stringify({ status: 503, detail: 'not now' }) })"}, {"times": 2})

    wall = hang("document.querySelector('.door .fault')?.textContent === 'Not now'", refuse)
    until(lambda: wall.clock.runFor(SOME_TIME_MS) or wall.js("Boolean(document.querySelector('.wall .card'))"))
    assert sum(note.endswith("/login") for note in wall.notes("request")) == 3
