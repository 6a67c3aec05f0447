# SPDX-License-Identifier: MIT
"""The page as a program of its own, which only a whole browser makes of it."""

import pytest


@pytest.fixture(scope="module")
def shop(make_shop):
    return make_shop({"PAGELEFT": ("Left", "m5")})


def test_it_can_be_installed(shop, whole_browser):
    page = whole_browser.page().open(shop.url)
    whole_browser.run(page.context, [["newCDPSession", {"$object": page.name}]], "installs")
    # Each page of these tests is a private one: nothing else is in the way.
    assert [one["errorId"] for one in whole_browser.run("installs", [["send", "Page.getInstallabilityErrors"]])["installabilityErrors"]] == ["in-incognito"]
    told = whole_browser.run("installs", [["send", "Page.getAppManifest"]])
    assert told["errors"] == [] and told["url"].endswith(".webmanifest")
