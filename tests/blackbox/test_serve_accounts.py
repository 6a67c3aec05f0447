# SPDX-License-Identifier: MIT
"""The accounts of flagship serve over HTTP: taken over, logged in to with captchas, asked again, removed."""

import base64
import hashlib
import json
import os
import socket
import ssl
import subprocess
import threading

import pytest

from accounts_served import assert_hidden, credentials, service  # noqa: F401  fixtures
from api_server import LOGIN, PRINTERS, SEND_CODE, SERVICE, TEMPORARY, Account, Fault, printer
from broker import Authority, free_port
from gateway import Gateway
from program import DONE, ROOT
from test_import import ankerctl, encrypted, login_json
from test_serve_openapi import answer_of, fits

NEW = "AK7NEW0123456789"


@pytest.fixture
def gateway(home):
    with Gateway(home) as running:
        yield running


def serials(gateway):
    return {printer["serial"] for printer in gateway.get("/printers")}


# --- what there is ---


def test_accounts_are_listed_without_secrets(home, gateway, account, service, tmp_path):  # noqa: F811
    assert gateway.get("/accounts") == []
    described = gateway.get("/openapi.json")
    assert gateway.status("POST", "/accounts", {"file": login_json(account), **service})[0] == 201
    (listed,) = gateway.get("/accounts")
    assert fits(described, answer_of(described, "GET", "/accounts", 200), [listed]) == []
    assert (listed["id"], listed["name"], listed["region"]) == (account.user_id[:8], "Owner", "eu")
    assert (listed["login"], listed["printers"], listed["refresh_problem"]) == ("valid", 2, None)
    assert listed["email"] == "o***@example.org" and listed["api"] == service["api"]
    assert_hidden(account, listed, gateway.log)


def test_accounts_of_which_nothing_can_be_asked(home, account):
    account.printers = account.printers[:1]
    assert home.run("import", "-", "--offline", stdin=ankerctl(account, account.printers)).returncode == DONE
    stored = json.loads(home.store.read_text())
    stored["accounts"][0]["token_expires_at"] = 1700000000
    second = {**stored["accounts"][0], "user_id": account.user_id[:10] + "0" * 30, "auth_token": ""}
    stored["accounts"].append(second)
    home.store.write_text(json.dumps(stored))
    with Gateway(home) as gateway:
        listed = {listed["id"]: listed["login"] for listed in gateway.get("/accounts")}
        # What two have in common names neither.
        assert listed == {account.user_id[:11]: "expired", second["user_id"][:11]: "none"}
        assert (gateway.get("/health")["accounts"], gateway.get("/health")["accounts_expired"]) == (2, 2)


# --- taking over ---


@pytest.mark.parametrize("shape", [login_json, lambda account: encrypted(json.dumps(account.login())).decode(),
                                   lambda account: ankerctl(account, account.printers)], ids=["plain", "encrypted", "ankerctl"])
def test_a_file_of_another_program_is_taken_over(gateway, account, service, shape):  # noqa: F811
    status, kept = gateway.status("POST", "/accounts", {"file": shape(account), **service})
    assert (status, kept["id"], kept["printers"]) == (201, account.user_id[:8], 2)
    # At once: no file had to be noticed first.
    assert serials(gateway) == {"AK7ABC0123456789", "AK7DEF0123456789"}
    assert_hidden(account, kept, gateway.log)


def test_a_token_is_enough(gateway, account, service, home):  # noqa: F811
    body = {"auth_token": account.token, "user_id": account.user_id, "email": account.email, "region": "eu", **service}
    status, kept = gateway.status("POST", "/accounts", body)
    assert (status, kept["printers"]) == (201, 2)
    assert home.accounts()[account.user_id]["email"] == account.email
    account.token = "another"
    status, refused = gateway.status("POST", "/accounts", body)
    assert status == 422 and "does not take the token any more" in refused["detail"]


