/* SPDX-License-Identifier: MIT */
#ifndef CLOUD_REGISTRY_SERVICE_H
#define CLOUD_REGISTRY_SERVICE_H

#include "cloud/registry/registry.h"
#include "store/database/readers.h"
#include "store/database/writer.h"

/*
 * The registry for what runs on a loop, which never waits for it: one thread writes, and libuv's
 * threads read. `work` of a job or a reading finds the registry of its connection with registry_of.
 */
struct registry_service {
	struct database_writer *writer;
	struct database_readers *readers;
	void (*stopped)(void *context);
	void *context;
};

#define REGISTRY_JOBS_MAX 2048 /* handed over and not done; readings that wait as well */

/* Opens the connections, which waits for the disk: before the loop runs. Errors: STORE, MEMORY
 * (with problem). */
int registry_service_start(uv_loop_t *loop, const char *path, struct registry_service *service,
			   struct problem *problem);

/* All that was handed over is done first; then calls back, which may be NULL. A service that was
 * never started is accepted. */
void registry_service_stop(struct registry_service *service, void (*stopped)(void *context),
			   void *context);

#endif
