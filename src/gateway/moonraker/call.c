/* SPDX-License-Identifier: MIT */
#include "gateway/moonraker/internal.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CONTENT_TYPE "application/json"
#define ERROR_SIZE   1024
#define BATCH_MAX    ((size_t)4 << 20) /* bytes of answers */

/* --- what goes out --- */

struct answer {
	const struct moonraker_call *call;
	json_write *write;
	const void *context;
	int code; /* 0: it succeeded */
	const char *text;
};

static void write_error(struct json_writer *writer, const struct answer *answer)
{
	json_key(writer, "error");
	json_object_begin(writer);
	json_member_int(writer, "code", answer->code);
	json_member_string(writer, "message", answer->text);
	json_object_end(writer);
}

static void write_answer(struct json_writer *writer, const void *context)
{
	const struct answer *answer = context;

	json_object_begin(writer);
	if (answer->call->rpc) {
		json_member_string(writer, "jsonrpc", "2.0");
	}
	if (answer->code != 0) {
		write_error(writer, answer);
	} else {
		json_key(writer, "result");
		answer->write(writer, answer->context);
	}
	if (answer->call->rpc) {
		json_key(writer, "id");
		json_raw(writer, answer->call->id, strlen(answer->call->id));
	}
	json_object_end(writer);
}

static void send_text(const struct moonraker_socket *socket, char *text, size_t length)
{
	struct moonraker_text sent = {.text = text, .length = length};

	moonraker_send(socket, &sent);
	http_message_release(sent.message);
}

static void respond(struct http_request *request, int status, const char *text, size_t length)
{
	static const struct http_header no_store = {"cache-control", "no-store"};
	const struct http_response response = {
		.status = status,
		.content_type = text ? CONTENT_TYPE : NULL,
		.headers = &no_store,
		.header_count = 1,
		.body = text,
		.length = length,
	};

	http_respond(request, &response);
}

/* --- batches --- */

static void end_batch(struct moonraker_batch *batch)
{
	if (batch->broken || !batch->text) {
		/* Notifications alone have no answer. */
		if (batch->request) {
			respond(batch->request, batch->broken ? MOONRAKER_BROKEN : MOONRAKER_OK,
				NULL, 0);
		}
	} else {
		batch->text[batch->length++] = ']';
		if (batch->socket) {
			send_text(batch->socket, batch->text, batch->length);
		} else if (batch->request) {
			respond(batch->request, MOONRAKER_OK, batch->text, batch->length);
		}
	}
	free(batch->text);
	free(batch);
}

static void add_to_batch(struct moonraker_batch *batch, const char *text, size_t length)
{
	char *larger = batch->broken || batch->length + length > BATCH_MAX
			       ? NULL
			       : realloc(batch->text, batch->length + length + 2);

	if (!larger) {
		batch->broken = true;
		return;
	}
	larger[batch->length++] = batch->text ? ',' : '[';
	memcpy(larger + batch->length, text, length);
	batch->text = larger;
	batch->length += length;
}

static void leave_batch(struct moonraker_batch *batch)
{
	if (--batch->pending == 0) {
		end_batch(batch);
	}
}

/* --- the end of a call --- */

static void finish(struct moonraker_call *call)
{
	if (call->listed) {
		list_remove(&call->place);
	}
	if (call->socket) {
		call->socket->calls--;
	}
	if (call->batch) {
		leave_batch(call->batch);
	}
	free(call);
}

static int status_of(const struct answer *answer)
{
	int code = answer->code;

	return code == 0               ? answer->call->status
	       : answer->call->rpc     ? MOONRAKER_OK
	       : code == RPC_NO_METHOD ? MOONRAKER_NOT_FOUND
	       : code == RPC_INTERNAL  ? MOONRAKER_BROKEN
	       : code >= MOONRAKER_OK  ? code
				       : MOONRAKER_BAD_REQUEST;
}

static void deliver(struct moonraker_call *call, const struct answer *answer)
{
	size_t length = 0;
	char *text = call->wants_answer ? json_compose(write_answer, answer, &length) : NULL;

	if (call->batch && text) {
		add_to_batch(call->batch, text, length);
	} else if (call->batch) {
		call->batch->broken = call->batch->broken || call->wants_answer;
	} else if (call->socket && text) {
		send_text(call->socket, text, length);
	} else if (call->request) {
		respond(call->request,
			!text && call->wants_answer ? MOONRAKER_BROKEN : status_of(answer), text,
			length);
	}
	free(text);
	finish(call);
}

void moonraker_answer(struct moonraker_call *call, json_write *write, const void *context)
{
	const struct answer answer = {.call = call, .write = write, .context = context};

	deliver(call, &answer);
}

static void write_ok(struct json_writer *writer, const void *context)
{
	(void)context;
	json_string(writer, "ok");
}

void moonraker_answer_ok(struct moonraker_call *call)
{
	moonraker_answer(call, write_ok, NULL);
}

void moonraker_fail(struct moonraker_call *call, int code, const char *format, ...)
{
	char text[ERROR_SIZE];
	const struct answer answer = {.call = call, .code = code, .text = text};
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	deliver(call, &answer);
}

/* --- calls that are answered later --- */

static void on_request_gone(void *context)
{
	struct moonraker_call *call = context;

	call->request = NULL;
	call->wants_answer = false;
}

void moonraker_keep(struct moonraker_call *call)
{
	call->params = (struct flagship_json){0};
	call->listed = true;
	list_insert(&call->moonraker->calls, &call->place);
	if (call->request) {
		http_request_watch(call->request, on_request_gone, call);
	}
}

