/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* environ */

#include "cloud/broker/process.h"

#include "transport/backoff.h"

#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PRELOAD        "LD_PRELOAD"
#define SEPARATORS     " :\t"
#define LINE_MAX_BYTES 2048
#define ASK_AGAIN_MS   100 /* it misses a signal that comes in its first moments */
#define KILL_AFTER_MS  1000
#define STEADY_MS      30000 /* having run so long, a death counts as the first one */
#define RUNNING_TEXT   "mosquitto version"
#define RUNNING_END    "running"
#define REASON_MAX     64

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
	uv_loop_t *loop;
	struct broker_process_handlers handlers;
	void *context;
	char *configuration;
	char *program;
	char **environment;
	uv_process_t child;
	uv_pipe_t log;
	uv_timer_t timer; /* until the next start, or to the next signal of the end */
	bool child_lives;
	bool runs;       /* it said so, and takes signals as it should */
	bool reload_due; /* when it does */
	int lock;
	bool stopping;
	unsigned int open_handles; /* of child and log of the present run */
	struct backoff backoff;
	uint64_t started_ms;
	uint64_t stop_ms;
	char reason[REASON_MAX];
	char buffer[LINE_MAX_BYTES];
	char line[LINE_MAX_BYTES];
	size_t line_length;
};

static void start_child(struct broker_process *process);

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

static void free_parts(struct broker_process *process)
{
	free(process->configuration);
	free(process->program);
	broker_environment_free(process->environment);
	free(process);
}

static void free_process(uv_handle_t *handle)
{
	struct broker_process *process = handle->data;
	struct broker_process_handlers handlers = process->handlers;
	void *context = process->context;

	free_parts(process);
	handlers.on_stopped(context);
}

static void on_start_again(uv_timer_t *timer)
{
	start_child(timer->data);
}

/* Child and log are gone: what follows depends on why. */
static void run_is_over(struct broker_process *process)
{
	uint64_t ran_ms = uv_now(process->loop) - process->started_ms;

	if (process->stopping) {
		uv_close((uv_handle_t *)&process->timer, free_process);
		return;
	}
	if (ran_ms >= STEADY_MS) {
		backoff_reset(&process->backoff);
	}
	unsigned int wait_ms = backoff_next_ms(&process->backoff);
	process->handlers.on_died(process->context, process->reason, wait_ms);
	if (!process->stopping) {
		uv_timer_start(&process->timer, on_start_again, wait_ms, 0);
	}
}

static void on_handle_closed(uv_handle_t *handle)
{
	struct broker_process *process = handle->data;

	if (--process->open_handles == 0) {
		run_is_over(process);
	}
}

static void on_child_end(uv_process_t *child, int64_t status, int term_signal)
{
	struct broker_process *process = child->data;

	process->child_lives = false;
	process->runs = false;
	if (term_signal) {
		snprintf(process->reason, sizeof(process->reason), "signal %d", term_signal);
	} else {
		snprintf(process->reason, sizeof(process->reason), "exit status %d", (int)status);
	}
	uv_close((uv_handle_t *)child, on_handle_closed);
}

static void take_line(struct broker_process *process)
{
	process->line[process->line_length] = '\0';
	process->line_length = 0;
	if (process->line[0] == '\0') {
		return;
	}
	process->handlers.on_line(process->context, process->line);
	if (strstr(process->line, RUNNING_TEXT) && strstr(process->line, RUNNING_END)) {
		process->runs = true;
		if (process->reload_due) {
			broker_process_reload(process);
		}
		process->handlers.on_running(process->context);
	}
}

static void on_read(uv_stream_t *stream, ssize_t length, const uv_buf_t *buffer)
{
	struct broker_process *process = stream->data;

	if (length < 0) {
		take_line(process);
		uv_close((uv_handle_t *)stream, on_handle_closed);
		return;
	}
	for (ssize_t i = 0; i < length; i++) {
		if (buffer->base[i] == '\n') {
			take_line(process);
		} else if (process->line_length < sizeof(process->line) - 1) {
			process->line[process->line_length++] = buffer->base[i];
		}
	}
}

