# SPDX-License-Identifier: MIT
"""The bridge to another cloud: what printers say goes up, what its clients want comes down, and nothing goes round."""

import pytest

from broker import Broker
from conftest import ANNE, BOB
from local_cloud import Client, Cloud, Witness
from program import USAGE
from test_learning import NOTICE, key_of, speak
from wire import seal

PRINTER = "ANNESPRINTER1"
NOTICE_TOPIC = f"/phone/maker/{PRINTER}/notice"
COMMAND_TOPIC = f"/device/maker/{PRINTER}/command"
BOTH_ENDS = ("connected upstream", "hears its printers")
QUERY = b'{"commandType":1027,"value":0}'


@pytest.fixture
def home(tmp_path):
    with Cloud(tmp_path) as cloud:
        cloud.add_account(ANNE, "secret")
        cloud.add_account("admin@example.org", "secret", "--administrator")
        cloud.add_printer(PRINTER, ANNE)
        yield cloud


@pytest.fixture
def upstream(tmp_path, home):
    """A broker that lets anybody in, as the vendor's would let the account."""
    folder = tmp_path / "upstream"
    folder.mkdir()
    with Broker(folder, home.dir / "server.pem", home.dir / "server.key") as broker:
        yield broker


class Upstream(Client):
    host = "localhost"

    def __init__(self, home, broker):
        self.mqtt_port, self.ca = broker.port, home.ca
        super().__init__(self, None)


def test_both_ways(home, upstream):
    app = Upstream(home, upstream)
    app.try_subscribe("/phone/#")
    home.start("--mirror", "--mirror-broker", f"localhost:{upstream.port}", "--mirror-ca", home.ca)
    home.process.await_lines(lambda lines: all(any(text in line for line in lines) for text in BOTH_ENDS))
    frame = seal(NOTICE, key_of(home, PRINTER))
    speak(home, ("printer", "secret"), PRINTER, frame)
    assert app.await_heard(lambda topic, _: topic == NOTICE_TOPIC) == [(NOTICE_TOPIC, frame)]
    printer = Client(home, ("printer", "secret"), "listening")
    assert printer.try_subscribe(COMMAND_TOPIC) < 128
    command = seal(QUERY, key_of(home, PRINTER))
    app.publish(COMMAND_TOPIC, command, qos=1)
    printer.await_heard(lambda topic, payload: (topic, payload) == (COMMAND_TOPIC, command))
    # The command went up again nowhere, and the notice did not come back.
    assert app.heard == [(NOTICE_TOPIC, frame)]
    app.close()
    printer.close()
    assert home.stop() == 0
    assert "mirror@" not in home.command("list")


def test_our_own_broker_may_listen_on_one_address_alone(home, upstream):
    home.host = "127.77.0.5"  # loopback too
    home.command("init", "--bind", home.host)
    app = Upstream(home, upstream)
    app.try_subscribe("/phone/#")
    home.start("--mirror", "--mirror-broker", f"localhost:{upstream.port}", "--mirror-ca", home.ca)
    home.process.await_lines(lambda lines: all(any(text in line for line in lines) for text in BOTH_ENDS))
    frame = seal(NOTICE, key_of(home, PRINTER))
    speak(home, ("printer", "secret"), PRINTER, frame)
    app.await_heard(lambda topic, payload: (topic, payload) == (NOTICE_TOPIC, frame))
    app.close()


