/* SPDX-License-Identifier: MIT */
#include "simulator/machine/print_job.h"

#include <math.h>

#define PART_CENTRE_MM        117.5
#define PART_RADIUS_MM        20.0
#define LAYER_HEIGHT_MM       0.2
#define HEAD_RADIANS_A_SECOND 5.0
#define RANDOM_STREAM_JOB     2
#define MS_A_SECOND           1000
#define MOTORS_LOCK_MS        500
#define HOMED_AFTER_MS        1000
#define CLEARED_AFTER_MS      20000
#define FAN_PERCENT           99
#define FAN_FROM_LAYER        1
#define LAYER_LEAST           0.8
#define LAYER_MOST            1.2
#define FIRST_LAYER_FACTOR    1.6
#define ESTIMATE_ERROR        0.1  /* of what remains, at most */
#define ESTIMATE_DRIFT        0.02 /* from one estimate to the next, at most */
#define WILD_LEAST            190  /* times the whole print (m5c-print.jsonl) */
#define WILD_MOST             470
#define WILD_FROM             100 /* 0.01 %: before, an M5C tells 0 */
#define ESTIMATE_LEAST_MS     10000
#define ESTIMATE_MOST_MS      60000
#define SPEED_LEAST_MS        3000
#define SPEED_MOST_MS         15000

void print_job_init(struct print_job *job, const struct simulator_model *model, uint64_t seed)
{
	*job = (struct print_job){
		.model = model,
		.plan = model->job,
		.name = model->job->name,
		.fault_centi_percent = PRINT_JOB_NO_FAULT,
	};
	random_init(&job->random, seed, RANDOM_STREAM_JOB);
}

static const struct job_phase_plan *current_plan(const struct print_job *job)
{
	return &job->plan->phases[job->step];
}

static void plan_layers(struct print_job *job)
{
	const struct job_plan *plan = job->plan;
	double sum = 0;

	for (int64_t i = 0; i < plan->layers; i++) {
		double share = random_between(&job->random, LAYER_LEAST, LAYER_MOST);
		sum += i == 0 ? share * FIRST_LAYER_FACTOR : share;
		job->layer_end_s[i] = sum;
	}
	for (int64_t i = 0; i < plan->layers; i++) {
		job->layer_end_s[i] *= plan->print_s / sum;
	}
	job->work_s = plan->print_s;
	job->done_s = plan->print_s * plan->start_fraction;
}

static void estimate_remaining(struct print_job *job, const struct machine *machine)
{
	double left_s = (job->work_s - job->done_s) / machine_rate(machine);

	if (job->model->wild_remaining) {
		bool reports = print_job_progress(job) >= WILD_FROM;
		double times = random_between(&job->random, WILD_LEAST, WILD_MOST);

		job->remaining_s = reports ? job->work_s * times : 0;
	} else {
		job->error += random_between(&job->random, -ESTIMATE_DRIFT, ESTIMATE_DRIFT);
		job->error = fmax(fmin(job->error, ESTIMATE_ERROR), -ESTIMATE_ERROR);
		job->remaining_s = left_s * (1 + job->error);
	}
	job->estimate_ms = job->print_ms + (int64_t)random_between(&job->random, ESTIMATE_LEAST_MS,
								   ESTIMATE_MOST_MS);
}

static void choose_speed(struct print_job *job)
{
	const struct job_plan *plan = job->plan;
	uint32_t count = 0;

	while (plan->speeds[count] != 0) {
		count++;
	}
	uint32_t choice = random_below(&job->random, count);
	job->speed_mm_s = job->layer == 0 ? plan->first_layer_speed : plan->speeds[choice];
	job->speed_ms = job->print_ms +
			(int64_t)random_between(&job->random, SPEED_LEAST_MS, SPEED_MOST_MS);
}

static void enter(struct print_job *job, struct machine *machine, enum print_job_phase phase)
{
	const struct job_plan *plan = job->plan;

	job->phase = phase;
	job->phase_ms = 0;
	switch (phase) {
	case PRINT_JOB_PREPARING:
		machine_set_targets(machine, plan->nozzle_standby_c, plan->bed_c);
		break;
	case PRINT_JOB_LEVELLING:
		job->probe_point = 0;
		break;
	case PRINT_JOB_HEATING:
		thermal_set_target(&machine->nozzle, plan->nozzle_c);
		break;
	case PRINT_JOB_PRINTING:
		machine_know_position(machine, true);
		estimate_remaining(job, machine);
		choose_speed(job);
		break;
	case PRINT_JOB_COMPLETE_STILL:
		machine->motor_lock = false;
		job->speed_mm_s = 0;
		job->pending |= PRINT_JOB_UNLOCKED;
		break;
	case PRINT_JOB_ENDED:
		machine_set_targets(machine, 0, 0);
		machine->fan_percent = 0;
		machine->motor_lock = false;
		machine->abort_requested = false;
		job->stop_asked = false;
		job->speed_mm_s = 0;
		job->remaining_s = 0;
		job->pending |= PRINT_JOB_OVER;
		break;
	default:
		break;
	}
}

