# SPDX-License-Identifier: MIT
"""The HTTPS API, asked with curl and with an independent password exchange."""

import hashlib
import http.client
import json
import pathlib
import re
import secrets
import ssl
import subprocess
import time

import pytest

from conftest import ANNE, BOB, PASSWORD
from exchange import login_body
from local_cloud import Cloud
from program import run, vectors

MINE, OTHERS = "ANNESPRINTER1", "BOBSPRINTER1"


def curl(cloud, path, *options, body=None):
    """Status, headers and the JSON of an answer."""
    command = ["curl", "-sS", "-i", "--max-time", "15", "--cacert", cloud.ca, cloud.api + path, *options]
    if body is not None:
        command += ["-X", "POST", "-H", "Content-Type: application/json", "--data-binary", "@-"]
    result = subprocess.run([str(word) for word in command], capture_output=True, check=True,
                            input=body if isinstance(body, bytes) else json.dumps(body).encode() if body is not None else None)
    head, _, rest = result.stdout.partition(b"\r\n\r\n")
    if b"100 Continue" in head.splitlines()[0]:
        head, _, rest = rest.partition(b"\r\n\r\n")
    lines = head.decode().splitlines()
    headers = dict(line.lower().split(": ", 1) for line in lines[1:])
    return int(lines[0].split()[1]), headers, json.loads(rest)


@pytest.fixture(scope="module")
def service(cloud):
    return curl(cloud, "/v1/flagship/service")[2]["data"]["public_key"]


def log_in(cloud, service, email, password):
    return curl(cloud, "/v2/passport/login", body=login_body(email, password, service))


@pytest.fixture(scope="module")
def token(cloud, service):
    status, _, answer = log_in(cloud, service, ANNE, PASSWORD)
    assert status == 200 and answer["code"] == 0, answer
    return answer["data"]["auth_token"]


def authorised(cloud, token, email=ANNE):
    user_id = cloud.login(email)[0][5:]
    return ["-H", f"X-Auth-Token: {token}", "-H", f"Gtoken: {hashlib.md5(user_id.encode()).hexdigest()}"]


def test_a_login_tells_all_that_a_client_needs(cloud, service):
    _, _, answer = log_in(cloud, service, ANNE.upper(), PASSWORD)
    data = answer["data"]
    user, password = cloud.login(ANNE)
    assert (data["user_id"], data["email"], data["ab_code"]) == (user[5:], ANNE, "US")
    assert data["token_expires_at"] > time.time() and len(data["auth_token"]) == 64
    assert data["flagship"] == {"broker_port": cloud.mqtt_port, "mqtt_username": user, "mqtt_password": password}


@pytest.mark.parametrize("path", ["/v1/passport/profile", "/v3/passport/profile"])
def test_profile(cloud, token, path):
    status, headers, answer = curl(cloud, path, *authorised(cloud, token))
    assert status == 200 and headers["content-type"].startswith("application/json")
    assert answer["code"] == 0 and answer["data"]["email"] == ANNE and answer["data"]["country"] == {"code": "us".upper()}


@pytest.mark.parametrize("path", ["/v1/app/query_fdm_list", "/v3/app/query_fdm_list"])
@pytest.mark.parametrize("body", [{}, b""], ids=["object", "empty"])
def test_device_list(cloud, token, path, body):
    _, _, answer = curl(cloud, path, *authorised(cloud, token), body=body)
    assert [(d["station_sn"], d["station_model"], len(d["secret_key"])) for d in answer["data"]] == [(MINE, "V8111", 64)]


def test_a_shared_printer_is_on_both_lists(cloud, service, token):
    cloud.command("share", MINE, BOB)
    try:
        other = log_in(cloud, service, BOB, PASSWORD)[2]["data"]["auth_token"]
        _, _, answer = curl(cloud, "/v1/app/query_fdm_list", *authorised(cloud, other, BOB), body={})
        assert sorted(d["station_sn"] for d in answer["data"]) == [MINE, OTHERS]
        _, _, answer = curl(cloud, "/v1/app/query_fdm_list", *authorised(cloud, token), body={})
        assert [d["station_sn"] for d in answer["data"]] == [MINE]
    finally:
        cloud.command("unshare", MINE, BOB)


