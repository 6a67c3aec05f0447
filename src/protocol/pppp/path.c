/* SPDX-License-Identifier: MIT */
#include "protocol/pppp/path.h"

#include <string.h>

#define SECOND_US INT64_C(1000000)

/* RFC 6298, but for the least timeout: one of a second suits the internet, not a room. */
#define TIMEOUT_FIRST_US   SECOND_US
#define TIMEOUT_LEAST_US   INT64_C(200000)
#define TIMEOUT_MOST_US    (4 * SECOND_US)
#define SMOOTHED_SHARE     8
#define VARIATION_SHARE    4
#define TIMEOUT_VARIATIONS 4
#define BACKOFF_MOST       4
#define REORDER_LEAST_US   INT64_C(2000)

/* What may go out at once: enough that a timer of one millisecond keeps up. */
#define BURST_US    INT64_C(10000)
#define BURST_LEAST INT64_C(16384)
#define RATE_MOST   (UINT64_C(1) << 40)

/* Loss is told by the last 32 packets or so; from one of a hundred on there are copies. */
#define LOSS_SHARE    32
#define LOSS_COPIES   (PATH_LOSS_WHOLE / 100)
#define COPY_SHARE    8
#define COPY_LEAST_US INT64_C(2000)
#define COPY_NEVER_US INT64_MAX

/* An adaptive rate: a round is two round trips, and long enough to tell something. */
#define ROUND_TRIPS         2
#define ROUND_LEAST_US      INT64_C(100000)
#define ROUND_PACKETS       16
#define ADAPTIVE_LEAST      UINT64_C(125000)    /* 1 Mbit/s */
#define ADAPTIVE_MOST       UINT64_C(125000000) /* 1 Gbit/s */
#define LOSS_BEARABLE       100                 /* one packet of so many */
#define GROWS_FIRST_PERCENT 150
#define GROWS_PERCENT       106
#define FALLS_PERCENT       70
#define PERCENT             100
#define QUEUE_LEAST_US      INT64_C(20000) /* a round trip longer by this is a queue */

void path_init(struct pppp_path *path, uint64_t rate)
{
	memset(path, 0, sizeof(*path));
	path_set_rate(path, rate);
}

static int64_t path_burst(const struct pppp_path *path)
{
	int64_t burst = (int64_t)(path->rate / (uint64_t)(SECOND_US / BURST_US));

	return burst > BURST_LEAST ? burst : BURST_LEAST;
}

void path_set_rate(struct pppp_path *path, uint64_t rate)
{
	path->rate = rate < RATE_MOST ? rate : RATE_MOST;
	path->tokens = path_burst(path);
}

void path_adapt(struct pppp_path *path, bool adaptive)
{
	path->adaptive = adaptive && path->rate > 0;
}

static void scale_rate(struct pppp_path *path, uint64_t percent)
{
	uint64_t rate = path->rate * percent / PERCENT;

	if (rate < ADAPTIVE_LEAST) {
		rate = ADAPTIVE_LEAST;
	}
	path->rate = rate < ADAPTIVE_MOST ? rate : ADAPTIVE_MOST;
}

/* A queue somewhere on the way: half as long again as the shortest, and not by chance. */
static bool has_queue(const struct pppp_path *path)
{
	int64_t longer = path->smoothed_us - path->least_us;

	return longer > path->least_us / 2 && longer > QUEUE_LEAST_US + 2 * path->variation_us;
}

static void end_round(struct pppp_path *path)
{
	bool lossy = path->lost * LOSS_BEARABLE > path->arrived;

	if (lossy || has_queue(path)) {
		scale_rate(path, FALLS_PERCENT);
		path->has_fallen = true;
	} else if (path->was_wanted && path->lost == 0) {
		scale_rate(path, path->has_fallen ? GROWS_PERCENT : GROWS_FIRST_PERCENT);
	}
}

