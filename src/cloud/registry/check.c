/* SPDX-License-Identifier: MIT */
#include "cloud/registry/query.h"
#include "cloud/registry/registry.h"

#include <flagship/error.h>

#include <stdio.h>
#include <string.h>

#define NAME_MAX_BYTES 64
#define SOUND          "ok"

/* What a whole file has to hold: for copies that come from elsewhere. */

static int refuse(struct registry *registry, const char *what, const char *name)
{
	snprintf(registry->problem, sizeof(registry->problem), "%.100s%.800s", what, name);
	return FLAGSHIP_ERROR_STORE;
}

static int check_pages(struct registry *registry)
{
	char text[STORE_PROBLEM_MAX / 2];
	sqlite3_stmt *statement = registry_prepare(registry, "PRAGMA integrity_check(1)");
	int result = registry_step(registry, statement);

	if (result <= 0) {
		return result < 0 ? result : refuse(registry, "it cannot be checked", "");
	}
	registry_column_text(statement, 0, text, sizeof(text));
	registry_reset(statement);
	return strcmp(text, SOUND) == 0 ? 1 : refuse(registry, "it is damaged: ", text);
}

static int check_column(struct registry *registry, const char *table, const char *column)
{
	char name[2 * NAME_MAX_BYTES + 1];
	sqlite3_stmt *statement = registry_prepare(
		registry, "SELECT 1 FROM sqlite_master AS m, pragma_table_info(m.name) AS c"
			  " WHERE m.type = 'table' AND m.name = ? AND c.name = ?");

	if (!statement) {
		return FLAGSHIP_ERROR_STORE;
	}
	registry_bind_text(statement, 1, table);
	registry_bind_text(statement, 2, column);
	int result = registry_step(registry, statement);
	if (result > 0) {
		registry_reset(statement);
		return result;
	}
	snprintf(name, sizeof(name), "%s.%s", table, column);
	return result < 0 ? result : refuse(registry, "it is no whole registry: it lacks ", name);
}

/* Each table and column that a new registry has. */
static int check_columns(struct registry *registry, struct registry *model)
{
	char table[NAME_MAX_BYTES];
	char column[NAME_MAX_BYTES];
	sqlite3_stmt *statement = registry_prepare(
		model, "SELECT m.name, c.name FROM sqlite_master AS m, pragma_table_info(m.name)"
		       " AS c WHERE m.type = 'table'");
	int result;

	while ((result = registry_step(model, statement)) > 0) {
		registry_column_text(statement, 0, table, sizeof(table));
		registry_column_text(statement, 1, column, sizeof(column));
		result = check_column(registry, table, column);
		if (result < 0) {
			registry_reset(statement);
			return result;
		}
	}
	return result < 0 ? refuse(registry, "it cannot be compared: ", model->problem) : 1;
}

int registry_check(struct registry *registry)
{
	struct registry model = {0};
	int result = check_pages(registry);

	if (result < 0) {
		return result;
	}
	if (sqlite3_open(":memory:", &model.database) == SQLITE_OK &&
	    sqlite3_exec(model.database, registry_schema, NULL, NULL, NULL) == SQLITE_OK) {
		result = check_columns(registry, &model);
	} else {
		result = refuse(registry, "there is nothing to compare it with", "");
	}
	for (size_t i = 0; i < model.statement_count; i++) {
		sqlite3_finalize(model.statements[i]);
	}
	sqlite3_close(model.database);
	return result;
}
