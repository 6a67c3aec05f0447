/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* syscall */
#include "cli/watch/exec_queue.h"

#include "cli/kit/cli.h"
#include "cli/output/print.h"

#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define SHELL      "/bin/sh"
#define OWN_PREFIX "FLAGSHIP_"

/* CLOSE_RANGE_CLOEXEC, which older headers lack. */
#define CLOSE_ON_EXEC_ONLY (1U << 2)

/* Where the system has no close_range. */
#define DESCRIPTORS_MAX 4096

extern char **environ;

struct exec_item {
	struct exec_item *next;
	char **environment; /* NULL-terminated, each of its own */
};

/* Ours that a flagship in the command needs too. All others may be secrets. */
static const char *const kept[] = {"FLAGSHIP_COLOUR=", "FLAGSHIP_EXEC_PATH="};

static void start_next(struct exec_queue *queue);

static void free_environment(char **environment)
{
	for (size_t i = 0; environment && environment[i]; i++) {
		free(environment[i]);
	}
	free(environment);
}

static void free_item(struct exec_item *item)
{
	free_environment(item->environment);
	free(item);
}

static bool may_pass(const char *variable)
{
	if (strncmp(variable, OWN_PREFIX, strlen(OWN_PREFIX)) != 0) {
		return true;
	}
	for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++) {
		if (strncmp(variable, kept[i], strlen(kept[i])) == 0) {
			return true;
		}
	}
	return false;
}

/* A command may print what it is given: nothing in it is raw. */
static char *join(const struct exec_variable *variable)
{
	const char *value = variable->value ? variable->value : "";
	char *text = NULL;
	size_t length;
	FILE *stream = open_memstream(&text, &length);

	if (!stream) {
		return NULL;
	}
	fprintf(stream, "%s=", variable->name);
	if (variable->json) {
		print_json(stream, value, strlen(value));
	} else {
		print_text(stream, false, value, strlen(value), false);
	}
	if (fclose(stream) != 0) {
		free(text);
		return NULL;
	}
	return text;
}

static char **make_environment(const struct exec_variable *variables, size_t count)
{
	size_t inherited = 0;
	size_t used = 0;
	char **environment;

	while (environ[inherited]) {
		inherited++;
	}
	environment = calloc(inherited + count + 1, sizeof(*environment));
	for (size_t i = 0; environment && i < inherited + count; i++) {
		if (i < inherited && !may_pass(environ[i])) {
			continue;
		}
		environment[used] = i < inherited ? strdup(environ[i])
						  : join(&variables[i - inherited]);
		if (!environment[used++]) {
			free_environment(environment);
			return NULL;
		}
	}
	return environment;
}

void exec_queue_open(struct exec_queue *queue, uv_loop_t *loop, const char *command)
{
	*queue = (struct exec_queue){
		.command = command,
		.loop = loop,
		.limit_ms = EXEC_LIMIT_MS,
		.kill_after_ms = EXEC_KILL_AFTER_MS,
	};
	if (command && uv_timer_init(loop, &queue->limit) == 0) {
		queue->limit.data = queue;
		queue->opened = true;
	}
}

static void close_if_done(struct exec_queue *queue)
{
	if (queue->opened && queue->finished && !queue->running && !queue->first) {
		queue->opened = false;
		uv_close((uv_handle_t *)&queue->limit, NULL);
	}
}

/* The command is the leader of a group of its own, so that all of it ends. */
static void signal_command(const struct exec_queue *queue, int number)
{
	if (queue->running && queue->process.pid > 0) {
		kill(-queue->process.pid, number);
	}
}

static void handle_limit(uv_timer_t *timer)
{
	struct exec_queue *queue = timer->data;

	if (!queue->limit_passed && !queue->finished) {
		cli_warn("--exec: a command took longer than %" PRId64 " s and is ended",
			 queue->limit_ms / 1000);
	}
	signal_command(queue, queue->limit_passed ? SIGKILL : SIGTERM);
	queue->limit_passed = true;
	uv_timer_start(&queue->limit, handle_limit, (uint64_t)queue->kill_after_ms, 0);
}

static void handle_closed(uv_handle_t *handle)
{
	struct exec_queue *queue = handle->data;

	queue->running = false;
	start_next(queue);
}

