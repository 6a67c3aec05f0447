# SPDX-License-Identifier: MIT
"""Nothing that axe-core finds on a phone, in any view and theme, with each dialog."""

import pytest

from axe import SERVED, find_nothing, pages, shop  # noqa: F401


@pytest.mark.parametrize("place", SERVED)
def test_axe_finds_nothing(pages, place):
    find_nothing(pages, place, "phone")
