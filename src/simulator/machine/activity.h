/* SPDX-License-Identifier: MIT */
#ifndef SIMULATOR_MACHINE_ACTIVITY_H
#define SIMULATOR_MACHINE_ACTIVITY_H

#include "simulator/machine/machine.h"

#include <stdbool.h>
#include <stdint.h>

enum activity_kind {
	ACTIVITY_NONE,
	ACTIVITY_HOMING,    /* 1026 */
	ACTIVITY_LEVELLING, /* 1007 */
	ACTIVITY_FILAMENT,  /* 1023 */
};

/* What one step of an activity brought about. */
enum activity_signal {
	ACTIVITY_HOMED = 1 << 0,
	ACTIVITY_PROBED = 1 << 1, /* probe_point */
	ACTIVITY_FED = 1 << 2,    /* progress_percent */
};

/* What a printer does while no job runs. */
struct activity {
	enum activity_kind kind;
	bool heating;  /* before it begins */
	int64_t value; /* of the command: axis, or feed and return */
	int64_t ms;    /* since it began */
	int64_t probe_point;
	int64_t progress_percent;
};

/* Each false where another activity goes on. */
bool activity_home(struct activity *activity, int64_t axis);
bool activity_level(struct activity *activity, struct machine *machine);
/* temperature_c: of the nozzle for the move; 0 for the usual. */
bool activity_move_filament(struct activity *activity, struct machine *machine, int64_t value,
			    double temperature_c);

/* Returns what happened: a set of enum activity_signal. */
uint32_t activity_step(struct activity *activity, struct machine *machine, int64_t ms);

/* FLAGSHIP_JOB_STATE_IDLE where 1000 does not tell of it. */
enum flagship_job_state activity_state(const struct activity *activity);

#endif
