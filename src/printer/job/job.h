/* SPDX-License-Identifier: MIT */
#ifndef PRINTER_JOB_JOB_H
#define PRINTER_JOB_JOB_H

#include "printer/state/event.h"
#include "printer/state/parts.h"

#include <flagship/model.h>
#include <flagship/text.h>

#include <stdbool.h>
#include <stdint.h>

/*
 * Follows one printer's job through what is received of it, and reports each of its events once,
 * whatever is repeated, lost or reordered.
 *
 * - A job is told apart by its task_id, or by its name where it has none. Another task_id or name
 *   is another job; the one before it, if not yet over, then ended unseen.
 * - A job begins with state 8, 10 or 15 (job_preparing) and starts with 1, or 2 where that was lost
 *   (job_started). Where this is the first state ever received, the job was joined in the middle
 * and nothing is reported.
 * - A job ends with 4 or 0. It is finished where its progress had reached 100 %, on an M5 also
 * where it was 4; else it was stopped. The trigger of a summary (1068) is not to be relied on: 2
 * counts where the job ended with 4 at 99 %, so that only its last progress may have been lost.
 * Where more may still come, the decision waits for it, at most PRINTER_SETTLE_MS. While it waits,
 * the job going on takes the end back: what said it was over came out of order.
 * - 3 is what some firmware says in place of 1 after a pause: it runs as soon as its progress or
 *   its elapsed time goes on. Without a pause before, and with nothing that goes on for
 *   PRINTER_DOUBT_MS, it is an end.
 * - A job that stays at 100 % for PRINTER_COMPLETE_MS with nothing left to print, or for
 *   PRINTER_COMPLETE_LONG_MS whatever it says is left, is finished: some firmware says no more.
 * - 100 % before anything is printed, or as the first progress received of a new print, is that of
 *   the job before; in the latter case it counts if the job ends with it.
 * - After its end, for PRINTER_LEFTOVER_MS, a job that seems to run or to be paused is an old
 *   message, unless its task_id or name is new or its progress lies below that of the end; and so
 *   is a 1001 that bears its task_id. State 8 begins a new job at once after state 0, else after
 *   PRINTER_STALE_MS.
 * - A state that follows within PRINTER_REORDER_MS the one that replaced it is held back: the next
 *   state decides, or PRINTER_SETTLE_MS without one lets it pass. One that is awaited
 *   (job_await_states) is not held back.
 * - Progress and layers are reported as they grow, never twice and never backwards; where the job
 *   was joined in the middle, what is received first is only where counting begins.
 * - Across a lost connection nothing is reported but what must be true: the end of a job that had
 *   reached 100 %, and what the same job (its identity received again) has become.
 */
#define PRINTER_REORDER_MS       INT64_C(1000)
#define PRINTER_SETTLE_MS        INT64_C(5000)
#define PRINTER_STALE_MS         INT64_C(10000)
#define PRINTER_DOUBT_MS         INT64_C(15000)
#define PRINTER_LEFTOVER_MS      INT64_C(120000) /* protocol.md 3.1 */
#define PRINTER_COMPLETE_MS      INT64_C(30000)
#define PRINTER_COMPLETE_LONG_MS INT64_C(120000)

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

/* From which the remaining time is made. Private to progress.c. */
struct job_time {
	int64_t reported_s;   /* `time` of 1001 */
	int64_t paused_s;     /* of the elapsed time, before the present pause */
	int64_t pause_from_s; /* the elapsed time when the present pause began, or PRINTER_NEVER */
	int64_t worked_s;     /* elapsed time without pauses, when last received */
	int64_t progress;     /* when the estimate was last made, 0.01 % */
	double left_s;        /* our estimate, or NAN */
	bool wild;            /* what is reported was found to make no sense */
};

/* What the rules above have to remember. Private to job*.c. */
struct job_track {
	enum job_phase phase;
	enum job_phase phase_before_end;
	enum job_verdict verdict;
	enum flagship_model model; /* set by the caller, as soon as it is known */
	bool paused;
	bool doubtful;          /* state is 3, and nothing shows yet whether the job goes on */
	bool three_runs;        /* it was seen that 3 means printing */
	bool complete_held;     /* 100 % was received, and may be that of the job before */
	bool complete_unseen;   /* it was at 100 % when it was joined */
	bool progress_new;      /* since the end a progress was received that is another job's */
	bool summed_up;         /* a summary says that it was finished */
	bool concluded;         /* ended by having stayed at 100 % */
	bool over_received;     /* since the end a state said that no job runs */
	bool watched;           /* with no job: it was received that there is none */
	bool identity_received; /* since the job began, was joined, or ended */
	bool identity_new;      /* changed since the last job ended */
	bool state_gap;         /* no state was received since the connection was lost */
	bool identity_gap;      /* no identity was received since the connection was lost */
	bool end_unsure; /* the job ended unseen, so that nothing but a verdict may be reported */
	bool end_confirmed; /* two different states said that it is over */
	bool idle_since_end;
	bool name_is_preview; /* the name was taken from 1044 */
	int64_t state;        /* `value` of 1000 */
	int64_t state_before;
	int64_t state_since_ms;
	uint64_t awaited;   /* states, a bit for each: job_await_states */
	int64_t held_state; /* PRINTER_NEVER where none is held back */
	int64_t held_ms;
	int64_t end_state;
	int64_t ended_ms;
	int64_t begun_ms;         /* the print itself, where that was seen */
	int64_t paused_ms;        /* when the last pause began */
	int64_t complete_ms;      /* when it was first at 100 %, or PRINTER_NEVER */
	int64_t doubt_progress;   /* progress_max when state 3 came */
	int64_t doubt_elapsed_s;  /* likewise */
	int64_t progress_max;     /* 0.01 % */
	int64_t percent_reported; /* PRINTER_NEVER: the first one received only sets it */
	int64_t layer_reported;   /* likewise */
	int64_t schedule_ms;      /* when 1001 was last received */
	int64_t layer_ms;
	int64_t reorder_ms;    /* PRINTER_REORDER_MS, or 0 where messages have no times */
	uint32_t fresh_starts; /* jobs begun and resumed: what went wrong before is past */
	int64_t identity_changed_ms;
	int64_t preview_ms;             /* when 1044 was received with no job under way */
	char preview[PRINTER_TEXT_MAX]; /* the file that it named: chosen, but not begun */
	char task_id_before[PRINTER_TASK_ID_MAX];
	char name_before[PRINTER_TEXT_MAX];
	struct job_time time;
};

