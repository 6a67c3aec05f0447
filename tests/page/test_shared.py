# SPDX-License-Identifier: MIT
"""What a user sets is there on each of his devices: in browsers that are open, and in those that come later."""

import pytest

CARDS = "[...document.querySelectorAll('[data-serial]')].map((card) => card.dataset.serial).join(' ')"


@pytest.fixture(scope="module")
def shop(make_shop):
    return make_shop({"SHAREDA": ("Alpha", "m5"), "SHAREDB": ("Beta", "m5"), "SHAREDC": ("Gamma", "m5c")})


def put_last_first(page):
    page.keyboard.press("j")
    page.keyboard.press("Shift+J")


def test_two_browsers_at_once_see_the_changed_order(shop, visit):
    desk, phone = visit(shop.url), visit(shop.url, "phone")
    for page in (desk, phone):
        page.until(f"{CARDS} === 'SHAREDA SHAREDB SHAREDC'")
    put_last_first(desk)
    for page in (desk, phone):
        page.until(f"{CARDS} === 'SHAREDB SHAREDA SHAREDC'")
    shop.gateway.await_get("/session/page", lambda kept: kept.get("fleet_order") == ["SHAREDB", "SHAREDA", "SHAREDC"])
    later = visit(shop.url)
    later.until(f"{CARDS} === 'SHAREDB SHAREDA SHAREDC'")
    assert desk.faults() == phone.faults() == later.faults() == []


def test_what_is_not_kept_is_said_and_kept_once_it_can_be(shop, visit):
    desk, phone = visit(shop.url), visit(shop.url, "phone")
    in_the_way = shop.folder / "state" / "page.json.new"
    in_the_way.mkdir()
    desk.open(shop.url + "/settings/appearance")
    desk.getByLabel("Dark").first().check()
    desk.until("document.documentElement.dataset.theme === 'dark'")
    desk.getByText("Your settings are in this browser alone").waitFor()
    in_the_way.rmdir()
    desk.getByRole("button", {"name": "Try again"}).click()
    phone.until("document.documentElement.dataset.theme === 'dark'")
    desk.until("!document.body.innerText.includes('Your settings are in this browser alone')")


def test_what_this_browser_had_before_is_brought_along(shop, visit):
    """Of a gateway that kept nothing yet."""
    page = visit(shop.url)
    page.js("localStorage.setItem('flagship.fleet_groups', JSON.stringify({ SHAREDC: 'Cellar' }))")
    page.reload()
    shop.gateway.await_get("/session/page", lambda kept: kept.get("fleet_groups") == {"SHAREDC": "Cellar"})
    visit(shop.url, "phone").getByText("Cellar").first().waitFor()


def hide(shop, *serials):
    assert shop.gateway.status("PATCH", "/session/page", {"fleet_hidden": list(serials)})[0] == 200


def test_what_is_hidden_is_not_on_the_wall(shop, visit):
    hide(shop, "SHAREDB")
    wall = visit(shop.url + "/wall")
    wall.until("document.querySelector('.wall .card')")
    assert sorted(wall.js(CARDS).split()) == ["SHAREDA", "SHAREDC"]
    assert sum(map(int, wall.js("[...document.querySelectorAll('.wall-counts strong')].map((one) => one.textContent)"))) == 2
    hide(shop)
    wall.until(f"{CARDS}.split(' ').length === 3")
    hide(shop, "SHAREDA", "SHAREDB")
    wall.until(f"{CARDS} === 'SHAREDC'")
    hide(shop)
