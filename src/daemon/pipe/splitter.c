/* SPDX-License-Identifier: MIT */
#include "daemon/pipe/splitter.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static void forget_taken(struct splitter *splitter)
{
	if (splitter->taken > 0) {
		splitter->length -= splitter->taken;
		memmove(splitter->bytes, splitter->bytes + splitter->taken, splitter->length);
		splitter->taken = 0;
	}
}

char *splitter_room(struct splitter *splitter, size_t size)
{
	forget_taken(splitter);
	if (splitter->capacity - splitter->length < size) {
		size_t capacity = 2 * splitter->capacity + size;
		char *larger = realloc(splitter->bytes, capacity);

		if (!larger) {
			return NULL;
		}
		splitter->bytes = larger;
		splitter->capacity = capacity;
	}
	return splitter->bytes + splitter->length;
}

void splitter_add(struct splitter *splitter, size_t size)
{
	assert(size <= splitter->capacity - splitter->length);
	splitter->length += size;
}

enum splitter_result splitter_next(struct splitter *splitter, char end, size_t max,
				   const char **text, size_t *length)
{
	size_t left = splitter->length - splitter->taken;

	if (left == 0) {
		return SPLITTER_MORE;
	}
	const char *begin = splitter->bytes + splitter->taken;
	const char *found = left > splitter->searched ? memchr(begin + splitter->searched, end,
							       left - splitter->searched)
						      : NULL;

	if (!found) {
		splitter->searched = left;
		return left > max ? SPLITTER_TOO_LONG : SPLITTER_MORE;
	}
	*text = begin;
	*length = (size_t)(found - begin);
	if (*length > max) {
		return SPLITTER_TOO_LONG;
	}
	splitter->taken += *length + 1;
	splitter->searched = 0;
	return SPLITTER_TEXT;
}

void splitter_finish(struct splitter *splitter)
{
	free(splitter->bytes);
	*splitter = (struct splitter){0};
}
