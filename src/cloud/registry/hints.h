/* SPDX-License-Identifier: MIT */
#ifndef CLOUD_REGISTRY_HINTS_H
#define CLOUD_REGISTRY_HINTS_H

#include "cloud/registry/registry.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * How a printer presents itself, kept of each one that was proven. No proof, since anybody can
 * present the same; but who has stolen its key, and cannot know all of that, is noticed. Of a
 * printer that presents no password,
 * - its user name and the form of its client id are set by its firmware (protocol.md 1): another
 * one asks for approval;
 * - its address may be another one after each DHCP lease, within one network (IPv4 /24, IPv6 /64):
 *   that is logged only. An address of another network asks for approval, and so does any other one
 *   while the printer is connected from the one that is known.
 * A password that is bound proves more than all of these: what changes is logged then, and kept.
 */
enum hints_change {
	HINTS_USERNAME = 1,
	HINTS_FORM = 2,
	HINTS_ADDRESS = 4,
	HINTS_NETWORK = 8, /* with HINTS_ADDRESS */
};

/* A client id with the parts that differ from connection to connection replaced: the serial number,
 * and what is made of digits or hex digits alone. */
void hints_form(const char *client_id, const char *serial, char out[REGISTRY_TEXT_MAX]);

/* Bits of enum hints_change. */
unsigned int hints_changes(const struct registry_hints *kept, const struct registry_hints *now);

/* Whether these have to be approved. is_here: the printer is connected already. */
bool hints_ask(unsigned int changes, bool is_here);

/* "the address 10.0.0.7 instead of 192.168.1.5, …"; "" where nothing changed. */
void hints_describe(unsigned int changes, const struct registry_hints *kept,
		    const struct registry_hints *now, char *out, size_t capacity);

#endif
