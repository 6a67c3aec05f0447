/* SPDX-License-Identifier: MIT */
#include "store/database/database.h"

#include "store/database/internal.h"

#include <flagship/error.h>

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Statements, their values and rows, and transactions. */

/* --- what went wrong --- */

static bool is_damage(int code)
{
	return code == SQLITE_CORRUPT || code == SQLITE_NOTADB;
}

/* Of the file, or of the folder, where a log lies beside it. */
static const char *why_read_only(sqlite3 *connection)
{
	char folder[PATH_MAX];
	const char *path = sqlite3_db_filename(connection, "main");

	snprintf(folder, sizeof(folder), "%s", path ? path : "");
	char *slash = strrchr(folder, '/');
	strcpy(slash ? slash + 1 : folder, ".");
	return access(path ? path : "", W_OK) != 0 || access(folder, W_OK) != 0
		       ? strerror(errno)
		       : "it can only be read";
}

/* In the words of the system, where it is that what refused. */
static const char *reason_of(sqlite3 *connection, int code)
{
	int error = sqlite3_system_errno(connection);

	switch (code) {
	case SQLITE_FULL:
		return strerror(ENOSPC);
	case SQLITE_READONLY:
		return why_read_only(connection);
	case SQLITE_BUSY:
		return "another program is changing it, and does not end";
	case SQLITE_CANTOPEN:
	case SQLITE_IOERR:
		return error ? strerror(error) : sqlite3_errmsg(connection);
	default:
		return sqlite3_errmsg(connection);
	}
}

bool database_is_damaged(const struct database *database)
{
	return database->connection && is_damage(sqlite3_errcode(database->connection) & UINT8_MAX);
}

int database_fail_of(struct database *database, sqlite3 *connection, int code, const char *what)
{
	code &= UINT8_MAX; /* the rest tells more of it */
	snprintf(database->problem, sizeof(database->problem), "%s: %s%s", what,
		 reason_of(connection, code), is_damage(code) ? database->layout->mend : "");
	return code == SQLITE_NOMEM ? FLAGSHIP_ERROR_MEMORY : FLAGSHIP_ERROR_STORE;
}

int database_fail(struct database *database, const char *what)
{
	return database_fail_of(database, database->connection,
				sqlite3_errcode(database->connection), what);
}

int database_fail_system(struct database *database, const char *what, int error)
{
	return database_refuse(database, "%s: %s", what, strerror(error));
}

int database_refuse(struct database *database, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(database->problem, sizeof(database->problem), format, arguments);
	va_end(arguments);
	return FLAGSHIP_ERROR_STORE;
}

const char *database_problem(const struct database *database)
{
	return database->problem;
}

static int fail_statement(struct database *database)
{
	char what[64];

	snprintf(what, sizeof(what), "the %s", database->layout->noun);
	return database_fail(database, what);
}

void database_wait_for_nobody(struct database *database)
{
	sqlite3_busy_timeout(database->connection, 0);
}

void database_set_owner(struct database *database, void *owner)
{
	database->owner = owner;
}

void *database_owner(const struct database *database)
{
	return database->owner;
}

/* --- statements --- */

static struct database_rows *find_statement(struct database *database, const char *sql)
{
	for (size_t i = 0; i < database->statement_count; i++) {
		struct database_rows *rows = &database->statements[i];

		if (rows->sql == sql) {
			assert(strcmp(sqlite3_sql(rows->statement), sql) == 0);
			return rows;
		}
	}
	return NULL;
}

static struct database_rows *prepare(struct database *database, const char *sql)
{
	struct database_rows *rows = find_statement(database, sql);
	sqlite3_stmt *statement = NULL;

	if (rows) {
		return rows;
	}
	if (database->statement_count == DATABASE_STATEMENTS_MAX ||
	    sqlite3_prepare_v3(database->connection, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement,
			       NULL) != SQLITE_OK) {
		(void)fail_statement(database);
		return NULL;
	}
	rows = &database->statements[database->statement_count++];
	*rows = (struct database_rows){.database = database, .sql = sql, .statement = statement};
	return rows;
}

static int bind_value(sqlite3_stmt *statement, int index, const struct database_value *value)
{
	switch (value->type) {
	case DATABASE_TEXT:
		return sqlite3_bind_text(statement, index, value->text, -1, SQLITE_TRANSIENT);
	case DATABASE_INTEGER:
		return sqlite3_bind_int64(statement, index, value->integer);
	case DATABASE_OPTIONAL:
		return value->integer == DATABASE_NO_INTEGER
			       ? sqlite3_bind_null(statement, index)
			       : sqlite3_bind_int64(statement, index, value->integer);
	case DATABASE_BLOB:
		return sqlite3_bind_blob64(statement, index, value->bytes, value->size,
					   SQLITE_TRANSIENT);
	default:
		return sqlite3_bind_null(statement, index);
	}
}

/* A value too few would be NULL, and find nothing without a word. */
static bool bind_values(const struct database_rows *rows, const struct database_value *values)
{
	int count = 0;

	for (; values[count].type != DATABASE_END; count++) {
		if (bind_value(rows->statement, count + 1, &values[count]) != SQLITE_OK) {
			return false;
		}
	}
	assert(count == sqlite3_bind_parameter_count(rows->statement));
	return true;
}

