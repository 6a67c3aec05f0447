/* SPDX-License-Identifier: MIT */
#ifndef CLOUD_BROKER_PLUGIN_LEARNING_H
#define CLOUD_BROKER_PLUGIN_LEARNING_H

#include "cloud/broker/plugin/clients.h"

#include <mosquitto_broker.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * Printers whose login nobody knows: their name says which they are, but whoever knows the serial
 * number can say that (protocol.md 1). Such a client may connect where there is a printer that it
 * could be; nobody receives what it sends, and it receives nothing, until it is proven which one it
 * is:
 * - by its answer to a question that the cloud sends it alone, sealed in the registry's key of that
 *   printer (plugin/proof/challenge.h); what it presented is then bound to the serial number, where
 *   nothing else is. A client that presented nothing proves itself anew each time, and has to
 *   present itself as it did before (cloud/registry/hints.h), or waits for the owner as well;
 * - or by the owner, who approves it (`flagship cloud pair`), where the registry has no key or the
 *   serial number is new; possible while the pairing window is open.
 */

/* NULL where an unknown client could be a printer, or the one that its name says; else why not. */
const char *learning_refuses(struct registry *registry, const struct plugin_client *client,
			     int64_t now_s);

/* Remembers what it presented, as a hash, and the serial number that its name says. That name alone
 * is no secret, and so nothing that a printer could be known by later. */
void learning_note_login(struct plugin_client *client, const uint8_t secret[], const char *username,
			 const char *password, const char *client_id);

/* What came of a message of an UNPROVEN client, which never passes. */
enum learned {
	LEARNED_NOTHING, /* it was shown to those who may see what is held back */
	LEARNED_ANSWER,  /* it answered, and more questions follow */
	LEARNED_PRINTER, /* it is a printer now; the registry may have changed */
};

/* A well-formed message of an UNPROVEN client on a topic of its own. */
enum learned learning_receive(struct plugin_client *client, struct registry *registry,
			      struct broker_status *status,
			      const struct mosquitto_evt_acl_check *event);

#endif
