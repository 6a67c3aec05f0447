/* SPDX-License-Identifier: MIT */
#ifndef VIDEO_MP4_H
#define VIDEO_MP4_H

#include "video/h264.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Fragmented MP4 of H.264 without any decoding (ISO/IEC 14496-12 and -15): a head, then a fragment
 * for each picture, so that MediaSource of a browser plays it as it comes, and a file is whole
 * wherever it ends. Pure, and without heap.
 */
#define MP4_TIMESCALE 90000 /* ticks a second */

#define MP4_HEAD_MAX  (1024 + 2 * (size_t)H264_PARAMETERS_MAX)

/* What a fragment needs at most beside the unit's own bytes, for so many NAL units. */
#define MP4_NALS_MAX          256
#define MP4_FRAGMENT_OVERHEAD (256 + 4 * (size_t)MP4_NALS_MAX)

/* "avc1.42E01E" and the like, for MediaSource and the type of an answer. */
#define MP4_CODEC_SIZE sizeof("avc1.000000")
void mp4_codec(const struct h264_parameters *parameters, char out[MP4_CODEC_SIZE]);

/* The head of a stream. Errors: ARGUMENT (a parameter set is missing), BUFFER. */
int mp4_write_head(const struct h264_parameters *parameters, uint8_t *out, size_t capacity,
		   size_t *length) __attribute__((warn_unused_result));

struct mp4_picture {
	uint32_t sequence; /* of the fragment, from 1 */
	uint64_t time;     /* in ticks of MP4_TIMESCALE, from that of the first */
	uint32_t duration; /* likewise */
	bool key;
	const uint8_t *data; /* an access unit with start codes, as of struct h264_unit */
	size_t length;
};

/*
 * Parameter sets and delimiters in the unit are left out: the head has them. Errors: ARGUMENT (no
 * slice is in it, or too many NAL units), BUFFER.
 */
int mp4_write_fragment(const struct mp4_picture *picture, uint8_t *out, size_t capacity,
		       size_t *length) __attribute__((warn_unused_result));

#endif
