/* SPDX-License-Identifier: MIT */
#ifndef SIMULATOR_MACHINE_MODEL_H
#define SIMULATOR_MACHINE_MODEL_H

#include "simulator/machine/thermal.h"

#include <flagship/model.h>
#include <flagship/mqtt.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a job does, one after the other. */
enum print_job_phase {
	PRINT_JOB_NONE,
	PRINT_JOB_PREPARING, /* bed to its target, nozzle to where it does not drip */
	PRINT_JOB_LEVELLING, /* probing the bed */
	PRINT_JOB_HEATING,   /* nozzle to its target */
	PRINT_JOB_HOMING,
	PRINT_JOB_PRINTING,
	PRINT_JOB_COMPLETE_STILL, /* at 100 %, and still called printing */
	PRINT_JOB_PAUSED,
	PRINT_JOB_ENDED, /* finished or stopped, not yet cleared away */
};

/* One phase of a model's job, in the order of its table. */
struct job_phase_plan {
	enum print_job_phase phase;
	int64_t least_ms;              /* it lasts at least this long, whatever the temperatures */
	enum flagship_job_state state; /* that 1000 tells meanwhile */
};

/* The job that a model prints over and over. */
struct job_plan {
	const char *name;
	int64_t layers;
	double print_s; /* at the model's usual speed */
	double bed_c;
	double nozzle_standby_c;
	double nozzle_c;
	double start_fraction; /* of the progress when the first layer begins: the file's head */
	double filament_mm;    /* 0 where the printer does not tell */
	const int64_t *speeds; /* that 1001 tells while printing, ended by 0 */
	int64_t first_layer_speed;
	const struct job_phase_plan *phases; /* ended by PRINT_JOB_NONE */
};

/* What 1008 is understood as (protocol.md 3.2). */
enum control_form {
	CONTROL_BY_MODEL,
	CONTROL_VENDOR,   /* 1 starts, 2 pauses, 3 resumes, 4 stops, 0 prints again; needs userId */
	CONTROL_OBSERVED, /* 1 pauses and 2 resumes the job that is named, 0 with M2024 stops */
};

/* How a reply to a G-code command is cut (protocol.md 3.3). */
struct reply_habit {
	const char *word; /* "M114"; "" is for every other one and ends the table */
	size_t cut;       /* bytes; 0 = only at the limit of 512 */
	bool spliced;     /* beyond the limit the head is lost and the middle spliced */
	size_t piece;     /* bytes of each message, where there are several; 0 = one */
	bool left_over;   /* all pieces but the first come with the answer to the next command */
};

#define SIMULATOR_MODEL_AXES 3

/* What tells one model from the other. */
struct simulator_model {
	enum flagship_model id;
	enum flagship_device_type device_type; /* of the frames it sends */
	int64_t notice_period_ms;
	bool only_changes; /* else in a rhythm, with unchanged fields left out */
	bool heats;
	bool has_ink;
	bool wild_remaining;      /* 1001 time is no countdown (protocol.md 3.7) */
	bool elapsed_waits;       /* totalTime stays 0 while the job prepares */
	bool silent_end;          /* after state 4, 0 comes only as an answer, and no 1068 */
	bool stops_to_idle;       /* a job that is stopped goes straight to 0, never to 4 */
	bool reports_preview;     /* 1044 at the start of a job */
	bool z_home_is_dangerous; /* a nozzle was driven into its plate that way */
	int64_t usual_speed_mm_s;
	int64_t max_speed_mm_s;
	double ambient_c;
	/* Of the motion board (protocol.md 7.4). */
	double range_mm[SIMULATOR_MODEL_AXES][2];
	double cold_extrusion_c;
	struct thermal_profile nozzle;
	struct thermal_profile bed;
	enum control_form control;
	const struct job_plan *job;
	const struct reply_habit *habits;
	const char *firmware;
};

/* Never NULL for a known model; NULL for FLAGSHIP_MODEL_UNKNOWN. */
const struct simulator_model *simulator_model_find(enum flagship_model id);

#endif
