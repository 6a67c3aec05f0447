# SPDX-License-Identifier: MIT
"""The signed session of the API, spoken by an independent client, and by flagship itself."""

import hashlib
import http.client
import json
import ssl
import time

import pytest

import signed_session
from conftest import ANNE, PASSWORD
from exchange import encrypted
from process import DEADLINE_S
from program import run

MINE = "ANNESPRINTER1"
LOGIN = "/v2/passport/login"
PRINTERS = "/v1/app/query_fdm_list"


@pytest.fixture(scope="module")
def post(cloud):
    """Status and JSON of the answer to a POST, or another method."""
    context = ssl.create_default_context(cafile=str(cloud.ca))

    def send(path, body, headers, method="POST"):
        connection = http.client.HTTPSConnection("localhost", cloud.api_port, context=context, timeout=DEADLINE_S)
        try:
            connection.request(method, path, body, {"Content-Type": "application/json", **headers})
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        finally:
            connection.close()

    return send


@pytest.fixture
def client(post):
    client = signed_session.Client()
    body, headers = client.exchange()
    status, answer = post(signed_session.EXCHANGE, json.dumps(body), headers)
    assert (status, answer["code"]) == (200, 0), answer
    client.take(answer["data"])
    return client


@pytest.fixture(scope="module")
def service(post):
    return post("/v1/flagship/service", None, {}, "GET")[1]["data"]["public_key"]


def call(post, client, path, message, extra=(), **more):
    body, headers = client.request(message, **more)
    status, answer = post(path, body, {**headers, **dict(extra)})
    return status, answer, client.read(answer.get("data"))


@pytest.fixture
def token(cloud, post, client, service):
    password, public = encrypted(PASSWORD, service)
    message = {"email": ANNE, "password": password, "client_secret_info": {"public_key": public}, "ab": "US", "ab_code": "US",
               "login_id": "", "verify_code": ""}
    status, answer, data = call(post, client, LOGIN, message)
    assert (status, answer["code"]) == (200, 0) and isinstance(answer["data"], str), answer
    gtoken = hashlib.md5(data["user_id"].encode()).hexdigest()
    return {"X-Auth-Token": data["auth_token"], "Gtoken": gtoken}


def test_what_is_asked_and_answered_is_sealed(post, client, token):
    status, answer, data = call(post, client, PRINTERS, {}, token)
    assert (status, answer["code"]) == (200, 0)
    assert isinstance(answer["data"], str) and MINE not in json.dumps(answer)
    assert [d["station_sn"] for d in data] == [MINE]
    _, _, keys = call(post, client, "/v1/app/equipment/get_dsk_keys", {"station_sns": [MINE], "invalid_dsks": {}}, token)
    assert [k["station_sn"] for k in keys["dsk_keys"]] == [MINE]


def test_a_signed_get(post, client, token):
    status, answer = post("/v1/passport/profile", None, {**client.headers(""), **token}, "GET")
    assert status == 200 and client.read(answer["data"])["email"] == ANNE


def test_errors_need_no_seal(post, client):
    status, answer, _ = call(post, client, PRINTERS, {})
    assert status == 401 and answer["code"] == 401
    status, answer, _ = call(post, client, LOGIN, {"email": ANNE})
    assert status == 400 and "are needed" in answer["msg"]
    assert post(signed_session.EXCHANGE, None, {}, "GET")[0] == 404


def test_nothing_is_taken_twice(post, client, token):
    body, headers = client.request({})
    headers = {**headers, **token}
    assert post(PRINTERS, body, headers)[0] == 200
    status, answer = post(PRINTERS, body, headers)
    assert (status, answer["code"]) == (403, 403) and "before" in answer["msg"]
    # Another body, or another call, under the number that was used.
    other, changed = client.request({"a": 1}, once=headers["X-Request-Once"])
    assert post("/v1/app/ota/get_app_version", other, changed)[0] == 403
    exchange, headers = signed_session.Client().exchange()
    assert post(signed_session.EXCHANGE, json.dumps(exchange), headers)[0] == 200
    assert post(signed_session.EXCHANGE, json.dumps(exchange), headers)[0] == 403


