/* SPDX-License-Identifier: MIT */
#ifndef DAEMON_LOGIN_ATTEMPT_H
#define DAEMON_LOGIN_ATTEMPT_H

#include "base/net/address.h"
#include "daemon/login/familiar.h"
#include "daemon/login/throttle.h"

#include <stdint.h>

/*
 * Who has to wait after wrong passwords. A pair of name and address that logged in before goes by
 * its own wrong ones alone, so that nobody locks an owner out who fails for his account, or from
 * his address's neighbourhood. For all others those of the account and of the address count, too:
 * of the account after some more, and no more of each address than are free there.
 */
struct login_throttle {
	struct throttle accounts;  /* by name */
	struct throttle addresses; /* by network */
	struct throttle pairs;     /* by both */
	struct familiar familiar;
};

/* Wrong ones of an account, of strangers all together, before they have to wait. */
#define LOGIN_ACCOUNT_TRIES (4 * THROTTLE_FREE_TRIES)

#define LOGIN_NAME_MAX      256 /* with the NUL */
#define LOGIN_NETWORK_MAX   64

/* One try at a password. */
struct login_attempt {
	char name[LOGIN_NAME_MAX];       /* as it was typed */
	char identity[LOGIN_NAME_MAX];   /* of the account; "" where there is none */
	char network[LOGIN_NETWORK_MAX]; /* what of the address counts */
	char pair[LOGIN_NAME_MAX + LOGIN_NETWORK_MAX];
	struct address_key key;
	enum familiarity familiarity;
};

/* Its parts are zero before. */
void login_throttle_init(struct login_throttle *throttle);

void login_attempt_set_place(struct login_attempt *attempt, const struct address_key *key);
/* Once name and identity are set: how familiar they are. */
void login_attempt_look(struct login_attempt *attempt, const struct login_throttle *throttle);

/* Seconds until it may be made; times are of the steady clock. */
int64_t login_attempt_wait_s(const struct login_attempt *attempt,
			     const struct login_throttle *throttle, int64_t now_s);

/* It is made, and counts as wrong until one of those below, so that many at once are not free. */
void login_attempt_try(const struct login_attempt *attempt, struct login_throttle *throttle,
		       int64_t now_s);

/* It was wrong, or nobody will know. */
void login_attempt_fail(const struct login_attempt *attempt, struct login_throttle *throttle,
			int64_t now_s);
void login_attempt_succeed(const struct login_attempt *attempt, struct login_throttle *throttle);
/* As if it had not been made: nobody learnt anything. */
void login_attempt_undo(const struct login_attempt *attempt, struct login_throttle *throttle);

#endif
