/* SPDX-License-Identifier: MIT */
#ifndef VIDEO_H264_H
#define VIDEO_H264_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Takes an H.264 elementary stream apart (ITU-T H.264 annex B), as the printer's camera sends it
 * (protocol.md 5): into access units, each of which is one picture, and the parameter sets that a
 * decoder and an MP4 file need. Pure; what comes from the network is taken for anything at all.
 */

/* Bytes of one access unit; a camera's at 720p are some 10 to 100 KB. */
#define H264_UNIT_MAX       ((size_t)1 << 20)
#define H264_PARAMETERS_MAX 256  /* bytes of a parameter set */
#define H264_SIDE_MAX       8192 /* luma samples */

enum h264_nal_type {
	H264_SLICE = 1,
	H264_SLICE_PARTITION_LAST = 4, /* partitions A to C are 2 to 4 */
	H264_SLICE_KEY = 5,            /* of an IDR picture: decoding can begin here */
	H264_SUPPLEMENT = 6,
	H264_SEQUENCE = 7, /* sequence parameter set */
	H264_PICTURE = 8,  /* picture parameter set */
	H264_DELIMITER = 9,
};

/* A NAL unit without its start code, and without zeros behind it. */
struct h264_nal {
	const uint8_t *data;
	size_t length;
	uint8_t type;
};

/* The next one at or after *at, which begins at 0. False where there is none. */
bool h264_next_nal(const uint8_t *unit, size_t length, size_t *at, struct h264_nal *nal);

/* Whether a slice of the unit builds on pictures that are shown after it (B, 7.4.3), so that the
 * order in which units come is not that of what they show. */
bool h264_has_b_slice(const uint8_t *unit, size_t length);

struct h264_parameters {
	uint8_t sequence[H264_PARAMETERS_MAX];
	size_t sequence_length; /* 0: not seen yet */
	uint8_t picture[H264_PARAMETERS_MAX];
	size_t picture_length; /* likewise */
	uint32_t width;        /* of the picture without what is cropped */
	uint32_t height;
};

/*
 * Reads the size of a sequence parameter set. Errors: ARGUMENT (damaged, or of a profile or size
 * that no camera has).
 */
int h264_read_size(const uint8_t *sequence, size_t length, uint32_t *width, uint32_t *height)
	__attribute__((warn_unused_result));

/* Valid during the callback. */
struct h264_unit {
	const uint8_t *data; /* with start codes */
	size_t length;
	bool key;                                 /* decoding can begin with it */
	const struct h264_parameters *parameters; /* those that it needs; both sets are there */
	bool new_parameters;                      /* others than of the unit before, or the first */
};

typedef void h264_on_unit(void *context, const struct h264_unit *unit);

struct h264_reader {
	h264_on_unit *on_unit;
	void *context;
	uint8_t *buffer; /* from the start code of the unit that is collected */
	size_t length;
	size_t capacity;
	size_t scanned;   /* up to here no start code is left to be found */
	bool has_picture; /* a slice is in what is collected */
	bool flowing;     /* a key unit was given, and nothing was lost since */
	bool changed;     /* parameters, since the last unit */
	struct h264_parameters parameters;
	uint64_t dropped; /* units before a key unit, damaged, or too long */
};

void h264_reader_init(struct h264_reader *reader, h264_on_unit *on_unit, void *context);

/*
 * Takes the next piece and gives each unit that is complete, which shows when the next one begins.
 * Nothing is given before a key unit with its parameters. Errors: MEMORY.
 */
int h264_reader_feed(struct h264_reader *reader, const uint8_t *data, size_t length)
	__attribute__((warn_unused_result));

/* The sender is known to have ended a unit: it is given at once. */
void h264_reader_flush(struct h264_reader *reader);

/* Something was lost: what is collected is dropped, and nothing given before the next key unit. */
void h264_reader_lose(struct h264_reader *reader);

void h264_reader_finish(struct h264_reader *reader);

#endif