@pytest.mark.parametrize("change, wanted", [
    ({"X-Signature": "0" * 64}, 403), ({"X-Signature": ""}, 403), ({"X-Request-Ts": "1"}, 403), ({"X-Key-Ident": "0" * 32}, 403),
    ({"X-Request-Once": "f" * 32}, 403), ({"X-Key-Ident": ""}, 400), ({"X-Request-Once": ""}, 400), ({"X-Request-Ts": "soon"}, 400),
    ({"X-Key-Ident": "x" * 500}, 400), ({"X-Signature": "g" * 64}, 403),
])
def test_what_does_not_fit_together_is_refused(post, client, token, change, wanted):
    body, headers = client.request({})
    status, answer = post(PRINTERS, body, {**headers, **token, **change})
    assert (status, answer["code"]) == (wanted, wanted), answer
    assert not answer.get("data")
    assert call(post, client, PRINTERS, {}, token)[0] == 200


@pytest.mark.parametrize("offset_s", [-400, 400])
def test_a_clock_that_is_wrong_is_reported(post, client, token, offset_s):
    status, answer, _ = call(post, client, PRINTERS, {}, token, timestamp=int(time.time()) + offset_s)
    assert status == 403 and "clock" in answer["msg"]
    assert call(post, client, PRINTERS, {}, token, timestamp=int(time.time()) + offset_s // 2)[0] == 200


@pytest.mark.parametrize("body", ["", "{}", "AAAA", "!", json.dumps({"client_public_key": "AAAA"}), json.dumps({"client_public_key": 5})])
def test_a_key_exchange_without_a_key(post, body):
    client = signed_session.Client()
    assert post(signed_session.EXCHANGE, body, client.headers("AAAA", signed_session.FIXED))[0] == 400


def test_a_body_that_is_not_sealed(post, client, token):
    for body in ("{}", "AAAA", signed_session.seal(signed_session.FIXED, "{}"), signed_session.seal(client.key, "no JSON")):
        assert post(PRINTERS, body, {**client.headers(body), **token})[0] == 400


def test_the_key_of_another_session_opens_nothing(post, client, token):
    other = signed_session.Client()
    body, headers = other.exchange()
    other.take(post(signed_session.EXCHANGE, json.dumps(body), headers)[1]["data"])
    other.ident = client.ident
    assert call(post, other, PRINTERS, {}, token)[0] == 403


def test_sessions_are_bounded(post, client, token):
    """Of one address; those that are used stay."""
    for _ in range(40):
        body, headers = signed_session.Client().exchange()
        assert post(signed_session.EXCHANGE, json.dumps(body), headers)[0] == 200
    late = signed_session.Client()
    body, headers = late.exchange()
    late.take(post(signed_session.EXCHANGE, json.dumps(body), headers)[1]["data"])
    assert call(post, late, PRINTERS, {}, token)[0] == 200
    assert call(post, client, PRINTERS, {}, token)[0] == 403


def test_flagship_logs_in_over_it(cloud, tmp_path):
    settings = tmp_path / ".config/flagship/flagship.conf"
    settings.parent.mkdir(parents=True)
    settings.write_text("[api]\nsession = signed\n")
    result = run("login", "--api", cloud.api, "--ca", cloud.ca, "--email", ANNE, stdin=PASSWORD + "\n", HOME=tmp_path)
    assert result.returncode == 0, result.stderr
    (account,) = json.loads((tmp_path / ".local/state/flagship/accounts.json").read_text())["accounts"]
    assert account["email"] == ANNE and [p["serial"] for p in account["printers"]] == [MINE]
    assert account["broker"] == cloud.broker
    result = run("refresh", HOME=tmp_path)
    assert result.returncode == 0, result.stderr
