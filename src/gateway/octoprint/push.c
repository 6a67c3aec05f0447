/* SPDX-License-Identifier: MIT */
#include "base/clock.h"
#include "daemon/http/stream.h"
#include "gateway/octoprint/frame.h"
#include "gateway/octoprint/internal.h"

#include <flagship/flagship.h>

#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * /sockjs/websocket: plain frames, one object of one member each. A socket is sent nothing of the
 * printer before it was let in with what a login gave.
 */
#define TICK_MS      500
#define THROTTLE_MAX 120 /* ticks between two messages */
#define SOCKETS_MAX  64
#define UNAVAILABLE  503
#define MS_PER_S     1000.0

struct push_socket {
	struct list place;
	struct octoprint *octoprint;
	struct http_websocket *websocket;
	char serial[FLAGSHIP_SERIAL_LENGTH_MAX + 1];
	bool admitted;
	uint64_t until_ms; /* it is let in */
	bool changed;      /* since it was last told */
	int throttle;      /* it is notified every so many ticks */
	int ticks;         /* that it has to wait yet */
};

/* --- messages --- */

static struct http_message *make_message(json_write *write, const void *context)
{
	size_t length;
	char *text = json_compose(write, context, &length);
	struct http_message *message = text ? http_message_create(HTTP_MESSAGE_TEXT, text, length)
					    : NULL;

	free(text);
	return message;
}

static void send_to(struct push_socket *socket, json_write *write, const void *context)
{
	struct http_message *message = make_message(write, context);

	if (message) {
		(void)http_websocket_send(socket->websocket, message);
	}
	http_message_release(message);
}

static void write_connected(struct json_writer *writer, const void *context)
{
	(void)context;
	json_object_begin(writer);
	json_key(writer, "connected");
	json_object_begin(writer);
	json_member_string(writer, "version", OCTO_VERSION);
	json_member_string(writer, "display_version", flagship_version());
	json_member_string(writer, "branch", "");
	json_member_string(writer, "plugin_hash", "");
	json_member_string(writer, "config_hash", "");
	json_member_bool(writer, "debug", false);
	json_member_string(writer, "safe_mode", NULL);
	json_object_end(writer);
	json_object_end(writer);
}

struct shown_current {
	bool is_history; /* for who begins to listen */
	const struct octoprint *octoprint;
	const struct fleet_printer *printer;
};

static void write_empty(struct json_writer *writer, const char *name)
{
	json_key(writer, name);
	json_array_begin(writer);
	json_array_end(writer);
}

/* Of the last minutes where somebody begins to listen, else the present ones. */
static void write_temps(struct json_writer *writer, const struct shown_current *shown,
			enum octoprint_mode mode)
{
	if (mode == OCTOPRINT_OFFLINE) {
		json_array_begin(writer);
		json_array_end(writer);
	} else {
		octo_write_heat(writer, shown->octoprint, shown->printer, true, true,
				shown->is_history ? 0 : 1);
	}
}

static void write_current(struct json_writer *writer, const void *context)
{
	const struct shown_current *shown = context;
	const struct printer_state *state = fleet_printer_state(shown->printer);
	enum octoprint_mode mode = octo_mode(shown->octoprint, shown->printer);

	json_object_begin(writer);
	json_key(writer, shown->is_history ? "history" : "current");
	json_object_begin(writer);
	json_key(writer, "state");
	octoprint_write_state(writer, mode);
	octoprint_write_job(writer, state, shown->octoprint->files, mode);
	json_member_string(writer, "currentZ", NULL);
	json_key(writer, "offsets");
	json_object_begin(writer);
	json_object_end(writer);
	json_key(writer, "serverTime");
	json_real(writer, (double)clock_unix_ms() / MS_PER_S);
	json_key(writer, "temps");
	write_temps(writer, shown, mode);
	write_empty(writer, "logs");
	write_empty(writer, "messages");
	write_empty(writer, "busyFiles");
	write_empty(writer, "markings");
	json_object_end(writer);
	json_object_end(writer);
}

/* --- ticks: at most two a second, for each printer made once --- */

static const struct fleet_printer *printer_of(const struct push_socket *socket)
{
	bool several;

	return gateway_printers_find(socket->octoprint->printers, socket->serial, &several);
}

static bool is_due(struct push_socket *socket)
{
	if (socket->ticks > 0) {
		socket->ticks--;
	}
	return socket->admitted && socket->changed && socket->ticks == 0;
}

static void on_push_due(uv_timer_t *timer)
{
	struct octoprint *octoprint = timer->data;
	const struct fleet_printer *last = NULL;
	struct http_message *message = NULL;
	struct list *next;

	for (struct list *at = octoprint->sockets.next; at != &octoprint->sockets; at = next) {
		struct push_socket *socket = LIST_OF(at, struct push_socket, place);
		const struct fleet_printer *printer = is_due(socket) ? printer_of(socket) : NULL;

		next = at->next;
		if (socket->admitted && uv_now(timer->loop) >= socket->until_ms) {
			http_websocket_close(socket->websocket, HTTP_CLOSE_POLICY, "log in again");
			continue;
		}
		if (!printer) {
			continue;
		}
		if (printer != last) {
			const struct shown_current shown = {false, octoprint, printer};

			http_message_release(message);
			message = make_message(write_current, &shown);
			last = printer;
		}
		socket->changed = false;
		socket->ticks = socket->throttle;
		if (message) {
			(void)http_websocket_send(socket->websocket, message);
		}
	}
	http_message_release(message);
}

