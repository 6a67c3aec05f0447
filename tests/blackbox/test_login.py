# SPDX-License-Identifier: MIT
"""flagship login: the password exchange, regions, certificates, a cloud of one's own."""

import os
import signal

import pytest

from api_server import DSK_KEYS, LOGIN, PRINTERS, PROFILE, SERVICE, Account, ApiServer, Fault, Proxy
from broker import fingerprint, free_port
from program import CANNOT_CONNECT, DONE, FAILED, FLAGSHIP, NOT_ALLOWED, USAGE, lines
from shifted_clock import ShiftedClock
from terminal import Terminal

VENDOR_US = "make-app.ankermake.com"
VENDOR_EU = "make-app-eu.ankermake.com"


def test_an_account_and_its_printers_are_kept(log_in, home, api, account):
    result = log_in("--json")
    assert result.returncode == DONE, result.stderr
    stored = home.accounts()[account.user_id]
    assert stored["auth_token"] == account.token
    assert stored["email"] == account.email
    assert stored["region"] == "eu"
    assert stored["api"] == api.url
    assert stored["token_expires_at"] > 0
    assert [(p["serial"], p["name"], p["model"], p["key"], p["dsk_key"]) for p in stored["printers"]] == [
        ("AK7ABC0123456789", "Left", "M5", "ab" * 32, account.dsk_key("AK7ABC0123456789")),
        ("AK7DEF0123456789", "Kitchen", "M5C", "cd" * 32, account.dsk_key("AK7DEF0123456789")),
    ]
    (printed,) = lines(result)
    assert printed["account"] == account.user_id[:8] + "…"
    assert printed["printers"][1] == {"serial": "AK7DEF0123456789", "name": "Kitchen", "model": "M5C", "key": True}
    assert api.passwords == [account.password]


@pytest.mark.parametrize("seconds, options, status", [(45, (), DONE), (75, (), CANNOT_CONNECT), (45, ("--timeout", "30"), CANNOT_CONNECT)])
def test_a_service_may_take_its_time_for_the_password(log_in, api, tmp_path, monkeypatch, seconds, options, status):
    """A busy one hashes it for long, and whoever asks twice may have guessed twice."""
    clock, answer = ShiftedClock(tmp_path), api.log_in

    def answer_late(request):
        clock.go_on(seconds)
        return answer(request)

    monkeypatch.setattr(api, "log_in", answer_late)
    result = log_in(*options, **clock.environment)
    assert result.returncode == status, result.stderr
    assert [request.path for request in api.requests].count(LOGIN) == 1


def test_nothing_secret_is_shown_or_kept_of_the_password(log_in, home, account):
    result = log_in()
    assert result.returncode == DONE
    shown = result.stdout + result.stderr
    for secret in (account.password, account.token, "ab" * 32, account.dsk_key("AK7ABC0123456789")):
        assert secret not in shown
    assert account.password not in home.store.read_text()


def test_the_broker_of_a_local_cloud_is_kept(log_in, home, account, authority):
    assert log_in("--broker", "mqtts://printers.lan:8789").returncode == DONE
    stored = home.accounts()[account.user_id]
    assert stored["broker"] == "mqtts://printers.lan:8789"
    assert stored["ca_file"] == str(authority.certificate)
    assert log_in("--broker", "https://printers.lan").returncode == USAGE


@pytest.mark.parametrize("password", ["пароль", "x" * 1024, " spaces stay ", "#'\"\\$`"], ids=range(4))
def test_passwords_of_all_kinds_arrive_as_they_are(log_in, api, account, password):
    account.password = password
    assert log_in().returncode == DONE
    assert api.passwords == [password]


def test_a_wrong_password_is_reported_with_the_service_s_words(log_in, home, api):
    result = log_in(stdin="wrong\n")
    assert result.returncode == NOT_ALLOWED
    assert "Incorrect email or password" in result.stderr
    assert api.passwords == ["wrong"]
    assert home.accounts() == {}


def test_without_password_nothing_is_sent(log_in, api):
    result = log_in(stdin="")
    assert result.returncode == USAGE
    assert "no password was given" in result.stderr
    assert api.requests == []


def test_mistakes_in_options_are_reported_before_anything_is_sent(home, api, authority):
    for options in (["--email", "nobody"], [], ["--email", "a@b.c", "--country", "Germany"], ["--email", "a@b.c", "--pin", "12"],
                    ["--email", "a@b.c", "--ca", "absent.pem"], ["--email", "a@b.c", "--region", "mars"]):
        result = home.run("login", "--api", api.url, *options, stdin="x\n")
        assert result.returncode == USAGE, options
    assert api.requests == []
    result = home.run("login", "--email", "a@b.c", "--ca", authority.certificate, stdin="x\n")
    assert result.returncode == USAGE and "of your own" in result.stderr


