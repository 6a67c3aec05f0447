/* SPDX-License-Identifier: MIT */
#include "printer/command/plan.h"

#include "printer/guard/guard.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FAN_CODE_FULL     255
#define FULL_PERCENT      100
#define UNKNOWN_COMMAND   "Unknown command"
#define Z_STEP_CENTI_MM   200 /* of one M290 (protocol.md 3, 1021) */
#define Z_LIMIT_CENTI_MM  3000
#define SECONDS_A_MINUTE  60.0
#define FEED_PLANE_MM_S   50.0
#define FEED_HEIGHT_MM_S  10.0
#define FEED_EXTRUDE_MM_S 3.0
/* Values of 1026 (protocol.md 3). */
#define HOME_PLANE_VALUE  0
#define HOME_HEIGHT_VALUE 1
#define HOME_ALL_VALUE    2
#define AXES              3

static struct command_step *add_step(struct plan *plan, enum flagship_topic_kind topic,
				     int64_t type, const char *json, size_t length)
{
	struct command *command = plan->command;

	if (!plan->error && command->step_count == COMMAND_STEPS_MAX) {
		plan->error = FLAGSHIP_ERROR_RANGE;
	}
	char *copy = plan->error == 0 ? malloc(length + 1) : NULL;
	if (!copy) {
		plan->error = plan->error != 0 ? plan->error : FLAGSHIP_ERROR_MEMORY;
		plan->nowhere = (struct command_step){0};
		return &plan->nowhere;
	}
	memcpy(copy, json, length);
	copy[length] = '\0';
	struct command_step *step = &command->steps[command->step_count++];
	*step = (struct command_step){
		.topic = topic,
		.type = type,
		.json = copy,
		.length = length,
		.settle_ms = COMMAND_NOT_DUE_MS,
	};
	return step;
}

struct command_step *plan_add_built(struct plan *plan, int64_t type, int error)
{
	plan->error = plan->error != 0 ? plan->error : error;
	return add_step(plan, FLAGSHIP_TOPIC_COMMAND, type, plan->json, plan->length);
}

static struct command_step *add_line(struct plan *plan, const char *line)
{
	int error = flagship_build_gcode(line, plan->json, sizeof(plan->json), &plan->length);

	return plan_add_built(plan, FLAGSHIP_MESSAGE_GCODE_COMMAND, error);
}

struct command_step *plan_add_gcode(struct plan *plan, const char *format, ...)
{
	char line[PLAN_GCODE_MAX];
	va_list arguments;

	va_start(arguments, format);
	int length = vsnprintf(line, sizeof(line), format, arguments);
	va_end(arguments);
	if (length < 0 || (size_t)length >= sizeof(line)) {
		plan->error = plan->error != 0 ? plan->error : FLAGSHIP_ERROR_RANGE;
	}
	struct command_step *step = add_line(plan, line);
	step->refusal = UNKNOWN_COMMAND;
	step->terse = true;
	return step;
}

struct command_step *plan_add_message(struct plan *plan, const struct flagship_message *message,
				      unsigned int direction)
{
	int error = flagship_message_build(message, direction, plan->json, sizeof(plan->json),
					   &plan->length);

	plan->error = plan->error != 0 ? plan->error : error;
	return add_step(plan,
			direction == FLAGSHIP_DIRECTION_QUERY ? FLAGSHIP_TOPIC_QUERY
							      : FLAGSHIP_TOPIC_COMMAND,
			message->type, plan->json, plan->length);
}

void plan_set_goal(struct plan *plan, enum command_goal_kind kind, int64_t value)
{
	command_goal_set(&plan->command->goal, kind, value, plan->engine);
}

/* Print control, 1008 (protocol.md 3.2). */

#define ANONYMOUS "flagship"

/* `value` in the vendor's form. */
#define VENDOR_START  1
#define VENDOR_PAUSE  2
#define VENDOR_RESUME 3
#define VENDOR_STOP   4

/* In the one that was observed on an M5C, where nothing starts a file. */
#define OBSERVED_PAUSE  1
#define OBSERVED_RESUME 2
#define OBSERVED_STOP   0
#define OBSERVED_GCODE  "M2024"

/* Without a user an M5 ignores the message: any other one is worth the attempt. */
const char *plan_user_id(const struct command_request *request)
{
	return request->user_id ? request->user_id : ANONYMOUS;
}

