# SPDX-License-Identifier: MIT
"""The description of flagship serve's own interface: complete, true of its answers, and clean by redocly's rules."""

import gzip
import json
import re
import shutil
import subprocess

import pytest

from program import ROOT
from test_serve import gateway, left, served  # noqa: F401  fixtures

REDOCLY = "@redocly/cli@2.77.0"


@pytest.fixture(scope="module")
def described(gateway):  # noqa: F811
    return gateway.get("/openapi.json")


def operations(described):
    return {(method.upper(), path): operation for path, of_path in described["paths"].items() for method, operation in of_path.items()}


def fits(described, schema, value, where="answer"):
    """The part of JSON Schema that the description uses."""
    if "$ref" in schema:
        return fits(described, described["components"]["schemas"][schema["$ref"].rpartition("/")[2]], value, where)
    if "oneOf" in schema:
        found = [True for one in schema["oneOf"] if not fits(described, one, value)]
        return [] if len(found) == 1 else [f"{where}: fits {len(found)} shapes"]
    return problems(described, schema, value, where)


def problems(described, schema, value, where="answer"):
    types = {"object": dict, "array": list, "string": str, "integer": int, "number": (int, float), "boolean": bool, "null": type(None)}
    found = []
    wanted = schema.get("type", [])
    wanted = [wanted] if isinstance(wanted, str) else wanted
    if wanted and not any(isinstance(value, types[name]) and not (name in ("integer", "number") and isinstance(value, bool)) for name in wanted):
        return [f"{where}: {value!r} is no {' or '.join(wanted)}"]
    if "enum" in schema and value not in schema["enum"]:
        found.append(f"{where}: {value!r} is none of {schema['enum']}")
    if "const" in schema and value != schema["const"]:
        found.append(f"{where}: {value!r} is not {schema['const']!r}")
    if isinstance(value, dict):
        properties = schema.get("properties", {})
        found += [f"{where}: lacks {name}" for name in schema.get("required", []) if name not in value]
        if schema.get("additionalProperties") is False:
            found += [f"{where}: has {name}" for name in value if name not in properties]
        for name, of_name in properties.items():
            if name in value:
                found += fits(described, of_name, value[name], f"{where}.{name}")
    if isinstance(value, list) and "items" in schema:
        for i, item in enumerate(value):
            found += fits(described, schema["items"], item, f"{where}[{i}]")
    return found


def answer_of(described, method, path, status):
    (content,) = operations(described)[(method, path)]["responses"][str(status)]["content"].values()
    return content["schema"]


def test_it_is_openapi_3_1(described):
    assert described["openapi"] == "3.1.0"
    assert described["servers"] == [{"url": "/api/v1"}]


def test_every_operation_is_described(described):
    """A path without operations is a route that nobody wrote down."""
    assert [path for path, of_path in described["paths"].items() if not of_path] == []
    names = [operation["operationId"] for operation in operations(described).values()]
    assert len(names) == len(set(names))


def test_references_lead_somewhere(described):
    names = set(re.findall(r'"#/components/schemas/(\w+)"', json.dumps(described)))
    assert names <= set(described["components"]["schemas"])


def test_the_page_lists_every_request(described, tmp_path):
    """docs/api.md is made of the description: `make docs` renews it."""
    (tmp_path / "openapi.json").write_text(json.dumps(described))
    made = subprocess.run([ROOT / "scripts" / "api-page", tmp_path / "openapi.json"], check=True, capture_output=True, text=True).stdout
    assert len(operations(described)) <= made.count("\n| `")
    assert f"make docs -->\n{made}<!-- end of what is made" in (ROOT / "docs" / "api.md").read_text(encoding="utf-8")


def test_the_description_lacks_what_is_not_served(described, gateway):  # noqa: F811
    """405 answers with what a path has: no method more, no method less."""
    patterns = {path: re.compile(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(path)) + "$") for path in described["paths"]}
    for path in described["paths"]:
        concrete = re.sub(r"\{\w+\}", "1", path)
        # A pattern may be one of another's values: /accounts/login is an {account}, too.
        of_path = {method for other, of_other in described["paths"].items() if patterns[other].match(concrete) for method in of_other}
        connection = gateway.connection()
        connection.request("PURGE", "/api/v1" + concrete, "{}", {"Content-Type": "application/json"})
        response = connection.getresponse()
        response.read()
        connection.close()
        assert response.status == 405, path
        assert {method.strip().lower() for method in response.headers["Allow"].split(",")} - {"head"} == of_path, path


def test_answers_are_as_described(described, gateway, left):  # noqa: F811
    for path in ("/health", "/version", "/printers"):
        assert fits(described, answer_of(described, "GET", path, 200), gateway.get(path)) == []
    printer = "/printers/{printer}"
    assert fits(described, answer_of(described, "GET", printer, 200), gateway.get("/printers/Left")) == []
    assert fits(described, answer_of(described, "GET", printer, 404), gateway.get("/printers/none")) == []
    posted = "/printers/{printer}/commands"
    status, confirmed = gateway.submit("Left", {"command": "bed", "target_c": 64})
    assert (status, fits(described, answer_of(described, "POST", posted, 200), confirmed)) == (200, [])
    status, refused = gateway.submit("Left", {"command": "home"})
    assert (status, fits(described, answer_of(described, "POST", posted, 409), refused)) == (409, [])
    assert fits(described, answer_of(described, "GET", posted, 200), gateway.get("/printers/Left/commands")) == []
    assert fits(described, answer_of(described, "GET", "/commands/{command}", 200), gateway.get(f"/commands/{confirmed['id']}")) == []


