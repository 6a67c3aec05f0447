/* SPDX-License-Identifier: MIT */
#include "gateway/prusalink/internal.h"
#include "printer/profile.h"

#include <errno.h>
#include <flagship/flagship.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define UNAVAILABLE  503
#define NOZZLE_MM    0.4
#define CENTI_DIGITS 2
#define DECIMAL      10
#define HASH_FIRST   UINT32_C(2166136261) /* FNV-1a */
#define HASH_FACTOR  UINT32_C(16777619)
#define HASH_MASK    UINT32_C(0x7fffffff) /* clients keep it as a signed number of 32 bits */

struct shown {
	const struct octoprint *octoprint;
	const struct fleet_printer *printer;
	const struct printer_state *state;
	enum octoprint_mode mode;
};

static bool find_shown(struct http_request *request, const struct octoprint *octoprint,
		       struct shown *shown)
{
	*shown = (struct shown){.octoprint = octoprint,
				.printer = octo_find_printer(request, octoprint)};
	if (!shown->printer) {
		return false;
	}
	shown->state = fleet_printer_state(shown->printer);
	shown->mode = octo_mode(octoprint, shown->printer);
	return true;
}

/* Clients take no answer for a printer that is not there. */
static bool find_online(struct http_request *request, const struct octoprint *octoprint,
			struct shown *shown)
{
	char detail[OCTO_DETAIL_SIZE];

	if (!find_shown(request, octoprint, shown)) {
		return false;
	}
	if (shown->mode == OCTOPRINT_OFFLINE) {
		snprintf(detail, sizeof(detail), "%.100s is offline", octo_name(shown->printer));
		octoprint_refuse(request, UNAVAILABLE, detail);
		return false;
	}
	return true;
}

/* --- who answers --- */

static void write_version(struct json_writer *writer, const void *context)
{
	const struct fleet_printer *printer = context;
	char text[OCTO_DETAIL_SIZE];

	snprintf(text, sizeof(text), "PrusaLink (flagship %s)", flagship_version());
	json_object_begin(writer);
	link_write_text(writer, "api", "2.0.0");
	link_write_text(writer, "server", "2.1.2");
	json_key(writer, "nozzle_diameter");
	json_real(writer, NOZZLE_MM);
	link_write_text(writer, "text", text);
	link_write_text(writer, "hostname", octo_name(printer));
	json_key(writer, "capabilities");
	json_object_begin(writer);
	link_write_flag(writer, "upload-by-put", true);
	json_object_end(writer);
	json_object_end(writer);
}

void link_get_version(struct http_request *request, void *context)
{
	const struct fleet_printer *printer = octo_find_printer(request, context);

	if (printer) {
		octo_respond(request, OCTO_OK, NULL, write_version, printer);
	}
}

static void write_info(struct json_writer *writer, const void *context)
{
	const struct fleet_printer *printer = context;

	json_object_begin(writer);
	link_write_text(writer, "name", octo_name(printer));
	link_write_text(writer, "location", "");
	link_write_flag(writer, "farm_mode", false);
	json_key(writer, "nozzle_diameter");
	json_real(writer, NOZZLE_MM);
	link_write_int(writer, "min_extrusion_temp",
		       fleet_printer_profile(printer)->cold_extrusion_c);
	link_write_text(writer, "serial", fleet_printer_serial(printer));
	link_write_flag(writer, "sd_ready", false);
	link_write_flag(writer, "active_camera", false);
	link_write_flag(writer, "mmu", false);
	link_write_text(writer, "hostname", octo_name(printer));
	json_object_end(writer);
}

void link_get_info(struct http_request *request, void *context)
{
	const struct fleet_printer *printer = octo_find_printer(request, context);

	if (printer) {
		octo_respond(request, OCTO_OK, NULL, write_info, printer);
	}
}

/* --- how it is --- */

