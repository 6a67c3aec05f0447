/* SPDX-License-Identifier: MIT */
#ifndef STORE_DATABASE_INTERNAL_H
#define STORE_DATABASE_INTERNAL_H

#include "store/database/database.h"

#include <sqlite3.h>

/* What the parts of a database share. */

#define DATABASE_STATEMENTS_MAX 96

struct database_rows {
	struct database *database;
	const char *sql;
	sqlite3_stmt *statement;
};

struct database {
	sqlite3 *connection;
	const struct database_layout *layout;
	struct database_rows statements[DATABASE_STATEMENTS_MAX];
	size_t statement_count;
	unsigned int depth; /* of transactions */
	void *owner;
	char problem[PROBLEM_MAX];
};

/* Notes what SQLite, and beneath it the system, says. Returns STORE or MEMORY. */
int database_fail(struct database *database, const char *what);
/* Of another connection, which failed with this code. */
int database_fail_of(struct database *database, sqlite3 *connection, int code, const char *what);
/* Of a call to the system. */
int database_fail_system(struct database *database, const char *what, int error);

/* --- the file, before it is opened --- */

/* Made beside its place and moved there when it is whole, so that no crash leaves one without its
 * tables. One that is there stays. */
int database_make(struct database *database, const char *path);

/* What is empty was cut: no database of ours ever is. One that is not there is left to others. */
int database_check_size(struct database *database, const char *path);

/* Whether it and its folder can be written: 0 or an errno. */
int database_may_write(const char *path);

/* Without a write, as far as what is there can be read so. No reason is noted where that would say
 * less than the one why it could not be opened to write. */
int database_open_read_only(struct database *database, const char *path, int busy_ms);

/* Makes what an empty file is to hold. */
int database_fill(struct database *database, sqlite3 *connection);

#endif
