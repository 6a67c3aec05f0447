# SPDX-License-Identifier: MIT
"""flagship import: the logins of other programs, with and without the network."""

import json
import shutil
import subprocess
import urllib.parse

import pytest

from api_server import DSK_KEYS, PRINTERS, PROFILE, Account, Fault, printer
from broker import free_port
from json_style import check
from program import CANNOT_CONNECT, DONE, FAILED, NOT_ALLOWED, NOT_CONFIGURED, USAGE, lines, vectors

SLICER_KEY = "1b55f97793d58864571e1055838cac97"
BLOCK = 16
STUDIO = "eufyMake Studio Profile"
STUDIO_LOGIN = "cache/offline/user_info/login_info.json"
STUDIO_LIST = "cache/offline/device_info/device_list.json"
NOWHERE = f"https://localhost:{free_port()}"


def login_json(account):
    return json.dumps({"code": 0, "msg": "Succeed.", "data": account.login()})


def encrypted(text):
    """As the slicer keeps it: AES-128-ECB, filled up with zeros, in base64."""
    data = text.encode()
    data += bytes(-len(data) % BLOCK)
    return subprocess.run(["openssl", "enc", "-aes-128-ecb", "-K", SLICER_KEY, "-nopad", "-base64", "-A"], input=data,
                          check=True, capture_output=True).stdout


