/* SPDX-License-Identifier: MIT */
#include "fleet/outstanding.h"

#include <stdlib.h>
#include <string.h>

#define CAPACITY_LEAST 16

void outstanding_finish(struct outstanding *outstanding)
{
	free(outstanding->messages);
	*outstanding = (struct outstanding){0};
}

void outstanding_clear(struct outstanding *outstanding)
{
	if (outstanding->capacity > 0) {
		memset(outstanding->messages, 0,
		       outstanding->capacity * sizeof(*outstanding->messages));
	}
	outstanding->count = 0;
}

/* Ids come one after another, so that their low bits spread by themselves. */
static size_t home_of(const struct outstanding *outstanding, uint64_t id)
{
	return (size_t)id & (outstanding->capacity - 1);
}

static size_t after(const struct outstanding *outstanding, size_t place)
{
	return (place + 1) & (outstanding->capacity - 1);
}

/* The place of the id, or the empty one where it belongs. The table is never full. */
static size_t place_of(const struct outstanding *outstanding, uint64_t id)
{
	size_t place = home_of(outstanding, id);

	while (outstanding->messages[place].id != 0 && outstanding->messages[place].id != id) {
		place = after(outstanding, place);
	}
	return place;
}

static bool grow(struct outstanding *outstanding)
{
	struct outstanding larger = {
		.capacity = outstanding->capacity ? 2 * outstanding->capacity : CAPACITY_LEAST,
		.count = outstanding->count,
	};

	larger.messages = calloc(larger.capacity, sizeof(*larger.messages));
	if (!larger.messages) {
		return false;
	}
	for (size_t i = 0; i < outstanding->capacity; i++) {
		const struct outstanding_message *message = &outstanding->messages[i];

		if (message->id != 0) {
			larger.messages[place_of(&larger, message->id)] = *message;
		}
	}
	free(outstanding->messages);
	*outstanding = larger;
	return true;
}

bool outstanding_add(struct outstanding *outstanding, uint64_t id, void *owner)
{
	if (2 * outstanding->count >= outstanding->capacity && !grow(outstanding)) {
		return false;
	}
	struct outstanding_message *message = &outstanding->messages[place_of(outstanding, id)];
	outstanding->count += message->id == 0;
	*message = (struct outstanding_message){id, owner};
	return true;
}

/* Moves up what had to make way for the one that went. */
static void close_gap(struct outstanding *outstanding, size_t gap)
{
	for (size_t place = after(outstanding, gap); outstanding->messages[place].id != 0;
	     place = after(outstanding, place)) {
		size_t home = home_of(outstanding, outstanding->messages[place].id);
		size_t mask = outstanding->capacity - 1;

		if (((place - home) & mask) >= ((place - gap) & mask)) {
			outstanding->messages[gap] = outstanding->messages[place];
			gap = place;
		}
	}
	outstanding->messages[gap] = (struct outstanding_message){0};
}

void *outstanding_take(struct outstanding *outstanding, uint64_t id)
{
	if (outstanding->count == 0 || id == 0) {
		return NULL;
	}
	size_t place = place_of(outstanding, id);
	void *owner = outstanding->messages[place].owner;
	if (outstanding->messages[place].id == 0) {
		return NULL;
	}
	close_gap(outstanding, place);
	outstanding->count--;
	return owner;
}

void outstanding_forget(struct outstanding *outstanding, const void *owner)
{
	for (size_t i = 0; i < outstanding->capacity; i++) {
		while (outstanding->messages[i].id != 0 &&
		       outstanding->messages[i].owner == owner) {
			close_gap(outstanding, i);
			outstanding->count--;
		}
	}
}
