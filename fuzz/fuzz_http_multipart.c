/* SPDX-License-Identifier: MIT */
#include "daemon/http/syntax/multipart.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct body {
	char *bytes; /* of all parts, and their names */
	size_t length;
	size_t capacity;
	enum http_multipart_event event;
	int open;
};

static void add(struct body *body, const char *bytes, size_t length)
{
	assert(body->length + length <= body->capacity);
	memcpy(body->bytes + body->length, bytes, length);
	body->length += length;
}

static void note(struct body *body, const struct http_multipart *multipart, const char *data,
		 size_t length)
{
	switch (body->event) {
	case HTTP_MULTIPART_PART:
		assert(!body->open++ && multipart->name[0]);
		add(body, multipart->name, strlen(multipart->name));
		add(body, multipart->file_name, strlen(multipart->file_name));
		break;
	case HTTP_MULTIPART_DATA:
		assert(body->open == 1 && length > 0);
		add(body, data, length);
		break;
	default:
		assert(body->event == HTTP_MULTIPART_PART_END && !--body->open);
		break;
	}
}

/* Takes it in pieces of so many bytes. */
static struct body take(const char *type, const char *bytes, size_t length, size_t piece)
{
	struct body body = {.event = HTTP_MULTIPART_MORE, .capacity = 2 * length + 1};
	struct http_multipart multipart;
	const char *data = NULL;
	size_t data_length = 0;

	body.bytes = malloc(body.capacity);
	assert(body.bytes);
	if (!http_multipart_begin(&multipart, type)) {
		return body;
	}
	while (length > 0 && body.event == HTTP_MULTIPART_MORE) {
		size_t left = length < piece ? length : piece;

		length -= left;
		while ((body.event = http_multipart_take(&multipart, &bytes, &left, &data,
							 &data_length)) == HTTP_MULTIPART_PART ||
		       body.event == HTTP_MULTIPART_DATA || body.event == HTTP_MULTIPART_PART_END) {
			note(&body, &multipart, data, data_length);
		}
		assert(body.event != HTTP_MULTIPART_MORE || left == 0);
	}
	assert(body.event != HTTP_MULTIPART_END || !body.open);
	return body;
}

/* The first line is the type, the rest the body. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	const char *end = size > 0 ? memchr(text, '\n', size) : NULL;
	size_t line = end ? (size_t)(end - text) : size;
	char *type = malloc(line + 1);
	size_t start = end ? line + 1 : size;

	assert(type);
	memcpy(type, text, line);
	type[line] = '\0';
	struct body whole = take(type, text + start, size - start, size + 1);
	struct body cut = take(type, text + start, size - start, 1);

	/* It does not matter in what pieces it comes. */
	assert(whole.event == cut.event && whole.length == cut.length);
	assert(memcmp(whole.bytes, cut.bytes, whole.length) == 0);
	free(whole.bytes);
	free(cut.bytes);
	free(type);
	return 0;
}
