/* SPDX-License-Identifier: MIT */
#ifndef CLOUD_PLUGIN_ASKING_H
#define CLOUD_PLUGIN_ASKING_H

#include "cloud/plugin/clients.h"

#include <stdint.h>

/*
 * An idle printer may say nothing for hours, so that after a restart of the broker it would be
 * nobody's for as long. So the cloud asks it for all it knows (1027), in its key: the answer proves
 * it.
 */
struct asking {
	int64_t run_at; /* of the steady clock: the earliest question that is due; 0: none */
};

/* Something was granted: where it is an UNPROVEN client's query topic, it is asked soon. */
void asking_note_subscription(struct asking *asking, struct plugin_client *client,
			      const char *topic, int64_t now_s);

/* Sends the questions that are due; each client's next one comes later than the last. */
void asking_run(struct asking *asking, struct plugin_clients *clients, struct registry *registry,
		int64_t now_s);

#endif
