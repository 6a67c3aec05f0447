# SPDX-License-Identifier: MIT
"""Messages to browsers that are not open: subscriptions, what push services get, and what is never asked."""

import base64
import json
import stat
import time

import pytest

from accounts_home import Home
from gateway import Gateway
from guarded import PASSWORD, Guarded, keep_people
from process import until
from push_service import Device, PushService, check_vapid, encode, service  # noqa: F401: a fixture
from simulator import Simulator
from test_serve import keep_printers

SERIALS = {"Left": "PUSHLEFT", "Right": "PUSHRIGHT"}
NEARLY_DONE = ("--model", "m5", "--scenario", "print", "--speed", "10", "--at", "97")
CONTACT = "mailto:owner@example.net"


@pytest.fixture(scope="module")
def other_service(service):
    other = PushService(*service.authority.issue("other-push"))
    yield other
    other.end()


def settings_of(service):
    return f"[push]\nca = {service.authority.certificate}\nloopback = true\ncontact = {CONTACT}\n"


@pytest.fixture(scope="module")
def shop(tmp_path_factory, broker, authority, connection, service):
    home = Home(tmp_path_factory.mktemp("push"))
    keep_printers(home, broker, authority, SERIALS)
    home.settings(settings_of(service))
    with Gateway(home, "--dir", home.folder / "gateway") as running:
        running.kept = home.folder / "gateway" / "push.json"
        running.home = home
        yield running


@pytest.fixture
def device(service):
    return Device(service)


def add(gateway, device, *events, expected=201, **more):
    status, answer = gateway.status("POST", "/push", device.subscription(*events, **more))
    assert status == expected, answer
    return answer


def tried(gateway, device):
    status, answer = gateway.status("POST", "/push/test", {"id": device.id})
    assert status == 200, answer
    return answer


def devices(gateway):
    return [shown["id"] for shown in gateway.get("/push")["subscriptions"]]


def test_a_test_is_sealed_and_signed(shop, service, device):
    shown = add(shop, device, "finished", "offline", name="Tablet", printers=[SERIALS["Left"]], language="de")
    assert (shown["id"], shown["name"], shown["user"], shown["service"]) == (device.id, "Tablet", None, "localhost")
    assert (shown["events"], shown["printers"], shown["language"]) == (["finished", "offline"], [SERIALS["Left"]], "de")
    assert tried(shop, device) == {"outcome": "delivered", "status": 201, "detail": None}
    ((headers, _),) = service.of(device)
    assert (headers["Content-Encoding"], headers["TTL"], headers["Urgency"]) == ("aes128gcm", "60", "high")
    assert len(headers["Topic"]) == 32
    claims = check_vapid(headers["Authorization"], shop.get("/push")["public_key"], service.origin)
    assert claims["sub"] == CONTACT and 0 < claims["exp"] - time.time() <= 24 * 3600
    assert device.notices() == [{"type": "test", "language": "de", "tag": "test", "printer": None, "job": None, "reason": None, "url": "/"}]


def test_secrets_stay_in_one_file(shop, device):
    add(shop, device)
    assert stat.S_IMODE(shop.kept.stat().st_mode) == 0o600
    kept = shop.kept.read_text()
    assert device.endpoint in kept
    tried(shop, device)
    secrets = [device.path, encode(device.auth), encode(device.point), json.loads(kept)["private_key"]]
    assert [secret for secret in secrets if secret in json.dumps(shop.get("/push")) or secret in shop.log] == []


def test_a_device_that_subscribes_again_is_the_same(shop, device):
    add(shop, device, "finished")
    assert add(shop, device, "paused", language="zh")["events"] == ["paused"]
    assert devices(shop).count(device.id) == 1
    assert shop.status("DELETE", f"/push/{device.id}") == (204, None)
    assert device.id not in devices(shop) and device.endpoint not in shop.kept.read_text()
    assert shop.status("DELETE", f"/push/{device.id}")[0] == 404


@pytest.mark.parametrize("status", [404, 410])
def test_a_subscription_that_was_given_up_goes(shop, service, device, status):
    add(shop, device)
    service.will_answer(device, (status, {}, "unsubscribed"))
    assert tried(shop, device) == {"outcome": "gone", "status": status, "detail": "unsubscribed"}
    assert device.id not in devices(shop) and device.endpoint not in shop.kept.read_text()


def test_a_refusal_is_told_as_it_is(shop, service, device):
    add(shop, device)
    service.will_answer(device, (403, {}, '{"reason":\n "BadJwtToken"}'), (302, {"Location": service.origin + "/elsewhere"}, ""), (503, {"Retry-After": "7"}, "busy"),
                        (503, {"Retry-After": str(2**63 - 1)}, ""))
    assert tried(shop, device) == {"outcome": "refused", "status": 403, "detail": '{"reason": "BadJwtToken"}'}
    assert tried(shop, device) == {"outcome": "refused", "status": 302, "detail": None}
    assert tried(shop, device) == {"outcome": "unreachable", "status": 503, "detail": "busy"}
    assert tried(shop, device) == {"outcome": "unreachable", "status": 503, "detail": None}
    assert len(service.of(device)) == 4 and "/elsewhere" not in [path for path, _, _ in service.server.received]


