/* SPDX-License-Identifier: MIT */
#ifndef CLOUD_BROKER_PLUGIN_GATE_H
#define CLOUD_BROKER_PLUGIN_GATE_H

#include "base/net/address.h"

#include <mosquitto_broker.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Connections before their login. mosquitto asks a plugin at the login, and so knows nobody who
 * does not come that far: a thousand idle connections, or logins that are never sent to their end,
 * take its descriptors and memory for as long as they like. So the plugin is also loaded before the
 * C library (LD_PRELOAD, by broker_process.c), and its accept() comes first.
 *
 * Of one address so many may wait or be no proven printer, of all GATE_WAITING_MAX, each for
 * GATE_LOGIN_S. Where there is no room, the one that waited longest is closed, so that who logs in
 * at once gets in while others sit there; where nobody waits and the descriptors are used up, the
 * new one is.
 */
#define GATE_WAITING_MAX 1024
#define GATE_LOGIN_S     30
#define GATE_OWED_MAX    262144
#define GATE_PER_ADDRESS 200 /* where nothing else is said */
#define GATE_ALWAYS      16  /* may wait, however many are not proven */

/* A peer that is gone without a word is noticed in some 30 s, so that a printer that lost power
 * finds its client id free when it comes back. */
#define GATE_PROBE_AFTER_S 15
#define GATE_PROBE_EVERY_S 5
#define GATE_PROBES        3

struct gate_counts {
	unsigned long closed;  /* before their login, for others or since they took too long */
	unsigned long refused; /* since all descriptors were in use */
};

struct gate_options {
	size_t descriptors; /* that the process may have; 0: unknown */
	size_t per_address;
	/* Clients of this address that have logged in and are not proven: they share the room. */
	size_t (*count_unproven)(void *context, const struct address_key *address);
	void *context;
};

/* Until then nothing is bounded. */
void gate_open(const struct gate_options *options);

/* Whether connections pass here at all. */
bool gate_is_in_place(void);

/* The descriptor of a client that is connected; -1 where that cannot be told. */
int gate_descriptor(const struct mosquitto *client);
/* Tells its connection from all others that there were and will be; 0: unknown. */
uint64_t gate_connection(int descriptor);

/* This one has logged in, and waits no more. */
void gate_note_login(int descriptor);

/* One that had logged in ends. */
void gate_note_end(void);

/* To be called each second: closes those that waited too long. */
void gate_run(int64_t now_s);

/* Whether so many bytes may go to a client. owed: what went to it since nothing was seen to wait,
 * beginning with 0. Where it is more than GATE_OWED_MAX, and the system takes no more for it, the
 * broker would keep it. */
bool gate_takes(int descriptor, size_t bytes, size_t *owed);

/* Since the last call. */
struct gate_counts gate_take_counts(void);

#endif
