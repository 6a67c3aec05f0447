# SPDX-License-Identifier: MIT
"""flagship login: the password exchange, captchas, regions, certificates."""

import base64
import json
import os
import pathlib
import re
import signal
import stat
import subprocess

import pytest

import signed_session
from api_server import DSK_KEYS, LOGIN, PRINTERS, PROFILE, SERVICE, Account, ApiServer, Fault, Proxy
from broker import fingerprint, free_port
from json_style import check
from process import Process
from program import CANNOT_CONNECT, DONE, FAILED, FLAGSHIP, NOT_ALLOWED, USAGE, environment, lines
from terminal import Terminal

VENDOR_US = "make-app.ankermake.com"
VENDOR_EU = "make-app-eu.ankermake.com"


@pytest.fixture
def log_in(home, api, authority, account):
    """login at the test's service with the right password on standard input, unless told otherwise."""

    def start(*options, url=None, stdin=None, **changes):
        return home.run("login", "--email", account.email, "--api", url or api.url, "--ca", authority.certificate,
                        "--service-key", api.key.public, *options,
                        stdin=account.password + "\n" if stdin is None else stdin, **changes)

    return start


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


def captcha_login(home, api, authority, account, answers, **changes):
    """Solves captchas as they come: answers(captcha) is what is typed. Returns the process and the pictures."""
    child = Process(FLAGSHIP, "login", "--email", account.email, "--api", api.url, "--ca", authority.certificate,
                    "--service-key", api.key.public, env=environment(HOME=home.folder, **changes), stdin=subprocess.PIPE)
    pictures = []
    child.child.stdin.write(account.password.encode() + b"\n")
    child.child.stdin.flush()
    for answer in answers:
        seen = len(pictures) + 1
        said = child.await_lines(lambda said, seen=seen: sum("captcha" in line for line in said) >= seen)
        path = pathlib.Path([re.search(r"(/\S*flagship-captcha\S*)", line).group(1) for line in said if "captcha" in line][-1])
        pictures.append((path, path.read_bytes(), stat.S_IMODE(path.stat().st_mode)))
        child.child.stdin.write(answer(api.captcha[1]).encode() + b"\n")
        child.child.stdin.flush()
    return child, pictures


def test_a_captcha_is_shown_and_answered(home, api, authority, account):
    api.captchas = 1
    child, pictures = captcha_login(home, api, authority, account, [lambda text: text])
    assert child.await_end() == DONE, child.log
    (path, picture, mode), = pictures
    assert picture == b"\x89PNG\r\n\x1a\n" + api.captcha[1].encode()
    assert mode == 0o600
    assert path.suffix == ".png"
    assert not path.exists()
    assert account.user_id in home.accounts()


def test_a_captcha_that_was_misread_comes_again(home, api, authority, account):
    api.captchas = 2
    child, pictures = captcha_login(home, api, authority, account, [lambda text: "wrong", lambda text: text])
    assert child.await_end() == DONE, child.log
    assert pictures[0][1] != pictures[1][1]
    assert not any(path.exists() for path, _, _ in pictures)


def test_captchas_without_end_end(home, api, authority, account):
    api.captchas = 9
    child, _ = captcha_login(home, api, authority, account, [lambda text: "wrong"] * 3)
    assert child.await_end() == NOT_ALLOWED
    assert "need captcha" in child.log
    assert len(api.requests) == 4
    assert home.accounts() == {}


def test_a_captcha_without_anybody_to_read_it(log_in, api):
    api.captchas = 1
    result = log_in()
    assert result.returncode == NOT_ALLOWED
    assert "wants a captcha solved, and there is no terminal" in result.stderr
    assert "run flagship login in a terminal" in result.stderr and "flagship import" in result.stderr


@pytest.mark.parametrize("item", ["data:image/png;base64,###", "https://elsewhere.example/captcha.png", "data:image/png;base64,", None])
def test_a_captcha_that_cannot_be_shown(log_in, api, item):
    api.faults[LOGIN] = [Fault.code(100032, "need captcha", {"captcha_id": "a", "item": item})]
    result = log_in()
    assert result.returncode == NOT_ALLOWED
    assert "no picture that can be shown" in result.stderr


