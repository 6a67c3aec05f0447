/* SPDX-License-Identifier: MIT */
#include "base/json/walk.h"

#include <flagship/error.h>
#include <flagship/message.h>

void json_walk_init(struct json_walk *walk, const struct json_value *value)
{
	const char *data = value->json.data;

	*walk = (struct json_walk){.reader = {data + 1, data + value->json.length}};
}

static bool json_walk_fail(struct json_walk *walk, int error)
{
	walk->error = error;
	return false;
}

/* Whether one more follows, with the reader before it. */
static bool json_walk_next(struct json_walk *walk, char close)
{
	if (walk->error || json_take(&walk->reader, close)) {
		return false;
	}
	if (walk->begun && !json_take(&walk->reader, ',')) {
		return json_walk_fail(walk, FLAGSHIP_ERROR_JSON);
	}
	walk->begun = true;
	return true;
}

bool json_walk_member(struct json_walk *walk, struct flagship_text *name, struct json_value *value)
{
	if (!json_walk_next(walk, '}')) {
		return false;
	}
	int error = json_read_string(&walk->reader, name);
	if (!error && !json_take(&walk->reader, ':')) {
		error = FLAGSHIP_ERROR_JSON;
	}
	if (!error) {
		error = json_read_value(&walk->reader, FLAGSHIP_PAYLOAD_DEPTH_MAX, value);
	}
	return !error || json_walk_fail(walk, error);
}

bool json_walk_item(struct json_walk *walk, struct json_value *value)
{
	if (!json_walk_next(walk, ']')) {
		return false;
	}
	int error = json_read_value(&walk->reader, FLAGSHIP_PAYLOAD_DEPTH_MAX, value);
	return !error || json_walk_fail(walk, error);
}
