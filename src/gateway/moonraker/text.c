/* SPDX-License-Identifier: MIT */
#include "gateway/moonraker/internal.h"

#include <stdlib.h>

#define FIRST_SIZE 4096

/* Once more with as much room as it asked for. */
char *moonraker_build(moonraker_write *write, const void *context, size_t *length)
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
		free(text);
		capacity = writer.length + 1;
	}
}