static const char *state_text(const struct shown *shown)
{
	switch (shown->mode) {
	case OCTOPRINT_ERROR:
		return "ERROR";
	case OCTOPRINT_PRINTING:
	case OCTOPRINT_RESUMING:
		return "PRINTING";
	case OCTOPRINT_PAUSED:
		return "PAUSED";
	case OCTOPRINT_PAUSING:
	case OCTOPRINT_CANCELLING:
		return "BUSY";
	default:
		break;
	}
	switch (shown->state->job.state) {
	case PRINTER_JOB_FINISHED:
		return "FINISHED";
	case PRINTER_JOB_STOPPED:
		return "STOPPED";
	case PRINTER_JOB_IDLE:
	case PRINTER_JOB_UNKNOWN:
		return "IDLE";
	default:
		return "BUSY";
	}
}

/* The same for as long as the job is the same. */
static uint32_t job_id(const struct printer_job *job)
{
	const char *text = job->task_id[0] != '\0' ? job->task_id : job->name;
	uint32_t hash = HASH_FIRST;

	for (; *text != '\0'; text++) {
		hash = (hash ^ (unsigned char)*text) * HASH_FACTOR;
	}
	return hash & HASH_MASK;
}

static void write_centi(struct json_writer *writer, const char *name, int64_t value)
{
	json_key(writer, name);
	if (value == PRINTER_NEVER) {
		json_null(writer);
	} else {
		json_scaled(writer, value, CENTI_DIGITS);
	}
}

static void write_seconds(struct json_writer *writer, const char *name, int64_t value)
{
	json_key(writer, name);
	if (value == PRINTER_NEVER) {
		json_null(writer);
	} else {
		json_int(writer, value);
	}
}

static void write_progress(struct json_writer *writer, const struct printer_job *job)
{
	link_write_int(writer, "id", job_id(job));
	write_centi(writer, "progress", job->progress_centi_percent);
	write_seconds(writer, "time_remaining", job->remaining_s);
	write_seconds(writer, "time_printing", job->elapsed_s);
}

static void write_printer(struct json_writer *writer, const struct shown *shown)
{
	const struct printer_state *state = shown->state;

	json_key(writer, "printer");
	json_object_begin(writer);
	link_write_text(writer, "state", state_text(shown));
	write_centi(writer, "temp_bed", state->bed.current_centi_c);
	write_centi(writer, "target_bed", state->bed.target_centi_c);
	write_centi(writer, "temp_nozzle", state->nozzle.current_centi_c);
	write_centi(writer, "target_nozzle", state->nozzle.target_centi_c);
	/* What it does not tell. */
	link_write_text(writer, "axis_z", NULL);
	link_write_text(writer, "axis_x", NULL);
	link_write_text(writer, "axis_y", NULL);
	link_write_text(writer, "flow", NULL);
	link_write_text(writer, "speed", NULL);
	link_write_text(writer, "fan_hotend", NULL);
	link_write_text(writer, "fan_print", NULL);
	json_object_end(writer);
}

static void write_status(struct json_writer *writer, const void *context)
{
	const struct shown *shown = context;
	struct files_room room;

	files_room(shown->octoprint->files, &room);
	json_object_begin(writer);
	json_key(writer, "storage");
	json_object_begin(writer);
	link_write_text(writer, "path", LINK_STORAGE);
	link_write_text(writer, "name", "gateway");
	link_write_flag(writer, "read_only", false);
	link_write_int(writer, "free_space", room.free);
	json_object_end(writer);
	if (octoprint_mode_has_job(shown->mode)) {
		json_key(writer, "job");
		json_object_begin(writer);
		write_progress(writer, &shown->state->job);
		json_object_end(writer);
	}
	write_printer(writer, shown);
	json_object_end(writer);
}

void link_get_status(struct http_request *request, void *context)
{
	struct shown shown;

	if (find_online(request, context, &shown)) {
		octo_respond(request, OCTO_OK, NULL, write_status, &shown);
	}
}

static void write_job(struct json_writer *writer, const void *context)
{
	const struct shown *shown = context;
	const struct printer_job *job = &shown->state->job;
	const struct files_entry *entry = octoprint_job_file(shown->state, shown->octoprint->files);

	json_object_begin(writer);
	write_progress(writer, job);
	link_write_text(writer, "state", state_text(shown));
	link_write_flag(writer, "inaccurate_estimates", job->remaining_estimated);
	json_key(writer, "file");
	json_object_begin(writer);
	if (entry) {
		link_write_file(writer, entry);
	} else {
		link_write_text(writer, "name", job->name);
		link_write_text(writer, "display_name", job->name);
		link_write_text(writer, "path", LINK_STORAGE);
	}
	json_object_end(writer);
	json_object_end(writer);
}

