/* SPDX-License-Identifier: MIT */
#include "gateway/backup/internal.h"
#include "gateway/children/spawn.h"
#include "gateway/rest/rest.h"

#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

#define PREFIX  "flagship: "
#define ENDS    3 /* that are awaited */
#define HANDLES 4

/* --- its end --- */

static void release(struct carry *carry)
{
	if (--carry->held == 0) {
		backup_forget(carry);
		OPENSSL_cleanse(carry->bytes, sizeof(carry->bytes));
		free(carry);
	}
}

static void on_closed(uv_handle_t *handle)
{
	release(handle->data);
}

static void close_one(uv_handle_t *handle)
{
	if (!uv_is_closing(handle)) {
		uv_close(handle, on_closed);
	}
}

static void kill_process(struct carry *carry)
{
	if (carry->runs) {
		spawn_kill(&carry->process);
	}
}

void carry_kill(struct carry *carry)
{
	if (carry) {
		carry->request = NULL;
		backup_forget(carry); /* another one may begin while this one ends */
		kill_process(carry);
		/* Its process is waited for: it would stay behind as a zombie. */
		close_one((uv_handle_t *)&carry->input);
		close_one((uv_handle_t *)&carry->output);
		close_one((uv_handle_t *)&carry->errors);
	}
}

static void on_gone(void *context)
{
	carry_kill(context);
}

static ssize_t read_carried(void *context, char *out, size_t capacity);
static void release_answer(void *context);

static const struct http_source source = {.read = read_carried, .release = release_answer};

static void end_one(struct carry *carry)
{
	if (--carry->awaited > 0 || !carry->request) {
		return;
	}
	if (carry->streams) {
		http_respond_resume(carry->request);
	} else {
		http_request_watch(carry->request, NULL, NULL);
		backup_ended(carry, &source);
	}
}

static void on_exit_of(uv_process_t *process, int64_t status, int signal_number)
{
	struct carry *carry = process->data;

	carry->runs = false;
	carry->status = signal_number ? -1 : status;
	close_one((uv_handle_t *)process);
	end_one(carry);
}

/* --- what it says --- */

static void on_room(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer)
{
	struct carry *carry = handle->data;

	(void)suggested;
	*buffer = uv_buf_init(carry->bytes + carry->length,
			      (unsigned int)(sizeof(carry->bytes) - carry->length));
}

static void on_output(uv_stream_t *stream, ssize_t length, const uv_buf_t *buffer)
{
	struct carry *carry = stream->data;

	(void)buffer;
	if (length < 0) {
		uv_read_stop(stream);
		end_one(carry);
		return;
	}
	carry->length += (size_t)length;
	if (carry->restores || length == 0 || !carry->request) {
		return;
	}
	/* No more before that went out. */
	uv_read_stop(stream);
	if (carry->streams) {
		http_respond_resume(carry->request);
	} else {
		http_request_watch(carry->request, NULL, NULL);
		backup_answer(carry, &source);
	}
}

static void on_error_room(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer)
{
	struct carry *carry = handle->data;

	(void)suggested;
	/* What is beyond a line's room is written over. */
	if (carry->error_length == sizeof(carry->error_line) - 1) {
		carry->error_length = 0;
	}
	*buffer = uv_buf_init(carry->error_line + carry->error_length,
			      (unsigned int)(sizeof(carry->error_line) - 1 - carry->error_length));
}

static void take_lines(struct carry *carry)
{
	char *end;

	carry->error_line[carry->error_length] = '\0';
	while ((end = strchr(carry->error_line, '\n'))) {
		*end = '\0';
		if (strncmp(carry->error_line, PREFIX, strlen(PREFIX)) == 0) {
			memcpy(carry->reason, carry->error_line + strlen(PREFIX),
			       strlen(carry->error_line) - strlen(PREFIX) + 1);
		}
		carry->error_length -= (size_t)(end + 1 - carry->error_line);
		memmove(carry->error_line, end + 1, carry->error_length + 1);
	}
}

static void on_errors(uv_stream_t *stream, ssize_t length, const uv_buf_t *buffer)
{
	struct carry *carry = stream->data;

	(void)buffer;
	if (length > 0) {
		carry->error_length += (size_t)length;
		take_lines(carry);
	} else if (length < 0) {
		uv_read_stop(stream);
		end_one(carry);
	}
}

/* --- out: the body of an answer --- */

