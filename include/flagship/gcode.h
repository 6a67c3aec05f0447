/* SPDX-License-Identifier: MIT */
#ifndef FLAGSHIP_GCODE_H
#define FLAGSHIP_GCODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What can be told of the text of a G-code reply (`resData` of 1043, protocol.md 3.3). */
struct flagship_gcode_reply {
	bool complete; /* ends in "ok\n"; necessary for a whole reply, and all there is to go by */
	bool cut_at_limit;    /* 512 bytes: parts of the middle may be missing */
	bool length_matches;  /* resLen equals the length of the text */
	uint32_t leading_oks; /* acknowledgements before the answer: not its end */
	bool has_ring_buffer;
	uint32_t queued; /* of +ringbuf:N,512,E: commands queued; 0 = the motion is drained */
	uint32_t ring_size;
	bool queue_flag; /* E of the same line */
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
void flagship_gcode_reply_parse(const char *text, size_t length, int64_t reported_length,
				struct flagship_gcode_reply *reply);

#ifdef __cplusplus
}
#endif

#endif
