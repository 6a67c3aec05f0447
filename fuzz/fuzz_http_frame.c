/* SPDX-License-Identifier: MIT */
#include "daemon/http/syntax/frame.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define MESSAGE_MAX 200

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct result {
	char *bytes; /* of all messages */
	size_t length;
	size_t messages;
	size_t controls;
	enum http_close code;
};

static void note(struct result *result, const struct http_frame_piece *piece,
		 enum http_frame_event event, size_t *open)
{
	if (event == HTTP_FRAME_CONTROL) {
		assert(piece->length <= HTTP_CONTROL_MAX);
		result->controls++;
		(void)http_close_code(piece->bytes, piece->length);
		return;
	}
	assert(piece->opcode == HTTP_OPCODE_TEXT || piece->opcode == HTTP_OPCODE_BINARY);
	memcpy(result->bytes + result->length, piece->bytes, piece->length);
	result->length += piece->length;
	*open += piece->length;
	assert(*open <= MESSAGE_MAX);
	if (piece->ends) {
		result->messages++;
		*open = 0;
	}
}

/* Reads it in pieces of so many bytes. */
static struct result take(const uint8_t *data, size_t length, size_t step)
{
	struct http_frame_reader reader = {.message_max = MESSAGE_MAX};
	struct result result = {.bytes = malloc(length + 1)};
	char *copy = malloc(length + 1);
	char *at = copy;
	enum http_frame_event event = HTTP_FRAME_MORE;
	struct http_frame_piece piece;
	size_t open = 0;

	assert(result.bytes && copy);
	memcpy(copy, data, length);
	while (length > 0 && event == HTTP_FRAME_MORE) {
		size_t left = length < step ? length : step;

		length -= left;
		while ((event = http_frame_take(&reader, &at, &left, &piece)) == HTTP_FRAME_DATA ||
		       event == HTTP_FRAME_CONTROL) {
			note(&result, &piece, event, &open);
		}
		assert(event != HTTP_FRAME_MORE || left == 0);
	}
	assert((event == HTTP_FRAME_BROKEN) == (reader.code != 0));
	result.code = reader.code;
	free(copy);
	return result;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct result whole = take(data, size, size + 1);
	struct result cut = take(data, size, 1);

	assert(whole.length == cut.length && whole.messages == cut.messages &&
	       whole.controls == cut.controls && whole.code == cut.code);
	assert(memcmp(whole.bytes, cut.bytes, whole.length) == 0);
	free(whole.bytes);
	free(cut.bytes);
	return 0;
}
