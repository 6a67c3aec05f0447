/* SPDX-License-Identifier: MIT */
#include "base/text_index.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Most of what is not the text that is looked for differs in its hash, and is not looked at. */
struct text_index_slot {
	size_t hash;
	size_t place; /* position + 1; 0: free */
};

#define FIRST_CAPACITY 32 /* a power of two, as all that follow */

/* FNV-1a, and its upper half over the lower one, which alone would choose the slot. */
static size_t hash_of(const char *text)
{
	uint64_t hash = UINT64_C(14695981039346656037);

	for (; *text; text++) {
		hash = (hash ^ (uint8_t)*text) * UINT64_C(1099511628211);
	}
	return (size_t)(hash ^ hash >> 32);
}

struct text_index text_index_of(const char *(*text_at)(const void *array, size_t position))
{
	return (struct text_index){.text_at = text_at};
}

void text_index_finish(struct text_index *index)
{
	free(index->slots);
	index->slots = NULL;
	index->capacity = 0;
	index->count = 0;
}

/* The slot of this text, or the free one where it belongs. */
static struct text_index_slot *find_slot(const struct text_index *index, const void *array,
					 const char *text, size_t hash)
{
	size_t at = hash & (index->capacity - 1);

	while (index->slots[at].place != 0 &&
	       (index->slots[at].hash != hash ||
		strcmp(index->text_at(array, index->slots[at].place - 1), text) != 0)) {
		at = (at + 1) & (index->capacity - 1);
	}
	return &index->slots[at];
}

size_t text_index_find(const struct text_index *index, const void *array, const char *text)
{
	size_t place = index->capacity > 0 ? find_slot(index, array, text, hash_of(text))->place
					   : 0;

	return place > 0 ? place - 1 : TEXT_INDEX_NONE;
}

static void put_slot(struct text_index *index, struct text_index_slot slot)
{
	size_t at = slot.hash & (index->capacity - 1);

	while (index->slots[at].place != 0) {
		at = (at + 1) & (index->capacity - 1);
	}
	index->slots[at] = slot;
}

static bool grow(struct text_index *index)
{
	const struct text_index old = *index;

	index->capacity = old.capacity > 0 ? 2 * old.capacity : FIRST_CAPACITY;
	index->slots = calloc(index->capacity, sizeof(*index->slots));
	if (!index->slots) {
		*index = old;
		return false;
	}
	for (size_t i = 0; i < old.capacity; i++) {
		if (old.slots[i].place > 0) {
			put_slot(index, old.slots[i]);
		}
	}
	free(old.slots);
	return true;
}

bool text_index_add(struct text_index *index, const void *array, size_t position)
{
	if (2 * (index->count + 1) > index->capacity && !grow(index)) {
		return false;
	}
	put_slot(index, (struct text_index_slot){
				.hash = hash_of(index->text_at(array, position)),
				.place = position + 1,
			});
	index->count++;
	return true;
}
