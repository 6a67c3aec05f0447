/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* environ */

#include "cloud/broker/process.h"

#include "daemon/run/child.h"

#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PRELOAD         "LD_PRELOAD"
#define SEPARATORS      " :\t"
#define RUNNING_TEXT    "mosquitto version"
#define RUNNING_END     "running"
#define LOCK_DESCRIPTOR 3 /* the first behind stderr */

static size_t count_variables(void)
{
	size_t count = 0;

	while (environ && environ[count]) {
		count++;
	}
	return count;
}

static bool is_preload(const char *variable)
{
	size_t length = strlen(PRELOAD);

	return strncmp(variable, PRELOAD, length) == 0 && variable[length] == '=';
}

/* What was there comes after it. */
static char *make_preload(const char *plugin)
{
	const char *before = getenv(PRELOAD);
	size_t size = sizeof(PRELOAD "=:") + strlen(plugin) + (before ? strlen(before) : 0);
	char *variable = malloc(size);

	if (variable) {
		snprintf(variable, size, PRELOAD "=%s%s%s", plugin, before ? ":" : "",
			 before ? before : "");
	}
	return variable;
}

char **broker_environment(const char *plugin)
{
	bool preloads = !strpbrk(plugin, SEPARATORS);
	char **environment = calloc(count_variables() + 2, sizeof(*environment));
	size_t count = 0;

	if (!environment) {
		return NULL;
	}
	for (size_t i = 0; environ && environ[i]; i++) {
		if (preloads && is_preload(environ[i])) {
			continue;
		}
		environment[count] = strdup(environ[i]);
		if (!environment[count++]) {
			broker_environment_free(environment);
			return NULL;
		}
	}
	if (preloads) {
		environment[count] = make_preload(plugin);
	}
	return environment;
}

void broker_environment_free(char **environment)
{
	for (size_t i = 0; environment && environment[i]; i++) {
		free(environment[i]);
	}
	free(environment);
}

struct broker_process {
	struct broker_process_handlers handlers;
	void *context;
	struct child *child;
	bool runs;       /* it said so, and takes signals as it should */
	bool reload_due; /* when it does */
};

/* Debian installs it where users' PATH does not lead. */
static char *find_program(void)
{
	static const char *const places[] = {"/usr/sbin", "/usr/local/sbin", "/usr/bin",
					     "/usr/local/bin", "/opt/homebrew/sbin"};
	const char *path = getenv("PATH");
	char *copy = strdup(path ? path : "");
	char *rest = copy;
	char *folder;
	char name[4096];

	while (rest && (folder = strtok_r(rest, ":", &rest))) {
		snprintf(name, sizeof(name), "%s/mosquitto", folder);
		if (access(name, X_OK) == 0) {
			free(copy);
			return strdup(name);
		}
	}
	free(copy);
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		snprintf(name, sizeof(name), "%s/mosquitto", places[i]);
		if (access(name, X_OK) == 0) {
			return strdup(name);
		}
	}
	return NULL;
}

static void on_line(void *context, const char *line)
{
	struct broker_process *process = context;

	process->handlers.on_line(process->context, line);
	if (strstr(line, RUNNING_TEXT) && strstr(line, RUNNING_END)) {
		process->runs = true;
		if (process->reload_due) {
			broker_process_reload(process);
		}
		process->handlers.on_running(process->context);
	}
}

static void on_died(void *context, const char *reason, unsigned int restart_ms)
{
	struct broker_process *process = context;

	/* The next one reads what there is. */
	process->runs = false;
	process->reload_due = false;
	process->handlers.on_died(process->context, reason, restart_ms);
}

static void on_stopped(void *context)
{
	struct broker_process *process = context;
	struct broker_process_handlers handlers = process->handlers;
	void *outer = process->context;

	free(process);
	handlers.on_stopped(outer);
}

static const struct child_handlers child_handlers = {
	.on_line = on_line, .on_died = on_died, .on_stopped = on_stopped};

struct broker_process *broker_process_start(uv_loop_t *loop, const char *configuration,
					    const char *plugin, int lock,
					    const struct broker_process_handlers *handlers,
					    void *context, const char **problem)
{
	struct broker_process *process = calloc(1, sizeof(*process));
	char *program = find_program();
	char **environment = broker_environment(plugin);

	*problem = "out of memory";
	if (!program) {
		*problem = "mosquitto, the MQTT broker, is not installed";
	}
	if (process && program && environment) {
		char *arguments[] = {program, "-c", (char *)configuration, NULL};
		const struct child_options options = {
			.arguments = arguments,
			.environment = environment,
			.streams = {[STDERR_FILENO] = {.kind = CHILD_STREAM_LINES},
				    [LOCK_DESCRIPTOR] = {.kind = CHILD_STREAM_INHERITED,
							 .inherited = lock}},
		};

		process->handlers = *handlers;
		process->context = context;
		process->child = child_start(loop, &options, &child_handlers, process);
	}
	free(program);
	broker_environment_free(environment);
	if (process && !process->child) {
		free(process);
		return NULL;
	}
	return process;
}

int64_t broker_process_pid(const struct broker_process *process)
{
	return process ? child_pid(process->child) : 0;
}

void broker_process_kill(struct broker_process *process)
{
	child_signal(process->child, SIGKILL);
}

void broker_process_reload(struct broker_process *process)
{
	/* Before it says that it runs, the signal would end it. */
	process->reload_due = !process->runs;
	if (process->runs) {
		child_signal(process->child, SIGHUP);
	}
}

void broker_process_stop(struct broker_process *process)
{
	if (process) {
		child_stop(process->child);
	}
}
