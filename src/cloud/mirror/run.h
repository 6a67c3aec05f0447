/* SPDX-License-Identifier: MIT */
#ifndef CLOUD_MIRROR_RUN_H
#define CLOUD_MIRROR_RUN_H

#include "cloud/mirror/mirror.h"
#include "cloud/place/place.h"
#include "daemon/log/log.h"

/* Takes away the login that a run left behind which could not end: it would open everything. False
 * with a problem. */
bool mirror_run_forget(const struct cloud *cloud, struct problem *problem);

/* The broker that is mirrored to. */
struct mirror_upstream {
	const char *host; /* NULL: the vendor's */
	uint16_t port;
	const char *ca_file; /* NULL: the vendor's certificate alone is trusted */
};

/* A login of its own at the local broker, made anew for each run: before the loop runs, since it
 * waits for the disk. The caller wipes it. False with a problem. */
bool mirror_run_login(const struct cloud *cloud, struct registry_account *account,
		      struct problem *problem);

/* A mirror for `flagship cloud run` with this login. The log stays in use until it has stopped.
 * False with a problem. */
bool mirror_run_start(uv_loop_t *loop, const struct cloud *cloud, struct registry_service *service,
		      const struct registry_account *account, struct log *log,
		      const struct mirror_upstream *upstream, struct mirror **mirror,
		      struct problem *problem);

/* Hands the removal of the login to the service, which does it before it stops, and ends the mirror
 * on the loop. */
void mirror_run_stop(struct registry_service *service, struct log *log, struct mirror *mirror);

#endif
