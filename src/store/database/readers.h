/* SPDX-License-Identifier: MIT */
#ifndef STORE_DATABASE_READERS_H
#define STORE_DATABASE_READERS_H

#include "store/database/database.h"

#include <uv.h>

/*
 * Connections that read, each on a thread of libuv's pool while it does. Each reading sees the
 * database as it was committed last when it began, whatever is written meanwhile, and waits for no
 * writer. What is short need not go to a thread and back, which costs more than it: see
 * database_readers_read.
 */
struct database_readers;

/* As a database_job (writer.h), but for reading alone. A reading that begins after a job's `done`
 * sees what the job wrote. */
struct database_reading {
	int (*work)(struct database *database, void *context);
	void (*done)(void *context, int result, const char *problem);
	void *context;
	/* The readers' own. */
	uv_work_t request;
	struct database_reader *reader;
	struct database_reading *next;
	int result;
	char problem[PROBLEM_MAX];
};

#define DATABASE_READERS_MAX 4 /* as many as libuv has threads */

struct database_readers_options {
	/* The readers' from a successful start on; opened with DATABASE_READ. */
	struct database *databases[DATABASE_READERS_MAX];
	size_t count;
	struct database *brief;                     /* likewise, for the loop; NULL: none */
	void (*release)(struct database *database); /* NULL: database_close */
	size_t waiting_max;                         /* readings for which no connection is free */
};

/* Errors: MEMORY. */
int database_readers_start(uv_loop_t *loop, const struct database_readers_options *options,
			   struct database_readers **readers) DATABASE_CHECKED;

/* From the loop. RANGE where waiting_max are waiting, or where they are being closed. */
int database_readers_submit(struct database_readers *readers,
			    struct database_reading *reading) DATABASE_CHECKED;

/*
 * On the loop, now: for what looks at a few rows, each found by an index. Waits for no lock.
 * Returns what `work` returns, or an error, after which the reading is to be submitted; `work` may
 * have run then, or have met an error itself.
 */
int database_readers_read(struct database_readers *readers,
			  int (*work)(struct database *database, void *context),
			  void *context) DATABASE_CHECKED;

/* Every reading that was handed over is done first, then `closed` is called (it may be NULL); the
 * loop runs until then. NULL for readers calls back at once. */
void database_readers_close(struct database_readers *readers, void (*closed)(void *context),
			    void *context);

#endif