@pytest.mark.parametrize("body, status, words", [
    ({}, 400, "either"), ({"file": "x", "auth_token": "y"}, 400, "either"), ({"auth_token": "y"}, 400, "user_id"),
    ({"auth_token": "y", "user_id": "1", "region": "mars"}, 400, "us or eu"), ({"file": "x", "path": "/etc/shadow"}, 400, "other members"),
    ({"file": "{}"}, 422, "standard input holds no login"), ({"file": "x", "api": "http://localhost"}, 422, "no login"),
    ({"file": "x", "ca": "/absent", "api": "https://localhost"}, 400, "cannot open the CA file"), ({"file": "x", "pin": "12", "api": "https://x"}, 400, "pin"),
    ({"file": "x", "api": "https://" + "x" * 300}, 400, "longer"), ({"file": "a\0b"}, 400, "NUL"), ("[]", 400, "no JSON object"),
    ({"file": "{}", "ca": 7}, 400, "is to be a text"), ({"file": "{}", "offline": "true"}, 400, "true or false")], ids=range(14))
def test_what_cannot_be_taken_over(gateway, home, body, status, words):
    answered, problem = gateway.status("POST", "/accounts", body)
    assert (answered, problem["status"]) == (status, status) and words in problem["detail"]
    assert home.accounts() == {}


def test_values_are_no_options_of_the_child(gateway, account, home):
    """A value that looks like an option stays a value."""
    status, problem = gateway.status("POST", "/accounts/login", {"email": account.email, "password": "x", "country": "--help", "api": "--offline"})
    assert status == 400 and "--country takes the two letters" in problem["detail"]


def test_without_a_service_the_login_is_kept(gateway, account, service, home):  # noqa: F811
    status, problem = gateway.status("POST", "/accounts", {"file": login_json(account), **service, "api": f"https://localhost:{free_port()}"})
    assert status == 502 and "the login was kept" in problem["detail"]
    (listed,) = gateway.get("/accounts")
    assert (listed["printers"], listed["refreshed_at"]) == (0, None)


# --- logging in ---


def test_a_login_keeps_account_and_printers(gateway, account, api, credentials, home):  # noqa: F811
    status, kept = gateway.status("POST", "/accounts/login", credentials)
    assert (status, kept["id"], kept["login"], kept["source"]) == (200, account.user_id[:8], "valid", "login")
    assert serials(gateway) == {"AK7ABC0123456789", "AK7DEF0123456789"}
    assert api.passwords == [account.password]
    assert home.accounts()[account.user_id]["auth_token"] == account.token
    assert_hidden(account, kept, gateway.log)
    gateway.await_lines(lambda lines: any("log in to an account" in line and "done" in line for line in lines))


def test_a_captcha_goes_to_who_asks(gateway, account, api, credentials):  # noqa: F811
    described = gateway.get("/openapi.json")
    api.captchas = 2
    status, asked = gateway.status("POST", "/accounts/login", credentials)
    assert status == 409 and fits(described, answer_of(described, "POST", "/accounts/login", 409), asked) == []
    assert (asked["kind"], asked["captcha"]["media_type"]) == ("captcha", "image/png")
    assert base64.b64decode(asked["captcha"]["data"]) == b"\x89PNG\r\n\x1a\n" + api.captcha[1].encode()
    path = f"/accounts/login/{asked['login']}"
    assert gateway.status("POST", path, {"answer": ""})[0] == 400
    assert gateway.status("POST", "/accounts/login/" + "0" * 32, {"answer": "x"})[0] == 404
    status, again = gateway.status("POST", path, {"answer": "wrong"})
    assert (status, again["login"]) == (409, asked["login"]) and again["captcha"] != asked["captcha"]
    status, kept = gateway.status("POST", path, {"answer": api.captcha[1]})
    assert (status, kept["id"]) == (200, account.user_id[:8])
    assert gateway.status("POST", path, {"answer": "x"})[0] == 404
    assert_hidden(account, asked, again, kept, gateway.log)


def test_captchas_without_end_end(gateway, api, credentials, home):  # noqa: F811
    api.captchas = 9
    status, asked = gateway.status("POST", "/accounts/login", credentials)
    for _ in range(2):
        assert status == 409
        status, asked = gateway.status("POST", f"/accounts/login/{asked['login']}", {"answer": "wrong"})
    status, asked = gateway.status("POST", f"/accounts/login/{asked['login']}", {"answer": "wrong"})
    assert status == 422 and "need captcha" in asked["detail"]
    assert home.accounts() == {}


