/* SPDX-License-Identifier: MIT */
#include "base/clock.h"
#include "gateway/history/internal.h"

#include <flagship/error.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Reading on threads, and what is to be forgotten. */

enum reading_kind {
	READ_JOBS,
	READ_JOB,
	READ_ENTRIES,
	READ_TOTALS,
	READ_SERIES,
};

struct reading {
	struct database_reading base;
	struct history *history;
	enum reading_kind kind;
	bool is_damaged;
	struct history_query query;
	struct history_series_query series;
	int64_t id;
	char serial[HISTORY_SERIAL_SIZE];
	void *context;
	union {
		history_jobs_done *jobs;
		history_entries_done *entries;
		history_totals_done *totals;
		history_series_done *series;
	} done;
	/* What was read. */
	struct history_job *jobs;
	struct history_entry *entries;
	struct history_point *points;
	struct history_totals totals;
	size_t count;
	int64_t total;
};

/* --- on the thread --- */

static int read_jobs(struct database *database, struct reading *reading)
{
	int result = tables_count_jobs(database, &reading->query, &reading->total);

	if (result >= 0) {
		result = tables_read_jobs(database, &reading->query, reading->jobs);
	}
	reading->count = result > 0 ? (size_t)result : 0;
	return result;
}

static int read_one(struct database *database, struct reading *reading)
{
	int result = tables_read_job(database, reading->id, reading->jobs);

	reading->count = result > 0;
	reading->total = result > 0;
	return result;
}

static int read_entries(struct database *database, struct reading *reading)
{
	int result = tables_read_entries(database, &reading->query, reading->entries);

	reading->count = result > 0 ? (size_t)result : 0;
	return result;
}

static int work(struct database *database, void *context)
{
	struct reading *reading = context;
	int result = 0;

	switch (reading->kind) {
	case READ_JOBS:
		result = read_jobs(database, reading);
		break;
	case READ_JOB:
		result = read_one(database, reading);
		break;
	case READ_ENTRIES:
		result = read_entries(database, reading);
		break;
	case READ_TOTALS:
		result = tables_read_totals(database, reading->query.serial, &reading->totals);
		break;
	case READ_SERIES:
		result = tables_read_series(database, &reading->series, &reading->points,
					    &reading->count);
		break;
	}
	reading->is_damaged = result < 0 && database_is_damaged(database);
	return result;
}

/* --- on the loop --- */

static void free_reading(struct reading *reading)
{
	free(reading->jobs);
	free(reading->entries);
	free(reading->points);
	free(reading);
}

/* What goes on is further than it was written last. */
static void show_present(const struct reading *reading)
{
	for (size_t i = 0; i < reading->count; i++) {
		struct history_job *job = &reading->jobs[i];
		struct history_job present;

		if (job->outcome == HISTORY_GOING_ON &&
		    history_current_job(reading->history, job->serial, &present) &&
		    present.id == job->id) {
			*job = present;
		}
	}
}

static void call_back(const struct reading *reading, const char *trouble)
{
	switch (reading->kind) {
	case READ_JOBS:
	case READ_JOB:
		show_present(reading);
		reading->done.jobs(reading->context, trouble, reading->jobs, reading->count,
				   reading->total);
		break;
	case READ_ENTRIES:
		reading->done.entries(reading->context, trouble, reading->entries, reading->count);
		break;
	case READ_TOTALS:
		reading->done.totals(reading->context, trouble, &reading->totals);
		break;
	case READ_SERIES:
		reading->done.series(reading->context, trouble, reading->points, reading->count,
				     reading->series.step_s);
		break;
	}
}

static void on_read(void *context, int result, const char *problem)
{
	struct reading *reading = context;
	const char *trouble = NULL;

	if (result < 0) {
		trouble = problem[0] != '\0' ? problem : flagship_strerror(result);
		reading->count = 0;
		if (reading->is_damaged) {
			disk_set_aside(reading->history);
		}
	}
	call_back(reading, trouble);
	free_reading(reading);
}

static struct reading *make_reading(struct history *history, enum reading_kind kind,
				    const char *serial, void *context)
{
	struct reading *reading = calloc(1, sizeof(*reading));

	if (!reading) {
		return NULL;
	}
	reading->history = history;
	reading->kind = kind;
	reading->context = context;
	snprintf(reading->serial, sizeof(reading->serial), "%s", serial ? serial : "");
	reading->query.serial = serial ? reading->serial : NULL;
	reading->base = (struct database_reading){
		.work = work, .done = on_read, .context = reading};
	return reading;
}

