# SPDX-License-Identifier: MIT
"""Nothing is wider than its window, and no button than its room, in any language."""

import pytest

from browser import SIZES
from axe import SERVED, go

# Words and numbers that do not fit where they stand; a button that may not grow hides the rest, a heading lies over the next one.
CUT = """[...document.querySelectorAll('button, h1, h2, dt, th, .state, input[type=number]')].filter((one) => one.checkVisibility() && !one.closest('.unseen') && one.clientWidth > 0
    && one.scrollWidth > one.clientWidth + 1 && getComputedStyle(one).display !== 'inline').map((one) => one.textContent + one.className)"""
LANGUAGES = ["en", "de", "fr", "es", "zh"]


@pytest.fixture(scope="module")
def pages(open_page):
    """A page for each language, which goes from place to place."""
    opened = {}

    def at(root, place, size, language):
        if language not in opened:
            opened[language] = open_page("about:blank", size, locale=language)
        width, height = SIZES[size]
        opened[language].setViewportSize({"width": width, "height": height})
        go(opened[language], root, place)
        return opened[language]

    return at


@pytest.mark.parametrize("place", SERVED)
@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_wider_than_320_pixels(shop, pages, place, language):
    """Which is 1280 at 400 %, too."""
    page = pages(shop.url, place, "narrow", language)
    assert page.js("document.documentElement.lang") == language
    # But for what is scrolled in a room of its own, such as a row of tabs.
    page.js("window.scrolls = (one) => one && one !== document.body && (/auto|scroll/.test(getComputedStyle(one).overflowX) || window.scrolls(one.parentElement)); 0")
    outside = page.js("[...document.querySelectorAll('main *, nav *, dialog *')].filter((one) => one.checkVisibility() && one.getBoundingClientRect().right > 321 && !one.closest('.unseen, .menu-list') && !window.scrolls(one.parentElement)).map((one) => one.outerHTML.slice(0, 120))")
    assert outside == [] and page.js("document.documentElement.scrollWidth") <= 320
    assert page.js(CUT) == []


@pytest.mark.parametrize("size", SIZES)
def test_a_job_that_ends_on_another_day_fits(shop, pages, size):
    page = pages(shop.url, "/p/PAGELEFT", size, "en")
    page.until("document.querySelectorAll('.job-facts dd').length === 5")
    page.js("['12 h 30 min', 'Tue 12:30 AM', '1234 / 2345', '12 h 30 min', '123 / 234 m'].forEach((text, at) => (document.querySelectorAll('.job-facts dd')[at].firstChild.data = text))")
    assert page.js("document.documentElement.scrollWidth <= innerWidth")
    assert page.js("(({ right }) => [...document.querySelectorAll('.job-facts dd')].filter((one) => one.getBoundingClientRect().right > right))(document.querySelector('.panel.job').getBoundingClientRect())") == []


@pytest.mark.parametrize("size", ["narrow", "phone", "tablet", "desktop"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_no_button_is_cut_off(shop, pages, size, language):
    page = pages(shop.url, "/", size, language)
    page.until("document.querySelectorAll('.card').length === 3")
    cut = page.js("[...document.querySelectorAll('button, .bar-link, h1, h2, dt, .state')].filter((one) => one.checkVisibility() && !one.closest('.unseen') && one.scrollWidth > one.clientWidth + 1 && one.clientWidth > 0 && getComputedStyle(one).display !== 'inline').map((one) => one.textContent)")
    assert cut == []
    broken = page.js("""[...document.querySelectorAll('.bar-link span')].filter((one) => one.checkVisibility() && one.firstChild?.length).flatMap((one) =>
        [...one.firstChild.data.matchAll(/\\p{Script=Latin}+/gu)].filter((word) => { const range = document.createRange(); range.setStart(one.firstChild, word.index);
            range.setEnd(one.firstChild, word.index + word[0].length); return range.getClientRects().length > 1; }).map((word) => word[0]))""")
    assert broken == []
