/* SPDX-License-Identifier: MIT */
#ifndef GATEWAY_HISTORY_HISTORY_H
#define GATEWAY_HISTORY_HISTORY_H

#include "base/memory/list.h"
#include "base/problem.h"
#include "daemon/log/log.h"
#include "gateway/history/records.h"
#include "gateway/printers/printers.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

/*
 * What happened, whether anybody looked or not: jobs, events, commands, temperatures, in a SQLite
 * database in the gateway's folder. Nothing on the loop waits for the disk: what is to be written
 * is collected and written on a thread, all of some seconds in one transaction. Where it cannot be
 * written (a full disk), it is kept in bounded memory until it can, and the oldest is dropped and
 * counted; a damaged file is set aside, and a new one begun. The gateway goes on either way.
 */
struct history;

#define HISTORY_FILE     "history.db"
#define HISTORY_FLUSH_MS 5000

/* How long things are kept; 0: the default, which is named here; -1: for ever. */
struct history_retention {
	int64_t samples_s; /* temperatures of each HISTORY_SAMPLE_S: a day */
	int64_t minutes_s; /* of each minute: 31 days */
	int64_t hours_s;   /* of each hour: 5 years */
	int64_t entries_s; /* events and commands: a year */
	int64_t jobs_s;    /* for ever */
};

/* "minutes=60d": one of samples, minutes, hours, entries and jobs, and so many h, d or w, an hour
 * at least, or "forever". False for others. */
bool history_retention_read(const char *text, struct history_retention *retention);

#define HISTORY_SAMPLE_S 5

/* What the file area knows of a file that a printer names. */
struct history_file {
	char path[PRINTER_TEXT_MAX];
	char hash[HISTORY_HASH_SIZE];
	int64_t thumbnail; /* which is the largest; PRINTER_NEVER: it has none */
};

struct history_options {
	const char *folder;                /* the gateway's; the database is made there */
	struct gateway_printers *printers; /* before gateway_printers_open; outlives it */
	struct log *log;
	struct history_retention retention;
	/* Whether it is known which file this printer means by this name; may be NULL. */
	bool (*find_file)(void *context, const char *serial, const char *name,
			  struct history_file *file);
	void *context;
};

/* Also where there is no database: then it is tried again later. Errors: MEMORY. */
int history_create(uv_loop_t *loop, const struct history_options *options, struct history **history)
	__attribute__((warn_unused_result));

/* While the printers are still there, before they end: jobs that go on are written as they are.
 * NULL is accepted. */
void history_keep_jobs(struct history *history);

/* To be called after the printers have ended. What is left is written, as far as the disk takes
 * it; on_closed follows, later. NULL for history calls back at once. */
void history_close(struct history *history, void (*on_closed)(void *context), void *context);
/* After on_closed. NULL is accepted. */
void history_destroy(struct history *history);

/* Records that could not be kept, since the start. */
int64_t history_dropped(const struct history *history);
/* Why nothing can be written or read at the moment; "" where it can. */
const char *history_trouble(const struct history *history);

/* --- now, on the loop --- */

#define HISTORY_RECENT_S 1200

/* One second of the last twenty minutes; 0.01 °C, PRINTER_NEVER where it was not known, or the
 * printer was offline. */
struct history_moment {
	int64_t nozzle;
	int64_t nozzle_target;
	int64_t bed;
	int64_t bed_target;
};

/* The last HISTORY_RECENT_S seconds of a printer, the oldest first, whatever the clock on the wall
 * does; none of it known for a printer that was never received. Nothing waits. */
void history_recent(const struct history *history, const char *serial,
		    struct history_moment moments[HISTORY_RECENT_S]);

/* The job that goes on, as it would be kept now; false where there is none. */
bool history_current_job(const struct history *history, const char *serial, struct history_job *job)
	__attribute__((warn_unused_result));

enum history_action {
	HISTORY_JOB_ADDED,
	HISTORY_JOB_ENDED,
};

/* Memory of its own, with these two set. */
struct history_listener {
	/* Once it is on the disk, or was dropped. `job` is valid during the call. */
	void (*changed)(void *context, enum history_action action, const struct history_job *job);
	void *context;
	struct list place; /* private */
};

void history_subscribe(struct history *history, struct history_listener *listener);
/* Also where it was not subscribed, but zeroed. */
void history_unsubscribe(struct history_listener *listener);

/* `written` is called, later, or from inside of this where nothing is to be waited for: once all
 * that is recorded by now is on the disk, so that no crash loses it; or where that failed, or takes
 * longer than HISTORY_WAIT_MS. */
#define HISTORY_WAIT_MS 5000
void history_await(struct history *history, void (*written)(void *context), void *context);
/* Those of this context are not called any more. */
void history_forget_waiting(struct history *history, const void *context);

/* --- from the database, on a thread --- */

/*
 * Each callback comes once, later, on the loop, also where history_close was called; what it is
 * given is valid during the call. `trouble` is NULL, or why there is nothing to be had, for people.
 * A call that returns an error (RANGE: too many are waiting; STORE: history_trouble; MEMORY)
 * never calls back. What was recorded before it is in the answer, as far as it is on the disk:
 * history_await.
 */

/* The query's `total` is how many there are without offset, limit and before_id. */
typedef void history_jobs_done(void *context, const char *trouble, const struct history_job *jobs,
			       size_t count, int64_t total);
int history_read_jobs(struct history *history, const struct history_query *query,
		      history_jobs_done *done, void *context) __attribute__((warn_unused_result));

/* count 0: there is none of this id. */
int history_read_job(struct history *history, int64_t id, history_jobs_done *done, void *context)
	__attribute__((warn_unused_result));

typedef void history_entries_done(void *context, const char *trouble,
				  const struct history_entry *entries, size_t count);
int history_read_entries(struct history *history, const struct history_query *query,
			 history_entries_done *done, void *context)
	__attribute__((warn_unused_result));

/* serial NULL: of all printers. */
typedef void history_totals_done(void *context, const char *trouble,
				 const struct history_totals *totals);
int history_read_totals(struct history *history, const char *serial, history_totals_done *done,
			void *context) __attribute__((warn_unused_result));

/* Points in the order of time, each of step_s seconds; a span in which nothing was received has
 * none. step_s is what the query became. */
typedef void history_series_done(void *context, const char *trouble,
				 const struct history_point *points, size_t count, int64_t step_s);
int history_read_series(struct history *history, const struct history_series_query *query,
			history_series_done *done, void *context)
	__attribute__((warn_unused_result));

/* Forgets a job (Moonraker's delete_job); `done` once that is on the disk. id 0: all that are over,
 * of this printer (NULL: of all). */
typedef void history_deleted(void *context, const char *trouble, int64_t count);
int history_delete_jobs(struct history *history, int64_t id, const char *serial,
			history_deleted *done, void *context) __attribute__((warn_unused_result));

#endif
