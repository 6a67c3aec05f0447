/* SPDX-License-Identifier: MIT */
#include "gateway/children/program.h"

#include "gateway/children/spawn.h"

#include <flagship/error.h>

#include <openssl/crypto.h>

#include <stdlib.h>
#include <string.h>

#define CHUNK_SIZE 16384
#define GRACE_MS   1000 /* for what was written before it ended */
#define PREFIX     "flagship: "
#define WARNING    PREFIX "warning: "

struct program {
	uv_process_t process;
	uv_pipe_t input;
	uv_pipe_t output;
	uv_pipe_t errors;
	uv_timer_t timer;
	unsigned int open; /* handles that are not closed yet */
	unsigned int reading;
	bool runs;
	bool killed; /* by us, or nobody cares any more */
	bool over;   /* closing */
	bool only_lines;
	struct program_end end;
	void (*on_line)(void *context, const char *line);
	void (*on_end)(void *context, const struct program_end *end);
	void *context;
	char *text; /* of its output */
	size_t capacity;
	size_t line_begin;
	char error_line[PROGRAM_REASON_MAX];
	size_t error_length;
	char reason[PROGRAM_REASON_MAX];
	char buffer[CHUNK_SIZE];
};

/* --- its end --- */

static void on_handle_closed(uv_handle_t *handle)
{
	struct program *child = handle->data;

	if (--child->open > 0) {
		return;
	}
	if (child->on_end) {
		child->end.reason = child->reason;
		child->end.output = child->text ? child->text : "";
		child->on_end(child->context, &child->end);
	}
	if (child->text) {
		OPENSSL_cleanse(child->text, child->capacity);
	}
	free(child->text);
	OPENSSL_cleanse(child->buffer, sizeof(child->buffer));
	free(child);
}

static void close_handle(uv_handle_t *handle)
{
	if (!uv_is_closing(handle)) {
		uv_close(handle, on_handle_closed);
	}
}

/* Its process is waited for in any case: it would stay behind as a zombie. */
static void close_streams(struct program *child)
{
	child->over = true;
	close_handle((uv_handle_t *)&child->input);
	close_handle((uv_handle_t *)&child->output);
	close_handle((uv_handle_t *)&child->errors);
	close_handle((uv_handle_t *)&child->timer);
}

/* With whatever it has started itself. */
static void kill_group(struct program *child)
{
	if (child->runs && !child->killed) {
		child->killed = true;
		spawn_kill(&child->process);
	}
}

static void break_off(struct program *child, enum program_ending ending)
{
	if (!child->over) {
		child->end.ending = ending;
		kill_group(child);
		close_streams(child);
	}
}

static void on_timer(uv_timer_t *timer)
{
	struct program *child = timer->data;

	if (child->runs) {
		break_off(child, PROGRAM_TIMED_OUT);
	} else {
		close_streams(child);
	}
}

static void on_exit_of(uv_process_t *process, int64_t status, int signal_number)
{
	struct program *child = process->data;

	child->runs = false;
	if (!child->killed) {
		child->end.ending = signal_number ? PROGRAM_CRASHED : PROGRAM_EXITED;
		child->end.status = (int)status;
	}
	close_handle((uv_handle_t *)process);
	if (child->reading == 0) {
		close_streams(child);
	} else if (!child->over) {
		/* Somebody else may hold the ends of its pipes. */
		uv_timer_start(&child->timer, on_timer, GRACE_MS, 0);
	}
}

/* --- what it says --- */

static void on_allocate(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer)
{
	struct program *child = handle->data;

	(void)suggested;
	*buffer = uv_buf_init(child->buffer, sizeof(child->buffer));
}

static void on_stream_end(struct program *child)
{
	if (--child->reading == 0 && !child->runs) {
		close_streams(child);
	}
}

/* As realloc, but nothing stays behind in what is given up. */
static bool make_room(struct program *child, size_t length)
{
	size_t wanted = child->end.length + length + 1;
	size_t capacity = child->capacity ? child->capacity : CHUNK_SIZE;

	if (wanted <= child->capacity) {
		return true;
	}
	while (capacity < wanted) {
		capacity *= 2;
	}
	char *text = malloc(capacity);
	if (!text) {
		return false;
	}
	if (child->text) {
		memcpy(text, child->text, child->end.length);
		OPENSSL_cleanse(child->text, child->capacity);
	}
	free(child->text);
	child->text = text;
	child->capacity = capacity;
	return true;
}

static void report_lines(struct program *child)
{
	char *end;

	while (child->on_line && !child->over &&
	       (end = strchr(child->text + child->line_begin, '\n'))) {
		const char *line = child->text + child->line_begin;

		*end = '\0';
		child->line_begin = (size_t)(end - child->text) + 1;
		child->on_line(child->context, line);
		*end = '\n';
	}
}

/* Those that were told. */
static void forget_lines(struct program *child)
{
	size_t rest = child->end.length - child->line_begin;

	memmove(child->text, child->text + child->line_begin, rest + 1);
	OPENSSL_cleanse(child->text + rest + 1, child->line_begin);
	child->end.length = rest;
	child->line_begin = 0;
}

