/* SPDX-License-Identifier: MIT */
#include "base/json/writer.h"

#include <flagship/error.h>

#include "base/text.h"
#include "base/utf8.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define NUMBER_TEXT_MAX 32
#define REAL_DIGITS     15
#define FIRST_PRINTABLE 0x20u

static void put(struct json_writer *writer, const char *data, size_t length)
{
	if (writer->length < writer->capacity && length < writer->capacity - writer->length) {
		memcpy(writer->out + writer->length, data, length);
	}
	writer->length += length;
}

static void put_char(struct json_writer *writer, char c)
{
	put(writer, &c, 1);
}

static void put_string(struct json_writer *writer, const char *string)
{
	put(writer, string, strlen(string));
}

static void before_value(struct json_writer *writer)
{
	if (writer->comma) {
		put_char(writer, ',');
	}
	writer->comma = true;
}

void json_writer_init(struct json_writer *writer, char *out, size_t capacity)
{
	*writer = (struct json_writer){.out = out, .capacity = capacity};
}

static void begin(struct json_writer *writer, char bracket)
{
	before_value(writer);
	put_char(writer, bracket);
	writer->comma = false;
}

static void end(struct json_writer *writer, char bracket)
{
	put_char(writer, bracket);
	writer->comma = true;
}

void json_object_begin(struct json_writer *writer)
{
	begin(writer, '{');
}

void json_object_end(struct json_writer *writer)
{
	end(writer, '}');
}

void json_array_begin(struct json_writer *writer)
{
	begin(writer, '[');
}

void json_array_end(struct json_writer *writer)
{
	end(writer, ']');
}

void json_key(struct json_writer *writer, const char *name)
{
	json_string(writer, name);
	put_char(writer, ':');
	writer->comma = false;
}

static void put_value(struct json_writer *writer, const char *text)
{
	before_value(writer);
	put_string(writer, text);
}

void json_null(struct json_writer *writer)
{
	put_value(writer, "null");
}

void json_bool(struct json_writer *writer, bool value)
{
	put_value(writer, value ? "true" : "false");
}

void json_int(struct json_writer *writer, int64_t value)
{
	char text[NUMBER_TEXT_MAX];

	snprintf(text, sizeof(text), "%" PRId64, value);
	put_value(writer, text);
}

void json_real(struct json_writer *writer, double value)
{
	char text[NUMBER_TEXT_MAX];

	if (!isfinite(value)) {
		json_null(writer);
		return;
	}
	snprintf(text, sizeof(text), "%.*g", REAL_DIGITS, value);
	/* The decimal point of the program's locale. */
	char *comma = strchr(text, ',');
	if (comma) {
		*comma = '.';
	}
	put_value(writer, text);
}

void json_scaled(struct json_writer *writer, int64_t value, unsigned int decimals)
{
	char digits[NUMBER_TEXT_MAX];
	uint64_t magnitude = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
	size_t length = (size_t)snprintf(digits, sizeof(digits), "%0*" PRIu64, (int)decimals + 1,
					 magnitude);
	size_t whole = length - decimals;

	before_value(writer);
	if (value < 0) {
		put_char(writer, '-');
	}
	put(writer, digits, whole);
	while (length > whole + 1 && digits[length - 1] == '0') {
		length--;
	}
	if (decimals > 0) {
		put_char(writer, '.');
		put(writer, digits + whole, length - whole);
	}
}

static const char *short_escape(uint32_t character)
{
	switch (character) {
	case '"':
		return "\\\"";
	case '\\':
		return "\\\\";
	case '\b':
		return "\\b";
	case '\f':
		return "\\f";
	case '\n':
		return "\\n";
	case '\r':
		return "\\r";
	case '\t':
		return "\\t";
	default:
		return NULL;
	}
}

static void put_character(struct json_writer *writer, uint32_t character)
{
	const char *escape = short_escape(character);
	char bytes[UTF8_BYTES_MAX];

	if (escape) {
		put_string(writer, escape);
	} else if (character < FIRST_PRINTABLE) {
		char text[NUMBER_TEXT_MAX];
		snprintf(text, sizeof(text), "\\u%04x", (unsigned int)character);
		put_string(writer, text);
	} else {
		put(writer, bytes, utf8_encode(character, bytes));
	}
}

void json_text(struct json_writer *writer, struct flagship_text value)
{
	before_value(writer);
	put_char(writer, '"');
	for (size_t offset = 0; offset < value.length;) {
		uint32_t character;
		offset += text_next_character(value, offset, &character);
		put_character(writer, character);
	}
	put_char(writer, '"');
}

void json_string_n(struct json_writer *writer, const char *value, size_t length)
{
	json_text(writer, (struct flagship_text){.data = value, .length = (uint32_t)length});
}

void json_string(struct json_writer *writer, const char *value)
{
	if (!value) {
		json_null(writer);
		return;
	}
	json_text(writer, flagship_text_from(value));
}

void json_raw(struct json_writer *writer, const char *json, size_t length)
{
	before_value(writer);
	for (size_t offset = 0; offset < length;) {
		char bytes[UTF8_BYTES_MAX];
		uint32_t character;
		offset += utf8_decode(json + offset, length - offset, &character);
		put(writer, bytes, utf8_encode(character, bytes));
	}
}

int json_writer_finish(struct json_writer *writer, size_t *length)
{
	*length = writer->length;
	if (writer->length >= writer->capacity) {
		if (writer->capacity > 0) {
			writer->out[0] = '\0';
		}
		return FLAGSHIP_ERROR_BUFFER;
	}
	writer->out[writer->length] = '\0';
	return 0;
}
