/* SPDX-License-Identifier: MIT */
#include "cloud/registry/registry.h"

#include "cloud/registry/internal.h"

#include <flagship/error.h>

#include <stdio.h>
#include <stdlib.h>

#define REGISTRY_LAYOUT 3

#define HINT_TABLE                                                       \
	"CREATE TABLE printer_hint ("                                    \
	" serial TEXT PRIMARY KEY REFERENCES printer ON DELETE CASCADE," \
	" username TEXT NOT NULL,"                                       \
	" client_form TEXT NOT NULL,"                                    \
	" address TEXT NOT NULL,"                                        \
	" address_before TEXT NOT NULL,"                                 \
	" known_at INTEGER NOT NULL,"                                    \
	" changed_at INTEGER NOT NULL) WITHOUT ROWID;"

static const char schema[] =
	"CREATE TABLE account ("
	" user_id TEXT PRIMARY KEY,"
	" email TEXT NOT NULL UNIQUE COLLATE NOCASE,"
	" nick_name TEXT NOT NULL,"
	" country TEXT NOT NULL,"
	" password TEXT NOT NULL,"
	" mqtt_password TEXT NOT NULL,"
	" administrator INTEGER NOT NULL,"
	" created_at INTEGER NOT NULL) WITHOUT ROWID;"
	"CREATE TABLE printer ("
	" serial TEXT PRIMARY KEY,"
	" name TEXT NOT NULL,"
	" model TEXT NOT NULL,"
	" key TEXT NOT NULL,"
	" dsk_key TEXT NOT NULL,"
	" p2p_did TEXT NOT NULL,"
	" p2p_conn TEXT NOT NULL,"
	" app_conn TEXT NOT NULL,"
	" wifi_mac TEXT NOT NULL,"
	" address TEXT NOT NULL,"
	" firmware TEXT NOT NULL,"
	" station_id TEXT NOT NULL DEFAULT '',"
	" created_at INTEGER NOT NULL,"
	" updated_at INTEGER NOT NULL,"
	" credential BLOB,"
	" bound_at INTEGER) WITHOUT ROWID;"
	"CREATE INDEX printer_by_credential ON printer (credential)"
	" WHERE credential IS NOT NULL;"
	"CREATE TABLE share ("
	" user_id TEXT NOT NULL REFERENCES account ON DELETE CASCADE,"
	" serial TEXT NOT NULL REFERENCES printer ON DELETE CASCADE,"
	" PRIMARY KEY (user_id, serial)) WITHOUT ROWID;"
	"CREATE TABLE token ("
	" hash BLOB PRIMARY KEY,"
	" user_id TEXT NOT NULL REFERENCES account ON DELETE CASCADE,"
	" label TEXT NOT NULL,"
	" created_at INTEGER NOT NULL,"
	" expires_at INTEGER NOT NULL,"
	" used_at INTEGER NOT NULL) WITHOUT ROWID;"
	"CREATE TABLE pairing ("
	" serial TEXT NOT NULL,"
	" credential BLOB NOT NULL,"
	" client_id TEXT NOT NULL,"
	" username TEXT NOT NULL,"
	" address TEXT NOT NULL,"
	" state INTEGER NOT NULL,"
	" first_seen INTEGER NOT NULL,"
	" last_seen INTEGER NOT NULL,"
	" place TEXT NOT NULL DEFAULT '',"
	" kind INTEGER NOT NULL DEFAULT 0,"
	" presented INTEGER NOT NULL DEFAULT 0,"
	" PRIMARY KEY (serial, credential)) WITHOUT ROWID;" HINT_TABLE "CREATE TABLE setting ("
	" name TEXT PRIMARY KEY,"
	" value TEXT NOT NULL) WITHOUT ROWID;"
	"CREATE TABLE cluster_login ("
	" username TEXT PRIMARY KEY,"
	" serial TEXT NOT NULL REFERENCES printer ON DELETE CASCADE) WITHOUT ROWID;"
	"CREATE TABLE cluster_queue ("
	" name TEXT PRIMARY KEY,"
	" username TEXT NOT NULL,"
	" used_at INTEGER NOT NULL) WITHOUT ROWID;"
	"CREATE TRIGGER cluster_login_ends AFTER UPDATE OF credential ON printer"
	" WHEN old.credential IS NOT new.credential BEGIN"
	" DELETE FROM cluster_login WHERE serial = old.serial; END;"
	"CREATE TABLE file ("
	" name TEXT PRIMARY KEY,"
	" content TEXT NOT NULL) WITHOUT ROWID;";

