/* SPDX-License-Identifier: MIT */
#include "printer/job/job.h"

#include "printer/job/internal.h"
#include "printer/state/moment.h"

#include <flagship/mqtt.h>

#include <math.h>

enum job_role job_role(int64_t state)
{
	switch (state) {
	case FLAGSHIP_JOB_STATE_PREPARING:
	case FLAGSHIP_JOB_STATE_DOWNLOADING_TO_PRINT:
	case FLAGSHIP_JOB_STATE_SLICING:
		return ROLE_PREPARING;
	case FLAGSHIP_JOB_STATE_PRINTING:
		return ROLE_RUNNING;
	case FLAGSHIP_JOB_STATE_PAUSED:
		return ROLE_PAUSED;
	case FLAGSHIP_JOB_STATE_IDLE:
	case FLAGSHIP_JOB_STATE_ENDED:
		return ROLE_OVER;
	case FLAGSHIP_JOB_STATE_STOPPED:
		return ROLE_DOUBTFUL;
	case FLAGSHIP_JOB_STATE_LEVELLING:
	case FLAGSHIP_JOB_STATE_HEATING_TO_LEVEL:
	case FLAGSHIP_JOB_STATE_PREHEATING:
	case FLAGSHIP_JOB_STATE_CALIBRATING:
	case FLAGSHIP_JOB_STATE_HEATING_TO_CALIBRATE:
		return ROLE_BEFORE;
	default:
		return ROLE_NONE;
	}
}

void job_report(const struct printer_job *job, enum printer_event_kind kind, int64_t t_ms,
		int64_t number, const struct printer_reporter *reporter)
{
	printer_report(reporter, &(struct printer_event){
					 .kind = kind,
					 .t_ms = t_ms,
					 .number = number,
					 .job = job,
				 });
}

void job_begin(struct printer_job *job, enum job_phase phase, int64_t now_ms)
{
	struct job_track *track = &job->track;
	/* In a notice, 1001 and 1052 of the new job stand before the state that begins it. */
	bool identity_fresh = job_within(now_ms, track->schedule_ms, track->reorder_ms);
	bool layer_fresh = job_within(now_ms, track->layer_ms, track->reorder_ms);
	int64_t layer = job->layer;
	int64_t layers = job->layers;

	if (!identity_fresh || job->progress_centi_percent == PRINTER_PROGRESS_COMPLETE) {
		job_reset_values(job);
	}
	job->layer = layer_fresh ? layer : PRINTER_NEVER;
	job->layers = layer_fresh ? layers : PRINTER_NEVER;
	track->phase = phase;
	track->paused = false;
	track->doubtful = false;
	track->three_runs = false;
	track->summed_up = false;
	track->verdict = JOB_UNDECIDED;
	track->begun_ms = phase == JOB_PRINTING ? now_ms : PRINTER_NEVER;
	track->identity_received = identity_fresh;
	track->identity_new = false;
	track->identity_gap = false;
	track->progress_max = job->progress_centi_percent;
	track->time.left_s = (double)NAN;
	track->complete_ms = PRINTER_NEVER;
	track->complete_held = false;
	track->complete_unseen = false;
	track->percent_reported = 0;
	track->layer_reported = 0;
	track->fresh_starts++;
	job_take_preview(job, now_ms);
}

/* A job that was found running: what is received of it first is where counting begins. */
static void join(struct printer_job *job, int64_t now_ms)
{
	struct job_track *track = &job->track;

	if (track->phase != JOB_NONE) {
		uint32_t fresh_starts = track->fresh_starts;
		job_begin(job, JOB_PRINTING, now_ms);
		track->fresh_starts = fresh_starts;
		track->percent_reported = PRINTER_NEVER;
		track->layer_reported = PRINTER_NEVER;
	} else {
		job_take_preview(job, now_ms);
	}
	track->phase = JOB_PRINTING;
	track->begun_ms = PRINTER_NEVER;
	/* What was received before the state, in the same notice. */
	track->complete_unseen = track->progress_max == PRINTER_PROGRESS_COMPLETE;
}

