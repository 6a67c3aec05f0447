/* SPDX-License-Identifier: MIT */
#include "gateway/children/painter.h"

#include "base/bytes.h"

#include <flagship/error.h>

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#define LENGTH_SIZE 4
#define SILENT      0x80000000U /* in a length: no answer is wanted (src/picture/main.c) */
#define SENTENCE    0x80000000U /* in that of an answer: it is text (src/webcam/main.c) */
#define READ_SIZE   65536

struct painter {
	uv_process_t process;
	uv_pipe_t input;
	uv_pipe_t output;
	unsigned int open; /* handles that are not closed yet */
	bool runs;
	bool over; /* closing */
	const struct painter_handlers *handlers;
	void *context;
	size_t owed;
	uint64_t owes_since_ms; /* the next one of them, on the loop's clock */
	uint8_t *answer;        /* with its length in front */
	size_t length;          /* of it, as far as it came */
	size_t capacity;
	char buffer[READ_SIZE];
};

/* --- its end --- */

static void on_painter_handle_closed(uv_handle_t *handle)
{
	struct painter *painter = handle->data;

	if (--painter->open == 0) {
		free(painter->answer);
		free(painter);
	}
}

static void close_painter_handle(uv_handle_t *handle)
{
	if (!uv_is_closing(handle)) {
		uv_close(handle, on_painter_handle_closed);
	}
}

/* Its process is waited for in any case: it would stay behind as a zombie. */
static void close_pipes(struct painter *painter)
{
	painter->over = true;
	close_painter_handle((uv_handle_t *)&painter->input);
	close_painter_handle((uv_handle_t *)&painter->output);
}

void painter_stop(struct painter *painter)
{
	if (painter && !painter->over) {
		if (painter->runs) {
			(void)uv_process_kill(&painter->process, SIGKILL);
		}
		close_pipes(painter);
	}
}

static void end_painter(struct painter *painter)
{
	if (!painter->over) {
		painter_stop(painter);
		painter->handlers->on_end(painter->context);
	}
}

static void on_painter_exit(uv_process_t *process, int64_t status, int signal_number)
{
	struct painter *painter = process->data;

	(void)status;
	(void)signal_number;
	painter->runs = false;
	end_painter(painter);
	close_painter_handle((uv_handle_t *)process);
}

/* --- what it answers --- */

static void on_painter_room(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer)
{
	struct painter *painter = handle->data;

	(void)suggested;
	*buffer = uv_buf_init(painter->buffer, sizeof(painter->buffer));
}

static bool make_answer_room(struct painter *painter, size_t capacity)
{
	if (capacity <= painter->capacity) {
		return true;
	}
	uint8_t *larger = realloc(painter->answer, capacity);
	if (larger) {
		painter->answer = larger;
		painter->capacity = capacity;
	}
	return larger != NULL;
}

/* How long the answer is that has begun, with its head; 0: too long. */
static size_t answer_size(const struct painter *painter)
{
	if (painter->length < LENGTH_SIZE) {
		return LENGTH_SIZE;
	}
	size_t length = bytes_read_u32be(painter->answer) & ~SENTENCE;
	return length > PAINTER_JPEG_MAX ? 0 : LENGTH_SIZE + length;
}

static bool take_answer(struct painter *painter, size_t length)
{
	const struct painter_handlers *handlers = painter->handlers;
	const uint8_t *bytes = painter->answer + LENGTH_SIZE;
	bool is_text = bytes_read_u32be(painter->answer) & SENTENCE;

	if (is_text && handlers->on_text) {
		handlers->on_text(painter->context, (const char *)bytes, length);
		return true;
	}
	if (is_text || (painter->owed == 0 && !handlers->on_text)) {
		return false;
	}
	painter->owed -= painter->owed > 0;
	painter->owes_since_ms = uv_now(painter->input.loop);
	handlers->on_picture(painter->context, bytes, length);
	return true;
}

static bool take_answers(struct painter *painter, const char *data, size_t length)
{
	while (!painter->over) {
		size_t wanted = answer_size(painter);

		if (painter->length >= LENGTH_SIZE && wanted == painter->length) {
			painter->length = 0;
			if (!take_answer(painter, wanted - LENGTH_SIZE)) {
				return false;
			}
			continue;
		}
		if (length == 0) {
			return true;
		}
		if (wanted == 0 || !make_answer_room(painter, wanted)) {
			return false;
		}
		size_t missing = wanted - painter->length;
		size_t some = length < missing ? length : missing;
		memcpy(painter->answer + painter->length, data, some);
		painter->length += some;
		data += some;
		length -= some;
	}
	return true;
}

