/* SPDX-License-Identifier: MIT */
#ifndef CLOUD_MIRROR_RUN_H
#define CLOUD_MIRROR_RUN_H

#include "cloud/mirror/mirror.h"
#include "cloud/place/place.h"
#include "daemon/log/log.h"

/* Takes away the login that a run left behind which could not end: it would open everything. False
 * with a problem. */
bool mirror_run_forget(const struct cloud *cloud, struct store_problem *problem);

/* The broker that is mirrored to. */
struct mirror_upstream {
	const char *host; /* NULL: the vendor's */
	uint16_t port;
	const char *ca_file; /* NULL: the vendor's certificate alone is trusted */
};

/* A mirror for `flagship cloud run`, with a login of its own at the local broker for as long as it
 * runs. The log stays in use until mirror_run_stop. False with a problem. */
bool mirror_run_start(uv_loop_t *loop, const struct cloud *cloud, struct log *log,
		      const struct mirror_upstream *upstream, struct mirror **mirror,
		      struct store_problem *problem);
void mirror_run_stop(const struct cloud *cloud, struct log *log, struct mirror *mirror);

#endif
