/* SPDX-License-Identifier: MIT */
#include "printer/command/internal.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define SUB_TYPE_JOB_STATE 1
#define TEMPERATURE_MAX    48

static bool is_over(int64_t state)
{
	return state == FLAGSHIP_JOB_STATE_IDLE || state == FLAGSHIP_JOB_STATE_STOPPED ||
	       state == FLAGSHIP_JOB_STATE_ENDED;
}

void command_goal_set(struct command_goal *goal, enum command_goal_kind kind, int64_t value,
		      const struct command_engine *engine)
{
	*goal = (struct command_goal){
		.kind = kind,
		.nozzle_centi_c = PRINTER_NEVER,
		.bed_centi_c = PRINTER_NEVER,
		.value = value,
		.received_value = PRINTER_NEVER,
		.nozzle_before_centi_c = engine->state->nozzle.target_centi_c,
		.bed_before_centi_c = engine->state->bed.target_centi_c,
		.nozzle_ceiling_centi_c = engine->profile->nozzle_ceiling_c * COMMAND_CENTI,
		.bed_ceiling_centi_c = engine->profile->bed_ceiling_c * COMMAND_CENTI,
		.state_before = engine->state->job.state,
		.progress = PRINTER_NEVER,
	};
}

static bool proves(enum command_goal_kind kind, int64_t state)
{
	switch (kind) {
	case GOAL_PAUSED:
		return state == FLAGSHIP_JOB_STATE_PAUSED;
	case GOAL_RUNNING:
		return state == FLAGSHIP_JOB_STATE_PRINTING;
	case GOAL_OVER:
		/* 3 is not among them: some firmware says so of a job that goes on. */
		return state == FLAGSHIP_JOB_STATE_IDLE || state == FLAGSHIP_JOB_STATE_ENDED;
	case GOAL_LEVELLING:
		return state == FLAGSHIP_JOB_STATE_LEVELLING ||
		       state == FLAGSHIP_JOB_STATE_HEATING_TO_LEVEL;
	default:
		return false;
	}
}

static bool begins(int64_t state)
{
	return !is_over(state) && state != FLAGSHIP_JOB_STATE_PAUSED;
}

/* 3 proves nothing yet after a resume, but its progress cannot either while 3 is held back. Which
 * file begins is not asked for here: its name may come later. */
uint64_t command_goal_states(const struct command_goal *goal)
{
	uint64_t states = 0;

	for (int64_t state = 0; state < 64; state++) {
		bool shows = proves(goal->kind, state) ||
			     (goal->kind == GOAL_RUNNING && state == FLAGSHIP_JOB_STATE_STOPPED) ||
			     (goal->kind == GOAL_BEGUN && begins(state));
		states |= (uint64_t)shows << state;
	}
	return states;
}

/* After a resume some firmware says 3 of a job that goes on: its progress tells. */
static void receive_resumed(struct command_goal *goal)
{
	if (goal->received_value == FLAGSHIP_JOB_STATE_STOPPED && goal->progressed) {
		goal->met = true;
	}
}

static void receive_progress(struct command_goal *goal,
			     const struct flagship_print_schedule *schedule)
{
	int64_t progress = schedule->progress_centi_percent;

	if (goal->kind != GOAL_RUNNING || progress < 0 ||
	    !(schedule->present & FLAGSHIP_PRINT_SCHEDULE_HAS_PROGRESS_CENTI_PERCENT)) {
		return;
	}
	if (goal->progress != PRINTER_NEVER && progress > goal->progress) {
		goal->progressed = true;
	}
	goal->progress = progress;
	receive_resumed(goal);
}

/* It must be the file that was started, as far as the printer names one. */
static void receive_begun(struct command_goal *goal, const struct printer_state *state)
{
	const char *name = state->job.name;

	if (goal->kind == GOAL_BEGUN && goal->begun &&
	    (!goal->file || name[0] == '\0' ||
	     strncmp(name, goal->file, sizeof(state->job.name) - 1) == 0)) {
		goal->met = true;
	}
}