@pytest.mark.parametrize("url", ["http://localhost:1", "localhost", "https://user@localhost", "https://localhost/?a=b", "ftp://x"])
def test_a_service_is_https_alone(log_in, url):
    result = log_in(url=url)
    assert result.returncode == USAGE
    assert "https://HOST" in result.stderr


def test_on_a_terminal_the_password_is_not_shown(home, api, authority, account):
    with Terminal("login", "--api", api.url, "--ca", authority.certificate, "--service-key", api.key.public,
                  HOME=home.folder) as terminal:
        terminal.await_text("E-mail address: ")
        terminal.write(account.email + "\n")
        terminal.await_text("Password: ")
        terminal.write(account.password + "\n")
        text, status = terminal.await_end()
    assert status == DONE, text
    assert account.password not in text
    assert "Kitchen" in text
    assert account.user_id in home.accounts()


def test_ctrl_c_at_the_password_brings_the_echo_back(home, api, account):
    script = f'trap : INT; "{FLAGSHIP}" login --email {account.email} --api {api.url}; echo "status $?"; stty -a | grep -o "[-]*echo "'
    with Terminal(shell=script, HOME=home.folder) as terminal:
        terminal.await_text("Password: ")
        terminal.write("\x03")
        text, _ = terminal.await_end()
    assert "status 130" in text
    assert "-echo " not in text and "echo " in text
    assert api.requests == []


def test_stopped_at_the_password_it_asks_again(home, api, authority, account):
    with Terminal("login", "--email", account.email, "--api", api.url, "--ca", authority.certificate, "--service-key",
                  api.key.public, HOME=home.folder) as terminal:
        terminal.await_text("Password: ")
        # It is the only one of its session: the kernel then lets it go on at once.
        os.kill(terminal.child.pid, signal.SIGTSTP)
        terminal.await_text("Password: ")
        terminal.write(account.password + "\n")
        text, status = terminal.await_end()
    assert status == DONE, text
    assert account.password not in text


def test_of_several_services_the_fastest_is_taken(log_in, home, api, api_certificate, account):
    with ApiServer(*api_certificate, accounts=[account]) as slow:
        slow.delay_s = 20
        result = log_in("--api", slow.url, url=api.url)
        assert result.returncode == DONE, result.stderr
        assert slow.paths() in ([], ["/"])
    assert f"{api.url} answers first" in result.stderr
    assert home.accounts()[account.user_id]["api"] == api.url


def test_a_service_that_is_down_loses(log_in, home, api, account):
    down = f"https://localhost:{free_port()}"
    result = log_in("--api", api.url, url=down)
    assert result.returncode == DONE, result.stderr
    assert home.accounts()[account.user_id]["api"] == api.url


def test_where_all_are_down_it_says_so(log_in):
    result = log_in("--api", f"https://localhost:{free_port()}", url=f"https://localhost:{free_port()}")
    assert result.returncode == CANNOT_CONNECT
    assert "no service answers" in result.stderr


@pytest.fixture
def vendor(home, api, api_certificate, authority, account):
    """The vendor's two services as the program sees them, through a proxy: us is slow."""
    with ApiServer(*api_certificate, accounts=[account]) as slow:
        slow.delay_s, slow.key = 20, api.key
        with Proxy({VENDOR_EU: api.port, VENDOR_US: slow.port}) as proxy:

            def log_in(*options):
                return home.run("login", "--email", account.email, "--service-key", api.key.public, *options,
                                stdin=account.password + "\n", https_proxy=proxy.url, SSL_CERT_FILE=authority.certificate)

            yield log_in, proxy, api, slow


def test_the_region_is_measured(vendor, home, account):
    log_in, proxy, api, slow = vendor
    result = log_in()
    assert result.returncode == DONE, result.stderr
    assert {VENDOR_EU, VENDOR_US} == set(proxy.names)
    assert LOGIN in api.paths() and LOGIN not in slow.paths()
    stored = home.accounts()[account.user_id]
    assert stored["region"] == "eu"
    assert stored.get("api", "") == ""


def test_an_account_of_the_other_region_is_followed(vendor, home, account):
    log_in, _, api, slow = vendor
    account.country = "US"
    result = log_in()
    assert result.returncode == DONE, result.stderr
    assert api.paths() == ["/", LOGIN]
    assert slow.paths()[-2:] == [PRINTERS, DSK_KEYS]
    assert home.accounts()[account.user_id]["region"] == "us"


