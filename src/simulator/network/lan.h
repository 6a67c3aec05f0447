/* SPDX-License-Identifier: MIT */
#ifndef SIMULATOR_NETWORK_LAN_H
#define SIMULATOR_NETWORK_LAN_H

#include <flagship/pppp_packet.h>

struct simulated_lan;
struct simulated_printer;

/*
 * A simulated printer on the local network: a door at UDP port 32108 of an address, and behind it
 * the one seat for a session, at a port of its own. NULL where it cannot be opened, which is
 * reported.
 */
struct simulated_lan *simulated_lan_create(struct simulated_printer *printer, const char *address,
					   const char *duid);

/* Closes it; ended is called once nothing of it is on the loop any more. NULL ends at once. */
void simulated_lan_stop(struct simulated_lan *lan, void (*ended)(void *context), void *context);

/* What a printer of this serial number calls itself, always the same. */
void simulated_lan_duid(const char *serial, char text[FLAGSHIP_PPPP_DUID_TEXT_SIZE]);

#endif
