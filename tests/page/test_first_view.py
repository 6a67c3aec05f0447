# SPDX-License-Identifier: MIT
"""What the first view does until it can be used, counted: a busy machine changes times, and no counts."""

# What has a page laid out when it is asked for.
WATCH = """window.asked = [];
    const note = (owner, name) => {
        const { get, value, ...more } = Object.getOwnPropertyDescriptor(owner, name) ?? {};
        const told = (run) => function (...words) { if (!performance.getEntriesByName('usable').length) { window.asked.push(name); } return run.apply(this, words); };
        Object.defineProperty(owner, name, get ? { ...more, get: told(get) } : { ...more, value: told(value) });
    };
    ['innerWidth', 'innerHeight', 'scrollX', 'scrollY', 'getComputedStyle', 'matchMedia'].forEach((name) => note(window, name));
    ['clientWidth', 'clientHeight', 'scrollWidth', 'scrollHeight', 'scrollTop', 'getBoundingClientRect', 'getClientRects'].forEach((name) => note(Element.prototype, name));
    ['offsetWidth', 'offsetHeight', 'offsetTop', 'offsetLeft', 'innerText', 'focus'].forEach((name) => note(HTMLElement.prototype, name));"""
ASSETS = "performance.getEntriesByType('resource').filter((one) => one.startTime < performance.getEntriesByName('usable')[0].startTime).map((one) => new URL(one.name).pathname.replace(/-[0-9a-f]{12}/, ''))"


def opened(shop, visit):
    page = visit("about:blank")
    page.addInitScript(WATCH)
    page.open(shop.url)
    page.until("performance.getEntriesByName('usable').length && document.querySelectorAll('.card').length === 3")
    return page


def test_it_is_laid_out_once_it_is_whole(shop, visit):
    assert opened(shop, visit).js("window.asked") == []


def test_it_needs_its_document_its_script_and_its_style(shop, visit):
    assert sorted(opened(shop, visit).js(ASSETS)) == ["/assets/app.css", "/assets/app.js"]


def test_no_more_cards_are_made_than_there_is_room_for(shop, visit):
    """By the window of the browser, which is no larger than the page where nothing is around it."""
    page = opened(shop, visit)
    assert page.js("[outerWidth, outerHeight].every((size) => size > 0)") and page.js("outerWidth * outerHeight <= 1.2 * innerWidth * innerHeight")
