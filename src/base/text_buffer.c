/* SPDX-License-Identifier: MIT */
#include "base/text_buffer.h"

#include <assert.h>
#include <string.h>

bool text_buffer_holds(const char *buffer, size_t capacity, struct flagship_text text)
{
	char decoded[TEXT_BUFFER_MAX];

	assert(capacity <= sizeof(decoded));
	/* Nearly always it is the text of the last notice again, and plain. What is kept is valid
	 * UTF-8, so bytes that equal it need no decoding. */
	if (!text.escaped && text.length < capacity && buffer[text.length] == '\0' &&
	    memcmp(buffer, text.data, text.length) == 0) {
		return true;
	}
	flagship_text_copy(text, decoded, capacity);
	return strcmp(buffer, decoded) == 0;
}

void text_buffer_set(char *buffer, size_t capacity, struct flagship_text text)
{
	if (!text_buffer_holds(buffer, capacity, text)) {
		flagship_text_copy(text, buffer, capacity);
	}
}
