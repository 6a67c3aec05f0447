/* SPDX-License-Identifier: MIT */
#ifndef CLOUD_THROTTLE_H
#define CLOUD_THROTTLE_H

#include <stddef.h>
#include <stdint.h>

/*
 * Slows down who guesses passwords: after five wrong ones, an account and an address have to wait,
 * twice as long each time. In memory; bounded.
 */
#define THROTTLE_FREE_TRIES   5
#define THROTTLE_WAIT_FIRST_S 10
#define THROTTLE_WAIT_MAX_S   300
#define THROTTLE_FORGET_S     900 /* without another wrong one */
#define THROTTLE_SUBJECTS     1024
#define THROTTLE_NAME_MAX     128

struct throttle_subject {
	char name[THROTTLE_NAME_MAX];
	unsigned int failures;
	int64_t last_s;
	int64_t blocked_until_s;
};

struct throttle {
	struct throttle_subject subjects[THROTTLE_SUBJECTS];
};

/* How many seconds the subject has to wait, 0 where it may try. */
int64_t throttle_wait_s(const struct throttle *throttle, const char *name, int64_t now_s);

/* A wrong try, or one that is not known to be right yet. */
void throttle_fail(struct throttle *throttle, const char *name, int64_t now_s);
void throttle_succeed(struct throttle *throttle, const char *name);

#endif
