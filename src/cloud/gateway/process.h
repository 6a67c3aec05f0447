/* SPDX-License-Identifier: MIT */
#ifndef CLOUD_GATEWAY_PROCESS_H
#define CLOUD_GATEWAY_PROCESS_H

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

/*
 * flagship serve as a child of a cloud that runs: started again, ever less often, where it dies,
 * and ended with it, however that ends (daemon/run/parent.h). It writes its own log to stderr.
 */
struct gateway_process;

struct gateway_process_handlers {
	void (*on_ready)(void *context); /* it holds its printers, and answers; again after a death
					  */
	/* It died, and is started again in so many milliseconds. */
	void (*on_died)(void *context, const char *reason, unsigned int restart_ms);
	void (*on_stopped)(void *context); /* after gateway_process_stop; the last call */
};

/* arguments: the program's path and what it is told. NULL where there is no memory. */
struct gateway_process *gateway_process_start(uv_loop_t *loop, char **arguments,
					      const struct gateway_process_handlers *handlers,
					      void *context);

/* Has it read settings and accounts again, once it is ready. */
void gateway_process_reload(struct gateway_process *process);

/* Asks it to end, and makes it where it does not in time. NULL is accepted: on_stopped does not
 * come then. */
void gateway_process_stop(struct gateway_process *process);

#endif
