/* SPDX-License-Identifier: MIT */
#ifndef GATEWAY_TIMELAPSE_TIMELAPSE_H
#define GATEWAY_TIMELAPSE_TIMELAPSE_H

#include "base/problem.h"
#include "gateway/access/access.h"
#include "gateway/camera/cameras.h"
#include "gateway/history/history.h"
#include "gateway/printers/printers.h"
#include "gateway/web/web.h"

#include <uv.h>

/*
 * A film of each job: key pictures of the printer's camera, one a layer or one now and then, which
 * are put one behind the other as they came. The camera is looked at for the moment of a picture
 * alone. Films are kept in the folder "timelapses", up to an age and a size; the gateway's other
 * parts go on whatever becomes of them. Off until it is switched on.
 */
struct timelapse;

struct timelapse_options {
	const char *folder;                      /* of the gateway. Copied */
	const struct gateway_printers *printers; /* outlives it, as all here */
	struct cameras *cameras;
	struct history *history;
	struct access *access;
	struct log *log;
	const char *picture_program;      /* flagship-picture; "": not found. Copied */
	void (*on_closed)(void *context); /* after timelapse_close; the last call */
	void *context;
};

/* Reads what is there; may wait for the disk. Errors: MEMORY. */
int timelapse_create(uv_loop_t *loop, const struct timelapse_options *options,
		     struct timelapse **timelapse) __attribute__((warn_unused_result));

void timelapse_fill_api(struct timelapse *timelapse, struct web_api *api);

/* No more pictures, and nobody is answered later; before the cameras stop. NULL is accepted. */
void timelapse_stop(struct timelapse *timelapse);
/* What is on its way to the disk is awaited; on_closed follows, from inside or later. */
void timelapse_close(struct timelapse *timelapse);
/* After on_closed. NULL is accepted. */
void timelapse_destroy(struct timelapse *timelapse);

#endif
