# SPDX-License-Identifier: MIT
"""The vendor's HTTPS API on loopback: real TLS, the real password exchange, and whatever can go wrong."""

import base64
import collections
import hashlib
import http.server
import json
import secrets
import socket
import ssl
import threading
import time

import signed_session
import wire
from p256 import KeyPair

PROFILE = "/v1/passport/profile"
PRINTERS = "/v1/app/query_fdm_list"
DSK_KEYS = "/v1/app/equipment/get_dsk_keys"
LOGIN = "/v2/passport/login"
SEND_CODE = "/v1/sms/send/verify_code"
SERVICE = "/v1/flagship/service"
IV_SIZE = 16
EXPIRES_AT = 4102444800

CODE_CAPTCHA = 100032
CODE_PASSWORD = 26006
CODE_WRONG_FACTOR, CODE_LATE_FACTOR, CODE_FACTOR = 26050, 26051, 26052
TEMPORARY = "half-a-login-0123456789"  # the token of who has not given the code yet

Request = collections.namedtuple("Request", "method path headers body at")


def printer(serial, name="Left", model="V8111", key="ab" * 32, **more):
    return {"station_sn": serial, "station_name": name, "station_model": model, "secret_key": key,
            "wifi_mac": "aabbccddeeff", "ip_addr": "", "p2p_did": "EUPRAKM-012345-ABCDE", "p2p_conn": "", "app_conn": "",
            "create_time": 1680000000, "update_time": 1680000001, "main_sw_version": "V3.1.56", **more}


class Fault:
    """What is answered in place of the truth, once."""

    def __init__(self, status=200, body=b"", headers=(), delay_s=0, promise=None):
        self.status, self.headers, self.delay_s = status, dict(headers), delay_s
        self.body = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.promise = promise  # Content-Length, where it is a lie

    @classmethod
    def code(cls, code, message="", data=None, status=200):
        return cls(status, {"code": code, "msg": message, "data": data})


class Account:
    def __init__(self, email="owner@example.org", password="correct horse", country="DE", printers=()):
        self.email, self.password, self.country = email, password, country
        self.user_id = hashlib.sha1(email.encode()).hexdigest()
        self.token = hashlib.sha1(b"token" + email.encode()).hexdigest() + "7f"
        self.printers = list(printers)

    def login(self):
        return {"user_id": self.user_id, "email": self.email, "auth_token": self.token, "ab_code": self.country,
                "domain": "", "nick_name": "Owner", "token_expires_at": EXPIRES_AT}

    def dsk_key(self, serial):
        return hashlib.sha1(serial.encode()).hexdigest()[:20]


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 30

    def log_message(self, *_):
        pass

    def handle_one_request(self):
        try:
            super().handle_one_request()
        except (ConnectionError, ssl.SSLError, TimeoutError):
            self.close_connection = True

    def do_GET(self):
        self.answer(b"")

    def do_POST(self):
        self.answer(self.rfile.read(int(self.headers.get("Content-Length", 0))))

    def answer(self, body):
        fault = self.server.api.take_any(self.command, self.path, self.headers, body)
        self.server.api.stopping.wait(fault.delay_s)
        self.send_response(fault.status)
        self.send_header("Content-Length", str(fault.promise or len(fault.body)))
        for name, value in fault.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(fault.body)
        self.close_connection = self.close_connection or fault.promise is not None


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request, client_address):
        """Clients that hang up in the handshake are what some tests are about."""


class TlsServer(Server):
    def get_request(self):
        connection, address = super().get_request()
        connection.settimeout(Handler.timeout)
        return self.context.wrap_socket(connection, server_side=True, do_handshake_on_connect=False), address


