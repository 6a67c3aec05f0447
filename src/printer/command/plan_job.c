/* SPDX-License-Identifier: MIT */
#include "printer/command/plan.h"

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
	return request->user_id != NULL ? request->user_id : ANONYMOUS;
}

static const char *user_name(const struct command_request *request)
{
	return request->user_name != NULL ? request->user_name : ANONYMOUS;
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

void plan_pause_or_resume(struct plan *plan)
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
void plan_stop(struct plan *plan)
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
