/* SPDX-License-Identifier: MIT */
#include "printer/job/internal.h"

#include <flagship/mqtt.h>

#include <math.h>

#define PROGRESS_NEARLY 9900 /* 0.01 % */

bool job_is_under_way(enum printer_job_state state)
{
	switch (state) {
	case PRINTER_JOB_PREPARING:
	case PRINTER_JOB_HEATING:
	case PRINTER_JOB_PRINTING:
	case PRINTER_JOB_PAUSED:
	case PRINTER_JOB_LEVELLING:
	case PRINTER_JOB_CALIBRATING:
	case PRINTER_JOB_LOADING:
	case PRINTER_JOB_UNLOADING:
	case PRINTER_JOB_DOWNLOADING:
		return true;
	default:
		return false;
	}
}

void job_init(struct printer_job *job)
{
	*job = (struct printer_job){
		.received_ms = PRINTER_NEVER,
		.track =
			{
				.state = PRINTER_NEVER,
				.state_before = PRINTER_NEVER,
				.held_state = PRINTER_NEVER,
				.held_ms = PRINTER_NEVER,
				.ended_ms = PRINTER_NEVER,
				.begun_ms = PRINTER_NEVER,
				.paused_ms = PRINTER_NEVER,
				.complete_ms = PRINTER_NEVER,
				.doubt_progress = PRINTER_NEVER,
				.doubt_elapsed_s = PRINTER_NEVER,
				.percent_reported = PRINTER_NEVER,
				.layer_reported = PRINTER_NEVER,
				.schedule_ms = PRINTER_NEVER,
				.preview_ms = PRINTER_NEVER,
				.layer_ms = PRINTER_NEVER,
				.identity_changed_ms = PRINTER_NEVER,
				.reorder_ms = PRINTER_REORDER_MS,
			},
	};
	job_reset_values(job);
}

void job_reset_values(struct printer_job *job)
{
	job->progress_centi_percent = PRINTER_NEVER;
	job->elapsed_s = PRINTER_NEVER;
	job->remaining_s = PRINTER_NEVER;
	job->remaining_ms = PRINTER_NEVER;
	job->remaining_estimated = false;
	job->layer = PRINTER_NEVER;
	job->layers = PRINTER_NEVER;
	job->speed_mm_s = (double)NAN;
	job->filament_estimated = (double)NAN;
	job->filament_used = (double)NAN;
	job->track.progress_max = PRINTER_NEVER;
	job->track.complete_ms = PRINTER_NEVER;
	job->track.complete_held = false;
	job->track.complete_unseen = false;
	job_time_reset(&job->track.time);
}

enum job_verdict job_known_verdict(const struct printer_job *job)
{
	const struct job_track *track = &job->track;

	if (track->progress_max >= PRINTER_PROGRESS_COMPLETE || track->complete_held) {
		return JOB_FINISHED;
	}
	/* An M5 goes straight to idle where it was stopped; an M5C says 4 then too. */
	if (track->end_state == FLAGSHIP_JOB_STATE_ENDED && track->model == FLAGSHIP_MODEL_M5 &&
	    track->phase_before_end == JOB_PRINTING && !track->end_unsure) {
		return JOB_FINISHED;
	}
	if (track->end_state == FLAGSHIP_JOB_STATE_ENDED && track->summed_up &&
	    track->progress_max >= PROGRESS_NEARLY) {
		return JOB_FINISHED;
	}
	return JOB_UNDECIDED;
}

/* The 100 % that was held back was this job's after all. */
static void take_held_progress(struct printer_job *job, const struct printer_reporter *reporter)
{
	struct job_track *track = &job->track;

	if (!track->complete_held) {
		return;
	}
	track->complete_held = false;
	job->progress_centi_percent = PRINTER_PROGRESS_COMPLETE;
	track->progress_max = PRINTER_PROGRESS_COMPLETE;
	job_receive_filament(job, (double)NAN);
	job_report_growth(job, track->ended_ms, reporter);
}

static void close_job(struct printer_job *job, enum job_verdict verdict,
		      const struct printer_reporter *reporter)
{
	struct job_track *track = &job->track;

	take_held_progress(job, reporter);
	track->phase = JOB_ENDED;
	track->verdict = verdict;
	track->identity_received = false;
	track->doubtful = false;
	/* It may have been done long before it was joined. */
	if (track->complete_unseen && track->end_state == PRINTER_NEVER) {
		job_show_state(job);
		return;
	}
	if (verdict == JOB_FINISHED) {
		job_report(job, PRINTER_EVENT_JOB_FINISHED, track->ended_ms, 0, reporter);
	} else if (verdict == JOB_STOPPED) {
		job_report(job, PRINTER_EVENT_JOB_STOPPED, track->ended_ms, 0, reporter);
	}
	job_show_state(job);
}

void job_decide_if_known(struct printer_job *job, const struct printer_reporter *reporter)
{
	if (job->track.phase == JOB_ENDING && job_known_verdict(job) != JOB_UNDECIDED) {
		close_job(job, job_known_verdict(job), reporter);
		return;
	}
	job_show_state(job);
}

void job_end(struct printer_job *job, int64_t end_state, bool unsure, int64_t now_ms,
	     const struct printer_reporter *reporter)
{
	struct job_track *track = &job->track;

	track->phase_before_end = track->phase;
	track->phase = JOB_ENDING;
	track->end_state = end_state;
	track->end_unsure = unsure;
	track->end_confirmed = false;
	track->idle_since_end = false;
	track->progress_new = false;
	track->concluded = false;
	track->over_received = end_state != PRINTER_NEVER;
	track->doubtful = false;
	track->ended_ms = now_ms;
	job_decide_if_known(job, reporter);
}

void job_decide(struct printer_job *job, const struct printer_reporter *reporter)
{
	enum job_verdict verdict = job_known_verdict(job);

	if (job->track.phase != JOB_ENDING) {
		return;
	}
	if (verdict == JOB_UNDECIDED && !job->track.end_unsure) {
		verdict = JOB_STOPPED;
	}
	close_job(job, verdict, reporter);
}

void job_conclude(struct printer_job *job, const struct printer_reporter *reporter)
{
	struct job_track *track = &job->track;

	if (track->phase != JOB_PRINTING || track->complete_ms == PRINTER_NEVER) {
		return;
	}
	track->phase_before_end = track->phase;
	track->phase = JOB_ENDING;
	track->end_state = PRINTER_NEVER;
	track->end_unsure = false;
	track->end_confirmed = true;
	track->idle_since_end = false;
	track->progress_new = false;
	track->concluded = true;
	track->over_received = false;
	track->ended_ms = track->complete_ms;
	job_decide(job, reporter);
}