static const char *user_name(const struct command_request *request)
{
	return request->user_name ? request->user_name : ANONYMOUS;
}

static struct command_step *add_vendor(struct plan *plan, int64_t value)
{
	const struct command_request *request = &plan->command->request;
	int error = flagship_build_print_control(value, "", plan_user_id(request),
						 user_name(request), plan->json, sizeof(plan->json),
						 &plan->length);

	return plan_add_built(plan, FLAGSHIP_MESSAGE_PRINT_CONTROL, error);
}

static struct command_step *add_observed(struct plan *plan, int64_t value, const char *user,
					 const char *file)
{
	int error = flagship_build_print_control_observed(value, user, file, plan->json,
							  sizeof(plan->json), &plan->length);

	return plan_add_built(plan, FLAGSHIP_MESSAGE_PRINT_CONTROL, error);
}

/* 2, 3 and 4 are sent again until the state proves them; 0 and 1 never, since in the other form
 * they start a file. */
static void repeat_until_proven(struct command_step *step)
{
	step->repeatable = true;
	step->insists = true;
}

static void plan_observed(struct plan *plan, bool pause)
{
	const char *name = plan->engine->state->job.name;
	struct command_step *step = add_observed(plan, pause ? OBSERVED_PAUSE : OBSERVED_RESUME,
						 user_name(&plan->command->request),
						 name[0] != '\0' ? name : NULL);

	if (!pause) {
		repeat_until_proven(step);
	}
}

static void plan_pause_or_resume(struct plan *plan)
{
	bool pause = plan->command->request.kind == COMMAND_PAUSE;

	if (plan->engine->profile->control == PRINTER_CONTROL_OBSERVED) {
		plan_observed(plan, pause);
	} else {
		repeat_until_proven(add_vendor(plan, pause ? VENDOR_PAUSE : VENDOR_RESUME));
	}
	plan_set_goal(plan, pause ? GOAL_PAUSED : GOAL_RUNNING, 0);
	plan->command->goal.progress = plan->engine->state->job.progress_centi_percent;
}

/* Nothing that turns heaters or fans goes with it: that may upset the printer's own end. */
static void plan_stop(struct plan *plan)
{
	if (plan->engine->profile->control == PRINTER_CONTROL_OBSERVED) {
		add_observed(plan, OBSERVED_STOP, NULL, NULL);
		plan_add_gcode(plan, OBSERVED_GCODE);
	} else {
		repeat_until_proven(add_vendor(plan, VENDOR_STOP));
	}
	plan_set_goal(plan, GOAL_OVER, 0);
}

/* For every model: the observed form has no start, and takes this for a pause that has no effect
 * while no job runs. */
int plan_start_json(const struct command_request *request, const char *path, char *json,
		    size_t capacity, size_t *length)
{
	return flagship_build_print_control(VENDOR_START, path, plan_user_id(request),
					    user_name(request), json, capacity, length);
}

static void home_by_message(struct plan *plan, int64_t value)
{
	struct flagship_message message;

	flagship_message_init(&message, FLAGSHIP_MESSAGE_MOVE_ZERO);
	message.as.move_zero.present = FLAGSHIP_MOVE_ZERO_HAS_VALUE;
	message.as.move_zero.value = value;
	plan_add_message(plan, &message, FLAGSHIP_DIRECTION_COMMAND);
	plan_set_goal(plan, GOAL_HOMED, 0);
}

/*
 * 1026 where it has a value for these axes, and its notice proves it; else by G-code. Z where that
 * is dangerous is only asked for by force, and then not by a message that nobody has seen.
 */
static void plan_home(struct plan *plan)
{
	int64_t axes = plan->command->request.value;
	bool at_risk = (axes & COMMAND_AXIS_Z) && plan->engine->profile->z_home_is_dangerous;

	if (axes <= 0 || axes > COMMAND_AXES_ALL) {
		plan->error = FLAGSHIP_ERROR_ARGUMENT;
	} else if (axes == (COMMAND_AXIS_X | COMMAND_AXIS_Y)) {
		home_by_message(plan, HOME_PLANE_VALUE);
	} else if (axes == COMMAND_AXIS_Z && !at_risk) {
		home_by_message(plan, HOME_HEIGHT_VALUE);
	} else if (axes == COMMAND_AXES_ALL && !at_risk) {
		home_by_message(plan, HOME_ALL_VALUE);
	} else if (axes == COMMAND_AXES_ALL) {
		plan_add_gcode(plan, "G28")->terse = false;
	} else {
		plan_add_gcode(plan, "G28%s%s%s", axes & COMMAND_AXIS_X ? " X" : "",
			       axes & COMMAND_AXIS_Y ? " Y" : "", axes & COMMAND_AXIS_Z ? " Z" : "")
			->terse = false;
	}
}

