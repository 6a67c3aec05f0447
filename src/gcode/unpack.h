/* SPDX-License-Identifier: MIT */
#ifndef GCODE_UNPACK_H
#define GCODE_UNPACK_H

#include "base/problem.h"

#include <stddef.h>
#include <stdint.h>

/*
 * Unpacks a .gz in pieces. What it may grow to is bounded, so that a small file cannot keep the
 * reader busy for hours: G-code packs to a fifth or so, repetitive G-code to a fiftieth.
 */
#define GCODE_UNPACK_RATIO_MAX 200
#define GCODE_UNPACK_FREE      (INT64_C(16) << 20) /* bytes of output for which no ratio counts */
#define GCODE_UNPACK_MAX       (INT64_C(8) << 30)

struct gcode_unpacker;

/* Takes some unpacked bytes. 0, or a negative error, which ends the unpacking. */
typedef int gcode_unpack_sink(void *context, const unsigned char *data, size_t length,
			      struct problem *problem);

/* NULL where there is no memory. */
struct gcode_unpacker *gcode_unpacker_create(void);

/* Several members one behind the other are one file, as gzip has it. Errors: ARGUMENT, TOO_LARGE,
 * MEMORY; those of the sink. */
int gcode_unpacker_feed(struct gcode_unpacker *unpacker, const void *data, size_t length,
			gcode_unpack_sink *sink, void *context, struct problem *problem)
	__attribute__((warn_unused_result));

/* Errors: ARGUMENT where the file is cut off. */
int gcode_unpacker_end(const struct gcode_unpacker *unpacker, struct problem *problem)
	__attribute__((warn_unused_result));

void gcode_unpacker_destroy(struct gcode_unpacker *unpacker);

#endif