def test_who_is_there_comes_before_a_captcha_that_nobody_reads(gateway, account, api, credentials):  # noqa: F811
    api.captchas = 1
    left = gateway.status("POST", "/accounts/login", credentials)[1]["login"]
    assert gateway.status("POST", "/accounts/login", credentials)[0] == 200
    assert gateway.status("POST", f"/accounts/login/{left}", {"answer": "x"})[0] == 404


def test_a_wrong_password_is_answered_with_the_service_s_words(gateway, account, credentials, home):  # noqa: F811
    status, problem = gateway.status("POST", "/accounts/login", {**credentials, "password": "nonsense-7"})
    assert status == 422 and "Incorrect email or password" in problem["detail"]
    assert home.accounts() == {} and "nonsense-7" not in gateway.log


def test_the_code_of_a_second_factor_goes_the_way_of_a_captcha(gateway, account, api, credentials):  # noqa: F811
    described = gateway.get("/openapi.json")
    api.factor, api.captchas = "code", 1
    status, captcha = gateway.status("POST", "/accounts/login", credentials)
    assert (status, captcha["kind"]) == (409, "captcha")
    path = f"/accounts/login/{captcha['login']}"
    status, asked = gateway.status("POST", path, {"answer": api.captcha[1]})
    assert status == 409 and fits(described, answer_of(described, "POST", "/accounts/login/{login}", 409), asked) == []
    assert (asked["kind"], asked["login"]) == ("second_factor", captcha["login"]) and "captcha" not in asked
    assert asked["second_factor"] == {"sent_to": "o***@example.org", "reason": "sent"}
    assert gateway.status("POST", path, {"answer": ""})[0] == 400
    status, again = gateway.status("POST", path, {"answer": "nonsense"})
    assert (status, again["second_factor"]["reason"]) == (409, "wrong")
    status, kept = gateway.status("POST", path, {"answer": api.mailed[0]})
    assert (status, kept["id"], kept["login"]) == (200, account.user_id[:8], "valid")
    assert gateway.status("POST", path, {"answer": api.mailed[0]})[0] == 404
    assert len(api.mailed) == 1
    assert_hidden(account, asked, again, kept, gateway.log)
    assert api.mailed[0] not in gateway.log and TEMPORARY not in json.dumps([asked, again, kept]) + gateway.log


def test_codes_that_are_wrong_end(gateway, api, credentials, home):  # noqa: F811
    api.factor = "step"
    status, asked = gateway.status("POST", "/accounts/login", credentials)
    for _ in range(2):
        assert status == 409
        status, asked = gateway.status("POST", f"/accounts/login/{asked['login']}", {"answer": "nonsense"})
    status, asked = gateway.status("POST", f"/accounts/login/{asked['login']}", {"answer": "nonsense"})
    assert status == 422 and "wrong, 3 times" in asked["detail"] and "flagship import" in asked["detail"]
    assert home.accounts() == {}


@pytest.mark.parametrize("data, sent, words", [(None, None, "holds no token"), ({"auth_token": TEMPORARY}, Fault.code(26053, "too many codes"), "too many codes")],
                         ids=["token", "mail"])
def test_a_second_factor_that_cannot_be_had_is_told_in_words(gateway, api, credentials, home, data, sent, words):  # noqa: F811
    api.faults[LOGIN] = [Fault.code(26052, "need 2fa", data)]
    api.faults[SEND_CODE] = [sent] if sent else []
    status, problem = gateway.status("POST", "/accounts/login", credentials)
    assert status == 422 and "second factor" in problem["detail"] and words in problem["detail"] and "flagship import" in problem["detail"]
    assert home.accounts() == {}


def test_a_service_that_cannot_be_reached(gateway, credentials, home):  # noqa: F811
    home.settings("[api]\nretries = 0\n")
    status, problem = gateway.status("POST", "/accounts/login", {**credentials, "api": f"https://localhost:{free_port()}"})
    assert status == 502 and "localhost" in problem["detail"]


