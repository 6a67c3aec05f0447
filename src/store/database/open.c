/* SPDX-License-Identifier: MIT */
#include "store/database/database.h"

#include "store/database/internal.h"

#include <flagship/error.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* From a path to a connection to a file of the newest layout. */

static int read_layout(struct database *database, int64_t *version)
{
	int result = database_first(database_select(database, "PRAGMA user_version", DB_NONE),
				    DB_TO_INT(version));

	return result < 0 ? result : 0;
}

/* PRAGMA takes no `?`. */
static int set_layout(struct database *database, int version)
{
	char sql[64];

	snprintf(sql, sizeof(sql), "PRAGMA user_version = %d", version);
	return database_execute(database, sql);
}

int database_fill(struct database *database, sqlite3 *connection)
{
	char sql[64];

	snprintf(sql, sizeof(sql), "PRAGMA user_version = %d", database->layout->version);
	int code = sqlite3_exec(connection, "PRAGMA synchronous = EXTRA; BEGIN", NULL, NULL, NULL);
	if (code == SQLITE_OK) {
		code = sqlite3_exec(connection, database->layout->schema, NULL, NULL, NULL);
	}
	if (code == SQLITE_OK) {
		code = sqlite3_exec(connection, sql, NULL, NULL, NULL);
	}
	if (code == SQLITE_OK) {
		code = sqlite3_exec(connection, "COMMIT", NULL, NULL, NULL);
	}
	return code == SQLITE_OK
		       ? 0
		       : database_fail_of(database, connection, code, "it cannot be made");
}

/* Another process may have taken the step between the look and the lock. */
static int take_step(struct database *database, int64_t *version)
{
	int result = database_begin(database);

	if (result) {
		return result;
	}
	result = read_layout(database, version);
	if (!result && *version < database->layout->version) {
		result = database_execute(database, database->layout->steps[*version]);
		if (!result) {
			result = set_layout(database, (int)++*version);
		}
	}
	if (result) {
		database_rollback(database);
		return result;
	}
	return database_commit(database);
}

/* Programs of before refuse it from then on. */
static int check_layout(struct database *database)
{
	const struct database_layout *layout = database->layout;
	int64_t version = 0;
	int result = read_layout(database, &version);

	while (!result && version > 0 && version < layout->version) {
		result = take_step(database, &version);
	}
	if (!result && version <= 0) {
		return database_refuse(database, "it holds no %s", layout->noun);
	}
	if (!result && version > layout->version) {
		return database_refuse(database, "it was written by a newer flagship (layout %d)",
				       (int)version);
	}
	return result;
}

static int open_to_write(struct database *database, const char *path, int busy_ms)
{
	int error = database_may_write(path);

	if (error) {
		return database_fail_system(database, "it cannot be written", error);
	}
	if (sqlite3_open_v2(path, &database->connection,
			    SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK) {
		return database_fail(database, "it cannot be opened");
	}
	sqlite3_busy_timeout(database->connection, busy_ms);
	/* FULL: what was answered for outlasts a power cut. */
	return database_execute(database, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
					  "PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON;");
}

/* Even readers write, what they share of the log; where they cannot, there are other ways. */
static int open_to_read(struct database *database, const char *path, int busy_ms)
{
	char problem[PROBLEM_MAX];
	int result = open_to_write(database, path, busy_ms);

	if (!result || database_is_damaged(database)) {
		return result;
	}
	memcpy(problem, database->problem, sizeof(problem));
	sqlite3_close(database->connection);
	database->connection = NULL;
	result = database_open_read_only(database, path, busy_ms);
	if (result && database->problem[0] == '\0') {
		memcpy(database->problem, problem, sizeof(problem));
	}
	return result;
}

static int open_connection(struct database *database, const char *path, enum database_mode mode,
			   int busy_ms)
{
	int result = mode == DATABASE_CREATE ? database_make(database, path)
					     : database_check_size(database, path);

	if (!result) {
		result = mode == DATABASE_READ ? open_to_read(database, path, busy_ms)
					       : open_to_write(database, path, busy_ms);
	}
	if (!result) {
		result = check_layout(database);
	}
	if (!result && mode == DATABASE_READ) {
		result = database_execute(database, "PRAGMA query_only = ON");
	}
	return result;
}

int database_open(const char *path, enum database_mode mode, int busy_ms,
		  const struct database_layout *layout, struct database **out,
		  struct problem *problem)
{
	struct database *database = calloc(1, sizeof(*database));

	*out = NULL;
	problem->text[0] = '\0';
	if (!database) {
		return problem_memory(problem);
	}
	database->layout = layout;
	int result = open_connection(database, path, mode, busy_ms);
	if (result) {
		snprintf(problem->text, sizeof(problem->text), "%s: %.900s", path,
			 database->problem);
		database_close(database);
		return result;
	}
	*out = database;
	return 0;
}

void database_close(struct database *database)
{
	if (!database) {
		return;
	}
	for (size_t i = 0; i < database->statement_count; i++) {
		sqlite3_finalize(database->statements[i].statement);
	}
	sqlite3_close(database->connection);
	free(database);
}
