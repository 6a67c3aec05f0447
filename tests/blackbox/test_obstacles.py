# SPDX-License-Identifier: MIT
"""What stands in the way of a command outside of it: rights, proxies, an empty account, a given key that is wrong."""

import json
import os
import pathlib
import pwd
import shutil
import subprocess
import tempfile

import pytest

from accounts_home import Home
from broker import free_port
from conftest import KEY, SERIAL
from program import CANNOT_CONNECT, DONE, FAILED, FLAGSHIP, NOT_CONFIGURED, USAGE, environment, run
from test_printers import ankerctl

OTHER = "nobody"
TIMEOUT_S = 60

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")


# --- the folder of another user ---


@pytest.fixture
def public():
    """A copy of the program where every user can run it, and a home that only root can read."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="flagship-public-"))
    folder.chmod(0o755)
    for program in ("flagship", "flagship-account", "flagship-top"):
        shutil.copy(FLAGSHIP.parent / program, folder / program)
        (folder / program).chmod(0o755)
    home = folder / "home"
    home.mkdir(mode=0o700)
    yield folder, home
    shutil.rmtree(folder)


def as_nobody(folder, *arguments, **changes):
    user = pwd.getpwnam(OTHER)
    return subprocess.run(["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups",
                           str(folder / "flagship"), *map(str, arguments)], stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, timeout=TIMEOUT_S, cwd="/", env=environment(**changes), check=False)


@as_root
@pytest.mark.parametrize("words", [["printers"], ["status"], ["accounts"], ["config", "show"], ["refresh"], ["top", "--once"],
                                   ["config", "set", "cli.colour", "never"]])
def test_a_home_of_another_user(public, words):
    folder, home = public
    result = as_nobody(folder, *words, HOME=home)
    assert result.returncode == FAILED, result.stderr
    assert "Permission denied" in result.stderr
    assert f"{home} belongs to user root and this runs as nobody" in result.stderr
    assert "run it as that user, or set HOME to a folder of your own" in result.stderr


@as_root
def test_a_store_of_another_user(public):
    folder, home = public
    assert Home(home).run("import", ankerctl(home / "a.json", "anne", "eu", [(SERIAL, "Left", "V8111")])).returncode == DONE
    for path in (home, *home.rglob("*")):
        if path.is_dir():
            path.chmod(0o755)
    result = as_nobody(folder, "printers", "--offline", HOME=home)
    assert result.returncode == FAILED
    assert "accounts.json: Permission denied" in result.stderr and "accounts.json belongs to user root" in result.stderr


@as_root
@pytest.mark.parametrize("option, wanted", [("--key-file", FAILED), ("--ca", NOT_CONFIGURED), ("--password-file", FAILED)])
def test_a_file_of_another_user(public, connection, option, wanted, tmp_path):
    folder, home = public
    secret, mine = home / "secret", folder / "key"
    secret.write_text(KEY + "\n")
    mine.write_text(KEY + "\n")
    mine.chmod(0o644)
    options = {"--broker": "mqtts://localhost:9", "--serial": SERIAL, "--key-file": mine, "--username": "owner"}
    options[option] = secret
    result = as_nobody(folder, "status", *(word for pair in options.items() for word in pair), HOME=folder)
    assert result.returncode == wanted
    assert str(secret) in result.stderr and "Permission denied" in result.stderr


@as_root
def test_a_login_that_cannot_be_kept_prints_nothing(public, api, authority, account):
    folder, home = public
    ca = folder / "ca.pem"
    ca.write_text(authority.certificate.read_text())
    user = pwd.getpwnam(OTHER)
    result = subprocess.run(
        ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups", str(folder / "flagship"), "login",
         "--email", account.email, "--api", api.url, "--ca", str(ca), "--service-key", api.key.public],
        input=account.password + "\n", capture_output=True, text=True, cwd="/", timeout=TIMEOUT_S,
        env=environment(HOME=home, XDG_CONFIG_HOME=folder / "config"), check=False)
    assert result.returncode == FAILED, result.stderr
    assert result.stdout == "", "nothing is shown that was not kept"
    assert "belongs to user root" in result.stderr


# --- proxies ---


@pytest.mark.parametrize("variable", ["https_proxy", "HTTPS_PROXY", "ALL_PROXY"])
def test_a_proxy_that_does_not_answer(home, api, authority, account, variable):
    proxy = f"http://user:hidden@127.0.0.1:{free_port()}"
    for name, url in ((variable, proxy), (variable, "http://no-such-proxy.invalid:3128")):
        result = home.run("login", "--email", account.email, "--api", api.url, "--ca", authority.certificate,
                          "--service-key", api.key.public, stdin=account.password + "\n", **{name: url})
        assert result.returncode == CANNOT_CONNECT, result.stderr
        assert f"which the variable {variable} names" in result.stderr
        assert "unset it, or put localhost into no_proxy" in result.stderr
        assert "hidden" not in result.stderr


def test_a_proxy_that_is_told_to_keep_out(home, api, authority, account):
    result = home.run("login", "--email", account.email, "--api", api.url, "--ca", authority.certificate, "--service-key",
                      api.key.public, stdin=account.password + "\n", https_proxy=f"http://127.0.0.1:{free_port()}",
                      no_proxy="example.org, localhost")
    assert result.returncode == DONE, result.stderr


def test_no_proxy_is_blamed_where_there_is_none(home, authority, account, api):
    result = home.run("login", "--email", account.email, "--api", f"https://localhost:{free_port()}", "--ca",
                      authority.certificate, "--service-key", api.key.public, stdin=account.password + "\n",
                      https_proxy="http://127.0.0.1:1", no_proxy="localhost")
    assert result.returncode == CANNOT_CONNECT and "proxy" not in result.stderr


def test_doctor_says_that_mqtt_goes_past_the_proxy(connection):
    result = run("doctor", "--json", *connection(url=f"mqtts://localhost:{free_port()}"), https_proxy="http://127.0.0.1:3128")
    (link,) = [link for link in json.loads(result.stdout)["links"] if link["name"] == "tcp"]
    assert "not through the proxy http://127.0.0.1:3128 that the variable https_proxy names" in link["advice"]


# --- how a broker is written ---


@pytest.mark.parametrize("url,said", [
    ("mqtts://owner:hidden@localhost:8789", "give it by --username and --password-file"),
    ("owner:hidden@localhost", "give it by --username and --password-file"),
    ("mqtts://owner:hid/den@localhost:8789/x", "give it by --username and --password-file"),
    ("mqtts://localhost:8789/mqtt", "a broker has no path"), ("localhost/mqtt", "a broker has no path"),
    ("wss://localhost:8789", "mqtts://HOST:PORT"), ("mqtts://", "the name of its host is missing"),
    ("mqtts://localhost:port", "its port is a number from 1 to 65535"), ("mqtts://::1:8789", "stands in brackets"),
    ("mqtts://local host", "there is a blank in it")])
@pytest.mark.parametrize("command", ["status", "simulate", "login", "import", "config"])
def test_a_broker_that_is_written_wrongly(home, connection, command, url, said, tmp_path):
    words = {"status": ["status", *connection(url=url)], "simulate": ["simulate", *connection(url=url)],
             "login": ["login", "--email", "o@example.org", "--broker", url],
             "import": ["import", ankerctl(tmp_path / "a.json", "anne", "eu", [(SERIAL, "Left", "V8111")]), "--broker", url],
             "config": ["config", "set", "broker.url", url]}[command]
    result = home.run(*words, stdin="secret\n")
    assert result.returncode == USAGE, result.stderr
    assert said in result.stderr or command == "config" and "mqtts://HOST:PORT" in result.stderr
    assert "hid" not in result.stdout + result.stderr, "a password was shown"
    assert home.accounts() == {}


# --- an empty account ---


def test_an_account_without_printers(home, api, authority, account):
    account.printers = []
    result = home.run("login", "--email", account.email, "--api", api.url, "--ca", authority.certificate, "--service-key",
                      api.key.public, stdin=account.password + "\n")
    assert result.returncode == DONE, result.stderr
    assert "this account has no printers" in result.stderr and "flagship refresh" in result.stderr
    result = home.run("refresh")
    assert result.returncode == DONE and "this account has no printers" in result.stderr
    for words in (["printers"], ["printers", "--offline"], ["status"], ["top", "--once"], ["pause"]):
        result = home.run(*words)
        assert result.returncode == NOT_CONFIGURED, result.stderr
        assert "the accounts that are stored have no printers" in result.stderr
        assert "bind one in the vendor's app, and run flagship refresh" in result.stderr


def test_an_import_whose_keys_are_missing(home, tmp_path):
    file = ankerctl(tmp_path / "a.json", "anne", "eu", [(SERIAL, "Left", "V8111")])
    document = json.loads(file.read_text())
    document["printers"][0]["mqtt_key"] = ""
    file.write_text(json.dumps(document))
    result = home.run("import", file, "--offline")
    assert result.returncode == NOT_CONFIGURED
    assert "keys of printers are missing" in result.stderr and "run flagship refresh" in result.stderr
    assert list(home.accounts()) == ["anne"], "the login is worth keeping"


# --- a key that was given and is wrong ---


@pytest.mark.parametrize("way", ["file", "environment"])
def test_a_wrong_key_that_was_given_with_p(home, tmp_path, broker, authority, simulate, connection, way):
    simulate(*connection(), "--model", "m5c")
    file = ankerctl(tmp_path / "a.json", "anne", "eu", [(SERIAL, "Left", "V8110")])
    assert home.run("import", file, "--broker", broker.url, "--ca", authority.certificate).returncode == DONE
    wrong = tmp_path / "wrong"
    wrong.write_text("ff" * 32 + "\n")
    wrong.chmod(0o600)
    given = ["--key-file", wrong] if way == "file" else []
    variables = {} if given else {"FLAGSHIP_KEY": "ff" * 32}
    for words in (["status"], ["gcode", "M105"], ["pause"]):
        result = home.run(*words, "-p", "Left", "--timeout", "2", *given, **variables)
        assert result.returncode != DONE
        assert "refresh" not in result.stderr, result.stderr
        assert "key" in result.stderr
    report = home.run("doctor", "--json", "-p", "Left", "--timeout", "2", *given, **variables)
    (link,) = [link for link in json.loads(report.stdout)["links"] if link["name"] == "decryption"]
    assert "leave --key-file out" in link["advice"]
