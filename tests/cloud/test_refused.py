# SPDX-License-Identifier: MIT
"""Of several printers behind one login, one that the login may not follow: the others go on."""

import json

from accounts_home import Home
from conftest import ANNE
from program import DONE, NOT_ALLOWED

MINE, TAKEN = "ANNESPRINTER1", "TAKENPRINTER1"


def test_the_others_go_on(cloud, simulate, tmp_path):
    cloud.add_printer(TAKEN, ANNE)
    home = Home(tmp_path)
    login = tmp_path / "login.json"
    login.write_text(cloud.command("export-login", ANNE))
    assert home.run("import", "--api", cloud.api, "--broker", cloud.broker, "--ca", cloud.ca, login).returncode == DONE
    simulate(MINE)
    cloud.command("unshare", TAKEN, ANNE)
    result = home.run("printers", "--json", "--timeout", "5")
    printers = {p["serial"]: p for p in json.loads(result.stdout)}
    assert result.returncode == DONE and printers[MINE]["online"] and not printers[TAKEN]["online"], result.stderr
    assert f"printer {TAKEN}" in result.stderr and "may not follow" in result.stderr
    assert home.run("status", "-p", TAKEN).returncode == NOT_ALLOWED
    cloud.command("remove-printer", TAKEN)
