/* SPDX-License-Identifier: MIT */
#ifndef FLAGSHIP_GCODE_H
#define FLAGSHIP_GCODE_H

#include <flagship/model.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * How the motion board answers a command, which decides when a reply is whole and what its `ok`
 * says (protocol.md 3.3 and 7.2).
 */
enum flagship_gcode_class {
	/* Text, ring line, ok: whole where it ends in the ok. Executed by then; a move is only
	 * planned, M400 alone waits until the last one has ended. */
	FLAGSHIP_GCODE_QUEUED,
	/* The same behind a first ok that comes at once and means nothing. */
	FLAGSHIP_GCODE_QUEUED_EARLY,
	/* Text, ok, ring line: whole where an ok follows the text. Executed by then. */
	FLAGSHIP_GCODE_AT_ONCE,
	/* Ok and ring line when it is queued; its text comes later, without an ok, when the printer
	 * has mostly stopped collecting: never known to be whole. */
	FLAGSHIP_GCODE_NOT_AWAITED,
	FLAGSHIP_GCODE_NOT_AWAITED_EARLY, /* the same behind a first ok */
	FLAGSHIP_GCODE_INTERCEPTED,       /* an ok, behind a ring line or none: noted */
	FLAGSHIP_GCODE_TEMPERATURES,      /* M105: one line that begins with ok */
};

/* Of one line of G-code. A model that is unknown is taken for both. */
enum flagship_gcode_class flagship_gcode_class_of(const char *line, size_t length,
						  enum flagship_model model);

/*
 * Whether this text can be the beginning of a reply to a command of this class. False where its
 * shape is surely that of another class: a late reply to a command that was given up.
 */
bool flagship_gcode_reply_fits(enum flagship_gcode_class kind, const char *text, size_t length);

/* What can be told of the text of a G-code reply (`resData` of 1043, protocol.md 3.3). */
struct flagship_gcode_reply {
	bool complete;        /* whole, as far as its class shows it */
	bool cut_at_limit;    /* 512 bytes: parts of the middle may be missing */
	bool length_matches;  /* resLen equals the length of the text */
	uint32_t leading_oks; /* acknowledgements before the answer: not its end */
	bool has_ring_buffer;
	/* Of +ringbuf:N,512,E: commands in the ring, the one that is answered among them unless its
	 * class is AT_ONCE or INTERCEPTED. Neither N nor E says that motion has ended. */
	uint32_t queued;
	uint32_t ring_size;
	bool queue_flag; /* E: the ring is empty and fewer than four planned moves are left */
	/*
	 * The answer without leading oks, the ring-buffer line at either end, blank lines around
	 * it, the final ok and the line break before it.
	 */
	size_t body_offset;
	size_t body_length; /* bytes */
};

/*
 * text: the reply, unescaped. reported_length: resLen, or a negative number where there was none
 * (length_matches is then true).
 */
void flagship_gcode_reply_parse(enum flagship_gcode_class kind, const char *text, size_t length,
				int64_t reported_length, struct flagship_gcode_reply *reply);

#ifdef __cplusplus
}
#endif

#endif