void print_job_choose(struct print_job *job, int64_t layers, int64_t print_s)
{
	job->own_plan = *job->model->job;
	job->plan = &job->own_plan;
	if (layers > 0) {
		job->own_plan.layers = layers < PRINT_JOB_LAYERS_MAX ? layers
								     : PRINT_JOB_LAYERS_MAX;
	}
	if (print_s > 0) {
		job->own_plan.print_s = (double)print_s;
	}
}

bool print_job_start(struct print_job *job, struct machine *machine)
{
	if (print_job_is_active(job)) {
		return false;
	}
	job->step = 0;
	job->total_ms = 0;
	job->print_ms = 0;
	job->layer = 0;
	job->remaining_s = 0;
	job->speed_mm_s = 0;
	job->finished = false;
	job->resumed = false;
	job->faulty = false;
	job->error = random_between(&job->random, -ESTIMATE_ERROR, ESTIMATE_ERROR);
	job->stop_asked = false;
	machine->abort_requested = false;
	random_uuid(&job->random, job->task_id);
	plan_layers(job);
	enter(job, machine, current_plan(job)->phase);
	job->pending = PRINT_JOB_BEGAN;
	return true;
}

bool print_job_pause(struct print_job *job)
{
	if (job->phase != PRINT_JOB_PRINTING) {
		return false;
	}
	job->phase = PRINT_JOB_PAUSED;
	job->speed_mm_s = 0;
	return true;
}

bool print_job_resume(struct print_job *job)
{
	if (job->phase != PRINT_JOB_PAUSED) {
		return false;
	}
	job->phase = PRINT_JOB_PRINTING;
	job->resumed = true;
	choose_speed(job);
	if (job->faulty) {
		job->faulty = false;
		job->pending |= PRINT_JOB_MENDED;
	}
	return true;
}

/* What is reported of it when it is over does not need the job to exist any longer. */
static void end_job(struct print_job *job, struct machine *machine)
{
	enter(job, machine, PRINT_JOB_ENDED);
	if (job->model->silent_end || (job->model->stops_to_idle && !job->finished)) {
		job->phase = PRINT_JOB_NONE;
	}
}

bool print_job_stop(struct print_job *job, struct machine *machine)
{
	if (!print_job_is_active(job)) {
		return false;
	}
	end_job(job, machine);
	return true;
}

static bool is_phase_done(const struct print_job *job, const struct machine *machine)
{
	if (job->phase_ms < current_plan(job)->least_ms) {
		return false;
	}
	switch (job->phase) {
	case PRINT_JOB_PREPARING:
	case PRINT_JOB_HEATING:
		return thermal_is_reached(&machine->nozzle) && thermal_is_reached(&machine->bed);
	case PRINT_JOB_LEVELLING:
		return job->probe_point == PRINT_JOB_PROBES;
	case PRINT_JOB_PRINTING:
		return job->done_s >= job->work_s;
	default:
		return true;
	}
}

/* Round and round a part in the middle of the plate, a layer higher each time. */
static void place_head(const struct print_job *job, struct machine *machine)
{
	double angle = job->done_s * HEAD_RADIANS_A_SECOND;

	machine->position_mm[MACHINE_X] = PART_CENTRE_MM + PART_RADIUS_MM * cos(angle);
	machine->position_mm[MACHINE_Y] = PART_CENTRE_MM + PART_RADIUS_MM * sin(angle);
	machine->position_mm[MACHINE_Z] = (double)(job->layer + 1) * LAYER_HEIGHT_MM;
}

static void step_print(struct print_job *job, struct machine *machine, int64_t ms)
{
	const struct job_plan *plan = job->plan;
	double seconds = (double)ms / MS_A_SECOND;

	job->print_ms += ms;
	job->done_s = fmin(job->done_s + seconds * machine_rate(machine), job->work_s);
	job->remaining_s = fmax(job->remaining_s - seconds, 0);
	while (job->layer < plan->layers && job->layer_end_s[job->layer] <= job->done_s) {
		job->layer++;
	}
	if (job->done_s >= job->work_s) {
		/* Sums of fractions may end a hair before or behind. */
		job->layer = plan->layers;
		job->remaining_s = job->model->wild_remaining ? job->remaining_s : 0;
		return;
	}
	place_head(job, machine);
	if (job->layer >= FAN_FROM_LAYER && job->model->heats) {
		machine->fan_percent = FAN_PERCENT;
	}
	if (job->print_ms >= job->estimate_ms) {
		estimate_remaining(job, machine);
	}
	if (job->print_ms >= job->speed_ms) {
		choose_speed(job);
	}
	if (job->fault_centi_percent != PRINT_JOB_NO_FAULT &&
	    print_job_progress(job) >= job->fault_centi_percent) {
		job->fault_centi_percent = PRINT_JOB_NO_FAULT;
		job->pending |= PRINT_JOB_FAULT;
		job->faulty = true;
		(void)print_job_pause(job);
	}
}

