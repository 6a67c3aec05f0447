# SPDX-License-Identifier: MIT
"""What anybody changed stands in the activity list: as it happens, and after a reload."""

import pytest


@pytest.fixture(scope="module")
def shop(make_shop):
    return make_shop({"PAGELEFT": ("Left", "m5")})


def test_what_others_change_is_shown_live_and_after_a_reload(shop, visit):
    page = visit(shop.url + "/?dialog=activity")
    page.until("document.querySelector('.changes')")
    connection = shop.gateway.connection()
    connection.request("PUT", "/api/v1/files/folder/cube%20%3Cb%3E.gcode", b"G28\nG1 X1 Y1 E1\n", {"Content-Type": "application/octet-stream"})
    assert connection.getresponse().status == 201
    connection.close()
    assert shop.gateway.status("POST", "/keys", {"name": "later", "role": "viewer"})[0] == 201
    assert shop.gateway.status("PATCH", "/timelapse", {"keep_days": 30})[0] == 200
    assert shop.gateway.status("DELETE", "/accounts/none")[0] == 404
    texts = "[...document.querySelectorAll('.changes li')].map((one) => one.querySelector('.activity-head > span').textContent.trim())"
    page.until(f"{texts}.length === 3")
    shown = page.js(texts)
    assert shown == ["Films of jobs set", "Key made", "Uploaded folder/cube <b>.gcode"]
    page.reload()
    page.until(f"{texts}.length === 3")
    assert page.js(texts) == shown and page.faults() == []
