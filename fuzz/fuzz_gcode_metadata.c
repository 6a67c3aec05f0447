/* SPDX-License-Identifier: MIT */
#include "gcode/metadata.h"

#include <assert.h>
#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_thumbnail(const struct gcode_thumbnail *thumbnail, const uint8_t *data,
			    int64_t size)
{
	assert(thumbnail->width > 0 && thumbnail->height > 0);
	assert(thumbnail->offset >= 0 && thumbnail->length > 0 && thumbnail->size >= 0);
	assert(thumbnail->offset + thumbnail->length <= size);
	if (!data) {
		return;
	}
	char *text = malloc((size_t)thumbnail->length);
	uint8_t *out = malloc((size_t)thumbnail->size + 1);
	size_t written;

	assert(text != NULL && out != NULL);
	memcpy(text, data + thumbnail->offset, (size_t)thumbnail->length);
	if (gcode_thumbnail_decode(thumbnail, text, (size_t)thumbnail->length, out,
				   (size_t)thumbnail->size, &written) == 0) {
		assert(written <= (size_t)thumbnail->size);
	}
	free(text);
	free(out);
}

static void check_metadata(const struct gcode_metadata *metadata, const uint8_t *data)
{
	assert(metadata->gcode_start >= 0 && metadata->gcode_start < metadata->gcode_end);
	assert(metadata->gcode_end <= metadata->unpacked_size);
	assert(metadata->content_start >= 0 && metadata->gcode_start >= metadata->content_start);
	assert(metadata->gcode_end <= metadata->content_start + metadata->content_size);
	assert(metadata->content_start + metadata->content_size <= metadata->unpacked_size);
	assert(isnan(metadata->layer_count) || metadata->layer_count >= 0);
	assert(memchr(metadata->slicer, '\0', GCODE_TEXT_MAX) != NULL);
	assert(metadata->thumbnail_count <= GCODE_THUMBNAILS_MAX);
	for (size_t i = 0; i < metadata->thumbnail_count; i++) {
		check_thumbnail(&metadata->thumbnails[i], metadata->compressed ? NULL : data,
				metadata->unpacked_size);
	}
}

static int read_in_pieces(const uint8_t *data, size_t size, size_t piece,
			  struct gcode_metadata *metadata)
{
	struct gcode_reader reader;
	struct problem problem = {""};
	int error = 0;

	memset(metadata, 0, sizeof(*metadata));
	gcode_reader_init(&reader);
	for (size_t at = 0; at < size && !error; at += piece) {
		error = gcode_reader_feed(&reader, data + at, size - at < piece ? size - at : piece,
					  &problem);
	}
	if (!error) {
		error = gcode_reader_end(&reader, metadata, &problem);
	}
	assert(!error || problem.text[0] != '\0');
	gcode_reader_finish(&reader);
	return error;
}

static bool is_same_thumbnail(const struct gcode_thumbnail *one,
			      const struct gcode_thumbnail *other)
{
	return one->picture == other->picture && one->width == other->width &&
	       one->height == other->height && one->offset == other->offset &&
	       one->length == other->length && one->size == other->size;
}

/* NAN is the same as NAN. Of thumbnails what is between their members does not count: it may be
 * anything. */
static bool is_same(const struct gcode_metadata *one, const struct gcode_metadata *other)
{
	for (size_t i = 0; i < one->thumbnail_count; i++) {
		if (!is_same_thumbnail(&one->thumbnails[i], &other->thumbnails[i])) {
			return false;
		}
	}
	return memcmp(one, other, offsetof(struct gcode_metadata, thumbnails)) == 0;
}

/* The first byte says how large the pieces are: whatever they are, the same is read. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct gcode_metadata whole;
	struct gcode_metadata pieces;

	if (size < 2) {
		return 0;
	}
	int error = read_in_pieces(data + 1, size - 1, size, &whole);
	assert(error == read_in_pieces(data + 1, size - 1, (size_t)data[0] + 1, &pieces));
	if (!error) {
		check_metadata(&whole, data + 1);
		assert(whole.thumbnail_count == pieces.thumbnail_count && is_same(&whole, &pieces));
	}
	return 0;
}
