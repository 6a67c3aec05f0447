/* SPDX-License-Identifier: MIT */
#include "base/json/writer.h"

#include "base/text.h"

#include <flagship/error.h>

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

struct indenter {
	char *out;
	size_t capacity;
	size_t length;
	size_t depth;
};

static void indent_char(struct indenter *indenter, char c)
{
	if (indenter->length < indenter->capacity) {
		indenter->out[indenter->length] = c;
	}
	indenter->length++;
}

static void put_line_break(struct indenter *indenter)
{
	indent_char(indenter, '\n');
	for (size_t i = 0; i < indenter->depth; i++) {
		indent_char(indenter, '\t');
	}
}

/* A character outside of strings. */
static void put_structure(struct indenter *indenter, char c, char before, char after)
{
	switch (c) {
	case '{':
	case '[':
		indent_char(indenter, c);
		indenter->depth++;
		if (after != '}' && after != ']') {
			put_line_break(indenter);
		}
		break;
	case '}':
	case ']':
		indenter->depth--;
		if (before != '{' && before != '[') {
			put_line_break(indenter);
		}
		indent_char(indenter, c);
		break;
	case ',':
		indent_char(indenter, c);
		put_line_break(indenter);
		break;
	case ':':
		indent_char(indenter, c);
		indent_char(indenter, ' ');
		break;
	default:
		indent_char(indenter, c);
	}
}

size_t json_indent(const char *json, size_t length, char *out, size_t capacity)
{
	struct indenter indenter = {.out = out, .capacity = capacity};
	bool in_string = false;

	for (size_t i = 0; i < length; i++) {
		char before = i > 0 ? json[i - 1] : '\0';
		char after = i + 1 < length ? json[i + 1] : '\0';

		if (in_string && json[i] == '\\' && i + 1 < length) {
			indent_char(&indenter, json[i++]);
			indent_char(&indenter, json[i]);
		} else if (in_string || json[i] == '"') {
			indent_char(&indenter, json[i]);
			in_string = (json[i] == '"') ? !in_string : in_string;
		} else {
			put_structure(&indenter, json[i], before, after);
		}
	}
	indent_char(&indenter, '\n');
	return indenter.length;
}

#define NUMBER_TEXT_MAX 32
#define REAL_DIGITS     15
#define WHOLE_MAX       1e15 /* of so many digits */
#define RADIX           10
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
	if (writer->length + 1 < writer->capacity) {
		writer->out[writer->length] = c;
	}
	writer->length++;
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

/* Right-aligned in the text; returns the first of at least so many digits. */
static char *write_digits(char text[NUMBER_TEXT_MAX], uint64_t value, unsigned int least)
{
	/* cppcheck-suppress ctuPointerArith; a place behind the last one is none to be read */
	char *at = text + NUMBER_TEXT_MAX;

	assert(least <= NUMBER_TEXT_MAX);
	const char *latest = at - least;

	do {
		*--at = (char)('0' + value % RADIX);
		value /= RADIX;
	} while (value > 0 || at > latest);
	return at;
}

static uint64_t magnitude_of(int64_t value)
{
	return value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
}

static void put_sign(struct json_writer *writer, int64_t value)
{
	if (value < 0) {
		put_char(writer, '-');
	}
}

void json_int(struct json_writer *writer, int64_t value)
{
	char text[NUMBER_TEXT_MAX];
	const char *digits = write_digits(text, magnitude_of(value), 1);

	before_value(writer);
	put_sign(writer, value);
	put(writer, digits, (size_t)(text + sizeof(text) - digits));
}

void json_real(struct json_writer *writer, double value)
{
	char text[NUMBER_TEXT_MAX];

	if (!isfinite(value)) {
		json_null(writer);
		return;
	}
	/* Not by floor, which a library without libm would have to be linked with. */
	if (value >= 0 && value < WHOLE_MAX && !signbit(value) && value == (double)(int64_t)value) {
		json_int(writer, (int64_t)value);
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
	char text[NUMBER_TEXT_MAX];
	const char *digits = write_digits(text, magnitude_of(value), decimals + 1);
	size_t length = (size_t)(text + sizeof(text) - digits);
	size_t whole = length - decimals;

	before_value(writer);
	put_sign(writer, value);
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
		size_t plain = text_literal_span(value.data + offset, value.length - offset);
		put(writer, value.data + offset, plain);
		offset += plain;
		if (offset < value.length) {
			uint32_t character;
			offset += text_next_character(value, offset, &character);
			put_character(writer, character);
		}
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

void json_member_string(struct json_writer *writer, const char *name, const char *value)
{
	json_key(writer, name);
	json_string(writer, value);
}

void json_member_known(struct json_writer *writer, const char *name, const char *text)
{
	json_member_string(writer, name, text && text[0] != '\0' ? text : NULL);
}

void json_member_bool(struct json_writer *writer, const char *name, bool value)
{
	json_key(writer, name);
	json_bool(writer, value);
}

void json_member_int(struct json_writer *writer, const char *name, int64_t value)
{
	json_key(writer, name);
	json_int(writer, value);
}

void json_raw(struct json_writer *writer, const char *json, size_t length)
{
	before_value(writer);
	for (size_t offset = 0; offset < length;) {
		char bytes[UTF8_BYTES_MAX];
		uint32_t character;
		size_t plain = text_ascii_span(json + offset, length - offset);
		put(writer, json + offset, plain);
		offset += plain;
		if (offset == length) {
			return;
		}
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