static const char *const steps[REGISTRY_LAYOUT] = {
	[1] = "ALTER TABLE printer ADD COLUMN station_id TEXT NOT NULL DEFAULT '';",
	[2] = "ALTER TABLE pairing ADD COLUMN place TEXT NOT NULL DEFAULT '';"
	      "ALTER TABLE pairing ADD COLUMN kind INTEGER NOT NULL DEFAULT 0;"
	      "ALTER TABLE pairing ADD COLUMN presented INTEGER NOT NULL DEFAULT 0;" HINT_TABLE,
};

static const struct database_layout layout = {
	.noun = "registry",
	.mend = REGISTRY_MEND,
	.version = REGISTRY_LAYOUT,
	.schema = schema,
	.steps = steps,
};

static enum database_mode database_mode_of(enum registry_mode mode)
{
	switch (mode) {
	case REGISTRY_READ:
		return DATABASE_READ;
	case REGISTRY_WRITE:
		return DATABASE_WRITE;
	default:
		return DATABASE_CREATE;
	}
}

int registry_open(const char *path, enum registry_mode mode, int busy_ms, struct registry **out,
		  struct problem *problem)
{
	struct registry *registry = calloc(1, sizeof(*registry));

	*out = NULL;
	problem->text[0] = '\0';
	if (!registry) {
		return FLAGSHIP_ERROR_MEMORY;
	}
	int error = database_open(path, database_mode_of(mode), busy_ms, &layout,
				  &registry->database, problem);
	if (error) {
		free(registry);
		return error;
	}
	database_set_owner(registry->database, registry);
	*out = registry;
	return 0;
}

void registry_close(struct registry *registry)
{
	if (registry) {
		database_close(registry->database);
		free(registry);
	}
}

const char *registry_problem(const struct registry *registry)
{
	return database_problem(registry->database);
}

struct database *registry_database(const struct registry *registry)
{
	return registry->database;
}

struct registry *registry_of(const struct database *database)
{
	return database_owner(database);
}

int64_t registry_version(struct registry *registry)
{
	return database_version(registry->database);
}

int registry_begin(struct registry *registry)
{
	return database_begin(registry->database);
}

int registry_commit(struct registry *registry)
{
	return database_commit(registry->database);
}

void registry_rollback(struct registry *registry)
{
	database_rollback(registry->database);
}

int registry_set(struct registry *registry, const char *name, const char *value)
{
	return database_run(registry->database,
			    "INSERT INTO setting (name, value) VALUES (?, ?)"
			    " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
			    DB_TEXT(name), DB_TEXT(value));
}

int registry_get(struct registry *registry, const char *name, char value[REGISTRY_TEXT_MAX])
{
	value[0] = '\0';
	return database_first(database_select(registry->database,
					      "SELECT value FROM setting WHERE name = ?",
					      DB_TEXT(name)),
			      DB_TO_BUFFER(value, REGISTRY_TEXT_MAX));
}

int registry_put_file(struct registry *registry, const char *name, const char *content)
{
	return database_run(registry->database,
			    "INSERT INTO file (name, content) VALUES (?, ?)"
			    " ON CONFLICT (name) DO UPDATE SET content = excluded.content",
			    DB_TEXT(name), DB_TEXT(content));
}

int registry_get_file(struct registry *registry, const char *name, char *content, size_t capacity)
{
	int64_t length = 0;
	int result = database_first(
		database_select(registry->database,
				"SELECT content, length(CAST(content AS BLOB)) FROM file"
				" WHERE name = ?",
				DB_TEXT(name)),
		DB_TO_BUFFER(content, capacity), DB_TO_INT(&length));

	if (result > 0 && (uint64_t)length >= capacity) {
		return database_refuse(registry->database, "the file %s in it is too long", name);
	}
	return result;
}

void registry_leave_log(struct registry *registry)
{
	/* What is lost with the power is learnt again. */
	(void)database_leave_log(registry->database);
}

int registry_check(struct registry *registry)
{
	int error = database_check(registry->database);

	return error ? error : 1;
}

bool registry_is_one(const char *path)
{
	return database_answers(path, "SELECT account.user_id, printer.serial, file.content"
				      " FROM account, printer, file");
}

int registry_backup(struct registry *registry, const char *path)
{
	int error = database_copy(registry->database, path);

	return error ? error : 1;
}
