# SPDX-License-Identifier: MIT
"""What tests of one printer's view look for in it."""

import json

import pytest

SAYS_NO = "409 (Conflict)"


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


def panel(page, title):
    return page.getByRole("region", {"name": title, "exact": True})


def button(where, name, exact=True):
    return where.getByRole("button", {"name": name, "exact": exact})


def done(page, what, outcome="done"):
    page.until(f"[...document.querySelectorAll('.panel .outcome')].some((one) => one.textContent.includes({json.dumps(f'{what}: {outcome}')}))")


def is_now(shop, serial, condition):
    return shop.gateway.await_get(f"/printers/{serial}", condition)
