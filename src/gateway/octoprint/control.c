/* SPDX-License-Identifier: MIT */
#include "gateway/octoprint/internal.h"

#include <cjson/cJSON.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#define CENTI     100.0
#define S_PER_MIN 60.0
#define VALUE_MAX 1e6

/* What one of these requests is about. */
struct order {
	struct octoprint *octoprint;
	struct http_request *request;
	struct fleet_printer *printer;
	cJSON *json;
	const char *command;
};

/* False where that was answered. `order->json` is to be freed otherwise. */
static bool read_order(struct order *order, struct http_request *request, void *context)
{
	*order = (struct order){.octoprint = context,
				.request = request,
				.printer = octo_find_printer(request, context)};
	if (!order->printer || !web_read_json(request, octoprint_refuse, &order->json)) {
		return false;
	}
	order->command = cJSON_GetStringValue(
		cJSON_GetObjectItemCaseSensitive(order->json, "command"));
	if (!cJSON_IsObject(order->json)) {
		octoprint_refuse(request, OCTO_BAD_REQUEST,
				 "the body is to be a JSON object with a command");
		cJSON_Delete(order->json);
		return false;
	}
	return true;
}

static bool is_command(const struct order *order, const char *name)
{
	return order->command && strcmp(order->command, name) == 0;
}

static void refuse(const struct order *order, int status, const char *detail)
{
	octoprint_refuse(order->request, status, detail);
}

static void submit_command(const struct order *order, struct command_request *command)
{
	ask_submit(&order->octoprint->ask, order->request, order->printer, command);
}

static bool read_number(const cJSON *object, const char *name, double *number)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, name);

	*number = cJSON_IsNumber(item) ? item->valuedouble : (double)NAN;
	return isfinite(*number) && fabs(*number) <= VALUE_MAX;
}

/* --- the job --- */

void octo_refuse_print(struct http_request *request, const struct fleet_printer *printer,
		       const char *path)
{
	char detail[OCTO_DETAIL_SIZE];

	if (path) {
		snprintf(detail, sizeof(detail),
			 "%.200s is kept, but not printed: %.100s has no LAN connection, by which "
			 "the gateway could send it files",
			 path, octo_name(printer));
	} else {
		snprintf(detail, sizeof(detail),
			 "%.100s has no LAN connection, by which the gateway could send it files "
			 "to print",
			 octo_name(printer));
	}
	octoprint_refuse(request, OCTO_CONFLICT, detail);
}

static void pause_or_resume(const struct order *order, enum octoprint_mode mode)
{
	const char *action = cJSON_GetStringValue(
		cJSON_GetObjectItemCaseSensitive(order->json, "action"));
	bool paused = mode == OCTOPRINT_PAUSED || mode == OCTOPRINT_PAUSING;
	bool toggles = !action || strcmp(action, "toggle") == 0;
	bool pauses = toggles ? !paused : strcmp(action, "pause") == 0;

	if (!toggles && !pauses && strcmp(action, "resume") != 0) {
		refuse(order, OCTO_BAD_REQUEST, "the action is to be pause, resume or toggle");
		return;
	}
	/* What is so already is no error. */
	if (pauses == paused) {
		http_respond(order->request, &(struct http_response){.status = OCTO_NO_CONTENT});
		return;
	}
	struct command_request command = ask_command(pauses ? COMMAND_PAUSE : COMMAND_RESUME);

	submit_command(order, &command);
}

/* Which file is selected is remembered by nobody. */
static void refuse_start(const struct order *order)
{
	const struct octoprint *octoprint = order->octoprint;

	if (!octoprint->queue ||
	    queue_lacks_sender(octoprint->queue, fleet_printer_serial(order->printer))) {
		octo_refuse_print(order->request, order->printer, NULL);
		return;
	}
	refuse(order, OCTO_CONFLICT,
	       "no file is selected here: print one by select with print, or upload it to be "
	       "printed");
}

void octo_post_job(struct http_request *request, void *context)
{
	struct order order;
	char detail[OCTO_DETAIL_SIZE];

	if (!read_order(&order, request, context)) {
		return;
	}
	enum octoprint_mode mode = octo_mode(order.octoprint, order.printer);
	bool pauses = is_command(&order, "pause");
	bool cancels = is_command(&order, "cancel");

	if (is_command(&order, "start") || is_command(&order, "restart")) {
		refuse_start(&order);
	} else if (!pauses && !cancels) {
		refuse(&order, OCTO_BAD_REQUEST,
		       "the command is to be start, cancel, restart or pause");
	} else if (!octoprint_mode_has_job(mode)) {
		snprintf(detail, sizeof(detail), "%.100s prints nothing", octo_name(order.printer));
		refuse(&order, OCTO_CONFLICT, detail);
	} else if (pauses) {
		pause_or_resume(&order, mode);
	} else {
		struct command_request stop = ask_command(COMMAND_STOP);

		submit_command(&order, &stop);
	}
	cJSON_Delete(order.json);
}

/* --- temperatures and filament --- */