def test_what_a_printer_does_is_told_to_who_wants_it(shop, service, connection):
    wants, others, nothing, busy = (Device(service) for _ in range(4))
    add(shop, wants, "finished", "plate")
    add(shop, others, "finished", printers=[SERIALS["Right"]])
    add(shop, nothing, "failed")
    add(shop, busy, "finished", language="fr")
    service.will_answer(busy, (429, {"Retry-After": "1"}, ""))
    assert shop.status("PUT", "/files/next.gcode", "G28\n")[0] == 201
    assert shop.status("POST", "/printers/Left/queue", {"path": "next.gcode"})[0] == 201  # it waits for the plate
    printer = Simulator(*connection(SERIALS["Left"]), *NEARLY_DONE)
    try:
        (notice,) = wants.await_notices(1)
        assert (notice["type"], notice["printer"], notice["tag"], notice["url"]) == ("plate", "Left", SERIALS["Left"], f"/p/{SERIALS['Left']}")
        assert notice["job"].endswith(".gcode") and notice["reason"] is None
        ((headers, _),) = service.of(wants)
        assert (headers["Urgency"], headers["TTL"]) == ("normal", "86400") and SERIALS["Left"] not in headers["Topic"]
        first, second = busy.await_notices(2)
        assert first == second and (first["type"], first["language"]) == ("finished", "fr")
        assert service.of(others) == service.of(nothing) == [] and len(service.of(wants)) == 1
    finally:
        printer.stop()


def test_filament_that_runs_out_is_one_message(shop, service, connection):
    device = Device(service)
    add(shop, device, "failed", "paused")
    printer = Simulator(*connection(SERIALS["Right"]), "--model", "m5", "--scenario", "error", "--speed", "60")
    try:
        (notice,) = device.await_notices(1)
        assert (notice["type"], notice["printer"]) == ("filament", "Right")
        shop.await_get("/printers/Right", lambda shown: shown["job"]["state"] == "paused")
    finally:
        printer.stop()
    assert tried(shop, device)["outcome"] == "delivered"
    assert [notice["type"] for notice in device.notices()] == ["filament", "test"]


def test_who_may_not_see_a_printer_is_not_told_of_it(tmp_path, broker, authority, connection, service):
    """Whatever he asked for; nor is one who is no user any more."""
    home = Home(tmp_path)
    keep_printers(home, broker, authority, SERIALS)
    home.settings(settings_of(service))
    keep_people(tmp_path / "gateway")
    access = json.loads((tmp_path / "gateway" / "access.json").read_text())
    next(user for user in access["users"] if user["name"] == "viewer")["printers"] = SERIALS["Right"]
    (tmp_path / "gateway" / "access.json").write_text(json.dumps(access))
    people = {name: (Device(service), {"Authorization": "Basic " + base64.b64encode(f"{name}:{PASSWORD}".encode()).decode()}) for name in ("viewer", "operator", "admin")}
    with Gateway(home, "--dir", tmp_path / "gateway") as gateway:
        for device, headers in people.values():
            assert gateway.status("POST", "/push", device.subscription("finished"), **headers)[0] == 201
        (viewer, as_viewer), (operator, _), (admin, as_admin) = people.values()
        assert gateway.status("POST", "/push", viewer.subscription("finished", printers=[SERIALS["Left"]]), **as_viewer)[0] == 400
        assert gateway.status("DELETE", "/users/operator", **as_admin)[0] == 204
        printer = Simulator(*connection(SERIALS["Left"]), *NEARLY_DONE)
        try:
            assert [notice["type"] for notice in admin.await_notices(1)] == ["finished"]
        finally:
            printer.stop()
        assert gateway.status("POST", "/push/test", {"id": viewer.id}, **as_viewer)[1]["outcome"] == "delivered"
        assert [notice["type"] for notice in viewer.notices()] == ["test"] and operator.notices() == []


def test_slow_services_hold_no_other_up(tmp_path, broker, authority, connection, service, other_service):
    """As many devices as two users may have are told at once, by two services, and none of them is answered any more."""
    home = Home(tmp_path)
    keep_printers(home, broker, authority, SERIALS)
    home.settings(settings_of(service))
    keep_people(tmp_path / "gateway")
    people = {name: {"Authorization": "Basic " + base64.b64encode(f"{name}:{PASSWORD}".encode()).decode()} for name in ("viewer", "operator", "admin")}
    slow = {"viewer": [Device(service) for _ in range(16)], "operator": [Device(other_service) for _ in range(16)]}
    quick = Device(service)
    with Gateway(home, "--dir", tmp_path / "gateway") as gateway:
        for name, device in [(name, device) for name, those in slow.items() for device in those]:
            device.service.will_be_slow(device)
            assert gateway.status("POST", "/push", device.subscription("finished"), **people[name])[0] == 201
        assert gateway.status("POST", "/push", quick.subscription("finished"), **people["admin"])[0] == 201
        printer = Simulator(*connection(SERIALS["Left"]), *NEARLY_DONE)
        try:
            assert [notice["type"] for notice in quick.await_notices(1)] == ["finished"]
            for those in slow.values():
                until(lambda those=those: sum(len(device.service.of(device)) for device in those) >= 4)
            assert gateway.status("POST", "/push/test", {"id": quick.id}, **people["admin"])[1]["outcome"] == "delivered"
        finally:
            printer.stop()