struct printer_job {
	enum printer_job_state state; /* meaningless while state_received is false */
	bool state_received;
	int64_t progress_centi_percent;
	int64_t elapsed_s; /* of the preparation, then anew of the print */
	int64_t remaining_s;
	int64_t remaining_ms;     /* when it was received, or reckoned */
	bool remaining_estimated; /* reckoned from progress and elapsed time, not told */
	int64_t layer;
	int64_t layers;
	double speed_mm_s;
	double filament_estimated; /* of the whole job, in filament_unit */
	double filament_used; /* the share of it that is printed; after the end what 1068 says */
	int64_t received_ms;  /* anything of it */
	char filament_unit[PRINTER_UNIT_MAX];
	char task_id[PRINTER_TASK_ID_MAX];
	char name[PRINTER_TEXT_MAX]; /* last of what is shown: it is copied no further than it goes
				      */
	struct job_track track;
};

void job_init(struct printer_job *job);

/* Whether the printer is at something: what it does ends by itself, or is stopped or resumed. */
bool job_is_under_way(enum printer_job_state state);

/*
 * A bit for each state that somebody asked the printer for and that it has not told yet; it holds
 * until the next call. Such a state passes at once: who asked takes it for the proof, and what is
 * shown may not say otherwise.
 */
void job_await_states(struct printer_job *job, uint64_t states);
uint64_t job_awaited_states(const struct printer_job *job);

/* `value` of 1000, subType 1. */
void job_receive_state(struct printer_job *job, int64_t state, int64_t now_ms,
		       const struct printer_reporter *reporter);

/*
 * task_id and name of 1001, NULL where absent, and its progress, or -1. False where it is an old
 * message of the job before, which must not be merged.
 */
bool job_receive_identity(struct printer_job *job, const struct flagship_text *task_id,
			  const struct flagship_text *name, int64_t progress, int64_t now_ms,
			  const struct printer_reporter *reporter);

/* Whether it is the job of this task and file name ("": not known): by task where both have one,
 * else by name where both have one. */
enum job_match {
	JOB_MATCH_UNKNOWN,
	JOB_MATCH_SAME,
	JOB_MATCH_OTHER,
};

enum job_match job_match(const struct printer_job *job, const char *task_id, const char *name);

/*
 * Base name of filePath of 1044: the name where 1001 gives none. With no job under way it only says
 * which file was chosen (protocol.md 3.6): no job begins, and what is shown of the last one stays.
 * A job that begins within PRINTER_STALE_MS has that name.
 */
void job_receive_preview(struct printer_job *job, struct flagship_text name, int64_t now_ms);

/* Out of 0 … 10000 is ignored. */
void job_receive_progress(struct printer_job *job, int64_t centi_percent, int64_t now_ms,
			  const struct printer_reporter *reporter);

/*
 * time and totalTime of 1001, PRINTER_NEVER where absent; after the progress of the same message.
 *
 * What an M5 tells as remaining is believed unless it makes no sense; an M5C tells no countdown at
 * all (protocol.md 3.7). Then the remaining time is reckoned from the progress and the time that
 * was spent printing, from 1 % and one minute on, and smoothed.
 */
void job_receive_times(struct printer_job *job, int64_t reported_s, int64_t elapsed_s,
		       int64_t now_ms, const struct printer_reporter *reporter);

/* filamentUsed of 1001: the whole job's estimate. 0 where the printer does not know. */
void job_receive_filament(struct printer_job *job, double estimated);

/* PRINTER_NEVER where absent. */
void job_receive_layer(struct printer_job *job, int64_t layer, int64_t layers, int64_t now_ms,
		       const struct printer_reporter *reporter);

/*
 * 1068 of the job that has this name; NULL: it names none. finished: its trigger is the one that is
 * thought to mean so. used: filamentUsed, or NAN.
 */
void job_receive_summary(struct printer_job *job, const struct flagship_text *name, bool finished,
			 double used, const struct printer_reporter *reporter);

/* Lets time pass: what was held back for long enough is decided. */
void job_pass_time(struct printer_job *job, int64_t now_ms,
		   const struct printer_reporter *reporter);

/* Decides what is held back at once: nothing more will be received. */
void job_settle(struct printer_job *job, const struct printer_reporter *reporter);

void job_connection_lost(struct printer_job *job);

/* When job_pass_time may next have something to do, or INT64_MAX. */
int64_t job_next_deadline_ms(const struct printer_job *job);

/* When it will be done, in ms on the caller's clock; PRINTER_NEVER where nobody knows: only a job
 * that prints gets nearer to its end. */
int64_t job_finish_ms(const struct printer_job *job);

/* "printing" */
const char *printer_job_state_name(enum printer_job_state state);

#endif
