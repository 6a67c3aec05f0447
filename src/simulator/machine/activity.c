/* SPDX-License-Identifier: MIT */
#include "simulator/machine/activity.h"

#include "simulator/machine/print_job.h"

#define HOMING_MS        8000
#define LEVEL_NOZZLE_C   150
#define LEVEL_BED_C      60
#define FILAMENT_USUAL_C 220
#define FILAMENT_MS      30000
#define FILAMENT_STEP    5 /* percent between two notices */
#define FULL_PERCENT     100

/* Values of 1026 (protocol.md 3); 0 is X and Y. */
#define HOME_Z   1
#define HOME_ALL 2

static void begin(struct activity *activity, enum activity_kind kind, int64_t value, bool heating)
{
	*activity = (struct activity){.kind = kind, .value = value, .heating = heating};
}

bool activity_home(struct activity *activity, int64_t axis)
{
	if (activity->kind != ACTIVITY_NONE || axis < 0 || axis > HOME_ALL) {
		return false;
	}
	begin(activity, ACTIVITY_HOMING, axis, false);
	return true;
}

bool activity_level(struct activity *activity, struct machine *machine)
{
	if (activity->kind != ACTIVITY_NONE) {
		return false;
	}
	begin(activity, ACTIVITY_LEVELLING, 0, true);
	machine_set_targets(machine, LEVEL_NOZZLE_C, LEVEL_BED_C);
	return true;
}

bool activity_move_filament(struct activity *activity, struct machine *machine, int64_t value,
			    double temperature_c)
{
	if (activity->kind != ACTIVITY_NONE) {
		return false;
	}
	begin(activity, ACTIVITY_FILAMENT, value, true);
	thermal_set_target(&machine->nozzle, temperature_c > 0 ? temperature_c : FILAMENT_USUAL_C);
	return true;
}

static void end(struct activity *activity, struct machine *machine)
{
	if (activity->kind != ACTIVITY_HOMING) {
		machine_set_targets(machine, 0, 0);
	}
	activity->kind = ACTIVITY_NONE;
}

static void home(const struct activity *activity, struct machine *machine)
{
	for (size_t axis = MACHINE_X; axis <= MACHINE_Z; axis++) {
		bool is_z = axis == MACHINE_Z;
		if (activity->value == HOME_ALL || is_z == (activity->value == HOME_Z)) {
			machine_home_axis(machine, axis);
		}
	}
}

static uint32_t step_homing(struct activity *activity, struct machine *machine)
{
	if (activity->ms < HOMING_MS) {
		return 0;
	}
	home(activity, machine);
	end(activity, machine);
	return ACTIVITY_HOMED;
}

static uint32_t step_levelling(struct activity *activity, struct machine *machine)
{
	if (activity->ms / PRINT_JOB_PROBE_MS <= activity->probe_point) {
		return 0;
	}
	activity->probe_point++;
	if (activity->probe_point == PRINT_JOB_PROBES) {
		machine_level(machine);
		end(activity, machine);
	}
	return ACTIVITY_PROBED;
}

static uint32_t step_filament(struct activity *activity, struct machine *machine)
{
	int64_t percent = activity->ms * FULL_PERCENT / FILAMENT_MS;

	if (percent < activity->progress_percent + FILAMENT_STEP) {
		return 0;
	}
	activity->progress_percent = percent < FULL_PERCENT ? percent : FULL_PERCENT;
	if (activity->progress_percent == FULL_PERCENT) {
		end(activity, machine);
	}
	return ACTIVITY_FED;
}

uint32_t activity_step(struct activity *activity, struct machine *machine, int64_t ms)
{
	if (activity->heating) {
		activity->heating = !thermal_is_reached(&machine->nozzle) ||
				    !thermal_is_reached(&machine->bed);
		return 0;
	}
	activity->ms += ms;
	switch (activity->kind) {
	case ACTIVITY_HOMING:
		return step_homing(activity, machine);
	case ACTIVITY_LEVELLING:
		return step_levelling(activity, machine);
	case ACTIVITY_FILAMENT:
		return step_filament(activity, machine);
	default:
		return 0;
	}
}

enum flagship_job_state activity_state(const struct activity *activity)
{
	switch (activity->kind) {
	case ACTIVITY_LEVELLING:
		return activity->heating ? FLAGSHIP_JOB_STATE_HEATING_TO_LEVEL
					 : FLAGSHIP_JOB_STATE_LEVELLING;
	case ACTIVITY_FILAMENT:
		return activity->heating ? FLAGSHIP_JOB_STATE_EXTRUSION_PREHEAT
					 : FLAGSHIP_JOB_STATE_MOVING_FILAMENT;
	default:
		return FLAGSHIP_JOB_STATE_IDLE;
	}
}