static void on_printer_changed(void *context, struct fleet_printer *printer, uint32_t parts)
{
	const struct octoprint *octoprint = context;

	(void)parts;
	for (const struct list *at = octoprint->sockets.next; at != &octoprint->sockets;
	     at = at->next) {
		struct push_socket *socket = LIST_OF(at, struct push_socket, place);

		if (strcmp(socket->serial, fleet_printer_serial(printer)) == 0) {
			socket->changed = true;
		}
	}
}

/* --- events --- */

struct shown_event {
	const char *type;
	const char *name; /* of a file; NULL: none */
	const char *path;
	const char *state;    /* of the printer; NULL: not told */
	const char *state_id; /* likewise */
};

static void write_event(struct json_writer *writer, const void *context)
{
	const struct shown_event *shown = context;

	json_object_begin(writer);
	json_key(writer, "event");
	json_object_begin(writer);
	json_member_string(writer, "type", shown->type);
	json_key(writer, "payload");
	json_object_begin(writer);
	if (shown->name) {
		json_member_string(writer, "name", shown->name);
		json_member_string(writer, "path", shown->path);
		json_member_string(writer, "origin", "local");
		json_member_string(writer, "storage", "local");
		json_member_string(writer, "target", "local");
	}
	if (shown->state) {
		json_member_string(writer, "state_id", shown->state_id);
		json_member_string(writer, "state_string", shown->state);
	}
	json_object_end(writer);
	json_object_end(writer);
	json_object_end(writer);
}

/* serial NULL: to all. */
static void send_event(const struct octoprint *octoprint, const char *serial,
		       const struct shown_event *event)
{
	struct http_message *message = make_message(write_event, event);
	struct list *next;

	for (struct list *at = octoprint->sockets.next; message && at != &octoprint->sockets;
	     at = next) {
		struct push_socket *socket = LIST_OF(at, struct push_socket, place);

		next = at->next;
		if (socket->admitted && (!serial || strcmp(socket->serial, serial) == 0)) {
			(void)http_websocket_send(socket->websocket, message);
		}
	}
	http_message_release(message);
}

static const char *event_type(enum printer_event_kind kind)
{
	switch (kind) {
	case PRINTER_EVENT_ONLINE:
		return "Connected";
	case PRINTER_EVENT_OFFLINE:
		return "Disconnected";
	case PRINTER_EVENT_JOB_STARTED:
		return "PrintStarted";
	case PRINTER_EVENT_JOB_PAUSED:
		return "PrintPaused";
	case PRINTER_EVENT_JOB_RESUMED:
		return "PrintResumed";
	case PRINTER_EVENT_JOB_FINISHED:
		return "PrintDone";
	case PRINTER_EVENT_JOB_STOPPED:
		return "PrintCancelled";
	case PRINTER_EVENT_ERROR:
		return "Error";
	default:
		return NULL;
	}
}

static void on_printer_event(void *context, struct fleet_printer *printer,
			     const struct printer_event *event)
{
	const struct octoprint *octoprint = context;
	const char *serial = fleet_printer_serial(printer);
	enum octoprint_mode mode = octo_mode(octoprint, printer);
	struct shown_event shown = {.type = event_type(event->kind)};

	if (!shown.type || list_is_empty(&octoprint->sockets)) {
		return;
	}
	if (event->job) {
		shown.name = event->job->name;
		shown.path = event->job->name;
	}
	send_event(octoprint, serial, &shown);
	shown = (struct shown_event){.type = "PrinterStateChanged",
				     .state = octoprint_mode_text(mode),
				     .state_id = octoprint_mode_id(mode)};
	send_event(octoprint, serial, &shown);
}

static void on_file_changed(void *context, const struct files_change *change)
{
	static const char *const types[][2] = {
		[FILES_CREATED] = {"Upload", "FolderAdded"},
		[FILES_MODIFIED] = {"Upload", "FolderAdded"},
		[FILES_DELETED] = {"FileRemoved", "FolderRemoved"},
		[FILES_MOVED] = {"FileMoved", "FolderMoved"},
		[FILES_READ] = {"MetadataAnalysisFinished", NULL},
	};
	const struct octoprint *octoprint = context;
	struct shown_event shown = {
		.type = types[change->action][change->entry->is_folder],
		.name = files_name(change->entry),
		.path = change->entry->path,
	};

	if (shown.type && !list_is_empty(&octoprint->sockets)) {
		send_event(octoprint, NULL, &shown);
		shown = (struct shown_event){.type = "UpdatedFiles"};
		send_event(octoprint, NULL, &shown);
	}
}

/* --- what clients send --- */

