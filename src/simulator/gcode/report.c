/* SPDX-License-Identifier: MIT */
#include "simulator/gcode/report.h"

#include <math.h>

#define CENTI              100.0
#define STEPS_PER_MM       128
#define Z_STEPS_PER_MM     400
#define HEATER_POWER_SCALE 127

void gcode_report_temperatures(const struct machine *machine, struct reply_text *text)
{
	const struct thermal *nozzle = &machine->nozzle;
	const struct thermal *bed = &machine->bed;

	reply_text_add(text, "T:%.2f /%.2f B:%.2f /%.2f @:%d B@:%d\n",
		       (double)nozzle->reading_centi_c / CENTI, nozzle->target_c,
		       (double)bed->reading_centi_c / CENTI, bed->target_c,
		       (int)lround(nozzle->power * HEATER_POWER_SCALE),
		       (int)lround(bed->power * HEATER_POWER_SCALE));
}

void gcode_report_busy(struct reply_text *text)
{
	reply_text_add(text, "echo:busy: processing\n");
}

void gcode_report_position(const struct machine *machine, struct reply_text *text)
{
	const double *mm = machine->position_mm;
	const double *origin = machine->origin_mm;

	reply_text_add(text, "X:%.2f Y:%.2f Z:%.2f E:%.2f Count X:%ld Y:%ld Z:%ld\n",
		       mm[MACHINE_X] - origin[MACHINE_X], mm[MACHINE_Y] - origin[MACHINE_Y],
		       mm[MACHINE_Z] - origin[MACHINE_Z], mm[MACHINE_E] - origin[MACHINE_E],
		       lround(mm[MACHINE_X] * STEPS_PER_MM), lround(mm[MACHINE_Y] * STEPS_PER_MM),
		       lround(mm[MACHINE_Z] * Z_STEPS_PER_MM));
}

void gcode_report_firmware(const struct machine *machine, struct reply_text *text)
{
	static const char *const capabilities[] = {
		"SERIAL_XON_XOFF:0",  "BINARY_FILE_TRANSFER:0",
		"EEPROM:1",           "VOLUMETRIC:1",
		"AUTOREPORT_POS:0",   "AUTOREPORT_TEMP:1",
		"PROGRESS:0",         "PRINT_JOB:1",
		"AUTOLEVEL:1",        "RUNOUT:0",
		"Z_PROBE:1",          "LEVELING_DATA:1",
		"BUILD_PERCENT:0",    "SOFTWARE_POWER:0",
		"TOGGLE_LIGHTS:0",    "CASE_LIGHT_BRIGHTNESS:0",
		"EMERGENCY_PARSER:1", "HOST_ACTION_COMMANDS:0",
		"PROMPT_SUPPORT:0",   "SDCARD:0",
		"MULTI_VOLUME:0",     "MOTION_MODES:0",
		"BABYSTEPPING:1",     "CHAMBER_TEMPERATURE:0",
	};

	reply_text_add(
		text,
		"FIRMWARE_NAME:Marlin %s (simulated) SOURCE_CODE_URL:github.com/MarlinFirmware"
		"/Marlin PROTOCOL_VERSION:1.0 MACHINE_TYPE:3D Printer EXTRUDER_COUNT:1 "
		"UUID:%s\n",
		machine->model->firmware, machine->uuid);
	for (size_t i = 0; i < sizeof(capabilities) / sizeof(capabilities[0]); i++) {
		reply_text_add(text, "Cap:%s\n", capabilities[i]);
	}
}

void gcode_report_endstops(const struct machine *machine, struct reply_text *text)
{
	static const char *const names[] = {"x_min", "y_min", "z_min"};

	reply_text_add(text, "Reporting endstop status\n");
	for (size_t axis = 0; axis < sizeof(names) / sizeof(names[0]); axis++) {
		bool hit = machine->homed[axis] && machine->position_mm[axis] <= 0;
		reply_text_add(text, "%s: %s\n", names[axis], hit ? "TRIGGERED" : "open");
	}
	reply_text_add(text, "z2_min: open\nz_probe: open\n");
}

void gcode_report_mesh(const struct machine *machine, struct reply_text *text)
{
	for (size_t y = 0; y < MACHINE_MESH_SIZE; y++) {
		reply_text_add(text, "BL-Grid-%zu", y);
		for (size_t x = 0; x < MACHINE_MESH_SIZE; x++) {
			reply_text_add(text, " %.3f", machine->mesh_mm[y][x]);
		}
		reply_text_add(text, "\n");
	}
}

static void report_mesh_as_commands(const struct machine *machine, struct reply_text *text)
{
	reply_text_add(text, "echo:; Auto Bed Leveling:\necho:  M420 S%d Z10.00\n",
		       machine->levelled ? 1 : 0);
	for (size_t y = 0; y < MACHINE_MESH_SIZE; y++) {
		for (size_t x = 0; x < MACHINE_MESH_SIZE; x++) {
			reply_text_add(text, "echo:  G29 W I%zu J%zu Z%.5f\n", x, y,
				       machine->mesh_mm[y][x]);
		}
	}
}

void gcode_report_settings(const struct machine *machine, struct reply_text *text)
{
	reply_text_add(text,
		       "echo:; Linear Units:\necho:  G21\n"
		       "echo:; Temperature Units:\necho:  M149 C\n"
		       "echo:; Steps per unit:\n"
		       "echo:  M92 X%d.00 Y%d.00 Z%d.00 E382.00\n",
		       STEPS_PER_MM, STEPS_PER_MM, Z_STEPS_PER_MM);
	reply_text_add(text,
		       "echo:; Max feedrates (units/s):\n"
		       "echo:  M203 X%lld.00 Y%lld.00 Z20.00 E80.00\n"
		       "echo:; Acceleration (units/s2):\n"
		       "echo:  M204 P2500.00 R2500.00 T2500.00\n",
		       (long long)machine->model->max_speed_mm_s,
		       (long long)machine->model->max_speed_mm_s);
	report_mesh_as_commands(machine, text);
	reply_text_add(text, "echo:; Endstop adjustment:\necho:  M666 Z0.00\n"
			     "echo:; PID settings:\necho:  M301 P25.33 I3.52 D45.60\n"
			     "echo:  M304 P61.74 I11.97 D212.38\n"
			     "echo:; Controller Fan:\necho:  M710 S255 I0 A1 D60\n");
	reply_text_add(text, "echo:; Z-Probe Offset (mm):\necho:  M851 X0 Y0 Z%.2f\n",
		       (double)machine->z_offset_centi_mm / CENTI);
	reply_text_add(text, "echo:; Stepper driver current:\n"
			     "echo:  M906 X1050 Y1500 Z800\necho:  M906 I1 Z800\n"
			     "echo:  M906 T0 E800\n"
			     "echo:; Hybrid Threshold:\necho:  M913 X333 Y333 Z282\n"
			     "echo:  M913 I1 Z282\necho:  M913 T0 E0\n");
}
