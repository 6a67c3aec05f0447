/* SPDX-License-Identifier: MIT */
#include "printer/job/internal.h"

#include "base/text.h"

#include <math.h>

#define CENTI          100
#define PROGRESS_BEGUN 100  /* 0.01 % */
#define PROGRESS_LEAST 100  /* 0.01 %: below it the head of the file is most of what was done */
#define PROGRESS_LAST  9900 /* 0.01 %: from here on nothing left is a true word */
#define WORKED_LEAST_S 60
#define RESTART_S      5   /* an elapsed time that falls by more was begun anew */
#define SHARE_OF_NEW   0.3 /* of a new estimate, against what was reckoned before */
#define ELAPSED_MOST_S INT64_C(1000000000)
#define MS_PER_S       1000

/*
 * A file without the vendor's header adds 100 to 1000 hours (protocol.md 3.7); the least that an
 * M5C was seen to report is 47. So what is that long is believed only where the progress allows it.
 */
#define WILD_LEAST_S    100000
#define WILD_FACTOR     4
#define WILD_SLACK_S    1800
#define BELIEVED_FACTOR 2 /* and it is believed again from here on */

/* Tells a number that has grown, once; the first one of a joined job is only remembered. */
static void report_if_grown(struct printer_job *job, enum printer_event_kind kind, int64_t number,
			    int64_t *reported, int64_t now_ms,
			    const struct printer_reporter *reporter)
{
	if (number <= *reported) {
		return;
	}
	bool first = *reported == PRINTER_NEVER;
	*reported = number;
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
				&track->percent_reported, now_ms, reporter);
	}
	/* 0 layers in all: nothing is printed, and the layer is that of the job before. */
	if (job->layer >= 0 && job->layers != 0) {
		report_if_grown(job, PRINTER_EVENT_LAYER, job->layer, &track->layer_reported,
				now_ms, reporter);
	}
}

/*
 * Printers send the 100 % of the job before once more at the start of the next (protocol.md 3.1).
 * One that has just begun is not done; and none jumps there before anything else was received of
 * it, unless it is a very short one.
 */
static bool is_of_job_before(const struct job_track *track, int64_t now_ms)
{
	if (track->phase == JOB_PREPARING) {
		return true;
	}
	return track->phase == JOB_PRINTING && track->percent_reported != PRINTER_NEVER &&
	       track->progress_max < PROGRESS_BEGUN &&
	       job_within(now_ms, track->begun_ms, PRINTER_LEFTOVER_MS);
}

