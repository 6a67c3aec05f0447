# SPDX-License-Identifier: MIT
"""Nothing is wider than its window, and no button than its room, in any language."""

import pytest

from test_accessible import SERVED, until_shown

LANGUAGES = ["en", "de", "fr", "es", "zh"]


@pytest.mark.parametrize("place", SERVED)
@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_wider_than_320_pixels(shop, visit, place, language):
    """Which is 1280 at 400 %, too."""
    page = visit(shop.url + place, "narrow", locale=language)
    until_shown(page)
    assert page.js("document.documentElement.lang") == language
    assert page.js("document.documentElement.scrollWidth") <= 320
    # But for what is scrolled in a room of its own, such as a row of tabs.
    page.js("window.scrolls = (one) => one && one !== document.body && (/auto|scroll/.test(getComputedStyle(one).overflowX) || window.scrolls(one.parentElement)); 0")
    outside = page.js("[...document.querySelectorAll('main *, nav *, dialog *')].filter((one) => one.checkVisibility() && one.getBoundingClientRect().right > 321 && !one.closest('.unseen, .menu-list') && !window.scrolls(one.parentElement)).map((one) => one.outerHTML.slice(0, 120))")
    assert outside == []


@pytest.mark.parametrize("size", ["narrow", "phone", "tablet", "desktop"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_no_button_is_cut_off(shop, visit, size, language):
    page = visit(shop.url, size, locale=language)
    page.until("document.querySelectorAll('.card').length === 3")
    cut = page.js("[...document.querySelectorAll('button, .bar-link, h1, h2, dt, .state')].filter((one) => one.checkVisibility() && !one.closest('.unseen') && one.scrollWidth > one.clientWidth + 1 && one.clientWidth > 0 && getComputedStyle(one).display !== 'inline').map((one) => one.textContent)")
    assert cut == []
