/* SPDX-License-Identifier: MIT */
#include "printer/guard/internal.h"

#include "printer/command/internal.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Room for a line that is too long, so that it is refused for that. */
#define REQUEST_LINE_MAX   512

#define CONTROL_START_JSON "{\"commandType\":1008,\"value\":1}"

static const char moves_in_job[] = "a job is running, and moving the printer would spoil it";
static const char e1_has_none[] =
	"an E1 prints with ink and light: it has no nozzle, bed, filament, axes or G-code";
static const char e1_files[] = "nobody knows what an E1 makes of it";

static bool applies_to_e1(struct guard *guard, const struct guard_rule *rule)
{
	if (rule->m5 == GUARD_ALWAYS) {
		return guard_refuse(guard, "%s", rule->reason);
	}
	return guard_refuse(guard, "%s",
			    rule->first == FLAGSHIP_MESSAGE_FILE_LIST_REQUEST ? e1_files
									      : e1_has_none);
}

bool guard_applies(struct guard *guard, const struct guard_rule *rule)
{
	if (guard->profile->model == FLAGSHIP_MODEL_E1 && rule->e1 == GUARD_ALWAYS) {
		return applies_to_e1(guard, rule);
	}
	switch (guard_rule_when(rule, guard->profile->model)) {
	case GUARD_ALWAYS:
		return guard_refuse(guard, "%s", rule->reason);
	case GUARD_JOB:
		return guard_in_job(guard, rule->reason);
	case GUARD_Z_AT_RISK:
		return guard_in_job(guard, moves_in_job) ||
		       (guard->profile->z_home_is_dangerous &&
			guard_refuse(guard, "%s", rule->reason));
	default:
		return false;
	}
}

/* As the G-code that it comes to. */
__attribute__((format(printf, 2, 3))) static bool guard_as_line(struct guard *guard,
								const char *format, ...)
{
	char line[REQUEST_LINE_MAX];
	va_list arguments;

	if (guard->profile->model == FLAGSHIP_MODEL_E1) {
		return guard_refuse(guard, "%s", e1_has_none);
	}
	va_start(arguments, format);
	vsnprintf(line, sizeof(line), format, arguments);
	va_end(arguments);
	return guard_line(guard, line);
}

static bool guard_home_request(struct guard *guard, int64_t axes)
{
	return guard_as_line(guard, "G28%s%s%s", axes & COMMAND_AXIS_X ? " X" : "",
			     axes & COMMAND_AXIS_Y ? " Y" : "", axes & COMMAND_AXIS_Z ? " Z" : "");
}

static bool guard_move_request(struct guard *guard, const struct command_request *request)
{
	const bool relative = guard->relative;

	if (guard_as_line(guard, "G1")) {
		return true;
	}
	guard->relative = request->relative;
	bool refused = guard_position(guard, request->position_mm);
	guard->relative = relative;
	return refused;
}

static bool guard_offset_request(struct guard *guard, const struct command_request *request)
{
	const double mm = (double)request->value / COMMAND_CENTI;

	if (guard->profile->model == FLAGSHIP_MODEL_E1) {
		return guard_refuse(guard, "%s", e1_has_none);
	}
	return request->relative ? guard_offset_change(guard, mm) : guard_offset_to(guard, mm);
}

static bool guard_text_request(struct guard *guard, const struct command_request *request)
{
	if (!request->text) {
		return false;
	}
	switch (request->kind) {
	case COMMAND_DELETE:
		return guard_delete(guard, request->text);
	case COMMAND_RENAME:
		return guard_name(guard, flagship_text_from(request->text));
	case COMMAND_GCODE:
		/* First, so that what is never sent is found on an E1 too. */
		return guard_line(guard, request->text) ||
		       (guard->profile->model == FLAGSHIP_MODEL_E1 &&
			guard_refuse(guard, "%s", e1_has_none));
	default:
		return guard_json(guard, request->text);
	}
}

static bool guard_request(struct guard *guard, const struct command_request *request)
{
	const double value = (double)request->value;

	switch (request->kind) {
	case COMMAND_NOZZLE_TARGET:
		return guard_as_line(guard, "M104 S%.2f", value / COMMAND_CENTI);
	case COMMAND_BED_TARGET:
		return guard_as_line(guard, "M140 S%.2f", value / COMMAND_CENTI);
	case COMMAND_COOLDOWN:
		return guard_as_line(guard, "M104 S0") || guard_as_line(guard, "M140 S0");
	case COMMAND_FAN:
		return guard_as_line(guard, "M106");
	case COMMAND_SPEED:
		return guard_speed(guard, value);
	case COMMAND_HOME:
		return guard_home_request(guard, request->value);
	case COMMAND_MOVE:
		return guard_move_request(guard, request);
	case COMMAND_EXTRUDE:
		return guard_as_line(guard, "G1 E%.3f", request->distance_mm);
	case COMMAND_Z_OFFSET:
		return guard_offset_request(guard, request);
	case COMMAND_LEVEL:
		return guard_type(guard, FLAGSHIP_MESSAGE_AUTO_LEVELING);
	case COMMAND_FILES:
		return guard_type(guard, FLAGSHIP_MESSAGE_FILE_LIST_REQUEST);
	case COMMAND_START:
		return guard_json(guard, CONTROL_START_JSON);
	case COMMAND_LIGHT:
		return guard_light(guard);
	case COMMAND_PAUSE:
	case COMMAND_RESUME:
	case COMMAND_STOP:
	case COMMAND_STATUS:
		return false;
	default:
		return guard_text_request(guard, request);
	}
}

static struct guard guard_for(const struct printer_state *state,
			      const struct printer_profile *profile,
			      const struct guard_memory *memory, char *reason, size_t capacity)
{
	return (struct guard){
		.state = state,
		.profile = profile,
		.memory = memory,
		.relative = memory && memory->relative,
		.reason = reason,
		.capacity = capacity,
	};
}

enum guard_verdict guard_check(const struct printer_state *state,
			       const struct printer_profile *profile,
			       const struct guard_memory *memory,
			       const struct command_request *request, char *reason, size_t capacity)
{
	struct guard guard = guard_for(state, profile, memory, reason, capacity);

	guard.force = request->force;
	if (!guard_request(&guard, request)) {
		return GUARD_PASS;
	}
	if (!guard.never) {
		/* Something further behind may be what is never sent. */
		char unused[COMMAND_DETAIL_MAX];
		struct guard forced = guard_for(state, profile, memory, unused, sizeof(unused));
		forced.force = true;
		guard.never = guard_request(&forced, request);
	}
	return guard.never ? GUARD_NEVER : GUARD_REFUSED;
}

unsigned int guard_lacks(const struct printer_state *state, const struct printer_profile *profile,
			 const struct guard_memory *memory, const struct command_request *request)
{
	char reason[COMMAND_DETAIL_MAX];
	struct guard guard = guard_for(state, profile, memory, reason, sizeof(reason));
	bool refused = guard_request(&guard, request);

	return refused && !guard.unknown ? 0 : guard.lacks;
}
