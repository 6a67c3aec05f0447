/* SPDX-License-Identifier: MIT */
#include "base/clock.h"
#include "gateway/history/internal.h"

#include <flagship/error.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The database's life: it is opened, written to, found full or damaged, and closed. */

#define WRITER_JOBS_MAX  256
#define READERS          2
#define READINGS_MAX     64
#define PAUSE_FIRST_MS   INT64_C(5000)
#define PAUSE_MAX_MS     INT64_C(60000)
#define CLOCK_SETTLES_MS INT64_C(3600000) /* nothing is forgotten so soon after a jump */
#define DAY_S            INT64_C(86400)
#define MINUTES_DAYS     31
#define HOURS_DAYS       (5 * 365)
#define ENTRIES_DAYS     365

/* --- trouble --- */

static void note_trouble(struct history *history, const char *what, const char *reason)
{
	bool is_new = history->trouble[0] == '\0';

	snprintf(history->trouble, sizeof(history->trouble), "%s", reason);
	history->pause_ms = is_new ? PAUSE_FIRST_MS : 2 * history->pause_ms;
	history->pause_ms = history->pause_ms < PAUSE_MAX_MS ? history->pause_ms : PAUSE_MAX_MS;
	history->retry_ms = clock_steady_ms() + history->pause_ms;
	if (is_new) {
		log_event(history->log, LOG_LEVEL_WARNING, HISTORY_LOG_PART, what,
			  LOG_TEXT("reason", reason));
	}
}

static void end_trouble(struct history *history)
{
	if (history->trouble[0] != '\0') {
		log_event(history->log, LOG_LEVEL_INFO, HISTORY_LOG_PART,
			  "the history is written again", LOG_NUMBER("dropped", history->dropped));
	}
	history->trouble[0] = '\0';
	history->is_broken = false;
	history->is_dropping = false;
}

/* --- opening --- */

static bool set_file_aside(struct history *history)
{
	char place[PATH_MAX];
	struct problem problem;

	if (tables_set_aside(history->path, clock_unix_s(), place, sizeof(place), &problem)) {
		note_trouble(history, "the history is damaged, and cannot be set aside",
			     problem.text);
		return false;
	}
	log_event(history->log, LOG_LEVEL_ERROR, HISTORY_LOG_PART,
		  "the history was damaged: it was set aside, and a new one begins",
		  LOG_TEXT("kept_as", place));
	return true;
}

/* One that is damaged is set aside. */
static struct database *open_to_write(struct history *history)
{
	struct database *database;
	struct problem problem;
	int error = tables_open(history->path, true, &database, &problem);

	if (error && database_file_is_damaged(history->path)) {
		if (!set_file_aside(history)) {
			return NULL;
		}
		error = tables_open(history->path, true, &database, &problem);
	}
	if (error) {
		note_trouble(history, "there is no history: what happens is not kept",
			     problem.text[0] != '\0' ? problem.text : flagship_strerror(error));
		return NULL;
	}
	return database;
}

static void on_open_job(void *context, const struct history_job *job)
{
	jobs_resume(context, job);
}

/* False where that shows that it is damaged, or cannot be read. */
static bool take_over(struct history *history, struct database *database)
{
	int64_t job = 0;
	int64_t entry = 0;
	struct tables_state state = {.generation = history->state.generation + 1};
	int error = tables_read_ids(database, &job, &entry);

	if (!error) {
		error = tables_resume(database, &state);
	}
	if (!error) {
		error = tables_each_open_job(database, on_open_job, history);
	}
	history->state = state;
	history->job_id = job > history->job_id ? job : history->job_id;
	history->entry_id = entry > history->entry_id ? entry : history->entry_id;
	return !error;
}

static bool open_readers(struct history *history)
{
	struct database_readers_options options = {.waiting_max = READINGS_MAX};
	struct problem problem;
	int error = 0;

	while (!error && options.count < READERS) {
		error = tables_open(history->path, false, &options.databases[options.count],
				    &problem);
		options.count += !error;
	}
	if (!error) {
		error = database_readers_start(history->loop, &options, &history->readers);
	}
	for (size_t i = 0; error && i < options.count; i++) {
		database_close(options.databases[i]);
	}
	return !error;
}