def test_what_two_accounts_share_is_mirrored_once(home, upstream):
    home.add_account(BOB, "secret")
    home.command("share", PRINTER, BOB)
    home.add_printer("BOBSPRINTER1", BOB)
    app = Upstream(home, upstream)
    app.try_subscribe("/phone/#")
    home.start("--mirror", "--mirror-broker", f"localhost:{upstream.port}", "--mirror-ca", home.ca)
    home.process.await_lines(lambda lines: sum(any(text in line for text in BOTH_ENDS) for line in lines) == 4)
    frames = [seal(NOTICE[:-1] + b" " * i + b"]", key_of(home, PRINTER)) for i in range(2)]
    for frame in frames:
        speak(home, ("printer", "secret"), PRINTER, frame)
    app.await_heard(lambda topic, payload: payload == frames[1])
    assert app.heard == [(NOTICE_TOPIC, frame) for frame in frames]
    witness = Witness(home, "admin@example.org")
    commands = [seal(b'{"commandType":1043,"cmdData":"M290 Z0.%d","cmdLen":9}' % i, key_of(home, PRINTER)) for i in range(2)]
    for command in commands:
        app.publish(COMMAND_TOPIC, command, qos=1)
    witness.await_heard(lambda topic, payload: payload == commands[1])
    assert [payload for topic, payload in witness.heard if topic == COMMAND_TOPIC] == commands
    app.close()
    witness.close()


def test_what_is_shared_while_it_runs_is_mirrored_from_then_on(home, upstream):
    home.add_account(BOB, "secret")
    app = Upstream(home, upstream)
    app.try_subscribe("/phone/#")
    home.start("--mirror", "--mirror-broker", f"localhost:{upstream.port}", "--mirror-ca", home.ca)
    home.process.await_text(f"{ANNE}: hears its printers")
    home.command("unshare", PRINTER, ANNE)
    home.process.await_text(f"{ANNE}: is mirrored no more")
    witness = Witness(home, "admin@example.org")
    app.publish(COMMAND_TOPIC, seal(QUERY, key_of(home, PRINTER)), qos=1).wait_for_publish()
    home.command("share", PRINTER, BOB)
    home.process.await_lines(lambda lines: all(any(f"{BOB}: {text}" in line for line in lines) for text in BOTH_ENDS))
    command = seal(b'{"commandType":1006,"value":250}', key_of(home, PRINTER))
    app.publish(COMMAND_TOPIC, command, qos=1)
    witness.await_heard(lambda topic, payload: payload == command)
    assert [payload for topic, payload in witness.heard if topic == COMMAND_TOPIC] == [command]
    app.close()
    witness.close()


def test_nothing_goes_round_where_the_upstream_is_this_very_broker(home):
    home.start("--mirror", "--mirror-broker", f"localhost:{home.mqtt_port}", "--mirror-ca", home.ca)
    home.process.await_lines(lambda lines: all(any(text in line for line in lines) for text in BOTH_ENDS))
    witness = Witness(home, "admin@example.org")
    frame = seal(NOTICE, key_of(home, PRINTER))
    speak(home, ("printer", "secret"), PRINTER, frame)
    heard = witness.heard_until_now() + witness.heard_until_now()
    assert 1 <= heard.count((NOTICE_TOPIC, frame)) <= 2
    witness.close()


def test_the_vendors_name_that_leads_to_us_is_not_taken_for_the_vendor(home):
    """After a takeover of the names, this machine's own resolver says that the vendor is here: its pin says that it is not."""
    home.start("--mirror", "--mirror-broker", f"localhost:{home.mqtt_port}")
    home.process.await_text("not tried again")


def test_a_login_that_a_killed_mirror_left_opens_nothing(home, upstream):
    home.start("--mirror", "--mirror-broker", f"localhost:{upstream.port}", "--mirror-ca", home.ca)
    home.process.await_text("hears its printers")
    home.kill()
    assert "mirror@" in home.command("list")
    home.start()
    assert "mirror@" not in home.command("list")


def test_without_a_ca_the_vendors_certificate_alone_is_good(home, upstream):
    """Also where the vendor's broker is named by its address, since its name leads here."""
    home.start("--mirror", "--mirror-broker", f"127.0.0.1:{upstream.port}")
    lines = home.process.await_text("not tried again")
    assert any("not the pinned one" in line for line in lines)


def test_it_is_off_by_default_and_its_options_need_it(home):
    assert home.attempt("run", "--mirror-broker", "localhost").returncode == USAGE
    home.start()
    assert "mirror" not in home.process.log
