/* SPDX-License-Identifier: MIT */
#include "base/json/reader.h"
#include "base/words.h"

#include <flagship/error.h>
#include <flagship/message.h>

#include <string.h>

#define COMMAND_TYPE     "commandType"
#define COMMAND_TYPE_KEY "\"" COMMAND_TYPE "\":"
#define REPLY            "reply"
#define PLAIN_DIGITS_MAX 18 /* every number of so many digits fits an int64_t */

/* Arrays and objects that may still be open inside a field of an object of the payload's array. */
#define FIELD_DEPTH (FLAGSHIP_PAYLOAD_DEPTH_MAX - 2)

/*
 * The reader's copy of an object: where its fields go and which is likely to come next, since a
 * printer writes the fields of a type in one order.
 */
struct object {
	struct json_reader reader;
	struct flagship_message *message;
	const struct flagship_field_info *fields;
	uint32_t field_count; /* 0 for a type that is not known */
	uint32_t expected;
};

/* Whether a bracket stands before the end, as in every payload that is one. Then the digits from p
 * on end before it, and nobody has to look whether they do. */
static inline bool is_closed(const char *p, const char *end)
{
	return p < end && (end[-1] == ']' || end[-1] == '}');
}

/*
 * Almost every value is a short integer without fraction or exponent. What follows the one at p,
 * where is_closed, a comma or a brace, or NULL where another thing stands there.
 */
static inline const char *plain_int(const char *p, int64_t *value)
{
	const bool negative = *p == '-';
	uint64_t magnitude = 0;
	unsigned int digit;

	p += negative;
	const char *first = p;
	while ((digit = (unsigned int)*p - '0') <= 9) {
		magnitude = magnitude * 10 + digit;
		p++;
	}
	size_t length = (size_t)(p - first);
	if (length - 1 >= PLAIN_DIGITS_MAX || (*p != ',' && *p != '}') ||
	    (*first == '0' && length > 1)) {
		return NULL;
	}
	*value = negative ? -(int64_t)magnitude : (int64_t)magnitude;
	return p;
}

/* Takes one, or leaves the cursor where it is. */
static inline bool take_plain_int(struct json_reader *reader, int64_t *value)
{
	const char *behind = is_closed(reader->cursor, reader->end)
				     ? plain_int(reader->cursor, value)
				     : NULL;

	if (!behind) {
		return false;
	}
	reader->cursor = behind;
	return true;
}

/* The same of a string without escapes. */
static inline const char *plain_text(const char *p, const char *end, struct flagship_text *text)
{
	if (p == end || *p != '"') {
		return NULL;
	}
	const char *start = p + 1;
	p = json_plain_end(start, end);
	if (end - p < 2 || *p != '"' || (p[1] != ',' && p[1] != '}')) {
		return NULL;
	}
	*text = (struct flagship_text){.data = start, .length = (uint32_t)(p - start)};
	return p + 1;
}

static int read_int(struct json_reader *reader, int64_t *value, bool *taken)
{
	struct json_value any;

	if (take_plain_int(reader, value)) {
		*taken = true;
		return 0;
	}
	int error = json_read_value(reader, FIELD_DEPTH, &any);
	if (error) {
		return error;
	}
	*taken = json_value_to_int(&any, value);
	return any.kind == JSON_NULL ? 1 : 0;
}

static void *field_place(struct object *object, const struct flagship_field_info *field)
{
	return (char *)&object->message->as + field->offset;
}

static bool store_text(const struct json_value *value, struct flagship_text *text)
{
	switch (value->kind) {
	case JSON_STRING:
		*text = value->text;
		return true;
	case JSON_NUMBER:
		*text = (struct flagship_text){.data = value->json.data,
					       .length = value->json.length};
		return true;
	default:
		return false;
	}
}

static bool store_json(const struct json_value *value, struct flagship_json *json)
{
	*json = value->json;
	return value->kind == JSON_ARRAY || value->kind == JSON_OBJECT;
}

static bool store_value(const struct json_value *value, enum flagship_field_kind kind, void *place)
{
	switch (kind) {
	case FLAGSHIP_FIELD_REAL:
		return json_value_to_real(value, place);
	case FLAGSHIP_FIELD_TEXT:
		return store_text(value, place);
	case FLAGSHIP_FIELD_JSON:
		return store_json(value, place);
	case FLAGSHIP_FIELD_INT:
	default:
		return json_value_round(value, place);
	}
}

