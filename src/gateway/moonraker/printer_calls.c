/* SPDX-License-Identifier: MIT */
#include "gateway/moonraker/internal.h"

#include <stdlib.h>
#include <string.h>

static void write_info(struct json_writer *writer, const void *context)
{
	const struct moonraker_call *call = context;
	enum klippy klippy = moonraker_klippy(call->printer);
	char text[PROBLEM_MAX];

	klippy_describe(klippy, moonraker_state(call->printer), text, sizeof(text));
	json_object_begin(writer);
	json_member_string(writer, "state",
			   klippy_name(klippy == KLIPPY_DISCONNECTED ? KLIPPY_STARTUP : klippy));
	json_member_string(writer, "state_message", text);
	json_member_string(writer, "hostname", moonraker_printer_name(call->printer));
	json_member_string(writer, "software_version", MOONRAKER_KLIPPER);
	json_member_string(writer, "cpu_info", "");
	json_member_string(writer, "klipper_path", "");
	json_member_string(writer, "python_path", "");
	json_member_string(writer, "log_file", "");
	json_member_string(writer, "config_file", "");
	json_object_end(writer);
}

void moonraker_printer_info(struct moonraker_call *call)
{
	if (moonraker_klippy(call->printer) == KLIPPY_DISCONNECTED) {
		char text[PROBLEM_MAX];

		klippy_describe(KLIPPY_DISCONNECTED, moonraker_state(call->printer), text,
				sizeof(text));
		moonraker_fail(call, MOONRAKER_UNAVAILABLE, "%s", text);
		return;
	}
	moonraker_answer(call, write_info, call);
}

/* --- objects --- */

struct shown_objects {
	const struct moonraker *moonraker;
	struct status_image image;
	status_set wanted;
};

static void write_list(struct json_writer *writer, const void *context)
{
	const struct shown_objects *shown = context;

	json_object_begin(writer);
	json_key(writer, "objects");
	status_write_names(writer, &shown->image);
	json_object_end(writer);
}

static void write_status(struct json_writer *writer, const void *context)
{
	const struct shown_objects *shown = context;

	json_object_begin(writer);
	json_key(writer, "eventtime");
	json_real(writer, moonraker_event_time(shown->moonraker));
	json_key(writer, "status");
	status_write(writer, &shown->image, shown->wanted);
	json_object_end(writer);
}

static void answer_objects(struct moonraker_call *call, json_write *write, status_set wanted)
{
	struct shown_objects shown = {.moonraker = call->moonraker, .wanted = wanted};

	if (!moonraker_fill_image(call->printer, &shown.image)) {
		moonraker_fail(call, MOONRAKER_BROKEN, "out of memory");
		return;
	}
	moonraker_answer(call, write, &shown);
	status_finish(&shown.image);
}

void moonraker_objects_list(struct moonraker_call *call)
{
	answer_objects(call, write_list, 0);
}

/* False where it was answered. */
static bool read_wanted(struct moonraker_call *call, status_set *wanted)
{
	struct json_value objects;

	if (!rpc_param(call->params, "objects", &objects) ||
	    !status_read_wanted(&objects, wanted)) {
		moonraker_fail(call, RPC_INVALID_PARAMS,
			       "objects is to be an object: a name, and null or an array of names");
		return false;
	}
	return true;
}

void moonraker_objects_query(struct moonraker_call *call)
{
	status_set wanted;

	if (read_wanted(call, &wanted)) {
		answer_objects(call, write_status, wanted);
	}
}

void moonraker_objects_subscribe(struct moonraker_call *call)
{
	struct moonraker_socket *socket = call->socket;
	status_set wanted;
	int64_t id;

	if (!read_wanted(call, &wanted)) {
		return;
	}
	if (!socket && rpc_param_int(call->params, "connection_id", &id)) {
		socket = moonraker_find_socket(call->printer, id);
	}
	if (!socket) {
		moonraker_fail(call, MOONRAKER_BAD_REQUEST,
			       "only a WebSocket of this printer can be subscribed: give its "
			       "connection_id");
		return;
	}
	moonraker_subscribe(socket, wanted);
	answer_objects(call, write_status, wanted);
}

static void write_endpoints(struct json_writer *writer, const void *context)
{
	(void)context;
	json_object_begin(writer);
	json_object_end(writer);
}

void moonraker_endpoints_status(struct moonraker_call *call)
{
	moonraker_answer(call, write_endpoints, NULL);
}

/* --- commands --- */

void moonraker_gcode_script(struct moonraker_call *call)
{
	struct json_value value;

	if (!rpc_param(call->params, "script", &value) || value.kind != JSON_STRING) {
		moonraker_fail(call, RPC_INVALID_PARAMS, "script is to be a text");
		return;
	}
	size_t capacity = (size_t)value.text.length + 1;
	char *script = malloc(capacity);
	if (!script) {
		moonraker_fail(call, MOONRAKER_BROKEN, "out of memory");
		return;
	}
	size_t length = flagship_text_copy(value.text, script, capacity);
	moonraker_run_script(call, script, length < capacity ? length : capacity - 1);
	free(script);
}

static void write_help(struct json_writer *writer, const void *context)
{
	const struct moonraker_call *call = context;

	gcode_write_help(writer, status_has_heaters(moonraker_state(call->printer)));
}

void moonraker_gcode_help(struct moonraker_call *call)
{
	moonraker_answer(call, write_help, call);
}

static void run_simple(struct moonraker_call *call, enum command_kind kind)
{
	const struct command_request request = {.kind = kind};

	moonraker_run_command(call, &request);
}

void moonraker_print_pause(struct moonraker_call *call)
{
	run_simple(call, COMMAND_PAUSE);
}

void moonraker_print_resume(struct moonraker_call *call)
{
	run_simple(call, COMMAND_RESUME);
}

void moonraker_print_cancel(struct moonraker_call *call)
{
	run_simple(call, COMMAND_STOP);
}

void moonraker_print_start(struct moonraker_call *call)
{
	char name[GCODE_TEXT_SIZE];

	if (!rpc_param_text(call->params, "filename", name, sizeof(name)) || name[0] == '\0') {
		moonraker_fail(call, RPC_INVALID_PARAMS, "filename is to be the path of a file");
		return;
	}
	moonraker_run_start(call, name);
}

void moonraker_emergency_stop(struct moonraker_call *call)
{
	moonraker_run_emergency(call);
}

void moonraker_no_printer_restart(struct moonraker_call *call)
{
	moonraker_fail(call, MOONRAKER_BAD_REQUEST,
		       "%s cannot be restarted from here: switch it off and on",
		       moonraker_printer_name(call->printer));
}
