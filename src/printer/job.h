/* SPDX-License-Identifier: MIT */
#ifndef PRINTER_JOB_H
#define PRINTER_JOB_H

#include "printer/event.h"
#include "printer/parts.h"

#include <flagship/text.h>

#include <stdbool.h>
#include <stdint.h>

/*
 * Follows one printer's job through what is heard of it, and tells each of its events once,
 * whatever is repeated, lost or reordered.
 *
 * - A job is told apart by its task_id, or by its name where it has none. Another task_id or name
 *   is another job; the one before it, if not yet over, then ended unseen.
 * - A job begins with state 8, 10 or 15 (job_preparing) and starts with 1, or 2 where that was lost
 *   (job_started). Where this is the first state ever heard, the job was joined in the middle and
 *   nothing is told.
 * - A job ends with 4, 3 or 0. It is finished where its progress had reached 100 % or its summary
 *   (1068) says so, and stopped where the state is 3 or the summary says so. Else the decision
 *   waits for a summary or a last progress, at most PRINTER_SETTLE_MS; then it was stopped. While
 *   it waits, the job going on takes the end back: what said it was over came out of order.
 * - After its end, a job of the same identity that seems to run is taken for an old message for
 *   PRINTER_STALE_MS; state 8 after state 0 begins a new job at once.
 * - A state that follows within PRINTER_REORDER_MS the one that replaced it is held back: the next
 *   state decides, or PRINTER_SETTLE_MS without one lets it pass.
 * - Progress and layers are told as they grow, never twice and never backwards; where the job was
 *   joined in the middle, what is heard first is only where counting begins.
 * - Across a lost connection nothing is told but what must be true: the end of a job that had
 *   reached 100 %, and what the same job (its identity heard again) has become.
 */
#define PRINTER_REORDER_MS INT64_C(1000)
#define PRINTER_SETTLE_MS  INT64_C(5000)
#define PRINTER_STALE_MS   INT64_C(10000)

enum job_phase {
	JOB_NONE, /* none was ever seen */
	JOB_PREPARING,
	JOB_PRINTING, /* or paused */
	JOB_ENDING,   /* over, but finished or stopped is not decided */
	JOB_ENDED,
};

enum job_verdict {
	JOB_UNDECIDED,
	JOB_FINISHED,
	JOB_STOPPED,
};

/* What the rules above have to remember. Private to job*.c. */
struct job_track {
	enum job_phase phase;
	enum job_phase phase_before_end;
	enum job_verdict summary;
	enum job_verdict verdict;
	bool paused;
	bool watched;        /* with no job: it was heard that there is none */
	bool identity_heard; /* since the job began, was joined, or ended */
	bool identity_new;   /* changed since the last job ended */
	bool state_gap;      /* no state was heard since the connection was lost */
	bool identity_gap;   /* no identity was heard since the connection was lost */
	bool end_unsure;     /* the job ended unseen, so that nothing but a verdict may be told */
	bool end_confirmed;  /* two different states said that it is over */
	bool idle_since_end;
	bool name_is_preview; /* the name was taken from 1044 */
	int64_t state;        /* `value` of 1000 */
	int64_t state_before;
	int64_t state_since_ms;
	int64_t held_state; /* PRINTER_NEVER where none is held back */
	int64_t held_ms;
	int64_t end_state;
	int64_t ended_ms;
	int64_t progress_max; /* 0.01 % */
	int64_t percent_told; /* PRINTER_NEVER: the first one heard only sets it */
	int64_t layer_told;   /* likewise */
	int64_t schedule_ms;  /* when 1001 was last heard */
	int64_t layer_ms;
	int64_t reorder_ms;    /* PRINTER_REORDER_MS, or 0 where messages have no times */
	uint32_t fresh_starts; /* jobs begun and resumed: what went wrong before is past */
	int64_t identity_changed_ms;
	char task_id_before[PRINTER_TASK_ID_MAX];
	char name_before[PRINTER_TEXT_MAX];
};

struct printer_job {
	enum printer_job_state state; /* meaningless while state_heard is false */
	bool state_heard;
	char name[PRINTER_TEXT_MAX];
	char task_id[PRINTER_TASK_ID_MAX];
	char filament_unit[PRINTER_UNIT_MAX];
	int64_t progress_centi_percent;
	int64_t elapsed_s;
	int64_t remaining_s;
	int64_t layer;
	int64_t layers;
	double speed_mm_s;
	double filament_used;
	int64_t heard_ms; /* anything of it */
	struct job_track track;
};

void job_init(struct printer_job *job);

/* `value` of 1000, subType 1. */
void job_hear_state(struct printer_job *job, int64_t state, int64_t now_ms,
		    const struct printer_reporter *reporter);

/*
 * task_id and name of 1001, NULL where absent. False where they are those of the job before, so
 * that the message is an old one and must not be merged.
 */
bool job_hear_identity(struct printer_job *job, const struct flagship_text *task_id,
		       const struct flagship_text *name, int64_t now_ms,
		       const struct printer_reporter *reporter);

/* Base name of filePath of 1044: the name where 1001 gives none. */
void job_hear_preview(struct printer_job *job, struct flagship_text name);

/* Out of 0 … 10000 is ignored. */
void job_hear_progress(struct printer_job *job, int64_t centi_percent, int64_t now_ms,
		       const struct printer_reporter *reporter);

/* PRINTER_NEVER where absent. */
void job_hear_layer(struct printer_job *job, int64_t layer, int64_t layers, int64_t now_ms,
		    const struct printer_reporter *reporter);

/* What 1068 says of the job that has this name; NULL: it names none. */
void job_hear_summary(struct printer_job *job, enum job_verdict verdict,
		      const struct flagship_text *name, const struct printer_reporter *reporter);

/* Lets time pass: what was held back for long enough is decided. */
void job_pass_time(struct printer_job *job, int64_t now_ms,
		   const struct printer_reporter *reporter);

/* Decides what is held back at once: nothing more will be heard. */
void job_settle(struct printer_job *job, const struct printer_reporter *reporter);

void job_connection_lost(struct printer_job *job);

/* "printing" */
const char *printer_job_state_name(enum printer_job_state state);

#endif
