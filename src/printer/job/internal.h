/* SPDX-License-Identifier: MIT */
#ifndef PRINTER_JOB_INTERNAL_H
#define PRINTER_JOB_INTERNAL_H

#include "printer/job/job.h"
#include "printer/state/moment.h"

/* What the parts of a job share. */

/* What a state of message 1000 means for a job. */
enum job_role {
	ROLE_NONE,      /* says nothing about a job */
	ROLE_BEFORE,    /* nothing is printed yet, but perhaps no print will follow */
	ROLE_PREPARING, /* a print will follow */
	ROLE_RUNNING,
	ROLE_PAUSED,
	ROLE_OVER,
	ROLE_DOUBTFUL, /* goes on or is over: what comes next tells */
};

enum job_role job_role(int64_t state);

/* Whether now_ms lies within window_ms after then_ms; a clock that went back never does. */
static inline bool job_within(int64_t now_ms, int64_t then_ms, int64_t window_ms)
{
	int64_t passed = units_time_since(now_ms, then_ms);

	return passed >= 0 && passed < window_ms;
}

void job_report(const struct printer_job *job, enum printer_event_kind kind, int64_t t_ms,
		int64_t number, const struct printer_reporter *reporter);

/* What is received of a job besides its identity is forgotten. */
void job_reset_values(struct printer_job *job);

/* A job that was seen to begin: it counts from 0 and comes in phase. */
void job_begin(struct printer_job *job, enum job_phase phase, int64_t now_ms);

/* A job is under way from now on: it is perhaps the file that was chosen just before. */
void job_take_preview(struct printer_job *job, int64_t now_ms);

/* Finished or stopped by what is known, or JOB_UNDECIDED. */
enum job_verdict job_known_verdict(const struct printer_job *job);

/* From JOB_PREPARING or JOB_PRINTING to JOB_ENDING, or on to JOB_ENDED where the verdict is known.
 */
void job_end(struct printer_job *job, int64_t end_state, bool unsure, int64_t now_ms,
	     const struct printer_reporter *reporter);

/* From JOB_ENDING to JOB_ENDED. */
void job_decide(struct printer_job *job, const struct printer_reporter *reporter);

/* From JOB_ENDING to JOB_ENDED where the verdict is known; what is shown may change in any case. */
void job_decide_if_known(struct printer_job *job, const struct printer_reporter *reporter);

/* Where nothing but 100 % is received of it for long enough, the job is over. */
void job_conclude(struct printer_job *job, const struct printer_reporter *reporter);

/* Progress or elapsed time was received: it may show that a job in state 3 goes on. */
void job_receive_going_on(struct printer_job *job, int64_t now_ms,
			  const struct printer_reporter *reporter);

/* The job's remaining time begins anew. */
void job_time_reset(struct job_time *time);

/* Recomputes the state that is shown. */
void job_show_state(struct printer_job *job);

/* Tells progress and layer as far as they have grown. */
void job_report_growth(struct printer_job *job, int64_t now_ms,
		       const struct printer_reporter *reporter);

#endif
