/* SPDX-License-Identifier: MIT */
#ifndef CLOUD_MIRROR_RUN_H
#define CLOUD_MIRROR_RUN_H

#include "cloud/commands/cloud.h"
#include "cloud/mirror/mirror.h"

/* Takes away the login that a run left behind which could not end: it would open everything. Tells
 * mistakes. OPTIONS_RUN or an exit status. */
int mirror_run_forget(const struct cloud *cloud);

/* A mirror for `flagship cloud run`, with a login of its own at the local broker for as long as it
 * runs. broker: HOST[:PORT], and ca: NULL for the vendor's. Mistakes are told. OPTIONS_RUN or an
 * exit status. */
int mirror_run_start(uv_loop_t *loop, const struct cloud *cloud, const char *broker, const char *ca,
		     struct mirror **mirror);
void mirror_run_stop(const struct cloud *cloud, struct mirror *mirror);

#endif