def test_files_are_as_described(described, gateway):  # noqa: F811
    status, _, entry = gateway.ask("PUT", "/files/described/a.gcode", b"; estimated printing time (normal mode) = 1m\nG28\n")
    assert (status, fits(described, answer_of(described, "PUT", "/files/{path}", 201), entry)) == (201, [])
    assert fits(described, answer_of(described, "GET", "/files", 200), gateway.get("/files")) == []
    status, _, refused = gateway.ask("PUT", "/files/a.stl", b"x")
    assert (status, fits(described, answer_of(described, "PUT", "/files/{path}", 415), refused)) == (415, [])
    assert fits(described, answer_of(described, "GET", "/metadata/{path}", 200), gateway.get("/metadata/described")) == []


def test_history_is_as_described(described, gateway, left):  # noqa: F811
    gateway.submit("Left", {"command": "bed", "target_c": 66})
    for path in ("/jobs", "/history"):
        answer = gateway.get(path)
        assert answer and fits(described, answer_of(described, "GET", path, 200), answer) == []
    assert fits(described, answer_of(described, "GET", "/jobs/{job}", 200), gateway.get(f"/jobs/{gateway.get('/jobs')[0]['id']}")) == []
    series = gateway.get("/printers/Left/temperatures")
    assert fits(described, answer_of(described, "GET", "/printers/{printer}/temperatures", 200), series) == []
    for path in ("/jobs?limit=0", "/history?since=soon", "/printers/Left/temperatures?step=x"):
        status, _, refused = gateway.ask("GET", path)
        assert status == 400 and fits(described, answer_of(described, "GET", "/jobs", 400), refused) == []


def fetch(gateway, path, **headers):  # noqa: F811
    connection = gateway.connection()
    connection.request("GET", "/api/v1" + path, headers={name.replace("_", "-"): value for name, value in headers.items()})
    response = connection.getresponse()
    body = response.read()
    connection.close()
    return response.status, response.headers, body


@pytest.mark.parametrize("path", ["/openapi.json", "/version", "/printers/Right/commands"])
def test_what_did_not_change_is_not_sent_again(gateway, path):  # noqa: F811
    status, headers, body = fetch(gateway, path)
    assert (status, headers["Cache-Control"], headers["Vary"]) == (200, "no-cache", "accept-encoding")
    again = fetch(gateway, path, If_None_Match=headers["ETag"])
    assert (again[0], again[1]["ETag"], again[2]) == (304, headers["ETag"], b"")
    assert fetch(gateway, path, If_None_Match='"other"')[::2] == (200, body)


def test_gzip_is_for_who_takes_it_and_for_what_is_long(gateway):  # noqa: F811
    plain = fetch(gateway, "/openapi.json")
    status, headers, body = fetch(gateway, "/openapi.json", Accept_Encoding="br, gzip")
    assert (status, headers["Content-Encoding"]) == (200, "gzip")
    assert gzip.decompress(body) == plain[2]
    assert len(body) < len(plain[2]) / 4
    assert headers["ETag"] != plain[1]["ETag"]
    assert fetch(gateway, "/openapi.json", Accept_Encoding="gzip", If_None_Match=headers["ETag"])[0] == 304
    assert fetch(gateway, "/openapi.json", Accept_Encoding="gzip;q=0")[1]["Content-Encoding"] is None
    assert fetch(gateway, "/version", Accept_Encoding="gzip")[1]["Content-Encoding"] is None


@pytest.mark.parametrize("body, taken", [({"command": "pause"}, True), ({"command": "bed", "target_c": 60}, True),
                                         ({"command": "bed"}, False), ({"command": "bed", "target_c": 60, "more": 1}, False),
                                         ({"command": "fly"}, False), ({"command": "files", "storage": "moon"}, False)])
def test_bodies_that_fit_are_those_that_are_taken(described, gateway, left, body, taken):  # noqa: F811
    schema = operations(described)[("POST", "/printers/{printer}/commands")]["requestBody"]["content"]["application/json"]["schema"]
    assert (fits(described, schema, body) == []) == taken
    if not taken:
        assert gateway.submit("Left", body)[0] == 400


def test_redocly_has_nothing_to_say(described, tmp_path):
    if not shutil.which("npm"):
        pytest.skip("npm is absent: apt install npm")
    cache = tmp_path / "redocly"
    installed = subprocess.run(["npm", "install", "--silent", "--no-fund", "--no-audit", "--prefix", cache, REDOCLY],
                               capture_output=True, text=True, check=False)
    if installed.returncode:
        pytest.skip(f"{REDOCLY} cannot be had: {installed.stderr.strip()[-200:]}")
    (tmp_path / "openapi.json").write_text(json.dumps(described))
    (tmp_path / "redocly.yaml").write_text("extends: [recommended-strict]\nrules:\n  security-defined: off\n")
    # A WebSocket alone is answered there: 101 is its success.
    (tmp_path / ".redocly.lint-ignore.yaml").write_text("openapi.json:\n  operation-2xx-response:\n"
                                                        "    - '#/paths/~1printers~1{printer}~1camera~1stream/get/responses'\n")
    linted = subprocess.run([cache / "node_modules/.bin/redocly", "lint", "--config", tmp_path / "redocly.yaml", tmp_path / "openapi.json"],
                            capture_output=True, text=True, check=False, cwd=tmp_path, env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path),
                                                                                          "REDOCLY_TELEMETRY": "off"})
    assert linted.returncode == 0, linted.stdout + linted.stderr