static void mark_field(struct object *object, uint32_t index, bool taken)
{
	if (taken) {
		object->message->as.present |= UINT32_C(1) << index;
	} else {
		object->message->as.present &= ~(UINT32_C(1) << index);
		object->message->refused++;
	}
}

/* What follows a value of the plain form that nearly all have, a comma or a brace, or NULL. p:
 * where is_closed. */
static inline const char *take_plain_value(const struct flagship_field_info *field, void *place,
					   const char *p, const char *end)
{
	int64_t integer;

	switch ((enum flagship_field_kind)field->kind) {
	case FLAGSHIP_FIELD_INT:
		return plain_int(p, place);
	case FLAGSHIP_FIELD_TEXT:
		return plain_text(p, end, place);
	case FLAGSHIP_FIELD_REAL:
		p = plain_int(p, &integer);
		if (p) {
			*(double *)place = (double)integer;
		}
		return p;
	case FLAGSHIP_FIELD_JSON:
	default:
		return NULL;
	}
}

/* The cursor stands behind the colon. */
static int read_field(struct object *object, uint32_t index)
{
	const struct flagship_field_info *field = &object->fields[index];
	void *place = field_place(object, field);
	const struct json_reader *reader = &object->reader;
	const char *behind = is_closed(reader->cursor, reader->end)
				     ? take_plain_value(field, place, reader->cursor, reader->end)
				     : NULL;

	object->expected = index + 1;
	if (behind) {
		object->reader.cursor = behind;
		mark_field(object, index, true);
		return 0;
	}

	struct json_value value;
	int error = json_read_value(&object->reader, FIELD_DEPTH, &value);
	if (error) {
		return error;
	}
	if (value.kind != JSON_NULL) {
		mark_field(object, index, store_value(&value, field->kind, place));
	}
	return 0;
}

static int read_reply(struct object *object)
{
	bool taken = false;
	int result = read_int(&object->reader, &object->message->reply, &taken);

	if (result < 0) {
		return result;
	}
	object->message->has_reply = taken;
	object->message->refused += !taken && result == 0;
	return 0;
}

/* A second commandType that says otherwise leaves no way to tell what the object means. */
static int read_type_again(struct object *object)
{
	int64_t type = FLAGSHIP_MESSAGE_UNTYPED;
	bool taken = false;
	const char *start = object->reader.cursor;
	int result = read_int(&object->reader, &type, &taken);

	if (result < 0) {
		return result;
	}
	if (taken && type != object->message->type) {
		object->reader.cursor = start;
		return FLAGSHIP_ERROR_JSON;
	}
	return 0;
}

static bool key_is(struct flagship_text key, const char *name, size_t length)
{
	if (key.escaped) {
		return flagship_text_equals(key, name);
	}
	return key.length == length && words_are_equal(key.data, name, length);
}

static int read_member(struct object *object, struct flagship_text key)
{
	json_skip_space(&object->reader);
	for (uint32_t i = 0; i < object->field_count; i++) {
		if (key_is(key, object->fields[i].name, object->fields[i].name_length)) {
			return read_field(object, i);
		}
	}
	if (key_is(key, REPLY, sizeof(REPLY) - 1)) {
		return read_reply(object);
	}
	if (key_is(key, COMMAND_TYPE, sizeof(COMMAND_TYPE) - 1)) {
		return read_type_again(object);
	}
	return json_skip_value(&object->reader, FIELD_DEPTH);
}

/* What follows the key at p, which is not the end, where exactly this one stands there, or NULL. */
static inline const char *behind_key(const struct flagship_field_info *field, const char *p,
				     const char *end)
{
	const size_t length = field->name_length + sizeof("\"\":") - 1;

	if ((size_t)(end - p) <= length || !words_are_equal(p, field->key, length)) {
		return NULL;
	}
	return p + length;
}

/*
 * Takes what comes in the order of mqtt.stf and in plain form, which is nearly all that printers
 * write. True where that ends the object but for its brace; else the cursor stands at the next
 * member.
 */
static bool take_plain_members(struct object *object)
{
	const char *const end = object->reader.end;
	const char *p = object->reader.cursor;
	uint32_t present = 0;
	uint32_t index = object->expected;
	bool ended = false;

	if (!is_closed(p, end)) {
		return false;
	}
	for (; index < object->field_count && !ended; index++) {
		const struct flagship_field_info *field = &object->fields[index];
		const char *value = behind_key(field, p, end);
		const char *behind = value ? take_plain_value(field, field_place(object, field),
							      value, end)
					   : NULL;
		if (!behind) {
			break;
		}
		present |= UINT32_C(1) << index;
		ended = *behind == '}';
		p = behind + !ended;
	}
	object->message->as.present |= present;
	object->expected = index;
	object->reader.cursor = p;
	return ended;
}

