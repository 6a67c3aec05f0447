/* SPDX-License-Identifier: MIT */
#include "simulator/gcode/motion.h"

#include <math.h>

#define HOMING_S         8.0
#define LEAST_MOVE_S     0.01
#define USUAL_FEED_MM_S  50.0
#define SECONDS_A_MINUTE 60.0

static const char letters[MACHINE_AXES] = {'X', 'Y', 'Z', 'E'};

/* "echo:Home XY First", where it is so. */
static bool must_home(const struct machine *machine, const struct gcode_line *line,
		      struct reply_text *text)
{
	bool must = false;

	for (size_t axis = MACHINE_X; axis <= MACHINE_Z; axis++) {
		if (!gcode_line_find(line, letters[axis]) || machine->homed[axis]) {
			continue;
		}
		reply_text_add(text, "%s%c", must ? "" : "echo:Home ", letters[axis]);
		must = true;
	}
	if (must) {
		reply_text_add(text, " First\n");
	}
	return must;
}

static double soft_end_stop(const struct machine *machine, size_t axis, double to_mm)
{
	if (axis == MACHINE_E) {
		return to_mm;
	}
	return fmin(fmax(to_mm, machine->model->range_mm[axis][0]),
		    machine->model->range_mm[axis][1]);
}

/* How far it goes, in mm. */
static double move_axis(struct machine *machine, size_t axis, double value, struct reply_text *text)
{
	double from_mm = machine->position_mm[axis];
	double base_mm = machine->relative ? from_mm : machine->origin_mm[axis];
	double to_mm = soft_end_stop(machine, axis, base_mm + value);

	if (axis == MACHINE_E && to_mm != from_mm &&
	    machine->nozzle.temperature_c < machine->model->cold_extrusion_c) {
		reply_text_add(text, "echo: cold extrusion prevented\n");
		return 0;
	}
	machine->position_mm[axis] = to_mm;
	return fabs(to_mm - from_mm);
}

void gcode_motion_move(struct machine *machine, const struct gcode_line *line,
		       struct reply_text *text)
{
	double feed_mm_s = USUAL_FEED_MM_S;
	double feed_mm_min;
	double way_mm = 0;

	if (must_home(machine, line, text)) {
		return;
	}
	if (gcode_line_value(line, 'F', &feed_mm_min) && feed_mm_min > 0) {
		feed_mm_s = feed_mm_min / SECONDS_A_MINUTE;
	}
	for (size_t axis = 0; axis < MACHINE_AXES; axis++) {
		double value;
		if (gcode_line_value(line, letters[axis], &value)) {
			way_mm += move_axis(machine, axis, value, text);
		}
	}
	if (way_mm > 0) {
		machine_queue_move(machine, fmax(way_mm / feed_mm_s, LEAST_MOVE_S));
	}
}

void gcode_motion_home(struct machine *machine, const struct gcode_line *line,
		       struct reply_text *text)
{
	bool all = !gcode_line_find(line, 'X') && !gcode_line_find(line, 'Y') &&
		   !gcode_line_find(line, 'Z');

	(void)text;
	for (size_t axis = MACHINE_X; axis <= MACHINE_Z; axis++) {
		if (all || gcode_line_find(line, letters[axis])) {
			machine_home_axis(machine, axis);
		}
	}
	machine_queue_move(machine, HOMING_S);
}
