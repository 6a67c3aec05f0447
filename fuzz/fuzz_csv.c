/* SPDX-License-Identifier: MIT */
#include "cloud/commands/csv/reader.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Every field lies in the text, in order, and the reader comes to an end. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);
	const char *fields[CSV_FIELDS_MAX];
	enum csv_result result;
	size_t records = 0;
	size_t count;
	struct csv csv;

	assert(text);
	memcpy(text, data, size);
	csv_init(&csv, text, size);
	while ((result = csv_next(&csv, fields, &count)) == CSV_RECORD) {
		const char *before = text;

		assert(count >= 1 && count <= CSV_FIELDS_MAX);
		for (size_t i = 0; i < count; i++) {
			assert(fields[i] >= before);
			before = fields[i] + strlen(fields[i]);
			assert(before <= text + size);
		}
		assert(csv.line >= 1 && ++records <= size + 1);
	}
	free(text);
	return 0;
}
