# SPDX-License-Identifier: MIT
"""Making, running, changing and copying a cloud."""

import contextlib
import json
import os
import pathlib
import signal
import sqlite3
import stat
import subprocess

import pytest

from broker import fingerprint, free_port
from local_cloud import Client, Cloud, tool
from program import FAILED, FLAGSHIP, NOT_CONFIGURED, USAGE, environment, run
from process import DEADLINE_S, await_gone
from terminal import Terminal

ANNE = "anne@example.org"


@pytest.fixture
def made(tmp_path):
    with Cloud(tmp_path) as cloud:
        yield cloud


def mode(path):
    return stat.S_IMODE(os.stat(path).st_mode)


def test_secrets_are_private(made):
    assert mode(made.dir) == 0o700
    for name in ("ca.key", "server.key", "server-rsa.key", "service.key", "registry.sqlite", "mosquitto.conf"):
        assert mode(made.dir / name) == 0o600, name


@pytest.mark.parametrize("name, key", [("server.pem", "id-ecPublicKey"), ("server-rsa.pem", "rsaEncryption")])
def test_certificates_name_the_vendors_hosts_and_ours(made, name, key):
    text = subprocess.run(["openssl", "x509", "-in", made.dir / name, "-noout", "-text"], check=True, capture_output=True,
                          text=True).stdout
    for host in ("make-mqtt.ankermake.com", "make-mqtt-eu.ankermake.com", "make-app.ankermake.com",
                 "make-app-eu.ankermake.com", "localhost"):
        assert f"DNS:{host}" in text
    assert "IP Address:127.0.0.1" in text and key in text
    subprocess.run(["openssl", "verify", "-CAfile", made.ca, made.dir / name], check=True, capture_output=True)


def test_init_again_keeps_keys_and_data_and_changes_what_is_said(made):
    made.add_account(ANNE, "secret")
    before = fingerprint(made.ca), (made.dir / "server.key").read_bytes(), made.registry()
    port = free_port()
    made.command("init", "--mqtt-port", port, "--host", "printer-broker.lan", "--host", "192.0.2.7")
    assert (fingerprint(made.ca), (made.dir / "server.key").read_bytes(), made.registry()) == before
    configuration = (made.dir / "mosquitto.conf").read_text()
    assert f"listener {port} 127.0.0.1" in configuration
    text = subprocess.run(["openssl", "x509", "-in", made.dir / "server.pem", "-noout", "-text"], check=True,
                          capture_output=True, text=True).stdout
    assert "DNS:printer-broker.lan" in text and "IP Address:192.0.2.7" in text


@pytest.mark.parametrize("options", [["--host", "not a host"], ["--bind", "some where"], ["--mqtt-port", "0"],
                                     ["--mqtt-port", "65536"], ["--nonsense"]])
def test_init_refuses_nonsense(tmp_path, options):
    assert run("cloud", "init", "--dir", tmp_path / "D", *options).returncode == USAGE


def test_a_relative_folder_works_from_anywhere(tmp_path):
    subprocess.run([FLAGSHIP, "cloud", "init", "--dir", "D"], cwd=tmp_path, env=environment(), check=True, capture_output=True)
    assert f"plugin_opt_registry {tmp_path}/D/registry.sqlite" in (tmp_path / "D" / "mosquitto.conf").read_text()


def test_without_a_cloud_every_command_says_how_to_make_one(tmp_path):
    for name in ("run", "status", "list", "adopt"):
        result = run("cloud", name, "--dir", tmp_path / "nothing")
        assert result.returncode == NOT_CONFIGURED and "flagship cloud init" in result.stderr


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_and_its_broker(made, number):
    made.start()
    broker = made.status()["broker_pid"]
    made.process.signal(number)
    assert made.process.await_end() == 0
    with pytest.raises(ProcessLookupError):
        os.kill(broker, 0)
    stopped = json.loads(made.attempt("status", "--json").stdout)
    assert not stopped["running"] and stopped["folder"] == str(made.dir) and len(stopped["ca_sha256"]) == 64


