/* SPDX-License-Identifier: MIT */
#include "base/clock.h"
#include "gateway/history/internal.h"

#include <flagship/error.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * Which job a printer is at. Begin and end are its events; what ends without one (nobody saw how),
 * what is found to be under way, and what went on while no gateway ran is found by comparing.
 */

#define MILLI       1000.0
#define NOT_SEEN    "it ended while no gateway ran"
#define IDENTITY_MS INT64_C(60000) /* within it a printer says which job it is at */
#define TROUBLE_LASTS_MS                                                                      \
	INT64_C(30000)               /* an error explains an end so long after it was cleared \
				      */
#define STOP_LASTS_MS INT64_C(60000) /* likewise a stop */

/* --- what is shown of it --- */

static int64_t milli_of(double amount)
{
	return isfinite(amount) && amount >= 0 ? llround(amount * MILLI) : PRINTER_NEVER;
}

static void copy_known(int64_t *to, int64_t value)
{
	*to = value == PRINTER_NEVER ? *to : value;
}

static void find_file(const struct history *history, struct history_job *job)
{
	struct history_file file = {.thumbnail = PRINTER_NEVER};

	if (history->options.find_file && job->file[0] != '\0' && job->hash[0] == '\0' &&
	    history->options.find_file(history->options.context, job->serial, job->file, &file)) {
		memcpy(job->hash, file.hash, sizeof(job->hash));
		memcpy(job->path, file.path, sizeof(job->path));
		job->thumbnail = file.thumbnail;
	}
}

static void take_identity(const struct history *history, struct history_job *job,
			  const struct printer_job *shown)
{
	if (!shown->track.identity_received && !shown->track.name_is_preview) {
		return;
	}
	if (shown->task_id[0] != '\0') {
		memcpy(job->task_id, shown->task_id, sizeof(job->task_id));
	}
	if (shown->name[0] != '\0' && strcmp(job->file, shown->name) != 0) {
		memcpy(job->file, shown->name, sizeof(job->file));
		find_file(history, job);
	}
}

static void take_values(struct history_job *job, const struct printer_job *shown)
{
	copy_known(&job->elapsed_s, shown->elapsed_s);
	copy_known(&job->progress_centi_percent, shown->progress_centi_percent);
	copy_known(&job->layer, shown->layer);
	copy_known(&job->layers, shown->layers);
	copy_known(&job->filament_used_milli, milli_of(shown->filament_used));
	copy_known(&job->filament_estimated_milli, milli_of(shown->filament_estimated));
	if (shown->filament_unit[0] != '\0') {
		memcpy(job->filament_unit, shown->filament_unit, sizeof(job->filament_unit));
	}
}

/* What it had printed when it was first received: it began as long ago. */
static void reckon_begin(struct known_printer *known, const struct printer_job *shown,
			 const struct printer_moment *now)
{
	if (!known->job->joined || known->is_reckoned || shown->elapsed_s == PRINTER_NEVER) {
		return;
	}
	int64_t begun_ms = now->now_ms - shown->elapsed_s * MS_PER_S;
	known->is_reckoned = true;
	if (begun_ms < known->begun_ms) {
		known->begun_ms = begun_ms;
		known->job->begun_ms = moment_unix_ms(now, begun_ms);
	}
}

static void take_job(const struct history *history, struct known_printer *known,
		     const struct printer_job *shown, const struct printer_moment *now)
{
	memcpy(known->job->printer_name, known->name, sizeof(known->job->printer_name));
	take_identity(history, known->job, shown);
	take_values(known->job, shown);
	reckon_begin(known, shown, now);
}

static const struct printer_job *shown_job(const struct known_printer *known)
{
	return known->printer ? &fleet_printer_state(known->printer)->job : NULL;
}

static bool is_active(const struct printer_job *job)
{
	return job->track.phase == JOB_PREPARING || job->track.phase == JOB_PRINTING ||
	       job->track.phase == JOB_ENDING;
}

/* --- begin and end --- */

static void begin_job(struct history *history, struct known_printer *known,
		      const struct printer_job *shown, int64_t begun_ms, bool joined)
{
	const struct printer_moment now = history_moment_now(history);
	struct history_job *job = calloc(1, sizeof(*job));

	if (!job) {
		return;
	}
	*job = (struct history_job){
		.id = ++history->job_id,
		.joined = joined,
		.begun_ms = moment_unix_ms(&now, begun_ms),
		.started_ms = PRINTER_NEVER,
		.ended_ms = PRINTER_NEVER,
		.elapsed_s = PRINTER_NEVER,
		.progress_centi_percent = PRINTER_NEVER,
		.layer = PRINTER_NEVER,
		.layers = PRINTER_NEVER,
		.thumbnail = PRINTER_NEVER,
		.filament_used_milli = PRINTER_NEVER,
		.filament_estimated_milli = PRINTER_NEVER,
	};
	memcpy(job->serial, known->table.serial, sizeof(job->serial));
	known->job = job;
	known->is_resumed = false;
	known->is_reckoned = false;
	known->begun_ms = begun_ms;
	take_job(history, known, shown, &now);
	job->duration_ms = now.now_ms - known->begun_ms;
	queue_job(history, known, true, HISTORY_JOB_ADDED);
}