static void on_allocate(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer)
{
	struct broker_process *process = handle->data;

	(void)suggested;
	*buffer = uv_buf_init(process->buffer, sizeof(process->buffer));
}

static void start_child(struct broker_process *process)
{
	char *arguments[] = {process->program, "-c", process->configuration, NULL};
	uv_stdio_container_t streams[] = {
		{.flags = UV_IGNORE},
		{.flags = UV_IGNORE},
		{.flags = (uv_stdio_flags)(UV_CREATE_PIPE | UV_WRITABLE_PIPE),
		 .data.stream = (uv_stream_t *)&process->log},
		{.flags = UV_INHERIT_FD, .data.fd = process->lock},
	};
	uv_process_options_t options = {
		.exit_cb = on_child_end,
		.file = process->program,
		.args = arguments,
		.env = process->environment,
		.stdio = streams,
		.stdio_count = sizeof(streams) / sizeof(streams[0]),
	};

	uv_pipe_init(process->loop, &process->log, 0);
	process->log.data = process;
	process->child.data = process;
	process->line_length = 0;
	process->reload_due = false;
	process->started_ms = uv_now(process->loop);
	process->open_handles = 2;
	int error = uv_spawn(process->loop, &process->child, &options);
	if (error) {
		snprintf(process->reason, sizeof(process->reason), "%s", uv_strerror(error));
		uv_close((uv_handle_t *)&process->child, on_handle_closed);
		uv_close((uv_handle_t *)&process->log, on_handle_closed);
		return;
	}
	process->child_lives = true;
	uv_read_start((uv_stream_t *)&process->log, on_allocate, on_read);
}

struct broker_process *broker_process_start(uv_loop_t *loop, const char *configuration,
					    const char *plugin, int lock,
					    const struct broker_process_handlers *handlers,
					    void *context, const char **problem)
{
	struct broker_process *process = calloc(1, sizeof(*process));

	*problem = "out of memory";
	if (!process) {
		return NULL;
	}
	process->configuration = strdup(configuration);
	process->program = find_program();
	process->environment = broker_environment(plugin);
	if (!process->configuration || !process->program || !process->environment) {
		*problem = process->program ? "out of memory"
					    : "mosquitto, the MQTT broker, is not installed";
		free_parts(process);
		return NULL;
	}
	process->loop = loop;
	process->lock = lock;
	process->handlers = *handlers;
	process->context = context;
	backoff_init(&process->backoff, (uint64_t)uv_hrtime());
	uv_timer_init(loop, &process->timer);
	process->timer.data = process;
	start_child(process);
	return process;
}

int64_t broker_process_pid(const struct broker_process *process)
{
	return process && process->child_lives ? uv_process_get_pid(&process->child) : 0;
}

void broker_process_kill(struct broker_process *process)
{
	if (process->child_lives) {
		uv_process_kill(&process->child, SIGKILL);
	}
}

void broker_process_reload(struct broker_process *process)
{
	/* Before it says that it runs, the signal would end it. */
	process->reload_due = !process->runs;
	if (process->runs && process->child_lives) {
		uv_process_kill(&process->child, SIGHUP);
	}
}

static void ask_to_end(uv_timer_t *timer)
{
	struct broker_process *process = timer->data;
	bool late = uv_now(process->loop) - process->stop_ms >= KILL_AFTER_MS;

	if (process->child_lives) {
		uv_process_kill(&process->child, late ? SIGKILL : SIGTERM);
	}
}

void broker_process_stop(struct broker_process *process)
{
	if (!process || process->stopping) {
		return;
	}
	process->stopping = true;
	process->stop_ms = uv_now(process->loop);
	if (process->open_handles == 0) {
		uv_timer_stop(&process->timer);
		uv_close((uv_handle_t *)&process->timer, free_process);
		return;
	}
	ask_to_end(&process->timer);
	uv_timer_start(&process->timer, ask_to_end, ASK_AGAIN_MS, ASK_AGAIN_MS);
}
