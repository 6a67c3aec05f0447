/* SPDX-License-Identifier: MIT */
#include "video/parts.h"

#include <flagship/error.h>

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define MULTIPART    "multipart/x-mixed-replace"
#define BOUNDARY     "boundary="
#define DASHES       2 /* before a boundary */
#define LENGTH_FIELD "content-length:"
#define TYPE_FIELD   "content-type:"
#define JPEG_TYPE    "image/jp" /* jpeg, jpg */
#define JPEG_LEAST   4
#define ROOM_FIRST   65536
#define DECIMAL      10

bool parts_is_jpeg(const uint8_t *data, size_t length)
{
	return length >= JPEG_LEAST && data[0] == 0xFF && data[1] == 0xD8;
}

/* --- the boundary --- */

static const char *find_boundary(const char *content_type)
{
	for (; *content_type != '\0'; content_type++) {
		if (strncasecmp(content_type, BOUNDARY, sizeof(BOUNDARY) - 1) == 0) {
			return content_type + sizeof(BOUNDARY) - 1;
		}
	}
	return NULL;
}

/* Some say it with the dashes that stand before it, some without. */
static bool read_boundary(struct parts_reader *reader, const char *value)
{
	bool is_quoted = *value == '"';

	value += is_quoted;
	value += strspn(value, "-");
	size_t length = strcspn(value, is_quoted ? "\"" : "; \t\r\n");
	if (length == 0 || length > PARTS_BOUNDARY_MAX) {
		return false;
	}
	memcpy(reader->boundary, value, length);
	reader->boundary[length] = '\0';
	reader->boundary_length = length;
	return true;
}

int parts_init(struct parts_reader *reader, const char *content_type, parts_on_picture *on_picture,
	       void *context)
{
	*reader = (struct parts_reader){.on_picture = on_picture, .context = context};
	const char *value = find_boundary(content_type);

	return strncasecmp(content_type, MULTIPART, sizeof(MULTIPART) - 1) == 0 && value &&
			       read_boundary(reader, value)
		       ? 0
		       : FLAGSHIP_ERROR_ARGUMENT;
}

/* --- lines --- */

static bool is_boundary(const struct parts_reader *reader)
{
	size_t dashes = strspn(reader->line, "-");
	const char *rest = reader->line + dashes;

	return dashes >= DASHES && strncmp(rest, reader->boundary, reader->boundary_length) == 0 &&
	       rest[reader->boundary_length + strspn(rest + reader->boundary_length, "- \t")] ==
		       '\0';
}

static int read_length(struct parts_reader *reader, const char *value)
{
	size_t number = 0;

	value += strspn(value, " \t");
	for (; *value >= '0' && *value <= '9'; value++) {
		number = number * DECIMAL + (size_t)(*value - '0');
		if (number > PARTS_PICTURE_MAX) {
			return FLAGSHIP_ERROR_ARGUMENT;
		}
	}
	reader->wanted = number;
	return 0;
}

static void begin_part(struct parts_reader *reader)
{
	reader->state = PARTS_HEADERS;
	reader->lines = 0;
	reader->is_jpeg = true;
	reader->wanted = 0;
	reader->length = 0;
}

static int take_header(struct parts_reader *reader)
{
	const char *line = reader->line;

	if (line[0] == '\0') {
		reader->state = reader->wanted > 0 ? PARTS_COUNTED : PARTS_SOUGHT;
		return 0;
	}
	if (is_boundary(reader)) {
		begin_part(reader); /* twice, as some send it */
		return 0;
	}
	if (strncasecmp(line, LENGTH_FIELD, sizeof(LENGTH_FIELD) - 1) == 0) {
		return read_length(reader, line + sizeof(LENGTH_FIELD) - 1);
	}
	if (strncasecmp(line, TYPE_FIELD, sizeof(TYPE_FIELD) - 1) == 0) {
		const char *type = line + sizeof(TYPE_FIELD) - 1;

		type += strspn(type, " \t");
		reader->is_jpeg = strncasecmp(type, JPEG_TYPE, sizeof(JPEG_TYPE) - 1) == 0;
	}
	return 0;
}

static int end_line(struct parts_reader *reader)
{
	if (reader->line_length > 0 && reader->line[reader->line_length - 1] == '\r') {
		reader->line_length--;
	}
	reader->line[reader->line_length] = '\0';
	reader->line_length = 0;
	if (++reader->lines > PARTS_LINES_MAX) {
		return FLAGSHIP_ERROR_ARGUMENT;
	}
	if (reader->state == PARTS_HEADERS) {
		return take_header(reader);
	}
	if (is_boundary(reader)) {
		begin_part(reader);
	}
	return 0;
}