def test_dsk_keys_of_own_printers_only(cloud, token):
    body = {"station_sns": [MINE, OTHERS, "NOBODY", 7], "invalid_dsks": {}}
    _, _, answer = curl(cloud, "/v1/app/equipment/get_dsk_keys", *authorised(cloud, token), body=body)
    assert [k["station_sn"] for k in answer["data"]["dsk_keys"]] == [MINE]
    _, _, answer = curl(cloud, "/v3/app/equipment/get_dsk_keys", *authorised(cloud, token), body={})
    assert answer["code"] != 0 and "station_sns" in answer["msg"]


def test_app_version(cloud):
    _, _, answer = curl(cloud, "/v1/app/ota/get_app_version", body={"app_name": "a", "app_version": "1", "model": "m"})
    assert answer["code"] == 0 and answer["data"]["app_version"] == "1"


DUID, MAC = "EUPRAKM-012345-ABCDE", "aabbccddeeff"


@pytest.fixture(scope="module")
def known_duid(cloud, tmp_path_factory):
    """A printer whose DUID and MAC address are known, adopted as an ankerctl owner would."""
    home = tmp_path_factory.mktemp("home")
    source = home / "default.json"
    source.write_text(json.dumps({
        "__type__": "Config", "account": {"__type__": "Account", "auth_token": "t", "region": "us", "user_id": "c" * 40,
                                          "email": "carol@example.org"},
        "printers": [{"__type__": "Printer", "id": "1", "sn": "CAROLSPRINTER", "name": "C", "model": "V8111", "wifi_mac": MAC,
                      "mqtt_key": "ab" * 32, "p2p_duid": DUID}]}))
    assert run("import", source, HOME=home).returncode == 0
    assert run("cloud", "adopt", "--dir", cloud.dir, HOME=home).returncode == 0
    return "CAROLSPRINTER"


@pytest.mark.parametrize("call", ["query_device_info", "ota/get_rom_version"])
def test_check_codes_of_printers(cloud, known_duid, call):
    code = hashlib.md5(f"{DUID}+{DUID[-4:]}+{MAC}".encode()).hexdigest()
    _, _, answer = curl(cloud, f"/v1/hub/{call}", body={"station_sn": known_duid, "check_code": code})
    assert answer["code"] == 0 and answer["data"]["sn"] == known_duid
    for body in ({"station_sn": known_duid, "check_code": code[:-1] + "x"}, {"station_sn": known_duid}, {"sn": "NOBODY", "check_code": code},
                 {"station_sn": MINE, "check_code": code}):
        _, _, answer = curl(cloud, f"/v1/hub/{call}", body=body)
        assert answer["code"] == 26008 and answer["data"] is None


@pytest.mark.parametrize("call", ["query_device_info", "ota/get_rom_version", "get_p2p_connectinfo"])
def test_security_codes_of_printers(cloud, known_duid, call):
    wrong = {"sn": known_duid, "sec_code": "0" * 32, "sec_ts": "0112345678"}
    assert curl(cloud, f"/v2/hub/{call}", body=wrong)[2]["code"] == 26008
    for ts in ("", "01", "0112345678901", "02123456789", "01abcdefgh"):
        assert curl(cloud, f"/v2/hub/{call}", body={**wrong, "sec_ts": ts})[2]["code"] == 26008


@pytest.mark.parametrize("headers", [[], ["X-Auth-Token: "], ["X-Auth-Token: 0"], ["X-Auth-Token: " + "f" * 64], ["X-Auth-Token: " + "x" * 3000]],
                         ids=["none", "empty", "short", "unknown", "long"])
def test_without_a_token_there_is_nothing(cloud, headers):
    options = [word for header in headers for word in ("-H", header)]
    for path, body in (("/v1/passport/profile", None), ("/v1/app/query_fdm_list", {})):
        status, _, answer = curl(cloud, path, *options, body=body)
        assert status == 401 and answer["code"] == 401 and answer["data"] is None


