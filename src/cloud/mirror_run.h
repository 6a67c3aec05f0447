/* SPDX-License-Identifier: MIT */
#ifndef CLOUD_MIRROR_RUN_H
#define CLOUD_MIRROR_RUN_H

#include "cloud/cloud.h"
#include "cloud/mirror.h"

struct mirror_run;

/* A mirror for `flagship cloud run`, with a login of its own at the local broker for as long as it
 * runs. broker: HOST[:PORT], and ca: NULL for the vendor's. Mistakes are told. OPTIONS_RUN or an
 * exit status. */
int mirror_run_start(uv_loop_t *loop, const struct cloud *cloud, const char *broker, const char *ca,
		     struct mirror_run **run);
/* NULL is accepted. */
void mirror_run_stop(const struct cloud *cloud, struct mirror_run *run);

/* Removes the login that a run which was killed left behind, so that it opens nothing. */
void mirror_run_forget(const struct cloud *cloud);

#endif
