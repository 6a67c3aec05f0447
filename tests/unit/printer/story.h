/* SPDX-License-Identifier: MIT */
#ifndef TESTS_STORY_H
#define TESTS_STORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Two jobs as an M5C would tell them, or an M5, which says only what has changed; then what a
 * network may do to them: messages are repeated, lost, overtaken, or the connection is gone for a
 * while. Whatever happens, the events must still be a possible life of two jobs; where nothing is
 * lost, the true one.
 */
#define MESSAGES_MAX 1024
#define PAYLOAD_MAX  128
#define NOTICE_MS    3000
#define PAUSE_MS     60000
#define LOST_MESSAGE "lost"

struct message {
	int64_t t_ms;
	int64_t order; /* of messages of the same time */
	bool lost;     /* not delivered */
	char what[PAYLOAD_MAX];
};

struct story {
	uint32_t random;
	struct message messages[MESSAGES_MAX];
	size_t count;
	int64_t t_ms;
	int64_t start_ms[2];
	bool finished[2]; /* else stopped */
	bool with_task;
	bool leftovers; /* set before it is told: messages of a job come after its end too */
	bool on_change; /* a state is said once, as an M5 does */
	int state;
	size_t pauses;
};

/* The true story of this seed. on_change: as an M5 tells it. */
void story_tell(struct story *story, uint32_t seed, bool on_change);

/* Delays below what counts as overtaken; messages of one moment change places. */
void story_jitter(struct story *story);

void story_repeat(struct story *story);
void story_lose(struct story *story, uint32_t percent);

/* Whole notices change places: worse than any network does. */
void story_swap(struct story *story);

/* A stretch of it is lost with the connection. */
void story_cut_connection(struct story *story);

#endif
