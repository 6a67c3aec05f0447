# SPDX-License-Identifier: MIT
"""The API while another program holds the registry, as a backup or an editor of databases may: it goes on, and waits for nobody."""

import sqlite3
import threading

import pytest

from conftest import ANNE
from exchange import login_body
from local_cloud import Cloud
from test_cloud_api import Connection, curl, log_in, request

PASSWORD = "secret"
COLUMNS = "name, model, key, dsk_key, p2p_did, p2p_conn, app_conn, wifi_mac, address, firmware, created_at, updated_at, station_id"
DEVICES, SERVICE = "/v1/app/query_fdm_list", "/v1/flagship/service"


@pytest.fixture
def cloud(tmp_path):
    with Cloud(tmp_path) as cloud:
        cloud.add_account(ANNE, PASSWORD)
        cloud.add_printer("PRINTER1", ANNE)
        cloud.start()
        yield cloud


class Holder:
    """Another program that writes, and does not end."""

    def __init__(self, cloud):
        self.database = sqlite3.connect(cloud.dir / "registry.sqlite", isolation_level=None)
        self.database.execute("BEGIN IMMEDIATE")

    def let_go(self):
        self.database.execute("ROLLBACK")
        self.database.close()


def devices(cloud, token):
    return curl(cloud, DEVICES, "-H", f"X-Auth-Token: {token}", body={})


def test_calls_are_answered_while_a_login_waits_for_who_writes(cloud):
    """The token that it is to get waits for the lock for five seconds; the loop, and so everybody else, does not."""
    service = curl(cloud, SERVICE)[2]["data"]["public_key"]
    token = log_in(cloud, service, ANNE, PASSWORD)[2]["data"]["auth_token"]
    holder, answers, answered = Holder(cloud), [], 0
    login = threading.Thread(target=lambda: answers.append(log_in(cloud, service, ANNE, PASSWORD)))
    login.start()
    while login.is_alive():
        status, _, answer = devices(cloud, token)
        assert status == 200 and [device["station_sn"] for device in answer["data"]] == ["PRINTER1"]
        answered += 1
    login.join()
    holder.let_go()
    assert answered > 3 and answers[0][0] == 500


def test_a_token_that_cannot_be_written_is_not_handed_out(cloud):
    service = curl(cloud, SERVICE)[2]["data"]["public_key"]
    holder = Holder(cloud)
    answer = log_in(cloud, service, ANNE, PASSWORD)[2]
    assert answer["code"] == 500 and "auth_token" not in str(answer)
    holder.let_go()
    assert log_in(cloud, service, ANNE, PASSWORD)[2]["code"] == 0


def test_calls_sent_ahead_are_answered_in_their_order(cloud):
    service = curl(cloud, SERVICE)[2]["data"]["public_key"]
    token = log_in(cloud, service, ANNE, PASSWORD)[2]["data"]["auth_token"]
    call = request("POST", DEVICES, f"X-Auth-Token: {token}\r\nContent-Length: 2", b"{}")
    with Connection(cloud) as connection:
        connection.send(call * 3 + request("GET", SERVICE, "Connection: close"))
        answers = connection.until_its_end().split(b"HTTP/1.1 200 ")[1:]
    assert [b"station_sn" in answer for answer in answers] == [True, True, True, False]


@pytest.mark.parametrize("count", [32, 33, 200])
def test_owners_of_few_and_of_many_printers_get_them_all(cloud, count):
    """A few are read on the loop, more on a thread: neither leaves one out."""
    service = curl(cloud, SERVICE)[2]["data"]["public_key"]
    token = log_in(cloud, service, ANNE, PASSWORD)[2]["data"]["auth_token"]
    with sqlite3.connect(cloud.dir / "registry.sqlite") as database:
        user_id = database.execute("SELECT user_id FROM account WHERE email = ?", (ANNE,)).fetchone()[0]
        for i in range(2, count + 1):
            database.execute(f"INSERT INTO printer (serial, {COLUMNS}) SELECT 'PRINTER' || ?, {COLUMNS} FROM printer WHERE serial = 'PRINTER1'", (i,))
            database.execute("INSERT INTO share (user_id, serial) VALUES (?, ?)", (user_id, f"PRINTER{i}"))
    database.close()
    answer = devices(cloud, token)[2]
    assert {device["station_sn"] for device in answer["data"]} == {f"PRINTER{i}" for i in range(1, count + 1)}
    keys = curl(cloud, "/v1/app/equipment/get_dsk_keys", "-H", f"X-Auth-Token: {token}",
                body={"station_sns": [f"PRINTER{i}" for i in range(1, count + 1)]})[2]["data"]["dsk_keys"]
    assert len(keys) == count
