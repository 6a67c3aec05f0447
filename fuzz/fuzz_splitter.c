/* SPDX-License-Identifier: MIT */
#include "daemon/pipe/splitter.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define END '\003'
#define MAX 64

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Each text, its length before it; returns how much. */
static size_t split(const uint8_t *bytes, size_t size, size_t piece, uint8_t *out)
{
	struct splitter splitter = {0};
	enum splitter_result result = SPLITTER_MORE;
	size_t written = 0;
	const char *text;
	size_t length;

	for (size_t at = 0; at < size && result == SPLITTER_MORE; at += piece) {
		size_t left = size - at < piece ? size - at : piece;
		char *room = splitter_room(&splitter, left);

		assert(room);
		memcpy(room, bytes + at, left);
		splitter_add(&splitter, left);
		while ((result = splitter_next(&splitter, END, MAX, &text, &length)) ==
		       SPLITTER_TEXT) {
			assert(length <= MAX && !memchr(text, END, length));
			out[written++] = (uint8_t)length;
			memcpy(out + written, text, length);
			written += length;
		}
	}
	out[written++] = (uint8_t)(0x80 + result);
	splitter_finish(&splitter);
	return written;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t piece = size > 0 ? (size_t)data[0] + 1 : 1;
	uint8_t *whole = malloc(size + 2);
	uint8_t *cut = malloc(size + 2);

	assert(whole && cut);
	/* It does not matter in what pieces it comes. */
	size_t length = split(data, size, size + 1, whole);
	assert(split(data, size, piece, cut) == length);
	assert(memcmp(whole, cut, length) == 0);
	free(whole);
	free(cut);
	return 0;
}