static void end_job(struct history *history, struct known_printer *known,
		    enum history_outcome outcome, const char *reason, int64_t ended_ms)
{
	const struct printer_moment now = history_moment_now(history);
	struct history_job *job = known->job;

	job->outcome = outcome;
	snprintf(job->reason, sizeof(job->reason), "%s", reason);
	job->ended_ms = moment_unix_ms(&now, ended_ms);
	job->duration_ms = ended_ms > known->begun_ms ? ended_ms - known->begun_ms : 0;
	queue_job(history, known, true, HISTORY_JOB_ENDED);
	free(job);
	known->job = NULL;
	known->is_resumed = false;
}

static void end_unseen(struct history *history, struct known_printer *known, const char *reason)
{
	end_job(history, known, HISTORY_UNKNOWN, reason, history_moment_now(history).now_ms);
}

/* Who had it stopped, of late; NULL: nobody here. */
static const struct service_command *find_stop(const struct history *history,
					       const struct known_printer *known, int64_t now_ms)
{
	const struct service *service = history->printers
						? gateway_printers_commands(history->printers)
						: NULL;
	const struct service_command *command = NULL;
	const struct service_command *stop = NULL;

	while (service && (command = service_next(service, command))) {
		if (command->kind == COMMAND_STOP &&
		    strcmp(command->serial, known->table.serial) == 0 &&
		    (!command->over || (now_ms - command->ended_ms < STOP_LASTS_MS &&
					command->report.outcome != COMMAND_REFUSED &&
					command->report.outcome != COMMAND_FAILED))) {
			stop = command;
		}
	}
	return stop;
}

static void on_stopped(struct history *history, struct known_printer *known, int64_t ended_ms)
{
	int64_t now_ms = history_moment_now(history).now_ms;
	const struct service_command *stop = find_stop(history, known, now_ms);
	char reason[HISTORY_REASON_SIZE];

	if (stop) {
		snprintf(reason, sizeof(reason), "stopped by %s", stop->asker);
		end_job(history, known, HISTORY_CANCELLED, reason, ended_ms);
	} else if (known->trouble[0] != '\0' &&
		   (known->trouble_stands || ended_ms - known->trouble_ms < TROUBLE_LASTS_MS)) {
		end_job(history, known, HISTORY_FAILED, known->trouble, ended_ms);
	} else {
		end_job(history, known, HISTORY_CANCELLED,
			"stopped at the printer or by another program", ended_ms);
	}
}

static void on_end(struct history *history, struct known_printer *known,
		   const struct printer_event *event)
{
	const struct printer_moment now = history_moment_now(history);

	if (!known->job) {
		begin_job(history, known, event->job, event->t_ms, true);
	}
	if (!known->job) {
		return;
	}
	take_values(known->job, event->job);
	reckon_begin(known, event->job, &now);
	if (known->job->file[0] == '\0') {
		memcpy(known->job->file, event->job->name, sizeof(known->job->file));
		find_file(history, known->job);
	}
	if (event->kind == PRINTER_EVENT_JOB_FINISHED) {
		end_job(history, known, HISTORY_FINISHED, "", event->t_ms);
	} else {
		on_stopped(history, known, event->t_ms);
	}
}

/* --- a job of before --- */

/* It is the same only where both say which one they are, and what was printed is still there. */
static bool is_same(const struct history_job *kept, const struct printer_job *shown)
{
	return (shown->track.identity_received || !is_active(shown)) &&
	       job_match(shown, kept->task_id, kept->file) == JOB_MATCH_SAME &&
	       (kept->progress_centi_percent == PRINTER_NEVER ||
		shown->progress_centi_percent == PRINTER_NEVER ||
		shown->progress_centi_percent >= kept->progress_centi_percent);
}

static void go_on(struct history *history, struct known_printer *known)
{
	known->is_resumed = false;
	known->is_reckoned = true;
	log_event(history->log, LOG_LEVEL_INFO, HISTORY_LOG_PART,
		  "a job goes on that began before this gateway was started",
		  LOG_TEXT("printer", known->table.serial), LOG_NUMBER("job", known->job->id));
}

static void look_at_resumed(struct history *history, struct known_printer *known,
			    const struct printer_job *shown)
{
	const struct printer_moment now = history_moment_now(history);

	if (!shown->state_received) {
		return;
	}
	if (known->joined_ms == PRINTER_NEVER) {
		known->joined_ms = now.now_ms;
	}
	if (is_same(known->job, shown)) {
		if (is_active(shown)) {
			go_on(history, known);
		} else if (shown->progress_centi_percent == PRINTER_PROGRESS_COMPLETE) {
			take_values(known->job, shown);
			end_job(history, known, HISTORY_FINISHED,
				"it ended while no gateway ran: when is not known", now.now_ms);
		} else {
			end_unseen(history, known, NOT_SEEN);
		}
		return;
	}
	/* It may say yet which one it is at. */
	if (is_active(shown) && !shown->track.identity_received &&
	    now.now_ms - known->joined_ms < IDENTITY_MS) {
		return;
	}
	end_unseen(history, known, NOT_SEEN);
}

