/* SPDX-License-Identifier: MIT */
#ifndef GATEWAY_PUSH_PUSH_H
#define GATEWAY_PUSH_PUSH_H

#include "base/problem.h"
#include "gateway/access/access.h"
#include "gateway/printers/printers.h"
#include "gateway/queue/queue.h"
#include "gateway/web/web.h"

#include <uv.h>

/*
 * Tells browsers that are not open what happens to printers, by web push (docs/notifications.md):
 * users subscribe their devices, and flagship-webpush, a program of its own that is started for it,
 * brings what is to be told to the push services.
 */
struct push;

struct push_options {
	const char *folder; /* of the gateway; this and those below outlive it */
	struct gateway_printers *printers;
	const struct queue *queue;
	struct access *access;
	struct log *log;
	const char *program; /* flagship-webpush. Copied */
};

/* Before gateway_printers_open. Errors: STORE (with problem), ARGUMENT (with problem), MEMORY (with
 * problem). */
int push_create(uv_loop_t *loop, const struct push_options *options, struct push **push,
		struct problem *problem) __attribute__((warn_unused_result));

void push_fill_api(struct push *push, struct web_api *api);

/* Nothing more is told, and what is on its way is given up; before the printers end. NULL is
 * accepted. */
void push_stop(struct push *push);
/* Once the loop has ended. NULL is accepted. */
void push_destroy(struct push *push);

#endif
