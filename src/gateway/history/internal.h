/* SPDX-License-Identifier: MIT */
#ifndef GATEWAY_HISTORY_INTERNAL_H
#define GATEWAY_HISTORY_INTERNAL_H

#include "base/text_index.h"
#include "gateway/history/history.h"
#include "gateway/history/tables.h"
#include "store/database/readers.h"
#include "store/database/writer.h"

#include <limits.h>

/* What the parts of the history share. */

#define HISTORY_LOG_PART "history"
#define MS_PER_S         INT64_C(1000)

/* --- what waits to be written: queue.c --- */

/* More are dropped, the oldest of a kind first: some 8 MB of each. */
#define QUEUE_JOBS_MAX    4000
#define QUEUE_ENTRIES_MAX 4000
#define QUEUE_SAMPLES_MAX 200000

struct job_record {
	struct list place;
	struct table_printer *printer;
	bool is_announced;
	enum history_action action;
	struct history_job job;
};

struct entry_record {
	struct list place;
	struct table_printer *printer;
	struct history_entry entry;
};

/* Of all printers at one time. */
struct sample_record {
	struct list place;
	int64_t t_s;
	size_t count;
	struct table_sample samples[];
};

struct record_lists {
	struct list jobs;
	struct list entries;
	struct list samples;
	size_t job_count;
	size_t entry_count;
	size_t sample_count; /* of all records of them */
};

void records_init(struct record_lists *lists);
bool records_are_empty(const struct record_lists *lists);
/* To the end of `to`, or to its front; `from` is empty then. */
void records_move(struct record_lists *to, struct record_lists *from);
void records_return(struct record_lists *to, struct record_lists *from);
void records_free(struct record_lists *lists);

/* --- one printer --- */

#define HEATS 4

/* Known from when it was first received until the end: threads refer to its `table`. */
struct known_printer {
	struct table_printer table;    /* but for `serial`, the writer's thread's */
	struct fleet_printer *printer; /* NULL: removed */
	char name[PRINTER_TEXT_MAX];
	uint16_t (*recent)[HEATS]; /* of HISTORY_RECENT_S seconds; NULL: it never told any */
	/* The job that goes on; NULL where there is none. */
	struct history_job *job;
	bool is_resumed;   /* from the database: whether it is the same is not known yet */
	bool is_reckoned;  /* its begin, where it was joined */
	int64_t begun_ms;  /* steady */
	int64_t joined_ms; /* steady: since when it could have told which job it is */
	/* The last error or alert, while it stands and a little longer. */
	char trouble[HISTORY_REASON_SIZE];
	bool trouble_stands;
	int64_t trouble_ms; /* steady */
};

/* --- all of it --- */

struct awaiting {
	struct list place;
	uint64_t sequence;
	int64_t since_ms; /* steady */
	void (*written)(void *context);
	void *context;
};

enum disk_state {
	DISK_CLOSED,
	DISK_OPENING,
	DISK_OPEN,
	DISK_CLOSING,
};

/* The thread's while it is being opened; on success all of it goes on to others. */
struct disk_opening {
	uv_work_t work;
	struct database *database;
	struct database_readers_options readers;
	struct tables_state state;
	int64_t job_id;
	int64_t entry_id;
	struct history_job *jobs; /* that go on */
	size_t job_count;
	bool lacks_memory;
	bool is_new; /* the one of before was set aside */
	bool is_damaged;
	const char *what; /* went wrong; NULL: nothing */
	char reason[PROBLEM_MAX];
};

struct history {
	uv_loop_t *loop;
	struct log *log;
	struct gateway_printers *printers;
	struct history_options options;
	char path[PATH_MAX];
	struct fleet_listener listener;
	struct list listeners; /* struct history_listener */
	uv_timer_t timer;
	bool closing;
	bool closed_disk;
	void (*on_closed)(void *context);
	void *closed_context;

	struct known_printer **known;
	size_t known_count;
	size_t known_capacity;
	struct text_index by_serial;

	int64_t job_id; /* the last ones that were given */
	int64_t entry_id;

	/* Time: of the last tick. */
	int64_t second;       /* steady, that `recent` was written for last */
	int64_t sample_t_s;   /* Unix, of the last sample */
	int64_t minute;       /* steady */
	int64_t clock_set_ms; /* steady, when the clock on the wall was put forward; 0: never */

	/* What is to be written. */
	struct record_lists queue;
	uint64_t sequence; /* of the last record */
	uint64_t settled;  /* up to here they are written, or will not be */
	struct list awaiting;
	int64_t dropped;
	bool is_dropping; /* since the last success */

	/* disk.c */
	enum disk_state disk;
	bool is_set_aside; /* once it is closed */
	struct disk_opening opening;
	struct database_writer *writer;
	struct database_readers *readers;
	bool is_writing;
	bool is_broken;   /* the last write failed */
	int64_t retry_ms; /* steady: not before */
	int64_t pause_ms;
	struct database_job write_job;
	struct record_lists batch; /* the thread's while is_writing */
	struct tables_state batch_state;
	bool batch_is_damaged;
	uint64_t batch_sequence;
	struct tables_state state;
	bool is_tidying;
	struct database_job tidy_job;
	struct tables_limits limits; /* the thread's while is_tidying */
	char trouble[PROBLEM_MAX];
};

/* --- history.c --- */

/* NULL: no memory, or no serial number. */
struct known_printer *history_know(struct history *history, const char *serial);
struct known_printer *history_find(const struct history *history, const char *serial);
struct printer_moment history_moment_now(const struct history *history);

/* --- queue.c --- */

/* NULL where there is no memory: it counts as dropped. To be filled, and then queued. */
struct entry_record *queue_make_entry(struct history *history, struct known_printer *known);
void queue_entry(struct history *history, struct entry_record *record);
void queue_job(struct history *history, struct known_printer *known, bool is_announced,
	       enum history_action action);
void queue_samples(struct history *history, struct sample_record *record);
/* All that was queued until this sequence is over. */
void queue_settle(struct history *history, uint64_t sequence);
/* Who has waited for too long waits no longer. */
void queue_release(struct history *history, int64_t now_ms);
void queue_announce(struct history *history, const struct job_record *record);

/* --- disk.c --- */

/* Before the loop runs: opens the database, if it can be. What is kept there of jobs that go on
 * becomes known. */
void disk_open(struct history *history);
void disk_flush(struct history *history);
void disk_tidy(struct history *history);
void disk_tick(struct history *history, int64_t now_ms);
/* It was found to be damaged. */
void disk_set_aside(struct history *history);
/* Writes what is left, and closes. */
void disk_end(struct history *history);
/* As fine as it is kept for so long, or as coarse as is asked for. */
int64_t history_series_step(const struct history *history,
			    const struct history_series_query *query);

/* --- jobs.c --- */

void jobs_on_event(struct history *history, struct known_printer *known,
		   const struct printer_event *event);
/* Compares what is known of the job with what the printer says. */
void jobs_look(struct history *history, struct known_printer *known);
void jobs_resume(struct history *history, const struct history_job *job);
/* It was removed. */
void jobs_forget(struct history *history, struct known_printer *known);
/* Once a minute, and at the end. */
void jobs_save(struct history *history);
/* As it is now. */
void jobs_show(const struct history *history, struct known_printer *known, struct history_job *job);

/* --- events.c --- */

void events_on_event(struct history *history, struct known_printer *known,
		     const struct printer_event *event);
void events_on_done(struct history *history, struct known_printer *known,
		    const struct command_report *report);

/* --- recent.c --- */

/* Once a second. */
void recent_take(struct history *history, int64_t steady_ms, int64_t unix_ms);

#endif
