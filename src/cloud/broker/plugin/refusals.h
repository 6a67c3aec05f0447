/* SPDX-License-Identifier: MIT */
#ifndef CLOUD_BROKER_PLUGIN_REFUSALS_H
#define CLOUD_BROKER_PLUGIN_REFUSALS_H

#include "cloud/rules/access.h"
#include "daemon/log/limit.h"

#include <mosquitto_broker.h>

/* What the plugin says in the broker's log of those whom it refuses something: a few lines a minute
 * of each, as they could cause any number. */
struct telling {
	struct log_limit limit;
	int64_t gate_told_at;
};

void telling_login_refused(struct telling *telling, const struct mosquitto *client,
			   const char *reason);
void telling_denied(struct telling *telling, const struct mosquitto_evt_acl_check *event,
		    enum access_operation operation, const char *reason);
void telling_malformed(struct telling *telling, const struct mosquitto_evt_acl_check *event);

/* To be called each second: how many more there were, and what the gate did (plugin/gate.h). */
void telling_run(struct telling *telling, int64_t now_s);

#endif
