/* SPDX-License-Identifier: MIT */
#include "store/database/database.h"

#include "store/database/internal.h"

#include <flagship/error.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What is done with a file as a whole. */

#define NAME_MAX_BYTES 64
#define SOUND          "ok"
#define COPY_BUSY_MS   10000

int64_t database_version(struct database *database)
{
	int64_t version = -1;
	int result = database_first(database_select(database, "PRAGMA data_version", DB_NONE),
				    DB_TO_INT(&version));

	return result > 0 ? version : -1;
}

int database_leave_log(struct database *database)
{
	sqlite3_wal_autocheckpoint(database->connection, 0);
	return database_execute(database, "PRAGMA synchronous = NORMAL");
}

/* --- checks of one that comes from elsewhere --- */

static int check_pages(struct database *database)
{
	char text[PROBLEM_MAX / 2];
	int result = database_first(database_select(database, "PRAGMA integrity_check(1)", DB_NONE),
				    DB_TO_TEXT(text));

	if (result <= 0) {
		return result < 0 ? result : database_refuse(database, "it cannot be checked");
	}
	return strcmp(text, SOUND) == 0 ? 0 : database_refuse(database, "it is damaged: %s", text);
}

static int check_column(struct database *database, const char *table, const char *column)
{
	int64_t one;
	int result = database_first(
		database_select(database,
				"SELECT 1 FROM sqlite_master AS m, pragma_table_info(m.name) AS c"
				" WHERE m.type = 'table' AND m.name = ? AND c.name = ?",
				DB_TEXT(table), DB_TEXT(column)),
		DB_TO_INT(&one));

	if (result != 0) {
		return result < 0 ? result : 0;
	}
	return database_refuse(database, "it is no whole %s: it lacks %s.%s",
			       database->layout->noun, table, column);
}

/* Each table and column that a new one has. */
static int check_columns(struct database *database, struct database *model)
{
	char table[NAME_MAX_BYTES];
	char column[NAME_MAX_BYTES];
	struct database_rows *rows = database_select(
		model,
		"SELECT m.name, c.name FROM sqlite_master AS m, pragma_table_info(m.name)"
		" AS c WHERE m.type = 'table'",
		DB_NONE);
	int result;

	while ((result = database_next(rows)) > 0) {
		(void)database_read(rows, DB_TO_TEXT(table), DB_TO_TEXT(column));
		result = check_column(database, table, column);
		if (result) {
			database_end(rows);
			return result;
		}
	}
	return result < 0 ? database_refuse(database, "it cannot be compared: %s", model->problem)
			  : 0;
}

static void close_model(struct database *model)
{
	for (size_t i = 0; i < model->statement_count; i++) {
		sqlite3_finalize(model->statements[i].statement);
	}
	sqlite3_close(model->connection);
}

int database_check(struct database *database)
{
	struct database model = {.layout = database->layout};
	int result = check_pages(database);

	if (result) {
		return result;
	}
	if (sqlite3_open(":memory:", &model.connection) == SQLITE_OK &&
	    sqlite3_exec(model.connection, model.layout->schema, NULL, NULL, NULL) == SQLITE_OK) {
		result = check_columns(database, &model);
	} else {
		result = database_refuse(database, "there is nothing to compare it with");
	}
	close_model(&model);
	return result;
}

bool database_file_is_damaged(const char *path)
{
	sqlite3 *connection = NULL;
	sqlite3_stmt *statement = NULL;
	struct stat status;
	bool damaged = false;

	if (stat(path, &status) != 0 || !S_ISREG(status.st_mode)) {
		return false;
	}
	int code = sqlite3_open_v2(path, &connection, SQLITE_OPEN_READONLY, NULL);
	if (code == SQLITE_OK) {
		code = sqlite3_prepare_v2(connection, "PRAGMA quick_check(1)", -1, &statement,
					  NULL);
	}
	if (code == SQLITE_OK) {
		code = sqlite3_step(statement);
	}
	if (code == SQLITE_ROW) {
		damaged = strcmp((const char *)sqlite3_column_text(statement, 0), SOUND) != 0;
	} else {
		code &= UINT8_MAX;
		damaged = code == SQLITE_CORRUPT || code == SQLITE_NOTADB;
	}
	sqlite3_finalize(statement);
	sqlite3_close(connection);
	return damaged || status.st_size == 0;
}

/* --- copies --- */

static int copy_pages(struct database *database, sqlite3 *target)
{
	sqlite3_backup *backup = sqlite3_backup_init(target, "main", database->connection, "main");
	int code = backup ? sqlite3_backup_step(backup, -1) : sqlite3_errcode(target);

	sqlite3_backup_finish(backup);
	if (code != SQLITE_DONE) {
		return database_fail_of(database, target, code, "the copy");
	}
	/* One file, without side files that could be left behind. */
	sqlite3_exec(target, "PRAGMA journal_mode = DELETE", NULL, NULL, NULL);
	return 0;
}

int database_copy(struct database *database, const char *path)
{
	sqlite3 *target = NULL;
	int file = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);

	if (file < 0) {
		return database_refuse(database, "%.900s cannot be made: %s", path,
				       strerror(errno));
	}
	close(file);
	int code = sqlite3_open_v2(path, &target, SQLITE_OPEN_READWRITE, NULL);
	int result;
	if (code == SQLITE_OK) {
		sqlite3_busy_timeout(target, COPY_BUSY_MS);
		result = copy_pages(database, target);
	} else {
		result = database_fail_of(database, target, code, "the copy");
	}
	if (sqlite3_close(target) != SQLITE_OK && !result) {
		result = database_refuse(database, "the copy cannot be ended");
	}
	if (result) {
		unlink(path);
	}
	return result;
}

bool database_answers(const char *path, const char *query)
{
	sqlite3 *connection = NULL;
	sqlite3_stmt *statement = NULL;
	/* Left alone: no log beside it, no newer layout. */
	bool answers = sqlite3_open_v2(path, &connection, SQLITE_OPEN_READONLY, NULL) ==
			       SQLITE_OK &&
		       sqlite3_prepare_v2(connection, query, -1, &statement, NULL) == SQLITE_OK;

	sqlite3_finalize(statement);
	sqlite3_close(connection);
	return answers;
}
