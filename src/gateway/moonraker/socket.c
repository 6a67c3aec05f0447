/* SPDX-License-Identifier: MIT */
#include "gateway/moonraker/internal.h"

#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define QUEUE_MESSAGES 1024
#define QUEUE_BYTES    ((size_t)8 << 20)
#define GOING_AWAY     1001
#define TOO_SLOW                                                                \
	"{\"jsonrpc\":\"2.0\",\"error\":{\"code\":503,\"message\":\"reads too " \
	"slowly\"},\"id\":null}"
#define SOON_MS 5 /* what comes with one message of the printer is one change */

/* --- sending --- */

void moonraker_send(const struct moonraker_socket *socket, struct moonraker_text *text)
{
	if (socket->pipe) {
		pipe_client_send(socket->pipe, text->text, text->length);
		return;
	}
	if (!text->message) {
		text->message = http_message_create(HTTP_MESSAGE_TEXT, text->text, text->length);
	}
	if (text->message) {
		(void)http_websocket_send(socket->websocket, text->message);
	}
}

static void moonraker_text_finish(struct moonraker_text *text)
{
	http_message_release(text->message);
	free(text->text);
}

void moonraker_pause_socket(const struct moonraker_socket *socket, bool paused)
{
	if (socket->pipe) {
		pipe_client_pause(socket->pipe, paused);
	} else {
		http_websocket_pause(socket->websocket, paused);
	}
}

/* --- groups: who waits for the same --- */

static void leave_group(struct moonraker_socket *socket)
{
	struct moonraker_group *group = socket->group;

	if (!group) {
		return;
	}
	socket->group = NULL;
	list_remove(&socket->member);
	if (list_is_empty(&group->sockets)) {
		list_remove(&group->place);
		free(group);
	}
}

static struct moonraker_group *find_group(struct moonraker_printer *printer, status_set wanted)
{
	for (struct list *at = printer->groups.next; at != &printer->groups; at = at->next) {
		struct moonraker_group *group = LIST_OF(at, struct moonraker_group, place);

		if (group->wanted == wanted) {
			return group;
		}
	}
	struct moonraker_group *group = calloc(1, sizeof(*group));
	if (group) {
		group->wanted = wanted;
		list_init(&group->sockets);
		list_insert(&printer->groups, &group->place);
	}
	return group;
}

void moonraker_subscribe(struct moonraker_socket *socket, status_set wanted)
{
	struct moonraker_printer *printer = socket->printer;

	leave_group(socket);
	if (wanted == 0) {
		return;
	}
	if (list_is_empty(&printer->groups) && !moonraker_fill_image(printer, &printer->image)) {
		return;
	}
	socket->group = find_group(printer, wanted);
	if (socket->group) {
		list_insert(&socket->group->sockets, &socket->member);
	}
}

/* --- notifications --- */

struct notification {
	const char *method;
	json_write *write;
	const void *context;
};

static void write_notification(struct json_writer *writer, const void *context)
{
	const struct notification *notification = context;

	json_object_begin(writer);
	json_member_string(writer, "jsonrpc", "2.0");
	json_member_string(writer, "method", notification->method);
	if (notification->write) {
		json_key(writer, "params");
		json_array_begin(writer);
		notification->write(writer, notification->context);
		json_array_end(writer);
	}
	json_object_end(writer);
}

/* False for want of memory. */
static bool make_notification(const char *method, json_write *write, const void *context,
			      struct moonraker_text *text)
{
	const struct notification notification = {method, write, context};

	*text = (struct moonraker_text){0};
	text->text = json_compose(write_notification, &notification, &text->length);
	return text->text != NULL;
}

static void send_to_all(struct moonraker_printer *printer, struct moonraker_text *text)
{
	for (struct list *at = printer->sockets.next; at != &printer->sockets; at = at->next) {
		moonraker_send(LIST_OF(at, struct moonraker_socket, place), text);
	}
}

void moonraker_notify(struct moonraker *moonraker, struct moonraker_printer *printer,
		      const char *method, json_write *write, const void *context)
{
	struct moonraker_text text;

	if (moonraker->socket_count == 0 || !make_notification(method, write, context, &text)) {
		return;
	}
	if (printer) {
		send_to_all(printer, &text);
	}
	for (struct list *at = moonraker->printers.next; !printer && at != &moonraker->printers;
	     at = at->next) {
		send_to_all(LIST_OF(at, struct moonraker_printer, place), &text);
	}
	moonraker_text_finish(&text);
}

void moonraker_notify_socket(struct moonraker_socket *socket, const char *method, json_write *write,
			     const void *context)
{
	struct moonraker_text text;

	if (make_notification(method, write, context, &text)) {
		moonraker_send(socket, &text);
		moonraker_text_finish(&text);
	}
}

/* --- changes --- */

