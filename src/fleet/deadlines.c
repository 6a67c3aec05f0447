/* SPDX-License-Identifier: MIT */
#include "fleet/deadlines.h"

#include <assert.h>
#include <stdlib.h>

#define CAPACITY_LEAST 16

void deadlines_finish(struct deadlines *deadlines)
{
	free(deadlines->heap);
	*deadlines = (struct deadlines){0};
}

static void put_deadline(struct deadlines *deadlines, size_t place, struct deadline *deadline)
{
	deadlines->heap[place] = deadline;
	deadline->place = place;
}

static void rise(struct deadlines *deadlines, struct deadline *deadline)
{
	size_t place = deadline->place;

	while (place > 0) {
		size_t parent = (place - 1) / 2;

		if (deadlines->heap[parent]->due_ms <= deadline->due_ms) {
			break;
		}
		put_deadline(deadlines, place, deadlines->heap[parent]);
		place = parent;
	}
	put_deadline(deadlines, place, deadline);
}

static void sink(struct deadlines *deadlines, struct deadline *deadline)
{
	size_t place = deadline->place;
	size_t child;

	while ((child = 2 * place + 1) < deadlines->count) {
		if (child + 1 < deadlines->count &&
		    deadlines->heap[child + 1]->due_ms < deadlines->heap[child]->due_ms) {
			child++;
		}
		if (deadline->due_ms <= deadlines->heap[child]->due_ms) {
			break;
		}
		put_deadline(deadlines, place, deadlines->heap[child]);
		place = child;
	}
	put_deadline(deadlines, place, deadline);
}

bool deadlines_add(struct deadlines *deadlines, struct deadline *deadline)
{
	if (deadlines->count == deadlines->capacity) {
		size_t capacity = deadlines->capacity ? 2 * deadlines->capacity : CAPACITY_LEAST;
		struct deadline **heap = realloc((void *)deadlines->heap,
						 capacity * sizeof(void *));

		if (!heap) {
			return false;
		}
		deadlines->heap = heap;
		deadlines->capacity = capacity;
	}
	deadline->due_ms = DEADLINE_NEVER;
	put_deadline(deadlines, deadlines->count++, deadline);
	return true;
}

void deadlines_set(struct deadlines *deadlines, struct deadline *deadline, int64_t due_ms)
{
	assert(deadlines->heap[deadline->place] == deadline);
	bool sooner = due_ms < deadline->due_ms;

	deadline->due_ms = due_ms;
	if (sooner) {
		rise(deadlines, deadline);
	} else {
		sink(deadlines, deadline);
	}
}

void deadlines_remove(struct deadlines *deadlines, struct deadline *deadline)
{
	assert(deadlines->count > 0 && deadlines->heap[deadline->place] == deadline);
	struct deadline *last = deadlines->heap[--deadlines->count];

	if (last != deadline) {
		put_deadline(deadlines, deadline->place, last);
		rise(deadlines, last);
		sink(deadlines, last);
	}
}

struct deadline *deadlines_first(const struct deadlines *deadlines)
{
	return deadlines->count > 0 ? deadlines->heap[0] : NULL;
}
