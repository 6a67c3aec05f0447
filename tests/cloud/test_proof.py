# SPDX-License-Identifier: MIT
"""Attacks of a stranger who wants to be taken for a printer: none of them has the printer's key, and all of them know its
serial number and what was ever recorded of it."""

import itertools
import json

import pytest

from answering_printer import Printer, answer_to, topics
from conftest import ANNE
from ghash import forgeries
from local_cloud import Client, Cloud, Witness
from process import until
from program import run
from wire import seal, seal_gcm, unseal, unseal_gcm

ADMINISTRATOR, BOB = "admin@example.org", "bob@example.org"
NOTICE = b'[{"commandType":1003,"currentTemp":2000,"targetTemp":0}]'
QUESTIONS = [b'{"commandType":1027,"value":0}', b'{"commandType":1027,"value":1}']
FORGED = b'{"commandType":1027,"reply":0}'
ANSWERS_OF_AN_E1 = 32
OWN_LOGIN = ("stranger", "of his own choice")


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    with Cloud(tmp_path_factory.mktemp("cloud")) as cloud:
        cloud.add_account(ANNE, "secret")
        cloud.add_account(BOB, "secret")
        cloud.add_account(ADMINISTRATOR, "secret", "--administrator")
        cloud.numbers = itertools.count(1)
        cloud.start()
        yield cloud


def new_printer(home, model, kind):
    serial = f"AK7{kind}{next(home.numbers):010}"
    home.command("add-printer", "--account", ANNE, "--serial", serial, "--model", model)
    return serial


@pytest.fixture
def m5(home):
    """One that nobody has been yet."""
    return new_printer(home, "m5", "LEFT")


@pytest.fixture
def e1(home):
    return new_printer(home, "e1", "INKS")


@pytest.fixture
def connect(home):
    made = []

    def make(kind, *arguments, **options):
        made.append(kind(home, *arguments, **options))
        return made[-1]

    yield make
    for client in made:
        client.close()


@pytest.fixture
def owner(home, connect, request):
    client = connect(Client, home.login(ANNE))
    for model in {"m5", "e1"} & set(request.fixturenames):
        assert client.try_subscribe(f"/phone/maker/{request.getfixturevalue(model)}/notice") < 128
    return client


@pytest.fixture
def witness(connect):
    return connect(Witness, ADMINISTRATOR)


def key_of(cloud, serial):
    return bytes.fromhex(next(p["key"] for p in cloud.registry()["printers"] if p["serial"] == serial))


def is_bound(cloud, serial):
    return next(p["login_known"] for p in cloud.registry()["printers"] if p["serial"] == serial)


def await_bound(home, serial):
    """Not by the log, which leaves out lines of who is often in it."""
    until(lambda: is_bound(home, serial))


def is_frame(payload):
    return payload[:2] == b"MA"


def stranger_at(connect, serial, login=OWN_LOGIN, **options):
    """Without the key: what he hears, he cannot open."""
    return connect(Printer, serial, bytes(32), login, "stranger", **options)


def publish_all(stranger, witness, frames, kinds=("notice", "command/reply", "query/reply")):
    """Everything on every topic; what came of it, as an administrator hears it."""
    for frame in frames:
        for kind in kinds:
            stranger.publish(f"/phone/maker/{stranger.serial}/{kind}", frame, qos=1).wait_for_publish()
    return [message for message in witness.heard_until_now() if message[0].startswith("/phone/")]


def gains_nothing(home, stranger, owner, serial):
    """He is bound to nothing, heard by nobody, and hears no command; the printer comes all the same."""
    assert not is_bound(home, serial)
    command = seal(b'{"commandType":1006,"value":250}', key_of(home, serial))
    owner.publish(f"/device/maker/{serial}/command", command, qos=1).wait_for_publish()
    assert owner.heard == []
    return not [m for m in stranger.heard if m[1] == command]


def test_who_computes_the_hash_key_of_gcm_forges_replies_that_prove_nothing(home, connect, owner, witness, e1):
    """The attack of before: bound in 4 of 4 trials, 0.4 s after the second question."""
    key = key_of(home, e1)
    recorded = [seal_gcm(question, key) for question in QUESTIONS]
    tries = list(forgeries(recorded, QUESTIONS, FORGED))
    opened = []
    for payload in tries:
        try:
            opened.append(unseal_gcm(payload, key))
        except AssertionError:
            pass
    assert opened == [FORGED], "the attack itself works: one forgery of his is a reply in the printer's key"
    stranger = stranger_at(connect, e1)
    assert publish_all(stranger, witness, tries) == []
    assert gains_nothing(home, stranger, owner, e1)
    printer = connect(Printer, e1, key, ("printer", "its secret"), "printer").prove()
    await_bound(home, e1)
    frame = printer.say(NOTICE)
    owner.await_heard(lambda topic, payload: payload == frame)