static void handle_exit(uv_process_t *process, int64_t status, int number)
{
	struct exec_queue *queue = process->data;

	uv_timer_stop(&queue->limit);
	if (queue->limit_passed) {
		signal_command(queue, SIGKILL);
	} else if (number != 0) {
		cli_warn("--exec: the command was ended by signal %d", number);
	} else if (status) {
		cli_warn("--exec: the command ended with exit status %d", (int)status);
	}
	uv_close((uv_handle_t *)process, handle_closed);
}

/* What libraries opened without that flag, such as the connections, is not for commands. */
static void keep_files_to_ourselves(void)
{
#ifdef SYS_close_range
	if (syscall(SYS_close_range, STDERR_FILENO + 1, ~0U, CLOSE_ON_EXEC_ONLY) == 0) {
		return;
	}
#endif
	for (int descriptor = STDERR_FILENO + 1; descriptor < DESCRIPTORS_MAX; descriptor++) {
		int flags = fcntl(descriptor, F_GETFD);

		if (flags >= 0) {
			fcntl(descriptor, F_SETFD, flags | FD_CLOEXEC);
		}
	}
}

static void start(struct exec_queue *queue, const struct exec_item *item)
{
	char *arguments[] = {"sh", "-c", (char *)queue->command, NULL};
	uv_stdio_container_t streams[] = {
		{.flags = UV_IGNORE},
		{.flags = UV_INHERIT_FD, .data.fd = STDERR_FILENO},
		{.flags = UV_INHERIT_FD, .data.fd = STDERR_FILENO},
	};
	const uv_process_options_t options = {
		.exit_cb = handle_exit,
		.file = SHELL,
		.args = arguments,
		.env = item->environment,
		.flags = UV_PROCESS_DETACHED,
		.stdio_count = sizeof(streams) / sizeof(streams[0]),
		.stdio = streams,
	};

	fflush(stdout);
	keep_files_to_ourselves();
	queue->running = true;
	queue->limit_passed = false;
	queue->process.data = queue;
	int error = uv_spawn(queue->loop, &queue->process, &options);
	if (error) {
		cli_warn("--exec: cannot run " SHELL ": %s", uv_strerror(error));
		uv_close((uv_handle_t *)&queue->process, handle_closed);
		return;
	}
	uv_timer_start(&queue->limit, handle_limit, (uint64_t)queue->limit_ms, 0);
}

static void start_next(struct exec_queue *queue)
{
	struct exec_item *item = queue->first;

	if (!item || queue->running) {
		close_if_done(queue);
		return;
	}
	queue->first = item->next;
	queue->last = item->next ? queue->last : NULL;
	queue->waiting--;
	start(queue, item);
	free_item(item);
}

void exec_queue_add(struct exec_queue *queue, const struct exec_variable *variables, size_t count)
{
	struct exec_item *item;

	if (!queue->opened || queue->finished) {
		return;
	}
	if (queue->waiting == EXEC_WAITING_MAX) {
		if (!queue->dropped) {
			cli_warn("--exec: %d events wait for the command; it is not run for more "
				 "until some are done",
				 EXEC_WAITING_MAX);
		}
		queue->dropped = true;
		return;
	}
	item = calloc(1, sizeof(*item));
	if (item) {
		item->environment = make_environment(variables, count);
	}
	if (!item || !item->environment) {
		free(item);
		cli_warn("--exec: out of memory; the command is not run");
		return;
	}
	queue->dropped = false;
	if (queue->last) {
		queue->last->next = item;
	} else {
		queue->first = item;
	}
	queue->last = item;
	queue->waiting++;
	start_next(queue);
}

void exec_queue_finish(struct exec_queue *queue, bool at_once)
{
	if (!queue->opened) {
		return;
	}
	queue->finished = true;
	while (at_once && queue->first) {
		struct exec_item *next = queue->first->next;

		free_item(queue->first);
		queue->first = next;
	}
	if (at_once) {
		queue->last = NULL;
		queue->waiting = 0;
		if (queue->running && !uv_is_closing((uv_handle_t *)&queue->process)) {
			handle_limit(&queue->limit);
		}
	}
	close_if_done(queue);
}
