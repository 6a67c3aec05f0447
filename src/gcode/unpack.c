/* SPDX-License-Identifier: MIT */
#include "gcode/unpack.h"

#include <flagship/error.h>

#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>

#define ZLIB_CONST
#include <zlib.h>

#define PIECE_MAX 16384
#define GZIP_ONLY 16 /* added to the bits of the window: neither raw deflate nor zlib */
#define MIB_SHIFT 20

struct gcode_unpacker {
	z_stream stream;
	int64_t taken;
	int64_t given;
	bool member_ended;
	unsigned char piece[PIECE_MAX];
};

struct gcode_unpacker *gcode_unpacker_create(void)
{
	struct gcode_unpacker *unpacker = calloc(1, sizeof(*unpacker));

	if (unpacker && inflateInit2(&unpacker->stream, MAX_WBITS + GZIP_ONLY) != Z_OK) {
		free(unpacker);
		return NULL;
	}
	return unpacker;
}

static int check_growth(const struct gcode_unpacker *unpacker, struct problem *problem)
{
	if (unpacker->given > GCODE_UNPACK_MAX) {
		problem_set(problem, "the file unpacks to more than %lld MB",
			    (long long)(GCODE_UNPACK_MAX >> MIB_SHIFT));
		return FLAGSHIP_ERROR_TOO_LARGE;
	}
	if (unpacker->given > GCODE_UNPACK_FREE &&
	    unpacker->given / GCODE_UNPACK_RATIO_MAX > unpacker->taken) {
		problem_set(problem,
			    "the file unpacks to more than %d times its size: G-code does not",
			    GCODE_UNPACK_RATIO_MAX);
		return FLAGSHIP_ERROR_TOO_LARGE;
	}
	return 0;
}

/* Until all that was given is taken. */
static int inflate_piece(struct gcode_unpacker *unpacker, gcode_unpack_sink *sink, void *context,
			 struct problem *problem)
{
	z_stream *stream = &unpacker->stream;
	uInt before = stream->avail_in;

	if (unpacker->member_ended) {
		if (inflateReset(stream) != Z_OK) {
			return FLAGSHIP_ERROR_MEMORY;
		}
		unpacker->member_ended = false;
	}
	stream->next_out = unpacker->piece;
	stream->avail_out = PIECE_MAX;
	int result = inflate(stream, Z_NO_FLUSH);
	unpacker->taken += before - stream->avail_in;
	if (result == Z_MEM_ERROR) {
		return problem_memory(problem);
	}
	if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR) {
		problem_set(problem, "the file is damaged: it cannot be unpacked (gzip)");
		return FLAGSHIP_ERROR_ARGUMENT;
	}
	unpacker->member_ended = result == Z_STREAM_END;
	size_t length = PIECE_MAX - stream->avail_out;
	unpacker->given += (int64_t)length;
	int error = check_growth(unpacker, problem);
	return error ? error : sink(context, unpacker->piece, length, problem);
}

static int feed_some(struct gcode_unpacker *unpacker, const void *data, uInt length,
		     gcode_unpack_sink *sink, void *context, struct problem *problem)
{
	z_stream *stream = &unpacker->stream;

	stream->next_in = data;
	stream->avail_in = length;
	do {
		int error = inflate_piece(unpacker, sink, context, problem);
		if (error) {
			return error;
		}
	} while (stream->avail_in > 0 || stream->avail_out == 0);
	return 0;
}

int gcode_unpacker_feed(struct gcode_unpacker *unpacker, const void *data, size_t length,
			gcode_unpack_sink *sink, void *context, struct problem *problem)
{
	const unsigned char *at = data;

	while (length > 0) {
		uInt some = length > INT_MAX ? INT_MAX : (uInt)length;
		int error = feed_some(unpacker, at, some, sink, context, problem);

		if (error) {
			return error;
		}
		at += some;
		length -= some;
	}
	return 0;
}

int gcode_unpacker_end(const struct gcode_unpacker *unpacker, struct problem *problem)
{
	if (unpacker->member_ended) {
		return 0;
	}
	problem_set(problem, "the file is cut off: its end is missing (gzip)");
	return FLAGSHIP_ERROR_ARGUMENT;
}

void gcode_unpacker_destroy(struct gcode_unpacker *unpacker)
{
	if (unpacker) {
		inflateEnd(&unpacker->stream);
		free(unpacker);
	}
}
