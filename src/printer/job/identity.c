/* SPDX-License-Identifier: MIT */
#include "base/text.h"
#include "printer/job/internal.h"

#include <flagship/mqtt.h>

#include <stddef.h>
#include <string.h>

#define OVERTAKEN_TIMES 5 /* of what is usual */

static bool is_same(const char *buffer, size_t capacity, const struct flagship_text *text)
{
	return text_buffer_holds(buffer, capacity, *text);
}

static enum job_match match_if(bool same)
{
	return same ? JOB_MATCH_SAME : JOB_MATCH_OTHER;
}

static enum job_match match_identity(const char *task_buffer, const char *name_buffer,
				     const struct flagship_text *task_id,
				     const struct flagship_text *name)
{
	if (task_id && task_buffer[0]) {
		return match_if(is_same(task_buffer, PRINTER_TASK_ID_MAX, task_id));
	}
	if (name && name_buffer[0]) {
		return match_if(is_same(name_buffer, PRINTER_TEXT_MAX, name));
	}
	return JOB_MATCH_UNKNOWN;
}

enum job_match job_match(const struct printer_job *job, const char *task_id, const char *name)
{
	const struct flagship_text task = flagship_text_from(task_id);
	const struct flagship_text file = flagship_text_from(name);

	return match_identity(job->task_id, job->name, task.length > 0 ? &task : NULL,
			      file.length > 0 ? &file : NULL);
}

static bool is_this_job(const char *task_buffer, const char *name_buffer,
			const struct flagship_text *task_id, const struct flagship_text *name)
{
	return match_identity(task_buffer, name_buffer, task_id, name) != JOB_MATCH_OTHER;
}

/* Whether it names the job before this one, so shortly after it changed that it is an old message.
 */
static bool is_job_before(const struct job_track *track, const struct flagship_text *task_id,
			  const struct flagship_text *name, int64_t now_ms)
{
	if (!job_within(now_ms, track->identity_changed_ms, PRINTER_STALE_MS)) {
		return false;
	}
	if (task_id && track->task_id_before[0]) {
		return is_same(track->task_id_before, PRINTER_TASK_ID_MAX, task_id);
	}
	return name && track->name_before[0] && is_same(track->name_before, PRINTER_TEXT_MAX, name);
}

static void set_identity(struct printer_job *job, const struct flagship_text *task_id,
			 const struct flagship_text *name)
{
	if (task_id) {
		text_buffer_set(job->task_id, sizeof(job->task_id), *task_id);
	}
	if (name) {
		text_buffer_set(job->name, sizeof(job->name), *name);
		job->track.name_is_preview = false;
	}
}

static void replace_identity(struct printer_job *job, const struct flagship_text *task_id,
			     const struct flagship_text *name, int64_t now_ms)
{
	struct job_track *track = &job->track;

	memcpy(track->task_id_before, job->task_id, sizeof(job->task_id));
	memcpy(track->name_before, job->name, sizeof(job->name));
	track->identity_changed_ms = now_ms;
	if (!task_id) {
		job->task_id[0] = '\0';
	}
	set_identity(job, task_id, name);
	job_reset_values(job);
}

/* The job before ended while nobody listened, and this one runs: how it came to is not known. */
static void replace_across_gap(struct printer_job *job, const struct flagship_text *task_id,
			       const struct flagship_text *name, int64_t now_ms,
			       const struct printer_reporter *reporter)
{
	struct job_track *track = &job->track;
	bool paused = track->paused;

	job_end(job, PRINTER_NEVER, true, now_ms, reporter);
	job_decide(job, reporter);
	replace_identity(job, task_id, name, now_ms);
	track->percent_reported = PRINTER_NEVER;
	track->layer_reported = PRINTER_NEVER;
	track->watched = false;
	track->phase = JOB_NONE;
	if (track->state_gap) {
		return;
	}
	if (job_role(track->state) == ROLE_PREPARING) {
		job_begin(job, JOB_PREPARING, now_ms);
		job_report(job, PRINTER_EVENT_JOB_PREPARING, now_ms, 0, reporter);
	} else {
		track->phase = JOB_PRINTING;
		track->paused = paused;
	}
}

