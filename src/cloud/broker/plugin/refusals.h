/* SPDX-License-Identifier: MIT */
#ifndef CLOUD_BROKER_PLUGIN_REFUSALS_H
#define CLOUD_BROKER_PLUGIN_REFUSALS_H

#include "cloud/rules/access.h"
#include "daemon/log/limit.h"

#include <mosquitto_broker.h>

/* Logs whom the plugin refuses something: a few lines a minute of each, as they could cause any
 * number. */
struct refusals {
	struct log_limit limit;
	int64_t gate_logged_at;
};

void refusals_log_login(struct refusals *refusals, const struct mosquitto *client,
			const char *reason);
void refusals_log_denied(struct refusals *refusals, const struct mosquitto_evt_acl_check *event,
			 enum access_operation operation, const char *reason);
void refusals_log_malformed(struct refusals *refusals, const struct mosquitto_evt_acl_check *event);

/* To be called each second: how many more there were, and what the gate did (plugin/gate.h). */
void refusals_run(struct refusals *refusals, int64_t now_s);

#endif