static bool is_job_state(const struct flagship_event_notify *notify)
{
	bool has_type = notify->present & FLAGSHIP_EVENT_NOTIFY_HAS_SUB_TYPE;

	return (notify->present & FLAGSHIP_EVENT_NOTIFY_HAS_VALUE) &&
	       (!has_type || notify->sub_type == SUB_TYPE_JOB_STATE);
}

int64_t command_goal_state_of(const struct flagship_message *message)
{
	return message->type == FLAGSHIP_MESSAGE_EVENT_NOTIFY && !message->has_reply &&
			       is_job_state(&message->as.event_notify)
		       ? message->as.event_notify.value
		       : -1;
}

static void receive_state(struct command_goal *goal, const struct flagship_event_notify *notify)
{
	if (!is_job_state(notify)) {
		return;
	}
	goal->received = true;
	goal->received_value = notify->value;
	goal->begun = begins(notify->value);
	if (proves(goal->kind, notify->value)) {
		goal->met = true;
	}
	if (goal->kind == GOAL_RUNNING) {
		receive_resumed(goal);
	}
}

/*
 * The firmware clamps a target without a word (protocol.md 7.4). Where its ceiling is not the one
 * that is known, a target that changed and is yet below the wanted one shows it.
 */
static bool is_clamped(int64_t wanted, int64_t before, int64_t now, int64_t ceiling)
{
	return wanted != PRINTER_NEVER && now != PRINTER_NEVER && now != 0 && now < wanted &&
	       (now == ceiling || (before != PRINTER_NEVER && now > before));
}

static void receive_clamp(struct command_goal *goal, const struct printer_state *state, bool nozzle)
{
	goal->clamped = nozzle ? is_clamped(goal->nozzle_centi_c, goal->nozzle_before_centi_c,
					    state->nozzle.target_centi_c,
					    goal->nozzle_ceiling_centi_c)
			       : is_clamped(goal->bed_centi_c, goal->bed_before_centi_c,
					    state->bed.target_centi_c, goal->bed_ceiling_centi_c);
}

/* A target that is left out is unchanged, so that the merged state tells it. */
static void receive_target(struct command_goal *goal, const struct printer_state *state,
			   const struct flagship_message *message)
{
	if (message->type == FLAGSHIP_MESSAGE_NOZZLE_TEMP) {
		goal->nozzle_met = state->nozzle.target_centi_c == goal->nozzle_centi_c;
		goal->received = goal->received || goal->nozzle_centi_c != PRINTER_NEVER;
		receive_clamp(goal, state, true);
	} else if (message->type == FLAGSHIP_MESSAGE_HOTBED_TEMP) {
		goal->bed_met = state->bed.target_centi_c == goal->bed_centi_c;
		goal->received = goal->received || goal->bed_centi_c != PRINTER_NEVER;
		receive_clamp(goal, state, false);
	}
	goal->met = (goal->nozzle_centi_c == PRINTER_NEVER || goal->nozzle_met) &&
		    (goal->bed_centi_c == PRINTER_NEVER || goal->bed_met);
}

static void receive_value(struct command_goal *goal, int64_t value)
{
	goal->received = true;
	goal->received_value = value;
	if (value == goal->value) {
		goal->met = true;
	}
}