static bool can_take_end_back(const struct job_track *track, enum job_role role)
{
	if (track->end_confirmed || track->state_gap) {
		return false;
	}
	return role != ROLE_PREPARING || track->phase_before_end == JOB_PREPARING;
}

static void prepare(struct printer_job *job, int64_t now_ms,
		    const struct printer_reporter *reporter)
{
	struct job_track *track = &job->track;
	bool complete = track->progress_max >= PRINTER_PROGRESS_COMPLETE || track->complete_held;

	if (track->phase == JOB_ENDING && can_take_end_back(track, ROLE_PREPARING)) {
		track->phase = JOB_PREPARING;
	}
	if (track->phase == JOB_PREPARING) {
		return;
	}
	if (track->phase == JOB_PRINTING) {
		if (!track->state_gap && !complete) {
			return;
		}
		job_end(job, PRINTER_NEVER, track->state_gap, now_ms, reporter);
	}
	job_decide(job, reporter);
	job_begin(job, JOB_PREPARING, now_ms);
	job_report(job, PRINTER_EVENT_JOB_PREPARING, now_ms, 0, reporter);
}

/* Returns whether the job was joined: nothing may be reported of how it came to run. */
static bool enter_printing(struct printer_job *job, bool silent, int64_t now_ms,
			   const struct printer_reporter *reporter)
{
	struct job_track *track = &job->track;

	if (track->phase == JOB_ENDING && can_take_end_back(track, ROLE_RUNNING)) {
		track->phase = track->phase_before_end;
	}
	job_decide(job, reporter);
	if (track->phase == JOB_PRINTING) {
		return false;
	}
	if (track->phase == JOB_PREPARING) {
		track->phase = JOB_PRINTING;
		track->begun_ms = now_ms;
	} else if (track->state_gap || (track->phase == JOB_NONE && !track->watched)) {
		join(job, now_ms);
		return true;
	} else {
		job_begin(job, JOB_PRINTING, now_ms);
	}
	if (!silent) {
		job_report(job, PRINTER_EVENT_JOB_STARTED, now_ms, 0, reporter);
	}
	return false;
}

static void run(struct printer_job *job, bool paused, int64_t now_ms,
		const struct printer_reporter *reporter)
{
	struct job_track *track = &job->track;
	bool silent = track->state_gap && track->identity_gap;
	bool joined = enter_printing(job, silent, now_ms, reporter);

	track->doubtful = false;
	if (paused != track->paused && !joined && !silent) {
		track->fresh_starts += !paused;
		job_report(job, paused ? PRINTER_EVENT_JOB_PAUSED : PRINTER_EVENT_JOB_RESUMED,
			   now_ms, 0, reporter);
	}
	if (paused && !track->paused) {
		track->paused_ms = now_ms;
	}
	track->paused = paused;
	job_report_growth(job, now_ms, reporter);
}

static void finish_job(struct printer_job *job, int64_t state, int64_t now_ms,
		       const struct printer_reporter *reporter)
{
	struct job_track *track = &job->track;

	switch (track->phase) {
	case JOB_NONE:
		track->watched = true;
		break;
	case JOB_PREPARING:
	case JOB_PRINTING:
		job_end(job, state, track->state_gap && track->identity_gap, now_ms, reporter);
		break;
	case JOB_ENDING:
		track->end_confirmed |= state != track->end_state;
		if (state == FLAGSHIP_JOB_STATE_ENDED) {
			/* It was overtaken by the 0 behind it. */
			track->end_state = state;
			job_decide_if_known(job, reporter);
		}
		break;
	case JOB_ENDED:
		/* What comes late of it is counted from here on. */
		track->ended_ms = track->over_received ? track->ended_ms : now_ms;
		track->over_received = true;
		break;
	}
	track->idle_since_end |= state == FLAGSHIP_JOB_STATE_IDLE;
}

