# SPDX-License-Identifier: MIT
"""flagship import of what the web view of eufyMake Studio keeps, on Windows and on macOS."""

import json
import shutil

import pytest

import web_storage
from api_server import DSK_KEYS, PRINTERS
from program import DONE, FAILED, NOT_CONFIGURED
from test_import import STUDIO, studio

USER_KEY = web_storage.ORIGIN + b"vms-userinfo"
WINE = ".wine/drive_c/users/owner/AppData/Local/eufyMake Studio Profile/EBWebView/Default/Local Storage/leveldb"
MAC = "Library/WebKit/com.anker.eufystudio3d/WebsiteData/Default/abc/LocalStorage/localstorage.sqlite3"
SOURCE = "eufyMake Studio's web view"


@pytest.fixture
def online(api, authority):
    return ["--api", api.url, "--ca", authority.certificate]


@pytest.fixture(autouse=True)
def no_copies_stay(tmp_path, monkeypatch):
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setenv("TMPDIR", str(scratch))
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    yield
    assert list(scratch.iterdir()) == []


def assert_taken(home, account, result):
    """The web view knows no printers: their keys are still to be asked for where that was forbidden."""
    assert result.returncode == (NOT_CONFIGURED if "--offline" in result.args else DONE), result.stderr
    stored = home.accounts()[account.user_id]
    assert (stored["auth_token"], stored["email"], stored["country"], stored["source"]) == (
        account.token, account.email, account.country, SOURCE)


@pytest.mark.parametrize("wide", [False, True], ids=["latin-1", "utf-16"])
@pytest.mark.parametrize("compact", [False, True], ids=["log", "table"])
def test_the_local_storage_of_windows(home, online, api, account, tmp_path, compact, wide):
    folder = web_storage.make_leveldb(tmp_path / "leveldb", {USER_KEY: web_storage.chromium(web_storage.value(account.login()), wide)}, compact)
    assert bool(list(folder.glob("*.ldb"))) == compact
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert_taken(home, account, home.run("import", folder, *online))
    assert api.paths()[:2] == [PRINTERS, DSK_KEYS] and len(home.accounts()[account.user_id]["printers"]) == 2
    # Nothing of it is touched.
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_while_the_program_runs(home, account, tmp_path):
    """It holds the lock, and the value was written over."""
    old = {**account.login(), "auth_token": "old", "token_expires_at": 5}
    with web_storage.database(tmp_path / "leveldb") as put:
        put(USER_KEY, web_storage.chromium(web_storage.value(old)))
        put.compact()
        put(USER_KEY, web_storage.chromium(web_storage.value(account.login())))
        assert_taken(home, account, home.run("import", tmp_path / "leveldb", "--offline"))


@pytest.mark.parametrize("compact", [False, True], ids=["log", "table"])
def test_one_file_of_it(home, account, tmp_path, compact):
    folder = web_storage.make_leveldb(tmp_path / "leveldb", {USER_KEY: web_storage.chromium(web_storage.value(account.login()))}, compact)
    file = max(folder.glob("*.ldb" if compact else "*.log"), key=lambda path: path.stat().st_size)
    shutil.copy(file, tmp_path / file.name)
    assert_taken(home, account, home.run("import", tmp_path / file.name, "--offline"))


def test_of_several_pages_the_latest_login(home, account, tmp_path):
    old = {**account.login(), "auth_token": "old", "token_expires_at": 5}
    items = {web_storage.ORIGIN + b"mk-userinfo": web_storage.chromium(web_storage.value(old)),
             USER_KEY: web_storage.chromium(web_storage.value(account.login())),
             b"_https://other\x00\x01vms-userinfo": web_storage.chromium(web_storage.value(old)),
             b"_https://another\x00\x01userinfo": web_storage.chromium(b"nonsense"), b"_https://none\x00\x01userinfo": b""}
    assert_taken(home, account, home.run("import", web_storage.make_leveldb(tmp_path / "leveldb", items), "--offline"))


@pytest.mark.parametrize("form", ["quoted", "bare", "percent", "unpadded", "wrapped"])
def test_values_of_other_forms(home, account, tmp_path, form):
    value = web_storage.value(account.login())
    value = {"quoted": b'"' + value + b'"', "bare": json.dumps(account.login()).encode(), "unpadded": value.rstrip(b"="),
             "percent": web_storage.urllib.parse.quote(json.dumps(account.login())).encode(),
             "wrapped": web_storage.value({"data": account.login()})}[form]
    folder = web_storage.make_leveldb(tmp_path / "leveldb", {USER_KEY: web_storage.chromium(value)})
    assert_taken(home, account, home.run("import", folder, "--offline"))