static int read_next_member(struct object *object)
{
	struct flagship_text key;

	if (json_read_string(&object->reader, &key) || !json_take(&object->reader, ':')) {
		return FLAGSHIP_ERROR_JSON;
	}
	return read_member(object, key);
}

static int read_members(struct object *object)
{
	do {
		if (take_plain_members(object)) {
			break;
		}
		int error = read_next_member(object);
		if (error) {
			return error;
		}
	} while (json_take(&object->reader, ','));
	return json_take(&object->reader, '}') ? 0 : FLAGSHIP_ERROR_JSON;
}

/* The commandType of an object whose first member is another one; reader is a copy. */
static int find_type(struct json_reader reader, int64_t *type)
{
	struct flagship_text key;

	*type = FLAGSHIP_MESSAGE_UNTYPED;
	do {
		bool taken;
		if (json_read_string(&reader, &key) || !json_take(&reader, ':')) {
			return FLAGSHIP_ERROR_JSON;
		}
		if (key_is(key, COMMAND_TYPE, sizeof(COMMAND_TYPE) - 1)) {
			json_skip_space(&reader);
			int result = read_int(&reader, type, &taken);
			return result < 0 ? result : 0;
		}
		int error = json_skip_value(&reader, FIELD_DEPTH);
		if (error) {
			return error;
		}
	} while (json_take(&reader, ','));
	return 0;
}

/* True, with the cursor behind it and its comma, where the object begins with a plain commandType.
 */
static bool take_leading_type(struct json_reader *reader, int64_t *type)
{
	static const char key[] = COMMAND_TYPE_KEY;
	size_t length = sizeof(key) - 1;
	struct json_reader ahead = *reader;

	if ((size_t)(ahead.end - ahead.cursor) < length || memcmp(ahead.cursor, key, length) != 0) {
		return false;
	}
	ahead.cursor += length;
	if (!take_plain_int(&ahead, type) || !json_take(&ahead, ',')) {
		return false;
	}
	json_skip_space(&ahead);
	*reader = ahead;
	return true;
}

static int read_type_and_members(struct object *object)
{
	struct flagship_message *message = object->message;

	if (json_take(&object->reader, '}')) {
		return 0;
	}
	if (!take_leading_type(&object->reader, &message->type)) {
		/* An error found here is found, and placed, by read_members. */
		find_type(object->reader, &message->type);
	}
	message->info = flagship_message_info(message->type);
	if (message->info) {
		object->fields = message->info->fields;
		object->field_count = message->info->field_count;
	}
	return read_members(object);
}

/*
 * Reads one object of a payload, at whose opening brace the cursor stands, straight into *message.
 * The cursor ends behind it, or at the byte that does not fit. Errors: JSON, TOO_DEEP.
 */
static int message_object_read(struct json_reader *reader, struct flagship_message *message)
{
	struct object object = {.reader = *reader, .message = message};

	message->type = FLAGSHIP_MESSAGE_UNTYPED;
	message->info = NULL;
	message->json.data = reader->cursor;
	message->refused = 0;
	message->has_reply = false;
	message->as.present = 0;
	object.reader.cursor++;
	int error = read_type_and_members(&object);
	message->json.length = (uint32_t)(object.reader.cursor - reader->cursor);
	*reader = object.reader;
	return error;
}

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

/* 1 where an object follows, 0 at the end. */
static int start(struct flagship_payload *payload)
{
	if (!take(payload, '[')) {
		payload->stage = STAGE_SINGLE;
		return 1;
	}
	if (take(payload, ']')) {
		return finish(payload);
	}
	payload->stage = STAGE_NEXT;
	return 1;
}

static int pass_element(struct flagship_payload *payload)
{
	if (take(payload, ',')) {
		return 1;
	}
	if (take(payload, ']')) {
		return finish(payload);
	}
	return fail_at(payload, payload->cursor, FLAGSHIP_ERROR_JSON);
}

static inline int advance(struct flagship_payload *payload)
{
	switch ((enum stage)payload->stage) {
	case STAGE_START:
		return start(payload);
	case STAGE_NEXT:
		return pass_element(payload);
	case STAGE_SINGLE:
		return finish(payload);
	case STAGE_ERROR:
		return payload->error;
	case STAGE_END:
	default:
		return 0;
	}
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
	int result = advance(payload);

	return result > 0 ? next_object(payload, message) : result;
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
