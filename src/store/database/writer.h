/* SPDX-License-Identifier: MIT */
#ifndef STORE_DATABASE_WRITER_H
#define STORE_DATABASE_WRITER_H

#include "store/database/database.h"

#include <uv.h>

/*
 * What writes to a database, on a thread of its own, so that a loop waits neither for the disk nor
 * for another program that writes. Jobs are done in the order in which they were handed over; those
 * that wait when the thread comes to them become one transaction, and share the sync of the disk.
 */
struct database_writer;

/*
 * A job is the caller's, who keeps it until `done` was called. `work` runs on the thread, inside a
 * transaction of its own (database_begin and database_commit may be called, and nest), and returns
 * what `done` is to get; where that is negative, what it wrote is taken back. `done` runs on the
 * loop, once what was written is on the disk: a result that is not negative outlasts a power cut.
 * Where it could not be written after all, the result is the error, and problem says why; it is ""
 * for errors without a reason of the database.
 *
 * After an error upon which SQLite gives a whole transaction up, such as a full disk, the jobs
 * before it that were in the same one fail for the same reason.
 */
struct database_job {
	int (*work)(struct database *database, void *context);
	void (*done)(void *context, int result, const char *problem);
	void *context;
	/* The writer's own. */
	struct database_job *next;
	int result;
	char problem[PROBLEM_MAX];
};

#define DATABASE_BATCH_MAX 64 /* jobs of one transaction */

struct database_writer_options {
	/* The writer's from a successful start on, on whose thread it is released (NULL:
	 * database_close). Opened with a time to wait for other programs. */
	struct database *database;
	void (*release)(struct database *database);
	size_t jobs_max; /* that are handed over and not done */
};

/* Errors: MEMORY (or no thread). */
int database_writer_start(uv_loop_t *loop, const struct database_writer_options *options,
			  struct database_writer **writer) DATABASE_CHECKED;

/* From the loop. RANGE where jobs_max are waiting, or where it is being closed: done is not called
 * then. */
int database_writer_submit(struct database_writer *writer,
			   struct database_job *job) DATABASE_CHECKED;

/* Every job that was handed over is done first, then the connection is closed, then `closed` is
 * called (it may be NULL); the loop runs until then. NULL for writer calls back at once. */
void database_writer_close(struct database_writer *writer, void (*closed)(void *context),
			   void *context);

#endif
