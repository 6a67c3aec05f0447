# SPDX-License-Identifier: MIT
"""flagship cloud takeover: what it prints is given to the real servers, in a network of its own."""

import json
import os
import re

import pytest

from conftest import ANNE, PASSWORD
from local_cloud import Cloud
from network import HOME_SERVER, NAME_SERVER, SILENT, Network, why_not
from program import DONE, FAILED, FLAGSHIP, USAGE, run

BROKERS = ["make-mqtt.ankermake.com", "make-mqtt-eu.ankermake.com"]
APIS = ["make-app.ankermake.com", "make-app-eu.ankermake.com"]
OTHERS = ["ankermake.com", "mall.eufylife.com", "anker.com"]
SERIAL = "AK7TAKEOVER00001"

# Prints the error code of the answer, and how many addresses there are.
ASK_IPV6 = """
import socket, struct, sys
name = b"".join(bytes([len(part)]) + part.encode() for part in sys.argv[2].split(".")) + b"\\0"
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as connection:
    connection.settimeout(60)
    connection.sendto(struct.pack(">6H", 7, 0x100, 1, 0, 0, 0) + name + struct.pack(">2H", 28, 1), (sys.argv[1], 53))
    _, flags, _, answers, _, _ = struct.unpack(">6H", connection.recv(512)[:12])
print(flags & 15, answers)
"""

REASON = why_not()
in_a_network = pytest.mark.skipif(REASON is not None, reason=str(REASON))


@pytest.fixture(scope="module")
def cloud(tmp_path_factory):
    made = Cloud(tmp_path_factory.mktemp("cloud"), "--bind", HOME_SERVER)
    made.command("init", "--mqtt-port", 8789, "--api-port", 443)
    made.add_account(ANNE, PASSWORD)
    made.add_printer(SERIAL, ANNE, "--name", "Left")
    return made


@pytest.fixture
def network(tmp_path):
    made = Network(tmp_path)
    yield made
    made.close()


@pytest.fixture
def with_cloud(network, cloud):
    network.start(FLAGSHIP, "cloud", "run", "--dir", cloud.dir, ready="ready:")
    return network


def printed(cloud, kind, *options):
    result = cloud.attempt("takeover", "--print", kind, "--address", HOME_SERVER, *options)
    assert result.returncode == DONE, result.stderr
    return result.stdout


def without_comments(text):
    return "".join(line for line in text.splitlines(True) if not line.startswith("#"))


def start_name_server(network, cloud, kind, *options):
    """A real name server with what was printed for it, or for one of its kin."""
    text = printed(cloud, kind, *options)
    if kind == "dnsmasq":
        network.start_dnsmasq(text)
    elif kind == "unbound":
        network.start_unbound(text)
    elif kind == "openwrt":  # its uci writes such lines into the configuration of dnsmasq
        network.start_dnsmasq("".join(f"{name}={entry}\n" for name, entry in re.findall(r"\.(address|server)='([^']+)'", text)))
    elif kind == "pihole":  # which reads hosts, and lines of dnsmasq
        network.start_dnsmasq("".join(f"{line}\n" for line in re.findall(r"^#   (local=.*)$", text, re.MULTILINE)),
                              hosts=without_comments(text))
    else:  # the hosts file
        network.start_dnsmasq(hosts=without_comments(text))


def check(network, cloud, *options):
    result = network.run(FLAGSHIP, "cloud", "takeover", "--dir", cloud.dir, "--check", "--json", "--resolver", NAME_SERVER,
                         *options)
    return result.returncode, {finding["host"]: finding for finding in json.loads(result.stdout)}


@in_a_network
@pytest.mark.parametrize("kind", ["dnsmasq", "unbound", "openwrt", "pihole"])
def test_a_name_server_with_what_is_printed_leads_here(with_cloud, cloud, kind):
    start_name_server(with_cloud, cloud, kind)
    status, found = check(with_cloud, cloud)
    assert {host: (f["found"], f["address"]) for host, f in found.items()} == dict.fromkeys(BROKERS + APIS, ("us", HOME_SERVER))
    assert status == DONE
    # Of IPv6 there is nothing, which is no failure: musl asks for both at once and gives up where one fails.
    for host in BROKERS + APIS:
        answer = with_cloud.run("/usr/bin/python3", "-c", ASK_IPV6, NAME_SERVER, host)
        assert answer.stdout.split() == ["0", "0"], (answer.stdout, answer.stderr)


