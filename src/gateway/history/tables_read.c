/* SPDX-License-Identifier: MIT */
#include "gateway/history/tables.h"

#include <stdlib.h>
#include <string.h>

#define EVER INT64_MAX

/* --- jobs --- */

#define SELECT_JOBS                                                                          \
	"SELECT jobs.id, outcome, joined, begun_ms, started_ms, ended_ms, duration_ms,"      \
	" elapsed_s, progress, layer, layers, thumbnail, filament_used, filament_estimated," \
	" filament_unit, task_id, file, hash, path, reason, printers.serial, printers.name"  \
	" FROM jobs JOIN printers ON printers.id = jobs.printer "
#define OF_PRINTER "printer = (SELECT id FROM printers WHERE serial = ?) AND "
#define JOB_SPAN   "(ended_ms IS NULL OR ended_ms >= ?) AND begun_ms < ?"
#define NEWEST     " AND jobs.id < ? ORDER BY jobs.id DESC LIMIT ? OFFSET ?"
#define OLDEST     " AND jobs.id < ? ORDER BY jobs.id LIMIT ? OFFSET ?"

static void read_job(struct database_rows *rows, struct history_job *job)
{
	int64_t outcome = HISTORY_UNKNOWN;

	*job = (struct history_job){0};
	(void)database_read(
		rows, DB_TO_INT(&job->id), DB_TO_INT(&outcome), DB_TO_FLAG(&job->joined),
		DB_TO_INT(&job->begun_ms), DB_TO_OPTIONAL(&job->started_ms),
		DB_TO_OPTIONAL(&job->ended_ms), DB_TO_OPTIONAL(&job->duration_ms),
		DB_TO_OPTIONAL(&job->elapsed_s), DB_TO_OPTIONAL(&job->progress_centi_percent),
		DB_TO_OPTIONAL(&job->layer), DB_TO_OPTIONAL(&job->layers),
		DB_TO_OPTIONAL(&job->thumbnail), DB_TO_OPTIONAL(&job->filament_used_milli),
		DB_TO_OPTIONAL(&job->filament_estimated_milli), DB_TO_TEXT(job->filament_unit),
		DB_TO_TEXT(job->task_id), DB_TO_TEXT(job->file), DB_TO_TEXT(job->hash),
		DB_TO_TEXT(job->path), DB_TO_TEXT(job->reason), DB_TO_TEXT(job->serial),
		DB_TO_TEXT(job->printer_name));
	job->outcome = outcome >= 0 && outcome < HISTORY_OUTCOMES ? (enum history_outcome)outcome
								  : HISTORY_UNKNOWN;
}

static int64_t until_of(const struct history_query *query)
{
	return query->until_ms > 0 ? query->until_ms : EVER;
}

static int64_t before_of(const struct history_query *query)
{
	return query->before_id > 0 ? query->before_id : EVER;
}

int tables_read_jobs(struct database *database, const struct history_query *query,
		     struct history_job *jobs)
{
	static const char *const all[] = {SELECT_JOBS "WHERE " JOB_SPAN NEWEST,
					  SELECT_JOBS "WHERE " JOB_SPAN OLDEST};
	static const char *const of_printer[] = {SELECT_JOBS "WHERE " OF_PRINTER JOB_SPAN NEWEST,
						 SELECT_JOBS "WHERE " OF_PRINTER JOB_SPAN OLDEST};
	const struct database_value values[] = {DB_TEXT(query->serial ? query->serial : ""),
						DB_INT(query->since_ms),
						DB_INT(until_of(query)),
						DB_INT(before_of(query)),
						DB_INT((int64_t)query->limit),
						DB_INT((int64_t)query->offset),
						DB_NONE};
	const char *sql = (query->serial ? of_printer : all)[query->oldest_first];
	struct database_rows *rows = database_select_list(database, sql,
							  values + (query->serial == NULL));
	int count = 0;
	int result;