static bool start(struct history *history, struct database *database)
{
	const struct database_writer_options options = {.database = database,
							.jobs_max = WRITER_JOBS_MAX};

	if (!open_readers(history)) {
		database_close(database);
		return false;
	}
	if (database_writer_start(history->loop, &options, &history->writer)) {
		database_close(database);
		database_readers_close(history->readers, NULL, NULL);
		history->readers = NULL;
		return false;
	}
	return true;
}

void disk_open(struct history *history)
{
	struct database *database = open_to_write(history);

	if (!database) {
		return;
	}
	if (!take_over(history, database)) {
		bool is_damaged = database_is_damaged(database);

		note_trouble(history, "the history cannot be read", database_problem(database));
		database_close(database);
		database = is_damaged && set_file_aside(history) ? open_to_write(history) : NULL;
		if (!database || !take_over(history, database)) {
			database_close(database);
			return;
		}
	}
	if (!start(history, database)) {
		note_trouble(history, "the history cannot be opened",
			     flagship_strerror(FLAGSHIP_ERROR_MEMORY));
		return;
	}
	history->disk = DISK_OPEN;
	end_trouble(history);
}

/* --- closing --- */

static void on_readers_closed(void *context)
{
	struct history *history = context;

	history->disk = DISK_CLOSED;
	if (history->closing) {
		history->on_closed(history->closed_context);
		return;
	}
	if (history->is_set_aside) {
		history->is_set_aside = false;
		if (set_file_aside(history)) {
			disk_open(history);
		}
	}
}

static void on_writer_closed(void *context)
{
	struct history *history = context;
	struct database_readers *readers = history->readers;

	history->readers = NULL;
	database_readers_close(readers, on_readers_closed, history);
}

static void close_database(struct history *history)
{
	struct database_writer *writer = history->writer;

	history->disk = DISK_CLOSING;
	history->writer = NULL;
	database_writer_close(writer, on_writer_closed, history);
}

void disk_set_aside(struct history *history)
{
	if (history->disk == DISK_OPEN && !history->closing) {
		history->is_set_aside = true;
		close_database(history);
	}
}

/* --- writing --- */

static int write_jobs(struct database *database, struct history *history)
{
	const struct list *head = &history->batch.jobs;
	int error = 0;

	for (struct list *at = head->next; !error && at != head; at = at->next) {
		struct job_record *record = LIST_OF(at, struct job_record, place);

		error = tables_put_job(database, &history->batch_state, record->printer,
				       &record->job);
	}
	return error;
}

static int write_entries(struct database *database, struct history *history)
{
	const struct list *head = &history->batch.entries;
	int error = 0;

	for (struct list *at = head->next; !error && at != head; at = at->next) {
		struct entry_record *record = LIST_OF(at, struct entry_record, place);

		error = tables_put_entry(database, &history->batch_state, record->printer,
					 &record->entry);
	}
	return error;
}

static int write_samples(struct database *database, struct history *history)
{
	const struct list *head = &history->batch.samples;
	int error = 0;

	for (struct list *at = head->next; !error && at != head; at = at->next) {
		struct sample_record *record = LIST_OF(at, struct sample_record, place);

		error = tables_put_samples(database, &history->batch_state, record->t_s,
					   record->samples, record->count);
	}
	return error;
}

/* On the thread. */
static int write_batch(struct database *database, void *context)
{
	struct history *history = context;
	int error = write_jobs(database, history);

	if (!error) {
		error = write_entries(database, history);
	}
	if (!error) {
		error = write_samples(database, history);
	}
	history->batch_is_damaged = error && database_is_damaged(database);
	return error;
}

static void on_success(struct history *history)
{
	struct list *head = &history->batch.jobs;

	history->state = history->batch_state;
	end_trouble(history);
	for (struct list *at = head->next; at != head; at = at->next) {
		queue_announce(history, LIST_OF(at, struct job_record, place));
	}
	records_free(&history->batch);
	queue_settle(history, history->batch_sequence);
}

static void on_failure(struct history *history, int result, const char *problem)
{
	history->state.generation++;
	records_return(&history->queue, &history->batch);
	history->is_broken = true;
	note_trouble(history, "the history cannot be written: it is kept in memory until it can",
		     problem[0] != '\0' ? problem : flagship_strerror(result));
	if (history->batch_is_damaged) {
		disk_set_aside(history);
	}
	queue_settle(history, history->batch_sequence);
}

