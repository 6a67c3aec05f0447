/* SPDX-License-Identifier: MIT */
#ifndef CLOUD_BROKER_PLUGIN_PLUGIN_H
#define CLOUD_BROKER_PLUGIN_PLUGIN_H

#include "cloud/broker/plugin/clients.h"
#include "cloud/broker/plugin/proof/questions.h"
#include "cloud/broker/plugin/refusals.h"
#include "cloud/broker/plugin/status_file.h"
#include "cloud/broker/status.h"
#include "cloud/registry/credential.h"
#include "cloud/registry/registry.h"

#include <mosquitto_plugin.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* What the parts of the plugin share that the broker calls: logins.c and plugin.c. */

struct plugin {
	mosquitto_plugin_id_t *identifier;
	struct registry *registry;
	struct broker_status *status; /* in the file */
	struct status_file status_file;
	struct plugin_clients clients;
	struct questions questions;
	uint8_t secret[CREDENTIAL_SECRET_SIZE];
	pid_t parent;
	uint64_t generation; /* of the registry */
	int64_t version;     /* as it says itself */
	int64_t swept_at;
	struct refusals refusals;
	size_t unproven_max; /* of an address */
};

/* How long the broker was kept by it. */
void plugin_note_time(struct plugin *plugin, uint64_t started_ns);

void plugin_count(struct plugin *plugin, enum broker_count counter);

/* Whether somebody wrote to the registry. */
void plugin_note_changes(struct plugin *plugin);

/* A printer by what it logs in with, which was bound to it before. */
void plugin_note_if_known(struct plugin *plugin, const struct plugin_client *client);

/* Callbacks of mosquitto. */
int plugin_on_login(int kind, void *event, void *context);
int plugin_on_disconnect(int kind, void *data, void *context);

#endif