def test_a_broker_that_dies_is_started_again(made):
    made.start()
    broker = made.status()["broker_pid"]
    os.kill(broker, signal.SIGKILL)
    made.process.await_text("starting it again")
    made.process.await_lines(lambda lines: sum("running" in line and "mosquitto version" in line for line in lines) == 2)
    assert made.status()["broker_pid"] != broker
    assert made.stop() == 0


def test_two_cannot_run_in_one_folder_but_many_side_by_side(made, tmp_path):
    made.start()
    result = made.attempt("run")
    assert result.returncode == FAILED and "runs already" in result.stderr
    with Cloud(tmp_path / "other") as other:
        other.start()
        assert other.status()["running"] and made.status()["running"]


def test_a_taken_port_is_said(made, tmp_path):
    made.start()
    with Cloud(tmp_path / "other") as other:
        other.command("init", "--mqtt-port", made.mqtt_port)
        result = other.attempt("run")
        assert result.returncode == FAILED and str(made.mqtt_port) in result.stderr
        other.command("init", "--mqtt-port", free_port(), "--api-port", made.api_port)
        result = other.attempt("run")
        assert result.returncode == FAILED and str(made.api_port) in result.stderr


@pytest.mark.parametrize("version, works", [("-tls1_2", True), ("-tls1_3", True), ("-tls1_1", False), ("-tls1", False)])
def test_only_tls_1_2_and_newer(made, version, works):
    made.start()
    for port in (made.mqtt_port, made.api_port):
        result = subprocess.run(["openssl", "s_client", version, "-cipher", "ALL:@SECLEVEL=0", "-verify_return_error", "-CAfile", made.ca,
                                 "-connect", f"localhost:{port}", "-servername", "localhost"], input=b"",
                                capture_output=True, timeout=DEADLINE_S, check=False)
        assert (result.returncode == 0) == works, result.stderr.decode()


def test_the_rsa_certificate_is_used_when_asked_for(made):
    made.command("init", "--rsa")
    made.start()
    result = subprocess.run(["openssl", "s_client", "-CAfile", made.ca, "-verify_return_error", "-connect",
                             f"localhost:{made.mqtt_port}"], input=b"", capture_output=True, timeout=DEADLINE_S, check=False)
    assert result.returncode == 0 and b"rsa" in result.stdout.lower()


def test_accounts_are_added_changed_and_removed(made):
    made.add_account(ANNE, "secret", "--name", "Anne", "--country", "de")
    again = made.attempt("add-account", "--email", ANNE.upper(), "--password-stdin", stdin="x\n")
    assert again.returncode == FAILED and "already" in again.stderr
    account = made.registry()["accounts"][0]
    assert (account["name"], account["country"], account["strict"], len(account["user_id"])) == ("Anne", "DE", False, 40)
    made.command("set-account", "--email", ANNE, "--strict")
    strict = made.registry()["accounts"][0]
    assert strict["strict"] and strict["mqtt_password"] != ANNE and strict["user_id"] == account["user_id"]
    assert "(hidden)" in made.command("list", "--json") and account["user_id"] not in made.command("list", "--json")
    made.command("set-account", "--email", ANNE, "--no-strict", "--administrator")
    back = made.registry()["accounts"][0]
    assert (back["strict"], back["administrator"], back["mqtt_password"]) == (False, True, ANNE)
    made.command("set-account", "--email", ANNE, "--no-administrator")
    assert not made.registry()["accounts"][0]["administrator"]
    assert made.attempt("set-account", "--email", ANNE, "--strict", "--no-strict").returncode == USAGE
    made.command("remove-account", ANNE)
    assert made.registry()["accounts"] == []
    assert made.attempt("remove-account", ANNE).returncode == FAILED


