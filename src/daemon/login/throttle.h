/* SPDX-License-Identifier: MIT */
#ifndef DAEMON_LOGIN_THROTTLE_H
#define DAEMON_LOGIN_THROTTLE_H

#include <stddef.h>
#include <stdint.h>

/*
 * Slows down who guesses passwords: after five wrong ones, an account and an address have to wait,
 * twice as long each time. In memory; bounded: where it is full, who has the fewest wrong tries is
 * forgotten first. One table for accounts, another for addresses, so that nobody gets at one
 * through the other.
 */
#define THROTTLE_FREE_TRIES   5
#define THROTTLE_WAIT_FIRST_S 10
#define THROTTLE_WAIT_MAX_S   300
#define THROTTLE_FORGET_S     900 /* without another wrong one */
#define THROTTLE_SUBJECTS     1024
#define THROTTLE_NAME_MAX     256 /* with the NUL; longer ones count as one where they start alike */

struct throttle_subject {
	char name[THROTTLE_NAME_MAX];
	unsigned int failures;
	unsigned int open; /* tries whose end is not known: they count as wrong until it is */
	int64_t last_s;    /* of failures */
	int64_t open_s;    /* when the last of the open ones began */
};

/* All zero at the start. Times are of the steady clock (base/clock.h). */
struct throttle {
	unsigned int free_tries; /* 0: THROTTLE_FREE_TRIES */
	struct throttle_subject subjects[THROTTLE_SUBJECTS];
};

/* How many seconds the subject has to wait, 0 where it may try. */
int64_t throttle_wait_s(const struct throttle *throttle, const char *name, int64_t now_s);

/* Wrong ones that are remembered. */
unsigned int throttle_failures(const struct throttle *throttle, const char *name);

/* A try begins; one of the three below ends it. */
void throttle_try(struct throttle *throttle, const char *name, int64_t now_s);

/* It was wrong, or nobody will know. */
void throttle_fail(struct throttle *throttle, const char *name, int64_t now_s);

/* It was right: the subject's wrong ones are forgotten. */
void throttle_succeed(struct throttle *throttle, const char *name);

/* It was right, which says nothing about the subject's other tries. */
void throttle_undo(struct throttle *throttle, const char *name);

#endif
