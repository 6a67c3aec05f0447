/* SPDX-License-Identifier: MIT */
#ifndef PROTOCOL_PPPP_PATH_H
#define PROTOCOL_PPPP_PATH_H

#include <stdbool.h>
#include <stdint.h>

/*
 * What is known of the way to the other side: how long a packet takes (RFC 6298), and how fast data
 * may be sent (a bucket of tokens).
 */
struct pppp_path {
	int64_t smoothed_us; /* round trip; 0 before the first sample */
	int64_t variation_us;
	unsigned int backoff; /* times that the timer was doubled */

	uint64_t order;         /* of the transmission made last */
	uint64_t order_arrived; /* the latest that is known to have arrived */

	uint64_t rate;  /* bytes a second; 0 for no bound */
	int64_t tokens; /* bytes */
	int64_t filled_us;
};

void path_init(struct pppp_path *path, uint64_t rate);
void path_set_rate(struct pppp_path *path, uint64_t rate);
void path_sample(struct pppp_path *path, int64_t round_trip_us);

/* How long an acknowledgement is waited for. */
int64_t path_timeout_us(const struct pppp_path *path);

/* How old a packet must be, once later ones have arrived, to be held for lost. */
int64_t path_reorder_us(const struct pppp_path *path);

/* Takes so many bytes if they may be sent now; when they may. */
bool path_take(struct pppp_path *path, uint32_t bytes, int64_t now_us);
int64_t path_when_us(const struct pppp_path *path, uint32_t bytes, int64_t now_us);

#endif