def test_a_new_password_revokes_the_tokens(made):
    made.add_account(ANNE, "secret")
    made.command("export-login", ANNE)
    assert len(json.loads(made.command("tokens", "list", "--json"))) == 1
    made.command("set-account", "--email", ANNE, "--name", "Anne")
    assert len(json.loads(made.command("tokens", "list", "--json"))) == 1
    assert made.command("set-account", "--email", ANNE, "--password-stdin", stdin="other\n") == "revoked 1 token: log in again\n"
    assert json.loads(made.command("tokens", "list", "--json")) == []


def test_a_printer_keeps_its_model(made):
    made.add_account(ANNE, "secret")
    made.command("add-printer", "--serial", "E1PRINTER0001", "--model", "e1")
    assert made.command("add-printer", "--serial", "E1PRINTER0001", "--name", "Ink") == "changed printer E1PRINTER0001\n"
    printer = made.registry()["printers"][0]
    assert (printer["name"], printer["model"]) == ("Ink", "E1")


@pytest.mark.parametrize("arguments, stdin", [
    (["--email", "nobody"], ""), ([], ""), (["--email", ANNE, "--password-stdin"], ""),
    (["--email", ANNE, "--password-stdin"], "\n"), (["--email", ANNE, "--password-stdin"], "x" * 2000 + "\n"),
    (["--email", ANNE, "--country", "Germany"], "")])
def test_accounts_that_cannot_be(made, arguments, stdin):
    assert made.attempt("add-account", *arguments, stdin=stdin).returncode == USAGE
    assert made.registry()["accounts"] == []


def test_printers_are_added_changed_shared_and_removed(made, tmp_path):
    made.add_account(ANNE, "secret")
    made.add_account("bob@example.org", "secret")
    made.command("add-printer", "--account", ANNE, "--model", "m5c")
    printer = made.registry()["printers"][0]
    assert printer["serial"].startswith("FS") and printer["model"] == "M5C" and len(printer["key"]) == 64
    key = tmp_path / "key"
    key.write_text("00" * 32 + "\n")
    key.chmod(0o600)
    made.command("add-printer", "--serial", printer["serial"], "--name", "Left", "--key-file", key)
    changed = made.registry()["printers"][0]
    assert (changed["name"], changed["key"]) == ("Left", "00" * 32)
    made.command("add-printer", "--serial", printer["serial"], "--name", "Right")
    assert made.registry()["printers"][0]["key"] == "00" * 32
    made.command("share", printer["serial"], "bob@example.org")
    assert [a["printers"] for a in made.registry()["accounts"]] == [[printer["serial"]]] * 2
    made.command("unshare", printer["serial"], ANNE)
    assert [a["printers"] for a in made.registry()["accounts"]] == [[], [printer["serial"]]]
    assert made.attempt("add-printer", "--serial", "with spaces").returncode == USAGE
    assert made.attempt("add-printer", "--account", "nobody@example.org").returncode == FAILED
    made.command("remove-printer", printer["serial"])
    assert made.registry()["printers"] == []


def test_a_backup_of_a_running_cloud_is_whole_and_comes_back(made, tmp_path):
    made.add_account(ANNE, "secret")
    made.add_printer("ANNESPRINTER1", ANNE)
    made.start()
    backup = tmp_path / "backup"
    made.command("backup", backup)
    assert mode(backup) == 0o600
    before = made.registry(), fingerprint(made.ca)
    made.command("remove-account", ANNE)
    refused = made.attempt("restore", backup)
    assert refused.returncode == FAILED and "stop it" in refused.stderr
    made.stop()
    made.command("restore", backup)
    assert made.registry() == before[0]
    with Cloud(tmp_path / "new") as other:
        other.command("restore", backup)
        assert other.registry() == before[0]
        assert fingerprint(other.ca) == before[1]