def write(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def studio(folder, account, printers=None):
    login = {**account.login(), "email": urllib.parse.quote(account.email, safe="")}
    write(folder / STUDIO_LOGIN, json.dumps({"data": login}))
    if printers is not None:
        write(folder / STUDIO_LIST, json.dumps({"code": 0, "data": printers}))
    return folder


def ankerctl(account, printers, region="us"):
    return json.dumps({
        "__type__": "Config",
        "account": {"__type__": "Account", "auth_token": account.token, "region": region, "user_id": account.user_id,
                    "email": account.email},
        "printers": [{"__type__": "Printer", "id": "1", "sn": p["station_sn"], "name": p["station_name"], "model": p["station_model"],
                      "create_time": 1680000000.25, "update_time": 1680000001.5, "wifi_mac": p["wifi_mac"], "ip_addr": "192.0.2.7",
                      "mqtt_key": p["secret_key"], "api_hosts": ["a.example"], "p2p_hosts": ["b.example"], "p2p_duid": p["p2p_did"],
                      "p2p_key": "01234567890123456789"} for p in printers]})


@pytest.fixture
def online(api, authority):
    return ["--api", api.url, "--ca", authority.certificate]


# Whoever asks the service here fails.
OFFLINE = ["--api", NOWHERE]


def keys(home, account):
    return {p["serial"]: p["key"] for p in home.accounts()[account.user_id]["printers"]}


def test_a_studio_profile_needs_no_network(home, account, tmp_path):
    folder = studio(tmp_path / STUDIO, account, account.printers)
    result = home.run("import", folder, *OFFLINE, "--json")
    assert result.returncode == DONE, result.stderr
    assert keys(home, account) == {"AK7ABC0123456789": "ab" * 32, "AK7DEF0123456789": "cd" * 32}
    stored = home.accounts()[account.user_id]
    assert (stored["email"], stored["auth_token"], stored["region"]) == (account.email, account.token, "eu")
    assert [p["model"] for p in lines(result)[0]["printers"]] == ["M5", "M5C"]


def test_the_login_file_of_a_studio_will_do(home, account, tmp_path):
    folder = studio(tmp_path / STUDIO, account, account.printers)
    assert home.run("import", folder / STUDIO_LOGIN, *OFFLINE).returncode == DONE
    assert len(keys(home, account)) == 2


def test_ankerctl_needs_no_network(home, account, tmp_path):
    path = write(tmp_path / "default.json", ankerctl(account, account.printers))
    result = home.run("import", path, *OFFLINE)
    assert result.returncode == DONE, result.stderr
    stored = home.accounts()[account.user_id]
    assert keys(home, account) == {"AK7ABC0123456789": "ab" * 32, "AK7DEF0123456789": "cd" * 32}
    assert (stored["email"], stored["region"], stored["source"]) == (account.email, "us", "ankerctl")
    first = stored["printers"][0]
    assert (first["dsk_key"], first["p2p_did"], first["address"]) == ("01234567890123456789", "EUPRAKM-012345-ABCDE", "192.0.2.7")
    assert (first["created_at"], first["updated_at"]) == (1680000000, 1680000001)


@pytest.mark.parametrize("encode", [str, encrypted], ids=["bare", "encrypted"])
def test_a_slicer_s_login_asks_the_service(home, online, api, account, tmp_path, encode):
    result = home.run("import", write(tmp_path / "login.json", encode(login_json(account))), *online)
    assert result.returncode == DONE, result.stderr
    assert keys(home, account) == {"AK7ABC0123456789": "ab" * 32, "AK7DEF0123456789": "cd" * 32}
    assert api.paths() == [PRINTERS, DSK_KEYS, PROFILE]
    assert home.accounts()[account.user_id]["source"] == "slicer"


# As editors and shells of Windows write a text.
SPELLINGS = {"mark": lambda text: b"\xef\xbb\xbf" + text, "utf-16": lambda text: b"\xff\xfe" + text.decode().encode("utf-16-le"),
             "utf-16be": lambda text: b"\xfe\xff" + text.decode().encode("utf-16-be"),
             "utf-16 without a mark": lambda text: text.decode().encode("utf-16-le")}


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("encode", [str.encode, encrypted, lambda text: encrypted(text).rstrip(b"=")], ids=["bare", "encrypted", "unpadded"])
def test_a_slicer_s_login_in_other_encodings(home, account, tmp_path, encode, spelling):
    path = write(tmp_path / "login.json", SPELLINGS[spelling](encode(login_json(account))))
    # A slicer's login holds no keys: it is kept, and what is missing is told.
    assert home.run("import", path, "--offline").returncode == NOT_CONFIGURED
    assert home.accounts()[account.user_id]["auth_token"] == account.token


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_ankerctl_and_a_studio_in_other_encodings(home, account, tmp_path, spelling):
    account.printers = [printer("AK7ABC0123456789", "Кухня 厨房 😀")]
    path = write(tmp_path / "default.json", SPELLINGS[spelling](ankerctl(account, account.printers).encode()))
    assert home.run("import", path, *OFFLINE).returncode == DONE
    assert home.accounts()[account.user_id]["printers"][0]["name"] == "Кухня 厨房 😀"
    shutil.rmtree(home.store.parent)
    folder = studio(tmp_path / STUDIO, account, account.printers)
    for file in (STUDIO_LOGIN, STUDIO_LIST):
        text = json.dumps(json.loads((folder / file).read_text()), ensure_ascii=False).encode()
        (folder / file).write_bytes(SPELLINGS[spelling](text))
    assert home.run("import", folder, *OFFLINE).returncode == DONE
    stored = home.accounts()[account.user_id]
    assert (stored["source"], stored["printers"][0]["name"]) == ("eufyMake Studio", "Кухня 厨房 😀")


def test_the_vectors_are_logins(home, tmp_path):
    for index, entry in enumerate(vectors("login_cache.json")):
        path = write(tmp_path / f"{index}.json", entry["file"])
        assert home.run("import", path, "--offline").returncode == NOT_CONFIGURED
        stored = home.accounts()[entry["json"]["data"]["user_id"]]
        assert stored["region"] == entry["region"]
        assert stored["auth_token"] == entry["json"]["data"]["auth_token"]


def test_what_the_file_does_not_tell_comes_from_the_profile(home, online, api, account, tmp_path):
    login = {"user_id": account.user_id, "auth_token": account.token}
    account.country = "CA"
    assert home.run("import", write(tmp_path / "login.json", json.dumps(login)), *online).returncode == DONE
    assert PROFILE in api.paths()
    stored = home.accounts()[account.user_id]
    assert (stored["email"], stored["country"], stored["region"]) == (account.email, "CA", "us")


def test_a_studio_without_a_list_asks_the_service(home, online, api, account, tmp_path):
    assert home.run("import", studio(tmp_path / STUDIO, account), *online).returncode == DONE
    assert len(keys(home, account)) == 2
    assert api.paths()[0] == PRINTERS


def test_missing_keys_are_asked_for(home, online, account, tmp_path):
    first, second = account.printers
    folder = studio(tmp_path / STUDIO, account, [first, {**second, "secret_key": ""}])
    assert home.run("import", folder, *online).returncode == DONE
    assert keys(home, account)["AK7DEF0123456789"] == "cd" * 32


def test_without_a_service_the_login_is_kept_for_later(home, api, account, authority, tmp_path):
    path = write(tmp_path / "login.json", login_json(account))
    api.stop()
    try:
        result = home.run("import", path, "--api", api.url, "--ca", authority.certificate)
    finally:
        api.start()
    assert result.returncode == CANNOT_CONNECT
    assert "the login was kept" in result.stderr
    assert home.run("refresh").returncode == DONE
    assert len(keys(home, account)) == 2


def test_offline_asks_nobody(home, online, api, account, tmp_path):
    result = home.run("import", write(tmp_path / "login.json", login_json(account)), "--offline", *online)
    assert result.returncode == NOT_CONFIGURED
    assert "keys of printers are missing, and --offline forbids to ask for them" in result.stderr
    assert "this account has no printers" not in result.stderr
    assert api.requests == []


def test_an_expired_token_without_keys(home, online, api, account, tmp_path):
    account.token = "expired"
    path = write(tmp_path / "login.json", login_json(account))
    account.token = "the new one"
    result = home.run("import", path, *online)
    assert result.returncode == NOT_ALLOWED
    assert "does not take the token any more" in result.stderr and "flagship login" in result.stderr


def test_an_expired_token_with_keys_does_not_matter(home, account, tmp_path):
    login = {**account.login(), "token_expires_at": 1600000000}
    folder = studio(tmp_path / STUDIO, account, account.printers)
    write(folder / STUDIO_LOGIN, json.dumps({"data": login}))
    result = home.run("import", folder, *OFFLINE)
    assert result.returncode == DONE
    assert "has expired" in result.stderr


def test_nothing_secret_is_shown(home, account, tmp_path):
    result = home.run("import", studio(tmp_path / STUDIO, account, account.printers), *OFFLINE, "--json")
    shown = result.stdout + result.stderr
    assert not [secret for secret in (account.token, account.email, "ab" * 32) if secret in shown]


def test_names_of_all_kinds(home, account, tmp_path):
    account.printers = [printer("AK7ABC0123456789", "Кухня 厨房"), printer("AK7DEF0123456789", "\x1b]0;owned\x07\n")]
    result = home.run("import", studio(tmp_path / STUDIO, account, account.printers), *OFFLINE)
    assert result.returncode == DONE
    assert "Кухня 厨房" in result.stdout
    assert "\x1b" not in result.stdout and "\x07" not in result.stdout
    # One that would command a terminal is left out, and told.
    assert [p.get("name") for p in home.accounts()[account.user_id]["printers"]] == ["Кухня 厨房", None]
    assert "the name of printer AK7DEF0123456789 holds control characters" in result.stderr


def test_twice_is_once(home, account, tmp_path):
    folder = studio(tmp_path / STUDIO, account, account.printers)
    path = write(tmp_path / "default.json", ankerctl(account, account.printers[:1]))
    for source in (folder, path, folder):
        assert home.run("import", source, *OFFLINE).returncode == DONE
    assert len(home.accounts()) == 1
    assert len(keys(home, account)) == 2


def test_another_account_stands_beside(home, account, tmp_path):
    other = Account("other@example.org", printers=[printer("AK7GHI0123456789")])
    for one in (account, other):
        assert home.run("import", studio(tmp_path / one.user_id, one, one.printers), *OFFLINE).returncode == DONE
    assert set(home.accounts()) == {account.user_id, other.user_id}


NO_LOGINS = [b"", b"{}", b"[]", b"null", b"{", b"\x00" * 64, b"AAAA", b'{"data": {"user_id": 5.5}}', b'{"account": null}',
             b'{"account": {"user_id": ""}, "printers": []}', b'{"account": []}', b"{" * 100_000, b"a" * 2_000_000]


@pytest.mark.parametrize("content", NO_LOGINS, ids=range(len(NO_LOGINS)))
def test_what_is_no_login_changes_nothing(home, tmp_path, content):
    result = home.run("import", write(tmp_path / "login.json", content), *OFFLINE)
    assert result.returncode == FAILED
    assert str(tmp_path / "login.json") in result.stderr
    assert not home.store.exists()


def test_a_damaged_list_beside_a_good_login(home, online, account, tmp_path):
    folder = studio(tmp_path / STUDIO, account)
    write(folder / STUDIO_LIST, b'{"data": [{"station_sn"')
    result = home.run("import", folder, *online)
    assert result.returncode == DONE
    assert "is no list of printers" in result.stderr
    assert len(keys(home, account)) == 2


def test_what_is_not_there(home, tmp_path):
    result = home.run("import", tmp_path / "absent")
    assert result.returncode == FAILED
    assert "absent" in result.stderr
    (tmp_path / "empty").mkdir()
    result = home.run("import", tmp_path / "empty")
    assert result.returncode == FAILED
    assert "holds no login" in result.stderr


def test_two_services_make_no_sense(home, account, tmp_path):
    path = write(tmp_path / "login.json", login_json(account))
    assert home.run("import", path, "--api", NOWHERE, "--api", NOWHERE).returncode == USAGE


# Where the programs keep their logins, below the home folder.
WINE_USER = "drive_c/users/owner"
PLACES = [
    f".config/{STUDIO}",
    ".config/AnkerMake Studio Profile",
    ".config/ankerctl/default.json",
    ".ankerctl/default.json",
    ".ankerctl-ng/default.json",
    f".var/app/com.example.Studio/config/{STUDIO}",
    f"Library/Application Support/{STUDIO}",
    "Library/Application Support/AnkerMake Studio Profile",
    "Library/Application Support/AnkerMake/AnkerMake_64bit_fp/login.json",
    "Library/Application Support/ankerctl/default.json",
    f".wine/{WINE_USER}/AppData/Local/Ankermake/AnkerMake_64bit_fp/login.json",
    f".wine/{WINE_USER}/AppData/Local/Ankermake/login.json",
    f".wine/{WINE_USER}/Local Settings/Application Data/AnkerMake/login.json",
    f".wine/{WINE_USER}/AppData/Roaming/{STUDIO}",
    f".wine/{WINE_USER}/Application Data/AnkerMake Studio Profile",
    f".local/share/wineprefixes/slicer/{WINE_USER}/AppData/Roaming/{STUDIO}",
    f".local/share/bottles/bottles/Slicer/{WINE_USER}/AppData/Roaming/{STUDIO}",
    f".steam/steam/steamapps/compatdata/12/pfx/{WINE_USER}/AppData/Roaming/{STUDIO}",
    f"Library/Application Support/CrossOver/Bottles/Slicer/{WINE_USER}/AppData/Roaming/{STUDIO}",
]


def put(path, account):
    """A login with keys, as the program keeps it that this path is of."""
    if path.name == "default.json":
        write(path, ankerctl(account, account.printers))
    elif path.name == "login.json":
        write(path, encrypted(login_json(account)))
    else:
        studio(path, account, account.printers)


@pytest.mark.parametrize("place", PLACES)
def test_it_finds_logins_where_programs_keep_them(home, account, place):
    put(home.folder / place, account)
    result = home.run("import", "--offline")
    assert result.returncode == (NOT_CONFIGURED if place.endswith("login.json") else DONE), result.stderr
    assert account.user_id in home.accounts()
    assert [line for line in result.stderr.splitlines() if line.startswith("  \u2713")] != []


def test_it_finds_several(home, account):
    other = Account("other@example.org", printers=[printer("AK7GHI0123456789")])
    put(home.folder / PLACES[0], account)
    put(home.folder / PLACES[2], other)
    (home.folder / ".wine/drive_c/users/owner/AppData/Roaming").mkdir(parents=True)
    (home.folder / f".wine/drive_c/users/owner/AppData/Roaming/{STUDIO}").symlink_to(home.folder / PLACES[0])
    result = home.run("import", "--offline", "--json")
    assert result.returncode == DONE, result.stderr
    assert sorted(entry["account"] for entry in lines(result)) == sorted(user_id[:8] + "…" for user_id in (account.user_id, other.user_id))


def test_it_looks_where_the_environment_says(home, account, tmp_path):
    put(tmp_path / "configuration [1]" / STUDIO, account)
    result = home.run("import", "--offline", XDG_CONFIG_HOME=tmp_path / "configuration [1]")
    assert result.returncode == DONE, result.stderr
    shutil.rmtree(home.store.parent)
    put(tmp_path / "prefix*" / WINE_USER / "AppData/Local/Ankermake/login.json", account)
    assert home.run("import", "--offline", WINEPREFIX=tmp_path / "prefix*").returncode == NOT_CONFIGURED
    assert account.user_id in home.accounts()


def test_a_wine_prefix_may_be_given(home, account, tmp_path):
    put(tmp_path / "copy" / WINE_USER / f"AppData/Roaming/{STUDIO}", account)
    assert home.run("import", tmp_path / "copy", *OFFLINE).returncode == DONE
    assert account.user_id in home.accounts()
    shutil.rmtree(tmp_path / "copy" / WINE_USER)
    result = home.run("import", tmp_path / "copy", *OFFLINE)
    assert result.returncode == FAILED
    assert "holds no login" in result.stderr


def test_it_says_where_it_looked(home):
    result = home.run("import")
    assert result.returncode == NOT_CONFIGURED
    for place in (".config/ankerctl/default.json", STUDIO, "AnkerMake Studio Profile", "Library/Application Support", ".wine/drive_c"):
        assert place in result.stderr
    assert "flagship login" in result.stderr
    assert not home.store.exists()


def test_a_login_that_is_damaged_does_not_hide_another(home, account):
    write(home.folder / PLACES[2], b"{")
    put(home.folder / PLACES[0], account)
    result = home.run("import", "--offline")
    assert result.returncode == FAILED
    assert "default.json holds no login" in result.stderr
    assert account.user_id in home.accounts()


def test_an_account_without_printers(home, online, api, account, tmp_path):
    api.faults[PRINTERS] = [Fault.code(0, "Succeed.", [])]
    result = home.run("import", write(tmp_path / "login.json", login_json(account)), *online)
    assert result.returncode == DONE
    assert "with 0 printers" in result.stderr


def test_a_file_may_come_on_standard_input(home, account):
    """For programs that have its text: no copy has to lie on the disk."""
    result = home.run("import", "-", "--offline", "--json", stdin=ankerctl(account, account.printers))
    assert result.returncode == DONE, result.stderr
    assert home.accounts()[account.user_id]["auth_token"] == account.token
    result = home.run("import", "-", stdin="{}")
    assert result.returncode == FAILED and "standard input holds no login" in result.stderr


def test_a_token_that_expired_is_told_to_programs(home, online, api, account, tmp_path):
    assert home.run("import", studio(tmp_path, account), *online).returncode == DONE
    account.token = "another"
    result = home.run("refresh", "--json")
    assert result.returncode == NOT_ALLOWED
    (failed,) = lines(result)
    check("refresh", result.stdout)
    assert failed["token_expired"] and failed["account"] == account.user_id[:8] + "…"
    assert home.accounts()[account.user_id]["auth_token"]
