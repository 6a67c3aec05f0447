/* SPDX-License-Identifier: MIT */
#include "gateway/sentences/sentences.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define JSON_SIZE 65536

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What stands in a sentence lies in the text, in order, and what is written of it is JSON. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char json[JSON_SIZE];
	char *text = malloc(size + 1);
	struct sentence_found found;
	struct json_writer writer;
	size_t length;

	assert(text);
	memcpy(text, data, size);
	text[size] = '\0';
	if (sentence_find(text, &found)) {
		const char *end = text;

		for (size_t i = 0; i < found.count; i++) {
			assert(found.arguments[i].value >= end && found.arguments[i].length > 0);
			end = found.arguments[i].value + found.arguments[i].length;
		}
		assert(found.count <= SENTENCE_ARGUMENTS_MAX && end <= text + strlen(text));
	}
	json_writer_init(&writer, json, sizeof(json));
	json_object_begin(&writer);
	sentence_member(&writer, "reason", text);
	json_object_end(&writer);
	if (json_writer_finish(&writer, &length) == 0) {
		cJSON *object = cJSON_ParseWithLength(json, length);

		assert(object);
		cJSON_Delete(object);
	}
	free(text);
	return 0;
}