@in_a_network
def test_a_hosts_file_leads_here_by_ipv4_and_the_check_says_what_is_missing(with_cloud, cloud):
    start_name_server(with_cloud, cloud, "hosts")
    status, found = check(with_cloud, cloud)
    assert {host: (f["found"], f["address"]) for host, f in found.items()} == dict.fromkeys(BROKERS + APIS, ("half", HOME_SERVER))
    assert "AAAA" in found[BROKERS[0]]["detail"] and "local=/NAME/" in found[BROKERS[0]]["detail"]
    assert status == FAILED


@in_a_network
def test_an_ipv6_address_that_leads_elsewhere_is_reported(with_cloud, cloud):
    with_cloud.start_dnsmasq("".join(f"address=/{host}/{HOME_SERVER}\naddress=/{host}/::1\n" for host in BROKERS + APIS))
    status, found = check(with_cloud, cloud)
    assert found[BROKERS[0]]["found"] == "half" and "::1 (AAAA) leads elsewhere: nothing" in found[BROKERS[0]]["detail"]
    assert status == FAILED


@in_a_network
@pytest.mark.parametrize("host", OTHERS)
@pytest.mark.parametrize("kind", ["dnsmasq", "unbound", "openwrt"])
def test_other_names_of_the_vendor_lead_nowhere(network, cloud, kind, host):
    start_name_server(network, cloud, kind)
    network.replace("/etc/resolv.conf", f"nameserver {NAME_SERVER}\n")
    # A server that knows nothing else would refuse to answer at all.
    answer = network.run("/usr/bin/python3", "-c", f"import socket; socket.getaddrinfo({host!r}, 80)")
    assert "Name or service not known" in answer.stderr, answer.stderr


@in_a_network
@pytest.mark.parametrize("kind", ["dnsmasq", "unbound"])
def test_the_brokers_names_alone_can_be_led_here(with_cloud, cloud, kind):
    start_name_server(with_cloud, cloud, kind, "--brokers-only")
    status, found = check(with_cloud, cloud)
    assert [found[host]["found"] for host in BROKERS + APIS] == ["us", "us", "no name", "no name"]
    assert status == DONE


@pytest.mark.parametrize("kind", ["dnsmasq", "unbound", "openwrt", "hosts", "pihole", "adguard"])
def test_the_vendors_other_names_can_be_left_alone(cloud, kind):
    text = printed(cloud, kind, "--brokers-only")
    assert all(host in text for host in BROKERS)
    assert not re.search("make-app|eufylife|[^-]ankermake|[^.]anker.com", text.replace("make-mqtt-eu.ankermake", "").replace("make-mqtt.ankermake", ""))


@in_a_network
def test_nft_takes_the_rules(network, cloud):
    rules = printed(cloud, "nftables", "--printer", "192.168.1.77")
    result = network.run("nft", "-f", "-", stdin=rules)
    assert result.returncode == 0, result.stderr
    listed = network.run("nft", "list", "ruleset").stdout
    assert "192.168.1.77" in listed and f"ip daddr {HOME_SERVER} accept" in listed
    assert "ip saddr @printers drop" in listed


def test_chrony_serves_the_time_to_networks_at_home(cloud):
    lines = [line for line in printed(cloud, "chrony").splitlines() if not line.startswith("#")]
    assert lines == ["allow 192.168.0.0/16", "allow 10.0.0.0/8", "allow 172.16.0.0/12", "local stratum 10"]


def test_adguard_rewrites_the_names_and_blocks_the_rest(cloud):
    rules = [line for line in printed(cloud, "adguard").splitlines() if not line.startswith("!")]
    assert rules == ([f"||{host}^$dnsrewrite=NOERROR;A;{HOME_SERVER}" for host in BROKERS + APIS]
                     + [f"||{zone}^" for zone in ("ankermake.com", "eufylife.com", "anker.com")] + ["/^p2p-mk-/"])


def test_pihole_blocks_the_relays_by_their_pattern(cloud):
    assert "#   pihole regex '^p2p-mk-'" in printed(cloud, "pihole").splitlines()
    for kind in ("pihole", "adguard"):
        assert "p2p-mk" not in printed(cloud, kind, "--brokers-only")


