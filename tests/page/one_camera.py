# SPDX-License-Identifier: MIT
"""What tests of cameras look for in a printer's view."""

import pytest

REFUSED = "Failed to load resource"  # what a browser says of a picture that there is not
NO_SOCKET = "WebSocket connection to"  # and of a film
PLAYS = "document.querySelector('.camera video').getVideoPlaybackQuality().totalVideoFrames"
NOTE = "document.querySelector('.camera-note').innerText"


def streams(page, kind="socket"):
    return [text.split("/")[-3] for text in page.notes(kind) if text.endswith("/camera/stream")]


@pytest.fixture
def look(shop, visit):
    """Opens a printer, and its camera, unless it is only to be opened."""
    opened = []

    def start(serial="PAGELEFT", shows=True, **options):
        page = visit(f"{shop.url}/p/{serial}", **options)
        page.until("document.querySelector('.chart canvas')")
        if shows:
            page.getByRole("button", {"name": "Show", "exact": True}).click()
        opened.append(page)
        return page

    yield start
    for page in opened:
        assert [fault for fault in page.faults() if REFUSED not in fault and NO_SOCKET not in fault] == []


def press(page, name):
    page.getByRole("button", {"name": name, "exact": True}).click()
