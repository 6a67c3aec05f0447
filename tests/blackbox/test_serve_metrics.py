# SPDX-License-Identifier: MIT
"""GET /metrics of flagship serve, read by promtool and scraped by a real Prometheus."""

import gzip
import json
import re
import shutil
import subprocess
import urllib.parse
import urllib.request

import pytest
import websocket

from broker import free_port
from gateway import Gateway
from process import DEADLINE_S, Process, until
from test_serve import SERIALS, gateway, left, served  # noqa: F401  fixtures

OPENMETRICS = "application/openmetrics-text; version=1.0.0"


def scrape(gateway, accept=None, accept_encoding=None):  # noqa: F811
    connection = gateway.connection()
    sent = {"Accept": accept, "Accept-Encoding": accept_encoding}
    try:
        connection.request("GET", "/metrics", headers={name: value for name, value in sent.items() if value})
        response = connection.getresponse()
        assert response.status == 200
        body = response.read()
        assert len(body) == int(response.headers["Content-Length"])
        return response.headers, (gzip.decompress(body) if response.headers["Content-Encoding"] == "gzip" else body).decode()
    finally:
        connection.close()


def value(text, series, **labels):
    """Of the one series of this name with these labels; None where there is none."""
    found = []
    for line in text.splitlines():
        match = re.fullmatch(r"([a-z_]+)(?:\{(.*)\})? (\S+)", line)
        if match and match.group(1) == series:
            has = dict(re.findall(r'([a-z_]+)="((?:[^"\\]|\\.)*)"', match.group(2) or ""))
            if all(has.get(key) == wanted for key, wanted in labels.items()):
                found.append(float(match.group(3)))
    assert len(found) < 2, f"{series}{labels} is there {len(found)} times"
    return found[0] if found else None


def test_printers_and_the_gateway(gateway, left):  # noqa: F811
    headers, text = scrape(gateway)
    assert headers["Content-Type"].startswith("text/plain; version=0.0.4")
    assert (headers["Vary"].lower(), headers["Content-Encoding"]) == ("accept, accept-encoding", None)
    assert value(text, "flagship_printer_online", serial=SERIALS["Left"]) == 1
    assert value(text, "flagship_printer_state", serial=SERIALS["Left"], state="printing") == 1
    assert value(text, "flagship_printer_nozzle_temperature_celsius", serial=SERIALS["Left"], name="Left") > 100
    assert value(text, "flagship_printer_online", serial=SERIALS["Right"]) == 0
    assert value(text, "flagship_printer_nozzle_temperature_celsius", serial=SERIALS["Right"]) is None
    assert value(text, "flagship_mqtt_sessions") == value(text, "flagship_mqtt_sessions_connected") == 1
    assert value(text, "flagship_messages_received_total") > 0
    assert value(text, "flagship_messages_rejected_total") == 0
    assert 0 < value(text, "process_resident_memory_bytes") < 1 << 30
    assert 3 < value(text, "process_open_fds") < value(text, "process_max_fds")
    assert value(text, "flagship_uptime_seconds") > 0


def test_openmetrics(gateway):  # noqa: F811
    headers, text = scrape(gateway, OPENMETRICS)
    assert headers["Content-Type"].startswith("application/openmetrics-text; version=1.0.0")
    assert text.endswith("# EOF\n")


@pytest.mark.parametrize("accept", [None, OPENMETRICS])
@pytest.mark.parametrize("accept_encoding, encoding", [("gzip", "gzip"), ("br, gzip;q=0.5", "gzip"), ("*", "gzip"), ("gzip;q=0", None), ("br", None), ("identity", None)])
def test_it_is_packed_for_who_takes_it(gateway, left, accept, accept_encoding, encoding):  # noqa: F811
    """So Prometheus asks. What is in it is the same, but for what grew meanwhile."""
    plain = scrape(gateway, accept)
    packed = scrape(gateway, accept, accept_encoding)
    assert (packed[0]["Content-Encoding"], packed[0]["Vary"].lower()) == (encoding, "accept, accept-encoding")
    assert packed[0]["Content-Type"] == plain[0]["Content-Type"]
    assert [line.rsplit(" ", 1)[0] for line in packed[1].splitlines()] == [line.rsplit(" ", 1)[0] for line in plain[1].splitlines()]
    if encoding:
        assert int(packed[0]["Content-Length"]) < len(packed[1]) / 3


