# SPDX-License-Identifier: MIT
"""Nothing that axe-core finds, in any view, theme and size, with each dialog; and what else helps people who see or move less."""

import pytest

from axe import SERVED, find_nothing, pages, shop, violations  # noqa: F401


@pytest.mark.parametrize("place", SERVED)
def test_axe_finds_nothing(pages, place):
    find_nothing(pages, place, "desktop")


@pytest.mark.parametrize("size_of_cards", ["s", "m", "l"])
def test_axe_finds_nothing_in_cards_of_any_size_and_while_selecting(pages, size_of_cards):
    page = pages("/", "desktop", "light")
    page.getByRole("button", {"name": {"s": "Small", "m": "Medium", "l": "Large"}[size_of_cards] + " cards"}).click()
    page.getByRole("button", {"name": "Select", "exact": True}).click()
    page.until("document.querySelector('.bulk')")
    assert violations(page) == []
    page.getByRole("button", {"name": "Select", "exact": True}).click()
    page.until("!document.querySelector('.bulk')")


def test_axe_finds_nothing_in_an_open_menu(pages):
    page = pages("/", "desktop", "dark")
    page.getByRole("button", {"name": "More about Left"}).click()
    page.until("document.querySelector('.menu-list:popover-open')")
    assert violations(page) == []
    page.keyboard.press("Escape")


def test_targets_are_large_enough(pages):
    page = pages("/", "phone", "light")
    small = page.js("[...document.querySelectorAll('button, input, select, a[href]:not(.skip, .card-link)')].filter((one) => one.checkVisibility()).filter((one) => { const { width, height } = one.getBoundingClientRect(); return width && (width < 24 || height < 24); }).map((one) => one.outerHTML.slice(0, 120))")
    assert small == []


def test_all_is_done_by_keys_alone(shop, visit):
    page = visit(shop.url)
    page.until("document.querySelectorAll('.card').length === 3")
    page.keyboard.press("j")
    page.until("document.activeElement.classList.contains('card-link')")
    first = page.js("document.activeElement.textContent")
    page.keyboard.press("j")
    assert page.js("document.activeElement.textContent") != first
    page.js("document.querySelector('[data-serial=PAGELEFT] .card-link').focus()")
    page.keyboard.press("Tab")
    page.until("document.activeElement.getAttribute('aria-haspopup') === 'menu'")
    page.keyboard.press("Enter")
    page.until("document.activeElement.getAttribute('role') === 'menuitem'")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Escape")
    page.until("document.activeElement.getAttribute('aria-haspopup') === 'menu'")
    page.keyboard.press("Tab")
    page.until("document.activeElement.textContent.includes('Pause')")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.until("document.activeElement.textContent.includes('press again')")
    assert page.faults() == []


def test_less_motion_is_less_motion(pages):
    page = pages("/", "desktop", "light")
    assert page.js("[...document.querySelectorAll('*')].every((one) => parseFloat(getComputedStyle(one).transitionDuration) <= 0.001)")
