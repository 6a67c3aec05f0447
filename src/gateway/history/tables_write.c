/* SPDX-License-Identifier: MIT */
#include "gateway/history/history.h"
#include "gateway/history/tables.h"

#include <flagship/error.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define SQL_SIZE 64

static bool is_known(const struct table_printer *printer, const struct tables_state *state,
		     const char *name)
{
	return printer->row > 0 && printer->generation == state->generation &&
	       (!name || strcmp(printer->name, name) == 0);
}

/* Its row, made where there is none. name NULL: whatever it is called. */
static int find_printer(struct database *database, const struct tables_state *state,
			struct table_printer *printer, const char *name)
{
	if (is_known(printer, state, name)) {
		return 0;
	}
	int result = database_run(database,
				  "INSERT INTO printers (serial, name) VALUES (?, ?)"
				  " ON CONFLICT (serial) DO UPDATE SET name = excluded.name"
				  " WHERE excluded.name != ''",
				  DB_TEXT(printer->serial), DB_TEXT(name ? name : ""));
	if (result >= 0) {
		result = database_first(
			database_select(database, "SELECT id, name FROM printers WHERE serial = ?",
					DB_TEXT(printer->serial)),
			DB_TO_INT(&printer->row), DB_TO_TEXT(printer->name));
	}
	if (result <= 0) {
		printer->row = 0;
		return result < 0 ? result : FLAGSHIP_ERROR_STORE;
	}
	if (name) {
		snprintf(printer->name, sizeof(printer->name), "%s", name);
	}
	printer->generation = state->generation;
	return 0;
}

int tables_put_job(struct database *database, const struct tables_state *state,
		   struct table_printer *printer, const struct history_job *job)
{
	int result = find_printer(database, state, printer, job->printer_name);

	if (result) {
		return result;
	}
	result = database_run(
		database,
		"INSERT OR REPLACE INTO jobs (id, printer, outcome, joined, begun_ms, started_ms,"
		" ended_ms, duration_ms, elapsed_s, progress, layer, layers, thumbnail, "
		"filament_used,"
		" filament_estimated, filament_unit, task_id, file, hash, path, reason)"
		" VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
		DB_INT(job->id), DB_INT(printer->row), DB_INT(job->outcome), DB_INT(job->joined),
		DB_INT(job->begun_ms), DB_OPTIONAL(job->started_ms), DB_OPTIONAL(job->ended_ms),
		DB_OPTIONAL(job->duration_ms), DB_OPTIONAL(job->elapsed_s),
		DB_OPTIONAL(job->progress_centi_percent), DB_OPTIONAL(job->layer),
		DB_OPTIONAL(job->layers), DB_OPTIONAL(job->thumbnail),
		DB_OPTIONAL(job->filament_used_milli), DB_OPTIONAL(job->filament_estimated_milli),
		DB_TEXT(job->filament_unit), DB_TEXT(job->task_id), DB_TEXT(job->file),
		DB_TEXT(job->hash), DB_TEXT(job->path), DB_TEXT(job->reason));
	return result < 0 ? result : 0;
}

int tables_put_entry(struct database *database, const struct tables_state *state,
		     struct table_printer *printer, const struct history_entry *entry)
{
	int result = find_printer(database, state, printer, entry->printer_name);

	if (result) {
		return result;
	}
	result = database_run(database,
			      "INSERT OR REPLACE INTO entries (id, t_ms, printer, type, job,"
			      " elapsed_ms, command, force, kind, asker, outcome, value, text)"
			      " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
			      DB_INT(entry->id), DB_INT(entry->t_ms), DB_INT(printer->row),
			      DB_INT(entry->type), DB_OPTIONAL(entry->job),
			      DB_OPTIONAL(entry->elapsed_ms), DB_OPTIONAL(entry->command),
			      DB_INT(entry->force), DB_TEXT(entry->kind), DB_TEXT(entry->asker),
			      DB_TEXT(entry->outcome), DB_TEXT(entry->value), DB_TEXT(entry->text));
	return result < 0 ? result : 0;
}

/* --- averages --- */

#define AVERAGE(column) "CAST(round(avg(" column ")) AS INTEGER)"
#define SAMPLES_OF(column) \
	"min(" column "), " AVERAGE(column) ", max(" column "), max(" column "_target)"
/* Of means of as many as each is of. */
#define WEIGHED(part)                                           \
	"CAST(round(CAST(sum(" part "_mean * count) AS REAL) /" \
	" sum(CASE WHEN " part "_mean IS NOT NULL THEN count END)) AS INTEGER)"
