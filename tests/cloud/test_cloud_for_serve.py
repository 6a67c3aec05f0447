# SPDX-License-Identifier: MIT
"""flagship serve with the accounts of a cloud of one's own, by its HTTPS API: logged in to, and asked again for its printers."""

import pytest

from accounts_home import Home
from gateway import Gateway
from local_cloud import Cloud

EMAIL, PASSWORD = "owner@example.org", "a good password"
FIRST, SECOND = "SERVEDFIRST", "SERVEDSECOND"


@pytest.fixture(scope="module")
def cloud(tmp_path_factory):
    cloud = Cloud(tmp_path_factory.mktemp("served-cloud"))
    cloud.add_account(EMAIL, PASSWORD)
    cloud.add_printer(FIRST, EMAIL)
    with cloud:
        cloud.start()
        yield cloud


@pytest.fixture
def home(tmp_path):
    home = Home(tmp_path / "home")
    home.folder.mkdir()
    return home


def test_printers_that_are_paired_come_and_go(cloud, home):
    home.settings("[api]\nrefresh = 1s\n")
    # Its own file of printers is left out: they come by the service, as the vendor's do.
    with Gateway(home, "--cloud", "off") as gateway:
        body = {"email": EMAIL, "password": PASSWORD, "api": cloud.api, "ca": str(cloud.ca)}
        status, wrong = gateway.status("POST", "/accounts/login", {**body, "password": "another password"})
        assert status == 422 and "refuses 'login'" in wrong["detail"]
        status, kept = gateway.status("POST", "/accounts/login", body)
        assert (status, kept["printers"], kept["login"], kept["local"]) == (200, 1, "valid", False), kept
        gateway.await_text("printers: connected")
        stream = gateway.events()
        assert [shown["serial"] for shown in stream.next()[1]["printers"]] == [FIRST]
        cloud.command("add-printer", "--account", EMAIL, "--serial", SECOND, "--model", "m5c")
        stream.until(lambda message: message["type"] == "patch" and message["printer"] == SECOND)
        cloud.command("remove-printer", SECOND)
        stream.until(lambda message: message["type"] == "removed" and message["printer"] == SECOND)
        stream.close()
        assert [shown["serial"] for shown in gateway.get("/printers")] == [FIRST]
        assert sum("printers: connected" in line for line in gateway.lines) == 1
        for secret in (PASSWORD, EMAIL):
            assert secret not in gateway.log


def test_accounts_of_the_cloud_itself_are_left_to_it(cloud, home):
    with Gateway(home, "--cloud", cloud.dir) as gateway:
        # The test before removed one: the cloud writes that down for the gateway when it has time for it.
        (listed,) = gateway.await_get("/accounts", lambda accounts: [account["printers"] for account in accounts] == [1])
        assert (listed["local"], listed["next_refresh_at"]) == (True, None)
        status, problem = gateway.status("DELETE", f"/accounts/{listed['id']}")
        assert status == 409 and "the cloud on this machine" in problem["detail"]
        (held, *_) = gateway.get("/printers")
        status, problem = gateway.status("DELETE", f"/printers/{held['serial']}?force=true")
        assert status == 409 and problem["detail_code"] == "printer-of-cloud" and held["serial"] in {one["serial"] for one in gateway.get("/printers")}


def test_a_printer_that_the_cloud_has_beside_an_account_is_not_said_to_be_gone(cloud, home):
    with Gateway(home, "--cloud", cloud.dir) as gateway:
        assert gateway.status("POST", "/accounts/login", {"email": EMAIL, "password": PASSWORD, "api": cloud.api, "ca": str(cloud.ca)})[0] == 200
        status, problem = gateway.status("DELETE", f"/printers/{FIRST}?force=true")
        assert (status, (problem or {}).get("detail_code")) == (409, "printer-of-cloud")
        assert FIRST in {one["serial"] for one in gateway.get("/printers")}
        assert [account["printers"] for account in home.accounts().values()] == [[]]