def test_outcomes_and_readers_are_counted(gateway, left):  # noqa: F811
    before = scrape(gateway)[1]
    stream = gateway.events()
    stream.next()
    assert gateway.submit("Left", {"command": "bed", "target_c": 63})[0] == 200
    after = scrape(gateway)[1]
    counted = [value(text, "flagship_commands_total", outcome="confirmed") for text in (before, after)]
    assert counted[1] == counted[0] + 1
    assert value(after, "flagship_connections", client="event_stream") == value(before, "flagship_connections", client="event_stream") + 1
    stream.close()


def test_sockets_of_other_programs_are_counted(gateway, left):  # noqa: F811
    before = scrape(gateway)[1]
    assert value(before, "flagship_connections", client="moonraker") == value(before, "flagship_connections", client="octoprint") == 0
    plain = value(before, "flagship_connections", client="http")
    sockets = [websocket.create_connection(f"ws://127.0.0.1:{gateway.port}{path}", timeout=DEADLINE_S)
               for path in ("/moonraker/Left/websocket", "/moonraker/Left/websocket", "/octoprint/Left/sockjs/websocket")]
    after = scrape(gateway)[1]
    assert [value(after, "flagship_connections", client=client) for client in ("moonraker", "octoprint", "http")] == [2, 1, plain]
    for opened in sockets:
        opened.close()


def test_other_methods_and_sites_are_refused(gateway):  # noqa: F811
    for method, headers, wanted in (("POST", {}, 405), ("GET", {"Host": "evil.example"}, 403),
                                    ("GET", {"Origin": "http://evil.example"}, 403)):
        connection = gateway.connection()
        connection.request(method, "/metrics", headers=headers)
        response = connection.getresponse()
        assert response.status == wanted
        assert b"flagship_printer" not in response.read()
        connection.close()


@pytest.mark.skipif(not shutil.which("promtool"), reason="promtool is absent: apt install prometheus")
def test_promtool_has_nothing_to_say(gateway, left):  # noqa: F811
    checked = subprocess.run(["promtool", "check", "metrics"], input=scrape(gateway)[1], capture_output=True, text=True, check=False)
    assert (checked.returncode, checked.stdout, checked.stderr) == (0, "", "")


@pytest.mark.skipif(not shutil.which("prometheus"), reason="prometheus is absent: apt install prometheus")
def test_a_real_prometheus_scrapes(served, left, tmp_path):  # noqa: F811
    port = free_port()
    with Gateway(served, "--dir", tmp_path / "gateway", "--log-level", "http=debug") as scraped:
        configuration = {"global": {"scrape_interval": "1s"},
                         "scrape_configs": [{"job_name": "flagship", "static_configs": [{"targets": [f"127.0.0.1:{scraped.port}"]}]}]}
        (tmp_path / "prometheus.yml").write_text(json.dumps(configuration))
        prometheus = Process("prometheus", f"--config.file={tmp_path}/prometheus.yml", f"--storage.tsdb.path={tmp_path}/data",
                             f"--web.listen-address=127.0.0.1:{port}")
        try:
            # What was read by one scrape is kept before the next one.
            scraped.await_lines(lambda lines: sum("/metrics" in line for line in lines) >= 2)
            assert until(lambda: query(port, f'flagship_printer_info{{serial="{SERIALS["Left"]}"}}'))[0]["value"][1] == "1"
            assert query(port, "up")[0]["value"][1] == "1"
        finally:
            prometheus.stop()


def query(port, expression):
    address = f"http://127.0.0.1:{port}/api/v1/query?query={urllib.parse.quote(expression)}"
    with urllib.request.urlopen(address, timeout=DEADLINE_S) as answer:
        return json.load(answer)["data"]["result"]