def test_no_question_in_the_gcm_shape_goes_to_who_never_spoke_it(home, connect, witness, tmp_path, e1):
    """Neither the cloud nor a client of the owner's asks an E1 that was not heard in a shape that gives the key away."""
    stranger = stranger_at(connect, e1, answers=False)
    folder = tmp_path / "home"
    folder.mkdir()
    arguments = ["--broker", home.broker, "--ca", home.ca, "--serial", e1, "--key-file", home.key_file(e1), "--model", "e1"]
    user, password = home.login(ANNE)
    password_file = tmp_path / "password"
    password_file.write_text(password + "\n")
    password_file.chmod(0o600)
    for command in (["status", "--timeout", "2"], ["doctor", "--timeout", "2"]):
        run(*command, *arguments, "--username", user, "--password-file", password_file, HOME=folder)
    sent = [payload for topic, payload in witness.heard_until_now() if topic.startswith("/device/")]
    assert sent and all(is_frame(payload) for payload in sent)
    stranger.await_heard(lambda topic, payload: True)
    assert not {payload for _, payload in stranger.heard} & set(sent), "what the owner asks is not for him"
    assert all(is_frame(payload) for _, payload in stranger.heard)


@pytest.mark.parametrize("login", [OWN_LOGIN, ("eufy_fdm_{}", None), ("eufy_fdm_{}", "guess"), None],
                         ids=["a login of his own", "the printer's name", "the name and a password", "none"])
def test_a_recording_is_no_proof(home, connect, owner, witness, login, m5):
    """A notice, a reply and the answer to an earlier question, as a former member or a published capture has them."""
    key = key_of(home, m5)
    printer = connect(Printer, m5, key, ("printer", "its secret"), "printer").prove()
    await_bound(home, m5)
    reply = seal(b'{"commandType":1043,"reply":0,"resCode":0,"resLen":3,"resData":"ok\\n"}', key)
    recorded = [printer.say(NOTICE), printer.say(reply, "command/reply"), *printer.said]
    printer.close()
    home.command("pair", "forget", m5)
    owner.await_heard(lambda topic, payload: payload == recorded[0])
    owner.heard.clear()
    witness.heard_until_now()
    stranger = stranger_at(connect, m5, login and (login[0].format(m5), login[1]), answers=False)
    stranger.await_heard(lambda topic, payload: is_frame(payload))
    assert publish_all(stranger, witness, recorded) == []
    assert gains_nothing(home, stranger, owner, m5)


def test_a_frame_that_was_never_received_is_no_proof_either(home, connect, owner, witness, m5):
    """Well-formed, in the right key, new to the cloud, and within a second of a question: but no answer to it."""
    key = key_of(home, m5)
    digits = "".join(str(i % 10) for i in range(20))
    kept = [seal(json.dumps(answer_to({"commandType": 1043, "cmdData": f"M118 {digits}"})[1]).encode(), key),
            seal(b'[{"commandType":1000,"subType":1,"value":0},{"commandType":1027,"reply":0}]', key), seal(NOTICE, key)]
    stranger = stranger_at(connect, m5, answers=False)
    stranger.await_heard(lambda topic, payload: is_frame(payload))
    assert publish_all(stranger, witness, kept) == []
    assert gains_nothing(home, stranger, owner, m5)


def test_who_guesses_what_an_e1_was_asked_is_wrong_sooner_or_later(home, connect, owner, witness, e1):
    """With both answers recorded, he has to be right 32 times in a row, without knowing whether he was."""
    printer = connect(Printer, e1, key_of(home, e1), ("printer", "its secret"), "printer").prove()
    await_bound(home, e1)
    recorded = {json.loads(unseal(frame, printer.key).payload)["commandType"]: frame for frame in printer.said}
    assert len(printer.said) == ANSWERS_OF_AN_E1 and len(recorded) == 2
    printer.close()
    home.command("pair", "forget", e1)
    witness.heard_until_now()
    stranger = stranger_at(connect, e1, answers=False)
    for guess in range(3):
        heard = stranger.await_heard(lambda topic, payload: is_frame(payload))
        assert all(topic.endswith("/query") for topic, _ in heard)
        stranger.heard.clear()
        frames = list(recorded.values())
        assert publish_all(stranger, witness, frames[guess % 2:] + frames[:guess % 2], ("query/reply",)) == []
    assert gains_nothing(home, stranger, owner, e1)


