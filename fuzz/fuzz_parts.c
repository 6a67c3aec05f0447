/* SPDX-License-Identifier: MIT */
#include "video/parts.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct pictures {
	uint64_t hash;
	size_t count;
};

static void on_picture(void *context, const uint8_t *jpeg, size_t length)
{
	struct pictures *pictures = context;

	assert(parts_is_jpeg(jpeg, length) && length <= PARTS_PICTURE_MAX);
	for (size_t i = 0; i < length; i++) {
		pictures->hash = (pictures->hash ^ jpeg[i]) * UINT64_C(0x100000001b3);
	}
	pictures->count++;
}

static struct pictures read_parts(const char *type, const uint8_t *data, size_t size, size_t piece)
{
	struct pictures pictures = {0};
	struct parts_reader reader;
	int error = parts_init(&reader, type, on_picture, &pictures);

	for (size_t at = 0; !error && at < size; at += piece) {
		error = parts_feed(&reader, data + at, size - at < piece ? size - at : piece);
	}
	parts_finish(&reader);
	return pictures;
}

/* The first byte says how large the pieces are, a line which type is said, the rest comes. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char type[256];
	const uint8_t *end = size > 1 ? memchr(data + 1, '\n', size - 1) : NULL;
	size_t length = end ? (size_t)(end - data) - 1 : 0;

	if (!end || length >= sizeof(type)) {
		return 0;
	}
	memcpy(type, data + 1, length);
	type[length] = '\0';
	const uint8_t *rest = end + 1;
	size_t left = size - (size_t)(rest - data);
	struct pictures whole = read_parts(type, rest, left, left + 1);
	struct pictures pieces = read_parts(type, rest, left, (size_t)data[0] + 1);

	assert(whole.count == pieces.count && whole.hash == pieces.hash);
	return 0;
}
