/* SPDX-License-Identifier: MIT */
#include "gateway/octoprint/state.h"

#include <math.h>
#include <string.h>

#define CENTI_DIGITS 2
#define CENTI        100.0
#define MS_PER_S     1000
/* Of filament of 1.75 mm, in cm3 a mm. */
#define CM3_PER_MM 0.00240528

/* A command of this kind that is not over yet. */
static bool is_under_way(const struct service *commands, const struct fleet_printer *printer,
			 enum command_kind kind)
{
	const struct service_command *command = NULL;

	while ((command = service_next(commands, command))) {
		if (command->printer == printer && command->kind == kind && !command->over) {
			return true;
		}
	}
	return false;
}

static bool is_grave(const struct printer_error *error)
{
	const char *severity = error->code[0] != '\0' ? printer_error_severity(error) : NULL;

	return severity && strcmp(severity, "critical") == 0;
}

enum octoprint_mode octoprint_mode(const struct service *commands,
				   const struct fleet_printer *printer)
{
	const struct printer_state *state = fleet_printer_state(printer);

	if (!state->online || (!state->job.state_received && state->seen_ms == PRINTER_NEVER)) {
		return OCTOPRINT_OFFLINE;
	}
	switch (state->job.state) {
	case PRINTER_JOB_PREPARING:
	case PRINTER_JOB_HEATING:
	case PRINTER_JOB_PRINTING:
		return is_under_way(commands, printer, COMMAND_STOP)    ? OCTOPRINT_CANCELLING
		       : is_under_way(commands, printer, COMMAND_PAUSE) ? OCTOPRINT_PAUSING
									: OCTOPRINT_PRINTING;
	case PRINTER_JOB_PAUSED:
		return is_under_way(commands, printer, COMMAND_STOP)     ? OCTOPRINT_CANCELLING
		       : is_under_way(commands, printer, COMMAND_RESUME) ? OCTOPRINT_RESUMING
									 : OCTOPRINT_PAUSED;
	default:
		return is_grave(&state->error) ? OCTOPRINT_ERROR : OCTOPRINT_OPERATIONAL;
	}
}

const char *octoprint_mode_text(enum octoprint_mode mode)
{
	static const char *const texts[] = {
		[OCTOPRINT_OFFLINE] = "Offline",         [OCTOPRINT_ERROR] = "Error",
		[OCTOPRINT_OPERATIONAL] = "Operational", [OCTOPRINT_PRINTING] = "Printing",
		[OCTOPRINT_PAUSING] = "Pausing",         [OCTOPRINT_PAUSED] = "Paused",
		[OCTOPRINT_RESUMING] = "Resuming",       [OCTOPRINT_CANCELLING] = "Cancelling",
	};

	return texts[mode];
}

const char *octoprint_mode_id(enum octoprint_mode mode)
{
	static const char *const names[] = {
		[OCTOPRINT_OFFLINE] = "OFFLINE",         [OCTOPRINT_ERROR] = "ERROR",
		[OCTOPRINT_OPERATIONAL] = "OPERATIONAL", [OCTOPRINT_PRINTING] = "PRINTING",
		[OCTOPRINT_PAUSING] = "PAUSING",         [OCTOPRINT_PAUSED] = "PAUSED",
		[OCTOPRINT_RESUMING] = "RESUMING",       [OCTOPRINT_CANCELLING] = "CANCELLING",
	};

	return names[mode];
}

bool octoprint_mode_has_job(enum octoprint_mode mode)
{
	return mode >= OCTOPRINT_PRINTING;
}

/* --- writing --- */

