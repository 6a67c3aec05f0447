/* SPDX-License-Identifier: MIT */
#ifndef DAEMON_LOGIN_FAMILIAR_H
#define DAEMON_LOGIN_FAMILIAR_H

#include "base/net/address.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Which account logged in from which address before. Who did is neither slowed down nor kept
 * waiting by what others do. In memory; bounded, and for each account as well, so that nobody's
 * are forgotten for the many of another.
 */
#define FAMILIAR_MAX            1024
#define FAMILIAR_OF_ACCOUNT_MAX 8
#define FAMILIAR_ID_SIZE        64 /* with the NUL; of a longer one the start counts */

struct familiar_pair {
	char user_id[FAMILIAR_ID_SIZE];
	struct address_key address;
	uint64_t order; /* of the last login; 0: free */
};

/* All zero at the start. */
struct familiar {
	struct familiar_pair pairs[FAMILIAR_MAX];
	uint64_t order;
};

enum familiarity {
	FAMILIAR_PAIR,     /* this account from this address */
	FAMILIAR_HALF,     /* this account or this address */
	FAMILIAR_STRANGER, /* neither */
	FAMILIAR_KINDS,
};

/* user_id: "" where there is no such account. */
enum familiarity familiar_look(const struct familiar *familiar, const char *user_id,
			       const struct address_key *address);

/* A login that was right. */
void familiar_note(struct familiar *familiar, const char *user_id,
		   const struct address_key *address);

#endif