# --- a cloud on another machine, by an address and the text of its CA ---


@pytest.fixture
def elsewhere(api, authority):
    """What a person brings along, and what a service of the kind says."""
    api.is_local = True
    return {"api": api.url, "ca_pem": authority.certificate.read_text()}


def test_who_answers_is_told_before_anything_is_trusted(gateway, api, home, elsewhere):
    described = gateway.get("/openapi.json")
    status, found = gateway.status("POST", "/accounts/look", elsewhere)
    assert status == 200 and fits(described, answer_of(described, "POST", "/accounts/look", 200), found) == []
    assert (found["found"], found["advice"]) == ("cloud", None)
    pem = ssl.PEM_cert_to_DER_cert(elsewhere["ca_pem"])
    assert [one["sha256"] for one in found["authorities"]] == [hashlib.sha256(pem).hexdigest()]
    assert found["certificate"]["sha256"] != found["authorities"][0]["sha256"]
    # By it alone: without it the certificate is shown, and is not trusted.
    status, found = gateway.status("POST", "/accounts/look", {"api": elsewhere["api"]})
    assert (status, found["found"], found["authorities"]) == (200, "untrusted", []) and found["certificate"]["sha256"] and "ca.pem" in found["advice"]
    assert [request.path for request in api.requests] == [SERVICE]
    assert list(home.store.parent.glob("ca-*")) == []


def test_what_is_in_the_way_is_told(gateway, api, elsewhere, tmp_path):
    api.is_local = False
    found = {name: gateway.status("POST", "/accounts/look", {**elsewhere, "api": url})[1] for name, url in {
        "no host": "https://no-such-name.invalid:8443", "refused": f"https://127.0.0.1:{free_port()}", "other": api.url}.items()}
    for name, one in found.items():
        assert one["found"] == name and one["detail"] and one["advice"], one
    stranger = Authority(tmp_path)
    status, found = gateway.status("POST", "/accounts/look", {**elsewhere, "ca_pem": stranger.certificate.read_text()})
    assert (status, found["found"]) == (200, "untrusted") and found["certificate"]["sha256"] != found["authorities"][0]["sha256"]
    with socket.socket() as plain:
        plain.bind(("127.0.0.1", 0))
        plain.listen()
        talker = threading.Thread(target=lambda: plain.accept()[0].sendall(b"220 hello\r\n"), daemon=True)
        talker.start()
        assert gateway.status("POST", "/accounts/look", {**elsewhere, "api": f"https://127.0.0.1:{plain.getsockname()[1]}"})[1]["found"] == "no tls"


@pytest.mark.parametrize("change", [{"api": ""}, {"api": 7}, {"api": None}, {"api": "http://localhost"}, {"api": "file:///etc/passwd"}, {"api": "https://"}, {"api": "https://a@b"},
                                    {"api": "https://localhost/../x"}, {"api": "https://localhost:0"}, {"api": "--help"}, {"api": "https://" + "x" * 300}, {"ca": "/etc/passwd"}, {"ca_pem": 7},
                                    {"ca_pem": "x"}, {"ca_pem": "-----BEGIN PRIVATE KEY-----"}, {"ca_pem": "x" * 9000}], ids=range(16))
def test_what_cannot_be_looked_at(gateway, api, elsewhere, change):
    status, problem = gateway.status("POST", "/accounts/look", {**elsewhere, **change})
    assert status == 400 and problem["detail"], problem
    assert api.requests == []