# --- what is never asked ---


@pytest.mark.parametrize("endpoint", ["http://localhost/x", "https://10.0.0.1/x", "https://192.168.1.1/x", "https://169.254.169.254/x", "https://[fe80::1]/x",
                                      "https://[::ffff:10.0.0.1]/x", "https://me:secret@push.example.net/x", "file:///etc/passwd", "", None])
def test_no_private_address_is_taken(shop, device, endpoint):
    status, answer = shop.status("POST", "/push", {**device.subscription(), "endpoint": endpoint})
    assert status == 400 and "endpoint" in answer["detail"]


def test_a_name_that_leads_to_this_machine_is_not_asked(tmp_path, service):
    home = Home(tmp_path)
    home.settings(f"[push]\nca = {service.authority.certificate}\n")
    device = Device(service)
    with Gateway(home, "--dir", tmp_path / "gateway") as gateway:
        assert gateway.status("POST", "/push", device.subscription() | {"endpoint": "https://127.0.0.1/x"})[0] == 400
        add(gateway, device)
        answer = tried(gateway, device)
        assert (answer["outcome"], answer["status"]) == ("refused", None) and "private" in answer["detail"]
    assert service.of(device) == []


def test_a_certificate_that_does_not_hold_gets_nothing(tmp_path, service):
    home = Home(tmp_path)
    home.settings("[push]\nloopback = true\n")
    device = Device(service)
    with Gateway(home, "--dir", tmp_path / "gateway") as gateway:
        add(gateway, device)
        answer = tried(gateway, device)
        assert (answer["outcome"], answer["status"]) == ("unreachable", None) and "certificate" in answer["detail"]
    assert service.of(device) == []


@pytest.mark.parametrize("change", [{"keys": {}}, {"keys": {"p256dh": "BA", "auth": "AA"}}, {"keys": {"p256dh": encode(b"\4" + bytes(64)), "auth": encode(bytes(16))}},
                                    {"events": []}, {"events": ["everything"]}, {"events": "finished"}, {"printers": []}, {"printers": ["a b"]}, {"printers": "x"},
                                    {"language": "xx"}, {"language": None}, {"name": "x" * 64}, {"name": 7}, {"more": 1}])
def test_what_is_no_subscription_is_refused(shop, device, change):
    status, answer = shop.status("POST", "/push", {**device.subscription(), **change})
    assert status == 400 and answer["detail"]
    assert device.id not in devices(shop)


# --- whose they are ---


@pytest.fixture(scope="module")
def people(tmp_path_factory):
    with Guarded(tmp_path_factory.mktemp("push-people")) as running:
        yield running


def test_devices_are_shown_to_their_user_and_to_admins(people, service, device):
    viewer, operator, admin = (people.browser(name) for name in ("viewer", "operator", "admin"))
    assert viewer.send("POST", "/push", device.subscription()).status == 201
    shown = {name: [one["id"] for one in browser.send("GET", path).json["subscriptions"]]
             for name, browser, path in (("viewer", viewer, "/push"), ("operator", operator, "/push"), ("admin", admin, "/push"), ("all", admin, "/push?all=true"))}
    assert shown == {"viewer": [device.id], "operator": [], "admin": [], "all": [device.id]}
    assert viewer.send("GET", "/push?all=true").status == 403
    for method, path, body in (("POST", "/push/test", {"id": device.id}), ("DELETE", f"/push/{device.id}", None)):
        assert operator.send(method, path, body).status == 404
    assert admin.send("DELETE", f"/push/{device.id}").status == 204


def test_a_key_has_no_devices(people, device):
    assert people.by_key("admin", "POST", "/push", device.subscription()).status == 403
    assert people.by_key("admin", "GET", "/push").json["subscriptions"] == []


def test_a_user_has_so_many_and_no_more(people, service):
    many = [Device(service) for _ in range(17)]
    operator = people.browser("operator")
    assert [operator.send("POST", "/push", one.subscription()).status for one in many] == [201] * 16 + [409]
    assert operator.send("POST", "/push", many[0].subscription("offline")).status == 201


def test_devices_go_with_their_user(people, device):
    admin = people.browser("admin")
    guest = people.browser("viewer")
    assert guest.send("POST", "/push", device.subscription()).status == 201
    assert admin.send("DELETE", "/users/viewer").status == 204
    until(lambda: device.id not in [one["id"] for one in admin.send("GET", "/push?all=true").json["subscriptions"]])
    assert device.endpoint not in (people.folder / "push.json").read_text()