static void replace_job(struct printer_job *job, const struct flagship_text *task_id,
			const struct flagship_text *name, int64_t now_ms,
			const struct printer_reporter *reporter)
{
	struct job_track *track = &job->track;
	bool active = track->phase == JOB_PREPARING || track->phase == JOB_PRINTING;

	if (active && track->identity_gap) {
		replace_across_gap(job, task_id, name, now_ms, reporter);
		return;
	}
	if (active && !track->identity_received) {
		/* The job's state was received before its name; until then it bore the old one. */
		replace_identity(job, task_id, name, now_ms);
		return;
	}
	if (active) {
		job_end(job, PRINTER_NEVER, false, now_ms, reporter);
	}
	job_decide(job, reporter);
	replace_identity(job, task_id, name, now_ms);
	track->identity_new = true;
	if (job_role(track->state) == ROLE_PREPARING && !track->state_gap) {
		job_begin(job, JOB_PREPARING, now_ms);
		job_report(job, PRINTER_EVENT_JOB_PREPARING, now_ms, 0, reporter);
	}
}

/*
 * Whether a message that bears the identity which the job has is one of the job that is over. Until
 * the next one's identity is received, that bears the old one's.
 */
static bool is_leftover(struct printer_job *job, const struct flagship_text *task_id,
			int64_t progress, int64_t now_ms)
{
	struct job_track *track = &job->track;
	bool lately = job_within(now_ms, track->ended_ms, PRINTER_LEFTOVER_MS);

	if (track->state_gap || track->identity_gap || track->phase == JOB_NONE ||
	    track->phase == JOB_ENDING || track->identity_received) {
		return false;
	}
	if (lately && task_id && job->task_id[0]) {
		return true;
	}
	if (track->phase != JOB_ENDED && track->ended_ms != PRINTER_NEVER &&
	    progress == PRINTER_PROGRESS_COMPLETE) {
		return true;
	}
	if (track->phase != JOB_ENDED || (!lately && !track->concluded)) {
		return false;
	}
	/* A little later it may still have been overtaken on its way. */
	track->progress_new |= progress >= 0 && progress < track->progress_max &&
			       !job_within(now_ms, track->ended_ms,
					   OVERTAKEN_TIMES * track->reorder_ms);
	return !track->progress_new;
}

bool job_receive_identity(struct printer_job *job, const struct flagship_text *task_id,
			  const struct flagship_text *name, int64_t progress, int64_t now_ms,
			  const struct printer_reporter *reporter)
{
	struct job_track *track = &job->track;

	task_id = task_id && task_id->length > 0 ? task_id : NULL;
	name = name && name->length > 0 ? name : NULL;
	bool is_same_job = is_this_job(job->task_id, job->name, task_id, name);
	if (is_same_job && is_leftover(job, task_id, progress, now_ms)) {
		return false;
	}
	if (is_same_job) {
		/* A task that is the same one needs no second look. */
		set_identity(job, job->task_id[0] ? NULL : task_id, name);
	} else if (is_job_before(track, task_id, name, now_ms)) {
		return false;
	} else {
		replace_job(job, task_id, name, now_ms, reporter);
		job_show_state(job);
	}
	track->schedule_ms = now_ms;
	if (task_id || name) {
		track->identity_received = true;
		track->identity_gap = false;
	}
	return true;
}

static void set_preview(struct printer_job *job, struct flagship_text name)
{
	text_buffer_set(job->name, sizeof(job->name), name);
	job->track.name_is_preview = true;
}

void job_receive_preview(struct printer_job *job, struct flagship_text name, int64_t now_ms)
{
	struct job_track *track = &job->track;

	if (name.length == 0) {
		return;
	}
	if (track->phase != JOB_PREPARING && track->phase != JOB_PRINTING) {
		text_buffer_set(track->preview, sizeof(track->preview), name);
		track->preview_ms = now_ms;
	} else if (!job->name[0] || !track->identity_received || track->name_is_preview) {
		set_preview(job, name);
	}
}

void job_take_preview(struct printer_job *job, int64_t now_ms)
{
	struct job_track *track = &job->track;

	if (!track->identity_received && job_within(now_ms, track->preview_ms, PRINTER_STALE_MS)) {
		set_preview(job, flagship_text_from(track->preview));
	}
	track->preview_ms = PRINTER_NEVER;
}
