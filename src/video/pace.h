/* SPDX-License-Identifier: MIT */
#ifndef VIDEO_PACE_H
#define VIDEO_PACE_H

#include <stdbool.h>
#include <stdint.h>

/*
 * When the pictures of a film that is watched as it comes are to be seen. A camera takes them
 * evenly, and a network brings them late and several at once. Browsers show what came at once as
 * one picture, and leave out all up to the next key picture where one comes later than twice the
 * duration of the one before: so the times that they are given are even, near those at which
 * pictures came, and never that far from each other. Pure.
 */
struct pace {
	uint64_t first_ms; /* when the first came */
	uint64_t last_ms;  /* when the last came */
	int64_t time;      /* of the last, ticks of MP4_TIMESCALE since the first */
	int64_t period;    /* from one to the next, ticks */
	uint32_t count;    /* of periods that were seen; it stops where they are many */
	bool begun;
	uint32_t duration; /* that the last was given, ticks */
};

/*
 * The time of a picture that came now; its duration is in pace->duration. All zeroes begin one.
 * A key picture after a gap has the time at which it came: nobody waits for what is lost.
 */
uint64_t pace_next(struct pace *pace, uint64_t now_ms, bool key);

#endif