static void on_written(void *context, int result, const char *problem)
{
	struct history *history = context;

	history->is_writing = false;
	if (result >= 0) {
		on_success(history);
	} else {
		on_failure(history, result, problem);
	}
	if (history->closing) {
		disk_end(history);
	} else if (!list_is_empty(&history->awaiting)) {
		disk_flush(history);
	}
}

/* All that there is, in one transaction. */
static bool submit(struct history *history)
{
	records_move(&history->batch, &history->queue);
	history->batch_sequence = history->sequence;
	history->batch_state = history->state;
	history->batch_is_damaged = false;
	history->write_job = (struct database_job){
		.work = write_batch, .done = on_written, .context = history};
	history->is_writing = true;
	if (database_writer_submit(history->writer, &history->write_job)) {
		history->is_writing = false;
		records_return(&history->queue, &history->batch);
		return false;
	}
	return true;
}

void disk_flush(struct history *history)
{
	if (history->disk != DISK_OPEN || history->is_writing || history->closing ||
	    records_are_empty(&history->queue) ||
	    (history->is_broken && clock_steady_ms() < history->retry_ms)) {
		return;
	}
	(void)submit(history);
}

void disk_end(struct history *history)
{
	if (history->is_writing || history->disk == DISK_CLOSING) {
		return;
	}
	if (history->disk == DISK_CLOSED) {
		history->on_closed(history->closed_context);
		return;
	}
	/* Once more, but not after it has just failed. */
	if (!records_are_empty(&history->queue) && !history->closed_disk) {
		history->closed_disk = true;
		if (submit(history)) {
			return;
		}
	}
	close_database(history);
}

/* --- forgetting --- */

static int64_t limit_of(int64_t now_s, int64_t kept_s, int64_t usual_s)
{
	return kept_s < 0 ? 0 : now_s - (kept_s > 0 ? kept_s : usual_s);
}

static struct tables_limits limits_at(const struct history *history, int64_t now_s)
{
	const struct history_retention *kept = &history->options.retention;

	return (struct tables_limits){
		.samples_s = limit_of(now_s, kept->samples_s, DAY_S),
		.minutes_s = limit_of(now_s, kept->minutes_s, MINUTES_DAYS * DAY_S),
		.hours_s = limit_of(now_s, kept->hours_s, HOURS_DAYS * DAY_S),
		.entries_s = limit_of(now_s, kept->entries_s, ENTRIES_DAYS * DAY_S),
		.jobs_s = kept->jobs_s > 0 ? now_s - kept->jobs_s : 0,
	};
}

int64_t history_series_step(const struct history *history, const struct history_series_query *query)
{
	const struct tables_limits limits = limits_at(history, clock_unix_s());

	/* What is a little older is forgotten within the next minute. */
	return tables_series_step(query, limits.samples_s, limits.minutes_s);
}

static int tidy(struct database *database, void *context)
{
	const struct history *history = context;

	return tables_tidy(database, &history->limits);
}

static void on_tidied(void *context, int result, const char *problem)
{
	struct history *history = context;

	(void)problem; /* what is wrong with the disk shows as it is written to */
	history->is_tidying = false;
	if (result > 0) {
		disk_tidy(history);
	}
}

void disk_tidy(struct history *history)
{
	int64_t now_s = clock_unix_s();
	bool is_clock_new = history->clock_set_ms > 0 &&
			    clock_steady_ms() - history->clock_set_ms < CLOCK_SETTLES_MS;

	if (history->disk != DISK_OPEN || history->is_tidying || history->closing || is_clock_new ||
	    now_s < CLOCK_FLOOR_S) {
		return;
	}
	history->limits = limits_at(history, now_s);
	history->tidy_job = (struct database_job){
		.work = tidy, .done = on_tidied, .context = history};
	history->is_tidying = true;
	if (database_writer_submit(history->writer, &history->tidy_job)) {
		history->is_tidying = false;
	}
}

void disk_tick(struct history *history, int64_t now_ms)
{
	if (history->disk == DISK_CLOSED && !history->closing && now_ms >= history->retry_ms) {
		disk_open(history);
	}
	disk_flush(history);
}

const char *history_trouble(const struct history *history)
{
	return history->trouble;
}