static void on_painter_output(uv_stream_t *stream, ssize_t length, const uv_buf_t *buffer)
{
	struct painter *painter = stream->data;

	if (painter->over) {
		return;
	}
	if (length < 0 || !take_answers(painter, buffer->base, (size_t)length)) {
		end_painter(painter);
	}
}

/* --- its beginning --- */

static int spawn_painter(uv_loop_t *loop, struct painter *painter, const char *program,
			 const char *argument)
{
	char *arguments[] = {(char *)program, (char *)argument, NULL};
	uv_stdio_container_t streams[] = {
		{.flags = (uv_stdio_flags)(UV_CREATE_PIPE | UV_READABLE_PIPE),
		 .data.stream = (uv_stream_t *)&painter->input},
		{.flags = (uv_stdio_flags)(UV_CREATE_PIPE | UV_WRITABLE_PIPE),
		 .data.stream = (uv_stream_t *)&painter->output},
		{.flags = UV_IGNORE},
	};
	const uv_process_options_t process = {
		.exit_cb = on_painter_exit,
		.file = program,
		.args = arguments,
		.stdio = streams,
		.stdio_count = sizeof(streams) / sizeof(streams[0]),
		.flags = UV_PROCESS_DETACHED, /* Ctrl-C of the gateway is not its own */
	};

	return uv_spawn(loop, &painter->process, &process);
}

int painter_start(uv_loop_t *loop, const char *program, const char *argument,
		  const struct painter_handlers *handlers, void *context, struct painter **out,
		  struct problem *problem)
{
	struct painter *painter = calloc(1, sizeof(*painter));

	*out = NULL;
	if (!painter) {
		return problem_memory(problem);
	}
	painter->handlers = handlers;
	painter->context = context;
	uv_pipe_init(loop, &painter->input, 0);
	uv_pipe_init(loop, &painter->output, 0);
	painter->process.data = painter;
	painter->input.data = painter;
	painter->output.data = painter;
	painter->open = 3;
	int error = spawn_painter(loop, painter, program, argument);
	if (error) {
		problem_set(problem, "%s cannot be started: %s", program, uv_strerror(error));
		close_pipes(painter);
		close_painter_handle((uv_handle_t *)&painter->process);
		return FLAGSHIP_ERROR_ARGUMENT;
	}
	painter->runs = true;
	uv_read_start((uv_stream_t *)&painter->output, on_painter_room, on_painter_output);
	*out = painter;
	return 0;
}

/* --- what it is given --- */

struct fed_unit {
	uv_write_t request;
	uint8_t bytes[];
};

static void on_fed(uv_write_t *request, int status)
{
	(void)status;
	free((struct fed_unit *)(void *)request); /* its first member */
}

void painter_feed(struct painter *painter, const uint8_t *unit, size_t length, bool shown)
{
	struct fed_unit *fed = painter->over ? NULL : malloc(sizeof(*fed) + LENGTH_SIZE + length);

	if (!fed) {
		return;
	}
	bytes_write_u32be(fed->bytes, (uint32_t)length | (shown ? 0 : SILENT));
	memcpy(fed->bytes + LENGTH_SIZE, unit, length);
	uv_buf_t buffer = uv_buf_init((char *)fed->bytes, (unsigned int)(LENGTH_SIZE + length));
	if (uv_write(&fed->request, (uv_stream_t *)&painter->input, &buffer, 1, on_fed)) {
		free(fed);
		return;
	}
	if (shown && painter->owed++ == 0) {
		painter->owes_since_ms = uv_now(painter->input.loop);
	}
}

size_t painter_owed(const struct painter *painter)
{
	return painter->owed;
}

bool painter_is_stuck(const struct painter *painter)
{
	return painter && painter->owed > 0 &&
	       uv_now(painter->input.loop) - painter->owes_since_ms >= PAINTER_DUE_MS;
}

size_t painter_backlog(const struct painter *painter)
{
	return uv_stream_get_write_queue_size((const uv_stream_t *)&painter->input);
}
