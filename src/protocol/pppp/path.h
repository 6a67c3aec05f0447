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

	uint32_t loss; /* share of the packets sent lately that were lost, of PATH_LOSS_WHOLE */

	uint64_t rate;  /* bytes a second; 0 for no bound */
	int64_t tokens; /* bytes */
	int64_t filled_us;

	/* An adaptive rate; what is counted is of the present round. */
	bool adaptive;
	bool has_fallen; /* once, since when it grows slowly */
	bool was_wanted; /* data had to wait for tokens */
	unsigned int arrived;
	unsigned int lost;
	int64_t least_us; /* the shortest round trip so far; 0 before the first */
	int64_t round_us; /* when the round began; 0 before the first */
};

#define PATH_LOSS_WHOLE (UINT32_C(1) << 16)

void path_init(struct pppp_path *path, uint64_t rate);
/* The rate is where it begins; 0 cannot adapt. */
void path_adapt(struct pppp_path *path, bool adaptive);
void path_set_rate(struct pppp_path *path, uint64_t rate);
void path_sample(struct pppp_path *path, int64_t round_trip_us);

/* A packet that was sent once arrived, or is held for lost. */
void path_note_arrival(struct pppp_path *path, int64_t now_us);
void path_note_loss(struct pppp_path *path, int64_t now_us);

/* How long after a packet a copy of it is worth while, where there is nothing else to send: half
 * of what is lost is then made good before it is missed. Never where little is lost lately. */
int64_t path_copy_after_us(const struct pppp_path *path);

/* How long an acknowledgement is waited for. */
int64_t path_timeout_us(const struct pppp_path *path);

/* How old a packet must be, once later ones have arrived, to be held for lost. */
int64_t path_reorder_us(const struct pppp_path *path);

/* Takes so many bytes if they may be sent now; when they may. */
bool path_take(struct pppp_path *path, uint32_t bytes, int64_t now_us);
int64_t path_when_us(const struct pppp_path *path, uint32_t bytes, int64_t now_us);

#endif
