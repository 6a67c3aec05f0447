/* SPDX-License-Identifier: MIT */
#include "cli/control/replies.h"

#include "base/json/reader.h"
#include "cli/kit/cli.h"

#include <flagship/message.h>

#include <stdlib.h>
#include <string.h>

#define REPLIES_CAPACITY_MIN 1024
#define REPLIES_AROUND       2 /* the bracket or comma before an object, the bracket behind all */

static bool replies_reserve(struct control_replies *replies, size_t more)
{
	size_t needed = replies->length + more;
	size_t capacity = replies->capacity > 0 ? replies->capacity : REPLIES_CAPACITY_MIN;

	while (capacity < needed) {
		capacity *= 2;
	}
	if (capacity == replies->capacity) {
		return true;
	}
	char *grown = realloc(replies->json, capacity);
	if (!grown) {
		return false;
	}
	replies->json = grown;
	replies->capacity = capacity;
	return true;
}

/* A printer may tell the same as a reply and as a notice. */
static bool replies_has(struct control_replies *replies, struct flagship_json object)
{
	struct json_value array = {.kind = JSON_ARRAY};
	struct json_value value;
	struct json_walk walk;
	size_t length;
	const char *json = control_replies_take(replies, &length);

	if (!json) {
		return false;
	}
	array.json = (struct flagship_json){.data = json, .length = (uint32_t)length};
	json_walk_init(&walk, &array);
	while (json_walk_item(&walk, &value)) {
		if (value.json.length == object.length &&
		    memcmp(value.json.data, object.data, object.length) == 0) {
			return true;
		}
	}
	return false;
}

void control_replies_add(struct control_replies *replies, struct flagship_json object)
{
	if (replies->cut || replies_has(replies, object)) {
		return;
	}
	if (object.length > CONTROL_REPLIES_MAX - replies->length ||
	    !replies_reserve(replies, object.length + REPLIES_AROUND)) {
		replies->cut = true;
		cli_warn("the answer is too long; the rest of it is left out");
		return;
	}
	replies->json[replies->length] = replies->length == 0 ? '[' : ',';
	memcpy(replies->json + replies->length + 1, object.data, object.length);
	replies->length += object.length + 1;
}

const char *control_replies_take(struct control_replies *replies, size_t *length)
{
	*length = 0;
	if (replies->length == 0) {
		return NULL;
	}
	replies->json[replies->length] = ']';
	*length = replies->length + 1;
	return replies->json;
}

void control_replies_finish(struct control_replies *replies)
{
	free(replies->json);
	*replies = (struct control_replies){0};
}

void control_replies_print(const char *json, size_t length, const struct output *output)
{
	struct json_reader reader = {.cursor = json, .end = json + length};
	struct json_value array;
	struct json_value object;
	struct json_walk walk;

	if (json_read_value(&reader, FLAGSHIP_PAYLOAD_DEPTH_MAX + 1, &array) != 0) {
		return;
	}
	json_walk_init(&walk, &array);
	while (json_walk_item(&walk, &object)) {
		output_json(output, OUTPUT_PLAIN, object.json);
		fputc('\n', output->stream);
	}
	fflush(output->stream);
}