static void on_output(uv_stream_t *stream, ssize_t length, const uv_buf_t *buffer)
{
	struct program *child = stream->data;

	if (child->over || length == 0) {
		return;
	}
	if (length < 0) {
		uv_read_stop(stream);
		on_stream_end(child);
		return;
	}
	if (child->end.length + (size_t)length > PROGRAM_OUTPUT_MAX ||
	    !make_room(child, (size_t)length)) {
		break_off(child, PROGRAM_TALKED_TOO_MUCH);
		return;
	}
	memcpy(child->text + child->end.length, buffer->base, (size_t)length);
	child->end.length += (size_t)length;
	child->text[child->end.length] = '\0';
	report_lines(child);
	if (child->only_lines) {
		forget_lines(child);
	}
}

/* What it did before and what is missing are lines, too: the last one says why it ended. */
static void take_error_line(struct program *child)
{
	const char *line = child->error_line;

	child->error_line[child->error_length] = '\0';
	child->error_length = 0;
	if (strncmp(line, PREFIX, strlen(PREFIX)) == 0 &&
	    strncmp(line, WARNING, strlen(WARNING)) != 0) {
		line += strlen(PREFIX);
		memcpy(child->reason, line, strlen(line) + 1);
	}
}

static void on_errors(uv_stream_t *stream, ssize_t length, const uv_buf_t *buffer)
{
	struct program *child = stream->data;

	if (child->over) {
		return;
	}
	for (ssize_t i = 0; i < length; i++) {
		if (buffer->base[i] == '\n') {
			take_error_line(child);
		} else if (child->error_length < sizeof(child->error_line) - 1) {
			child->error_line[child->error_length++] = buffer->base[i];
		}
	}
	if (length < 0) {
		uv_read_stop(stream);
		on_stream_end(child);
	}
}

/* --- its beginning --- */

static void open_handles(struct program *child, uv_loop_t *loop)
{
	uv_pipe_init(loop, &child->input, 0);
	uv_pipe_init(loop, &child->output, 0);
	uv_pipe_init(loop, &child->errors, 0);
	uv_timer_init(loop, &child->timer);
	child->process.data = child;
	child->input.data = child;
	child->output.data = child;
	child->errors.data = child;
	child->timer.data = child;
	child->open = 4; /* and the process, once it is one */
}

int program_start(uv_loop_t *loop, const struct program_options *options, struct program **out,
		  struct problem *problem)
{
	struct program *child = calloc(1, sizeof(*child));

	*out = NULL;
	if (!child) {
		return problem_memory(problem);
	}
	open_handles(child, loop);
	child->open++; /* uv_spawn makes the process a handle whether it succeeds or not */
	int error = spawn_program(loop, &child->process, options->program, options->arguments,
				  &(struct spawn_pipes){.input = &child->input,
							.output = &child->output,
							.errors = &child->errors},
				  on_exit_of);
	if (error) {
		problem_set(problem, "%s cannot be started: %s", options->program,
			    uv_strerror(error));
		close_streams(child);
		close_handle((uv_handle_t *)&child->process);
		return FLAGSHIP_ERROR_ARGUMENT;
	}
	child->runs = true;
	child->on_line = options->on_line;
	child->only_lines = options->only_lines;
	child->on_end = options->on_end;
	child->context = options->context;
	child->reading = 2;
	uv_read_start((uv_stream_t *)&child->output, on_allocate, on_output);
	uv_read_start((uv_stream_t *)&child->errors, on_allocate, on_errors);
	program_set_timeout(child, options->timeout_ms);
	*out = child;
	return 0;
}

/* --- what it is told --- */

struct written {
	uv_write_t request;
	size_t length;
	char text[];
};

static void on_written(uv_write_t *request, int status)
{
	struct written *written = (struct written *)(void *)request; /* its first member */

	(void)status;
	OPENSSL_cleanse(written->text, written->length);
	free(written);
}

void program_write(struct program *child, const char *text, size_t length)
{
	struct written *written = malloc(sizeof(*written) + length);

	if (!written) {
		program_end_input(child);
		return;
	}
	written->length = length;
	memcpy(written->text, text, length);
	uv_buf_t buffer = uv_buf_init(written->text, (unsigned int)length);
	if (child->over ||
	    uv_write(&written->request, (uv_stream_t *)&child->input, &buffer, 1, on_written)) {
		on_written(&written->request, 0);
	}
}

static void on_shutdown(uv_shutdown_t *request, int status)
{
	(void)status;
	struct program *child = request->handle->data;

	close_handle((uv_handle_t *)&child->input);
	free(request);
}

void program_end_input(struct program *child)
{
	uv_shutdown_t *request = malloc(sizeof(*request));

	if (!request || child->over ||
	    uv_shutdown(request, (uv_stream_t *)&child->input, on_shutdown)) {
		free(request);
		close_handle((uv_handle_t *)&child->input);
	}
}

void program_set_timeout(struct program *child, int64_t timeout_ms)
{
	if (child->runs && !child->over) {
		uv_timer_start(&child->timer, on_timer, (uint64_t)timeout_ms, 0);
	}
}

void program_kill(struct program *child)
{
	if (!child) {
		return;
	}
	child->on_end = NULL;
	child->on_line = NULL;
	kill_group(child);
	if (!child->over) {
		close_streams(child);
	}
}
