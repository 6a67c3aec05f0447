/* SPDX-License-Identifier: MIT */
#include "printer/job_internal.h"

#include <flagship/mqtt.h>

#include <math.h>

void job_init(struct printer_job *job)
{
	*job = (struct printer_job){
		.heard_ms = PRINTER_NEVER,
		.track =
			{
				.state = PRINTER_NEVER,
				.state_before = PRINTER_NEVER,
				.held_state = PRINTER_NEVER,
				.held_ms = PRINTER_NEVER,
				.ended_ms = PRINTER_NEVER,
				.percent_told = PRINTER_NEVER,
				.layer_told = PRINTER_NEVER,
				.schedule_ms = PRINTER_NEVER,
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
	job->layer = PRINTER_NEVER;
	job->layers = PRINTER_NEVER;
	job->speed_mm_s = (double)NAN;
	job->filament_used = (double)NAN;
	job->track.progress_max = PRINTER_NEVER;
}

enum job_verdict job_known_verdict(const struct printer_job *job)
{
	const struct job_track *track = &job->track;

	if (track->end_state == FLAGSHIP_JOB_STATE_STOPPED && !track->end_unsure) {
		return JOB_STOPPED;
	}
	if (track->progress_max >= PRINTER_PROGRESS_COMPLETE) {
		return JOB_FINISHED;
	}
	return track->summary;
}

static void close_job(struct printer_job *job, enum job_verdict verdict,
		      const struct printer_reporter *reporter)
{
	struct job_track *track = &job->track;

	track->phase = JOB_ENDED;
	track->verdict = verdict;
	track->identity_heard = false;
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
