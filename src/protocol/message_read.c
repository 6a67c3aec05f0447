/* SPDX-License-Identifier: MIT */
#include <flagship/error.h>
#include <flagship/message.h>

#include "base/json/reader.h"
#include "protocol/message_object.h"

enum stage {
	STAGE_START,
	STAGE_NEXT,   /* behind an element of an array */
	STAGE_SINGLE, /* behind the only object */
	STAGE_END,
	STAGE_ERROR,
};

static int fail(struct flagship_payload *payload, int error)
{
	payload->stage = STAGE_ERROR;
	payload->error = error;
	return error;
}

static int fail_at(struct flagship_payload *payload, const char *place, int error)
{
	payload->error_offset = (size_t)(place - payload->start);
	return fail(payload, error);
}

/*
 * An element, or the whole payload, that does not begin with a brace: JSON of another kind, or, as
 * behind a wrong key, no JSON at all.
 */
static int fail_not_object(struct flagship_payload *payload)
{
	bool element = payload->stage == STAGE_NEXT;
	struct json_reader reader = {payload->cursor, payload->end};
	int error = json_skip_value(&reader, FLAGSHIP_PAYLOAD_DEPTH_MAX - element);

	if (error) {
		return fail_at(payload, reader.cursor, error);
	}
	json_skip_space(&reader);
	bool ended = reader.cursor == reader.end;
	bool followed = !ended && (*reader.cursor == ',' || *reader.cursor == ']');
	if (element ? !followed : !ended) {
		return fail_at(payload, reader.cursor, FLAGSHIP_ERROR_JSON);
	}
	return fail_at(payload, payload->cursor, FLAGSHIP_ERROR_NOT_OBJECT);
}

static int next_object(struct flagship_payload *payload, struct flagship_message *message)
{
	struct json_reader reader = {payload->cursor, payload->end};

	json_skip_space(&reader);
	payload->cursor = reader.cursor;
	if (reader.cursor == reader.end || *reader.cursor != '{') {
		return fail_not_object(payload);
	}
	if (payload->count == FLAGSHIP_PAYLOAD_OBJECTS_MAX) {
		return fail_at(payload, payload->cursor, FLAGSHIP_ERROR_TOO_MANY_OBJECTS);
	}
	int error = message_object_read(&reader, message);
	payload->cursor = reader.cursor;
	if (error) {
		return fail_at(payload, payload->cursor, error);
	}
	payload->count++;
	return 1;
}

static int finish(struct flagship_payload *payload)
{
	struct json_reader reader = {payload->cursor, payload->end};

	json_skip_space(&reader);
	payload->cursor = reader.cursor;
	if (reader.cursor != reader.end) {
		return fail_at(payload, payload->cursor, FLAGSHIP_ERROR_JSON);
	}
	payload->stage = STAGE_END;
	return 0;
}

static bool take(struct flagship_payload *payload, char character)
{
	struct json_reader reader = {payload->cursor, payload->end};
	bool taken = json_take(&reader, character);

	payload->cursor = reader.cursor;
	return taken;
}

static int start(struct flagship_payload *payload, struct flagship_message *message)
{
	if (take(payload, '[')) {
		if (take(payload, ']')) {
			return finish(payload);
		}
		payload->stage = STAGE_NEXT;
		return next_object(payload, message);
	}
	payload->stage = STAGE_SINGLE;
	return next_object(payload, message);
}

static int next_in_array(struct flagship_payload *payload, struct flagship_message *message)
{
	if (take(payload, ',')) {
		return next_object(payload, message);
	}
	if (take(payload, ']')) {
		return finish(payload);
	}
	return fail_at(payload, payload->cursor, FLAGSHIP_ERROR_JSON);
}

void flagship_payload_init(struct flagship_payload *payload, const void *plaintext, size_t length)
{
	*payload = (struct flagship_payload){
		.start = plaintext,
		.cursor = plaintext,
		.end = (const char *)plaintext + length,
	};
	if (length > UINT32_MAX) {
		fail(payload, FLAGSHIP_ERROR_TOO_LARGE);
	}
}

int flagship_payload_next(struct flagship_payload *payload, struct flagship_message *message)
{
	switch ((enum stage)payload->stage) {
	case STAGE_START:
		return start(payload, message);
	case STAGE_NEXT:
		return next_in_array(payload, message);
	case STAGE_SINGLE:
		return finish(payload);
	case STAGE_ERROR:
		return payload->error;
	case STAGE_END:
	default:
		return 0;
	}
}

size_t flagship_payload_error_offset(const struct flagship_payload *payload)
{
	return payload->error_offset;
}

int flagship_payload_read(const void *plaintext, size_t length, struct flagship_message *messages,
			  size_t capacity, size_t *count)
{
	struct flagship_payload payload;
	struct flagship_message overflow;
	size_t n = 0;
	int result;

	flagship_payload_init(&payload, plaintext, length);
	*count = 0;
	do {
		result = flagship_payload_next(&payload, n < capacity ? &messages[n] : &overflow);
		n += result > 0;
	} while (result > 0 && n <= capacity);
	if (result > 0) {
		return FLAGSHIP_ERROR_TOO_MANY_OBJECTS;
	}
	if (result == 0) {
		*count = n;
	}
	return result;
}
