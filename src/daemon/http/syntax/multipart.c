/* SPDX-License-Identifier: MIT */
#include "daemon/http/syntax/multipart.h"

#include "base/hex.h"

#include <string.h>
#include <strings.h>

#define TYPE         "multipart/form-data"
#define BOUNDARY     "boundary="
#define DISPOSITION  "content-disposition:"
#define CONTENT_TYPE "content-type:"
#define UTF_8        "UTF-8''"
#define HEAD_END     "\r\n\r\n"
#define LINE_END     "\r\n"
#define PREFIX       "\r\n--"
#define PREFIX_SIZE  (sizeof(PREFIX) - 1)
#define SPACE        " \t"

/* --- parameters: name=value or name="value" --- */

/* What follows "name=" in a header's parameters; NULL where there is none. */
static const char *find_parameter(const char *text, const char *name)
{
	size_t length = strlen(name);

	while (*text) {
		text += strspn(text, SPACE ";");
		if (strncasecmp(text, name, length) == 0) {
			return text + length;
		}
		while (*text && *text != ';') {
			if (*text == '"') {
				for (text++; *text && *text != '"'; text++) {
					text += text[0] == '\\' && text[1] != '\0';
				}
			}
			text += *text != '\0';
		}
	}
	return NULL;
}

static bool copy_value(const char *value, char *out, size_t capacity)
{
	bool quoted = *value == '"';
	size_t written = 0;

	value += quoted;
	while (*value && (quoted ? *value != '"' : !strchr(SPACE ";", *value))) {
		/* A backslash is one of a Windows path, but before what it has to escape. */
		if (quoted && value[0] == '\\' && (value[1] == '"' || value[1] == '\\')) {
			value++;
		}
		if (written + 1 >= capacity || (unsigned char)*value < ' ') {
			return false;
		}
		out[written++] = *value++;
	}
	out[written] = '\0';
	return !quoted || *value == '"';
}

/* filename*=UTF-8''na%C3%AFve (RFC 8187), in place. */
static bool decode_extended(char *text)
{
	size_t length = strlen(UTF_8);
	char *out = text;

	if (strncasecmp(text, UTF_8, length) != 0) {
		return false;
	}
	for (text += length; *text; text++) {
		if (*text == '%') {
			uint8_t byte;

			if (!hex_decode(text + 1, &byte, 1) || byte < ' ') {
				return false;
			}
			*out++ = (char)byte;
			text += 2;
		} else {
			*out++ = *text;
		}
	}
	*out = '\0';
	return true;
}

bool http_multipart_begin(struct http_multipart *multipart, const char *content_type)
{
	memset(multipart, 0, sizeof(*multipart));
	multipart->state = HTTP_MULTIPART_FAILED;
	if (!content_type || strncasecmp(content_type, TYPE, strlen(TYPE)) != 0) {
		return false;
	}
	const char *value = find_parameter(content_type + strlen(TYPE), BOUNDARY);
	memcpy(multipart->delimiter, PREFIX, PREFIX_SIZE);
	if (!value ||
	    !copy_value(value, multipart->delimiter + PREFIX_SIZE, HTTP_BOUNDARY_MAX + 1) ||
	    multipart->delimiter[PREFIX_SIZE] == '\0') {
		return false;
	}
	multipart->delimiter_length = strlen(multipart->delimiter);
	/* The first one may stand at the very start. */
	multipart->matched = strlen(LINE_END);
	multipart->state = HTTP_MULTIPART_PREAMBLE;
	return true;
}

/* --- the head of a part --- */

static bool read_disposition(struct http_multipart *multipart, const char *text)
{
	const char *name = find_parameter(text, "name=");
	const char *file = find_parameter(text, "filename=");
	const char *extended = find_parameter(text, "filename*=");

	multipart->is_file = file || extended;
	if (!name || !copy_value(name, multipart->name, sizeof(multipart->name))) {
		return false;
	}
	if (extended) {
		return copy_value(extended, multipart->file_name, sizeof(multipart->file_name)) &&
		       decode_extended(multipart->file_name);
	}
	return !file || copy_value(file, multipart->file_name, sizeof(multipart->file_name));
}

static bool read_line(struct http_multipart *multipart, const char *line)
{
	if (strncasecmp(line, DISPOSITION, strlen(DISPOSITION)) == 0) {
		return read_disposition(multipart, line + strlen(DISPOSITION));
	}
	if (strncasecmp(line, CONTENT_TYPE, strlen(CONTENT_TYPE)) == 0) {
		line += strlen(CONTENT_TYPE);
		line += strspn(line, SPACE);
		if (strlen(line) >= sizeof(multipart->type)) {
			return false;
		}
		memcpy(multipart->type, line, strlen(line) + 1);
	}
	return true;
}

static bool read_head(struct http_multipart *multipart)
{
	char *line = multipart->head;

	multipart->name[0] = '\0';
	multipart->file_name[0] = '\0';
	multipart->type[0] = '\0';
	multipart->is_file = false;
	if (memchr(multipart->head, '\0', multipart->head_length)) {
		return false;
	}
	multipart->head[multipart->head_length - strlen(LINE_END)] = '\0';
	while (*line) {
		char *end = strstr(line, LINE_END);

		if (!end) {
			return false;
		}
		*end = '\0';
		if (!read_line(multipart, line)) {
			return false;
		}
		line = end + strlen(LINE_END);
	}
	return multipart->name[0] != '\0';
}

