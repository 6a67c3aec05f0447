/* SPDX-License-Identifier: MIT */
#include "daemon/run/child.h"

#include "transport/backoff.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHILD_LINE_MAX 2048
#define ASK_AGAIN_MS   100 /* it misses a signal that comes in its first moments */
#define KILL_AFTER_MS  1000
#define REASON_MAX     64

struct child {
	uv_loop_t *loop;
	struct child_handlers handlers;
	void *context;
	struct child_options options;
	uv_process_t process;
	uv_pipe_t lines;
	uv_timer_t timer; /* until the next start, or to the next signal of the end */
	bool lives;
	bool stopping;
	unsigned int open_handles; /* of process and lines of the present run */
	struct backoff backoff;
	uint64_t started_ms;
	uint64_t stop_ms;
	char reason[REASON_MAX];
	char buffer[CHILD_LINE_MAX];
	char line[CHILD_LINE_MAX];
	size_t line_length;
};

static void start(struct child *child);

static void free_list(char **list)
{
	for (size_t i = 0; list && list[i]; i++) {
		free(list[i]);
	}
	free(list);
}

static char **copy_list(char *const *list)
{
	size_t count = 0;

	while (list[count]) {
		count++;
	}
	char **copy = calloc(count + 1, sizeof(*copy));
	for (size_t i = 0; copy && i < count; i++) {
		copy[i] = strdup(list[i]);
		if (!copy[i]) {
			free_list(copy);
			return NULL;
		}
	}
	return copy;
}

static void free_child(struct child *child)
{
	free_list(child->options.arguments);
	free_list(child->options.environment);
	free(child);
}

static void on_child_timer_closed(uv_handle_t *handle)
{
	struct child *child = handle->data;
	struct child_handlers handlers = child->handlers;
	void *context = child->context;

	free_child(child);
	handlers.on_stopped(context);
}

static void on_start_again(uv_timer_t *timer)
{
	start(timer->data);
}

/* Process and lines are gone: what follows depends on why. */
static void run_is_over(struct child *child)
{
	if (child->stopping) {
		uv_close((uv_handle_t *)&child->timer, on_child_timer_closed);
		return;
	}
	backoff_note_end(&child->backoff, uv_now(child->loop) - child->started_ms);
	unsigned int wait_ms = backoff_next_ms(&child->backoff);
	uv_timer_start(&child->timer, on_start_again, wait_ms, 0);
	child->handlers.on_died(child->context, child->reason, wait_ms);
}

static void on_handle_closed(uv_handle_t *handle)
{
	struct child *child = handle->data;

	if (--child->open_handles == 0) {
		run_is_over(child);
	}
}

static void on_end(uv_process_t *process, int64_t status, int number)
{
	struct child *child = process->data;

	child->lives = false;
	if (number) {
		snprintf(child->reason, sizeof(child->reason), "signal %d", number);
	} else {
		snprintf(child->reason, sizeof(child->reason), "exit status %d", (int)status);
	}
	uv_close((uv_handle_t *)process, on_handle_closed);
}

static void take_line(struct child *child)
{
	child->line[child->line_length] = '\0';
	child->line_length = 0;
	if (child->line[0] != '\0') {
		child->handlers.on_line(child->context, child->line);
	}
}

static void on_read(uv_stream_t *stream, ssize_t length, const uv_buf_t *buffer)
{
	struct child *child = stream->data;

	if (length < 0) {
		take_line(child);
		uv_close((uv_handle_t *)stream, on_handle_closed);
		return;
	}
	for (ssize_t i = 0; i < length; i++) {
		if (buffer->base[i] == '\n') {
			take_line(child);
		} else if (child->line_length < sizeof(child->line) - 1) {
			child->line[child->line_length++] = buffer->base[i];
		}
	}
}

static void on_allocate(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer)
{
	struct child *child = handle->data;

	(void)suggested;
	*buffer = uv_buf_init(child->buffer, sizeof(child->buffer));
}

