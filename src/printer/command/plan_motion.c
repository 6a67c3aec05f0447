/* SPDX-License-Identifier: MIT */
#include "printer/command/plan.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

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
void plan_home(struct plan *plan)
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

void plan_move(struct plan *plan)
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

void plan_extrude(struct plan *plan)
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

void plan_z_offset(struct plan *plan)
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