def test_what_is_made_of_pieces_of_the_question_is_no_proof(home, connect, owner, witness, m5):
    """The key is used with a fixed initial vector, so that blocks of one message can stand in another."""
    key = key_of(home, m5)
    stranger = stranger_at(connect, m5, answers=False)
    question = stranger.await_heard(lambda topic, payload: is_frame(payload))[0][1]
    sealed = seal(b'{"commandType":1043,"reply":0,"resCode":0,"resLen":9,"resData":"', key)
    whole = unseal(question, key)
    assert whole.payload.startswith(b'{"commandType":1043,"cmdData":"M118 ')
    body = question[64:-1]
    for cut in range(16, len(body), 16):
        frame = bytearray(sealed[:64] + sealed[64:-1] + body[cut:] + b"\0")
        frame[2:4] = len(frame).to_bytes(2, "little")
        for byte in frame[:-1]:
            frame[-1] ^= byte
        publish_all(stranger, witness, [bytes(frame)])
    publish_all(stranger, witness, [question])
    assert gains_nothing(home, stranger, owner, m5)


def test_a_question_is_received_by_the_one_who_is_asked_alone(home, connect, owner, witness, m5):
    """Not by the owner, a member, an administrator, another claimant, or the printer itself on the same topic."""
    home.command("share", m5, BOB)
    member = connect(Client, home.login(BOB))
    others = [owner, member, connect(Printer, m5, bytes(32), ("first", "x"), "first", answers=False)]
    for client in (owner, member):
        for kind in ("command", "query"):
            assert client.try_subscribe(f"/device/maker/{m5}/{kind}") < 128
    others[2].await_heard(lambda topic, payload: is_frame(payload))
    asked = connect(Printer, m5, bytes(32), ("second", "x"), "second", answers=False)
    questions = {payload for _, payload in asked.await_heard(lambda topic, payload: is_frame(payload))}
    assert not questions & {payload for client in others for _, payload in client.heard}
    assert not [m for m in witness.heard_until_now() if m[0].startswith("/device/")]
    assert all(topic in topics(m5) for topic, _ in asked.heard)


def test_nobody_receives_the_answer(home, connect, owner, witness, m5):
    assert owner.try_subscribe(f"/phone/maker/{m5}/command/reply") < 128
    printer = connect(Printer, m5, key_of(home, m5), ("printer", "its secret"), "printer").prove()
    await_bound(home, m5)
    frame = printer.say(NOTICE)
    owner.await_heard(lambda topic, payload: payload == frame)
    assert [payload for _, payload in owner.heard] == [frame]
    assert not [m for m in witness.heard_until_now() if m[1] in printer.said]


@pytest.mark.parametrize("login", [OWN_LOGIN, None], ids=["with a login", "without"])
def test_a_claim_ends_where_the_printer_is_bound(home, connect, owner, witness, login, m5):
    """The stranger was first, and kept his claim: he heard every command of the owner from then on."""
    key = key_of(home, m5)
    stranger = stranger_at(connect, m5, login, answers=False)
    stranger.await_heard(lambda topic, payload: is_frame(payload))
    printer = connect(Printer, m5, key, ("printer", "its secret"), "printer").prove()
    await_bound(home, m5)
    with stranger.changed:
        stranger.heard.clear()
    for kind, number in (("command", 250), ("query", 251)):
        frame = seal(json.dumps({"commandType": 1006, "value": number}).encode(), key)
        owner.publish(f"/device/maker/{m5}/{kind}", frame, qos=1)
        printer.await_heard(lambda topic, payload, frame=frame: payload == frame)
    # Even the answer to the question that he was asked comes too late.
    assert publish_all(stranger, witness, [*printer.said, seal(NOTICE, key)], ("command/reply", "notice")) == []
    assert stranger.heard == [] and is_bound(home, m5)
    again = connect(Printer, m5, key, ("printer", "its secret"), "again", answers=False)
    frame = again.say(b'[{"commandType":1003,"currentTemp":2100,"targetTemp":0}]')
    owner.await_heard(lambda topic, payload: payload == frame)


def test_two_who_were_asked_are_not_both_bound(home, connect, owner, m5):
    """A second one with the key answers as well, after the first one's login was bound: nothing is overwritten."""
    key = key_of(home, m5)
    slow = connect(Printer, m5, key, ("second", "x"), "slow", answers=False)
    question = json.loads(unseal(slow.await_heard(lambda t, p: is_frame(p))[0][1], key).payload)
    connect(Printer, m5, key, ("first", "x"), "fast").prove()
    await_bound(home, m5)
    slow.say(seal(json.dumps(answer_to(question)[1]).encode(), key), "command/reply")
    slow.say(NOTICE)
    assert owner.heard == []
    assert connect(Client, ("first", "x"), "first again").result == 0
    assert connect(Printer, m5, key, ("first", "x"), "first, third").say(NOTICE)
    owner.await_heard(lambda topic, payload: True)
    assert connect(Client, (f"eufy_fdm_{m5}", "second"), "second").result == 5