static void plan_move(struct plan *plan)
{
	static const char letters[AXES] = {'X', 'Y', 'Z'};
	const struct command_request *request = &plan->command->request;
	double feed_mm_s = request->feed_mm_s;
	char axes[PLAN_GCODE_MAX / 2] = "";
	size_t length = 0;

	for (size_t i = 0; i < AXES; i++) {
		if (isfinite(request->position_mm[i])) {
			length += (size_t)snprintf(axes + length, sizeof(axes) - length, " %c%.3f",
						   letters[i], request->position_mm[i]);
		}
		if (length >= sizeof(axes)) {
			plan->error = FLAGSHIP_ERROR_RANGE;
			return;
		}
	}
	if (length == 0 || !(feed_mm_s >= 0)) {
		plan->error = FLAGSHIP_ERROR_ARGUMENT;
		return;
	}
	if (feed_mm_s == 0) {
		feed_mm_s = isfinite(request->position_mm[2]) ? FEED_HEIGHT_MM_S : FEED_PLANE_MM_S;
	}
	plan_add_gcode(plan, request->relative ? "G91" : "G90");
	plan_add_gcode(plan, "G1%s F%.15g", axes, feed_mm_s * SECONDS_A_MINUTE);
	if (request->relative) {
		plan_add_gcode(plan, "G90")->restores = true;
	}
}

static void plan_extrude(struct plan *plan)
{
	const struct command_request *request = &plan->command->request;
	double feed_mm_s = request->feed_mm_s == 0 ? FEED_EXTRUDE_MM_S : request->feed_mm_s;

	if (!isfinite(request->distance_mm) || request->distance_mm == 0 || !(feed_mm_s > 0)) {
		plan->error = FLAGSHIP_ERROR_ARGUMENT;
		return;
	}
	plan_add_gcode(plan, "M83");
	plan_add_gcode(plan, "G1 E%.3f F%.15g", request->distance_mm, feed_mm_s * SECONDS_A_MINUTE);
	plan_add_gcode(plan, "M82")->restores = true;
}

static bool is_possible_offset(int64_t centi_mm)
{
	return centi_mm >= -Z_LIMIT_CENTI_MM && centi_mm <= Z_LIMIT_CENTI_MM;
}

static void plan_z_offset(struct plan *plan)
{
	const struct command_request *request = &plan->command->request;
	int64_t now = plan->engine->state->z_offset_centi_mm;
	int64_t wanted = request->value;

	if (now == PRINTER_NEVER) {
		plan->error = FLAGSHIP_ERROR_MISSING_FIELD;
		return;
	}
	if (!is_possible_offset(wanted) || !is_possible_offset(now)) {
		plan->error = FLAGSHIP_ERROR_RANGE;
		return;
	}
	if (request->relative) {
		wanted += now;
	}
	plan_set_goal(plan, GOAL_Z_OFFSET, wanted);
	for (int64_t left = wanted - now; left != 0 && plan->error == 0;) {
		int64_t step = left;
		if (llabs(step) > Z_STEP_CENTI_MM) {
			step = left < 0 ? -Z_STEP_CENTI_MM : Z_STEP_CENTI_MM;
		}
		plan_add_gcode(plan, "M290 Z%.2f", (double)step / COMMAND_CENTI);
		left -= step;
	}
	plan->command->goal.met = wanted == now;
}

/* A target beyond what the typed command can say is for those who force it: by G-code alone. */
static void add_target(struct plan *plan, enum flagship_message_type type, int error)
{
	if (error != FLAGSHIP_ERROR_RANGE) {
		plan_add_built(plan, type, error)->repeatable = true;
	}
}

