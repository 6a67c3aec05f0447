/* SPDX-License-Identifier: MIT */
#ifndef GATEWAY_CLOUD_CLOUD_H
#define GATEWAY_CLOUD_CLOUD_H

#include "gateway/access/access.h"
#include "gateway/printers/printers.h"
#include "gateway/web/web.h"

#include <stdint.h>
#include <uv.h>

/*
 * The cloud of this machine over HTTP, below /api/v1/cloud: how it is, making it, its accounts and
 * printers, pairing, and the way that leads printers to it. Each is a command of `flagship cloud`,
 * run as a child (gateway/children/program.h): the gateway opens no file of the cloud but the one
 * that is handed to it. Which folder it is, the gateway was told when it was started, or by its
 * settings: no request says it, and no other path. The cloud itself is started by whoever owns the
 * machine.
 */
struct gateway_cloud;

struct gateway_cloud_options {
	struct gateway_printers *printers; /* outlives it, as all here */
	struct access *access;
	const char *main_program; /* flagship. Copied */
	int64_t timeout_ms;       /* of a child */
};

/* Errors: MEMORY. */
int gateway_cloud_create(uv_loop_t *loop, const struct gateway_cloud_options *options,
			 struct gateway_cloud **cloud) __attribute__((warn_unused_result));

/*
 * A printer of the cloud took another name by a command: the cloud calls it so, too. named follows
 * once, with why that was not done, or NULL; also where the gateway ends meanwhile.
 */
void gateway_cloud_rename(struct gateway_cloud *cloud, const char *serial, const char *name,
			  gateway_named *named, void *context);

void gateway_cloud_fill_api(struct gateway_cloud *cloud, struct web_api *api);

/* Children are killed, and whoever waits for one is notified that the gateway ends; names that are
 * being kept have a moment more. NULL is accepted. */
void gateway_cloud_stop(struct gateway_cloud *cloud);
/* Once the HTTP server is gone, and the loop has run dry. NULL is accepted. */
void gateway_cloud_destroy(struct gateway_cloud *cloud);

#endif