def test_another_accounts_gtoken_does_not_fit(cloud, token):
    status, _, _ = curl(cloud, "/v1/passport/profile", "-H", f"X-Auth-Token: {token}", "-H", "Gtoken: " + "0" * 32)
    assert status == 401
    status, _, _ = curl(cloud, "/v1/passport/profile", "-H", f"X-Auth-Token: {token}")
    assert status == 200


def test_a_revoked_token_ends(cloud, service):
    token = log_in(cloud, service, BOB, PASSWORD)[2]["data"]["auth_token"]
    listed = json.loads(cloud.command("tokens", "--json"))
    own = next(t for t in listed if hashlib.sha256(token.encode()).hexdigest().startswith(t["id"]))
    assert own["account"] == BOB and token not in json.dumps(listed)
    cloud.command("tokens", "revoke", own["id"])
    assert curl(cloud, "/v1/passport/profile", *authorised(cloud, token, BOB))[0] == 401
    assert cloud.attempt("tokens", "revoke", own["id"]).returncode == 1
    log_in(cloud, service, BOB, PASSWORD)
    cloud.command("tokens", "revoke", BOB)
    assert BOB not in cloud.command("tokens", "--json")


@pytest.mark.parametrize("path, method, status", [("/", "GET", 404), ("/v1/passport/profile", "POST", 405), ("/v2/passport/login", "GET", 404),
                                                  ("/v1/app/query_fdm_list", "GET", 405), ("/" + "x" * 300, "GET", 404),
                                                  ("/v1/passport/profile", "DELETE", 405)])
def test_what_is_no_call(cloud, path, method, status):
    got = curl(cloud, path, "-X", method)
    assert got[0] == status and got[2]["code"] != 0


@pytest.mark.parametrize("body", [b"{", b"[]", b"null", b'"text"', b"\xff\xfe", b"{" * 5000, b'{"a":' * 2000],
                         ids=["half", "array", "null", "text", "binary", "deep", "nested"])
def test_bodies_that_are_no_object(cloud, body):
    for path in ("/v2/passport/login", "/v1/hub/query_device_info"):
        status, _, answer = curl(cloud, path, body=body)
        assert status == 400 and answer["code"] == 400


def test_a_body_too_large_is_refused(cloud):
    status, _, answer = curl(cloud, "/v1/hub/query_device_info", body=b'{"sn":"' + b"x" * 200000 + b'"}')
    assert status == 413 and answer["code"] == 400


def test_a_password_for_another_service_is_explained(cloud):
    vector = vectors("login_password.json")[0]
    body = {"email": ANNE, "password": vector.get("encrypted", vector.get("password_encrypted", "AAAA")),
            "client_secret_info": {"public_key": "04" + "00" * 64}}
    assert curl(cloud, "/v2/passport/login", body=body)[2]["code"] == 26010


@pytest.mark.parametrize("change", [{"email": ""}, {"password": ""}, {"client_secret_info": {}}, {"email": 7}, {"email": "x" * 400}])
def test_logins_that_lack_something(cloud, service, change):
    body = login_body(ANNE, "x", service) | change
    assert curl(cloud, "/v2/passport/login", body=body)[0] == 400


@pytest.fixture
def own_cloud(tmp_path):
    """Wrong passwords slow an address down, which all tests share: so this needs one of its own."""
    with Cloud(tmp_path) as cloud:
        cloud.add_account(ANNE, PASSWORD)
        cloud.start()
        yield cloud


def test_wrong_passwords_are_slowed_down(own_cloud):
    service = curl(own_cloud, "/v1/flagship/service")[2]["data"]["public_key"]
    for _ in range(5):
        status, _, answer = log_in(own_cloud, service, ANNE, secrets.token_hex(8))
        assert (status, answer["code"]) == (200, 26006)
    status, headers, answer = log_in(own_cloud, service, ANNE, PASSWORD)
    assert status == 429 and answer["code"] == 429 and int(headers["retry-after"]) >= 1
    # Another account from the same address waits as well.
    assert log_in(own_cloud, service, "nobody@example.org", "x")[0] == 429