static void add_nozzle(struct plan *plan, int64_t centi_c)
{
	int error = flagship_build_nozzle_target(centi_c, plan->json, sizeof(plan->json),
						 &plan->length);

	add_target(plan, FLAGSHIP_MESSAGE_NOZZLE_TEMP, error);
	/* The typed command alone may be acknowledged and heat nothing (protocol.md 3, 1003). */
	plan_add_gcode(plan, "M104 S%.15g", (double)centi_c / COMMAND_CENTI);
	plan->command->goal.nozzle_centi_c = centi_c;
}

static void add_bed(struct plan *plan, int64_t centi_c)
{
	int error = flagship_build_bed_target(centi_c, plan->json, sizeof(plan->json),
					      &plan->length);

	add_target(plan, FLAGSHIP_MESSAGE_HOTBED_TEMP, error);
	plan_add_gcode(plan, "M140 S%.15g", (double)centi_c / COMMAND_CENTI);
	plan->command->goal.bed_centi_c = centi_c;
}

static void plan_targets(struct plan *plan)
{
	const struct command_request *request = &plan->command->request;
	bool cooldown = request->kind == COMMAND_COOLDOWN;

	plan_set_goal(plan, GOAL_TARGETS, 0);
	if (cooldown || request->kind == COMMAND_NOZZLE_TARGET) {
		add_nozzle(plan, cooldown ? 0 : request->value);
	}
	if (cooldown || request->kind == COMMAND_BED_TARGET) {
		add_bed(plan, cooldown ? 0 : request->value);
	}
}

/* The notice follows the typed command, and not a raw M106 (protocol.md 3, 1005). That a printer
 * obeys the first was read in the app alone; the second does what it says in any case. */
static void plan_fan(struct plan *plan)
{
	int64_t percent = plan->command->request.value;

	if (percent < 0 || percent > FULL_PERCENT) {
		plan->error = FLAGSHIP_ERROR_RANGE;
		return;
	}
	struct flagship_message message;
	flagship_message_init(&message, FLAGSHIP_MESSAGE_FAN_SPEED);
	message.as.fan_speed.present = FLAGSHIP_FAN_SPEED_HAS_PERCENT;
	message.as.fan_speed.percent = percent;
	plan_add_message(plan, &message, FLAGSHIP_DIRECTION_COMMAND)->repeatable = true;
	plan_add_gcode(plan, "M106 S%ld", lround((double)percent * FAN_CODE_FULL / FULL_PERCENT));
	plan_set_goal(plan, GOAL_FAN, percent);
}

static void plan_speed(struct plan *plan)
{
	int64_t mm_s = plan->command->request.value;
	int error = flagship_build_print_speed(mm_s, plan->json, sizeof(plan->json), &plan->length);

	plan_add_built(plan, FLAGSHIP_MESSAGE_PRINT_SPEED, error)->repeatable = true;
	plan_set_goal(plan, GOAL_SPEED, mm_s);
}

static void plan_level(struct plan *plan)
{
	struct flagship_message message;

	flagship_message_init(&message, FLAGSHIP_MESSAGE_AUTO_LEVELING);
	message.as.auto_leveling.present = FLAGSHIP_AUTO_LEVELING_HAS_VALUE;
	plan_add_message(plan, &message, FLAGSHIP_DIRECTION_COMMAND);
	plan_set_goal(plan, GOAL_LEVELLING, 0);
}

static void plan_rename(struct plan *plan)
{
	int error = flagship_build_device_name(plan->command->request.text, plan->json,
					       sizeof(plan->json), &plan->length);

	plan_add_built(plan, FLAGSHIP_MESSAGE_DEVICE_NAME_SET, error)->repeatable = true;
}

static void plan_status(struct plan *plan)
{
	int error = flagship_build_query_status(plan->json, sizeof(plan->json), &plan->length);
	struct command_step *step = plan_add_built(plan, FLAGSHIP_MESSAGE_APP_QUERY_STATUS, error);

	step->topic = FLAGSHIP_TOPIC_QUERY;
	step->repeatable = true;
}

static void plan_raw(struct plan *plan)
{
	const struct command_request *request = &plan->command->request;
	bool query = request->kind == COMMAND_QUERY;
	size_t length = strlen(request->text);
	struct flagship_message message;
	size_t count;
	int error = flagship_payload_read(request->text, length, &message, 1, &count);

	if (error || count != 1) {
		plan->error = error != 0 ? error : FLAGSHIP_ERROR_NOT_OBJECT;
		return;
	}
	add_step(plan, query ? FLAGSHIP_TOPIC_QUERY : FLAGSHIP_TOPIC_COMMAND, message.type,
		 request->text, length)
		->repeatable = query;
}

