/* SPDX-License-Identifier: MIT */
#ifndef FLEET_OUTSTANDING_H
#define FLEET_OUTSTANDING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Whose message it is that the broker has not acknowledged yet: a table by the message's id, so
 * that an acknowledgement costs the same with one printer and with many. Zeroed is empty.
 */
struct outstanding_message {
	uint64_t id; /* of MQTT; 0 is an empty place */
	void *owner;
};

struct outstanding {
	struct outstanding_message *messages;
	size_t capacity; /* a power of two, or 0 */
	size_t count;
};

void outstanding_finish(struct outstanding *outstanding);

/* In place of an older message with this id. False where there is no memory. */
bool outstanding_add(struct outstanding *outstanding, uint64_t id, void *owner);

/* The owner, and the message is no more outstanding; NULL where the id is not known. */
void *outstanding_take(struct outstanding *outstanding, uint64_t id);

/* The owner goes: none of its messages is outstanding any more. Costs as many as there are. */
void outstanding_forget(struct outstanding *outstanding, const void *owner);

/* The connection is gone, and with it all acknowledgements. */
void outstanding_clear(struct outstanding *outstanding);

#endif