@in_a_network
def test_without_a_name_server_there_is_no_broker(network, cloud):
    status, found = check(network, cloud)
    assert {finding["found"] for finding in found.values()} == {"no name"}
    assert status == FAILED


@in_a_network
def test_a_name_that_nobody_serves_leads_to_nothing(network, cloud):
    network.start_dnsmasq("".join(f"address=/{host}/{SILENT}\n" for host in BROKERS))
    status, found = check(network, cloud)
    assert (found[BROKERS[0]]["found"], found[BROKERS[0]]["address"]) == ("nothing", SILENT)
    assert "Connection refused" in found[BROKERS[0]]["detail"]
    assert found[APIS[0]]["found"] == "no name"
    assert status == FAILED


@in_a_network
def test_another_broker_is_not_taken_for_ours(network, cloud, tmp_path):
    other = Cloud(tmp_path, "--bind", HOME_SERVER)
    other.command("init", "--mqtt-port", 8789, "--api-port", 443)
    network.start(FLAGSHIP, "cloud", "run", "--dir", other.dir, ready="ready:")
    start_name_server(network, cloud, "dnsmasq")
    status, found = check(network, cloud)
    assert found[BROKERS[0]]["found"] == "other"
    assert "neither ours" in found[BROKERS[0]]["detail"]
    assert status == FAILED


@in_a_network
def test_one_name_that_leads_elsewhere_is_reported(with_cloud, cloud):
    with_cloud.start_dnsmasq(f"address=/{BROKERS[0]}/{HOME_SERVER}\nlocal=/{BROKERS[0]}/\naddress=/{BROKERS[1]}/{SILENT}\n")
    status, found = check(with_cloud, cloud)
    assert [found[host]["found"] for host in BROKERS] == ["us", "nothing"]
    assert status == FAILED


@in_a_network
@pytest.mark.skipif(not os.path.exists("/etc/hosts"), reason="there is no /etc/hosts")
def test_the_hosts_file_of_this_machine_deceives_nobody(with_cloud, cloud):
    with_cloud.replace("/etc/hosts", "".join(f"{HOME_SERVER} {host}\n" for host in BROKERS))
    status, found = check(with_cloud, cloud)
    assert {finding["found"] for finding in found.values()} == {"no name"}
    assert status == FAILED


@in_a_network
def test_programs_find_us_by_the_vendors_names(with_cloud, cloud):
    """A printer, a login and a command that know nothing but the vendor's names."""
    start_name_server(with_cloud, cloud, "dnsmasq")
    with_cloud.replace("/etc/resolv.conf", f"nameserver {NAME_SERVER}\n")
    with_cloud.start(FLAGSHIP, "simulate", "--model", "m5", "--serial", SERIAL, "--key-file", cloud.key_file(SERIAL),
                     "--scenario", "print", "--at", "30", "--broker", f"mqtts://{BROKERS[0]}", "--ca", cloud.ca, ready="publishing")
    home = with_cloud.folder / "home"
    home.mkdir()
    inside = ["env", f"HOME={home}", FLAGSHIP]
    login = with_cloud.run(*inside, "login", "--email", ANNE, "--api", f"https://{APIS[0]}", "--broker", f"mqtts://{BROKERS[0]}", "--ca", cloud.ca, stdin=PASSWORD + "\n")
    assert login.returncode == DONE, login.stderr
    pause = with_cloud.run(*inside, "pause", "-p", "Left")
    assert (pause.returncode, pause.stdout) == (DONE, f"Left ({SERIAL}): the job is paused\n"), pause.stderr


@pytest.mark.parametrize("options", [[], ["--print", "hosts", "--check"], ["--print", "bind"], ["--print", "hosts", "--address", "::1"],
                                     ["--check", "--resolver", "dns.example.org"]])
def test_what_makes_no_sense_is_refused(cloud, options):
    assert cloud.attempt("takeover", *options).returncode == USAGE


def test_loopback_is_no_place_for_printers(tmp_path):
    run("cloud", "init", "--dir", tmp_path / "D", "--host", "localhost")
    result = run("cloud", "takeover", "--dir", tmp_path / "D", "--print", "hosts", "--address", "192.168.1.5")
    assert "run flagship cloud init --bind 192.168.1.5" in result.stderr
