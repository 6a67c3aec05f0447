/* SPDX-License-Identifier: MIT */
#include "cloud/registry/query.h"

#include <flagship/error.h>

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static bool is_damage(int code)
{
	return code == SQLITE_CORRUPT || code == SQLITE_NOTADB;
}

/* Of the file, or of the folder, where a log lies beside it. */
static const char *why_read_only(sqlite3 *database)
{
	char folder[PATH_MAX];
	const char *path = sqlite3_db_filename(database, "main");
	char *slash;

	snprintf(folder, sizeof(folder), "%s", path ? path : "");
	slash = strrchr(folder, '/');
	strcpy(slash ? slash + 1 : folder, ".");
	return access(path ? path : "", W_OK) != 0 || access(folder, W_OK) != 0
		       ? strerror(errno)
		       : "it can only be read";
}

/* In the words of the system, where it is that what refused. */
static const char *reason_of(sqlite3 *database, int code)
{
	int error = sqlite3_system_errno(database);

	switch (code) {
	case SQLITE_FULL:
		return strerror(ENOSPC);
	case SQLITE_READONLY:
		return why_read_only(database);
	case SQLITE_BUSY:
		return "another program is changing it, and does not end";
	case SQLITE_CANTOPEN:
	case SQLITE_IOERR:
		return error ? strerror(error) : sqlite3_errmsg(database);
	default:
		return sqlite3_errmsg(database);
	}
}

bool registry_is_damaged(struct registry *registry)
{
	return registry->database && is_damage(sqlite3_errcode(registry->database) & UINT8_MAX);
}

int registry_fail_of(struct registry *registry, sqlite3 *database, int code, const char *what)
{
	code &= UINT8_MAX; /* the rest tells more of it */
	snprintf(registry->problem, sizeof(registry->problem), "%s: %s%s", what,
		 reason_of(database, code), is_damage(code) ? REGISTRY_MEND : "");
	return code == SQLITE_NOMEM ? FLAGSHIP_ERROR_MEMORY : FLAGSHIP_ERROR_STORE;
}

int registry_fail(struct registry *registry, const char *what)
{
	return registry_fail_of(registry, registry->database, sqlite3_errcode(registry->database),
				what);
}

sqlite3_stmt *registry_prepare(struct registry *registry, const char *sql)
{
	sqlite3_stmt *statement = NULL;

	for (size_t i = 0; i < registry->statement_count; i++) {
		if (registry->texts[i] == sql) {
			return registry->statements[i];
		}
	}
	if (registry->statement_count == REGISTRY_STATEMENTS_MAX ||
	    sqlite3_prepare_v3(registry->database, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement,
			       NULL) != SQLITE_OK) {
		registry_fail(registry, "the registry does not take a statement");
		return NULL;
	}
	registry->texts[registry->statement_count] = sql;
	registry->statements[registry->statement_count++] = statement;
	return statement;
}

void registry_bind_text(sqlite3_stmt *statement, int index, const char *text)
{
	sqlite3_bind_text(statement, index, text, -1, SQLITE_TRANSIENT);
}

void registry_bind_hash(sqlite3_stmt *statement, int index, const uint8_t hash[REGISTRY_HASH_SIZE])
{
	sqlite3_bind_blob(statement, index, hash, REGISTRY_HASH_SIZE, SQLITE_TRANSIENT);
}

void registry_reset(sqlite3_stmt *statement)
{
	/* The result repeats the error of the last step, which was told then. */
	(void)sqlite3_reset(statement);
	(void)sqlite3_clear_bindings(statement);
}

int registry_step(struct registry *registry, sqlite3_stmt *statement)
{
	int result = FLAGSHIP_ERROR_STORE;

	if (!statement) {
		return result;
	}
	switch (sqlite3_step(statement)) {
	case SQLITE_ROW:
		return 1;
	case SQLITE_DONE:
		result = 0;
		break;
	default:
		result = registry_fail(registry, "the registry");
	}
	registry_reset(statement);
	return result;
}

int registry_change(struct registry *registry, sqlite3_stmt *statement)
{
	int result = registry_step(registry, statement);

	if (result > 0) {
		registry_reset(statement);
	}
	if (result < 0) {
		return result;
	}
	return sqlite3_changes(registry->database) > 0;
}

void registry_column_text(sqlite3_stmt *statement, int column, char *out, size_t capacity)
{
	const unsigned char *text = sqlite3_column_text(statement, column);

	snprintf(out, capacity, "%s", text ? (const char *)text : "");
}

bool registry_column_hash(sqlite3_stmt *statement, int column, uint8_t hash[REGISTRY_HASH_SIZE])
{
	const void *bytes = sqlite3_column_blob(statement, column);

	if (!bytes || sqlite3_column_bytes(statement, column) != REGISTRY_HASH_SIZE) {
		return false;
	}
	memcpy(hash, bytes, REGISTRY_HASH_SIZE);
	return true;
}