#define MINUTES_OF(part) \
	"min(" part "_min), " WEIGHED(part) ", max(" part "_max), max(" part "_target)"
#define INTO(table)                                                                     \
	"INSERT OR REPLACE INTO " table " (t, printer, count, nozzle_min, nozzle_mean," \
	" nozzle_max, nozzle_target, bed_min, bed_mean, bed_max, bed_target) "

static int average_minute(struct database *database, int64_t minute_s)
{
	int result = database_run(
		database,
		INTO("minutes") "SELECT ?, printer, count(*), " SAMPLES_OF(
			"nozzle") ", " SAMPLES_OF("bed") " FROM samples WHERE t >= ? AND t < ? "
							 "GROUP BY printer",
		DB_INT(minute_s), DB_INT(minute_s), DB_INT(minute_s + TABLE_MINUTE_S));

	return result < 0 ? result : 0;
}

static int average_hour(struct database *database, int64_t hour_s)
{
	int result = database_run(
		database,
		INTO("hours") "SELECT ?, printer, sum(count), " MINUTES_OF(
			"nozzle") ", " MINUTES_OF("bed") " FROM minutes WHERE t >= ? AND t < ? "
							 "GROUP BY printer",
		DB_INT(hour_s), DB_INT(hour_s), DB_INT(hour_s + TABLE_HOUR_S));

	return result < 0 ? result : 0;
}

static int64_t floor_to(int64_t t_s, int64_t span_s)
{
	return t_s - t_s % span_s;
}

static void begin_spans(struct tables_state *state, int64_t t_s)
{
	state->begun = true;
	state->minute_s = floor_to(t_s, TABLE_MINUTE_S);
	state->hour_s = floor_to(t_s, TABLE_HOUR_S);
}

static int end_spans(struct database *database, struct tables_state *state, int64_t t_s)
{
	int error = 0;

	if (state->begun && floor_to(t_s, TABLE_MINUTE_S) != state->minute_s) {
		error = average_minute(database, state->minute_s);
	}
	if (!error && state->begun && floor_to(t_s, TABLE_HOUR_S) != state->hour_s) {
		error = average_hour(database, state->hour_s);
	}
	if (!error) {
		begin_spans(state, t_s);
	}
	return error;
}

int tables_resume(struct database *database, struct tables_state *state)
{
	int64_t t_s = DATABASE_NO_INTEGER;
	int result = database_first(
		database_select(database, "SELECT max(t) FROM samples", DB_NONE),
		DB_TO_OPTIONAL(&t_s));

	if (result >= 0 && t_s != DATABASE_NO_INTEGER) {
		begin_spans(state, t_s);
	}
	return result < 0 ? result : 0;
}

static struct database_value heat_value(int32_t heat)
{
	return heat == TABLE_NO_HEAT ? DB_NULL : DB_INT(heat);
}

int tables_put_samples(struct database *database, struct tables_state *state, int64_t t_s,
		       const struct table_sample *samples, size_t count)
{
	int result = end_spans(database, state, t_s);

	for (size_t i = 0; result >= 0 && i < count; i++) {
		const struct table_sample *sample = &samples[i];

		result = find_printer(database, state, sample->printer, NULL);
		if (!result) {
			result = database_run(
				database,
				"INSERT OR REPLACE INTO samples (t, printer, nozzle, nozzle_target,"
				" bed, bed_target) VALUES (?, ?, ?, ?, ?, ?)",
				DB_INT(t_s), DB_INT(sample->printer->row),
				heat_value(sample->nozzle), heat_value(sample->nozzle_target),
				heat_value(sample->bed), heat_value(sample->bed_target));
		}
	}
	return result < 0 ? result : 0;
}

int tables_read_ids(struct database *database, int64_t *job, int64_t *entry)
{
	int result = database_first(
		database_select(database,
				"SELECT (SELECT coalesce(max(id), 0) FROM jobs),"
				" (SELECT coalesce(max(id), 0) FROM entries)",
				DB_NONE),
		DB_TO_INT(job), DB_TO_INT(entry));
	int64_t kept = 0;

	if (result >= 0) {
		result = database_first(database_select(database, "PRAGMA application_id", DB_NONE),
					DB_TO_INT(&kept));
	}
	*job = kept > *job ? kept : *job;
	return result < 0 ? result : 0;
}

/* In a number of the file's head that is ours to use, so that older programs read the file. */
int tables_keep_job_id(struct database *database, int64_t job)
{
	char sql[SQL_SIZE];

	snprintf(sql, sizeof(sql), "PRAGMA application_id = %" PRId64,
		 job < INT32_MAX ? job : INT32_MAX);
	return database_execute(database, sql);
}