struct database_rows *database_select_list(struct database *database, const char *sql,
					   const struct database_value *values)
{
	struct database_rows *rows = prepare(database, sql);

	if (!rows) {
		return NULL;
	}
	if (sqlite3_stmt_busy(rows->statement)) {
		(void)database_refuse(database, "the %s: a statement inside of itself",
				      database->layout->noun);
		return NULL;
	}
	if (!bind_values(rows, values)) {
		(void)fail_statement(database);
		database_end(rows);
		return NULL;
	}
	return rows;
}

int database_next(struct database_rows *rows)
{
	int result = FLAGSHIP_ERROR_STORE;

	if (!rows) {
		return result;
	}
	switch (sqlite3_step(rows->statement)) {
	case SQLITE_ROW:
		return 1;
	case SQLITE_DONE:
		result = 0;
		break;
	default:
		result = fail_statement(rows->database);
	}
	database_end(rows);
	return result;
}

void database_end(struct database_rows *rows)
{
	/* The result repeats the error of the last step, which was noted then. */
	(void)sqlite3_reset(rows->statement);
	(void)sqlite3_clear_bindings(rows->statement);
}

int database_run_list(struct database *database, const char *sql,
		      const struct database_value *values)
{
	struct database_rows *rows = database_select_list(database, sql, values);
	int result = database_next(rows);

	if (result > 0) {
		database_end(rows);
	}
	return result < 0 ? result : database_changes(database) > 0;
}

int database_changes(const struct database *database)
{
	return sqlite3_changes(database->connection);
}

static void read_column_text(sqlite3_stmt *statement, int column,
			     const struct database_field *field)
{
	const unsigned char *text = sqlite3_column_text(statement, column);

	snprintf(field->text, field->size, "%s", text ? (const char *)text : "");
}

static bool read_blob(sqlite3_stmt *statement, int column, const struct database_field *field)
{
	const void *bytes = sqlite3_column_blob(statement, column);

	if (!bytes || (size_t)sqlite3_column_bytes(statement, column) != field->size) {
		return false;
	}
	memcpy(field->bytes, bytes, field->size);
	return true;
}

bool database_read_list(struct database_rows *rows, const struct database_field *fields)
{
	bool whole = true;

	for (int column = 0; fields[column].type != DATABASE_END; column++) {
		const struct database_field *field = &fields[column];

		assert(column < sqlite3_column_count(rows->statement));
		switch (field->type) {
		case DATABASE_TEXT:
			read_column_text(rows->statement, column, field);
			break;
		case DATABASE_INTEGER:
			*field->integer = sqlite3_column_int64(rows->statement, column);
			break;
		case DATABASE_OPTIONAL:
			*field->integer = sqlite3_column_type(rows->statement, column) ==
							  SQLITE_NULL
						  ? DATABASE_NO_INTEGER
						  : sqlite3_column_int64(rows->statement, column);
			break;
		case DATABASE_FLAG:
			*field->flag = sqlite3_column_int64(rows->statement, column) != 0;
			break;
		case DATABASE_BLOB:
			whole = read_blob(rows->statement, column, field) && whole;
			break;
		default:
			break;
		}
	}
	return whole;
}

int database_first_list(struct database_rows *rows, const struct database_field *fields)
{
	int result = database_next(rows);

	if (result > 0) {
		result = database_read_list(rows, fields);
		database_end(rows);
	}
	return result;
}

int database_execute(struct database *database, const char *sql)
{
	return sqlite3_exec(database->connection, sql, NULL, NULL, NULL) == SQLITE_OK
		       ? 0
		       : fail_statement(database);
}

/* --- transactions --- */

bool database_is_in_transaction(const struct database *database)
{
	return !sqlite3_get_autocommit(database->connection);
}

/* Of transactions, which are most of what many calls are: prepared once, as others are. */
static int run_kept(struct database *database, const char *sql)
{
	int result = database_run_list(database, sql, &DB_NONE);

	return result < 0 ? result : 0;
}

static int begin(struct database *database, const char *sql)
{
	if (database->depth > 0 && !database_is_in_transaction(database)) {
		return database_refuse(database, "the %s: the transaction around has ended",
				       database->layout->noun);
	}
	int result = run_kept(database, database->depth > 0 ? "SAVEPOINT inner" : sql);
	if (!result) {
		database->depth++;
	}
	return result;
}

int database_begin(struct database *database)
{
	return begin(database, "BEGIN IMMEDIATE");
}

int database_begin_snapshot(struct database *database)
{
	return begin(database, "BEGIN");
}

int database_commit(struct database *database)
{
	assert(database->depth > 0);
	int result = run_kept(database, database->depth > 1 ? "RELEASE inner" : "COMMIT");
	if (result) {
		database_rollback(database);
	} else {
		database->depth--;
	}
	return result;
}

void database_rollback(struct database *database)
{
	assert(database->depth > 0);
	database->depth--;
	/* Fails only where SQLite has rolled back already. */
	(void)sqlite3_exec(database->connection,
			   database->depth > 0 ? "ROLLBACK TO inner; RELEASE inner" : "ROLLBACK",
			   NULL, NULL, NULL);
}