def test_on_a_desktop_the_captcha_opens(home, api, authority, account, tmp_path):
    opened = tmp_path / "opened"
    opener = tmp_path / "bin" / "xdg-open"
    opener.parent.mkdir()
    opener.write_text(f'#!/bin/sh\ncp "$1" "{opened}"\n')
    opener.chmod(0o755)
    api.captchas = 1
    with Terminal("login", "--email", account.email, "--api", api.url, "--ca", authority.certificate,
                  "--service-key", api.key.public, HOME=home.folder, DISPLAY=":9",
                  PATH=f"{opener.parent}:{os.environ['PATH']}") as terminal:
        terminal.await_text("Password: ")
        terminal.write(account.password + "\n")
        terminal.await_text("its picture was opened")
        terminal.await_text("What does the picture say: ")
        assert opened.read_bytes().endswith(api.captcha[1].encode())
        terminal.write(api.captcha[1] + "\n")
        assert terminal.await_end()[1] == DONE


@pytest.mark.parametrize("runtime, temporary, expected", [
    ("one", "two", "one"), ("missing", "two", "two"), ("", "two", "two"), ("relative", "two", "two")])
def test_a_captcha_is_saved_where_it_can_be(home, api, authority, account, tmp_path, runtime, temporary, expected):
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    api.captchas = 1
    child, ((path, _, _),) = captcha_login(home, api, authority, account, [lambda text: text], TMPDIR=tmp_path / temporary,
                                           XDG_RUNTIME_DIR=tmp_path / runtime if runtime not in ("", "relative") else runtime)
    assert child.await_end() == DONE, child.log
    assert path.parent == tmp_path / expected and not path.exists()


def test_a_captcha_that_cannot_be_saved(home, api, authority, account, tmp_path):
    (tmp_path / "file").touch()
    api.captchas = 1
    child, _ = captcha_login(home, api, authority, account, [], XDG_RUNTIME_DIR=tmp_path / "file")
    assert child.await_end() == FAILED
    assert f"cannot save the picture of the captcha as {tmp_path}/file/flagship-captcha-" in child.log and "Not a directory" in child.log
    assert home.accounts() == {}


@pytest.mark.parametrize("media_type, suffix", [("image/jpeg", ".jpg"), ("image/svg+xml", ".svg"), ("image/webp", ".webp"), ("image/x-odd", ".image")])
def test_a_captcha_has_the_suffix_of_its_kind(home, api, authority, account, media_type, suffix):
    api.captcha = ("a", "text")
    api.faults[LOGIN] = [Fault.code(100032, "need captcha", {"captcha_id": "a", "item": f"data:{media_type};base64,QUJD"})]
    child, ((path, picture, _),) = captcha_login(home, api, authority, account, [lambda text: "x"])
    assert (path.suffix, picture) == (suffix, b"ABC")
    assert child.await_end() == DONE and not path.exists()


@pytest.mark.parametrize("viewer", ["exit 1", "kill -9 $$", None])
def test_a_viewer_that_fails_leaves_the_path(home, api, authority, account, tmp_path, viewer):
    opener = tmp_path / "bin" / "xdg-open"
    opener.parent.mkdir()
    if viewer:
        opener.write_text(f"#!/bin/sh\n{viewer}\n")
        opener.chmod(0o755)
    api.captchas = 1
    with Terminal("login", "--email", account.email, "--api", api.url, "--ca", authority.certificate, "--service-key", api.key.public,
                  HOME=home.folder, DISPLAY="", WAYLAND_DISPLAY="wayland-9", PATH=str(opener.parent)) as terminal:
        terminal.await_text("Password: ")
        terminal.write(account.password + "\n")
        text = terminal.await_text("What does the picture say: ")
        assert "/flagship-captcha-" in text and "was opened" not in text
        terminal.write(api.captcha[1] + "\n")
        assert terminal.await_end()[1] == DONE


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


