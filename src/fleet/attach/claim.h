/* SPDX-License-Identifier: MIT */
#ifndef FLEET_ATTACH_CLAIM_H
#define FLEET_ATTACH_CLAIM_H

#include <uv.h>

/*
 * A printer has one session in the local network, and a gateway of this machine may have it: it is
 * asked to leave, and to keep away as long as the claim lasts.
 */
struct attach_claim;

/* holder: who has the session, for people, and keeps it; NULL where it may be had, also since no
 * gateway runs, or is one that does not answer. Valid during the call. */
typedef void attach_on_claimed(void *context, const char *holder);

/*
 * path: of the gateway's socket; "" is none. on_claimed follows once, from the loop, unless the
 * claim is closed before. Errors: MEMORY; *claim is NULL then.
 */
int attach_claim_open(uv_loop_t *loop, const char *path, const char *serial,
		      attach_on_claimed *on_claimed, void *context, struct attach_claim **claim)
	__attribute__((warn_unused_result));

/* Its memory goes on the loop. NULL is accepted. */
void attach_claim_close(struct attach_claim *claim);

#endif