/* 204: there is none. */
void link_get_job(struct http_request *request, void *context)
{
	struct shown shown;

	if (!find_online(request, context, &shown)) {
		return;
	}
	if (octoprint_mode_has_job(shown.mode)) {
		octo_respond(request, OCTO_OK, NULL, write_job, &shown);
	} else {
		http_respond(request, &(struct http_response){.status = OCTO_NO_CONTENT});
	}
}

/* As it was in OctoPrint, with what Home Assistant reads of it: the material. */
static void write_legacy(struct json_writer *writer, const void *context)
{
	const struct shown *shown = context;
	const struct files_entry *entry = octoprint_mode_has_job(shown->mode)
						  ? octoprint_job_file(shown->state,
								       shown->octoprint->files)
						  : NULL;
	bool known = entry && entry->metadata && entry->metadata->filament_type[0] != '\0';

	json_object_begin(writer);
	json_key(writer, "telemetry");
	json_object_begin(writer);
	write_centi(writer, "temp-bed", shown->state->bed.current_centi_c);
	write_centi(writer, "temp-nozzle", shown->state->nozzle.current_centi_c);
	link_write_text(writer, "material", known ? entry->metadata->filament_type : " - ");
	json_object_end(writer);
	json_key(writer, "temperature");
	json_object_begin(writer);
	octoprint_write_temperatures(writer, shown->state);
	json_object_end(writer);
	json_key(writer, "state");
	octoprint_write_state(writer, shown->mode);
	json_object_end(writer);
}

void link_get_legacy_printer(struct http_request *request, void *context)
{
	struct shown shown;

	if (find_online(request, context, &shown)) {
		octo_respond(request, OCTO_OK, NULL, write_legacy, &shown);
	}
}

/* --- what it does --- */

/* The job of the route, if it is the one that goes on. */
static bool find_job(struct http_request *request, const struct octoprint *octoprint,
		     struct shown *shown)
{
	const char *word = http_request_parameter(request, "job");
	char detail[OCTO_DETAIL_SIZE];
	char *end;

	if (!find_online(request, octoprint, shown)) {
		return false;
	}
	errno = 0;
	unsigned long id = strtoul(word, &end, DECIMAL);
	if (*end != '\0' || errno != 0 || word[0] < '0' || word[0] > '9' ||
	    !octoprint_mode_has_job(shown->mode) || id != job_id(&shown->state->job)) {
		snprintf(detail, sizeof(detail), "%.100s has no job %.40s at the moment",
			 octo_name(shown->printer), word);
		octoprint_refuse(request, OCTO_NOT_FOUND, detail);
		return false;
	}
	return true;
}

static void submit(struct octoprint *octoprint, struct http_request *request,
		   enum command_kind kind)
{
	struct command_request command = ask_command(kind);
	struct fleet_printer *printer = octo_find_printer(request, octoprint);

	if (printer) {
		ask_submit(&octoprint->ask, request, printer, &command);
	}
}

void link_put_job(struct http_request *request, void *context)
{
	const char *action = http_request_parameter(request, "action");
	bool pauses = strcmp(action, "pause") == 0;
	bool resumes = strcmp(action, "resume") == 0 || strcmp(action, "continue") == 0;
	struct shown shown;

	if (!find_job(request, context, &shown)) {
		return;
	}
	bool paused = shown.mode == OCTOPRINT_PAUSED || shown.mode == OCTOPRINT_PAUSING;

	if (!pauses && !resumes) {
		octoprint_refuse(request, OCTO_NOT_FOUND,
				 "a job can be paused, resumed and continued");
	} else if (pauses == paused) {
		octoprint_refuse(request, OCTO_CONFLICT,
				 paused ? "the job is paused" : "the job is not paused");
	} else {
		submit(context, request, pauses ? COMMAND_PAUSE : COMMAND_RESUME);
	}
}

void link_delete_job(struct http_request *request, void *context)
{
	struct shown shown;

	if (find_job(request, context, &shown)) {
		submit(context, request, COMMAND_STOP);
	}
}
