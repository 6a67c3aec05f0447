/* SPDX-License-Identifier: MIT */
#include "printer/job/internal.h"

#include "base/text.h"

#define CENTI          100
#define PROGRESS_BEGUN 100 /* 0.01 % */

/* Tells a number that has grown, once; the first one of a joined job is only remembered. */
static void report_if_grown(struct printer_job *job, enum printer_event_kind kind, int64_t number,
			    int64_t *told, int64_t now_ms, const struct printer_reporter *reporter)
{
	if (number <= *told) {
		return;
	}
	bool first = *told == PRINTER_NEVER;
	*told = number;
	if (!first) {
		job_report(job, kind, now_ms, number, reporter);
	}
}

void job_report_growth(struct printer_job *job, int64_t now_ms,
		       const struct printer_reporter *reporter)
{
	struct job_track *track = &job->track;
	/* An M5 that says nothing of its state, since that did not change, may well be printing. */
	bool joined = track->phase == JOB_NONE && track->state == PRINTER_NEVER;

	if (track->phase != JOB_PRINTING && track->phase != JOB_ENDING && !joined) {
		return;
	}
	if (track->progress_max >= 0) {
		report_if_grown(job, PRINTER_EVENT_PROGRESS, track->progress_max / CENTI,
				&track->percent_told, now_ms, reporter);
	}
	/* 0 layers in all: nothing is printed, and the layer is that of the job before. */
	if (job->layer >= 0 && job->layers != 0) {
		report_if_grown(job, PRINTER_EVENT_LAYER, job->layer, &track->layer_told, now_ms,
				reporter);
	}
}

/*
 * Printers send the 100 % of the job before once more at the start of the next (protocol.md 3.1).
 * One that has just begun is not done; and none jumps there before anything else was heard of it,
 * unless it is a very short one.
 */
static bool is_of_job_before(const struct job_track *track, int64_t now_ms)
{
	if (track->phase == JOB_PREPARING) {
		return true;
	}
	return track->phase == JOB_PRINTING && track->percent_told != PRINTER_NEVER &&
	       track->progress_max < PROGRESS_BEGUN &&
	       job_within(now_ms, track->begun_ms, PRINTER_LEFTOVER_MS);
}

void job_hear_progress(struct printer_job *job, int64_t centi_percent, int64_t now_ms,
		       const struct printer_reporter *reporter)
{
	struct job_track *track = &job->track;

	if (centi_percent < 0 || centi_percent > PRINTER_PROGRESS_COMPLETE) {
		return;
	}
	if (centi_percent == PRINTER_PROGRESS_COMPLETE && is_of_job_before(track, now_ms)) {
		track->complete_held = track->phase == JOB_PRINTING;
		return;
	}
	track->complete_held = false;
	if (track->phase == JOB_PRINTING && track->percent_told == PRINTER_NEVER &&
	    track->progress_max == PRINTER_NEVER) {
		track->complete_unseen = centi_percent == PRINTER_PROGRESS_COMPLETE;
	}
	job->progress_centi_percent = centi_percent;
	if (centi_percent <= track->progress_max) {
		return;
	}
	track->progress_max = centi_percent;
	job_report_growth(job, now_ms, reporter);
	if (centi_percent == PRINTER_PROGRESS_COMPLETE) {
		track->complete_ms = now_ms;
		job_decide_if_known(job, reporter);
	}
}

void job_hear_layer(struct printer_job *job, int64_t layer, int64_t layers, int64_t now_ms,
		    const struct printer_reporter *reporter)
{
	job->heard_ms = now_ms;
	job->track.layer_ms = now_ms;
	if (layer >= 0) {
		job->layer = layer;
	}
	if (layers >= 0) {
		job->layers = layers;
	}
	job_report_growth(job, now_ms, reporter);
}

void job_hear_summary(struct printer_job *job, const struct flagship_text *name, bool finished,
		      double used, const struct printer_reporter *reporter)
{
	if (name && name->length > 0 && job->name[0] &&
	    !text_buffer_holds(job->name, sizeof(job->name), *name)) {
		return;
	}
	if (used > 0) {
		job->filament_used = used;
	}
	job->track.summed_up = finished;
	job_decide_if_known(job, reporter);
}
