/* SPDX-License-Identifier: MIT */
#include "video/h264.h"
#include "video/mp4.h"

#include <flagship/error.h>

#include <assert.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct seen {
	uint64_t hash;
	size_t units;
};

static bool are_same(const struct h264_parameters *one, const struct h264_parameters *other)
{
	return one->width == other->width && one->height == other->height &&
	       one->sequence_length == other->sequence_length &&
	       memcmp(one->sequence, other->sequence, one->sequence_length) == 0 &&
	       one->picture_length == other->picture_length &&
	       memcmp(one->picture, other->picture, one->picture_length) == 0;
}

/* What is written of a key unit says which parameters it needs, and is a unit again. */
static void write_sample(const struct h264_unit *unit)
{
	size_t capacity = unit->length + MP4_SAMPLE_OVERHEAD;
	uint8_t *sample = malloc(capacity);
	struct h264_parameters parameters;
	struct h264_nal nal;
	size_t length;
	size_t at = 0;

	assert(sample);
	if (mp4_write_sample(unit, sample, capacity, &length) == 0) {
		assert(!mp4_read_sample(sample, length, &parameters));
		assert(are_same(&parameters, unit->parameters));
		mp4_unpack_sample(sample, length);
		assert(h264_next_nal(sample, length, &at, &nal) && nal.type == H264_SEQUENCE);
	}
	free(sample);
}

static void on_unit(void *context, const struct h264_unit *unit)
{
	struct seen *seen = context;
	uint8_t head[MP4_HEAD_MAX];
	size_t capacity = unit->length + MP4_FRAGMENT_OVERHEAD;
	uint8_t *out = malloc(capacity);
	size_t length;
	char codec[MP4_CODEC_SIZE];
	const struct mp4_picture picture = {
		.sequence = 1, .key = unit->key, .data = unit->data, .length = unit->length};

	assert(out && unit->length <= H264_UNIT_MAX);
	(void)h264_has_b_slice(unit->data, unit->length);
	assert(seen->units > 0 || (unit->key && unit->new_parameters));
	assert(unit->parameters->width > 0 && unit->parameters->height > 0);
	assert(!mp4_write_head(unit->parameters, head, sizeof(head), &length));
	mp4_codec(unit->parameters, codec);
	int error = mp4_write_fragment(&picture, out, capacity, &length);
	assert(error != FLAGSHIP_ERROR_BUFFER);
	if (unit->key) {
		write_sample(unit);
	}
	for (size_t i = 0; i < unit->length; i++) {
		seen->hash = (seen->hash ^ unit->data[i]) * UINT64_C(0x100000001b3);
	}
	seen->units++;
	free(out);
}

static struct seen read_pieces(const uint8_t *data, size_t size, size_t piece)
{
	struct seen seen = {0};
	struct h264_reader reader;

	h264_reader_init(&reader, on_unit, &seen);
	for (size_t at = 0; at < size; at += piece) {
		size_t some = size - at < piece ? size - at : piece;

		assert(!h264_reader_feed(&reader, data + at, some));
	}
	h264_reader_flush(&reader);
	h264_reader_finish(&reader);
	return seen;
}

/* The first byte says how large the pieces are: whatever they are, the same is read. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 2) {
		return 0;
	}
	struct h264_parameters parameters;
	(void)!mp4_read_sample(data, size, &parameters);
	(void)h264_has_b_slice(data, size);
	struct seen whole = read_pieces(data + 1, size - 1, size);
	struct seen pieces = read_pieces(data + 1, size - 1, (size_t)data[0] + 1);

	assert(whole.units == pieces.units && whole.hash == pieces.hash);
	return 0;
}
