/* SPDX-License-Identifier: MIT */
#ifndef GATEWAY_HISTORY_TABLES_H
#define GATEWAY_HISTORY_TABLES_H

#include "gateway/history/records.h"
#include "store/database/database.h"

/*
 * The tables of history.db, and what is written to and read from them: by the gateway on threads,
 * by `flagship history` from outside. Functions that return int give 0 or what their comment says,
 * or a negative error (store/database/database.h).
 */

/* DATABASE_WRITE stands for DATABASE_CREATE. After an error *database is NULL. */
int tables_open(const char *path, bool to_write, struct database **database,
		struct problem *problem) DATABASE_CHECKED;

/* The file's name gets an end that says so and when, and so do the log and what else lies beside
 * it. */
int tables_set_aside(const char *path, int64_t unix_s, char place[], size_t capacity,
		     struct problem *problem) DATABASE_CHECKED;

/* --- writing --- */

/* One printer as a writer knows it; of one thread. Zeroed but for the serial number. */
struct table_printer {
	char serial[HISTORY_SERIAL_SIZE];
	char name[PRINTER_TEXT_MAX]; /* as it is written */
	int64_t row;
	unsigned int generation; /* of tables_state that row and name are of */
};

struct table_sample {
	struct table_printer *printer;
	/* 0.01 °C, or TABLE_NO_HEAT */
	int32_t nozzle;
	int32_t nozzle_target;
	int32_t bed;
	int32_t bed_target;
};

#define TABLE_NO_HEAT  INT32_MIN

#define TABLE_MINUTE_S INT64_C(60)
#define TABLE_HOUR_S   INT64_C(3600)

/* What is still open of averages, of one thread. Zeroed at first, and to be set back to what it was
 * before a transaction that failed, but for `generation`, which then grows. */
struct tables_state {
	bool begun;
	int64_t minute_s;
	int64_t hour_s;
	unsigned int generation; /* from 1 on */
};

/* Goes on with averages where the file ends. */
int tables_resume(struct database *database, struct tables_state *state) DATABASE_CHECKED;
/* In place of the job that had this id. */
int tables_put_job(struct database *database, const struct tables_state *state,
		   struct table_printer *printer, const struct history_job *job) DATABASE_CHECKED;
int tables_put_entry(struct database *database, const struct tables_state *state,
		     struct table_printer *printer,
		     const struct history_entry *entry) DATABASE_CHECKED;
/* Of the span of HISTORY_SAMPLE_S seconds that begins at t_s. Averages of a minute are made with
 * the first sample of another one. */
int tables_put_samples(struct database *database, struct tables_state *state, int64_t t_s,
		       const struct table_sample *samples, size_t count) DATABASE_CHECKED;

/* The highest ids that were given, 0 where there is none. */
int tables_read_ids(struct database *database, int64_t *job, int64_t *entry) DATABASE_CHECKED;
/* Jobs up to this id were there, though they are not in this file: it is given to no other. */
int tables_keep_job_id(struct database *database, int64_t job) DATABASE_CHECKED;

/* Unix seconds before which things are forgotten; 0: nothing is. */
struct tables_limits {
	int64_t samples_s;
	int64_t minutes_s;
	int64_t hours_s;
	int64_t entries_s;
	int64_t jobs_s;
};

/* Forgets some of what is too old, and gives some of the room back. 1: there is more to do. */
int tables_tidy(struct database *database, const struct tables_limits *limits) DATABASE_CHECKED;

/* How many were forgotten. */
int tables_delete_jobs(struct database *database, int64_t id, const char *serial) DATABASE_CHECKED;

/* --- reading --- */

/* The printer of this serial number, else of this name; 1 where there is one, 2 where several have
 * that name. */
int tables_find_printer(struct database *database, const char *word,
			char serial[HISTORY_SERIAL_SIZE]) DATABASE_CHECKED;
/* Of at most query->limit. How many were read. */
int tables_read_jobs(struct database *database, const struct history_query *query,
		     struct history_job *jobs) DATABASE_CHECKED;
/* Without limit, offset and before_id. */
int tables_count_jobs(struct database *database, const struct history_query *query,
		      int64_t *total) DATABASE_CHECKED;
/* 1 where there is one. */
int tables_read_job(struct database *database, int64_t id,
		    struct history_job *job) DATABASE_CHECKED;
/* Those that go on, of all printers; calls back for each. */
int tables_each_open_job(struct database *database,
			 void (*each)(void *context, const struct history_job *job),
			 void *context) DATABASE_CHECKED;
int tables_read_totals(struct database *database, const char *serial,
		       struct history_totals *totals) DATABASE_CHECKED;
int tables_read_entries(struct database *database, const struct history_query *query,
			struct history_entry *entries) DATABASE_CHECKED;

/* How much finer than its step a series can be had at its begin; samples_s and minutes_s are until
 * when they are kept. Returns the step. */
int64_t tables_series_step(const struct history_series_query *query, int64_t samples_s,
			   int64_t minutes_s);
/* query->step_s is what tables_series_step gave. *points, to be freed, and NULL where *count is 0.
 */
int tables_read_series(struct database *database, const struct history_series_query *query,
		       struct history_point **points, size_t *count) DATABASE_CHECKED;

#endif
