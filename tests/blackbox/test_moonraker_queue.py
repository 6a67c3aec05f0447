# SPDX-License-Identifier: MIT
"""The print queue as Mainsail and Fluidd see it, in front of a printer that files can be sent to."""

import pytest

from lan import gcode
from moonraker_client import Client
from test_serve_print import Farm, form
from test_serve_queue import BOUNDARY

NOT_CLEAR = "the plate of Left is to be confirmed as clear"


@pytest.fixture(scope="module")
def farm(tmp_path_factory, broker, authority, connection):
    """Left with files that are kept, and nothing in its queue."""
    farm = Farm(tmp_path_factory.mktemp("jobs"), broker, authority, connection)
    farm.simulate()
    for name in ("cube.gcode", "next.gcode", "third.gcode"):
        assert farm.gateway.ask("PUT", f"/files/{name}", gcode())[0] == 201
    yield farm
    farm.gateway.stop()
    for printer in farm.printers.values():
        printer.stop()


@pytest.fixture
def client(farm):
    with Client(farm.gateway.port, "/moonraker/Left/websocket") as client:
        yield client
        client.call("server.job_queue.delete_job", all=True)
        client.call("server.job_queue.pause")


def names(status):
    return [job["filename"] for job in status["queued_jobs"]]


def until_queue(client, *wanted):
    client.until("notify_job_queue_changed", lambda change: [job["filename"] for job in change["updated_queue"]] == list(wanted))


def test_it_is_offered_and_empty(client):
    assert "job_queue" in client.call("server.info")["components"]
    assert client.call("server.job_queue.status") == {"queued_jobs": [], "queue_state": "paused"}


def test_jobs_are_added_put_first_and_removed(client, farm):
    assert names(client.call("server.job_queue.post_job", filenames=["cube.gcode", "next.gcode"])) == ["cube.gcode", "next.gcode"]
    until_queue(client, "cube.gcode", "next.gcode")
    status = client.call("server.job_queue.post_job", filenames="third.gcode")
    assert [sorted(job) for job in status["queued_jobs"]] == [["filename", "job_id", "time_added", "time_in_queue"]] * 3
    ids = [job["job_id"] for job in status["queued_jobs"]]
    assert [int(identity, 16) for identity in ids] == [entry["id"] for entry in farm.gateway.get("/printers/Left/queue")["entries"] if entry["state"] == "waiting"]
    assert names(client.call("server.job_queue.jump", job_id=ids[2])) == ["third.gcode", "cube.gcode", "next.gcode"]
    assert names(client.call("server.job_queue.delete_job", job_ids=[ids[0], ids[1], ids[0]])) == ["third.gcode"]
    until_queue(client, "third.gcode")
    assert names(client.call("server.job_queue.delete_job", all=True)) == []


def test_order_and_number_are_changed_as_mainsail_does(client):
    """It sends the whole list anew; those that stay are the same jobs."""
    before = client.call("server.job_queue.post_job", filenames=["cube.gcode", "next.gcode", "third.gcode"])["queued_jobs"]
    after = client.call("server.job_queue.post_job", reset=True, filenames=["third.gcode", "cube.gcode", "cube.gcode"])["queued_jobs"]
    assert [job["filename"] for job in after] == ["third.gcode", "cube.gcode", "cube.gcode"]
    assert [job["job_id"] for job in after[:2]] == [before[2]["job_id"], before[0]["job_id"]]
    assert after[2]["job_id"] not in [job["job_id"] for job in before]
    assert client.call("server.job_queue.post_job", reset=True, filenames=[])["queued_jobs"] == []


@pytest.mark.parametrize("method, params, code, word", [
    ("post_job", {"filenames": ["cube.gcode", "gone.gcode"]}, 400, "files that are here"), ("post_job", {}, 400, "filenames"),
    ("post_job", {"filenames": []}, 400, "filenames"), ("post_job", {"filenames": [7]}, 400, "filenames"),
    ("post_job", {"filenames": ["cube.gcode"] * 65}, 400, "64"), ("post_job", {"filenames": ["gone.gcode"], "reset": True}, 400, "files that are here"),
    ("delete_job", {"job_ids": ["00FFFF"]}, 404, "job_ids"), ("delete_job", {"job_ids": ["x"]}, 404, "job_ids"), ("delete_job", {}, 404, "job_ids"),
    ("jump", {"job_id": "00FFFF"}, 404, "job_id"), ("jump", {}, 404, "job_id")])
def test_what_is_wrong_is_said_and_changes_nothing(client, method, params, code, word):
    refused = client.refusal(f"server.job_queue.{method}", **params)
    assert refused.code == code and word in refused.message
    assert client.call("server.job_queue.status")["queued_jobs"] == []


def test_a_console_says_why_the_first_waits(client):
    client.call("server.job_queue.post_job", filenames=["cube.gcode"])
    client.until("notify_gcode_response", lambda text: text == f"// cube.gcode waits: {NOT_CLEAR}\n// PLATE_CLEAR says that it is clear")
    assert client.call("server.job_queue.status")["queue_state"] == "paused"


@pytest.mark.parametrize("confirm", [("server.job_queue.start", {}), ("printer.gcode.script", {"script": "PLATE_CLEAR"})])
def test_a_start_or_a_word_says_that_the_plate_is_clear(client, farm, confirm):
    client.call("server.job_queue.post_job", filenames=["cube.gcode"])
    until_queue(client, "cube.gcode")
    client.call(confirm[0], **confirm[1])
    farm.gateway.await_get("/printers/Left", lambda state: state["job"]["name"] == "cube.gcode")
    until_queue(client)
    farm.gateway.await_get("/printers/Left/queue", lambda queue: not queue["plate"]["clear"])
    assert client.call("server.job_queue.status") == {"queued_jobs": [], "queue_state": "paused"}
    assert farm.gateway.submit("Left", {"command": "stop"})[0] == 200
    farm.gateway.await_get("/printers/Left", lambda state: state["job"]["state"] == "idle")
    farm.gateway.await_get("/printers/Left/queue", lambda queue: not any(entry["state"] == "printing" for entry in queue["entries"]))


def test_upload_and_print_waits_in_it(client, farm):
    """As the button of Mainsail does."""
    connection = farm.gateway.connection()
    connection.request("POST", "/moonraker/Left/server/files/upload", form(gcode(), "sent.gcode", print="true"),
                       {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"})
    assert connection.getresponse().status == 201
    connection.close()
    until_queue(client, "sent.gcode")


def test_a_plate_that_clears_itself_cannot_be_paused(client, farm):
    farm.plate(auto_clear=True)
    try:
        assert client.call("server.job_queue.status")["queue_state"] == "ready"
        refused = client.refusal("server.job_queue.pause")
        assert refused.code == 409 and "always clear" in refused.message
    finally:
        farm.plate(auto_clear=False)
