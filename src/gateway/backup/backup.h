/* SPDX-License-Identifier: MIT */
#ifndef GATEWAY_BACKUP_BACKUP_H
#define GATEWAY_BACKUP_BACKUP_H

#include "gateway/access/access.h"
#include "gateway/web/web.h"

#include <uv.h>

/*
 * A copy of all that the gateway keeps over HTTP, and back: GET /api/v1/backup, POST
 * /api/v1/restore. The work is done by `flagship serve backup` and `restore` as children, which
 * wait for the disk in place of the loop, and are read and fed as slowly as whoever asks reads and
 * sends. One at a time.
 */
struct backup;

#define BACKUP_TYPE "application/x-tar"

struct backup_options {
	struct access *access; /* outlives it, as the log */
	struct log *log;
	const char *program; /* flagship-serve. Copied, as the folder */
	const char *folder;  /* of the gateway */
	/* One lies ready, and whoever sent it knows: the gateway is to begin anew. */
	void (*on_restored)(void *context);
	void *context;
};

/* Errors: MEMORY. */
int backup_create(uv_loop_t *loop, const struct backup_options *options, struct backup **backup)
	__attribute__((warn_unused_result));

void backup_fill_api(struct backup *backup, struct web_api *api);

/* A child is killed, and whoever waits for it is told that the gateway ends. NULL is accepted. */
void backup_stop(struct backup *backup);
/* Once the HTTP server is gone, and the loop has run dry. NULL is accepted. */
void backup_destroy(struct backup *backup);

#endif
