/* SPDX-License-Identifier: MIT */
#ifndef DAEMON_RUN_PARENT_H
#define DAEMON_RUN_PARENT_H

#include <stdbool.h>
#include <uv.h>

/*
 * The program that started this server and ends with it: FLAGSHIP_PARENT_FD names a descriptor of a
 * stream socket between both. The server writes a line there once it is ready, and ends when the
 * other side is gone, however that ended.
 */
#define PARENT_VARIABLE "FLAGSHIP_PARENT_FD"
#define PARENT_READY    "ready"

struct parent {
	uv_pipe_t pipe;
	bool open;
	char buffer[64];
	void (*gone)(void *context);
	void *context;
};

/* The variable is removed, for children are not who was meant. What cannot be understood counts as
 * not given. */
void parent_open(struct parent *parent, uv_loop_t *loop, void (*gone)(void *context),
		 void *context);
void parent_close(struct parent *parent);

/* Nothing where there is none. */
void parent_report_ready(const struct parent *parent);

#endif
