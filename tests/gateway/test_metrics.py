# SPDX-License-Identifier: MIT
"""What /metrics says, read by those who are to read it; the alerts and the dashboard name nothing else."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BUILD = (ROOT / os.environ.get("FLAGSHIP_BUILD", "build")).resolve()
PRINT_METRICS = BUILD / "tests/unit/gateway/metrics/print_metrics"
ALERTS = ROOT / "deploy/prometheus/alerts.yml"
DASHBOARD = ROOT / "deploy/grafana/flagship.json"
PAGE = ROOT / "docs/metrics.md"
OPENMETRICS = "application/openmetrics-text; version=1.0.0"
PRINTERS = 10

promtool = pytest.mark.skipif(not shutil.which("promtool"), reason="promtool is absent: apt install prometheus")


def metrics(accept="", count=PRINTERS):
    return subprocess.run([PRINT_METRICS, accept, str(count)], check=True, capture_output=True, text=True).stdout


def families():
    """The names of lines, as the older text describes them."""
    return set(re.findall(r"^# TYPE (\S+) ", metrics(), re.M))


def run_promtool(*arguments, text=None):
    return subprocess.run(["promtool", *map(str, arguments)], input=text, capture_output=True, text=True, check=False)


def expressions_of_dashboard():
    dashboard = json.loads(DASHBOARD.read_text(encoding="utf-8"))
    found = [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
    return found + [entry["query"]["query"] for entry in dashboard["templating"]["list"] if entry["type"] == "query"]


def names_in(text):
    return set(re.findall(r"\b(?:flagship|process)_[a-z_]+\b", text))


@promtool
def test_promtool_has_nothing_to_say_of_the_metrics():
    result = run_promtool("check", "metrics", text=metrics())
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


@promtool
def test_promtool_finds_what_is_wrong():
    """Its silence means something: without HELP it speaks."""
    text = re.sub(r"^# HELP .*\n", "", metrics(), flags=re.M)
    assert run_promtool("check", "metrics", text=text).returncode != 0


def test_a_strict_reader_accepts_openmetrics():
    parser = pytest.importorskip("prometheus_client.openmetrics.parser", reason="apt install python3-prometheus-client")
    found = {family.name: family for family in parser.text_string_to_metric_families(metrics(OPENMETRICS))}
    assert found["flagship_printer"].type == "info"
    assert found["flagship_printer_malformed_messages"].type == "counter"
    assert found["flagship_printer_nozzle_temperature_celsius"].unit == "celsius"
    names = {sample.labels["name"] for sample in found["flagship_printer_online"].samples}
    assert 'a"b\\c\nd\ufffdü}' in names


def test_both_forms_say_the_same():
    def lines(text):
        return [line for line in text.splitlines() if not line.startswith("#")]

    assert lines(metrics(OPENMETRICS)) == lines(metrics())


@promtool
def test_the_alerts_are_rules():
    result = run_promtool("check", "rules", ALERTS)
    assert result.returncode == 0, result.stdout + result.stderr


@promtool
def test_the_alerts_fire_when_they_are_to(tmp_path):
    cases = (Path(__file__).parent / "alerts_test.yml").read_text(encoding="utf-8")
    page = tmp_path / "alerts_test.yml"
    page.write_text(cases.replace("ALERTS", str(ALERTS)), encoding="utf-8")
    result = run_promtool("test", "rules", page)
    assert result.returncode == 0, result.stdout + result.stderr


def test_each_alert_is_tried():
    named = set(re.findall(r"- alert: (\w+)", ALERTS.read_text(encoding="utf-8")))
    tried = set(re.findall(r"alertname: (\w+)", (Path(__file__).parent / "alerts_test.yml").read_text(encoding="utf-8")))
    assert named == tried


def test_the_alerts_name_metrics_that_there_are():
    text = ALERTS.read_text(encoding="utf-8")
    used = names_in(text)
    assert used and used <= families()


def test_the_dashboard_names_metrics_that_there_are():
    used = set().union(*map(names_in, expressions_of_dashboard()))
    assert len(used) > 20 and used <= families()


def test_the_dashboard_has_no_place_twice():
    dashboard = json.loads(DASHBOARD.read_text(encoding="utf-8"))
    places = [(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in dashboard["panels"]]
    assert len(places) == len(set(places))
    assert all(panel["gridPos"]["x"] + panel["gridPos"]["w"] <= 24 for panel in dashboard["panels"])


def test_the_page_lists_every_metric():
    listed = set(re.findall(r"^\| `((?:flagship|process)_\w+)", PAGE.read_text(encoding="utf-8"), re.M))
    assert listed == families()
