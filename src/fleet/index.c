/* SPDX-License-Identifier: MIT */
#include "fleet/index.h"

#include "base/words.h"
#include "fleet/fleet_internal.h"

#include <stdlib.h>
#include <string.h>

#define CAPACITY_LEAST 16
#define HASH_FACTOR    UINT64_C(0x9e3779b97f4a7c15) /* odd, its bits without a pattern */
#define HASH_SPREAD    32

void index_finish(struct index *index)
{
	free(index->slots);
	*index = (struct index){0};
}

static uint64_t mix(uint64_t hash, uint64_t word)
{
	hash ^= word;
	/* The last characters, which differ most, may be the highest bits, which a product alone
	 * never brings to the lowest. */
	hash = (hash ^ hash >> HASH_SPREAD) * HASH_FACTOR;
	return hash ^ hash >> HASH_SPREAD;
}

/* By words: each message is looked up. */
static uint32_t hash_of(const char *serial, size_t length)
{
	uint64_t hash = length;

	for (; length >= sizeof(uint64_t); length -= sizeof(uint64_t)) {
		hash = mix(hash, word_at(serial));
		serial += sizeof(uint64_t);
	}
	for (; length > 0; length--) {
		hash = mix(hash, (unsigned char)*serial++);
	}
	return (uint32_t)hash;
}

static uint32_t hash_of_printer(const struct fleet_printer *printer)
{
	return hash_of(printer->state.serial, strlen(printer->state.serial));
}

static bool is_printer(const struct fleet_printer *printer, const struct fleet_login *login,
		       const char *serial, size_t length)
{
	return printer->login == login && words_are_equal(printer->state.serial, serial, length) &&
	       printer->state.serial[length] == '\0';
}

static size_t place_after(const struct index *index, size_t place)
{
	return (place + 1) & (index->capacity - 1);
}

static void put_printer(struct index *index, uint32_t hash, struct fleet_printer *printer)
{
	size_t place = hash & (index->capacity - 1);

	while (index->slots[place].printer) {
		place = place_after(index, place);
	}
	index->slots[place] = (struct index_slot){hash, printer};
}

static bool grow_index(struct index *index)
{
	struct index larger = {
		.capacity = index->capacity ? 2 * index->capacity : CAPACITY_LEAST,
		.count = index->count,
	};

	larger.slots = calloc(larger.capacity, sizeof(*larger.slots));
	if (!larger.slots) {
		return false;
	}
	for (size_t i = 0; i < index->capacity; i++) {
		if (index->slots[i].printer) {
			put_printer(&larger, index->slots[i].hash, index->slots[i].printer);
		}
	}
	free(index->slots);
	*index = larger;
	return true;
}

bool index_add(struct index *index, struct fleet_printer *printer)
{
	/* Three quarters full: more room would make it slower, since it has to lie in the cache. */
	if (4 * index->count >= 3 * index->capacity && !grow_index(index)) {
		return false;
	}
	put_printer(index, hash_of_printer(printer), printer);
	index->count++;
	return true;
}

/* Moves up what had to make way for the one that went. */
static void close_index_gap(struct index *index, size_t gap)
{
	size_t mask = index->capacity - 1;

	for (size_t place = place_after(index, gap); index->slots[place].printer;
	     place = place_after(index, place)) {
		if (((place - index->slots[place].hash) & mask) >= ((place - gap) & mask)) {
			index->slots[gap] = index->slots[place];
			gap = place;
		}
	}
	index->slots[gap] = (struct index_slot){0};
}

void index_remove(struct index *index, const struct fleet_printer *printer)
{
	if (index->count == 0) {
		return;
	}
	size_t place = hash_of_printer(printer) & (index->capacity - 1);
	while (index->slots[place].printer && index->slots[place].printer != printer) {
		place = place_after(index, place);
	}
	if (index->slots[place].printer) {
		close_index_gap(index, place);
		index->count--;
	}
}

struct fleet_printer *index_find(const struct index *index, const struct fleet_login *login,
				 const char *serial, size_t length)
{
	if (index->count == 0 || length > FLAGSHIP_SERIAL_LENGTH_MAX) {
		return NULL;
	}
	uint32_t hash = hash_of(serial, length);
	for (size_t place = hash & (index->capacity - 1); index->slots[place].printer;
	     place = place_after(index, place)) {
		struct fleet_printer *printer = index->slots[place].printer;

		if (index->slots[place].hash != hash) {
			continue;
		}
		printer_prefetch(printer);
		if (is_printer(printer, login, serial, length)) {
			return printer;
		}
	}
	return NULL;
}