	while ((result = database_next(rows)) > 0) {
		read_job(rows, &jobs[count++]);
	}
	return result < 0 ? result : count;
}

int tables_count_jobs(struct database *database, const struct history_query *query, int64_t *total)
{
	const struct database_value values[] = {DB_TEXT(query->serial ? query->serial : ""),
						DB_INT(query->since_ms), DB_INT(until_of(query)),
						DB_NONE};
	const char *sql = query->serial ? "SELECT count(*) FROM jobs WHERE " OF_PRINTER JOB_SPAN
					: "SELECT count(*) FROM jobs WHERE " JOB_SPAN;
	int result = database_first(
		database_select_list(database, sql, values + (query->serial == NULL)),
		DB_TO_INT(total));

	return result < 0 ? result : 0;
}

int tables_read_job(struct database *database, int64_t id, struct history_job *job)
{
	struct database_rows *rows = database_select(database, SELECT_JOBS "WHERE jobs.id = ?",
						     DB_INT(id));
	int result = database_next(rows);

	if (result > 0) {
		read_job(rows, job);
		database_end(rows);
	}
	return result;
}

int tables_each_open_job(struct database *database,
			 void (*each)(void *context, const struct history_job *job), void *context)
{
	struct database_rows *rows = database_select(
		database, SELECT_JOBS "WHERE outcome = 0 ORDER BY jobs.id", DB_NONE);
	struct history_job job;
	int result;

	while ((result = database_next(rows)) > 0) {
		read_job(rows, &job);
		each(context, &job);
	}
	return result;
}

#define OUTCOME_COUNT(number) "coalesce(sum(outcome = " number "), 0)"
#define UNIT_SUM(unit) \
	"coalesce(sum(CASE WHEN filament_unit = '" unit "' THEN filament_used END), 0)"
#define SELECT_TOTALS                                                                                               \
	"SELECT count(*), " OUTCOME_COUNT("0") ", " OUTCOME_COUNT("1") ", " OUTCOME_COUNT(                          \
		"2") ", " OUTCOME_COUNT("3") ", " OUTCOME_COUNT("4") ", "                                           \
								     "coalesce(sum(duration_ms), "                  \
								     "0), "                                         \
								     "coalesce(max(duration_ms), "                  \
								     "0),"                                          \
								     " coalesce(sum(elapsed_s), "                   \
								     "0), "                                         \
								     "coalesce(max(elapsed_s), "                    \
								     "0), " UNIT_SUM(                               \
									     "mm") " + "                            \
										   "1000 "                          \
										   "*"                              \
										   " " UNIT_SUM("m") ", " UNIT_SUM( \
											   "g") " FROM jobs"

int tables_read_totals(struct database *database, const char *serial, struct history_totals *totals)
{
	const struct database_value values[] = {DB_TEXT(serial ? serial : ""), DB_NONE};
	const char *sql = serial ? SELECT_TOTALS
				  " WHERE printer = (SELECT id FROM printers WHERE serial = ?)"
				 : SELECT_TOTALS;
	int result = database_first(
		database_select_list(database, sql, values + (serial == NULL)),
		DB_TO_INT(&totals->jobs), DB_TO_INT(&totals->outcomes[HISTORY_GOING_ON]),
		DB_TO_INT(&totals->outcomes[HISTORY_FINISHED]),
		DB_TO_INT(&totals->outcomes[HISTORY_CANCELLED]),
		DB_TO_INT(&totals->outcomes[HISTORY_FAILED]),
		DB_TO_INT(&totals->outcomes[HISTORY_UNKNOWN]), DB_TO_INT(&totals->duration_ms),
		DB_TO_INT(&totals->longest_ms), DB_TO_INT(&totals->elapsed_s),
		DB_TO_INT(&totals->longest_elapsed_s), DB_TO_INT(&totals->filament_mm_milli),
		DB_TO_INT(&totals->filament_g_milli));

	return result < 0 ? result : 0;
}

