# SPDX-License-Identifier: MIT
"""A printer that needs somebody says so in plain words, with what to do, in colour and aloud."""

import pytest

from conftest import Shop

ADVICE = {"en": "Put in filament, then resume.", "de": "Legen Sie Filament ein, dann fortsetzen.", "fr": "Mettez du filament, puis reprenez.",
          "es": "Pon filamento y reanuda.", "zh": "装入耗材，然后继续。"}


@pytest.fixture(scope="module")
def troubled(tmp_path_factory):
    running = Shop(tmp_path_factory.mktemp("troubled"))
    try:
        running.open({"PAGERUNOUT": ("Attic", "m5"), "PAGEIDLE": ("Idle", "m5")})
        running.simulate("PAGEIDLE")
        running.simulate("PAGERUNOUT", "m5", "--scenario", "error", "--at", "25", "--speed", "30")
        yield running
    finally:
        running.close()


@pytest.mark.parametrize("language", ADVICE)
def test_it_says_what_to_do(troubled, visit, language):
    page = visit(troubled.url, locale=language)
    page.until(f"document.querySelector('[data-serial=PAGERUNOUT] .trouble')?.textContent.includes('{ADVICE[language]}')")
    assert page.js("document.querySelector('[data-serial=PAGERUNOUT]').className.includes('is-attention') || document.querySelector('[data-serial=PAGERUNOUT]').className.includes('is-error')")


def test_what_needs_somebody_is_found_at_once(troubled, visit):
    page = visit(troubled.url)
    page.until("document.querySelector('.trouble')")
    page.getByRole("button", {"name": "Needs you 1"}).click()
    page.until("document.querySelectorAll('.card').length === 1")
    page.getByRole("button", {"name": "All 2"}).click()
    page.getByRole("combobox").selectOption("state")
    page.until("document.querySelector('.card').dataset.serial === 'PAGERUNOUT'")


def test_it_is_told_aloud_and_ends(troubled, visit):
    page = visit(troubled.url)
    page.until("document.querySelector('.trouble')")
    page.locator(".card[data-serial=PAGERUNOUT]").getByRole("button", {"name": "Resume"}).click()
    page.until("!document.querySelector('[data-serial=PAGERUNOUT] .trouble')")
    page.until("/^Attic: /.test(document.querySelector('[aria-live=polite].unseen').textContent)")
    assert page.faults() == []