def test_a_wrong_user_takes_as_long_as_a_wrong_password(own_cloud):
    service = curl(own_cloud, "/v1/flagship/service")[2]["data"]["public_key"]

    def seconds(email):
        body = login_body(email, "wrong", service)
        start = time.perf_counter()
        answer = curl(own_cloud, "/v2/passport/login", body=body)
        assert answer[2]["code"] == 26006
        return time.perf_counter() - start

    known, unknown = [], []
    for _ in range(2):
        known.append(seconds(ANNE))
        unknown.append(seconds("nobody@example.org"))
    # Hashing takes a quarter of a second; an answer without it would come in a few milliseconds.
    assert min(unknown) > min(known) / 3


def test_a_client_of_ours_logs_in_and_lists_printers(cloud, tmp_path):
    result = run("login", "--email", ANNE, "--api", cloud.api, "--ca", cloud.ca, stdin=PASSWORD + "\n", HOME=tmp_path)
    assert result.returncode == 0, result.stderr
    stored = json.loads((tmp_path / ".local/state/flagship/accounts.json").read_text())
    assert MINE in json.dumps(stored) and str(cloud.mqtt_port) in json.dumps(stored)


def test_the_log_names_requests_and_no_secrets(cloud, token):
    curl(cloud, "/v1/passport/profile", *authorised(cloud, token))
    cloud.process.await_text("GET /v1/passport/profile: 200")
    log = cloud.process.log
    assert token not in log and PASSWORD not in log and cloud.login(ANNE)[0][5:] not in log


def connection_to(cloud, source="127.0.0.1"):
    context = ssl.create_default_context(cafile=cloud.ca)
    return http.client.HTTPSConnection("localhost", cloud.api_port, context=context, timeout=15, source_address=(source, 0))


def rss_kib(pid):
    return int(re.search(r"VmRSS:\s+(\d+)", pathlib.Path(f"/proc/{pid}/status").read_text(encoding="ascii")).group(1))


@pytest.mark.parametrize("method", ["GET", "PUT", "POST"])
def test_a_body_that_nobody_wants_is_answered_once_and_leaves_nothing(cloud, method):
    connection = connection_to(cloud)
    sizes = []
    for _ in range(2):
        for _ in range(1500):
            connection.request(method, "/v1/flagship/service", body=b"1234")
            answer = connection.getresponse()
            assert (json.loads(answer.read())["code"] == 0) == (method == "GET")
        sizes.append(rss_kib(cloud.process.pid))
    assert sizes[1] - sizes[0] < 250, "a kept answer has 200 bytes"
    connection.close()


def test_a_body_in_chunks_is_refused_before_it_is_read(cloud):
    connection = connection_to(cloud)
    connection.request("POST", "/v1/app/version", body=iter([b'{"app_name":', b'"abc"}']), encode_chunked=True,
                       headers={"Transfer-Encoding": "chunked"})
    answer = connection.getresponse()
    assert answer.status == 411 and "Content-Length" in json.loads(answer.read())["msg"]
    connection.close()


def test_many_logins_at_once_wait_and_do_not_hold_up_the_end(own_cloud):
    service = curl(own_cloud, "/v1/flagship/service")[2]["data"]["public_key"]
    # Strangers from everywhere, so that nobody is slowed down for failures.
    connections = [connection_to(own_cloud, f"127.9.9.{i}") for i in range(1, 31)]
    bodies = [json.dumps(login_body(f"nobody{i}@example.org", "wrong", service)) for i in range(len(connections))]

    def log_in():
        for connection, body in zip(connections, bodies):
            connection.request("POST", "/v2/passport/login", body=body, headers={"Content-Type": "application/json"})

    log_in()
    answers = [connection.getresponse() for connection in connections]
    statuses = [answer.status for answer in answers]
    assert statuses.count(200) >= 8 and statuses.count(503) >= 1 and set(statuses) <= {200, 503}
    assert all(int(answer.headers["retry-after"]) >= 1 for answer in answers if answer.status == 503)
    for answer in answers:
        answer.read()
    log_in()
    start = time.monotonic()
    assert own_cloud.stop() == 0
    assert time.monotonic() - start < 2
    for connection in connections:
        connection.close()