/*
 * 3: "stopped" in the vendor's list, which calls it unused, and what some firmware says in place of
 * 1 after a pause (protocol.md 3.1). What is received next tells.
 */
static void doubt(struct printer_job *job, int64_t now_ms, const struct printer_reporter *reporter)
{
	struct job_track *track = &job->track;

	if (track->phase == JOB_ENDING || track->phase == JOB_ENDED) {
		return;
	}
	if (track->three_runs) {
		run(job, false, now_ms, reporter);
		return;
	}
	if (track->doubtful) {
		return;
	}
	track->doubt_progress = track->progress_max;
	track->doubt_elapsed_s = job->elapsed_s;
	if (track->phase != JOB_NONE && !track->paused) {
		finish_job(job, FLAGSHIP_JOB_STATE_STOPPED, now_ms, reporter);
	}
	track->doubtful = track->phase != JOB_ENDED;
}

void job_receive_going_on(struct printer_job *job, int64_t now_ms,
			  const struct printer_reporter *reporter)
{
	struct job_track *track = &job->track;
	bool printed = track->progress_max > track->doubt_progress;
	bool counted = track->doubt_elapsed_s != PRINTER_NEVER &&
		       job->elapsed_s > track->doubt_elapsed_s;

	if (!track->doubtful || track->state != FLAGSHIP_JOB_STATE_STOPPED ||
	    (!printed && !counted)) {
		return;
	}
	track->doubtful = false;
	track->three_runs = true;
	run(job, false, now_ms, reporter);
	job_show_state(job);
}

static void follow(struct printer_job *job, int64_t state, int64_t now_ms,
		   const struct printer_reporter *reporter)
{
	switch (job_role(state)) {
	case ROLE_PREPARING:
		prepare(job, now_ms, reporter);
		break;
	case ROLE_RUNNING:
		run(job, false, now_ms, reporter);
		break;
	case ROLE_PAUSED:
		run(job, true, now_ms, reporter);
		break;
	case ROLE_OVER:
		finish_job(job, state, now_ms, reporter);
		break;
	case ROLE_DOUBTFUL:
		doubt(job, now_ms, reporter);
		break;
	case ROLE_BEFORE:
		job->track.watched = true;
		break;
	case ROLE_NONE:
		break;
	}
}

/* Whether the state belongs to a job that is over and came out of order. */
static bool is_stale(const struct job_track *track, int64_t state, int64_t now_ms)
{
	enum job_role role = job_role(state);
	bool over = track->phase == JOB_ENDED ||
		    (track->phase == JOB_ENDING && !can_take_end_back(track, role));

	if (!over || track->state_gap || track->identity_new || track->progress_new) {
		return false;
	}
	if (role == ROLE_PREPARING) {
		return !track->idle_since_end &&
		       job_within(now_ms, track->ended_ms, PRINTER_STALE_MS);
	}
	if (role != ROLE_RUNNING && role != ROLE_PAUSED && role != ROLE_DOUBTFUL) {
		return false;
	}
	return job_within(now_ms, track->ended_ms, PRINTER_LEFTOVER_MS) ||
	       (track->concluded && !track->over_received);
}

void job_await_states(struct printer_job *job, uint64_t states)
{
	job->track.awaited = states;
}

uint64_t job_awaited_states(const struct printer_job *job)
{
	return job->track.awaited;
}

static bool is_awaited(const struct job_track *track, int64_t state)
{
	return state >= 0 && state < 64 && (track->awaited >> state & 1);
}

/* Whether the state was replaced so lately that it may have been overtaken on its way. */
static bool is_overtaken(const struct job_track *track, int64_t state, int64_t now_ms)
{
	return state == track->state_before && state != track->state && !track->state_gap &&
	       !is_awaited(track, state) &&
	       job_within(now_ms, track->state_since_ms, track->reorder_ms);
}

