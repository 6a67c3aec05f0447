/* SPDX-License-Identifier: MIT */
#ifndef CLOUD_THROTTLE_H
#define CLOUD_THROTTLE_H

#include <stddef.h>
#include <stdint.h>

/*
 * Slows down who guesses passwords: after five wrong ones, an account and an address have to wait,
 * twice as long each time. In memory; bounded: where there is no room, whoever has failed least is
 * forgotten first, and nobody can tell who shares a set with whom.
 */
#define THROTTLE_FREE_TRIES   5
#define THROTTLE_WAIT_FIRST_S 10
#define THROTTLE_WAIT_MAX_S   300
#define THROTTLE_FORGET_S     900 /* without another wrong one */
#define THROTTLE_SETS         256
#define THROTTLE_WAYS         16
#define THROTTLE_KEY_SIZE     32
#define THROTTLE_DIGEST_SIZE  32

struct throttle_subject {
	uint8_t digest[THROTTLE_DIGEST_SIZE]; /* of its name, in lower case */
	unsigned int failures;                /* 0: free */
	int64_t last_s;
	int64_t blocked_until_s;
};

struct throttle {
	uint8_t key[THROTTLE_KEY_SIZE];
	struct throttle_subject subjects[THROTTLE_SETS][THROTTLE_WAYS];
};

/* With a key by chance. Errors: CRYPTO. */
int throttle_init(struct throttle *throttle);

/* How many seconds the subject has to wait, 0 where it may try. Names of any length, in either
 * case. */
int64_t throttle_wait_s(const struct throttle *throttle, const char *name, int64_t now_s);

/* A wrong try, or one that is not known to be right yet. */
void throttle_fail(struct throttle *throttle, const char *name, int64_t now_s);

/* The last one was right: none of its tries counts, or that one alone does not. */
void throttle_forgive_all(struct throttle *throttle, const char *name);
void throttle_forgive_one(struct throttle *throttle, const char *name);

#endif