/* Takes the reading in any case. */
static int submit_reading(struct history *history, struct reading *reading)
{
	int error = history->disk != DISK_OPEN || history->closing
			    ? FLAGSHIP_ERROR_STORE
			    : database_readers_submit(history->readers, &reading->base);

	if (error) {
		free_reading(reading);
	}
	return error;
}

static void take_query(struct reading *reading, const struct history_query *query)
{
	const char *serial = reading->query.serial;

	reading->query = *query;
	reading->query.serial = serial;
	reading->query.limit = query->limit < HISTORY_LIMIT_MAX ? query->limit : HISTORY_LIMIT_MAX;
}

int history_read_jobs(struct history *history, const struct history_query *query,
		      history_jobs_done *done, void *context)
{
	struct reading *reading = make_reading(history, READ_JOBS, query->serial, context);

	if (!reading) {
		return FLAGSHIP_ERROR_MEMORY;
	}
	take_query(reading, query);
	reading->done.jobs = done;
	reading->jobs = calloc(reading->query.limit + 1, sizeof(*reading->jobs));
	if (!reading->jobs) {
		free_reading(reading);
		return FLAGSHIP_ERROR_MEMORY;
	}
	return submit_reading(history, reading);
}

int history_read_job(struct history *history, int64_t id, history_jobs_done *done, void *context)
{
	struct reading *reading = make_reading(history, READ_JOB, NULL, context);

	if (!reading) {
		return FLAGSHIP_ERROR_MEMORY;
	}
	reading->id = id;
	reading->done.jobs = done;
	reading->jobs = calloc(1, sizeof(*reading->jobs));
	if (!reading->jobs) {
		free_reading(reading);
		return FLAGSHIP_ERROR_MEMORY;
	}
	return submit_reading(history, reading);
}

int history_read_entries(struct history *history, const struct history_query *query,
			 history_entries_done *done, void *context)
{
	struct reading *reading = make_reading(history, READ_ENTRIES, query->serial, context);

	if (!reading) {
		return FLAGSHIP_ERROR_MEMORY;
	}
	take_query(reading, query);
	reading->done.entries = done;
	reading->entries = calloc(reading->query.limit + 1, sizeof(*reading->entries));
	if (!reading->entries) {
		free_reading(reading);
		return FLAGSHIP_ERROR_MEMORY;
	}
	return submit_reading(history, reading);
}

int history_read_totals(struct history *history, const char *serial, history_totals_done *done,
			void *context)
{
	struct reading *reading = make_reading(history, READ_TOTALS, serial, context);

	if (!reading) {
		return FLAGSHIP_ERROR_MEMORY;
	}
	reading->done.totals = done;
	return submit_reading(history, reading);
}

int history_read_series(struct history *history, const struct history_series_query *query,
			history_series_done *done, void *context)
{
	struct reading *reading = make_reading(history, READ_SERIES, query->serial, context);

	if (!reading) {
		return FLAGSHIP_ERROR_MEMORY;
	}
	reading->series = *query;
	reading->series.serial = reading->serial;
	reading->series.step_s = history_series_step(history, query);
	reading->done.series = done;
	return submit_reading(history, reading);
}

/* --- forgetting --- */

struct deletion {
	struct database_job base;
	int64_t id;
	char serial[HISTORY_SERIAL_SIZE];
	history_deleted *done;
	void *context;
};

static int delete_jobs(struct database *database, void *context)
{
	const struct deletion *deletion = context;

	return tables_delete_jobs(database, deletion->id,
				  deletion->serial[0] != '\0' ? deletion->serial : NULL);
}

static void on_deleted(void *context, int result, const char *problem)
{
	struct deletion *deletion = context;
	const char *trouble = problem[0] != '\0' ? problem : flagship_strerror(result);

	deletion->done(deletion->context, result < 0 ? trouble : NULL, result < 0 ? 0 : result);
	free(deletion);
}

int history_delete_jobs(struct history *history, int64_t id, const char *serial,
			history_deleted *done, void *context)
{
	struct deletion *deletion = calloc(1, sizeof(*deletion));

	if (!deletion) {
		return FLAGSHIP_ERROR_MEMORY;
	}
	deletion->base = (struct database_job){
		.work = delete_jobs, .done = on_deleted, .context = deletion};
	deletion->id = id;
	snprintf(deletion->serial, sizeof(deletion->serial), "%s", serial ? serial : "");
	deletion->done = done;
	deletion->context = context;
	int error = history->disk != DISK_OPEN || history->closing
			    ? FLAGSHIP_ERROR_STORE
			    : database_writer_submit(history->writer, &deletion->base);
	if (error) {
		free(deletion);
	}
	return error;
}
