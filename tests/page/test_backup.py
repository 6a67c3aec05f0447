# SPDX-License-Identifier: MIT
"""All that the gateway keeps is downloaded, and comes back; and what is no backup changes nothing."""

import pytest

from broker import free_port
from gateway import Gateway

# A restore that is answered, and by which nothing begins anew.
PRETEND = """(() => { const real = window.fetch; window.looked = 0;
    window.fetch = async (address, ...more) => {
        if (address.endsWith('/restore')) return new Response('{}');
        const answer = await real(address, ...more);
        window.looked += address.endsWith('/health') ? 1 : 0;
        return answer;
    }; })()"""
DROP = """(async () => { const data = new DataTransfer(); data.items.add(new File([CONTENT], 'kept.tar'));
    document.querySelector('dialog .way').dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true })); })()"""


@pytest.fixture(scope="module")
def shop(make_shop):
    """It comes back at the same port."""
    return make_shop({"PAGELEFT": ("Left", "m5")}, "--port", str(free_port()))


def drop(page, content):
    page.until("document.querySelector('dialog')?.open")
    page.js(DROP.replace("CONTENT", content))
    page.until("document.querySelector('dialog .drop-field').textContent.includes('kept.tar')")
    page.getByRole("button", {"name": "Replace and begin anew"}).click()


def test_a_backup_is_downloaded_and_comes_back(shop, visit):
    assert shop.gateway.status("POST", "/keys", {"name": "before", "role": "viewer"})[0] == 201
    page = visit(shop.url + "/settings/backup")
    page.until("document.querySelector('a[download]')?.getAttribute('href') === '/api/v1/backup'")
    page.getByLabel("With uploaded G-code").click()
    page.until("document.querySelector('a[download]').getAttribute('href') === '/api/v1/backup?uploads=true'")
    page.js("fetch('/api/v1/backup?uploads=true').then((answer) => answer.blob()).then((kept) => { window.kept = kept; })")
    page.until("window.kept?.size > 10000")
    assert shop.gateway.status("POST", "/keys", {"name": "later", "role": "viewer"})[0] == 201
    page.getByRole("button", {"name": "Choose a backup …"}).click()
    drop(page, "'this is none, and long enough to be looked at'.repeat(20)")
    page.until("document.querySelector('dialog .fault')?.textContent.includes('no tar archive')")
    assert [key["name"] for key in shop.gateway.get("/keys")] == ["before", "later"]
    drop(page, "window.kept")
    page.until("location.pathname === '/' && document.querySelector('.card')")
    assert [key["name"] for key in shop.gateway.get("/keys")] == ["before"]
    assert [fault for fault in page.faults() if "422" not in fault and "ERR_CONNECTION_RE" not in fault and "WebSocket connection" not in fault] == []


def test_the_gateway_that_is_still_there_is_not_taken_for_the_new_one(shop, visit):
    page = visit(shop.url + "/settings/backup")
    page.getByRole("button", {"name": "Choose a backup …"}).click()
    page.js(PRETEND)
    drop(page, "'anything'")
    page.until("window.looked >= 3")
    assert page.js("location.pathname") == "/settings/backup"
    port = shop.gateway.port
    shop.gateway.stop()
    shop.gateway = Gateway(shop.home, "--dir", shop.folder / "state", "--port", str(port))
    page.until("location.pathname === '/' && document.querySelector('.card')")
