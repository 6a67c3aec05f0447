/* SPDX-License-Identifier: MIT */
#ifndef CLOUD_BROKER_PLUGIN_CLAIMS_H
#define CLOUD_BROKER_PLUGIN_CLAIMS_H

#include "cloud/broker/plugin/clients.h"

#include <mosquitto_broker.h>
#include <stdbool.h>

/* What waits for the owner: who nothing proves, and who has the key and presents itself differently
 * from the printer that is known (cloud/registry/hints.h). */

/* A message of an UNPROVEN client that proved nothing: while the window is open, it claims. */
void claims_note_unknown(struct plugin_client *client, struct registry *registry,
			 struct broker_status *status);

/* It began to listen to commands: an UNPROVEN client for which there is no key cannot be asked,
 * and a printer that does not print says nothing by itself. */
void claims_note_listener(struct plugin_client *client, struct registry *registry,
			  struct broker_status *status);

/* Whether a client that has answered presents itself as the printer does; else its claim waits. */
bool claims_agree(struct plugin_client *client, struct registry *registry,
		  struct broker_status *status);

/* It is the printer: how it presents itself is kept, and what changed is logged. */
void claims_keep_hints(const struct plugin_client *client, struct registry *registry);

#endif