@pytest.mark.parametrize("options", [[], ["--region", "eu"]], ids=["measured", "given"])
def test_later_calls_go_where_the_answer_says(vendor, home, account, options):
    log_in, _, api, slow = vendor
    slow.delay_s = 1
    api.faults[LOGIN] = [Fault.code(0, "", {**account.login(), "domain": VENDOR_US})]
    result = log_in(*options)
    assert result.returncode == DONE, result.stderr
    assert LOGIN in api.paths() and PRINTERS not in api.paths()
    assert slow.paths()[-2:] == [PRINTERS, DSK_KEYS]
    assert home.accounts()[account.user_id]["domain"] == VENDOR_US


@pytest.mark.parametrize("options,host", [(["--region", "us"], VENDOR_US), (["--country", "nz"], VENDOR_US),
                                          (["--region", "eu"], VENDOR_EU), (["--country", "FR"], VENDOR_EU)])
def test_a_region_that_is_given_is_not_measured(vendor, options, host):
    log_in, proxy, api, slow = vendor
    assert log_in(*options).returncode == DONE
    assert set(proxy.names) == {host}
    assert "/" not in api.paths() + slow.paths()


def test_the_ca_of_a_broker_is_not_that_of_the_vendor(vendor, home, account, authority, tmp_path):
    log_in = vendor[0]
    other = type(authority)(tmp_path / "other", "of the broker")
    result = log_in("--region", "eu", "--broker", "mqtts://printers.lan:8789", "--ca", other.certificate)
    assert result.returncode == DONE, result.stderr
    stored = home.accounts()[account.user_id]
    assert (stored["broker"], stored["ca_file"]) == ("mqtts://printers.lan:8789", str(other.certificate))


def test_a_certificate_of_nobody_known_is_refused(home, api, account):
    result = home.run("login", "--email", account.email, "--api", api.url, stdin="x\n")
    assert result.returncode == CANNOT_CONNECT
    assert "not trusted" in result.stderr and "--ca" in result.stderr
    assert api.requests == []


def test_a_certificate_for_another_name_is_refused(log_in, account, authority):
    with ApiServer(*authority.issue("other-api", san="DNS:elsewhere.example"), accounts=[account]) as server:
        result = log_in(url=server.url)
        assert result.returncode == CANNOT_CONNECT
        assert "host" in result.stderr.lower()
        assert server.requests == []


def test_a_pin_trusts_one_certificate(home, api, account, api_certificate, certificate):
    def pinned(certificate):
        return home.run("login", "--email", account.email, "--api", api.url, "--service-key", api.key.public,
                        "--pin", fingerprint(certificate), stdin=account.password + "\n")

    result = pinned(certificate[0])
    assert result.returncode == CANNOT_CONNECT
    assert "not the pinned one" in result.stderr
    assert api.requests == []
    result = pinned(api_certificate[0])
    assert result.returncode == DONE, result.stderr
    assert home.accounts()[account.user_id]["pin"] == fingerprint(api_certificate[0])


def test_a_login_is_kept_where_the_printers_cannot_be_fetched(log_in, home, api, account):
    api.faults[PRINTERS] = [Fault.code(5, "maintenance")]
    result = log_in()
    assert result.returncode == NOT_ALLOWED
    assert "maintenance" in result.stderr and "flagship refresh" in result.stderr
    assert home.accounts()[account.user_id]["printers"] == []
    assert home.run("refresh").returncode == DONE
    assert len(home.accounts()[account.user_id]["printers"]) == 2


@pytest.mark.parametrize("data", [{}, {"user_id": "abc"}, [], None, {"user_id": "", "auth_token": "x"}])
def test_an_answer_without_a_login(log_in, home, api, data):
    api.faults[LOGIN] = [Fault.code(0, "Succeed.", data)]
    result = log_in()
    assert result.returncode == FAILED
    assert "holds no login" in result.stderr
    assert home.accounts() == {}


REFUSALS = {
    10000: ("bad parameter", "flagship import"),
    26005: ("third party", "password in the vendor's app"),
    26006: ("password is wrong", "check both"),
    26015: ("not activated", "link in the mail"),
    26049: ("kind of program", "log out of the vendor's program"),
    100023: ("too many logins", "wait some hours"),
    100024: ("headers", "please report"),
    100027: ("black list", "support"),
    100028: ("limit", "tomorrow"),
    100033: ("captcha was wrong", "another picture"),
}