def test_a_login_there_goes_by_that_ca(home, gateway, account, api, elsewhere, credentials, broker):  # noqa: F811
    body = {"email": account.email, "password": account.password, "broker": broker.url, "service_key": api.key.public, **elsewhere}
    status, problem = gateway.status("POST", "/accounts/login", {**body, "password": "nonsense-7"})
    assert status == 422 and "password is wrong" in problem["detail"] and list(home.store.parent.glob("ca-*")) == []
    status, problem = gateway.status("POST", "/accounts/login", {**body, "ca": "/etc/passwd"})
    assert status == 400
    status, kept = gateway.status("POST", "/accounts/login", body)
    assert (status, kept["printers"]) == (200, 2), kept
    (file,) = home.store.parent.glob("ca-*")
    assert home.accounts()[account.user_id]["ca_file"] == str(file) and file.read_text() == elsewhere["ca_pem"] and file.stat().st_mode & 0o777 == 0o600
    gateway.await_text("printers: connected")
    # It goes with the account.
    assert gateway.status("DELETE", f"/accounts/{kept['id']}")[0] == 204
    assert list(home.store.parent.glob("ca-*")) == []
    # One that a login left which was killed goes at the next start.
    left = home.store.with_name(f"ca-{'0' * 32}.pem")
    left.write_text(elsewhere["ca_pem"])
    os.utime(left, (0, 0))
    gateway.stop()
    with Gateway(home) as again:
        again.await_text("removed CA certificates that no account names")
        assert not left.exists()


@pytest.mark.parametrize("change", [{"email": ""}, {"password": ""}, {"password": None}, {"password": 7}, {"email": "nobody"}, {"region": "mars"},
                                    {"more": 1}, {"country": "x" * 300}, {"password": "x" * 5000}, {"ca": 7}, {"region": None}], ids=range(11))
def test_a_login_that_makes_no_sense(gateway, api, credentials, change):  # noqa: F811
    status, problem = gateway.status("POST", "/accounts/login", {**credentials, **change})
    assert status == 400, problem
    assert "xxxx" not in json.dumps(problem) + gateway.log


# --- removing ---


def test_an_account_is_removed(gateway, account, service, home):  # noqa: F811
    gateway.status("POST", "/accounts", {"file": login_json(account), **service})
    assert gateway.status("DELETE", "/accounts/ffffffff")[0] == 404
    assert gateway.status("DELETE", f"/accounts/{account.user_id[:4]}")[0] == 404
    assert gateway.status("DELETE", f"/accounts/{account.user_id[:8]}") == (204, None)
    assert (gateway.get("/accounts"), gateway.get("/printers"), home.accounts()) == ([], [], {})
    assert_hidden(account, gateway.log)


def test_keys_are_not_lost_by_accident(home, account):
    stored = ankerctl(account, account.printers)
    assert home.run("import", "-", "--offline", stdin=stored.replace(account.token, "")).returncode == DONE
    with Gateway(home) as gateway:
        path = f"/accounts/{account.user_id[:8]}"
        status, problem = gateway.status("DELETE", path)
        assert status == 409 and "?force=true" in problem["detail"]
        assert len(gateway.get("/printers")) == 2
        assert gateway.status("DELETE", path + "?force=true") == (204, None)
        assert gateway.get("/printers") == []


def test_one_printer_is_forgotten_and_an_import_brings_it_back(home, account):
    text = ankerctl(account, account.printers).replace(account.token, "")
    assert home.run("import", "-", "--offline", stdin=text).returncode == DONE
    serial, other = "AK7ABC0123456789", "AK7DEF0123456789"
    with Gateway(home) as gateway:
        stream = gateway.events()
        assert stream.next()[1]["type"] == "snapshot"
        assert gateway.status("DELETE", "/printers/none")[0] == 404
        status, problem = gateway.status("DELETE", f"/printers/{serial}")
        assert (status, problem["detail_code"]) == (409, "printer-key-only-here") and serials(gateway) == {serial, other}
        assert gateway.status("DELETE", f"/printers/{serial}?force=true") == (204, None)
        assert serials(gateway) == {other} and gateway.get("/accounts")[0]["printers"] == 1
        stream.until(lambda message: message["type"] == "removed" and message["printer"] == serial)
        stream.close()
        gateway.await_lines(lambda lines: any("forget a printer" in line and "done" in line for line in lines))
        assert_hidden(account, gateway.log)
    with Gateway(home) as gateway:
        assert serials(gateway) == {other}
        assert gateway.status("POST", "/accounts", {"file": text, "offline": True})[0] == 201
        assert serials(gateway) == {serial, other}