void job_receive_progress(struct printer_job *job, int64_t centi_percent, int64_t now_ms,
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
	if (track->phase == JOB_PRINTING && track->percent_reported == PRINTER_NEVER &&
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

void job_receive_layer(struct printer_job *job, int64_t layer, int64_t layers, int64_t now_ms,
		       const struct printer_reporter *reporter)
{
	job->received_ms = now_ms;
	job->track.layer_ms = now_ms;
	if (layer >= 0) {
		job->layer = layer;
	}
	if (layers >= 0) {
		job->layers = layers;
	}
	job_report_growth(job, now_ms, reporter);
}

void job_receive_summary(struct printer_job *job, const struct flagship_text *name, bool finished,
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

void job_time_reset(struct job_time *time)
{
	*time = (struct job_time){
		.reported_s = PRINTER_NEVER,
		.pause_from_s = PRINTER_NEVER,
		.worked_s = PRINTER_NEVER,
		.progress = PRINTER_NEVER,
		.left_s = (double)NAN,
	};
}

static bool is_countdown(const struct printer_job *job)
{
	return job->track.model != FLAGSHIP_MODEL_M5C;
}

static bool is_believable(struct printer_job *job)
{
	struct job_time *time = &job->track.time;

	if (!is_countdown(job) || time->reported_s == PRINTER_NEVER) {
		return false;
	}
	if (time->reported_s == 0) {
		return job->progress_centi_percent >= PROGRESS_LAST;
	}
	if (time->reported_s < WILD_LEAST_S) {
		return true;
	}
	if (isnan(time->left_s)) {
		return false;
	}
	double limit_s = time->wild ? BELIEVED_FACTOR * time->left_s
				    : WILD_FACTOR * time->left_s + WILD_SLACK_S;
	time->wild = (double)time->reported_s > limit_s;
	return !time->wild;
}

static void choose(struct printer_job *job, int64_t now_ms)
{
	const struct job_time *time = &job->track.time;

	job->remaining_estimated = !is_believable(job);
	job->remaining_ms = now_ms;
	if (!job->remaining_estimated) {
		job->remaining_s = time->reported_s;
	} else if (!isnan(time->left_s)) {
		job->remaining_s = (int64_t)llround(time->left_s);
	} else {
		job->remaining_s = PRINTER_NEVER;
	}
}

/* The elapsed time less the pauses: that of an M5C may go on while it is paused. */
static int64_t without_pauses(struct printer_job *job, int64_t elapsed_s)
{
	struct job_time *time = &job->track.time;

	if (job->track.paused && time->pause_from_s == PRINTER_NEVER) {
		time->pause_from_s = elapsed_s;
	} else if (!job->track.paused && time->pause_from_s != PRINTER_NEVER) {
		time->paused_s += elapsed_s - time->pause_from_s;
		time->pause_from_s = PRINTER_NEVER;
	}
	return (time->pause_from_s == PRINTER_NEVER ? elapsed_s : time->pause_from_s) -
	       time->paused_s;
}

static void estimate(struct printer_job *job, int64_t worked_s)
{
	struct job_time *time = &job->track.time;
	int64_t done = job->progress_centi_percent;

	if (!isnan(time->left_s) && worked_s > time->worked_s) {
		time->left_s = fmax(time->left_s - (double)(worked_s - time->worked_s), 0);
	}
	if (done > time->progress && done >= PROGRESS_LEAST && worked_s >= WORKED_LEAST_S) {
		double fresh_s = (double)worked_s * (double)(PRINTER_PROGRESS_COMPLETE - done) /
				 (double)done;

		time->left_s = isnan(time->left_s) || fresh_s <= 0
				       ? fresh_s
				       : time->left_s + SHARE_OF_NEW * (fresh_s - time->left_s);
		time->progress = done;
	}
	time->worked_s = worked_s;
}

static void receive_elapsed(struct printer_job *job, int64_t elapsed_s)
{
	struct job_time *time = &job->track.time;
	int64_t reported_s = time->reported_s;

	/* The printer restarts it where the print itself begins. */
	if (job->elapsed_s != PRINTER_NEVER && elapsed_s < job->elapsed_s - RESTART_S) {
		job_time_reset(time);
		time->reported_s = reported_s;
	}
	job->elapsed_s = elapsed_s;
	if (elapsed_s > ELAPSED_MOST_S) {
		return;
	}
	estimate(job, without_pauses(job, elapsed_s));
}

void job_receive_times(struct printer_job *job, int64_t reported_s, int64_t elapsed_s,
		       int64_t now_ms, const struct printer_reporter *reporter)
{
	if (reported_s >= 0) {
		job->track.time.reported_s = reported_s;
	}
	if (elapsed_s >= 0) {
		receive_elapsed(job, elapsed_s);
	}
	if (reported_s >= 0 || elapsed_s >= 0) {
		choose(job, now_ms);
	}
	job_receive_going_on(job, now_ms, reporter);
}

int64_t job_finish_ms(const struct printer_job *job)
{
	if (!job->state_received || job->state != PRINTER_JOB_PRINTING ||
	    job->remaining_s == PRINTER_NEVER || job->remaining_ms < 0 ||
	    job->remaining_s > (INT64_MAX - job->remaining_ms) / MS_PER_S) {
		return PRINTER_NEVER;
	}
	return job->remaining_ms + job->remaining_s * MS_PER_S;
}

static void share_filament(struct printer_job *job)
{
	if (!isnan(job->filament_estimated) && job->progress_centi_percent >= 0) {
		job->filament_used = job->filament_estimated * (double)job->progress_centi_percent /
				     (double)PRINTER_PROGRESS_COMPLETE;
	}
}

void job_receive_filament(struct printer_job *job, double estimated)
{
	if (estimated > 0) {
		job->filament_estimated = estimated;
	}
	share_filament(job);
}