/* --- bodies --- */

static int make_body_room(struct parts_reader *reader, size_t more)
{
	size_t needed = reader->length + more;
	size_t capacity = reader->capacity > 0 ? reader->capacity : ROOM_FIRST;

	if (needed > PARTS_PICTURE_MAX) {
		return FLAGSHIP_ERROR_ARGUMENT;
	}
	while (capacity < needed) {
		capacity *= 2;
	}
	if (capacity > reader->capacity) {
		uint8_t *larger = realloc(reader->body, capacity);

		if (!larger) {
			return FLAGSHIP_ERROR_MEMORY;
		}
		reader->body = larger;
		reader->capacity = capacity;
	}
	return 0;
}

static void end_body(struct parts_reader *reader)
{
	if (reader->is_jpeg && parts_is_jpeg(reader->body, reader->length)) {
		reader->on_picture(reader->context, reader->body, reader->length);
	} else {
		reader->skipped++;
	}
	reader->length = 0;
	reader->lines = 0;
	reader->state = PARTS_BETWEEN;
}

/* A whole line of the boundary ends a body of no length: the line, and the break before it, which
 * belongs to it, are no part of the picture. */
static bool ends_with_boundary(struct parts_reader *reader)
{
	const uint8_t *body = reader->body;
	size_t end = reader->length - 1; /* of the line: its break */
	size_t least = reader->boundary_length + DASHES;

	end -= end > 0 && body[end - 1] == '\r';
	while (end > 0 && (body[end - 1] == '-' || body[end - 1] == ' ')) {
		end--;
	}
	if (end < least || memcmp(body + end - reader->boundary_length, reader->boundary,
				  reader->boundary_length) != 0) {
		return false;
	}
	size_t start = end - reader->boundary_length;
	while (start > 0 && body[start - 1] == '-') {
		start--;
	}
	if (end - reader->boundary_length - start < DASHES) {
		return false;
	}
	start -= start > 0 && body[start - 1] == '\n';
	start -= start > 0 && body[start - 1] == '\r';
	reader->length = start;
	return true;
}

/* Returns the bytes that were taken. */
static size_t take_sought(struct parts_reader *reader, const uint8_t *data, size_t length)
{
	const uint8_t *newline = memchr(data, '\n', length);
	size_t some = newline ? (size_t)(newline - data) + 1 : length;

	memcpy(reader->body + reader->length, data, some);
	reader->length += some;
	if (newline && ends_with_boundary(reader)) {
		end_body(reader);
		begin_part(reader);
	}
	return some;
}

static size_t take_counted(struct parts_reader *reader, const uint8_t *data, size_t length)
{
	size_t missing = reader->wanted - reader->length;
	size_t some = length < missing ? length : missing;

	memcpy(reader->body + reader->length, data, some);
	reader->length += some;
	if (reader->length == reader->wanted) {
		end_body(reader);
	}
	return some;
}

static int take_some(struct parts_reader *reader, const uint8_t *data, size_t length, size_t *taken)
{
	if (reader->state == PARTS_COUNTED || reader->state == PARTS_SOUGHT) {
		bool is_counted = reader->state == PARTS_COUNTED;
		size_t missing = is_counted ? reader->wanted - reader->length : length;
		const uint8_t *newline = is_counted ? NULL : memchr(data, '\n', length);
		size_t line = newline ? (size_t)(newline - data) + 1 : length;
		int error = make_body_room(reader, missing < line ? missing : line);

		if (!error) {
			*taken = is_counted ? take_counted(reader, data, length)
					    : take_sought(reader, data, length);
		}
		return error;
	}
	*taken = 1;
	if (*data == '\n') {
		return end_line(reader);
	}
	if (reader->line_length == sizeof(reader->line) - 1) {
		return FLAGSHIP_ERROR_ARGUMENT;
	}
	reader->line[reader->line_length++] = (char)*data;
	return 0;
}

int parts_feed(struct parts_reader *reader, const uint8_t *data, size_t length)
{
	int error = 0;

	while (!error && length > 0) {
		size_t taken = 0;

		error = take_some(reader, data, length, &taken);
		data += taken;
		length -= taken;
	}
	return error;
}

void parts_finish(struct parts_reader *reader)
{
	free(reader->body);
	*reader = (struct parts_reader){0};
}