static bool needs_text(enum command_kind kind)
{
	return kind == COMMAND_RENAME || kind == COMMAND_DELETE || kind == COMMAND_START ||
	       kind == COMMAND_GCODE || kind == COMMAND_SEND || kind == COMMAND_QUERY;
}

static void plan_kind(struct plan *plan)
{
	static void (*const planners[])(struct plan * plan) = {
		[COMMAND_PAUSE] = plan_pause_or_resume,
		[COMMAND_RESUME] = plan_pause_or_resume,
		[COMMAND_STOP] = plan_stop,
		[COMMAND_NOZZLE_TARGET] = plan_targets,
		[COMMAND_BED_TARGET] = plan_targets,
		[COMMAND_COOLDOWN] = plan_targets,
		[COMMAND_FAN] = plan_fan,
		[COMMAND_SPEED] = plan_speed,
		[COMMAND_HOME] = plan_home,
		[COMMAND_MOVE] = plan_move,
		[COMMAND_EXTRUDE] = plan_extrude,
		[COMMAND_Z_OFFSET] = plan_z_offset,
		[COMMAND_LEVEL] = plan_level,
		[COMMAND_RENAME] = plan_rename,
		[COMMAND_FILES] = plan_files,
		[COMMAND_DELETE] = plan_delete,
		[COMMAND_START] = plan_start,
		[COMMAND_SEND] = plan_raw,
		[COMMAND_QUERY] = plan_raw,
		[COMMAND_STATUS] = plan_status,
	};
	const struct command_request *request = &plan->command->request;

	bool is_known = (size_t)request->kind < sizeof(planners) / sizeof(planners[0]);
	bool has_text = request->text && request->text[0] != '\0';

	if (!is_known || (needs_text(request->kind) && !has_text)) {
		plan->error = FLAGSHIP_ERROR_ARGUMENT;
	} else if (request->kind == COMMAND_GCODE) {
		add_line(plan, request->text);
	} else if (request->kind == COMMAND_LIGHT) {
		plan_add_gcode(plan, "M3012 S%d", request->value != 0);
	} else {
		planners[request->kind](plan);
	}
}

void command_plan_clear(struct command *command)
{
	for (size_t i = 0; i < command->step_count; i++) {
		free(command->steps[i].json);
	}
	command->step_count = 0;
	command->goal = (struct command_goal){.kind = GOAL_NONE};
	file_list_finish(&command->search.list);
	command->search = (struct command_search){0};
}

int command_plan(const struct command_engine *engine, struct command *command)
{
	struct plan plan = {.engine = engine, .command = command};

	command_plan_clear(command);
	plan_kind(&plan);
	if (plan.error != 0) {
		command_plan_clear(command);
	}
	return plan.error;
}

/* A stop waits for nothing, what only asks is the same for all, and who insists gets it sent. */
bool command_must_learn_model(const struct command_engine *engine,
			      const struct command_request *request)
{
	if (request->as_known) {
		return false;
	}
	switch (request->kind) {
	case COMMAND_STOP:
	case COMMAND_FILES:
	case COMMAND_QUERY:
	case COMMAND_STATUS:
		return false;
	default:
		return engine->state->model == FLAGSHIP_MODEL_UNKNOWN && !engine->model_unknown &&
		       !request->force && !request->no_wait && !engine->rights.no_query &&
		       !engine->rights.no_command;
	}
}

bool command_must_ask(const struct command_engine *engine, const struct command *command)
{
	const struct command_request *request = &command->request;
	const struct printer_state *state = engine->state;
	bool names = engine->profile->control == PRINTER_CONTROL_OBSERVED;

	if (command_must_learn_model(engine, request)) {
		return true;
	}
	switch (request->kind) {
	case COMMAND_PAUSE:
	case COMMAND_RESUME:
		return names && state->job.name[0] == '\0' &&
		       (!state->job.state_received || state->job.state != PRINTER_JOB_IDLE);
	case COMMAND_Z_OFFSET:
		return state->z_offset_centi_mm == PRINTER_NEVER;
	case COMMAND_DELETE:
		return !state->job.state_received;
	default:
		return !request->as_known && command_guard_lacks(engine, request);
	}
}