static ssize_t read_carried(void *context, char *out, size_t capacity)
{
	struct carry *carry = context;
	size_t some = carry->length - carry->taken;

	if (some == 0 && carry->awaited > 0) {
		return HTTP_SOURCE_WAIT;
	}
	if (some == 0) {
		return carry->status == 0 ? 0 : HTTP_SOURCE_BROKEN;
	}
	some = some < capacity ? some : capacity;
	memcpy(out, carry->bytes + carry->taken, some);
	carry->taken += some;
	if (carry->taken == carry->length && carry->awaited > 0) {
		carry->taken = 0;
		carry->length = 0;
		if (!uv_is_closing((uv_handle_t *)&carry->output)) {
			uv_read_start((uv_stream_t *)&carry->output, on_room, on_output);
		}
	}
	return (ssize_t)some;
}

static void release_answer(void *context)
{
	struct carry *carry = context;
	struct backup *backup = carry->backup;
	bool restored = carry->restores && carry->status == 0;

	carry_kill(carry);
	release(carry);
	if (restored && !backup->stopped) {
		backup->options.on_restored(backup->options.context);
	}
}

/* --- in: the body of a request --- */

struct fed {
	uv_write_t request;
	struct carry *carry;
	size_t length;
	char bytes[];
};

static void on_fed(uv_write_t *request, int status)
{
	struct fed *fed = (struct fed *)(void *)request; /* its first member */
	struct carry *carry = fed->carry;

	(void)status; /* a child that does not read has ended, and says why */
	OPENSSL_cleanse(fed->bytes, fed->length);
	free(fed);
	if (carry->request && !carry->streams) {
		http_request_resume(carry->request);
	}
}

static enum http_flow on_data(void *context, const char *bytes, size_t length)
{
	struct carry *carry = context;
	struct fed *fed = malloc(sizeof(*fed) + length);

	if (!fed) {
		/* It is cut short, and so no backup. */
		kill_process(carry);
		return HTTP_GO_ON;
	}
	fed->carry = carry;
	fed->length = length;
	memcpy(fed->bytes, bytes, length);
	uv_buf_t buffer = uv_buf_init(fed->bytes, (unsigned int)length);
	if (uv_write(&fed->request, (uv_stream_t *)&carry->input, &buffer, 1, on_fed)) {
		free(fed);
		return HTTP_GO_ON;
	}
	return HTTP_PAUSE;
}

static void on_shut(uv_shutdown_t *request, int status)
{
	struct carry *carry = request->data;

	(void)status;
	free(request);
	close_one((uv_handle_t *)&carry->input);
}

static void on_body_end(void *context)
{
	struct carry *carry = context;
	uv_shutdown_t *request = malloc(sizeof(*request));

	if (request) {
		request->data = carry;
	}
	if (!request || uv_shutdown(request, (uv_stream_t *)&carry->input, on_shut)) {
		free(request);
		close_one((uv_handle_t *)&carry->input);
	}
}

/* --- its beginning --- */

static struct carry *make_carry(struct backup *backup, struct http_request *request, bool restores)
{
	struct carry *carry = calloc(1, sizeof(*carry));

	if (carry) {
		carry->backup = backup;
		carry->request = request;
		carry->restores = restores;
		carry->held = HANDLES;
		carry->awaited = ENDS;
		carry->process.data = carry;
		carry->input.data = carry;
		carry->output.data = carry;
		carry->errors.data = carry;
		uv_pipe_init(backup->loop, &carry->input, 0);
		uv_pipe_init(backup->loop, &carry->output, 0);
		uv_pipe_init(backup->loop, &carry->errors, 0);
	}
	return carry;
}

void carry_begin(struct backup *backup, struct http_request *request, const char *const *arguments,
		 bool restores)
{
	static const struct http_sink sink = {.data = on_data, .end = on_body_end};
	struct carry *carry = make_carry(backup, request, restores);

	if (!carry) {
		rest_respond_problem(request, REST_FAILED, "out of memory");
		return;
	}
	int error = spawn_program(backup->loop, &carry->process, backup->program, arguments,
				  &(struct spawn_pipes){.input = &carry->input,
							.output = &carry->output,
							.errors = &carry->errors},
				  on_exit_of);
	if (error) {
		rest_respond_problem(request, REST_FAILED, "%s cannot be started: %s",
				     backup->program, uv_strerror(error));
		carry_kill(carry);
		close_one((uv_handle_t *)&carry->process);
		return;
	}
	carry->runs = true;
	backup->carry = carry;
	uv_read_start((uv_stream_t *)&carry->output, on_room, on_output);
	uv_read_start((uv_stream_t *)&carry->errors, on_error_room, on_errors);
	http_request_watch(request, on_gone, carry);
	if (restores) {
		http_request_receive(request, &sink, carry);
	} else {
		close_one((uv_handle_t *)&carry->input);
	}
}
