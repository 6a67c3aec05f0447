/* SPDX-License-Identifier: MIT */
#ifndef TESTS_GATEWAY_LIVES_H
#define TESTS_GATEWAY_LIVES_H

#include "daemon/log/log.h"

#include <stdbool.h>
#include <uv.h>

/* What a room of the gateway lives in: a folder, a loop, and a log that nobody reads. */
struct lives {
	char folder[32];
	uv_loop_t loop;
	struct log log;
};

void lives_begin(struct lives *lives);
/* Removes the folder. Fails where the loop still has handles. */
void lives_end(struct lives *lives);
/* What is in the folder. */
void lives_clear(const struct lives *lives);

/* How many lives there were, and in how many of them nobody missed what was lost. */
struct lives_count {
	unsigned int lived;
	unsigned int unnoticed;
};

/*
 * Lives with the first allocation failing, with the second, and so on until one comes to its end
 * without a fault: 20 to most lives. live says whether all of it was done, as it must be there;
 * clear: the folder is emptied behind each life.
 */
struct lives_count lives_run(const struct lives *lives, bool (*live)(void), unsigned int most,
			     bool clear);

#endif
