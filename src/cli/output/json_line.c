/* SPDX-License-Identifier: MIT */
#include "cli/output/json_line.h"

#include "cli/output/message.h"
#include "cli/output/print.h"

#include <flagship/error.h>

#include <openssl/crypto.h>
#include <stdlib.h>

#define JSON_LINE_CAPACITY_FIRST 2048

int json_line_print(void (*write)(const void *context, struct json_writer *writer),
		    const void *context, FILE *out)
{
	char first[JSON_LINE_CAPACITY_FIRST];
	struct json_writer writer;
	char *line = first;
	char *larger = NULL;
	size_t length;

	json_writer_init(&writer, first, sizeof(first));
	write(context, &writer);
	if (json_writer_finish(&writer, &length) != 0) {
		size_t capacity = writer.length + 1;

		larger = malloc(capacity);
		if (larger == NULL) {
			cli_error("out of memory");
			return FLAGSHIP_ERROR_MEMORY;
		}
		line = larger;
		json_writer_init(&writer, larger, capacity);
		write(context, &writer);
		json_writer_finish(&writer, &length);
	}
	print_json_line(out, line, length);
	OPENSSL_cleanse(line, length);
	free(larger);
	return 0;
}
