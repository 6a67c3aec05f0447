/* SPDX-License-Identifier: MIT */
#ifndef CLOUD_GATEWAY_HANDOVER_H
#define CLOUD_GATEWAY_HANDOVER_H

#include "cloud/place/place.h"
#include "daemon/log/log.h"

#include <uv.h>

/*
 * What a gateway on this machine needs of this cloud, in CLOUD_GATEWAY (mode 0600), in the form of
 * accounts.json (store/accounts/accounts.h): each account with its login at the broker, and the
 * printers that it reaches whose keys are known; an administrator reaches all. Kept for as long as
 * the cloud runs, and left where it ends: it will be back.
 */
struct handover;

/* Writes it for the first time, which waits for the disk, and from then on after each change of
 * the registry, on a thread of the loop's pool. What cannot be written is logged, and tried again
 * with the next change. Errors: STORE, MEMORY (with problem). */
int handover_start(uv_loop_t *loop, const struct cloud *cloud, struct log *log,
		   struct handover **handover, struct problem *problem)
	__attribute__((warn_unused_result));

/* `stopped` is the last call. NULL for handover calls back at once. */
void handover_stop(struct handover *handover, void (*stopped)(void *context), void *context);

#endif