static void adapt_rate(struct pppp_path *path, int64_t now_us)
{
	int64_t length = ROUND_TRIPS * path->smoothed_us;

	if (!path->adaptive) {
		return;
	}
	if (path->round_us != 0 &&
	    (now_us - path->round_us < (length > ROUND_LEAST_US ? length : ROUND_LEAST_US) ||
	     path->arrived + path->lost < ROUND_PACKETS)) {
		return;
	}
	if (path->round_us != 0) {
		end_round(path);
	}
	path->round_us = now_us > 0 ? now_us : 1;
	path->arrived = 0;
	path->lost = 0;
	path->was_wanted = false;
}

void path_note_arrival(struct pppp_path *path, int64_t now_us)
{
	path->loss -= path->loss / LOSS_SHARE;
	path->arrived++;
	adapt_rate(path, now_us);
}

void path_note_loss(struct pppp_path *path, int64_t now_us)
{
	path->loss += (PATH_LOSS_WHOLE - path->loss) / LOSS_SHARE;
	path->lost++;
	adapt_rate(path, now_us);
}

int64_t path_copy_after_us(const struct pppp_path *path)
{
	int64_t after = path->smoothed_us / COPY_SHARE;

	if (path->loss < LOSS_COPIES) {
		return COPY_NEVER_US;
	}
	return after > COPY_LEAST_US ? after : COPY_LEAST_US;
}

static int64_t distance(int64_t a, int64_t b)
{
	return a > b ? a - b : b - a;
}

void path_sample(struct pppp_path *path, int64_t round_trip_us)
{
	if (round_trip_us < 1) {
		round_trip_us = 1;
	}
	if (path->least_us == 0 || round_trip_us < path->least_us) {
		path->least_us = round_trip_us;
	}
	if (path->smoothed_us == 0) {
		path->smoothed_us = round_trip_us;
		path->variation_us = round_trip_us / 2;
		return;
	}
	path->variation_us += (distance(path->smoothed_us, round_trip_us) - path->variation_us) /
			      VARIATION_SHARE;
	path->smoothed_us += (round_trip_us - path->smoothed_us) / SMOOTHED_SHARE;
	if (path->smoothed_us < 1) {
		path->smoothed_us = 1;
	}
}

int64_t path_timeout_us(const struct pppp_path *path)
{
	int64_t timeout = path->smoothed_us == 0
				  ? TIMEOUT_FIRST_US
				  : path->smoothed_us + TIMEOUT_VARIATIONS * path->variation_us;

	if (timeout < TIMEOUT_LEAST_US) {
		timeout = TIMEOUT_LEAST_US;
	}
	timeout <<= path->backoff < BACKOFF_MOST ? path->backoff : BACKOFF_MOST;
	return timeout < TIMEOUT_MOST_US ? timeout : TIMEOUT_MOST_US;
}

int64_t path_reorder_us(const struct pppp_path *path)
{
	int64_t spread = path->variation_us > REORDER_LEAST_US ? path->variation_us
							       : REORDER_LEAST_US;

	return path->smoothed_us + spread;
}

/* As many tokens as there would be at this time. */
static int64_t path_filled(const struct pppp_path *path, int64_t now_us)
{
	int64_t passed = now_us - path->filled_us;
	int64_t burst = path_burst(path);

	if (passed <= 0) {
		return path->tokens;
	}
	if (passed >= SECOND_US) {
		return burst;
	}
	int64_t filled = path->tokens + (int64_t)(path->rate * (uint64_t)passed / SECOND_US);
	return filled < burst ? filled : burst;
}

bool path_take(struct pppp_path *path, uint32_t bytes, int64_t now_us)
{
	if (path->rate == 0) {
		return true;
	}
	int64_t filled = path_filled(path, now_us);
	if (filled < (int64_t)bytes) {
		path->was_wanted = true;
		return false;
	}
	path->tokens = filled - (int64_t)bytes;
	path->filled_us = now_us;
	return true;
}

int64_t path_when_us(const struct pppp_path *path, uint32_t bytes, int64_t now_us)
{
	int64_t missing = (int64_t)bytes - path_filled(path, now_us);

	if (path->rate == 0 || missing <= 0) {
		return now_us;
	}
	return now_us + missing * SECOND_US / (int64_t)path->rate + 1;
}
