/* SPDX-License-Identifier: MIT */
#ifndef SIMULATOR_MACHINE_PRINT_JOB_H
#define SIMULATOR_MACHINE_PRINT_JOB_H

#include "simulator/machine/machine.h"
#include "simulator/machine/model.h"
#include "simulator/machine/random.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PRINT_JOB_LAYERS_MAX 128
#define PRINT_JOB_PROBES     50 /* 1 + 7 x 7 (protocol.md 3, 1007) */
#define PRINT_JOB_PROBE_MS   1000
#define PRINT_JOB_NO_FAULT   (-1)
#define PRINT_JOB_COMPLETE   10000 /* 0.01 % */

/* What one step of a job brought about. */
enum print_job_signal {
	PRINT_JOB_BEGAN = 1 << 0,
	PRINT_JOB_LOCKED = 1 << 1, /* the motors */
	PRINT_JOB_HOMED = 1 << 2,
	PRINT_JOB_PROBED = 1 << 3, /* probe_point */
	PRINT_JOB_FAULT = 1 << 4,  /* it paused itself: no filament */
	PRINT_JOB_OVER = 1 << 5,   /* finished or stopped */
	PRINT_JOB_CLEARED = 1 << 6,
	PRINT_JOB_UNLOCKED = 1 << 7, /* the motors, at 100 % */
	PRINT_JOB_MENDED = 1 << 8,   /* it goes on after a fault */
};

/* A job from its start until it is cleared away. Time is simulated and passed in. */
struct print_job {
	const struct simulator_model *model;
	const struct job_plan *plan; /* the model's, or own_plan */
	struct job_plan own_plan;    /* of a file that was uploaded */
	struct random_source random;
	const char *name; /* of the file; stays where it is */
	enum print_job_phase phase;
	size_t step; /* of model->job->phases; only while phase is one of them */
	int64_t phase_ms;
	int64_t total_ms; /* since the job began */
	int64_t print_ms; /* since the print began, without pauses */
	double work_s;    /* the whole print at usual speed */
	double done_s;    /* of work_s */
	double layer_end_s[PRINT_JOB_LAYERS_MAX];
	int64_t layer;       /* layers that are done */
	double remaining_s;  /* as 1001 tells it */
	double error;        /* of the estimate, a share of what is left; changes slowly */
	int64_t estimate_ms; /* of print_ms, when it is estimated anew */
	int64_t speed_mm_s;  /* of the moment */
	int64_t speed_ms;    /* of print_ms, when it changes */
	int64_t probe_point;
	int64_t fault_centi_percent; /* where the filament runs out, or PRINT_JOB_NO_FAULT */
	bool faulty;                 /* paused for it */
	bool finished;               /* after the end: not stopped */
	bool stays_at_end;           /* it never ends by itself */
	bool resumes_as_3;           /* once it was paused, its state is 3 and not 1 */
	bool resumed;                /* it was */
	bool stop_asked;             /* M5C: 1008 came, M2024 is awaited */
	uint32_t pending;            /* enum print_job_signal, for the next step to tell */
	char task_id[RANDOM_UUID_SIZE];
};

void print_job_init(struct print_job *job, const struct simulator_model *model, uint64_t seed);

/* What the next job is: the model's own where layers or print_s are 0. Not while one is under way.
 * More than PRINT_JOB_LAYERS_MAX layers are told as so many. */
void print_job_choose(struct print_job *job, int64_t layers, int64_t print_s);

/* False where one is under way. */
bool print_job_start(struct print_job *job, struct machine *machine);

/* While printing; false where there is nothing to pause, or to resume. */
bool print_job_pause(struct print_job *job);
bool print_job_resume(struct print_job *job);

/* False where no job is under way. */
bool print_job_stop(struct print_job *job, struct machine *machine);

/* Returns what happened: a set of enum print_job_signal. */
uint32_t print_job_step(struct print_job *job, struct machine *machine, int64_t ms);

/* From its start until it is cleared away. */
bool print_job_exists(const struct print_job *job);

/* Until it is finished or stopped. */
bool print_job_is_active(const struct print_job *job);

/* The print itself has begun. */
bool print_job_is_under_way(const struct print_job *job);

enum flagship_job_state print_job_state(const struct print_job *job);

/* 0 … PRINT_JOB_COMPLETE. */
int64_t print_job_progress(const struct print_job *job);

/* As 1001 tells it. */
int64_t print_job_elapsed_s(const struct print_job *job);

#endif