def test_a_printer_whose_account_brings_it_again_is_asked_about(gateway, account, service, home):  # noqa: F811
    gateway.status("POST", "/accounts", {"file": login_json(account), **service})
    status, problem = gateway.status("DELETE", "/printers/AK7ABC0123456789")
    assert (status, problem["detail_code"]) == (409, "printer-comes-again")
    assert gateway.status("DELETE", "/printers/AK7ABC0123456789?force=true")[0] == 204
    assert serials(gateway) == {"AK7DEF0123456789"}


# --- who may ---


def test_only_an_admin_may(home, account, credentials):  # noqa: F811
    keys = {role: home.run("serve", "key", "add", role, "--role", role).stdout.strip() for role in ("viewer", "operator", "admin")}
    assert home.run("serve", "user", "add", "ann", "--role", "admin", stdin="a good password\n").returncode == DONE
    calls = [("GET", "/accounts", None), ("POST", "/accounts", {}), ("POST", "/accounts/login", credentials),
             ("POST", "/accounts/login/x", {"answer": "x"}), ("DELETE", "/accounts/x", None), ("DELETE", "/printers/x", None), ("GET", "/doctor", None)]
    with Gateway(home) as gateway:
        for method, path, body in calls:
            assert gateway.status(method, path, body)[0] == 401, path
            for role in ("viewer", "operator"):
                assert gateway.status(method, path, body, **{"X-Api-Key": keys[role]})[0] == 403, path
        assert gateway.status("GET", "/accounts", **{"X-Api-Key": keys["admin"]}) == (200, [])
        assert home.accounts() == {}
        assert_hidden(account, gateway.log)


# --- asking again ---


def pair(gateway, account):
    """Another printer is bound to the account: returns once the gateway shows it, by its stream of events."""
    stream = gateway.events()
    assert stream.next()[1]["type"] == "snapshot"
    account.printers.append(printer(NEW, "Newcomer"))
    stream.until(lambda message: message["type"] == "patch" and message["printer"] == NEW)
    stream.close()


def test_a_printer_that_is_paired_comes_without_a_restart(home, account, service, api):  # noqa: F811
    home.settings("[api]\nrefresh = 1s\n")
    with Gateway(home) as gateway:
        gateway.status("POST", "/accounts", {"file": login_json(account), **service})
        gateway.await_text("printers: connected")
        pair(gateway, account)
        stream = gateway.events()
        assert NEW in {shown["serial"] for shown in stream.next()[1]["printers"]}
        account.printers[:] = account.printers[:1]
        stream.until(lambda message: message["type"] == "removed" and message["printer"] == NEW)
        stream.close()
        assert serials(gateway) == {"AK7ABC0123456789"}
        # Whoever is connected stays so: to ask for a list is no reason to be without printers.
        assert sum("printers: connected" in line for line in gateway.lines) == 1
        assert not any("the connection was lost" in line for line in gateway.lines)


def test_never_is_never(home, account, service, api):  # noqa: F811
    home.settings("[api]\nrefresh = never\n")
    with Gateway(home) as gateway:
        gateway.status("POST", "/accounts", {"file": login_json(account), **service})
        assert gateway.get("/accounts")[0]["next_refresh_at"] is None
    home.settings("[api]\nrefresh = often\n")
    assert "1s or more" in home.run("config", "set", "api.refresh", "0.5").stderr


def test_a_failure_is_logged_once_and_changes_nothing(home, account, service, api):  # noqa: F811
    home.settings("[api]\nrefresh = 1s\nretries = 0\n")
    with Gateway(home) as gateway:
        gateway.status("POST", "/accounts", {"file": login_json(account), **service})
        asked = api.paths().count(PRINTERS)
        api.faults[PRINTERS] = [Fault(500)] * 3
        gateway.await_lines(lambda _: api.paths().count(PRINTERS) >= asked + 3 or not gateway.get("/health"))
        gateway.await_text("can be asked for again")
        assert sum("cannot be asked for" in line for line in gateway.lines) == 1
        assert serials(gateway) == {"AK7ABC0123456789", "AK7DEF0123456789"}
        assert_hidden(account, gateway.log)


