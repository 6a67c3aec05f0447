/* SPDX-License-Identifier: MIT */
#include "cli/top/model.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

const char *top_row_name(const struct top_row *row)
{
	return row->state->name[0] != '\0' ? row->state->name : row->state->serial;
}

const char *top_row_state(const struct top_row *row)
{
	const struct printer_state *state = row->state;

	if (row->busy && row->command == COMMAND_PAUSE) {
		return "pausing";
	}
	if (row->busy && row->command == COMMAND_RESUME) {
		return "resuming";
	}
	if (row->busy && row->command == COMMAND_STOP) {
		return "stopping";
	}
	if (state->seen_ms == PRINTER_NEVER) {
		return row->unreachable ? "no link" : "no answer";
	}
	if (!state->online) {
		return "offline";
	}
	return state->job.state_heard ? printer_job_state_name(state->job.state) : "online";
}

static bool holds(const char *text, const char *part)
{
	size_t length = strlen(part);

	for (; *text != '\0'; text++) {
		if (strncasecmp(text, part, length) == 0) {
			return true;
		}
	}
	return length == 0;
}

bool top_row_matches(const struct top_row *row, const char *text)
{
	const char *model = flagship_model_name(row->state->model);

	return holds(row->state->name, text) || holds(row->state->serial, text) ||
	       (model != NULL && holds(model, text)) || holds(top_row_state(row), text);
}

/* Who needs somebody, the least first. */
static int urgency(const struct top_row *row)
{
	const struct printer_state *state = row->state;

	if (state->seen_ms == PRINTER_NEVER || !state->online) {
		return 5;
	}
	if (state->error.code[0] != '\0' || state->alert.source != PRINTER_ALERT_NONE) {
		return 0;
	}
	switch (state->job.state_heard ? state->job.state : PRINTER_JOB_UNKNOWN) {
	case PRINTER_JOB_PAUSED:
		return 1;
	case PRINTER_JOB_FINISHED:
	case PRINTER_JOB_STOPPED:
		return 3;
	case PRINTER_JOB_IDLE:
	case PRINTER_JOB_UNKNOWN:
		return 4;
	default:
		return 2;
	}
}

static bool is_under_way(const struct printer_state *state)
{
	return state->job.state_heard && state->job.state != PRINTER_JOB_IDLE &&
	       state->job.state != PRINTER_JOB_FINISHED && state->job.state != PRINTER_JOB_STOPPED;
}

static int64_t left_s(const struct top_row *row)
{
	const struct printer_job *job = &row->state->job;

	return is_under_way(row->state) && job->remaining_s != PRINTER_NEVER ? job->remaining_s
									     : INT64_MAX;
}

bool top_row_before(const struct top_row *left, const struct top_row *right, enum top_order order)
{
	int names = strcasecmp(top_row_name(left), top_row_name(right));

	if (order == TOP_ORDER_NAME && names != 0) {
		return names < 0;
	}
	if (order == TOP_ORDER_STATE && urgency(left) != urgency(right)) {
		return urgency(left) < urgency(right);
	}
	if (order == TOP_ORDER_LEFT && left_s(left) != left_s(right)) {
		return left_s(left) < left_s(right);
	}
	return left->number < right->number;
}

const char *top_order_name(enum top_order order)
{
	static const char *const names[TOP_ORDERS] = {
		[TOP_ORDER_NUMBER] = "number",
		[TOP_ORDER_NAME] = "name",
		[TOP_ORDER_STATE] = "state",
		[TOP_ORDER_LEFT] = "time left",
	};

	return names[order];
}
