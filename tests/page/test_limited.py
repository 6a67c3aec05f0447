# SPDX-License-Identifier: MIT
"""The page of who has some printers only."""

import pytest

from gateway import UnixConnection
from models import sliced
from past import remember

PASSWORD = "correct horse battery"
JOB = "flagship_benchy_0.2mm_PLA_Anker_M5.gcode"  # that a simulated printer prints


@pytest.fixture(scope="module")
def shop(make_shop):
    """Two print the same, of which a user sees one."""
    shop = make_shop({"PAGEHIS": ("His", "m5"), "PAGEHERS": ("Hers", "m5")})
    assert shop.gateway.ask("PUT", f"/files/{JOB}", sliced("stand"))[0] == 201
    remember(shop.folder / "state", [{"printer": serial, "name": serial, "file": JOB, "path": JOB, "thumbnail": 0, "outcome": "finished", "hours_ago": 3} for serial in ("PAGEHIS", "PAGEHERS")])
    for serial in ("PAGEHIS", "PAGEHERS"):
        shop.simulate(serial, "m5", "--scenario", "print", "--at", "30")
    shop.gateway.await_get("/printers", lambda printers: all(printer["job"]["state"] == "printing" for printer in printers))
    for name, more in (("ann", {"role": "admin"}), ("bob", {"role": "viewer", "printers": ["PAGEHIS"]})):
        assert shop.gateway.status("POST", "/users", {"name": name, "password": PASSWORD, **more}, connection=UnixConnection(shop.folder / "state/api.sock"))[0] == 201
    return shop


@pytest.mark.parametrize("name, serials", [("ann", ["PAGEHERS", "PAGEHIS"]), ("bob", ["PAGEHIS"])])
def test_cards_have_the_pictures_of_their_jobs(shop, visit, name, serials):
    page = visit(shop.url)
    page.getByLabel("Name").fill(name)
    page.getByLabel("Password").fill(PASSWORD)
    page.getByRole("button", {"name": "Log in"}).click()
    page.until(f"document.querySelectorAll('.card').length === {len(serials)}")
    page.until(f"[...document.querySelectorAll('.card-picture')].filter((one) => one.naturalWidth === 96).length === {len(serials)}")
    assert page.js("[...document.querySelectorAll('.card')].map((one) => one.dataset.serial).sort()") == serials
    assert [fault for fault in page.faults() if "401" not in fault] == []
