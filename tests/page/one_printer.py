# SPDX-License-Identifier: MIT
"""What tests of one printer's view look for in it."""

import json

import pytest

SAYS_NO = "409 (Conflict)"
# Of the chart, as it is drawn; of a copy, or the browser complains of how often it is read.
PIXELS = """((left, top, width, height) => { const drawn = document.querySelector('.chart canvas'), copy = document.createElement('canvas');
    copy.width = drawn.width; copy.height = drawn.height;
    const context = copy.getContext('2d', { willReadFrequently: true });
    context.drawImage(drawn, 0, 0);
    return context.getImageData(left, top, width || copy.width, height || copy.height).data; })"""


@pytest.fixture
def show(shop, visit):
    """Opens a part of a printer; what the gateway refuses is told in the console of a browser, and nothing else may be."""
    shown = []

    def start(path, size="desktop", panel=True, **options):
        page = visit(f"{shop.url}/p/{path}", size, **options)
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
