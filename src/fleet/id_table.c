/* SPDX-License-Identifier: MIT */
#include "fleet/id_table.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define CAPACITY_LEAST 16
#define SPREAD         UINT64_C(0x9e3779b97f4a7c15) /* 2^64 by the golden ratio */
#define SPREAD_SHIFT   32

static_assert((CAPACITY_LEAST & (CAPACITY_LEAST - 1)) == 0, "capacity - 1 is a mask");

void id_table_finish(struct id_table *table)
{
	free(table->slots);
	*table = (struct id_table){0};
}

void id_table_clear(struct id_table *table)
{
	if (table->capacity > 0) {
		memset(table->slots, 0, table->capacity * sizeof(*table->slots));
	}
	table->count = 0;
}

/* Ids come one after another: side by side they would be one long row, to be gone through to its
 * end with each that goes. */
static size_t home_of(const struct id_table *table, uint64_t id)
{
	return (size_t)(id * SPREAD >> SPREAD_SHIFT) & (table->capacity - 1);
}

static size_t after(const struct id_table *table, size_t place)
{
	return (place + 1) & (table->capacity - 1);
}

/* The place of the id, or the empty one where it belongs. The table is never full. */
static size_t place_of(const struct id_table *table, uint64_t id)
{
	size_t place = home_of(table, id);

	assert(table->count < table->capacity);
	while (table->slots[place].id != 0 && table->slots[place].id != id) {
		place = after(table, place);
	}
	return place;
}

static bool grow(struct id_table *table)
{
	struct id_table larger = {
		.capacity = table->capacity ? 2 * table->capacity : CAPACITY_LEAST,
		.count = table->count,
	};

	larger.slots = calloc(larger.capacity, sizeof(*larger.slots));
	if (!larger.slots) {
		return false;
	}
	for (size_t i = 0; i < table->capacity; i++) {
		const struct id_table_slot *slot = &table->slots[i];

		if (slot->id != 0) {
			larger.slots[place_of(&larger, slot->id)] = *slot;
		}
	}
	free(table->slots);
	*table = larger;
	return true;
}

bool id_table_add(struct id_table *table, uint64_t id, void *owner)
{
	assert(id != 0); /* which is an empty slot's */
	if (2 * table->count >= table->capacity && !grow(table)) {
		return false;
	}
	struct id_table_slot *slot = &table->slots[place_of(table, id)];
	table->count += slot->id == 0;
	*slot = (struct id_table_slot){id, owner};
	return true;
}

/* Moves up what had to make way for the one that went. */
static void close_gap(struct id_table *table, size_t gap)
{
	for (size_t place = after(table, gap); table->slots[place].id != 0;
	     place = after(table, place)) {
		size_t home = home_of(table, table->slots[place].id);
		size_t mask = table->capacity - 1;

		if (((place - home) & mask) >= ((place - gap) & mask)) {
			table->slots[gap] = table->slots[place];
			gap = place;
		}
	}
	table->slots[gap] = (struct id_table_slot){0};
}

void *id_table_find(const struct id_table *table, uint64_t id)
{
	return table->count > 0 && id != 0 ? table->slots[place_of(table, id)].owner : NULL;
}

void *id_table_take(struct id_table *table, uint64_t id)
{
	if (table->count == 0 || id == 0) {
		return NULL;
	}
	size_t place = place_of(table, id);
	void *owner = table->slots[place].owner;
	if (table->slots[place].id == 0) {
		return NULL;
	}
	close_gap(table, place);
	table->count--;
	return owner;
}

void id_table_forget(struct id_table *table, const void *owner)
{
	for (size_t i = 0; i < table->capacity; i++) {
		while (table->slots[i].id != 0 && table->slots[i].owner == owner) {
			close_gap(table, i);
			table->count--;
		}
	}
}