int tables_find_printer(struct database *database, const char *word,
			char serial[HISTORY_SERIAL_SIZE])
{
	struct database_rows *rows = database_select(
		database,
		"SELECT serial FROM printers WHERE serial = ? OR name = ? COLLATE NOCASE"
		" ORDER BY serial != ? LIMIT 2",
		DB_TEXT(word), DB_TEXT(word), DB_TEXT(word));
	char found[HISTORY_SERIAL_SIZE];
	int count = 0;
	int result;

	while ((result = database_next(rows)) > 0) {
		(void)database_read(rows, DB_TO_TEXT(found));
		if (count++ == 0) {
			memcpy(serial, found, sizeof(found));
		}
	}
	/* A serial number is no other printer's name. */
	return result < 0 ? result : count > 1 && strcmp(serial, word) == 0 ? 1 : count;
}

/* --- entries --- */

#define SELECT_ENTRIES                                                                          \
	"SELECT entries.id, t_ms, type, job, elapsed_ms, command, force, kind, asker, outcome," \
	" value, text, printers.serial, printers.name"                                          \
	" FROM entries JOIN printers ON printers.id = entries.printer WHERE "
#define ENTRY_SPAN "t_ms >= ? AND t_ms < ? AND type BETWEEN ? AND ? AND entries.id < ?"
/* The index of the times would have all of them sorted first. */
#define ENTRIES_NEWEST " ORDER BY entries.id DESC LIMIT ? OFFSET ?"
#define ENTRIES_OLDEST " ORDER BY entries.id LIMIT ? OFFSET ?"

static void read_entry(struct database_rows *rows, struct history_entry *entry)
{
	int64_t type = HISTORY_EVENT;

	*entry = (struct history_entry){0};
	(void)database_read(rows, DB_TO_INT(&entry->id), DB_TO_INT(&entry->t_ms), DB_TO_INT(&type),
			    DB_TO_OPTIONAL(&entry->job), DB_TO_OPTIONAL(&entry->elapsed_ms),
			    DB_TO_OPTIONAL(&entry->command), DB_TO_FLAG(&entry->force),
			    DB_TO_TEXT(entry->kind), DB_TO_TEXT(entry->asker),
			    DB_TO_TEXT(entry->outcome), DB_TO_TEXT(entry->value),
			    DB_TO_TEXT(entry->text), DB_TO_TEXT(entry->serial),
			    DB_TO_TEXT(entry->printer_name));
	entry->type = type == HISTORY_COMMAND ? HISTORY_COMMAND : HISTORY_EVENT;
}

int tables_read_entries(struct database *database, const struct history_query *query,
			struct history_entry *entries)
{
	static const char *const all[] = {SELECT_ENTRIES ENTRY_SPAN ENTRIES_NEWEST,
					  SELECT_ENTRIES ENTRY_SPAN ENTRIES_OLDEST};
	static const char *const of_printer[] = {
		SELECT_ENTRIES OF_PRINTER ENTRY_SPAN ENTRIES_NEWEST,
		SELECT_ENTRIES OF_PRINTER ENTRY_SPAN ENTRIES_OLDEST};
	bool is_either = query->type == HISTORY_ENTRY_TYPES;
	const struct database_value values[] = {
		DB_TEXT(query->serial ? query->serial : ""),
		DB_INT(query->since_ms > 0 ? query->since_ms : INT64_MIN + 1),
		DB_INT(until_of(query)),
		DB_INT(is_either ? 0 : query->type),
		DB_INT(is_either ? HISTORY_ENTRY_TYPES : query->type),
		DB_INT(before_of(query)),
		DB_INT((int64_t)query->limit),
		DB_INT((int64_t)query->offset),
		DB_NONE};
	const char *sql = (query->serial ? of_printer : all)[query->oldest_first];
	struct database_rows *rows = database_select_list(database, sql,
							  values + (query->serial == NULL));
	int count = 0;
	int result;

	while ((result = database_next(rows)) > 0) {
		read_entry(rows, &entries[count++]);
	}
	return result < 0 ? result : count;
}
