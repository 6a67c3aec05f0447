/* SPDX-License-Identifier: MIT */
#include "simulator/machine/machine.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

#define RANDOM_STREAM_MACHINE   1
#define FULL_PERCENT            100
#define Z_OFFSET_LIMIT_CENTI_MM 1000
#define Z_OFFSET_START_CENTI_MM (-5)
#define MESH_TILT_MM            0.12
#define MESH_NOISE_MM           0.03
#define MESH_DIGITS             1000 /* G-code tells thousandths of a millimetre */

void machine_level(struct machine *machine)
{
	double tilt_x = random_between(&machine->random, -MESH_TILT_MM, MESH_TILT_MM);
	double tilt_y = random_between(&machine->random, -MESH_TILT_MM, MESH_TILT_MM);

	for (size_t y = 0; y < MACHINE_MESH_SIZE; y++) {
		for (size_t x = 0; x < MACHINE_MESH_SIZE; x++) {
			double height = tilt_x * ((double)x / MACHINE_MESH_SIZE) +
					tilt_y * ((double)y / MACHINE_MESH_SIZE) +
					random_noise(&machine->random, MESH_NOISE_MM);
			machine->mesh_mm[y][x] = round(height * MESH_DIGITS) / MESH_DIGITS;
		}
	}
	machine->levelled = true;
}

void machine_init(struct machine *machine, const struct simulator_model *model, uint64_t seed)
{
	*machine = (struct machine){
		.model = model,
		.speed_mm_s = model->usual_speed_mm_s,
		.feed_percent = FULL_PERCENT,
		.z_offset_centi_mm = Z_OFFSET_START_CENTI_MM,
	};
	random_init(&machine->random, seed, RANDOM_STREAM_MACHINE);
	random_uuid(&machine->random, machine->uuid);
	thermal_init(&machine->nozzle, &model->nozzle, model->ambient_c);
	thermal_init(&machine->bed, &model->bed, model->ambient_c);
	machine_level(machine);
	e1_parts_init(&machine->e1, seed);
}

void machine_step(struct machine *machine, double seconds)
{
	thermal_step(&machine->nozzle, seconds);
	thermal_step(&machine->bed, seconds);
	if (machine->moves == 0) {
		return;
	}
	double before = machine->moves_s;
	machine->moves_s = fmax(before - seconds, 0);
	machine->moves = (uint32_t)ceil(machine->moves * machine->moves_s / before);
}

void machine_sample(struct machine *machine)
{
	thermal_sample(&machine->nozzle, &machine->random);
	thermal_sample(&machine->bed, &machine->random);
}

void machine_set_targets(struct machine *machine, double nozzle_c, double bed_c)
{
	thermal_set_target(&machine->nozzle, nozzle_c);
	thermal_set_target(&machine->bed, bed_c);
}

static int64_t clamp_value(int64_t value, int64_t low, int64_t high)
{
	if (value < low) {
		return low;
	}
	return value > high ? high : value;
}

void machine_set_speed(struct machine *machine, int64_t speed_mm_s)
{
	machine->speed_mm_s = clamp_value(speed_mm_s, 1, machine->model->max_speed_mm_s);
}

void machine_set_z_offset(struct machine *machine, int64_t centi_mm)
{
	machine->z_offset_centi_mm = clamp_value(centi_mm, -Z_OFFSET_LIMIT_CENTI_MM,
						 Z_OFFSET_LIMIT_CENTI_MM);
}

double machine_rate(const struct machine *machine)
{
	return (double)machine->speed_mm_s / (double)machine->model->usual_speed_mm_s *
	       (double)machine->feed_percent / FULL_PERCENT;
}

void machine_queue_move(struct machine *machine, double seconds)
{
	if (seconds <= 0 || machine->moves >= MACHINE_MOVES_MAX) {
		return;
	}
	machine->moves++;
	machine->moves_s += seconds;
}

void machine_home_axis(struct machine *machine, size_t axis)
{
	machine->position_mm[axis] = 0;
	machine->origin_mm[axis] = 0;
	machine->homed[axis] = true;
	if (axis == MACHINE_Z && machine->model->z_home_is_dangerous) {
		machine->hit_plate = true;
	}
}

void machine_know_position(struct machine *machine, bool is_known)
{
	for (size_t axis = MACHINE_X; axis <= MACHINE_Z; axis++) {
		machine->homed[axis] = is_known;
	}
}
