# SPDX-License-Identifier: MIT
"""The HTTPS API, asked with curl and with an independent password exchange."""

import contextlib
import hashlib
import http.client
import json
import os
import pathlib
import re
import secrets
import signal
import socket
import ssl
import subprocess
import threading
import time

import pytest

from conftest import ANNE, BOB, PASSWORD
from exchange import login_body
from local_cloud import Cloud
from process import DEADLINE_S
from program import run, vectors

MINE, OTHERS = "ANNESPRINTER1", "BOBSPRINTER1"


def curl(cloud, path, *options, body=None):
    """Status, headers and the JSON of an answer."""
    command = ["curl", "-sS", "-i", "--max-time", str(DEADLINE_S), "--cacert", cloud.ca, cloud.api + path, *options]
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
    assert data["token_expires_at"] > time.time() and re.fullmatch("[0-9a-f]{48}", data["auth_token"])
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
    assert [(d["is_query"], d["is_command"], d["is_camera"]) for d in answer["data"]] == [(1, 1, 1)]


def test_an_empty_list_is_null_as_with_the_vendor(cloud, service, tmp_path):
    cloud.add_account("dave@example.org", PASSWORD)
    dave = log_in(cloud, service, "dave@example.org", PASSWORD)[2]["data"]["auth_token"]
    _, _, answer = curl(cloud, "/v1/app/query_fdm_list", *authorised(cloud, dave, "dave@example.org"), body={})
    assert answer == {"code": 0, "msg": "success", "data": None}
    # And our own login takes it so.
    (tmp_path / "home").mkdir()
    result = run("login", "--email", "dave@example.org", "--api", cloud.api, "--broker", cloud.broker, "--ca", cloud.ca,
                 stdin=PASSWORD + "\n", HOME=tmp_path / "home")
    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize("path, body", [
    ("/v1/app/query_fdm_list", {}), ("/v1/nonsense", {}), ("/v1/app/ota/get_app_version", b"no JSON"),
    ("/v2/passport/login", {"email": ANNE}), ("/v2/hub/query_device_info", {"station_sn": MINE})],
    ids=["no token", "no such call", "no JSON", "incomplete login", "wrong code"])
def test_errors_have_no_data_that_could_be_looked_into(cloud, path, body):
    _, _, answer = curl(cloud, path, body=body)
    assert answer["code"] != 0 and set(answer) == {"code", "msg"}


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


def test_so_many_dsk_keys_and_no_more(cloud, token):
    path, options = "/v1/app/equipment/get_dsk_keys", authorised(cloud, token)
    assert curl(cloud, path, *options, body={"station_sns": [MINE] * 3000})[2]["code"] == 0
    assert curl(cloud, path, *options, body={"station_sns": ["x"] * 3001})[2]["code"] != 0


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
        assert answer["code"] == 26008 and "data" not in answer


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
        assert status == 401 and answer["code"] == 401 and "data" not in answer


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


@pytest.mark.parametrize("body", [b"{", b"[]", b"null", b'"text"', b"\xff\xfe", b"{" * 5000, b'{"a":' * 2000, b"{} {}"],
                         ids=["half", "array", "null", "text", "binary", "deep", "nested", "more"])
def test_bodies_that_are_no_object(cloud, body):
    for path in ("/v2/passport/login", "/v1/hub/query_device_info"):
        status, _, answer = curl(cloud, path, body=body)
        assert status == 400 and answer["code"] == 400


def test_a_body_too_large_is_refused(cloud):
    status, _, answer = curl(cloud, "/v1/hub/query_device_info", body=b'{"sn":"' + b"x" * 200000 + b'"}')
    assert status == 413 and answer["code"] == 400


VERSION_CALL, SERVICE_CALL = "/v1/app/ota/get_app_version", "/v1/flagship/service"