def test_an_expired_token_shows_until_somebody_logs_in(home, account, service, credentials):  # noqa: F811
    home.settings("[api]\nrefresh = 1s\n")
    with Gateway(home) as gateway:
        gateway.status("POST", "/accounts", {"file": login_json(account), **service})
        account.token = "another" + "0" * 33
        gateway.await_text("cannot be asked for")
        (listed,) = gateway.get("/accounts")
        assert listed["login"] == "expired" and "does not take the token" in listed["refresh_problem"]
        # So that a page can say it in its reader's language.
        assert listed["refresh_problem_code"].startswith("vendor-token-") and listed["refresh_problem_arguments"]["host"] == "localhost"
        assert gateway.get("/health")["accounts_expired"] == 1
        assert len(gateway.get("/printers")) == 2
        status, kept = gateway.status("POST", "/accounts/login", credentials)
        assert (status, kept["login"], kept["refresh_problem"]) == (200, "valid", None)
        assert gateway.get("/health")["accounts_expired"] == 0


def publish(broker, authority, topic, count):
    subprocess.run(["mosquitto_pub", "-h", "localhost", "-p", str(broker.port), "--cafile", str(authority.certificate), "-t", topic, "-q", "1", "-l"],
                   input=b"{}\n" * count, check=True)


@pytest.mark.parametrize("topic", ["/phone/user/{user_id}/change_notice", "/phone/maker/AK7ABC0123456789/change_notice"])
def test_a_notice_of_the_cloud_is_followed_soon(home, account, service, api, broker, authority, topic):  # noqa: F811
    with Gateway(home) as gateway:
        gateway.status("POST", "/accounts", {"file": login_json(account), **service})
        gateway.await_text("printers: connected")
        topic = topic.format(user_id=account.user_id)
        broker.process.await_text(topic)  # it is subscribed
        stream = gateway.events()
        assert stream.next()[1]["type"] == "snapshot"
        account.printers.append(printer(NEW, "Newcomer"))
        asked = api.paths().count(PRINTERS)
        publish(broker, authority, topic, 20)
        stream.until(lambda message: message["type"] == "patch" and message["printer"] == NEW)
        stream.close()
        # However many came: one list, and the next no sooner than after a minute.
        publish(broker, authority, topic, 1)
        assert api.paths().count(PRINTERS) == asked + 1


def test_two_accounts_are_asked_one_after_the_other(home, account, service, api):  # noqa: F811
    other = Account("other@example.org", "other password", printers=[printer("AK7OTH0123456789", "Other")])
    api.accounts[other.email] = other
    home.settings("[api]\nrefresh = 1s\n")
    with Gateway(home) as gateway:
        for each in (account, other):
            assert gateway.status("POST", "/accounts", {"file": login_json(each), **service})[0] == 201
        stream = gateway.events()
        assert stream.next()[1]["type"] == "snapshot"
        other.printers.append(printer(NEW, "Newcomer"))
        stream.until(lambda message: message["type"] == "patch" and message["printer"] == NEW)
        stream.close()
        assert len(gateway.get("/printers")) == 4


def test_bounds_are_those_that_are_written_down():
    """docs/security.md and the code say the same."""
    text = (ROOT / "docs" / "security.md").read_text()
    header = (ROOT / "src/gateway/accounts/accounts.h").read_text() + (ROOT / "src/gateway/accounts/internal.h").read_text() + (ROOT / "src/gateway/children/program.h").read_text()
    for written, coded in (("A child has 120 s", "ACCOUNTS_TIMEOUT_S 120"), ("a captcha or a code waits 5 minutes", "ACCOUNTS_ANSWER_MS INT64_C(300000)"),
                           ("8 of them, each for a quarter", "ACCOUNTS_TURNS_MAX  8"), ("8 of them, each for a quarter", "ACCOUNTS_TURN_SHARE 4"), ("8 MiB of output", "PROGRAM_OUTPUT_MAX ((size_t)8 * 1024 * 1024)"),
                           ("2 MiB of a login of another program", "ACCOUNTS_BODY_MAX  ((uint64_t)2 * 1024 * 1024)")):
        assert written in text and coded in header, written