@pytest.mark.parametrize("code", REFUSALS)
def test_refusals_say_what_to_do(log_in, home, api, code):
    api.faults[LOGIN] = [Fault.code(code, "whatever it says")]
    result = log_in()
    assert result.returncode == NOT_ALLOWED
    assert f"code {code}" in result.stderr and "whatever it says" in result.stderr
    assert all(text in result.stderr for text in REFUSALS[code]), result.stderr
    assert home.accounts() == {}


@pytest.mark.parametrize("answer", [Fault.code(0, "", {"fa_info": {"step": 26052}}), Fault.code(0, "", {"fa_info": {"step": "26052"}, "auth_token": ""}),
                                    Fault.code(26052, "verify"), Fault.code(26052, "", {"fa_info": {"step": 26052}})], ids=range(4))
def test_a_second_factor_is_reported_as_such(log_in, home, api, answer):
    api.faults[LOGIN] = [answer]
    result = log_in()
    assert result.returncode == NOT_ALLOWED
    assert "second factor" in result.stderr and "flagship import" in result.stderr
    assert home.accounts() == {}


@pytest.mark.parametrize("data", [{"fa_info": {"step": 0}}, {"fa_info": None}, {"fa_info": {"step": None}}])
def test_no_second_factor(log_in, home, api, account, data):
    api.faults[LOGIN] = [Fault.code(0, "", {**account.login(), **data})]
    assert log_in().returncode == DONE
    assert account.user_id in home.accounts()


def test_an_address_that_comes_sealed(log_in, home, api, account):
    """It is the MQTT password too, and the service's spelling counts."""
    account.email = "Owner@Example.org"
    api.accounts = {"owner@example.org": account}
    api.seals_email = True
    result = log_in("--email", "owner@example.org")
    assert result.returncode == DONE, result.stderr
    assert home.accounts()[account.user_id]["email"] == "Owner@Example.org"


@pytest.mark.parametrize("email", ["owner%40example.org", "", "c2VhbGVk", "!!"])
def test_an_address_in_other_forms(log_in, home, api, account, email):
    api.faults[LOGIN] = [Fault.code(0, "", {**account.login(), "email": email, "server_secret_info": {"public_key": "04"}})]
    assert log_in().returncode == DONE
    assert home.accounts()[account.user_id]["email"] == "owner@example.org"


@pytest.fixture
def local_login(home, api, authority, account):
    api.is_local = True

    def start(*options):
        return home.run("login", "--email", account.email, "--api", api.url, "--ca", authority.certificate, *options,
                        stdin=account.password + "\n")

    return start


def test_a_local_cloud_tells_its_key_and_its_broker(local_login, home, api, account):
    result = local_login()
    assert result.returncode == DONE, result.stderr
    assert api.paths()[:2] == [SERVICE, LOGIN]
    assert api.passwords == [account.password]
    stored = home.accounts()[account.user_id]
    assert stored["broker"] == f"mqtts://localhost:{api.broker_port}"
    assert (stored["mqtt_username"], stored["mqtt_password"]) == ("eufy_local", "of MQTT")


def test_a_refresh_learns_a_new_mqtt_login(local_login, home, api, account):
    assert local_login().returncode == DONE
    api.mqtt_password = "a new one"
    assert home.run("refresh").returncode == DONE
    assert home.accounts()[account.user_id]["mqtt_password"] == "a new one"
    api.faults[PROFILE] = [Fault.code(1, "not now")]
    assert home.run("refresh").returncode == DONE
    assert home.accounts()[account.user_id]["mqtt_password"] == "a new one"


def test_another_broker_may_be_given(local_login, home, account):
    assert local_login("--broker", "mqtts://elsewhere:1").returncode == DONE
    assert home.accounts()[account.user_id]["broker"] == "mqtts://elsewhere:1"


@pytest.mark.parametrize("port", [0, 65536, -1, "8789", None, 1.5])
def test_a_port_that_is_none_is_not_taken(local_login, home, api, account, port):
    api.broker_port = port
    assert local_login().returncode == DONE
    assert home.accounts()[account.user_id].get("broker", "") == ""


@pytest.mark.parametrize("key", ["", "04", "zz", "0" * 131, 5, None])
def test_a_service_with_a_key_that_is_none(local_login, api, account, key):
    api.faults[SERVICE] = [Fault.code(0, "success", {"public_key": key})]
    result = local_login()
    # Then it is encrypted for the vendor, or not at all: no password is understood.
    assert result.returncode != DONE
    assert api.passwords == []


def test_several_accounts_stand_side_by_side(log_in, home, api, account):
    other = Account("other@example.org", "secret", "US")
    api.accounts[other.email] = other
    assert log_in().returncode == DONE
    assert log_in("--email", other.email, stdin="secret\n").returncode == DONE
    assert set(home.accounts()) == {account.user_id, other.user_id}
