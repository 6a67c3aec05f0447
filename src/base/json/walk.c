/* SPDX-License-Identifier: MIT */
#include "base/json/walk.h"

#include <flagship/error.h>
#include <flagship/message.h>

void json_walk_init(struct json_walk *walk, const struct json_value *value)
{
	const char *data = value->json.data;

	*walk = (struct json_walk){.reader = {data + 1, data + value->json.length}};
}

void json_walk_init_valid(struct json_walk *walk, const struct json_value *value)
{
	json_walk_init(walk, value);
	walk->valid = true;
}

/* Behind a string, from the byte after its first quote. */
static const char *pass_string(const char *at, const char *end)
{
	while (at < end && *at != '"') {
		at += *at == '\\' ? 2 : 1;
	}
	return at + 1;
}

/* Behind the bracket that closes the one that `at` is at; behind the end where there is none. */
static const char *pass_brackets(const char *at, const char *end)
{
	size_t depth = 0;

	while (at < end) {
		switch (*at++) {
		case '"':
			at = pass_string(at, end);
			break;
		case '[':
		case '{':
			depth++;
			break;
		case ']':
		case '}':
			if (--depth == 0) {
				return at;
			}
			break;
		default:
			break;
		}
	}
	return end + 1;
}

static int json_walk_value(struct json_walk *walk, struct json_value *value)
{
	struct json_reader *reader = &walk->reader;

	json_skip_space(reader);
	if (!walk->valid || reader->cursor == reader->end ||
	    (*reader->cursor != '[' && *reader->cursor != '{')) {
		return json_read_value(reader, FLAGSHIP_PAYLOAD_DEPTH_MAX, value);
	}
	const char *end = pass_brackets(reader->cursor, reader->end);
	if (end > reader->end) {
		return FLAGSHIP_ERROR_JSON;
	}
	value->kind = *reader->cursor == '[' ? JSON_ARRAY : JSON_OBJECT;
	value->json = (struct flagship_json){reader->cursor, (uint32_t)(end - reader->cursor)};
	reader->cursor = end;
	return 0;
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
		error = json_walk_value(walk, value);
	}
	return !error || json_walk_fail(walk, error);
}

bool json_walk_item(struct json_walk *walk, struct json_value *value)
{
	if (!json_walk_next(walk, ']')) {
		return false;
	}
	int error = json_walk_value(walk, value);
	return !error || json_walk_fail(walk, error);
}