def test_a_backup_is_replaced_as_a_whole_and_older_ones_are_kept(made, tmp_path):
    made.add_account(ANNE, "secret")
    folder = tmp_path / "copies"
    folder.mkdir()
    backup = folder / "backup"
    for number in range(5):
        made.add_printer(f"PRINTER{number}", ANNE)
        made.command("backup", backup, "--keep", 3)
        assert mode(backup) == 0o600

    def printers(path):
        with contextlib.closing(sqlite3.connect(path)) as database:
            return database.execute("SELECT count(*) FROM printer").fetchone()[0]

    assert {path.name: printers(path) for path in folder.iterdir()} == {"backup": 5, "backup.1": 4, "backup.2": 3}
    made.command("backup", backup, "--keep", 2)
    assert {path.name: printers(path) for path in folder.iterdir()} == {"backup": 5, "backup.1": 5}
    made.command("backup", backup)
    assert {path.name for path in folder.iterdir()} == {"backup", "backup.1"}
    made.command("restore", backup)
    assert len(made.registry()["printers"]) == 5


def test_of_backups_at_once_none_replaces_another_new_one(made, tmp_path):
    words = [FLAGSHIP, "cloud", "backup", "--dir", made.dir, "--keep", "7", tmp_path / "backup"]
    children = [subprocess.Popen(words, env=environment(), stdout=subprocess.DEVNULL) for _ in range(4)]
    assert [child.wait(DEADLINE_S) for child in children] == [0] * 4
    assert sorted(path.name for path in tmp_path.iterdir() if path.name.startswith("backup")) == ["backup", "backup.1", "backup.2", "backup.3"]


@pytest.mark.parametrize("content", [b"", b"precious text\n"], ids=["empty", "text"])
def test_a_backup_replaces_nothing_else(made, tmp_path, content):
    target = tmp_path / "precious"
    target.write_bytes(content)
    result = made.attempt("backup", target)
    assert result.returncode == FAILED and "no backup of a cloud" in result.stderr and target.read_bytes() == content
    assert made.attempt("backup", tmp_path).returncode == FAILED
    assert made.attempt("backup", made.dir / "registry.sqlite").returncode == USAGE
    assert made.attempt("backup", "-").returncode == USAGE and not pathlib.Path("-").exists()
    assert made.attempt("backup", tmp_path / "x", "--keep", 0).returncode == USAGE
    assert made.attempt("backup", tmp_path / "absent" / "x").returncode == FAILED


def test_init_says_what_a_running_cloud_has_to_be_started_again_for(made):
    assert "The cloud runs" not in made.command("init")
    made.start()
    assert "nothing was changed" in made.command("init")
    said = made.command("init", "--mqtt-port", free_port(), "--rsa", "--host", "other.lan")
    assert "until it is started again with the port of the broker, the names in the certificate, the kind of the certificate:" in said
    assert "systemctl --user restart flagship-cloud" in said
    assert "The cloud runs" in made.command("init", "--bind", "127.0.0.2")


def test_a_password_is_asked_for_twice_and_not_shown(made):
    def ask(*answers):
        with Terminal("cloud", "add-account", "--dir", made.dir, "--email", ANNE, "--password-stdin") as terminal:
            seen = ""
            for question, answer in zip(("New password: ", "The same password again: "), answers):
                seen += terminal.await_text(question)
                terminal.write(answer + "\n")
            rest, status = terminal.await_end()
            return status, seen + rest

    status, text = ask("correct horse", "correct house")
    assert status == USAGE and "two different ones" in text and "correct" not in text
    assert made.registry()["accounts"] == []
    status, text = ask("")
    assert status == USAGE and "empty" in text
    status, text = ask("correct horse", "correct horse")
    assert status == 0 and "correct" not in text and made.registry()["accounts"][0]["email"] == ANNE