struct change {
	const struct moonraker *moonraker;
	const struct status_image *image;
	status_set members;
};

static void write_change(struct json_writer *writer, const void *context)
{
	const struct change *change = context;

	status_write(writer, change->image, change->members);
	json_real(writer, moonraker_event_time(change->moonraker));
}

/* Written once for all of a group. */
static void tell_group(const struct moonraker_printer *printer, const struct moonraker_group *group,
		       status_set changed)
{
	const struct change change = {printer->moonraker, &printer->image, changed & group->wanted};
	struct moonraker_text text;
	size_t count = 0;

	if (change.members == 0 ||
	    !make_notification("notify_status_update", write_change, &change, &text)) {
		return;
	}
	for (struct list *at = group->sockets.next; at != &group->sockets; at = at->next) {
		moonraker_send(LIST_OF(at, struct moonraker_socket, member), &text);
		count++;
	}
	moonraker_text_finish(&text);
	/* Tests count how often a change is written. */
	log_event(printer->moonraker->options.log, LOG_LEVEL_DEBUG, MOONRAKER_LOG,
		  "a change was written", LOG_TEXT("printer", printer->serial),
		  LOG_NUMBER("clients", (int64_t)count));
}

static void tell_status(struct moonraker_printer *printer)
{
	struct status_image newer = {0};

	printer->dirty = false;
	if (list_is_empty(&printer->groups) || printer->klippy == KLIPPY_DISCONNECTED ||
	    !moonraker_fill_image(printer, &newer)) {
		return;
	}
	status_set changed = status_compare(&printer->image, &newer);

	status_finish(&printer->image);
	printer->image = newer;
	for (struct list *at = printer->groups.next; changed != 0 && at != &printer->groups;
	     at = at->next) {
		tell_group(printer, LIST_OF(at, struct moonraker_group, place), changed);
	}
}

static void tell_printer(struct moonraker_printer *printer)
{
	if (printer->dirty) {
		tell_status(printer);
	}
	if (printer->queue_changed) {
		moonraker_tell_queue(printer);
	}
}

static void wait_for_change(struct moonraker *moonraker, int64_t wait_ms)
{
	if (!moonraker->changes_run && !moonraker->stopped) {
		moonraker->changes_run = true;
		uv_timer_start(&moonraker->changes, moonraker_tell_changes,
			       (uint64_t)(wait_ms > SOON_MS ? wait_ms : SOON_MS), 0);
	}
}

void moonraker_tell_changes(uv_timer_t *timer)
{
	struct moonraker *moonraker = timer->data;
	int64_t now_ms = (int64_t)uv_now(moonraker->loop);
	int64_t next_ms = INT64_MAX;

	moonraker->changes_run = false;
	for (struct list *at = moonraker->printers.next; at != &moonraker->printers;
	     at = at->next) {
		struct moonraker_printer *printer = LIST_OF(at, struct moonraker_printer, place);
		int64_t due_ms = printer->told_ms + MOONRAKER_PERIOD_MS;

		bool changed = printer->dirty || printer->queue_changed;

		if (changed && now_ms >= due_ms) {
			printer->told_ms = now_ms;
			tell_printer(printer);
		} else if (changed && due_ms < next_ms) {
			next_ms = due_ms;
		}
	}
	if (next_ms != INT64_MAX) {
		wait_for_change(moonraker, next_ms - now_ms);
	}
}

void moonraker_touch_queue(struct moonraker_printer *printer)
{
	printer->queue_changed = true;
	wait_for_change(printer->moonraker, 0);
}

void moonraker_touch(struct moonraker_printer *printer)
{
	if (!list_is_empty(&printer->groups)) {
		printer->dirty = true;
		wait_for_change(printer->moonraker, 0);
	}
}

/* --- sockets --- */

struct moonraker_socket *moonraker_find_socket(const struct moonraker_printer *printer, int64_t id)
{
	for (struct list *at = printer->sockets.next; at != &printer->sockets; at = at->next) {
		struct moonraker_socket *socket = LIST_OF(at, struct moonraker_socket, place);

		if (socket->id == id) {
			return socket;
		}
	}
	return NULL;
}

static void take_text(struct moonraker_socket *socket, const char *text, size_t length)
{
	/* Who asks without an end waits for the next second. */
	if (++socket->in_second >= MOONRAKER_CALLS_A_S && !socket->paused) {
		socket->paused = true;
		moonraker_pause_socket(socket, true);
	}
	moonraker_take_message(socket->moonraker, socket->printer, socket, NULL, socket->rights,
			       text, length);
}

static void on_message(void *context, const char *bytes, size_t length, bool binary)
{
	(void)binary;
	take_text(context, bytes, length);
}