CLOSED = [Fault(404), Fault(403, b"closed"), Fault(426), Fault.code(100024, "bad headers"), Fault.code(10000, "bad parameter"),
          Fault.code(5, "use the app", status=403)]


@pytest.fixture
def signed(api):
    api.signed = signed_session.Service()
    return api.signed


@pytest.mark.parametrize("success", [0, 200])
@pytest.mark.parametrize("closed", CLOSED, ids=range(len(CLOSED)))
def test_where_the_plain_login_is_closed_it_is_signed(log_in, home, api, account, signed, closed, success):
    api.plain_is_closed, api.success = closed, success
    result = log_in()
    assert result.returncode == DONE, result.stderr
    assert api.signed_paths == [LOGIN, PRINTERS, DSK_KEYS, PROFILE]
    assert signed.complaints == [] and api.passwords[-1] == account.password
    stored = home.accounts()[account.user_id]
    assert stored["auth_token"] == account.token and len(stored["printers"]) == 2
    assert stored["printers"][0]["dsk_key"] == account.dsk_key("AK7ABC0123456789")
    login = next(r for r in api.requests if r.path == LOGIN and "X-Key-Ident" in r.headers)
    assert (login.body["login_id"], login.body["verify_code"]) == ("", "") and login.body["ab"] == login.body["ab_code"] == "US"
    # One pair of keys, for the session and for the password.
    assert len(signed.keys) == 2


def test_a_refresh_finds_the_signed_session_too(log_in, home, api, account, signed):
    assert log_in().returncode == DONE
    assert api.signed_paths == []
    api.plain_is_closed = Fault.code(100024, "bad headers")
    result = home.run("refresh")
    assert result.returncode == DONE, result.stderr
    assert api.signed_paths == [PRINTERS, DSK_KEYS, PROFILE] and signed.complaints == []


def test_the_signed_session_may_be_chosen(log_in, home, api, account, signed):
    home.settings("[api]\nsession = signed\n")
    assert log_in("--country", "NZ").returncode == DONE
    assert api.signed_paths == [LOGIN, PRINTERS, DSK_KEYS, PROFILE]
    assert [r.path for r in api.requests if "X-Encryption-Info" not in r.headers] == []
    assert next(r for r in api.requests if r.path == LOGIN).body["ab_code"] == "NZ"


def test_the_signed_session_may_be_forbidden(log_in, home, api, signed):
    home.settings("[api]\nsession = plain\n")
    api.plain_is_closed = Fault(404)
    result = log_in()
    assert result.returncode == FAILED
    assert api.signed_paths == [] and signed.keys == {}
    assert home.run("config", "set", "api.session", "both").returncode != DONE


@pytest.mark.parametrize("refusal", [Fault.code(26006, "no"), Fault.code(100027, "no"), Fault.code(100023, "no")], ids=range(3))
def test_who_is_refused_is_not_asked_twice(log_in, api, signed, refusal):
    """The form was understood: the password counts as tried."""
    api.faults[LOGIN] = [refusal]
    assert log_in().returncode == NOT_ALLOWED
    assert api.paths() == [LOGIN]


def test_where_neither_is_open_both_are_reported(log_in, home, api):
    api.plain_is_closed = Fault.code(100024, "bad headers")
    result = log_in()
    assert result.returncode == NOT_ALLOWED
    assert "code 100024" in result.stderr and "signed session" in result.stderr
    assert home.accounts() == {}


@pytest.mark.parametrize("data", [None, {}, {"server_public_key": "AAAA"}, {"server_public_key": 5}])
def test_a_key_exchange_that_is_none(log_in, home, api, signed, data):
    api.plain_is_closed = Fault(404)
    signed.exchange = lambda headers, body: data or {"other": 1}
    result = log_in()
    assert result.returncode == FAILED
    assert "key exchange" in result.stderr
    assert api.signed_paths == [] and home.accounts() == {}


def test_signed_refusals_are_reported_as_plain_ones(log_in, api, signed):
    api.plain_is_closed = Fault(404)
    result = log_in(stdin="wrong\n")
    assert result.returncode == NOT_ALLOWED
    assert "password is wrong" in result.stderr
    assert api.signed_paths == [LOGIN]


