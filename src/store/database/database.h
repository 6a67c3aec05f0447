/* SPDX-License-Identifier: MIT */
#ifndef STORE_DATABASE_H
#define STORE_DATABASE_H

#include "base/problem.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * One connection to a SQLite file, used by one thread at a time. The file has mode 0600 and a
 * write-ahead log, so that a reader never waits for a writer; what was committed outlasts a power
 * cut. Writing and reading on other threads than the loop's: writer.h and readers.h.
 *
 * Functions that return int give 0 or what their comment says, or a negative error: STORE with the
 * reason in database_problem, MEMORY.
 */
struct database;

#define DATABASE_CHECKED __attribute__((warn_unused_result))

enum database_mode {
	DATABASE_READ, /* also in a folder that cannot be written */
	DATABASE_WRITE,
	DATABASE_CREATE, /* where it is not there yet */
};

/* What a file of one kind holds. Constant, and in use until database_close. */
struct database_layout {
	const char *noun;   /* of such a file, for people: "registry" */
	const char *mend;   /* appended where it is damaged: what to do, or "" */
	int version;        /* of `schema`, from 1 on */
	const char *schema; /* SQL that makes the newest layout in an empty file */
	/* steps[v] makes layout v + 1 of layout v, for each v from 1 to version - 1. A file of a
	 * newer layout is refused. */
	const char *const *steps;
};

/* busy_ms: how long to wait for another program that writes; 0: not at all. After an error
 * *database is NULL and problem says why. */
int database_open(const char *path, enum database_mode mode, int busy_ms,
		  const struct database_layout *layout, struct database **database,
		  struct problem *problem) DATABASE_CHECKED;
/* NULL is accepted. */
void database_close(struct database *database);

