/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* environ */

#include "cloud/gateway/process.h"

#include "daemon/run/child.h"
#include "daemon/run/parent.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* It is where our side of it is read: the child's stdin. */
#define PARENT_SETTING PARENT_VARIABLE "=0"
#define KILL_AFTER_MS  2000 /* it ends within 1.5 s by itself */

struct gateway_process {
	struct gateway_process_handlers handlers;
	void *context;
	struct child *child;
	bool ready;
};

static void on_line(void *context, const char *line)
{
	struct gateway_process *process = context;

	if (!process->ready && strcmp(line, PARENT_READY) == 0) {
		process->ready = true;
		process->handlers.on_ready(process->context);
	}
}

static void on_died(void *context, const char *reason, unsigned int restart_ms)
{
	struct gateway_process *process = context;

	process->ready = false;
	process->handlers.on_died(process->context, reason, restart_ms);
}

static void on_stopped(void *context)
{
	struct gateway_process *process = context;
	struct gateway_process_handlers handlers = process->handlers;
	void *outer = process->context;

	free(process);
	handlers.on_stopped(outer);
}

/* Ours, and who its parent is. The texts stay where they are. */
static char **make_environment(char *parent)
{
	size_t count = 0;

	while (environ && environ[count]) {
		count++;
	}
	char **environment = calloc(count + 2, sizeof(*environment));
	if (environment) {
		for (size_t i = 0; i < count; i++) {
			environment[i] = environ[i];
		}
		environment[count] = parent;
	}
	return environment;
}

struct gateway_process *gateway_process_start(uv_loop_t *loop, char **arguments,
					      const struct gateway_process_handlers *handlers,
					      void *context)
{
	static const struct child_handlers child_handlers = {
		.on_line = on_line, .on_died = on_died, .on_stopped = on_stopped};
	char parent[] = PARENT_SETTING;
	struct gateway_process *process = calloc(1, sizeof(*process));
	char **environment = make_environment(parent);

	if (process && environment) {
		const struct child_options options = {
			.arguments = arguments,
			.environment = environment,
			.streams = {[STDIN_FILENO] = {.kind = CHILD_STREAM_LINES},
				    [STDERR_FILENO] = {.kind = CHILD_STREAM_INHERITED,
						       .inherited = STDERR_FILENO}},
			.kill_after_ms = KILL_AFTER_MS,
		};

		process->handlers = *handlers;
		process->context = context;
		process->child = child_start(loop, &options, &child_handlers, process);
	}
	free(environment);
	if (process && !process->child) {
		free(process);
		return NULL;
	}
	return process;
}

void gateway_process_reload(struct gateway_process *process)
{
	/* Before it is ready, the signal would end it; and it reads everything then. */
	if (process->ready) {
		child_signal(process->child, SIGHUP);
	}
}

void gateway_process_stop(struct gateway_process *process)
{
	if (process) {
		child_stop(process->child);
	}
}