void moonraker_forget_socket(struct moonraker *moonraker, const struct moonraker_socket *socket)
{
	for (struct list *at = moonraker->calls.next; at != &moonraker->calls; at = at->next) {
		struct moonraker_call *call = LIST_OF(at, struct moonraker_call, place);

		if (call->socket == socket) {
			call->socket = NULL;
			call->wants_answer = false;
			if (call->batch) {
				call->batch->socket = NULL;
			}
		}
	}
}

/* --- what comes in --- */

static const char *not_ready_text(const struct moonraker_printer *printer, char *out,
				  size_t capacity)
{
	klippy_describe(moonraker_klippy(printer), moonraker_state(printer), out, capacity);
	return out;
}

static void dispatch(struct moonraker_call *call, const char *name)
{
	const struct moonraker_method *method = moonraker_find_method(name);
	enum klippy klippy = moonraker_klippy(call->printer);
	char text[ERROR_SIZE];

	if (!method) {
		moonraker_fail(call, RPC_NO_METHOD, "Method not found");
	} else if ((method->rights & ~call->rights) != 0) {
		moonraker_fail(call, MOONRAKER_FORBIDDEN,
			       "%s needs more rights than this login has", name);
	} else if (method->ready && klippy != KLIPPY_READY && klippy != KLIPPY_SHUTDOWN) {
		moonraker_fail(call, MOONRAKER_UNAVAILABLE, "%s",
			       not_ready_text(call->printer, text, sizeof(text)));
	} else {
		method->handle(call);
	}
}

static struct moonraker_call *make_call(struct moonraker *moonraker,
					struct moonraker_printer *printer,
					struct moonraker_socket *socket,
					struct http_request *request, unsigned int rights)
{
	struct moonraker_call *call = calloc(1, sizeof(*call));

	if (!call) {
		return NULL;
	}
	call->moonraker = moonraker;
	call->printer = printer;
	call->socket = socket;
	call->request = request;
	call->rights = rights;
	call->status = MOONRAKER_OK;
	call->wants_answer = true;
	snprintf(call->client, sizeof(call->client), "%s", socket ? socket->client : "http");
	if (socket) {
		socket->calls++;
	}
	return call;
}

static void take_request(const struct rpc_request *rpc, struct moonraker_call *call)
{
	const struct moonraker_socket *socket = call->socket;

	call->rpc = true;
	call->wants_answer = rpc->wants_answer;
	call->params = rpc->params;
	memcpy(call->id, rpc->id.data, rpc->id.length);
	call->id[rpc->id.length] = '\0';
	if (rpc->error) {
		moonraker_fail(call, rpc->error, "%s", rpc->text);
	} else if (socket && socket->calls > MOONRAKER_CALLS_MAX) {
		moonraker_fail(call, MOONRAKER_TOO_MANY, "%d calls are not answered yet",
			       MOONRAKER_CALLS_MAX);
	} else {
		dispatch(call, rpc->method);
	}
}

static void on_batch_gone(void *context)
{
	struct moonraker_batch *batch = context;

	batch->request = NULL;
}

static void fill_batch(struct moonraker_batch *batch, struct moonraker_printer *printer,
		       unsigned int rights, const struct rpc_message *message)
{
	struct json_walk walk;
	struct json_value item;
	struct rpc_request rpc;

	json_walk_init_valid(&walk, &message->value);
	while (json_walk_item(&walk, &item)) {
		struct moonraker_call *call = make_call(batch->moonraker, printer, batch->socket,
							NULL, rights);

		if (!call) {
			batch->broken = true;
			return;
		}
		call->batch = batch;
		batch->pending++;
		rpc_read_request(&item, &rpc);
		take_request(&rpc, call);
	}
}

static void take_batch(struct moonraker *moonraker, struct moonraker_printer *printer,
		       struct moonraker_socket *socket, struct http_request *request,
		       unsigned int rights, const struct rpc_message *message)
{
	struct moonraker_batch *batch = calloc(1, sizeof(*batch));

	if (!batch && request) {
		moonraker_refuse(request, MOONRAKER_BROKEN, "out of memory");
	}
	if (!batch) {
		return;
	}
	batch->moonraker = moonraker;
	batch->socket = socket;
	batch->request = request;
	batch->pending = 1;
	fill_batch(batch, printer, rights, message);
	if (batch->pending > 1 && request) {
		http_request_watch(request, on_batch_gone, batch);
	}
	leave_batch(batch);
}

void moonraker_take_message(struct moonraker *moonraker, struct moonraker_printer *printer,
			    struct moonraker_socket *socket, struct http_request *request,
			    unsigned int rights, const char *text, size_t length)
{
	struct rpc_message message;
	struct rpc_request rpc;
	bool read = rpc_read(text, length, &message, &rpc);

	if (read && message.batch) {
		take_batch(moonraker, printer, socket, request, rights, &message);
		return;
	}
	struct moonraker_call *call = make_call(moonraker, printer, socket, request, rights);
	if (!call) {
		if (request) {
			moonraker_refuse(request, MOONRAKER_BROKEN, "out of memory");
		}
		return;
	}
	if (read) {
		rpc_read_request(&message.value, &rpc);
	}
	take_request(&rpc, call);
}

void moonraker_take_call(struct moonraker *moonraker, struct moonraker_printer *printer,
			 struct http_request *request, unsigned int rights, const char *method,
			 struct flagship_json params)
{
	struct moonraker_call *call = make_call(moonraker, printer, NULL, request, rights);

	if (!call) {
		moonraker_refuse(request, MOONRAKER_BROKEN, "out of memory");
		return;
	}
	call->params = params;
	dispatch(call, method);
}
