/* SPDX-License-Identifier: MIT */
#include "simulator/machine/model.h"

static const struct job_phase_plan m5_phases[] = {
	{PRINT_JOB_PREPARING, 10000, FLAGSHIP_JOB_STATE_PREPARING},
	{PRINT_JOB_LEVELLING, 0, FLAGSHIP_JOB_STATE_LEVELLING},
	{PRINT_JOB_HEATING, 5000, FLAGSHIP_JOB_STATE_PREHEATING},
	{PRINT_JOB_PRINTING, 0, FLAGSHIP_JOB_STATE_PRINTING},
	{PRINT_JOB_NONE, 0, FLAGSHIP_JOB_STATE_IDLE},
};

/* As captured: it calls itself printing while the nozzle heats up from standby. */
static const struct job_phase_plan m5c_phases[] = {
	{PRINT_JOB_PREPARING, 10000, FLAGSHIP_JOB_STATE_PREPARING},
	{PRINT_JOB_HEATING, 5000, FLAGSHIP_JOB_STATE_PRINTING},
	{PRINT_JOB_HOMING, 11000, FLAGSHIP_JOB_STATE_PRINTING},
	{PRINT_JOB_PRINTING, 0, FLAGSHIP_JOB_STATE_PRINTING},
	{PRINT_JOB_COMPLETE_STILL, 8000, FLAGSHIP_JOB_STATE_PRINTING},
	{PRINT_JOB_NONE, 0, FLAGSHIP_JOB_STATE_IDLE},
};

/* How an E1 tells that it prepares is not known. */
static const struct job_phase_plan e1_phases[] = {
	{PRINT_JOB_PRINTING, 0, FLAGSHIP_JOB_STATE_PRINTING},
	{PRINT_JOB_NONE, 0, FLAGSHIP_JOB_STATE_IDLE},
};

static const int64_t m5_speeds[] = {180, 250, 250, 300, 0};
static const int64_t m5c_speeds[] = {122, 123, 300, 122, 0};
static const int64_t e1_speeds[] = {100, 0};

static const struct job_plan m5_job = {
	.name = "flagship_benchy_0.2mm_PLA_Anker_M5.gcode",
	.layers = 120,
	.print_s = 1200,
	.bed_c = 60,
	.nozzle_standby_c = 150,
	.nozzle_c = 220,
	.start_fraction = 0.004,
	.filament_mm = 3710,
	.speeds = m5_speeds,
	.first_layer_speed = 50,
	.phases = m5_phases,
};

/* As captured, but for the name (m5c-print.jsonl). */
static const struct job_plan m5c_job = {
	.name = "flagship_clip_0.2mm_PLA_Anker_M5C.gcode",
	.layers = 43,
	.print_s = 900,
	.bed_c = 60,
	.nozzle_standby_c = 150,
	.nozzle_c = 220,
	.start_fraction = 0.0119,
	.speeds = m5c_speeds,
	.first_layer_speed = 50,
	.phases = m5c_phases,
};

static const struct job_plan e1_job = {
	.name = "flagship_phone_case.eufy",
	.layers = 6,
	.print_s = 420,
	.speeds = e1_speeds,
	.first_layer_speed = 100,
	.phases = e1_phases,
};

/* What m5c-gcode-replies.jsonl shows; for an M5 nothing is captured but the limit of 512. */
static const struct reply_habit m5c_habits[] = {
	{.word = "M114", .cut = 64},
	{.word = "M503", .spliced = true},
	{.word = "M420", .spliced = true, .piece = 256, .left_over = true},
	{.word = ""},
};

static const struct reply_habit m5_habits[] = {
	{.word = "M503", .spliced = true},
	{.word = "M420", .spliced = true, .piece = 256},
	{.word = ""},
};

#define M5_NOZZLE                                                                       \
	{                                                                               \
		.rise_c_s = 4.6, .loss_per_s = 0.0065, .lag_s = 1.4, .band_c = 12,      \
		.hysteresis_c = 0.35, .noise_c = 0.05, .step_c = 0.15, .maximum_c = 260 \
	}

#define M5_BED                                                                         \
	{                                                                              \
		.rise_c_s = 0.42, .loss_per_s = 0.0022, .lag_s = 8, .band_c = 4,       \
		.hysteresis_c = 0.15, .noise_c = 0.03, .step_c = 0.1, .maximum_c = 100 \
	}

static const struct simulator_model models[] = {
	{
		.id = FLAGSHIP_MODEL_M5,
		.device_type = FLAGSHIP_DEVICE_TYPE_M5,
		.notice_period_ms = 1000,
		.only_changes = true,
		.heats = true,
		.stops_to_idle = true,
		.reports_preview = true,
		.usual_speed_mm_s = 250,
		.max_speed_mm_s = 500,
		.range_mm = {{-1, 235}, {-5, 248}, {0, 250}},
		.cold_extrusion_c = 165,
		.ambient_c = 23.4,
		.nozzle = M5_NOZZLE,
		.bed = M5_BED,
		.control = CONTROL_VENDOR,
		.job = &m5_job,
		.habits = m5_habits,
		.firmware = "V8111_V3.0.32",
	},
	{
		.id = FLAGSHIP_MODEL_M5C,
		.device_type = FLAGSHIP_DEVICE_TYPE_M5C,
		.notice_period_ms = 3000,
		.heats = true,
		.wild_remaining = true,
		.elapsed_waits = true,
		.silent_end = true,
		.usual_speed_mm_s = 60,
		.max_speed_mm_s = 250,
		.z_home_is_dangerous = true,
		.range_mm = {{-15, 225}, {-23, 232.5}, {0, 250}},
		.cold_extrusion_c = 160,
		.ambient_c = 24.0,
		.nozzle = {.rise_c_s = 3.8,
			   .loss_per_s = 0.0065,
			   .lag_s = 1.6,
			   .band_c = 14,
			   .hysteresis_c = 0.4,
			   .noise_c = 0.1,
			   .whole_degrees = true,
			   .maximum_c = 310},
		.bed = {.rise_c_s = 0.40,
			.loss_per_s = 0.0022,
			.lag_s = 9,
			.band_c = 4,
			.hysteresis_c = 0.15,
			.noise_c = 0.16,
			.maximum_c = 115},
		.control = CONTROL_OBSERVED,
		.job = &m5c_job,
		.habits = m5c_habits,
		.firmware = "V8110_V3.0.32",
	},
	{
		.id = FLAGSHIP_MODEL_E1,
		.device_type = FLAGSHIP_DEVICE_TYPE_E1,
		.notice_period_ms = 1000,
		.only_changes = true,
		.has_ink = true,
		.usual_speed_mm_s = 100,
		.max_speed_mm_s = 100,
		.range_mm = {{-1, 235}, {-5, 248}, {0, 250}},
		.cold_extrusion_c = 165,
		.ambient_c = 23.0,
		/* Nothing heats on an E1, but G-code and messages may still name targets. */
		.nozzle = M5_NOZZLE,
		.bed = M5_BED,
		.control = CONTROL_VENDOR,
		.job = &e1_job,
		.habits = m5_habits,
		.firmware = "V8260_V1.0.0",
	},
};

const struct simulator_model *simulator_model_find(enum flagship_model id)
{
	for (size_t i = 0; i < sizeof(models) / sizeof(models[0]); i++) {
		if (models[i].id == id) {
			return &models[i];
		}
	}
	return NULL;
}
