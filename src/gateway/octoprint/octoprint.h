/* SPDX-License-Identifier: MIT */
#ifndef GATEWAY_OCTOPRINT_OCTOPRINT_H
#define GATEWAY_OCTOPRINT_OCTOPRINT_H

#include "gateway/access/access.h"
#include "gateway/files/files.h"
#include "gateway/history/history.h"
#include "gateway/printers/printers.h"
#include "gateway/queue/queue.h"
#include "gateway/web/web.h"
#include "gateway/webcam/book.h"

#include <uv.h>

/*
 * The interface of OctoPrint, as far as slicers, Cura's plugin, farms and phones use it
 * (docs/slicers.md): below /octoprint/{printer}, and on a printer's own port. Errors are one plain
 * sentence, since slicers show the whole body.
 */
struct octoprint;

struct octoprint_options {
	struct gateway_printers *printers;
	struct files *files;
	struct history *history; /* made before it: it has to know first how a command ended */
	struct access *access;
	struct queue *queue; /* NULL: nothing can be printed */
	const struct webcam_book *webcams;
};

/* All of the options outlive it. Errors: MEMORY. */
int octoprint_create(uv_loop_t *loop, const struct octoprint_options *options,
		     struct octoprint **octoprint) __attribute__((warn_unused_result));

/* For paths that name the printer, and for those of a printer's port. */
void octoprint_fill_api(struct octoprint *octoprint, struct web_api *api);
void octoprint_fill_port_api(struct octoprint *octoprint, struct web_api *api);

/* How many listen to what changes. */
size_t octoprint_sockets(const struct octoprint *octoprint);

/* Whoever waits or listens is sent away; the loop is needed a little longer. NULL is accepted. */
void octoprint_stop(struct octoprint *octoprint);
/* Once the HTTP servers are gone. NULL is accepted. */
void octoprint_destroy(struct octoprint *octoprint);

#endif