/* NULL where there is none of this secret, or it is over. */
static const struct octo_session *find_session(const struct octoprint *octoprint,
					       const char *secret, const char *serial)
{
	const struct octo_session *found = NULL;

	for (size_t i = 0; strlen(secret) == OCTO_SESSION_SIZE - 1 && i < OCTO_SESSIONS; i++) {
		const struct octo_session *session = &octoprint->sessions[i];

		if (session->until_ms > uv_now(octoprint->timer.loop) &&
		    CRYPTO_memcmp(session->secret, secret, OCTO_SESSION_SIZE - 1) == 0 &&
		    strcmp(session->serial, serial) == 0) {
			found = session;
		}
	}
	return found && access_identity_holds(octoprint->access, found->identity) ? found : NULL;
}

static void admit(struct push_socket *socket, const char *secret)
{
	const struct fleet_printer *printer = printer_of(socket);
	const struct octo_session *session = printer ? find_session(socket->octoprint, secret,
								    socket->serial)
						     : NULL;
	struct access_identity *identity = session ? access_identity_copy(session->identity) : NULL;

	if (!identity) {
		return;
	}
	const struct shown_current shown = {true, socket->octoprint, printer};

	/* From now on it ends with the key that it came by. */
	http_websocket_set_identity(socket->websocket, identity, access_identity_free);
	socket->admitted = true;
	socket->until_ms = session->until_ms;
	socket->changed = true;
	socket->ticks = 0;
	send_to(socket, write_current, &shown);
}

static void on_message(void *context, const char *bytes, size_t length, bool binary)
{
	struct push_socket *socket = context;
	struct push_frame frame;

	push_frame_read(bytes, binary ? 0 : length, &frame);
	if (frame.throttle > 0) {
		socket->throttle = frame.throttle;
	}
	if (frame.has_auth) {
		admit(socket, frame.secret);
	}
}

static void on_closed(void *context, int code)
{
	struct push_socket *socket = context;
	struct octoprint *octoprint = socket->octoprint;

	(void)code;
	list_remove(&socket->place);
	free(socket);
	if (list_is_empty(&octoprint->sockets)) {
		uv_timer_stop(&octoprint->timer);
	}
}

size_t octoprint_sockets(const struct octoprint *octoprint)
{
	size_t count = 0;

	for (const struct list *at = octoprint->sockets.next; at != &octoprint->sockets;
	     at = at->next) {
		count++;
	}
	return count;
}

void octo_open_socket(struct http_request *request, void *context)
{
	static const struct http_websocket_handler handler = {.message = on_message,
							      .closed = on_closed};
	static const struct http_stream_options options = {.message_max = FRAME_MAX};
	struct octoprint *octoprint = context;
	const struct fleet_printer *printer = octo_find_printer(request, octoprint);
	struct push_socket *socket = printer ? calloc(1, sizeof(*socket)) : NULL;

	if (!printer) {
		return;
	}
	if (!socket || octoprint_sockets(octoprint) >= SOCKETS_MAX) {
		free(socket);
		octoprint_refuse(request, UNAVAILABLE, "there are too many listeners");
		return;
	}
	socket->octoprint = octoprint;
	socket->throttle = 1;
	snprintf(socket->serial, sizeof(socket->serial), "%s", fleet_printer_serial(printer));
	socket->websocket = http_websocket_accept(request, &options, &handler, socket);
	if (!socket->websocket) {
		free(socket);
		return;
	}
	list_insert(&octoprint->sockets, &socket->place);
	if (!uv_is_active((uv_handle_t *)&octoprint->timer)) {
		uv_timer_start(&octoprint->timer, on_push_due, TICK_MS, TICK_MS);
	}
	send_to(socket, write_connected, NULL);
}

/* --- its life --- */

static const struct fleet_handlers push_handlers = {.on_changed = on_printer_changed,
						    .on_printer_event = on_printer_event};

void sockets_init(struct octoprint *octoprint, uv_loop_t *loop)
{
	list_init(&octoprint->sockets);
	uv_timer_init(loop, &octoprint->timer);
	octoprint->timer.data = octoprint;
	octoprint->listener.handlers = &push_handlers;
	octoprint->listener.context = octoprint;
	fleet_subscribe(gateway_printers_fleet(octoprint->printers), &octoprint->listener);
	octoprint->files_listener.changed = on_file_changed;
	octoprint->files_listener.context = octoprint;
	files_subscribe(octoprint->files, &octoprint->files_listener);
}

void sockets_stop(struct octoprint *octoprint)
{
	struct list *next;

	fleet_unsubscribe(&octoprint->listener);
	files_unsubscribe(&octoprint->files_listener);
	for (struct list *at = octoprint->sockets.next; at != &octoprint->sockets; at = next) {
		next = at->next;
		http_websocket_close(LIST_OF(at, struct push_socket, place)->websocket,
				     HTTP_CLOSE_GOING_AWAY, "the gateway ends");
	}
	if (!uv_is_closing((uv_handle_t *)&octoprint->timer)) {
		uv_close((uv_handle_t *)&octoprint->timer, NULL);
	}
}
