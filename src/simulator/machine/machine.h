/* SPDX-License-Identifier: MIT */
#ifndef SIMULATOR_MACHINE_MACHINE_H
#define SIMULATOR_MACHINE_MACHINE_H

#include "simulator/machine/e1_parts.h"
#include "simulator/machine/model.h"
#include "simulator/machine/random.h"
#include "simulator/machine/thermal.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum machine_axis {
	MACHINE_X,
	MACHINE_Y,
	MACHINE_Z,
	MACHINE_E,
	MACHINE_AXES,
};

#define MACHINE_MESH_SIZE 7
#define MACHINE_MOVES_MAX 512 /* of the ring buffer; more take no longer */

/* The parts of a printer, as jobs, messages and G-code move them. */
struct machine {
	const struct simulator_model *model;
	struct random_source random;
	struct thermal nozzle;
	struct thermal bed;
	struct e1_parts e1;   /* of an E1 only */
	int64_t fan_percent;  /* of 1005 */
	int64_t speed_mm_s;   /* of 1006 */
	int64_t feed_percent; /* of M220 */
	int64_t z_offset_centi_mm;
	bool levelled;
	bool motor_lock;
	bool homed[MACHINE_AXES];
	bool relative; /* G91 */
	double position_mm[MACHINE_AXES];
	double origin_mm[MACHINE_AXES]; /* of G92 */
	uint32_t moves;                 /* queued */
	double moves_s;                 /* until they are done */
	bool abort_requested;           /* M2024 came */
	bool hit_plate;                 /* Z was homed where that drives the nozzle into it */
	bool light;                     /* of M3012 */
	double mesh_mm[MACHINE_MESH_SIZE][MACHINE_MESH_SIZE];
	char uuid[RANDOM_UUID_SIZE];
};

void machine_init(struct machine *machine, const struct simulator_model *model, uint64_t seed);

/* Heats, cools and moves. */
void machine_step(struct machine *machine, double seconds);

/* Reads the sensors anew. */
void machine_sample(struct machine *machine);

void machine_set_targets(struct machine *machine, double nozzle_c, double bed_c);

/* 1 … max_speed_mm_s, clamped. */
void machine_set_speed(struct machine *machine, int64_t speed_mm_s);

/* -10 … 10 mm, clamped. */
void machine_set_z_offset(struct machine *machine, int64_t centi_mm);

/* How fast a job goes, 1 = as planned. */
double machine_rate(const struct machine *machine);

/* Queues one move of so many seconds. */
void machine_queue_move(struct machine *machine, double seconds);

/* One of X, Y and Z is where it counts from. */
void machine_home_axis(struct machine *machine, size_t axis);

/* Whether it knows where its axes are: after a job has homed it, not after power was off. */
void machine_know_position(struct machine *machine, bool is_known);

/* A new mesh, as a probing would find it. */
void machine_level(struct machine *machine);

#endif