static void take_state(struct printer_job *job, int64_t state, int64_t now_ms,
		       const struct printer_reporter *reporter)
{
	struct job_track *track = &job->track;

	track->held_state = PRINTER_NEVER;
	if (is_stale(track, state, now_ms)) {
		return;
	}
	if (state != track->state) {
		track->state_before = track->state;
		track->state = state;
		track->state_since_ms = now_ms;
	}
	follow(job, state, now_ms, reporter);
	track->state_gap = false;
	job_show_state(job);
}

static int64_t settle_ms(const struct job_track *track)
{
	return track->end_state == FLAGSHIP_JOB_STATE_STOPPED ? PRINTER_DOUBT_MS
							      : PRINTER_SETTLE_MS;
}

void job_receive_state(struct printer_job *job, int64_t state, int64_t now_ms,
		       const struct printer_reporter *reporter)
{
	struct job_track *track = &job->track;

	job->received_ms = now_ms;
	if (track->phase == JOB_ENDING && !job_within(now_ms, track->ended_ms, settle_ms(track))) {
		job_decide(job, reporter);
	}
	if (is_overtaken(track, state, now_ms)) {
		track->held_state = state;
		track->held_ms = now_ms;
		return;
	}
	take_state(job, state, now_ms, reporter);
}

static void take_held(struct printer_job *job, const struct printer_reporter *reporter)
{
	struct job_track *track = &job->track;

	if (track->held_state != PRINTER_NEVER) {
		take_state(job, track->held_state, track->held_ms, reporter);
	}
}

/* How long a job may stay at 100 % before it is taken for finished. */
static int64_t complete_ms(const struct printer_job *job)
{
	return job->track.time.reported_s > 0 ? PRINTER_COMPLETE_LONG_MS : PRINTER_COMPLETE_MS;
}

static bool is_complete(const struct job_track *track)
{
	return track->phase == JOB_PRINTING && !track->paused && !track->state_gap &&
	       track->complete_ms != PRINTER_NEVER;
}

void job_pass_time(struct printer_job *job, int64_t now_ms, const struct printer_reporter *reporter)
{
	struct job_track *track = &job->track;

	if (!job_within(now_ms, track->held_ms, PRINTER_SETTLE_MS)) {
		take_held(job, reporter);
	}
	if (track->phase == JOB_ENDING && !job_within(now_ms, track->ended_ms, settle_ms(track))) {
		job_decide(job, reporter);
	}
	if (is_complete(track) && !job_within(now_ms, track->complete_ms, complete_ms(job))) {
		job_conclude(job, reporter);
	}
}

static void sooner_of(int64_t *due_ms, int64_t since_ms, int64_t window_ms)
{
	int64_t then_ms = since_ms < INT64_MAX - window_ms ? since_ms + window_ms : INT64_MAX;

	*due_ms = then_ms < *due_ms ? then_ms : *due_ms;
}

int64_t job_next_deadline_ms(const struct printer_job *job)
{
	const struct job_track *track = &job->track;
	int64_t due_ms = INT64_MAX;

	if (track->held_state != PRINTER_NEVER) {
		sooner_of(&due_ms, track->held_ms, PRINTER_SETTLE_MS);
	}
	if (track->phase == JOB_ENDING) {
		sooner_of(&due_ms, track->ended_ms, settle_ms(track));
	}
	if (is_complete(track)) {
		sooner_of(&due_ms, track->complete_ms, complete_ms(job));
	}
	return due_ms;
}

void job_settle(struct printer_job *job, const struct printer_reporter *reporter)
{
	take_held(job, reporter);
	job_decide(job, reporter);
	if (is_complete(&job->track)) {
		job_conclude(job, reporter);
	}
}

void job_connection_lost(struct printer_job *job)
{
	struct job_track *track = &job->track;

	track->held_state = PRINTER_NEVER;
	track->state_gap = true;
	track->identity_gap = true;
	track->identity_received = false;
}
