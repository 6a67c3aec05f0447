/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* memmem */
#include "cli/codec/record_redact.h"

#include <flagship/flagship.h>

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define PRIVATE_TEXT "AK7SECRET"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void write_object(struct record_redact *redact, struct flagship_json object, char *out,
			 size_t capacity, size_t *length)
{
	struct json_writer writer;

	json_writer_init(&writer, out, capacity);
	json_object_begin(&writer);
	record_redact_members(redact, object, &writer);
	json_object_end(&writer);
	if (json_writer_finish(&writer, length) != 0) {
		abort();
	}
}

/* What is written is a payload again, the same the second time, and without what is private. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const private_texts[] = {PRIVATE_TEXT, "anne"};
	struct flagship_message messages[FLAGSHIP_PAYLOAD_OBJECTS_MAX];
	struct flagship_message again;
	struct record_redact redact;
	size_t capacity = 64 * size + 4096;
	char *first;
	char *second;
	size_t count;
	size_t length;
	size_t length_again;

	if (flagship_payload_read(data, size, messages, FLAGSHIP_PAYLOAD_OBJECTS_MAX, &count)) {
		return 0;
	}
	first = malloc(capacity);
	second = malloc(capacity);
	assert(first && second);
	record_redact_init(&redact, private_texts, 2);
	for (size_t i = 0; i < count; i++) {
		write_object(&redact, messages[i].json, first, capacity, &length);
		write_object(&redact, messages[i].json, second, capacity, &length_again);
		assert(length == length_again && memcmp(first, second, length) == 0);
		assert(!memmem(first, length, PRIVATE_TEXT, strlen(PRIVATE_TEXT)));
		assert(flagship_payload_read(first, length, &again, 1, &(size_t){0}) == 0);
	}
	record_redact_finish(&redact);
	free(first);
	free(second);
	return 0;
}
