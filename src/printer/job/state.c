/* SPDX-License-Identifier: MIT */
#include "printer/job/internal.h"

#include <flagship/mqtt.h>

#include <stddef.h>

const char *printer_job_state_name(enum printer_job_state state)
{
	static const char *const names[] = {
		[PRINTER_JOB_UNKNOWN] = "unknown",
		[PRINTER_JOB_IDLE] = "idle",
		[PRINTER_JOB_PREPARING] = "preparing",
		[PRINTER_JOB_HEATING] = "heating",
		[PRINTER_JOB_PRINTING] = "printing",
		[PRINTER_JOB_PAUSED] = "paused",
		[PRINTER_JOB_FINISHED] = "finished",
		[PRINTER_JOB_STOPPED] = "stopped",
		[PRINTER_JOB_LEVELLING] = "levelling",
		[PRINTER_JOB_CALIBRATING] = "calibrating",
		[PRINTER_JOB_LOADING] = "loading",
		[PRINTER_JOB_UNLOADING] = "unloading",
		[PRINTER_JOB_DOWNLOADING] = "downloading",
	};

	if ((size_t)state >= sizeof(names) / sizeof(names[0])) {
		return names[PRINTER_JOB_UNKNOWN];
	}
	return names[state];
}

/* MOVING_FILAMENT does not tell feeding from returning: it is shown as the commoner of the two. */
static enum printer_job_state shown(int64_t state)
{
	static const enum printer_job_state states[] = {
		[FLAGSHIP_JOB_STATE_IDLE] = PRINTER_JOB_IDLE,
		[FLAGSHIP_JOB_STATE_PRINTING] = PRINTER_JOB_PRINTING,
		[FLAGSHIP_JOB_STATE_PAUSED] = PRINTER_JOB_PAUSED,
		[FLAGSHIP_JOB_STATE_STOPPED] = PRINTER_JOB_STOPPED,
		[FLAGSHIP_JOB_STATE_ENDED] = PRINTER_JOB_STOPPED,
		[FLAGSHIP_JOB_STATE_LEVELLING] = PRINTER_JOB_LEVELLING,
		[FLAGSHIP_JOB_STATE_DOWNLOADING] = PRINTER_JOB_DOWNLOADING,
		[FLAGSHIP_JOB_STATE_HEATING_TO_LEVEL] = PRINTER_JOB_HEATING,
		[FLAGSHIP_JOB_STATE_PREPARING] = PRINTER_JOB_PREPARING,
		[FLAGSHIP_JOB_STATE_PREHEATING] = PRINTER_JOB_HEATING,
		[FLAGSHIP_JOB_STATE_DOWNLOADING_TO_PRINT] = PRINTER_JOB_DOWNLOADING,
		[FLAGSHIP_JOB_STATE_CALIBRATING] = PRINTER_JOB_CALIBRATING,
		[FLAGSHIP_JOB_STATE_HEATING_TO_CALIBRATE] = PRINTER_JOB_HEATING,
		[FLAGSHIP_JOB_STATE_EXTRUSION_PREHEAT] = PRINTER_JOB_HEATING,
		[FLAGSHIP_JOB_STATE_MOVING_FILAMENT] = PRINTER_JOB_LOADING,
		[FLAGSHIP_JOB_STATE_SLICING] = PRINTER_JOB_PREPARING,
		[FLAGSHIP_JOB_STATE_LOADING] = PRINTER_JOB_LOADING,
		[FLAGSHIP_JOB_STATE_UNLOADING] = PRINTER_JOB_UNLOADING,
	};

	if (state < 0 || (uint64_t)state >= sizeof(states) / sizeof(states[0])) {
		return PRINTER_JOB_UNKNOWN;
	}
	return states[state];
}

static bool has_finished(const struct printer_job *job)
{
	const struct job_track *track = &job->track;

	/* A progress after the decision corrects what is shown, not what was reported. */
	return track->progress_max >= PRINTER_PROGRESS_COMPLETE || track->verdict == JOB_FINISHED ||
	       (track->phase == JOB_NONE && track->model == FLAGSHIP_MODEL_M5);
}

void job_show_state(struct printer_job *job)
{
	const struct job_track *track = &job->track;

	job->state_received = track->state != PRINTER_NEVER;
	job->state = shown(track->state);
	if (track->state == FLAGSHIP_JOB_STATE_ENDED && has_finished(job)) {
		job->state = PRINTER_JOB_FINISHED;
	}
	if (track->state == FLAGSHIP_JOB_STATE_STOPPED && track->phase != JOB_NONE &&
	    track->phase != JOB_ENDED) {
		job->state = track->paused ? PRINTER_JOB_PAUSED : PRINTER_JOB_PRINTING;
	}
	if (track->phase == JOB_ENDED && track->concluded && !track->over_received &&
	    job->state == PRINTER_JOB_PRINTING) {
		job->state = PRINTER_JOB_FINISHED;
	}
}
