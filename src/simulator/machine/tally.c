/* SPDX-License-Identifier: MIT */
#include "simulator/machine/tally.h"

#include <inttypes.h>
#include <stdio.h>

#define TYPE_TEXT_SIZE 16

static struct tally_entry *find_count(struct tally *tally, int64_t type)
{
	for (uint32_t i = 0; i < tally->count; i++) {
		if (tally->entries[i].type == type) {
			return &tally->entries[i];
		}
	}
	if (tally->count == TALLY_TYPES) {
		return &tally->entries[TALLY_TYPES - 1];
	}
	struct tally_entry *entry = &tally->entries[tally->count++];
	entry->type = (int32_t)type;
	return entry;
}

void tally_executed(struct tally *tally, int64_t type)
{
	find_count(tally, type)->executed++;
}

void tally_refused(struct tally *tally, int64_t type)
{
	find_count(tally, type)->refused++;
}

void tally_add(struct tally *tally, const struct tally *other)
{
	for (uint32_t i = 0; i < other->count; i++) {
		const struct tally_entry *from = &other->entries[i];
		struct tally_entry *to = find_count(tally, from->type);
		to->executed += from->executed;
		to->refused += from->refused;
	}
}

static void write_type(struct json_writer *writer, int32_t type, uint32_t number)
{
	char text[TYPE_TEXT_SIZE];

	if (number > 0) {
		snprintf(text, sizeof(text), "%" PRId32, type);
		json_member_int(writer, text, number);
	}
}

void tally_write(const struct tally *tally, struct json_writer *writer)
{
	json_key(writer, "executed");
	json_object_begin(writer);
	for (uint32_t i = 0; i < tally->count; i++) {
		write_type(writer, tally->entries[i].type, tally->entries[i].executed);
	}
	json_object_end(writer);
	json_key(writer, "refused");
	json_object_begin(writer);
	for (uint32_t i = 0; i < tally->count; i++) {
		write_type(writer, tally->entries[i].type, tally->entries[i].refused);
	}
	json_object_end(writer);
}