static void drop_socket(struct moonraker_socket *socket)
{
	leave_group(socket);
	list_remove(&socket->place);
	moonraker_forget_socket(socket->moonraker, socket);
	socket->moonraker->socket_count--;
	access_identity_free(socket->identity);
	free(socket);
}

static void on_closed(void *context, int code)
{
	(void)code;
	drop_socket(context);
}

void moonraker_close_sockets(struct moonraker_printer *printer, const char *reason)
{
	for (struct list *at = printer->sockets.next; at != &printer->sockets; at = at->next) {
		struct moonraker_socket *socket = LIST_OF(at, struct moonraker_socket, place);

		if (socket->pipe) {
			pipe_client_end(socket->pipe);
		} else {
			http_websocket_close(socket->websocket, GOING_AWAY, reason);
		}
	}
}

/* NULL: there are too many, or no memory. */
static struct moonraker_socket *make_socket(struct moonraker *moonraker,
					    struct moonraker_printer *printer, const char *client)
{
	struct moonraker_socket *socket = moonraker->stopped || moonraker->socket_count >=
									MOONRAKER_SOCKETS_MAX
						  ? NULL
						  : calloc(1, sizeof(*socket));

	if (socket) {
		socket->moonraker = moonraker;
		socket->printer = printer;
		socket->id = ++moonraker->socket_ids;
		snprintf(socket->client, sizeof(socket->client), "%s", client);
	}
	return socket;
}

static void add_socket(struct moonraker_socket *socket)
{
	list_insert(&socket->printer->sockets, &socket->place);
	socket->moonraker->socket_count++;
}

void moonraker_open_socket(struct http_request *request, void *context)
{
	static const struct http_websocket_handler handler = {.message = on_message,
							      .closed = on_closed};
	static const struct http_stream_options options = {
		.queue_messages = QUEUE_MESSAGES,
		.queue_bytes = QUEUE_BYTES,
		.message_max = MOONRAKER_MESSAGE_MAX,
	};
	struct moonraker *moonraker = context;
	struct moonraker_printer *printer = moonraker_printer_of(moonraker, request);

	if (!printer) {
		return;
	}
	struct moonraker_socket *socket = make_socket(moonraker, printer, "websocket");
	if (!socket) {
		moonraker_refuse(request, MOONRAKER_UNAVAILABLE, "too many clients");
		return;
	}
	socket->rights = access_rights(request);
	socket->identity = access_identity_copy(access_identity(request));
	webcam_place_of(moonraker->options.access, request, &socket->place_of);
	socket->websocket = http_websocket_accept(request, &options, &handler, socket);
	if (!socket->websocket) {
		access_identity_free(socket->identity);
		free(socket);
		return;
	}
	add_socket(socket);
}

/* --- the same by a unix socket, as programs of the same machine come --- */

static void *on_pipe_opened(void *context, const char *serial, struct pipe_client *client)
{
	struct moonraker *moonraker = context;
	bool several;
	struct fleet_printer *held = gateway_printers_find(moonraker->options.printers, serial,
							   &several);
	struct moonraker_printer *printer = held ? moonraker_adopt(moonraker, held) : NULL;
	struct access_identity *identity = access_identity_of_owner();
	struct moonraker_socket *socket = printer && identity
						  ? make_socket(moonraker, printer, "unix")
						  : NULL;

	if (!socket) {
		access_identity_free(identity);
		return NULL;
	}
	socket->rights = WEB_VIEW | WEB_OPERATE | WEB_ADMIN;
	socket->identity = identity;
	socket->place_of.own_port = true;
	socket->pipe = client;
	add_socket(socket);
	return socket;
}

static void on_pipe_text(void *context, const char *text, size_t length)
{
	struct moonraker_socket *socket = context;

	if (utf8_valid(text, length)) {
		take_text(socket, text, length);
	} else {
		pipe_client_end(socket->pipe);
	}
}

static void on_pipe_slow(void *context)
{
	const struct moonraker_socket *socket = context;

	log_event(socket->moonraker->options.log, LOG_LEVEL_WARNING, MOONRAKER_LOG,
		  "a client of a unix socket reads too slowly: it is told so, and put out",
		  LOG_TEXT("printer", socket->printer->serial), LOG_TEXT("client", socket->client));
}

static void on_pipe_closed(void *context)
{
	drop_socket(context);
}

void moonraker_fill_pipe(struct moonraker *moonraker, struct pipe_options *options)
{
	*options = (struct pipe_options){
		.end = MOONRAKER_PIPE_END,
		.text_max = MOONRAKER_MESSAGE_MAX,
		.queue_max = QUEUE_BYTES,
		.slow = TOO_SLOW,
		.handler = {.opened = on_pipe_opened,
			    .text = on_pipe_text,
			    .slow = on_pipe_slow,
			    .closed = on_pipe_closed},
		.context = moonraker,
	};
}