void octoprint_write_state(struct json_writer *writer, enum octoprint_mode mode)
{
	bool dead = mode == OCTOPRINT_OFFLINE || mode == OCTOPRINT_ERROR;

	json_object_begin(writer);
	json_member_string(writer, "text", octoprint_mode_text(mode));
	json_key(writer, "flags");
	json_object_begin(writer);
	json_member_bool(writer, "operational", !dead);
	json_member_bool(writer, "printing",
			 octoprint_mode_has_job(mode) && mode != OCTOPRINT_PAUSED);
	json_member_bool(writer, "cancelling", mode == OCTOPRINT_CANCELLING);
	json_member_bool(writer, "pausing", mode == OCTOPRINT_PAUSING);
	json_member_bool(writer, "resuming", mode == OCTOPRINT_RESUMING);
	json_member_bool(writer, "finishing", false);
	json_member_bool(writer, "paused", mode == OCTOPRINT_PAUSED);
	json_member_bool(writer, "error", mode == OCTOPRINT_ERROR);
	json_member_bool(writer, "ready", mode == OCTOPRINT_OPERATIONAL);
	json_member_bool(writer, "sdReady", false);
	json_member_bool(writer, "closedOrError", dead);
	json_object_end(writer);
	json_object_end(writer);
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

void octoprint_write_temperature(struct json_writer *writer,
				 const struct printer_temperature *temperature)
{
	json_object_begin(writer);
	write_centi(writer, "actual", temperature->current_centi_c);
	write_centi(writer, "target", temperature->target_centi_c);
	json_member_int(writer, "offset", 0);
	json_object_end(writer);
}

void octoprint_write_temperatures(struct json_writer *writer, const struct printer_state *state)
{
	if (state->model == FLAGSHIP_MODEL_E1) {
		return;
	}
	json_key(writer, "tool0");
	octoprint_write_temperature(writer, &state->nozzle);
	json_key(writer, "bed");
	octoprint_write_temperature(writer, &state->bed);
}

static void write_seconds(struct json_writer *writer, const char *name, int64_t seconds)
{
	json_key(writer, name);
	if (seconds == PRINTER_NEVER) {
		json_null(writer);
	} else {
		json_int(writer, seconds);
	}
}

const struct files_entry *octoprint_job_file(const struct printer_state *state,
					     const struct files *files)
{
	const struct files_entry *entry = NULL;

	while (state->job.name[0] != '\0' && (entry = files_next(files, entry))) {
		if (!entry->is_folder && strcmp(files_name(entry), state->job.name) == 0) {
			return entry;
		}
	}
	return NULL;
}

static void write_file(struct json_writer *writer, const char *name,
		       const struct files_entry *entry)
{
	json_key(writer, "file");
	json_object_begin(writer);
	json_member_string(writer, "name", name);
	json_member_string(writer, "display", name);
	json_member_string(writer, "path", entry ? entry->path : name);
	json_member_string(writer, "origin", name ? "local" : NULL);
	json_key(writer, "size");
	if (entry) {
		json_int(writer, entry->size);
	} else {
		json_null(writer);
	}
	json_key(writer, "date");
	if (entry) {
		json_int(writer, entry->modified_ms / MS_PER_S);
	} else {
		json_null(writer);
	}
	json_object_end(writer);
}

static void write_filament(struct json_writer *writer, const struct gcode_metadata *metadata)
{
	json_key(writer, "filament");
	if (!metadata || isnan(metadata->filament_mm)) {
		json_null(writer);
		return;
	}
	json_object_begin(writer);
	json_key(writer, "tool0");
	json_object_begin(writer);
	json_key(writer, "length");
	json_real(writer, metadata->filament_mm);
	json_key(writer, "volume");
	json_real(writer, metadata->filament_mm * CM3_PER_MM);
	json_object_end(writer);
	json_object_end(writer);
}

static void write_estimate(struct json_writer *writer, const struct printer_job *job,
			   const struct gcode_metadata *metadata)
{
	json_key(writer, "estimatedPrintTime");
	if (metadata && !isnan(metadata->estimated_time_s)) {
		json_real(writer, metadata->estimated_time_s);
	} else if (job->elapsed_s != PRINTER_NEVER && job->remaining_s != PRINTER_NEVER) {
		json_int(writer, job->elapsed_s + job->remaining_s);
	} else {
		json_null(writer);
	}
}

void octoprint_write_job(struct json_writer *writer, const struct printer_state *state,
			 const struct files *files, enum octoprint_mode mode)
{
	const struct printer_job *job = &state->job;
	bool shown = octoprint_mode_has_job(mode) && job->name[0] != '\0';
	const struct files_entry *entry = shown ? octoprint_job_file(state, files) : NULL;
	const struct gcode_metadata *metadata = entry ? entry->metadata : NULL;
	bool counts = octoprint_mode_has_job(mode);

	json_key(writer, "job");
	json_object_begin(writer);
	write_file(writer, shown ? job->name : NULL, entry);
	write_estimate(writer, job, metadata);
	json_member_string(writer, "averagePrintTime", NULL);
	json_member_string(writer, "lastPrintTime", NULL);
	write_filament(writer, metadata);
	json_member_string(writer, "user", NULL);
	json_object_end(writer);
	json_key(writer, "progress");
	json_object_begin(writer);
	write_centi(writer, "completion", counts ? job->progress_centi_percent : PRINTER_NEVER);
	json_member_string(writer, "filepos", NULL);
	write_seconds(writer, "printTime", counts ? job->elapsed_s : PRINTER_NEVER);
	write_seconds(writer, "printTimeLeft", counts ? job->remaining_s : PRINTER_NEVER);
	json_member_string(writer, "printTimeLeftOrigin",
			   counts && job->remaining_s != PRINTER_NEVER ? "estimate" : NULL);
	json_object_end(writer);
}
