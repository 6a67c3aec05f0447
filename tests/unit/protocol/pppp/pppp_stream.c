/* SPDX-License-Identifier: MIT */
#include "pppp_stream.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static enum flagship_pppp_found push(const struct pppp_stream_reader *reader, const uint8_t **data,
				     size_t *length, struct flagship_pppp_piece *piece)
{
	return reader->xzyh ? flagship_xzyh_reader_push(reader->xzyh, data, length, piece)
			    : flagship_aabb_reader_push(reader->aabb, data, length, piece);
}

static void read_piece(const struct pppp_stream_reader *reader, const uint8_t *data, size_t length,
		       pppp_stream_note *note, void *context)
{
	const uint8_t *end = data + length;
	struct flagship_pppp_piece piece;
	enum flagship_pppp_found found;

	while ((found = push(reader, &data, &length, &piece)) != FLAGSHIP_PPPP_FOUND_NOTHING) {
		uint32_t frame = reader->xzyh ? reader->xzyh->header.length
					      : reader->aabb->header.length;

		assert(found == FLAGSHIP_PPPP_FOUND_DATA ? piece.length > 0 && piece.length <= frame
							 : !piece.data);
		note(context, found, frame, &piece);
	}
	assert(length == 0 && data == end);
}

void pppp_stream_read(const struct pppp_stream_reader *reader, const uint8_t *stream, size_t length,
		      size_t step, pppp_stream_note *note, void *context)
{
	for (size_t at = 0; at < length; at += step) {
		size_t size = length - at < step ? length - at : step;
		uint8_t *own = malloc(size);

		assert(own);
		memcpy(own, stream + at, size);
		read_piece(reader, own, size, note, context);
		free(own);
	}
}
