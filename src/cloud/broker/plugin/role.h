/* SPDX-License-Identifier: MIT */
#ifndef CLOUD_BROKER_PLUGIN_ROLE_H
#define CLOUD_BROKER_PLUGIN_ROLE_H

#include "cloud/broker/plugin/clients.h"

/*
 * Who a client is may change while it is connected: an account is removed, or is an administrator
 * no more; a printer is removed, forgotten, or has another key.
 */

/* Looks it up again, where the registry has changed since. generation: of the registry, above 0. */
void role_refresh(struct plugin_client *client, struct registry *registry,
		  struct broker_status *status, uint64_t generation);

/* An UNPROVEN client said which printer it is: NULL, or why it cannot be. It is a PRINTER now where
 * what it presented is bound to that serial number. */
const char *role_of_claim(struct plugin_client *client, struct registry *registry,
			  struct broker_status *status);

/* What role_of_claim says of a printer that is bound to another login. */
extern const char role_contradiction[];

/* It is the printer of its serial number. */
void role_note_proven(struct plugin_client *client, struct broker_status *status);

/* It is connected as a printer no more. */
void role_detach(struct plugin_client *client);

#endif