static void step_phase(struct print_job *job, struct machine *machine, int64_t ms)
{
	int64_t before_ms = job->phase_ms;

	job->phase_ms += ms;
	job->total_ms += ms;
	switch (job->phase) {
	case PRINT_JOB_LEVELLING:
		if (job->phase_ms / PRINT_JOB_PROBE_MS > before_ms / PRINT_JOB_PROBE_MS &&
		    job->probe_point < PRINT_JOB_PROBES) {
			job->probe_point++;
			job->pending |= PRINT_JOB_PROBED;
		}
		break;
	case PRINT_JOB_HOMING:
		if (before_ms < HOMED_AFTER_MS && job->phase_ms >= HOMED_AFTER_MS) {
			job->pending |= PRINT_JOB_HOMED;
		}
		break;
	case PRINT_JOB_PRINTING:
		step_print(job, machine, ms);
		break;
	default:
		break;
	}
	if (!machine->motor_lock && job->phase != PRINT_JOB_COMPLETE_STILL &&
	    job->total_ms >= MOTORS_LOCK_MS) {
		machine->motor_lock = true;
		job->pending |= PRINT_JOB_LOCKED;
	}
}

static bool is_stuck(const struct print_job *job)
{
	return job->stays_at_end && current_plan(job)[1].phase == PRINT_JOB_NONE;
}

static void go_on(struct print_job *job, struct machine *machine)
{
	if (job->phase == PRINT_JOB_LEVELLING) {
		machine_level(machine);
	}
	job->step++;
	if (current_plan(job)->phase != PRINT_JOB_NONE) {
		enter(job, machine, current_plan(job)->phase);
		return;
	}
	job->finished = true;
	end_job(job, machine);
}

uint32_t print_job_step(struct print_job *job, struct machine *machine, int64_t ms)
{
	/* What a command brought about since the last step is reported by this one, before time
	 * passes.
	 */
	uint32_t signals = job->pending;

	job->pending = 0;
	if (signals != 0 || job->phase == PRINT_JOB_NONE) {
		return signals;
	}
	if (job->phase == PRINT_JOB_ENDED) {
		job->phase_ms += ms;
		if (job->phase_ms < CLEARED_AFTER_MS) {
			return 0;
		}
		job->phase = PRINT_JOB_NONE;
		return PRINT_JOB_CLEARED;
	}
	if (job->phase == PRINT_JOB_PAUSED) {
		return 0;
	}
	step_phase(job, machine, ms);
	if (job->phase != PRINT_JOB_PAUSED && is_phase_done(job, machine) && !is_stuck(job)) {
		go_on(job, machine);
	}
	signals = job->pending;
	job->pending = 0;
	return signals;
}

bool print_job_exists(const struct print_job *job)
{
	return job->phase != PRINT_JOB_NONE;
}

bool print_job_is_active(const struct print_job *job)
{
	return print_job_exists(job) && job->phase != PRINT_JOB_ENDED;
}

bool print_job_is_under_way(const struct print_job *job)
{
	return job->print_ms > 0 || job->phase == PRINT_JOB_PRINTING;
}

enum flagship_job_state print_job_state(const struct print_job *job)
{
	switch (job->phase) {
	case PRINT_JOB_NONE:
		return FLAGSHIP_JOB_STATE_IDLE;
	case PRINT_JOB_PAUSED:
		return FLAGSHIP_JOB_STATE_PAUSED;
	case PRINT_JOB_ENDED:
		return FLAGSHIP_JOB_STATE_ENDED;
	case PRINT_JOB_PRINTING:
		if (job->resumed && job->resumes_as_3) {
			return FLAGSHIP_JOB_STATE_STOPPED;
		}
		return current_plan(job)->state;
	default:
		return current_plan(job)->state;
	}
}

int64_t print_job_progress(const struct print_job *job)
{
	if (!print_job_is_under_way(job)) {
		return 0;
	}
	if (job->done_s >= job->work_s) {
		return PRINT_JOB_COMPLETE;
	}
	return (int64_t)(job->done_s / job->work_s * PRINT_JOB_COMPLETE);
}

int64_t print_job_elapsed_s(const struct print_job *job)
{
	if (print_job_is_under_way(job)) {
		return job->print_ms / MS_A_SECOND;
	}
	if (job->model->elapsed_waits && print_job_state(job) == FLAGSHIP_JOB_STATE_PREPARING) {
		return 0;
	}
	return job->total_ms / MS_A_SECOND;
}