static bool is_about(enum command_goal_kind kind, int64_t type)
{
	switch (kind) {
	case GOAL_TARGETS:
		return type == FLAGSHIP_MESSAGE_NOZZLE_TEMP || type == FLAGSHIP_MESSAGE_HOTBED_TEMP;
	case GOAL_FAN:
		return type == FLAGSHIP_MESSAGE_FAN_SPEED;
	case GOAL_SPEED:
		return type == FLAGSHIP_MESSAGE_PRINT_SPEED;
	case GOAL_Z_OFFSET:
		return type == FLAGSHIP_MESSAGE_Z_AXIS_RECOUP;
	case GOAL_LEVELLING:
		return type == FLAGSHIP_MESSAGE_AUTO_LEVELING ||
		       type == FLAGSHIP_MESSAGE_EVENT_NOTIFY;
	case GOAL_HOMED:
		return type == FLAGSHIP_MESSAGE_MOVE_ZERO;
	case GOAL_NONE:
		return false;
	case GOAL_RUNNING:
		return type == FLAGSHIP_MESSAGE_EVENT_NOTIFY ||
		       type == FLAGSHIP_MESSAGE_PRINT_SCHEDULE;
	case GOAL_BEGUN:
		return type == FLAGSHIP_MESSAGE_EVENT_NOTIFY ||
		       type == FLAGSHIP_MESSAGE_PRINT_SCHEDULE ||
		       type == FLAGSHIP_MESSAGE_PREVIEW_IMAGE_URL;
	default:
		return type == FLAGSHIP_MESSAGE_EVENT_NOTIFY;
	}
}

void command_goal_receive(struct command_goal *goal, const struct printer_state *state,
			  const struct flagship_message *message)
{
	if (!is_about(goal->kind, message->type) || (message->as.present == 0) ||
	    message->has_reply) {
		return;
	}
	switch (message->type) {
	case FLAGSHIP_MESSAGE_EVENT_NOTIFY:
		receive_state(goal, &message->as.event_notify);
		receive_begun(goal, state);
		break;
	case FLAGSHIP_MESSAGE_PRINT_SCHEDULE:
		receive_progress(goal, &message->as.print_schedule);
		receive_begun(goal, state);
		break;
	case FLAGSHIP_MESSAGE_PREVIEW_IMAGE_URL:
		receive_begun(goal, state);
		break;
	case FLAGSHIP_MESSAGE_FAN_SPEED:
		receive_value(goal, state->fan_percent);
		break;
	case FLAGSHIP_MESSAGE_PRINT_SPEED:
		receive_value(goal, message->as.print_speed.speed_mm_s);
		break;
	case FLAGSHIP_MESSAGE_Z_AXIS_RECOUP:
		receive_value(goal, message->as.z_axis_recoup.z_offset_centi_mm);
		break;
	case FLAGSHIP_MESSAGE_NOZZLE_TEMP:
	case FLAGSHIP_MESSAGE_HOTBED_TEMP:
		receive_target(goal, state, message);
		break;
	default: /* 1007 and 1026 are reported only while and after it is done */
		goal->received = true;
		goal->met = true;
		break;
	}
}

static void write_state(const struct command_goal *goal, const struct printer_state *state,
			char *out, size_t capacity)
{
	enum printer_job_state now = state->job.state;

	if (!goal->received) {
		snprintf(out, capacity, "did not tell its state since");
	} else if (goal->kind == GOAL_BEGUN && goal->begun) {
		snprintf(out, capacity, "prints %s, as it says", state->job.name);
	} else {
		snprintf(out, capacity, "is %s%s", now == goal->state_before ? "still " : "",
			 printer_job_state_name(now));
	}
}

static void write_target(const char *what, int64_t target, bool both, char *out, size_t capacity)
{
	snprintf(out, capacity, "%s%s target is still %.15g °C", both ? "the " : "its ", what,
		 (double)target / COMMAND_CENTI);
}

static void write_targets(const struct command_goal *goal, const struct printer_state *state,
			  char *out, size_t capacity)
{
	bool nozzle = goal->nozzle_centi_c != PRINTER_NEVER && !goal->nozzle_met;
	int64_t target = nozzle ? state->nozzle.target_centi_c : state->bed.target_centi_c;

	if (!goal->received || target == PRINTER_NEVER) {
		snprintf(out, capacity, "did not tell its target since");
	} else {
		write_target(nozzle ? "nozzle" : "bed", target, false, out, capacity);
	}
}

