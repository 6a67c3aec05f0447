/* SPDX-License-Identifier: MIT */
#ifndef GCODE_ARCHIVE_H
#define GCODE_ARCHIVE_H

#include "base/problem.h"
#include "gcode/archive_note.h"
#include "gcode/unpack.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The G-code of a file that may be a tar, as the vendor's .acode is: G-code, and pictures beside it
 * (protocol.md 8). Of a tar it is the first file with the name of G-code; of anything else all of
 * it. Names may be longer than a block of it has room for (GNU, pax). Pure, and of one size
 * whatever comes.
 */
#define GCODE_ARCHIVE_BLOCK 512

enum gcode_archive_state {
	GCODE_ARCHIVE_UNDECIDED, /* so far it may be both */
	GCODE_ARCHIVE_NONE,      /* it is no tar: all of it is passed on */
	GCODE_ARCHIVE_HEAD,      /* a block that tells of the next file, or ends it all */
	GCODE_ARCHIVE_FILE,      /* what is in a file, up to the end of its last block */
};

/* Zeroed before the first piece. Private but for offset and size. */
struct gcode_archive {
	enum gcode_archive_state state;
	unsigned char block[GCODE_ARCHIVE_BLOCK];
	size_t filled;
	int64_t position; /* of what was fed */
	int64_t left;     /* of the file, with what fills its last block up */
	int64_t wanted;   /* of that, to be passed on, or noted */
	struct gcode_archive_note note;
	bool found;
	int64_t offset; /* of the G-code in what was fed: 0 of what is no tar */
	int64_t size;   /* of the G-code in a tar */
};

bool gcode_archive_is_tar(const struct gcode_archive *archive);

/* The sink gets the G-code. Errors: ARGUMENT (a damaged tar); those of the sink. */
int gcode_archive_feed(struct gcode_archive *archive, const unsigned char *data, size_t length,
		       gcode_unpack_sink *sink, void *context, struct problem *problem)
	__attribute__((warn_unused_result));

/* Errors: ARGUMENT (no G-code in it, or cut off); those of the sink. */
int gcode_archive_end(struct gcode_archive *archive, gcode_unpack_sink *sink, void *context,
		      struct problem *problem) __attribute__((warn_unused_result));

#endif
