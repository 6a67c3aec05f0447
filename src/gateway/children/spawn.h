/* SPDX-License-Identifier: MIT */
#ifndef GATEWAY_CHILDREN_SPAWN_H
#define GATEWAY_CHILDREN_SPAWN_H

#include <uv.h>

/* A child in a process group of its own: Ctrl-C of the gateway is not its own, and it is killed
 * with whatever it has started itself. */
#define SPAWN_ARGUMENTS_MAX 16

/* Its three streams, initialised; NULL: it has none. */
struct spawn_pipes {
	uv_pipe_t *input;
	uv_pipe_t *output;
	uv_pipe_t *errors;
};

/* arguments: without the program's name, NULL-terminated. 0, or an error of libuv; `process` is a
 * handle to be closed either way. */
int spawn_program(uv_loop_t *loop, uv_process_t *process, const char *program,
		  const char *const *arguments, const struct spawn_pipes *pipes, uv_exit_cb on_exit)
	__attribute__((warn_unused_result));

/* While it runs. */
void spawn_kill(const uv_process_t *process);

#endif
