/* SPDX-License-Identifier: MIT */
#include "gateway/children/converter.h"

#include "base/bytes.h"
#include "gateway/children/spawn.h"

#include <flagship/error.h>

#include <stdlib.h>
#include <string.h>

#define LENGTH_SIZE 4
#define SILENT      0x80000000U /* in a length: no answer is wanted (src/picture/main.c) */
#define SENTENCE    0x80000000U /* in that of an answer: it is text (base/process/records.h) */
#define READ_SIZE   65536

struct converter {
	uv_process_t process;
	uv_pipe_t input;
	uv_pipe_t output;
	unsigned int open; /* handles that are not closed yet */
	bool runs;
	bool over; /* closing */
	const struct converter_handlers *handlers;
	void *context;
	size_t owed;
	uint64_t owes_since_ms; /* the next one of them, on the loop's clock */
	uint8_t *answer;        /* with its length in front */
	size_t length;          /* of it, as far as it came */
	size_t capacity;
	char buffer[READ_SIZE];
};

/* --- its end --- */

static void on_converter_handle_closed(uv_handle_t *handle)
{
	struct converter *converter = handle->data;

	if (--converter->open == 0) {
		free(converter->answer);
		free(converter);
	}
}

static void close_converter_handle(uv_handle_t *handle)
{
	if (!uv_is_closing(handle)) {
		uv_close(handle, on_converter_handle_closed);
	}
}

/* Its process is waited for in any case: it would stay behind as a zombie. */
static void close_pipes(struct converter *converter)
{
	converter->over = true;
	close_converter_handle((uv_handle_t *)&converter->input);
	close_converter_handle((uv_handle_t *)&converter->output);
}

void converter_stop(struct converter *converter)
{
	if (converter && !converter->over) {
		if (converter->runs) {
			spawn_kill(&converter->process);
		}
		close_pipes(converter);
	}
}

static void end_converter(struct converter *converter)
{
	if (!converter->over) {
		converter_stop(converter);
		converter->handlers->on_end(converter->context);
	}
}

static void on_converter_exit(uv_process_t *process, int64_t status, int signal_number)
{
	struct converter *converter = process->data;

	(void)status;
	(void)signal_number;
	converter->runs = false;
	end_converter(converter);
	close_converter_handle((uv_handle_t *)process);
}

/* --- what it answers --- */

static void on_converter_room(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer)
{
	struct converter *converter = handle->data;

	(void)suggested;
	*buffer = uv_buf_init(converter->buffer, sizeof(converter->buffer));
}

static bool make_answer_room(struct converter *converter, size_t capacity)
{
	if (capacity <= converter->capacity) {
		return true;
	}
	uint8_t *larger = realloc(converter->answer, capacity);
	if (larger) {
		converter->answer = larger;
		converter->capacity = capacity;
	}
	return larger != NULL;
}

/* How long the answer is that has begun, with its head; 0: too long. */
static size_t answer_size(const struct converter *converter)
{
	if (converter->length < LENGTH_SIZE) {
		return LENGTH_SIZE;
	}
	size_t length = bytes_read_u32be(converter->answer) & ~SENTENCE;
	return length > CONVERTER_JPEG_MAX ? 0 : LENGTH_SIZE + length;
}

static bool take_answer(struct converter *converter, size_t length)
{
	const struct converter_handlers *handlers = converter->handlers;
	const uint8_t *bytes = converter->answer + LENGTH_SIZE;
	bool is_text = bytes_read_u32be(converter->answer) & SENTENCE;

	if (is_text && handlers->on_text) {
		handlers->on_text(converter->context, (const char *)bytes, length);
		return true;
	}
	if (is_text || (converter->owed == 0 && !handlers->on_text)) {
		return false;
	}
	converter->owed -= converter->owed > 0;
	converter->owes_since_ms = uv_now(converter->input.loop);
	handlers->on_picture(converter->context, bytes, length);
	return true;
}

static bool take_answers(struct converter *converter, const char *data, size_t length)
{
	while (!converter->over) {
		size_t wanted = answer_size(converter);

		if (converter->length >= LENGTH_SIZE && wanted == converter->length) {
			converter->length = 0;
			if (!take_answer(converter, wanted - LENGTH_SIZE)) {
				return false;
			}
			continue;
		}
		if (length == 0) {
			return true;
		}
		if (wanted == 0 || !make_answer_room(converter, wanted)) {
			return false;
		}
		size_t missing = wanted - converter->length;
		size_t some = length < missing ? length : missing;
		memcpy(converter->answer + converter->length, data, some);
		converter->length += some;
		data += some;
		length -= some;
	}
	return true;
}

static void on_converter_output(uv_stream_t *stream, ssize_t length, const uv_buf_t *buffer)
{
	struct converter *converter = stream->data;

	if (converter->over) {
		return;
	}
	if (length < 0 || !take_answers(converter, buffer->base, (size_t)length)) {
		end_converter(converter);
	}
}

/* --- its beginning --- */

int converter_start(uv_loop_t *loop, const char *program, const char *argument,
		    const struct converter_handlers *handlers, void *context,
		    struct converter **out, struct problem *problem)
{
	struct converter *converter = calloc(1, sizeof(*converter));

	*out = NULL;
	if (!converter) {
		return problem_memory(problem);
	}
	converter->handlers = handlers;
	converter->context = context;
	uv_pipe_init(loop, &converter->input, 0);
	uv_pipe_init(loop, &converter->output, 0);
	converter->process.data = converter;
	converter->input.data = converter;
	converter->output.data = converter;
	converter->open = 3;
	int error = spawn_program(
		loop, &converter->process, program, (const char *const[]){argument, NULL},
		&(struct spawn_pipes){.input = &converter->input, .output = &converter->output},
		on_converter_exit);
	if (error) {
		problem_set(problem, "%s cannot be started: %s", program, uv_strerror(error));
		close_pipes(converter);
		close_converter_handle((uv_handle_t *)&converter->process);
		return FLAGSHIP_ERROR_ARGUMENT;
	}
	converter->runs = true;
	uv_read_start((uv_stream_t *)&converter->output, on_converter_room, on_converter_output);
	*out = converter;
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

void converter_feed(struct converter *converter, const uint8_t *unit, size_t length, bool shown)
{
	struct fed_unit *fed = converter->over ? NULL : malloc(sizeof(*fed) + LENGTH_SIZE + length);

	if (!fed) {
		return;
	}
	bytes_write_u32be(fed->bytes, (uint32_t)length | (shown ? 0 : SILENT));
	memcpy(fed->bytes + LENGTH_SIZE, unit, length);
	uv_buf_t buffer = uv_buf_init((char *)fed->bytes, (unsigned int)(LENGTH_SIZE + length));
	if (uv_write(&fed->request, (uv_stream_t *)&converter->input, &buffer, 1, on_fed)) {
		free(fed);
		return;
	}
	if (shown && converter->owed++ == 0) {
		converter->owes_since_ms = uv_now(converter->input.loop);
	}
}

size_t converter_owed(const struct converter *converter)
{
	return converter->owed;
}

bool converter_is_stuck(const struct converter *converter)
{
	return converter && converter->owed > 0 &&
	       uv_now(converter->input.loop) - converter->owes_since_ms >= CONVERTER_DUE_MS;
}

size_t converter_backlog(const struct converter *converter)
{
	return uv_stream_get_write_queue_size((const uv_stream_t *)&converter->input);
}