static void fill_streams(struct child *child, uv_stdio_container_t streams[CHILD_DESCRIPTORS])
{
	for (size_t i = 0; i < CHILD_DESCRIPTORS; i++) {
		streams[i] = (uv_stdio_container_t){.flags = UV_IGNORE};
		if (child->options.streams[i].kind == CHILD_STREAM_INHERITED) {
			streams[i].flags = UV_INHERIT_FD;
			streams[i].data.fd = child->options.streams[i].inherited;
		} else if (child->options.streams[i].kind == CHILD_STREAM_LINES) {
			streams[i].flags = (uv_stdio_flags)(UV_CREATE_PIPE | UV_READABLE_PIPE |
							    UV_WRITABLE_PIPE);
			streams[i].data.stream = (uv_stream_t *)&child->lines;
		}
	}
}

static void start(struct child *child)
{
	uv_stdio_container_t streams[CHILD_DESCRIPTORS];
	const uv_process_options_t options = {
		.exit_cb = on_end,
		.file = child->options.arguments[0],
		.args = child->options.arguments,
		.env = child->options.environment,
		.stdio = streams,
		.stdio_count = CHILD_DESCRIPTORS,
	};

	fill_streams(child, streams);
	uv_pipe_init(child->loop, &child->lines, 0);
	child->lines.data = child;
	child->process.data = child;
	child->line_length = 0;
	child->started_ms = uv_now(child->loop);
	child->open_handles = 2;
	int error = uv_spawn(child->loop, &child->process, &options);
	if (error) {
		snprintf(child->reason, sizeof(child->reason), "%s", uv_strerror(error));
		uv_close((uv_handle_t *)&child->process, on_handle_closed);
		uv_close((uv_handle_t *)&child->lines, on_handle_closed);
		return;
	}
	child->lives = true;
	uv_read_start((uv_stream_t *)&child->lines, on_allocate, on_read);
}

struct child *child_start(uv_loop_t *loop, const struct child_options *options,
			  const struct child_handlers *handlers, void *context)
{
	struct child *child = calloc(1, sizeof(*child));

	if (!child) {
		return NULL;
	}
	child->options = *options;
	child->options.arguments = copy_list(options->arguments);
	child->options.environment = options->environment ? copy_list(options->environment) : NULL;
	if (!child->options.arguments || (options->environment && !child->options.environment)) {
		free_child(child);
		return NULL;
	}
	if (options->kill_after_ms == 0) {
		child->options.kill_after_ms = KILL_AFTER_MS;
	}
	child->loop = loop;
	child->handlers = *handlers;
	child->context = context;
	backoff_init(&child->backoff, (uint64_t)uv_hrtime());
	uv_timer_init(loop, &child->timer);
	child->timer.data = child;
	start(child);
	return child;
}

int64_t child_pid(const struct child *child)
{
	return child && child->lives ? uv_process_get_pid(&child->process) : 0;
}

void child_signal(struct child *child, int number)
{
	if (child->lives) {
		uv_process_kill(&child->process, number);
	}
}

static void ask_to_end(uv_timer_t *timer)
{
	struct child *child = timer->data;
	bool late = uv_now(child->loop) - child->stop_ms >= child->options.kill_after_ms;

	child_signal(child, late ? SIGKILL : SIGTERM);
}

void child_stop(struct child *child)
{
	if (!child || child->stopping) {
		return;
	}
	child->stopping = true;
	child->stop_ms = uv_now(child->loop);
	if (child->open_handles == 0) {
		uv_timer_stop(&child->timer);
		uv_close((uv_handle_t *)&child->timer, on_child_timer_closed);
		return;
	}
	ask_to_end(&child->timer);
	uv_timer_start(&child->timer, ask_to_end, ASK_AGAIN_MS, ASK_AGAIN_MS);
}
