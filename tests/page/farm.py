# SPDX-License-Identifier: MIT
"""Printers that the gateway of a page reaches in the local network, too."""

import itertools
import json

from lan import lan_address

NUMBERS = itertools.count(1)


def open_farm(make_shop, printers):
    """printers: {serial: (name, model)}; none of them runs yet."""
    duids = {serial: f"EUPRAKM-{next(NUMBERS):06}-ABCDE" for serial in printers}
    addresses = {serial: lan_address() for serial in printers}

    def know(shop):
        stored = json.loads(shop.home.store.read_text())
        for printer in stored["accounts"][0]["printers"]:
            printer.update(p2p_did=duids[printer["serial"]], address=addresses[printer["serial"]])
        shop.home.store.write_text(json.dumps(stored))

    shop = make_shop(printers, before=know)
    shop.duids, shop.addresses = duids, addresses
    return shop


def simulate(shop, serial, model, *options):
    running = shop.simulate(serial, model, "--lan", "--lan-address", shop.addresses[serial], "--lan-duid", shop.duids[serial], *options)
    shop.gateway.await_get(f"/printers/{serial}", lambda state: state["online"] and state["job"]["state"])
    return running
