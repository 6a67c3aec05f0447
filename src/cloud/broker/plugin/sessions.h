/* SPDX-License-Identifier: MIT */
#ifndef CLOUD_BROKER_PLUGIN_SESSIONS_H
#define CLOUD_BROKER_PLUGIN_SESSIONS_H

#include "cloud/broker/plugin/clients.h"

/*
 * MQTT lets whoever logs in with a client id throw out the one that has it, and have or destroy its
 * queue. Here only the same identity may, or one that outranks it: administrators outrank all, and
 * whoever is known outranks who is not proven; among those who are known, the one whose serial
 * number or user id is a part of the client id, as printers and the vendor's app form theirs. One
 * that is not proven keeps its client id from others for SESSIONS_GRACE_S: time to prove itself,
 * and too short to keep the real printer out with it.
 */
#define SESSIONS_GRACE_S 30

/* Also those that wait for a client to come back, but for those with the same client id. */
#define SESSIONS_OF_ACCOUNT 64
#define SESSIONS_OF_PRINTER 8

/* NULL where this client, which has just logged in, may have a session; else why not. The others'
 * role is that of now. unproven_max: of an address. */
const char *sessions_refuse(const struct plugin_clients *clients,
			    const struct plugin_client *client, size_t unproven_max, int64_t now_s);

/* Those that are there and not proven, of an address (plugin/gate.h). context: the clients. */
size_t sessions_count_unproven(void *context, const struct address_key *address);

/* It has it: those of the same client id are over. */
void sessions_take(struct plugin_clients *clients, const struct plugin_client *client);

/* Remembers the client id; false where it is too long. */
bool sessions_note_id(struct plugin_client *client, const char *id);

/* The client that has this client id, or whose session waits for it; NULL: none, or itself. */
struct plugin_client *sessions_holder(const struct plugin_clients *clients,
				      const struct plugin_client *client);

#endif
