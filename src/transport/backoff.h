/* SPDX-License-Identifier: MIT */
#ifndef TRANSPORT_BACKOFF_H
#define TRANSPORT_BACKOFF_H

#include <stdint.h>

#define BACKOFF_FIRST_MS 1000u
#define BACKOFF_LAST_MS  60000u
#define BACKOFF_STOOD_MS 30000u

/* How long to wait before the next try: doubled each time, and jittered so that many clients that
 * lost one broker do not come back at once. */
struct backoff {
	uint32_t ceiling_ms;
	uint64_t random;
};

/* The same seed gives the same delays. */
void backoff_init(struct backoff *backoff, uint64_t seed);

/* A try succeeded: the next delay is a first one again. */
void backoff_reset(struct backoff *backoff);

/*
 * A connection that stood for so long is over. Only one of BACKOFF_STOOD_MS and more was a success:
 * a broker that takes the login and hangs up at once is to be left in peace as one that refuses it.
 */
void backoff_note_end(struct backoff *backoff, uint64_t stood_ms);

/* From half of a ceiling up to it; the ceiling is twice BACKOFF_FIRST_MS at first and doubles with
 * each call up to BACKOFF_LAST_MS. */
uint32_t backoff_next_ms(struct backoff *backoff);

#endif
