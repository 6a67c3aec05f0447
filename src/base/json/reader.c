/* SPDX-License-Identifier: MIT */
#include "base/json/reader.h"

#include "base/hex.h"

#include <flagship/error.h>
#include <flagship/message.h>

#include <limits.h>
#include <math.h>
#include <string.h>

#define DIGITS_MAX      19 /* every number of so many digits fits 64 bits */
#define HALF_OF_TEN     5
#define EXPONENT_LIMIT  100000 /* beyond it every number is zero or out of range */
#define EXACT_POWER_MAX 22     /* the largest power of ten that a double holds exactly */

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* The cursor stands behind the backslash. */
static int skip_escape(struct json_reader *reader)
{
	if (reader->cursor == reader->end || *reader->cursor == '\0' ||
	    !strchr("\"\\/bfnrtu", *reader->cursor)) {
		return FLAGSHIP_ERROR_JSON;
	}
	if (*reader->cursor++ != 'u') {
		return 0;
	}
	for (int i = 0; i < 4; i++) {
		if (reader->cursor == reader->end || hex_digit_value(*reader->cursor) < 0) {
			return FLAGSHIP_ERROR_JSON;
		}
		reader->cursor++;
	}
	return 0;
}

int json_read_string(struct json_reader *reader, struct flagship_text *text)
{
	if (!json_take(reader, '"')) {
		return FLAGSHIP_ERROR_JSON;
	}
	const char *start = reader->cursor;
	text->escaped = false;
	for (;;) {
		reader->cursor = json_plain_end(reader->cursor, reader->end);
		if (reader->cursor == reader->end) {
			return FLAGSHIP_ERROR_JSON;
		}
		if (*reader->cursor == '"') {
			break;
		}
		if (*reader->cursor != '\\') {
			return FLAGSHIP_ERROR_JSON;
		}
		reader->cursor++;
		text->escaped = true;
		if (skip_escape(reader)) {
			return FLAGSHIP_ERROR_JSON;
		}
	}
	text->data = start;
	text->length = (uint32_t)(reader->cursor - start);
	reader->cursor++;
	return 0;
}

static void number_add_digit(struct json_number *number, unsigned int *count, char c, bool fraction)
{
	unsigned int digit = (unsigned int)(c - '0');

	if (*count < DIGITS_MAX) {
		number->digits = number->digits * 10 + digit;
		*count += number->digits != 0;
		number->exponent -= fraction;
		return;
	}
	number->inexact |= digit != 0;
	number->exponent += !fraction;
}

static int read_digits(struct json_reader *reader, struct json_number *number, unsigned int *count,
		       bool fraction)
{
	if (reader->cursor == reader->end || !is_digit(*reader->cursor)) {
		return FLAGSHIP_ERROR_JSON;
	}
	do {
		number_add_digit(number, count, *reader->cursor++, fraction);
	} while (reader->cursor < reader->end && is_digit(*reader->cursor));
	return 0;
}

/* The cursor stands behind the e. */
static int read_exponent(struct json_reader *reader, struct json_number *number)
{
	bool negative = false;
	int32_t exponent = 0;

	if (reader->cursor < reader->end && (*reader->cursor == '+' || *reader->cursor == '-')) {
		negative = *reader->cursor++ == '-';
	}
	if (reader->cursor == reader->end || !is_digit(*reader->cursor)) {
		return FLAGSHIP_ERROR_JSON;
	}
	while (reader->cursor < reader->end && is_digit(*reader->cursor)) {
		if (exponent < EXPONENT_LIMIT) {
			exponent = exponent * 10 + (*reader->cursor - '0');
		}
		reader->cursor++;
	}
	number->exponent += negative ? -exponent : exponent;
	return 0;
}

