# SPDX-License-Identifier: MIT
"""A printer as a client of the cloud's broker, which answers what the cloud asks it as a real one does (protocol.md 3.3,
3.9): 1043 with what stands behind M118, a bare 1118 or 1153 with an object of that type."""

import json
import threading

from local_cloud import Client
from process import DEADLINE_S
from wire import seal, unseal

RING_LINE = "+ringbuf:1,512,0\nok\n"
E1_ANSWERS = {1118: {"plateType": 1}, 1153: {"attType": 2, "version": "1.0"}}
ECHO = "M118 "


def topics(serial):
    return [f"/device/maker/{serial}/command", f"/device/maker/{serial}/query", f"/smart/maker/{serial}/command",
            f"/server/maker/{serial}/command"]


def answer_to(question):
    """The object that a printer answers with, and on which topic; None where it does not."""
    kind = question.get("commandType")
    if kind == 1043 and question["cmdData"].startswith(ECHO):
        text = f"{question['cmdData'].removeprefix(ECHO)}\n{RING_LINE}"
        return "command/reply", {"commandType": kind, "reply": 0, "resCode": 0, "resLen": len(text), "resData": text}
    if kind in E1_ANSWERS:
        return "query/reply", {"commandType": kind, **E1_ANSWERS[kind]}
    return None


class Printer(Client):
    """Connected, and subscribed as printers are."""

    def __init__(self, cloud, serial, key, login=None, client_id="", answers=True, address="", **options):
        self.serial, self.key, self.answers, self.said, self.address = serial, key, answers, [], address
        self.has_answered = threading.Event()
        super().__init__(cloud, login, client_id, **options)
        for topic in topics(serial):
            assert self.result != 0 or self.try_subscribe(topic) < 128

    def connect(self, host, port, **options):
        return super().connect(host, port, bind_address=self.address, **options)

    def _note_message(self, client, data, message):
        try:
            question = json.loads(unseal(message.payload, self.key).payload)
        except (AssertionError, ValueError, KeyError):
            question = {}
        answer = answer_to(question) if self.answers else None
        if answer is not None:
            frame = seal(json.dumps(answer[1]).encode(), self.key)
            self.said.append(frame)
            self.publish(f"/phone/maker/{self.serial}/{answer[0]}", frame, qos=1)
            self.has_answered.set()
        super()._note_message(client, data, message)

    def prove(self):
        """What it publishes from now on is the printer's: the broker takes one after the other."""
        assert self.has_answered.wait(DEADLINE_S)
        return self

    def prove_itself(self, home, serial):
        """As prove, of one that did not answer until now."""
        self.answers = True
        self.prove()
        home.process.await_text(f"as printer {serial}: proven by its key")

    def say(self, payload, topic="notice", **options):
        """payload: a frame, or plaintext to be sealed."""
        frame = payload if payload[:2] == b"MA" else seal(payload, self.key)
        self.publish(f"/phone/maker/{self.serial}/{topic}", frame, qos=1, **options).wait_for_publish(DEADLINE_S)
        return frame


class Spoken:
    def __init__(self, returncode):
        self.returncode = returncode


def speak(cloud, login, serial, payload, client_id="printer", proves=True, address=""):
    """As a printer would: it connects, proves itself where its login is not known, says one notice, and leaves. Where it
    does not prove itself, it has another key, and is heard by nobody who matters."""
    known = next((p for p in cloud.registry()["printers"] if p["serial"] == serial), None)
    proves = proves and known is not None and known["key"] is not None
    key = bytes.fromhex(known["key"]) if proves else bytes(32)
    printer = Printer(cloud, serial, key, login, client_id, answers=proves, address=address)
    try:
        if printer.result == 0:
            if proves and not known["login_known"]:
                printer.prove()
            printer.say(payload)
        return Spoken(printer.result)
    finally:
        printer.close()