/* --- bytes --- */

static enum http_multipart_event fail_part(struct http_multipart *multipart)
{
	multipart->state = HTTP_MULTIPART_FAILED;
	return HTTP_MULTIPART_BROKEN;
}

static enum http_multipart_event take_head_byte(struct http_multipart *multipart, char byte)
{
	size_t end = strlen(HEAD_END);

	if (multipart->head_length + 1 >= sizeof(multipart->head)) {
		return fail_part(multipart);
	}
	multipart->head[multipart->head_length++] = byte;
	if (multipart->head_length < end ||
	    memcmp(multipart->head + multipart->head_length - end, HEAD_END, end) != 0) {
		return HTTP_MULTIPART_MORE;
	}
	if (++multipart->parts > HTTP_PARTS_MAX || !read_head(multipart)) {
		return fail_part(multipart);
	}
	multipart->state = HTTP_MULTIPART_CONTENT;
	return HTTP_MULTIPART_PART;
}

/* What stands behind a delimiter, up to the end of its line. */
static enum http_multipart_event take_delimiter_byte(struct http_multipart *multipart, char byte)
{
	switch (multipart->state) {
	case HTTP_MULTIPART_DELIMITER:
		multipart->state = byte == '-'    ? HTTP_MULTIPART_CLOSING
				   : byte == '\r' ? HTTP_MULTIPART_LINE_END
						  : HTTP_MULTIPART_DELIMITER;
		if (byte == '-' || byte == '\r') {
			return HTTP_MULTIPART_MORE;
		}
		if ((byte != ' ' && byte != '\t') || ++multipart->skipped > HTTP_PREAMBLE_MAX) {
			return fail_part(multipart);
		}
		return HTTP_MULTIPART_MORE;
	case HTTP_MULTIPART_CLOSING:
		if (byte != '-') {
			return fail_part(multipart);
		}
		multipart->state = HTTP_MULTIPART_DONE;
		return HTTP_MULTIPART_END;
	default:
		if (byte != '\n') {
			return fail_part(multipart);
		}
		multipart->state = HTTP_MULTIPART_HEAD;
		multipart->head_length = 0;
		return HTTP_MULTIPART_MORE;
	}
}

static void skip(const char **bytes, size_t *length, size_t count)
{
	*bytes += count;
	*length -= count;
}

/* Content, or what stands before the first part, up to the next byte that may be a delimiter's. */
static enum http_multipart_event take_content(struct http_multipart *multipart, const char **bytes,
					      size_t *length, const char **data,
					      size_t *data_length)
{
	if (multipart->matched == 0) {
		const char *found = memchr(*bytes, '\r', *length);
		size_t count = found ? (size_t)(found - *bytes) : *length;

		if (count > 0) {
			*data = *bytes;
			*data_length = count;
			skip(bytes, length, count);
			return HTTP_MULTIPART_DATA;
		}
	}
	if (**bytes != multipart->delimiter[multipart->matched]) {
		/* Only its first byte is a CR, so that no other match can have begun meanwhile. */
		*data = multipart->delimiter;
		*data_length = multipart->matched;
		multipart->matched = 0;
		return HTTP_MULTIPART_DATA;
	}
	skip(bytes, length, 1);
	if (++multipart->matched < multipart->delimiter_length) {
		return HTTP_MULTIPART_MORE;
	}
	bool ends = multipart->state == HTTP_MULTIPART_CONTENT;

	multipart->matched = 0;
	multipart->skipped = 0;
	multipart->state = HTTP_MULTIPART_DELIMITER;
	return ends ? HTTP_MULTIPART_PART_END : HTTP_MULTIPART_MORE;
}

static enum http_multipart_event take_some(struct http_multipart *multipart, const char **bytes,
					   size_t *length, const char **data, size_t *data_length)
{
	enum http_multipart_event event;

	switch (multipart->state) {
	case HTTP_MULTIPART_PREAMBLE:
		event = take_content(multipart, bytes, length, data, data_length);
		if (event != HTTP_MULTIPART_DATA) {
			return event;
		}
		multipart->skipped += *data_length;
		return multipart->skipped > HTTP_PREAMBLE_MAX ? fail_part(multipart)
							      : HTTP_MULTIPART_MORE;
	case HTTP_MULTIPART_CONTENT:
		return take_content(multipart, bytes, length, data, data_length);
	case HTTP_MULTIPART_HEAD:
		event = take_head_byte(multipart, **bytes);
		break;
	default:
		event = take_delimiter_byte(multipart, **bytes);
		break;
	}
	skip(bytes, length, 1);
	return event;
}

enum http_multipart_event http_multipart_take(struct http_multipart *multipart, const char **bytes,
					      size_t *length, const char **data,
					      size_t *data_length)
{
	while (*length > 0 && multipart->state != HTTP_MULTIPART_FAILED) {
		if (multipart->state == HTTP_MULTIPART_DONE) {
			skip(bytes, length, *length);
			return HTTP_MULTIPART_END;
		}
		enum http_multipart_event event = take_some(multipart, bytes, length, data,
							    data_length);
		if (event != HTTP_MULTIPART_MORE) {
			return event;
		}
	}
	return multipart->state == HTTP_MULTIPART_FAILED ? HTTP_MULTIPART_BROKEN
	       : multipart->state == HTTP_MULTIPART_DONE ? HTTP_MULTIPART_END
							 : HTTP_MULTIPART_MORE;
}
