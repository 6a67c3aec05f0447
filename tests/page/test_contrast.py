# SPDX-License-Identifier: MIT
"""Who wants more contrast, or has the colours of the system: text, lines, states, buttons and the focus are seen in every view."""

import pytest

from axe import SERVED, go, shop, violations  # noqa: F401

ENHANCED = {"type": "rule", "values": ["color-contrast-enhanced"]}  # 7 : 1, and 4.5 : 1 of what is large
LINKS = {"type": "rule", "values": ["link-in-text-block"]}
# Of colours as computed; what lies below one that lets it through is not asked for.
SEEN = """const luminance = (text) => { const [red, green, blue] = text.match(/[\\d.]+/g).map(Number).map((value) => value / (text.startsWith('color(') ? 1 : 255)).map((value) => value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4); return 0.2126 * red + 0.7152 * green + 0.0722 * blue; };
    const isClear = (text) => text === 'transparent' || /^rgba\\(.*, 0\\)$/.test(text);
    const contrast = (one, other) => { const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b); return (high + 0.05) / (low + 0.05); };
    const ground = (one) => { for (let at = one; at; at = at.parentElement) { const { backgroundColor } = getComputedStyle(at); if (!isClear(backgroundColor)) { return backgroundColor; } } return getComputedStyle(document.documentElement).getPropertyValue('color-scheme') === 'dark' ? 'rgb(0, 0, 0)' : 'rgb(255, 255, 255)'; };
    const shown = (selector) => [...document.querySelectorAll(selector)].filter((one) => one.checkVisibility({ visibilityProperty: true, opacityProperty: true }) && one.getBoundingClientRect().width > 1 && !one.closest('.skip, .unseen, [inert]'));
    const told = (ones) => [...new Set(ones.map((one) => one.outerHTML.slice(0, 160)))];"""
# Text of its own is seen before what it stands on. Axe asks for another colour (-webkit-text-fill-color), which Chromium tells as if it were not forced.
TEXT = f"""(() => {{ {SEEN}
    return told(shown('body *').filter((one) => !one.closest(':disabled, svg') && [...one.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.textContent.trim()) && getComputedStyle(one).forcedColorAdjust === 'auto' && contrast(getComputedStyle(one).color, ground(one)) < 4.5));
}})()"""
# A button has a line around it, or is of another colour than what it stands on; one that is an icon alone is seen by that.
BUTTONS = f"""(() => {{ {SEEN}
    return told(shown('button, .button, input:not([type=range]), select, textarea').filter((one) => {{
        const {{ borderTopColor, borderTopWidth, borderTopStyle, borderBottomColor, backgroundColor, color }} = getComputedStyle(one), below = ground(one.parentElement), own = isClear(backgroundColor) ? below : backgroundColor;
        const isLined = borderTopStyle !== 'none' && parseFloat(borderTopWidth) > 0 && !isClear(borderBottomColor) && contrast(borderBottomColor, below) >= 3;
        return !isLined && contrast(own, below) < 3 && contrast(color, own) < 4.5;
    }}));
}})()"""
# What has the focus, or what it stands in, gets a line that it had not.
FOCUS = f"""(() => {{ {SEEN}
    const around = (one) => {{ const found = []; for (let at = one; at; at = at.parentElement) {{ const {{ outlineStyle, outlineWidth, outlineColor }} = getComputedStyle(at); found.push(outlineStyle === 'none' || parseFloat(outlineWidth) < 2 || contrast(outlineColor, ground(at.parentElement ?? at)) < 3 ? '' : outlineWidth + outlineColor); }} return found; }};
    const missing = shown('a[href], button:not(:disabled), input:not(:disabled), select:not(:disabled), textarea, summary, [tabindex="0"]').filter((one) => {{
        document.activeElement?.blur();
        const before = around(one);
        one.focus({{ preventScroll: true, focusVisible: true }});
        const after = around(one);
        return document.activeElement === one && !after.some((line, at) => line && line !== before[at]);
    }});
    document.activeElement?.blur();
    return told(missing);
}})()"""


@pytest.fixture(scope="module")
def pages(shop, open_page):
    """A page for each wish, which goes from place to place."""
    opened = {}

    def at(place, **wish):
        page = opened[str(wish)] if str(wish) in opened else opened.setdefault(str(wish), open_page("about:blank", "desktop", reducedMotion="reduce", **wish))
        go(page, shop.url, place)
        if "?dialog=" in place:
            page.until("document.querySelector('dialog')?.open")
        page.keyboard.press("Shift")  # the focus is shown to who uses keys
        return page

    return at


@pytest.mark.parametrize("place", SERVED)
def test_more_contrast_is_more(pages, place):
    page = pages(place, contrast="more")
    for theme in ("light", "dark"):
        page.emulateMedia({"colorScheme": theme})
        assert violations(page, ENHANCED) == [], theme
        assert page.js(BUTTONS) == [] and page.js(FOCUS) == [], theme


@pytest.mark.parametrize("place", SERVED)
def test_in_colours_of_the_system_all_is_seen(pages, place):
    page = pages(place, forcedColors="active")
    for theme in ("light", "dark"):
        page.emulateMedia({"colorScheme": theme})
        assert violations(page, LINKS) == [] and page.js(TEXT) == [], theme
        assert page.js(BUTTONS) == [] and page.js(FOCUS) == [], theme


def test_in_colours_of_the_system_states_differ_by_more_than_colour(pages):
    page = pages("/", forcedColors="active")
    page.emulateMedia({"colorScheme": "light"})
    dots = page.js("Object.fromEntries([...document.querySelectorAll('.card')].map((one) => [one.dataset.serial, (({ backgroundColor, boxShadow }) => [backgroundColor, boxShadow])(getComputedStyle(one.querySelector('.state'), '::before'))]))")
    assert dots["PAGELEFT"][0] != "rgb(255, 255, 255)" and dots["PAGEOFF"][1] != "none", dots  # full, and a ring
    outlines = "[...document.querySelectorAll('.filter, .size')].map((one) => [one.getAttribute('aria-pressed'), getComputedStyle(one).outlineStyle])"
    assert {tuple(one) for one in page.js(outlines)} == {("true", "solid"), ("false", "none")}
    page.getByRole("button", {"name": "Select", "exact": True}).click()
    page.locator("[data-serial=PAGELEFT] .card-check").click()
    page.until("document.querySelector('.is-selected')")
    assert page.js("[...document.querySelectorAll('.card')].map((one) => getComputedStyle(one).outlineStyle)") == ["solid", "none", "none"]
    fill, rest = page.js("['.ring-fill', '.ring-rest'].map((one) => getComputedStyle(document.querySelector(one))).map(({ stroke, strokeWidth }) => stroke + strokeWidth)")
    assert fill != rest
    page.js("document.querySelector('.card').classList.add('drop-before')")  # as while another one is dragged over it
    assert page.js("getComputedStyle(document.querySelector('.drop-before')).borderLeftWidth") == "4px"
