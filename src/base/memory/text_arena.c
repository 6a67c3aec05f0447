/* SPDX-License-Identifier: MIT */
#include "base/memory/text_arena.h"

#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

#define CAPACITY_FIRST ((size_t)1024)
#define CAPACITY_LAST  ((size_t)65536)

struct text_arena_block {
	struct text_arena_block *next;
	size_t capacity;
	size_t used;
	char bytes[];
};

/* With room for so many bytes; blocks double, so that few texts need little. */
static struct text_arena_block *add_block(struct text_arena *arena, size_t needed)
{
	struct text_arena_block *newest = arena->blocks;
	size_t capacity = newest ? 2 * newest->capacity : CAPACITY_FIRST;

	capacity = capacity < CAPACITY_LAST ? capacity : CAPACITY_LAST;
	capacity = capacity > needed ? capacity : needed;
	struct text_arena_block *block = malloc(sizeof(*block) + capacity);
	if (block) {
		block->next = newest;
		block->capacity = capacity;
		block->used = 0;
		arena->blocks = block;
	}
	return block;
}

const char *text_arena_copy(struct text_arena *arena, const char *text, size_t length)
{
	struct text_arena_block *block = arena->blocks;

	if (!block || block->capacity - block->used <= length) {
		block = add_block(arena, length + 1);
	}
	if (!block) {
		return NULL;
	}
	char *copy = block->bytes + block->used;
	if (length > 0) {
		memcpy(copy, text, length);
	}
	copy[length] = '\0';
	block->used += length + 1;
	return copy;
}

void text_arena_take(struct text_arena *to, struct text_arena *from)
{
	struct text_arena_block **last = &to->blocks;

	while (*last) {
		last = &(*last)->next;
	}
	*last = from->blocks;
	from->blocks = NULL;
}

void text_arena_finish(struct text_arena *arena)
{
	while (arena->blocks) {
		struct text_arena_block *block = arena->blocks;

		arena->blocks = block->next;
		OPENSSL_cleanse(block->bytes, block->used);
		free(block);
	}
}
