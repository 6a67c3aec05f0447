/* SPDX-License-Identifier: MIT */
#ifndef CLI_CODEC_DECODE_RECORD_H
#define CLI_CODEC_DECODE_RECORD_H

#include <flagship/frame.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* What `flagship decode` prints of one frame, as one line of JSON. */
struct decode_record {
	bool gcm;           /* the payload shape that has no header */
	bool has_signature; /* which parts of the header could be read */
	bool has_size;
	bool has_common;
	bool has_details;
	struct flagship_frame frame;
	size_t size;          /* the size field; of a GCM payload all of it */
	const char *checksum; /* "ok", "bad", or NULL where it was not looked at */

	const uint8_t *payload; /* JSON, or NULL */
	size_t payload_length;
	const uint8_t *part; /* a piece of a message that is no JSON by itself, or NULL */
	size_t part_length;

	const char *error; /* NULL where all is well */
	size_t error_offset;
	const char *file; /* where it stands: NULL for standard input */
	size_t number;    /* from 1 */
	size_t line;      /* 0 for none */
};

/*
 * Fills size, checksum and the has_ members from the frame that flagship_frame_parse or _open left
 * behind, with what it returned and the first bytes of what it was given.
 */
void decode_record_survey(struct decode_record *record, const uint8_t *data, size_t length,
			  int error);

/* 0, or FLAGSHIP_ERROR_MEMORY, which is reported on stderr. */
int decode_record_print(const struct decode_record *record, FILE *out);

#endif
