/* SPDX-License-Identifier: MIT */
#ifndef BASE_MEMORY_TEXT_ARENA_H
#define BASE_MEMORY_TEXT_ARENA_H

#include <stddef.h>

/*
 * Copies of texts that end together, each in as many bytes as it has: for tens of thousands of them
 * that are mostly short. They may be secret: their memory is wiped when it ends. Zeroed at first.
 */
struct text_arena {
	struct text_arena_block *blocks; /* the newest first */
};

/* Ends with a NUL. Stays where it is until the arena ends. NULL where there is no memory. */
const char *text_arena_copy(struct text_arena *arena, const char *text, size_t length)
	__attribute__((warn_unused_result));

/* The texts of `from` end with those of `to` from now on. */
void text_arena_take(struct text_arena *to, struct text_arena *from);

void text_arena_finish(struct text_arena *arena);

#endif