class Connection:
    """Bytes as they are, each piece in a TLS record of its own."""

    def __init__(self, cloud, source="127.0.0.1"):
        context = ssl.create_default_context(cafile=str(cloud.ca))
        plain = socket.create_connection(("localhost", cloud.api_port), DEADLINE_S, source_address=(source, 0))
        self.socket = context.wrap_socket(plain, server_hostname="localhost")
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.stream = self.socket.makefile("rb")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stream.close()
        self.socket.close()

    def send(self, *pieces):
        for piece in pieces:
            self.socket.sendall(piece)

    def answer(self):
        """Status, headers and body of the next answer."""
        status = int(self.stream.readline().split()[1])
        headers = http.client.parse_headers(self.stream)
        return status, headers, self.stream.read(int(headers["content-length"]))

    def ask(self, *pieces):
        self.send(*pieces)
        return self.answer()

    def until_its_end(self):
        """What comes until the cloud hangs up."""
        return self.stream.read()


def request(method, path, header, rest=b""):
    return f"{method} {path} HTTP/1.1\r\nHost: x\r\n{header}\r\n\r\n".encode() + rest


@pytest.mark.parametrize("size", [0, 1000, 60000])
def test_a_body_in_chunks_is_read(cloud, size):
    text = json.dumps({"app_name": "a", "app_version": "1.2.3", "x": "y" * size}).encode()
    status, _, answer = curl(cloud, VERSION_CALL, "-H", "Transfer-Encoding: chunked", body=text)
    assert status == 200 and answer["data"]["app_version"] == "1.2.3"
    head = request("POST", VERSION_CALL, "Transfer-Encoding: chunked")
    half = len(text) // 2
    with Connection(cloud) as connection:
        status, _, answer = connection.ask(head, f"{half:x}\r\n".encode() + text[:half], f"\r\n{len(text) - half:x}".encode(),
                                           b"\r\n" + text[half:] + b"\r\n0\r\n", b"\r\n")
        assert status == 200 and b"1.2.3" in answer


def test_a_body_in_chunks_may_not_be_larger_than_others(cloud):
    status, _, answer = curl(cloud, VERSION_CALL, "-H", "Transfer-Encoding: chunked", body=b'{"a":"' + b"x" * 200000 + b'"}')
    assert status == 413 and answer["code"] == 400


@pytest.mark.parametrize("header, rest", [
    ("Transfer-Encoding: chunked", b"{}"), ("Transfer-Encoding: gzip", b"2\r\n{}\r\n0\r\n\r\n"),
    ("Transfer-Encoding: chunked\r\nContent-Length: 12", b"2\r\n{}\r\n0\r\n\r\n"), ("Content-Length: -1", b"{}"),
    ("Content-Length: two", b"{}")])
def test_a_body_without_a_known_end_is_refused_and_the_connection_with_it(cloud, header, rest):
    with Connection(cloud) as connection:
        status, headers, _ = connection.ask(request("POST", VERSION_CALL, header, rest + request("GET", SERVICE_CALL, "Accept: */*")))
        assert (status, headers["connection"]) == (400, "close")
        assert connection.until_its_end() == b""


@pytest.mark.parametrize("last, method", enumerate(["GET", "PUT", "PATCH", "DELETE", "POST"], 1))
def test_each_request_with_a_body_is_answered_once(cloud, last, method):
    """From an address of its own, as the log has few lines a minute of each."""
    head = request(method, SERVICE_CALL, "Content-Length: 4")
    before = len(cloud.process.lines)

    def told(lines):
        return sum(SERVICE_CALL in line for line in lines[before:])

    with Connection(cloud, f"127.0.30.{last}") as connection:
        known = connection.ask(head, b"ab", b"cd")[0]
        assert connection.ask(head + b"abcd")[0] == known
        assert connection.ask(request("GET", SERVICE_CALL, "Accept: */*"))[0] == 200
    assert told(cloud.process.await_lines(lambda lines: told(lines) >= 3)) == 3


def processor_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def test_requests_sent_ahead_cost_neither_time_nor_lines(cloud):
    """Each is answered once, in its order, and the connection goes on."""
    before, seconds = len(cloud.process.lines), processor_seconds(cloud.process.pid)
    with Connection(cloud) as connection:
        connection.send(request("PUT", SERVICE_CALL, "Content-Length: 4", b"abcd") * 3 + request("GET", SERVICE_CALL, "Accept: */*"))
        assert [connection.answer()[0] for _ in range(4)] == [405, 405, 405, 200]
    assert len(cloud.process.lines) - before <= 4
    with Connection(cloud) as connection:
        assert connection.ask(request("PUT", SERVICE_CALL, "Content-Length: 0") * 3)[0] == 405
    assert processor_seconds(cloud.process.pid) - seconds < 0.5


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


