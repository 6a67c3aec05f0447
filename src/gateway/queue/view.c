/* SPDX-License-Identifier: MIT */
#include "gateway/queue/view.h"

#include <stdio.h>
#include <string.h>

static enum queue_seen seen_of(const struct fleet_printer *printer,
			       const struct printer_state *state)
{
	const struct printer_job *job = &state->job;

	if (!state->online || !fleet_printer_ready(printer) || !job->state_received ||
	    job->track.state_gap) {
		return QUEUE_SEEN_NOTHING;
	}
	if (job->track.phase == JOB_PREPARING || job->track.phase == JOB_PRINTING ||
	    job->track.phase == JOB_ENDING) {
		return QUEUE_SEEN_JOB;
	}
	switch (job->state) {
	case PRINTER_JOB_IDLE:
	case PRINTER_JOB_FINISHED:
	case PRINTER_JOB_STOPPED:
		return QUEUE_SEEN_IDLE;
	case PRINTER_JOB_UNKNOWN:
		return QUEUE_SEEN_NOTHING;
	default:
		return QUEUE_SEEN_BUSY;
	}
}

/* The name of the next job may come before its state: the end is not that one's. */
static enum queue_ended ended_of(const struct printer_job *job)
{
	if (job->track.phase != JOB_ENDED || job->track.identity_new) {
		return QUEUE_ENDED_UNSEEN;
	}
	return job->track.verdict == JOB_FINISHED  ? QUEUE_ENDED_FINISHED
	       : job->track.verdict == JOB_STOPPED ? QUEUE_ENDED_STOPPED
						   : QUEUE_ENDED_UNSEEN;
}

void queue_view_of(const struct fleet_printer *printer, struct queue_view *view)
{
	const struct printer_state *state = fleet_printer_state(printer);

	memset(view, 0, sizeof(*view));
	snprintf(view->serial, sizeof(view->serial), "%s", fleet_printer_serial(printer));
	snprintf(view->printer, sizeof(view->printer), "%s",
		 state->name[0] != '\0' ? state->name : view->serial);
	view->model = state->model;
	view->profile = *fleet_printer_profile(printer);
	view->seen = seen_of(printer, state);
	view->is_preparing = state->job.track.phase == JOB_PREPARING;
	view->ended = ended_of(&state->job);
	snprintf(view->job, sizeof(view->job), "%s", state->job.name);
	snprintf(view->task_id, sizeof(view->task_id), "%s", state->job.task_id);
	if (state->alert.source != PRINTER_ALERT_NONE) {
		snprintf(view->trouble, sizeof(view->trouble), "%s", state->alert.text);
	} else if (state->error.text) {
		snprintf(view->trouble, sizeof(view->trouble), "%s", state->error.text);
	} else if (state->error.code[0] != '\0') {
		snprintf(view->trouble, sizeof(view->trouble), "error %s", state->error.code);
	}
}