void command_goal_contradiction(const struct command_goal *goal, const struct printer_state *state,
				char *out, size_t capacity)
{
	bool reported = goal->received_value != PRINTER_NEVER;

	switch (goal->kind) {
	case GOAL_TARGETS:
		write_targets(goal, state, out, capacity);
		break;
	case GOAL_FAN:
		if (reported) {
			snprintf(out, capacity, "its fan is still at %" PRId64 " %%",
				 goal->received_value);
		} else {
			snprintf(out, capacity, "did not tell its fan's speed since");
		}
		break;
	case GOAL_SPEED:
		if (reported) {
			snprintf(out, capacity, "its speed is still %" PRId64 " mm/s",
				 goal->received_value);
		} else {
			snprintf(out, capacity, "did not tell its speed since");
		}
		break;
	case GOAL_Z_OFFSET:
		if (reported) {
			snprintf(out, capacity, "its Z offset is %.2f mm",
				 (double)goal->received_value / COMMAND_CENTI);
		} else {
			snprintf(out, capacity, "did not tell its Z offset since");
		}
		break;
	case GOAL_HOMED:
		snprintf(out, capacity, "did not tell that it has homed");
		break;
	default:
		write_state(goal, state, out, capacity);
		break;
	}
}

void command_goal_clamp(const struct command_goal *goal, const struct printer_state *state,
			char *out, size_t capacity)
{
	bool nozzle = goal->nozzle_centi_c != PRINTER_NEVER;
	int64_t wanted = nozzle ? goal->nozzle_centi_c : goal->bed_centi_c;
	int64_t now = nozzle ? state->nozzle.target_centi_c : state->bed.target_centi_c;

	snprintf(out, capacity,
		 "the %s target became %.15g °C instead of %.15g: the printer's firmware goes no "
		 "higher",
		 nozzle ? "nozzle" : "bed", (double)now / COMMAND_CENTI,
		 (double)wanted / COMMAND_CENTI);
}

static void write_new_targets(const struct command_goal *goal, char *out, size_t capacity)
{
	bool nozzle = goal->nozzle_centi_c != PRINTER_NEVER;
	bool bed = goal->bed_centi_c != PRINTER_NEVER;

	if (nozzle && bed) {
		snprintf(out, capacity, "nozzle and bed are off");
		return;
	}
	int64_t target = nozzle ? goal->nozzle_centi_c : goal->bed_centi_c;
	const char *what = nozzle ? "nozzle" : "bed";
	if (target == 0) {
		snprintf(out, capacity, "the %s is off", what);
	} else {
		snprintf(out, capacity, "the %s target is %.15g °C", what,
			 (double)target / COMMAND_CENTI);
	}
}

void command_goal_success(const struct command_goal *goal, char *out, size_t capacity)
{
	switch (goal->kind) {
	case GOAL_PAUSED:
		snprintf(out, capacity, "the job is paused");
		break;
	case GOAL_RUNNING:
		snprintf(out, capacity, "the job goes on");
		break;
	case GOAL_OVER:
		snprintf(out, capacity, "no job is running any more");
		break;
	case GOAL_BEGUN:
		snprintf(out, capacity, "the job has begun");
		break;
	case GOAL_TARGETS:
		write_new_targets(goal, out, capacity);
		break;
	case GOAL_FAN:
		if (goal->value == 0) {
			snprintf(out, capacity, "the fan is off");
		} else {
			snprintf(out, capacity, "the fan is at %" PRId64 " %%", goal->value);
		}
		break;
	case GOAL_SPEED:
		snprintf(out, capacity, "the speed is %" PRId64 " mm/s", goal->value);
		break;
	case GOAL_Z_OFFSET:
		snprintf(out, capacity, "the Z offset is %.2f mm",
			 (double)goal->value / COMMAND_CENTI);
		break;
	case GOAL_LEVELLING:
		snprintf(out, capacity, "levelling has begun");
		break;
	case GOAL_HOMED:
		snprintf(out, capacity, "homed");
		break;
	case GOAL_NONE:
		snprintf(out, capacity, "done");
		break;
	}
}