class ApiServer:
    """`faults[path]` is a list of Faults to be answered first; `requests` is what came."""

    def __init__(self, certificate, key, accounts=()):
        self.accounts = {account.email: account for account in accounts}
        self.key = KeyPair()
        self.faults = collections.defaultdict(list)
        self.requests = []
        self.unknown_paths = set()
        self.captchas = 0  # so many are wanted before one is let in
        self.captcha = None
        self.passwords = []  # as they were decrypted
        self.factor = None  # where a second factor is wanted: in the "code" of the answer, or as a "step"
        self.mailed = []  # its codes, the last of which counts
        self.factor_user = True  # whether the temporary token comes with whom it is for
        self.delay_s = 0
        self.is_local = False  # flagship cloud, which tells more than the vendor does
        self.broker_port = 18789
        self.mqtt_password = "of MQTT"
        self.plain_is_closed = None  # a Fault: how plain calls are refused, where the signed session alone is open
        self.signed = None  # a signed_session.Service, where that is spoken
        self.signed_paths = []
        self.success = 0  # what the code of success is on the signed session
        self.seals_email = False
        self.stopping = threading.Event()
        self.lock = threading.Lock()
        self.port = 0
        self.certificate = (certificate, key)
        self.server = None

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()

    def start(self):
        self.stopping.clear()
        self.server = TlsServer(("127.0.0.1", self.port), Handler)
        self.server.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.server.context.load_cert_chain(*map(str, self.certificate))
        self.server.api = self
        self.port = self.server.server_address[1]
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True)
        self.thread.start()

    def stop(self):
        self.stopping.set()
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    @property
    def url(self):
        return f"https://localhost:{self.port}"

    def paths(self):
        with self.lock:
            return [request.path for request in self.requests]

    def take_any(self, method, path, headers, body):
        """A plain call, the key exchange, or a call over the signed session."""
        if path == signed_session.EXCHANGE:
            with self.lock:
                self.requests.append(Request(method, path, headers, None, time.monotonic()))
                data = self.signed.exchange(headers, body) if self.signed else None
                return Fault.code(self.success, "success", data) if data else Fault(404 if self.signed is None else 400)
        if "X-Encryption-Info" not in headers:
            if self.plain_is_closed is None or path in (SERVICE, "/"):
                return self.take(method, path, headers, body)
            with self.lock:
                self.requests.append(Request(method, path, headers, None, time.monotonic()))
                return self.plain_is_closed
        with self.lock:
            opened = self.signed.open(headers, body.decode()) if self.signed else None
            self.signed_paths.append(path)
        if opened is None:
            return Fault.code(403, "not signed", status=403)
        fault = self.take(method, path, headers, opened[1].encode())
        if fault.status == 200:
            answer = json.loads(fault.body)
            if answer["data"] is not None:
                answer["data"] = signed_session.seal(opened[0], json.dumps(answer["data"]))
            if answer["code"] == 0:
                answer["code"] = self.success
            fault.body = json.dumps(answer).encode()
        return fault

    def take(self, method, path, headers, body):
        with self.lock:
            self.requests.append(Request(method, path, headers, json.loads(body) if body else None, time.monotonic()))
            request = self.requests[-1]
            if self.faults[path]:
                return self.faults[path].pop(0)
            if path == "/":
                return Fault(404, b"", delay_s=self.delay_s)
            if path in self.unknown_paths:
                return Fault(404, b"not here")
            return self.truth(request)

    def truth(self, request):
        if request.path == SERVICE and self.is_local:
            return Fault.code(0, "success", {"public_key": self.key.public, "broker_port": self.broker_port})
        name = request.path.split("/", 2)[2]
        if name == "passport/login":
            return self.log_in(request)
        if name == "sms/send/verify_code":
            return self.mail_code(request)
        account = self.account_of(request.headers)
        if account is None:
            return Fault.code(401, "Token is invalid", status=401)
        if name == "passport/profile" and request.method == "GET":
            profile = {"user_id": account.user_id, "email": account.email, "nick_name": "Owner",
                       "country": {"code": account.country}}
            if self.is_local:
                profile["flagship"] = {"broker_port": self.broker_port, "mqtt_username": "eufy_local", "mqtt_password": self.mqtt_password}
            return Fault.code(0, "Succeed.", profile)
        if name == "app/query_fdm_list" and request.body == {}:
            return Fault.code(0, "Succeed.", account.printers)
        if name == "app/equipment/get_dsk_keys" and request.body["invalid_dsks"] == {}:
            known = {entry.get("station_sn") for entry in account.printers}
            return Fault.code(0, "Succeed.", {"dsk_keys": [{"station_sn": serial, "dsk_key": account.dsk_key(serial)}
                                                           for serial in request.body["station_sns"] if serial in known]})
        return Fault(404)

    def account_of(self, headers):
        for account in self.accounts.values():
            if headers.get("X-Auth-Token") == account.token:
                gtoken = hashlib.md5(account.user_id.encode()).hexdigest()
                return account if headers.get("Gtoken") == gtoken else None
        return None

    def decrypt(self, body):
        shared = self.key.shared(body["client_secret_info"]["public_key"])
        return wire.cipher(base64.b64decode(body["password"]), shared, shared[:IV_SIZE], False).decode()

    def wanted_captcha(self, body):
        """None where the request answers the one that was asked last, or none is wanted."""
        if self.captcha is not None and body.get("captcha_id") == self.captcha[0] and body.get("answer") == self.captcha[1]:
            return None
        if self.captchas == 0:
            return None
        self.captchas -= 1
        number = len(self.requests)
        self.captcha = (f"captcha-{number}", f"k7{number}x")
        picture = b"\x89PNG\r\n\x1a\n" + self.captcha[1].encode()
        item = "data:image/png;base64," + base64.b64encode(picture).decode()
        return Fault.code(CODE_CAPTCHA, "need captcha", {"captcha_id": self.captcha[0], "item": item})

    def is_half_in(self, headers):
        """Who has the temporary token; the user's digest goes with it where that was said."""
        users = {hashlib.md5(account.user_id.encode()).hexdigest() for account in self.accounts.values()}
        return headers.get("X-Auth-Token") == TEMPORARY and (headers.get("Gtoken") in users if self.factor_user else headers.get("Gtoken") is None)

    def mail_code(self, request):
        if not self.is_half_in(request.headers):
            return Fault.code(401, "Token is invalid", status=401)
        if request.body != {"message_type": 2}:
            return Fault.code(10000, "bad parameter")
        self.mailed.append(f"{secrets.randbelow(1000000):06}")
        return Fault.code(0, "Succeed.")

    def wanted_factor(self, request, account):
        """None where the request has the code that was mailed last."""
        code = request.body.get("verify_code")
        if not code:
            half = {"auth_token": TEMPORARY, "domain": "", **({"user_id": account.user_id} if self.factor_user else {})}
            if self.factor == "step":
                return Fault.code(0, "", {**half, "fa_info": {"step": CODE_FACTOR}})
            return Fault.code(CODE_FACTOR, "need validate code", half)
        if not self.is_half_in(request.headers):
            return Fault.code(10002, "the code comes without the token")
        if code in self.mailed[:-1]:
            return Fault.code(CODE_LATE_FACTOR, "the code is too old")
        return None if code == self.mailed[-1] else Fault.code(CODE_WRONG_FACTOR, "the code is wrong")

    def log_in(self, request):
        if request.headers.get("App_name") != "anker_make" or request.headers.get("Model_type") != "PC":
            return Fault.code(10001, "headers are missing")
        try:
            password = self.decrypt(request.body)
        except AssertionError:
            return Fault.code(10002, "the password cannot be decrypted")
        self.passwords.append(password)
        captcha = self.wanted_captcha(request.body)
        if captcha is not None:
            return captcha
        account = self.accounts.get(request.body["email"])
        if account is None or account.password != password:
            return Fault.code(CODE_PASSWORD, "Incorrect email or password")
        factor = self.wanted_factor(request, account) if self.factor else None
        if factor is not None:
            return factor
        answer = account.login()
        if self.seals_email:
            shared = self.key.shared(request.body["client_secret_info"]["public_key"])
            sealed = wire.cipher(account.email.encode(), shared, shared[:IV_SIZE], True)
            answer = {**answer, "email": base64.b64encode(sealed).decode(), "server_secret_info": {"public_key": self.key.public}}
        return Fault.code(0, "Succeed.", answer)


class Proxy:
    """A web proxy that leads every host it knows to a port of this machine; `names` is whom it was asked for."""

    def __init__(self, ports):
        self.ports, self.names = ports, []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                client = self.listener.accept()[0]
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client):
        with client:
            head = b""
            while not head.endswith(b"\r\n\r\n"):
                byte = client.recv(1)
                if not byte:
                    return
                head += byte
            name = head.split()[1].decode().rsplit(":", 1)[0]
            self.names.append(name)
            if name not in self.ports:
                client.sendall(b"HTTP/1.1 502 No such host\r\n\r\n")
                return
            with socket.create_connection(("127.0.0.1", self.ports[name])) as server:
                client.sendall(b"HTTP/1.1 200 Connected\r\n\r\n")
                back = threading.Thread(target=self._copy, args=(server, client), daemon=True)
                back.start()
                self._copy(client, server)
                back.join()

    @staticmethod
    def _copy(source, target):
        try:
            while data := source.recv(65536):
                target.sendall(data)
        except OSError:
            pass
        for end in (source, target):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.listener.close()
