# SPDX-License-Identifier: MIT
"""Statuses of /api/v1 that are about what the gateway has other programs do: accounts, backups, the doctor."""

import json

from process import until
from program import BUILD
from statuses import JSON, Other, Reply, cases_of, happens, in_another, of_printer, plain, served, without_history
from test_import import login_json

TAR = {"Content-Type": "application/x-tar"}


def with_program(script, method, path, body=None, name="flagship-account", **headers):
    """The program that the gateway runs does this."""

    def case(served):
        served.companions.write(name, script)
        try:
            return served.ask(method, path, body, **headers)
        finally:
            served.run_real()

    return case


def with_programs(method, path, make_body, name="flagship-account", **scripts):
    return {int(status[1:]): lambda served, script=script: with_program(script, method, path, make_body(served), name)(served)
            for status, script in scripts.items()}


HANG = "sleep 3600"
FLOOD = "cat /dev/zero"
CRASH = "kill -SEGV $$"
REFUSING = "echo 'flagship: not you' >&2; exit 5"
CAPTCHA = """read credentials; echo '{"captcha": {"media_type": "image/png", "data": "iVBO"}}'; read answer; """


def credentials(served):
    return {"email": served.account.email, "password": served.account.password, "service_key": served.api.key.public, **served.service}


def solving(script=None, answer=None, method="POST"):
    """The answer to a captcha, by the real program or by one that goes on like this."""

    def case(served):
        if script is not None:
            served.companions.write("flagship-account", CAPTCHA + script)
        else:
            served.api.captchas = 2 if answer == "wrong" else 1
        try:
            asked = served.ask("POST", "/accounts/login", credentials(served))
            assert asked.status == 409
            said = served.api.captcha[1] if script is None and answer is None else answer or "x"
            return served.ask(method, f"/accounts/login/{asked.json['login']}", {"answer": said})
        finally:
            served.run_real()
            served.api.captchas = 0

    return case


def a_captcha(served):
    served.api.captchas = 1
    try:
        return served.ask("POST", "/accounts/login", credentials(served))
    finally:
        served.api.captchas = 0


def hold(served, method, path, body=None):
    """A request that is not answered before the program of the gateway ends."""
    connection = served.gateway.connection()
    connection.request(method, "/api/v1" + path, None if body is None else json.dumps(body), {**JSON, "X-Api-Key": served.keys["admin"]})
    served.companions.await_pid()
    return connection


def while_held(name, held, asked):
    def case(served):
        served.companions.drain()
        served.companions.write(name, HANG)
        connection = hold(served, *(part(served) if callable(part) else part for part in held))
        try:
            return served.ask(*(part(served) if callable(part) else part for part in asked))
        finally:
            connection.close()
            served.run_real()

    return case


def imported(served):
    return served.ask("POST", "/accounts", {"file": login_json(served.account), **served.service})


def removed(served):
    imported(served)
    return served.ask("DELETE", f"/accounts/{served.account.user_id[:8]}")


def ending(served):
    """The gateway ends while the answer is worked on."""
    with Other(served, "ending", **served.companions.environment) as other:
        served.companions.drain()
        served.companions.write("flagship-account", CAPTCHA + HANG)
        try:
            asked = other.ask("POST", "/accounts/login", {"email": "a@b.c", "password": "x"})
            connection = other.gateway.connection()
            connection.request("POST", f"/api/v1/accounts/login/{asked.json['login']}", '{"answer": "x"}', {**JSON, "X-Api-Key": other.keys["admin"]})
            # It has been read once another request was answered.
            assert other.ask("GET", "/health").status == 200
            other.gateway.signal(15)
            return Reply(connection)
        finally:
            served.run_real()


def copies_by(script):
    """What the gateway has done by flagship-serve; the gateway itself is another one."""
    return f'case "$1" in backup|restore) {script};; esac; exec "{BUILD}/flagship-serve" "$@"'


def beside_a_backup(method, path, body=None, **headers):
    def case(served):
        served.companions.drain()
        served.companions.write("flagship-serve", copies_by(HANG))
        connection = hold(served, "GET", "/backup")
        try:
            return served.ask(method, path, body, **headers)
        finally:
            connection.close()
            served.run_real()
            # It goes on until the gateway has seen that nobody waits for it.
            until(lambda: served.ask("POST", "/restore", "x", **TAR).status != 409)

    return case


def restored(served):
    with Other(served, "restored") as other:
        reply = other.ask("POST", "/restore", other.ask("GET", "/backup").body, **TAR)
        other.gateway.await_lines(lambda lines: len([line for line in lines if "ready:" in line]) == 2)
        return reply


