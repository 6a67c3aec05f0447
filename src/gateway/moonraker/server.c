/* SPDX-License-Identifier: MIT */
#include "base/uuid.h"
#include "gateway/moonraker/internal.h"

#include <flagship/flagship.h>

#include <string.h>

static void write_texts(struct json_writer *writer, const char *key, const char *const *texts)
{
	json_key(writer, key);
	json_array_begin(writer);
	for (; *texts; texts++) {
		json_string(writer, *texts);
	}
	json_array_end(writer);
}

/* --- server.info --- */

static const char *const none[] = {NULL};
/* Pages ask for what each of these offers. */
static const char *const components[] = {
	"klippy_connection", "application", "websockets", "database",  "file_manager",
	"klippy_apis",       "machine",     "data_store", "job_state", "job_queue",
	"proc_stats",        "history",     "webcam",     "jsonrpc",   "authorization",
	"octoprint_compat",  NULL};

static void write_server_info(struct json_writer *writer, const void *context)
{
	static const char *const folders[] = {MOONRAKER_ROOT, NULL};
	static const int api[] = {1, 5, 0};
	const struct moonraker_call *call = context;
	enum klippy klippy = moonraker_klippy(call->printer);

	json_object_begin(writer);
	json_member_bool(writer, "klippy_connected", klippy != KLIPPY_DISCONNECTED);
	json_member_string(writer, "klippy_state", klippy_name(klippy));
	write_texts(writer, "components", components);
	write_texts(writer, "failed_components", none);
	write_texts(writer, "registered_directories", folders);
	write_texts(writer, "warnings", none);
	json_member_int(writer, "websocket_count", (int64_t)call->moonraker->socket_count);
	json_member_string(writer, "moonraker_version", MOONRAKER_VERSION);
	write_texts(writer, "missing_klippy_requirements", none);
	json_key(writer, "api_version");
	json_array_begin(writer);
	for (size_t i = 0; i < sizeof(api) / sizeof(api[0]); i++) {
		json_int(writer, api[i]);
	}
	json_array_end(writer);
	json_member_string(writer, "api_version_string", "1.5.0");
	json_object_end(writer);
}

/* The first member of the result is what PrusaSlicer looks for, OrcaSlicer for klippy_state. */
void moonraker_server_info(struct moonraker_call *call)
{
	moonraker_answer(call, write_server_info, call);
}

static void write_config(struct json_writer *writer, const void *context)
{
	(void)context;
	json_object_begin(writer);
	json_key(writer, "config");
	json_object_begin(writer);
	json_key(writer, "server");
	json_object_begin(writer);
	json_member_string(writer, "host", "127.0.0.1");
	json_object_end(writer);
	json_key(writer, "file_manager");
	json_object_begin(writer);
	json_member_bool(writer, "queue_gcode_uploads", false);
	json_object_end(writer);
	json_object_end(writer);
	json_key(writer, "orig");
	json_object_begin(writer);
	json_object_end(writer);
	write_texts(writer, "files", none);
	json_object_end(writer);
}

void moonraker_server_config(struct moonraker_call *call)
{
	moonraker_answer(call, write_config, NULL);
}

void moonraker_no_restart(struct moonraker_call *call)
{
	moonraker_fail(call, MOONRAKER_FORBIDDEN,
		       "the gateway serves other printers, too: restart flagship-serve on its "
		       "machine");
}

/* --- connections --- */

static void write_connection(struct json_writer *writer, const void *context)
{
	const struct moonraker_call *call = context;

	json_object_begin(writer);
	json_member_int(writer, "connection_id", call->socket->id);
	json_object_end(writer);
}

void moonraker_identify(struct moonraker_call *call)
{
	struct moonraker_socket *socket = call->socket;

	if (!socket) {
		moonraker_fail(call, MOONRAKER_BAD_REQUEST, "only a WebSocket identifies itself");
		return;
	}
	if (!rpc_param_text(call->params, "client_name", socket->client, sizeof(socket->client)) ||
	    !rpc_param_text(call->params, "version", socket->version, sizeof(socket->version)) ||
	    !rpc_param_text(call->params, "type", socket->type, sizeof(socket->type))) {
		moonraker_fail(call, RPC_INVALID_PARAMS,
			       "client_name, version and type are to be given, in at most %d bytes",
			       MOONRAKER_NAME_SIZE - 1);
		return;
	}
	moonraker_answer(call, write_connection, call);
}

static void write_socket_id(struct json_writer *writer, const void *context)
{
	const struct moonraker_call *call = context;

	json_object_begin(writer);
	json_member_int(writer, "websocket_id", call->socket->id);
	json_object_end(writer);
}

void moonraker_socket_id(struct moonraker_call *call)
{
	if (call->socket) {
		moonraker_answer(call, write_socket_id, call);
	} else {
		moonraker_fail(call, MOONRAKER_BAD_REQUEST, "only a WebSocket has an id");
	}
}

/* --- what was sent as G-code --- */

struct wanted_lines {
	const struct moonraker_printer *printer;
	size_t count;
};