def test_an_account_of_ones_own_does_not_free_the_address(own_cloud):
    service = curl(own_cloud, SERVICE_CALL)[2]["data"]["public_key"]
    wrong, right = login_body(ANNE, "wrong", service), login_body(ANNE, PASSWORD, service)
    statuses = []
    for number in range(8):
        statuses.append(curl(own_cloud, "/v2/passport/login", body=wrong | {"email": f"victim{number}@example.org"})[0])
        if number == 3:
            assert curl(own_cloud, "/v2/passport/login", body=right)[2]["code"] == 0
    assert statuses == [200] * 5 + [429] * 3


LOGINS = 60


def test_many_logins_are_bounded_and_do_not_delay_the_end(own_cloud):
    service = curl(own_cloud, SERVICE_CALL)[2]["data"]["public_key"]
    body = login_body("nobody@example.org", "wrong", service)
    statuses, busy = [], threading.Event()

    def attempt(number):
        # Of ever other accounts and addresses, so that nothing but their number slows them down.
        text = json.dumps(body | {"email": f"nobody{number}@example.org"}).encode()
        context = ssl.create_default_context(cafile=str(own_cloud.ca))
        connection = http.client.HTTPSConnection("127.0.0.1", own_cloud.api_port, context=context, timeout=DEADLINE_S,
                                                 source_address=(f"127.0.20.{number + 1}", 0))
        with contextlib.suppress(OSError, http.client.HTTPException):
            connection.request("POST", "/v2/passport/login", body=text)
            answer = connection.getresponse()
            statuses.append((answer.status, answer.getheader("retry-after")))
            if answer.status == 503:
                busy.set()

    threads = [threading.Thread(target=attempt, args=(number,)) for number in range(LOGINS)]
    for thread in threads:
        thread.start()
    assert busy.wait(DEADLINE_S), statuses
    answered = len(statuses)
    own_cloud.process.signal(signal.SIGTERM)
    assert own_cloud.process.await_end() == 0
    for thread in threads:
        thread.join()
    # Who waited to be hashed is not hashed any more: one was about to be answered, and one was at it.
    assert sum(status == 200 for status, _ in statuses[answered:]) <= 2, statuses
    assert all(int(retry) >= 1 for status, retry in statuses if status == 503)


def test_a_wrong_user_takes_as_long_as_a_wrong_password(own_cloud):
    service = curl(own_cloud, "/v1/flagship/service")[2]["data"]["public_key"]

    def cost_s(email):
        """Of the processor, which is what takes the time, and others' work does not add to it."""
        body = login_body(email, "wrong", service)
        start = processor_seconds(own_cloud.process.pid)
        answer = curl(own_cloud, "/v2/passport/login", body=body)
        assert answer[2]["code"] == 26006
        return processor_seconds(own_cloud.process.pid) - start

    known, unknown = [], []
    for _ in range(2):
        known.append(cost_s(ANNE))
        unknown.append(cost_s("nobody@example.org"))
    # Hashing takes a quarter of a second; an answer without it would come in a few milliseconds.
    assert min(unknown) > min(known) / 3 > 0


def test_a_client_of_ours_logs_in_and_lists_printers(cloud, tmp_path):
    result = run("login", "--email", ANNE, "--api", cloud.api, "--ca", cloud.ca, stdin=PASSWORD + "\n", HOME=tmp_path)
    assert result.returncode == 0, result.stderr
    stored = json.loads((tmp_path / ".local/state/flagship/accounts.json").read_text())
    assert MINE in json.dumps(stored) and str(cloud.mqtt_port) in json.dumps(stored)


def test_the_log_names_requests_and_no_secrets(cloud, token):
    curl(cloud, "/v1/passport/profile", "--interface", "127.0.30.9", *authorised(cloud, token))
    cloud.process.await_text("127.0.30.9 GET /v1/passport/profile: 200")
    log = cloud.process.log
    assert token not in log and PASSWORD not in log and cloud.login(ANNE)[0][5:] not in log
