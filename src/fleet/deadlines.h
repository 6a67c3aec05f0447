/* SPDX-License-Identifier: MIT */
#ifndef FLEET_DEADLINES_H
#define FLEET_DEADLINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * When what is due: a heap, so that to move one deadline costs the logarithm of how many there are.
 * Knows no clock.
 */
#define DEADLINE_NEVER INT64_MAX

struct deadline {
	int64_t due_ms; /* DEADLINE_NEVER where nothing is due */
	size_t place;   /* private */
	void *context;  /* for the caller */
};

struct deadlines {
	struct deadline **heap;
	size_t count;
	size_t capacity;
};

void deadlines_finish(struct deadlines *deadlines);

/* Memory of the caller, which must outlive it. False where there is no memory. */
bool deadlines_add(struct deadlines *deadlines, struct deadline *deadline);

void deadlines_set(struct deadlines *deadlines, struct deadline *deadline, int64_t due_ms);

/* It may be added again, or its memory freed. */
void deadlines_remove(struct deadlines *deadlines, struct deadline *deadline);

/* What is due first; NULL where nothing was added. */
struct deadline *deadlines_first(const struct deadlines *deadlines);

#endif
