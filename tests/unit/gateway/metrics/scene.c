/* SPDX-License-Identifier: MIT */
#include "scene.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const names[SCENE_KINDS] = {
	"Workshop", "Ink", "Attic", "New", "a\"b\\c\nd\xff\xc3\xbc}",
};

static void fill_job(struct printer_job *job)
{
	job->state = PRINTER_JOB_PRINTING;
	job->state_received = true;
	job->track.phase = JOB_PRINTING;
	strcpy(job->name, "benchy \"2\".gcode");
	job->progress_centi_percent = 3427;
	job->elapsed_s = 600;
	job->remaining_s = 1200;
	job->remaining_ms = SCENE_NOW_MS - 10000;
	job->remaining_estimated = true;
	job->received_ms = SCENE_NOW_MS - 1000;
}

static void fill_m5(struct printer_state *state)
{
	fill_job(&state->job);
	state->nozzle = (struct printer_temperature){21987, 22000, SCENE_NOW_MS - 1500};
	state->bed = (struct printer_temperature){6000, 6050, SCENE_NOW_MS - 2500};
	state->fan_percent = 75;
	state->speed_mm_s = 250;
	state->z_offset_centi_mm = -13;
	state->levelled = 1;
	state->malformed = 2;
	state->job.speed_mm_s = 187.5;
	state->job.layer = 12;
	state->job.layers = 240;
	strcpy(state->job.filament_unit, "mm");
	state->job.filament_used = 1234.5;
	state->job.filament_estimated = 3602.25;
	strcpy(state->error.code, "0xFF01030001");
	strcpy(state->error.level, "P0");
	state->error.text = "the filament broke";
	state->alert = (struct printer_alert){PRINTER_ALERT_BOARD, PRINTER_ALERT_FILAMENT, "gone"};
}

static void fill_e1(struct printer_state *state)
{
	fill_job(&state->job);
	for (size_t i = 0; i < E1_INKS; i++) {
		state->e1.inks[i] = (struct e1_ink){1000 * (int64_t)(i + 1), 30 - 8 * (int64_t)i,
						    0};
	}
	state->e1.waste.left_centi_percent = 8250;
	strcpy(state->error.code, "0xDEADBEEF");
}

static void fill(struct printer_state *state, enum scene_kind kind)
{
	state->online = kind != SCENE_OFFLINE && kind != SCENE_SILENT;
	state->seen_ms = kind == SCENE_SILENT ? PRINTER_NEVER : SCENE_NOW_MS - 500;
	if (kind == SCENE_FULL || kind == SCENE_OFFLINE) {
		fill_m5(state);
	} else if (kind == SCENE_E1) {
		fill_e1(state);
	}
}

void scene_init(struct scene *scene, size_t count)
{
	static const enum flagship_model models[SCENE_KINDS] = {
		FLAGSHIP_MODEL_M5, FLAGSHIP_MODEL_E1, FLAGSHIP_MODEL_M5C, FLAGSHIP_MODEL_UNKNOWN,
		FLAGSHIP_MODEL_M5};

	scene->states = calloc(count, sizeof(*scene->states));
	scene->printers = calloc(count, sizeof(*scene->printers));
	assert(scene->states != NULL && scene->printers != NULL);
	for (size_t i = 0; i < count; i++) {
		enum scene_kind kind = (enum scene_kind)(i % SCENE_KINDS);
		struct printer_state *state = &scene->states[i];
		char serial[FLAGSHIP_SERIAL_LENGTH_MAX + 1];

		snprintf(serial, sizeof(serial), "SN%06zu", i);
		printer_state_init(state, serial, names[kind], models[kind]);
		fill(state, kind);
		scene->printers[i] = (struct metrics_printer){
			.serial = state->serial,
			.name = state->name,
			.account = kind == SCENE_FULL ? "a\"@example.org" : NULL,
			.online = state->online,
			.state = state,
		};
	}
	metrics_gateway_init(&scene->gateway);
	scene->gateway.version = "1.2.3";
	scene->gateway.uptime_ms = 61500;
	scene->gateway.messages_received = 7;
	scene->gateway.commands[COMMAND_CONFIRMED] = 3;
	scene->gateway.connections[METRICS_CLIENT_WEBSOCKET] = 2;
	scene->gateway.cpu_ms = 1234;
	scene->gateway.resident_bytes = 4096;
	scene->input = (struct metrics_input){
		scene->printers, count, &scene->gateway, {SCENE_NOW_MS, SCENE_UNIX_MS}};
}

void scene_finish(struct scene *scene)
{
	free(scene->states);
	free(scene->printers);
}