@pytest.mark.parametrize("wal", [False, True], ids=["file", "wal"])
def test_the_local_storage_of_macos(home, account, tmp_path, wal):
    value = web_storage.value(account.login()).decode().encode("utf-16-le")
    connection = web_storage.make_sqlite(tmp_path / "localstorage.sqlite3", {"vms-userinfo": value, "other": b"x"}, wal)
    try:
        assert (tmp_path / "localstorage.sqlite3-wal").exists() == wal
        assert_taken(home, account, home.run("import", tmp_path / "localstorage.sqlite3", "--offline"))
    finally:
        connection.close()


def test_it_is_found_in_its_places(home, account):
    web_storage.make_leveldb(home.folder / WINE, {USER_KEY: web_storage.chromium(web_storage.value(account.login()))})
    assert_taken(home, account, home.run("import", "--offline"))
    shutil.rmtree(home.store.parent)
    shutil.rmtree(home.folder / ".wine")
    value = web_storage.value(account.login()).decode().encode("utf-16-le")
    web_storage.make_sqlite(home.folder / MAC, {"vms-userinfo": value}).close()
    assert_taken(home, account, home.run("import", "--offline"))


@pytest.mark.parametrize("given", [WINE, WINE.rsplit("/", 1)[0], WINE.rsplit("/", 3)[0], WINE.rsplit("/", 4)[0], ".wine"])
def test_a_folder_above_it_will_do(home, account, given):
    web_storage.make_leveldb(home.folder / WINE, {USER_KEY: web_storage.chromium(web_storage.value(account.login()))})
    assert_taken(home, account, home.run("import", home.folder / given, "--offline"))


def test_beside_a_profile_with_keys_it_adds_nothing(home, api, online, account):
    studio(home.folder / ".config" / STUDIO, account, account.printers)
    web_storage.make_leveldb(home.folder / WINE, {USER_KEY: web_storage.chromium(web_storage.value(account.login()))})
    result = home.run("import", *online)
    assert result.returncode == DONE, result.stderr
    assert api.requests == []
    assert home.accounts()[account.user_id]["source"] == "eufyMake Studio"


def test_nobody_is_logged_in(home, account, tmp_path):
    folder = web_storage.make_leveldb(tmp_path / "leveldb", {})
    result = home.run("import", folder)
    assert result.returncode == NOT_CONFIGURED
    assert "nobody is logged in" in result.stderr
    web_storage.make_sqlite(tmp_path / "localstorage.sqlite3", {}).close()
    assert home.run("import", tmp_path / "localstorage.sqlite3").returncode == NOT_CONFIGURED
    # Beside a login elsewhere that is no failure.
    web_storage.make_leveldb(home.folder / WINE, {})
    assert home.run("import").returncode == NOT_CONFIGURED
    studio(home.folder / ".config" / STUDIO, account, account.printers)
    result = home.run("import", "--offline")
    assert result.returncode == DONE, result.stderr
    assert account.user_id in home.accounts()


def test_what_is_damaged(home, tmp_path):
    (tmp_path / "leveldb").mkdir()
    (tmp_path / "leveldb/CURRENT").write_text("MANIFEST-000001\n")
    (tmp_path / "leveldb/MANIFEST-000001").write_bytes(bytes(100))
    (tmp_path / "leveldb/000005.ldb").write_bytes(b"\xff" * 5000)
    (tmp_path / "000003.log").write_bytes(b"\xff" * 5000)
    (tmp_path / "localstorage.sqlite3").write_bytes(b"no database at all, whatever it is called" * 100)
    statuses = {name: home.run("import", tmp_path / name).returncode for name in ("leveldb", "000003.log", "localstorage.sqlite3")}
    assert statuses == {"leveldb": NOT_CONFIGURED, "000003.log": NOT_CONFIGURED, "localstorage.sqlite3": FAILED}
    (tmp_path / "000007.log").mkdir()
    assert home.run("import", tmp_path / "000007.log").returncode == FAILED
    assert not home.store.exists()