static int read_number(struct json_reader *reader, struct json_number *number)
{
	unsigned int count = 0;

	*number = (struct json_number){0};
	if (*reader->cursor == '-') {
		number->negative = true;
		reader->cursor++;
	}
	if (reader->cursor < reader->end && *reader->cursor == '0') {
		reader->cursor++;
	} else if (read_digits(reader, number, &count, false)) {
		return FLAGSHIP_ERROR_JSON;
	}
	if (reader->cursor < reader->end && *reader->cursor == '.') {
		reader->cursor++;
		if (read_digits(reader, number, &count, true)) {
			return FLAGSHIP_ERROR_JSON;
		}
	}
	if (reader->cursor < reader->end && (*reader->cursor == 'e' || *reader->cursor == 'E')) {
		reader->cursor++;
		return read_exponent(reader, number);
	}
	return 0;
}

static int read_word(struct json_reader *reader, const char *word)
{
	for (; *word; word++) {
		if (reader->cursor == reader->end || *reader->cursor != *word) {
			return FLAGSHIP_ERROR_JSON;
		}
		reader->cursor++;
	}
	return 0;
}

static int skip_array(struct json_reader *reader, unsigned int depth)
{
	reader->cursor++;
	if (json_take(reader, ']')) {
		return 0;
	}
	do {
		int error = json_skip_value(reader, depth);
		if (error) {
			return error;
		}
	} while (json_take(reader, ','));
	return json_take(reader, ']') ? 0 : FLAGSHIP_ERROR_JSON;
}

static int skip_object(struct json_reader *reader, unsigned int depth)
{
	struct flagship_text key;

	reader->cursor++;
	if (json_take(reader, '}')) {
		return 0;
	}
	do {
		if (json_read_string(reader, &key) || !json_take(reader, ':')) {
			return FLAGSHIP_ERROR_JSON;
		}
		int error = json_skip_value(reader, depth);
		if (error) {
			return error;
		}
	} while (json_take(reader, ','));
	return json_take(reader, '}') ? 0 : FLAGSHIP_ERROR_JSON;
}

static int read_container(struct json_reader *reader, unsigned int depth, struct json_value *value)
{
	if (depth == 0) {
		return FLAGSHIP_ERROR_TOO_DEEP;
	}
	if (*reader->cursor == '[') {
		value->kind = JSON_ARRAY;
		return skip_array(reader, depth - 1);
	}
	value->kind = JSON_OBJECT;
	return skip_object(reader, depth - 1);
}

static int read_by_first(struct json_reader *reader, unsigned int depth, struct json_value *value)
{
	switch (*reader->cursor) {
	case '"':
		value->kind = JSON_STRING;
		return json_read_string(reader, &value->text);
	case '[':
	case '{':
		return read_container(reader, depth, value);
	case 't':
		value->kind = JSON_TRUE;
		return read_word(reader, "true");
	case 'f':
		value->kind = JSON_FALSE;
		return read_word(reader, "false");
	case 'n':
		value->kind = JSON_NULL;
		return read_word(reader, "null");
	default:
		value->kind = JSON_NUMBER;
		return read_number(reader, &value->number);
	}
}

int json_read_value(struct json_reader *reader, unsigned int depth, struct json_value *value)
{
	json_skip_space(reader);
	if (reader->cursor == reader->end) {
		return FLAGSHIP_ERROR_JSON;
	}
	value->json.data = reader->cursor;
	int error = read_by_first(reader, depth, value);
	if (error) {
		return error;
	}
	value->json.length = (uint32_t)(reader->cursor - value->json.data);
	return 0;
}

int json_skip_value(struct json_reader *reader, unsigned int depth)
{
	struct json_value value;

	return json_read_value(reader, depth, &value);
}

bool json_number_from_text(struct flagship_text text, struct json_number *number)
{
	struct json_reader reader = {text.data, text.data + text.length};

	if (text.length == 0 || text.escaped) {
		return false;
	}
	return read_number(&reader, number) == 0 && reader.cursor == reader.end;
}

