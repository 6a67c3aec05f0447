/* SPDX-License-Identifier: MIT */
#ifndef TESTS_PPPP_STREAM_H
#define TESTS_PPPP_STREAM_H

#include <flagship/pppp_frame.h>

#include <stdbool.h>

/* A reader of one of the two kinds of frames: the other is NULL. */
struct pppp_stream_reader {
	struct flagship_xzyh_reader *xzyh;
	struct flagship_aabb_reader *aabb;
};

/* Is told each thing that a reader found, but for NOTHING; length: of the frame's data. */
typedef void pppp_stream_note(void *context, enum flagship_pppp_found found, uint32_t length,
			      const struct flagship_pppp_piece *piece);

/*
 * Gives the stream in pieces of step bytes, each in memory of its own so that overreads show.
 * Asserts that the reader takes all of each, finds no data of no bytes, and gives a piece with
 * nothing else.
 */
void pppp_stream_read(const struct pppp_stream_reader *reader, const uint8_t *stream, size_t length,
		      size_t step, pppp_stream_note *note, void *context);

#endif