static void write_lines(struct json_writer *writer, const void *context)
{
	const struct wanted_lines *wanted = context;
	const struct moonraker_printer *printer = wanted->printer;

	json_object_begin(writer);
	json_key(writer, "gcode_store");
	json_array_begin(writer);
	for (size_t i = printer->line_count - wanted->count; i < printer->line_count; i++) {
		const struct stored_line *line =
			&printer->lines[(printer->line_first + i) % MOONRAKER_STORE_MAX];

		json_object_begin(writer);
		json_member_string(writer, "message", line->text);
		json_key(writer, "time");
		json_real(writer, line->unix_s);
		json_member_string(writer, "type", line->response ? "response" : "command");
		json_object_end(writer);
	}
	json_array_end(writer);
	json_object_end(writer);
}

void moonraker_gcode_store(struct moonraker_call *call)
{
	struct wanted_lines wanted = {call->printer, call->printer->line_count};
	int64_t count;

	if (rpc_param_int(call->params, "count", &count) && count >= 0 &&
	    (uint64_t)count < wanted.count) {
		wanted.count = (size_t)count;
	}
	moonraker_answer(call, write_lines, &wanted);
}

/* --- cameras --- */

#define CAMERA_FPS      15 /* what a page asks for of pictures that it fetches one by one */
#define CAMERA_FPS_IDLE 5

struct shown_webcam {
	const char *serial; /* NULL: there is none */
	struct webcam_place place;
	const struct access_identity *identity;
};

/* The same for each who asks: pages keep what they set of a camera by it. */
static void write_webcam_id(struct json_writer *writer, const char *serial)
{
	uint8_t hash[ACCESS_HASH_SIZE] = {0};
	char id[FLAGSHIP_GUID_LENGTH + 1];

	(void)access_hash(serial, hash);
	guid_of_bytes(hash, id);
	json_member_string(writer, "uid", id);
}

static void write_webcam_url(struct json_writer *writer, const char *key,
			     const struct shown_webcam *shown, const char *action)
{
	char url[WEBCAM_URL_SIZE];

	webcam_write_url(&shown->place, true, shown->serial, action, shown->identity, url);
	json_member_string(writer, key, url);
}

static void write_webcam(struct json_writer *writer, const struct shown_webcam *shown)
{
	json_object_begin(writer);
	json_member_string(writer, "name", "Camera");
	json_member_string(writer, "location", "printer");
	json_member_string(writer, "service", "mjpegstreamer");
	json_member_bool(writer, "enabled", true);
	json_member_string(writer, "icon", "mdiWebcam");
	json_member_int(writer, "target_fps", CAMERA_FPS);
	json_member_int(writer, "target_fps_idle", CAMERA_FPS_IDLE);
	write_webcam_url(writer, "stream_url", shown, WEBCAM_STREAM);
	write_webcam_url(writer, "snapshot_url", shown, WEBCAM_SNAPSHOT);
	json_member_bool(writer, "flip_horizontal", false);
	json_member_bool(writer, "flip_vertical", false);
	json_member_int(writer, "rotation", 0);
	json_member_string(writer, "aspect_ratio", "16:9");
	json_key(writer, "extra_data");
	json_object_begin(writer);
	json_object_end(writer);
	json_member_string(writer, "source", "config");
	write_webcam_id(writer, shown->serial);
	json_object_end(writer);
}

static void write_webcams(struct json_writer *writer, const void *context)
{
	const struct shown_webcam *shown = context;

	json_object_begin(writer);
	json_key(writer, "webcams");
	json_array_begin(writer);
	if (shown->serial) {
		write_webcam(writer, shown);
	}
	json_array_end(writer);
	json_object_end(writer);
}

/* By the addresses and rights of each who hears it. */
static void tell_webcams(struct moonraker_printer *printer)
{
	const struct webcam_book *book = printer->moonraker->options.webcams;

	for (struct list *at = printer->sockets.next; at != &printer->sockets; at = at->next) {
		struct moonraker_socket *socket = LIST_OF(at, struct moonraker_socket, place);
		const struct shown_webcam shown = {
			.serial = webcam_exists(book, printer->printer) ? printer->serial : NULL,
			.place = socket->place_of,
			.identity = socket->identity,
		};

		moonraker_notify_socket(socket, "notify_webcams_changed", write_webcams, &shown);
	}
}

void moonraker_on_webcam(void *context, const char *serial)
{
	struct moonraker *moonraker = context;

	for (struct list *at = moonraker->printers.next; at != &moonraker->printers;
	     at = at->next) {
		struct moonraker_printer *printer = LIST_OF(at, struct moonraker_printer, place);

		if (printer->printer && strcmp(printer->serial, serial) == 0) {
			tell_webcams(printer);
		}
	}
}

void moonraker_webcams(struct moonraker_call *call)
{
	const struct moonraker_socket *socket = call->socket;
	const struct http_request *request = call->batch ? call->batch->request : call->request;
	struct shown_webcam shown = {.serial = NULL};

	if (call->printer->printer &&
	    webcam_exists(call->moonraker->options.webcams, call->printer->printer) &&
	    (socket || request)) {
		shown.serial = call->printer->serial;
	}
	if (socket) {
		shown.place = socket->place_of;
		shown.identity = socket->identity;
	} else if (request) {
		webcam_place_of(call->moonraker->options.access, request, &shown.place);
		shown.identity = access_identity(request);
	}
	moonraker_answer(call, write_webcams, &shown);
}