static void set_target(const struct order *order, enum command_kind kind, const cJSON *object,
		       const char *name)
{
	struct command_request command = ask_command(kind);
	double target;

	if (!read_number(object, name, &target) || target < 0) {
		refuse(order, OCTO_BAD_REQUEST, "a target is to be a number of degrees Celsius");
		return;
	}
	command.value = llround(target * CENTI);
	submit_command(order, &command);
}

static void extrude(const struct order *order)
{
	struct command_request command = ask_command(COMMAND_EXTRUDE);
	double speed;

	if (!read_number(order->json, "amount", &command.distance_mm) || command.distance_mm == 0) {
		refuse(order, OCTO_BAD_REQUEST, "the amount is to be a number of millimetres");
		return;
	}
	if (read_number(order->json, "speed", &speed) && speed > 0) {
		command.feed_mm_s = speed / S_PER_MIN;
	}
	submit_command(order, &command);
}

void octo_post_tool(struct http_request *request, void *context)
{
	struct order order;

	if (!read_order(&order, request, context)) {
		return;
	}
	if (is_command(&order, "target")) {
		set_target(&order, COMMAND_NOZZLE_TARGET,
			   cJSON_GetObjectItemCaseSensitive(order.json, "targets"), "tool0");
	} else if (is_command(&order, "extrude")) {
		extrude(&order);
	} else if (is_command(&order, "select")) {
		/* It has one. */
		http_respond(request, &(struct http_response){.status = OCTO_NO_CONTENT});
	} else {
		refuse(&order, OCTO_BAD_REQUEST,
		       "of the tool's commands, target, extrude and select can be done here");
	}
	cJSON_Delete(order.json);
}

void octo_post_bed(struct http_request *request, void *context)
{
	struct order order;

	if (!read_order(&order, request, context)) {
		return;
	}
	if (is_command(&order, "target")) {
		set_target(&order, COMMAND_BED_TARGET, order.json, "target");
	} else {
		refuse(&order, OCTO_BAD_REQUEST, "of the bed's commands, target can be done here");
	}
	cJSON_Delete(order.json);
}

/* --- the head --- */

static const char axis_names[][2] = {"x", "y", "z"};

#define AXES (sizeof(axis_names) / sizeof(axis_names[0]))

static void home(const struct order *order)
{
	const cJSON *axes = cJSON_GetObjectItemCaseSensitive(order->json, "axes");
	struct command_request command = ask_command(COMMAND_HOME);
	const cJSON *item;

	cJSON_ArrayForEach(item, axes)
	{
		const char *name = cJSON_GetStringValue(item);

		for (size_t i = 0; name && i < AXES; i++) {
			command.value |= strcmp(name, axis_names[i]) == 0 ? INT64_C(1) << i : 0;
		}
	}
	if (!cJSON_IsArray(axes) || command.value == 0) {
		refuse(order, OCTO_BAD_REQUEST, "axes is to be a list of x, y and z");
		return;
	}
	submit_command(order, &command);
}

static void jog(const struct order *order)
{
	struct command_request command = ask_command(COMMAND_MOVE);
	bool moves = false;
	double speed;

	for (size_t i = 0; i < AXES; i++) {
		moves |= read_number(order->json, axis_names[i], &command.position_mm[i]);
	}
	if (!moves) {
		refuse(order, OCTO_BAD_REQUEST, "x, y or z is to be a number of millimetres");
		return;
	}
	command.relative = !cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(order->json, "absolute"));
	if (read_number(order->json, "speed", &speed) && speed > 0) {
		command.feed_mm_s = speed / S_PER_MIN;
	}
	submit_command(order, &command);
}

void octo_post_printhead(struct http_request *request, void *context)
{
	struct order order;

	if (!read_order(&order, request, context)) {
		return;
	}
	if (is_command(&order, "home")) {
		home(&order);
	} else if (is_command(&order, "jog")) {
		jog(&order);
	} else {
		refuse(&order, OCTO_BAD_REQUEST,
		       "of the print head's commands, home and jog can be done here");
	}
	cJSON_Delete(order.json);
}

/* --- G-code --- */

void octo_post_command(struct http_request *request, void *context)
{
	const char *lines[ASK_LINES_MAX];
	size_t count = 0;
	struct order order;
	const cJSON *item;
	bool good = true;

	if (!read_order(&order, request, context)) {
		return;
	}
	const cJSON *list = cJSON_GetObjectItemCaseSensitive(order.json, "commands");

	if (order.command) {
		lines[count++] = order.command;
	}
	cJSON_ArrayForEach(item, list)
	{
		good = good && cJSON_IsString(item) && count < ASK_LINES_MAX;
		if (good) {
			lines[count++] = item->valuestring;
		}
	}
	if (!good || count == 0) {
		refuse(&order, OCTO_BAD_REQUEST,
		       "the body is to be {\"command\": LINE} or {\"commands\": [LINE, …]}, of 64 "
		       "lines at most");
	} else {
		ask_submit_lines(&order.octoprint->ask, request, order.printer, lines, count);
	}
	cJSON_Delete(order.json);
}
