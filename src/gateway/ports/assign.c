/* SPDX-License-Identifier: MIT */
#include "gateway/ports/assign.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_CAPACITY 8

struct port_entry *ports_find(const struct port_table *table, const char *serial)
{
	for (size_t i = 0; i < table->count; i++) {
		if (strcmp(table->entries[i].serial, serial) == 0) {
			return &table->entries[i];
		}
	}
	return NULL;
}

/* PORTS_NONE where each is somebody's. */
static int find_free_index(const struct port_table *table)
{
	bool taken[PORTS_OPEN_MAX] = {false};

	for (size_t i = 0; i < table->count; i++) {
		if (table->entries[i].index != PORTS_NONE) {
			taken[table->entries[i].index] = true;
		}
	}
	for (int i = 0; i < PORTS_OPEN_MAX; i++) {
		if (!taken[i]) {
			return i;
		}
	}
	return PORTS_NONE;
}

/* Takes out one that is away, the oldest, where it has what is needed. */
static int forget_one(struct port_table *table, bool with_index)
{
	for (size_t i = 0; i < table->count; i++) {
		struct port_entry *entry = &table->entries[i];
		int index = entry->index;

		if (!entry->exists && (!with_index || index != PORTS_NONE)) {
			table->count--;
			memmove(entry, entry + 1, (table->count - i) * sizeof(*entry));
			return index;
		}
	}
	return PORTS_NONE;
}

static bool make_room(struct port_table *table)
{
	if (table->count >= PORTS_KEPT_MAX) {
		(void)forget_one(table, false);
	}
	if (table->count >= PORTS_KEPT_MAX) {
		return false;
	}
	if (table->count < table->capacity) {
		return true;
	}
	size_t capacity = table->capacity > 0 ? table->capacity * 2 : FIRST_CAPACITY;
	struct port_entry *larger = realloc(table->entries, capacity * sizeof(*larger));

	if (!larger) {
		return false;
	}
	table->entries = larger;
	table->capacity = capacity;
	return true;
}

static struct port_entry *add_entry(struct port_table *table, const char *serial, int index,
				    int port)
{
	if (!make_room(table)) {
		return NULL;
	}
	struct port_entry *entry = &table->entries[table->count++];

	*entry = (struct port_entry){.index = index, .port = port};
	snprintf(entry->serial, sizeof(entry->serial), "%s", serial);
	return entry;
}

struct port_entry *ports_adopt(struct port_table *table, const char *serial)
{
	struct port_entry *entry = ports_find(table, serial);

	if (!entry || (entry->index == PORTS_NONE && entry->port == PORTS_NONE)) {
		int index = find_free_index(table);

		index = index == PORTS_NONE ? forget_one(table, true) : index;
		if (index == PORTS_NONE) {
			return NULL;
		}
		entry = ports_find(table, serial);
		entry = entry ? entry : add_entry(table, serial, index, PORTS_NONE);
		if (!entry) {
			return NULL;
		}
		entry->index = index;
		table->changed = true;
	}
	entry->exists = true;
	return entry;
}

uint16_t ports_number(const struct port_entry *entry, uint16_t base)
{
	if (entry->port != PORTS_NONE) {
		return (uint16_t)entry->port;
	}
	int number = base + entry->index;

	return base == 0 || entry->index == PORTS_NONE || number > UINT16_MAX ? 0
									      : (uint16_t)number;
}

void ports_finish(struct port_table *table)
{
	free(table->entries);
	*table = (struct port_table){0};
}

struct port_entry *ports_add_kept(struct port_table *table, const char *serial, int index, int port)
{
	for (size_t i = 0; i < table->count; i++) {
		if (strcmp(table->entries[i].serial, serial) == 0) {
			return NULL;
		}
		/* Of two with one index the first has it. */
		index = table->entries[i].index == index ? PORTS_NONE : index;
	}
	return add_entry(table, serial, index, port);
}
