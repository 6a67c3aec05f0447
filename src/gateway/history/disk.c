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

/* --- opening: on a thread, but at the start --- */

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

static void close_opened(struct disk_opening *opening)
{
	for (size_t i = 0; i < opening->readers.count; i++) {
		database_close(opening->readers.databases[i]);
	}
	database_close(opening->database);
	free(opening->jobs);
	opening->readers.count = 0;
	opening->database = NULL;
	opening->jobs = NULL;
	opening->job_count = 0;
}

static void refuse_opening(struct disk_opening *opening, const char *what, const char *reason)
{
	opening->what = what;
	snprintf(opening->reason, sizeof(opening->reason), "%s", reason);
	close_opened(opening);
}

static void keep_open_job(void *context, const struct history_job *job)
{
	struct disk_opening *opening = context;
	struct history_job *jobs = realloc(opening->jobs,
					   (opening->job_count + 1) * sizeof(*opening->jobs));

	opening->lacks_memory = opening->lacks_memory || !jobs;
	if (jobs) {
		jobs[opening->job_count++] = *job;
		opening->jobs = jobs;
	}
}

/* What is to be known of it before it goes on. */
static int read_opened(struct disk_opening *opening)
{
	int error = tables_read_ids(opening->database, &opening->job_id, &opening->entry_id);

	if (!error) {
		error = tables_resume(opening->database, &opening->state);
	}
	if (!error) {
		error = tables_each_open_job(opening->database, keep_open_job, opening);
	}
	return error;
}

static int open_readers(const char *path, struct disk_opening *opening)
{
	struct database_readers_options *readers = &opening->readers;
	struct problem problem;
	int error = 0;

	while (!error && readers->count < READERS) {
		error = tables_open(path, false, &readers->databases[readers->count], &problem);
		readers->count += !error;
	}
	return error;
}

/* May wait for the disk, for another program, and for all of the file to be read. */
static void open_file(const char *path, struct disk_opening *opening)
{
	struct problem problem;
	int error = tables_open(path, true, &opening->database, &problem);

	if (error) {
		opening->is_damaged = database_file_is_damaged(path);
		refuse_opening(opening, "there is no history: what happens is not kept",
			       problem.text[0] != '\0' ? problem.text : flagship_strerror(error));
		return;
	}
	if (read_opened(opening)) {
		opening->is_damaged = database_is_damaged(opening->database);
		refuse_opening(opening, "the history cannot be read",
			       database_problem(opening->database));
		return;
	}
	if (open_readers(path, opening) || opening->lacks_memory) {
		refuse_opening(opening, "the history cannot be opened",
			       flagship_strerror(FLAGSHIP_ERROR_MEMORY));
	}
}

static void begin_opening(struct history *history, bool is_new)
{
	history->opening = (struct disk_opening){
		.is_new = is_new,
		.readers = {.waiting_max = READINGS_MAX},
		.state = {.generation = history->state.generation + 1},
	};
	history->disk = DISK_OPENING;
}

/* Of what was opened. */
static void resume(struct history *history, const struct disk_opening *opening)
{
	history->state = opening->state;
	history->job_id = opening->job_id > history->job_id ? opening->job_id : history->job_id;
	history->entry_id = opening->entry_id > history->entry_id ? opening->entry_id
								  : history->entry_id;
	for (size_t i = 0; i < opening->job_count; i++) {
		jobs_resume(history, &opening->jobs[i]);
	}
}

static bool start(struct history *history, struct disk_opening *opening)
{
	const struct database_writer_options options = {.database = opening->database,
							.jobs_max = WRITER_JOBS_MAX};

	if (database_readers_start(history->loop, &opening->readers, &history->readers)) {
		return false;
	}
	opening->readers.count = 0; /* they are the readers' */
	if (database_writer_start(history->loop, &options, &history->writer)) {
		database_readers_close(history->readers, NULL, NULL);
		history->readers = NULL;
		return false;
	}
	opening->database = NULL;
	return true;
}

static void end_opening(struct history *history)
{
	struct disk_opening *opening = &history->opening;

	history->disk = DISK_CLOSED;
	if (opening->what) {
		note_trouble(history, opening->what, opening->reason);
		return;
	}
	resume(history, opening);
	if (start(history, opening)) {
		history->disk = DISK_OPEN;
		end_trouble(history);
	} else {
		note_trouble(history, "the history cannot be opened",
			     flagship_strerror(FLAGSHIP_ERROR_MEMORY));
	}
	close_opened(opening);
}

void disk_open(struct history *history)
{
	begin_opening(history, false);
	open_file(history->path, &history->opening);
	if (history->opening.is_damaged) {
		if (!set_file_aside(history)) {
			history->disk = DISK_CLOSED;
			return;
		}
		begin_opening(history, true);
		open_file(history->path, &history->opening);
	}
	end_opening(history);
}

static void on_opening_work(uv_work_t *work)
{
	struct history *history = work->data;

	open_file(history->path, &history->opening);
}

static void on_opened(uv_work_t *work, int status);

static void reopen(struct history *history, bool is_new)
{
	begin_opening(history, is_new);
	history->opening.work.data = history;
	(void)uv_queue_work(history->loop, &history->opening.work, on_opening_work, on_opened);
}

static void on_opened(uv_work_t *work, int status)
{
	struct history *history = work->data;

	(void)status;
	if (history->closing) {
		close_opened(&history->opening);
		history->disk = DISK_CLOSED;
		history->on_closed(history->closed_context);
	} else if (!history->opening.is_damaged || history->opening.is_new) {
		end_opening(history);
	} else if (set_file_aside(history)) {
		reopen(history, true);
	} else {
		history->disk = DISK_CLOSED;
	}
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
			reopen(history, true);
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
	if (history->is_writing || history->disk == DISK_OPENING || history->disk == DISK_CLOSING) {
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
		reopen(history, false);
	}
	disk_flush(history);
}

const char *history_trouble(const struct history *history)
{
	bool is_away = history->disk == DISK_OPENING || history->is_set_aside;

	return is_away && history->trouble[0] == '\0' ? "it is being opened again"
						      : history->trouble;
}
