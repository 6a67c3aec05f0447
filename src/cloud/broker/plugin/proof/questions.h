/* SPDX-License-Identifier: MIT */
#ifndef CLOUD_BROKER_PLUGIN_PROOF_QUESTIONS_H
#define CLOUD_BROKER_PLUGIN_PROOF_QUESTIONS_H

#include "cloud/broker/plugin/clients.h"

#include <stdint.h>

/*
 * Whoever says that it is a printer is asked for a proof (plugin/proof/challenge.h), over its own
 * connection: nobody else receives the question, whatever he subscribed to. An idle printer may say
 * nothing for hours, so that after a restart of the broker it would be nobody's for as long.
 */
struct questions {
	int64_t run_at; /* of the steady clock: the earliest question that is due; 0: none */
};

/* Something was granted: where it is a topic of questions to an UNPROVEN client, it is asked. */
void questions_note_subscription(struct questions *questions, struct plugin_client *client,
				 const char *topic, int64_t now_s);

/* It did or was to receive something: where it is UNPROVEN now, perhaps again, it is asked. */
void questions_note(struct questions *questions, struct plugin_client *client, int64_t now_s);

/* The next question is due at once: the last one was answered, and more of them follow. */
void questions_continue(struct questions *questions, struct plugin_client *client, int64_t now_s);

/* The registry has changed, and so perhaps the key: who waits is asked again soon. */
void questions_hurry(struct questions *questions, struct plugin_clients *clients, int64_t now_s);

/* Sends the questions that are due; each client's next one comes later than the last. */
struct questions_world {
	struct registry *registry;
	struct broker_status *status;
	uint64_t generation; /* of the registry */
};

void questions_run(struct questions *questions, struct plugin_clients *clients,
		   const struct questions_world *world, int64_t now_s);

#endif