def forgotten(served):
    imported(served)
    return served.ask("DELETE", "/printers/AK7ABC0123456789?force=true")


LOST = "/accounts/fedcba98"  # without a token: its keys cannot be asked for again
ACCOUNT_PROGRAMS = {"_500": CRASH, "_502": FLOOD, "_504": HANG, "_422": REFUSING}


CASES = {
    "listAccounts": {200: plain("GET", "/accounts")},
    "importAccount": {201: imported, 400: plain("POST", "/accounts", {}), 503: while_held("flagship-account", ("POST", "/accounts", {"file": "x"}), ("POST", "/accounts", {"file": "x"})),
                      **with_programs("POST", "/accounts", lambda _: {"file": "x"}, **ACCOUNT_PROGRAMS)},
    "loginToAccount": {200: lambda served: served.ask("POST", "/accounts/login", credentials(served)), 400: plain("POST", "/accounts/login", {}), 409: a_captcha,
                       503: while_held("flagship-account", ("POST", "/accounts", {"file": "x"}), ("POST", "/accounts/login", credentials)),
                       **with_programs("POST", "/accounts/login", credentials, **ACCOUNT_PROGRAMS)},
    "answerLogin": {200: solving(), 400: plain("POST", "/accounts/login/none", "[]"), 404: plain("POST", "/accounts/login/none", {"answer": "x"}), 409: solving(answer="wrong"),
                      422: solving(REFUSING), 500: solving(CRASH), 502: solving(FLOOD), 503: ending, 504: solving(HANG)},
    "lookAtService": {200: plain("POST", "/accounts/look", {"api": "https://127.0.0.1:1"}), 400: plain("POST", "/accounts/look", {}),
                      500: with_program(CRASH, "POST", "/accounts/look", {"api": "https://127.0.0.1:1"}),
                      503: while_held("flagship-account", ("POST", "/accounts", {"file": "x"}), ("POST", "/accounts/look", {"api": "https://127.0.0.1:1"})),
                      504: with_program(HANG, "POST", "/accounts/look", {"api": "https://127.0.0.1:1"})},
    "removeAccount": {204: removed, 404: plain("DELETE", "/accounts/none"), 409: plain("DELETE", LOST), 500: with_program(CRASH, "DELETE", LOST, name="flagship"),
                      503: while_held("flagship-account", ("POST", "/accounts", {"file": "x"}), ("DELETE", LOST)),
                      504: with_program(HANG, "DELETE", LOST, name="flagship")},
    "forgetPrinter": {204: forgotten, 409: plain("DELETE", "/printers/Lost"), 404: plain("DELETE", "/printers/none"),
                      500: with_program(CRASH, "DELETE", "/printers/Lost", name="flagship"), 504: with_program(HANG, "DELETE", "/printers/Lost", name="flagship"),
                      503: while_held("flagship-account", ("POST", "/accounts", {"file": "x"}), ("DELETE", "/printers/Lost"))},
    "getBackup": {200: plain("GET", "/backup"), 409: beside_a_backup("GET", "/backup"), 500: in_another(without_history, "GET", "/backup")},
    "restore": {200: restored, 409: beside_a_backup("POST", "/restore", "x", **TAR), 415: plain("POST", "/restore", "x"),
                422: plain("POST", "/restore", "x", **TAR), 500: with_program(copies_by(CRASH), "POST", "/restore", "x", name="flagship-serve", **TAR)},
    "runDoctor": {200: plain("GET", "/doctor?printer=Idle"), 404: plain("GET", "/doctor?printer=none"), 409: plain("GET", "/doctor"),
                  500: with_program(CRASH, "GET", "/doctor?printer=Idle", name="flagship"), 504: with_program(HANG, "GET", "/doctor?printer=Idle", name="flagship"),
                  503: while_held("flagship", ("GET", "/doctor?printer=Left"), ("GET", "/doctor?printer=Idle"))},
    "runPrinterDoctor": {200: plain("GET", "/printers/Lost/doctor"), 500: with_program(CRASH, "GET", "/printers/Idle/doctor", name="flagship"),
                         504: with_program(HANG, "GET", "/printers/Idle/doctor", name="flagship"),
                         503: while_held("flagship", ("GET", "/doctor?printer=Left"), ("GET", "/printers/Idle/doctor")), **of_printer("/doctor")},
}


@cases_of(CASES)
def test_it_happens_and_is_as_described(served, name, status):
    happens(served, CASES, name, status)
