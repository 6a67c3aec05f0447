/* SPDX-License-Identifier: MIT */
#include "base/json/compose.h"

#include "base/memory/wiping.h"

#include <stdlib.h>

#define FIRST_SIZE 16384

char *json_compose(json_write *write, const void *context, size_t *length)
{
	size_t capacity = FIRST_SIZE;
	struct json_writer writer;

	for (;;) {
		char *text = malloc(capacity);

		if (!text) {
			return NULL;
		}
		json_writer_init(&writer, text, capacity);
		write(&writer, context);
		if (json_writer_finish(&writer, length) == 0) {
			return text;
		}
		/* It may hold a secret. */
		wiping_free(text);
		capacity = writer.length + 1;
	}
}

char *json_compose_lines(json_write *write, const void *context, size_t *length)
{
	size_t compact_length;
	char *compact = json_compose(write, context, &compact_length);
	size_t capacity = compact ? json_indent(compact, compact_length, NULL, 0) : 0;
	char *text = compact ? malloc(capacity + 1) : NULL;

	if (text) {
		*length = json_indent(compact, compact_length, text, capacity);
		text[*length] = '\0';
	}
	wiping_free(compact);
	return text;
}
