/* SPDX-License-Identifier: MIT */
#ifndef BASE_TEXT_INDEX_H
#define BASE_TEXT_INDEX_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Where in an array the item of a text is, found without looking at the others. The array is the
 * caller's, and may move; its texts must not change. Zeroed at first.
 */
struct text_index {
	const char *(*text_at)(const void *array, size_t position);
	struct text_index_slot *slots;
	size_t capacity;
	size_t count;
};

#define TEXT_INDEX_NONE ((size_t)-1)

struct text_index text_index_of(const char *(*text_at)(const void *array, size_t position));
void text_index_finish(struct text_index *index);

/* The position that was added for this text, or TEXT_INDEX_NONE. */
size_t text_index_find(const struct text_index *index, const void *array, const char *text);

/* Of a text that is not there yet. False where there is no memory. */
bool text_index_add(struct text_index *index, const void *array, size_t position)
	__attribute__((warn_unused_result));

#endif