/* The integer next to a number, and whether it is the number itself. False where none fits. */
static bool nearest_int(const struct json_number *number, int64_t *value, bool *exact)
{
	uint64_t limit = (uint64_t)INT64_MAX + number->negative;
	uint64_t digits = number->digits;
	uint64_t dropped = 0; /* the digit that was cut off last */
	int32_t exponent = number->exponent;

	*exact = !number->inexact;
	for (; digits && exponent > 0; exponent--) {
		if (digits > limit / 10) {
			return false;
		}
		digits *= 10;
	}
	for (; (digits || dropped) && exponent < 0; exponent++) {
		dropped = digits % 10;
		*exact = *exact && dropped == 0;
		digits /= 10;
	}
	digits += dropped >= HALF_OF_TEN;
	if (digits > limit) {
		return false;
	}
	*value = number->negative ? (int64_t)(0 - digits) : (int64_t)digits;
	return true;
}

bool json_number_to_int(const struct json_number *number, int64_t *value)
{
	int64_t nearest;
	bool exact;

	if (!nearest_int(number, &nearest, &exact) || !exact) {
		return false;
	}
	*value = nearest;
	return true;
}

bool json_number_to_real(const struct json_number *number, double *value)
{
	static const double powers[EXACT_POWER_MAX + 1] = {
		1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
		1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
	};
	double result = (double)number->digits;
	int32_t exponent = number->exponent;

	while (exponent > 0 && result > 0 && isfinite(result)) {
		int32_t step = exponent < EXACT_POWER_MAX ? exponent : EXACT_POWER_MAX;
		result *= powers[step];
		exponent -= step;
	}
	while (exponent < 0 && result > 0) {
		int32_t step = -exponent < EXACT_POWER_MAX ? -exponent : EXACT_POWER_MAX;
		result /= powers[step];
		exponent += step;
	}
	if (!isfinite(result)) {
		return false;
	}
	*value = number->negative ? -result : result;
	return true;
}

/* The number that a value stands for, if any. */
static bool value_number(const struct json_value *value, struct json_number *number)
{
	switch (value->kind) {
	case JSON_NUMBER:
		*number = value->number;
		return true;
	case JSON_STRING:
		return json_number_from_text(value->text, number);
	case JSON_TRUE:
	case JSON_FALSE:
		*number = (struct json_number){.digits = value->kind == JSON_TRUE};
		return true;
	default:
		return false;
	}
}

bool json_value_to_int(const struct json_value *value, int64_t *out)
{
	struct json_number number;

	return value_number(value, &number) && json_number_to_int(&number, out);
}

bool json_value_round(const struct json_value *value, int64_t *out)
{
	struct json_number number;
	int64_t nearest;
	bool exact;

	if (!value_number(value, &number) || !nearest_int(&number, &nearest, &exact)) {
		return false;
	}
	*out = nearest;
	return true;
}

bool json_value_to_real(const struct json_value *value, double *out)
{
	struct json_number number;

	return value_number(value, &number) && json_number_to_real(&number, out);
}

int json_read_document(const char *text, size_t length, unsigned int depth,
		       struct json_value *value)
{
	struct json_reader reader = {text, text + length};

	if (length > UINT32_MAX) {
		return FLAGSHIP_ERROR_JSON;
	}
	int error = json_read_value(&reader, depth, value);
	if (error) {
		return error;
	}
	json_skip_space(&reader);
	return reader.cursor == reader.end ? 0 : FLAGSHIP_ERROR_JSON;
}

bool json_object_find(struct flagship_json object, const char *name, struct json_value *value)
{
	struct json_reader reader = {object.data, object.data + object.length};
	struct flagship_text key;
	struct json_value candidate;
	bool found = false;

	if (!json_take(&reader, '{')) {
		return false;
	}
	do {
		if (json_read_string(&reader, &key) || !json_take(&reader, ':') ||
		    json_read_value(&reader, FLAGSHIP_PAYLOAD_DEPTH_MAX - 1, &candidate)) {
			return false;
		}
		if (flagship_text_equals(key, name)) {
			*value = candidate;
			found = true;
		}
	} while (json_take(&reader, ','));
	return found;
}

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
