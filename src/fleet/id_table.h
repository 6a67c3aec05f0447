/* SPDX-License-Identifier: MIT */
#ifndef FLEET_ID_TABLE_H
#define FLEET_ID_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Whose a number is: of a message that the broker has not acknowledged yet, or of a command. It
 * costs the same with few and with many. Zeroed is empty.
 */
struct id_table_slot {
	uint64_t id; /* 0 is an empty place */
	void *owner;
};

struct id_table {
	struct id_table_slot *slots;
	size_t capacity; /* a power of two, or 0 */
	size_t count;
};

void id_table_finish(struct id_table *table);

/* In place of an older owner of this id. False where there is no memory. */
bool id_table_add(struct id_table *table, uint64_t id, void *owner);

/* NULL where the id is not known; take removes it. */
void *id_table_find(const struct id_table *table, uint64_t id);
void *id_table_take(struct id_table *table, uint64_t id);

/* The owner goes, and all that is its own. Costs as many as there are of all. */
void id_table_forget(struct id_table *table, const void *owner);

void id_table_clear(struct id_table *table);

#endif
