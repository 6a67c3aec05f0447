/* SPDX-License-Identifier: MIT */
#include "gateway/klipper/status.h"

/* What pages ask of Klipper's configuration: axes for the motion panel, limits for targets, and
 * which parts there are. What nobody told us of the machine does not stand here. */

#define FILAMENT_MM 1.75

static void write_section(struct json_writer *writer, const char *name)
{
	json_key(writer, name);
	json_object_begin(writer);
	json_object_end(writer);
}

static void write_number(struct json_writer *writer, const char *name, double value)
{
	json_key(writer, name);
	json_real(writer, value);
}

static void write_steppers(struct json_writer *writer, const struct printer_profile *profile)
{
	static const char *const names[] = {"stepper_x", "stepper_y", "stepper_z"};

	for (size_t i = 0; i < PRINTER_PROFILE_AXES; i++) {
		json_key(writer, names[i]);
		json_object_begin(writer);
		write_number(writer, "position_min", profile->range_mm[i][0]);
		write_number(writer, "position_max", profile->range_mm[i][1]);
		json_object_end(writer);
	}
}

static void write_heater(struct json_writer *writer, const char *name, int64_t max_c)
{
	json_key(writer, name);
	json_object_begin(writer);
	write_number(writer, "min_temp", 0);
	write_number(writer, "max_temp", (double)max_c);
}

static void write_machine(struct json_writer *writer, const struct status_source *source)
{
	const struct printer_profile *profile = source->profile;

	write_steppers(writer, profile);
	write_heater(writer, "extruder", profile->nozzle_max_c);
	write_number(writer, "min_extrude_temp", (double)profile->cold_extrusion_c);
	write_number(writer, "filament_diameter", FILAMENT_MM);
	json_object_end(writer);
	write_heater(writer, "heater_bed", profile->bed_max_c);
	json_object_end(writer);
	write_section(writer, "fan");
}

void status_write_settings(struct json_writer *writer, const struct status_source *source)
{
	bool heats = status_has_heaters(source->state);

	json_object_begin(writer);
	json_key(writer, "printer");
	json_object_begin(writer);
	json_member_string(writer, "kinematics", heats ? "cartesian" : "none");
	if (heats) {
		write_number(writer, "max_velocity", (double)source->profile->speed_max_mm_s);
	}
	json_object_end(writer);
	if (heats) {
		write_machine(writer, source);
	}
	json_key(writer, "virtual_sdcard");
	json_object_begin(writer);
	json_member_string(writer, "path", source->root);
	json_object_end(writer);
	write_section(writer, "pause_resume");
	write_section(writer, "display_status");
	json_object_end(writer);
}