def test_a_printer_has_what_the_lan_needs(made, tmp_path):
    made.add_account(ANNE, "secret")
    dsk = tmp_path / "dsk"
    dsk.write_text("01234567890123456789\n")
    dsk.chmod(0o600)
    lan = ["--duid", "EUPRAKM-012345-ABCDE", "--dsk-key-file", dsk, "--mac", "aa:bb:cc:dd:ee:ff", "--address", "192.168.1.77"]
    made.command("add-printer", "--account", ANNE, "--serial", "PRINTER1", "--model", "m5c", "--name", "Left", *lan)
    wanted = {"p2p_did": "EUPRAKM-012345-ABCDE", "dsk_key": "01234567890123456789", "wifi_mac": "aa:bb:cc:dd:ee:ff",
              "address": "192.168.1.77", "model": "M5C", "name": "Left"}

    def known():
        return {name: made.registry()["printers"][0][name] for name in wanted}

    assert known() == wanted
    key = made.registry()["printers"][0]["key"]
    assert made.command("set-printer", "PRINTER1", "--name", "Right", "--address", "fd00::77") == "changed printer PRINTER1\n"
    assert known() == {**wanted, "name": "Right", "address": "fd00::77"} and made.registry()["printers"][0]["key"] == key
    for options in (["--duid", "x"], ["--mac", "aa:bb"], ["--address", "printer.lan"]):
        assert made.attempt("set-printer", "PRINTER1", *options).returncode == USAGE
    assert made.attempt("set-printer", "PRINTER1", "--dsk-key-file", tmp_path / "absent").returncode == FAILED
    dsk.write_text("short\n")
    assert made.attempt("set-printer", "PRINTER1", "--dsk-key-file", dsk).returncode == USAGE
    assert made.attempt("set-printer", "NOBODY", "--name", "x").returncode == FAILED
    assert made.attempt("set-printer", "--name", "x").returncode == USAGE
    assert known() == {**wanted, "name": "Right", "address": "fd00::77"}


def table_of(tmp_path, text):
    path = tmp_path / "printers.csv"
    path.write_text(text, encoding="utf-8")
    path.chmod(0o600)
    return path


def test_many_printers_are_added_from_a_table(made, tmp_path):
    made.add_account(ANNE, "secret")
    made.add_account("bob@example.org", "secret")
    table = table_of(tmp_path, "\ufeffname,Serial,model,key,accounts,address\r\n"
                     f'"Left, upstairs",PRINTER1,m5c,{"ab" * 32},{ANNE} bob@example.org,192.168.1.77\r\n'
                     "Right,PRINTER2,,,,\r\n")
    assert made.command("add-printer", "--csv", table, "--account", ANNE) == "added 2 printers, changed 0\n"
    printers = {p["serial"]: p for p in made.registry()["printers"]}
    assert (printers["PRINTER1"]["name"], printers["PRINTER1"]["key"], printers["PRINTER1"]["model"]) == (
        "Left, upstairs", "ab" * 32, "M5C")
    assert printers["PRINTER1"]["accounts"] == [ANNE, "bob@example.org"] and printers["PRINTER2"]["accounts"] == [ANNE]
    assert printers["PRINTER2"]["model"] == "M5" and len(printers["PRINTER2"]["key"]) == 64
    again = table_of(tmp_path, "serial,name\nPRINTER1,Upstairs\nPRINTER3,New\n")
    assert made.command("add-printer", "--csv", again) == "added 1 printer, changed 1\n"
    printer = next(p for p in made.registry()["printers"] if p["serial"] == "PRINTER1")
    assert (printer["name"], printer["key"], printer["model"]) == ("Upstairs", "ab" * 32, "M5C")


@pytest.mark.parametrize("text, words", [
    ("", "line 1"), ("name\nLeft\n", "column serial is missing"), ("serial,colour\n", "'colour' is no column"),
    ("serial,serial\n", "'serial'"), ("serial,name\nPRINTER1\n", "line 2: 1 values"),
    ("serial\nPRINTER1\nwith blanks\n", "line 3: 'with blanks' is no serial number"),
    ("serial,key\nPRINTER1,abc\n", "no key"), ("serial,accounts\nPRINTER1,nobody@example.org\n", "no account nobody"),
    ('serial,name\nPRINTER1,"Left\n', "quotation mark"), ("serial,name\n,Left\n", "the serial number is missing"),
    ("serial,model\nPRINTER1,m6\n", "'m6' is no model")])