def test_a_captcha_over_the_signed_session(home, api, authority, account, signed):
    api.plain_is_closed, api.captchas = Fault(404), 1
    child, _ = captcha_login(home, api, authority, account, [lambda text: text])
    assert child.await_end() == DONE, child.log
    assert signed.complaints == [] and account.user_id in home.accounts()


def test_a_signed_call_that_is_tried_again_is_signed_anew(log_in, home, api, account, signed):
    api.plain_is_closed = Fault(404)
    api.faults[PRINTERS] = [Fault(503)]
    result = log_in()
    assert result.returncode == DONE, result.stderr
    assert signed.complaints == [] and api.signed_paths.count(PRINTERS) == 2
    assert len(home.accounts()[account.user_id]["printers"]) == 2


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


# --- a program in the place of a person ---


def dialog(home, api, authority, *options):
    return Process(FLAGSHIP, "login", "--dialog", "--api", api.url, "--ca", authority.certificate, "--service-key", api.key.public, *options,
                   env=environment(HOME=home.folder), stdin=subprocess.PIPE, output="stdout")


def say(child, **line):
    child.child.stdin.write(json.dumps(line).encode() + b"\n")
    child.child.stdin.flush()


def test_a_dialog_needs_no_secret_among_the_arguments(home, api, authority, account):
    account.password = 'with "quotes", \\ and \t tab: ü'
    api.captchas = 2
    child = dialog(home, api, authority)
    say(child, email=account.email, password=account.password)
    for seen, answer in enumerate((lambda: "wrong", lambda: api.captcha[1]), start=1):
        line = child.await_lines(lambda lines, seen=seen: len(lines) >= seen)[-1]
        captcha = json.loads(line)["captcha"]
        assert captcha["media_type"] == "image/png"
        assert base64.b64decode(captcha["data"]) == b"\x89PNG\r\n\x1a\n" + api.captcha[1].encode()
        say(child, answer=answer())
    assert child.await_end() == DONE
    assert json.loads(child.lines[-1])["account"] == account.user_id[:8] + "…"
    assert api.passwords[-1] == account.password
    assert account.user_id in home.accounts()
    check("login", child.lines[-1])


@pytest.mark.parametrize("line", ["", "x", "[]", "{}", '{"email": "a@b.c"}', '{"email": "a@b.c", "password": ""}', '{"email": 1, "password": "x"}',
                                  '{"email": "a@b.c", "password": "x\\u0000y"}', '{"email": "nobody", "password": "x"}',
                                  '{"email": "a@b.c", "password": "' + "x" * 5000 + '"}'], ids=range(10))
def test_a_dialog_that_makes_no_sense(home, api, authority, line):
    result = home.run("login", "--dialog", "--api", api.url, "--ca", authority.certificate, stdin=line + "\n")
    assert result.returncode == USAGE
    assert "xxxx" not in result.stderr and result.stdout == ""
    assert api.requests == []


def test_a_line_of_a_dialog_without_an_end(home, api, authority):
    result = home.run("login", "--dialog", "--api", api.url, "--ca", authority.certificate, stdin='{"email": "' + "x" * 50000)
    assert result.returncode == FAILED and "cannot read the e-mail address and password" in result.stderr
    assert "xxxx" not in result.stderr and api.requests == []


def test_the_address_of_a_dialog_is_no_argument(home, api, account):
    result = home.run("login", "--dialog", "--email", account.email, "--api", api.url, stdin="{}\n")
    assert result.returncode == USAGE and "standard input, too" in result.stderr


def test_a_dialog_that_ends_at_the_captcha(home, api, authority, account):
    api.captchas = 1
    result = home.run("login", "--dialog", "--api", api.url, "--ca", authority.certificate, "--service-key", api.key.public,
                      stdin=json.dumps({"email": account.email, "password": account.password}) + "\n")
    assert result.returncode == USAGE and "no answer to the captcha was given" in result.stderr
    assert home.accounts() == {}
