/* SPDX-License-Identifier: MIT */
#ifndef CLOUD_BROKER_PLUGIN_PROOF_KEY_FIT_H
#define CLOUD_BROKER_PLUGIN_PROOF_KEY_FIT_H

#include "cloud/broker/plugin/clients.h"

#include <mosquitto_broker.h>

/*
 * A printer whose messages the stored key does not open is of no use to anybody, and looks silent.
 * It is named in the status and, once a minute, in the log.
 */

/* A message of a printer, or of an UNPROVEN client that says it is one, was tested. */
void key_fit_note(struct plugin_client *client, struct registry *registry,
		  struct broker_status *status, const struct mosquitto_evt_acl_check *event,
		  enum proof proof);

/* A message of a PRINTER passes: tests it, now and then, until one is opened. Others are left
 * alone. */
void key_fit_watch(struct plugin_client *client, struct registry *registry,
		   struct broker_status *status, const struct mosquitto_evt_acl_check *event);

#endif