def test_of_a_bad_table_nothing_is_added(made, tmp_path, text, words):
    result = made.attempt("add-printer", "--csv", table_of(tmp_path, text))
    assert result.returncode == FAILED and words in result.stderr and "nothing was added" in result.stderr, result.stderr
    assert made.registry()["printers"] == []


def test_a_log_that_nobody_reads_holds_nothing_up(made):
    made.add_account(ANNE, "secret")
    child = subprocess.Popen([FLAGSHIP, "cloud", "run", "--dir", made.dir], stderr=subprocess.PIPE, env=environment())
    try:
        made.await_status(child)
        client = Client(made, made.login(ANNE))
        for _ in range(3000):  # each is told in a line
            client.publish("/device/maker/BOBSPRINTER1/command", b"x")
        assert client.try_subscribe(f"/phone/user/{made.login(ANNE)[0][5:]}/change_notice") < 128
        another = Client(made, made.login(ANNE))
        assert another.result == 0 and made.status()["counts"]["denied_publish"] == 3000
        client.close()
        another.close()
        child.terminate()
        assert child.wait(DEADLINE_S) == 0
        assert len(child.stderr.read().splitlines()) < 3000
    finally:
        child.kill()
        child.wait()
        child.stderr.close()


def test_a_broker_does_not_outlive_its_cloud(made, tmp_path):
    made.add_account(ANNE, "secret")
    made.command("backup", tmp_path / "backup")
    made.start()
    broker = made.broker_pid
    os.kill(broker, signal.SIGSTOP)
    made.process.signal(signal.SIGKILL)
    assert made.process.await_end() == -signal.SIGKILL
    made.process = None
    # For as long as there is a broker, nothing is put in its place.
    assert "stop it" in made.attempt("restore", tmp_path / "backup").stderr
    assert "runs already" in made.attempt("run").stderr
    os.kill(broker, signal.SIGCONT)
    await_gone(broker)
    made.start()


def whole(cloud):
    """Every file of the cloud, with its mode."""
    return {path.name: (path.read_bytes(), mode(path)) for path in cloud.dir.iterdir() if path.name != "run.lock"}


def edit(path, sql):
    with contextlib.closing(sqlite3.connect(path)) as database:
        database.executescript(sql)


