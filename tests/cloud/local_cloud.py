# SPDX-License-Identifier: MIT
"""A local cloud as a child process, and clients of its broker."""

import json
import pathlib
import signal
import ssl
import subprocess
import threading
import time

import paho.mqtt.client

from broker import free_port
from process import DEADLINE_S, Process, await_gone, looks
from program import FLAGSHIP, environment, run
from templates import Template

MARKER = "marker"


class Cloud:
    """`flagship cloud` in a folder of its own. What is asked of it before anybody looks at the folder is done when somebody does,
    and comes from templates.py where it was done before, since keys and hashes of passwords take most of the time."""

    host = "localhost"

    def __init__(self, folder, *options):
        self.folder = pathlib.Path(folder) / "D"
        self.mqtt_port, self.api_port = free_port(), free_port()
        self.process = None
        self.options = ("--mqtt-port", self.mqtt_port, "--api-port", self.api_port, "--host", "localhost", *options)
        self.template = Template(options)
        self.steps = []  # None where they are done

    @property
    def dir(self):
        if self.steps is not None:
            steps, self.steps = self.steps, None
            self.template.make(self, steps)
        return self.folder

    def prepare(self, name, *arguments, stdin=None):
        """A command that comes to the same whoever does it."""
        if self.steps is None:
            self.command(name, *arguments, stdin=stdin)
        else:
            self.steps.append((name, *map(str, arguments), stdin))

    @property
    def ca(self):
        return self.dir / "ca.pem"

    @property
    def broker(self):
        return f"mqtts://localhost:{self.mqtt_port}"

    @property
    def api(self):
        return f"https://localhost:{self.api_port}"

    def attempt(self, name, *arguments, stdin=None):
        return run("cloud", name, "--dir", self.dir, *arguments, stdin=stdin)

    def command(self, name, *arguments, stdin=None):
        result = self.attempt(name, *arguments, stdin=stdin)
        assert result.returncode == 0, result.stderr
        return result.stdout

    def add_account(self, email, password, *options):
        self.prepare("add-account", "--email", email, "--password-stdin", *options, stdin=password + "\n")

    def add_printer(self, serial, email, *options):
        self.prepare("add-printer", "--account", email, "--serial", serial, "--model", "m5", *options)

    def registry(self):
        return json.loads(self.command("list", "--json", "--show-secrets"))

    def key_file(self, serial):
        path = self.dir / f"{serial}.key"
        path.write_text(next(p["key"] for p in self.registry()["printers"] if p["serial"] == serial) + "\n")
        path.chmod(0o600)
        return path

    def login(self, email):
        """User name and password of MQTT."""
        account = next(a for a in self.registry()["accounts"] if a["email"] == email)
        return f"eufy_{account['user_id']}", account["mqtt_password"]

    def status(self):
        return json.loads(self.command("status", "--json"))

    @property
    def broker_pid(self):
        """Of the one child of `cloud run`."""
        return int(pathlib.Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text(encoding="ascii"))

    def start(self, *options, **changes):
        self.process = Process(FLAGSHIP, "cloud", "run", "--dir", self.dir, *options, env=environment(**changes))
        self.process.await_text("ready:")

    def await_status(self, child):
        """Until the running cloud answers, of which `child` may end and not answer."""
        for _ in looks():
            if (result := self.attempt("status")).returncode == 0:
                return
            assert child.poll() is None, f"the cloud ended with {child.returncode}"
        raise AssertionError(result.stderr)

    def stop(self):
        if self.process is not None:
            status = self.process.stop()
            self.process = None
            return status
        return None

    def kill(self):
        """Without a chance to clean up; the broker ends by itself."""
        broker = self.broker_pid
        self.process.signal(signal.SIGKILL)
        self.process.await_end()
        self.process = None
        await_gone(broker)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


def tool(name, cloud, login, *arguments, timeout=DEADLINE_S, stdin=None):
    """mosquitto_pub or mosquitto_sub against the cloud's broker."""
    command = [name, "-h", cloud.host, "-p", str(cloud.mqtt_port), "--cafile", str(cloud.ca)]
    if login is not None:
        command += ["-u", login[0], "-P", login[1]]
    return subprocess.run([*command, *map(str, arguments)], capture_output=True, timeout=timeout, check=False,
                          input=stdin)


class Client(paho.mqtt.client.Client):
    """A client that is connected when it was made."""

    def __init__(self, cloud, login, client_id="", will=None, **options):
        super().__init__(client_id=client_id, **options)
        if will is not None:
            self.will_set(*will, qos=1)
        self.heard, self.changed = [], threading.Condition()
        self.result, self.sessions = None, 0  # how often it was connected
        if login is not None:
            self.username_pw_set(*login)
        self.tls_set(str(cloud.ca), tls_version=ssl.PROTOCOL_TLS_CLIENT)
        self.on_connect = self._note_connect
        self.on_message = self._note_message
        self.on_subscribe = self._note_subscribed
        self.granted = {}
        self.connect(cloud.host, cloud.mqtt_port)
        self.loop_start()
        with self.changed:
            assert self.changed.wait_for(lambda: self.result is not None, DEADLINE_S)

    def _note_connect(self, _client, _data, _flags, result, _properties=None):
        with self.changed:
            self.result, self.sessions = result, self.sessions + 1
            self.changed.notify_all()
        if result != 0:
            self.disconnect()  # or it would try again each second, and be let in once the test lets in another

    def _note_message(self, _client, _data, message):
        with self.changed:
            self.heard.append((message.topic, message.payload))
            self.changed.notify_all()

    def _note_subscribed(self, _client, _data, mid, granted, _properties=None):
        with self.changed:
            self.granted[mid] = granted
            self.changed.notify_all()

    def try_subscribe(self, topic, qos=1):
        """What the broker granted: a QoS, or 128 and above."""
        _, mid = self.subscribe(topic, qos)
        with self.changed:
            assert self.changed.wait_for(lambda: mid in self.granted, DEADLINE_S)
            return int(str(self.granted[mid][0])) if not hasattr(self.granted[mid][0], "value") else self.granted[mid][0].value

    def await_heard(self, condition):
        with self.changed:
            assert self.changed.wait_for(lambda: any(condition(*m) for m in self.heard), DEADLINE_S), self.heard
            return [m for m in self.heard if condition(*m)]

    def close(self):
        self.disconnect()
        self.loop_stop()

    def drop(self):
        """Goes away without a word."""
        self.loop_stop()
        self.socket().close()


class Witness(Client):
    """Subscribed to everything; the broker's single loop puts a marker behind what came before it."""

    def __init__(self, cloud, email):
        super().__init__(cloud, cloud.login(email))
        assert self.try_subscribe("#") < 128
        self.markers = 0

    def await_after(self, act, message, attempts=100):
        """Acts again and again until that is heard."""
        for _ in range(attempts):
            act()
            if message in self.heard_until_now():
                return
        raise AssertionError(f"{message} was never heard")

    def heard_until_now(self):
        """What was heard since the last call, after everything that the broker has taken by now."""
        self.markers += 1
        text = f"{MARKER} {self.markers}".encode()
        self.publish("/flagship/marker", text, qos=1)
        self.await_heard(lambda topic, payload: payload == text)
        with self.changed:
            heard = [m for m in self.heard if m[0] != "/flagship/marker"]
            self.heard.clear()
        return heard