void jobs_resume(struct history *history, const struct history_job *kept)
{
	struct known_printer *known = history_know(history, kept->serial);
	const struct printer_moment now = history_moment_now(history);

	if (!known) {
		return;
	}
	struct history_job *present = known->job;
	bool was_resumed = known->is_resumed;
	if (present && present->id == kept->id) {
		return;
	}
	known->job = malloc(sizeof(*known->job));
	if (!known->job) {
		known->job = present;
		return;
	}
	*known->job = *kept;
	int64_t since_ms = now.unix_ms - kept->begun_ms;
	int64_t duration_ms = kept->duration_ms > since_ms ? kept->duration_ms : since_ms;
	if (known->name[0] == '\0') {
		memcpy(known->name, kept->printer_name, sizeof(known->name));
	}
	if (present) {
		/* Two of one printer: the newer one is the one that may go on. */
		known->begun_ms = now.now_ms - duration_ms;
		end_unseen(history, known, NOT_SEEN);
		known->job = present;
		known->is_resumed = was_resumed;
		return;
	}
	known->begun_ms = now.now_ms - duration_ms;
	known->is_resumed = true;
	known->joined_ms = PRINTER_NEVER;
}

/* --- what happens --- */

void jobs_on_event(struct history *history, struct known_printer *known,
		   const struct printer_event *event)
{
	if (known->job && known->is_resumed &&
	    (event->kind == PRINTER_EVENT_JOB_FINISHED ||
	     event->kind == PRINTER_EVENT_JOB_STOPPED)) {
		if (is_same(known->job, event->job)) {
			go_on(history, known);
		} else {
			end_unseen(history, known, NOT_SEEN);
		}
	}
	switch (event->kind) {
	case PRINTER_EVENT_JOB_PREPARING:
		if (known->job) {
			end_unseen(history, known, "another job began");
		}
		begin_job(history, known, event->job, event->t_ms, false);
		break;
	case PRINTER_EVENT_JOB_STARTED:
		if (!known->job) {
			begin_job(history, known, event->job, event->t_ms, false);
		}
		if (known->job && known->job->started_ms == PRINTER_NEVER) {
			const struct printer_moment now = history_moment_now(history);

			known->job->started_ms = moment_unix_ms(&now, event->t_ms);
		}
		break;
	case PRINTER_EVENT_JOB_FINISHED:
	case PRINTER_EVENT_JOB_STOPPED:
		on_end(history, known, event);
		break;
	default:
		break;
	}
}

static bool is_other(const struct history_job *job, const struct printer_job *shown)
{
	return shown->track.identity_received &&
	       job_match(shown, job->task_id, job->file) == JOB_MATCH_OTHER;
}

void jobs_look(struct history *history, struct known_printer *known)
{
	const struct printer_job *shown = shown_job(known);
	const struct printer_moment now = history_moment_now(history);

	if (!shown) {
		return;
	}
	if (known->job && known->is_resumed) {
		look_at_resumed(history, known, shown);
	} else if (known->job && !is_active(shown)) {
		end_unseen(history, known, "the printer did not say how it ended");
	} else if (known->job && is_other(known->job, shown)) {
		end_unseen(history, known, "another job was found to go on");
	}
	if (!known->job && is_active(shown) && shown->track.phase != JOB_ENDING &&
	    shown->state_received && !shown->track.complete_unseen) {
		begin_job(history, known, shown, now.now_ms, true);
	} else if (known->job && !known->is_resumed && is_active(shown)) {
		take_job(history, known, shown, &now);
	}
}

void jobs_forget(struct history *history, struct known_printer *known)
{
	if (known->job) {
		end_unseen(history, known, "the printer was removed");
	}
}

void jobs_show(const struct history *history, struct known_printer *known, struct history_job *job)
{
	const struct printer_moment now = history_moment_now(history);
	const struct printer_job *shown = shown_job(known);

	if (shown && is_active(shown)) {
		take_job(history, known, shown, &now);
	}
	known->job->duration_ms = now.now_ms - known->begun_ms;
	*job = *known->job;
}

void jobs_save(struct history *history)
{
	struct history_job job;

	for (size_t i = 0; i < history->known_count; i++) {
		struct known_printer *known = history->known[i];

		/* Without an event, and with nothing that is shown: an end that nobody saw is
		 * decided after the state that told it. */
		if (known->job) {
			jobs_look(history, known);
		}
		/* While nothing is written, what ended needs the room. */
		if (known->job && !known->is_resumed && !history->is_broken) {
			jobs_show(history, known, &job);
			queue_job(history, known, false, HISTORY_JOB_ADDED);
		}
	}
}