BAD_BACKUPS = {
    "no database": (lambda path: path.write_text("no registry\n" * 100), "not a database"),
    "empty": (lambda path: path.write_bytes(b""), "no registry"),
    "cut": (lambda path: os.truncate(path, path.stat().st_size // 2), ""),
    "another database": (lambda path: (path.unlink(), edit(path, "PRAGMA user_version = 3; CREATE TABLE t (a);")), "lacks"),
    "another one that says it is old": (lambda path: (path.unlink(), edit(path, "PRAGMA user_version = 1; CREATE TABLE t (a);")),
                                        "printer"),
    "a table less": (lambda path: edit(path, "DROP TABLE share"), "share"),
    "a column less": (lambda path: edit(path, "ALTER TABLE token DROP COLUMN label"), "token.label"),
    "no CA": (lambda path: edit(path, "DELETE FROM file WHERE name = 'ca.pem'"), "ca.pem"),
    "an empty key": (lambda path: edit(path, "UPDATE file SET content = '' WHERE name = 'ca.key'"), "ca.key"),
    "no key": (lambda path: edit(path, "UPDATE file SET content = 'nonsense' WHERE name = 'service.key'"), "service.key"),
    "no certificate": (lambda path: edit(path, "UPDATE file SET content = 'nonsense' WHERE name = 'ca.pem'"), "cannot be made"),
    "a key of another CA": (lambda path: edit(path, "UPDATE file SET content = (SELECT content FROM file WHERE name = 'service.key')"
                                              " WHERE name = 'ca.key'"), "cannot be made"),
    "in use": (lambda path: pathlib.Path(f"{path}-wal").write_bytes(b"x"), "flagship cloud backup"),
    "absent": (lambda path: path.unlink(), "No such file"),
}


@pytest.mark.parametrize("spoil, words", BAD_BACKUPS.values(), ids=BAD_BACKUPS)
def test_a_bad_backup_is_refused_and_nothing_is_changed(made, tmp_path, spoil, words):
    made.add_account(ANNE, "secret")
    backup = tmp_path / "backup"
    made.command("backup", backup)
    spoil(backup)
    before = whole(made)
    result = made.attempt("restore", backup)
    assert result.returncode == FAILED and words in result.stderr and str(backup) in result.stderr, result.stderr
    assert whole(made) == before


def test_damaged_pages_of_a_backup_are_found(made, tmp_path):
    made.add_account(ANNE, "secret")
    for number in range(60):
        made.add_printer(f"ANNESPRINTER{number}", ANNE)
    backup = tmp_path / "backup"
    made.command("backup", backup)
    data = bytearray(backup.read_bytes())
    for place in range(2 * 4096, len(data), 4096):
        data[place:place + 64] = bytes(range(64))
    backup.write_bytes(data)
    before = whole(made)
    result = made.attempt("restore", backup)
    assert result.returncode == FAILED and str(backup) in result.stderr
    assert whole(made) == before


OLD = ("ALTER TABLE printer DROP COLUMN station_id; ALTER TABLE pairing DROP COLUMN place; "
       "ALTER TABLE pairing DROP COLUMN kind; ALTER TABLE pairing DROP COLUMN presented; "
       "DROP TABLE printer_hint; PRAGMA user_version = 1;")


def test_a_registry_and_a_backup_of_an_older_flagship_are_brought_up_to_date(made, tmp_path):
    made.add_account(ANNE, "secret")
    made.add_printer("ANNESPRINTER1", ANNE)
    backup = tmp_path / "backup"
    made.command("backup", backup)
    before = made.registry()
    edit(backup, OLD)
    edit(made.dir / "registry.sqlite", OLD)
    assert made.registry() == before
    made.command("remove-printer", "ANNESPRINTER1")
    made.command("restore", backup)
    assert made.registry() == before
    assert made.registry()["printers"][0]["station_id"] is None


def test_a_restore_leaves_the_backup_alone_and_secrets_private(made, tmp_path):
    made.add_account(ANNE, "secret")
    backup = tmp_path / "place" / "a#backup%20?"
    backup.parent.mkdir()
    made.command("backup", backup)
    backup.chmod(0o400)
    before = backup.read_bytes(), made.registry(), fingerprint(made.ca)
    made.command("remove-account", ANNE)
    made.command("restore", backup)
    assert (backup.read_bytes(), made.registry(), fingerprint(made.ca)) == before
    assert list(backup.parent.iterdir()) == [backup]
    assert mode(made.ca) == 0o644
    for name in ("ca.key", "server.key", "server-rsa.key", "service.key", "registry.sqlite", "mosquitto.conf"):
        assert mode(made.dir / name) == 0o600, name
    assert not [path for path in made.dir.iterdir() if path.is_dir()]
    made.start()
    assert made.stop() == 0


def test_a_restore_mends_a_damaged_cloud_and_makes_one_where_none_is(made, tmp_path):
    made.add_account(ANNE, "secret")
    backup = tmp_path / "backup"
    made.command("backup", backup)
    before = made.registry()
    (made.dir / "registry.sqlite").write_bytes(b"damaged" * 1000)
    made.command("restore", backup)
    assert made.registry() == before
    fresh = tmp_path / "fresh"
    assert run("cloud", "restore", "--dir", fresh, tmp_path / "absent").returncode == FAILED
    assert run("cloud", "list", "--dir", fresh).returncode == NOT_CONFIGURED
    assert run("cloud", "restore", "--dir", fresh, backup).returncode == 0
    assert json.loads(run("cloud", "list", "--dir", fresh, "--json", "--show-secrets").stdout) == before


def test_an_exported_login_is_what_other_programs_read(made):
    made.add_account(ANNE, "secret")
    made.add_printer("ANNESPRINTER1", ANNE)
    login = made.dir / "login.json"
    login.write_text(made.command("export-login", ANNE))
    made.start()
    home = made.dir / "home"
    imported = run("import", "--api", made.api, "--broker", made.broker, "--ca", made.ca, login, HOME=home)
    assert imported.returncode == 0, imported.stderr
    listed = json.loads(run("printers", "--offline", "--json", HOME=home).stdout)
    assert [(p["serial"], p["model"]) for p in listed] == [("ANNESPRINTER1", "M5")]


def test_adopt_takes_over_accounts_with_their_keys(made, tmp_path):
    home = tmp_path / "home"
    source = tmp_path / "default.json"
    source.write_text(json.dumps({
        "__type__": "Config",
        "account": {"__type__": "Account", "auth_token": "t" * 48, "region": "eu", "user_id": "a" * 40, "email": ANNE},
        "printers": [{"__type__": "Printer", "id": "4711", "sn": "ANNESPRINTER1", "name": "Left", "model": "V8111",
                      "wifi_mac": "aabbccddeeff", "ip_addr": "192.0.2.7", "mqtt_key": "ab" * 32,
                      "p2p_duid": "EUPRAKM-012345-ABCDE", "p2p_key": "01234567890123456789",
                      "api_hosts": ["make-app.ankermake.com"], "p2p_hosts": ["192.0.2.8", "192.0.2.9", "p2p.example"]}]}))
    assert run("import", source, HOME=home).returncode == 0
    result = run("cloud", "adopt", "--dir", made.dir, HOME=home)
    assert result.returncode == 0, result.stderr
    registry = made.registry()
    assert registry["accounts"][0]["user_id"] == "a" * 40 and registry["accounts"][0]["printers"] == ["ANNESPRINTER1"]
    printer = json.loads(made.command("export"))["printers"][0]
    assert {name: printer[name] for name in ("key", "station_id", "api_hosts", "p2p_hosts", "p2p_did", "dsk_key", "wifi_mac",
                                             "address", "name", "model")} == {
        "key": "ab" * 32, "station_id": "4711", "api_hosts": ["make-app.ankermake.com"],
        "p2p_hosts": ["192.0.2.8", "192.0.2.9", "p2p.example"], "p2p_did": "EUPRAKM-012345-ABCDE",
        "dsk_key": "01234567890123456789", "wifi_mac": "aabbccddeeff", "address": "192.0.2.7", "name": "Left", "model": "M5"}
    assert run("cloud", "adopt", "--dir", made.dir, HOME=home).returncode == 0
    assert run("cloud", "adopt", "--dir", made.dir, HOME=tmp_path / "empty").returncode == NOT_CONFIGURED


def test_logs_hold_no_secret(made):
    made.add_account(ANNE, "secret")
    made.start()
    user, password = made.login(ANNE)
    assert tool("mosquitto_sub", made, (user, password), "-t", f"/phone/user/{user[5:]}/change_notice", "-E", "-W", "5").returncode == 0
    made.process.await_text("disconnected")
    assert user[5:] not in made.process.log


def test_help_lists_every_command_and_mistakes_are_reported():
    text = run("cloud", "--help").stdout
    for name in ("init", "run", "status", "add-account", "add-printer", "export-login", "backup", "pair", "tokens"):
        assert f"  {name}" in text
        assert run("cloud", name, "--help").returncode == 0
    assert run("cloud").returncode == USAGE
    assert run("cloud", "nonsense").returncode == USAGE


def test_the_log_is_json_where_it_is_wanted(made):
    made.start("--log-format", "json", "--log-level", "error,cloud=info")
    lines = [json.loads(line) for line in made.process.lines]
    assert {line["part"] for line in lines} == {"cloud"}
    assert any(line["level"] == "info" and line["message"].startswith("ready: broker on") for line in lines)


def test_a_wrong_level_is_named(made):
    refused = made.attempt("run", "--log-level", "loud")
    assert refused.returncode == USAGE and "--log-level 'loud'" in refused.stderr
