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

/*
 * --- a film of key pictures alone, whose file is written picture by picture ---
 *
 * MP4_FRONT_SIZE bytes are left at its beginning; samples follow one another, each with the
 * parameter sets that it needs. Once all are there, the front is written, with an index of them.
 */
#define MP4_FRONT_SIZE      81920
#define MP4_SAMPLES_MAX     20000
#define MP4_SAMPLE_OVERHEAD (MP4_FRAGMENT_OVERHEAD + 2 * (size_t)H264_PARAMETERS_MAX)

/* Of a key unit, at most its length and MP4_SAMPLE_OVERHEAD. Errors: as mp4_write_fragment. */
int mp4_write_sample(const struct h264_unit *unit, uint8_t *out, size_t capacity, size_t *length)
	__attribute__((warn_unused_result));

/* Its parameter sets, with their size. Errors: ARGUMENT (it is no whole sample of a key unit). */
int mp4_read_sample(const uint8_t *sample, size_t length, struct h264_parameters *parameters)
	__attribute__((warn_unused_result));

/* Makes a unit with start codes of it, as decoders take it, in place. */
void mp4_unpack_sample(uint8_t *sample, size_t length);

struct mp4_film {
	const struct h264_parameters *parameters; /* of the first picture */
	bool changes;                             /* others have others */
	uint32_t rate;                            /* pictures a second, which MP4_TIMESCALE holds */
	const uint32_t *sizes;                    /* of the samples, in bytes */
	uint32_t count;                           /* up to MP4_SAMPLES_MAX */
};

/* Of MP4_FRONT_SIZE bytes. Errors: ARGUMENT (no sample, too many, or a set is missing), BUFFER. */
int mp4_write_front(const struct mp4_film *film, uint8_t *out) __attribute__((warn_unused_result));

#endif