/* Why the last call failed. */
const char *database_problem(const struct database *database);
/* Whether that was that the file holds what SQLite did not write so. */
bool database_is_damaged(const struct database *database);
/* Notes the reason of a failure of the caller's own. Returns STORE. */
int database_refuse(struct database *database, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* From now on a lock of another program is an error at once. */
void database_wait_for_nobody(struct database *database);

/* For whoever gets the connection back in a callback; NULL at first. */
void database_set_owner(struct database *database, void *owner);
void *database_owner(const struct database *database);

/* --- statements: `?` of the SQL, in their order, are the values of the list --- */

enum database_type {
	DATABASE_END,
	DATABASE_TEXT,
	DATABASE_INTEGER,
	DATABASE_BLOB,
	DATABASE_FLAG,
	DATABASE_NULL,
	DATABASE_OPTIONAL, /* an integer, or NULL for DATABASE_NO_INTEGER */
};

#define DATABASE_NO_INTEGER INT64_MIN

struct database_value {
	enum database_type type;
	const char *text;
	const void *bytes;
	size_t size;
	int64_t integer;
};

#define DB_TEXT(content) ((struct database_value){.type = DATABASE_TEXT, .text = (content)})
#define DB_INT(number)   ((struct database_value){.type = DATABASE_INTEGER, .integer = (number)})
#define DB_BLOB(from, length) \
	((struct database_value){.type = DATABASE_BLOB, .bytes = (from), .size = (length)})
#define DB_NULL ((struct database_value){.type = DATABASE_NULL})
#define DB_OPTIONAL(number) \
	((struct database_value){.type = DATABASE_OPTIONAL, .integer = (number)})
/* In place of a list, where there is no `?`. */
#define DB_NONE ((struct database_value){.type = DATABASE_END})

/* Where a column of a row goes. Texts are cut where they are too long, and "" for NULL. */
struct database_field {
	enum database_type type;
	char *text;
	void *bytes;
	size_t size;
	int64_t *integer;
	bool *flag;
};

/* An array that the compiler knows the size of. */
#define DB_TO_TEXT(array) DB_TO_BUFFER(array, sizeof(array))
#define DB_TO_BUFFER(start, capacity) \
	((struct database_field){.type = DATABASE_TEXT, .text = (start), .size = (capacity)})
#define DB_TO_INT(number) ((struct database_field){.type = DATABASE_INTEGER, .integer = (number)})
#define DB_TO_OPTIONAL(number) \
	((struct database_field){.type = DATABASE_OPTIONAL, .integer = (number)})
#define DB_TO_FLAG(place) ((struct database_field){.type = DATABASE_FLAG, .flag = (place)})
/* Of exactly this length. */
#define DB_TO_BLOB(start, length) \
	((struct database_field){.type = DATABASE_BLOB, .bytes = (start), .size = (length)})
#define DB_TO_END ((struct database_field){.type = DATABASE_END})

/*
 * Statements are prepared once and kept, found again by the address of their SQL, which is a
 * literal. A statement is not run again before its rows have ended.
 */
struct database_rows;

/* Runs a statement to its end: 1 where a row was changed, 0 where none. */
#define database_run(database, sql, ...) \
	database_run_list(database, sql, (const struct database_value[]){__VA_ARGS__, DB_NONE})
int database_run_list(struct database *database, const char *sql,
		      const struct database_value *values) DATABASE_CHECKED;
/* How many rows the last statement changed. */
int database_changes(const struct database *database);

/* The rows of a query, before the first; NULL after an error, which the functions below pass on.
 * They end by themselves after the last one, or by database_end. */
#define database_select(database, sql, ...) \
	database_select_list(database, sql, (const struct database_value[]){__VA_ARGS__, DB_NONE})
struct database_rows *database_select_list(struct database *database, const char *sql,
					   const struct database_value *values) DATABASE_CHECKED;

/* 1: there is a row; 0: there is none any more. */
int database_next(struct database_rows *rows) DATABASE_CHECKED;
void database_end(struct database_rows *rows);

/* The columns of this row, from the first on. False where a blob has another length. */
#define database_read(rows, ...) \
	database_read_list(rows, (const struct database_field[]){__VA_ARGS__, DB_TO_END})
bool database_read_list(struct database_rows *rows, const struct database_field *fields);

/* The first row alone: 1: read; 0: there is none, or a blob of it has another length. */
#define database_first(rows, ...) \
	database_first_list(rows, (const struct database_field[]){__VA_ARGS__, DB_TO_END})
int database_first_list(struct database_rows *rows,
			const struct database_field *fields) DATABASE_CHECKED;

/* Several statements without values. */
int database_execute(struct database *database, const char *sql) DATABASE_CHECKED;

/* --- transactions, which may be nested: the inner ones happen only where the outer one does --- */

int database_begin(struct database *database) DATABASE_CHECKED;
/* Of reading alone: what others write meanwhile is not seen. */
int database_begin_snapshot(struct database *database) DATABASE_CHECKED;
/* After an error it is rolled back. */
int database_commit(struct database *database) DATABASE_CHECKED;
void database_rollback(struct database *database);
/* SQLite ends a transaction by itself after some errors, a full disk for one. */
bool database_is_in_transaction(const struct database *database);

/* --- the whole file --- */

/* Changes when another connection changed something; -1 where it cannot be read. */
int64_t database_version(struct database *database);

/* This connection never waits for the disk: it does not sync what it writes, and does not move the
 * log into the file, which another one has to. */
int database_leave_log(struct database *database);

/* Reads all of it: STORE where it is damaged, or lacks a table or a column of the layout. */
int database_check(struct database *database) DATABASE_CHECKED;

/* Whether the file of this path, which could not be opened, is no whole database: it is empty, was
 * written by something else, or its pages do not fit together. Reads all of it. */
bool database_file_is_damaged(const char *path);

/* A copy to a file that must not exist, mode 0600, consistent while others write. It may wait for
 * the disk, and for others. */
int database_copy(struct database *database, const char *path) DATABASE_CHECKED;

/* Whether the file of this path has the tables of a query. It is left alone, whatever its layout.
 */
bool database_answers(const char *path, const char *query);

#endif
