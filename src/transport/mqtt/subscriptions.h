/* SPDX-License-Identifier: MIT */
#ifndef TRANSPORT_MQTT_SUBSCRIPTIONS_H
#define TRANSPORT_MQTT_SUBSCRIPTIONS_H

#include "base/memory/list.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * The topics of one MQTT session, and how far each of them is: no I/O. A packet holds eight of
 * them, and a few packets are under way at a time, so that no broker gets one that is larger than
 * it takes, and each refusal is known by its topic.
 */
#define SUBSCRIPTIONS_PACKET_MAX 8
#define SUBSCRIPTIONS_WINDOW     32 /* packets that wait for their answer */

enum subscription_stage {
	SUBSCRIPTION_WANTED, /* not asked for in this connection */
	SUBSCRIPTION_ASKED,
	SUBSCRIPTION_GRANTED,
	SUBSCRIPTION_REFUSED,
};

struct subscription {
	struct list place;                /* private, as all here */
	struct subscription *bucket_next; /* of the table */
	struct subscription **asked;      /* its place in a packet that is under way */
	enum subscription_stage stage;
	char topic[];
};

struct subscriptions_packet {
	int id; /* of MQTT; 0: it is free */
	size_t count;
	struct subscription *topics[SUBSCRIPTIONS_PACKET_MAX]; /* NULL: not wanted any more */
};

struct subscriptions {
	struct list wanted;
	struct list settled;   /* asked for, granted or refused */
	struct list unwanted;  /* the broker is to be notified */
	struct list forgotten; /* that is all; somebody may read the texts yet */
	struct subscription **buckets;
	size_t bucket_count; /* a power of two, or 0 */
	size_t count;
	size_t refused;
	size_t asked; /* without an answer */
	struct subscriptions_packet packets[SUBSCRIPTIONS_WINDOW];
};

void subscriptions_init(struct subscriptions *subscriptions);
void subscriptions_finish(struct subscriptions *subscriptions);

/* Adds what is not there already; all or none. Errors: ARGUMENT (no filter of MQTT), MEMORY. */
int subscriptions_add(struct subscriptions *subscriptions, const char *const *topics, size_t count);

/* What is not there is passed over. The texts stay valid until the next packet. */
void subscriptions_remove(struct subscriptions *subscriptions, const char *const *topics,
			  size_t count);

/* A connection ended: everything is to be asked for again. */
void subscriptions_begin_again(struct subscriptions *subscriptions);

/*
 * What goes into the next packet: the packet, to be given its id once it was sent, with the texts
 * in topics. NULL where nothing is to be asked for now.
 */
struct subscriptions_packet *subscriptions_next(struct subscriptions *subscriptions,
						const char *topics[SUBSCRIPTIONS_PACKET_MAX]);
void subscriptions_sent(struct subscriptions *subscriptions, struct subscriptions_packet *packet,
			int id);

/* Likewise of what is to be unsubscribed; how many. They are forgotten with the next call. */
size_t subscriptions_next_unwanted(struct subscriptions *subscriptions,
				   const char *topics[SUBSCRIPTIONS_PACKET_MAX]);

/* The packet that this answers, or NULL. It is to be released once each topic was settled. */
struct subscriptions_packet *subscriptions_find(struct subscriptions *subscriptions, int id);

/* One topic of it: its text, or NULL where it is not wanted any more. */
const char *subscriptions_settle(struct subscriptions *subscriptions,
				 struct subscriptions_packet *packet, size_t index, bool granted);
void subscriptions_release(struct subscriptions_packet *packet);

/* Whether each has its answer. */
bool subscriptions_are_settled(const struct subscriptions *subscriptions);

#endif
